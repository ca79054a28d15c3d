#include "emul/traffic/flow.h"

#include "emul/base/mem.h"
#include "mvpnbench/topology.h"

#include <stdio.h>
#include <stdlib.h>

void flow_table_init(struct flow_table *t, const struct instance_spec *spec)
{
    uint32_t mi_pmsi = spec->receiver_pes > 0 ? 1 : 0;
    *t = (struct flow_table){
        .mvpns = spec->mvpns,
        .c_interfaces = spec->c_interfaces,
        .receiver_c_ifs = spec->receiver_c_ifs,
        .receiver_pes = spec->receiver_pes,
        .flows_per_vpn = (spec->groups - spec->test_groups) * spec->sources,
        .ingress_flows = spec->ingress_groups * spec->sources,
        .mi_pmsi_slots = mi_pmsi,
        .ingress_pairs = (spec->c_interfaces > 0 ? spec->c_interfaces - 1 : 0) + mi_pmsi,
        .egress_pairs = spec->receiver_c_ifs,
        .phase_key = flow_phase_key(spec->seed),
        .period_ns = spec->period_ns,
    };
    t->flow_count = (uint64_t)t->mvpns * t->flows_per_vpn;
    t->egress_first_pair = (size_t)t->ingress_flows * t->ingress_pairs;
    t->pairs_per_vpn =
        t->egress_first_pair + (size_t)(t->flows_per_vpn - t->ingress_flows) * t->egress_pairs;
    t->pair_count = t->pairs_per_vpn * t->mvpns;
    t->site = mem_zalloc(t->flows_per_vpn, sizeof(*t->site));
    for (uint32_t local = 0; local < t->ingress_flows; local++) {
        uint32_t group = local / spec->sources + 1;
        t->site[local] = (uint8_t)topology_site_of_group(spec, group);
    }
}

void flow_table_fini(struct flow_table *t)
{
    free(t->site);
    t->site = NULL;
}

uint64_t flow_phase_key(uint64_t seed)
{
    return hash_text(seed, "flow-phase");
}

void flow_branch_name(uint32_t branch, char *out, size_t cap)
{
    if (branch == 0)
        (void)snprintf(out, cap, "MI-PMSI");
    else
        (void)snprintf(out, cap, "C-interface %u", branch);
}
