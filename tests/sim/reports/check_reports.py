#!/usr/bin/env python3
"""The renderings of a run, read by the programs that read them: CSV by Python and by SQLite, JUnit
by a CI viewer's parser, XML by a validator, HTML by a parser, text by its columns. Runs that have
not finished, and results whose every string is an attack.

usage: check_reports.py MVPNBENCH REPOSITORY CASE      (on the virtual clock, no privileges)
"""
import copy
import csv
import html.parser
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

PROGRAM, REPOSITORY = sys.argv[1], sys.argv[2]
FILES = {"text": "report.txt", "json": "result.json", "csv": "report.csv", "xml": "report.xml",
         "junit": "junit.xml", "html": "report.html"}
SMALL = ("9.1", "--set", "dut.limits.mvpns=3", "--stimulus", "p-link-flap")
HALF = ("9.1", "9.2", "--set", "dut.limits.mvpns=4", "--set", "search.9.2.max=8", "--jobs", "1",
        "--stimulus", "p-link-flap")
wrong = []


def want(what, got, expected):
    if got != expected:
        wrong.append(f"{what}: {got!r}, expected {expected!r}")


def call(*args, code=0):
    done = subprocess.run([PROGRAM, *args], capture_output=True, timeout=300, check=False)
    if done.returncode != code:
        sys.exit(f"{args}: exit {done.returncode}, expected {code}: {done.stderr.decode()[-2000:]}")
    return done.stdout, done.stderr.decode()


def load(out):
    with open(os.path.join(out, "result.json"), encoding="utf-8") as f:
        return json.load(f)


# ---- readers ----

def rows_of(data):
    """The rows of a CSV, each as long as the first; every column numeric or text throughout."""
    rows = list(csv.reader(data.decode("utf-8").splitlines(keepends=True), strict=True))
    want("fields a row", {len(r) for r in rows}, {len(rows[0])})
    want("names twice", len(set(rows[0])), len(rows[0]))
    return [dict(zip(rows[0], r)) for r in rows[1:]]


TEXTS = re.compile(r"case|title|instance|driver|dut|version|verdict|reason|searched|direction|group|"
                   r"source|receiver|recovery\..*\.verdict|"
                   r"param\.(mi_pmsi|c_rp|receivers_igmp)")
NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")


def check_types(rows, parameters=True):
    for row in rows:
        for name, value in row.items():
            if not parameters and name.startswith("param."):
                continue
            if value != "" and not TEXTS.fullmatch(name) and not NUMBER.match(value):
                wrong.append(f"{name} holds {value!r}")


def check_sqlite(path, rows):
    """What SQLite's shell imports adds up to the same."""
    if shutil.which("sqlite3") is None:
        return
    names = [n for n in rows[0] if not TEXTS.fullmatch(n)]
    sums = ", ".join(f'sum(cast("{n}" as real))' for n in names)
    bad = " + ".join(f"""sum("{n}" glob '*[^-0-9.]*')""" for n in names)
    script = f".mode csv\n.import {path} t\nselect {sums} from t;\nselect {bad} from t;\n"
    done = subprocess.run(["sqlite3", ":memory:"], input=script, capture_output=True, text=True,
                          timeout=60, check=True)
    want("SQLite says", done.stderr, "")
    got, not_numbers = done.stdout.splitlines()
    want("SQLite finds numbers alone", int(not_numbers), 0)
    for name, value in zip(names, next(csv.reader([got]))):
        total = sum(float(r[name] or 0) for r in rows)
        if abs(float(value) - total) > 1e-6 * max(1, abs(total)):
            wrong.append(f"SQLite: sum of {name} is {value}, not {total}")


JUNITPARSER = """
import json, sys
from junitparser import JUnitXml, Failure, Error, Skipped
def of(case, kind):
    result = case.result if isinstance(case.result, list) else [case.result]
    return any(isinstance(r, kind) for r in result)
print(json.dumps([{"name": s.name, "tests": s.tests, "failures": s.failures, "errors": s.errors,
                   "skipped": s.skipped, "time": s.time, "properties": {p.name: p.value for p in
                   s.properties()}, "cases": [{"name": c.name, "time": c.time, "failed": of(c, Failure),
                   "error": of(c, Error), "skipped": of(c, Skipped)} for c in s]}
                  for s in JUnitXml.fromfile(sys.argv[1])]))
"""


def junit_of(path):
    """The suites as the parser of a CI viewer has them; its counts are those of the tests."""
    done = subprocess.run(["/usr/bin/python3", "-c", JUNITPARSER, path], capture_output=True,
                          text=True, timeout=60, check=False)
    if done.returncode != 0 and "No module named" in done.stderr:
        print("junitparser is not installed: its part is left out")
        return []
    if done.returncode != 0:
        sys.exit(f"junitparser: {done.stderr}")
    suites = json.loads(done.stdout)
    for s in suites:
        cases = s["cases"]
        want(f"{s['name']}: tests", s["tests"], len(cases))
        want(f"{s['name']}: failures", s["failures"], sum(c["failed"] for c in cases))
        want(f"{s['name']}: errors", s["errors"], sum(c["error"] for c in cases))
        want(f"{s['name']}: skipped", s["skipped"], sum(c["skipped"] for c in cases))
    return suites


def check_schema(name, path):
    if shutil.which("xmllint") is None:
        return
    done = subprocess.run(["xmllint", "--noout", "--schema", os.path.join(REPOSITORY, name), path],
                          capture_output=True, text=True, timeout=60, check=False)
    want(f"{name}: {done.stderr[-600:]}", done.returncode, 0)


class Page(html.parser.HTMLParser):
    """Counts what must not be in a page, and what must be balanced."""

    def __init__(self):
        super().__init__()
        self.odd, self.open = [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "iframe", "object", "embed", "base", "form", "b0rken"):
            self.odd.append(tag)
        for name, value in attrs:
            if name.startswith("on") or "javascript:" in (value or "") and name in ("href", "src"):
                self.odd.append(f"{tag} {name}={value}")
            if name in ("src", "srcset") and not (value or "").startswith("data:"):
                self.odd.append(f"{tag} {name}={value}")
        if tag not in ("meta", "link", "br", "hr", "img", "input", "col", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag == "wbr":
            return
        while self.open and self.open[-1] != tag and self.open[-1] in ("li", "p", "td", "th"):
            self.open.pop()  # HTML leaves the end of an empty one out
        if not self.open or self.open.pop() != tag:
            self.odd.append(f"</{tag}> closes another element {self.getpos()}")


def check_page(data):
    page = Page()
    page.feed(data.decode("utf-8"))
    page.close()
    want("odd in the page", page.odd[:5], [])


def check_text(data):
    lines = data.decode("ascii").split("\n")
    want("longest line", max(len(line) for line in lines) <= 100, True)
    want("not printable", [c for c in set(data.decode("ascii")) if c != "\n" and not " " <= c <= "~"],
         [])


def all_formats(out, work, *more, code=0, parameters=True):
    """Every rendering of a directory, checked by its reader; returns them by format."""
    got = {}
    for name in FILES:
        got[name] = call("report", out, "--format", name, *more, code=code)[0]
        with open(os.path.join(work, "rendered." + name), "wb") as f:
            f.write(got[name])
    check_text(got["text"])
    json.loads(got["json"])
    rows = rows_of(got["csv"])
    check_types(rows, parameters)
    xml.etree.ElementTree.fromstring(got["xml"])
    check_schema("reports/report.xsd", os.path.join(work, "rendered.xml"))
    check_schema("tests/unit/reports/junit.xsd", os.path.join(work, "rendered.junit"))
    junit_of(os.path.join(work, "rendered.junit"))
    check_page(got["html"])
    return got


# ---- cases ----

def case_formats(work):
    """A run leaves every rendering, and `report` prints the same bytes of each."""
    out = os.path.join(work, "run")
    gates = ("--require", "9.1:Num_mVPN>=4", "--require", "9.1@p-link-flap:Trall-Tf<=60",
             "--require", "9.2:c>=1")
    call("run", *SMALL, "--set", "report.flows=true", "--quiet", "--out", out, *gates, code=1)
    got = all_formats(out, work, *gates, code=1)
    for name, file in FILES.items():
        with open(os.path.join(out, file), "rb") as f:
            want(f"{file} is what report prints", f.read() == got[name], True)
    result = load(out)["cases"][0]
    rows = rows_of(got["csv"])
    check_sqlite(os.path.join(work, "rendered.csv"), rows)
    want("rows", [r["instance"] for r in rows], [i["id"] for i in result["instances"]])
    for row, i in zip(rows, result["instances"]):
        want("begin", float(row["begin_s"]), i["begin"])
        want("searched", row["searched_value"], str(i["parameters"]["mvpns"]))
        for key in ("Num_mVPN", "Num_*G_C", "Num_OIF_C"):
            v = i["metric"][key]
            want(key, row[f"metric.{key}"], "" if v is None else str(v))
        for r in i["recovery"]:
            want("Trall-Tf", float(row["recovery.p-link-flap.Trall-Tf_s"]), r["Trall-Tf"])
            want("floor", float(row["recovery.p-link-flap.apparatus_floor_s"]),
                 r["apparatus_floor_s"])
    flows = rows_of(call("report", out, "--format", "csv", "--flows")[0])
    check_types(flows)
    for i in result["instances"]:
        mine = [f for f in flows if f["instance"] == i["id"]]
        for way in ("ingress", "egress"):
            want(f"{i['id']}: {way} received",
                 sum(int(f["received"]) for f in mine if f["direction"] == way) if mine else 0,
                 i["forwarding"][way]["received"] if i["forwarding"] and mine else 0)
    want("instances with flows", len({f["instance"] for f in flows}) > 0, True)
    suites = junit_of(os.path.join(out, "junit.xml"))
    if suites:
        want("suites", [s["name"] for s in suites], ["9.2", "9.1"])
        want("tests of 9.1", [(c["name"], c["failed"], c["skipped"]) for c in suites[1]["cases"]],
             [("requirement 9.1:Num_mVPN>=4", True, False),
              ("requirement 9.1@p-link-flap:Trall-Tf<=60", False, False),
              ("steady", False, False), ("p-link-flap", False, False)]
             + [(s, False, True) for s in ("power-cycle", "processor-switchover", "p-card-oir",
                                           "c-card-oir", "c-link-flap")])
        spent = sum(i["end"] - i["begin"] for i in result["instances"])
        want("seconds of 9.1", abs(suites[1]["time"] - spent) < 0.01, True)
        want("in its tests", abs(sum(c["time"] for c in suites[1]["cases"]) - spent) < 0.01, True)
        want("version", suites[1]["properties"]["dut.version"], result["dut"]["version"])


def case_use(work):
    """Wrong use is one line and exit 2."""
    out = os.path.join(work, "run")
    call("run", "9.1", "--set", "case.mvpns=1", "--steady-only", "--quiet", "--out", out)
    shutil.copytree(out, os.path.join(work, "bad"))
    for args, said in (((out, "--format", "pdf"), "there are: text, json, csv, xml, junit, html"),
                       ((out, "--flows"), "--format csv"),
                       ((out, "--format", "csv", "--flows"), "--set report.flows=true"),
                       ((out, "--style", "x.xsl"), "--format html"),
                       ((out, "--format", "html", "--style", work + "/none.xsl"), "none.xsl"),
                       ((work,), "result.json:1:1: No such file"),
                       ((), "report DIR"), ((out, out), "one directory")):
        err = call("report", *args, code=2)[1]
        want(f"{args}: {err}", said in err and err.count("\n") == 1, True)
    with open(os.path.join(work, "bad", "result.json"), "r+b") as f:
        f.truncate(1000)
    err = call("report", os.path.join(work, "bad"), code=2)[1]
    want(err, re.search(r"result\.json:\d+:\d+: the file ends here", err) is not None, True)
    call("report", out, "--format", "csv", "--out", os.path.join(work, "o.csv"))
    want("--out", rows_of(open(os.path.join(work, "o.csv"), "rb").read())[0]["case"], "9.1")


def cut_off(work, how, lines):
    """A run ended when its journal has that many lines: a line an instance, behind the head."""
    out = os.path.join(work, f"{how.name}{lines}")
    run = subprocess.Popen([PROGRAM, "run", *HALF, "--quiet", "--out", out],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal, end = os.path.join(out, "journal"), time.monotonic() + 120
    while time.monotonic() < end and run.poll() is None:
        if os.path.exists(journal) and open(journal, "rb").read().count(b"\n") >= lines:
            break
    live = call("report", out)[0] if run.poll() is None else None  # while it is being written
    run.send_signal(how)
    run.wait(timeout=120)
    return out, live


def case_half(work):
    """What there is of a run that was cut off is shown, and that it is not all."""
    whole = os.path.join(work, "whole")
    call("run", *HALF, "--quiet", "--out", whole)
    known = {i["id"]: i for c in load(whole)["cases"] for i in c["instances"]}
    cut = 0
    for how, lines in ((signal.SIGKILL, 2), (signal.SIGKILL, 5), (signal.SIGKILL, 10),
                       (signal.SIGINT, 7)):
        out, live = cut_off(work, how, lines)
        with open(os.path.join(out, "journal"), encoding="utf-8") as f:
            entries = [json.loads(line) for line in f if line.endswith("\n")][1:]
        if entries and "done" in entries[-1]:
            continue
        cut += 1
        want("said while it ran", b"has not finished" in (live or b"has not finished"), True)
        got = all_formats(out, work)
        said = f"This run has not finished: {len(entries)} instance"
        for name in ("text", "xml", "html", "junit"):
            plain = b" ".join(got[name].split()).decode()
            want(f"{name} says so", said in plain and "--resume" in plain, True)
        want("CSV says so", said in call("report", out, "--format", "csv")[1], True)
        shown = [i for c in json.loads(got["json"])["cases"] for i in c["instances"]]
        want("instances", [i["id"] for i in shown], sorted(e["id"] for e in entries))
        for i in shown:
            want(f"{i['id']} is what the whole run has", i, known[i["id"]])
        want("DUT", {c["dut"]["name"] for c in json.loads(got["json"])["cases"]}, {"reference PE"})
        call("run", "--resume", out, "--quiet")
        with open(os.path.join(out, "report.csv"), "rb") as f, \
             open(os.path.join(whole, "report.csv"), "rb") as g:
            want("resumed: report.csv", f.read() == g.read(), True)
        want("resumed: nothing said", b"not finished" in call("report", out)[0], False)
    want("runs cut off before their end", cut >= 2, True)


NASTY = ("<script>alert(1)</script>", "]]>", "\"'><b0rken onload=alert(1)>", "a,b\";c\r\nd", "\n\n",
         "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\x1b[2J\x1b]0;x\x07", "\u202egnp.exe", "\u0000",
         "&#0;&lt;&nosuch;", "%s%n%d", "{{7*7}}", "javascript:alert(1)", "\ufffe\uffff", "w" * 10000,
         "\u00e9\U0001f600", "../../etc/passwd", "-->", "$(id)`id`", "")
FIXED = {"schema", "case", "id", "instance", "stimulus", "verdict"}


def spoilt(node, number, keys=False):
    """A copy with the nasty strings put, one after the other, where DUTs, hooks and users write."""
    if isinstance(node, str):
        number[0] += 1
        return NASTY[number[0] % len(NASTY)]
    if isinstance(node, list):
        return [spoilt(v, number) for v in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if keys and value is not None:
            number[0] += 1
            key = NASTY[number[0] % len(NASTY)].replace("\u0000", "0") or key
        out[key] = value if key in FIXED and isinstance(value, str) else spoilt(
            value, number, keys=key in ("parameters", "extra", "where"))
    return out


def nine_decimals(text):
    """Python prints 1.5 where a result has 1.500000000: times in the keys that are times."""
    return re.sub(r'("(?:begin|end|T[a-z]+|T[a-z]+-Tf|resolution_s|apparatus_floor_s)": )'
                  r"(-?\d+(?:\.\d+)?)", lambda m: f"{m[1]}{float(m[2]):.9f}", text)


def case_hostile(work):
    """No string of a result breaks a rendering or gets more than its own place in it."""
    out = os.path.join(work, "run")
    call("run", *SMALL, "--quiet", "--out", out)
    good = load(out)
    for start in range(0, len(NASTY), 5):
        bad = spoilt(copy.deepcopy(good), [start])
        with open(os.path.join(out, "result.json"), "w", encoding="utf-8") as f:
            f.write(nine_decimals(json.dumps(bad)))
        got = all_formats(out, work, parameters=False)
        want("JSON round trip", json.loads(got["json"]), bad)
        for row in rows_of(got["csv"]):
            for name, value in row.items():
                if TEXTS.fullmatch(name) and value.lstrip()[:1] in ("=", "+", "-", "@") and \
                        value.strip():
                    wrong.append(f"{name} is a formula: {value[:40]!r}")
    with open(os.path.join(out, "result.json"), "w", encoding="utf-8") as f:
        f.write(nine_decimals(json.dumps(good)))


def main():
    with tempfile.TemporaryDirectory(prefix="mvpn-reports-") as work:
        globals()[f"case_{sys.argv[3]}"](work)
    if wrong:
        sys.exit("\n".join(wrong[:40]))
    print(f"{sys.argv[3]}: as it should be")


main()
