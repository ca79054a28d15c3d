#!/usr/bin/env python3
"""Runs of the program with the drivers `hook` and `manual`, on links of this test's own.

Usage: hook.py PROGRAM CASE, where CASE is the name of one function below that begins with "case_".
Exits with 77 without root, or without FRR where the case needs it.

         NAME (one namespace; nobody is at the far ends, but in the case `lab`)
           a1 ===veth=== c0
           a3 ===veth=== p0
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = ""
LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../testcases/duts/frr-lab")
FRR = ["/usr/lib/frr/pimd", "/usr/lib/frr/zebra", "/usr/lib/frr/staticd", "/usr/bin/vtysh"]
NAME = f"mvh{os.getpid()}"
TIMING = {"traffic_limit_s": 20, "steady_wait_s": 2, "pre_stimulus_wait_s": 1, "hold_out_s": 2,
          "recovery_limit_s": 120, "post_recovery_wait_s": 1, "setup_limit_s": 30}
METRIC = ["Num_mVPN", "Num_PE", "Num_MC_C_ints", "Num_PIM_C_neigh", "Num_*G_C", "Num_SG_C",
          "Num_OIF_C", "Num_SPMSI_Src", "Num_SPMSI_Rx"]


def fail(text):
    sys.exit(text)


def want(what, got, expected):
    if got != expected:
        fail(f"{what}: {got!r}, expected {expected!r}")


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def timing(work, **changes):
    lines = [f"{k}: {v}\n" for k, v in {**TIMING, **changes}.items()]
    return write(os.path.join(work, "timing.yaml"), "".join(lines))


def processes(word):
    """Command lines of running processes with this word in them."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as f:
                text = f.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in text and "hook.py" not in text:
            found.append(text)
    return found


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Links:
    """The testbed without a router, and its file."""

    def __init__(self, work):
        self.file = write(os.path.join(work, "testbed.yaml"), f"""ports:
  a1: {{interface: a1, namespace: {NAME}, mode: trunk}}
  a3: {{interface: a3, namespace: {NAME}}}
mtu: 1500
""")

    def __enter__(self):
        ip("netns", "add", NAME)
        ip("-n", NAME, "link", "add", "a1", "index", "100", "mtu", "1508", "type", "veth", "peer",
           "name", "c0", "index", "101")
        ip("-n", NAME, "link", "add", "a3", "index", "102", "type", "veth", "peer", "name", "p0",
           "index", "103")
        for name in ("a1", "c0", "a3", "p0"):
            ip("-n", NAME, "link", "set", name, "up")
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", NAME], check=False)


def profile(work, driver="hook", **hooks):
    """A profile whose hooks do nothing well, but for those given. Returns its path."""
    hooks = {"configure": "echo {}", "unconfigure": "echo {}", **hooks}
    lines = [f"driver: {driver}\n", "name: nobody\n"]
    if driver == "hook":
        lines += ["hook:\n"] + [f"  {k}: {json.dumps(v)}\n" for k, v in hooks.items()]
    return write(os.path.join(work, "dut.yaml"), "".join(lines))


def command(work, out, *args):
    return [PROGRAM, "run", "9.1", "--quiet", "--out", os.path.join(work, out), *args]


def nobody(work, links, out, *args):
    """The command of a run whose instance fails within seconds: nobody answers."""
    return command(work, out, "--testbed", links.file, "--steady-only", "--timing",
                   timing(work, setup_limit_s=1), "--set", "case.mvpns=1", *args)


def result(work, out):
    with open(os.path.join(work, out, "result.json"), encoding="utf-8") as f:
        return json.load(f)


# ---- hooks that are bad -------------------------------------------------------------------------

BAD = [
    ("configure", "sleep 47", "did not end within 1 s"),
    ("configure", "trap '' TERM; sleep 47 & wait; sleep 47", "did not end within 1 s"),
    ("configure", "echo 'no route to host' >&2; exit 3", "exit code 3 (its last line on stderr: no "
                                                        "route to host)"),
    ("configure", "kill -9 $$", "died of signal 9"),
    ("configure", "echo done", "no JSON"),
    ("configure", "true", "printed nothing"),
    ("configure", "./not-there", "exit code 127"),
    ("configure", "yes", "printed more than 1048576 bytes"),
    ("metric", "echo '{\"Num_mVPN\": -1}'", "\"Num_mVPN\" is -1, which cannot be"),
    ("metric", "echo '{\"Num_mVPN\": \"2\"}'", "not a whole number"),
    ("metric", "echo '{\"Num_mVPN\": 2'", "no JSON"),
    ("metric", "exec >&-; sleep 47", "did not end within 1 s"),
    ("utilisation", "echo '{}'", "no list"),
    ("utilisation", "echo '[{\"component\": \"x\", \"cpu_percent\": true}]'", "not a number"),
    ("health", "echo '{\"ok\": \"yes\"}'", "did not print \"ok\""),
    ("health", "sleep 47", "did not end within 1 s"),
    ("unconfigure", "exit 1", "exit code 1"),
]


def case_bad(work):
    """Each is named in one line with its place, ends the run with 3, and leaves nothing running."""
    with Links(work) as links:
        for i, (name, text, words) in enumerate(BAD):
            hooks = {"timeout_s": 1, name: text}
            path = profile(work, **hooks)
            line = 3 + 1 + list({"configure": 0, "unconfigure": 0, **hooks}).index(name)
            begin = time.time()
            done = subprocess.run(nobody(work, links, f"bad{i}", "--dut", path, "--set",
                                         "search.recover=true"),
                                  capture_output=True, text=True, check=False, timeout=60)
            where = f"mvpnbench: {path}:{line}:{len(name) + 5}: hook {name}: "
            if done.returncode != 3 or done.stderr.count("\n") != 1 or \
                    not done.stderr.startswith(where) or words not in done.stderr:
                fail(f"{name}: {text}: exit {done.returncode}\n{done.stderr}expected one line "
                     f"{where}...{words}")
            want("processes left", processes("sleep 47"), [])
            if time.time() - begin > 20:
                fail(f"{name}: {text}: took {time.time() - begin:.1f} s")


def case_unwell(work):
    """A DUT that is not well is waited for: until it is, or until setup_limit_s."""
    well = ("test -e well && echo '{\"ok\": true}' || "
            "echo '{\"ok\": false, \"reason\": \"no fan\"}'; ")
    with Links(work) as links:
        for i, (then, code) in enumerate([("touch well", 1), ("true", 3)]):
            if os.path.exists(os.path.join(work, "well")):
                os.unlink(os.path.join(work, "well"))
            path = profile(work, health=well + then)
            done = subprocess.run(nobody(work, links, f"unwell{i}", "--dut", path, "--set",
                                         "search.recover=true"),
                                  capture_output=True, text=True, check=False, timeout=60)
            if done.returncode != code or (code == 3) != ("not well: no fan" in done.stderr):
                fail(f"health, then {then}: exit {done.returncode}, expected {code}\n{done.stderr}")


def case_told(work):
    """A hook works in its profile's folder, gets the instance, and its stderr is in run.log."""
    path = profile(work, configure="cat > told.json; echo hello from the hook >&2; echo {}",
                   metric="echo '{\"Num_mVPN\": 0, \"Num_SG_P\": 3}'",
                   utilisation="echo '[{\"component\": \"RP\", \"memory_bytes\": 5}]'")
    with Links(work) as links:
        done = subprocess.run(nobody(work, links, "told", "--dut", path), capture_output=True,
                              text=True, check=False, timeout=60)
    want("exit (nothing passed)", (done.returncode, done.stderr.count("\n")), (1, 1))
    with open(os.path.join(work, "told.json"), encoding="utf-8") as f:
        told = json.load(f)
    want("hook", (told["hook"], told["schema"]), ("configure", "mvpnbench-instance/1"))
    want("first VLAN", told["vrfs"][0]["c_interfaces"][0]["vlan"], 1)
    case = result(work, "told")["cases"][0]
    instance = case["instances"][0]
    want("dut", case["dut"], {"driver": "hook", "name": "nobody", "version": "unknown"})
    want("metric", instance["metric"], {**dict.fromkeys(METRIC), "Num_mVPN": 0})
    want("Num_SG_P", instance["p_instance"]["Num_SG_P"], 3)
    want("utilisation", [(u["component"], u["cpu_percent"], u["memory_bytes"])
                         for u in instance["utilisation"]], [("RP", None, 5)])
    text = "; ".join(case["deviations"]["configuration"] + case["deviations"]["procedure"])
    for words in ("no command for health", "power-cycle omitted: ",
                  "Num_PE could not be read from the DUT"):
        if words not in text:
            fail(f"'{words}' is not in the deviations: {text}")
    with open(os.path.join(work, "told", "run.log"), encoding="utf-8") as f:
        if "configure: hello from the hook" not in f.read():
            fail("run.log has no stderr of the hook")


def case_interrupted(work):
    """Ctrl-C ends the hook that runs, has the DUT unconfigured, and the run ends with 4."""
    path = profile(work, configure="touch began; sleep 48", unconfigure="touch ended; echo {}")
    with Links(work) as links:
        process = subprocess.Popen(nobody(work, links, "int", "--dut", path),
                                   stderr=subprocess.PIPE, text=True)
        until = time.time() + 20
        while not os.path.exists(os.path.join(work, "began")) and time.time() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1]
    want("exit", process.returncode, 4)
    want("processes left", processes("sleep 48"), [])
    if not os.path.exists(os.path.join(work, "ended")):
        fail(f"unconfigure was not called\n{said}")


def case_trunk(work):
    """The shipped example for a router behind a trunk: what it would have sent over ssh."""
    folder = os.path.join(work, "ssh-router")
    shutil.copytree(os.path.join(LAB, "../ssh-router"), folder)
    sent = os.path.join(work, "sent")
    os.environ["ROUTER"] = f"cat >> {sent}"
    with Links(work) as links:
        done = subprocess.run(
            nobody(work, links, "trunk", "--dut", os.path.join(folder, "dut.yaml")),
            capture_output=True, text=True, check=False, timeout=60)
    want(f"exit (nothing passed)\n{done.stderr}", done.returncode, 1)
    with open(sent, encoding="utf-8") as f:
        text = f.read()
    for line in ("vrf definition vpn1", " encapsulation dot1Q 1", " ip pim sparse-mode",
                 "ip route vrf vpn1 10.1.0.0 255.255.0.0 172.16.0.2",
                 "ip mroute vrf vpn1 10.65.0.0 255.255.0.0 198.18.0.2",
                 "no vrf definition vpn1"):
        want(f"'{line}' was sent", line + "\n" in text, True)


# ---- the operator -------------------------------------------------------------------------------

def case_manual(work):
    """What the operator types is the DUT's view; rubbish is asked again; no answer ends the run."""
    metric = ["1", "x", "2", "-3", *[""] * 7] + [""] * 5
    answers = ["maybe", "yes", *metric, "RP 0", "99", "", "1e9", "12", "", ""]
    with Links(work) as links:
        # Its name alone is enough: the ports are what must be said.
        done = subprocess.run(nobody(work, links, "man", "--dut", "manual"), text=True, timeout=60,
                              input="\n".join(answers) + "\n", capture_output=True, check=False)
        want(f"exit (nothing passed)\n{done.stderr}", done.returncode, 1)
        for words in ("'maybe' is neither yes nor no", "'x' is no whole number",
                      "'-3' is no whole number", "VLAN 1: 172.16.0.1/30"):
            if words not in done.stderr:
                fail(f"'{words}' was not said:\n{done.stderr}")
        instance = result(work, "man")["cases"][0]["instances"][0]
        want("metric", instance["metric"], {**dict.fromkeys(METRIC), "Num_mVPN": 1, "Num_PE": 2})
        want("utilisation", [(u["component"], u["cpu_percent"], u["memory_bytes"], u["how"])
                             for u in instance["utilisation"]],
             [("RP 0", 99, 1000000000, "read by the operator")])
        path = profile(work, driver="manual")
        for said, code, words in (("no\n", 3, "cannot be configured"),
                                  ("yes\n1\n", 3, "the input ended")):
            done = subprocess.run(nobody(work, links, f"man{len(said)}", "--dut", path), text=True,
                                  input=said, capture_output=True, check=False, timeout=60)
            lines = [line for line in done.stderr.splitlines() if "mvpnbench: " in line]
            if done.returncode != code or len(lines) != 1 or words not in lines[0]:
                fail(f"manual {said!r}: exit {done.returncode}\n{done.stderr}")


# ---- the shipped lab ----------------------------------------------------------------------------

def lab_copy(work):
    """The shipped folder under a name of this test's own."""
    folder = os.path.join(work, "lab")
    shutil.copytree(LAB, folder)
    for name in ("lab.conf", "testbed.yaml"):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        want(f"'mvlab' in {name}", "mvlab" in text, True)
        write(path, text.replace("mvlab", NAME))
    return folder


def lab_left():
    return glob.glob(f"/run/netns/{NAME}-*") + glob.glob(f"/run/{NAME}*") + \
        glob.glob(f"/var/run/frr/{NAME}-*") + processes(f"{NAME}-")


class Lab:
    """The shipped lab, set up and taken away again."""

    def __init__(self, work):
        if not all(os.path.exists(path) for path in FRR):
            print("FRR is not installed")
            sys.exit(77)
        self.work, self.folder = work, lab_copy(work)
        self.script = [sys.executable, os.path.join(self.folder, "lab.py")]

    def __enter__(self):
        subprocess.run([*self.script, "setup"], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run([*self.script, "teardown"], check=True)
        want("left behind", lab_left(), [])

    def command(self, out, *args):
        return command(self.work, out, "--dut", os.path.join(self.folder, "dut.yaml"), "--testbed",
                       os.path.join(self.folder, "testbed.yaml"), "--timing", timing(self.work),
                       *args)


def lab_run(work, stimuli):
    with Lab(work) as lab:
        done = subprocess.run(
            lab.command("lab-run", "--stimulus", ",".join(stimuli), "--set", "case.mvpns=2",
                        "--set", "stimulus.repeat=1", "--set", "stimulus.at=every"),
            capture_output=True, text=True, check=False, timeout=600)
        want(f"exit\n{done.stderr}", done.returncode, 0)
    return result(work, "lab-run")["cases"][0]


def judge_lab(case, stimuli):
    want("dut", case["dut"], {"driver": "hook", "name": "FRR lab PE", "version": "8.4"})
    want("maxima", [(m["stimulus"], m["value"], m["verified"]) for m in case["maximum"]],
         [(s, 2, True) for s in ["steady", *stimuli]])
    for i in case["instances"]:
        want(f"{i['id']} ({i['reason']})", i["verdict"], "pass")
        want("metric", i["metric"], i["expected"])
        want("neighbours", [n["dut"] for n in i["neighbours"].values()], [2, 2])
        if any(v is None for v in i["p_instance"].values()) or len(i["utilisation"]) != 10:
            fail(f"{i['p_instance']} {i['utilisation']}")
    recovery = case["instances"][-1]["recovery"]
    want("stimuli", [r["stimulus"] for r in recovery], stimuli)
    for r in recovery:
        print(f"  {r['stimulus']}: Tre-Tf {r['Tre-Tf']}, Trd-Tf {r['Trd-Tf']}, "
              f"Trall-Tf {r['Trall-Tf']}, begin to Tf {r['Tf'] - r['begin']}")
        want(f"{r['stimulus']} ({r['reason']})", r["verdict"], "pass")
        want("metric after it", r["metric_after"], case["instances"][-1]["metric"])
        if not 0 < r["Trall-Tf"] < 60:
            fail(f"{r['stimulus']}: Trall-Tf {r['Trall-Tf']}")
        held_out = r["Tf"] - r["begin"]
        if r["stimulus"] != "processor-switchover" and not 2 <= held_out < 5:
            fail(f"{r['stimulus']}: Tf is {held_out} s after its begin, 2 s were asked for")


def case_lab(work):
    """FRR by the shipped hooks: configuration, metric and a stimulus are theirs."""
    stimuli = ["p-card-oir"]
    judge_lab(lab_run(work, stimuli), stimuli)


def case_lab_all(work):
    """The same under all six stimuli; takes six minutes."""
    stimuli = ["power-cycle", "processor-switchover", "p-card-oir", "c-card-oir", "p-link-flap",
               "c-link-flap"]
    judge_lab(lab_run(work, stimuli), stimuli)


def case_lab_killed(work):
    """SIGKILL while the first instance is being configured, and again in the next: resumed."""
    with Lab(work) as lab:
        words = lab.command("killed", "--steady-only", "--set", "case.mvpns=1")
        for seconds in (1.5, 12):
            process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
            time.sleep(seconds)
            process.kill()
            process.wait()
            words = [PROGRAM, "run", "--quiet", "--resume", os.path.join(work, "killed")]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        want(f"exit\n{done.stderr}", done.returncode, 0)
    case = result(work, "killed")["cases"][0]
    want("maxima", [(m["stimulus"], m["value"]) for m in case["maximum"]], [("steady", 1)])


def main():
    global PROGRAM
    cases = {name[5:]: f for name, f in globals().items() if name.startswith("case_")}
    if len(sys.argv) != 3 or sys.argv[2] not in cases:
        fail(f"use: hook.py PROGRAM {'|'.join(cases)}")
    PROGRAM = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="mvpnbench-") as work:
        cases[sys.argv[2]](work)


if __name__ == "__main__":
    main()
