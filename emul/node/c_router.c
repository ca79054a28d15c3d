#include "emul/node/c_router_in.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/hosts.h"
#include "emul/node/routes.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

void c_router_hello(struct c_routers *c, uint32_t link, uint16_t holdtime_s)
{
    struct net *n = c->net;
    struct c_link *l = &c->links[link];
    if (!net_c_port(n, link)->up || l->closed)
        return;
    if (!l->announced) {
        l->announced = true;
        hosts_arp_announce(n, link);
    }
    uint64_t h = hash_mix(hash_mix(hash_text(n->spec.seed, "genid-c"), link), l->epoch);
    uint8_t message[128];
    size_t len = (c->last_hops ? net_build_hello : net_build_hello_no_dr)(
        message, sizeof(message), (uint32_t)h | 1u, holdtime_s);
    struct ipv4 packet = net_pim_multicast(topology_c_router_addr(&n->spec, link), message, len);
    if (net_send_c(n, link, mac_of_group(IPV4_ALL_PIM_ROUTERS), &packet) == 0)
        l->said_hello = true;
}

static void ring_says(void *owner, uint32_t set, uint32_t member)
{
    struct c_routers *c = owner;
    c_router_hello(c, set * c->net->spec.c_interfaces + member, PIM_HELLO_HOLDTIME_S);
}

static void entry_of(void *arg, uint32_t link, uint32_t ix, struct pim_jp_entry *out)
{
    const struct c_routers *c = arg;
    const struct plan *plan = &c->net->plan;
    uint32_t i = link % c->net->spec.c_interfaces, k = ix % plan->routes_per_group;
    const struct plan_group *g = &plan->groups[plan->c_receives[i][ix / plan->routes_per_group]];
    *out = (struct pim_jp_entry){.kind = k == 0 ? PIM_JP_STARG : PIM_JP_SG,
                                 .group = g->group,
                                 .source = k == 0 ? g->rp : g->source_base + k};
}

static size_t send_jp(void *arg, uint32_t link, const struct pim_jp_entry *entries, size_t count)
{
    struct c_routers *c = arg;
    struct net *n = c->net;
    struct c_link *l = &c->links[link];
    if (!pim_nbr_alive(&l->dut, net_now(n)) || !net_c_port(n, link)->up)
        return 0;
    /* A Join/Prune from an address that has not said Hello is dropped (RFC 7761 4.3.1). */
    if (!l->said_hello)
        c_router_hello(c, link, PIM_HELLO_HOLDTIME_S);
    uint8_t message[2048];
    size_t taken;
    size_t len = net_build_jp(n, message, sizeof(message), topology_dut_c_addr(&n->spec, link),
                              entries, count, 0, &taken);
    if (len == 0)
        return 0;
    struct ipv4 packet = net_pim_multicast(topology_c_router_addr(&n->spec, link), message, len);
    (void)net_send_c(n, link, mac_of_group(IPV4_ALL_PIM_ROUTERS), &packet);
    if (link == c->watch.link)
        c_router_note_sent(c, link, entries, taken);
    return taken;
}

static bool still_wanted(void *arg, uint32_t link, uint32_t ix)
{
    const struct c_routers *c = arg;
    const struct plan *plan = &c->net->plan;
    uint32_t i = link % c->net->spec.c_interfaces, k = ix % plan->routes_per_group;
    if (k == 0)
        return true;
    uint32_t j = plan->c_receives[i][ix / plan->routes_per_group];
    return net_seconds(c->net, net_now(c->net)) - *c_router_seen(c, link, j, k) <= PIM_KEEPALIVE_S;
}

static const struct pim_us_ops join_ops = {entry_of, send_jp, still_wanted};

struct c_routers *c_routers_new(struct net *net)
{
    struct c_routers *c = mem_zalloc(1, sizeof(*c));
    uint32_t links = net_link_count(net), per_vpn = net->spec.c_interfaces;
    c->net = net;
    c->watch.link = PLAN_NONE;
    c->last_hops = net->spec.igmp_version == 0;
    c->links = mem_zalloc(links, sizeof(*c->links));
    c->rings = mem_zalloc(net->spec.mvpns, sizeof(*c->rings));
    c->seen_s = mem_zalloc((size_t)links * net->plan.flows_per_vpn, sizeof(*c->seen_s));
    for (uint32_t v = 1; v <= net->spec.mvpns; v++)
        hello_ring_init(&c->rings[v - 1], net->loop, hash_text(net->spec.seed, "hello-c"), v - 1,
                        per_vpn, net_hello_spread_ns(links), ring_says, c);
    c->joins = pim_us_new(net->loop, "c-router joins", net->spec.seed, &join_ops, c);
    for (uint32_t link = 0; link < links; link++) {
        uint32_t groups = c->last_hops ? net->plan.c_receives_count[link % per_vpn] : 0;
        (void)pim_us_session_add(c->joins, groups * net->plan.routes_per_group);
    }
    return c;
}

void c_routers_free(struct c_routers *c)
{
    if (c == NULL)
        return;
    for (uint32_t v = 0; v < c->net->spec.mvpns; v++)
        hello_ring_fini(&c->rings[v]);
    pim_us_free(c->joins);
    free(c->rings);
    free(c->links);
    free(c->seen_s);
    free(c);
}

void c_routers_start(struct c_routers *c, uint32_t v)
{
    hello_ring_start(&c->rings[v - 1]);
}

static void take_hello(struct c_routers *c, uint32_t link, struct rd *body)
{
    struct c_link *l = &c->links[link];
    enum pim_nbr_change change = net_take_hello(c->net, &l->dut, body);
    if (change == PIM_CHANGE_NONE)
        return;
    if (change == PIM_CHANGE_GONE) {
        pim_us_close(c->joins, link);
    } else {
        uint32_t v, i;
        net_link_split(c->net, link, &v, &i);
        l->said_hello = false;
        hello_ring_trigger_one(&c->rings[v - 1], i - 1);
        pim_us_open(c->joins, link, change == PIM_CHANGE_NEW ? PIM_US_NBR_BACK : PIM_US_NEW_GENID,
                    pim_nbr_override_ns(&l->dut));
    }
    c->net->events.c_nbr(c->net->events.arg, link, change);
}

static void take_jp(struct c_routers *c, uint32_t link, const struct ipv4 *packet)
{
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry entry;
    if (!net_open_jp(c->net, &c->links[link].dut, packet, &jp, &it) ||
        jp.upstream != topology_c_router_addr(&c->net->spec, link))
        return;
    uint32_t v, i;
    net_link_split(c->net, link, &v, &i);
    while (pim_jp_next(&it, &entry))
        routes_take(c->net, v, i, &entry, jp.holdtime_s, 0);
}

void c_routers_pim(struct c_routers *c, uint32_t link, const struct ipv4 *packet)
{
    enum pim_type type;
    struct rd body;
    if (packet->src != topology_dut_c_addr(&c->net->spec, link))
        return;
    if (pim_open(packet->payload, packet->payload_bytes, &type, &body) != WIRE_OK)
        c->net->undecodable++;
    else if (type == PIM_HELLO)
        take_hello(c, link, &body);
    else if (type == PIM_JOIN_PRUNE)
        take_jp(c, link, packet);
    else if (type == PIM_ASSERT)
        c->net->asserts++;
}

void c_routers_join(struct c_routers *c)
{
    const struct net *n = c->net;
    if (!c->last_hops)
        return;
    int64_t spread_ns = net_join_spread_ns(net_link_count(n));
    for (uint32_t link = 0; link < net_link_count(n); link++) {
        uint64_t h = hash_mix(hash_text(n->spec.seed, "join-c"), link);
        int64_t delay_ns = (int64_t)hash_range(h, (uint64_t)spread_ns);
        uint32_t groups = n->plan.c_receives_count[link % n->spec.c_interfaces];
        const uint32_t *list = n->plan.c_receives[link % n->spec.c_interfaces];
        for (uint32_t g = 0; g < groups && !topology_is_test(&n->spec, list[g]); g++)
            pim_us_join(c->joins, link, g * n->plan.routes_per_group, delay_ns);
    }
}

void c_routers_prune(struct c_routers *c)
{
    const struct net *n = c->net;
    if (!c->last_hops)
        return;
    for (uint32_t link = 0; link < net_link_count(n); link++) {
        uint32_t groups = n->plan.c_receives_count[link % n->spec.c_interfaces];
        for (uint32_t ix = 0; ix < groups * n->plan.routes_per_group; ix++)
            pim_us_prune(c->joins, link, ix);
    }
}

void c_routers_data(struct c_routers *c, uint32_t link, uint32_t j, uint32_t k, struct instant now)
{
    const struct plan *plan = &c->net->plan;
    if (!c->last_hops)
        return;
    uint32_t *seen = c_router_seen(c, link, j, k);
    uint32_t now_s = net_seconds(c->net, now), before_s = *seen;
    *seen = now_s;
    if (before_s != 0 && now_s - before_s <= PIM_KEEPALIVE_S)
        return;
    uint32_t place = plan->c_place[link % c->net->spec.c_interfaces][j];
    if (place == PLAN_NONE)
        return;
    uint32_t ix = place * plan->routes_per_group;
    /* Only members of the group are last hops for S. */
    if (pim_us_joined(c->joins, link, ix))
        pim_us_join(c->joins, link, ix + k, 0);
}

void c_router_forget(struct c_routers *c, uint32_t link)
{
    struct net *n = c->net;
    uint32_t v, i;
    net_link_split(n, link, &v, &i);
    for (uint32_t j = 1; j <= n->spec.ingress_groups; j++) {
        if (n->plan.groups[j].site != i)
            continue;
        for (uint32_t k = 0; k <= n->spec.sources; k++)
            pim_ds_down(&n->routes, plan_route(&n->plan, v, j, k), net_now(n));
    }
}

void c_routers_carrier(struct c_routers *c, uint32_t link, bool up)
{
    struct c_link *l = &c->links[link];
    uint32_t v, i;
    net_link_split(c->net, link, &v, &i);
    if (up) {
        l->epoch++;
        l->said_hello = l->announced = false;
        hello_ring_trigger_one(&c->rings[v - 1], i - 1);
        return;
    }
    bool was = pim_nbr_alive(&l->dut, net_now(c->net));
    pim_nbr_down(&l->dut, net_now(c->net));
    pim_us_close(c->joins, link);
    c_router_forget(c, link);
    if (was)
        c->net->events.c_nbr(c->net->events.arg, link, PIM_CHANGE_GONE);
}

void c_routers_goodbye(struct c_routers *c, uint32_t link)
{
    uint32_t v, i;
    net_link_split(c->net, link, &v, &i);
    if (c->rings[v - 1].running && c->links[link].said_hello)
        c_router_hello(c, link, 0);
    c->links[link].closed = true;
}

bool c_routers_has_nbr(const struct c_routers *c, uint32_t link, struct instant now)
{
    return pim_nbr_alive(&c->links[link].dut, now);
}

bool c_routers_said_hello(const struct c_routers *c, uint32_t v)
{
    return c->rings[v - 1].went_round;
}

const struct pim_us_set *c_routers_joins(const struct c_routers *c)
{
    return c->joins;
}

size_t c_routers_bytes(const struct c_routers *c)
{
    const struct net *n = c->net;
    size_t links = net_link_count(n);
    return sizeof(*c) + links * (sizeof(struct c_link) + sizeof(uint32_t)) +
           n->spec.mvpns * sizeof(struct hello_ring) +
           links * n->plan.flows_per_vpn * sizeof(uint32_t) + pim_us_bytes(c->joins);
}
