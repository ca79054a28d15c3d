#!/usr/bin/env python3
"""`mvpnbench compare` on runs of the reference PE: what fell is known from their settings.

Usage: check_compare.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_".
"""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = ""
LIMIT = 3  # mVPNs: searches end after a few instances


def run(work, name, *args, case="9.1", stimuli=("--stimulus", "p-link-flap"), **values):
    """Runs a case; keyword arguments are settings, a double underscore stands for a dot."""
    out = os.path.join(work, name)
    values.setdefault("dut__limits__mvpns", LIMIT)
    options = []
    for key, value in values.items():
        options += ["--set", f"{key.replace('__', '.')}={value}"]
    command = [PROGRAM, "run", case, *stimuli, *options, *args, "--out", out, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return out


def compare(code, *args):
    """Returns the comparison as a tree, as text, and what was said on stderr."""
    command = [PROGRAM, "compare", *args]
    for form in ("json", "text"):
        done = subprocess.run([*command, "--format", form], capture_output=True, text=True,
                              timeout=60)
        if done.returncode != code:
            sys.exit(f"{' '.join(command)}: exit {done.returncode}, expected {code}\n"
                     f"{done.stdout}{done.stderr}")
        if (len(done.stderr.strip().splitlines()) == 1) != (code != 0):
            sys.exit(f"{' '.join(command)}: stderr {done.stderr!r}")
        if form == "json":
            tree = json.loads(done.stdout)
    if any(len(line) > 100 for line in done.stdout.splitlines()):
        sys.exit("a line of the text is longer than 100 columns")
    return tree, done.stdout, done.stderr


def want(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def want_in(what, part, whole):
    if part not in " ".join(whole.split()):
        sys.exit(f"{what}: {part!r} is not in\n{whole}")


def row(tree, stimulus, quantity):
    found = [r for r in tree["rows"] if (r["stimulus"], r["quantity"]) == (stimulus, quantity)]
    if len(found) != 1:
        sys.exit(f"{stimulus} {quantity}: {len(found)} rows")
    return found[0]


def verdict(tree, stimulus, quantity):
    return row(tree, stimulus, quantity)["compared"][0]["verdict"]


def case_limits(work):
    """Two runs of different dut.limits: what fell is named, exit 1; the other way it rose."""
    a, b = run(work, "a"), run(work, "b", dut__limits__mvpns=LIMIT - 1)
    tree, text, stderr = compare(1, a, b)
    fell = row(tree, "steady", "Num_mVPN")
    want("values", fell["values"], [LIMIT, LIMIT - 1])
    want("difference", fell["compared"][0]["difference"], -1)
    want("verdict", tree["summary"]["verdict"], "worse")
    want_in("text", "B holds less than A in:", text)
    want_in("text", f"9.1 Num_mVPN {LIMIT} -> {LIMIT - 1} (-33.3 %, tolerance 0)", text)
    want_in("stderr", "are worse than in the first run", stderr)
    tree, text, _ = compare(0, b, a)
    want("the other way", tree["summary"]["verdict"], "better")
    want_in("text", "B holds more than A in:", text)
    compare(0, a, b, "--tolerance", "34%")
    compare(1, a, b, "--tolerance", "33%")
    compare(0, a, b, "--tolerance", "Num_mVPN=1")
    # A later run counts wherever it stands.
    compare(1, a, a, b)
    page = os.path.join(work, "page.html")
    done = subprocess.run([PROGRAM, "compare", a, b, "--format", "html", "--out", page],
                          capture_output=True, text=True, timeout=60)
    want("exit with --out", done.returncode, 1)
    with open(page, encoding="utf-8") as f:
        want_in("page", "Num_mVPN", f.read())
    want("files left", os.path.exists(page + ".tmp"), False)


def case_same(work):
    """The same DUT: exit 0, with another seed as well; latency of a jittery link included."""
    a = run(work, "a")
    tree, _, _ = compare(0, a, run(work, "again"))
    want("incomparable", tree["summary"]["incomparable"], 0)
    want("verdict", tree["summary"]["verdict"], "same")
    want("tolerance of the maximum", row(tree, "steady", "Num_mVPN")["compared"][0]["tolerance"],
         0)
    for seed in ("2", "3", "4"):
        tree, _, _ = compare(0, a, run(work, f"seed{seed}", "--seed", seed))
        want(f"seed {seed}", (tree["summary"]["worse"], tree["summary"]["incomparable"]), (0, 0))


def case_slower(work):
    """A recovery that takes four seconds more is named; within a tolerance it is not."""
    a = run(work, "a")
    b = run(work, "b", **{"dut__recovery__p-link-flap_ms": 9000})
    tree, text, _ = compare(1, a, b)
    want("maximum", verdict(tree, "p-link-flap", "Num_mVPN"), "same")
    want("Trall-Tf", verdict(tree, "p-link-flap", "Trall-Tf"), "worse")
    difference = row(tree, "p-link-flap", "Trall-Tf")["compared"][0]["difference"]
    if abs(difference - 4) > 0.01:
        sys.exit(f"Trall-Tf differs by {difference}")
    want_in("text", "B takes longer than A to recover:", text)
    compare(0, a, b, "--tolerance", "times=4.5")
    compare(1, a, b, "--tolerance", "Trall-Tf=4.5")


def case_timing(work):
    """State that did not expire is not compared with the draft's timing; the rest is."""
    timing = os.path.join(work, "hold.yaml")
    with open(timing, "w", encoding="utf-8") as f:
        f.write("traffic_limit_s: 600\nsteady_wait_s: 600\npre_stimulus_wait_s: 600\n"
                "hold_out_s: 5\nrecovery_limit_s: 1200\npost_recovery_wait_s: 600\n"
                "setup_limit_s: 600\n")
    a, b = run(work, "a"), run(work, "b", "--timing", timing)
    tree, text, _ = compare(0, a, b)
    want("steady", verdict(tree, "steady", "Num_mVPN"), "same")
    want("p-link-flap", verdict(tree, "p-link-flap", "Num_mVPN"), "incomparable")
    want("Trall-Tf", verdict(tree, "p-link-flap", "Trall-Tf"), "incomparable")
    want_in("text", "hold_out_s is 300 in A and 5 in B", text)
    want_in("text", "state had not expired in B alone (state-not-expired)", text)
    want_in("text", "4 more could not be compared", text)
    _, _, stderr = compare(1, a, b, "--strict")
    want_in("stderr", "4 values could not be compared (--strict)", stderr)


def case_incomparable(work):
    """Another rate, packet size or number of C-interfaces: nothing is claimed, and no success."""
    a = run(work, "a")
    for what, settings in (("rate_pps is 1 in A and 2 in B", {"traffic__rate_pps": 2}),
                           ("packet_bytes is 100 in A and 200 in B",
                            {"traffic__packet_bytes": 200}),
                           ("c_interfaces is 1 in A and 2 in B", {"case__c_interfaces": 2})):
        tree, text, stderr = compare(1, a, run(work, what.split()[0], **settings))
        want("verdict", tree["summary"]["verdict"], "incomparable")
        want_in("text", what, text)
        want_in("stderr", "nothing could be compared", stderr)
    where = [run(work, f"where{n}", case="9.3", stimuli=("--steady-only",), case__mvpns=n,
                 case__sources_per_group=2, case__ingress_share=0, dut__limits__mroutes=30)
             for n in (1, 2)]
    _, text, _ = compare(1, *where)
    want_in("text", "B has no maximum at this place; it has (N=2", text)
    _, text, _ = compare(1, a, where[0])
    want_in("text", "B did not run it", text)


def case_repeats(work):
    """On a jittery link a difference within the spread of the repeats is none."""
    values = {"dut__link__a1__jitter_us": 400000, "dut__link__a3__jitter_us": 400000,
              "stimulus__repeat": 3, "traffic__rate_pps": 5, "dut__limits__mvpns": 2}
    a = run(work, "a", **values)
    b = run(work, "b", **{"dut__recovery__p-link-flap_ms": 5200}, **values)
    tree, _, _ = compare(0, a, b)
    for name in ("Tre-Tf", "Trd-Tf", "Trall-Tf"):
        r = row(tree, "p-link-flap", name)
        spread = max(d["max"] - d["min"] for d in r["details"])
        if r["compared"][0]["tolerance"] < spread - 1e-9:
            sys.exit(f"{name}: tolerance {r['compared'][0]['tolerance']} below {spread}")
        want(name, [d["repeats"] for d in r["details"]], [3, 3])


def case_hostile(work):
    """A DUT's name cannot break or inject into any form."""
    name = "<script>alert(1)</script>\\u001b[31m&\\\"'"
    a = run(work, "a", dut__limits__mvpns=2)
    path = os.path.join(a, "result.json")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    b = os.path.join(work, "b")
    os.mkdir(b)
    with open(os.path.join(b, "result.json"), "w", encoding="utf-8") as f:
        f.write(text.replace('"name": "reference PE"', f'"name": "{name}"'))
    _, text, _ = compare(0, a, b)
    want_in("text", "<script>", text)
    want("escape characters", "\x1b" in text, False)
    page = subprocess.run([PROGRAM, "compare", a, b, "--format", "html"], capture_output=True,
                          text=True, timeout=60).stdout
    want("script in the page", "<script>alert" in page, False)
    want("escape characters in the page", "\x1b" in page, False)
    want_in("page", "&lt;script&gt;", page)


def main():
    global PROGRAM
    PROGRAM = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="mvpn-compare-") as work:
        globals()["case_" + sys.argv[2]](work)


main()
