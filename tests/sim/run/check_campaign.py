#!/usr/bin/env python3
"""Campaigns over many cases on the reference PE and the virtual clock, judged from outside: results
that go from case to case, processes beside one another, runs that are killed.

Usage: check_campaign.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_". Every maximum that is demanded is computed here from the limits that the run was given.
"""
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = ""

DRAFT_ORDER = ["9.1", "9.2", "9.3", "9.4", "9.5", "9.6", "9.7", "9.8", "9.9", "9.10", "9.11",
               "9.12", "9.13", "10.1", "10.2", "11.1"]


def command(out, *args):
    return [PROGRAM, "run", *args, "--out", out, "--quiet"]


def run(out, *args, code=0):
    """Runs the program; returns the result tree (None without one) and what it said on stderr."""
    done = subprocess.run(command(out, *args), capture_output=True, text=True, timeout=900)
    if done.returncode != code:
        sys.exit(f"{args}: exit {done.returncode}, expected {code}\n{done.stderr}")
    return tree_of(out), done.stderr


def tree_of(out):
    path = os.path.join(out, "result.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def text_of(out):
    """result.json without the one line that may differ."""
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        return re.sub(r'"started": "[^"]*"', '"started": ""', f.read())


def resume(out, *args, code=0):
    done = subprocess.run([PROGRAM, "run", "--resume", out, "--quiet", *args], capture_output=True,
                          text=True, timeout=900)
    if done.returncode != code:
        sys.exit(f"--resume: exit {done.returncode}, expected {code}\n{done.stderr}")
    return done.stderr


def limits(**values):
    options = []
    for key, value in values.items():
        options += ["--set", f"dut.limits.{key}={value}"]
    return options


def want(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def by_case(tree):
    return {c["case"]: c for c in tree["cases"]}


def steady(case):
    """The searched values of a case, by the point of its sweep as sorted text."""
    return {tuple(sorted(e["where"].items())): e["searched"]["value"] for e in case["maximum"]
            if e["stimulus"] == "steady"}


# ---- the maxima of all cases --------------------------------------------------------------------


def floor_or_none(value):
    return value if value >= 1 else None


def computed(lim):
    """searched.value of every case that seeks one, from the limits of the reference PE alone."""
    n, routes, nbrs, links = lim["mvpns"], lim["mroutes"], lim["neighbours"], lim["c_interfaces"]
    # 9.1: c=1, R=1, g=2, s=1: 4 mroutes, 2 neighbours, 1 C-interface an mVPN.
    m = min(n, routes // 4, nbrs // 2, links)
    out = {"9.1": [m]}
    c = min(links // m, nbrs // m - 1, 64)
    out["9.2"] = [c]
    groups = {s: floor_or_none(routes // (m * (1 + s))) for s in (2, 50)}
    out["9.3"] = [groups[2], groups[50]] * 3
    smax = m * groups[2]  # groups over all mVPNs
    # 9.4: a quarter ... all of those groups, and the C-interfaces of 9.2: d goes up to c.
    out["9.4"] = [c] * len({max(1, quarter * smax // 4 // m) for quarter in (1, 2, 3, 4)})
    per_vpn = max(1, smax // (4 * m))  # groups an mVPN in 9.5 and 9.6; each (S,G) at most one S-PMSI
    out["9.5"] = [min(lim["spmsi_rx"], m * per_vpn * 2)]
    out["9.6"] = [min(lim["spmsi_src"], m * per_vpn * 2)]
    # 9.7: 2 sourced and 8 received an mVPN, 2*I and 8*I flows on them.
    half = max(1, smax // (2 * m))
    ingress = round(0.1 * half) * 2
    fits = 2 * m <= lim["spmsi_src"] and 8 * m <= lim["spmsi_rx"]
    out["9.7"] = [floor_or_none(min(ingress // 2, (2 * half - ingress) // 8)) if fits else None]

    def realistic(remote, mroutes):
        return floor_or_none(min(n, links // 2, nbrs // (2 + remote), routes // mroutes,
                                 lim["spmsi_src"] // 2, lim["spmsi_rx"] // 8))

    out["9.8"] = [realistic(500, 30)] * 3  # the reference PE builds default MDTs in all three ways
    out["9.9"] = [realistic(50, 300)] * 3
    out["9.10"] = out["9.13"] = [realistic(100, 99)] * 3
    out["10.1"] = out["11.1"] = [min(nbrs // m - 1, 1000)]
    return out


def check_all(tree, lim):
    cases = by_case(tree)
    want("cases in the draft's order", [c["case"] for c in tree["cases"]], DRAFT_ORDER)
    for name, values in computed(lim).items():
        entries = [e for e in cases[name]["maximum"] if e["stimulus"] == "steady"]
        got = [e["searched"]["value"] for e in entries]
        want(f"{name} searched.value of {[e['where'] for e in entries]}", got, values)
    for name in ("9.11", "9.12", "10.2"):
        want(f"{name} maximum", cases[name]["maximum"], [])
        want(f"{name} omitted", cases[name]["omitted"], None)
        if {i["verdict"] for i in cases[name]["instances"]} != {"pass"}:
            sys.exit(f"{name}: an instance did not pass")
    for case in tree["cases"]:
        ids = [i["id"] for i in case["instances"]]
        want(f"{case['case']}: ids once each", len(set(ids)), len(ids))
    times = sorted((i["begin"], i["end"]) for c in tree["cases"] for i in c["instances"])
    for (_, end), (begin, _) in zip(times, times[1:]):
        if not end < begin:
            sys.exit(f"instances overlap: one ends at {end}, another begins at {begin}")


def case_all(work):
    lim = {"mvpns": 7, "mroutes": 433, "neighbours": 1021, "c_interfaces": 31, "spmsi_rx": 61,
           "spmsi_src": 17}
    out = os.path.join(work, "run")
    tree, _ = run(out, "all", "--stimulus", "p-link-flap", "--timing", "draft", "--set",
                  "traffic.rate_pps=0.1", *limits(**lim))
    check_all(tree, lim)
    want("9.13 against 9.10", [e["delta_vs_9.10"] for e in by_case(tree)["9.13"]["maximum"]
                               if e["stimulus"] == "steady"], [0, 0, 0])
    for case in tree["cases"]:
        for entry in case["maximum"]:
            if entry["stimulus"] != "p-link-flap":
                continue
            where = [e for e in case["maximum"]
                     if e["stimulus"] == "steady" and e["where"] == entry["where"]][0]
            want(f"{case['case']} under {entry['stimulus']}", entry["value"], where["value"])


# ---- order and what cases take from one another -------------------------------------------------


def case_any_order(work):
    """Cases are listed as the draft has them and run as they depend, however they were given."""
    lim = limits(mvpns=4, neighbours=51, mroutes=151)
    texts = []
    for i, cases in enumerate((["10.1", "9.3", "9.1"], ["9.1", "9.3", "10.1"])):
        out = os.path.join(work, f"run{i}")
        tree, _ = run(out, *cases, "--steady-only", *lim)
        want("order", [c["case"] for c in tree["cases"]], ["9.1", "9.3", "10.1"])
        want("9.3", list(steady(by_case(tree)["9.3"]).values())[0], 151 // (4 * 3))
        texts.append(text_of(out))
    want("either order gives the same bytes", texts[0] == texts[1], True)


def case_from(work):
    """Results that cases need come from an earlier run; without them a case is omitted, and says."""
    lim = limits(mvpns=5, mroutes=247, neighbours=97, spmsi_rx=29, c_interfaces=23)
    first, second = os.path.join(work, "first"), os.path.join(work, "second")
    run(first, "9.1", "9.2", "9.3", "--steady-only", *lim)
    tree, _ = run(second, "9.5", "9.4", "--steady-only", "--from", first, *lim)
    cases = by_case(tree)
    groups = 247 // (5 * 3)
    want("9.5", cases["9.5"]["maximum"][0]["searched"]["value"],
         min(29, 5 * 2 * max(1, groups // 4)))
    want("9.4", {e["searched"]["value"] for e in cases["9.4"]["maximum"]}, {23 // 5})
    tree, _ = run(os.path.join(work, "third"), "9.5", "--steady-only", *lim, code=1)
    case = tree["cases"][0]
    want("maximum of an omitted case", (case["maximum"], case["instances"]), ([], []))
    if "9.3" not in (case["omitted"] or "") and "9.2" not in (case["omitted"] or ""):
        sys.exit(f"omitted does not name what is missing: {case['omitted']!r}")


def case_grid(work):
    """9.5: the grid's maximum stands beside the bisected one, and both follow from the limit."""
    lim = {"mvpns": 6, "mroutes": 649, "neighbours": 97, "spmsi_rx": 71}
    tree, _ = run(os.path.join(work, "run"), "9.1", "9.2", "9.3", "9.5", "--steady-only",
                  *limits(**lim))
    entry = by_case(tree)["9.5"]["maximum"][0]
    groups = 649 // (6 * 3)
    d = 1
    while 2 * d <= groups / 4:
        d *= 2
    vpns = [1, 1, 3, 4, 6]  # 0.25, 0.5, 0.75 of six, floored
    grid = [u * x for x in (d, 2 * d, 4 * d) for u in vpns if x <= 2 * (groups // 4)]
    held = []
    for total in grid:
        if total > lim["spmsi_rx"]:
            break
        held.append(total)
    want("searched", entry["searched"]["value"], min(71, 6 * 2 * (groups // 4)))
    want("grid_maximum", entry["grid_maximum"]["value"], max(held))


def case_measure(work):
    """A run of cases that only measure seeks no maximum, so it does not fail for having none."""
    tree, _ = run(os.path.join(work, "run"), "9.11", "--set", "case.mvpns=2",
                  *limits(mvpns=3))
    case = tree["cases"][0]
    want("maximum", case["maximum"], [])
    want("instances at N=2 alone", {i["parameters"]["mvpns"] for i in case["instances"]}, {2})


def case_time_budget(work):
    """search.time_s ends a search: the best so far stands, and it is said."""
    tree, _ = run(os.path.join(work, "run"), "9.1", "--steady-only", "--set",
                  "search.time_s=5000", *limits(mvpns=300))
    case = tree["cases"][0]
    entry = case["maximum"][0]
    want("bounded_by", entry["bounded_by"], "time")
    want("a power of two was the best so far", entry["value"] in (8, 16, 32, 64), True)
    if not any("search.time_s" in d for d in case["deviations"]["procedure"]):
        sys.exit("nothing in the deviations says that the time was spent")


def case_every(work):
    """stimulus.at=every: each value that holds has each stimulus."""
    tree, _ = run(os.path.join(work, "run"), "9.1", "--stimulus", "p-link-flap,c-link-flap",
                  "--set", "stimulus.at=every", *limits(mvpns=3),
                  "--set", "dut.faults.lost_after_recovery=1")
    case = tree["cases"][0]
    applied = {}
    for i in case["instances"]:
        for r in i["recovery"]:
            applied.setdefault(i["parameters"]["mvpns"], set()).add(r["stimulus"])
    want("stimuli by value", applied, {n: {"p-link-flap", "c-link-flap"} for n in (1, 2, 3)})
    want("maxima", {e["stimulus"]: e["value"] for e in case["maximum"]},
         {"steady": 3, "p-link-flap": None, "c-link-flap": None})


# ---- processes ----------------------------------------------------------------------------------

CAMPAIGN = ["9.1", "9.2", "9.3", "10.1", "--stimulus", "p-link-flap,power-cycle", "--set",
            "traffic.rate_pps=0.1",
            *limits(mvpns=5, neighbours=61, mroutes=211)]


def case_jobs(work):
    """One process, two, more than there are points, and one that captures: the same bytes."""
    texts = {}
    for name, extra in {"1": ["--jobs", "1"], "2": ["--jobs", "2"], "7": ["--jobs", "7"],
                        "pcap": ["--pcap"]}.items():
        out = os.path.join(work, name)
        run(out, *CAMPAIGN, *extra)
        texts[name] = text_of(out)
    for name, text in texts.items():
        want(f"jobs {name} as one", text == texts["1"], True)


def start(out, *args):
    process = subprocess.Popen(command(out, *args), stderr=subprocess.PIPE, text=True)
    while not os.path.exists(os.path.join(out, "journal")) and process.poll() is None:
        time.sleep(0.005)
    return process


def go_on(out):
    return subprocess.Popen([PROGRAM, "run", "--resume", out, "--quiet"], stderr=subprocess.PIPE,
                            text=True)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def case_kill(work):
    """SIGKILL at 20 moments of a campaign in two processes; what is left over goes on to the same
    bytes as the campaign that nobody killed."""
    draw = random.Random(20)
    reference = os.path.join(work, "whole")
    begin = time.monotonic()
    run(reference, *CAMPAIGN, "--jobs", "2")
    length = time.monotonic() - begin
    kills, round_ = 0, 0
    while kills < 20:
        out = os.path.join(work, f"killed{round_}")
        round_ += 1
        process = start(out, *CAMPAIGN, "--jobs", "2")
        while kills < 20:
            time.sleep(draw.uniform(0, length / 6))
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
            kills += 1
            process = go_on(out)
        if process.wait(timeout=600) != 0:
            sys.exit(f"resumed after {kills} kills: {process.stderr.read()}")
        want(f"after {kills} kills", text_of(out) == text_of(reference), True)


def case_interrupt(work):
    """SIGINT ends the workers and the run with 4, and the run goes on."""
    reference, out = os.path.join(work, "whole"), os.path.join(work, "run")
    run(reference, *CAMPAIGN, "--jobs", "2")
    process = start(out, *CAMPAIGN, "--jobs", "2")
    workers = []
    while not workers and process.poll() is None:
        workers = children(process.pid)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    want(f"exit of an interrupted run ({stderr})", process.returncode, 4)
    want("lines on stderr", len(stderr.strip().splitlines()), 1)
    want("workers left", [p for p in workers if os.path.exists(f"/proc/{p}")], [])
    resume(out, "--jobs", "1")
    want("resumed", text_of(out) == text_of(reference), True)


def case_worker_dies(work):
    """A worker that dies is told in one line, exit 3; nothing of the others is lost."""
    reference, out = os.path.join(work, "whole"), os.path.join(work, "run")
    run(reference, *CAMPAIGN, "--jobs", "2")
    process = start(out, *CAMPAIGN, "--jobs", "2")
    victim = None
    while victim is None and process.poll() is None:
        with open(os.path.join(out, "journal"), encoding="utf-8") as f:
            begun = sum(1 for _ in f) > 8  # 9.1 is over: others do not wait for the victim
        victim = (children(process.pid) or [None])[0] if begun else None
    os.kill(victim, signal.SIGABRT)
    _, stderr = process.communicate(timeout=600)
    want(f"exit ({stderr})", process.returncode, 3)
    want("lines on stderr", len(stderr.strip().splitlines()), 1)
    resume(out)
    want("resumed", text_of(out) == text_of(reference), True)


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpnbench-sim-") as work:
        globals()["case_" + sys.argv[2]](work)
    print(f"{sys.argv[2]}: as demanded")


if __name__ == "__main__":
    main()
