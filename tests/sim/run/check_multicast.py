#!/usr/bin/env python3
"""Every way to build MDTs, S-PMSIs, the C-RP on the DUT and IGMP receivers, as whole runs on the
reference PE and the virtual clock, judged from outside.

Usage: check_multicast.py PROGRAM CASE, as check_run.py. Metric and P instance that are demanded are
computed here, from PROTOCOLS 13, not taken from the program's own "expected".
"""
import os
import subprocess
import sys
import tempfile

import check_run
from check_run import maxima, run, sets, want, want_near


class Shape:
    """An instance: N mVPNs, c C-interfaces, R remote PEs, g groups (half of them ingress) of s
    sources, S-PMSIs and flows on them."""

    def __init__(self, n=3, c=1, r=3, g=8, s=2, mdt="asm", src=0, rx=0, src_flows=0, rx_flows=0,
                 **more):
        self.n, self.c, self.r, self.g, self.s, self.mdt = n, c, r, g, s, mdt
        self.src, self.rx, self.more = src, rx, more
        self.src_flows, self.rx_flows = src_flows or src, rx_flows or rx
        self.gi = (g + 1) // 2

    def settings(self):
        values = {"case__c_interfaces": self.c, "case__remote_pes": self.r, "case__groups": self.g,
                  "case__sources_per_group": self.s, "case__ingress_share": 0.5,
                  "receivers__share": 1, **self.more}
        if self.n is not None:
            values["case__mvpns"] = self.n
        if self.mdt != "asm":
            values["mdt__default"] = self.mdt
        for name in ("src", "rx"):
            mdts, flows = getattr(self, name), getattr(self, name + "_flows")
            if mdts:
                values["case__spmsi_" + name] = mdts
            if flows != mdts:
                values[f"case__spmsi_{name}_flows"] = flows
        return sets(**values)

    def metric(self):
        n, c, r, g, s, gi = self.n, self.c, self.r, self.g, self.s, self.gi
        return {"Num_mVPN": n, "Num_PE": r + 1, "Num_MC_C_ints": n * c,
                "Num_PIM_C_neigh": n * (c + r), "Num_*G_C": n * g, "Num_SG_C": n * g * s,
                "Num_OIF_C": n * (1 + s) * ((g - gi) * c + gi * c),
                "Num_SPMSI_Src": n * self.src, "Num_SPMSI_Rx": n * self.rx}

    def p_instance(self):
        n, data = self.n, self.n * (self.src + self.rx)
        own = {"asm": n, "ssm": n * (self.r + 1), "bidir": 0}[self.mdt]
        return {"Num_*G_P": 0 if self.mdt == "ssm" else n, "Num_SG_P": own + data}


def run_shape(work, shape, *more, code=0, case="9.1", name="run"):
    tree, _ = run(os.path.join(work, name), case, "--steady-only", *shape.settings(), *more,
                  code=code)
    return tree


def held(tree):
    """The one instance of a run whose value was given, which must have passed."""
    instances = tree["cases"][0]["instances"]
    want("instances", len(instances), 1)
    want(f"verdict ({instances[0]['reason']}, {instances[0]['failures'][:3]})",
         instances[0]["verdict"], "pass")
    return instances[0]


def check_shape(work, shape, name="run", case="9.1"):
    tree = run_shape(work, shape, case=case, name=name)
    instance = held(tree)
    want("metric", instance["metric"], shape.metric())
    want("expected", instance["expected"], shape.metric())
    for view in ("p_instance", "p_instance_apparatus", "p_instance_expected"):
        got = {k: v for k, v in instance[view].items() if k != "Num_OIF_P"}
        want(view, got, shape.p_instance())
    seen = instance["metric_apparatus"]
    for key in ("Num_SPMSI_Src", "Num_SPMSI_Rx"):
        if seen[key] is not None:
            want(f"metric_apparatus {key}", seen[key], shape.metric()[key])
    for direction in ("ingress", "egress"):
        f = instance["forwarding"][direction]
        want(direction, (f["lost"], f["duplicate"], f["misdelivered"]), (0, 0, 0))
    want("mi_pmsi", tree["cases"][0]["protocols"]["mi_pmsi"], "PIM-" + shape.mdt.upper())
    want("s_pmsi", tree["cases"][0]["protocols"]["s_pmsi"],
         "PIM-SSM" if shape.src + shape.rx else "none")
    check_spmsi(instance, shape)
    return tree


def check_spmsi(instance, shape):
    extra = instance["extra"]
    if shape.src + shape.rx == 0:
        want("extra without S-PMSIs", [k for k in extra if "spmsi" in k], [])
        return
    s, n = extra["spmsi"], shape.n
    want("flows announced", s["announced"], n * shape.src_flows)
    want("S-PMSIs sourced", s["sourced"], n * shape.src)
    want("flows on them", s["flows"], n * shape.src_flows)
    reused = min(shape.src, shape.src_flows - shape.src) if shape.src else 0
    want("S-PMSIs of more than one flow", s["reused"], n * reused)
    want("S-PMSIs announced to the DUT", s["rx_announced"], n * shape.rx)
    want("S-PMSIs joined", s["rx_joined"], n * shape.rx)
    want("flows on S-PMSIs to the DUT", s["rx_flows"], n * shape.rx_flows)
    if shape.src:
        d = extra["spmsi_switch_delay"]
        want("switches", d["count"], n * shape.src_flows)
        want("packets lost and duplicated while switching", (d["lost"], d["duplicate"]), (0, 0))


def deviations(tree, kind="configuration"):
    return " ".join(tree["cases"][0]["deviations"][kind])


def declared(tree, *texts):
    for text in texts:
        if text not in deviations(tree):
            sys.exit(f"no deviation of the configuration says '{text}': {deviations(tree)}")


# ---- default MDTs -------------------------------------------------------------------------------

def case_asm(work):
    check_shape(work, Shape(c=2))


def case_ssm(work):
    tree = check_shape(work, Shape(c=2, mdt="ssm"))
    declared(tree, "PIM-SSM, which the draft does not have for 9.1", "not by BGP")


def case_bidir(work):
    tree = check_shape(work, Shape(c=2, mdt="bidir"))
    if "PIM-BIDIR" in deviations(tree):
        sys.exit(f"BIDIR is the draft's own: {deviations(tree)}")


def case_ssm_500(work):
    """500 remote PEs: 501 P-routes an mVPN."""
    shape = Shape(n=2, r=500, g=2, s=1, mdt="ssm")
    tree = check_shape(work, shape, case="10.1")
    want("Num_SG_P", held(tree)["p_instance"]["Num_SG_P"], 2 * 501)


# ---- S-PMSIs ------------------------------------------------------------------------------------

def case_spmsi_sourced(work):
    check_shape(work, Shape(src=2))


def case_spmsi_received(work):
    check_shape(work, Shape(rx=3))


def case_spmsi_both_ways(work):
    for mdt in ("asm", "ssm", "bidir"):
        check_shape(work, Shape(c=2, mdt=mdt, src=2, rx=3), name=mdt)


def case_spmsi_reuse(work):
    # 4 ingress groups of 2 sources; 2 egress groups behind the first of 3 remote PEs
    check_shape(work, Shape(src=2, src_flows=7, rx=2, rx_flows=4))


def case_spmsi_no_reuse(work):
    """A PE that does not reuse leaves flows on the default MDT: that is named."""
    shape = Shape(src=2, src_flows=4, dut__spmsi__reuse="off")
    tree = run_shape(work, shape, code=1)
    want_failure(tree, "spmsi")


def case_spmsi_delay(work):
    shape = Shape(src=1, dut__spmsi__delay_ms=4321, traffic__rate_pps=20)
    instance = held(check_shape(work, shape))
    d = instance["extra"]["spmsi_switch_delay"]
    want("resolution", d["resolution_s"], 0.05)
    for key in ("min", "avg", "max"):
        want_near(f"switching delay, {key}", d[key], 4.321 - 0.001, 4.321 + 0.05)


def case_spmsi_delay_default(work):
    instance = held(check_shape(work, Shape(src=1)))
    d = instance["extra"]["spmsi_switch_delay"]
    want_near("switching delay", d["max"], 3.0, 3.0 + d["resolution_s"])


# ---- faults -------------------------------------------------------------------------------------

def want_failure(tree, criterion, interface=None):
    instance = tree["cases"][0]["instances"][0]
    want("verdict", instance["verdict"], "fail")
    for f in instance["failures"]:
        if f["criterion"] == criterion and (interface is None or f["interface"] == interface):
            return f
    sys.exit(f"no failure ({criterion}, {interface}) among {instance['failures']}")


def fault(work, key, interface, first_flow, **shape):
    """One S-PMSI an mVPN, and the second that the DUT comes to is faulty: exactly one is named,
    with its flow, which is the first of its direction in its VPN."""
    s = Shape(**shape, **{"dut__faults__" + key: 2})
    tree = run_shape(work, s, code=1)
    want_failure(tree, "spmsi", interface)
    named = {(f["vpn"], f["flow"]) for f in tree["cases"][0]["instances"][0]["failures"]
             if f["criterion"] == "spmsi"}
    want("S-PMSIs that are named", len(named), 1)
    vpn, flow = named.pop()
    want(f"{key}: flow of VPN {vpn}", flow, (vpn - 1) * s.g * s.s + first_flow)


def case_fault_announce_only(work):
    fault(work, "spmsi_announce_only", "announced, never moved", 1, src=1)


def case_fault_silent(work):
    fault(work, "spmsi_silent", "moved, never announced", 1, src=1)


def case_fault_both(work):
    fault(work, "spmsi_both", "on both MDTs", 1, src=1)


def case_fault_no_join(work):
    fault(work, "spmsi_no_join", "not joined", 9, rx=1)  # 4 ingress groups of 2 sources before it


# ---- limits, found by search --------------------------------------------------------------------

def limit(work, key, value, maximum, **shape):
    """The largest N with one of the DUT's tables full at that value."""
    s = Shape(n=None, **shape, **{"dut__limits__" + key: value, "search__max": 40})
    tree, _ = run(os.path.join(work, key), "9.1", "--steady-only", *s.settings())
    entry = maxima(tree, "9.1")[0]
    want(f"{key}={value}", entry["value"], maximum)
    want("bounded_by", entry["bounded_by"], "dut")


def case_limit_spmsi_src(work):
    limit(work, "spmsi_src", 16, 5, r=1, g=6, s=1, src=3)


def case_limit_spmsi_rx(work):
    limit(work, "spmsi_rx", 13, 6, r=1, g=4, s=1, rx=2)


def case_limit_p_mroutes(work):
    limit(work, "p_mroutes", 23, 5, r=1, g=2, s=1, src=1, rx=1)  # (2 + 1 + 1) N


def case_limit_p_mroutes_ssm(work):
    limit(work, "p_mroutes", 23, 4, r=4, g=2, s=1, mdt="ssm")  # (R + 1) N


# ---- C-RP on the DUT, IGMP receivers ------------------------------------------------------------

def case_c_rp_on_dut(work):
    tree = check_shape(work, Shape(c=2, c_rp__location="dut"))
    declared(tree, "the C-RPs are on the DUT", "GRE-encapsulated on the default MDT")
    instance = held(tree)
    r = instance["extra"]["registers"]
    want("parameter", instance["parameters"]["c_rp"], "dut")
    flows = 3 * 8 * 2
    want_near("Registers", r["sent"], flows, 100 * flows)
    want_near("Register-Stops", r["stops_received"], flows, r["sent"] + r["null_sent"])
    want_near("Null-Registers", r["null_sent"], flows, 100 * flows)


def igmp(work, version):
    # c = 2: an ingress group has receivers on the other C-interface; all 6 have receivers
    tree = check_shape(work, Shape(c=2, receivers__igmp=version, igmp__spacing_ms=10))
    declared(tree, f"IGMP{version} hosts on 2 of the 2 C-interfaces")
    instance = held(tree)
    want("C-interfaces", instance["extra"]["igmp_c_interfaces"], 6)
    want("parameter", instance["parameters"]["receivers_igmp"], version)
    want("spacing", instance["parameters"]["igmp_spacing_ms"], 10.0)


def case_igmp_v2(work):
    igmp(work, "v2")


def case_igmp_v3(work):
    igmp(work, "v3")


def case_everything(work):
    for mdt in ("asm", "ssm", "bidir"):
        check_shape(work, Shape(c=2, mdt=mdt, src=2, src_flows=4, rx=2, rx_flows=4,
                                c_rp__location="dut", receivers__igmp="v3",
                                igmp__spacing_ms=20), name=mdt)


# ---- recovery, same bytes -----------------------------------------------------------------------

def case_recovery(work):
    """After each flap every S-PMSI is in its place again."""
    shape = Shape(n=2, src=1, rx=1)
    for stimulus in ("p-link-flap", "c-link-flap"):
        tree, _ = run(os.path.join(work, stimulus), "9.1", "--stimulus", stimulus,
                      *shape.settings())
        records = [r for i in tree["cases"][0]["instances"] for r in i["recovery"]]
        want(f"{stimulus}: verdicts", {r["verdict"] for r in records}, {"pass"})
        want("metric after it", records[0]["metric_after"], shape.metric())


def case_same_seed_same_bytes(work):
    texts = {}
    shape = Shape(n=2, c=2, mdt="ssm", src=1, rx=1, c_rp__location="dut", receivers__igmp="v2")
    for name, extra in {"a": [], "b": [], "pcap": ["--pcap"], "seed": ["--seed", "77"]}.items():
        run_shape(work, shape, *extra, name=name)
        texts[name] = check_run.without_started(os.path.join(work, name, "result.json"))
    want("two runs with one seed are equal", texts["a"] == texts["b"], True)
    want("with and without --pcap are equal", texts["a"] == texts["pcap"], True)
    want("two seeds differ", texts["a"] != texts["seed"], True)


def case_resume(work):
    """A run that is cut after its first instance goes on to the same bytes."""
    shape = Shape(n=None, r=1, g=4, s=1, src=1, rx=1, dut__limits__mvpns=2, search__instances=2)
    run_shape(work, shape, name="whole")
    with open(os.path.join(work, "whole", "journal"), encoding="utf-8") as f:
        lines = f.readlines()
    cut = os.path.join(work, "cut")
    os.mkdir(cut)
    with open(os.path.join(cut, "journal"), "w", encoding="utf-8") as f:
        f.writelines(lines[:2])
    done = subprocess.run([check_run.PROGRAM, "run", "--resume", cut, "--quiet"],
                          capture_output=True, text=True, timeout=300)
    want(f"resume: {done.stderr}", done.returncode, 0)
    want("the same bytes", check_run.without_started(os.path.join(cut, "result.json")),
         check_run.without_started(os.path.join(work, "whole", "result.json")))


def case_coverage(work):
    """The table of docs/coverage.py says what these runs showed, and no more."""
    run_shape(work, Shape(n=2), name="asm")
    run_shape(work, Shape(n=2, mdt="ssm", dut__limits__p_mroutes=1), name="ssm", code=1)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../docs/coverage.py")
    text = subprocess.run([sys.executable, script, os.path.join(work, "asm"),
                           os.path.join(work, "ssm")], capture_output=True, text=True,
                          timeout=60, check=True).stdout
    for line in ("| 9.1 | reference, virtual clock | yes | - | - | - | - | - | - | Num_mVPN 2 |",
                 "| default MDT ASM | 9.1 |", "| default MDT SSM | fails: 9.1 |",
                 "| default MDT BIDIR | - |", "| S-PMSI sourced | - |",
                 "| `Num_*G_P` | DUT, apparatus |"):
        if line not in text.splitlines():
            sys.exit(f"no line '{line}' in\n{text}")


def case_refused(work):
    """More S-PMSIs than flows: one line, and nothing is sent."""
    _, stderr = run(os.path.join(work, "run"), "9.1", "--steady-only",
                    *sets(case__spmsi_src=2), code=2)
    want("lines", len(stderr.strip().splitlines()), 1)
    if "spmsi_src=2 with 2 flows cannot be" not in stderr:
        sys.exit(stderr)


def main():
    check_run.PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpnbench-sim-") as work:
        globals()["case_" + sys.argv[2]](work)
    print(f"{sys.argv[2]}: as demanded")


if __name__ == "__main__":
    main()
