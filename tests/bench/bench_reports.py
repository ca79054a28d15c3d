#!/usr/bin/env python3
"""What a large report costs: a result of 10,000 instances with recoveries and 100,000 flows is put
together from a real run, and every rendering of it is timed. Printed as shares of what is demanded
(20 s and 500 MB a rendering); figures, not a test.

usage: bench_reports.py MVPNBENCH [INSTANCES [FLOWS [DIR]]]      DIR is made and kept
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
INSTANCES = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
FLOWS = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
KEPT = sys.argv[4] if len(sys.argv) > 4 else None
SECONDS, MEGABYTES = 20.0, 500.0
LISTED = 100  # failures an instance lists
FILE_FLOWS = 1000
HEADER = ("vpn,flow,direction,group,source,receiver,sent,received,lost,not_joined,duplicate,reordered,"
          "misdelivered,latency_min_ns,latency_avg_ns,latency_max_ns\n")


class Time(float):
    """Printed with nine decimals, as a result has times."""

    def __repr__(self):
        return f"{self:.9f}"


def real_run(out):
    subprocess.run([PROGRAM, "run", "9.1", "9.3", "10.1", "--quiet", "--set", "dut.limits.mvpns=8",
                    "--set", "dut.limits.mroutes=300", "--set", "stimulus.at=every", "--stimulus",
                    "p-link-flap,c-link-flap", "--set", "sweep.sources_per_group=2", "--out", out],
                   check=True)
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        return json.load(f)


class Variation:
    """Another instance of the same kind: what was equal in it stays equal (a metric and what was
    expected of it), counts grow by one factor, times that were measured are others."""

    def __init__(self, rng):
        self.rng, self.factor, self.times = rng, rng.randrange(2, 400), {}

    def of(self, node):
        if isinstance(node, dict):
            return {k: self.of(v) for k, v in node.items()}
        if isinstance(node, list):
            return [self.of(v) for v in node]
        if isinstance(node, bool) or not isinstance(node, (int, float)):
            return node
        if isinstance(node, int):
            return node * self.factor if node > 4 else node
        if node == round(node, 1):
            return node
        if node not in self.times:
            self.times[node] = Time(node + self.rng.random())
        return self.times[node]


TIMES = ("begin", "end", "window")


def varied(model, rng, begin):
    i = Variation(rng).of(model)
    i["begin"], i["end"] = Time(begin), Time(begin + model["end"] - model["begin"])
    return timed(i)


def timed(node):
    """The times that stayed as they were, written as times."""
    for key, v in node.items() if isinstance(node, dict) else ():
        if isinstance(v, float) and (key.endswith("_s") or key[0] == "T" or key in TIMES):
            node[key] = Time(v)
        elif key == "window" and isinstance(v, list):
            node[key] = [Time(x) for x in v]
        elif key in ("apparatus", "dut") and isinstance(v, float):
            node[key] = Time(v)
        elif isinstance(v, dict):
            timed(v)
        elif key == "recovery":
            for r in v:
                timed(r)
    return node


def failures(rng, count):
    return [{"criterion": "loss", "vpn": rng.randrange(1, 1000), "flow": rng.randrange(1, 100000),
             "neighbour": None, "interface": f"C{rng.randrange(64)}", "count": rng.randrange(1, 600)}
            for _ in range(count)]


def grow(result, out):
    """INSTANCES instances over the cases; FLOWS flows over their failures and over their files."""
    rng = random.Random(11)
    cases = result["cases"]
    listed, recorded = FLOWS, FLOWS
    for c in cases:
        model, c["instances"] = c["instances"], []
        for n in range(INSTANCES // len(cases) + 1):
            i = varied(model[n % len(model)], rng, 1000.0 * n)
            i["id"] = f"{c['case']}-{n + 1:05}"
            i["flows"] = None
            if listed > 0 and n % 2 == 0:
                i["failures"] = failures(rng, min(listed, LISTED))
                listed -= len(i["failures"])
            if recorded > 0:
                i["flows"] = f"flows-{i['id']}.csv"
                write_flows(os.path.join(out, i["flows"]), rng, min(recorded, FILE_FLOWS))
                recorded -= FILE_FLOWS
            c["instances"].append(i)
    with open(os.path.join(out, "result.json"), "w", encoding="utf-8") as f:
        f.write(dumped(result))
    os.unlink(os.path.join(out, "journal"))


def dumped(result):
    """json has a float printer of its own: times are marked as strings and unquoted."""
    def marked(node):
        if isinstance(node, dict):
            return {k: marked(v) for k, v in node.items()}
        if isinstance(node, list):
            return [marked(v) for v in node]
        return f"@{node!r}@" if isinstance(node, Time) else node
    return json.dumps(marked(result), indent=1).replace('"@', "").replace('@"', "")


def write_flows(path, rng, count):
    with open(path, "w", encoding="ascii") as f:
        f.write(HEADER)
        for n in range(count):
            lost = rng.randrange(60)
            f.write(f"{n % 100 + 1},{n + 1},ingress,239.1.{n % 256}.1,10.0.{n % 256}.1,PE{n % 64},60,"
                    f"{60 - lost},{lost},0,0,0,0,1000,{1000 + lost},{2000 + lost}\n")


def measured(*args):
    """Wall time and peak memory of one call, and how much it printed."""
    with tempfile.TemporaryFile() as printed:
        begin = time.monotonic()
        child = subprocess.Popen([PROGRAM, *args], stdout=printed)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
        if child.returncode != 0:
            sys.exit(f"{args}: exit {child.returncode}")
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed.tell()


def main():
    with tempfile.TemporaryDirectory(prefix="mvpn-bench-") as work:
        out = KEPT or os.path.join(work, "run")
        grow(real_run(out), out)
        size = os.path.getsize(os.path.join(out, "result.json")) / 1e6
        print(f"{INSTANCES} instances, {FLOWS} flows, result.json of {size:.0f} MB")
        print(f"{'rendering':10} {'wall s':>8} {'cpu s':>8} {'of 20 s':>8} {'peak MB':>8} "
              f"{'of 500':>8} {'output MB':>10}")
        for name in ("text", "json", "csv", "flows", "junit", "xml", "html"):
            args = ("--format", "csv", "--flows") if name == "flows" else ("--format", name)
            seconds, cpu, memory, size = measured("report", out, *args)
            print(f"{name:10} {seconds:8.1f} {cpu:8.1f} {seconds / SECONDS:8.2f} {memory:8.0f} "
                  f"{memory / MEGABYTES:8.2f} {size / 1e6:10.1f}", flush=True)


main()
