#!/usr/bin/env python3
"""What each kind of DUT covers of each test case: a table made from result.json files of runs.

usage: coverage.py DIR...                        prints the tables of these runs
       coverage.py --program MVPNBENCH [--real] [--frr] [--keep DIR] [DIR...]
                                                makes the runs first (--real, --frr: as root, in
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

SMALL = {"9.1": ["case.mvpns=2"], "9.3": ["case.mvpns=2", "case.groups=4", "case.sources_per_group=2"],
         "10.1": ["case.mvpns=2", "case.remote_pes=3"]}
VARIANTS = {
    "asm": ["mdt.default=asm"],
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


ONCE = ["--set", "stimulus.repeat=1"]


# ---- the runs -----------------------------------------------------------------------------------

def arguments(case, variant):
    values = SMALL[case] + VARIANTS[variant]
    if case == "9.3":  # one point of its sweep is enough to tell
        values = values + ["sweep.ingress_share=0.5"]
    elif variant.startswith(("spmsi", "reuse")):
        values = values + ["case.groups=4"]
    return [o for v in values for o in ("--set", v)]


def make_runs(program, kind, options, keep):
    """One run a case and variant; stimuli with the plain one only. Returns the directories."""
    made = []
    for case in SMALL:
        for variant in VARIANTS:
            out = os.path.join(keep, f"{kind}-{case}-{variant}")
            stimuli = [] if variant == "asm" else ["--steady-only"]
            command = [program, "run", case, *stimuli, *options, *arguments(case, variant), "--out",
                       out, "--quiet"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
            print(f"{kind} {case} {variant}: exit {done.returncode} {done.stderr.strip()[-200:]}",
                  file=sys.stderr)
            if os.path.exists(os.path.join(out, "result.json")):
                made.append(out)
    return made


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


FEATURES = ["steady state", *STIMULI, "default MDT ASM", "default MDT SSM", "default MDT BIDIR",
            "S-PMSI sourced", "S-PMSI received", "S-PMSI reused, sourced",
            "S-PMSI reused, received", "C-RP on the DUT", "receivers IGMPv2", "receivers IGMPv3"]


class Kind:
    """What was seen of one kind of DUT."""

    def __init__(self):
        self.cells = {}      # (case, feature): "yes" or "fails"
        self.read = {}       # variable: set of views that had it
        self.deviations = [] # of the configuration, in the order in which they came
        self.omitted = {}    # stimulus: reason

    def note(self, case, feature, passed):
        if passed or (case, feature) not in self.cells:
            self.cells[(case, feature)] = "yes" if passed else "fails"


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
    for key, view in VIEWS:
        for variable, value in (instance.get(key) or {}).items():
            kind.read.setdefault(variable, set())
            if value is not None and passed:
                kind.read[variable].add(view)


def read_case(kind, case):
    for instance in case["instances"]:
        read_instance(kind, case["case"], instance)
    for text in case["deviations"]["configuration"]:
        if "(instance " not in text and text not in kind.deviations:
            kind.deviations.append(text)
    for text in case["deviations"]["procedure"]:
        found = re.match(r"stimulus (\S+) omitted: (.*)", text)
        if found and found.group(2) != "not asked for":
            kind.omitted[found.group(1)] = found.group(2)


def read_runs(dirs):
    kinds = {}
    for path in dirs:
        with open(os.path.join(path, "result.json"), encoding="utf-8") as f:
            tree = json.load(f)
        for case in tree["cases"]:
            read_case(kinds.setdefault(kind_of(tree, case), Kind()), case)
    return kinds


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
    tried = [c for c in CASES if any((c, "steady state") in k.cells for k in kinds.values())]
    for name, kind in kinds.items():
        print(f"## {name}\n")
        rows = [[f] + [kind.cells.get((c, f), "-") for c in tried] for f in FEATURES]
        table(["what", *tried], rows)
        for stimulus, reason in kind.omitted.items():
            print(f"- {stimulus}: {reason}")
        if kind.omitted:
            print()
    missing = ", ".join(c for c in CASES if c not in tried)
    if missing:
        print(f"Of no kind of DUT there is a run of: {missing}.\n")


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
    print_views(kinds)
    print_deviations(kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dirs", nargs="*", metavar="DIR")
    parser.add_argument("--program", help="make the runs with this program")
    parser.add_argument("--real", action="store_true", help="also the reference PE for real")
    parser.add_argument("--frr", action="store_true", help="also the FRR PE")
    parser.add_argument("--keep", metavar="DIR", help="leave the runs there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mvpnbench-coverage-") as work:
        keep = os.path.abspath(args.keep or work)
        os.makedirs(keep, exist_ok=True)
        dirs = list(args.dirs)
        if args.program:
            program = os.path.abspath(args.program)
            dirs += make_runs(program, "reference", [], keep)
            if args.real:
                dirs += make_runs(program, "real", ["--clock", "real", *ONCE], keep)
            if args.frr:
                dirs += make_runs(program, "frr", ["--dut", "frr", *ONCE], keep)
        if not dirs:
            parser.error("no runs given")
        print_all(read_runs(dirs))


if __name__ == "__main__":
    main()
