/* The receiver of a test group (draft 9.12): joins when it is told to, and the Join is timed. */
#include "emul/node/c_router_in.h"

bool c_routers_try(struct c_routers *c, uint32_t link, uint32_t j)
{
    const struct plan *plan = &c->net->plan;
    uint32_t place = plan->c_place[link % c->net->spec.c_interfaces][j];
    if (!c->last_hops || place == PLAN_NONE)
        return false;
    /* The first packet of each source makes the C-router join it. */
    for (uint32_t k = 1; k <= c->net->spec.sources; k++)
        *c_router_seen(c, link, j, k) = 0;
    c->watch = (struct c_router_watch){link, plan->groups[j].group, INSTANT_NEVER};
    pim_us_join(c->joins, link, place * plan->routes_per_group, 0);
    return true;
}

struct instant c_routers_tried_at(const struct c_routers *c)
{
    return c->watch.link == PLAN_NONE ? INSTANT_NEVER : c->watch.sent;
}

void c_routers_try_end(struct c_routers *c, uint32_t link, uint32_t j)
{
    const struct plan *plan = &c->net->plan;
    uint32_t place = plan->c_place[link % c->net->spec.c_interfaces][j];
    c->watch.link = PLAN_NONE;
    if (!c->last_hops || place == PLAN_NONE)
        return;
    for (uint32_t k = 0; k <= c->net->spec.sources; k++)
        pim_us_prune(c->joins, link, place * plan->routes_per_group + k);
}

void c_router_note_sent(struct c_routers *c, uint32_t link, const struct pim_jp_entry *entries,
                        size_t count)
{
    struct c_router_watch *w = &c->watch;
    for (size_t i = 0; i < count && link == w->link && w->sent.ns == INT64_MAX; i++) {
        const struct pim_jp_entry *entry = &entries[i];
        if (entry->join && entry->kind == PIM_JP_STARG && entry->group == w->group)
            w->sent = net_now(c->net);
    }
}
