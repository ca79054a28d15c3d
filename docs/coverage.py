#!/usr/bin/env python3
"""What each kind of DUT covers of each test case: tables made from result.json files of runs.

usage: coverage.py DIR...                        prints the tables of these runs
       coverage.py --program MVPNBENCH [--virtual] [--real] [--frr] [--hook] [--timing T]
                   [--keep DIR] [DIR...]         makes the runs first (all but --virtual: as root, in
                                                 network namespaces of their own)

docs/coverage.md is what this prints. Nothing is said that no run showed: "yes" is an instance that
passed, "fails" one that was run and did not, "-" was not run or was refused.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

CASES = ["9.1", "9.2", "9.3", "9.4", "9.5", "9.6", "9.7", "9.8", "9.9", "9.10", "9.11", "9.12",
         "9.13", "10.1", "10.2", "11.1"]
STIMULI = ["power-cycle", "processor-switchover", "p-card-oir", "c-card-oir", "p-link-flap",
           "c-link-flap"]

# Every case with every stimulus, small: what is to be seen is that it goes, not how far.
CAMPAIGN = ["case.mvpns=2", "case.remote_pes=3", "case.groups=20", "case.sources_per_group=2",
            "search.9.2.max=3", "search.instances=1", "stimulus.repeat=1"]  # 20 groups: 9.7 needs them
# What else an instance can have, in three of the cases.
SMALL = {"9.1": ["case.mvpns=2"],
         "9.3": ["case.mvpns=2", "case.groups=4", "case.sources_per_group=2",
                 "case.ingress_share=0.5"],
         "10.1": ["case.mvpns=2", "case.remote_pes=3"]}
VARIANTS = {
    "ssm": ["mdt.default=ssm"],
    "bidir": ["mdt.default=bidir"],
    "spmsi_src": ["case.spmsi_src=1"],
    "spmsi_rx": ["case.spmsi_rx=1"],
    "reuse_src": ["case.spmsi_src=1", "case.spmsi_src_flows=2", "sources.per_group=2"],
    "reuse_rx": ["case.spmsi_rx=1", "case.spmsi_rx_flows=2", "sources.per_group=2"],
    "crp": ["c_rp.location=dut"],
    "igmp2": ["receivers.igmp=v2", "igmp.spacing_ms=20"],
    "igmp3": ["receivers.igmp=v3", "igmp.spacing_ms=20"],
}


# ---- the runs -----------------------------------------------------------------------------------

def sets(values):
    return [o for v in values for o in ("--set", v)]


def arguments(case, variant):
    values = SMALL[case] + VARIANTS[variant]
    if case != "9.3" and variant.startswith(("spmsi", "reuse")):
        values = values + ["case.groups=4"]
    return [case, "--steady-only", *sets(values)]


def make_run(command, out):
    """Runs it; its directory if there is a result."""
    done = subprocess.run([*command, "--out", out, "--quiet"], capture_output=True, text=True,
                          timeout=6 * 3600, check=False)
    print(f"{os.path.basename(out)}: exit {done.returncode} {done.stderr.strip()[-200:]}",
          file=sys.stderr, flush=True)
    return [out] if os.path.exists(os.path.join(out, "result.json")) else []


def make_runs(program, kind, options, keep):
    """The whole campaign, and one run a case and variant. Returns the directories."""
    run = [program, "run"]
    made = make_run([*run, "all", *options, "--stimulus", "all", *sets(CAMPAIGN)],
                    os.path.join(keep, f"{kind}-all"))
    for case in SMALL:
        for variant in VARIANTS:
            made += make_run([*run, *arguments(case, variant), *options],
                             os.path.join(keep, f"{kind}-{case}-{variant}"))
    return made


class Lab:
    """The cables of the shipped hook example, while its runs last."""

    def __init__(self, program):
        self.folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir,
                                   "testcases", "duts", "frr-lab")
        self.options = ["--dut", os.path.join(self.folder, "dut.yaml"), "--testbed",
                        os.path.join(self.folder, "testbed.yaml")]
        os.environ["MVPNBENCH"] = program  # the example's GRE program

    def call(self, what):
        subprocess.run([sys.executable, "lab.py", what], cwd=self.folder, check=True)

    def __enter__(self):
        self.call("setup")
        return self

    def __exit__(self, *_):
        self.call("teardown")


# ---- reading ------------------------------------------------------------------------------------

def kind_of(tree, case):
    name = case["dut"]["driver"]
    return f"{name}, {tree['clock']} clock" if name == "reference" else name


def features(instance):
    """What an instance had, by its parameters."""
    p = instance["parameters"]
    names = {"default MDT " + p["mi_pmsi"].upper()}
    if p.get("spmsi_src"):
        names.add("S-PMSI sourced")
    if p.get("spmsi_rx"):
        names.add("S-PMSI received")
    for way, what in (("src", "sourced"), ("rx", "received")):
        if p.get(f"spmsi_{way}_flows", 0) > p.get(f"spmsi_{way}", 0):
            names.add(f"S-PMSI reused, {what}")
    if p.get("c_rp") == "dut":
        names.add("C-RP on the DUT")
    if instance["extra"].get("igmp_c_interfaces"):
        names.add("receivers IGMP" + p["receivers_igmp"])
    return names


FEATURES = ["default MDT ASM", "default MDT SSM", "default MDT BIDIR",
            "S-PMSI sourced", "S-PMSI received", "S-PMSI reused, sourced",
            "S-PMSI reused, received", "C-RP on the DUT", "receivers IGMPv2", "receivers IGMPv3"]


class Kind:
    """What was seen of one kind of DUT."""

    def __init__(self):
        self.cells = {}      # (case, feature or stimulus): "yes" or "fails"
        self.times = {}      # (case, stimulus): largest Trall-Tf of those that passed
        self.maxima = {}     # case: (variable, its values)
        self.measured = {}   # case: what a measuring case got
        self.read = {}       # variable: set of views that had it
        self.deviations = [] # of the configuration, in the order in which they came
        self.omitted = {}    # case: reason
        self.left_out = {}   # stimulus: reason
        self.timings = []    # of the waits, as the runs say them

    def note(self, case, feature, passed):
        if passed or (case, feature) not in self.cells:
            self.cells[(case, feature)] = "yes" if passed else "fails"

    def time(self, case, recovery):
        value, key = recovery["Trall-Tf"], (case, recovery["stimulus"])
        if recovery["verdict"] == "pass" and value is not None:
            self.times[key] = max(value, self.times.get(key, 0))

    def result(self, case):
        variable, values = self.maxima.get(case, ("", ()))
        texts = [f"{variable} {', '.join(map(str, sorted(values)))}"] if values else []
        return "; ".join(texts + self.measured.get(case, []))

    def cell(self, case, feature):
        text = self.cells.get((case, feature), "-")
        seconds = self.times.get((case, feature))
        return f"{text}, {seconds:.1f} s" if text == "yes" and seconds is not None else text


VIEWS = [("metric", "DUT"), ("metric_apparatus", "apparatus"), ("p_instance", "DUT"),
         ("p_instance_apparatus", "apparatus")]


def read_instance(kind, case_id, instance):
    passed = instance["verdict"] == "pass"
    if instance["verdict"] == "invalid":
        return
    for feature in {"steady state"} | features(instance):
        kind.note(case_id, feature, passed)
    for r in instance["recovery"]:
        if r["verdict"] != "invalid":
            kind.note(case_id, r["stimulus"], r["verdict"] == "pass")
            kind.time(case_id, r)
    for key, view in VIEWS:
        for variable, value in (instance.get(key) or {}).items():
            kind.read.setdefault(variable, set())
            if value is not None and passed:
                kind.read[variable].add(view)


def measured(case):
    """What a measuring case got, in words: the span of the averages of its instances."""
    extras = [i["extra"] for i in case["instances"] if i["verdict"] == "pass"]
    for key, what in (("join_convergence", "join convergence"),
                      ("spmsi_switch_delay", "switching delay")):
        values = [e[key]["avg"] for e in extras if e.get(key) and e[key].get("avg") is not None]
        if values:
            yield f"{what} {min(values):.2g} to {max(values):.2g} s"
            break
    for answer in {(e.get("jp_suppression") or {}).get("suppresses") for e in extras} - {None}:
        yield "suppresses Joins" if answer else "does not suppress Joins"


def note_results(kind, case):
    """Maxima of all runs; what was measured, of the last one."""
    maxima = [m for m in case["maximum"] if m["stimulus"] == "steady" and m["value"] is not None]
    if maxima:
        known = kind.maxima.setdefault(case["case"], (maxima[0]["variable"], set()))
        known[1].update(m["value"] for m in maxima)
    elif list(measured(case)):
        kind.measured[case["case"]] = list(measured(case))


def read_case(kind, case):
    name = case["case"]
    if case["omitted"]:
        kind.omitted.setdefault(name, case["omitted"])
    for instance in case["instances"]:
        read_instance(kind, name, instance)
    note_results(kind, case)
    for text in case["deviations"]["configuration"]:
        if "(instance " not in text and text not in kind.deviations:
            kind.deviations.append(text)
    for text in case["deviations"]["procedure"]:
        if text.startswith("timing ") and text not in kind.timings:
            kind.timings.append(text)
        left_out = re.match(r"stimulus (\S+) omitted: (.*)", text)
        if left_out and left_out.group(2) != "not asked for":
            kind.left_out[left_out.group(1)] = left_out.group(2)


def read_runs(dirs):
    """What the runs say, by kind of DUT, in the order in which they were made."""
    kinds, trees = {}, []
    for path in dirs:
        with open(os.path.join(path, "result.json"), encoding="utf-8") as f:
            trees.append(json.load(f))
    for tree in sorted(trees, key=lambda t: t["started"]):
        for case in tree["cases"]:
            read_case(kinds.setdefault(kind_of(tree, case), Kind()), case)
    return dict(sorted(kinds.items()))


# ---- printing -----------------------------------------------------------------------------------

def row(cells):
    print("| " + " | ".join(cells) + " |")


def table(head, rows):
    row(head)
    row(["---"] * len(head))
    for cells in rows:
        row(cells)
    print()


def print_cases(kinds):
    """One table: case x stimulus x DUT."""
    print("## Cases and stimuli\n")
    print("The time is the largest Trall-Tf of the recoveries that passed; the last column what the runs, "
          "all of them\nsmall, found or measured: no limits of these DUTs.\n")
    rows = []
    for case in CASES:
        for name, kind in kinds.items():
            if (case, "steady state") in kind.cells:
                rows.append([case, name,
                             *(kind.cell(case, f) for f in ("steady state", *STIMULI)),
                             kind.result(case)])
            elif case in kind.omitted:
                rows.append([case, name, *["-"] * (1 + len(STIMULI)),
                             "omitted: " + kind.omitted[case]])
    table(["case", "DUT", "steady", *STIMULI, "result"], rows)
    for name, kind in kinds.items():
        for text in kind.timings or ["timing as in the draft"]:
            print(f"- {name}: {re.sub('timing [^ ]*/', 'timing ', text)}")
        for stimulus, reason in kind.left_out.items():
            print(f"- {name}, {stimulus}: {reason}")
    for case in CASES:
        missing = [n for n, k in kinds.items()
                   if (case, "steady state") not in k.cells and case not in k.omitted]
        if missing:
            print(f"- {case}: no run on {', '.join(missing)}")
    print()


def print_features(kinds):
    print("## Variants\n")
    rows = []
    for feature in FEATURES:
        rows.append([feature])
        for kind in kinds.values():
            passed = [c for c in CASES if kind.cells.get((c, feature)) == "yes"]
            failed = [c for c in CASES if kind.cells.get((c, feature)) == "fails"]
            rows[-1].append(" ".join(passed + [f"fails: {' '.join(failed)}"] * bool(failed)) or "-")
    table(["cases with", *kinds], rows)


def print_views(kinds):
    print("## Variables\n\nWho gave a value: the DUT itself, or what the apparatus received.\n")
    variables = []
    for kind in kinds.values():
        variables += [v for v in kind.read if v not in variables]
    rows = [[f"`{v}`"] + [", ".join(sorted(k.read.get(v, ()))) or "-" for k in kinds.values()]
            for v in variables]
    table(["variable", *kinds], rows)


def print_deviations(kinds):
    print("## Where the configuration is not the draft's\n")
    for name, kind in kinds.items():
        print(f"{name}:\n")
        for text in kind.deviations:
            print(f"- {text}")
        print()


def print_all(kinds):
    print("# What each kind of DUT covers\n")
    print("Made by `docs/coverage.py` from the `result.json` of runs, not written by hand. *yes*: an "
          "instance with it\npassed; *fails*: one was run and did not pass; *-*: not run, refused by "
          "the driver, or spoilt by the\napparatus (invalid).\n")
    print_cases(kinds)
    print_features(kinds)
    print_views(kinds)
    print_deviations(kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dirs", nargs="*", metavar="DIR")
    parser.add_argument("--program", help="make the runs with this program")
    parser.add_argument("--virtual", action="store_true", help="the reference PE in process")
    parser.add_argument("--real", action="store_true", help="the reference PE on interfaces")
    parser.add_argument("--frr", action="store_true", help="the FRR PE")
    parser.add_argument("--hook", action="store_true", help="FRR through the hook driver")
    parser.add_argument("--timing", default="quick", help="of all but --virtual (quick, or a file)")
    parser.add_argument("--keep", metavar="DIR", help="leave the runs there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mvpnbench-coverage-") as work:
        keep = os.path.abspath(args.keep or work)
        os.makedirs(keep, exist_ok=True)
        dirs = list(args.dirs)
        if args.program:
            program, timing = os.path.abspath(args.program), ["--timing", args.timing]
            if args.virtual:
                dirs += make_runs(program, "virtual", ["--set", "traffic.rate_pps=0.1"], keep)
            if args.real:
                dirs += make_runs(program, "real", ["--clock", "real", *timing], keep)
            if args.frr:
                dirs += make_runs(program, "frr", ["--dut", "frr", *timing], keep)
            if args.hook:
                with Lab(program) as lab:
                    dirs += make_runs(program, "hook", [*lab.options, *timing], keep)
        if not dirs:
            parser.error("no runs given")
        print_all(read_runs(dirs))


if __name__ == "__main__":
    main()
