/* Single groups and restarts of C-routers. */
#include "emul/node/c_router_in.h"
#include "emul/node/live.h"

static void group_on(struct c_routers *c, uint32_t link, uint32_t j, uint32_t ix)
{
    /* The next packet of each source makes its receivers join it again. */
    for (uint32_t k = 1; k <= c->net->spec.sources; k++)
        *c_router_seen(c, link, j, k) = 0;
    pim_us_join(c->joins, link, ix, 0);
}

static void group_off(struct c_routers *c, uint32_t link, uint32_t ix)
{
    for (uint32_t k = 0; k <= c->net->spec.sources; k++)
        pim_us_prune(c->joins, link, ix + k);
}

void c_routers_group_set(struct c_routers *c, uint32_t v, uint32_t j, bool on)
{
    const struct net *n = c->net;
    for (uint32_t i = 1; c->last_hops && i <= n->spec.c_interfaces; i++) {
        uint32_t place = n->plan.c_place[i - 1][j];
        if (place == PLAN_NONE)
            continue;
        uint32_t link = topology_c_link_index(&n->spec, v, i);
        uint32_t ix = place * n->plan.routes_per_group;
        if (!on)
            group_off(c, link, ix);
        else if (!pim_us_joined(c->joins, link, ix))
            group_on(c, link, j, ix);
    }
}

void c_routers_genid(struct c_routers *c, uint32_t link)
{
    struct c_link *l = &c->links[link];
    l->epoch++;
    c_router_forget(c, link);
    c_router_hello(c, link, PIM_HELLO_HOLDTIME_S);
    if (pim_nbr_alive(&l->dut, net_now(c->net)))
        pim_us_open(c->joins, link, PIM_US_NBR_BACK, pim_nbr_override_ns(&l->dut));
}

const struct pim_nbr *c_routers_nbr(const struct c_routers *c, uint32_t link)
{
    return &c->links[link].dut;
}
