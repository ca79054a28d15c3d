#!/usr/bin/env python3
"""An example of hooks for a router with a command line in the style of Cisco's IOS XE.

usage: router.py configure | unconfigure       with the instance as JSON on stdin

The lines go to the command in the environment variable ROUTER. They were written from manuals and
never tried on a router: change them until yours likes them.
"""
import ipaddress
import json
import os
import subprocess
import sys

C_PORT, P_PORT = "GigabitEthernet0/0/1", "GigabitEthernet0/0/2"


def net(prefix):
    """address and mask of a.b.c.d/len."""
    n = ipaddress.ip_network(prefix)
    return f"{n.network_address} {n.netmask}"


def wildcard(prefix):
    n = ipaddress.ip_network(prefix)
    return f"{n.network_address} {n.hostmask}"


def mask(length):
    return str(ipaddress.ip_network(f"0.0.0.0/{length}").netmask)


def subinterface(c):
    return f"interface {C_PORT}.{c['link'] + 1}"


def c_interface(vrf, c):
    tags = f"{c['vlan']}"
    if c["outer_vlan"] is not None:
        tags = f"{c['outer_vlan']} second-dot1q {c['vlan']}"
    return [subinterface(c), f" encapsulation dot1Q {tags}", f" vrf forwarding {vrf['name']}",
            f" ip address {c['address']} {mask(c['prefix_length'])}", " ip pim sparse-mode"]


def vrf_lines(vrf):
    name = vrf["name"]
    lines = [f"vrf definition {name}", f" rd {vrf['rd']}", " address-family ipv4",
             f"  route-target both {vrf['rt']}", f"  mdt default {vrf['default_mdt']}",
             " exit-address-family", f"ip multicast-routing vrf {name} distributed"]
    for c in vrf["c_interfaces"]:
        lines += c_interface(vrf, c)
    for r in vrf["routes"]:  # behind a remote PE: the RPF neighbour is that PE, over the MTI
        how = "route" if r["via"] == "c_interface" else "mroute"
        lines.append(f"ip {how} vrf {name} {net(r['prefix'])} {r['next_hop']}")
    for number, rp in enumerate(vrf["rps"], 1):
        lines += [f"ip access-list standard {name}-rp{number}", f" permit {wildcard(rp['groups'])}",
                  f"ip pim vrf {name} rp-address {rp['address']} {name}-rp{number}"]
    return lines


def p_lines(instance):
    link, mdt = instance["p_link"], instance["mdt"]
    lines = ["ip multicast-routing distributed",
             "interface Loopback0", f" ip address {mdt['source']} 255.255.255.255",
             " ip pim sparse-mode",
             f"interface {P_PORT}", f" ip address {link['address']} {mask(link['prefix_length'])}",
             " ip pim sparse-mode",
             f"ip route {net(instance['remote_pes']['prefix'])} {link['p_router']}"]
    if mdt["mode"] == "ssm":
        return lines + ["ip access-list standard mdt", f" permit {wildcard(mdt['groups'])}",
                        "ip pim ssm range mdt"]
    return lines + [f"ip route {mdt['rp']} 255.255.255.255 {link['p_router']}",
                    f"ip pim rp-address {mdt['rp']}", "ip pim spt-threshold infinity"]


def send(lines):
    router = os.environ.get("ROUTER")
    if router is None:
        sys.exit("the environment variable ROUTER does not say how to reach it")
    text = "\n".join(["configure terminal", *lines, "end"]) + "\n"
    done = subprocess.run(router, shell=True, input=text, text=True, check=False,
                          stdout=sys.stderr)
    if done.returncode != 0:
        sys.exit(f"{router}: exit code {done.returncode}")


def main():
    instance = json.load(sys.stdin)
    if sys.argv[1:] == ["configure"]:
        send(p_lines(instance) + [line for v in instance["vrfs"] for line in vrf_lines(v)])
    elif sys.argv[1:] == ["unconfigure"]:
        vrfs = instance.get("vrfs", [])
        send([f"no {subinterface(c)}" for v in vrfs for c in v["c_interfaces"]] +
             [f"no vrf definition {v['name']}" for v in vrfs])
    else:
        sys.exit("usage: router.py configure | unconfigure")
    print("{}")


if __name__ == "__main__":
    main()
