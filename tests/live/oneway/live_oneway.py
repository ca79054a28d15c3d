#!/usr/bin/env python3
"""`mvpnbench oneway A|B|C` live: hosts M1 and M2, an FRR router R1 with GRE ends, random loss by
nftables in each direction. The truth is what nftables counted.

        M1 ---- cloud ---- M2        A, C: tunnels r, s from M1 and t from M2 end at R1
                  |
                  R1 ---- R2 ---- member     B: R2 counts; in the path (1) or itself a member (2)

usage: live_oneway.py PROGRAM [RUNS [CONFIGURATIONS]]
RUNS (default 1): so many runs of each configuration (ABC, or some of them); from 20 on, A with equal losses too, and the
interval must hold the truth in at least 16 of 20 runs for every link.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from network import FRR_BIN, Network

SKIP = 77
GROUP = "239.9.9.9"
PROGRAM = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
CONFIGS = sys.argv[3] if len(sys.argv) > 3 else "ABC"
RATE, SECONDS = 1000, 6
INTERVAL = 0.01  # of B: about 0.2 lost probes each

TUNNELS = """tunnels:
  r: {local: 192.0.2.1, remote: 203.0.113.11, inner_local: 10.1.1.2}
  s: {local: 192.0.2.2, remote: 203.0.113.11, inner_local: 10.1.2.2}
  t: {local: 198.51.100.1, remote: 203.0.113.11, inner_local: 10.1.3.2}
group: 239.9.9.9
"""

PIMD = f"""ip pim rp 10.1.1.1 239.0.0.0/8
ip pim spt-switchover infinity-and-beyond
interface tr
 ip pim
exit
interface ts
 ip pim
 ip igmp
 ip igmp version 2
exit
interface tt
 ip pim
 ip igmp
 ip igmp version 2
exit
interface r2
 ip pim
 ip igmp
exit
"""

# A second router in the path, with the member's subnet behind it.
PIMD_R2 = """ip pim rp 10.1.1.1 239.0.0.0/8
ip pim spt-switchover infinity-and-beyond
interface r1
 ip pim
exit
interface member
 ip pim
 ip igmp
exit
"""


# The cloud's losses: tunnel and direction, from, to.
WAYS = (("r", "192.0.2.1", "203.0.113.11"), ("s", "203.0.113.11", "192.0.2.2"),
        ("t", "203.0.113.11", "198.51.100.1"), ("u", "198.51.100.1", "203.0.113.11"))
ASYMMETRIC = (0.005, 0.02, 0.02, 0.005)


def lose(net, shares):
    lines = ["flush ruleset", "table ip loss {"]
    for name, _, _ in WAYS:
        lines += [f" counter {name}_all {{ }}", f" counter {name}_lost {{ }}"]
    lines += [" chain forward {", "  type filter hook forward priority 0;"]
    for (name, source, target), share in zip(WAYS, shares):
        match = f"ip saddr {source} ip daddr {target} ip protocol 47"
        lines += [f"  {match} counter name {name}_all",
                  f"  {match} numgen random mod 100000 < {int(share * 100000)} "
                  f"counter name {name}_lost drop"]
    net.nft("cloud", "\n".join(lines + [" }", "}", ""]))


def build(net):
    for host in ("m1", "m2", "member"):
        net.host(host)
    for host in ("cloud", "r1", "r2"):
        net.host(host, forward=True)
    net.link("m1", ["192.0.2.1/24", "192.0.2.2/24"], "cloud", ["192.0.2.254/24"])
    net.link("m2", ["198.51.100.1/24"], "cloud", ["198.51.100.254/24"])
    net.link("r1", ["203.0.113.11/24"], "cloud", ["203.0.113.254/24"])
    net.link("r1", ["10.2.0.1/24"], "r2", ["10.2.0.2/24"])
    net.link("r2", ["10.3.0.1/24"], "member", ["10.3.0.2/24"])
    for host, via in (("m1", "192.0.2.254"), ("m2", "198.51.100.254"), ("r1", "203.0.113.254"),
                      ("member", "10.3.0.1")):
        net.inside(host, "ip", "route", "add", "default", "via", via)
    net.inside("r2", "ip", "route", "add", "10.1.0.0/16", "via", "10.2.0.1")
    lose(net, ASYMMETRIC)
    net.gre_end("r1", "cloud", ("tr", "203.0.113.11", "192.0.2.1", "10.1.1.1/24"),
                ("ts", "203.0.113.11", "192.0.2.2", "10.1.2.1/24"),
                ("tt", "203.0.113.11", "198.51.100.1", "10.1.3.1/24"))
    net.frr("r1", PIMD)


def truth(net, host, name):
    everything = net.counter(host, "ip loss", name + "_all")
    return net.counter(host, "ip loss", name + "_lost") / everything


def clear(net, host):
    net.inside(host, "nft", "reset", "counters", "table", "ip", "loss")


def measure(net, config, path):
    done = net.inside("m1", PROGRAM, "oneway", config, path, "--json", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Score:
    """How often the interval held the truth, link by link."""

    def __init__(self):
        self.links = {}

    def add(self, config, result, name, true):
        link = next(l for l in result["links"] if l["name"] == name)
        assert link["identifiable"], link
        low, high = link["ci95"]
        held = self.links.setdefault((config, name), [])
        held.append(low <= true <= high)
        print(f"{config} {name}: true {100 * true:.4f} % estimate {100 * link['loss']:.4f} % "
              f"[{100 * low:.4f}, {100 * high:.4f}]{'' if held[-1] else '  MISSED'}")
        # A single run: twice the interval is beyond 4 sigma. The interval is cut at no loss at all,
        # so its upper half says how wide it is.
        half = max(high - link["loss"], link["loss"] - low)
        assert abs(true - link["loss"]) <= 2.2 * half + 1e-4, (config, name, true, link)

    def judge(self):
        for key, held in self.links.items():
            print(*key, f"held the truth in {sum(held)} of {len(held)} runs")
            assert len(held) < 20 or sum(held) * 20 >= 16 * len(held), key


def half_of_round_trip(result, out):
    """The ping's rule, from the same run: no estimate of either direction."""
    n = result["counts"]
    half = (1 - (n["n11"] + n["n10"]) / result["probes"]) / 2
    low, high = result["links"][0]["ci95"]
    print(f"A half of the round trip: {100 * half:.4f} %, true {100 * out:.4f} %")
    assert not low <= half <= high and half > 1.5 * out, (half, low, high)


def config_a(net, score, shares):
    """Two hosts."""
    lose(net, shares)
    path = net.file("a.yaml", TUNNELS + f"rate_pps: {RATE}\nseconds: {SECONDS}\n")
    m2 = net.start("m2", PROGRAM, "oneway", "reflect", path, "--count-only", "--json",
                   stdout=subprocess.PIPE)
    for _ in range(RUNS):
        clear(net, "cloud")
        result = measure(net, "A", path)
        out = truth(net, "cloud", "r")
        for name, way in (("root", "r"), ("s", "s"), ("t", "t")):
            score.add(f"A {100 * shares[0]:g}/{100 * shares[1]:g} %", result, name,
                      truth(net, "cloud", way))
        if shares == ASYMMETRIC:
            half_of_round_trip(result, out)
    m2.send_signal(signal.SIGINT)
    seen = json.loads(m2.communicate(timeout=10)[0])
    assert m2.returncode == 0 and seen["reflected"] == 0 and seen["received"] > 0, seen


def config_c(net, score):
    """M2 answers each probe; only M1 measures. The round trip R1-M2-R1 is one link."""
    path = net.file("c.yaml", TUNNELS + f"rate_pps: {RATE}\nseconds: {SECONDS}\ndelay_ms: 50\n")
    m2 = net.start("m2", PROGRAM, "oneway", "reflect", path, "--json", stdout=subprocess.PIPE)
    for _ in range(RUNS):
        clear(net, "cloud")
        result = measure(net, "C", path)
        passed = (1 - truth(net, "cloud", "t")) * (1 - truth(net, "cloud", "u"))
        score.add("C", result, "root", truth(net, "cloud", "r"))
        score.add("C", result, "direct", truth(net, "cloud", "s"))
        score.add("C", result, "reflected", 1 - passed)
    m2.terminate()
    seen = json.loads(m2.communicate(timeout=10)[0])
    assert m2.returncode == 0 and seen["reflected"] >= 0.9 * seen["received"] > 0, seen


COUNT = """table ip loss {
 counter q_all { }
 counter q_lost { }
 chain lose { type filter hook prerouting priority -310;
  ip daddr 239.9.9.9 udp sport 20000-59999 counter name q_all
  ip daddr 239.9.9.9 udp sport 20000-59999 numgen random mod 100000 < 2000 counter name q_lost drop
 }
}
table ip count {
 set probes { type inet_service; flags dynamic; counter; size 65535; }
 chain count { type filter hook prerouting priority -300;
  ip daddr 239.9.9.9 udp sport 20000-59999 add @probes { udp sport counter }
 }
}
"""

MEMBER = """import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
             socket.inet_aton("239.9.9.9") + socket.inet_aton("%s"))
time.sleep(600)
"""


def config_b(net, score, variant):
    """R2 counts by UDP source port, one port an interval; the file says where from."""
    net.nft("r2", COUNT)
    if variant == 1:
        net.frr("r2", PIMD_R2)
        member = net.start("member", sys.executable, "-c", MEMBER % "10.3.0.2")
        counters = f"counters: {{nftables: ip count probes, namespace: {net.name('r2')}}}\n"
    else:
        member = net.start("r2", sys.executable, "-c", MEMBER % "10.2.0.2")
        net.file("counts.py", READ_SET)
        net.file("counts.sh", f"#!/bin/sh\nip netns exec {net.name('r2')} {sys.executable} "
                 "./counts.py\n", 0o755)
        counters = "counters: ./counts.sh\n"
    path = net.file(f"b{variant}.yaml", TUNNELS + counters +
                    f"rate_pps: {RATE}\nseconds: {SECONDS}\ninterval: {INTERVAL}\n")
    wait_for_member(net, variant)
    for _ in range(RUNS):
        clear(net, "cloud")
        clear(net, "r2")
        net.inside("r2", "nft", "flush", "set", "ip", "count", "probes")
        result = measure(net, "B", path)
        assert result["intervals"] == round(SECONDS / INTERVAL) and result["intervals_missing"] == 0, result
        # Before the cloud counts a probe of tunnel r, warm-up probes crossed it too; the share of
        # those lost is the same truth.
        score.add(f"B{variant}", result, "root", truth(net, "cloud", "r"))
        score.add(f"B{variant}", result, "s", truth(net, "cloud", "s"))
        score.add(f"B{variant}", result, "router", truth(net, "r2", "q"))
    member.terminate()
    member.wait()
    net.inside("r2", "nft", "flush", "ruleset")


# The user's own script: whatever knows the router's counts, printed a line an interval.
READ_SET = """import json, subprocess
out = subprocess.run(["nft", "-j", "list", "set", "ip", "count", "probes"], check=True,
                     capture_output=True).stdout
for entry in json.loads(out)["nftables"]:
    for e in entry.get("set", {}).get("elem", []):
        print(json.dumps({"interval": e["elem"]["val"] - 20000,
                          "packets": e["elem"]["counter"]["packets"]}))
"""


def wait_for_member(net, variant, there=True):
    """Until R1 sends the group to R2, joined by R2's PIM (1) or by its IGMP (2), or does not."""
    command = ("show ip pim join json", "show ip igmp groups json")[variant - 1]
    until = time.monotonic() + 70
    while time.monotonic() < until:
        joined = json.loads(net.vtysh("r1", command)).get("r2", {})
        if (GROUP in json.dumps(joined)) == there:
            return
        time.sleep(0.3)
    raise AssertionError("R2 joins or leaves not: " + net.vtysh("r1", command))


def wrong_testbeds(net):
    """Nobody there: exit 3 and one line."""
    path = net.file("gone.yaml", TUNNELS.replace("203.0.113.11", "203.0.113.12") +
                    "rate_pps: 100\nseconds: 2\n")
    process = net.start("m1", PROGRAM, "oneway", "A", path, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out = process.communicate(timeout=20)
    assert process.returncode in (0, 3), out
    path = net.file("none.yaml", TUNNELS.replace("192.0.2.2", "192.0.2.77") + "seconds: 2\n")
    done = net.inside("m1", PROGRAM, "oneway", "A", path, check=False)
    assert done.returncode == 3 and "192.0.2.77" in done.stderr, done


def main():
    if os.geteuid() != 0 or not os.path.exists(f"{FRR_BIN}/pimd") or shutil.which("nft") is None:
        print("needs root, FRR and nftables")
        return SKIP
    net = Network("mvow", PROGRAM)
    score = Score()
    try:
        build(net)
        wrong_testbeds(net)
        if "A" in CONFIGS:
            for share in (0.005, 0.02) if RUNS >= 20 else ():
                config_a(net, score, (share,) * 4)
            config_a(net, score, ASYMMETRIC)
        if "C" in CONFIGS:
            config_c(net, score)
        if "B" in CONFIGS:
            # pimd forgets an IGMP member when another leaves by PIM: first 2, and 1 when it is gone.
            config_b(net, score, 2)
            wait_for_member(net, 2, there=False)
            config_b(net, score, 1)
        score.judge()
    finally:
        net.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
