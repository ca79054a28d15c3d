#!/usr/bin/env python3
"""`mvpnbench oneway simulate`: how far the estimates are from the truth that was set, and how often
the 95 % intervals hold it.

usage: check_statistics.py PROGRAM

Error: 400 runs at each loss of 0.02 ... 5 %, 660,000 probes each (11,000/s for a minute): below
8 % on average for every link; true are 6.9 % at 0.02 %, and less at more. Coverage: 2,000 runs,
93-97 %. It hangs on the number of lost probes, not of all: 60 or more are expected on each link, so
that fewer probes do than the error needs.
"""
import json
import subprocess
import sys

PROGRAM = sys.argv[1]
LOSSES = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)


def simulate(config, losses, probes, repeat, *more):
    words = [PROGRAM, "oneway", "simulate", "--config", config, "--loss",
             ",".join(str(p) for p in losses), "--pps", str(probes // 60), "--seconds", "60",
             "--repeat", str(repeat), "--seed", "2", "--json", *more]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True,
                                     timeout=100).stdout)


def check_error(config, loss, probes, links=(0, 1, 2), *more):
    result = simulate(config, (loss,) * 3, probes, 400, *more)
    errors = result["mean_relative_error"]
    print(f"{config} {100 * loss:5.2f} % {probes} probes: mean relative error "
          + " ".join(f"{100 * e:.2f} %" for e in errors))
    assert all(errors[i] <= 0.08 for i in links), (config, loss, errors)
    assert result["runs_identified"] == [400] * 3
    return errors


def check_coverage(config, losses, probes, *more):
    cover = simulate(config, losses, probes, 2000, *more)["coverage"]
    print(f"{config} {losses}: the interval holds the truth in "
          + " ".join(f"{100 * c:.1f} %" for c in cover))
    assert all(0.93 <= c <= 0.97 for c in cover), (config, losses, cover)


def main():
    for loss in LOSSES:
        check_error("A", loss, 660000)
        check_error("C", loss, 660000, (0, 1))
    # The round trip R1-M2-R1 is the quotient of two shares: it needs three times the probes.
    third = check_error("C", 0.0002, 660000, (0, 1))[2]
    assert 0.11 < third < 0.14, third
    check_error("C", 0.0002, 3 * 660000)
    # Aggregates of 100 cost little; of 1,100 at 5 % they cost a lot.
    for loss in (0.0002, 0.001, 0.01):
        check_error("B", loss, 660000, (0, 1, 2), "--aggregate", "100")
    coarse = check_error("B", 0.05, 660000, (0, 1, 2), "--aggregate", "1100")[0]
    assert coarse > 10 * check_error("A", 0.05, 660000)[0]

    check_coverage("A", (0.01, 0.01, 0.01), 12000)
    check_coverage("A", (0.0005, 0.0005, 0.0005), 240000)
    check_coverage("A", (0.005, 0.02, 0.001), 120000)
    check_coverage("B", (0.01, 0.01, 0.01), 60000)
    check_coverage("C", (0.01, 0.02, 0.03), 12000)
    check_coverage("C", (0.0005, 0.0005, 0.0005), 240000)

    one = simulate("A", (0.001, 0.002, 0.003), 60000, 3)
    assert one == simulate("A", (0.001, 0.002, 0.003), 60000, 3)


if __name__ == "__main__":
    main()
