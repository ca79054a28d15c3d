"""What the daemons of the FRR lab read, from an instance's JSON."""


def text(instance, namespace, p_namespace, daemon, port_of):
    """The configuration of one daemon in one namespace."""
    lines = []
    if namespace == p_namespace:
        lines = {"staticd": p_routes, "pimd": p_pim}.get(daemon, nothing)(instance)
    else:
        vrf = next(v for v in instance["vrfs"] if namespace.endswith(f"-v{v['number']}"))
        if daemon == "staticd":
            lines = [f"ip route {r['prefix']} {r['next_hop']}" for r in vrf["routes"]]
        elif daemon == "pimd":
            lines = vrf_pim(instance, vrf, port_of)
    return "\n".join([f"hostname {namespace}"] + lines) + "\n"


def nothing(_):
    return []


def pim_interface(name, *more):
    return [f"interface {name}", " ip pim", *more, "exit"]


def vrf_pim(instance, vrf, port_of):
    lines = [f"ip pim rp {rp['address']} {rp['groups']}" for rp in vrf["rps"]]
    if instance["c_rp"] is not None:
        lines += pim_interface("lo")
    igmp = []
    if instance["igmp_version"] is not None:
        igmp = [" ip igmp", f" ip igmp version {instance['igmp_version']}"]
    for c in vrf["c_interfaces"]:
        lines += pim_interface(port_of(c), *igmp)
    return lines + pim_interface("mti")


def p_routes(instance):
    """The P router leads to the remote PEs and to the P-RP."""
    via = instance["p_link"]["p_router"]
    lines = [f"ip route {instance['remote_pes']['prefix']} {via}"]
    if instance["mdt"]["rp"] is not None:
        lines.append(f"ip route {instance['mdt']['rp']}/32 {via}")
    return lines


def p_pim(instance):
    """SSM: a range of one's own takes the place of 232/8, where data MDTs are. ASM: draft 6.3, the
    P instance stays on the shared tree."""
    mdt = instance["mdt"]
    if mdt["mode"] == "ssm":
        lines = [f"ip prefix-list mdt seq 5 permit {mdt['groups']} le 32",
                 "ip prefix-list mdt seq 10 permit 232.0.0.0/8 le 32",
                 "ip pim ssm prefix-list mdt"]
    else:
        lines = ["ip pim spt-switchover infinity-and-beyond",
                 f"ip pim rp {mdt['rp']} {mdt['groups']}"]
    return lines + pim_interface("p0") + pim_interface("m0", " ip igmp")
