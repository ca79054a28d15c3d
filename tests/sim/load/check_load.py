#!/usr/bin/env python3
"""Plans against what runs then take, and loads as shares of the idle throughput.

Usage: check_load.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_". Virtual clock throughout.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

PROGRAM = ""
ETHERNET, VLAN, GRE = 14, 4, 24


def call(*args, code=0):
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=600)
    if done.returncode != code:
        sys.exit(f"{' '.join(args)}: exit {done.returncode}, expected {code}\n{done.stderr}")
    return done


def run(out, *args, code=0):
    call("run", *args, "--out", out, "--quiet", code=code)
    return result(out)


def result(out):
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        return json.load(f)


def plan(*args):
    return json.loads(call("plan", *args, "--json").stdout)


def sets(**values):
    """--set options; a double underscore stands for a dot."""
    options = []
    for key, value in values.items():
        options += ["--set", f"{key.replace('__', '.')}={value}"]
    return options


def want(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def want_near(what, got, expected, share):
    if abs(got - expected) > share * expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r} within {share:.1%}")


def instances(tree):
    return [i for c in tree["cases"] for i in c["instances"]]


# ---- plans -------------------------------------------------------------------------------------


def matches(work, name, *args, least_instances):
    """A plan is the costliest course: never below what the run takes, nor far above."""
    planned = plan(*args)["at_most"]
    tree = run(os.path.join(work, name), *args)
    took = max(i["end"] for i in instances(tree))
    count = len(instances(tree))
    if count < least_instances:
        sys.exit(f"{name}: only {count} instances")
    if planned["instances"] < count:
        sys.exit(f"{name}: {planned['instances']} instances planned, {count} run")
    if not took <= planned["seconds"] <= 1.25 * took:
        sys.exit(f"{name}: {planned['seconds']} s planned, {took} s taken")
    print(f"{name}: planned {planned['seconds']:.0f} s, taken {took:.0f} s, {count} instances")


def case_plan_matches_run(work):
    matches(work, "search", "9.1", "--steady-only",
            *sets(search__max=64, dut__limits__mvpns=63), least_instances=12)
    matches(work, "stimuli", "9.1", *sets(case__mvpns=4), least_instances=2)
    matches(work, "repeats", "9.3", "--stimulus", "p-link-flap,power-cycle",
            *sets(case__mvpns=2, case__groups=4, case__ingress_share=0.1,
                  case__sources_per_group=2, stimulus__repeat=3), least_instances=2)
    matches(work, "many neighbours", "9.8", "--steady-only", *sets(case__mvpns=3),
            least_instances=3)


def case_plan_matches_grid(work):
    """9.4's grid up to a limit that lies just below its end, then bisected."""
    matches(work, "grid", "9.4", "--steady-only",
            *sets(case__mvpns=2, case__groups=3, case__c_interfaces=12, dut__limits__oifs=196),
            least_instances=6)


def case_plan_matches_measuring(work):
    for case in ("9.11", "9.12"):
        matches(work, case, case, *sets(case__mvpns=2), least_instances=3)
    # More mVPNs than are measured at once: sets of flows take turns.
    matches(work, "9.11 in turns", "9.11", *sets(case__mvpns=20, mdt__default="asm"),
            least_instances=1)
    matches(work, "10.2", "10.2", *sets(case__mvpns=2, case__groups=5), least_instances=1)


def case_plan_from_earlier(work):
    """What an earlier run found stands where a plan would assume the search's bound."""
    earlier = os.path.join(work, "earlier")
    run(earlier, "9.1", "--steady-only", *sets(dut__limits__mvpns=7))
    asked = plan("9.2", "--from", earlier, "--steady-only", *sets(search__max=4))
    want("points", [p["where"] for p in asked["cases"][0]["points"]], ["N=7"])
    alone = plan("9.1", "9.2", "--steady-only", *sets(search__max=4, search__9__1__max=200))
    want("points", [p["where"] for p in alone["cases"][1]["points"]], ["N=100", "N=200"])
    notes = " ".join(alone["cases"][1]["notes"])
    if "the maximum of 9.1 is not known before the run" not in notes:
        sys.exit(f"nothing is said of what was assumed: {notes}")
    call("plan", "9.2", "--from", os.path.join(work, "none"), code=2)


def case_plan_all(_):
    """Every case is planned or omitted with a reason; nothing is sent and no DUT is opened."""
    tree = plan("all", *sets(search__max=20))
    want("cases", len(tree["cases"]), 16)
    for c in tree["cases"]:
        if c["omitted"] is None and not c["points"]:
            sys.exit(f"{c['case']}: neither planned nor omitted")
    want("sum", tree["at_most"]["instances"],
         sum(p["at_most"]["instances"] for c in tree["cases"] for p in c["points"]))
    registers = {c["case"] for c in tree["cases"]
                 if any(p["peak"]["registers_per_s"] > 0 for p in c["points"])}
    want("cases with Registers", registers, {"9.13"})
    frr = plan("9.8", "--dut", "frr", *sets(search__max=2))
    modes = {p["where"] for p in frr["cases"][0]["points"]}
    if not modes or any("bidir" in m for m in modes):
        sys.exit(f"FRR: planned for {modes}")


def case_plan_calibrated(work):
    """What a stored calibration excludes is planned as the apparatus's limit."""
    path = os.path.join(work, "host.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"packet_bytes": 100, "pps": {"a1_to_a3": 900.0, "a3_to_a1": 900.0,
                                                "each_way_at_once": 400.0}}, f)
    base = ["9.1", "--steady-only", "--clock", "real", *sets(search__max=64)]
    # An mVPN of 9.1 has two groups of one source at 10 packets/s: 20 sent, 20 or more back.
    free = plan(*base)["cases"][0]["points"][0]
    want("without", (free["largest"], free["limit"]), (64, None))
    bound = plan(*base, *sets(run__calibration=path))["cases"][0]["points"][0]
    pps = bound["peak"]["ingress_pps"] + bound["peak"]["egress_pps"]
    if not 1 <= bound["largest"] < 64 or pps > 800 or "calibrated" not in bound["limit"]:
        sys.exit(f"with a calibration: {bound}")
    with open(path, "w", encoding="utf-8") as f:
        f.write("{}")
    call("plan", *base, *sets(run__calibration=path), code=2)


# ---- loads -------------------------------------------------------------------------------------


def loaded(**more):
    return ["9.3", "--steady-only",
            *sets(case__mvpns=2, case__groups=5, case__ingress_share=1,
                  case__sources_per_group=2, dut__link__a3__rate_mbps=4, **more)]


def deviations(tree):
    return " ".join(tree["cases"][0]["deviations"]["procedure"])


def case_load_follows_line_rate(work):
    """The P link is the narrowest place: what it carries is the idle throughput."""
    line = 4e6 / 8 / (ETHERNET + GRE + 100)
    for load in (0.1, 0.5):
        tree = run(os.path.join(work, str(load)), *loaded(traffic__load=load))
        idle = tree["cases"][0]["idle_throughput"]
        want("load", idle["load"], load)
        for direction in ("ingress", "egress"):
            want_near(direction, idle[direction]["pps"], line, 0.006)
            want("bounded_by", idle[direction]["bounded_by"], "dut")
        instance = instances(tree)[0]
        want("verdict", instance["verdict"], "pass")
        rate = instance["forwarding"]["ingress"]["rate_pps"]
        want_near("rate", rate, load * idle["ingress"]["pps"], 0.001)
        if "idle-system throughput" in deviations(tree):
            sys.exit(f"the load is named a deviation: {deviations(tree)}")
    tree = run(os.path.join(work, "rate"), *loaded(traffic__rate_pps=2))
    want("without a load", tree["cases"][0].get("idle_throughput"), None)
    if "not at 10 % of the idle-system throughput" not in deviations(tree):
        sys.exit(f"without a load nothing is said of it: {deviations(tree)}")


def case_load_is_shared(work):
    """Ingress and egress on links of different rates: the direction with less a flow decides."""
    tree = run(os.path.join(work, "run"), "9.3", "--steady-only",
               *sets(case__mvpns=1, case__groups=10, case__ingress_share=0.1,
                     case__sources_per_group=2, dut__link__a1__rate_mbps=1, traffic__load=0.1))
    idle = tree["cases"][0]["idle_throughput"]
    line = 1e6 / 8 / (ETHERNET + VLAN + 100)
    want_near("ingress", idle["ingress"]["pps"], line, 0.006)
    want_near("egress", idle["egress"]["pps"], line, 0.006)
    instance = instances(tree)[0]
    a_flow = instance["forwarding"]["egress"]["rate_pps"] / 18
    want_near("rate of a flow", a_flow, 0.1 * idle["egress"]["pps"] / 18, 0.001)
    if "all flows of an instance have one rate" not in deviations(tree):
        sys.exit(f"the other direction's load is not named: {deviations(tree)}")


def case_load_resumed(work):
    """Killed behind the trials or before them: the same figures, the same result."""
    out = os.path.join(work, "run")
    whole = run(out, *loaded(traffic__load=0.1, traffic__packet_bytes=200))
    with open(os.path.join(out, "journal"), encoding="utf-8") as f:
        lines = f.readlines()
    kept = [i for i, line in enumerate(lines) if '"idle-throughput"' in line]
    want("journalled once", len(kept), 1)
    for count in (kept[0] + 1, kept[0]):
        with open(os.path.join(out, "journal"), "w", encoding="utf-8") as f:
            f.writelines(lines[:count])
        call("run", "--resume", out, "--quiet")
        again = result(out)
        want(f"resumed after {count} lines", again["cases"], whole["cases"])


def case_load_not_captured(work):
    """Trials are in no capture."""
    out = os.path.join(work, "run")
    tree = run(out, *loaded(traffic__load=0.1), "--pcap")
    begin = min(i["begin"] for i in instances(tree))
    for port in ("a1", "a3"):
        with open(os.path.join(out, f"{port}.pcap"), "rb") as f:
            data = f.read(40)
        seconds, nanoseconds = struct.unpack("<II", data[24:32])
        if seconds + nanoseconds / 1e9 < begin:
            sys.exit(f"{port}.pcap begins at {seconds} s, the first instance at {begin} s")


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        globals()[f"case_{sys.argv[2]}"](work)


if __name__ == "__main__":
    main()
