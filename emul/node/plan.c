#include "emul/node/plan.h"

#include "emul/base/mem.h"

#include <stdlib.h>

/* Receivers of an egress group sit on C-interfaces 1...d; those of an ingress group on every
 * C-interface but the source's own (draft 6.3). */
static bool c_receives(const struct instance_spec *s, const struct plan_group *g, uint32_t i)
{
    return g->ingress ? g->site != i : i <= s->receiver_c_ifs;
}

static void list_receivers(struct plan *p, const struct instance_spec *spec, uint32_t i)
{
    uint32_t *list = mem_zalloc(spec->groups, sizeof(*list));
    uint32_t *place = mem_zalloc(spec->groups + 1u, sizeof(*place));
    uint32_t n = 0;
    for (uint32_t j = 1; j <= spec->groups; j++) {
        place[j] = PLAN_NONE;
        if (c_receives(spec, &p->groups[j], i)) {
            place[j] = n;
            list[n++] = j;
        }
    }
    p->c_receives[i - 1] = list;
    p->c_place[i - 1] = place;
    p->c_receives_count[i - 1] = n;
}

/* Which flow is on which data MDT, and which remote PE sources it. */
static void list_spmsis(struct plan *p, const struct instance_spec *spec)
{
    if (spec->spmsi_src == 0 && spec->spmsi_rx == 0)
        return;
    p->flow_spmsi = mem_zalloc(p->flows_per_vpn, sizeof(*p->flow_spmsi));
    p->spmsi_pe = mem_zalloc(spec->spmsi_rx + 1u, sizeof(*p->spmsi_pe));
    for (uint32_t j = 1; j <= spec->groups; j++) {
        for (uint32_t k = 1; k <= spec->sources; k++) {
            uint32_t n = topology_flow_spmsi(spec, 1, j, k);
            p->flow_spmsi[plan_flow(spec, j, k)] = (uint16_t)n;
            if (n != 0 && !p->groups[j].ingress)
                p->spmsi_pe[n] = (uint16_t)(p->groups[j].site - SITE_REMOTE);
        }
    }
}

uint32_t plan_spmsi(const struct plan *p, const struct instance_spec *s, uint32_t v, uint32_t j,
                    uint32_t k)
{
    uint32_t number = p->flow_spmsi == NULL ? 0 : p->flow_spmsi[plan_flow(s, j, k)];
    return number != 0 && number <= spec_spmsi(s, p->groups[j].ingress, v) ? number : 0;
}

void plan_init(struct plan *p, const struct instance_spec *spec)
{
    *p = (struct plan){
        .routes_per_group = 1 + spec->sources,
        .routes_per_vpn = spec->groups * (1 + spec->sources),
        .flows_per_vpn = spec->groups * spec->sources,
        .regular_flows = (spec->groups - spec->test_groups) * spec->sources,
    };
    p->groups = mem_zalloc(spec->groups + 1u, sizeof(*p->groups));
    for (uint32_t j = 1; j <= spec->groups; j++) {
        uint32_t site = topology_site_of_group(spec, j);
        p->groups[j] = (struct plan_group){
            .group = topology_group(spec, j),
            .rp = topology_rp_of_group(spec, j),
            .source_base = topology_source(spec, site, 0),
            .site = site,
            .ingress = topology_is_ingress(spec, j),
        };
    }
    p->c_receives = mem_zalloc(spec->c_interfaces, sizeof(*p->c_receives));
    p->c_place = mem_zalloc(spec->c_interfaces, sizeof(*p->c_place));
    p->c_receives_count = mem_zalloc(spec->c_interfaces, sizeof(*p->c_receives_count));
    for (uint32_t i = 1; i <= spec->c_interfaces; i++)
        list_receivers(p, spec, i);
    list_spmsis(p, spec);
}

void plan_fini(struct plan *p, const struct instance_spec *spec)
{
    for (uint32_t i = 0; i < spec->c_interfaces && p->c_receives != NULL; i++) {
        free(p->c_receives[i]);
        free(p->c_place[i]);
    }
    free(p->c_receives);
    free(p->c_place);
    free(p->c_receives_count);
    free(p->groups);
    free(p->flow_spmsi);
    free(p->spmsi_pe);
    *p = (struct plan){0};
}
