/* Life and configuration of the PE. */
#include "emul/refpe/pe.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/forward.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/limits.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/outage.h"
#include "emul/refpe/restart.h"
#include "emul/refpe/spmsi.h"

#define MTU_DEFAULT 1500

struct refpe *refpe_new(struct loop *loop, const struct refpe_settings *settings, uint64_t seed)
{
    struct refpe *pe = mem_zalloc(1, sizeof(*pe));
    pe->loop = loop;
    pe->settings = *settings;
    pe->seed = seed;
    map_init(&pe->cif_by_tags);
    map_init(&pe->vrf_by_mdt);
    map_init(&pe->nbr_by_addr);
    spmsi_init(pe);
    igmp_init(pe);
    pool_init(&pe->nbrs, sizeof(struct nbr));
    pool_init(&pe->mroutes, sizeof(struct mroute));
    pool_init(&pe->downstreams, sizeof(struct downstream));
    pool_init(&pe->oifs, sizeof(struct oif));
    pe->jp.flush = DUE_NONE;
    pe->gateway.retry = DUE_NONE;
    pe->df.timer = DUE_NONE;
    agenda_init(pe);
    cpu_init(pe);
    forward_init(pe);
    outage_init(pe);
    faults_reset(pe);
    return pe;
}

void refpe_free(struct refpe *pe)
{
    if (pe == NULL)
        return;
    refpe_down(pe);
    for (size_t i = 0; i < pe->c_port_count; i++)
        pe_port_free(pe->c_ports[i]);
    pe_port_free(pe->p_port);
    free(pe->c_ports);
    free(pe->vrfs);
    free(pe->ifaces);
    free(pe->jp.items);
    free(pe->jp.scratch);
    map_fini(&pe->cif_by_tags);
    map_fini(&pe->vrf_by_mdt);
    map_fini(&pe->nbr_by_addr);
    spmsi_fini(pe);
    igmp_fini(pe);
    agenda_fini(pe);
    cpu_fini(pe);
    forward_fini(pe);
    faults_fini(pe);
    free(pe);
}

void refpe_reseed(struct refpe *pe, uint64_t seed)
{
    pe->seed = seed;
}

void refpe_port_c(struct refpe *pe, struct port *port)
{
    pe->c_ports = array_grow(pe->c_ports, pe->c_port_count, &pe->c_port_cap, sizeof(*pe->c_ports));
    pe->c_ports[pe->c_port_count] = pe_port_new(pe, port, false, pe->c_port_count);
    pe->c_port_count++;
}

void refpe_port_p(struct refpe *pe, struct port *port)
{
    pe_port_free(pe->p_port);
    pe->p_port = pe_port_new(pe, port, true, 0);
}

/* Makes VRF slots up to v, unconfigured. */
static void grow_vrfs(struct refpe *pe, uint32_t v)
{
    while (pe->vrf_count <= v) {
        pe->vrfs = array_grow(pe->vrfs, pe->vrf_count, &pe->vrf_cap, sizeof(*pe->vrfs));
        pe->vrfs[pe->vrf_count++] = (struct vrf){
            .mti = NONE,
            .cifs = NONE,
            .mroutes = NONE,
            .mdt_starg = NONE,
            .mdt_sg = NONE,
            .pool = NONE,
            .flows = NONE,
            .last_flow = NONE,
            .tell = NONE,
            .cycle_ns = NEVER,
            .announce = DUE_NONE,
            .register_stop_timer = DUE_NONE,
        };
    }
}

void refpe_set_global(struct refpe *pe, const struct refpe_global *g)
{
    pe->global = *g;
    if (pe->global.mtu == 0)
        pe->global.mtu = MTU_DEFAULT;
    grow_vrfs(pe, P_INSTANCE);
    if (pe->iface_count == 0)
        (void)iface_add(pe, IFACE_KIND_P, P_INSTANCE, pe->p_port, g->p_addr, g->p_len);
}

/* VRF numbers index an array. */
#define VRF_MAX 65535

int refpe_vrf_add(struct refpe *pe, uint32_t vrf, ip4_t mdt_group)
{
    if (pe->iface_count == 0 || vrf < 1 || vrf > VRF_MAX || pe_vrf(pe, vrf) != NULL)
        return -1;
    grow_vrfs(pe, vrf);
    uint32_t mti = iface_add(pe, IFACE_KIND_MTI, vrf, NULL, pe->global.mdt_addr, 32);
    struct vrf *v = &pe->vrfs[vrf];
    v->exists = true;
    v->mdt_group = mdt_group;
    v->mti = mti;
    v->refused = !limits_room_vrf(pe);
    pe->ifaces[mti].refused = v->refused;
    if (v->refused)
        return 0;
    pe->counts.mvpns++;
    map_put(&pe->vrf_by_mdt, mdt_group, vrf);
    return 0;
}

int refpe_route_add(struct refpe *pe, uint32_t vrf, struct ip4_prefix dst, ip4_t next_hop,
                    bool via_mti)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL)
        return -1;
    v->routes = array_grow(v->routes, v->route_count, &v->route_cap, sizeof(*v->routes));
    v->routes[v->route_count++] = (struct route){dst, next_hop, via_mti};
    return 0;
}

int refpe_rp_add(struct refpe *pe, uint32_t vrf, ip4_t rp, struct ip4_prefix groups)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL)
        return -1;
    v->rps = array_grow(v->rps, v->rp_count, &v->rp_cap, sizeof(*v->rps));
    v->rps[v->rp_count++] = (struct rp){rp, groups, false};
    return 0;
}

int refpe_c_rp_self(struct refpe *pe, uint32_t vrf, ip4_t rp, struct ip4_prefix groups)
{
    if (refpe_rp_add(pe, vrf, rp, groups) != 0)
        return -1;
    struct vrf *v = &pe->vrfs[vrf];
    v->rps[v->rp_count - 1].self = true;
    return 0;
}

int refpe_peer_add(struct refpe *pe, uint32_t vrf, ip4_t remote_pe)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL)
        return -1;
    v->peers = array_grow(v->peers, v->peer_count, &v->peer_cap, sizeof(*v->peers));
    v->peers[v->peer_count++] = remote_pe;
    return 0;
}

void refpe_up(struct refpe *pe)
{
    if (pe->up || pe->p_port == NULL || pe->iface_count == 0)
        return;
    faults_reset(pe);
    cpu_begin(pe);
    restart_begin(pe, false);
}

static void forget_configuration(struct refpe *pe)
{
    for (size_t v = 0; v < pe->vrf_count; v++) {
        free(pe->vrfs[v].routes);
        free(pe->vrfs[v].rps);
        free(pe->vrfs[v].peers);
    }
    pe->iface_count = 0;
    pe->vrf_count = 0;
    map_clear(&pe->cif_by_tags);
    map_clear(&pe->vrf_by_mdt);
    spmsi_clear(pe);
    pe->counts = (struct counts){0};
}

void refpe_down(struct refpe *pe)
{
    pe->up = false;
    outage_clear(pe);
    restart_forget(pe);
    pe->ip_id = 0;
    faults_reset(pe);
    forget_configuration(pe);
}
