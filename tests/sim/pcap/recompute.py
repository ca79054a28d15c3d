#!/usr/bin/env python3
"""Forwarding and recovery of a run, from its captures alone.

Usage: recompute.py DIR

Reads DIR/a1.pcap and DIR/a3.pcap (nanosecond pcap) and knows the probe (DESIGN B.6), DESIGN A.5 and
the plan of VLANs, default and data MDTs. From DIR/result.json it takes only where to look (begin, end and
window of each instance, begin and Tf of each recovery) and how many receivers there were
(parameters). Prints JSON: per instance and direction sent, received and lost (packet, expected
receiver) pairs and how many of them took which latency, and per recovery Tre, Trd, Trall and the interrupted pairs, in ns from the
instance's beginning.
"""
import json
import struct
import sys
from collections import Counter
from decimal import Decimal

SECOND = 10**9
PROBE = struct.Struct("!4sBBHIIQq")
MDT_BASE = (239 << 24) + (192 << 16)  # default MDT of VPN v: 239.192.0.0 + v
# Data MDT n of VPN v: + 1024 (v - 1) + n; those that the DUT sources, those of remote PEs.
DATA_MDT_BASES = ((232 << 24) + (16 << 16), (232 << 24) + (64 << 16))
DATA_MDT_SPAN = 48 << 16
DIRECTIONS = ("ingress", "egress")


def frames(path):
    """(time in ns, frame) of a nanosecond pcap."""
    with open(path, "rb") as f:
        magic = f.read(24)[:4]
        order = {b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}[magic]
        head = struct.Struct(order + "IIII")
        while len(raw := f.read(16)) == 16:
            seconds, ns, length, _ = head.unpack(raw)
            yield seconds * SECOND + ns, f.read(length)


def probe_of(packet, register):
    """(default MDT group or 0, VPN, flow, sequence, sent) of an IP packet, or None. A Register is
    looked into at the outermost level only: that is one of the P instance."""
    mdt = 0
    while len(packet) > 20:
        protocol, length = packet[9], struct.unpack_from("!H", packet, 2)[0]
        body = packet[(packet[0] & 15) * 4:length]
        if protocol == 47 and body[2:4] == b"\x08\x00":
            mdt = struct.unpack_from("!I", packet, 16)[0]
            packet = body[4 + 4 * bin(body[0] & 0xb0).count("1"):]
        elif protocol == 103 and register and body[:1] == b"\x21":
            packet = body[8:]
        elif protocol == 17 and body[2:4] == struct.pack("!H", 19300) and body[8:13] == b"MVPB\x01":
            return (mdt, *PROBE.unpack_from(body, 8)[4:])
        else:
            return None
        register = False
    return None


def probes(directory, port):
    """(time, sent by the apparatus, VLAN tags, probe) of each frame that carries a probe."""
    for at, frame in frames(f"{directory}/{port}.pcap"):
        tags, pos = [], 12
        while frame[pos:pos + 2] in (b"\x81\x00", b"\x88\xa8"):
            tags.append(struct.unpack_from("!H", frame, pos + 2)[0] & 0xfff)
            pos += 4
        if frame[pos:pos + 2] != b"\x08\x00":
            continue
        probe = probe_of(frame[pos + 2:], port == "a3")
        if probe is not None:
            yield at, frame[6:9] == b"\x02\x4d\x56", tags, probe


class Flow:
    """One C-flow: when its packets are due, and what arrived where."""

    def __init__(self, number):
        self.number, self.site, self.ends, self.branches = number, None, None, {}

    def sent(self, sequence, at, site):
        self.site = site  # C-interface of the source; 0: behind a remote PE
        self.ends = (self.ends[0] if self.ends else (sequence, at), (sequence, at))

    def arrived(self, branch, sequence, at, sent):
        """Keeps (time, sequence, highest sequence so far) of first copies, and their latencies."""
        pair = self.branches.setdefault(branch, ([], {}))
        newest = pair[0][-1][2] if pair[0] else -1
        if sequence in pair[1] or newest - sequence >= 64:
            return  # a duplicate, or so late that it cannot be told from one
        pair[0].append((at, sequence, max(newest, sequence)))
        pair[1][sequence] = max(0, at - sent)

    def period(self):
        (s0, t0), (s1, t1) = self.ends
        return (t1 - t0) // (s1 - s0) if s1 > s0 else None

    def due(self, sequence):
        return self.ends[0][1] + (sequence - self.ends[0][0]) * self.period()

    def first_from(self, at):
        """The first sequence that is due at or after an instant."""
        return max(0, -((self.due(0) - at) // self.period()))

    def receivers(self, p):
        """branch: weight, for each expected receiver (branch 0 is the MI-PMSI)."""
        if self.site == 0:
            return {i: 1 for i in range(1, p["receiver_c_interfaces"] + 1)}
        expected = {i: 1 for i in range(1, p["c_interfaces"] + 1) if i != self.site}
        return {**expected, 0: p["receiver_pes"]} if p["receiver_pes"] else expected


def vpn_of_mdt(mdt):
    """The VPN that a default or data MDT belongs to."""
    for base in DATA_MDT_BASES:
        if 0 <= mdt - base < DATA_MDT_SPAN:
            return (mdt - base) // 1024 + 1
    return mdt - MDT_BASE


def branch_of(port, tags, mdt, vpn, p):
    """The branch of VPN vpn on which a frame passed, or None if it belongs to another VPN."""
    c = p["c_interfaces"]
    if port == "a3":
        return 0 if vpn_of_mdt(mdt) == vpn else None
    v, i = tags if len(tags) == 2 else ((tags[0] - 1) // c + 1, (tags[0] - 1) % c + 1)
    return i if v == vpn else None


def read_flows(captures, instance):
    """The flows of one instance, by number."""
    flows, p = {}, instance["parameters"]
    begin, end = ns(instance["begin"]), ns(instance["end"])
    for port, capture in captures.items():
        for at, ours, tags, (mdt, vpn, number, sequence, sent) in capture:
            if sent < begin or at > end:
                continue
            branch = branch_of(port, tags, mdt, vpn, p)
            flow = flows.setdefault(number, Flow(number))
            if ours:
                flow.sent(sequence, sent, branch)
            elif branch is not None:
                flow.arrived(branch, sequence, at, sent)
    return {n: f for n, f in flows.items() if f.ends and f.period()}


def forwarding(flows, p, start, stop):
    total = {d: {"flows": 0, "sent": 0, "received": 0, "lost": 0, "latencies": Counter()}
             for d in DIRECTIONS}
    for flow in flows.values():
        t = total["egress" if flow.site == 0 else "ingress"]
        t["flows"] += 1
        first, last = flow.first_from(start), flow.first_from(stop)
        for branch, weight in flow.receivers(p).items():
            got = flow.branches.get(branch, ((), {}))[1]
            arrived = [got[n] for n in range(first, last) if n in got]
            received = len(arrived)
            for latency in arrived:
                t["latencies"][latency] += weight
            t["sent"] += weight * (last - first)
            t["received"] += weight * received
            t["lost"] += weight * (last - first - received)
    return total


def latency_of_rank(latencies, percent):
    """The latency of the packet of rank ceil(percent / 100 * all); None: there are none."""
    rank, before = -(-sum(latencies.values()) * percent // 100), 0
    for latency, count in sorted(latencies.items()):
        before += count
        if before >= rank:
            return latency
    return None


def judge_pair(flow, branch, begin, tf, until):
    """(first lost packet sent, first arrival after it and Tf, recovered), or None: nothing lost."""
    arrivals, got = flow.branches.get(branch, ([], {}))
    highest, period = arrivals[-1][2] if arrivals else -1, flow.period()
    overdue = flow.first_from(until - 2 * period - SECOND + 1)
    could_be_lost = range(flow.first_from(begin), max(highest, overdue))
    lost = next((n for n in could_be_lost if n not in got), None)
    if lost is None:
        return None
    needed = max(5, -(-5 * SECOND // period))
    first, run, newest = None, [], -1
    for at, sequence, newest_now in arrivals:
        in_order, beyond, newest = sequence == newest + 1, sequence > newest, newest_now
        if at <= tf or sequence <= lost:
            run = []
            continue
        first = at if first is None else first
        run = run + [at] if in_order else [at] if beyond else []
        if len(run) == needed:
            return flow.due(lost), first, run[0]
    return flow.due(lost), first, None


def recovery(flows, p, begin, tf, until):
    found = []
    for flow in flows.values():
        for branch, weight in flow.receivers(p).items():
            judged = judge_pair(flow, branch, begin, tf, until)
            if judged:
                found.append((*judged, "egress" if flow.site == 0 else "ingress", weight))
    horizon = tf + 30 * SECOND
    while True:  # losses count up to the last recovered instant of those that lost by then
        interrupted = [f for f in found if f[0] <= horizon]
        last = max((f[2] for f in interrupted if f[2] is not None), default=None)
        if last is None or last <= horizon:
            break
        horizon = last
    pick = {d: [f for f in interrupted if f[3] == d] for d in DIRECTIONS}
    first = {d: min((f[1] for f in pick[d] if f[1] is not None), default=None) for d in DIRECTIONS}
    recovered = all(f[2] is not None for f in interrupted)
    return {"Tre": first["ingress"], "Trd": first["egress"], "Trall": last if recovered else None,
            "interrupted": {d: sum(f[4] for f in pick[d]) for d in DIRECTIONS}}


def ns(seconds):
    return int(seconds * SECOND)


def recompute(directory, result):
    captures = {port: list(probes(directory, port)) for port in ("a1", "a3")}
    out = []
    for instance in (i for c in result["cases"] for i in c["instances"]):
        p, origin = instance["parameters"], ns(instance["begin"])
        flows = read_flows(captures, instance)
        entry = {"id": instance["id"], "forwarding": None, "recovery": []}
        if instance["window"] is not None:
            start, stop = (origin + ns(t) for t in instance["window"])
            entry["forwarding"] = forwarding(flows, p, start, stop)
        last_sent = max((f.ends[1][1] for f in flows.values()), default=origin)
        begins = [origin + ns(r["begin"]) for r in instance["recovery"]] + [last_sent]
        for r, begin, until in zip(instance["recovery"], begins, begins[1:]):
            found = recovery(flows, p, begin, origin + ns(r["Tf"]), until)
            for key in ("Tre", "Trd", "Trall"):
                found[key] = None if found[key] is None else found[key] - origin
            entry["recovery"].append({"stimulus": r["stimulus"], **found})
        out.append(entry)
    return out


if __name__ == "__main__":
    with open(f"{sys.argv[1]}/result.json", encoding="utf-8") as f:
        tree = json.load(f, parse_float=Decimal)
    json.dump(recompute(sys.argv[1], tree), sys.stdout, indent=2)
    print()
