#!/usr/bin/env python3
"""Runs a test case on the virtual clock with --pcap and judges a1.pcap and a3.pcap by tshark and
tcpdump, which nobody here wrote.

Usage: check_capture.py PROGRAM NAME, NAME one of RUNS. Exits with 77 without tshark or tcpdump.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dissect  # noqa: E402
from judge import Judge, register_stops_answer  # noqa: E402

FLAPS = ["--stimulus", "p-link-flap,c-link-flap"]
RUNS = {
    "9.1": ["9.1", *FLAPS, "--set", "dut.limits.mvpns=3", "--set", "case.c_interfaces=2"],
    "9.3": ["9.3", *FLAPS, "--set", "case.mvpns=2", "--set", "case.groups=3",
            "--set", "case.sources_per_group=2", "--set", "case.remote_pes=2",
            "--set", "case.ingress_share=0.5"],
    "10.1": ["10.1", *FLAPS, "--set", "case.mvpns=2", "--set", "case.remote_pes=20"],
    "no_suppression": ["10.1", "--steady-only", "--set", "case.mvpns=1", "--set",
                       "case.remote_pes=8", "--set", "jp.suppression=off"],
    # 1500 entries a session: PDUs full to the MTU, and more than ten of them due at once.
    "many_joins": ["9.3", "--steady-only", "--set", "case.mvpns=1", "--set", "case.groups=500",
                   "--set", "case.sources_per_group=2", "--set", "case.ingress_share=0.1",
                   "--set", "traffic.rate_pps=0.2", "--timing", "quick"],
    # 80 (*,G) in a PDU do not fit: fragments.
    "fragments": ["9.3", "--steady-only", "--set", "case.mvpns=2", "--set", "case.groups=200",
                  "--set", "case.sources_per_group=1", "--set", "case.ingress_share=0.5",
                  "--set", "traffic.rate_pps=0.1", "--timing", "quick",
                  "--set", "jp.oversize=fragment"],
    # More C-interfaces than one VLAN tag can tell apart.
    "two_tags": ["9.1", "--steady-only", "--set", "case.mvpns=65", "--set",
                 "case.c_interfaces=64", "--set", "case.groups=1", "--timing", "quick"],
}


def run(program, name, out):
    command = [program, "run", *RUNS[name], "--pcap", "--quiet", "--seed", "11", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        return json.load(f)


def decoders_agree(judge, path, frames, fragments):
    """Neither decoder has anything to remark upon, and both see every frame. tcpdump does not put
    fragments together: its word on them is not asked."""
    for line in dissect.expert(path):
        judge.complain(f"{os.path.basename(path)}: tshark: {line}")
    packets, complaints = dissect.tcpdump(path)
    for line in [] if fragments else complaints:
        judge.complain(f"{os.path.basename(path)}: tcpdump: {line}")
    if packets != len(frames) or not frames:
        judge.complain(f"{path}: tcpdump sees {packets} frames, tshark {len(frames)}")


def judge_all(judge, name):
    judge.frames(fragments=name == "fragments")
    judge.pace()
    judge.hellos()
    judge.bring_up(refreshed="quick" not in RUNS[name])  # quick timing does not wait for that
    judge.refreshes(suppression=name != "no_suppression")
    judge.joined_data()
    register_stops_answer(judge)


def main():
    if shutil.which("tshark") is None or shutil.which("tcpdump") is None:
        print("skipped: no tshark or no tcpdump")
        sys.exit(77)
    program, name = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="mvpnbench-capture-") as work:
        out = os.path.join(work, "run")
        judge = Judge(run(program, name, out))
        for port in ("a1", "a3"):
            path = os.path.join(out, port + ".pcap")
            frames = dissect.read(path, port)
            decoders_agree(judge, path, frames, name == "fragments")
            judge.place(frames)
    judge_all(judge, name)
    print(", ".join(f"{what}: {count}" for what, count in judge.seen.items()))
    if judge.wrong:
        sys.exit("\n".join(judge.wrong[:30] + [f"{len(judge.wrong)} complaints"]))


if __name__ == "__main__":
    main()
