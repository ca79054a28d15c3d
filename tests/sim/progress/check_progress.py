#!/usr/bin/env python3
"""Progress of real runs on the virtual clock, as it stands on a terminal and as machines read it.

usage: check_progress.py PROGRAM TEST
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from screen import Screen

PROGRAM, TEST = os.path.abspath(sys.argv[1]), sys.argv[2]
RUN = ["run", "9.1", "--steady-only", "--set", "search.max=512", "--jobs", "1"]
LIMIT_S = 150


def check(condition, what):
    if not condition:
        sys.exit(f"{TEST}: {what}")


def result_of(directory):
    text = (pathlib.Path(directory) / "result.json").read_text()
    return re.sub(r'"started": "[^"]*"', "", text)


class Terminal:
    """The program under a pseudo terminal, and what stands on its screen."""

    def __init__(self, args, cols=100, rows=24, program=(PROGRAM,), **environ):
        self.screen, self.raw, self.frames = Screen(cols, rows), b"", []
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
            env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
            os.execvpe(program[0], [*program, *args], {**env, "TERM": "xterm", **environ})
        self.end = time.monotonic() + LIMIT_S

    def read(self):
        """Takes what comes within a moment; False: the program has ended."""
        check(time.monotonic() < self.end, "took too long")
        if not select.select([self.fd], [], [], 0.05)[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            data = b""
        self.raw += data
        self.screen.feed(data.decode("ascii"))
        if data:
            self.frames.append(self.screen.visible())
        return bool(data)

    def settle(self):
        """Takes the rest of what is being drawn."""
        while select.select([self.fd], [], [], 0.05)[0] and self.read():
            pass

    def until(self, pattern):
        """Reads until the screen shows the pattern; false when the program ended before."""
        while not re.search(pattern, "\n".join(self.screen.visible())):
            if not self.read():
                return False
        return True

    def resize(self, cols, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self.screen.resize(cols, rows)

    def finish(self):
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


VIEW = re.compile(r"elapsed \d|^  (at|instance|step|neighbours|best|run) {2,}|points? of the sweeps")


def check_clean(terminal, what):
    """Nothing of the view stands anywhere, wrapped or not, and the cursor is on an empty line."""
    text = terminal.screen.text()
    left = [line for line in text if VIEW.search(line)]
    check(not left, f"{what}: of the view still stands: {left}")
    check(text[-1] == "" and terminal.screen.x == 0, f"{what}: the cursor is not on a new line")
    check(b"\x1b[?" not in terminal.raw, f"{what}: the terminal's modes were changed")


def verdicts(n=10):
    return [f"9.1-{i + 1:04}: N={min(1 << i, 1000)} pass" for i in range(n)]


def test_view(tmp):
    term = Terminal(["run", "9.1", "--steady-only", "--set", "search.max=1000", "--jobs", "1", "--out",
                     f"{tmp}/a"])
    check(term.until(r"9\.1-0011 N=1000\n  step       7\.1 step 7: waiting 600 s .* left"),
          "the wait of step 7 was not seen")
    check(term.finish() == 0, "the run failed")
    check_clean(term, "at the end")
    lines = term.screen.text()
    check(lines[:1] == ["9.1: Empty mVPNs scale"], "the case is not named first")
    check([l for l in lines if l.startswith("9.1-")] == verdicts(11), "verdicts do not all stand")
    check(any(l.startswith("9.1: maximum Num_mVPN = 1000 (steady") for l in lines), "no maximum")
    seen = [f for f in term.frames if any("elapsed" in line for line in f)]
    joined = "\n".join("\n".join(f) for f in seen)
    for wanted in (r"9\.1 Empty mVPNs scale +elapsed \d+ s", r"neighbours 2000 of 2000, flows 2000 of 2000, "
                   r"out \d+/s, in \d+/s", r"best +Num_mVPN 512, N=512 passes",
                   r"run +\[#*\.*\] \d+ of about \d+ instances +about .* left, end at \d\d:\d\d"):
        check(re.search(wanted, joined), f"not seen: {wanted}")
    left = {}
    for instance, minutes, seconds in re.findall(
            r"instance +(\S+) .*\n.*waiting 600 s +(?:(\d+):)?(\d+)(?: s)? left", joined):
        left.setdefault(instance, []).append(60 * int(minutes or 0) + int(seconds))
    check(any(len(set(v)) >= 3 for v in left.values()), f"no wait counts down: {left}")
    check(all(v == sorted(v, reverse=True) and v[0] <= 600 for v in left.values()), f"{left}")
    # At most five draws a second: each goes up over the block once.
    spent = [float(m) for m in re.findall(r"elapsed (\d+) s", joined)]
    draws = term.raw.count(b"A9.1 ") + term.raw.count(b"A\x1b[1m9.1 ")
    check(term.screen.draws <= 5 * (max(spent) + 2), f"{draws} draws in {max(spent)} s")
    check(b"\x1b[1m" in term.raw, "the head is not bold")


def test_same_result(tmp):
    """However it is watched, the result is the same in every byte."""
    run = RUN[:-2]
    subprocess.run([PROGRAM, *run, "--jobs", "1", "--quiet", "--out", f"{tmp}/quiet"], check=True)
    check(Terminal(run + ["--jobs", "1", "--out", f"{tmp}/view"]).finish() == 0, "view")
    check(Terminal(run + ["--jobs", "2", "--out", f"{tmp}/jobs"]).finish() == 0, "jobs")
    with open(f"{tmp}/json.out", "wb") as out, open(f"{tmp}/json.err", "wb") as err:
        subprocess.run([PROGRAM, *run, "--jobs", "2", "--json", "--out", f"{tmp}/json"], check=True,
                       stdout=out, stderr=err)
    quiet = result_of(f"{tmp}/quiet")
    for name in ("view", "jobs", "json"):
        check(result_of(f"{tmp}/{name}") == quiet, f"{name}: another result than with --quiet")
    check(pathlib.Path(f"{tmp}/json.out").read_text() ==
          pathlib.Path(f"{tmp}/json/result.json").read_text(), "--json printed another result")


def test_workers(tmp):
    term = Terminal(["run", "9.3", "--steady-only", "--set", "case.mvpns=8", "--set", "search.max=96",
                     "--set", "case.sources_per_group=4",
                     "--jobs", "2", "--out", f"{tmp}/a"], cols=130)
    check(term.until(r"2 points of the sweeps at once .*\n"
                     r" +1 9\.3-\d+ g=\d+ at N=8 share=\S+ s=\d+: 7\.1 step.*left\n"
                     r" +2 9\.3-\d+ g=\d+ at N=8 share=\S+ s=\d+: 7\.1 step.*left\n  run "),
          "two processes were not seen at work")
    check(term.finish() == 0, "the run failed")
    check_clean(term, "at the end")


def test_interrupt(tmp):
    for name, number in (("a", signal.SIGINT), ("b", signal.SIGTERM)):
        term = Terminal(["run", "9.1", "--jobs", "1", "--set", "search.max=1000", "--out",
                         f"{tmp}/{name}"])
        check(term.until(r"step 7: waiting 600 s"), "never came to step 7")
        if number == signal.SIGINT:
            os.write(term.fd, b"\x03")  # the key; the terminal echoes ^C
        else:
            os.kill(term.pid, number)
        check(term.finish() == 4, "interrupted, it must end with 4")
        check_clean(term, "after an interrupt")
        last = [l for l in term.screen.text() if l][-1]
        check(last.startswith("mvpnbench: go on with --resume") or "interrupted" in last,
              f"the last line is {last!r}")


def test_killed(tmp):
    """Nothing can be restored then: nothing may need it."""
    term = Terminal(["run", "9.1", "--jobs", "1", "--set", "search.max=1000", "--out", f"{tmp}/a"])
    check(term.until(r"step 7: waiting 600 s"), "never came to step 7")
    os.kill(term.pid, signal.SIGKILL)
    check(term.finish() == -signal.SIGKILL, "not killed")
    check(term.screen.x == 0 and term.screen.y == len(term.screen.grid) - 1,
          "the prompt would not come on a line of its own")
    check(b"\x1b[?" not in term.raw, "the terminal's modes were changed")


def fits(term, cols):
    """Reads until the view is drawn for the new width, which may be some draws later: what was on its way when the
    size changed, and the line between two instances, come first. False when the run has ended before."""
    for _ in range(20):
        drawn = term.screen.draws
        while term.screen.draws == drawn:
            if not term.read():
                return False
        term.settle()
        heads = sum("elapsed" in line for line in term.screen.text())
        check(all(len(line) <= cols for line in term.screen.visible()), f"wider than {cols}")
        if heads == (cols >= 40):
            return True
    check(False, f"{cols} columns wide the view stands {heads} times")


def test_resize(tmp):
    term = Terminal(["run", "9.1", "--steady-only", "--jobs", "1", "--set", "search.max=1000",
                     "--out", f"{tmp}/a"], cols=100)
    # One of the longer instances; none is sure to be drawn in that step by a host that is fast.
    check(term.until(r"N=(32|64|128|256|512|1000)\n  step       7\.1 step 7: waiting"), "never came to step 7")
    seen = 0
    for cols, rows in ((60, 24), (45, 12), (30, 24), (120, 30), (70, 14), (100, 24)):
        term.resize(cols, rows)
        if not fits(term, cols):
            break  # the run has ended
        seen += 1
    check(seen >= 2, "the run was over too soon")
    check(term.finish() == 0, "the run failed")
    check_clean(term, "at the end")
    check([l for l in term.screen.text() if re.match(r"9\.1-00\d\d: ", l)] == verdicts(11),
          "verdicts do not all stand")


def test_small(tmp):
    """A tiny terminal has the bar alone; a dumb one has it without an escape code."""
    term = Terminal(RUN + ["--out", f"{tmp}/tiny"], cols=36)
    check(term.until(r"9\.1-00\d\d: step.* left"), "no bar on a tiny terminal")
    check(not any("elapsed" in l for l in term.screen.visible()), "a view on a tiny terminal")
    check(term.finish() == 0, "the run failed")
    check_clean(term, "tiny")
    term = Terminal(RUN + ["--out", f"{tmp}/dumb"], TERM="dumb")
    check(term.finish() == 0, "the run failed")
    check(b"\x1b" not in term.raw, "an escape code on a dumb terminal")
    check(re.search(rb"\r9\.1-00\d\d: step 7, waiting 600 s +[\d:]+ s? ?left", term.raw), "no bar")
    check_clean(term, "dumb")
    check([l for l in term.screen.text() if l.startswith("9.1-")] == verdicts(), "verdicts")
    term = Terminal(RUN + ["--out", f"{tmp}/plain"], NO_COLOR="1")
    check(term.finish() == 0, "the run failed")
    check(not re.search(rb"\x1b\[[\d;]*m", term.raw), "colours in spite of NO_COLOR")


def test_json(tmp):
    run = ["run", "9.1", "--set", "search.max=64", "--stimulus", "p-link-flap", "--json"]
    done = subprocess.run([PROGRAM, *run, "--jobs", "1", "--out", f"{tmp}/a"], capture_output=True,
                          text=True, timeout=LIMIT_S, check=False)
    check(done.returncode == 0, "the run failed")
    check(done.stdout == pathlib.Path(f"{tmp}/a/result.json").read_text(), "stdout is no result")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    check(events[0]["event"] == "case" and events[0]["title"] == "Empty mVPNs scale", "no case first")
    check(events[-1] == {**events[-1], "event": "done", "exit": 0, "dir": f"{tmp}/a"}, "no end")
    elapsed = [e["elapsed_s"] for e in events]
    check(elapsed == sorted(elapsed), "time goes back")
    check([e["time"] for e in events] == sorted(e["time"] for e in events), "stamps go back")
    steps = [e for e in events if e["event"] == "step"]
    gaps = [b["elapsed_s"] - a["elapsed_s"] for a, b in zip(steps, steps[1:])]
    check(steps and all(g >= 0.99 for g in gaps), f"steps follow one another after {gaps}")
    kinds = [e["event"] for e in events]
    check(kinds.count("instance") == 8 and kinds.count("recovery") == 1, f"{kinds}")
    maxima = [e for e in events if e["event"] == "maximum"]
    result = json.loads(done.stdout)["cases"][0]
    check([(m["stimulus"], m["value"], m["instance"]) for m in maxima] ==
          [(m["stimulus"], m["value"], m["instance"]) for m in result["maximum"]], "maxima")
    said = {e["instance"]: e["verdict"] for e in events if e["event"] == "instance"}
    check(said == {i["id"]: i["verdict"] for i in result["instances"]}, "verdicts")
    keys = {"time", "elapsed_s", "event", "case", "title", "where", "instance", "value", "floor",
            "procedure", "step", "stimulus", "name", "remaining_s", "at_most", "neighbours",
            "flows", "rate_pps", "best", "bracket", "worker", "text", "instances", "eta_s",
            "at_least"}
    for step in steps:
        check(set(step) == keys, f"{set(step) ^ keys}")
        check(step["instances"]["done"] <= 8, "more instances than there are")
        if step["neighbours"] is not None:
            check(0 <= step["neighbours"]["up"] <= step["neighbours"]["expected"], f"{step}")


def test_lines(tmp):
    """No terminal: stamped lines, a step at most once a second; --quiet: nothing."""
    done = subprocess.run([PROGRAM, *RUN, "--out", f"{tmp}/a"], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False)
    lines = done.stderr.splitlines()
    stamped = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (9\.1\S*: .*)$")
    check(done.returncode == 0 and all(map(stamped.match, lines)), f"{lines}")
    texts = [stamped.match(line).group(1) for line in lines]
    check([t for t in texts if " step" not in t and t.startswith("9.1-")] == verdicts(), f"{texts}")
    steps = [line[:20] for line in lines if re.search(r": steps? ", line)]
    check(steps and len(set(steps)) == len(steps), f"more than one step a second: {lines}")
    done = subprocess.run([PROGRAM, *RUN, "--quiet", "--out", f"{tmp}/b"], capture_output=True,
                          text=True, timeout=LIMIT_S, check=False)
    check(done.returncode == 0 and done.stderr == done.stdout == "", "--quiet is not quiet")


def instructions(text):
    return int(re.search(r"Collected : (\d+)", text).group(1))


def test_cost(tmp):
    """What the view adds to the instructions of the same run that says lines, under 1 %: and under
    valgrind, where everything but the clock is slow, it is drawn far more often."""
    if shutil.which("valgrind") is None:
        sys.exit(77)
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM]
    run = ["run", "9.1", "--steady-only", "--set", "search.max=16", "--jobs", "1", "--out"]
    lines = subprocess.run([*valgrind, *run, f"{tmp}/lines"], stdout=subprocess.DEVNULL, check=True,
                           stderr=subprocess.PIPE, text=True, timeout=LIMIT_S).stderr
    term = Terminal(run + [f"{tmp}/view"], program=valgrind)
    check(term.finish() == 0, "the run failed")
    check(term.screen.draws >= 3, "the view was not drawn")
    counts = [instructions(lines), instructions(term.raw.decode())]
    print(f"{counts[0]} with lines, {counts[1]} with the view: {counts[1] / counts[0] - 1:+.3%}, "
          f"{term.screen.draws} draws")
    check(counts[1] < 1.01 * counts[0], f"{counts}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        globals()[f"test_{TEST}"](tmp)


main()
