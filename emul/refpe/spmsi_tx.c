/* S-PMSIs that the PE sources. */
#include "emul/refpe/spmsi.h"

int refpe_data_mdt_pool(struct refpe *pe, uint32_t vrf, ip4_t first, uint32_t count)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL || v->pool_count > 0 || count == 0)
        return -1;
    v->pool = (uint32_t)pe->data_mdt_count;
    v->pool_count = count;
    for (uint32_t i = 0; i < count; i++) {
        pe->data_mdts = array_grow(pe->data_mdts, pe->data_mdt_count, &pe->data_mdt_cap,
                                   sizeof(*pe->data_mdts));
        pe->data_mdts[pe->data_mdt_count++] =
            (struct data_mdt){.vrf = vrf, .p_group = first + i, .mroute = NONE};
    }
    return 0;
}

int refpe_data_mdt_flow(struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    struct vrf *v = pe_vrf(pe, vrf);
    if (v == NULL || v->pool_count == 0)
        return -1;
    uint32_t n = v->flow_count++, index = (uint32_t)pe->data_flow_count;
    bool has_place = n < v->pool_count || pe->settings.spmsi_reuse;
    uint64_t key = triple_key(vrf, source, group);
    pe->data_flows = array_grow(pe->data_flows, pe->data_flow_count, &pe->data_flow_cap,
                                sizeof(*pe->data_flows));
    pe->data_flows[pe->data_flow_count++] = (struct data_flow){
        .vrf = vrf,
        .next_same_key = map_get(&pe->data_flow_by_sg, key),
        .source = source,
        .group = group,
        .mdt = has_place ? v->pool + n % v->pool_count : NONE,
        .due = DUE_NONE,
    };
    map_put(&pe->data_flow_by_sg, key, index);
    return 0;
}

void refpe_spmsi_get(const struct refpe *pe, struct refpe_spmsi *out)
{
    (void)pe;
    *out = (struct refpe_spmsi){0};
}
