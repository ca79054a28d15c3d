#!/usr/bin/env python3
"""`mvpnbench marking` live on a chain and a tree of namespaces that forward multicast in the kernel:

    src --- R1 --- R2 --- R3       loss by nftables in R1 (both flows), in R2 towards R3, and
                    \\--- W --- R4  on the wire W between R2 and R4

Each lost packet must be found in its segment, as many as nftables dropped. Points are interfaces,
nftables counters and a command.

usage: live_marking.py PROGRAM
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oneway"))
from network import Network  # noqa: E402

SKIP = 77
HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(sys.argv[1])
SOURCE = "10.0.1.1"
FLOWS = {"tv1": "239.1.1.1", "tv2": "239.1.1.2"}
BLOCK, SECONDS, MASK = 3, 10, 4
ROUTERS = (("r1", "src", ("r2",)), ("r2", "r1", ("r3", "w")), ("w", "r2", ("r4",)),
           ("r3", "r2", ("lan",)), ("r4", "w", ("lan",)))

# Where packets are lost: router, out of which interface, flow, share in %.
LOSSES = (("r1", "r2", "tv1", 2), ("r1", "r2", "tv2", 1), ("r2", "r3", "tv1", 3),
          ("w", "r4", "tv1", 2), ("w", "r4", "tv2", 5))

SEGMENTS = {("src", "R1.in"): None, ("R1.in", "R1.out"): "r1", ("R1.out", "R2.in"): None,
            ("R2.in", "R2.out3"): "r2", ("R2.in", "R2.out4"): None, ("R2.out3", "R3.in"): None,
            ("R2.out4", "R4.in"): "w"}


def build(net):
    net.host("src")
    for host in ("r1", "r2", "w", "r3", "r4"):
        net.host(host, forward=True)
    for n, (a, b) in enumerate((("src", "r1"), ("r1", "r2"), ("r2", "r3"), ("r2", "w"),
                                ("w", "r4")), 1):
        net.link(a, [f"10.0.{n}.1/24"], b, [f"10.0.{n}.2/24"])
    net.inside("src", "ip", "route", "add", "default", "via", "10.0.1.2")
    for host in ("r3", "r4"):
        net.inside(host, "ip", "link", "add", "lan", "type", "bridge")
        net.inside(host, "ip", "addr", "add", "10.9.0.1/24", "dev", "lan")
        net.inside(host, "ip", "link", "set", "lan", "up")
    for host, into, out in ROUTERS:
        router = net.start(host, sys.executable, f"{HERE}/mroute.py", SOURCE,
                           ",".join(FLOWS.values()), into, *out, stdout=subprocess.PIPE)
        assert router.stdout.readline() == "ready\n", host
    lose(net)
    # Counters that a router keeps anyway: of each flow and colour, where packets come in.
    for host, into in (("r2", "r1"), ("r4", "w")):
        rules = "table ip colours {\n"
        rules += "".join(f" counter {f}_{c} {{ }}\n" for f in FLOWS for c in (0, 1))
        rules += " chain count { type filter hook prerouting priority -300;\n"
        rules += "".join(f'  iifname "{into}" ip daddr {g} ip dscp {c * MASK} counter name {f}_{c}\n'
                         for f, g in FLOWS.items() for c in (0, 1))
        net.nft(host, rules + " }\n}\n")


def lose(net):
    for host in {host for host, *_ in LOSSES}:
        mine = [l for l in LOSSES if l[0] == host]
        rules = "table ip loss {\n" + "".join(f" counter {f} {{ }}\n" for _, _, f, _ in mine)
        rules += " chain forward { type filter hook forward priority 0;\n"
        rules += "".join(f'  oifname "{out}" ip daddr {FLOWS[f]} numgen random mod 100 < {share} '
                         f"counter name {f} drop\n" for _, out, f, share in mine)
        net.nft(host, rules + " }\n}\n")


def write_file(net, seconds):
    net.file("counters.sh", READ_COUNTERS, 0o755)
    return net.file("marking.yaml", f"""
flows:
  - {{name: tv1, group: {FLOWS['tv1']}, source: {SOURCE}}}
  - {{name: tv2, group: {FLOWS['tv2']}}}
mark: {{field: dscp, mask: {MASK}}}
block: {{seconds: {BLOCK}, origin: 0}}
clock: {{max_offset_ms: 0}}
seconds: {seconds}
points:
  - {{name: src, interface: r1, namespace: {net.name('src')}, direction: out}}
  - {{name: R1.in, interface: src, namespace: {net.name('r1')}, direction: in}}
  - {{name: R1.out, interface: r2, namespace: {net.name('r1')}}}
  - {{name: R2.in, nftables: ip colours, namespace: {net.name('r2')}}}
  - {{name: R2.out3, interface: r3, namespace: {net.name('r2')}}}
  - {{name: R2.out4, interface: w, namespace: {net.name('r2')}}}
  - {{name: R3.in, interface: r2, namespace: {net.name('r3')}}}
  - {{name: R4.in, command: ./counters.sh {net.name('r4')}}}
segments: [{", ".join(f"[{a}, {b}]" for a, b in SEGMENTS)}]
""")


# The user's own script: asks the router, prints a line a flow and colour.
READ_COUNTERS = """#!/bin/sh
ip netns exec $1 nft list counters table ip colours | awk '
/counter/ { split($2, name, "_") }
/packets/ { printf "{\\"flow\\": \\"%s\\", \\"colour\\": %d, \\"packets\\": %s}\\n", name[1], name[2], $2 }'
"""


def segments_of(result):
    return {(flow["name"], s["from"], s["to"]): s
            for flow in result["flows"] for s in flow["segments"]}


def check_whole(net, result, sent):
    """A measurement around the whole of the flows: every block counts, every loss is in its place."""
    for (flow, a, b), segment in segments_of(result).items():
        where = SEGMENTS[a, b]
        dropped = 0
        if (where, flow) in {(h, f) for h, _, f, _ in LOSSES}:
            dropped = net.counter(where, "ip loss", flow)
            assert dropped > 0, (where, flow)
        print(f"{flow} {a} -> {b}: {segment['sent']} sent, {segment['lost']} lost, nftables "
              f"dropped {dropped}")
        bad = [x for x in segment["blocks"] if x["discarded"] is not None]
        assert not bad, bad
        assert segment["lost"] == dropped, segment
        assert segment["lost"] == sum(x["lost"] for x in segment["blocks"])
        assert len(segment["blocks"]) in (SECONDS // BLOCK + 1, SECONDS // BLOCK + 2), segment
        if a == "src":
            assert segment["sent"] == sent[FLOWS[flow]], (segment, sent)
        interfaces = {"src", "R1.in", "R1.out", "R2.out3", "R2.out4", "R3.in"}
        for block in segment["blocks"]:
            assert block["colour"] == block["n"] % 2
            if {a, b} <= interfaces and block["lost"] == 0 < block["sent"]:
                assert 0 <= block["delay_ns"]["mean"] < 50e6, block
                assert 0 <= block["delay_ns"]["first"] < 500e6, block
            if not {a, b} <= interfaces:
                assert block["delay_ns"] is None, block
    for flow in result["flows"]:
        paths = {p["to"]: p for p in flow["end_to_end"]["paths"]}
        assert set(paths) == {"R3.in", "R4.in"}
        on_the_way = net.counter("r1", "ip loss", flow["name"])
        assert paths["R4.in"]["lost"] == on_the_way + net.counter("w", "ip loss", flow["name"])


def check_part(whole, part):
    """One that begins and ends in mid-flow: its edges are discarded, its other blocks the same."""
    inner = edges = 0
    wanted = segments_of(whole)
    for key, segment in segments_of(part).items():
        blocks = {b["n"]: b for b in wanted[key]["blocks"]}
        for block in segment["blocks"]:
            if block["discarded"] is not None:
                assert block["discarded"].startswith("pairing: ") and block["lost"] is None, block
                edges += 1
                continue
            same = blocks[block["n"]]
            assert (block["sent"], block["lost"]) == (same["sent"], same["lost"]), (key, block, same)
            inner += 1
    assert inner >= len(wanted) and edges >= 2 * len(wanted), (inner, edges)
    print(f"in mid-flow: {inner} blocks the same, {edges} at the edges discarded")


def check(net):
    build(net)
    path = write_file(net, SECONDS + 4)
    whole = subprocess.Popen((PROGRAM, "marking", path, "--json"), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    net.processes.append(whole)
    time.sleep(2)
    marker = net.start("src", sys.executable, f"{HERE}/marker.py", str(BLOCK), str(SECONDS),
                       str(MASK), f"{FLOWS['tv1']}=400", f"{FLOWS['tv2']}=150",
                       stdout=subprocess.PIPE)
    time.sleep(1.3)
    part = subprocess.Popen((PROGRAM, "marking", path, "--json"), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    net.processes.append(part)
    time.sleep(7.5)
    part.send_signal(signal.SIGINT)
    sent = {g: int(n) for g, n in (w.split("=") for w in marker.communicate(timeout=20)[0].split())}
    results = []
    for process in (part, whole):
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        results.append(json.loads(out))
    check_whole(net, results[1], sent)
    check_part(results[1], results[0])


def check_interface_gone(net):
    """An interface that goes down spoils its own segments, while it is down, and no others."""
    path = write_file(net, 9)
    process = subprocess.Popen((PROGRAM, "marking", path, "--json", "--quiet"),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    net.processes.append(process)
    time.sleep(2)
    marker = net.start("src", sys.executable, f"{HERE}/marker.py", str(BLOCK), "5", str(MASK),
                       f"{FLOWS['tv1']}=200", f"{FLOWS['tv2']}=50", stdout=subprocess.PIPE)
    time.sleep(2)
    net.inside("r3", "ip", "link", "set", "r2", "down")
    marker.communicate(timeout=20)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0 and err == "", err
    for (_, a, b), segment in segments_of(json.loads(out)).items():
        why = {x["discarded"] for x in segment["blocks"]} - {None}
        if "R2.out3" in (a, b) or "R3.in" in (a, b):
            assert any("the interface was down" in w for w in why), (a, b, segment)
        else:
            assert not why and segment["sent"] > 0, (a, b, segment)
    print("an interface that goes down spoils its own segments")


def check_errors(net):
    """What cannot be opened or read ends it at once, with one line that names the point."""
    good = open(write_file(net, 2), encoding="utf-8").read()
    for old, new, code, word in (
            ("interface: r3,", "interface: nosuch,", 3, "R2.out3"),
            ("nftables: ip colours", "nftables: ip other", 3, "R2.in"),
            ("counters.sh", "nosuch.sh", 3, "R4.in"),
            ("name: tv2", "name: tv9", 3, "tv9"),
            ("direction: out", "direction: up", 2, "both"),
            ("nftables: ip colours", "nftables: 'ip colours; x'", 2, "nftables")):
        path = net.file("bad.yaml", good.replace(old, new))
        done = subprocess.run((PROGRAM, "marking", path), capture_output=True, text=True,
                              check=False, timeout=20)
        lines = done.stderr.splitlines()
        assert done.returncode == code and len(lines) == 1 and word in lines[0], (new, done)


def main():
    if os.geteuid() != 0 or shutil.which("nft") is None:
        print("needs root and nftables")
        return SKIP
    net = Network("mvmk", PROGRAM)
    try:
        check(net)
        check_errors(net)
        check_interface_gone(net)
    finally:
        net.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
