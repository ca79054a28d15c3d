#!/usr/bin/env python3
"""traffic.marking: losses by branch and block against the captures and the analyser.

Usage: check_marking.py PROGRAM CASE, where CASE is the name of one function below that begins with
"case_". The branches are recomputed from a1.pcap and a3.pcap alone; blocks are told by the colour.
"""
import collections
import os
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pcap"))
import check_run as runs  # noqa: E402
import recompute as pcap  # noqa: E402

SECOND = 10**9
SMALL = {"case__mvpns": 3, "case__remote_pes": 4, "case__groups": 4, "case__ingress_share": 0.5,
         "case__spmsi_src": 0, "case__spmsi_rx": 0}


def run(out, *more, code=0, **values):
    tree, _ = runs.run(out, "9.8", "--steady-only", *more, *runs.sets(**SMALL, **values), code=code)
    return tree["cases"][0]["instances"]


def packets(directory, port):
    """(sent by the apparatus, VLAN tags, default MDT, VPN, flow, sequence, sent, colour)"""
    flags = []
    for _, frame in pcap.frames(f"{directory}/{port}.pcap"):
        at = frame.find(b"MVPB\x01")
        if at >= 0:
            flags.append(frame[at + 5])
    coloured = iter(flags)
    for _, ours, tags, (mdt, vpn, flow, sequence, sent) in pcap.probes(directory, port):
        yield ours, tags, mdt, vpn, flow, sequence, sent, next(coloured) & 1


def branches(directory, instance, block):
    """{(from, to): [sent, received, {(block, VPN): lost}]} of an instance, from the captures, and how
    many packets went into the DUT on each side."""
    p = instance["parameters"]
    begin = pcap.ns(instance["begin"])
    first, last = (begin + pcap.ns(t) for t in instance["window"])
    went_in, came = {}, collections.defaultdict(set)
    for port in ("a1", "a3"):
        for ours, tags, mdt, vpn, flow, sequence, sent, colour in packets(directory, port):
            if not first <= sent < last:
                continue
            runs.want("colour", colour, sent // block & 1)
            branch = pcap.branch_of(port, tags, mdt, vpn, p)
            if ours:
                went_in[flow, sequence] = (vpn, branch, sent // block)
            elif branch is not None:
                came[branch].add((flow, sequence))
    found = {}

    def add(name, expected, got):
        lost = collections.Counter()
        for key in expected:
            if key not in got:
                lost[went_in[key][2], went_in[key][0]] += 1
        found[name] = [len(expected), len([k for k in expected if k in got]), dict(lost)]

    from_c = {k for k, v in went_in.items() if v[1] != 0}
    add(("DUT in, C side", "DUT out, P side"), from_c, came[0])
    for i in range(1, p["c_interfaces"] + 1):
        receives = i <= p["receiver_c_interfaces"]
        expected = {k for k, v in went_in.items() if v[1] != i and (v[1] != 0 or receives)}
        add(("DUT in", f"C-interface {i}"), expected, came[i])
    return found, (len(from_c), len(went_in) - len(from_c))


def check(directory, instance):
    """Compares one instance; returns how many packets were lost in all branches."""
    marking = instance["marking"]
    block = int(marking["block_s"] * SECOND)
    want, put_in = branches(directory, instance, block)
    by_name = {(b["from"], b["to"]): b for b in marking["branches"]}
    for name, (sent, received, lost) in want.items():
        b = by_name.pop(name)
        runs.want(f"{name} sent", b["sent"], sent)
        runs.want(f"{name} received", b["received"], received)
        runs.want(f"{name} lost", b["lost"], sent - received)
        runs.want(f"{name} blocks", {(x["n"], x["vpn"]): x["lost"] for x in b["blocks"]}, lost)
        for x in b["blocks"]:
            runs.want("block's colour", x["colour"], x["n"] & 1)
            runs.want("block's begin", pcap.ns(x["begin"]) + pcap.ns(instance["begin"]),
                      x["n"] * block)
    runs.want("sent to the DUT", tuple(b["received"] for b in marking["branches"][:2]), put_in)
    remote = by_name[("DUT out, P side", "remote PEs")]
    runs.want("P side to remote PEs", remote["lost"], 0)
    k = instance["parameters"]["receiver_pes"]
    total = sum(b["lost"] * (k if b["to"] == "DUT out, P side" else 1)
                for b in marking["branches"][2:])
    runs.want("the analyser's losses", total,
              sum(instance["forwarding"][d]["lost"] for d in pcap.DIRECTIONS))
    return sum(b["lost"] for b in marking["branches"])


def lossy(work, code=1, **values):
    """Checks every instance; losses of each in all branches."""
    out = os.path.join(work, "run")
    found = [check(out, i) for i in run(out, "--pcap", code=code, traffic__marking="true",
                                        **values)]
    with open(os.path.join(out, "report.txt"), encoding="utf-8") as f:
        report = f.read()
    runs.want("the report's table", "lternate marking" in report, True)
    runs.want("its blocks", "Blocks that lost packets" in report, any(found))
    return found


def case_nothing_lost(work):
    runs.want("losses", set(lossy(work, code=0)), {0})


def case_drop_flow(work):
    # Flow 2 is an ingress flow of VPN 1, lost at the P side and at the other C-interface.
    found = lossy(work, dut__faults__drop_flow=2)
    runs.want("losses", set(found), {2 * 60})


def case_link_loss(work):
    found = lossy(work, dut__link__a3__loss=0.01)
    runs.want("losses in every instance", all(found), True)


def case_quick_blocks(work):
    out = os.path.join(work, "run")
    instances = run(out, "--pcap", "--timing", "quick", code=1, traffic__marking="true",
                    dut__faults__drop_flow=9)
    for i in instances:
        runs.want("block", i["marking"]["block_s"], 1)
        runs.want("losses", check(out, i) > 0, True)


def case_off_changes_nothing(work):
    """Without marking there is no colour; with it all else is the same."""
    out = [os.path.join(work, name) for name in ("off", "on")]
    off = run(out[0], "--pcap")
    on = run(out[1], traffic__marking="true")
    for i in on:
        del i["marking"]
    runs.want("what else the instances say", on, off)
    for port in ("a1", "a3"):
        runs.want("colours", {p[-1] for p in packets(out[0], port)}, {0})


def main():
    runs.PROGRAM = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="mvpn-marking-") as work:
        globals()["case_" + sys.argv[2]](work)
    print(sys.argv[2], "as expected")


if __name__ == "__main__":
    main()
