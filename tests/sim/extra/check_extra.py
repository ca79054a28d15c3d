#!/usr/bin/env python3
"""The measurements of single cases as whole runs on the reference PE and the virtual clock.

Usage: check_extra.py PROGRAM CASE, as check_run.py. Every figure that is demanded follows from the
settings of the reference PE; Joins are counted again in the capture, by tshark where it is there.
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run"))
import check_run  # noqa: E402
from check_run import run, sets, want, want_near  # noqa: E402

DUT, PE1, PE3 = (bytes([198, 18, 0, n]) for n in (1, 2, 3))


def instances(tree, case):
    return [i for c in tree["cases"] if c["case"] == case for i in c["instances"]]


def small(**more):
    return sets(traffic__rate_pps=0.2, case__remote_pes=4, case__groups=10, **more)


# ---- 10.2 ---------------------------------------------------------------------------------------

N, G, S = 3, 25, 2


def jp_run(work, name, *more, code=0, **values):
    return run(os.path.join(work, name), "10.2", "--pcap",
               *sets(case__mvpns=N, case__groups=G, traffic__rate_pps=0.2, **values), *more,
               code=code)[0]


def frames(path):
    with open(path, "rb") as f:
        f.read(24)
        while len(head := f.read(16)) == 16:
            seconds, ns, length, _ = struct.unpack("<IIII", head)
            yield seconds + ns / 1e9, f.read(length)


def joins_in_frame(frame):
    """(source, upstream, joins) of a Join/Prune inside GRE, or None."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 47 or frame[38 + 9] != 103:
        return None
    source, pim = frame[38 + 12:38 + 16], frame[38 + 20:]
    if pim[0] != 0x23:
        return None
    upstream, groups, at, joins = pim[6:10], pim[11], 14, 0
    for _ in range(groups):
        joined, pruned = struct.unpack_from("!HH", pim, at + 8)
        joins += joined
        at += 12 + 8 * (joined + pruned)
    return source, upstream, joins


def count_joins(path, windows):
    """Per window (from, to): Join entries for PE1 by sender."""
    counts = [{DUT: 0, PE3: 0} for _ in windows]
    for at, frame in frames(path):
        found = joins_in_frame(frame)
        for w, (start, stop) in enumerate(windows):
            if found is not None and start < at <= stop and found[1] == PE1:
                counts[w][found[0]] += found[2]
    return counts


def tshark_joins(path, window, source):
    fields = subprocess.run(
        ["tshark", "-n", "-r", path, "-Y",
         f"pim.type == 3 && gre && ip.src == {'.'.join(map(str, source))} && "
         f"frame.time_epoch > {window[0]:.9f} && frame.time_epoch <= {window[1]:.9f}",
         "-T", "fields", "-E", "aggregator= ", "-e", "pim.numjoins"],
        capture_output=True, text=True, check=True).stdout
    return sum(int(v) for v in fields.split())


def check_suppression(work, on, *more, window=600, **values):
    tree = jp_run(work, f"jp-{on}", *more, dut__jp_suppression="on" if on else "off", **values)
    instance, = instances(tree, "10.2")
    want("verdict", instance["verdict"], "pass")
    jp = instance["extra"]["jp_suppression"]
    per_period = N * G * (1 + S)
    want("suppresses", jp["suppresses"], on)
    want("expected_JR1", jp["expected_JR1"], per_period / 60)
    want("window", jp["window_s"], window)
    want("J1", jp["J1"], per_period * window // 60)
    want("J2", jp["J2"], per_period * window // 60 * (1 if on else 2))
    want("JR1", jp["JR1"], jp["J1"] / window)
    want("JR2", jp["JR2"], jp["J2"] / window)
    want("prunes", [jp[j][who]["prunes"] for j in ("J1_by", "J2_by") for who in ("dut", "pe3")],
         [0] * 4)
    want("no maximum", tree["cases"][0]["maximum"], [])
    compare_with_capture(os.path.join(work, f"jp-{on}", "a3.pcap"), instance, jp, window, not on)


def compare_with_capture(pcap, instance, jp, window, tshark):
    """J2 ends where the window of step 7 begins; J1 ends where the first Join of the DUT is."""
    end = instance["begin"] + instance["window"][0]
    two = (end - window, end)
    one = next(at for at, frame in frames(pcap)
               if (joins_in_frame(frame) or (None,))[0] == DUT) - 1
    counted = count_joins(pcap, [(one - window, one), two])
    want("J1 in the capture", sum(counted[0].values()), jp["J1"])
    want("J2 in the capture", sum(counted[1].values()), jp["J2"])
    want("J2 of the DUT", counted[1][DUT], jp["J2_by"]["dut"]["joins"])
    if tshark and shutil.which("tshark"):
        for source, who in ((DUT, "dut"), (PE3, "pe3")):
            want(f"J2 of {who} by tshark", tshark_joins(pcap, two, source),
                 jp["J2_by"][who]["joins"])


def case_suppression(work):
    check_suppression(work, True)
    check_suppression(work, False)


def case_suppression_quick(work):
    for on in (True, False):
        check_suppression(work, on, "--timing", "quick", window=120)


def case_suppression_failed(work):
    """Where its receivers get nothing, whether the DUT suppresses is not known."""
    tree = jp_run(work, "jp", dut__limits__mroutes=10)
    instance, = instances(tree, "10.2")
    want("verdict", instance["verdict"], "fail")
    jp = instance["extra"]["jp_suppression"]
    want("J1", jp["J1"], N * G * (1 + S) * 10)
    want("J2 and what follows", (jp["J2"], jp["JR2"], jp["suppresses"]), (None, None, None))


# ---- 9.11 ---------------------------------------------------------------------------------------


def switches(work, name, **values):
    tree, _ = run(os.path.join(work, name), "9.11", *small(mdt__default="asm", **values))
    return instances(tree, "9.11")


def case_switch_delay(work):
    for n, (vpns, delay, pps) in enumerate(((1, 3.0, 1000), (3, 0.777, 200), (12, 4.321, 100))):
        for instance in switches(work, f"run{n}", case__mvpns=vpns, traffic__probe_pps=pps,
                                 dut__spmsi__delay_ms=round(delay * 1000)):
            want("verdict", instance["verdict"], "pass")
            seen = instance["extra"]["spmsi_switch_delay"]
            want("count", seen["count"], 20 * min(10, vpns))
            want("resolution", seen["resolution_s"], 1 / pps)
            for key in ("min", "avg", "max"):
                want_near(key, seen[key], delay, delay + 1 / pps + 1e-9)
            want("lost, duplicate, missing",
                 (seen["lost"], seen["duplicate"], seen["missing"]), (0, 0, 0))


def case_switch_faults(work):
    """On both MDTs the instance fails before anything is measured, and says so."""
    instance, = switches(work, "run", case__mvpns=1, dut__faults__spmsi_both=1)
    want("verdict", instance["verdict"], "fail")
    want("criterion", {f["criterion"] for f in instance["failures"]} & {"spmsi"}, {"spmsi"})


# ---- 9.12 ---------------------------------------------------------------------------------------


def case_convergence(work):
    """There and back over both links; in the PE Join and packet are delayed once each."""
    for n, (a1, a3, inside) in enumerate(((0, 0, 0), (3000, 10000, 500))):
        tree, _ = run(os.path.join(work, f"run{n}"), "9.12",
                      *small(case__mvpns=2, mdt__default="asm", dut__link__a1__delay_us=a1,
                             dut__link__a3__delay_us=a3, dut__forwarding__delay_us=inside))
        instance, = instances(tree, "9.12")
        want("verdict", instance["verdict"], "pass")
        want("metric", instance["metric"], instance["expected"])
        want("Num_*G_C", instance["metric"]["Num_*G_C"], 2 * 10)
        seen, least = instance["extra"]["join_convergence"], 2 * (a1 + a3 + inside) / 1e6
        want("count, missing", (seen["count"], seen["missing"]), (10, 0))
        want("resolution", seen["resolution_s"], 0.001)
        for key in ("min", "avg", "max"):
            want_near(key, seen[key], least, least + 0.001)
        if not seen["min"] <= seen["avg"] <= seen["max"]:
            sys.exit(f"not in order: {seen}")


# ---- 9.13 ---------------------------------------------------------------------------------------


def case_registers(work):
    """A Register to the DUT, its Join back: the two ways of the link that the source is behind."""
    tree, _ = run(os.path.join(work, "run"), "9.13", "--steady-only",
                  *small(case__mvpns=2, case__ingress_share=0.5, mdt__default="asm",
                         dut__link__a1__delay_us=2000, dut__link__a3__delay_us=7000))
    instance, = instances(tree, "9.13")
    want("verdict", instance["verdict"], "pass")
    extra = instance["extra"]
    delay = extra["register_to_join_delay"]
    want("count", delay["count"], 2 * 10 * 2)
    want("min, avg, max", (delay["min"], delay["avg"], delay["max"]), (0.004, 0.009, 0.014))
    if extra["register_stop_count"] < delay["count"]:
        sys.exit(f"Register-Stops: {extra}")


# ---- what all have in common --------------------------------------------------------------------


def case_same_bytes(work):
    """One seed, one result; with captures and without."""
    for case in ("9.11", "9.12", "10.2"):
        texts = []
        for name, more in (("one", ()), ("two", ("--pcap",))):
            out = os.path.join(work, case + name)
            run(out, case, *small(case__mvpns=2, mdt__default="asm", traffic__probe_pps=50), *more)
            with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
                tree = json.load(f)
            tree["started"] = None
            texts.append(json.dumps(tree))
        want(f"{case} with captures", texts[1] == texts[0], True)


def case_flow_numbers(work):
    """drop_flow=N is flow N of the probes, with sites on both sides and test groups behind."""
    for flow in (1, 7, 20, 40):
        tree, _ = run(os.path.join(work, f"run{flow}"), "9.12",
                      *small(case__mvpns=2, case__ingress_share=0.5, mdt__default="asm",
                             dut__faults__drop_flow=flow))
        instance, = instances(tree, "9.12")
        want("verdict", instance["verdict"], "fail")
        want(f"flows of drop_flow={flow}", {f["flow"] for f in instance["failures"] if f["flow"]},
             {flow})


def main():
    check_run.PROGRAM = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        globals()[f"case_{sys.argv[2]}"](work)


if __name__ == "__main__":
    main()
