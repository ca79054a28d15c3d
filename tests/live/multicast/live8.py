#!/usr/bin/env python3
"""MDT flavours, S-PMSIs, the C-RP on the DUT and IGMP receivers in real time: on FRR and on the
reference PE as a process, judged from outside.

Usage: live8.py PROGRAM CASE, where CASE is the name of one function below that begins with "case_".
Metric and P instance that are demanded are computed from PROTOCOLS 13 (check_multicast.py). Exits
with 77 where root, or FRR for the cases of FRR, is missing.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sim/run"))
from check_multicast import Shape, check_spmsi  # noqa: E402
from check_run import want, want_near  # noqa: E402

PROGRAM = ""
FRR = ["/usr/lib/frr/pimd", "/usr/lib/frr/zebra", "/usr/lib/frr/staticd", "/usr/bin/vtysh"]
# Short waits; a window still takes the 10 s that it must have.
TIMING = {"traffic_limit_s": 20, "steady_wait_s": 2, "pre_stimulus_wait_s": 1, "hold_out_s": 5,
          "recovery_limit_s": 120, "post_recovery_wait_s": 1, "setup_limit_s": 30}
REFPE = ["--dut", "reference", "--clock", "real"]
LATE = "the apparatus sent a packet"


def clean(pid):
    for pattern in (f"/run/netns/mv[br]{pid}-*", f"/var/run/frr/mvb{pid}-*",
                    f"/run/mvpnbench-frr-{pid}"):
        want("left behind", glob.glob(pattern), [])


def run(work, shape, *dut):
    """One run, with captures; returns its last instance, and all of the result."""
    out, timing = os.path.join(work, "run"), os.path.join(work, "timing.yaml")
    with open(timing, "w", encoding="utf-8") as f:
        f.writelines(f"{k}: {v}\n" for k, v in TIMING.items())
    command = [PROGRAM, "run", "9.1", *dut, "--steady-only", "--timing", timing, "--out", out,
               "--quiet", "--pcap", *shape.settings()]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        stderr = process.communicate(timeout=280)[1]
    clean(process.pid)
    if not os.path.exists(os.path.join(out, "result.json")):
        sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{stderr}")
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        tree = json.load(f)
    instance = tree["cases"][0]["instances"][-1]
    # A host that was too busy for the apparatus is not the DUT's doing; all figures must hold.
    if instance["verdict"] == "invalid" and instance["reason"].startswith(LATE):
        print(f"  the host is busy: {instance['reason']}")
        return instance, tree
    want(f"verdict ({instance['reason']}, {instance['failures'][:3]})", instance["verdict"], "pass")
    want("exit code", process.returncode, 0)
    return instance, tree


def judge_captures(work):
    """tshark finds nothing malformed and no wrong checksum of PIM and IGMP, if it is there. FRR's
    Null-Registers have one in their dummy header, inside a PIM message with a good one."""
    if shutil.which("tshark") is None:
        return
    for port in ("a1", "a3"):
        done = subprocess.run(
            ["tshark", "-r", os.path.join(work, "run", port + ".pcap"), "-Y",
             "_ws.malformed || igmp.checksum.status == 0 || (pim.cksum.status == 0 && !pim.type == 1)"],
            capture_output=True, text=True, timeout=60, check=False)
        want(f"tshark ({done.stderr.strip()[-200:]})", done.returncode, 0)
        want(f"{port}: tshark complains of", done.stdout.splitlines()[:3], [])


def check(work, shape, *dut):
    instance, tree = run(work, shape, *dut)
    want("metric", instance["metric"], shape.metric())
    want("expected", instance["expected"], shape.metric())
    for view in ("p_instance", "p_instance_apparatus", "p_instance_expected"):
        want(view, {k: v for k, v in instance[view].items() if k != "Num_OIF_P"},
             shape.p_instance())
    for direction, f in instance["forwarding"].items():
        want(f"{direction}: lost, withheld, duplicate, misdelivered",
             (f["lost"], f["not_joined"], f["duplicate"], f["misdelivered"]), (0, 0, 0, 0))
        want(f"{direction}: at least ten packets a flow", f["sent"] >= 10 * f["flows"] > 0, True)
    check_spmsi(instance, shape)
    judge_captures(work)
    counts = {d: f"{f['received']}/{f['sent']}" for d, f in instance["forwarding"].items()}
    print(f"  {instance['metric']} {instance['p_instance']} {counts} {instance['extra']}")
    return instance, tree


def check_registers(instance, flows):
    r = instance["extra"]["registers"]
    want_near("Registers", r["sent"], flows, 100 * flows)
    want_near("Register-Stops", r["stops_received"], flows, r["sent"] + r["null_sent"])


def small(**values):
    """Two mVPNs with two flows each way, the receivers of both remote PEs."""
    return Shape(**{"n": 2, "r": 2, "g": 4, "s": 1, **values})


# ---- FRR ----------------------------------------------------------------------------------------

def case_frr_ssm_spmsi(work):
    """(PE, MDT) and (PE, data MDT) joined by IGMPv3 source joins of the GRE program."""
    instance, _ = check(work, small(mdt="ssm", rx=1, rx_flows=1), "--dut", "frr")
    want("cached", instance["extra"]["spmsi"]["cached"], 2)


def case_frr_spmsi_reuse(work):
    """Two flows of one PE on its one data MDT, the default MDT by ASM."""
    check(work, small(r=1, rx=1, rx_flows=2), "--dut", "frr")


def case_frr_c_rp_igmp_v2(work):
    instance, tree = check(work, small(c=2, c_rp__location="dut", receivers__igmp="v2"),
                           "--dut", "frr")
    check_registers(instance, 8)
    want("C-interfaces with IGMP", instance["extra"]["igmp_c_interfaces"], 4)
    want("deviation", "GRE-encapsulated" in " ".join(
        tree["cases"][0]["deviations"]["configuration"]), True)


def case_frr_igmp_v3(work):
    check(work, small(c=2, receivers__igmp="v3"), "--dut", "frr")


def case_frr_refused(work):
    """What FRR cannot do is refused in one line, and no maximum is claimed."""
    for code, words, setting in ((2, "no BIDIR-PIM", "mdt.default=bidir"),
                                 (None, "it sources no data MDTs", "case.spmsi_src=1")):
        done = subprocess.run([PROGRAM, "run", "9.1", "--dut", "frr", "--steady-only", "--quiet",
                               "--set", setting, "--set", "search.max=1", "--out",
                               os.path.join(work, setting)],
                              capture_output=True, text=True, timeout=120, check=False)
        said = done.stderr + "".join(
            open(path, encoding="utf-8").read()
            for path in glob.glob(os.path.join(work, setting, "report.txt")))
        if done.returncode == 0 or (code is not None and done.returncode != code):
            sys.exit(f"{setting}: exit {done.returncode}")
        if words not in said.replace("\n", " "):
            sys.exit(f"{setting}: '{words}' was not said: {said[-1500:]}")


# ---- the reference PE as a process --------------------------------------------------------------

def case_refpe_ssm_c_rp_igmp_v3(work):
    instance, _ = check(work, small(c=2, mdt="ssm", c_rp__location="dut", receivers__igmp="v3"),
                        *REFPE)
    check_registers(instance, 8)


def case_refpe_bidir_spmsi_igmp_v2(work):
    """Data MDTs both ways under a BIDIR default MDT; the switch takes what it was set to."""
    shape = small(mdt="bidir", src=1, rx=1, receivers__igmp="v2", dut__spmsi__delay_ms=4321,
                  traffic__rate_pps=20)
    instance, _ = check(work, shape, *REFPE)
    d = instance["extra"]["spmsi_switch_delay"]
    want("resolution", d["resolution_s"], 0.05)
    for key in ("min", "avg", "max"):  # 10 ms for the process to be scheduled
        want_near(f"switching delay, {key}", d[key], 4.321 - 0.01, 4.321 + 0.05 + 0.01)


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    case = sys.argv[2]
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(77)
    missing = [p for p in FRR if not os.access(p, os.X_OK)] if case.startswith("frr") else []
    if missing:
        print(f"skipped: {missing[0]} is missing")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="mvpnbench-live-") as work:
        globals()["case_" + case](work)
    print(f"{case}: as demanded")


if __name__ == "__main__":
    main()
