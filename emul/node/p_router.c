#include "emul/node/p_router.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/hello_ring.h"
#include "emul/node/hosts.h"
#include "emul/node/routes.h"
#include "emul/wire/arp.h"
#include "emul/wire/pim_register.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

#define ARP_RETRY_NS NS_PER_S
#define REGISTER_TTL 64
#define FROM_DUT_S   105 /* no Hello of the DUT on an MDT for so long: nothing comes from there */

/* The (DUT, MDT) entry of one VPN at the RP. */
struct mdt_source {
    uint32_t seen_s; /* last Register or native packet */
    bool spt;        /* SPTbit: native packets arrive */
};

struct p_router {
    struct net *net;
    struct pim_nbr dut;
    struct hello_ring ring;
    struct pim_us_set *joins; /* one session, entry v - 1 = (DUT, MDT of v) */
    struct mdt_source *sources;
    struct timer arp_timer;
    uint8_t epoch;
    bool said_hello, dut_resolved, started, closed;
};

static void send_multicast(struct p_router *p, const uint8_t *message, size_t len)
{
    struct ipv4 packet = net_pim_multicast(p->net->spec.addr.p_router_addr, message, len);
    (void)net_send_p(p->net, mac_of_group(IPV4_ALL_PIM_ROUTERS), &packet);
}

static void send_hello(struct p_router *p, uint16_t holdtime_s)
{
    if (!p->net->a3->up || p->closed)
        return;
    uint64_t h = hash_mix(hash_text(p->net->spec.seed, "genid-p"), p->epoch);
    uint8_t message[128];
    size_t len = net_build_hello(message, sizeof(message), (uint32_t)h | 1u, holdtime_s);
    send_multicast(p, message, len);
    p->said_hello = true;
}

static void ring_says(void *owner, uint32_t set, uint32_t member)
{
    (void)set;
    (void)member;
    send_hello(owner, PIM_HELLO_HOLDTIME_S);
}

static void entry_of(void *arg, uint32_t session, uint32_t ix, struct pim_jp_entry *out)
{
    const struct p_router *p = arg;
    (void)session;
    *out = (struct pim_jp_entry){.kind = PIM_JP_SG,
                                 .group = topology_mdt_group(&p->net->spec, ix + 1),
                                 .source = p->net->spec.addr.dut_mdt_addr};
}

static size_t send_jp(void *arg, uint32_t session, const struct pim_jp_entry *entries, size_t count)
{
    struct p_router *p = arg;
    (void)session;
    if (!p_router_has_nbr(p, net_now(p->net)) || !p->net->a3->up)
        return 0;
    if (!p->said_hello)
        send_hello(p, PIM_HELLO_HOLDTIME_S);
    uint8_t message[2048];
    size_t taken;
    size_t len = net_build_jp(p->net, message, sizeof(message), p->net->spec.addr.dut_p_addr,
                              entries, count, 0, &taken);
    if (len == 0)
        return 0;
    send_multicast(p, message, len);
    return taken;
}

/* The join towards the source lasts while the source sends (RFC 7761 4.2, KeepaliveTimer). */
static bool still_wanted(void *arg, uint32_t session, uint32_t ix)
{
    struct p_router *p = arg;
    (void)session;
    bool wanted = net_seconds(p->net, net_now(p->net)) - p->sources[ix].seen_s <= PIM_KEEPALIVE_S;
    if (!wanted)
        p->sources[ix].spt = false;
    return wanted;
}

static const struct pim_us_ops join_ops = {entry_of, send_jp, still_wanted};

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
    p->joins = pim_us_new(net->loop, "p-router joins", net->spec.seed, &join_ops, p);
    (void)pim_us_session_add(p->joins, net->spec.mvpns);
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
    free(p->sources);
    free(p);
}

void p_router_start(struct p_router *p)
{
    p->started = true;
    hosts_arp_announce(p->net, NET_P_LINK);
    arp_retry(p);
    hello_ring_start(&p->ring);
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
    }
    p->net->events.p_nbr(p->net->events.arg, change);
}

static void take_entry(struct p_router *p, const struct pim_jp_entry *entry, uint16_t holdtime_s)
{
    struct net *n = p->net;
    uint32_t v = topology_vpn_of_mdt(&n->spec, entry->group);
    if (v == 0 || entry->kind != PIM_JP_STARG || entry->source != n->spec.addr.p_rp)
        return;
    if (!entry->join)
        pim_ds_prune(&n->mdts, v - 1, 0, net_now(n));
    else if (pim_ds_join(&n->mdts, v - 1, holdtime_s, net_now(n)))
        n->events.mdt_joined(n->events.arg, v);
}

static void take_jp(struct p_router *p, const struct ipv4 *packet)
{
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry entry;
    if (!net_open_jp(p->net, &p->dut, packet, &jp, &it) ||
        jp.upstream != p->net->spec.addr.p_router_addr)
        return;
    while (pim_jp_next(&it, &entry))
        take_entry(p, &entry, jp.holdtime_s);
}

static void register_stop(struct p_router *p, const struct ipv4 *packet, struct mac to,
                          const struct pim_register *reg)
{
    struct pim_register_stop stop = {.group = {.mask_len = 32, .addr = reg->group},
                                     .source = reg->source};
    uint8_t message[64];
    struct wr w = wr_init(message, sizeof(message));
    if (pim_register_stop_encode(&w, &stop) != WIRE_OK)
        return;
    struct ipv4 reply = {.tos = IPV4_TOS_CS6,
                         .ttl = REGISTER_TTL,
                         .protocol = IPPROTO_NUM_PIM,
                         .src = packet->dst,
                         .dst = packet->src,
                         .payload = message,
                         .payload_bytes = w.pos};
    (void)net_send_p(p->net, to, &reply);
}

/* packet_arrives_at_the_RP of RFC 7761 section 4.4.2, for a router that always has receivers. */
static void take_register(struct p_router *p, const struct ipv4 *packet, struct mac from,
                          struct rd *body, const uint8_t **inner, size_t *inner_bytes)
{
    struct net *n = p->net;
    struct pim_register reg;
    if (pim_register_decode(body, &reg) != WIRE_OK) {
        n->undecodable++;
        return;
    }
    n->facts.registers_received++;
    uint32_t v = topology_vpn_of_mdt(&n->spec, reg.group);
    if (v == 0 || packet->dst != n->spec.addr.p_rp || reg.source != n->spec.addr.dut_mdt_addr) {
        register_stop(p, packet, from, &reg);
        return;
    }
    struct mdt_source *s = &p->sources[v - 1];
    s->seen_s = net_seconds(n, net_now(n));
    if (s->spt)
        register_stop(p, packet, from, &reg);
    pim_us_join(p->joins, 0, v - 1, 0);
    if (s->spt || reg.null)
        return;
    *inner = reg.packet;
    *inner_bytes = reg.packet_bytes;
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
        take_jp(p, packet);
    else if (type == PIM_ASSERT && link_local)
        p->net->asserts++;
    else if (type == PIM_REGISTER && !link_local)
        take_register(p, packet, from, &body, inner, inner_bytes);
}

bool p_router_native(struct p_router *p, uint32_t v)
{
    if (!pim_us_joined(p->joins, 0, v - 1))
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
        return;
    }
    bool was = p_router_has_nbr(p, net_now(n));
    pim_nbr_down(&p->dut, net_now(n));
    pim_us_close(p->joins, 0);
    for (uint32_t v = 1; v <= n->spec.mvpns; v++) {
        pim_ds_down(&n->mdts, v - 1, net_now(n));
        p->sources[v - 1].spt = false;
    }
    if (was)
        n->events.p_nbr(n->events.arg, PIM_CHANGE_GONE);
}

void p_router_prune(struct p_router *p)
{
    for (uint32_t v = 1; v <= p->net->spec.mvpns; v++)
        pim_us_prune(p->joins, 0, v - 1);
}

void p_router_goodbye(struct p_router *p)
{
    if (p->said_hello)
        send_hello(p, 0);
    p->closed = true;
}

const struct pim_us_set *p_router_joins(const struct p_router *p)
{
    return p->joins;
}
