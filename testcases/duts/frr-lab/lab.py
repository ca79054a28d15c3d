#!/usr/bin/env python3
"""The cables of the FRR lab: namespaces and veth pairs that testbed.yaml names.

usage: lab.py setup | teardown

    NAME-tester (the apparatus)      NAME-cards (ports of the PE that nothing uses)
       t1 ... t8  ======veth======   c1 ... c8
       tp         ======veth======   p0
"""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))


def read_conf():
    values = {}
    with open(os.path.join(HERE, "lab.conf"), encoding="utf-8") as f:
        for line in f:
            key, _, value = line.partition("=")
            if value and not line.startswith("#"):
                values[key.strip()] = value.strip()
    return values


CONF = read_conf()
NAME, LINKS, MTU = CONF["NAME"], int(CONF["LINKS"]), int(CONF["MTU"])
TESTER, CARDS = f"{NAME}-tester", f"{NAME}-cards"


def run(*command, text=None, may_fail=False):
    """Runs a program; what it prints. Its failure is ours, with its own words."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not may_fail:
        sys.exit(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def ip_batch(namespace, lines, may_fail=False):
    if lines:
        force = ["-force"] if may_fail else []
        run("ip", "-n", namespace, *force, "-batch", "-", text="\n".join(lines) + "\n",
            may_fail=may_fail)


def namespaces():
    """Those of this lab that exist."""
    words = [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line.strip()]
    return [w for w in words if w.startswith(NAME + "-")]


def namespace_add(name):
    """A namespace that forwards, joins many groups, and keeps IPv6 off the links."""
    run("ip", "netns", "add", name)
    settings = {"net.ipv4.ip_forward": 1, "net.ipv4.conf.all.rp_filter": 0,
                "net.ipv4.conf.default.rp_filter": 0, "net.ipv4.igmp_max_memberships": 20000,
                "net.ipv4.igmp_max_msf": 1000, "net.ipv6.conf.all.disable_ipv6": 1,
                "net.ipv6.conf.default.disable_ipv6": 1}
    for key, value in settings.items():
        run("ip", "netns", "exec", name, "sysctl", "-qw", f"{key}={value}",
            may_fail="ipv6" in key)
    ip_batch(name, ["link set lo up"])


def offloads_off(namespace, interface):
    run("ip", "netns", "exec", namespace, "ethtool", "-K", interface, "tx", "off", "rx", "off",
        "tso", "off", "gso", "off", "gro", "off", may_fail=True)


def cable(ours, theirs, index):
    """The ends get indices of their own: with equal ones a carrier is told of late."""
    ip_batch(TESTER, [f"link add {ours} index {index} mtu {MTU} type veth peer name {theirs} "
                      f"index {index + 1} mtu {MTU} netns {CARDS}", f"link set {ours} up"])
    offloads_off(TESTER, ours)
    offloads_off(CARDS, theirs)


def setup():
    if namespaces():
        sys.exit(f"a lab of the name {NAME} is there already; lab.py teardown removes it")
    for name in (TESTER, CARDS):
        namespace_add(name)
    for k in range(1, LINKS + 1):
        cable(f"t{k}", f"c{k}", 3000 + 2 * k)
    cable("tp", "p0", 3000)


def teardown():
    import pe  # it imports us
    with pe.alone():
        pe.stop_all()
        for name in namespaces():
            run("ip", "netns", "del", name, may_fail=True)
        pe.state_remove()
    os.unlink(pe.LOCK)


if __name__ == "__main__":
    actions = {"setup": setup, "teardown": teardown}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit("usage: lab.py setup | teardown")
    actions[sys.argv[1]]()
