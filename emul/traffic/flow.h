/*
 * The flow table as arithmetic: flows are numbered (VPN, group, source), ingress groups before
 * egress groups, so direction, number of branches and the place of a (flow, branch) pair in the
 * analyser's arrays follow from the flow's number without a search or a division. The only table is
 * one byte a flow of one VPN: the site of its source, the same in every VPN.
 */
#ifndef MVPN_TRAFFIC_FLOW_H
#define MVPN_TRAFFIC_FLOW_H

#include "mvpnbench/instance.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_BRANCHES_NONE SIZE_MAX /* no pair: this branch does not expect the flow */

enum flow_direction { FLOW_INGRESS, FLOW_EGRESS, FLOW_DIRECTIONS };

struct flow_table {
    uint32_t mvpns, c_interfaces, receiver_c_ifs, receiver_pes;
    uint32_t flows_per_vpn; /* g * s */
    uint32_t ingress_flows; /* gi * s, the first of each VPN */
    uint32_t mi_pmsi_slots; /* 1 if the MI-PMSI expects ingress flows, else 0 */
    uint32_t ingress_pairs; /* of one ingress flow */
    uint32_t egress_pairs;  /* of one egress flow */
    size_t pairs_per_vpn;
    uint64_t flow_count;
    size_t pair_count;
    uint64_t seed;
    int64_t period_ns;
    uint8_t *site; /* [flows_per_vpn]: C-interface of the source; 0 for egress flows */
};

/* flow_table_init computes the table; flow_table_fini frees what it holds. */
void flow_table_init(struct flow_table *t, const struct instance_spec *spec);
void flow_table_fini(struct flow_table *t);

/* flow_phase_ns is hash(seed, flow) mapped into the period. */
int64_t flow_phase_ns(uint64_t seed, uint32_t flow, int64_t period_ns);

/* flow_branch_name writes "C-interface 3" or "MI-PMSI" (branch 0). */
void flow_branch_name(uint32_t branch, char *out, size_t cap);

#endif
