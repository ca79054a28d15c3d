#!/usr/bin/env python3
"""The judge sees what is wrong: one good capture, spoilt in one place at a time.

Usage: test_judge.py PROGRAM
"""
import copy
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_capture  # noqa: E402
import dissect  # noqa: E402
from dissect import HELLO, JOIN_PRUNE, SECOND  # noqa: E402
from judge import Judge  # noqa: E402

PROGRAM = ""
RUN = "10.1"


class Spoilt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="mvpnbench-judge-") as work:
            out = os.path.join(work, "run")
            cls.result = check_capture.run(PROGRAM, RUN, out)
            cls.captures = [dissect.read(os.path.join(out, f"{p}.pcap"), p) for p in ("a1", "a3")]

    def complaints(self, spoil):
        """spoil gets a list of frames in the order of their capture and may change it."""
        judge = Judge(self.result)
        for frames in self.captures:
            changed = [copy.copy(f) for f in frames]
            spoil(changed)
            judge.place(changed)
        check_capture.judge_all(judge, RUN)
        return "\n".join(judge.wrong)

    def expect(self, words, spoil):
        self.assertRegex(self.complaints(spoil), words)

    @staticmethod
    def pick(frames, **wanted):
        """Our frames that are as wanted; those of a capture with none are left alone."""
        return [f for f in frames if f.ours and
                all(getattr(f, key) == value for key, value in wanted.items())]

    def change(self, nth, field, value, **wanted):
        def spoil(frames):
            for f in self.pick(frames, **wanted)[nth:nth + 1]:
                setattr(f, field, value)
        return spoil

    def test_nothing(self):
        self.assertEqual(self.complaints(lambda frames: None), "")

    def test_checksum(self):
        self.expect("checksums", self.change(5, "statuses", ["1", "0"], pim=HELLO))

    def test_time(self):
        self.expect("time goes back", lambda f: f.insert(9, copy.copy(f[400])))

    def test_mac(self):
        self.expect("MAC address", self.change(7, "mac", "02:4e:56:00:00:01", pim=HELLO))

    def test_hold_times(self):
        self.expect("holdtime 90", self.change(4, "holdtime", 90, pim=HELLO))
        self.expect("holdtime 180", self.change(4, "holdtime", 180, pim=JOIN_PRUNE))

    def test_missing_hello(self):
        def spoil(frames):
            hellos = self.pick(frames, pim=HELLO, source="198.18.0.9")
            frames[:] = [f for f in frames if f is not (hellos or [None])[len(hellos) // 3]]
        self.expect("60.0 s between periodic Hellos of 198.18.0.9", spoil)

    def test_unexplained_hello(self):
        def spoil(frames):
            for f in self.pick(frames, pim=HELLO, source="198.18.0.9")[20:21]:
                ix = next(i for i, x in enumerate(frames) if x.at > f.at + 9 * SECOND)
                extra = copy.copy(f)
                extra.at = frames[ix].at
                frames.insert(ix, extra)
        self.expect("a Hello that nothing explains", spoil)

    def test_pace(self):
        def spoil(frames):
            for f in self.pick(frames, pim=JOIN_PRUNE)[3:4]:
                at = next(i for i, x in enumerate(frames) if x is f)
                frames[at:at] = [copy.copy(f) for _ in range(10)]
        self.expect("11 Join/Prunes within a second", spoil)

    def test_entries(self):
        self.expect("81 entries", self.change(4, "joins", [("225.1.0.1", "10.1.0.1")] * 81,
                                              pim=JOIN_PRUNE))

    def test_no_refresh(self):
        def spoil(frames):
            joins = self.pick(frames, pim=JOIN_PRUNE, source="172.16.0.2")
            frames[:] = [f for f in frames if f is not (joins or [None])[len(joins) // 4]]
        self.expect(r"\d s late", spoil)

    def test_early_refresh(self):
        def spoil(frames):
            for f in self.pick(frames, pim=JOIN_PRUNE, source="172.16.0.2")[6:7]:
                ix = next(i for i, x in enumerate(frames) if x.at > f.at + 20 * SECOND)
                extra = copy.copy(f)
                extra.at = frames[ix].at
                frames.insert(ix, extra)
        self.expect(r"\d s early", spoil)

    def test_bring_up(self):
        def join_first(frames):
            hellos = self.pick(frames, pim=HELLO, source="172.16.0.2")
            for f in hellos[:1]:
                f.pim, f.joins, f.holdtime = JOIN_PRUNE, [("225.65.0.1", "10.65.255.254")], 210
        self.expect("a Join/Prune before the own Hello", join_first)

        def no_mdt_join(frames):
            frames[:] = [f for f in frames if f.ours or f.link != ("p",) or f.pim != JOIN_PRUNE]
        self.expect("GRE on an MDT that the DUT had not joined", no_mdt_join)

    def test_not_joined(self):
        def spoil(frames):
            frames[:] = [f for f in frames if f.ours or f.link[0] != "mdt" or f.pim != JOIN_PRUNE]
        self.expect("is sent but not joined", spoil)

    def test_outage(self):
        def spoil(frames):
            down = self.result["cases"][0]["instances"][-1]
            at = round((down["begin"] + down["recovery"][0]["begin"]) * SECOND) + 1
            ix = next(i for i, x in enumerate(frames) if x.at > at)
            extra = copy.copy(frames[ix])
            extra.at = at
            frames.insert(ix, extra)
        self.expect("a frame while the link was down", spoil)


if __name__ == "__main__":
    if shutil.which("tshark") is None or shutil.which("tcpdump") is None:
        print("skipped: no tshark or no tcpdump")
        sys.exit(77)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
