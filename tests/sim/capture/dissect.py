"""What tshark says about a capture, as plain records: the dissector is nobody's who wrote the
program. Times are integer nanoseconds."""
import re
import subprocess
from dataclasses import dataclass, field

SECOND = 10**9
PREFERENCES = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
FIELDS = ["frame.time_epoch", "eth.src", "ieee8021ad.id", "vlan.id", "arp.src.proto_ipv4", "ip.src", "ip.dst",
          "ip.proto", "ip.len", "ip.ttl", "ip.flags.mf", "ip.frag_offset", "ip.checksum.status",
          "udp.checksum.status", "pim.cksum.status", "pim.type", "pim.holdtime",
          "pim.generation_id", "pim.upstream_neighbor", "pim.numgroups", "pim.numjoins",
          "pim.numprunes", "pim.group", "pim.join_ip", "pim.prune_ip", "udp.dstport",
          "udp.payload"]
COMPLAINT = re.compile(r"\b(bad|incorrect|invalid|wrong|unknown|truncated|bogus|missing)\b|\[\|",
                       re.IGNORECASE)
# A sum that happens to be 0 is one that tcpdump takes for absent; tshark looks at those too.
JUDGED = re.compile(r" cksum 0x(0000 \(unverified\)|[0-9a-f]{4} \(correct\))")
HELLO, REGISTER, REGISTER_STOP, JOIN_PRUNE = 0, 1, 2, 3


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr[-400:]}")
    return done.stdout


def expert(path):
    """Lines of tshark's expert information; none when it finds nothing to remark upon."""
    text = run("tshark", "-n", *PREFERENCES, "-r", path, "-q", "-z", "expert")
    return [line.strip() for line in text.splitlines() if line.strip()]


def tcpdump(path):
    """(number of packets, lines that complain): tcpdump judges checksums with -vv."""
    text = run("tcpdump", "-nn", "-vv", "-tt", "--nano", "-r", path)
    packets, complaints, null = 0, [], False
    for line in text.splitlines():
        packets += line[:1].isdigit()
        # A Null-Register holds an IP header alone (RFC 7761 4.9.3), of which tcpdump misses the rest.
        null = "Register" in line and "Flags [ Null ]" in line or null and not line[:1].isdigit()
        if null and line.endswith("[|pim]"):
            continue
        if COMPLAINT.search(line) or (" cksum 0x" in line and not JUDGED.search(line)):
            complaints.append(line.strip())
    return packets, complaints


@dataclass
class Frame:
    """One frame. link is where it passed, without regard to the sender: ("a1", VLAN ids),
    ("mdt", group) for what is inside GRE, or ("p",)."""
    at: int
    port: str
    mac: str
    link: tuple
    source: str = ""       # innermost IP source
    destination: str = ""  # innermost
    outer: str = ""        # outermost IP source, or ARP sender
    arp: bool = False
    registered: bool = False  # came inside a Register of the P instance
    lengths: list = field(default_factory=list)
    ttl: int = 0
    fragment: bool = False
    statuses: list = field(default_factory=list)  # of all checksums that tshark looked at
    pim: int = None        # type of the innermost PIM message
    outer_pim: int = None
    holdtime: int = None
    genid: str = ""
    upstream: str = ""
    joins: list = field(default_factory=list)   # (group, source)
    prunes: list = field(default_factory=list)
    probe: tuple = None    # (VPN, flow, sequence, sent)

    @property
    def ours(self):
        return self.mac.startswith("02:4d:56:")

    @property
    def session(self):
        return (self.link, self.source)


def entries_of(row):
    """Joined and pruned (group, source) of a Join/Prune: tshark lists them flat, and each group
    twice (once in a heading)."""
    counts = list(zip(many(row["pim.numjoins"]), many(row["pim.numprunes"]), strict=True))
    groups = many(row["pim.group"])
    groups = groups[::max(1, len(groups) // max(1, len(counts)))]
    joined, pruned = iter(many(row["pim.join_ip"])), iter(many(row["pim.prune_ip"]))
    joins, prunes = [], []
    for group, (j, p) in zip(groups, counts, strict=True):
        joins += [(group, next(joined)) for _ in range(int(j))]
        prunes += [(group, next(pruned)) for _ in range(int(p))]
    if len(counts) != int(row["pim.numgroups"]) or next(joined, None) or next(pruned, None):
        raise RuntimeError(f"a Join/Prune that does not add up: {row}")
    return joins, prunes


def many(text):
    return text.split(",") if text else []


def nanoseconds(text):
    whole, _, part = text.partition(".")
    return int(whole) * SECOND + int((part + "000000000")[:9])


def probe_of(row):
    payload = row["udp.payload"]
    if row["udp.dstport"] != "19300" or not payload.startswith("4d56504201"):
        return None
    b = bytes.fromhex(payload[:64])
    number = int.from_bytes
    return (number(b[8:12], "big"), number(b[12:16], "big"), number(b[16:24], "big"),
            number(b[24:32], "big"))


def frame_of(port, row):
    sources, targets = many(row["ip.src"]), many(row["ip.dst"])
    protocols, types = many(row["ip.proto"]), many(row["pim.type"])
    link = ("p",)
    if port == "a1":
        link = ("a1", *map(int, many(row["ieee8021ad.id"]) + many(row["vlan.id"])))
    elif "47" in protocols:
        link = ("mdt", targets[protocols.index("47")])
    f = Frame(nanoseconds(row["frame.time_epoch"]), port, row["eth.src"], link)
    f.arp = bool(row["arp.src.proto_ipv4"])
    f.outer = sources[0] if sources else row["arp.src.proto_ipv4"]
    f.source, f.destination = (sources or [""])[-1], (targets or [""])[-1]
    f.lengths = list(map(int, many(row["ip.len"])))
    f.ttl = int(many(row["ip.ttl"])[-1]) if sources else 0
    # More fragments, or an offset that is not 0: in the outermost header.
    f.fragment = many(row["ip.flags.mf"])[:1] == ["1"] or any(
        int(o) for o in many(row["ip.frag_offset"])[:1])
    f.statuses = [s for name in ("ip", "udp") for s in many(row[f"{name}.checksum.status"])]
    f.statuses += many(row["pim.cksum.status"])
    if types:
        f.registered = types[0] == str(REGISTER) and len(types) > 1
        f.outer_pim, f.pim = int(types[0]), int(types[-1])
        f.holdtime = int(row["pim.holdtime"] or -1)
        f.genid, f.upstream = row["pim.generation_id"], row["pim.upstream_neighbor"]
        if f.pim == JOIN_PRUNE:
            f.joins, f.prunes = entries_of(row)
    f.probe = probe_of(row)
    return f


def read(path, port):
    """All frames of a capture, in its order."""
    wanted = [word for name in FIELDS for word in ("-e", name)]
    text = run("tshark", "-n", *PREFERENCES, "-r", path, "-T", "fields", "-E", "separator=|",
               *wanted)
    return [frame_of(port, dict(zip(FIELDS, line.split("|"), strict=True)))
            for line in text.splitlines()]
