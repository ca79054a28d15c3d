#!/usr/bin/env python3
"""`mvpnbench monitor` on VMScope's testbed (network.py): Table 1 of the paper, probes that stay out
of the customers' sites, and what goes wrong under a running monitor.

usage: live_monitor.py PROGRAM
"""
import os
import re
import shutil
import signal
import struct
import sys
import time

from network import MDT, TUNNELS, Monitor, Network, sh

SKIP = 77
LOSS = [0.02, 0, 0.05, 0, 0.10]  # Table 1: of what PE2 sends into each of its tunnels
DELAY_MS = [10, 20, 40, 80, 100]
BASE_S, TABLE_S, RATE = 6, 24, 50
A = [f"a{i}" for i in range(1, TUNNELS + 1)]
B = [f"b{i}" for i in range(1, TUNNELS + 1)]


def drops_begin(network):
    """Random loss on the P router, of probes only, counted: dropped and passed for each tunnel.
    (Inside outer header and GRE the protocol field stands at byte 33.)"""
    rules = []
    for i, loss in enumerate(LOSS, 1):
        match = f"ip saddr 10.61.2.2 ip daddr 10.60.0.{i} ip protocol 47 @nh,264,8 17"
        rules.append(f"add rule ip loss forward {match} numgen random mod 10000 < "
                     f"{int(loss * 10000)} counter drop")
        rules.append(f"add rule ip loss forward {match} counter accept")
    text = ("add table ip loss\n"
            "add chain ip loss forward { type filter hook forward priority 0; }\n"
            + "\n".join(rules) + "\n")
    network.run("p", "nft -f -", text=text)


def drops_count(network):
    counted = [int(n) for n in re.findall(r"counter packets (\d+)",
                                          network.run("p", "nft list table ip loss").stdout)]
    assert len(counted) == 2 * TUNNELS, counted
    return counted[0::2], counted[1::2]


def table(monitor, network):
    """Table 1. Loss begins when the task's trees stand, so that each drop is one of its probes."""
    pairs = len(A) * len(B)

    def flows(task):
        rows = [r for r in monitor.ctl("pairs")["rows"] if r["task"] == task]
        return len(rows) == pairs and all(r["received"] > 0 for r in rows)

    monitor.wait("probes of the base", lambda: flows("base"), 25)
    time.sleep(BASE_S)
    base = {(r["from"], r["to"]): r["delay_p50_ns"] for r in monitor.ctl("pairs", "red")["rows"]}
    network.delays(2, DELAY_MS)
    monitor.ctl("task", "add", "table", "red", ",".join(A), ",".join(B), str(RATE))
    monitor.ctl("task", "stop", "base")
    monitor.wait("probes of the table", lambda: flows("table"), 15)
    drops_begin(network)
    time.sleep(TABLE_S)
    monitor.ctl("task", "stop", "table")
    time.sleep(2.5)
    dropped, passed = drops_count(network)
    network.run("p", "nft delete table ip loss")
    rows = [r for r in monitor.ctl("pairs")["rows"] if r["task"] == "table"]
    check_table(rows, base, dropped, passed)


def check_table(rows, base, dropped, passed):
    print("tunnel  loss set %  dropped %  measured %  delay set ms  base ms  measured ms (median)")
    late = []
    for i, tunnel in enumerate(B):
        own = [r for r in rows if r["to"] == tunnel]
        sent, lost = sum(r["sent"] for r in own), sum(r["lost"] for r in own)
        of_nft = dropped[i] / (dropped[i] + passed[i])
        # Probes that were sent before the rules stood are in `sent` and not in nft's counters.
        measured = lost / (dropped[i] + passed[i])
        print(f"{tunnel:6}  {100 * LOSS[i]:10.2f}  {100 * of_nft:9.3f}  {100 * measured:10.3f}", end="")
        assert sent >= dropped[i] + passed[i] > len(A) * RATE * TABLE_S * 0.9, (sent, dropped, passed)
        assert abs(measured - of_nft) <= 0.001, (tunnel, lost, dropped[i])
        excess = sorted(r["delay_p50_ns"] - base[r["from"], r["to"]] for r in own)
        medians = sorted(r["delay_p50_ns"] for r in own)
        off = excess[len(own) // 2] - DELAY_MS[i] * 1e6
        print(f"  {DELAY_MS[i]:12}  {base[own[0]['from'], tunnel] / 1e6:7.3f}  "
              f"{medians[len(own) // 2] / 1e6:11.3f}  ({off / 1e6:+.3f})")
        if abs(off) > 0.5e6:
            late.append((tunnel, off))
    assert not late, f"median delay is not within 0.5 ms of what was set: {late}"


def probes_in(path):
    """Packets of a capture that carry a probe to the MDT's group without GRE around it."""
    data = path.read_bytes()
    group = bytes(int(n) for n in MDT.split("."))
    found, at = 0, 24
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        packet = data[at + 16:at + 16 + size]
        found += b"MVPB" in packet and group in packet[:40]
        at += 16 + size
    return found


def customers(network, captures):
    """The site got what its own VPN sent, and never a probe."""
    for process, _ in captures:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=5)
    site, mti = (path for _, path in captures)
    assert site.read_bytes().count(b"for customers") > 0, "the VPN itself does not work"
    assert probes_in(mti) == 0 and probes_in(site) == 0, "probes reached the customers"


def passive(monitor):
    """The customers' own packets, as they come back; before, the filter kept them out."""
    assert not monitor.ctl("passive")["rows"]
    monitor.ctl("task", "add", "watch", "red", "-", "b1")
    monitor.wait("customers' packets", lambda: any(
        r["packets"] > 10 and r["from"] == "10.61.11.1" and r["to"] == "b1"
        for r in monitor.ctl("passive")["rows"]), 10)
    monitor.ctl("task", "stop", "watch")


def rubbish(network):
    """Two thousand packets out of PE2's ends: junk in GRE, and probes with flipped bits."""
    script = """
import random, socket
r = random.Random(5)
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
s.bind(("10.61.2.2", 0))
for n in range(2000):
    inner = bytes([0x45]) + bytes(r.randrange(256) for _ in range(r.randrange(120)))
    head = b"\\0\\0\\x08\\0" if n % 3 else bytes(r.randrange(256) for _ in range(r.randrange(8)))
    s.sendto(head + inner, ("10.60.0.%d" % (n % 5 + 1), 0))
"""
    network.run("e2", f"{sys.executable} -", text=script)


def troubles(monitor, network):
    """A tunnels' end that is killed, rubbish from it, an interface that vanishes: each is said, the
    monitor goes on."""
    network.delays(2, [0] * TUNNELS)
    monitor.ctl("task", "add", "after", "red", "a1", "b1,b2", "20")
    received = lambda: sum(r["received"] for r in monitor.ctl("pairs")["rows"]
                           if r["task"] == "after")
    monitor.wait("probes", lambda: received() > 0, 15)
    rubbish(network)
    network.ends[2].kill()
    monitor.wait("the killed end named", lambda: len(monitor.anomalies("silent")) == TUNNELS, 12)
    network.start_end(2)
    monitor.wait("the end back", lambda: len(monitor.anomalies("answers")) == TUNNELS, 15)
    before = received()
    monitor.wait("probes after the end came back", lambda: received() > before + 20, 20)
    sh(f"ip -n {network.ns('m')} link del m0")
    monitor.wait("interface gone", lambda: monitor.anomalies("interface-gone"), 5)
    network.monitor_link()
    monitor.wait("interface back", lambda: monitor.anomalies("interface-back"), 8)
    before = received()
    monitor.wait("probes after the interface came back", lambda: received() > before + 20, 20)


def main():
    if os.geteuid() != 0 or not os.path.exists("/usr/lib/frr/pimd") or \
            not all(shutil.which(tool) for tool in ("nft", "tcpdump", "ethtool")):
        return SKIP
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    network = Network(sys.argv[1])
    try:
        network.build()
        captures = [network.capture("c2", "c0"), network.capture("v2", "mti")]
        task = (f"tasks: [{{vpn: red, senders: [{', '.join(A)}], receivers: [{', '.join(B)}], "
                f"rate_pps: {RATE}, name: base}}]\n")
        monitor = Monitor(network, network.monitor_file(task))
        table(monitor, network)
        customers(network, captures)
        passive(monitor)
        troubles(monitor, network)
        result = monitor.result()
        kinds = {a["kind"] for a in result["anomalies"]}
        assert "leak" not in kinds and "ring-dropped" not in kinds, result["anomalies"]
        assert result["host"]["not_understood"] > 0, "the rubbish did not arrive"
        groups = network.vtysh("e2", "show ip igmp groups json")
        assert '"t1"' not in groups or MDT not in groups.split('"t1"')[1].split('"t2"')[0], groups
        print("kinds of anomalies:", ", ".join(sorted(kinds)))
    except BaseException:
        log = network.dir / "monitor.log"
        print(log.read_text() if log.exists() else "", file=sys.stderr)
        raise
    finally:
        network.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
