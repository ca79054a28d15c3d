#!/usr/bin/env python3
"""Oracles for the six failure stimuli: what the command measures against what can be computed.

Usage: check_stimuli.py PROGRAM

The reference PE's recovery times are set, and when each C-packet is sent is read from the capture
(probe of DESIGN B.6). So the instant from which a stimulus lets packets through again gives the
first and last packets that DESIGN A.5 asks for, to the nanosecond where no random timer of PIM lies
between, within its range where one does.
"""
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pcap"))
import recompute  # noqa: E402

SECOND = recompute.SECOND
ns = recompute.ns
STIMULI = ("power-cycle", "processor-switchover", "p-card-oir", "c-card-oir", "p-link-flap",
           "c-link-flap")
C_SIDE, P_SIDE = ("c-card-oir", "c-link-flap"), ("p-card-oir", "p-link-flap")
# The MTI's first Hello is tried ten times a second until the P neighbour is back.
MTI_RETRY = SECOND // 10
# The answer to a new GenID is spread over the override interval, a triggered Hello over 5 s
# (RFC 7761 4.3.1, 4.5.4): the joins of both sides may have to wait for one of each.
OVERRIDE, TRIGGERED_HELLO = 5 * SECOND // 2, 5 * SECOND
DUT_POLL = SECOND // 10

failures = []


def check(ok, what):
    if not ok:
        failures.append(what)
        print(f"FAIL {what}")


class Run:
    def __init__(self, program, work, name, *arguments, case="9.1"):
        self.out = os.path.join(work, name)
        command = [program, "run", case, "--quiet", "--out", self.out, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        self.code, self.stderr = done.returncode, done.stderr
        if not os.path.exists(f"{self.out}/result.json"):
            sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
        with open(f"{self.out}/result.json", encoding="utf-8") as f:
            self.tree = json.load(f, parse_float=Decimal)
        self.case = self.tree["cases"][0]

    def recoveries(self):
        return [(i, r) for i in self.case["instances"] for r in i["recovery"]]

    def by_stimulus(self):
        return {r["stimulus"]: r for _, r in self.recoveries()}

    def maximum(self, stimulus):
        return next(m["searched"]["value"] for m in self.case["maximum"]
                    if m["stimulus"] == stimulus)

    def said(self, text):
        return any(text in line for line in self.case["deviations"]["procedure"])


def times(**seconds):
    """--set for the recovery times of stimuli (- written as _)."""
    out = []
    for name, value in seconds.items():
        key = name.replace("_", "-")
        out += ["--set", f"dut.recovery.{key}_ms={round(value * 1000)}"]
    return out


def between(value, low, high, what):
    check(value is not None and low <= value <= high,
          f"{what}: {None if value is None else value / SECOND} s, computed "
          f"{low / SECOND} ... {high / SECOND} s")


# ---- the instants at which things come back, from Tf -------------------------------------------

def traffic_back(stimulus, recovery):
    """Earliest and latest instant from which C-packets pass."""
    if stimulus in C_SIDE:
        return recovery, recovery
    if stimulus == "processor-switchover":
        return recovery, recovery + MTI_RETRY + OVERRIDE + TRIGGERED_HELLO
    return recovery, recovery + MTI_RETRY


def neighbours_back(stimulus, kind, recovery):
    """The same for the DUT as a neighbour of the apparatus; None: it is not lost."""
    if stimulus in (P_SIDE if kind == "c_interface" else C_SIDE):
        return None
    if kind == "c_interface":
        return recovery, recovery
    return traffic_back(stimulus, recovery)


def interrupted_pairs(stimulus, flows, p):
    """(direction, flow, weight) of each pair that the stimulus interrupts."""
    for flow in flows.values():
        direction = "egress" if flow.site == 0 else "ingress"
        for branch, weight in flow.receivers(p).items():
            local = flow.site != 0 and branch != 0
            if not (stimulus in P_SIDE and local):
                yield direction, flow, weight


def check_traffic(stimulus, r, flows, p, origin, back):
    tf = origin + ns(r["Tf"])
    pairs = list(interrupted_pairs(stimulus, flows, p))
    first = [{}, {}]
    last = [0, 0]
    for n, instant in enumerate(back):
        for direction, flow, _ in pairs:
            at = flow.due(flow.first_from(tf + instant))
            first[n][direction] = min(at, first[n].get(direction, at))
            last[n] = max(last[n], at)
    for key, direction in (("Tre", "ingress"), ("Trd", "egress")):
        value = None if r[key] is None else origin + ns(r[key]) - tf
        between(value, first[0][direction] - tf, first[1][direction] - tf, f"{stimulus} {key}")
    trall = None if r["Trall"] is None else origin + ns(r["Trall"]) - tf
    between(trall, last[0] - tf, last[1] - tf, f"{stimulus} Trall")
    counted = {d: sum(w for direction, _, w in pairs if direction == d)
               for d in recompute.DIRECTIONS}
    check(r["interrupted"] == counted, f"{stimulus}: interrupted {r['interrupted']}, {counted}")
    derived, resolution = ns(r["loss_derived_s"]), ns(r["resolution_s"])
    between(derived, trall - resolution, trall + resolution, f"{stimulus} loss_derived_s")


def check_neighbours(stimulus, r, recovery):
    for kind, seen in r["neighbours"].items():
        back = neighbours_back(stimulus, kind, recovery)
        for which in ("first", "all"):
            apparatus, dut = seen[which]["apparatus"], seen[which]["dut"]
            what = f"{stimulus} {kind} {which}"
            if back is None:
                check(apparatus is None and dut is None, f"{what}: {seen[which]}, not lost")
                continue
            between(None if apparatus is None else ns(apparatus), *back, f"{what} apparatus")
            between(None if dut is None else ns(dut), back[0],
                    back[1] + TRIGGERED_HELLO + DUT_POLL, f"{what} dut")


def check_computed(program, work):
    """Every stimulus with a recovery time of its own, on one instance."""
    seconds = dict(zip(STIMULI, (31.25, 7.9, 3.5, 2.125, 6.75, 1.4)))
    run = Run(program, work, "computed", "--pcap", "--seed", "11", "--set", "case.mvpns=2", "--set",
              "case.c_interfaces=2", "--set", "traffic.rate_pps=2",
              *times(**{s.replace("-", "_"): v for s, v in seconds.items()}))
    (instance, _), = {id(i): (i, r) for i, r in run.recoveries()}.values()
    check([r["stimulus"] for _, r in run.recoveries()] == list(STIMULI), "not all in B.1's order")
    captures = {port: list(recompute.probes(run.out, port)) for port in ("a1", "a3")}
    flows = recompute.read_flows(captures, instance)
    origin = ns(instance["begin"])
    for _, r in run.recoveries():
        stimulus = r["stimulus"]
        recovery = round(seconds[stimulus] * SECOND)
        check(r["verdict"] == "pass", f"{stimulus}: {r['verdict']}, {r['reason']}")
        check(r["marks"] == [], f"{stimulus}: {r['marks']}")
        hold_out = 0 if stimulus == "processor-switchover" else 300 * SECOND
        check(ns(r["Tf"]) - ns(r["begin"]) == hold_out, f"{stimulus}: held out {hold_out}")
        check(r["metric_after"] == instance["metric"], f"{stimulus}: metric after")
        check_traffic(stimulus, r, flows, instance["parameters"], origin,
                      traffic_back(stimulus, recovery))
        check_neighbours(stimulus, r, recovery)
    check(len({r["Trall-Tf"] for _, r in run.recoveries()}) == 6, "two stimuli behave alike")


def check_shift(program, work):
    """A recovery that takes longer by Y is measured as longer by Y."""
    base = {s.replace("-", "_"): 5 for s in STIMULI}
    settings = ("--seed", "3", "--set", "case.mvpns=3")
    before = Run(program, work, "shift0", *settings, *times(**base)).by_stimulus()
    for n, more in enumerate((0.7, 12.345, 240)):
        later = Run(program, work, f"shift{n + 1}", *settings,
                    *times(**{s: v + more for s, v in base.items()})).by_stimulus()
        for s in STIMULI:
            shift = ns(later[s]["Trall-Tf"]) - ns(before[s]["Trall-Tf"]) - round(more * SECOND)
            # A switchover of minutes outlasts the state of both sides: nobody waits to override.
            wait = OVERRIDE if s == "processor-switchover" and more > 60 else 0
            between(shift, -SECOND - wait, SECOND, f"{s}: shift beyond {more} s")
            check(later[s]["apparatus_floor_s"] == before[s]["apparatus_floor_s"],
                  f"{s}: the apparatus floor depends on the DUT")


# ---- recoveries that are none -------------------------------------------------------------------

def check_not_interrupted(program, work):
    for name, recovery in (("nsf0", 0), ("nsf9", 9)):
        run = Run(program, work, name, "--stimulus", "processor-switchover", "--set",
                  "case.mvpns=2", "--set", "dut.recovery.nsf=on",
                  *times(processor_switchover=recovery))
        r = run.by_stimulus()["processor-switchover"]
        check(r["verdict"] == "pass" and r["reason"] == "not interrupted", f"{name}: {r['reason']}")
        check(all(r[k] is None for k in ("Tre", "Trd", "Trall", "Trall-Tf", "loss_derived_s")),
              f"{name}: a time is not null")
        check(r["interrupted"] == {"ingress": 0, "egress": 0}, f"{name}: interrupted")
        check(run.said("null: not interrupted"), f"{name}: no reason in deviations")
        check_neighbours("processor-switchover", r, recovery * SECOND)


def timing_file(work, **changed):
    values = {"traffic_limit_s": 600, "steady_wait_s": 60, "pre_stimulus_wait_s": 5,
              "hold_out_s": 300, "recovery_limit_s": 1200, "post_recovery_wait_s": 60,
              "setup_limit_s": 600, **changed}
    path = os.path.join(work, "timing.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"{k}: {v}\n" for k, v in values.items())
    return path


def check_not_recovered(program, work):
    """A recovery that takes longer than recovery_limit_s: under that stimulus alone."""
    timing = timing_file(work, recovery_limit_s=90)
    run = Run(program, work, "late", "--timing", timing, "--set", "dut.limits.mvpns=2",
              "--stimulus", "p-card-oir,c-link-flap", *times(p_card_oir=100, c_link_flap=60))
    check(run.maximum("steady") == 2, "late: the steady maximum")
    check(run.maximum("p-card-oir") is None, "late: p-card-oir has a maximum")
    check(run.maximum("c-link-flap") == 2, "late: c-link-flap's maximum")
    r = run.by_stimulus()["p-card-oir"]
    check(r["verdict"] == "fail" and r["reason"].startswith("not recovered"), f"late: {r['reason']}")
    check(r["Tre"] is None and r["Trall"] is None, "late: times")
    check(run.said("Trall is null: not recovered"), "late: no reason in deviations")


def check_partly(program, work):
    """One mroute that does not come back: what came back has times, the whole has none."""
    for stimulus in ("c-link-flap", "power-cycle"):
        run = Run(program, work, f"lost-{stimulus}", "--stimulus", stimulus, "--set",
                  "dut.limits.mvpns=3", "--set", "dut.faults.lost_after_recovery=1")
        check(run.maximum("steady") == 3 and run.maximum(stimulus) is None, f"{stimulus}: maxima")
        r = next(r for _, r in run.recoveries())
        check(r["verdict"] == "fail" and r["reason"].startswith("not recovered"),
              f"{stimulus}, lost: {r['reason']}")
        check(r["Tre"] is not None and r["Trd"] is not None and r["Trall"] is None,
              f"{stimulus}, lost: times")
        named = [f for f in r["failures"] if f["criterion"] == "recovery"]
        check(len(named) == 1 and named[0]["vpn"] == 1 and named[0]["flow"] == 1,
              f"{stimulus}, lost: {named}")
        check(any(f["criterion"] == "metric" for f in r["failures"]), f"{stimulus}, lost: metric")


def check_lost_later(program, work):
    """Packets go on along old state until that ends, long after step 5: a failure."""
    run = Run(program, work, "later", "--stimulus", "processor-switchover", "--set", "case.mvpns=2",
              "--set", "dut.recovery.nsf=on", *times(processor_switchover=400))
    r = run.by_stimulus()["processor-switchover"]
    check(r["verdict"] == "fail" and "lost again" in r["reason"], f"later: {r['reason']}")
    check(r["Trall"] is None and run.maximum("processor-switchover") is None, "later: a maximum")


def check_no_flows(program, work):
    """9.2: neighbours and metric alone, steps 3 and 4 left out."""
    run = Run(program, work, "noflows", "--set", "case.mvpns=2", "--set",
              "dut.limits.c_interfaces=7", "--set", "search.max=4",
              *times(power_cycle=11, c_card_oir=4.5), case="9.2")
    check(run.maximum("steady") == 3, "no flows: the steady maximum")
    for stimulus, r in run.by_stimulus().items():
        check(r["verdict"] == "pass", f"no flows, {stimulus}: {r['reason']}")
        check(all(r[k] is None for k in ("Tre", "Trd", "Trall")), f"no flows, {stimulus}: times")
        check(r["interrupted"] == {"ingress": 0, "egress": 0}, f"no flows, {stimulus}")
        recovery = {"power-cycle": 11, "c-card-oir": 4.5}.get(stimulus, 5)
        check_neighbours(stimulus, r, round(recovery * SECOND))
    check(run.said("null: no flows"), "no flows: no reason in deviations")


def check_marks(program, work):
    """A hold-out of less than 225 s is marked, for stimuli that have one."""
    timing = timing_file(work, hold_out_s=20)
    run = Run(program, work, "marks", "--timing", timing, "--set", "case.mvpns=1")
    for stimulus, r in run.by_stimulus().items():
        want = [] if stimulus == "processor-switchover" else ["state-not-expired"]
        check(r["verdict"] == "pass", f"short hold-out, {stimulus}: {r['reason']}")
        check(r["marks"] == want, f"short hold-out, {stimulus}: {r['marks']}")


def main():
    with tempfile.TemporaryDirectory() as work:
        for step in (check_computed, check_shift, check_not_interrupted, check_not_recovered,
                     check_partly, check_lost_later, check_no_flows, check_marks):
            before = len(failures)
            step(sys.argv[1], work)
            print(f"{step.__name__}: {'ok' if len(failures) == before else 'FAILED'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
