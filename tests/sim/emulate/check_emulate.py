#!/usr/bin/env python3
"""`mvpnbench emulate` on the virtual clock: what commands do, what is refused, what is shown.

usage: check_emulate.py PROGRAM CASE
"""
import json
import os
import pty
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
SMALL = ["9.3", "--value", "4", "--set", "case.mvpns=2", "--set", "case.ingress_share=0.5"]


def call(*words):
    return subprocess.run([PROGRAM, "emulate", *words], capture_output=True, text=True, timeout=100,
                          check=False)


def script_file(folder, *lines):
    path = os.path.join(folder, "steps.txt")
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")
    return path


def held(lines, *words, seconds=400):
    """Runs a script; returns the final view and the answers by (time, command)."""
    with tempfile.TemporaryDirectory() as folder:
        done = call(*SMALL, "--seconds", str(seconds), "--json", "--script",
                    script_file(folder, *lines), *words)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    return seen, {(a["at"], a["command"]): a["answer"] for a in seen["commands"]}


def rows(answer, **want):
    assert answer["ok"], answer
    return [r for r in answer["rows"] if all(r[k] == v for k, v in want.items())]


def total(flows, key):
    return sum(f[key] for f in flows)


def check_script():
    lines = ["# steps", "at 30 show flows 1", "at 60 group 1 3 off", "at 299 show flows 1",
             "at 300 window 20", "at 299.5 show", "at 330 group 1 3 on", "at 331 traffic off",
             "at 332 traffic on", "at 390 show flows", "at 395 nonsense", "",
             "at 396 pe 1 1 down", "at 397 show neighbours", "at 398 link a1 down",
             "at 399 show neighbours 2", "at 399.5 window 60"]
    seen, answers = held(lines)
    assert len(seen["commands"]) == 15
    before = rows(answers[30, "show flows 1"])
    assert len(before) == 8 and all(f["sent"] == f["received"] > 0 for f in before)
    assert {f["direction"] for f in before} == {"ingress", "egress"}
    rest = rows(answers[299, "show flows 1"], group=3)
    assert rest and all(f["state"] == "rests" and f["lost"] == 0 for f in rest)
    sends = rows(answers[299, "show flows 1"], group=1)
    assert all(f["state"] == "sends" and f["sent"] > 290 for f in sends)
    assert all(f["sent"] < 70 for f in rest)
    # One group of one VPN is gone from the DUT: (*,G) and two (S,G).
    assert answers[299.5, "show"]["c_routes_joined"] == 2 * 4 * 3 - 3
    window = answers[300, "window 20"]
    assert window["seconds"] == 20 and window["failures"] == []
    assert total(window["rows"], "flows") == 16 and total(window["rows"], "lost") == 0
    assert total(window["rows"], "sent") == 20 * 14
    again = rows(answers[390, "show flows"])
    assert len(again) == 16 and all(f["state"] == "sends" for f in again)
    for f in again:
        # Group 3 joined a second before the sources started anew.
        assert 56 <= f["sent"] <= 58 and f["lost"] <= (3 if f["group"] == 3 else 0), f
        assert f["duplicate"] == f["misdelivered"] == 0
    assert answers[395, "nonsense"]["code"] == 2
    neighbours = rows(answers[397, "show neighbours"])
    assert {n["router"]: n["dut"] for n in neighbours if n["vpn"] == 1} == {"c 1": "up",
                                                                          "pe 1": "away"}
    assert [n["dut"] for n in rows(answers[399, "show neighbours 2"])] == ["down", "up"]
    late = answers[399.5, "window 60"]
    assert not late["ok"] and late["code"] == 3
    assert seen["state"] == "up" and abs(seen["held_s"] - 400) < 1e-6
    assert len(seen["vpns"]) == 2


CASES = ["9.1", "9.2", "9.3", "9.4", "9.5", "9.6", "9.7", "9.8", "9.9", "9.10", "9.11", "9.12",
         "9.13", "10.1", "10.2", "11.1"]


def check_cases():
    """The first instance of every case comes up and carries its traffic."""
    for case in CASES:
        done = call(case, "--seconds", "60", "--json", "--set", "case.mvpns=2", "--set",
                    "case.c_interfaces=2", "--set", "case.groups=50", "--set", "case.remote_pes=4")
        assert done.returncode == 0, (case, done.stderr)
        seen = json.loads(done.stdout)
        assert seen["waiting_for"] is None and seen["duplicate"] == seen["misdelivered"] == 0, seen
        assert seen["pairs_flowing"] == seen["pairs"], (case, seen["pairs_flowing"], seen["pairs"])
        assert (seen["sent"] > 0) == (case != "9.2"), case


def check_lists():
    """Long lists have pages, and no traffic is no traffic."""
    with tempfile.TemporaryDirectory() as folder:
        steps = script_file(folder, "at 9 show flows", "at 9 show flows 1", "at 9 show flows all 40 3")
        done = call("9.1", "--value", "150", "--seconds", "10", "--json", "--script", steps)
    answers = {a["command"]: a["answer"] for a in json.loads(done.stdout)["commands"]}
    page = answers["show flows"]
    assert len(page["rows"]) == 200 and page["next"].startswith("show flows all "), page.get("next")
    assert "next" not in answers["show flows 1"]
    done = call("9.1", "--value", "2", "--seconds", "5", "--no-traffic", "--json")
    seen = json.loads(done.stdout)
    assert seen["sent"] == 0 and not seen["traffic"] and seen["c_neighbours"] == 2


def check_from_run():
    """What a case needs from others comes from an earlier run."""
    small = ["--set", "case.mvpns=2", "--set", "case.remote_pes=2", "--set", "case.groups=4"]
    refused(["9.4", *small, "--seconds", "10"], 2, "9.2", "--from")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        done = subprocess.run([PROGRAM, "run", "9.2", *small, "--set", "search.max=3",
                               "--timing", "quick", "--steady-only", "--quiet", "--out", out], capture_output=True,
                              text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        done = call("9.4", *small, "--seconds", "20", "--json", "--from", out)
        assert done.returncode == 0, done.stderr
        parameters = json.loads(done.stdout)["parameters"]
        assert parameters["c_interfaces"] == 3, parameters
        refused(["9.4", "--seconds", "10", "--from", folder], 2, folder)
    refused(["9.1", "--seconds", "10", "--set", "traffic.load=0.1"], 2, "traffic.rate_pps")


def refused(words, code, *parts):
    done = call(*words)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == code, (words, done.returncode, done.stderr)
    assert lines[-1].startswith("mvpnbench: "), lines
    for part in parts:
        assert part in lines[-1], (part, lines[-1])


def check_refusals():
    refused([], 2, "one case")
    refused(["9.1", "9.3"], 2, "one case")
    refused(["all"], 2, "one case")
    refused(["9.99"], 2)
    refused(["9.1"], 2, "--seconds")
    refused(["9.1", "--seconds", "10", "--control", "x"], 2, "--clock real")
    for value in ("0", "-1", "1.5", "x", "", "nan"):
        refused(["9.1", "--seconds", "10", f"--value={value}"], 2, "--value")
    for seconds in ("0", "-3", "x", "inf"):
        refused(["9.1", f"--seconds={seconds}"], 2, "--seconds")
    refused(["9.1", "--second", "10"], 2, "did you mean '--seconds'")
    refused(["9.1", "--seconds", "10", "--resume", "x"], 2, "--resume")
    refused(["9.1", "--seconds", "10", "--dut", "no-such"], 2, "no-such")
    refused(["9.1", "--seconds", "10", "--set", "no.such=1"], 2)
    refused(["9.1", "--seconds", "10", "--script", "no-such-file"], 2, "no-such-file")
    refused(["9.1", "--seconds", "10", "--value", "400000"], 2, "mvpns=400000")
    refused(["9.1", "--seconds", "10", "--value", "5000"], 3, "4094")
    # A DUT that does not take the instance: what is missing is named, and it ends.
    refused(["9.1", "--seconds", "10", "--value", "3", "--set", "dut.limits.mvpns=2"], 3,
            "waiting for", "VPN 3")
    refused(["9.1", "--seconds", "10", "--no-configure"], 3, "waiting for")


def check_bad_scripts():
    wrong = {"30 show": (1, 1), "at": (1, 1), "at x show": (1, 4), "at 3": (1, 4),
             "at 3 ": (1, 6), "at -1 show": (1, 4), "at nan show": (1, 4), "at 1e99 show": (1, 4),
             "# fine\n\nat 1 show\n  att 3 show": (4, 3), "at 1 " + "x" * 2000: (1, 1)}
    for text, (line, column) in wrong.items():
        with tempfile.TemporaryDirectory() as folder:
            path = script_file(folder, text)
            refused(["9.1", "--seconds", "5", "--script", path], 2, f"{path}:{line}:{column}: ")


def check_terminal():
    """On a terminal the tables come again and again, and everything ends well."""
    out = bytearray()

    def read(fd):
        data = os.read(fd, 65536)
        out.extend(data)
        return data

    devnull = os.open(os.devnull, os.O_WRONLY)
    keep = os.dup(1)
    os.dup2(devnull, 1)
    status = pty.spawn([PROGRAM, "emulate", *SMALL, "--seconds", "600"], read)
    os.dup2(keep, 1)
    text = out.decode("utf-8", "replace")
    assert os.waitstatus_to_exitcode(status) == 0, text[-500:]
    assert text.count("neighbours of VPN 1") >= 5 and text.count("flows of VPN 1") >= 5
    assert "c_routes_joined: 24" in text, text[-1500:]


def check_same_bytes():
    lines = ["at 20 group 2 1 off", "at 50 group 2 1 on", "at 70 genid 1 c 1", "at 90 pe 2 1 down",
             "at 250 pe 2 1 up", "at 390 show flows"]
    assert held(lines)[0] == held(lines)[0]
    with tempfile.TemporaryDirectory() as folder:
        seen = held(lines, "--pcap", "--out", os.path.join(folder, "out"))[0]
        for name in ("a1.pcap", "a3.pcap"):
            assert os.path.getsize(os.path.join(folder, "out", name)) > 10000
    assert seen == held(lines)[0]


if __name__ == "__main__":
    globals()["check_" + sys.argv[2]]()
