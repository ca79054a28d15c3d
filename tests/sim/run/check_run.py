#!/usr/bin/env python3
"""Whole runs on the reference PE and the virtual clock, judged from outside.

Usage: check_run.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_". Every figure that is demanded follows from the settings that the run was given.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = ""


def run(out, *args, code=0):
    """Runs the program; returns the result tree (None without one) and what it said on stderr."""
    command = [PROGRAM, "run", *args, "--out", out, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode != code:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}, expected {code}\n{done.stderr}")
    path = os.path.join(out, "result.json")
    tree = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            tree = json.load(f)
    return tree, done.stderr


def sets(**values):
    """--set options; a double underscore stands for a dot."""
    options = []
    for key, value in values.items():
        options += ["--set", f"{key.replace('__', '.')}={value}"]
    return options


def maxima(tree, case):
    return [c for c in tree["cases"] if c["case"] == case][0]["maximum"]


def want(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def want_near(what, got, low, high):
    if got is None or not low <= got <= high:
        sys.exit(f"{what}: {got!r}, expected {low} ... {high}")


def steady(work, case, expected, bound="dut", **values):
    tree, _ = run(os.path.join(work, "run"), case, "--steady-only", *sets(**values))
    entries = maxima(tree, case)
    got = [e["searched"]["value"] for e in entries]
    want(f"{case} {values}", got, expected)
    want(f"{case} {values} bounded_by", {e["bounded_by"] for e in entries}, {bound})
    return tree


def case_mvpns(work):
    tree = steady(work, "9.1", [137], dut__limits__mvpns=137)
    entry = maxima(tree, "9.1")[0]
    want("value", entry["value"], 137)
    want("first_fail", entry["first_fail"], 138)
    want("verified", entry["verified"], True)
    instances = tree["cases"][0]["instances"]
    best = [i for i in instances if i["id"] == entry["instance"]][0]
    want("metric", best["metric"], best["expected"])
    if len({i["parameters"]["mvpns"] for i in instances}) < 5:
        sys.exit("fewer than five values were reported")


def case_limit_of_one(work):
    steady(work, "9.1", [1], dut__limits__mvpns=1)


def case_nothing_holds(work):
    tree, stderr = run(os.path.join(work, "run"), "9.1", "--steady-only",
                       *sets(dut__limits__c_interfaces=0), code=1)
    want("value", maxima(tree, "9.1")[0]["value"], None)
    want("lines on stderr", len(stderr.strip().splitlines()), 1)


def case_mroutes_of_empty_mvpns(work):
    steady(work, "9.1", [23], dut__limits__mroutes=95)  # N * g(1+s) = 4N


def case_oifs(work):
    steady(work, "9.1", [17], dut__limits__oifs=71)  # 4N


def case_c_interfaces(work):
    steady(work, "9.1", [29], dut__limits__c_interfaces=29)


def case_neighbours_of_empty_mvpns(work):
    steady(work, "9.1", [19], dut__limits__neighbours=39)  # N(c + R) = 2N


def case_neighbours(work):
    # N(1 + R) <= 211 with N = 4: R = 51
    steady(work, "10.1", [51], dut__limits__neighbours=211, case__mvpns=4)


def case_mroutes(work):
    # N g (1+s) <= 301 with N = 3: g = 33 (s = 2), 1 (s = 50); three shares of ingress groups each
    tree = steady(work, "9.3", [33, 1, 33, 1, 33, 1], dut__limits__mroutes=301, case__mvpns=3)
    where = [(e["where"]["ingress_share"], e["where"]["sources_per_group"])
             for e in maxima(tree, "9.3")]
    want("order of the sweep", where, [(1.0, 2), (1.0, 50), (0.0, 2), (0.0, 50), (0.1, 2), (0.1, 50)])
    want("mroutes", [e["value"] for e in maxima(tree, "9.3")], [297, 153, 297, 153, 297, 153])


def case_signalling(work):
    """Messages and states between PEs against RFC 6517: m.e is P a message."""
    fixed = {"case__mvpns": 2, "case__groups": 4, "case__ingress_share": 0.5,
             "case__remote_pes": 5, "case__spmsi_rx": 0, "receivers__share": 1}
    for suppression, refreshes in (("on", 1), ("off", 5)):
        out = os.path.join(work, suppression)
        tree, _ = run(out, "9.8", "--steady-only", *sets(**fixed, jp__suppression=suppression))
        for i in tree["cases"][0]["instances"]:
            s, n = i["signalling"], i["parameters"]["mvpns"]
            trees = n * 2 * 3  # a direction: groups, and (*,G) with two sources
            life, window = s["since_first_join"], s["window"]
            want("joins", life["measured"]["all"]["join"], 6 * trees * (5 + 1))
            want("joins predicted", life["predicted"]["join"], 6 * trees * (5 + 1))
            want("joins at the DUT", life["measured"]["dut"]["join"], trees * (5 + 1))
            for part in (life, window):
                seen = part["measured"]["all"]
                want("Prunes", [seen[k] for k in ("prune", "override", "prune_echo")], [0, 0, 0])
                for key, value in part["measured"]["dut"].items():
                    want(key, seen[key], value + part["measured"]["remote_pes"][key])
                least = 6 * trees * (refreshes * (part["seconds"] / 84 - 1) + part["seconds"] / 60 - 2)
                most = 6 * trees * (refreshes + 1) * (part["seconds"] / 59 + 1)
                want_near("refreshes", seen["refresh"], max(least, 0), most)
            want("predicted refreshes", round(window["predicted"]["refresh"], 6),
                 round(6 * trees * 2 * window["seconds"] / 60, 6))
            want("states", s["states"]["all"], trees * (5 + 1) + trees * 2)
            want("states predicted", s["states"]["predicted"], trees * (5 + 1) + trees * 2)
            want("a reason", any("do not suppress" in r for r in life["reasons"]),
                 suppression == "off")


def case_no_limit(work):
    steady(work, "9.1", [24], "range", search__max=24)


def case_cpu(work):
    """Messages cost time: the maximum holds with the processor below 100 %, one more does not."""
    tree, _ = run(os.path.join(work, "run"), "9.1", "--steady-only",
                  *sets(dut__cpu__message_us=40000, dut__cpu__queue=60, search__max=400))
    entry = maxima(tree, "9.1")[0]
    if entry["value"] is None or entry["value"] >= 400:
        sys.exit(f"no maximum was found: {entry}")
    best = [i for i in tree["cases"][0]["instances"] if i["id"] == entry["instance"]][0]
    busy = best["utilisation"][0]["cpu_percent"]
    want_near("cpu_percent at the maximum", busy, 0.1, 99.49)
    want("first_fail", entry["first_fail"], entry["value"] + 1)


def fault(work, criterion, flow, vpn, **values):
    tree, _ = run(os.path.join(work, "run"), "9.1", "--steady-only",
                  *sets(case__mvpns=3, **values), code=1)
    instance = tree["cases"][0]["instances"][0]
    want("verdict", instance["verdict"], "fail")
    found = [(f["criterion"], f["flow"], f["vpn"]) for f in instance["failures"]]
    for c, f, v in found:
        if c == criterion and (flow is None or f == flow) and (vpn is None or v == vpn):
            return instance
    sys.exit(f"{values}: no failure ({criterion}, flow {flow}, VPN {vpn}) among {found}")


def case_drop_flow(work):
    instance = fault(work, "loss", 4, 2, dut__faults__drop_flow=4)  # two flows a VPN
    # Without its packets nobody joins (S,G): the metric, which has no flow, falls short as well.
    want("flows that fail", {f["flow"] for f in instance["failures"] if f["flow"]}, {4})


def case_duplicate_flow(work):
    instance = fault(work, "duplicate", 5, 3, dut__faults__duplicate_flow=5)
    want("flows that fail", {f["flow"] for f in instance["failures"]}, {5})


def case_leak_vpn(work):
    fault(work, "misdelivered", None, 3, dut__faults__leak_vpn="1:3")


def case_stuck_oif(work):
    instance = fault(work, "loss", None, None, dut__faults__stuck_oif=2)
    if any(not f["flow"] or not f["vpn"] for f in instance["failures"]):
        sys.exit(f"a failure without flow or VPN: {instance['failures']}")


def recovery_of(tree, case, stimulus):
    entry = [e for e in maxima(tree, case) if e["stimulus"] == stimulus][0]
    instances = {i["id"]: i for i in tree["cases"][0]["instances"]}
    record = instances[entry["instance"]]
    return [r for r in record["recovery"] if r["stimulus"] == stimulus][0]


def case_recovery_time(work):
    """What the DUT's recovery time adds to the apparatus floor is that time."""
    times = {}
    for ms in (0, 7300, 11100):
        tree, _ = run(os.path.join(work, f"run{ms}"), "9.1", "--stimulus", "p-link-flap",
                      "--timing", "draft", *sets(**{"dut__recovery__p-link-flap_ms": ms},
                                                 case__mvpns=5))
        r = recovery_of(tree, "9.1", "p-link-flap")
        want("verdict", r["verdict"], "pass")
        want("interrupted", r["interrupted"], {"ingress": 5, "egress": 5})
        want("resolution", r["resolution_s"], 1.0)
        times[ms] = r
    floor = times[0]["Trall-Tf"]
    want("the floor is what a PE of zero delay needs", times[0]["apparatus_floor_s"], floor)
    for ms in (7300, 11100):
        want("floor", times[ms]["apparatus_floor_s"], floor)
        want_near(f"Trall-Tf at {ms} ms", times[ms]["Trall-Tf"], ms / 1000,
                  ms / 1000 + floor + 2 * times[ms]["resolution_s"] + 5)


def case_c_link_flap(work):
    tree, _ = run(os.path.join(work, "run"), "9.1", "--stimulus", "c-link-flap",
                  *sets(**{"dut__recovery__c-link-flap_ms": 4000}, case__mvpns=4))
    r = recovery_of(tree, "9.1", "c-link-flap")
    want("verdict", r["verdict"], "pass")
    want_near("Trall-Tf", r["Trall-Tf"], 4.0, 30.0)
    want_near("C neighbours", r["neighbours"]["c_interface"]["all"]["apparatus"], 4.0, 15.0)


def case_lost_after_recovery(work):
    """Mroutes that do not come back lower the maximum under that stimulus only."""
    tree, _ = run(os.path.join(work, "run"), "9.1", "--stimulus", "p-link-flap",
                  *sets(dut__limits__mvpns=3, dut__faults__lost_after_recovery=1))
    by = {e["stimulus"]: e["value"] for e in maxima(tree, "9.1")}
    want("maxima", by, {"steady": 3, "p-link-flap": None})


def without_started(path):
    with open(path, encoding="utf-8") as f:
        return re.sub(r'"started": "[^"]*"', '"started": ""', f.read())


def case_same_seed_same_bytes(work):
    texts = {}
    for name, extra in {"a": [], "b": [], "pcap": ["--pcap"], "seed": ["--seed", "77"]}.items():
        out = os.path.join(work, name)
        run(out, "9.1", "--stimulus", "p-link-flap", *sets(dut__limits__mvpns=2), *extra)
        texts[name] = without_started(os.path.join(out, "result.json"))
    want("two runs with one seed are equal", texts["a"] == texts["b"], True)
    want("with and without --pcap are equal", texts["a"] == texts["pcap"], True)
    want("two seeds differ", texts["a"] != texts["seed"], True)


def case_resume(work):
    resume(work, dut__limits__mvpns=3)


def case_resume_bad_links(work):
    resume(work, case__mvpns=2, dut__link__a1__jitter_us=900, dut__link__a3__reorder=0.01,
           dut__link__a3__delay_us=1500, sweep__sources_per_group="1,2")


def resume(work, **values):
    """A run whose journal is cut after each instance goes on to the same bytes."""
    whole = os.path.join(work, "whole")
    args = ["9.1", "--stimulus", "p-link-flap", *sets(**values), "--pcap"]
    run(whole, *args)
    with open(os.path.join(whole, "journal"), encoding="utf-8") as f:
        lines = f.readlines()
    reference = without_started(os.path.join(whole, "result.json"))
    frames = {p: open(os.path.join(whole, p), "rb").read() for p in ("a1.pcap", "a3.pcap")}
    for keep in range(1, len(lines)):
        out = os.path.join(work, f"cut{keep}")
        os.mkdir(out)
        with open(os.path.join(out, "journal"), "w", encoding="utf-8") as f:
            f.writelines(lines[:keep])
            f.write(lines[keep][:len(lines[keep]) // 2])
        for p, data in frames.items():
            with open(os.path.join(out, p), "wb") as f:
                f.write(data)
        done = subprocess.run([PROGRAM, "run", "--resume", out, "--quiet"], capture_output=True,
                              text=True, timeout=600)
        want(f"resume after {keep} lines: {done.stderr}", done.returncode, 0)
        want(f"result after {keep} lines",
             without_started(os.path.join(out, "result.json")) == reference, True)
        for p, data in frames.items():
            want(f"{p} after {keep} lines", open(os.path.join(out, p), "rb").read() == data, True)
    done = subprocess.run([PROGRAM, "run", "--resume", whole, "--quiet"], timeout=60)
    want("resume of a finished run", done.returncode, 0)


def case_require(work):
    tree, stderr = run(os.path.join(work, "met"), "9.1", "--steady-only", "--require",
                       "9.1:Num_mVPN>=2", *sets(case__mvpns=2))
    want("tree", tree is not None, True)
    _, stderr = run(os.path.join(work, "not"), "9.1", "--steady-only", "--require",
                    "9.1:Num_mVPN>=3", *sets(case__mvpns=2), code=1)
    if "requirement" not in stderr:
        sys.exit(f"no word of the requirement: {stderr}")


def case_relations_between_cases(work):
    """9.1's maximum bounds the sweep of 10.1, in one run and by --from."""
    first = os.path.join(work, "first")
    tree, _ = run(first, "9.1", "10.1", "--steady-only",
                  *sets(dut__limits__mvpns=6, dut__limits__neighbours=70))
    want("9.1", maxima(tree, "9.1")[0]["value"], 6)
    want("10.1 N", [e["where"] for e in maxima(tree, "10.1")], [{"N": 6}])
    want("10.1 R", maxima(tree, "10.1")[0]["searched"]["value"], 10)  # 6(1 + R) <= 70
    tree, _ = run(os.path.join(work, "second"), "10.1", "--steady-only", "--from", first,
                  *sets(dut__limits__neighbours=70))
    want("10.1 R by --from", maxima(tree, "10.1")[0]["searched"]["value"], 10)


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpnbench-sim-") as work:
        globals()["case_" + sys.argv[2]](work)
    print(f"{sys.argv[2]}: as demanded")


if __name__ == "__main__":
    main()
