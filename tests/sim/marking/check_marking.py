#!/usr/bin/env python3
"""`mvpnbench marking` from captures: the table of the slides of the method (IETF 77, mboned), delay
the ways that RFC 9341 has it, a tree, and what is refused.

usage: check_marking.py PROGRAM
"""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oneway"))
import packets  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
SECOND = 10**9
FIRST = 100001  # number of the first block
SENT = (375, 382, 364, 367, 381)
RECEIVED = (375, 382, 359, 367, 379)

FILE = """flows: [{name: tv1, group: 239.1.1.1, source: 10.0.0.1}]
mark: {field: dscp, mask: 4, double: {field: dscp, mask: 8}}
block: {seconds: 10, origin: 0}
clock: {max_offset_ms: 1}
"""


def run(directory, text, *words):
    path = f"{directory}/marking.yaml"
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return subprocess.run((PROGRAM, "marking", path, *words), capture_output=True, text=True,
                          check=False, timeout=60, cwd="/")


def marking(directory, text):
    done = run(directory, text, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def packet(dscp, group="239.1.1.1", source="10.0.0.1"):
    return packets.ip(source, group, 17, packets.udp(5000, 5000, bytes(40)), tos=dscp << 2)


def stream(seed=1, sent=SENT, received=RECEIVED, delay_ns=4_000_000, inverted=0):
    """What both points capture: block by block so many packets, some lost, one marked for delay."""
    r = random.Random(seed)
    before, behind = [], []
    for n, (there, here) in enumerate(zip(sent, received), FIRST):
        lost = set(r.sample([i for i in range(there) if i != 5], there - here))
        for i in range(there):
            at = n * 10 * SECOND + int((i + 0.5) * 10 * SECOND / there)
            data = packet(4 * ((n + inverted) & 1) + 8 * (i == 5))
            before.append((at, packets.frame(data)))
            if i not in lost:
                behind.append((at + delay_ns, packets.frame(data, vlan=7)))
    return before, behind


def slides(directory):
    for inverted in (0, 1):
        before, behind = stream(inverted=inverted)
        packets.write(f"{directory}/a.pcap", before)
        packets.write(f"{directory}/b.pcap", behind)
        got = marking(directory, FILE + "points: [{name: R1, capture: a.pcap}, {name: R2, capture: "
                      "b.pcap}]\n")
        assert [f["name"] for f in got["flows"]] == ["tv1"]
        (segment,) = got["flows"][0]["segments"]
        assert (segment["from"], segment["to"], segment["lost"]) == ("R1", "R2", 7)
        assert got["flows"][0]["end_to_end"] == segment
        blocks = segment["blocks"]
        assert [b["sent"] for b in blocks] == list(SENT)
        assert [b["received"] for b in blocks] == list(RECEIVED)
        assert [b["lost"] for b in blocks] == [0, 0, 5, 0, 2]
        assert [b["n"] for b in blocks] == list(range(FIRST, FIRST + 5))
        assert [b["colour"] for b in blocks] == [(n + inverted) & 1 for n in range(FIRST, FIRST + 5)]
        for b in blocks:
            delay = b["delay_ns"]
            assert b["discarded"] is None and delay["double"] == 4_000_000, b
            assert (delay["first"] == delay["mean"] == 4_000_000) == (b["lost"] == 0), b
            assert b["lost"] == 0 or delay["first"] is None
        assert segment["jitter_ns"] == 0


def late(directory):
    """Packets that come after the flip count in their own block; delays beyond the guard do not."""
    before, behind = stream(delay_ns=4_900_000_000)
    packets.write(f"{directory}/a.pcap", before)
    packets.write(f"{directory}/b.pcap", behind)
    text = FILE + "points: [{name: R1, capture: a.pcap}, {name: R2, capture: b.pcap}]\n"
    (segment,) = marking(directory, text)["flows"][0]["segments"]
    assert [b["lost"] for b in segment["blocks"]] == [0, 0, 5, 0, 2], segment
    # The clocks alone take what is left.
    (segment,) = marking(directory, text.replace("ms: 1}", "ms: 200}"))["flows"][0]["segments"]
    assert all(b["discarded"].startswith("guard: ") and b["lost"] is None
               for b in segment["blocks"]), segment
    assert segment["lost"] == 0 and segment["discarded_blocks"] == 5
    # Not known: only loss.
    (segment,) = marking(directory, text.replace("{max_offset_ms: 1}", "unknown"))["flows"][0][
        "segments"]
    assert [b["lost"] for b in segment["blocks"]] == [0, 0, 5, 0, 2]
    assert all(b["delay_ns"] is None for b in segment["blocks"])
    done = run(directory, text)
    assert "block 100003, 1970-01-12T13:47:10Z: 5 of 364 lost" in done.stdout, done.stdout


def tree(directory):
    """Two flows on a - b - {c, d}: losses are found on their branch."""
    r = random.Random(6)
    frames = {point: [] for point in "abcd"}
    lost = {}
    for flow, group in (("tv1", "239.1.1.1"), ("tv2", "239.1.1.2")):
        for i in range(3000):
            at = 5 * SECOND + i * 20_000_000
            data = packets.frame(packet(4 * (at // (10 * SECOND) & 1), group))
            frames["a"].append((at, data))
            if r.random() < 0.01:
                lost[flow, "a", "b"] = lost.get((flow, "a", "b"), 0) + 1
                continue
            frames["b"].append((at + 1000, data))
            for leaf, share in (("c", 0.02), ("d", 0.005)):
                if r.random() < share:
                    lost[flow, "b", leaf] = lost.get((flow, "b", leaf), 0) + 1
                else:
                    frames[leaf].append((at + 2000, data))
    for point, list_ in frames.items():
        packets.write(f"{directory}/{point}.pcap", list_)
    got = marking(directory, FILE.replace("}]\n", "}, {name: tv2, group: 239.1.1.2}]\n", 1) +
                  "points: [" + ", ".join(f"{{name: {p}, capture: {p}.pcap}}" for p in "abcd") +
                  "]\nsegments: [[a, b], [b, c], [b, d]]\n")
    for flow in got["flows"]:
        for s in flow["segments"]:
            assert s["lost"] == lost.get((flow["name"], s["from"], s["to"]), 0) > 0, (s, lost)
        ends = {p["to"]: p["lost"] for p in flow["end_to_end"]["paths"]}
        up = lost[flow["name"], "a", "b"]
        assert ends == {leaf: up + lost[flow["name"], "b", leaf] for leaf in "cd"}, ends
        assert flow["end_to_end"]["lost"] == sum(ends.values())


def probe_flags(directory):
    """Colours in the probes' flags, whatever the DSCP and the checksum."""
    frames = []
    for i in range(400):
        at = i * 100_000_000
        flags = (at // (10 * SECOND)) & 1 | 2 * (i % 100 == 50)
        frames.append((at, packets.frame(packets.ip(
            "10.0.0.9", "239.1.1.1", 17, packets.probe(1, i, flags=flags, wrong_checksum=True)))))
    packets.write(f"{directory}/a.pcap", frames)
    packets.write(f"{directory}/b.pcap", [(t + 7_000_000, d) for i, (t, d) in enumerate(frames)
                                          if i not in (10, 250)])
    got = marking(directory, """flows: [{name: tv1, group: 239.1.1.1}]
mark: {field: probe}
block: {seconds: 10}
clock: {max_offset_ms: 0}
points: [{name: a, capture: a.pcap}, {name: b, capture: b.pcap}]
""")
    blocks = got["flows"][0]["segments"][0]["blocks"]
    assert [b["lost"] for b in blocks] == [1, 0, 1, 0], blocks
    # The marked packet of block 2 is the one that was lost: no delay by double marking there.
    assert [b["delay_ns"]["double"] for b in blocks] == [7_000_000, 7_000_000, None, 7_000_000]


def refused(directory):
    good = FILE + "points: [{name: R1, capture: a.pcap}, {name: R2, capture: b.pcap}]\n"
    for old, new, word in (("a.pcap", "nosuch.pcap", "nosuch.pcap"),
                           ("mask: 4", "mask: 3", ":2:27: a mask is one bit"),
                           ("seconds: 10", "second: 10", "did you mean 'seconds'"),
                           ("239.1.1.1", "239.1.1", ":1:28: ")):
        done = run(directory, good.replace(old, new))
        assert done.returncode == 2 and word in done.stderr, (new, done)
        assert done.stderr.startswith("mvpnbench: ") and len(done.stderr.splitlines()) == 1
    for words in ((), ("a", "b"), ("--jsn", "a")):
        done = subprocess.run((PROGRAM, "marking", *words), capture_output=True, text=True,
                              check=False, timeout=20)
        assert done.returncode == 2, done


def main():
    with tempfile.TemporaryDirectory() as directory:
        slides(directory)
        late(directory)
        tree(directory)
        probe_flags(directory)
        refused(directory)


if __name__ == "__main__":
    main()
