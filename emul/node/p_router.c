#include "emul/node/p_router.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/hosts.h"
#include "emul/node/p_router_in.h"
#include "emul/node/routes.h"
#include "emul/wire/arp.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

#define ARP_RETRY_NS NS_PER_S
#define FROM_DUT_S   105 /* no Hello of the DUT on an MDT for so long: nothing comes from there */

void p_router_multicast(struct p_router *p, const uint8_t *message, size_t len)
{
    struct ipv4 packet = net_pim_multicast(p->net->spec.addr.p_router_addr, message, len);
    (void)net_send_p(p->net, mac_of_group(IPV4_ALL_PIM_ROUTERS), &packet);
}

void p_router_say_hello(struct p_router *p, uint16_t holdtime_s)
{
    if (!p->net->a3->up || p->closed)
        return;
    uint64_t h = hash_mix(hash_text(p->net->spec.seed, "genid-p"), p->epoch);
    uint8_t message[128];
    size_t len = net_build_hello_with(message, sizeof(message), (uint32_t)h | 1u, holdtime_s,
                                      p->df != NULL ? PIM_HAS_BIDIR : 0);
    p_router_multicast(p, message, len);
    p->said_hello = true;
}

static void ring_says(void *owner, uint32_t set, uint32_t member)
{
    (void)set;
    (void)member;
    p_router_say_hello(owner, PIM_HELLO_HOLDTIME_S);
}

static void arp_retry(void *arg)
{
    struct p_router *p = arg;
    if (p->dut_resolved)
        return;
    if (p->net->a3->up)
        hosts_arp_ask(p->net, NET_P_LINK);
    timer_set_in(p->net->loop, &p->arp_timer, ARP_RETRY_NS);
}

struct p_router *p_router_new(struct net *net)
{
    struct p_router *p = mem_zalloc(1, sizeof(*p));
    p->net = net;
    p->sources = mem_zalloc(net->spec.mvpns, sizeof(*p->sources));
    hello_ring_init(&p->ring, net->loop, hash_text(net->spec.seed, "hello-p"), 0, 1,
                    PIM_TRIGGERED_HELLO_NS, ring_says, p);
    p_router_joins_new(p);
    if (net->spec.mdt == MDT_BIDIR)
        p_router_df_new(p);
    timer_init(&p->arp_timer, "p-router arp", arp_retry, p);
    return p;
}

void p_router_free(struct p_router *p)
{
    if (p == NULL)
        return;
    timer_cancel(p->net->loop, &p->arp_timer);
    hello_ring_fini(&p->ring);
    pim_us_free(p->joins);
    pim_dfe_free(p->df);
    free(p->sources);
    free(p->data_groups);
    free(p);
}

void p_router_start(struct p_router *p)
{
    p->started = true;
    hosts_arp_announce(p->net, NET_P_LINK);
    arp_retry(p);
    hello_ring_start(&p->ring);
    if (p->df != NULL && p->net->a3->up)
        pim_dfe_event(p->df, 0, PIM_DFE_IF_UP);
}

void p_router_arp(struct p_router *p, struct rd *r)
{
    struct rd peek = *r;
    struct arp arp;
    if (arp_decode(&peek, &arp) == WIRE_OK && arp.sender == p->net->spec.addr.dut_p_addr)
        p->dut_resolved = true;
    hosts_arp(p->net, NET_P_LINK, r);
}

static void take_hello(struct p_router *p, struct rd *body)
{
    enum pim_nbr_change change = net_take_hello(p->net, &p->dut, body);
    if (change == PIM_CHANGE_NONE)
        return;
    if (change == PIM_CHANGE_GONE) {
        pim_us_close(p->joins, 0);
    } else {
        p->said_hello = false;
        /* Its oifs are gone with its state: until native packets are back, Registers count. */
        for (uint32_t v = 0; v < p->net->spec.mvpns; v++)
            p->sources[v].spt = false;
        hello_ring_trigger(&p->ring);
        pim_us_open(p->joins, 0, change == PIM_CHANGE_NEW ? PIM_US_NBR_BACK : PIM_US_NEW_GENID,
                    pim_nbr_override_ns(&p->dut));
        if (p->df != NULL)
            pim_dfe_event(p->df, 0, PIM_DFE_ASKED);
    }
    p->net->events.p_nbr(p->net->events.arg, change);
}

static bool is_ours(const struct net *n, ip4_t dst)
{
    return dst == n->spec.addr.p_rp || dst == n->spec.addr.p_router_addr;
}

void p_router_pim(struct p_router *p, const struct ipv4 *packet, struct mac from,
                  const uint8_t **inner, size_t *inner_bytes)
{
    enum pim_type type;
    struct rd body;
    *inner = NULL;
    bool link_local = packet->dst == IPV4_ALL_PIM_ROUTERS;
    if (link_local ? packet->src != p->net->spec.addr.dut_p_addr : !is_ours(p->net, packet->dst))
        return;
    if (pim_open(packet->payload, packet->payload_bytes, &type, &body) != WIRE_OK)
        p->net->undecodable++;
    else if (type == PIM_HELLO && link_local)
        take_hello(p, &body);
    else if (type == PIM_JOIN_PRUNE && link_local)
        p_router_take_jp(p, packet);
    else if (type == PIM_ASSERT && link_local)
        p->net->asserts++;
    else if (type == PIM_DF_ELECTION && link_local)
        p_router_take_df(p, packet);
    else if (type == PIM_REGISTER && !link_local)
        p_router_take_register(p, packet, from, &body, inner, inner_bytes);
}

bool p_router_native(struct p_router *p, uint32_t v)
{
    bool taken = p->df != NULL ? p_router_df(p) : pim_us_joined(p->joins, 0, v - 1);
    if (!taken)
        return false;
    p->sources[v - 1].seen_s = net_seconds(p->net, net_now(p->net));
    p->sources[v - 1].spt = true;
    return true;
}

bool p_router_mdt_from_dut(const struct p_router *p, uint32_t v, struct instant now)
{
    uint32_t seen_s = p->sources[v - 1].seen_s;
    return seen_s != 0 && net_seconds(p->net, now) - seen_s <= FROM_DUT_S;
}

bool p_router_has_nbr(const struct p_router *p, struct instant now)
{
    return pim_nbr_alive(&p->dut, now);
}

void p_router_carrier(struct p_router *p, bool up)
{
    struct net *n = p->net;
    if (up) {
        p->epoch++;
        p->said_hello = false;
        if (p->started)
            hosts_arp_announce(n, NET_P_LINK);
        hello_ring_trigger(&p->ring);
        if (p->df != NULL && p->started)
            pim_dfe_event(p->df, 0, PIM_DFE_IF_UP);
        return;
    }
    bool was = p_router_has_nbr(p, net_now(n));
    pim_nbr_down(&p->dut, net_now(n));
    pim_us_close(p->joins, 0);
    net_mdts_down(n);
    for (uint32_t v = 1; v <= n->spec.mvpns; v++)
        p->sources[v - 1].spt = false;
    if (p->df != NULL)
        pim_dfe_event(p->df, 0, PIM_DFE_IF_DOWN);
    if (was)
        n->events.p_nbr(n->events.arg, PIM_CHANGE_GONE);
}

void p_router_goodbye(struct p_router *p)
{
    if (p->said_hello)
        p_router_say_hello(p, 0);
    p->closed = true;
}

size_t p_router_bytes(const struct p_router *p)
{
    const struct net *n = p->net;
    size_t trees = n->mdts.count + n->mdt_sources.count + n->data_mdts.count;
    return sizeof(*p) + n->spec.mvpns * sizeof(*p->sources) +
           p->data_slots * sizeof(*p->data_groups) + pim_us_bytes(p->joins) +
           (p->df != NULL ? pim_dfe_bytes(p->df) : 0) + trees * sizeof(struct pim_ds_entry);
}
