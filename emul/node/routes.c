#include "emul/node/routes.h"

uint32_t routes_place(const struct net *n, uint32_t v, uint32_t site,
                      const struct pim_jp_entry *entry)
{
    uint32_t j = topology_group_of(&n->spec, entry->group);
    if (j == 0 || n->plan.groups[j].site != site)
        return PLAN_NONE;
    const struct plan_group *g = &n->plan.groups[j];
    if (entry->kind == PIM_JP_STARG)
        return entry->source == g->rp ? plan_route(&n->plan, v, j, 0) : PLAN_NONE;
    uint32_t k = entry->source - g->source_base;
    if (entry->kind != PIM_JP_SG || k < 1 || k > n->spec.sources)
        return PLAN_NONE;
    return plan_route(&n->plan, v, j, k);
}

void routes_take(struct net *n, uint32_t v, uint32_t site, const struct pim_jp_entry *entry,
                 uint16_t holdtime_s, int64_t wait_ns)
{
    uint32_t route = routes_place(n, v, site, entry);
    if (route == PLAN_NONE)
        return;
    if (!entry->join)
        pim_ds_prune(&n->routes, route, wait_ns, net_now(n));
    else if (pim_ds_join(&n->routes, route, holdtime_s, net_now(n)) && n->joined_ns != NULL)
        n->joined_ns[route] = net_now(n).ns;
}

bool net_open_jp(struct net *n, struct pim_nbr *nbr, const struct ipv4 *packet, struct pim_jp *out,
                 struct pim_jp_iter *it)
{
    if (pim_jp_check(packet->payload, packet->payload_bytes) != WIRE_OK) {
        n->undecodable++;
        return false;
    }
    if (!pim_nbr_accepts_jp(nbr, net_now(n)))
        return false;
    enum pim_type type;
    struct rd body;
    if (pim_open(packet->payload, packet->payload_bytes, &type, &body) != WIRE_OK ||
        pim_jp_decode(&body, out, it) != WIRE_OK)
        return false;
    struct pim_jp_iter count = *it;
    struct pim_jp_entry entry;
    n->facts.jp_pdus_received++;
    while (pim_jp_next(&count, &entry))
        n->facts.jp_entries_received++;
    return true;
}

enum pim_nbr_change net_take_hello(struct net *n, struct pim_nbr *nbr, struct rd *body)
{
    struct pim_hello hello;
    if (pim_hello_decode(body, &hello) != WIRE_OK) {
        n->undecodable++;
        return PIM_CHANGE_NONE;
    }
    return pim_nbr_hello(nbr, &hello, net_now(n));
}
