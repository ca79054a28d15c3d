"""Judges the frames of a run against RFC 7761, the draft's pacing (section 6.6) and the order of
bring-up. Knows the built-in plan of addresses and where instances and link flaps lie in time."""
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from dissect import HELLO, JOIN_PRUNE, REGISTER_STOP, SECOND

MS = SECOND // 1000
P_DUT, P_ROUTER, P_RP, MDT_DUT = "192.168.255.1", "192.168.255.2", "198.19.0.1", "198.18.0.1"
HELLO_PERIOD, HELLO_HOLD, GOODBYE, TRIGGERED = 30 * SECOND, 105, 0, 5 * SECOND
JP_PERIOD, JP_HOLD = 60 * SECOND, 210
SUPPRESSED = (66 * SECOND, 84 * SECOND)
OVERRIDE, PRUNE_PENDING = 2500 * MS, 3 * SECOND
GRID = SECOND  # joins of one second are refreshed together, up to a second early
PDU_ENTRIES, PDUS_PER_SECOND = 80, 10


def c_link(link, p):
    """(VPN, C-interface) of a link on the trunk."""
    if len(link) == 3:
        return link[1], link[2]
    return (link[1] - 1) // p["c_interfaces"] + 1, (link[1] - 1) % p["c_interfaces"] + 1


def number(address):
    a, b, c, d = map(int, address.split("."))
    return (a << 24) + (b << 16) + (c << 8) + d


@dataclass
class Instance:
    ident: str
    begin: int
    end: int
    parameters: dict
    passed: bool
    outages: dict  # port: [(from, to)], capture time
    frames: list = field(default_factory=list)

    def port_of(self, link):
        return "a1" if link[0] == "a1" else "a3"

    def down(self, port, at):
        return any(a <= at < b for a, b in self.outages[port])


def instances(result):
    """The instances of a result in the order of time."""
    found = []
    for i in (i for c in result["cases"] for i in c["instances"]):
        begin = round(i["begin"] * SECOND)
        outages = {"a1": [], "a3": []}
        for r in i["recovery"]:
            port = {"p-link-flap": "a3", "c-link-flap": "a1"}[r["stimulus"]]
            outages[port].append((begin + round(r["begin"] * SECOND),
                                  begin + round(r["Tf"] * SECOND)))
        found.append(Instance(i["id"], begin, round(i["end"] * SECOND), i["parameters"],
                              i["verdict"] == "pass", outages))
    return sorted(found, key=lambda i: i.begin)


class Judge:
    """Collects what is wrong with one run."""

    def __init__(self, result):
        self.instances = instances(result)
        self.wrong = []
        self.seen = Counter()

    def complain(self, what, frame=None):
        at = "" if frame is None else f" at {frame.at / SECOND:.9f} on {frame.link}"
        self.wrong.append(f"{what}{at}")

    # ---- frames by themselves -----------------------------------------------------------------

    def place(self, frames):
        """Time never goes back; each frame lies in one instance; instances do not overlap."""
        for a, b in zip(self.instances, self.instances[1:]):
            if a.end > b.begin:
                self.complain(f"{a.ident} and {b.ident} overlap")
        begins = [i.begin for i in self.instances]
        newest = 0
        for f in frames:
            if f.at < newest:
                self.complain("time goes back", f)
            newest = f.at
            ix = bisect_left(begins, f.at + 1) - 1
            if ix < 0 or f.at > self.instances[ix].end:
                self.complain("a frame outside of every instance", f)
                continue
            self.instances[ix].frames.append(f)

    def frames(self, mtu=1500, fragments=False):
        for i in self.instances:
            for f in i.frames:
                self.seen["frames"] += 1
                if any(s != "1" for s in f.statuses):
                    self.complain(f"checksums {f.statuses}", f)
                if f.lengths and f.lengths[0] > mtu:
                    self.complain(f"an IP packet of {f.lengths[0]} bytes", f)
                if f.fragment and not fragments:
                    self.complain("a fragment", f)
                if i.down(f.port, f.at):
                    self.complain("a frame while the link was down", f)
                if f.ours != self.expect_ours(i, f):
                    self.complain(f"MAC address {f.mac} with source {f.outer} {f.source}", f)

    @staticmethod
    def expect_ours(i, f):
        """Whether this frame is one that the apparatus must have sent, by its addresses alone."""
        if f.port == "a3":
            return f.outer not in (P_DUT, MDT_DUT)
        if f.outer.startswith("172."):
            return number(f.outer) % 4 == 2
        return int(f.source.split(".")[1]) == c_link(f.link, i.parameters)[1]

    # ---- pace ---------------------------------------------------------------------------------

    def pace(self):
        """Draft 6.6, for every session, in any second; every Join/Prune holds 210 s."""
        for i in self.instances:
            sent = defaultdict(list)
            for f in i.frames:
                if f.pim != JOIN_PRUNE:
                    continue
                self.seen["join/prunes"] += f.ours
                entries = len(f.joins) + len(f.prunes)
                self.seen["entries at most"] = max(self.seen["entries at most"], entries)
                if not 0 < entries <= PDU_ENTRIES:
                    self.complain(f"{entries} entries in a Join/Prune", f)
                if f.holdtime != JP_HOLD:
                    self.complain(f"a Join/Prune with holdtime {f.holdtime}", f)
                times = sent[f.session]
                times.append(f.at)
                within = len(times) - bisect_left(times, f.at - SECOND)
                if f.ours:
                    self.seen["PDU/s at most"] = max(self.seen["PDU/s at most"], within)
                    if within > PDUS_PER_SECOND:
                        self.complain(f"{within} Join/Prunes within a second of {f.source}", f)

    # ---- Hellos -------------------------------------------------------------------------------

    def hellos(self):
        for i in self.instances:
            by_session, triggers, on = defaultdict(list), defaultdict(list), defaultdict(list)
            genids = {}
            for f in i.frames:
                if f.pim != HELLO:
                    continue
                by_session[f.session].append(f)
                on[f.link].append(f)
                last = genids.get(f.session)
                if last is None or last[0] != f.genid or f.at - last[1] > HELLO_HOLD * SECOND:
                    triggers[f.link].append((f.at, f.source))
                genids[f.session] = (f.genid, f.at)
            for (link, source), sent in by_session.items():
                if not sent[0].ours:
                    continue
                # Who began after its neighbour heard of it by the next Hello only.
                heard = next(([f.at] for f in on[link] if f.source != source and
                              f.at >= sent[0].at), [])
                self.hellos_of(i, link, sent,
                               heard + [t for t, who in triggers[link] if who != source])

    def hellos_of(self, i, link, sent, triggers):
        port = i.port_of(link)
        for f in sent[:-1]:
            if f.holdtime != HELLO_HOLD:
                self.complain(f"a Hello with holdtime {f.holdtime}", f)
        if sent[-1].holdtime != GOODBYE:
            self.complain("the last Hello of a session is no goodbye", sent[-1])
        for since, until in self.pieces(i, link):
            part = [f for f in sent if since <= f.at < until and f.holdtime == HELLO_HOLD]
            if part and len({f.genid for f in part}) != 1:
                self.complain("the GenID changed while the link was up", part[-1])
            if part:
                self.lattice(part, until, triggers + [to for _, to in i.outages[port]],
                             sent[-1].at)

    @staticmethod
    def pieces(i, link):
        """Times between outages of the link; an MI-PMSI is cut by the P link's."""
        edges = [i.begin]
        for a, b in i.outages[i.port_of(link)]:
            edges += [a, b]
        edges.append(i.end + 1)
        return list(zip(edges[::2], edges[1::2]))

    def lattice(self, part, until, triggers, goodbye):
        """Every 30 s; others are explained by somebody new on the link in the 5 s before, or go
        ahead of the session's first words."""
        phases = Counter(f.at % HELLO_PERIOD for f in part)
        phase = phases.most_common(1)[0][0]
        periodic = list({f.at: f for f in part if f.at % HELLO_PERIOD == phase}.values())
        extra = [f for f in part if not any(f is p for p in periodic)]
        self.seen["periodic Hellos"] += len(periodic)
        self.seen["triggered Hellos"] += len(extra)
        for a, b in zip(periodic, periodic[1:]):
            if b.at - a.at != HELLO_PERIOD:
                self.complain(f"{(b.at - a.at) / SECOND} s between periodic Hellos of {b.source}", b)
        if periodic[0].at - part[0].at > HELLO_PERIOD:
            self.complain("the first periodic Hello is late", periodic[0])
        if min(until, goodbye) - periodic[-1].at > HELLO_PERIOD:
            self.complain("Hellos stop early", periodic[-1])
        for f in extra:
            if not any(t <= f.at <= t + TRIGGERED for t in triggers):
                self.complain("a Hello that nothing explains", f)

    # ---- bring-up -----------------------------------------------------------------------------

    def bring_up(self, refreshed):
        for i in self.instances:
            BringUp(self, i, refreshed).judge()

    # ---- refreshes ----------------------------------------------------------------------------

    def refreshes(self, suppression=True):
        for i in self.instances:
            Refreshes(self, i, suppression).judge()

    def joined_data(self):
        for i in self.instances:
            JoinedData(self, i).judge()


class BringUp:
    """PROTOCOLS 14, as far as one PE with PIM alone can be seen from outside: nothing is sent
    before what it needs is up."""

    def __init__(self, judge, instance, refreshed):
        self.j, self.i = judge, instance
        self.joined_for = JP_PERIOD - GRID if refreshed else 0
        self.dut_hello, self.mdt_joined, self.said_hello = {}, {}, set()
        self.first_join = {}
        self.p_arp = False
        self.probes = 0

    def need(self, condition, what, f):
        if not condition:
            self.j.complain(f"{self.i.ident}: {what}", f)

    def judge(self):
        frames = sorted(self.i.frames, key=lambda f: f.at)  # stable: a port's order is kept
        for f in frames:
            if f.ours:
                self.ours(f)
            else:
                self.duts(f)

    def duts(self, f):
        if f.pim == HELLO:
            self.dut_hello.setdefault(f.link, f.at)
        if f.link == ("p",) and f.pim == JOIN_PRUNE:
            for group, source in f.joins:
                if source == P_RP and f.upstream == P_ROUTER:
                    self.mdt_joined.setdefault(group, f.at)

    def ours(self, f):
        if f.arp:
            self.p_arp = self.p_arp or f.link == ("p",)
            return
        self.need(self.p_arp, "IP before ARP on the P link", f)
        if f.link[0] == "mdt":
            self.need(self.mdt_joined.get(f.link[1], f.at + 1) <= f.at,
                      "GRE on an MDT that the DUT had not joined", f)
        if f.pim == HELLO:
            self.said_hello.add(f.session)
            if f.link[0] == "a1":
                mdt = f"239.192.0.{c_link(f.link, self.i.parameters)[0]}"
                self.need(self.dut_hello.get(("mdt", mdt), f.at + 1) <= f.at,
                          "a C-router's Hello before the DUT's on its MI-PMSI", f)
        if f.pim == JOIN_PRUNE:
            self.need(f.session in self.said_hello, "a Join/Prune before the own Hello", f)
            self.need(f.link in self.dut_hello, "a Join/Prune before the DUT's Hello", f)
            if f.link != ("p",):
                self.c_join(f)
        if f.probe is not None:
            self.probe(f)

    def expected_links(self):
        p = self.i.parameters
        return p["mvpns"] * (1 + p["c_interfaces"]) + 1  # MI-PMSIs, C-links, the P link

    def c_join(self, f):
        if not self.first_join:
            self.need(len(self.dut_hello) == self.expected_links(),
                      f"the first C-join with the DUT's Hello on {len(self.dut_hello)} links", f)
            p = self.i.parameters
            sessions = p["mvpns"] * (p["c_interfaces"] + p["remote_pes"]) + 1
            self.need(len(self.said_hello) == sessions,
                      f"the first C-join when {len(self.said_hello)} of {sessions} said Hello", f)
        for group, source in f.joins:
            if source.endswith(".255.254"):  # the C-RP: (*,G)
                if (*f.session, group) not in self.first_join:
                    self.need(not self.probes, "a first (*,G) join after the first C-packet", f)
                    self.first_join[*f.session, group] = f.at

    def probe(self, f):
        if not self.probes:
            last = max(self.first_join.values(), default=None)
            self.need(last is not None and last + self.joined_for <= f.at,
                      "the first C-packet before the joins were sent and refreshed", f)
        self.probes += 1
        self.j.seen["probes"] += 1


@dataclass
class JoinTimer:
    earliest: int
    latest: int


class Refreshes:
    """RFC 7761 4.5.4: each joined entry comes again after 60 s, or later where somebody else's Join
    suppressed it, or sooner where a Prune, a new neighbour or a link that came up made it."""

    def __init__(self, judge, instance, suppression):
        self.j, self.i, self.suppression = judge, instance, suppression
        # link: {(upstream, group, source): {session's source: timer}}
        self.timers = defaultdict(lambda: defaultdict(dict))
        self.entries = Counter()         # of a session: what pacing has to carry
        self.seen_hello = {}

    def judge(self):
        for f in sorted(self.i.frames, key=lambda f: f.at):
            if f.pim == HELLO and not f.ours:
                self.dut_hello(f)
            if f.pim == JOIN_PRUNE:
                for join, entries in ((True, f.joins), (False, f.prunes)):
                    for entry in entries:
                        self.entry(f, (f.upstream, *entry), join)
        for link, entries in self.timers.items():
            for key, timers in entries.items():
                for source, timer in timers.items():
                    if timer.latest + self.slack((link, source)) < self.i.end:
                        self.j.complain(f"{self.i.ident}: {source} did not refresh {link} {key}")

    def slack(self, session):
        """Pacing may send later than due: ten PDUs a second, at least 20 entries each."""
        return 100 * MS + self.entries[session] * SECOND // 200

    def dut_hello(self, f):
        """A new GenID, or a neighbour that was lost: what is joined may be joined again now."""
        last = self.seen_hello.get(f.link)
        if last is None or last[0] != f.genid or f.at - last[1] > HELLO_HOLD * SECOND:
            for timers in self.timers[f.link].values():
                for timer in timers.values():
                    timer.earliest = min(timer.earliest, f.at)
        self.seen_hello[f.link] = (f.genid, f.at)

    def over_outage(self, link, since, until):
        """Whether the link was down, or was about to be, between the two instants. Nobody can
        send to a neighbour that is gone, which the DUT's Hello ends at the latest."""
        return any(a <= until and b + HELLO_PERIOD + TRIGGERED >= since
                   for a, b in self.i.outages[self.i.port_of(link)])

    def entry(self, f, key, join):
        timers = self.timers[f.link][key]
        own = timers.get(f.source)
        if f.ours and own is not None:
            self.in_time(f, key, own, join)
        for source, timer in timers.items():
            if source == f.source:
                continue
            if join and self.suppression:
                timer.earliest = max(timer.earliest, f.at + SUPPRESSED[0])
                timer.latest = max(timer.latest, f.at + SUPPRESSED[1])
            elif not join:
                timer.earliest = min(timer.earliest, f.at)
                timer.latest = min(timer.latest, f.at + OVERRIDE)
        if not f.ours:
            return
        if join:
            self.entries[f.session] += own is None
            timers[f.source] = JoinTimer(f.at + JP_PERIOD - GRID, f.at + JP_PERIOD)
        elif own is not None:
            self.entries[f.session] -= 1
            del timers[f.source]

    def in_time(self, f, key, timer, join):
        late = f.at > timer.latest + self.slack(f.session)
        early = join and f.at < timer.earliest
        if self.over_outage(f.link, timer.latest - 2 * JP_PERIOD, f.at):
            self.j.seen["joins around an outage"] += join
            return
        self.j.seen["refreshes"] += join
        if late:
            self.j.complain(f"{(f.at - timer.latest) / SECOND} s late: {key}", f)
        if early:
            self.j.complain(f"{(timer.earliest - f.at) / SECOND} s early: {key}", f)


class JoinedData:
    """An emulated upstream router puts a C-packet on the wire only where the DUT has joined it."""

    def __init__(self, judge, instance):
        self.j, self.i = judge, instance
        self.expiry = {}  # (link, group, source): until when the DUT's join holds

    def judge(self):
        for port in ("a1", "a3"):
            for f in (f for f in self.i.frames if f.port == port):
                if not f.ours and f.pim == JOIN_PRUNE:
                    for group, source in f.joins:
                        self.expiry[f.link, group, source] = f.at + f.holdtime * SECOND
                    for group, source in f.prunes:
                        key = (f.link, group, source)
                        self.expiry[key] = min(self.expiry.get(key, 0), f.at + PRUNE_PENDING)
                if f.ours and f.probe is not None:
                    self.probe(f)

    def probe(self, f):
        rp = f.source.rsplit(".", 2)[0] + ".255.254"
        until = max(self.expiry.get((f.link, f.destination, s), 0) for s in (f.source, rp))
        if until < f.at:
            self.j.complain(f"({f.source}, {f.destination}) is sent but not joined", f)
        self.j.seen["C-packets in joined state"] += 1


def register_stops_answer(judge):
    """A Register-Stop only ever answers a Register."""
    for i in judge.instances:
        registers = 0
        for f in i.frames:
            registers += f.outer_pim == 1
            if f.outer_pim == REGISTER_STOP and not registers:
                judge.complain("a Register-Stop without a Register", f)
