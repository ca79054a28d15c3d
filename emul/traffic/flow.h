/*
 * The flow table as arithmetic: flows are numbered (VPN, group, source), ingress groups before
 * egress groups, so direction, number of branches and the place of a (flow, branch) pair in the
 * analyser's arrays follow from the flow's number without a search or a division. The only table is
 * one byte a flow of one VPN: the site of its source, the same in every VPN.
 */
#ifndef MVPN_TRAFFIC_FLOW_H
#define MVPN_TRAFFIC_FLOW_H

#include "emul/base/rng.h"
#include "mvpnbench/instance.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_NO_PAIR SIZE_MAX

enum flow_direction { FLOW_INGRESS, FLOW_EGRESS, FLOW_DIRECTIONS };

struct flow_table {
    uint32_t mvpns, c_interfaces, receiver_c_ifs, receiver_pes;
    uint32_t flows_per_vpn;   /* g * s; flows of test groups are numbered behind all others and
                                 are none of ours */
    uint32_t ingress_flows;   /* gi * s, the first of each VPN */
    uint32_t mi_pmsi_slots;   /* 1 if the MI-PMSI expects ingress flows, else 0 */
    uint32_t ingress_pairs;   /* of one ingress flow */
    uint32_t egress_pairs;    /* of one egress flow */
    size_t egress_first_pair; /* within a VPN */
    size_t pairs_per_vpn;
    uint64_t flow_count;
    size_t pair_count;
    uint64_t phase_key;
    int64_t period_ns;
    uint8_t *site; /* [flows_per_vpn]: C-interface of the source; 0 for egress flows */
};

/* flow_table_init computes the table; flow_table_fini frees what it holds. */
void flow_table_init(struct flow_table *t, const struct instance_spec *spec);
void flow_table_fini(struct flow_table *t);

/* flow_phase_key is what flow_phase_ns needs to know of the instance's seed. */
uint64_t flow_phase_key(uint64_t seed);

/* flow_phase_ns is the flow's offset: hash(seed, flow) mapped into the period. */
static inline int64_t flow_phase_ns(uint64_t key, uint32_t flow, int64_t period_ns)
{
    return (int64_t)hash_range(hash_mix(key, flow), (uint64_t)period_ns);
}

/* A flow as the walk over all of them sees it. */
struct flow_place {
    uint32_t flow, vpn; /* 1... */
    enum flow_direction direction;
    size_t first_pair;
    uint32_t pairs;
    uint8_t site; /* C-interface of the source; 0: behind a remote PE */
};

/* flow_place_get computes the place of flow ix (0...flow_count - 1). */
static inline struct flow_place flow_place_get(const struct flow_table *t, uint64_t ix)
{
    uint32_t vpn_ix = (uint32_t)(ix / t->flows_per_vpn);
    uint32_t local = (uint32_t)(ix % t->flows_per_vpn);
    struct flow_place p = {
        .flow = (uint32_t)ix + 1,
        .vpn = vpn_ix + 1,
        .direction = local < t->ingress_flows ? FLOW_INGRESS : FLOW_EGRESS,
        .site = t->site[local],
        .first_pair = vpn_ix * t->pairs_per_vpn,
    };
    if (p.direction == FLOW_INGRESS) {
        p.pairs = t->ingress_pairs;
        p.first_pair += (size_t)local * t->ingress_pairs;
    } else {
        p.pairs = t->egress_pairs;
        p.first_pair += t->egress_first_pair + (size_t)(local - t->ingress_flows) * t->egress_pairs;
    }
    return p;
}

/*
 * flow_pair returns the place of the pair (flow local (0...) of VPN v, branch), or FLOW_NO_PAIR if
 * that branch does not expect the flow. An ingress flow's pairs are the MI-PMSI (if any remote PE
 * receives) and then the C-interfaces without the source's own; an egress flow's the C-interfaces
 * 1...receiver_c_ifs.
 */
static inline size_t flow_pair(const struct flow_table *t, uint32_t v, uint32_t local,
                               uint32_t branch)
{
    size_t vpn_first = (size_t)(v - 1) * t->pairs_per_vpn;
    if (local < t->ingress_flows) {
        uint32_t site = t->site[local];
        if (branch > t->c_interfaces || branch == site || (branch == 0 && t->mi_pmsi_slots == 0))
            return FLOW_NO_PAIR;
        uint32_t slot = branch - (branch > site) - (1 - t->mi_pmsi_slots);
        return vpn_first + (size_t)local * t->ingress_pairs + slot;
    }
    if (branch - 1 >= t->receiver_c_ifs)
        return FLOW_NO_PAIR;
    return vpn_first + t->egress_first_pair + (size_t)(local - t->ingress_flows) * t->egress_pairs +
           (branch - 1);
}

/* flow_branch_of is the inverse: the branch of the flow's pair slot (0...pairs - 1). */
static inline uint32_t flow_branch_of(const struct flow_table *t, const struct flow_place *p,
                                      uint32_t slot)
{
    if (p->direction == FLOW_EGRESS)
        return slot + 1;
    uint32_t branch = slot + (1 - t->mi_pmsi_slots);
    return branch != 0 && branch >= p->site ? branch + 1 : branch;
}

/* flow_branch_weight is the number of receivers behind a branch. */
static inline uint32_t flow_branch_weight(const struct flow_table *t, uint32_t branch)
{
    return branch == 0 ? t->receiver_pes : 1;
}

/* flow_receivers is the number of expected receivers of one flow. */
static inline uint64_t flow_receivers(const struct flow_table *t, enum flow_direction direction)
{
    if (direction == FLOW_EGRESS)
        return t->egress_pairs;
    return (uint64_t)t->ingress_pairs - t->mi_pmsi_slots + t->receiver_pes;
}

/* flow_branch_name writes "C-interface 3" or "MI-PMSI" (branch 0). */
void flow_branch_name(uint32_t branch, char *out, size_t cap);

#endif
