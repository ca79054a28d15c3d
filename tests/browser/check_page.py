#!/usr/bin/env python3
"""The HTML report in a real browser: headless Chromium must find in every table what result.json says.

usage: check_page.py PROGRAM [RUN [PICTURES]]
RUN is the directory of a run; without it a short one is made that has tables of every kind. The page is asked for with `report RUN --format html` and opened from a file. Demanded:
no request but the page's own, nothing in the browser's log, no script; each table is of a kind that oracle.py knows and
holds, row by row and cell by cell, the figures of result.json, in full in data-value and rounded in what is shown; on a
phone nothing makes the page scroll sideways; in the dark and on paper it can be read. What was seen stays in PICTURES.
Exits with 77 where Chromium, its driver or pdftotext is not installed.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402
import webdriver  # noqa: E402

TABLES = r"""
function said(cell) {  // without signs that only decorate
  const copy = cell.cloneNode(true);
  copy.querySelectorAll('[aria-hidden=true]').forEach(e => e.remove());
  return copy.textContent.trim();
}
return Array.from(document.querySelectorAll('table[data-table]:not([data-table="graph-numbers"])')).map(t => ({
  kind: t.dataset.table,
  caption: t.caption ? t.caption.textContent.trim() : '',
  heads: Array.from(t.tHead.rows[t.tHead.rows.length - 1].cells).map(c => [c.textContent.trim(), c.scope]),
  rows: Array.from(t.tBodies).flatMap(b => Array.from(b.rows)).filter(r => !r.classList.contains('none')).map(r => Array.from(r.cells).map(
    c => ({text: said(c), value: c.dataset.value === undefined ? null : c.dataset.value})))}));
"""
GRAPHS = r"""
return Array.from(document.querySelectorAll('figure')).map(f => ({
  svg: f.querySelectorAll('svg').length, role: f.querySelector('svg') && f.querySelector('svg').getAttribute('role'),
  title: f.querySelector('svg title') && f.querySelector('svg title').textContent,
  caption: f.querySelector('figcaption') && f.querySelector('figcaption').textContent,
  numbers: f.querySelectorAll('table tbody tr').length}));
"""
CONTRAST = r"""
function colour(text) { return text.match(/[\d.]+/g).map(Number); }
function light(c) {
  const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function behind(e) {
  for (; e; e = e.parentElement) {
    const c = colour(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0.99) return c;
  }
  return colour(getComputedStyle(document.documentElement).colorScheme === 'dark' ? 'rgb(0,0,0)' : 'rgb(255,255,255)');
}
const worst = {}, looked = {};
for (const e of document.querySelectorAll('h1,h2,h3,p,li,td,th,caption,summary,a,figcaption,svg text')) {
  const alike = e.localName + '.' + e.getAttribute('class') + ' in ' + e.parentElement.getAttribute('class');
  looked[alike] = (looked[alike] || 0) + 1;  // what is dressed alike looks alike: a few of each kind tell
  if (looked[alike] > 5 || !e.textContent.trim() || e.getClientRects().length === 0) continue;
  const ink = e.localName === 'text' ? getComputedStyle(e).fill : getComputedStyle(e).color;
  const a = light(colour(ink)), b = light(behind(e));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (!(e.localName in worst) || ratio < worst[e.localName]) worst[e.localName] = ratio;
}
return worst;
"""


def fail(text):
    sys.exit(text)


def number_shown(text):
    """A number as it is shown, and the greatest rounding that its digits allow; None if it is none."""
    plain = text.replace("\u2212", "-").replace("\u202f", "").replace("\u00a0", "").replace(",", "")
    if plain.endswith("e") or not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        return None
    digits = len(plain.split(".")[1]) if "." in plain and "e" not in plain.lower() else 0
    return value, (0.5000001 * 10 ** -digits if "e" not in plain.lower() else abs(value) * 1e-3)


def cell_is(cell, want):
    """Whether a cell of the page says what result.json has."""
    if want is oracle.ANY:
        return True
    if want is None:
        return cell["value"] in (None, "") and cell["text"] in ("", "-", "\u2013", "\u2014")
    if isinstance(want, bool):
        return cell["text"] == ("yes" if want else "no")
    if isinstance(want, (int, float)):
        shown = number_shown(cell["text"])
        return cell["value"] is not None and abs(float(cell["value"]) - want) <= 1e-9 * max(1, abs(want)) and \
            shown is not None and abs(shown[0] - want) <= shown[1] + 1e-9 * abs(want)
    return " ".join(cell["text"].split()) == " ".join(str(want).split())


def check_tables(page, result):
    wanted = list(oracle.tables(result))
    kinds = [kind for kind, _, _ in wanted]
    if [t["kind"] for t in page] != kinds:
        fail(f"tables of the page: {[t['kind'] for t in page]}\nexpected: {kinds}")
    cells = 0
    for table, (kind, place, rows) in zip(page, wanted):
        name = f"{kind} of {place}"
        if len(table["rows"]) != len(rows):
            fail(f"{name}: {len(table['rows'])} rows, expected {len(rows)}")
        if any(scope != "col" for _, scope in table["heads"]) or not table["caption"]:
            fail(f"{name}: a heading without scope, or no caption")
        for n, (row, want) in enumerate(zip(table["rows"], rows), 1):
            if len(row) != len(want) or len(row) != len(table["heads"]):
                fail(f"{name}, row {n}: {len(row)} cells under {len(table['heads'])} headings, expected {len(want)}")
            for head, cell, value in zip(table["heads"], row, want):
                cells += value is not oracle.ANY
                if not cell_is(cell, value):
                    fail(f"{name}, row {n}, {head[0]!r}: {cell}, expected {value!r}")
    return cells


def check_graphs(browser):
    graphs = browser.run(GRAPHS)
    for g in graphs:
        if g["svg"] != 1 or g["role"] != "img" or not g["title"] or not g["caption"] or not g["numbers"]:
            fail(f"a graph without picture, name or numbers: {g}")
    return len(graphs)


def check_sizes(browser, keep):
    for width, scale in ((1280, 1), (390, 2), (360, 2)):
        browser.window(width, 844, scale, mobile=width < 500)
        inside, page = browser.run("return [innerWidth, document.documentElement.scrollWidth]")
        if page > inside or inside > width:
            fail(f"{width} px wide, the page is {page} px: it scrolls sideways")
        keep(f"width-{width}.png")
    browser.window(1280, 900)


def check_colours(browser, keep):
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        for element, ratio in browser.run(CONTRAST).items():
            if ratio < 4.5:
                fail(f"{scheme}: contrast of <{element}> is {ratio:.2f}, below 4.5")
        keep(f"{scheme}.png")


def check_paper(browser, path):
    browser.pdf(path)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    for word in ("Summary", "Maximum achieved", "Instances"):
        if word not in text:
            fail(f"on paper there is no '{word}'")
    return text.count("\f")


def check(program, run, pictures):
    with open(os.path.join(run, "result.json"), encoding="utf-8") as f:
        result = json.load(f)
    html = os.path.join(pictures, "report.html")
    with open(html, "wb") as f:
        subprocess.run([program, "report", run, "--format", "html"], stdout=f, check=True, timeout=120)
    with webdriver.Browser() as browser:
        def keep(name):
            browser.screenshot(os.path.join(pictures, name))
        browser.window(1280, 900)
        address = "file://" + html
        browser.open(address)
        asked, said = browser.requests(), browser.log("browser")
        if asked != [address] or said:
            fail(f"requests {asked}, log {said}")
        if browser.run("return document.scripts.length + document.querySelectorAll('[onclick],[onload]').length"):
            fail("there is a script in the page")
        cells = check_tables(browser.run(TABLES), result)
        graphs = check_graphs(browser)
        check_sizes(browser, keep)
        check_colours(browser, keep)
        pages = check_paper(browser, os.path.join(pictures, "report.pdf"))
        again = browser.requests()
        if again:
            fail(f"later requests: {again}")
    print(f"{len(list(oracle.tables(result)))} tables, {cells} cells equal result.json; {graphs} graphs; {pages} pages "
          "on paper; no request, no error")


def short_run(program, work):
    """A run of a few seconds; its result has every table that the oracle knows."""
    run = os.path.join(work, "run")
    settings = ["stimulus.repeat=2", "traffic.marking=true", "case.mvpns=2", "case.groups=8", "case.remote_pes=2",
                "traffic.rate_pps=0.5", "dut.limits.neighbours=12", "dut.limits.spmsi_rx=20"]
    subprocess.run([program, "run", "9.2", "9.5", "9.7", "9.11", "9.12", "9.13", "10.2", "--quiet", "--out", run,
                    "--stimulus", "p-link-flap,c-card-oir", *(w for s in settings for w in ("--set", s))],
                   check=True, stdout=subprocess.DEVNULL, timeout=300)
    with open(os.path.join(run, "result.json"), encoding="utf-8") as f:
        missing = oracle.KINDS - {kind for kind, _, _ in oracle.tables(json.load(f))}
    if missing:
        fail(f"the run has no table of the kinds {missing}")
    return run


def main():
    if None in (webdriver.DRIVER, webdriver.BROWSER, shutil.which("pdftotext")):
        print("skipped: needs the packages chromium, chromium-driver and poppler-utils")
        sys.exit(77)
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpnbench-page-") as work:
        run = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else short_run(program, work)
        pictures = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else work
        os.makedirs(pictures, exist_ok=True)
        check(program, run, pictures)


if __name__ == "__main__":
    main()
