"""Networks in namespaces of their own for the live tests of one-way loss: hosts and routers around
a cloud, a router that every packet crosses and whose nftables lose some and count."""
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

FRR_BIN = "/usr/lib/frr"
FRR_RUN = "/var/run/frr"


def run(*words, check=True, stdin=None):
    return subprocess.run(words, input=stdin, capture_output=True, text=True, check=check,
                          timeout=60)


class Network:
    """Everything is named after the test's own process and taken away by close()."""

    def __init__(self, tag, program):
        self.prefix = f"{tag}{os.getpid() % 100000}-"
        self.program = program
        self.directory = tempfile.mkdtemp(prefix="mvpn-live-")
        os.chmod(self.directory, 0o755)
        self.namespaces, self.processes, self.routers, self.counters = [], [], [], []

    def name(self, host):
        return self.prefix + host

    def inside(self, host, *words, **more):
        return run("ip", "netns", "exec", self.name(host), *words, **more)

    def host(self, host, forward=False):
        run("ip", "netns", "add", self.name(host))
        self.namespaces.append(self.name(host))
        run("ip", "-n", self.name(host), "link", "set", "lo", "up")
        for key, value in (("ip_forward", int(forward)), ("conf.all.rp_filter", 0),
                           ("conf.default.rp_filter", 0)):
            self.inside(host, "sysctl", "-qw", f"net.ipv4.{key}={value}")

    def link(self, a, a_addresses, b, b_addresses):
        """A veth between two hosts; each end is named after the other host."""
        index = 100 + 2 * len(self.counters) + 20 * len(self.namespaces)
        self.counters.append(None)
        run("ip", "-n", self.name(a), "link", "add", b, "index", str(index), "type", "veth",
            "peer", "name", a, "netns", self.name(b), "index", str(index + 1))
        for host, other, addresses in ((a, b, a_addresses), (b, a, b_addresses)):
            for address in addresses:
                run("ip", "-n", self.name(host), "addr", "add", address, "dev", other)
            run("ip", "-n", self.name(host), "link", "set", other, "up")
            self.inside(host, "ethtool", "-K", other, "tx", "off", "rx", "off", "tso", "off",
                        "gso", "off", "gro", "off", check=False)

    def nft(self, host, rules):
        self.inside(host, "nft", "-f", "-", stdin=rules)

    def counter(self, host, table, name):
        """Packets of a named counter."""
        out = json.loads(self.inside(host, "nft", "-j", "list", "counter", *table.split(), name)
                         .stdout)
        return next(e["counter"]["packets"] for e in out["nftables"] if "counter" in e)

    def start(self, host, *words, **more):
        process = subprocess.Popen(("ip", "netns", "exec", self.name(host), *words),
                                   text=True, **more)
        self.processes.append(process)
        return process

    def gre_end(self, host, interface, *tunnels):
        """The router's ends of tunnels (NAME, LOCAL, REMOTE, INNER)."""
        words = [f"name={n},local={l},remote={r},inner={i}" for n, l, r, i in tunnels]
        process = subprocess.Popen(
            (self.program, "gre-end", "--netns", self.name(host), "--interface", interface,
             *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        assert process.stdout.readline() == "ready\n", "gre-end does not come up"

    def frr(self, host, pimd):
        """zebra and pimd with a configuration."""
        name = self.name(host)
        owner = pwd.getpwnam("frr")
        run_dir = f"{FRR_RUN}/{name}"
        for path in (FRR_RUN, run_dir):
            os.makedirs(path, exist_ok=True)
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self.routers.append(run_dir)
        for daemon, text in (("zebra", ""), ("pimd", pimd)):
            path = f"{self.directory}/{name}.{daemon}.conf"
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod(path, 0o644)
            self.inside(host, f"{FRR_BIN}/{daemon}", "-d", "-N", name, "-f", path, "-i",
                        f"{run_dir}/{daemon}.pid", "-P", "0")

    def vtysh(self, host, command):
        return run("vtysh", "-N", self.name(host), "-c", command).stdout

    def file(self, name, text, mode=0o644):
        path = f"{self.directory}/{name}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for run_dir in self.routers:
            for daemon in ("pimd", "zebra"):
                end(f"{run_dir}/{daemon}.pid")
            shutil.rmtree(run_dir, ignore_errors=True)
        for namespace in self.namespaces:
            run("ip", "netns", "del", namespace, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)


def end(pid_file):
    """Ends the daemon of a pidfile and waits until it is gone."""
    try:
        with open(pid_file, encoding="ascii") as f:
            pid = int(f.read())
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            time.sleep(0.02)
            os.kill(pid, 0)
        os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError):
        return
