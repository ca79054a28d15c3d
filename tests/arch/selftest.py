#!/usr/bin/env python3
"""A check that cannot fail checks nothing: each rule of check.py is broken once, in a tree of two
files, and must be named; the same tree without the mistake must pass."""
import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).with_name("check.py")

# (path, content, what the complaint must say); content None: only the good tree.
MISTAKES = [
    ("emul/wire/bad.c", '#include "emul/loop/good.h"\n', "emul/wire must not include emul/loop"),
    ("emul/loop/bad.c", '#include "emul/io/good.h"\n', "emul/loop must not include emul/io"),
    ("emul/node/bad.c", '#include "emul/traffic/good.h"\n', "must not include emul/traffic"),
    ("emul/refpe/bad.c", '#include "emul/proto/pim/good.h"\n', "must not include emul/proto/pim"),
    ("emul/refpe/bad.c", '#include "../node/good.h"\n', "must not include emul/node"),
    ("emul/refpe/bad.c", '#include "mvpnbench/emul.h"\n', "must not include include/mvpnbench/emul.h"),
    ("harness/run/bad.c", '#include "emul/refpe/good.h"\n', "must not include emul/refpe"),
    ("harness/run/bad.c", '#include "emul/lab/good.h"\n', "must not include emul/lab"),
    ("harness/case/bad.c", '#include "harness/run/good.h"\n', "must not include harness/run"),
    ("reports/bad.c", '#include "harness/case/good.h"\n', "reports must not include harness/case"),
    ("emul/base/bad.c", '#include "emul/base/gone.h"\n', "is no file of this tree"),
    ("emul/io/bad.c", "long f(void)\n{\n    return time(0);\n}\n", "reads a clock"),
    ("harness/cli/bad.c", "int f(void)\n{\n    return socket(1, 2, 3);\n}\n", "opens a socket"),
    ("emul/loop/bad.c", "int f(void)\n{\n    return rand();\n}\n", "draws a random number"),
    ("emul/base/bad.c", "/* TO" "DO: later */\n", '"TO' 'DO"'),
    ("emul/base/bad.h", "struct a { size_t n; };\n", "does not compile alone"),
    ("emul/base/unlisted.c", "int a;\n", "is in no list of sources"),
    ("tests/CMakeLists.txt", "file(GLOB all *.c)\n", "file(GLOB)"),
]
# What looks like a mistake and is none.
FINE = [
    ("emul/io/bad.c", "/* rand() and time(NULL) in words */\nconst char *s = \"socket(\";\n"),
    ("emul/loop/bad.c", "int f(void)\n{\n    return clock_gettime(0, 0);\n}\n"),
    ("emul/io/bad.c", "int f(void)\n{\n    return socket(1, 2, 3) + recovery_time(1) + p->time(2);\n}\n"),
    ("harness/dut/bad.c", '#include "emul/refpe/good.h"\n'),
]
ROOMS = ("base", "wire", "loop", "io", "proto/pim", "node", "traffic", "refpe", "lab")


def good_tree(root):
    rooms = [root / "emul" / room for room in ROOMS]
    rooms += [root / "harness" / room for room in ("case", "run", "dut", "cli", "stimulus")]
    rooms += [root / "reports", root / "include" / "mvpnbench", root / "tests"]
    for room in rooms:
        room.mkdir(parents=True)
        (room / "good.h").write_text("struct good;\n")
        (room / "README.md").write_text("A room.\n")
        (room / "CMakeLists.txt").write_text("mvpn_room(x SOURCES good.c bad.c)\n")
    (root / "include" / "mvpnbench" / "emul.h").write_text("struct emul;\n")


def check(path=None, content="", compiler=()):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        good_tree(root)
        if path is not None:
            (root / path).write_text(content)
        done = subprocess.run([sys.executable, str(CHECK), name, *compiler],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def main():
    wrong = []
    compiler = ("--compiler", sys.argv[1])
    code, text = check(compiler=compiler)
    if code != 0:
        wrong.append(f"the good tree: {text}")
    for path, content, complaint in MISTAKES:
        code, text = check(path, content, compiler if path.endswith(".h") else ())
        if code != 1 or complaint not in text:
            wrong.append(f"{path}: not found: {complaint}\n{text}")
    for path, content in FINE:
        code, text = check(path, content)
        if code != 0:
            wrong.append(f"{path}: found where nothing is: {text}")
    for line in wrong:
        print(line)
    print(f"{len(MISTAKES)} mistakes, {len(FINE)} that are none, {len(wrong)} wrong answers")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
