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

void plan_init(struct plan *p, const struct instance_spec *spec)
{
    *p = (struct plan){
        .routes_per_group = 1 + spec->sources,
        .routes_per_vpn = spec->groups * (1 + spec->sources),
        .flows_per_vpn = spec->groups * spec->sources,
    };
    p->groups = mem_zalloc(spec->groups + 1u, sizeof(*p->groups));
    for (uint32_t j = 1; j <= spec->groups; j++) {
        uint32_t site = topology_site_of_group(spec, j);
        p->groups[j] = (struct plan_group){
            .group = topology_group(spec, j),
            .rp = topology_site_rp(spec, site),
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
    *p = (struct plan){0};
}
