#!/usr/bin/env python3
"""Reads the source tree against the rules of DESIGN A.2 and prints what breaks them.

usage: check.py ROOT [--compiler CC] [--sizes]
Exit code 1 if a rule is broken. --compiler also compiles every header alone. --sizes reports
functions, files and headers beyond the guide values; they start a conversation, they fail nothing.
"""
import argparse
import functools
import pathlib
import re
import subprocess
import sys

VOCABULARY = {"include/mvpnbench/metric.h", "include/mvpnbench/instance.h",
              "include/mvpnbench/topology.h"}
EMUL_DOORS = {"include/mvpnbench/emul.h", "include/mvpnbench/emul_extra.h",
              "include/mvpnbench/emul_flows.h", "include/mvpnbench/emul_live.h",
              "include/mvpnbench/emul_marking.h", "include/mvpnbench/emul_signal.h"}
DUT_DOOR = "include/mvpnbench/dut.h"
RESULT_DOOR = "include/mvpnbench/result.h"
MONITOR_DOOR = "include/mvpnbench/monitor.h"

# What a room may include beyond itself: folders, or single headers.
LOW = {"emul/base"} | VOCABULARY
HARNESS = LOW | {"emul/loop", DUT_DOOR, RESULT_DOOR} | EMUL_DOORS
ALLOWED = {
    "include/mvpnbench": {"emul/base"},
    "emul/base": VOCABULARY,
    "emul/conf": LOW,
    "emul/wire": LOW,
    "emul/loop": LOW,
    "emul/io": LOW | {"emul/wire", "emul/loop"},
    "emul/proto": LOW | {"emul/wire", "emul/loop"},
    # What the lab hands through its door is filled in where it is counted, in the door's types.
    "emul/node": LOW | {"emul/wire", "emul/loop", "emul/io", "emul/proto"} | EMUL_DOORS,
    "emul/traffic": LOW | {"emul/wire", "emul/loop", "emul/io", "emul/proto"} | EMUL_DOORS,
    # Its multicast routing is written apart: never node, proto/pim or proto/igmp (DESIGN A.2.1).
    "emul/refpe": LOW | {"emul/wire", "emul/loop", "emul/io", "emul/proto/ospf", "emul/proto/ldp",
                         "emul/proto/bgp"},
    "emul/lab": LOW | {"emul/wire", "emul/loop", "emul/io", "emul/proto", "emul/node",
                       "emul/traffic"} | EMUL_DOORS,
    "harness/case": LOW | {"emul/conf", DUT_DOOR},
    "harness/stimulus": HARNESS,
    # A driver owns its testbed: it opens ports, and the one of the reference PE starts it.
    "harness/dut": HARNESS | {"emul/io", "emul/wire", "emul/refpe", "harness/case"},
    # The harness knows DUT and network by their doors alone (DESIGN A.2.6).
    "harness/run": HARNESS | {"emul/io", "harness/case", "harness/stimulus",
                              "harness/dut/dut_settings.h", "reports/reports.h", "reports/load.h"},
    # Results over firmware versions, in a database; shown by the sinks of the reports.
    "harness/history": LOW | {RESULT_DOOR, "reports/reports.h", "reports/load.h", "reports/page.h", "reports/sink.h",
                              "reports/graph.h", "reports/csv_write.h"},
    # Commands that show a room from outside (decode, fsm, refpe) begin here.
    "harness/cli": HARNESS | {"emul/io", "emul/wire", "emul/proto", "emul/refpe", "harness/case",
                              "harness/stimulus", "harness/dut", "harness/run", "harness/history",
                              "reports/reports.h", "reports/load.h", "reports/compare.h", MONITOR_DOOR},
    "reports": LOW | {RESULT_DOOR},
    # The operator's side stands beside the harness: neither includes the other.
    "monitor": LOW | {"emul/conf", "emul/wire", "emul/loop", "emul/io", "emul/traffic", "reports/reports.h",
                      RESULT_DOOR, MONITOR_DOOR},
}

# Calls that belong to one room: (what, names, where they may stand).
CALLS = [
    ("reads a clock", r"clock_gettime|gettimeofday|time|ftime|clock|timespec_get", ("emul/loop/",)),
    # Local control sockets are the exception.
    ("opens a socket", r"socket|socketpair|accept4?",
     ("emul/io/", "harness/dut/refpe_ctl_", "harness/cli/control")),
    ("draws a random number",
     r"s?rand|rand_r|s?random|[demnjl]rand48|arc4random\w*|getrandom|getentropy", ()),
]
WORDS = re.compile(r"\b(TODO|FIXME|XXX)\b|not implemented|not yet implemented", re.IGNORECASE)

FUNCTION_LINES, FILE_LINES, HEADER_LINES = 60, 600, 200


def room_of(path):
    """The room a path (relative, as text) lives in, or None."""
    rooms = [room for room in ALLOWED if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def without_comments_and_strings(text):
    """The code alone; lines keep their numbers."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
    return pattern.sub(lambda m: "\n" * m.group().count("\n") + '""', text)


def resolve(root, path, name):
    """The file that an #include "name" in path means, relative to root; None: not ours."""
    for base in (path.parent, root, root / "include"):
        candidate = (base / name).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate.relative_to(root).as_posix()
    return None


def may_include(room, target):
    own = target.startswith(room + "/")
    return own or any(target == entry or target.startswith(entry + "/") for entry in ALLOWED[room])


def check_includes(root, path, text):
    relative = path.relative_to(root).as_posix()
    room = room_of(relative)
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if match is None:
            continue
        target = resolve(root, path, match.group(1))
        if target is None:
            yield f"{relative}:{number}: {match.group(1)} is no file of this tree"
        elif not may_include(room, target):
            yield f"{relative}:{number}: {room} must not include {target}"


def check_calls(root, path, text):
    relative = path.relative_to(root).as_posix()
    code = without_comments_and_strings(text)
    for what, names, places in CALLS:
        if relative.startswith(places):
            continue
        for match in re.finditer(r"(?<![\w.>])(?:%s)\s*\(" % names, code):
            number = code.count("\n", 0, match.start()) + 1
            yield f"{relative}:{number}: {match.group()[:-1].strip()}() {what}"


def check_words(root, path, text):
    for number, line in enumerate(text.splitlines(), 1):
        match = WORDS.search(line)
        if match is not None:
            yield f"{path.relative_to(root).as_posix()}:{number}: \"{match.group()}\""


def check_lists(root):
    """Sources are listed by hand, each of them, and each room says what it is."""
    for path in sorted(root.rglob("CMakeLists.txt")) + sorted(root.rglob("*.cmake")):
        relative = path.relative_to(root)
        if relative.parts[0] == "build":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\bfile\s*\(\s*GLOB", line, re.IGNORECASE):
                yield f"{relative}:{number}: file(GLOB)"
    for path in sources(root):
        if path.suffix != ".c":
            continue
        lists = path.parent / "CMakeLists.txt"
        listed = lists.read_text() if lists.exists() else ""
        if re.search(r"(?<![\w.])%s\b" % re.escape(path.name), listed) is None:
            yield f"{path.relative_to(root)}: is in no list of sources"
    for room in sorted({path.parent for path in sources(root)}):
        if (room / "CMakeLists.txt").exists() and not (room / "README.md").exists():
            yield f"{room.relative_to(root)}: has no README.md"


@functools.cache
def library_flags():
    """Where the headers of the libraries are that do not stand beside the system's."""
    done = subprocess.run(["pkg-config", "--cflags", "libxml-2.0", "libxslt", "sqlite3", "jansson"],
                          capture_output=True, text=True, check=True)
    return done.stdout.split()


def check_header_alone(root, path, compiler):
    command = [compiler, "-std=gnu11", "-fsyntax-only", "-D_GNU_SOURCE", "-DMVPN_VERSION=\"0\"",
               "-Wall", "-Wextra", "-Wstrict-prototypes", "-Werror", f"-I{root}",
               f"-I{root / 'include'}", *library_flags(), "-x", "c", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr)
        yield f"{path.relative_to(root)}: does not compile alone: {first}"


def sizes(root, path, lines):
    relative = path.relative_to(root)
    limit = HEADER_LINES if path.suffix == ".h" else FILE_LINES
    if len(lines) > limit:
        yield f"{relative}: {len(lines)} lines"
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            if number - begin - 1 > FUNCTION_LINES:
                yield f"{relative}:{begin}: a function of {number - begin - 1} lines"
            begin = None


def sources(root):
    found = []
    for top in ("include", "emul", "harness", "monitor", "reports"):
        found += [p for p in (root / top).rglob("*.[ch]") if room_of(p.relative_to(root).as_posix())]
    return sorted(found)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("root", type=pathlib.Path)
    arguments.add_argument("--compiler")
    arguments.add_argument("--sizes", action="store_true")
    options = arguments.parse_args()
    root = options.root.resolve()
    paths = sources(root)
    broken = list(check_lists(root))
    for path in paths:
        text = path.read_text()
        broken += check_includes(root, path, text)
        broken += check_calls(root, path, text)
        broken += check_words(root, path, text)
        if path.suffix == ".h" and options.compiler is not None:
            broken += check_header_alone(root, path, options.compiler)
        if options.sizes:
            for line in sizes(root, path, text.splitlines()):
                print(f"note: {line}")
    for line in broken:
        print(line)
    print(f"{len(paths)} files read, {len(broken)} rules broken")
    if not paths:
        print("no source was found")
    return 1 if broken or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
