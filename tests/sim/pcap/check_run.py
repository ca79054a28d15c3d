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
DATA_MDTS = ["--set", "case.mvpns=2", "--set", "case.spmsi_src=1", "--set", "case.spmsi_rx=1"]


def run(program, out, settings):
    command = [program, "run", "9.1", "--stimulus", "all", "--quiet", "--pcap",
               "--set", "dut.recovery.p-link-flap_ms=7300",
               "--set", "dut.recovery.power-cycle_ms=41700",
               "--set", "case.c_interfaces=2", "--seed", "5", "--out", out, *settings]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")


def compare_instance(instance, found):
    """Lines that say what differs; how many recoveries had all their times."""
    wrong, measured = [], 0
    if instance["window"] is not None:
        for direction, counts in found["forwarding"].items():
            reported = instance["forwarding"][direction]
            wrong += [f"{direction} {key}: reported {reported[key]}, in the captures {value}"
                      for key, value in counts.items() if reported[key] != value]
    for reported, seen in zip(instance["recovery"], found["recovery"], strict=True):
        for key in ("Tre", "Trd", "Trall"):
            value = None if reported[key] is None else recompute.ns(reported[key])
            if value != seen[key]:
                wrong.append(f"{reported['stimulus']} {key}: reported {value}, captures {seen[key]}")
        if reported["interrupted"] != seen["interrupted"]:
            wrong.append(f"{reported['stimulus']}: {reported['interrupted']}, {seen['interrupted']}")
        measured += None not in (seen["Tre"], seen["Trd"], seen["Trall"])
    return wrong, measured


def check(program, settings):
    """Lines that say what is wrong in a run with these settings."""
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "run")
        run(program, out, settings)
        with open(f"{out}/result.json", encoding="utf-8") as f:
            tree = json.load(f, parse_float=Decimal)
        instances = [i for c in tree["cases"] for i in c["instances"]]
        wrong, measured, packets = [], 0, 0
        for instance, found in zip(instances, recompute.recompute(out, tree), strict=True):
            differs, times = compare_instance(instance, found)
            wrong += [f"{instance['id']}: {line}" for line in differs]
            measured += times
            packets += sum(d["received"] for d in (found["forwarding"] or {}).values())
    print(f"{len(instances)} instances, {packets} packets received, {measured} complete recoveries")
    if measured < 6 or packets == 0:
        wrong.append(f"{settings}: not all six stimuli were compared")
    return wrong


def main():
    sys.exit("\n".join(check(sys.argv[1], PLAIN) + check(sys.argv[1], DATA_MDTS)) or 0)


if __name__ == "__main__":
    main()
