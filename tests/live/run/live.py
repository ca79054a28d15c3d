#!/usr/bin/env python3
"""Whole runs of the program in real time, on FRR and on the reference PE as a process.

Usage: live.py PROGRAM CASE, where CASE is the name of one function below that begins with "case_".
`full` is the whole live set of the project and takes hours, `sizes` eleven minutes of it; they, refpe_maxima and
refpe_interrupted are no part of the test suite; frr_stimuli, frr_campaign and frr_killed are with MVPN_LIVE_ALL.
Exits with 77 where root, or FRR for the cases of FRR, is missing.
"""
import glob
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture  # noqa: E402

PROGRAM = ""
FRR = ["/usr/lib/frr/pimd", "/usr/lib/frr/zebra", "/usr/lib/frr/staticd", "/usr/bin/vtysh"]
# Short waits; a window still takes the 10 s that it must have.
TIMING = {"traffic_limit_s": 20, "steady_wait_s": 2, "pre_stimulus_wait_s": 1, "hold_out_s": 5,
          "recovery_limit_s": 120, "post_recovery_wait_s": 1, "setup_limit_s": 30}


# A remote PE may be found again only by its next Hello (30 s), a Join that was lost meanwhile only by its
# next refresh (60 s).
MOST_S = 100
STIMULI = ["power-cycle", "processor-switchover", "p-card-oir", "c-card-oir", "p-link-flap",
           "c-link-flap"]


def fail(text):
    sys.exit(text)


def want(what, got, expected):
    if got != expected:
        fail(f"{what}: {got!r}, expected {expected!r}")


def sets(**values):
    """--set options; a double underscore stands for a dot."""
    options = []
    for key, value in values.items():
        options += ["--set", f"{key.replace('__', '.')}={value}"]
    return options


def timing(work, **changes):
    path = os.path.join(work, "timing.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"{k}: {v}\n" for k, v in {**TIMING, **changes}.items())
    return ["--timing", path]


def left_behind(pid):
    """Everything that a run of that process may have left on the host."""
    found = []
    for prefix in (f"mvb{pid}-", f"mvr{pid}-"):
        found += glob.glob(f"/run/netns/{prefix}*") + glob.glob(f"/var/run/frr/{prefix}*")
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as f:
                    words = f.read()
            except OSError:
                continue
            if prefix.encode() in words:
                found.append(words.replace(b"\0", b" ").decode(errors="replace"))
    found += glob.glob(f"/run/mvpnbench-frr-{pid}")
    return found + glob.glob(os.path.join(tempfile.gettempdir(), f"mvr{pid}.sock"))


class Run:
    """One run of the program, from its start to what it left."""

    def __init__(self, out, *args, quiet=True):
        self.out = out
        self.stderr = ""
        self.command = [PROGRAM, "run", *args] + ["--quiet"] * quiet
        if "--resume" not in args:
            self.command += ["--out", out]
        self.begin = time.time()
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    @property
    def pid(self):
        return self.process.pid

    def until(self, words):
        """Reads the progress lines up to the one with these words."""
        for line in self.process.stderr:
            self.stderr += line
            if words in line:
                return
        self.wait(code=None)

    def wait(self, code=0, limit_s=900):
        try:
            self.stderr += self.process.communicate(timeout=limit_s)[1]
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=30)
            fail(f"{' '.join(self.command)}: no end within {limit_s} s")
        self.seconds = time.time() - self.begin
        if self.process.returncode != code:
            fail(f"{' '.join(self.command)}: exit {self.process.returncode}, expected {code}\n"
                 f"{self.stderr}")
        return self

    def clean(self):
        want(f"left behind by {self.pid}", left_behind(self.pid), [])
        return self

    @property
    def tree(self):
        with open(os.path.join(self.out, "result.json"), encoding="utf-8") as f:
            return json.load(f)


def run(out, *args, code=0, limit_s=900):
    return Run(out, *args).wait(code, limit_s).clean()


def instances(tree):
    return [i for c in tree["cases"] for i in c["instances"]]


def maxima(tree):
    return [(c["case"], m["stimulus"], m["searched"]["value"]) for c in tree["cases"]
            for m in c["maximum"]]


def summary(tree):
    """The figures of a run, a line each."""
    for c in tree["cases"]:
        for m in c["maximum"]:
            print(f"  {c['case']} {m['stimulus']} {m['where']}: {m['searched']['name']} = "
                  f"{m['searched']['value']}, {m['variable']} = {m['value']}, bounded by "
                  f"{m['bounded_by']}")
        for i in c["instances"]:
            p, f = i["parameters"], i["forwarding"]
            counts = ", ".join(
                f"{d} {f[d]['received']}/{f[d]['sent']} of {f[d]['flows']} flows" for d in f)
            print(f"  {i['id']} N={p['mvpns']} R={p['remote_pes']} g={p['groups']} "
                  f"s={p['sources_per_group']} gi={p['ingress_groups']}: {i['verdict']}, "
                  f"{counts}, {i['end'] - i['begin']:.1f} s {i['reason'] or ''}")
            for r in i["recovery"]:
                print(f"    {r['stimulus']} {r['repeat']}: {r['verdict']}, Tre-Tf {r['Tre-Tf']}, "
                      f"Trd-Tf {r['Trd-Tf']}, Trall-Tf {r['Trall-Tf']}, floor "
                      f"{r['apparatus_floor_s']} {r['reason'] or ''}")


def holds(instance):
    """A passing instance delivered everything, and the DUT says what was expected."""
    want(f"{instance['id']} verdict ({instance['reason']})", instance["verdict"], "pass")
    want(f"{instance['id']} metric", instance["metric"], instance["expected"])
    for direction, f in instance["forwarding"].items():
        if f["flows"] and (f["sent"] < 10 * f["flows"] or f["received"] != f["sent"] or
                           f["duplicate"] or f["misdelivered"]):
            fail(f"{instance['id']} {direction}: {f}")


def recovered(instance, stimuli, least=0.0):
    want("stimuli", [r["stimulus"] for r in instance["recovery"]], stimuli)
    for r in instance["recovery"]:
        want(f"{r['stimulus']} ({r['reason']})", r["verdict"], "pass")
        flows = {d: f["flows"] for d, f in instance["forwarding"].items()}
        if not 0 < r["interrupted"]["ingress"] <= flows["ingress"] or \
                not 0 < r["interrupted"]["egress"] <= flows["egress"]:
            fail(f"{r['stimulus']} interrupted {r['interrupted']} of {flows}")
        if r["Trall-Tf"] is None or not least <= r["Trall-Tf"] < MOST_S:
            fail(f"{r['stimulus']}: Trall-Tf {r['Trall-Tf']}")
        want(f"metric after {r['stimulus']}", r["metric_after"], instance["metric"])


def judge_captures(out, tree, *expected):
    judge = capture.Judge(tree)
    for port in ("a1", "a3"):
        judge.capture(os.path.join(out, port + ".pcap"))
    print("  captures:", ", ".join(f"{k} {v}" for k, v in sorted(judge.figures.items())))
    if judge.wrong:
        fail("\n".join(judge.wrong[:20] + [f"{len(judge.wrong)} complaints"]))
    for what in expected:
        if not judge.figures[what]:
            fail(f"{out}: nothing was seen of: {what}")


# ---- FRR --------------------------------------------------------------------------------------


def stimuli_on_frr(work, names, *judged):
    """9.1 on FRR with two mVPNs and these stimuli; the metric is FRR's own."""
    out = os.path.join(work, "run")
    tree = run(out, "9.1", "--dut", "frr", "--stimulus", ",".join(names), "--pcap", *timing(work),
               *sets(case__mvpns=2, stimulus__at="every", stimulus__repeat=1)).tree
    summary(tree)
    want("maxima", maxima(tree), [("9.1", s, 2) for s in ("steady", *names)])
    for i in instances(tree):
        holds(i)
    recovered(instances(tree)[-1], names)
    judge_captures(out, tree, *judged)


def case_frr_mvpns(work):
    """The hardest of the stimuli that the driver carries out, and one of the apparatus's own."""
    stimuli_on_frr(work, ["power-cycle", "c-link-flap"], "goodbyes", "Hellos 30 s apart")


def case_frr_stimuli(work):
    stimuli_on_frr(work, STIMULI, "goodbyes", "Hellos 30 s apart", "refreshes 59-60 s later")


def case_frr_neighbours(work):
    tree = run(os.path.join(work, "run"), "10.1", "--dut", "frr", "--steady-only", *timing(work),
               *sets(case__mvpns=1, case__remote_pes=5)).tree
    summary(tree)
    want("maxima", maxima(tree), [("10.1", "steady", 5)])
    for i in instances(tree):
        holds(i)


def case_frr_interrupted(work):
    """Ctrl-C in the middle of an instance on FRR."""
    interrupted(work, "frr", resume=False)


# What is not varied is small; where a case searches one of these, there is one value to try.
SMALL = {"case.mvpns": 2, "case.remote_pes": 3, "case.groups": 8, "case.sources_per_group": 2,
         "search.9.2.max": 3, "search.instances": 1, "stimulus.repeat": 1}
# Case: its searched value at each point of its sweep; (variants of) the default MDT count as points.
ON_FRR = {"9.1": [2], "9.2": [3], "9.3": [8] * 3, "9.4": [3], "9.5": [32], "9.8": [2] * 2,
          "9.9": [2] * 2, "9.10": [2] * 2, "9.13": [2] * 2, "10.1": [3], "11.1": [3]}
NOT_ON_FRR = ["9.6", "9.7", "9.11"]


def case_frr_campaign(work):
    """Every case with every stimulus, as far as FRR can take them, from one command.

    PE3 of 10.2 may hear of PE2 only by its next Hello, 30 s later: the set-up has twice that.
    """
    out = os.path.join(work, "run")
    one = run(out, "all", "--dut", "frr", "--stimulus", "all", "--pcap",
              *timing(work, setup_limit_s=60),
              *sets(**SMALL), limit_s=4 * 3600)
    summary(one.tree)
    cases = {c["case"]: c for c in one.tree["cases"]}
    want("number of cases", len(cases), 16)
    for name, case in cases.items():
        want(f"{name} omitted", case["omitted"] is not None, name in NOT_ON_FRR)
        if name in NOT_ON_FRR and "S-PMSI" not in case["omitted"]:
            fail(f"{name}: {case['omitted']}")
        found = sorted((m["stimulus"], m["searched"]["value"]) for m in case["maximum"])
        want(f"{name} maxima", found,
             sorted((s, v) for s in ("steady", *STIMULI) for v in ON_FRR.get(name, [])))
    for i in cases["9.12"]["instances"]:
        holds(i)
        joined = i["extra"]["join_convergence"]
        want(f"{i['id']} joins", (joined["count"], joined["missing"]), (10, 0))
    suppression(out, cases["10.2"])
    print(f"the whole campaign: {one.seconds:.0f} s", flush=True)


def suppression(out, case):
    """10.2: what was counted, and so the verdict, is found again by tshark in the capture."""
    for i in case["instances"]:
        said = i["extra"]["jp_suppression"]
        print(f"  {i['id']}: {said}")
        want(f"{i['id']} suppresses", said["suppresses"], said["J2"] < 1.2 * said["J1"])
        seen = capture.joins_on_mdt(os.path.join(out, "a3.pcap"), i["begin"], i["end"])
        if seen is None:
            continue
        joined = [t for t, source, _ in seen if source == capture.DUT_MDT_ADDRESS]
        if not joined:
            fail(f"{i['id']}: tshark sees no Join of the DUT, not even its first")
        for what, after in (("J1", i["begin"]), ("J2", joined[0])):
            by, seconds = said[what + "_by"], said["window_s"]
            if not capture.has_window(seen, after, seconds, by["dut"]["joins"],
                                      by["pe3"]["joins"]):
                fail(f"{i['id']}: tshark sees no {seconds} s with {what} {by}")


def case_frr_killed(work):
    """SIGKILL at three random moments of a campaign, each resumed; the maxima of an undisturbed one."""
    out, generator = os.path.join(work, "run"), random.Random()
    first = ["9.1", "9.2", "10.1", "--dut", "frr", "--stimulus", "c-card-oir", *timing(work),
             *sets(case__mvpns=2, case__remote_pes=2, search__9__2__max=2, search__instances=2,
                   stimulus__repeat=1)]
    for n in range(3):
        victim = Run(out, *(first if n == 0 else ("--resume", out)))
        after = generator.uniform(10, 60)
        try:
            victim.process.wait(timeout=after)
            print(f"  ended before it could be killed, within {after:.1f} s")
        except subprocess.TimeoutExpired:
            victim.process.kill()
            print(f"  killed after {after:.1f} s")
        victim.process.communicate()
        last = victim
    resumed = run(out, "--resume", out)
    want("left behind by the last killed run", left_behind(last.pid), [])
    summary(resumed.tree)
    want("maxima", maxima(resumed.tree),
         [(c, s, 2) for c in ("9.1", "9.2", "10.1") for s in ("steady", "c-card-oir")])


# ---- the reference PE as a process ------------------------------------------------------------

REAL = ["--dut", "reference", "--clock", "real"]


def case_refpe_mvpns(work):
    """Two mVPNs held, three not, as on the virtual clock; the DUT needs 3 s after a flap."""
    settings = sets(dut__limits__mvpns=2, search__start=2, search__max=3, search__instances=2,
                    stimulus__at="every", stimulus__repeat=1,
                    **{"dut.recovery.p-link-flap_ms": 3000})
    out = os.path.join(work, "run")
    tree = run(out, "9.1", *REAL, "--stimulus", "p-link-flap", "--pcap",
               *timing(work, setup_limit_s=15), *settings).tree
    summary(tree)
    want("maxima", maxima(tree), [("9.1", "steady", 2), ("9.1", "p-link-flap", 2)])
    want("first_fail", tree["cases"][0]["maximum"][0]["first_fail"], 3)
    best = [i for i in instances(tree) if i["verdict"] == "pass"][0]
    holds(best)
    recovered(best, ["p-link-flap"], least=3.0)
    judge_captures(out, tree, "goodbyes", "Hellos 30 s apart")
    virtual = run(os.path.join(work, "virtual"), "9.1", "--steady-only", *settings).tree
    want("maximum on the virtual clock", maxima(virtual), maxima(tree)[:1])


def case_refpe_maxima(work):
    """Small limits of every kind have the same maxima on both clocks, and both link flaps recover."""
    flaps = {"dut.recovery.p-link-flap_ms": 3000, "dut.recovery.c-link-flap_ms": 3000}
    runs = [
        ("mvpns", ["9.1", "--stimulus", "p-link-flap,c-link-flap"],
         sets(dut__limits__mvpns=2, search__max=4, search__instances=1, stimulus__repeat=1,
              **flaps)),
        ("neighbours", ["10.1", "--steady-only"],  # 1 + R <= 6
         sets(dut__limits__neighbours=6, case__mvpns=1, search__start=4, search__max=8,
              search__instances=1)),
        ("mroutes", ["9.3", "--steady-only"],  # 2 g (1 + 2) <= 40
         sets(dut__limits__mroutes=40, case__mvpns=2, case__sources_per_group=2,
              case__ingress_share=0.5, search__start=5, search__max=8, search__instances=1)),
    ]
    for name, args, settings in runs:
        real = run(os.path.join(work, name), *args, *REAL, "--pcap",
                   *timing(work, setup_limit_s=15), *settings)
        virtual = run(os.path.join(work, name + "-virtual"), *args, *settings)
        print(f"{name}: {real.seconds:.0f} s")
        summary(real.tree)
        want(f"{name} on both clocks", maxima(real.tree), maxima(virtual.tree))
        judge_captures(real.out, real.tree, "goodbyes")
        for i in instances(real.tree):
            if i["verdict"] == "pass":
                holds(i)
            if i["recovery"]:
                recovered(i, ["p-link-flap", "c-link-flap"], least=3.0)


def case_refpe_killed(work):
    """SIGKILL in the middle of an instance: what is left is removed by the next run, which goes
    on to the same maximum."""
    out = os.path.join(work, "run")
    killed = Run(out, "9.1", *REAL, "--steady-only", *timing(work), *sets(case__mvpns=2),
                 quiet=False)
    killed.until("step 7")
    killed.process.kill()
    killed.process.communicate()
    if not left_behind(killed.pid):
        fail("nothing was left to clean up: the kill came too early")
    resumed = run(out, "--resume", out)
    want("left behind by the killed run", left_behind(killed.pid), [])
    want("maxima", maxima(resumed.tree), [("9.1", "steady", 2)])
    for i in instances(resumed.tree):
        holds(i)


def ip(*lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)


def case_testbed(work):
    """The links are there before the run, in namespaces that a testbed file names, and so is the
    reference PE at their far ends; an MTU of 1,700."""
    a, b = f"mvl{os.getpid()}-a", f"mvl{os.getpid()}-b"
    control, testbed = os.path.join(work, "pe.sock"), os.path.join(work, "testbed.yaml")
    with open(testbed, "w", encoding="utf-8") as f:
        f.write(f"ports: {{a1: {{interfaces: [n1, n2], namespace: {a}}}, "
                f"a3: {{interface: n3, namespace: {a}}}}}\nmtu: 1700\n"
                "addressing: {mdt_groups: 239.7.0.0}\n")
    pe = None
    try:
        ip(f"netns add {a}", f"netns add {b}")
        for n in (1, 2, 3):
            ip(f"link add n{n} netns {a} index {2 * n + 100} mtu 1700 type veth peer name f{n} "
               f"netns {b} index {2 * n + 101} mtu 1700")
        pe = subprocess.Popen([PROGRAM, "refpe", "--netns", b, "--interface-c", "f1",
                               "--interface-c", "f2", "--interface-p", "f3", "--control", control])
        while pe.poll() is None and not os.path.exists(control):
            time.sleep(0.05)
        out = os.path.join(work, "run")
        tree = run(out, "9.1", *REAL, "--testbed", testbed, "--steady-only", "--pcap",
                   *timing(work),
                   *sets(dut__control=control, search__start=2, search__max=3,
                         search__instances=1)).tree
        want("the reference PE ends with its owner", pe.wait(timeout=10), 0)
    finally:
        if pe is not None and pe.poll() is None:
            pe.kill()
        for ns in (a, b):
            subprocess.run(["ip", "netns", "del", ns], check=False)
    summary(tree)
    want("maxima", maxima(tree), [("9.1", "steady", 2)])
    want("bounded by", tree["cases"][0]["maximum"][0]["bounded_by"], "apparatus")
    holds(instances(tree)[0])
    judge_captures(out, tree, "goodbyes")
    groups = {m.link for m in capture.read(os.path.join(out, "a3.pcap")) if m.link}
    want("default MDTs", groups, {("239.7.0.1",), ("239.7.0.2",)})


def case_refpe_interrupted(work):
    """Ctrl-C in the middle of an instance on the reference PE as a process, and --resume."""
    interrupted(work, "reference", "--clock", "real")


# ---- interruption -----------------------------------------------------------------------------


def interrupt(process, limit_s):
    """SIGINT to a run that is in the middle of its first instance, and what it owes then."""
    at = time.time()
    process.process.send_signal(signal.SIGINT)
    process.wait(code=4, limit_s=limit_s).clean()
    print(f"  exit 4 {time.time() - at:.1f} s after SIGINT")
    if "--resume" not in process.stderr.splitlines()[-1]:
        fail(f"no word of how to go on: {process.stderr}")
    want("instances in what there is", instances(process.tree), [])
    said = 0
    for port in ("a1", "a3"):
        closed, silent, joined = capture.withdrawn(os.path.join(process.out, port + ".pcap"))
        want(f"sessions without a goodbye, entries without a prune on {port}", (silent, joined),
             (0, 0))
        said += closed
    return said


def interrupted(work, *dut, resume=True):
    out = os.path.join(work, "run")
    args = ["9.1", "--dut", *dut, "--steady-only", "--pcap", *timing(work), *sets(case__mvpns=2)]
    process = Run(out, *args, quiet=False)
    process.until("step 7")
    # Two C-routers, two remote PEs and the P router.
    want("goodbyes", interrupt(process, 15), 5)
    if not resume:
        return
    resumed = run(out, "--resume", out)
    want("maxima after --resume", maxima(resumed.tree), [("9.1", "steady", 2)])
    for i in instances(resumed.tree):
        holds(i)
    judge_captures(out, resumed.tree, "goodbyes")


def case_virtual_interrupted(work):
    process = Run(os.path.join(work, "run"), "9.1", "--steady-only", "--pcap",
                  *sets(case__mvpns=1000), quiet=False)
    process.until("9.1-0001: step")
    time.sleep(0.5)  # well into the instance
    if interrupt(process, 15) == 0:
        fail("the instance had not begun")


# ---- refusals ---------------------------------------------------------------------------------


def refused(what, command, code, *words):
    """The program ends at once with that code and one line, in which the words stand."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    lines = done.stderr.strip().splitlines()
    if done.returncode != code or len(lines) != 1 or not all(w in lines[0] for w in words):
        fail(f"{what}: exit {done.returncode}, expected {code} with {words}\n{done.stderr}")
    print(f"  {lines[0]}")


def case_refusals(work):
    """Nothing but one line comes of what cannot be."""
    run_it = [PROGRAM, "run", "9.1", "--quiet", "--out"]
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    os.chmod(work, 0o777)
    for n, dut in enumerate((["frr"], ["reference", "--clock", "real"])):
        refused("without root", [*nobody, *run_it, f"{work}/n{n}", "--dut", *dut], 3, "root")
    testbed = os.path.join(work, "testbed.yaml")
    with open(testbed, "w", encoding="utf-8") as f:
        f.write("ports: {a1: {interface: mvb-none}, a3: {interface: mvb-no}}\n")
    refused("missing interfaces", [*run_it, f"{work}/m", *REAL, "--testbed", testbed], 3,
            "mvb-none")
    refused("ports for FRR", [*run_it, f"{work}/f", "--dut", "frr", "--testbed", testbed], 2,
            "its own testbed")


# ---- the whole live set -----------------------------------------------------------------------


def case_sizes(work):
    """The sizes that FRR is asked to hold, in less than 12 minutes; printed run by run."""
    seconds, done = 0.0, []
    frr = ["--dut", "frr", "--pcap"]
    runs = [
        ("9.1 with 1, 2, 4, 8 mVPNs and both link flaps",
         ["9.1", *frr, "--stimulus", "p-link-flap,c-link-flap", *sets(search__max=8, search__instances=4, stimulus__repeat=1)],
         [("9.1", "steady", 8), ("9.1", "p-link-flap", 8), ("9.1", "c-link-flap", 8)]),
        ("9.3 with 4 mVPNs and 2 sources a group up to 200 groups each",
         ["9.3", *frr, "--steady-only",
          *sets(case__mvpns=4, case__sources_per_group=2, search__start=100, search__max=200,
                search__instances=1)], [("9.3", "steady", 200)] * 3),
        ("10.1 with 2 mVPNs and 50 remote PEs each",
         ["10.1", *frr, "--steady-only",
          *sets(case__mvpns=2, case__remote_pes=50)], [("10.1", "steady", 50)]),
    ]
    for n, (title, args, expected) in enumerate(runs):
        one = run(os.path.join(work, str(n)), *args)
        done.append(one)
        seconds += one.seconds
        print(f"{title}: {one.seconds:.0f} s")
        summary(one.tree)
        want("maxima", maxima(one.tree), expected)
        for i in instances(one.tree):
            if i["verdict"] != "invalid":  # the host was too busy; such an instance is repeated
                holds(i)
    print(f"the sizes: {seconds:.0f} s", flush=True)
    if seconds > 720:
        fail("more than 12 minutes")
    for one in done:
        judge_captures(one.out, one.tree, "goodbyes")


def case_full(work):
    """Sizes, then every case and stimulus, then what is killed goes on."""
    for name in ("sizes", "frr_campaign", "frr_killed"):
        own = os.path.join(work, name)
        os.mkdir(own)
        globals()["case_" + name](own)


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    name = sys.argv[2]
    if os.geteuid() != 0 and not name.startswith("virtual"):
        print("skipped: needs root")
        sys.exit(77)
    if ("frr" in name or name in ("refusals", "full", "sizes")) and not all(os.path.exists(p) for p in FRR):
        print("skipped: needs the package frr")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="mvpnbench-live-") as work:
        globals()["case_" + name](work)
    print(f"{name}: as demanded")


if __name__ == "__main__":
    main()
