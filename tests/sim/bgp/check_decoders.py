#!/usr/bin/env python3
"""tshark and tcpdump read what our BGP codecs write: every message, every route, nothing to remark.

Usage: check_decoders.py BGP_CAPTURE. Exits with 77 without tshark or tcpdump.
"""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

# Of each family: the fields that tshark shows once a route, announced or withdrawn, and in which.
FIELDS = {
    "ipv4": {"bgp.nlri_prefix": "announced", "bgp.withdrawn_prefix": "withdrawn"},
    "vpnv4": {"bgp.label_stack": "both"},
    "mdt": {"bgp.mdt_safi_rd": "both", "bgp.mdt_safi_group_addr": "both"},
    "mvpn": {"bgp.mcast_vpn_nlri_rd": "both"},
    "rtc": {"bgp.community_prefix": "both"},
}
# tshark 4.0 shows MDT SAFI routes, but knows no next hop for them (RFC 6037 4.4.1: 4 bytes).
EXCUSED = re.compile(r"Unknown SAFI \(66\) for AFI 1|Unknown Next Hop length \(4 bytes\)")
# tcpdump misses the bottom of the stack in the label of withdrawals, which RFC 8277 2.4 sets so.
WITHDRAWN = "label:524288 (BOGUS: Bottom of Stack NOT set!)"
# It looks for the length of an S-PMSI route's originator 8 bytes too early; tshark does not.
ORIGINATOR = re.compile(r"(Route-Type: S-PMSI \(3\), length: 22, .*), Originator bogus address length 96$")
COMPLAINT = re.compile(r"\b(bad|incorrect|invalid|wrong|unknown|truncated|bogus|missing|malformed)\b|\[\|",
                       re.IGNORECASE)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def tshark_values(path, field):
    """Every value of a field, of all the messages of all frames."""
    text = run("tshark", "-n", "-r", path, "-T", "fields", "-e", field)
    return [value for line in text.splitlines() for value in line.split(",") if value]


def expert_lines(path):
    text = run("tshark", "-n", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
               "-r", path, "-q", "-z", "expert")
    rows = [line.split(None, 3) for line in text.splitlines()]
    return [row for row in rows if len(row) == 4 and row[0].isdigit()]


def judge(path, routes):
    wrong = []
    types = collections.Counter(tshark_values(path, "bgp.type"))
    updates = types.pop("2", 0)
    if types != {"1": 1, "3": 1, "4": 1, "5": 1} or updates < 3 * len(FIELDS):
        wrong.append(f"tshark sees messages {dict(types)}, {updates} UPDATEs")
    for family, (announced, withdrawn) in routes.items():
        expected = {"announced": announced, "withdrawn": withdrawn, "both": announced + withdrawn}
        for field, kind in FIELDS[family].items():
            seen = len(tshark_values(path, field))
            if seen != expected[kind]:
                wrong.append(f"tshark: {seen} of {field}, written {expected[kind]} {family}")
    wrong += [f"tshark: {' '.join(row)}" for row in expert_lines(path)
              if row[1] != "Sequence" and not EXCUSED.fullmatch(row[3])]
    text = run("tcpdump", "-nn", "-vv", "-r", path)
    lines = text.splitlines()
    wrong += [f"tcpdump: {line}" for line in lines if
              COMPLAINT.search(ORIGINATOR.sub(r"\1", line.replace(WITHDRAWN, "")))]
    excused = sum(WITHDRAWN in line for line in lines)
    if excused > routes["vpnv4"][1]:
        wrong.append(f"tcpdump: {excused} labels without the bottom of the stack")
    print(f"{updates} UPDATEs, routes {routes}, {excused} labels of withdrawals")
    return wrong


def main():
    if shutil.which("tshark") is None or shutil.which("tcpdump") is None:
        print("skipped: no tshark or no tcpdump")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="mvpnbench-bgp-") as work:
        path = os.path.join(work, "bgp.pcap")
        rows = [line.split() for line in run(sys.argv[1], path).splitlines()]
        routes = {family: (int(a), int(w)) for family, a, w in rows}
        if set(routes) != set(FIELDS):
            sys.exit(f"bgp_capture wrote {sorted(routes)}")
        wrong = judge(path, routes)
    if wrong:
        sys.exit("\n".join(wrong[:30] + [f"{len(wrong)} complaints"]))


if __name__ == "__main__":
    main()
