#!/usr/bin/env python3
"""Files beside result.json against result.json: flows-ID.csv and regained-ID-STIMULUS-REPEAT.csv.

Usage: check_side.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_".
"""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = ""
FLOWS = ["vpn", "flow", "direction", "group", "source", "receiver", "sent", "received", "lost",
         "not_joined", "duplicate", "reordered", "misdelivered", "latency_min_ns",
         "latency_avg_ns", "latency_max_ns"]
REGAINED = ["seconds_from_Tf", "ingress_pairs", "egress_pairs", "mi_pmsi_apparatus",
            "mi_pmsi_dut", "c_interface_apparatus", "c_interface_dut"]
COUNTS = FLOWS[6:13]
KEPT = ["--set", "report.flows=true"]


def want(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def run(out, *args, code=0):
    done = subprocess.run([PROGRAM, "run", *args, "--out", out, "--quiet", "--seed", "3"],
                          capture_output=True, text=True, timeout=280, check=False)
    if done.returncode != code:
        sys.exit(f"{args}: exit {done.returncode}, expected {code}\n{done.stderr}")
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        return [i for c in json.load(f)["cases"] for i in c["instances"]]


def sets(**values):
    return [w for k, v in values.items() for w in ("--set", f"{k.replace('__', '.')}={v}")]


def table(out, name, head):
    with open(os.path.join(out, name), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    with open(os.path.join(out, name), encoding="utf-8") as f:
        want(f"head of {name}", f.readline().rstrip("\n"), ",".join(head))
    return rows


def check_flows(out, instance):
    """Rows of one instance: their sums are forwarding's; returns them."""
    want("flows", instance["flows"], f"flows-{instance['id']}.csv")
    rows = table(out, instance["flows"], FLOWS)
    p = instance["parameters"]
    for direction, groups in (("ingress", p["ingress_groups"]), ("egress", p["egress_groups"])):
        mine = [r for r in rows if r["direction"] == direction]
        f = instance["forwarding"][direction]
        for key in COUNTS:
            want(f"{instance['id']} {direction} {key}", sum(int(r[key]) for r in mine), f[key])
        pairs = [r for r in mine if r["misdelivered"] == "0"]
        receivers = p["receiver_c_interfaces"] if direction == "egress" else \
            p["c_interfaces"] - 1 + p["receiver_pes"]
        want(f"{direction} rows", len(pairs),
             p["mvpns"] * groups * p["sources_per_group"] * receivers)
        want("receivers are told apart", len({(r["flow"], r["receiver"]) for r in pairs}),
             len(pairs))
        got = [r for r in mine if int(r["received"]) > 0]
        for name, pick in (("min", min), ("max", max)):
            values = [int(r[f"latency_{name}_ns"]) for r in got]
            want(f"{direction} latency {name}", pick(values, default=None),
                 f["latency_ns"][name])
        want("empty latencies", [r for r in mine if int(r["received"]) == 0 and
                                 r["latency_avg_ns"] != ""], [])
    return rows


def case_flows(work):
    """Jitter makes latencies, and packets are lost; the rows add up and are placed right."""
    out = os.path.join(work, "run")
    instance = run(out, "9.3", "--steady-only", "--set", "search.instances=1", *KEPT,
                   *sets(case__mvpns=2, case__groups=4, case__sources_per_group=2,
                         case__ingress_share=0.5, case__remote_pes=6, case__c_interfaces=3,
                         dut__link__a3__loss=0.01, dut__link__a3__jitter_us=30000), code=1)[0]
    rows = check_flows(out, instance)
    if len({r["lost"] for r in rows}) < 2 or len({r["latency_max_ns"] for r in rows}) < 12:
        sys.exit("the links lost nothing, or made no difference between flows")
    for r in rows:
        vpn, flow = int(r["vpn"]), int(r["flow"])
        want("VPN of the flow", vpn, (flow - 1) // 8 + 1)
        want("lost", int(r["lost"]), int(r["sent"]) - int(r["received"]))
    ingress = {r["receiver"] for r in rows if r["direction"] == "ingress"}
    want("C-interfaces and PEs", {r.split(" ")[0] for r in ingress}, {"C-interface", "PE"})


def case_flows_off(work):
    instance = run(os.path.join(work, "run"), "9.1", "--steady-only", *sets(case__mvpns=1))[0]
    want("flows", instance["flows"], None)
    done = subprocess.run([PROGRAM, "run", "9.1", "--set", "report.flows=perhaps", "--out",
                           os.path.join(work, "bad")], capture_output=True, text=True, timeout=60,
                          check=False)
    want("a bad value", (done.returncode, "report.flows" in done.stderr), (2, True))


def case_flows_fail(work):
    """An instance that fails before step 7 counts its last 60 s; strays have rows of their own."""
    out = os.path.join(work, "limit")
    found = run(out, "9.1", "--steady-only", *KEPT, *sets(dut__limits__mroutes=7))
    failed = [i for i in found if i["verdict"] == "fail"]
    for instance in found:
        check_flows(out, instance)
    if not any(i["forwarding"]["egress"]["lost"] for i in failed):
        sys.exit("no failed instance lost anything")
    out = os.path.join(work, "leak")
    instance = run(out, "9.1", "--steady-only", *KEPT,
                   *sets(case__mvpns=3, dut__faults__leak_vpn="1:3"), code=1)[0]
    strays = [r for r in check_flows(out, instance) if r["misdelivered"] != "0"]
    want("where strays arrived", {(r["vpn"], r["receiver"], r["sent"]) for r in strays},
         {("3", "C-interface 1", "0")})


def check_regained(out, instance, r):
    """One curve against the record of its recovery; returns its last row."""
    want("regained", r["regained"], f"regained-{instance['id']}-{r['stimulus']}-{r['repeat']}.csv")
    rows = [{k: float(v) for k, v in row.items() if v != ""}
            for row in table(out, r["regained"], REGAINED)]
    want("the first row", rows[0]["seconds_from_Tf"], 0.0)
    for a, b in zip(rows, rows[1:]):
        if a["seconds_from_Tf"] >= b["seconds_from_Tf"] or any(a[k] > b[k] for k in a):
            sys.exit(f"{r['regained']}: {b} follows {a}")
    last, pairs = rows[-1], r["interrupted"]

    def at(key, value):
        return next(row["seconds_from_Tf"] for row in rows if row[key] >= value)

    def bin_of(seconds):
        return int(seconds * 10 + 1e-6) / 10

    if r["Trall-Tf"] is not None:
        want("ingress pairs", last["ingress_pairs"], pairs["ingress"])
        want("egress pairs", last["egress_pairs"], pairs["egress"])
        want("Trall-Tf", max(at("ingress_pairs", pairs["ingress"]),
                             at("egress_pairs", pairs["egress"])), bin_of(r["Trall-Tf"]))
    p = instance["parameters"]
    for kind, there in (("mi_pmsi", p["mvpns"] * p["remote_pes"]),
                        ("c_interface", p["mvpns"] * p["c_interfaces"])):
        for view in ("apparatus", "dut"):
            key, seen = f"{kind}_{view}", r["neighbours"][kind]
            if seen["all"][view] is None:
                continue
            want(f"{r['stimulus']} {key} first", at(key, 1), bin_of(seen["first"][view]))
            want(f"{r['stimulus']} {key} all", at(key, last[key]), bin_of(seen["all"][view]))
            if not 0 < last[key] <= there:
                sys.exit(f"{r['stimulus']} {key}: {last[key]} of {there} came back")
    return last


def case_regained(work):
    out = os.path.join(work, "run")
    found = run(out, "9.1", "--stimulus", "all", "--set", "search.instances=1",
                *sets(**{"dut__recovery__p-link-flap_ms": 7300}, case__mvpns=3,
                      case__remote_pes=4, case__c_interfaces=2, dut__cpu__message_us=9000))
    recoveries = [(i, r) for i in found for r in i["recovery"]]
    want("stimuli", len(recoveries), 6)
    last = [check_regained(out, i, r) for i, r in recoveries]
    if not any(row["mi_pmsi_dut"] == 12 for row in last) or \
            not any(row["c_interface_apparatus"] == 6 for row in last):
        sys.exit("no stimulus had all neighbours come back")


def case_not_recovered(work):
    """What does not come back is not counted: the curve ends below the total."""
    out = os.path.join(work, "run")
    instance = run(out, "9.1", "--stimulus", "p-link-flap", "--set", "stimulus.at=every",
                   *sets(case__mvpns=3, dut__faults__lost_after_recovery=1))[0]
    r = instance["recovery"][0]
    last = check_regained(out, instance, r)
    want("Trall", r["Trall"], None)
    total = sum(r["interrupted"].values())
    if not 0 < last["ingress_pairs"] + last["egress_pairs"] < total:
        sys.exit(f"{last} of {total} pairs came back")


def files(out):
    """Everything that must not depend on how the run went, without the one line that may differ."""
    found = {}
    for name in sorted(os.listdir(out)):
        if name.endswith(".csv") or name == "result.json":
            with open(os.path.join(out, name), encoding="utf-8") as f:
                found[name] = re.sub(r'"started": "[^"]*"', '"started": ""', f.read())
    return found


def case_same_bytes(work):
    """Serial, parallel, resumed and captured runs leave the same files."""
    args = ["9.1", "10.1", "--stimulus", "p-link-flap", *KEPT,
            *sets(dut__limits__mvpns=2, dut__limits__neighbours=9, search__instances=2)]
    whole = os.path.join(work, "serial")
    run(whole, *args, "--jobs", "1")
    want("files", {n.split("-")[0] for n in files(whole)} >= {"flows", "regained", "series"}, True)
    for name, more in (("parallel", ["--jobs", "2"]), ("pcap", ["--pcap"])):
        run(os.path.join(work, name), *args, *more)
        want(f"{name} files", files(os.path.join(work, name)) == files(whole), True)
    cut = os.path.join(work, "cut")
    run(cut, *args, "--jobs", "1")
    expected = files(cut)
    with open(os.path.join(cut, "journal"), encoding="utf-8") as f:
        lines = f.readlines()
    with open(os.path.join(cut, "journal"), "w", encoding="utf-8") as f:
        f.writelines(lines[:2])
    for name in (n for n in expected if "0001" not in n):
        os.remove(os.path.join(cut, name))
    done = subprocess.run([PROGRAM, "run", "--resume", cut, "--quiet"], timeout=280, check=False)
    want("resume", (done.returncode, files(cut) == expected), (0, True))


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpnbench-side-") as work:
        globals()["case_" + sys.argv[2]](work)
    print(f"{sys.argv[2]}: as demanded")


if __name__ == "__main__":
    main()
