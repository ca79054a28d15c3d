#!/usr/bin/env python3
"""A run's result.json against what recompute.py finds in its captures: equal to the last digit.

Usage: check_run.py PROGRAM
"""
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recompute  # noqa: E402


PLAIN = ["--set", "dut.limits.mvpns=3"]
# Latencies from almost nothing to 40 ms, not the same for both directions.
JITTER = ["--set", "case.mvpns=2", "--set", "dut.link.a1.jitter_us=40000",
          "--set", "dut.link.a3.delay_us=700", "--set", "dut.link.a3.jitter_us=90"]
BUCKET = 64  # a bucket is at most 1/64 of its lower bound wide
DATA_MDTS = ["--set", "case.mvpns=2", "--set", "case.spmsi_src=1", "--set", "case.spmsi_rx=1"]


def run(program, out, settings):
    command = [program, "run", "9.1", "--stimulus", "all", "--quiet", "--pcap",
               "--set", "dut.recovery.p-link-flap_ms=7300",
               "--set", "dut.recovery.power-cycle_ms=41700",
               "--set", "case.c_interfaces=2", "--seed", "5", "--out", out, *settings]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")


def compare_latencies(reported, seen):
    """Lines that say where percentiles and buckets are not those of the packets in the captures."""
    wrong, latency, total = [], reported["latency_ns"], sum(seen.values())
    exact = {"min": min(seen, default=None), "max": max(seen, default=None),
             "avg": sum(k * n for k, n in seen.items()) // total if total else None}
    wrong += [f"latency {k}: reported {latency[k]}, in the captures {v}" for k, v in exact.items()
              if latency[k] != v]
    for name, percent in (("p50", 50), ("p90", 90), ("p99", 99)):
        value, true = latency[name], recompute.latency_of_rank(seen, percent)
        if (value is None) != (true is None) or total and abs(value - true) > true / BUCKET:
            wrong.append(f"latency {name}: reported {value}, in the captures {true}")
    rows, before = reported["latency_histogram"], 0
    for lower, upper, count in rows:
        there = sum(n for k, n in seen.items() if lower <= k < upper)
        if there != count or lower < before or upper <= lower or \
                (upper - lower) * BUCKET > max(lower, BUCKET):
            wrong.append(f"bucket {lower}...{upper}: {count}, in the captures {there}")
        before = upper
    if sum(r[2] for r in rows) != reported["received"] or reported["received"] != total:
        wrong.append(f"buckets hold {sum(r[2] for r in rows)} of {reported['received']} packets")
    return wrong


def compare_instance(instance, found):
    """Lines that say what differs; how many recoveries had all their times, and how many buckets a
    histogram has at most."""
    wrong, measured, spread = [], 0, 0
    if instance["window"] is not None:
        for direction, counts in found["forwarding"].items():
            reported = instance["forwarding"][direction]
            wrong += [f"{direction} {key}: reported {reported[key]}, in the captures {value}"
                      for key, value in counts.items()
                      if key != "latencies" and reported[key] != value]
            wrong += [f"{direction} {line}"
                      for line in compare_latencies(reported, counts["latencies"])]
            spread = max(spread, len(reported["latency_histogram"]))
    for reported, seen in zip(instance["recovery"], found["recovery"], strict=True):
        for key in ("Tre", "Trd", "Trall"):
            value = None if reported[key] is None else recompute.ns(reported[key])
            if value != seen[key]:
                wrong.append(f"{reported['stimulus']} {key}: reported {value}, captures {seen[key]}")
        if reported["interrupted"] != seen["interrupted"]:
            wrong.append(f"{reported['stimulus']}: {reported['interrupted']}, {seen['interrupted']}")
        measured += None not in (seen["Tre"], seen["Trd"], seen["Trall"])
    return wrong, measured, spread


def check(program, settings, buckets=1):
    """Lines that say what is wrong in a run with these settings, in which latencies spread over so
    many buckets."""
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "run")
        run(program, out, settings)
        with open(f"{out}/result.json", encoding="utf-8") as f:
            tree = json.load(f, parse_float=Decimal)
        instances = [i for c in tree["cases"] for i in c["instances"]]
        wrong, measured, packets, most = [], 0, 0, 0
        for instance, found in zip(instances, recompute.recompute(out, tree), strict=True):
            differs, times, spread = compare_instance(instance, found)
            most = max(most, spread)
            wrong += [f"{instance['id']}: {line}" for line in differs]
            measured += times
            packets += sum(d["received"] for d in (found["forwarding"] or {}).values())
    print(f"{len(instances)} instances, {packets} packets received, {measured} complete recoveries, "
          f"{most} buckets")
    if measured < 6 or packets == 0:
        wrong.append(f"{settings}: not all six stimuli were compared")
    if most < buckets:
        wrong.append(f"{settings}: latencies spread over {most} buckets only")
    return wrong


def main():
    wrong = check(sys.argv[1], PLAIN) + check(sys.argv[1], DATA_MDTS)
    wrong += check(sys.argv[1], JITTER, buckets=20)
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
