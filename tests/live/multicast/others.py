#!/usr/bin/env python3
"""Other implementations around our reference PE: the Linux kernel's IGMP as receiver, and troglobit's
pimd (Debian's package pimd) as C-router and RP, with a source behind it.

    receiver ===== [c1  reference PE  c0] ===== pimd (C-router, RP) ===== source
    (kernel IGMP)          (ours)

Usage: others.py PROGRAM 2|3, the IGMP version of the receiver. PIMD names pimd's executable
(/usr/sbin/pimd). Exits with 77 where root or pimd is missing.
"""
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

PIMD = os.environ.get("PIMD", "/usr/sbin/pimd")
GROUP, RP, SOURCE = "225.1.0.1", "10.1.255.254", "10.1.0.1"
ROUTER, PE_ROUTER, RECEIVER = "172.16.0.2", "172.16.0.1", "172.16.0.6"
PORT, LIMIT_S = 5000, 30
NUM_STARG_C, NUM_SG_C = 4, 5  # in a view's metric
LIBC = ctypes.CDLL(None, use_errno=True)


def number(address):
    return struct.unpack("!I", socket.inet_aton(address))[0]


def spec(version):
    """One mVPN: site 1 behind pimd, the receiver on C-interface 2; the rest is the built-in plan."""
    o = {"seed": 1, "mvpns": 1, "c_interfaces": 2, "remote_pes": 1, "groups": 2,
         "ingress_groups": 1, "sources": 1, "receiver_c_ifs": 1, "receiver_pes": 1, "mdt": 0,
         "period_ns": 10**8, "packet_bytes": 100, "mtu": 1500, "jp_suppression": 1, "spmsi_src": 0,
         "spmsi_rx": 0, "spmsi_src_flows": 0, "spmsi_rx_flows": 0, "spmsi_delay_ns": 3 * 10**9,
         "c_rp_on_dut": 0, "igmp_version": version, "igmp_spacing_ns": 10**8, "trunk": 0,
         "addr.p_link_len": 30, "addr.remote_pe_len": 20}
    addresses = {"dut_p_addr": "192.168.255.1", "p_router_addr": "192.168.255.2",
                 "p_rp": "198.19.0.1", "dut_mdt_addr": "198.18.0.1",
                 "remote_pe_base": "198.18.0.1", "mdt_base": "239.192.0.0",
                 "c_link_base": "172.16.0.0", "c_group_base": "225.0.0.0",
                 "c_source_base": "10.0.0.0", "dut_c_rp": "10.255.255.254",
                 "data_mdt_src_base": "232.16.0.0", "data_mdt_rx_base": "232.64.0.0"}
    o.update({"addr." + k: number(v) for k, v in addresses.items()})
    return o


def ns(name):
    return f"mvo{os.getpid()}-{name}"


def ip(*lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)


def inside(name, make):
    """Calls make() with the thread in that namespace."""
    with open("/proc/self/ns/net", encoding="ascii") as old, \
            open("/run/netns/" + ns(name), encoding="ascii") as new:
        if LIBC.setns(new.fileno(), 0) != 0:
            sys.exit(f"setns: {os.strerror(ctypes.get_errno())}")
        try:
            return make()
        finally:
            LIBC.setns(old.fileno(), 0)


def sysctl(name, key, value):
    def write():
        with open("/proc/sys/net/ipv4/" + key, "w", encoding="ascii") as f:
            f.write(value)
    inside(name, write)


def world(version):
    names = ("pe", "p", "r", "s", "h")
    ip(*[f"netns add {ns(n)}" for n in names])
    links = (("c0", "pe", "x0", "r"), ("c1", "pe", "h0", "h"), ("p0", "pe", "p1", "p"),
             ("y0", "r", "s0", "s"))
    for i, (a, na, b, nb) in enumerate(links):
        ip(f"link add {a} netns {ns(na)} index {100 + 2 * i} type veth peer name {b} "
           f"netns {ns(nb)} index {101 + 2 * i}")
    for name, lines in {
            "pe": ["link set c0 up", "link set c1 up", "link set p0 up"],
            "p": ["link set p1 up"],
            "r": ["link set lo up", f"addr add {ROUTER}/30 dev x0", "link set x0 up",
                  f"addr add {RP}/16 dev y0", "link set y0 up"],
            "s": [f"addr add {SOURCE}/16 dev s0", "link set s0 up",
                  f"route add default via {RP}"],
            "h": [f"addr add {RECEIVER}/30 dev h0", "link set h0 up"]}.items():
        subprocess.run(["ip", "-n", ns(name), "-batch", "-"], input="\n".join(lines), text=True,
                       check=True)
    for name in ("r", "h"):
        sysctl(name, "conf/all/rp_filter", "0")
    for key in ("conf/x0/rp_filter", "conf/y0/rp_filter"):
        sysctl("r", key, "0")
    sysctl("h", "conf/h0/rp_filter", "0")
    sysctl("h", "conf/h0/force_igmp_version", str(version))
    for a, name in (("y0", "r"), ("s0", "s"), ("x0", "r"), ("h0", "h")):
        subprocess.run(["ip", "netns", "exec", ns(name), "ethtool", "-K", a, "tx", "off"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


class Pe:
    """Our reference PE as a process, by its control socket."""

    def __init__(self, program, work, version):
        path = os.path.join(work, "pe.sock")
        self.process = subprocess.Popen(
            [program, "refpe", "--netns", ns("pe"), "--interface-c", "c0", "--interface-c", "c1",
             "--interface-p", "p0", "--control", path])
        while self.process.poll() is None and not os.path.exists(path):
            time.sleep(0.02)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r")
        self.ask("configure", spec=spec(version))

    def ask(self, do, **more):
        self.socket.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            sys.exit(f"reference PE, {do}: {answer['error']}")
        return answer

    def metric(self, index):
        return self.ask("view")["metric"][index]


class Pimd:
    """pimd in its namespace, with a /run of its own, where it keeps pidfile and dump."""

    def __init__(self, work):
        config = os.path.join(work, "pimd.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write("phyint x0 enable\nphyint y0 enable\nbsr-candidate y0 priority 5\n"
                    "rp-candidate y0 time 10 priority 20\ngroup-prefix 225.1.0.0/16\n"
                    "spt-threshold packets 0 interval 5\n")
        command = ("mount -t tmpfs none /run && mkdir -p /run/pimd && "
                   f"exec {PIMD} -f -N --debug=pim_cand_rp -c {config}")
        self.log = os.path.join(work, "pimd.log")
        with open(self.log, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", ns("r"), "unshare", "-m", "sh", "-c", command],
                stdout=out, stderr=out)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def dump(self):
        """What `pimd -r` would show: it writes its tables to a file on SIGUSR1."""
        root = f"/proc/{self.process.pid}/root/run/"
        paths = [root + "pimd/pimd.dump", root + "pimd.dump"]
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(0.3)
        for path in paths + [p.replace("/run/", "/var/run/") for p in paths]:
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as f:
                    return f.read()
        return ""


def until(what, condition, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        got = condition()
        if got:
            print(f"  {what}: {got if got is not True else 'yes'}")
            return got
        time.sleep(0.2)
    sys.exit(f"not within {limit_s} s: {what}")


def receiver():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((GROUP, PORT))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(GROUP) + socket.inet_aton(RECEIVER))
    s.setblocking(False)
    return s


def sender():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 20)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(SOURCE))
    return s


def received(rx):
    """Datagrams that are there now, by their source."""
    got = []
    while True:
        try:
            got.append(rx.recvfrom(2000))
        except BlockingIOError:
            return [(data, peer[0]) for data, peer in got]


def judge(pe, pimd):
    until("the reference PE has pimd as neighbour", lambda: pe.ask("neighbours")["c_interface"])
    until("pimd has the reference PE as neighbour", lambda: PE_ROUTER in pimd.dump())
    # pimd is BSR and candidate RP, and knows itself as RP after one Candidate-RP interval of 10 s.
    until("pimd is the RP", lambda: f"New RP candidate {RP}" in pimd.said())
    rx, tx = inside("h", receiver), inside("s", sender)
    until("the kernel's report made a (*,G)", lambda: pe.metric(NUM_STARG_C) == 1)
    until("pimd has our Join of (*,G)", lambda: GROUP in pimd.dump())
    count, got = 0, []

    def data_flows():
        nonlocal count
        tx.sendto(b"%d" % count, (GROUP, PORT))
        count += 1
        got.extend(received(rx))
        return len(got) >= 20 and f"{len(got)} of {count}"

    until("datagrams of the source at the kernel's socket", data_flows)
    if {peer for _, peer in got} != {SOURCE}:
        sys.exit(f"datagrams of {set(peer for _, peer in got)}")
    numbers = [int(data) for data, _ in got]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        sys.exit(f"lost, twice or out of order: {numbers}")
    until("our PE has joined (S,G) at pimd", lambda: pe.metric(NUM_SG_C) == 1)
    rx.close()
    until("the kernel's leave ended the (*,G)", lambda: pe.metric(NUM_STARG_C) == 0)


def main():
    program, version = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    if os.geteuid() != 0 or not os.access(PIMD, os.X_OK):
        print("skipped: needs root, and pimd at " + PIMD)
        sys.exit(77)
    started = []
    with tempfile.TemporaryDirectory(prefix="mvpnbench-others-") as work:
        try:
            world(version)
            pimd = Pimd(work)
            started.append(pimd.process)
            pe = Pe(program, work, version)
            started.append(pe.process)
            try:
                judge(pe, pimd)
            except SystemExit:
                print(pimd.said(), pimd.dump())
                raise
        finally:
            for process in started:
                process.terminate()
                process.wait(timeout=10)
            for name in ("pe", "p", "r", "s", "h"):
                subprocess.run(["ip", "netns", "del", ns(name)], check=False)
    print(f"IGMPv{version} of the kernel, pimd: as demanded")


if __name__ == "__main__":
    main()
