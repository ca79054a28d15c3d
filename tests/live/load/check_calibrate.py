#!/usr/bin/env python3
"""calibrate on veth pairs in namespaces, and runs that a stored calibration bounds.

Usage: check_calibrate.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_". Exits with 77 without root.
"""
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = ""


def start(*args, **more):
    return subprocess.Popen([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, **more)


def finish(process, code, what):
    out, err = process.communicate(timeout=120)
    left = glob.glob(f"/run/netns/mvcal{process.pid}-*")
    if process.returncode != code:
        sys.exit(f"{what}: exit {process.returncode}, expected {code}\n{err}")
    if left:
        sys.exit(f"{what}: left {left} behind")
    if code != 0 and (err.count("\n") != 1 or not err.startswith("mvpnbench: ")):
        sys.exit(f"{what}: not one line: {err!r}")
    return out, err


def ip(lines):
    subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True)


def case_veth(work):
    stored = os.path.join(work, "host.json")
    out, _ = finish(start("calibrate", "--seconds", "0.1", "--quiet", "--json", "--out", stored),
                    0, "veth")
    figures = json.loads(out)
    with open(stored, encoding="utf-8") as f:
        if json.load(f) != figures:
            sys.exit("what is stored is not what was printed")
    pps = figures["pps"]
    if min(pps.values()) < 1000: # a host that is busy otherwise still does that
        sys.exit(f"pps: {pps}")
    for key in ("pacing_error_s", "timestamp_error_s"):
        s = figures[key]
        if not 0 <= s["median"] <= s["p99"] <= s["max"] < 1:
            sys.exit(f"{key}: {s}")
    if figures["flows"]["at_10_pps"] * 10 > figures["flows"]["at_1_pps"]:
        sys.exit(f"flows: {figures['flows']}")


def case_testbed(work):
    """Joined ports are measured; ports that are not joined are named."""
    one, two = (f"mvcalt{os.getpid()}-{i}" for i in (1, 2))
    path = os.path.join(work, "tb.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"ports:\n  a1: {{interface: a1, namespace: {one}, mode: trunk}}\n"
                f"  a3: {{interface: a3, namespace: {two}}}\nmtu: 1500\n")
    try:
        ip(f"netns add {one}\nnetns add {two}\n")
        ip(f"link add a1 netns {one} type veth peer name x netns {two}\n"
           f"link add a3 netns {two} type veth peer name y netns {one}\n")
        for ns in (one, two):
            for end in ("a1", "a3", "x", "y"):
                subprocess.run(["ip", "-n", ns, "link", "set", end, "up"], check=False,
                               stderr=subprocess.DEVNULL)
        args = ["calibrate", "--testbed", path, "--seconds", "0.1", "--quiet", "--json"]
        _, err = finish(start(*args), 3, "not joined")
        if "sent on A1 arrives on A3" not in err:
            sys.exit(f"not joined: {err}")
        subprocess.run(["ip", "-n", one, "link", "del", "a1"], check=True)
        subprocess.run(["ip", "-n", two, "link", "del", "a3"], check=True)
        ip(f"link add a1 netns {one} type veth peer name a3 netns {two}\n")
        subprocess.run(["ip", "-n", two, "link", "set", "a3", "up"], check=True)
        out, _ = finish(start(*args), 0, "joined")
        if json.loads(out)["cable"] != "a1 to a3":
            sys.exit(out)
    finally:
        for ns in (one, two):
            subprocess.run(["ip", "netns", "del", ns], check=False)


def case_refused(work):
    """Without root, with impossible figures, and when it is interrupted: one line, nothing left."""
    def nobody():
        os.setgid(65534)
        os.setuid(65534)

    try:
        process = start("calibrate", preexec_fn=nobody)
    except PermissionError:
        print("the program cannot be run by others here: not tried without root")
    else:
        _, err = finish(process, 3, "without root")
        if "needs root" not in err:
            sys.exit(f"without root: {err}")
    finish(start("calibrate", "--seconds", "0"), 2, "no time")
    finish(start("calibrate", "--bytes", "59"), 2, "too short")
    finish(start("calibrate", "something"), 2, "an argument")
    finish(start("calibrate", "--testbed", os.path.join(work, "none.yaml")), 2, "no testbed")
    process = start("calibrate", "--quiet")
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    finish(process, 4, "interrupted")


def case_bounds_a_run(work):
    """What the apparatus could not do is not tried, and said to be the apparatus's limit."""
    stored, out = os.path.join(work, "host.json"), os.path.join(work, "run")
    with open(stored, "w", encoding="utf-8") as f:
        json.dump({"packet_bytes": 100, "pps": {"a1_to_a3": 3.0, "a3_to_a1": 3.0,
                                                "each_way_at_once": 2.0}}, f)
    finish(start("run", "9.1", "--clock", "real", "--steady-only", "--quiet", "--out", out, "--set",
                 "search.max=2", "--set", f"run.calibration={stored}"), 1, "bounded")
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        case = json.load(f)["cases"][0]
    if case["instances"] or case["maximum"][0]["bounded_by"] != "apparatus":
        sys.exit(f"bounded: {case['maximum']}")
    if "when it was calibrated" not in " ".join(case["deviations"]["procedure"]):
        sys.exit(f"bounded: {case['deviations']}")


def main():
    global PROGRAM
    if os.geteuid() != 0:
        sys.exit(77)
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        globals()[f"case_{sys.argv[2]}"](work)


if __name__ == "__main__":
    main()
