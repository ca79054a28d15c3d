/*
 * What follows from an instance by arithmetic but is needed for every packet: one record a group of
 * one VPN (all VPNs have the same groups), and the place of each C-route in arrays.
 */
#ifndef MVPN_NODE_PLAN_H
#define MVPN_NODE_PLAN_H

#include "mvpnbench/topology.h"

#include <stdbool.h>
#include <stdint.h>

struct plan_group {
    ip4_t group, rp;
    ip4_t source_base; /* source k is source_base + k */
    uint32_t site;     /* topology_site_of_group */
    bool ingress;
};

struct plan {
    uint32_t routes_per_group; /* 1 + s */
    uint32_t routes_per_vpn;
    uint32_t flows_per_vpn;    /* places of flows, those of test groups included */
    uint32_t regular_flows;    /* without them: flow numbers run through these */
    struct plan_group *groups; /* [1...g] */
    /* Groups that the C-router of interface i receives, ascending; the inverse gives the place of
     * group j in that list, or PLAN_NONE. [i - 1], the same in every VPN. */
    uint32_t **c_receives, **c_place;
    uint32_t *c_receives_count;
    uint16_t *flow_spmsi; /* data MDT of each flow (plan_flow) in VPN 1, which has the most; 0:
                             default MDT; NULL: no S-PMSIs */
    uint16_t *spmsi_pe;   /* [1...spmsi_rx]: the remote PE that sources data MDT n; NULL likewise */
};

#define PLAN_NONE UINT32_MAX

void plan_init(struct plan *p, const struct instance_spec *spec);
void plan_fini(struct plan *p, const struct instance_spec *spec);

/* plan_route is the place of C-route (j, k) of VPN v, k = 0 for (*,G), among all of the instance.
 */
static inline uint32_t plan_route(const struct plan *p, uint32_t v, uint32_t j, uint32_t k)
{
    return (v - 1) * p->routes_per_vpn + (j - 1) * p->routes_per_group + k;
}

/* plan_spmsi returns the data MDT that flow (j, k) of VPN v is meant for, 0: none. */
uint32_t plan_spmsi(const struct plan *p, const struct instance_spec *s, uint32_t v, uint32_t j,
                    uint32_t k);

/* plan_flow is the place (0...) of flow (j, k) within a VPN. */
static inline uint32_t plan_flow(const struct instance_spec *s, uint32_t j, uint32_t k)
{
    return (j - 1) * s->sources + (k - 1);
}

#endif
