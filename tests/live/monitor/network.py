"""The testbed of VMScope in namespaces: a monitor host, a P router and two PEs (FRR), five parallel
tunnels to each PE, and a VPN with a site behind PE2.

      m (monitor, 10.60.0.1-5)
      |
      p (P router, RP)
     /  \\
   e1    e2       PEs: zebra, pimd; tunnels end at TUN devices of `mvpnbench gre-end`
   |      |
   g1     g2      GRE programs of the VPN's MTIs (`mvpnbench mti`), which join the default MDT
   v1     v2      the VRFs: customers' source in v1; pimd and a C-interface in v2
           |
           c2     customer's host: joins the C-group, and everything that comes is captured

A reflector r behind p, with a tunnel of its own to PE1, is added for the inference.
"""
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MDT = "239.192.0.1"
C_GROUP = "239.1.1.1"
TUNNELS = 5
NAMES = ("m", "p", "e1", "e2", "g1", "g2", "v1", "v2", "c2", "r")
RUN = pathlib.Path("/var/run/frr")


def sh(command, text=None, check=True):
    return subprocess.run(command, shell=True, input=text, capture_output=True, text=True,
                          timeout=30, check=check)


def inner(pe, tunnel, end):
    """Address inside a tunnel: end 1 the monitor's, 2 the router's."""
    return f"10.9.{pe}.{4 * tunnel + end}"


def end_daemons(ns):
    for daemon in ("pimd", "zebra"):
        try:
            pid = int((RUN / ns / f"{daemon}.pid").read_text())
            if ns in pathlib.Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGTERM)
        except (OSError, ValueError):
            pass


def sweep():
    """Removes what runs left that were killed."""
    for line in sh("ip netns list").stdout.splitlines():
        match = re.match(r"(mon(\d+)-\w+)", line)
        if match and not os.path.exists(f"/proc/{match[2]}"):
            for pid in sh(f"ip netns pids {match[1]}", check=False).stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            sh(f"ip netns del {match[1]}", check=False)
            shutil.rmtree(RUN / match[1], ignore_errors=True)


class Network:
    def __init__(self, program):
        sweep()
        self.program = program
        self.prefix = f"mon{os.getpid()}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mvpn-monitor-"))
        self.processes = []
        self.ends = {}
        self.frr = []

    def ns(self, name):
        return f"{self.prefix}-{name}"

    def run(self, name, command, **kw):
        return sh(f"ip netns exec {self.ns(name)} {command}", **kw)

    def start(self, argv, **kw):
        process = subprocess.Popen(argv, **kw)
        self.processes.append(process)
        return process

    # -- links ---------------------------------------------------------------------------------

    def link(self, a, a_if, a_addr, b, b_if, b_addr):
        a, b = self.ns(a), self.ns(b)
        n = getattr(self, "indices", 100)
        self.indices = n + 2
        sh(f"ip link add {a_if} index {n} netns {a} type veth peer name {b_if} index {n + 1} "
           f"netns {b}")
        for ns, dev, addresses in ((a, a_if, a_addr), (b, b_if, b_addr)):
            for address in addresses:
                sh(f"ip -n {ns} addr add {address} dev {dev}")
            sh(f"ip -n {ns} link set dev {dev} up")
            sh(f"ip netns exec {ns} ethtool -K {dev} tx off rx off tso off gso off gro off")

    def monitor_link(self):
        self.link("m", "m0", [f"10.60.0.{i}/24" for i in range(1, TUNNELS + 1)],
                  "p", "m", ["10.60.0.254/24"])
        self.run("m", "ip route replace default via 10.60.0.254")

    def build(self):
        for name in NAMES:
            sh(f"ip netns add {self.ns(name)}")
            self.run(name, "ip link set lo up")
            self.run(name, "sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; "
                           "done; echo 1 > /proc/sys/net/ipv4/ip_forward'")
        self.monitor_link()
        self.run("p", "ip addr add 10.61.255.1/32 dev lo")
        for n in (1, 2):
            self.link("p", f"e{n}", [f"10.61.{n}.1/24"], f"e{n}", "p0", [f"10.61.{n}.2/24"])
            self.link(f"e{n}", "m0", [f"10.61.1{n}.254/24"], f"g{n}", "g0", [f"10.61.1{n}.1/24"])
            # zebra resolves no next hop through a default route.
            for net in ("10.60.0.0/16", "10.61.0.0/16", "10.9.0.0/16"):
                self.run(f"e{n}", f"ip route add {net} via 10.61.{n}.1")
            self.run(f"g{n}", f"ip route add default via 10.61.1{n}.254")
            self.run("p", f"ip route add 10.9.{n}.0/24 via 10.61.{n}.2")
            self.run("p", f"ip route add 10.61.1{n}.0/24 via 10.61.{n}.2")
        self.link("v2", "c0", ["192.168.2.1/24"], "c2", "c0", ["192.168.2.2/24"])
        self.mti()
        self.start_frr()
        self.customers()
        for n in (1, 2):
            self.start_end(n)

    def mti(self):
        """The VPN of the customers: an MTI in each VRF."""
        for n in (1, 2):
            self.start([self.program, "mti", "--netns", self.ns(f"g{n}"), "--interface", "g0",
                        "--source", f"10.61.1{n}.1", "--mtu", "1400", f"{self.ns(f'v{n}')}={MDT}"],
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE).stdout.readline()
            self.run(f"v{n}", f"ip addr add 192.168.200.{n}/24 dev mti")
        self.run("v1", "ip route add 239.0.0.0/8 dev mti")

    def customers(self):
        """A source behind PE1; a host behind PE2 that joins its group, and the MDT's as well."""
        joins = "".join(f"s.setsockopt(0, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('{group}') + "
                        "socket.inet_aton('192.168.2.2'))\n" for group in (C_GROUP, MDT))
        host = ("import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                + joins + "time.sleep(1000)\n")
        source = ("import socket, time\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "s.setsockopt(0, socket.IP_MULTICAST_TTL, 9)\n"
                  f"while True:\n s.sendto(b'for customers', ('{C_GROUP}', 5000))\n"
                  " time.sleep(.2)\n")
        for name, script in (("c2", host), ("v1", source)):
            self.start(["ip", "netns", "exec", self.ns(name), sys.executable, "-c", script],
                       stderr=subprocess.DEVNULL)

    # -- tunnels' ends --------------------------------------------------------------------------

    def start_end(self, n):
        words = [f"name=t{i},local=10.61.{n}.2,remote=10.60.0.{i},inner={inner(n, i, 2)}/30"
                 for i in range(1, TUNNELS + 1)]
        process = self.start([self.program, "gre-end", "--netns", self.ns(f"e{n}"), "--interface",
                              "p0"] + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
        assert process.stdout.readline() == "ready\n"
        self.ends[n] = process

    def start_reflector(self):
        """`oneway reflect` on a host of its own; returns the process."""
        self.link("r", "r0", ["10.62.0.1/24"], "p", "r", ["10.62.0.254/24"])
        self.run("r", "ip route add default via 10.62.0.254")
        self.run("e1", "ip route add 10.62.0.0/16 via 10.61.1.1")
        end = self.start([self.program, "gre-end", "--netns", self.ns("e1"), "--interface", "p0",
                          "name=r0,local=10.61.1.2,remote=10.62.0.1,inner=10.9.1.102/30"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert end.stdout.readline() == "ready\n"
        path = self.dir / "reflector.yaml"
        path.write_text(f"namespace: {self.ns('r')}\ninterface: r0\ngroup: 239.9.9.9\n"
                        "tunnels: {t: {local: 10.62.0.1, remote: 10.61.1.2, "
                        "inner_local: 10.9.1.101, inner_remote: 10.9.1.102}}\n")
        return self.start([self.program, "oneway", "reflect", str(path)],
                          stdout=subprocess.PIPE, text=True)

    def delays(self, n, ms):
        for i, delay in enumerate(ms, 1):
            self.ends[n].stdin.write(f"t{i} {delay} 0\n")
        self.ends[n].stdin.flush()

    # -- FRR ------------------------------------------------------------------------------------

    def config(self, name):
        pim = lambda dev, more="": f"interface {dev}\n ip pim\n{more}exit\n"
        if name == "p":
            return "ip pim rp 10.61.255.1\n" + pim("lo") + pim("e1") + pim("e2")
        if name == "v2":
            return "ip pim rp 192.168.2.1\n" + pim("mti") + pim("c0", " ip igmp\n")
        tunnels = "".join(pim(f"t{i}", " ip igmp\n") for i in range(1, TUNNELS + 1))
        tunnels += pim("r0", " ip igmp\n") if name == "e1" else ""
        return "ip pim rp 10.61.255.1\n" + pim("p0") + pim("m0", " ip igmp\n") + tunnels

    def start_frr(self):
        owner = pwd.getpwnam("frr")
        self.dir.chmod(0o755)
        for name in ("p", "e1", "e2", "v2"):
            ns = self.ns(name)
            for path in (RUN, RUN / ns, self.dir / ns):
                path.mkdir(exist_ok=True)
                os.chown(path, owner.pw_uid, owner.pw_gid)
            self.frr.append(ns)
            for daemon in ("zebra", "pimd"):
                conf = self.dir / ns / f"{daemon}.conf"
                conf.write_text("hostname " + name + "\n"
                                + (self.config(name) if daemon == "pimd" else ""))
                sh(f"ip netns exec {ns} /usr/lib/frr/{daemon} -d -N {ns} -f {conf} "
                   f"-i {RUN / ns / (daemon + '.pid')} --log file:{self.dir / ns / daemon}.log "
                   f"-P 0")

    def vtysh(self, name, command):
        return sh(f"vtysh -N {self.ns(name)} -c '{command}'", check=False).stdout

    # -- files and programs -----------------------------------------------------------------------

    def monitor_file(self, more="", count=TUNNELS, pes=(1, 2)):
        tunnels = [f"  - {{name: {'ab'[n - 1]}{i}, remote: 10.61.{n}.2, local: 10.60.0.{i}, "
                   f"inner_local: {inner(n, i, 1)}, inner_remote: {inner(n, i, 2)}}}\n"
                   for n in pes for i in range(1, count + 1)]
        path = self.dir / "monitor.yaml"
        path.write_text(f"address: 10.60.0.1\nnamespace: {self.ns('m')}\ninterface: m0\n"
                        "tunnels:\n" + "".join(tunnels)
                        + f"vpns: [{{name: red, group: {MDT}}}]\n" + more)
        return path

    def capture(self, name, dev, expression="ip"):
        path = self.dir / f"{name}-{dev}.pcap"
        process = self.start(["ip", "netns", "exec", self.ns(name), "tcpdump", "-U", "-n", "-i",
                              dev, "-w", str(path), expression], stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "listening" in line:
                break
        assert process.poll() is None, "tcpdump does not run"
        return process, path

    # -- the end ----------------------------------------------------------------------------------

    def close(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        for ns in self.frr:
            end_daemons(ns)
        time.sleep(0.5)
        for name in NAMES:
            sh(f"ip netns del {self.ns(name)}", check=False)
        for ns in self.frr:
            shutil.rmtree(RUN / ns, ignore_errors=True)
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)


class Monitor:
    """A running `mvpnbench monitor`."""

    def __init__(self, network, path, *options):
        self.network = network
        self.socket = str(network.dir / "ctl")
        self.log = open(network.dir / "monitor.log", "w+")
        self.process = network.start([network.program, "monitor", str(path), "--json", "--control",
                                      self.socket, *options], stdout=subprocess.PIPE,
                                     stderr=self.log, text=True)
        end = time.monotonic() + 10
        while not os.path.exists(self.socket):
            assert self.process.poll() is None and time.monotonic() < end, self.said()
            time.sleep(0.05)

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def ctl(self, *words):
        done = subprocess.run([self.network.program, "ctl", "--socket", self.socket, "--json",
                               *words], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return json.loads(done.stdout)

    def wait(self, what, done, seconds):
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, f"{what}: not within {seconds} s\n{self.said()}"
            assert self.process.poll() is None, self.said()
            time.sleep(0.3)

    def anomalies(self, kind):
        return [a for a in self.ctl("anomalies")["rows"] if a["kind"] == kind]

    def result(self):
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, self.said()
        return json.loads(out)
