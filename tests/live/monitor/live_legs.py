#!/usr/bin/env python3
"""Legs by inference against a reflector (`oneway reflect`): two tunnels to PE1 that lose 2 % there
and 6 % back. Inference finds both; half of the round trip, from pings, finds neither.

usage: live_legs.py PROGRAM
"""
import math
import os
import shutil
import signal
import sys
import time

from network import Monitor, Network

SKIP = 77
THERE, BACK = 0.02, 0.06
PPS, SECONDS, WARM_S = 400, 30, 10


def lose(network):
    rules = "add table ip loss\nadd chain ip loss forward { type filter hook forward priority 0; }\n"
    for way, loss in (("saddr 10.60.0.0/24 ip daddr 10.61.1.2", THERE),
                      ("saddr 10.61.1.2 ip daddr 10.60.0.0/24", BACK)):
        rules += (f"add rule ip loss forward ip {way} ip protocol 47 numgen random mod 10000 < "
                  f"{int(loss * 10000)} counter drop\n")
    network.run("p", "nft -f -", text=rules)


def check(result):
    """True values within four standard deviations (PROTOCOLS 10.1 and 10.4) of the estimates."""
    n = PPS * (SECONDS - WARM_S)
    leaf = 1 - BACK
    there = 4 * math.sqrt((THERE * (1 - THERE) + (1 - leaf) ** 2 / leaf ** 2) / n)
    back = 4 * math.sqrt(BACK * leaf / (n * (1 - THERE) * leaf))
    for tunnel in result["tunnels"]:
        print(f"{tunnel['name']}: there {tunnel['from_loss']:.4f} ({THERE} +- {there:.4f}), "
              f"back {tunnel['to_loss']:.4f} ({BACK} +- {back:.4f})")
        assert abs(tunnel["from_loss"] - THERE) < there and abs(tunnel["to_loss"] - BACK) < back
        half = (tunnel["pings"] - tunnel["answers"]) / tunnel["pings"] / 2
        print(f"{tunnel['name']}: half of the round trip {half:.4f}")
        assert half > THERE * 1.3 and half < BACK * 0.85, "half of the round trip is wrong here"
    pair, = result["pairs"]
    assert pair["legs"]["method"] == "inference", pair
    assert abs(pair["loss"] - (1 - (1 - THERE) * (1 - BACK))) < 0.03, pair
    assert pair["backbone"]["loss"] < 0.03, pair
    assert not [a for a in result["anomalies"] if a["kind"] == "legs"], result["anomalies"]


def main():
    if os.geteuid() != 0 or not os.path.exists("/usr/lib/frr/pimd") or \
            not all(shutil.which(tool) for tool in ("nft", "tcpdump", "ethtool")):
        return SKIP
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    network = Network(sys.argv[1])
    try:
        network.build()
        reflector = network.start_reflector()
        lose(network)
        path = network.monitor_file(
            f"legs: inference\nreflector: 10.62.0.1\ninference_pps: {PPS}\nping_pps: 100\n"
            "tasks: [{vpn: red, senders: [a1], receivers: [a2], rate_pps: 100}]\n", 2, (1,))
        monitor = Monitor(network, path)
        time.sleep(SECONDS)
        check(monitor.result())
        reflector.send_signal(signal.SIGINT)
        reflector.communicate(timeout=10)
    except BaseException:
        log = network.dir / "monitor.log"
        print(log.read_text() if log.exists() else "", file=sys.stderr)
        raise
    finally:
        network.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
