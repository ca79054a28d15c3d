#!/usr/bin/env python3
"""`mvpnbench emulate` of the reference PE over veth in real time, and `mvpnbench ctl` against it:
commands from end to end, rubbish on the socket, Ctrl-C.

usage: live_emulate.py PROGRAM
"""
import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
SKIP = 77


def ctl(env, *words):
    return subprocess.run([PROGRAM, "ctl", *words], capture_output=True, text=True, timeout=30,
                          check=False, env=env)


def ask(env, *words):
    done = ctl(env, "--json", *words)
    assert done.returncode == 0, (words, done.stderr)
    return json.loads(done.stdout)


def wait_until_up(env, process):
    end = time.monotonic() + 40
    while time.monotonic() < end:
        assert process.poll() is None, process.stderr.read()
        if ctl(env, "show").returncode == 0 and ask(env, "show")["state"] == "up":
            return
        time.sleep(0.3)
    raise AssertionError("it does not come up")


def rubbish(path):
    """Seeded junk of many clients, who then go, or stay and say nothing."""
    silent = []
    for seed in range(60):
        r = random.Random(seed)
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(2)
        client.connect(path)
        junk = bytes(r.choice(b"\n\n shower group 12 off\x00\xff") for _ in range(r.randrange(3000)))
        try:
            client.sendall(junk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        if seed % 2:
            client.close()
        else:
            silent.append(client)
    return silent


def check(env, path, process):
    wait_until_up(env, process)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    seen = ask(env, "show")
    assert seen["c_neighbours"] == 2 and seen["mi_pmsi_neighbours"] == 2, seen
    flows = ask(env, "show", "flows", "1")["rows"]
    assert len(flows) == 2, flows
    assert ctl(env, "show", "neighbours").stdout.splitlines()[0].split()[:2] == ["vpn", "router"]
    assert ctl(env, "--socket", path, "help").returncode == 0
    for words, code in ((["nonsense"], 2), (["group", "7", "1", "off"], 2), (["show", "x"], 2),
                        (["--socket", path + "x", "show"], 3), ([], 2)):
        done = ctl(env, *words)
        assert done.returncode == code, (words, done)
        assert done.stderr.startswith("mvpnbench: ") and len(done.stderr.splitlines()) == 1
    silent = rubbish(path)
    ask(env, "group", "1", "1", "off")
    ask(env, "genid", "2", "c", "1")
    window = ask(env, "window", "2")
    by_name = {row["direction"]: row for row in window["rows"]}
    assert by_name["ingress"]["flows"] == by_name["egress"]["flows"] == 2, window
    assert {f["group"]: f["state"] for f in ask(env, "show", "flows", "1")["rows"]} == {
        1: "rests", 2: "sends"}
    ask(env, "group", "1", "1", "on")
    ask(env, "link", "a1", "down")
    ask(env, "link", "a1", "up")
    ask(env, "traffic", "off")
    assert not ask(env, "show")["traffic"]
    for client in silent:
        client.close()


def namespaces(pid):
    names = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
    return [n for n in names if n.startswith(f"mvr{pid}-")]


def run(folder):
    env = dict(os.environ, XDG_RUNTIME_DIR=folder)
    assert ctl(env, "show").returncode == 3
    with open(os.path.join(folder, "said"), "w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [PROGRAM, "emulate", "9.1", "--value", "2", "--clock", "real", "--json"], env=env,
            stdout=subprocess.PIPE, stderr=said, text=True)
    path = os.path.join(folder, f"mvpnbench-{os.getuid()}-{process.pid}.ctl")
    try:
        check(env, path, process)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    except BaseException:
        process.kill()
        process.communicate()
        with open(os.path.join(folder, "said"), encoding="utf-8") as said:
            print(said.read())
        raise
    assert process.returncode == 0, process.returncode
    seen = json.loads(out)
    assert seen["state"] == "up" and len(seen["vpns"]) == 2
    assert not os.path.exists(path) and not namespaces(process.pid)
    assert ctl(env, "show").returncode == 3


def main():
    if os.geteuid() != 0:
        return SKIP
    with tempfile.TemporaryDirectory() as folder:
        run(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
