#!/usr/bin/env python3
"""The examples of the manual are run as they stand, in their order, in one directory: all that need
neither root nor another host nor more than seconds.

usage: check_examples.py PROGRAM
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oneway"))
import packets  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "testcases")

# What is left out, by a pattern of the line, and why.
LEFT_OUT = (
    (r"^mvpnbench run( 9\.1 9\.3 --dut frr| all --dut lab\.yaml|$)", "root; or minutes"),
    (r"^mvpnbench calibrate", "root"),
    (r"^mvpnbench emulate .*--dut", "root"),
    (r"^mvpnbench (ctl|monitor|refpe|mti|gre-end) ", "another program or other hosts"),
    (r"^mvpnbench oneway (C|reflect) ", "other hosts"),
    (r"\| man ", "man may be missing"),
)


def sh(line, directory):
    environment = dict(os.environ, PATH=f"{directory}/bin:{os.environ['PATH']}")
    return subprocess.run(("bash", "-c", line), capture_output=True, text=True, errors="replace",
                          check=False, timeout=240, cwd=directory, env=environment)


def examples(directory):
    """Every example of every command, as help prints them."""
    listing = sh("mvpnbench help", directory).stdout
    names = re.findall(r"^  ([a-z-]+) ", listing.split("\ncommands:\n")[1].split("\n\n")[0], re.M)
    for name in [""] + names:
        text = sh(f"mvpnbench help {name}", directory).stdout
        block = text.split("\nexamples:\n")[1].split("\n\n")[0]
        yield from re.findall(r"^  (\S.*)$", block, re.M)


def captures(directory):
    """sent.pcap, what two leaves received, and a marked flow at two points."""
    sent, leaves = [], ([], [])
    for n in range(200):
        packet = packets.ip("10.0.0.1", "239.1.1.1", 17, packets.probe(3, n))
        at = n * 1_000_000
        sent.append((at, packets.frame(packet)))
        for k, leaf in enumerate(leaves):
            if n % (20 + k) != 7:
                leaf.append((at + 4000, packets.frame(packet)))
    packets.write(f"{directory}/sent.pcap", sent)
    packets.write(f"{directory}/r2.pcap", leaves[0])
    packets.write(f"{directory}/r3.pcap", leaves[1])
    points = ([], [])
    for n in range(400):
        at = 1_000_000_000_000 + n * 100_000_000
        mark = 4 if at // 10_000_000_000 % 2 else 0
        packet = packets.ip("10.0.0.1", "239.1.1.1", 17, packets.udp(5000, 5000, bytes(40)),
                            tos=mark << 2)
        for k, point in enumerate(points):
            point.append((at + k * 2_000_000, packets.frame(packet)))
    packets.write(f"{directory}/in.pcap", points[0])
    packets.write(f"{directory}/out.pcap", points[1])
    with open(f"{directory}/points.yaml", "w", encoding="utf-8") as f:
        f.write("flows: [{name: tv1, group: 239.1.1.1}]\nmark: {field: dscp, mask: 4}\n"
                "block: {seconds: 10, origin: 0}\nclock: {max_offset_ms: 1}\n"
                "points: [{name: in, capture: in.pcap}, {name: out, capture: out.pcap}]\n")


def prepare(directory):
    os.mkdir(f"{directory}/bin")
    os.symlink(PROGRAM, f"{directory}/bin/mvpnbench")
    os.symlink(os.path.realpath(DATA), f"{directory}/testcases")
    with open(f"{directory}/steps.txt", "w", encoding="utf-8") as f:
        f.write("at 10 group 1 2 off\nat 20 window 5\n")
    captures(directory)


def more_runs(directory):
    """Runs that examples of compare and history name."""
    for name in ("r3", "bid1", "bid2", "bid3"):
        if os.path.isdir(f"{directory}/r1") and not os.path.isdir(f"{directory}/{name}"):
            shutil.copytree(f"{directory}/r1", f"{directory}/{name}")


def main():
    ran = 0
    failed = []
    with tempfile.TemporaryDirectory() as directory:
        prepare(directory)
        for line in examples(directory):
            if any(re.search(pattern, line) for pattern, _ in LEFT_OUT):
                continue
            more_runs(directory)
            done = sh(line, directory)
            ran += 1
            if done.returncode != 0 or "mvpnbench: " in done.stderr.split("\n")[-2:][0]:
                failed.append(f"{line}\n    exit {done.returncode}: {done.stderr[-300:]}")
    print(f"{ran} examples, {len(failed)} failed")
    print("\n".join(failed))
    assert ran >= 30, "examples are missing"
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
