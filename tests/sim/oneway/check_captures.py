#!/usr/bin/env python3
"""`mvpnbench oneway captures`: two leaves and a tree from captures with known losses, plain, tagged,
in tunnels and as a sender sees them; and what is refused.

usage: check_captures.py PROGRAM
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import packets

PROGRAM = os.path.abspath(sys.argv[1])
GROUP = "239.1.1.1"


def run(*words):
    return subprocess.run((PROGRAM, "oneway", *words), capture_output=True, text=True, check=False,
                          timeout=60)


def captures(*words):
    done = run("captures", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(code, word, *words):
    done = run(*words)
    assert done.returncode == code, (words, done)
    assert done.stderr.startswith("mvpnbench: ") and len(done.stderr.splitlines()) == 1, done
    assert word in done.stderr, (word, done.stderr)


def packet(sequence, **more):
    return packets.ip("10.0.0.1", GROUP, 17, packets.probe(3, sequence, **more))


def close(a, b):
    return abs(a - b) < 1e-12


def two_leaves(directory):
    """Leaf x sees a tag, leaf y two tunnels, the root its own unfinished checksums."""
    r = random.Random(4)
    root, x, y = [], [], []
    cells = {"n11": 0, "n10": 0, "n01": 0, "n00": 0}
    for n in range(5000):
        at = n * 1_000_000
        root.append((at, packets.frame(packet(n, wrong_checksum=True))))
        a, b, c = r.random() > 0.03, r.random() > 0.02, r.random() > 0.05
        if a and b:
            x.append((at + 4000, packets.frame(packet(n), vlan=12)))
        if a and c:
            inner = packets.gre("10.9.0.1", "239.192.0.1", packet(n))
            y.append((at + 9000, packets.frame(packets.gre("192.0.2.11", "192.0.2.2", inner))))
        cells[f"n{int(a and b)}{int(a and c)}"] += 1
    # A probe that comes twice, one that the root never sent, and other packets.
    x += [(x[5][0] + 50, x[5][1]), (6 * 10**9, packets.frame(packet(777777)))]
    root.append((7 * 10**9, packets.frame(packets.ip("10.0.0.1", GROUP, 17, packets.udp(
        5000, 5001, b"other")))))
    for name, frames in (("root", root), ("x", x), ("y", y)):
        packets.write(f"{directory}/{name}.pcap", frames)
    files = ("--root", f"{directory}/root.pcap", "--leaf", f"x={directory}/x.pcap", "--leaf",
             f"y={directory}/y.pcap")
    got = captures(*files)
    assert got["probes"] == 5000 and got["counts"] == cells, (got, cells)
    assert got["foreign"] == 1 and got["repeated"] == 1, got
    n2, n3, n = cells["n11"] + cells["n10"], cells["n11"] + cells["n01"], 5000
    want = (n2 * n3 / (n * cells["n11"]), cells["n11"] / n3, cells["n11"] / n2)
    for link, name, value in zip(got["links"], ("root", "x", "y"), want):
        assert link["name"] == name and close(link["pass"], value), (link, value)
        assert close(link["loss"], 1 - link["pass"]) and link["identifiable"]
        assert link["ci95"][0] < link["loss"] < link["ci95"][1]
    assert got["burst_length"] < 1.3 and "warning" not in got
    # The aggregate estimator: wider, but about the same.
    coarse = captures(*files, "--interval", "0.02")
    assert coarse["intervals"] == 250
    for a, b in zip(got["links"], coarse["links"]):
        assert abs(a["loss"] - b["loss"]) < 0.02, (a, b)
    text = run("captures", *files).stdout
    assert "root" in text and "loss %" in text
    return files


def tree(directory):
    """root(b(l2,l3),l4): the link into b too is told from those below it."""
    r = random.Random(9)
    truth = {"root": 0.98, "b": 0.95, "l2": 0.97, "l3": 0.9, "l4": 0.93}
    frames = {name: [] for name in ("s", "l2", "l3", "l4")}
    for n in range(20000):
        up = {name: r.random() < share for name, share in truth.items()}
        seen = packets.frame(packet(n))
        frames["s"].append((n * 1000, seen))
        for leaf, way in (("l2", ("root", "b", "l2")), ("l3", ("root", "b", "l3")),
                          ("l4", ("root", "l4"))):
            if all(up[node] for node in way):
                frames[leaf].append((n * 1000 + 500, seen))
    for name, list_ in frames.items():
        packets.write(f"{directory}/{name}.pcap", list_)
    leaves = [w for leaf in ("l4", "l2", "l3") for w in ("--leaf", f"{leaf}={directory}/{leaf}.pcap")]
    got = captures("--root", f"{directory}/s.pcap", *leaves, "--tree", "root(b(l2,l3),l4)")
    links = {link["name"]: link for link in got["links"]}
    assert set(links) == set(truth)
    for name, share in truth.items():
        low, high = links[name]["ci95"]
        # Beyond twice the interval is beyond 3.9 sigma.
        assert low - (high - low) / 2 < 1 - share < high + (high - low) / 2, (name, links[name])
    assert "counts" not in got
    return leaves


def not_identifiable(directory):
    """Leaves that never see the same probe."""
    even = [(n * 1000, packets.frame(packet(n))) for n in range(0, 100, 2)]
    odd = [(n * 1000, packets.frame(packet(n))) for n in range(1, 100, 2)]
    for name, frames in (("all", even + odd), ("even", even), ("odd", odd)):
        packets.write(f"{directory}/{name}.pcap", frames)
    words = ("--root", f"{directory}/all.pcap", "--leaf", f"e={directory}/even.pcap", "--leaf",
             f"o={directory}/odd.pcap")
    for link in captures(*words)["links"]:
        assert link["identifiable"] is False and link["loss"] is None and link["ci95"] is None, link
    assert "not identifiable" in run("captures", *words).stdout


def bursts(directory):
    """Losses in runs of five: the intervals are too narrow, and that is said."""
    r = random.Random(2)
    frames = [(n * 1000, packets.frame(packet(n))) for n in range(10000)]
    lost = {n + k for n in range(0, 10000, 200) for k in range(5) if r.random() < 2}
    packets.write(f"{directory}/full.pcap", frames)
    packets.write(f"{directory}/holes.pcap", [f for n, f in enumerate(frames) if n not in lost])
    got = captures("--root", f"{directory}/full.pcap", "--leaf", f"a={directory}/holes.pcap",
                   "--leaf", f"b={directory}/full.pcap")
    assert got["burst_length"] == 5 and "3.0 times too narrow" in got["warning"], got


def errors(files, leaves, directory):
    refused(2, "--root CAP", "captures")
    refused(2, "two or more", "captures", *files[:4])
    refused(2, "NAME=CAPTURE", "captures", *files, "--leaf", "z")
    refused(2, "nosuch.pcap", "captures", "--root", "nosuch.pcap", *files[2:])
    refused(2, "no leaf of that name", "captures", *files, "--tree", "root(x,z)")
    refused(2, "leaves", "captures", *files, "--tree", "root(x,y,z)")
    refused(2, "not a tree", "captures", *files, "--tree", "root(x,y")
    refused(2, "two leaves", "captures", *files[:2], *leaves, "--interval", "1")
    refused(2, "stands twice", "captures", *files[:4], *files[2:4])
    with open(f"{directory}/empty.pcap", "wb") as f:
        f.write(b"not a capture")
    refused(2, "empty.pcap", "captures", "--root", f"{directory}/empty.pcap", *files[2:])
    refused(2, "--loss", "simulate", "--config", "A", "--pps", "10", "--seconds", "10")
    refused(2, "three fractions", "simulate", "--loss", "0.1,0.1")
    refused(2, "A B C", "simulate", "--config", "D")
    refused(2, "A FILE", "A")
    refused(2, "A FILE")
    refused(2, "nosuch.yaml", "A", "nosuch.yaml")
    refused(2, "nosuch.yaml", "reflect", "nosuch.yaml", "--count-only")
    refused(2, "one word too many", "A", "x.yaml", "y.yaml")


def main():
    with tempfile.TemporaryDirectory() as directory:
        files = two_leaves(directory)
        leaves = tree(directory)
        not_identifiable(directory)
        bursts(directory)
        errors(files, leaves, directory)


if __name__ == "__main__":
    main()
