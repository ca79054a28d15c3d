#!/usr/bin/env python3
"""recompute.py against captures that are written here, frame by frame."""
import json
import os
import struct
import sys
import tempfile
import unittest
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recompute  # noqa: E402

SECOND = recompute.SECOND
OURS, DUT = b"\x02\x4d\x56\x00\x00\x01", b"\x00\x11\x22\x33\x44\x55"
GROUP = b"\x01\x00\x5e\x00\x00\x01"
PHASE = {1: 250_000_000, 2: 750_000_000}


def ip(protocol, dst, payload):
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, 1, dst)
    return head + payload


def probe_packet(vpn, flow, sequence, sent):
    probe = b"MVPB" + struct.pack("!BBHIIQq", 1, 0, 32, vpn, flow, sequence, sent) + bytes(20)
    return ip(17, 0xe1010001, struct.pack("!HHHH", 4000, 19300, 8 + len(probe), 0) + probe)


def gre(vpn, packet, flags=0):
    extra = bytes(4 * bin(flags & 0xb000).count("1"))
    return ip(47, recompute.MDT_BASE + vpn, struct.pack("!HH", flags, 0x0800) + extra + packet)


def register(packet):
    return ip(103, 0xc6130001, b"\x21\x00\x00\x00" + bytes(4) + packet)


def ethernet(src, packet, *tags):
    types = [0x8100] if len(tags) == 1 else [0x88a8, 0x8100]
    vlan = b"".join(struct.pack("!HH", t, v) for t, v in zip(types, tags))
    return GROUP + src + vlan + b"\x08\x00" + packet


class Captures(unittest.TestCase):
    """One VPN, two C-interfaces (VLANs 1 and 2), three receiving PEs. Flow 1 is ingress (source at
    C-interface 1), flow 2 egress; one packet a second each; the instance begins at 100 s."""

    parameters = {"c_interfaces": 2, "receiver_c_interfaces": 2, "receiver_pes": 3}

    def setUp(self):
        self.files = {"a1": [], "a3": []}

    def due(self, flow, n):
        return 100 * SECOND + PHASE[flow] + n * SECOND

    def packet(self, flow, n):
        return probe_packet(1, flow, n, self.due(flow, n))

    def note(self, port, at, frame):
        self.files[port].append((at, frame))

    def send(self, flow, n):
        if flow == 1:
            self.note("a1", self.due(1, n), ethernet(OURS, self.packet(1, n), 1))
        else:
            self.note("a3", self.due(2, n), ethernet(OURS, gre(1, self.packet(2, n))))

    def arrive(self, flow, branch, n, delay=1000, wrap=gre):
        at, packet = self.due(flow, n) + delay, self.packet(flow, n)
        if branch == 0:
            self.note("a3", at, ethernet(DUT, wrap(1, packet)))
        else:
            self.note("a1", at, ethernet(DUT, packet, branch))

    def deliver(self, numbers, lost=()):
        for n in numbers:
            for flow in (1, 2):
                self.send(flow, n)
            for flow, branch in ((1, 0), (1, 2), (2, 1), (2, 2)):
                if (flow, branch, n) not in lost:
                    self.arrive(flow, branch, n)

    def result(self, window, recovery=()):
        instance = {"id": "x-0001", "begin": 100, "end": 1000, "window": window,
                    "parameters": self.parameters, "recovery": list(recovery)}
        with tempfile.TemporaryDirectory() as work:
            for port, entries in self.files.items():
                with open(f"{work}/{port}.pcap", "wb") as f:
                    f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
                    for at, frame in sorted(entries, key=lambda e: e[0]):
                        size = len(frame)
                        f.write(struct.pack("<IIII", at // SECOND, at % SECOND, size, size))
                        f.write(frame)
            text = json.dumps({"cases": [{"instances": [instance]}]})
            tree = json.loads(text, parse_float=Decimal)
            return recompute.recompute(work, tree)[0]

    def counts(self, window):
        f = self.result(window)["forwarding"]
        return [tuple(f[d][k] for k in ("sent", "received", "lost"))
                for d in recompute.DIRECTIONS]

    def test_all_delivered(self):
        self.deliver(range(40))
        self.assertEqual(self.counts([10, 20]), [(40, 40, 0), (20, 20, 0)])

    def test_loss_and_weight(self):
        self.deliver(range(40), lost={(1, 0, 12), (1, 2, 13), (2, 1, 14), (2, 1, 35)})
        self.assertEqual(self.counts([10, 20]), [(40, 36, 4), (20, 19, 1)])

    def test_edges_are_send_times(self):
        self.deliver(range(40))
        self.assertEqual(self.counts([10.25, 20.25]), [(40, 40, 0), (20, 20, 0)])
        self.assertEqual(self.counts([10.250000001, 20.75]), [(40, 40, 0), (20, 20, 0)])
        self.assertEqual(self.counts([10.2, 20.250000001]), [(44, 44, 0), (20, 20, 0)])

    def test_withheld_counts_as_sent(self):
        self.deliver(range(10))
        self.deliver(range(15, 40))
        self.assertEqual(self.counts([0, 20]), [(80, 60, 20), (40, 30, 10)])

    def test_register_double_tags_and_gre_options(self):
        for n in range(20):
            self.send(1, n)
            self.arrive(1, 0, n, wrap=lambda v, p: register(gre(v, p)))
            frame = ethernet(DUT, self.packet(1, n), 1, 2)
            self.note("a1", self.due(1, n) + 5, frame)
        self.assertEqual(self.counts([0, 10])[0], (40, 40, 0))
        self.setUp()
        for n in range(20):
            self.send(1, n)
            self.arrive(1, 0, n, wrap=lambda v, p: gre(v, p, flags=0xb000))
        self.assertEqual(self.counts([0, 10])[0], (40, 30, 10))

    def test_duplicates_and_strays_do_not_count(self):
        self.deliver(range(20), lost={(2, 1, 5)})
        self.arrive(1, 0, 5, 7)                                              # again
        self.arrive(2, 0, 5, 7)                                              # not expected there
        stray = gre(2, self.packet(1, 6))
        self.note("a3", self.due(1, 6) + 7, ethernet(DUT, stray))            # another VPN's MDT
        self.assertEqual(self.counts([0, 10]), [(40, 40, 0), (20, 19, 1)])

    def test_latencies(self):
        for n in range(20):
            self.send(2, n)
            self.arrive(2, 1, n, 1000 + n)
            self.arrive(2, 2, n, 5000)
        seen = self.result([0, 10])["forwarding"]["egress"]["latencies"]
        self.assertEqual(seen, {5000: 10, **{1000 + n: 1 for n in range(10)}})
        ranks = {1: 1000, 5: 1000, 6: 1001, 50: 1009, 51: 5000, 99: 5000, 100: 5000}
        for percent, latency in ranks.items():
            self.assertEqual(recompute.latency_of_rank(seen, percent), latency)
        self.assertIsNone(recompute.latency_of_rank({}, 50))

    def recover(self, begin, tf):
        r = self.result([0, 10], [{"stimulus": "p-link-flap", "begin": begin, "Tf": tf}])
        return r["recovery"][0]

    def test_recovery(self):
        gone = {(2, b, n) for b in (1, 2) for n in range(30, 45)} | {(2, 2, n) for n in (45, 46)}
        self.deliver(range(120), lost=gone)
        r = self.recover(30, 40)
        self.assertEqual(r["interrupted"], {"ingress": 0, "egress": 2})
        self.assertIsNone(r["Tre"])
        self.assertEqual(r["Trd"], 45 * SECOND + PHASE[2] + 1000)
        self.assertEqual(r["Trall"], 47 * SECOND + PHASE[2] + 1000)

    def test_sustained_run_and_weight(self):
        gone = {(1, 0, n) for n in (30, 31, 32, 35, 36)}
        self.deliver(range(120), lost=gone)
        r = self.recover(30, 31)
        self.assertEqual(r["interrupted"], {"ingress": 3, "egress": 0})
        self.assertEqual(r["Tre"], 33 * SECOND + PHASE[1] + 1000)
        self.assertEqual(r["Trall"], 37 * SECOND + PHASE[1] + 1000)

    def test_not_recovered_and_not_interrupted(self):
        self.deliver(range(120), lost={(1, 2, n) for n in range(30, 120)})
        self.assertIsNone(self.recover(30, 31)["Trall"])
        self.setUp()
        self.deliver(range(120), lost={(1, 2, 20), (1, 2, 90)})
        r = self.recover(30, 31)
        self.assertEqual(r["interrupted"], {"ingress": 0, "egress": 0})
        self.assertIsNone(r["Trall"])


if __name__ == "__main__":
    unittest.main()
