#!/usr/bin/env python3
"""Runs that are disturbed from outside: killed, interrupted, without room on the disk, side by side,
from odd places. What a resumed run leaves equals an undisturbed one's, byte for byte.

Usage: check_robust.py PROGRAM CASE, CASE one of the functions that begin with "case_".
"""
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = ""
INTERRUPTED, TESTBED = 4, 3
FLAPS = ["--stimulus", "p-link-flap,c-link-flap"]
# Three cases, a search each, both flaps: some seconds of the host.
SMALL = ["9.1", "9.3", "10.1", *FLAPS, "--timing", "quick", "--seed", "3",
         "--set", "dut.limits.mvpns=3", "--set", "dut.limits.mroutes=60",
         "--set", "dut.limits.neighbours=40",
         "--set", "case.sources_per_group=2", "--set", "sweep.ingress_share=0.5"]
TINY = ["9.1", *FLAPS, "--set", "case.mvpns=2", "--seed", "3"]


def start(*args, **more):
    return subprocess.Popen([PROGRAM, *args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            text=True, **more)


def finish(process, what, code=0):
    """Waits; demands the exit code, and one line on stderr where it is not 0."""
    said = process.communicate(timeout=300)[1]
    lines = said.splitlines()
    if process.returncode != code:
        sys.exit(f"{what}: exit {process.returncode}, expected {code}\n{said}")
    if code != 0 and (len(lines) != 1 or not lines[0].startswith("mvpnbench: ")):
        sys.exit(f"{what}: not one line: {said}")
    return said


def run(what, *args, code=0, **more):
    return finish(start("run", *args, "--quiet", **more), what, code)


def contents(out):
    """What a run left, but for the time of day and the host's log."""
    found = {}
    for name in sorted(os.listdir(out)):
        if name in ("run.log", "journal"):
            continue
        with open(os.path.join(out, name), "rb") as f:
            found[name] = f.read()
    # When it was started stands in several renderings, in JUnit without a time zone.
    started = re.search(rb'"started": "([^"]*)"', found["result.json"]).group(1)
    for name, data in found.items():
        found[name] = data.replace(started, b"").replace(started[:19], b"")
    return found


def same(what, got, expected):
    if got.keys() != expected.keys():
        sys.exit(f"{what}: left {sorted(got)}, expected {sorted(expected)}")
    for name, data in expected.items():
        if got[name] != data:
            sys.exit(f"{what}: {name} differs: {len(got[name])} bytes, expected {len(data)}")


def has_head(out):
    """Whether the run came as far as its journal; before, there is nothing to go on with."""
    path = os.path.join(out, "journal")
    return os.path.exists(path) and b"\n" in open(path, "rb").read()


def disturbed(work, number, delays, how, lasted):
    """Starts a run and ends it by a signal after each delay in turn; returns its directory."""
    out = os.path.join(work, f"d{number}")
    process = start("run", *SMALL, "--pcap", "--quiet", "--out", out)
    for delay in delays:
        time.sleep(delay * lasted)
        process.send_signal(how)
        said = process.communicate(timeout=120)[1]
        if how == signal.SIGKILL and process.returncode not in (0, -signal.SIGKILL):
            sys.exit(f"killed after {delay}: exit {process.returncode}: {said}")
        if how != signal.SIGKILL and process.returncode not in (0, INTERRUPTED, -how):
            sys.exit(f"interrupted after {delay}: exit {process.returncode}: {said}")
        if process.returncode == INTERRUPTED and len(said.splitlines()) != 1:
            sys.exit(f"interrupted: not one line: {said}")
        if not has_head(out):
            return None
        process = start("run", "--resume", out, "--quiet")
    finish(process, f"resumed after {delays}")
    return out


def many_disturbed(work, how, count):
    whole, begin = os.path.join(work, "whole"), time.monotonic()
    run("undisturbed", *SMALL, "--pcap", "--out", whole)
    lasted = time.monotonic() - begin
    expected, rng, early = contents(whole), random.Random(5), 0
    for number in range(count):
        delays = [rng.random() for _ in range(1 + number % 3)]
        out = disturbed(work, number, delays, how, lasted)
        early += out is None
        if out is not None:
            same(f"disturbed at {delays} of {lasted:.2f} s", contents(out), expected)
            subprocess.run(["rm", "-rf", out], check=True)
    if early > count // 2:
        sys.exit(f"{early} of {count} were ended before they began")
    print(f"{count - early} runs ended by {how.name} and resumed: equal")


def case_killed(work):
    many_disturbed(work, signal.SIGKILL, 10)


def case_interrupted(work):
    many_disturbed(work, signal.SIGINT, 3)
    many_disturbed_again = os.path.join(work, "term")
    os.mkdir(many_disturbed_again)
    many_disturbed(many_disturbed_again, signal.SIGTERM, 1)


def limited(size):
    """No file may grow beyond size bytes: what a full disk is to a program."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def case_full_disk(work):
    whole = os.path.join(work, "whole")
    run("undisturbed", *TINY, "--pcap", "--out", whole)
    expected = contents(whole)
    largest = max(os.path.getsize(os.path.join(whole, n)) for n in os.listdir(whole))
    for size in (0, 50, 500, 5000, 20000, 100000, largest - 1):
        out = os.path.join(work, f"full{size}")
        said = run(f"{size} bytes", *TINY, "--pcap", "--out", out, code=TESTBED,
                   preexec_fn=lambda size=size: limited(size), restore_signals=False)
        if "File too large" not in said and "disk full" not in said:
            sys.exit(f"{size} bytes: does not say why: {said}")
        if os.path.exists(out) and has_head(out):
            run(f"resumed after {size} bytes", "--resume", out)
            same(f"resumed after {size} bytes", contents(out), expected)
        elif os.path.exists(out):
            sys.exit(f"{size} bytes: left {os.listdir(out)}")
    for name in ("a3.pcap", "result.json", "report.txt"):
        out = os.path.join(work, "dev" + name)
        os.mkdir(out)
        os.symlink("/dev/full", os.path.join(out, name))
        process = start("run", *TINY, "--pcap", "--quiet", "--out", out)
        said = process.communicate(timeout=60)[1]
        if process.returncode not in (0, TESTBED) or len(said.splitlines()) > 1:
            sys.exit(f"{name} on a full device: exit {process.returncode}: {said}")
        if process.returncode == 0 and os.path.islink(os.path.join(out, name)):
            sys.exit(f"{name} on a full device went unnoticed")


def case_full_output(work):
    out = os.path.join(work, "run")
    with open("/dev/full", "w", encoding="utf-8") as full:
        for args in (["list"], ["--help"], ["plan", "9.1"], ["fsm"],
                     ["run", *TINY, "--json", "--quiet", "--out", out], ["report", out]):
            process = subprocess.Popen([PROGRAM, *args], stdout=full, stderr=subprocess.PIPE,
                                       text=True)
            finish(process, f"{args} to a full device", TESTBED)
    closed = os.path.join(work, "closed")
    subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", PROGRAM, "run", *TINY, "--out",
                    closed], check=True, timeout=60)
    same("streams closed", contents(closed), contents(out))


def case_parallel(work):
    """Runs beside one another, some of them without --out in one directory."""
    alone = os.path.join(work, "alone")
    run("alone", *SMALL, "--pcap", "--out", alone)
    outs = [os.path.join(work, f"p{i}") for i in range(3)]
    processes = [start("run", *SMALL, "--pcap", "--quiet", "--out", out) for out in outs]
    for process in processes:
        finish(process, "in parallel")
    for out in outs:
        same("in parallel", contents(out), contents(alone))
    together = os.path.join(work, "together")
    os.mkdir(together)
    processes = [start("run", *TINY, "--quiet", cwd=together) for _ in range(8)]
    for process in processes:
        finish(process, "without --out")
    if len(os.listdir(together)) != 8:
        sys.exit(f"eight runs left {os.listdir(together)}")


def case_anywhere(work):
    """The working directory and the way the program was called do not matter."""
    here = os.path.join(work, "here")
    run("here", *TINY, "--out", here)
    expected = contents(here)
    for name, cwd, program, out in (
            ("root", "/", PROGRAM, os.path.join(work, "from_root")),
            ("relative", work, os.path.relpath(PROGRAM, work), "relative"),
            ("spaces", work, PROGRAM, "a name with spaces, ümlauts and 'quotes'"),
            ("slashes", work, PROGRAM, "./x/../slashes//")):
        if name == "slashes":
            os.mkdir(os.path.join(work, "x"))
        process = subprocess.Popen([program, "run", *TINY, "--quiet", "--out", out], cwd=cwd,
                                   stderr=subprocess.PIPE, text=True)
        finish(process, name)
        same(name, contents(os.path.join(cwd, out)), expected)
        again = subprocess.Popen([program, "run", "--resume", out, "--quiet"], cwd=cwd,
                                 stderr=subprocess.PIPE, text=True)
        finish(again, f"{name}, resumed")
    gone = os.path.join(work, "gone")
    os.mkdir(gone)
    out = os.path.join(work, "from_gone")
    subprocess.run(["sh", "-c", f'cd "{gone}" && rmdir "{gone}" && exec "$@"', "sh", PROGRAM, "run",
                    *TINY, "--quiet", "--out", out], check=True, timeout=60)
    same("from a directory that is gone", contents(out), expected)
    link = os.path.join(work, "link")
    os.symlink(PROGRAM, link)
    out = os.path.join(work, "from_link")
    subprocess.run([link, "run", *TINY, "--quiet", "--out", out], check=True, timeout=60)
    same("through a symbolic link", contents(out), expected)
    process = subprocess.Popen([PROGRAM.encode(), b"run", b"9.1", b"--out", b"caf\xe9"], cwd=work,
                               stderr=subprocess.PIPE, text=True)
    finish(process, "a name that is no UTF-8", 2)


def case_seeds(work):
    """With and without --pcap, --quiet: equal. Another seed: not equal, and the same maxima."""
    results = {}
    for name, extra in {"plain": [], "pcap": ["--pcap"], "loud": None, "seed": ["--seed", "4"],
                        "zero": ["--seed", "0"]}.items():
        out = os.path.join(work, name)
        if extra is None:
            finish(start("run", *SMALL, "--out", out), name)
        else:
            run(name, *SMALL, *extra, "--out", out)
        found = contents(out)
        results[name] = {n: found[n] for n in ("result.json", "report.txt")}
    same("--pcap", results["pcap"], results["plain"])
    same("without --quiet", results["loud"], results["plain"])
    digests = {name: r["result.json"] for name, r in results.items()}
    if digests["seed"] == digests["plain"] or digests["zero"] == digests["plain"]:
        sys.exit("two seeds, one result")
    values = {}
    for name, text in digests.items():
        tree = json.loads(re.sub(rb",\s*,", b",", text))
        values[name] = [[e["value"] for e in c["maximum"]] for c in tree["cases"]]
    if any(v != values["plain"] for v in values.values()):
        sys.exit(f"the seed changes the maxima: {values}")


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpnbench-robust-") as work:
        globals()["case_" + sys.argv[2]](work)
    print(f"{sys.argv[2]}: as demanded")


if __name__ == "__main__":
    main()
