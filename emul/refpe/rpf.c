#include "emul/refpe/rpf.h"

static uint32_t cif_towards(const struct refpe *pe, const struct vrf *v, ip4_t addr)
{
    for (uint32_t i = v->cifs; i != NONE; i = pe->ifaces[i].next_in_vrf) {
        if (ip4_in(addr, (struct ip4_prefix){pe->ifaces[i].addr, pe->ifaces[i].len}))
            return i;
    }
    return NONE;
}

static void resolve_p(const struct refpe *pe, ip4_t addr, uint32_t *iface, ip4_t *nbr)
{
    struct ip4_prefix link = {pe->global.p_addr, pe->global.p_len};
    *iface = IFACE_P;
    *nbr = ip4_in(addr, link) ? addr : pe->global.p_gateway;
    if (pe->global.mdt == MDT_BIDIR && addr == pe->global.p_rp)
        *nbr = pe->df.winner;
    if (addr == pe->global.mdt_addr) {
        *iface = NONE; /* our own: set by who pins the (DUT, MDT) entry */
        *nbr = 0;
    }
}

bool rpf_own_rp(const struct refpe *pe, uint32_t vrf, ip4_t addr)
{
    const struct vrf *v = &pe->vrfs[vrf];
    for (size_t i = 0; i < v->rp_count; i++) {
        if (v->rps[i].self && v->rps[i].addr == addr)
            return true;
    }
    return false;
}

void rpf_resolve(const struct refpe *pe, uint32_t vrf, ip4_t addr, uint32_t *iface, ip4_t *nbr)
{
    *iface = NONE;
    *nbr = 0;
    if (vrf == P_INSTANCE) {
        resolve_p(pe, addr, iface, nbr);
        return;
    }
    const struct vrf *v = &pe->vrfs[vrf];
    const struct route *best = NULL;
    if (rpf_own_rp(pe, vrf, addr))
        return; /* the register tunnel, which is no interface here */
    for (size_t i = 0; i < v->route_count; i++) {
        const struct route *r = &v->routes[i];
        if (ip4_in(addr, r->dst) && (best == NULL || r->dst.len > best->dst.len))
            best = r;
    }
    uint32_t connected = cif_towards(pe, v, addr);
    if (connected != NONE && (best == NULL || best->dst.len < pe->ifaces[connected].len)) {
        *iface = connected;
    } else if (best != NULL) {
        *iface = best->via_mti ? v->mti : cif_towards(pe, v, best->next_hop);
        *nbr = best->next_hop;
    }
}

ip4_t rpf_rp(const struct refpe *pe, uint32_t vrf, ip4_t group)
{
    if (vrf == P_INSTANCE)
        return pe->global.mdt == MDT_SSM || map_get(&pe->vrf_by_mdt, group) == MAP_NONE
                   ? 0
                   : pe->global.p_rp;
    const struct vrf *v = &pe->vrfs[vrf];
    const struct rp *best = NULL;
    for (size_t i = 0; i < v->rp_count; i++) {
        if (ip4_in(group, v->rps[i].groups) &&
            (best == NULL || v->rps[i].groups.len > best->groups.len))
            best = &v->rps[i];
    }
    return best == NULL ? 0 : best->addr;
}
