#!/usr/bin/env python3
"""The hooks of the FRR lab: an example of what drives a router for mvpnbench.

usage: pe.py configure | unconfigure | metric | utilisation | health | window_begin | neighbours |
             stimulus        with the instance as JSON on stdin; the answer is JSON on stdout

    NAME-v<v> (one a VRF)            NAME-p (P instance)        NAME-g (GRE)
    zebra staticd pimd              zebra staticd pimd
    c<k>          mti <--GRE program, one for all VRFs, "mvpnbench mti"--> g0
                                    p0 (P link)  m0 =====veth===== g0 (the PE's MDT address)
"""
import fcntl
import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import frrconf  # noqa: E402
import lab  # noqa: E402

FRR = "/usr/lib/frr"
SOCKETS = "/var/run/frr"
STATE = f"/run/{lab.NAME}"
LOCK = f"/run/{lab.NAME}.lock"
DAEMONS = ("zebra", "staticd", "pimd")
P, GRE = f"{lab.NAME}-p", f"{lab.NAME}-g"
TICKS = os.sysconf("SC_CLK_TCK")


def vrf_namespace(number):
    return f"{lab.NAME}-v{number}"


def say(text):
    """stderr goes into the run's run.log."""
    print(text, file=sys.stderr)


# ---- processes ----------------------------------------------------------------------------------

def pid_of(path):
    try:
        with open(path, encoding="utf-8") as f:
            return int(f.read())
    except (OSError, ValueError):
        return None


def alive(pid):
    """A process of this lab: a pid may have become somebody else's."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f"{lab.NAME}-".encode() in f.read()
    except OSError:
        return False


def processes(only=None):
    """{component: pid} of everything that was started and not yet stopped."""
    found = {}
    for path in sorted(glob.glob(f"{SOCKETS}/{lab.NAME}-*/*.pid")):
        daemon = os.path.basename(path)[:-len(".pid")]
        instance = os.path.basename(os.path.dirname(path))[len(lab.NAME) + 1:]
        if daemon in DAEMONS and (only is None or daemon == only):
            found[f"{daemon} of {instance}"] = pid_of(path)
    if only is None and os.path.exists(f"{STATE}/mti.pid"):
        found["GRE program"] = pid_of(f"{STATE}/mti.pid")
    return found


def kill(pids, signal_number, patience_s=5.0):
    pids = [p for p in pids if p is not None and alive(p)]
    for pid in pids:
        os.kill(pid, signal_number)
    until = time.monotonic() + patience_s
    while any(alive(p) for p in pids) and time.monotonic() < until:
        time.sleep(0.02)
    for pid in filter(alive, pids):
        os.kill(pid, signal.SIGKILL)


def stop_all(signal_number=signal.SIGTERM):
    kill(processes().values(), signal_number)
    for path in glob.glob(f"{SOCKETS}/{lab.NAME}-*"):
        shutil.rmtree(path, ignore_errors=True)
    if os.path.exists(f"{STATE}/mti.pid"):
        os.unlink(f"{STATE}/mti.pid")


def state_remove():
    shutil.rmtree(STATE, ignore_errors=True)


# ---- starting -----------------------------------------------------------------------------------

def write_config(namespace, daemon, text):
    owner = pwd.getpwnam("frr")
    for folder in (SOCKETS, f"{SOCKETS}/{namespace}", STATE, f"{STATE}/{namespace}"):
        os.makedirs(folder, exist_ok=True)
    for folder in (f"{SOCKETS}/{namespace}", f"{STATE}/{namespace}"):
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with open(f"{STATE}/{namespace}/{daemon}.conf", "w", encoding="utf-8") as f:
        f.write(text)


def start_daemons(instances, daemons=DAEMONS):
    """Each detaches itself when it has read its configuration."""
    for daemon in daemons:
        started = [subprocess.Popen(
            ["ip", "netns", "exec", ns, f"{FRR}/{daemon}", "-d", "-N", ns,
             "-f", f"{STATE}/{ns}/{daemon}.conf", "-i", f"{SOCKETS}/{ns}/{daemon}.pid",
             "--log", f"file:{STATE}/{ns}/{daemon}.log", "-P", "0"],
            stdin=subprocess.DEVNULL, stdout=sys.stderr) for ns in instances]
        for process in started:
            if process.wait() != 0:
                sys.exit(f"{process.args[4]} in {process.args[3]} did not start")


def start_gre(instance):
    """The program that puts packets of the MTIs into GRE and joins the MDTs."""
    read_end, write_end = os.pipe()  # it ends at the end of its input, which never comes
    command = [os.environ.get("MVPNBENCH", "mvpnbench"), "mti", "--netns", GRE, "--interface", "g0",
               "--source", instance["mdt"]["source"], "--mtu", str(instance["mtu"] - 24)]
    if instance["mdt"]["mode"] == "ssm":
        command += ["--first-peer", instance["remote_pes"]["first"],
                    "--peers", str(instance["remote_pes"]["count"])]
    command += [f"{vrf_namespace(v['number'])}={v['default_mdt']}" for v in instance["vrfs"]]
    os.makedirs(STATE, exist_ok=True)
    with open(f"{STATE}/mti.out", "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdin=read_end, stdout=out, stderr=out,
                                   pass_fds=[write_end], start_new_session=True)
    with open(f"{STATE}/mti.pid", "w", encoding="utf-8") as f:
        f.write(str(process.pid))
    for _ in range(600):
        with open(f"{STATE}/mti.out", encoding="utf-8") as f:
            said = f.read()
        if said.startswith("ready"):
            return
        if process.poll() is not None:
            sys.exit(f"the GRE program ended: {said.strip()}")
        time.sleep(0.05)
    sys.exit("the GRE program is not ready after 30 s")


# ---- interfaces ---------------------------------------------------------------------------------

def port_of(c_interface):
    """The cable plan: the tester's t<k> ends in the PE's c<k>."""
    return "c" + c_interface["apparatus_interface"][1:]


def c_card_in(instance):
    for vrf in instance["vrfs"]:
        ns, ports = vrf_namespace(vrf["number"]), vrf["c_interfaces"]
        lab.ip_batch(lab.CARDS, [f"link set {port_of(c)} netns {ns}" for c in ports])
        lab.ip_batch(ns, [line for c in ports for line in (
            f"addr add {c['address']}/{c['prefix_length']} dev {port_of(c)}",
            f"link set {port_of(c)} up")])


def c_card_out(instance, may_fail=False):
    for vrf in instance["vrfs"]:
        lab.ip_batch(vrf_namespace(vrf["number"]),
                     [f"link set {port_of(c)} netns {lab.CARDS}" for c in vrf["c_interfaces"]],
                     may_fail)


def p_card_in(instance):
    link = instance["p_link"]
    lab.ip_batch(lab.CARDS, [f"link set p0 netns {P}"])
    lab.ip_batch(P, [f"addr add {link['address']}/{link['prefix_length']} dev p0",
                     "link set p0 up"])


def p_card_out(may_fail=False):
    lab.ip_batch(P, [f"link set p0 netns {lab.CARDS}"], may_fail)


def tunnel_up(instance):
    """The MDT address is a peer of m0: the P instance must see it as connected, and reach the
    remote PEs, whose prefix it lies in, through the P router all the same."""
    mdt, near = instance["mdt"]["source"], "192.168.254.1"
    lab.ip_batch(GRE, ["link add g0 index 2900 mtu {0} type veth peer name m0 index 2901 mtu {0} "
                       "netns {1}".format(instance["mtu"], P)])
    lab.offloads_off(GRE, "g0")
    lab.offloads_off(P, "m0")
    lab.ip_batch(P, [f"addr add {near} peer {mdt}/32 dev m0", "link set m0 up"])
    lab.ip_batch(GRE, [f"addr add {mdt} peer {near}/32 dev g0", "link set g0 up",
                       "route add 224.0.0.0/4 dev g0"])


def mti_addresses(instance):
    length = instance["remote_pes"]["prefix"].split("/")[1]
    for vrf in instance["vrfs"]:
        lines = [f"addr add {instance['mdt']['source']}/{length} dev mti"]
        if instance["c_rp"] is not None:
            lines.append(f"addr add {instance['c_rp']}/32 dev lo")
        lab.ip_batch(vrf_namespace(vrf["number"]), lines)


# ---- the PE -------------------------------------------------------------------------------------

def instances_of(instance):
    return [P] + [vrf_namespace(v["number"]) for v in instance["vrfs"]]


def boot(instance):
    """From power on to daemons that run; namespaces and configuration files are there."""
    tunnel_up(instance)
    start_gre(instance)
    p_card_in(instance)
    c_card_in(instance)
    mti_addresses(instance)
    start_daemons(instances_of(instance))


def power_off(instance):
    stop_all(signal.SIGKILL)
    c_card_out(instance, may_fail=True)
    p_card_out(may_fail=True)
    lab.ip_batch(GRE, ["link del g0"], may_fail=True)
    for vrf in instance["vrfs"]:
        if instance["c_rp"] is not None:
            lab.ip_batch(vrf_namespace(vrf["number"]), ["addr flush dev lo scope global"])
    for ns in instances_of(instance):  # the sockets' folders went with the daemons
        frrconf_write(instance, ns)


def frrconf_write(instance, namespace):
    for daemon in DAEMONS:
        write_config(namespace, daemon, frrconf.text(instance, namespace, P, daemon, port_of))


def wait_ready(instance):
    """Until every pimd has its interfaces up."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        ready = set(ask(P, "show ip pim interface json")[0]) >= {"p0", "m0"}
        for vrf in instance["vrfs"]:
            seen = ask(vrf_namespace(vrf["number"]), "show ip pim interface json")[0]
            names = {"mti"} | {port_of(c) for c in vrf["c_interfaces"]}
            ready = ready and all(seen.get(n, {}).get("state") == "up" for n in names)
        if ready:
            return
        time.sleep(0.2)
    sys.exit("pimd did not bring its interfaces up within 30 s")


def configure(instance):
    unconfigure(instance)
    for ns in [GRE] + instances_of(instance):
        lab.namespace_add(ns)
    for ns in instances_of(instance):
        frrconf_write(instance, ns)
    boot(instance)
    wait_ready(instance)
    return {}


def unconfigure(_):
    """Also after a run that was killed: everything but the cables goes. An interface that its
    namespace would take along is saved first."""
    stop_all()
    for ns in lab.namespaces():
        if ns in (lab.TESTER, lab.CARDS):
            continue
        links = json.loads(lab.run("ip", "-n", ns, "-j", "link", "show") or "[]")
        ours = [e["ifname"] for e in links if e["ifname"] == "p0" or e["ifname"][1:].isdigit() and
                e["ifname"][0] == "c"]
        lab.ip_batch(ns, [f"link set {name} netns {lab.CARDS}" for name in ours], may_fail=True)
        lab.run("ip", "netns", "del", ns)
    state_remove()
    return {}


# ---- reading ------------------------------------------------------------------------------------

def ask(namespace, *questions):
    """Answers of one pimd; vtysh prints one JSON value a question."""
    command = ["vtysh", "-N", namespace, "--config_dir", STATE, "-d", "pimd"]
    for question in questions:
        command += ["-c", question]
    text, answers = lab.run(*command).strip(), []
    decoder = json.JSONDecoder()
    while text:
        value, end = decoder.raw_decode(text)
        answers.append(value)
        text = text[end:].lstrip()
    if len(answers) != len(questions):
        sys.exit(f"vtysh -N {namespace}: {len(answers)} answers to {len(questions)} questions")
    return answers


def is_c(name):
    return name[0] == "c" and name[1:].isdigit()


def forwarding(routes):
    """(group, source, number of OIFs) of the mroutes that can forward."""
    for group, sources in routes.items():
        for source, mroute in sources.items():
            oifs = sum(1 for oif in mroute.get("oil", {}) if oif != "pimreg")
            if mroute.get("installed") and oifs:
                yield group, source, oifs


def mdt_is_built(instance, vrf, p_routes):
    sources = {s for g, s, _ in forwarding(p_routes) if g == vrf["default_mdt"]}
    if instance["mdt"]["mode"] == "asm":
        return "*" in sources
    return len(sources - {"*", instance["mdt"]["source"]}) == instance["remote_pes"]["count"]


def metric(instance):
    p_routes, = ask(P, "show ip mroute json")
    p_forward = list(forwarding(p_routes))
    out = {"Num_mVPN": 0, "Num_PE": 0, "Num_MC_C_ints": 0, "Num_PIM_C_neigh": 0, "Num_*G_C": 0,
           "Num_SG_C": 0, "Num_OIF_C": 0, "Num_SPMSI_Src": 0,
           "Num_SPMSI_Rx": sum(1 for g, s, _ in p_forward if g.startswith("232.") and s != "*"),
           "Num_*G_P": sum(1 for _, s, _ in p_forward if s == "*"),
           "Num_SG_P": sum(1 for _, s, _ in p_forward if s != "*"),
           "Num_OIF_P": sum(oifs for _, _, oifs in p_forward),
           "neighbours": {"c_interface": 0, "mi_pmsi": 0}}
    for vrf in instance["vrfs"]:
        neighbours, interfaces, routes = ask(
            vrf_namespace(vrf["number"]), "show ip pim neighbor json",
            "show ip pim interface json", "show ip mroute json")
        up = {n for n, i in interfaces.items() if i.get("state") == "up"}
        c_side = sum(len(n) for name, n in neighbours.items() if is_c(name))
        mi_pmsi = len(neighbours.get("mti", {}))
        out["Num_mVPN"] += "mti" in up and mdt_is_built(instance, vrf, p_routes)
        out["Num_PE"] = max(out["Num_PE"], mi_pmsi + 1)
        out["Num_MC_C_ints"] += sum(1 for n in up if is_c(n))
        out["Num_PIM_C_neigh"] += c_side + mi_pmsi
        for _, source, oifs in forwarding(routes):
            out["Num_*G_C" if source == "*" else "Num_SG_C"] += 1
            out["Num_OIF_C"] += oifs
        out["neighbours"]["c_interface"] += c_side
        out["neighbours"]["mi_pmsi"] += mi_pmsi
    return out


def neighbours(instance):
    out = {"c_interface": 0, "mi_pmsi": 0}
    for vrf in instance["vrfs"]:
        seen, = ask(vrf_namespace(vrf["number"]), "show ip pim neighbor json")
        for name, list_of in seen.items():
            if name == "mti" or is_c(name):
                out["mi_pmsi" if name == "mti" else "c_interface"] += len(list_of)
    return out


def ticks_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def memory_of(pid):
    with open(f"/proc/{pid}/statm", encoding="utf-8") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def window_begin(_):
    begin = {"at": time.monotonic(),
             "ticks": {name: ticks_of(pid) for name, pid in processes().items() if alive(pid)}}
    with open(f"{STATE}/window.json", "w", encoding="utf-8") as f:
        json.dump(begin, f)
    return {}


def utilisation(_):
    """One row a process. The busiest second is not measured: it is left out, and will be null."""
    try:
        with open(f"{STATE}/window.json", encoding="utf-8") as f:
            begin = json.load(f)
    except OSError:
        begin = {"at": time.monotonic(), "ticks": {}}
    span, rows = time.monotonic() - begin["at"], []
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE")
    for name, pid in processes().items():
        if not alive(pid):
            continue
        used, memory = ticks_of(pid) - begin["ticks"].get(name, ticks_of(pid)), memory_of(pid)
        known = name in begin["ticks"] and used >= 0 and span > 0
        rows.append({"component": name,
                     "cpu_percent": 100.0 * used / TICKS / span if known else None,
                     "memory_bytes": memory, "memory_percent": 100.0 * memory / total,
                     "how": "/proc/PID/stat in ticks of 10 ms, of one core; resident set"})
    return rows


def health(instance):
    if "vrfs" not in instance:  # nothing is configured
        return {"ok": True}
    running = processes()
    gone = [name for name, pid in running.items() if not alive(pid)]
    wanted = len(instances_of(instance)) * len(DAEMONS) + 1
    if len(running) != wanted:
        gone.append(f"{wanted - len(running)} processes without a pidfile")
    return {"ok": not gone, "reason": ", ".join(gone)} if gone else {"ok": True}


# ---- stimuli ------------------------------------------------------------------------------------

def stimulus(instance):
    """Does the whole of it. Tf is the instant before the recovery action."""
    name, hold_out_s = instance["stimulus"], instance["hold_out_s"]
    pimd_everywhere = instances_of(instance)
    begin = {"power-cycle": lambda: power_off(instance),
             "processor-switchover": lambda: None,
             "p-card-oir": p_card_out,
             "c-card-oir": lambda: c_card_out(instance)}
    recover = {"power-cycle": lambda: boot(instance),
               "processor-switchover": lambda: (
                   kill(processes("pimd").values(), signal.SIGKILL),
                   start_daemons(pimd_everywhere, ("pimd",))),
               "p-card-oir": lambda: p_card_in(instance),
               "c-card-oir": lambda: c_card_in(instance)}
    if name not in begin:
        sys.exit(f"no such stimulus here: {name}")
    begin[name]()
    say(f"{name}: held out for {hold_out_s} s")
    time.sleep(hold_out_s)
    recovery_action = time.time()
    recover[name]()
    return {"Tf": recovery_action}


HOOKS = {f.__name__: f for f in (configure, unconfigure, metric, utilisation, health, window_begin,
                                 neighbours, stimulus)}


def alone():
    """Waits until no other hook runs: when the program was killed, its last one goes on."""
    lock = open(LOCK, "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in HOOKS:
        sys.exit(f"usage: pe.py {' | '.join(HOOKS)}")
    instance = json.load(sys.stdin)
    with alone():
        answer = HOOKS[sys.argv[1]](instance)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
