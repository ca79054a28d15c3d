"""PIM messages of a capture, read here by hand (pcap in nanoseconds, VLAN tags, GRE), and what
tshark and tcpdump say about the capture where they are installed."""
import os
import re
import shutil
import struct
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass

HELLO, JOIN_PRUNE = 0, 3
OURS = b"\x02\x4d\x56"  # MAC addresses of the apparatus
DUT_MDT_ADDRESS = "198.18.0.1"
PERIOD_SLACK_S = 1.0    # kernel, daemons and neighbours of a shared host are late sometimes


@dataclass
class Message:
    at: float
    ours: bool
    link: tuple    # VLAN ids, and the MDT group when it came inside GRE
    source: str
    type: int
    holdtime: int
    entries: tuple  # ((group, source, is_join), ...) of a Join/Prune


def address(data):
    return ".".join(map(str, data))


def entries_of(pim):
    at, found = 14, []
    for _ in range(pim[11]):
        group = address(pim[at + 4:at + 8])
        joins, prunes = struct.unpack_from("!HH", pim, at + 8)
        at += 12
        for n in range(joins + prunes):
            found.append((group, address(pim[at + 4:at + 8]), n < joins))
            at += 8
    return tuple(found)


def hello_holdtime(pim):
    at = 4
    while at + 4 <= len(pim):
        option, length = struct.unpack_from("!HH", pim, at)
        if option == 1:
            return struct.unpack_from("!H", pim, at + 4)[0]
        at += 4 + length
    return None


def message_of(at, frame):
    link, here = [], 12
    kind = struct.unpack_from("!H", frame, here)[0]
    while kind in (0x8100, 0x88a8):
        link.append(struct.unpack_from("!H", frame, here + 2)[0] & 0xfff)
        here += 4
        kind = struct.unpack_from("!H", frame, here)[0]
    packet = frame[here + 2:]
    if kind != 0x0800:
        return None
    if packet[9] == 47:
        link.append(address(packet[16:20]))
        packet = packet[(packet[0] & 15) * 4 + 4:]
    if packet[9] != 103:
        return None
    pim = packet[(packet[0] & 15) * 4:struct.unpack_from("!H", packet, 2)[0]]
    message = Message(at, frame[6:9] == OURS, tuple(link), address(packet[12:16]), pim[0] & 15,
                      None, ())
    if message.type == HELLO:
        message.holdtime = hello_holdtime(pim)
    elif message.type == JOIN_PRUNE:
        message.holdtime = struct.unpack_from("!H", pim, 12)[0]
        message.entries = entries_of(pim)
    return message


def read(path):
    """The PIM messages of a capture, in its order; a record that was cut off at the end ends it."""
    with open(path, "rb") as f:
        data = f.read()
    if struct.unpack_from("<I", data)[0] != 0xa1b23c4d:
        raise ValueError(f"{path}: no capture with nanoseconds")
    at, found = 24, []
    while at + 16 <= len(data):
        seconds, ns, length, _ = struct.unpack_from("<IIII", data, at)
        message = message_of(seconds + ns / 1e9, data[at + 16:at + 16 + length])
        if message is not None:
            found.append(message)
        at += 16 + length
    return found


# FRR leaves the checksum of a Null-Register's dummy header 0 (harness/dut/FRR.md), and tcpdump
# takes that header's protocol, 103, for a PIM message that was cut off.
NULL_REGISTER = "ip proto 103 and ip[20] = 0x21 and ip[24] & 0x40 != 0"
COMPLAINT = re.compile(r"\b(bad|incorrect|invalid|wrong|truncated|bogus)\b|\[\|", re.IGNORECASE)
TSHARK = ["tshark", "-n", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=True).stdout


def decoders(path):
    """Complaints of tshark and tcpdump about any frame; None when they are not installed."""
    if shutil.which("tshark") is None or shutil.which("tcpdump") is None:
        return None
    wrong = []
    text = output(*TSHARK, "-r", path, "-Y", "_ws.expert || _ws.malformed", "-T", "fields", "-e",
                  "frame.number", "-e", "pim.register_flag.null_register", "-e",
                  "_ws.expert.message")
    for line in text.splitlines():
        number, null_register, message = (line.split("\t") + ["", ""])[:3]
        # After --resume a DUT that was built anew has another MAC address.
        if null_register not in ("1", "True") and not message.startswith("Duplicate IP address"):
            wrong.append(f"tshark: frame {number}: {message}")
    for line in output("tcpdump", "-nn", "-vv", "-r", path, f"not ({NULL_REGISTER})").splitlines():
        if COMPLAINT.search(line) or (" cksum 0x" in line and "(correct)" not in line):
            wrong.append(f"tcpdump: {line.strip()}")
    return wrong


def joins_on_mdt(path, begin, end):
    """(time, source, joins) of every Join/Prune inside GRE between two times, as tshark reads it; None
    without tshark. The source is the inner one: who joins."""
    if shutil.which("tshark") is None:
        return None
    text = output("tshark", "-n", "-r", path, "-Y",
                  f"gre && pim.type == 3 && frame.time_epoch >= {begin} && "
                  f"frame.time_epoch <= {end}", "-T", "fields", "-e", "frame.time_epoch", "-e",
                  "ip.src", "-e", "pim.numjoins")
    found = []
    for line in text.splitlines():
        at, sources, joins = line.split("\t")
        found.append((float(at), sources.split(",")[1],
                      sum(int(n) for n in joins.split(",") if n)))
    return found


def has_window(seen, after, seconds, by_dut, by_other):
    """Whether any stretch of so many seconds that begins after that time has so many joins of the DUT and
    so many of others."""
    at, last = after, max([after, *(t for t, _, _ in seen)])
    while at <= last:
        inside = [(s, n) for t, s, n in seen if at <= t < at + seconds]
        dut = sum(n for s, n in inside if s == DUT_MDT_ADDRESS)
        if dut == by_dut and sum(n for _, n in inside) - dut == by_other:
            return True
        at += 0.5
    return False


class Judge:
    """What must hold for the apparatus's messages in one run."""

    def __init__(self, tree):
        self.wrong = []
        self.figures = Counter()
        self.cuts = ()  # the stimuli that cut the link of the capture in hand
        self.instances = [i for c in tree["cases"] for i in c["instances"]]

    def capture(self, path):
        side = {"a1.pcap": "c", "a3.pcap": "p"}[os.path.basename(path)]
        self.cuts = ("power-cycle", f"{side}-card-oir", f"{side}-link-flap")
        complaints = decoders(path)
        if complaints is not None:
            self.wrong += [f"{os.path.basename(path)}: {c}" for c in complaints]
            self.figures["captures that tshark and tcpdump decoded"] += 1
        messages = read(path)
        for instance in self.instances:
            within = [m for m in messages if m.ours and
                      instance["begin"] <= m.at <= instance["end"]]
            self.join_prunes(instance, within)
            self.hellos(instance, within)
            self.refreshes(instance, within)

    def join_prunes(self, instance, messages):
        sent = defaultdict(list)
        for m in (m for m in messages if m.type == JOIN_PRUNE):
            self.figures["Join/Prunes"] += 1
            self.figures["entries at most"] = max(self.figures["entries at most"], len(m.entries))
            if len(m.entries) > 80 or m.holdtime != 210:
                self.wrong.append(f"{instance['id']}: Join/Prune of {m.source} with "
                                  f"{len(m.entries)} entries, holdtime {m.holdtime}")
            times = sent[(m.link, m.source)]
            times.append(m.at)
            pace = sum(t > m.at - 1.0 for t in times[-12:])
            self.figures["PDU/s at most"] = max(self.figures["PDU/s at most"], pace)
            if pace > 10:
                self.wrong.append(f"{instance['id']}: {pace} Join/Prunes of {m.source} in a second")

    def outage(self, instance, since, until):
        """Whether this link was cut between the two times (5 s beyond: triggered Hellos)."""
        for r in (r for r in instance["recovery"] if r["stimulus"] in self.cuts):
            begin, tf = instance["begin"] + r["begin"], instance["begin"] + r["Tf"]
            if begin - 0.01 < until and tf + 5.0 > since:
                return True
        return False

    def hellos(self, instance, messages):
        """Each Hello is followed by one 30 s later or less, and one session's lie on a lattice."""
        sessions = defaultdict(list)
        for m in (m for m in messages if m.type == HELLO):
            if m.holdtime == 0:
                self.figures["goodbyes"] += 1
                continue
            if m.holdtime != 105:
                self.wrong.append(f"{instance['id']}: Hello of {m.source}: holdtime {m.holdtime}")
            sessions[(m.link, m.source)].append(m.at)
        for session, times in sessions.items():
            for a, b in zip(times, times[1:]):
                if b - a > 30 + PERIOD_SLACK_S and not self.outage(instance, a, b):
                    self.wrong.append(f"{instance['id']}: {session}: {b - a:.3f} s between Hellos")
                self.figures["Hellos 30 s apart"] += abs(b - a - 30) < PERIOD_SLACK_S

    def refreshes(self, instance, messages):
        """Every entry that a session joined comes again within 60 s, or within 84 s where Join
        suppression may have held it back (on MI-PMSIs), unless it was pruned."""
        last = {}
        for m in (m for m in messages if m.type == JOIN_PRUNE):
            for group, source, join in m.entries:
                key = (m.link, m.source, group, source)
                before = last.pop(key, None)
                if not join:
                    continue
                last[key] = m.at
                if before is None or self.outage(instance, before, m.at):
                    continue
                gap = m.at - before
                limit = 84 if any("." in str(part) for part in m.link) else 60
                self.figures["refreshes 59-60 s later"] += 58.5 < gap < 60 + PERIOD_SLACK_S
                if gap > limit + PERIOD_SLACK_S:
                    self.wrong.append(f"{instance['id']}: {key} refreshed after {gap:.3f} s")
        for key, at in last.items():
            if instance["end"] - at > 84 + PERIOD_SLACK_S:
                self.wrong.append(f"{instance['id']}: {key} was never refreshed, never pruned")


def withdrawn(path):
    """(sessions of the apparatus that said goodbye, those that did not, entries still joined) at a
    capture's end."""
    open_sessions, closed, joined = set(), set(), {}
    for m in (m for m in read(path) if m.ours):
        if m.type == HELLO:
            (closed if m.holdtime == 0 else open_sessions).add((m.link, m.source))
            (open_sessions if m.holdtime == 0 else closed).discard((m.link, m.source))
        for group, source, join in m.entries:
            joined[(m.link, m.source, group, source)] = join
    return len(closed), len(open_sessions), sum(joined.values())
