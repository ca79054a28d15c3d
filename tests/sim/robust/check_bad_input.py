#!/usr/bin/env python3
"""Bad input: each gives one line on stderr that begins "mvpnbench: ", the right exit code, leaves
nothing behind, and never crashes (build with the sanitizers).

Usage: check_bad_input.py PROGRAM GROUP, GROUP one of the lists at the end.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

USE, TESTBED = 2, 3
LONG = "x" * 5000
HEAD = {"argv": ["run", "9.1", "--steady-only", "--set", "case.mvpns=1"], "started": "2020-01-01T00:00:00Z"}


def line(value):
    return (json.dumps(value) + "\n").encode()


# ---- what a run is told by words ----------------------------------------------------------------

WORDS = [
    ["run", "9.1", "--bogus"],
    ["run", "9.1", "--=x"],
    ["run", "9.1", "--set"],
    ["run", "9.1", "--quiet=1"],
    ["run", "9.1", "--pcap=a3.pcap"],
    ["run", "9.1", "-q"],
    ["run", "nine"],
    ["run", ""],
    ["run", "9.1", "10.9"],
    ["run", "all", "9.99"],
    ["run", LONG],
    ["run", "9.1\n9.3"],
    ["run", *[f"9.{i}" for i in range(60)]],
    ["run", "9.1", "--dut", ""],
    ["run", "9.1", "--dut", LONG],
    ["run", "9.1", "--dut", "/dev/null"],
    ["run", "9.1", "--dut", "."],
    ["run", "9.1", "--clock", "sundial"],
    ["run", "9.1", "--clock="],
    ["run", "9.1", "--timing", ""],
    ["run", "9.1", "--timing", "."],
    ["run", "9.1", "--testbed", "."],
    ["run", "9.1", "--testbed", "/dev/null"],
    ["run", "9.1", "--seed", ""],
    ["run", "9.1", "--seed", "-1"],
    ["run", "9.1", "--seed", "1e3"],
    ["run", "9.1", "--seed", "9223372036854775808"],
    ["run", "9.1", "--seed", " 1"],
    ["run", "9.1", "--stimulus", ""],
    ["run", "9.1", "--stimulus", ","],
    ["run", "9.1", "--stimulus", "p-link-flap,"],
    ["run", "9.1", "--stimulus", LONG],
    ["run", "9.1", "--stimulus", "power-cycles"],
    ["run", "9.1", "--steady-only", "--stimulus", "all,none"],
    ["run", "9.1", "--resume", "nowhere"],
    ["run", "9.1", "--resume", ""],
    ["run", "9.1", "--from", "nowhere"],
    ["run", "9.1", "--from", ""],
    ["run", "9.1", "--out", ""],
    ["run", "9.1", "--out", "no/such/parent/run"],
    ["run", "9.1", "--out", LONG],
    ["run", "9.1", "--out", "/dev/null"],
    ["run", "9.1", "--out", "/proc/mvpnbench"],
    ["plan", "9.1", "--bogus"],
    ["list", "extra"],
    ["report"],
    ["report", "nowhere"],
    ["report", "nowhere", "too", "many"],
    ["report", ".", "--format", "papyrus"],
    ["decode"],
    ["decode", "."],
    ["decode", "/dev/null"],
    ["emulate", "--bogus"],
    ["emulate", "9.9.9"],
    ["ctl"],
    ["calibrate", "--bogus"],
    ["fsm", "pim-sideways"],
    ["fsm", "pim-upstream", "pim-downstream"],
    ["refpe", "--bogus"],
    ["mti", "--bogus"],
    ["\x01\x02"],
    [LONG],
]

# ---- --set --------------------------------------------------------------------------------------

SETS = [
    "", "=", "=3", "search.max", "search.max=", "search.max= 3", "search.max=3 ", "search.max=0",
    "search.max=-1", "search.max=1e999", "search.max=nan", "search.max=3.5", "search.max=0x10",
    "search.max=18446744073709551616", "search.max=99999999999999999999999999",
    "search.growth=0.5", "search.growth=1", "search.growth=inf", "search.resolution=0",
    "search.instances=-5", "search.recover=maybe", "search.9.1.max=0", "search.9.99.max=3",
    "search..max=3", "case.mvpns=0", "case.mvpns=1.5", "case.mvpns=1,2", "case.mvpns=65536000000",
    "case.c_interfaces=65", "case.remote_pes=0", "case.sources_per_group=0", "case.nothing=1",
    "case.reuse=0", "case.spmsi_rx_total=-1", "case.receiver_c_interfaces=65", "sweep.reuse=1,2",
    "case.ingress_share=-0.1", "case.ingress_share=1.01", "case.ingress_share=nan",
    "sweep.mvpns=", "sweep.mvpns=1,,2", "sweep.mvpns=1,", "sweep.mvpns=" + "1," * 100 + "1",
    "stimulus.repeat=0", "stimulus.repeat=-1", "stimulus.at=noon", "traffic.rate_pps=0",
    "traffic.rate_pps=-1", "traffic.rate_pps=1e300", "traffic.rate_pps=inf",
    "traffic.packet_bytes=0", "traffic.packet_bytes=70000", "traffic.load=0.3", "traffic.load=10", "traffic.probe_pps=0", "traffic.probe_pps=nan",
    "search.time_s=-1", "search.time_s=soon",
    "mdt.default=atm", "jp.oversize=truncate", "jp.suppression=2", "receivers.share=0",
    "receivers.share=2", "receivers.share=none", "pe_pe=ospf", "timing=quick",
    "dut.", "dut.limits", "dut.limits.mvpns=-1", "dut.limits.mvpns=1.5", "dut.limits.mvpn=1",
    "dut.cpu.message_us=fast", "dut.faults.leak_vpn=1", "dut.faults.leak_vpn=1:", "dut.link.a1=1",
    "dut.faults.leak_vpn=0:1", "dut.link.a1.loss=1.5", "dut.link.a1.loss=-1", "dut.link.a3.delay_us=x",
    "dut.recovery.p-link-flap_ms=-1", "dut.recovery.p-link-flip_ms=1", LONG + "=1",
    "search.max=" + LONG, "search.max=3\n4", "search\x1b[31m.max=3",
]

# ---- --require ----------------------------------------------------------------------------------

REQUIRES = [
    "", "9.1", "9.1:", ":", "9.1:>=3", "9.1:Num_mVPN>=", "9.1:Num_mVPN>=many", "9.1:Num_mVPN=>3",
    "9.1:Num_mVPN>=3x", "9.1:Num_mVPN>=nan", "9.1:Num_mVPN~3", "9.1@:Num_mVPN>=3",
    "9.1@nothing:Num_mVPN>=3", "9.1@p-link-flap:Num_mVPN>3>4", "8.1:Num_mVPN>=3", "Num_mVPN>=3",
    "9.1:Num_mVPN >=", LONG, "9.1:" + LONG + ">=1", "9.1:value>=1" + "0" * 400, "9.1:\n>=3",
]

# ---- files --------------------------------------------------------------------------------------

YAML = {
    "empty": b"",
    "garbage": bytes(range(256)) * 4,
    "nul": b"driver: ref\0erence\n",
    "latin1": b"name: caf\xe9\n",
    "tab": b"driver:\treference\n\tname: x\n",
    "unclosed": b"ports: {a1: {interface: x}\n",
    "unclosed_quote": b"driver: 'reference\n",
    "list": b"- a\n- b\n",
    "scalar": b"reference\n",
    "twice": b"driver: reference\ndriver: reference\n",
    "documents": b"driver: reference\n---\ndriver: frr\n",
    "alias": b"a: &a [x]\nb: *a\n",
    "laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 108)),
    "self": b"a: &a [*a]\n",
    "deep": b"[" * 20000,
    "deep_maps": b"".join(b" " * i + b"k:\n" for i in range(3000)),
    "long_key": b"k" * 100000 + b": 1\n",
    "tag": b"driver: !!python/object:os.system x\n",
    "directive": b"%YAML 9.9\n---\ndriver: reference\n",
    "null": b"driver: ~\n",
    "key_is_map": b"? {a: b}\n: c\n",
}

DUTS = {
    "no_driver": b"name: x\n",
    "driver_list": b"driver: [reference]\n",
    "unknown": b"driver: refrence\n",
    "half_a_hook": b"driver: hook\nhook: {configure: x}\n",
    "unknown_key": b"driver: reference\nsetings: {}\n",
    "settings_scalar": b"driver: reference\nsettings: 3\n",
    "settings_list": b"driver: reference\nsettings: [limits.mvpns]\n",
    "setting": b"driver: reference\nsettings:\n  limits:\n    mvpn: 3\n",
    "value": b"driver: reference\nsettings:\n  limits:\n    mvpns: many\n",
    "value_map": b"driver: reference\nsettings:\n  limits:\n    mvpns: {a: b}\n",
    "negative": b"driver: reference\nsettings: {limits.mvpns: -3}\n",
}

BEDS = {
    "no_a3": b"ports: {a1: {interface: x}}\n",
    "no_interface": b"ports: {a1: {mode: trunk}, a3: {interface: y}}\n",
    "mode": b"ports: {a1: {interface: x, mode: both}, a3: {interface: y}}\n",
    "interfaces": b"ports: {a1: {mode: ports, interfaces: []}, a3: {interface: y}}\n",
    "interfaces_map": b"ports: {a1: {mode: ports, interfaces: {a: b}}, a3: {interface: y}}\n",
    "unknown": b"ports: {a1: {interface: x}, a3: {interface: y}, a9: {interface: z}}\n",
    "mtu": b"mtu: 20\n",
    "mtu_word": b"mtu: large\n",
    "mtu_huge": b"mtu: 99999999999999999999\n",
    "address": b"addressing: {dut_p_addr: 300.1.2.3}\n",
    "address_word": b"addressing: {dut_p_addr: here}\n",
    "address_key": b"addressing: {dut_q_addr: 10.0.0.1}\n",
    "prefix": b"addressing: {p_link: 10.0.0.1/33}\n",
    "ports_scalar": b"ports: 3\n",
}

TIMINGS = {
    "unknown": b"hold_out: 3\n",
    "negative": b"hold_out_s: -3\n",
    "nan": b"hold_out_s: .nan\n",
    "inf": b"hold_out_s: .inf\n",
    "word": b"hold_out_s: long\n",
    "huge": b"hold_out_s: 1e300\n",
    "map": b"hold_out_s: {a: 1}\n",
    "list": b"[1, 2]\n",
    "twice": b"hold_out_s: 3\nhold_out_s: 4\n",
}

GATES = {
    "garbage": bytes(range(1, 256)),
    "second": b"# fine\n9.1:Num_mVPN>=1\n9.1:Num_mVPM>=1\n",
    "no_newline": b"9.1:Num_mVPN>=x",
}

JOURNALS = {
    "empty": b"",
    "half": line(HEAD)[:-1],
    "garbage": bytes(range(256)),
    "array": b"[1, 2]\n",
    "no_argv": line({"started": "x"}),
    "argv_text": line({**HEAD, "argv": "run 9.1"}),
    "argv_numbers": line({**HEAD, "argv": ["run", 9.1]}),
    "argv_empty": line({**HEAD, "argv": []}),
    "argv_bad": line({**HEAD, "argv": ["run", "9.1", "--bogus"]}),
    "argv_other_resume": line({**HEAD, "argv": ["run", "--resume", "x"]}),
    "entry_array": line(HEAD) + line([1]),
    "entry_odd": line(HEAD) + line({"case": 3, "end_ns": "x"}),
    "entry_strange": line(HEAD) + line({"id": "9.1-0001", "record": {"verdict": 7}}),
}

RESULTS = {
    "empty": b"",
    "garbage": bytes(range(256)),
    "array": b"[]",
    "number": b"7",
    "other_schema": line({"schema": "something/9", "cases": []}),
    "no_cases": line({"schema": "mvpnbench-result/1"}),
    "cases_number": line({"schema": "mvpnbench-result/1", "cases": 7}),
    "deep": b"[" * 5000,
}


class Checks:
    def __init__(self, program, work):
        self.program, self.work, self.count, self.wrong = program, work, 0, []

    def bad(self, name, arguments, codes=(USE,), env=None):
        """One line, an expected exit code, nothing new in the working directory."""
        self.count += 1
        before = set(os.listdir(self.work))
        done = subprocess.run([self.program, *arguments], cwd=self.work, capture_output=True,
                              timeout=60, env={**os.environ, **(env or {})}, check=False)
        lines = done.stderr.decode(errors="replace").splitlines()
        new = set(os.listdir(self.work)) - before
        ok = (done.returncode in codes and len(lines) == 1 and lines[0].startswith("mvpnbench: ")
              and not new and len(lines[0]) < 1200 and lines[0].isprintable())
        if not ok:
            shown = [a[:60] for a in arguments]
            self.wrong.append(f"{name}: {shown}: exit {done.returncode}, left {sorted(new)}, "
                              f"said {lines[:3] if lines else done.stdout[:200]}")

    def files(self, option, files, before=(), after=(), codes=(USE,)):
        for name, content in files.items():
            path = os.path.join(self.work, "file")
            with open(path, "wb") as f:
                f.write(content)
            self.bad(f"{option} {name}", [*before, option, "file", *after], codes)
            os.unlink(path)

    def directories(self, command, inside, files, after=()):
        for name, content in files.items():
            directory = os.path.join(self.work, "run")
            os.mkdir(directory)
            with open(os.path.join(directory, inside), "wb") as f:
                f.write(content)
            self.bad(f"{' '.join(command)} {name}", [*command, "run", *after])
            if os.listdir(directory) != [inside]:
                self.wrong.append(f"{command} {name}: left {os.listdir(directory)}")
            for f in os.listdir(directory):
                os.unlink(os.path.join(directory, f))
            os.rmdir(directory)


def words(c):
    for w in WORDS:
        c.bad("words", w)


def settings(c):
    for s in SETS:
        c.bad("set", ["run", "9.1", "--set", s])
    c.bad("many", ["run", "9.1", *["--set", "search.max=3"] * 300])
    c.bad("contradiction", ["run", "9.1", "--set", "search.min=9", "--set", "search.max=3"])


def requirements(c):
    for r in REQUIRES:
        c.bad("require", ["run", "9.1", "--require", r])
    c.files("--require", GATES, ["run", "9.1"])


def profiles(c):
    c.files("--dut", YAML, ["run", "9.1"])
    c.files("--dut", DUTS, ["run", "9.1"])
    c.files("--timing", {k: v for k, v in YAML.items() if k != "empty"}, ["run", "9.1"])
    c.files("--timing", TIMINGS, ["run", "9.1"])


def testbeds(c):
    c.files("--testbed", {k: v for k, v in YAML.items() if k != "empty"}, ["run", "9.1"])
    c.files("--testbed", BEDS, ["run", "9.1"])
    c.files("--testbed", {"missing": b"ports: {a1: {interface: mvb-none0}, "
                                     b"a3: {interface: mvb-none1}}\n"},
            ["run", "9.1", "--clock", "real"], codes=(USE, TESTBED))
    c.files("--testbed", {"namespace": b"ports: {a1: {interface: lo, namespace: ../x}, "
                                       b"a3: {interface: lo}}\n"},
            ["run", "9.1", "--clock", "real"], codes=(USE, TESTBED))


def earlier_runs(c):
    c.directories(["run", "--resume"], "journal", JOURNALS)
    c.directories(["run", "--resume"], "other", {"no_journal": b""})
    c.directories(["run", "10.1", "--from"], "result.json", RESULTS)
    c.directories(["report"], "result.json", RESULTS)
    os.mkdir(os.path.join(c.work, "taken"))
    with open(os.path.join(c.work, "taken", "journal"), "wb") as f:
        f.write(line(HEAD))
    c.bad("--out taken", ["run", "9.1", "--out", "taken"])


def reports(c):
    """A result.json in which anything may stand anywhere is rendered or refused."""
    out = os.path.join(c.work, "good")
    subprocess.run([c.program, "run", "9.1", "--quiet", "--set", "case.mvpns=1", "--out", out],
                   check=True, timeout=60)
    with open(os.path.join(out, "result.json"), "rb") as f:
        good = f.read()
    rng = random.Random(1)
    for _ in range(150):
        spoilt = spoil(json.loads(good), rng)
        with open(os.path.join(out, "result.json"), "wb") as f:
            f.write(line(spoilt))
        c.count += 1
        done = subprocess.run([c.program, "report", out, "--require", "9.1:Num_mVPN>=1"],
                              capture_output=True, timeout=60, check=False)
        if done.returncode not in (0, 1, USE) or b"runtime error" in done.stderr:
            c.wrong.append(f"{done.returncode}: {done.stderr[-600:]} {line(spoilt)[:3000]}")


def spoil(tree, rng):
    """Replaces one value somewhere in a tree, or takes it away."""
    places = []

    def walk(node):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            places.append((node, key))
            if isinstance(value, (dict, list)):
                walk(value)

    walk(tree)
    for _ in range(rng.randint(1, 4)):
        node, key = rng.choice(places)
        if isinstance(node, dict) and rng.random() < 0.2:
            node.pop(key, None)
        elif isinstance(node, dict) or key < len(node):
            node[key] = rng.choice([None, True, 0, -1, 2**62, 1e300, "", "x" * 300, "\x1b[2J", [],
                                    {}, [None], [[]], {"a": 1}])
    return tree


def data(c):
    """The shipped cases, spoilt: whatever is wrong with them is one line with its place."""
    place = os.path.join(c.work, "data", "testcases")
    os.makedirs(place)
    for name, content in YAML.items():
        with open(os.path.join(place, "9.1.yaml"), "wb") as f:
            f.write(content)
        c.bad(f"case {name}", ["run", "9.1"], env={"MVPNBENCH_DATA": os.path.join(c.work, "data")})
    for wrong in ("nowhere", "/dev/null", LONG, "data/testcases"):
        c.bad(f"MVPNBENCH_DATA={wrong[:20]}", ["run", "9.1"], env={"MVPNBENCH_DATA": wrong})


def spoil_text(text, rng):
    """One to three lines of a file, spoilt, doubled or lost."""
    lines = text.split(b"\n")
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        here = lines[at]
        cut = rng.randrange(len(here) + 1)
        lines[at:at + 1] = rng.choice([
            [], [here, here], [b"  " + here], [here[:cut]], [here[:cut] + here[cut + 1:]],
            [here[:cut] + bytes([rng.randrange(256)]) + here[cut:]],
            [here.replace(b":", b": -1 #", 1)], [here.replace(b": ", b": [", 1)],
            [here.replace(b"searched", b"99999999999999999999")]])
    return b"\n".join(lines)


def mutations(c):
    """Shipped files, spoilt: refused by one line with its place, or taken. Far more of them are read
    in one process by test_mutations.c; here it is the command that answers."""
    rng = random.Random(2)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "testcases")
    place = os.path.join(c.work, "data", "testcases")
    os.makedirs(place)
    for n in range(24):
        name, arguments = [("9.4.yaml", ["list"]), ("9.7.yaml", ["list"]),
                           ("testbeds/trunk.yaml", ["plan", "9.1", "--testbed", "file"]),
                           ("profiles/small.yaml", ["plan", "9.1", "--dut", "file"])][n % 4]
        with open(os.path.join(source, name), "rb") as f:
            spoilt = spoil_text(f.read(), rng)
        case = arguments == ["list"]
        path = os.path.join(place, name) if case else os.path.join(c.work, "file")
        with open(path, "wb") as f:
            f.write(spoilt)
        env = {"MVPNBENCH_DATA": os.path.join(c.work, "data")} if case else {}
        done = subprocess.run([c.program, *arguments], cwd=c.work, capture_output=True, timeout=60,
                              env={**os.environ, **env}, check=False)
        said = done.stderr.decode(errors="replace").splitlines()
        placed = len(said) == 1 and re.match(r"mvpnbench: .*[a-z]:\d+:\d+: .", said[0])
        c.count += 1
        if done.returncode != 0 and not (done.returncode == USE and placed):
            c.wrong.append(f"{n} {name}: exit {done.returncode}, said {said[:3]}, for {spoilt}")
        os.unlink(path)


GROUPS = {f.__name__: f for f in (words, settings, requirements, profiles, testbeds, earlier_runs,
                                  reports, data, mutations)}


def main():
    with tempfile.TemporaryDirectory(prefix="mvpnbench-bad-") as work:
        c = Checks(os.path.abspath(sys.argv[1]), work)
        GROUPS[sys.argv[2]](c)
    print(f"{c.count} bad inputs, {len(c.wrong)} not answered as they should be")
    if c.wrong:
        sys.exit("\n".join(c.wrong))


if __name__ == "__main__":
    main()
