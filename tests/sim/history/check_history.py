#!/usr/bin/env python3
"""The history of results, from runs on the virtual clock to the build that fell, from outside.

Usage: check_history.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_".
"""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = ""
# A name that would break out of SQL, HTML, CSV, a terminal and a line.
HOSTILE = "=1+1 \"PE'); DROP TABLE run; --\"\n<script>alert(1)</script>\x1b[31m"


def call(work, *args, code=0):
    """Runs the program in work; returns what it said on stdout and on stderr."""
    done = subprocess.run([PROGRAM, *args], cwd=work, capture_output=True, timeout=300)
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    if done.returncode != code:
        sys.exit(f"{args}: exit {done.returncode}, expected {code}\n{out}\n{err}")
    return out, err


def history(work, *args, code=0):
    out, err = call(work, "history", *args, "--db", "h.db", code=code)
    if code != 0 and len(err.splitlines()) != 1:
        sys.exit(f"{args}: not one line on stderr:\n{err}")
    return out, err


def answer(work, *args, code=0):
    return json.loads(history(work, *args, "--format", "json", code=code)[0])


def want(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, expected {expected!r}")


def want_in(what, part, text):
    if part not in text:
        sys.exit(f"{what}: {part!r} is not in\n{text}")


def want_page(what, text):
    """ASCII in at most 100 columns, nothing that steers a terminal."""
    for line in text.splitlines():
        if len(line) > 100 or any(not " " <= c <= "~" for c in line):
            sys.exit(f"{what}: {line!r}")


def profile(work, version, mvpns, name="lab PE", recovery_ms=4000):
    path = f"{version.replace('/', '-')}.yaml"
    with open(os.path.join(work, path), "w", encoding="utf-8") as f:
        # YAML takes what JSON writes.
        json.dump({"driver": "reference", "name": name, "version": version,
                   "settings": {"limits": {"mvpns": mvpns},
                                "recovery": {"p-link-flap_ms": recovery_ms}}}, f)
    return path


def run(work, version, mvpns, *args, code=0, **more):
    return call(work, "run", "9.1", "--quiet", "--dut", profile(work, version, mvpns, **more),
                "--out", f"r-{version}", *(args or ("--steady-only",)), code=code)


def case_builds(work):
    """Three builds, of which the second in the order of versions holds less."""
    run(work, "7.10", 4, "--db", "h.db", "--stimulus", "p-link-flap")
    run(work, "7.9", 5, "--db", "h.db", "--stimulus", "p-link-flap")
    run(work, "7.11", 4, "--stimulus", "p-link-flap", recovery_ms=9000)
    out, _ = history(work, "import", "r-7.11", "r-7.9/result.json")
    want_in("import", "r-7.11: imported as run 3", out)
    want_in("import", "already there as run 2", out)

    out, _ = history(work)
    want_page("list", out)
    order = [r["version"] for r in answer(work, "list")["runs"]]
    want("order of versions", order, ["7.9", "7.10", "7.11"])

    out, _ = history(work, "show", "Num_mVPN", "--case", "9.1", "--stimulus", "steady")
    want_page("show", out)
    want_in("plot", "7.10 |######################################## 4 <- fell", out)
    line, = answer(work, "show", "maximum", "--stimulus", "steady")["lines"]
    want("values", [p["value"] for p in line["points"]], [5, 4, 4])
    want("first fall", line["first_fall"]["to"], {"run": 1, "version": "7.10", "value": 4})

    # Trall of 5 mVPNs and of 4 are two lines; on that of 4 the slow build fell.
    shown = answer(work, "show", "Trall")
    want("lines of Trall", len(shown["lines"]), 2)
    want("they differ in", list(shown["differ"]), ["mvpns"])
    falls = answer(work, "first-fall", code=1)["falls"]
    want("falls", [(f["quantity"], f["stimulus"], f["to"]["version"]) for f in falls],
         [("Num_mVPN", "steady", "7.10"), ("Num_mVPN", "p-link-flap", "7.10"),
          ("Trall-Tf", "p-link-flap", "7.11"), ("Trd-Tf", "p-link-flap", "7.11"),
          ("Tre-Tf", "p-link-flap", "7.11")])
    with open(os.path.join(work, "r-7.11", "result.json"), encoding="utf-8") as f:
        recovery = [i for i in json.load(f)["cases"][0]["instances"] if i["recovery"]][0]
    want("Trall of run 3", falls[2]["to"]["value"], recovery["recovery"][0]["Trall-Tf"])
    out, err = history(work, "first-fall", "Num_mVPN", code=1)
    want_page("first-fall", out)
    want_in("first-fall", "First build that fell: 7.10 (run 1): 5 -> 4, after 7.9 (run 2)", out)
    history(work, "first-fall", "Num_mVPN", "--tolerance", "1")
    history(work, "first-fall", "Num_mVPN", "--tolerance=20%")

    rows = list(csv.DictReader(io.StringIO(
        history(work, "show", "Num_OIF_C", "--stimulus", "steady", "--format", "csv")[0])))
    want("CSV", [(r["version"], r["value"]) for r in rows],
         [("7.9", "20"), ("7.10", "16"), ("7.11", "16")])
    html, _ = history(work, "show", "Num_mVPN", "--stimulus", "steady", "--format", "html")
    want_in("HTML", "<svg", html)
    history(work, "delete", "1")
    history(work, "delete", "1", code=2)
    want("after delete", [r["run"] for r in answer(work, "list")["runs"]], [2, 3])


def case_refused(work):
    """A database that cannot take the run is refused before anything is sent."""
    with open(os.path.join(work, "letter"), "w", encoding="utf-8") as f:
        f.write("Dear reader, this is no database.\n" * 100)
    before = sorted(os.listdir(work))
    for path, says in (("letter", "no SQLite database"), (".", "no file"), ("no/dir/h.db", "no/dir")):
        _, err = call(work, "run", "9.1", "--steady-only", "--out", "r", "--db", path, code=2)
        want_in(path, says, err)
    want("what is left", sorted(os.listdir(work)), before)
    history(work, "list", code=2)
    for words in (("shw",), ("show",), ("import",), ("list", "x"), ("delete", "x"),
                  ("first-fall", "--tolerance", "x"), ("import", "nowhere")):
        history(work, *words, code=2)
    want_in("without --db", "--db FILE", call(work, "history", code=2)[1])
    # A requirement that is not met is no reason to forget what was measured.
    run(work, "1", 2, "--steady-only", "--require", "9.1:Num_mVPN>=3", "--db", "h.db", code=1)
    want("runs", len(answer(work, "list")["runs"]), 1)


def case_hostile(work):
    run(work, "1", 3, "--steady-only", "--db", "h.db", name=HOSTILE)
    run(work, "2", 2, "--steady-only", "--db", "h.db", name=HOSTILE)
    runs = answer(work, "list")["runs"]
    want("names", [r["dut"] for r in runs], [HOSTILE, HOSTILE])
    line, = answer(work, "show", "Num_mVPN", "--dut", HOSTILE)["lines"]
    want("first fall", line["first_fall"]["to"]["version"], "2")
    for command in (("list",), ("show", "Num_mVPN"), ("first-fall",)):
        code = 1 if command == ("first-fall",) else 0
        want_page(command, history(work, *command, code=code)[0])
        html, _ = history(work, *command, "--format", "html", code=code)
        if "<script>alert" in html or "\x1b" in html:
            sys.exit(f"{command}: a name became part of the page")
        rows = list(csv.DictReader(io.StringIO(
            history(work, *command, "--format", "csv", code=code)[0])))
        if rows[0]["dut"].startswith("=") or "\x1b" in rows[0]["dut"]:
            sys.exit(f"{command}: {rows[0]['dut']!r}")


def case_resume(work):
    """An interrupted run does not go in, its end does, and only once."""
    path = profile(work, "1", 40)
    command = [PROGRAM, "run", "9.1", "--quiet", "--jobs", "1", "--dut", path, "--out", "r",
               "--db", "h.db"]
    with subprocess.Popen(command, cwd=work, stderr=subprocess.PIPE) as process:
        journal = os.path.join(work, "r", "journal")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if os.path.exists(journal) and open(journal, "rb").read().count(b"\n") > 2:
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        want("exit of the interrupted run", process.wait(60), 4)
    want("a database", os.path.exists(os.path.join(work, "h.db")), False)
    want_in("import", "not finished", history(work, "import", "r", code=2)[1])
    call(work, "run", "--resume", "r", "--quiet")
    want("runs", [r["run"] for r in answer(work, "list")["runs"]], [1])
    call(work, "run", "--resume", "r", "--quiet")
    want("runs", [r["run"] for r in answer(work, "list")["runs"]], [1])
    # Also into another history than the run was begun for.
    call(work, "run", "--resume", "r", "--quiet", "--db", "other.db")
    out, _ = call(work, "history", "--db", "other.db", "--format", "json")
    want("runs of the other", len(json.loads(out)["runs"]), 1)


def variants(work, count):
    """Copies of a real result, of many builds; every build from 700 on holds one less."""
    run(work, "0", 4, "--stimulus", "all")
    with open(os.path.join(work, "r-0", "result.json"), encoding="utf-8") as f:
        text = f.read()
    paths = []
    for i in range(1, count + 1):
        tree = json.loads(text)
        for one_case in tree["cases"]:
            one_case["dut"]["version"] = f"1.{i}"
            for entry in one_case["maximum"] if i >= 700 else []:
                entry["value"] -= 1
        paths.append(f"v{i}.json")
        with open(os.path.join(work, paths[-1]), "w", encoding="utf-8") as f:
            json.dump(tree, f)
    return paths


def case_at_once(work):
    """CI jobs that end at the same time: every result is in, once."""
    paths = variants(work, 24)
    jobs = [subprocess.Popen([PROGRAM, "history", "import", *paths[i::2], *paths[:4], "--db",
                              "h.db"], cwd=work, stdout=subprocess.DEVNULL) for i in (0, 1)]
    want("exit codes", [j.wait(120) for j in jobs], [0, 0])
    runs = answer(work, "list")["runs"]
    want("versions", [r["version"] for r in runs], [f"1.{i}" for i in range(1, 25)])
    want("numbers", sorted(r["run"] for r in runs), list(range(1, 25)))


def case_thousand(work):
    """Prints what a thousand runs cost."""
    paths = variants(work, 1000)
    started = time.monotonic()
    history(work, "import", *paths)
    imported = time.monotonic()
    falls = answer(work, "first-fall", code=1)["falls"]
    judged = time.monotonic()
    history(work, "show", "Num_mVPN", "--stimulus", "steady")
    shown = time.monotonic()
    history(work, "list")
    listed = time.monotonic()
    size = os.path.getsize(os.path.join(work, "h.db"))
    print(f"1000 runs: import {imported - started:.1f} s, first-fall over everything "
          f"{judged - imported:.2f} s, show {shown - judged:.2f} s, list {listed - shown:.2f} s, "
          f"{size / 1e6:.1f} MB")
    want("builds that fell", {f["to"]["version"] for f in falls}, {"1.700"})
    if imported - started > 120 or judged - imported > 20 or shown - judged > 10:
        sys.exit("too slow")


def main():
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        globals()[f"case_{sys.argv[2]}"](work)


if __name__ == "__main__":
    main()
