#include "tests/unit/scope/net.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/wire/icmp.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "monitor/oneway/live.h"
#include "monitor/tunnel/probe_packet.h"

#include <stdlib.h>
#include <string.h>

#define REFLECT_NS (200 * NS_PER_MS)

struct net net;

struct tunnels {
    tunnel_rx_fn *rx;
    void *arg;
};

static struct tunnels one;

/* A packet on its way to us (tunnel), or to the reflector (NET_TUNNELS). */
struct flight {
    struct timer timer;
    size_t tunnel, len;
    uint8_t bytes[];
};

static bool lost(double share)
{
    struct rng r = {hash_mix(7, net.draws++)};
    return rng_unit(&r) < share;
}

static void copy_to_members(size_t from, const uint8_t *packet, size_t len, ip4_t group);

static void arrive(void *arg)
{
    struct flight *f = arg;
    if (f->tunnel == NET_TUNNELS)
        copy_to_members(NET_TUNNELS, f->bytes, f->len, net.reflects);
    else if (!net.gone && one.rx != NULL)
        one.rx(one.arg, f->tunnel, f->bytes, f->len, loop_now(net.loop));
    free(f);
}

static void fly(size_t tunnel, const uint8_t *packet, size_t len, int64_t delay_ns)
{
    struct flight *f = mem_zalloc(1, sizeof(*f) + len);
    f->tunnel = tunnel;
    f->len = len;
    memcpy(f->bytes, packet, len);
    timer_init(&f->timer, "flight", arrive, f);
    timer_set_in(net.loop, &f->timer, delay_ns);
}

void net_reset(struct loop *loop)
{
    net = (struct net){.loop = loop};
    one = (struct tunnels){0};
}

void net_deliver(size_t tunnel, const uint8_t *packet, size_t len)
{
    if (one.rx != NULL)
        one.rx(one.arg, tunnel, packet, len, loop_now(net.loop));
}

/* ---- routers --------------------------------------------------------------------------------- */

static bool has_joined(const struct net_tunnel *t, ip4_t group)
{
    for (unsigned i = 0; i < NET_GROUPS; i++) {
        if (t->joined[i] == group)
            return true;
    }
    return false;
}

static void join(struct net_tunnel *t, ip4_t group, bool in)
{
    for (unsigned i = 0; i < NET_GROUPS; i++) {
        if (t->joined[i] == group)
            t->joined[i] = 0;
    }
    for (unsigned i = 0; i < NET_GROUPS && in; i++) {
        if (t->joined[i] == 0) {
            t->joined[i] = group;
            return;
        }
    }
}

static void copy_to_members(size_t from, const uint8_t *packet, size_t len, ip4_t group)
{
    for (size_t i = 0; i < net.count; i++) {
        struct net_tunnel *t = &net.tunnel[i];
        if (i == from || !t->live || t->dead || t->deaf || !has_joined(t, group))
            continue;
        if (lost(t->loss_to_us)) {
            t->dropped_back++;
            continue;
        }
        t->probes_back++;
        int64_t behind_ns = from < NET_TUNNELS ? net.tunnel[from].delay_ns : 0;
        fly(i, packet, len, behind_ns + t->delay_ns);
    }
}

static void answer_ping(size_t tunnel, const struct ipv4 *ip)
{
    uint8_t message[256], packet[300];
    struct net_tunnel *t = &net.tunnel[tunnel];
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct icmp_echo echo;
    if (icmp_echo_decode(&r, &echo) != WIRE_OK || lost(t->loss_to_us))
        return;
    echo.type = ICMP_ECHO_REPLY;
    struct wr w = wr_init(message, sizeof(message));
    (void)icmp_echo_encode(&w, &echo);
    struct ipv4 back = {.ttl = 64,
                        .protocol = IPPROTO_NUM_ICMP,
                        .src = ip->dst,
                        .dst = ip->src,
                        .payload = message,
                        .payload_bytes = w.pos};
    w = wr_init(packet, sizeof(packet));
    (void)ipv4_encode(&w, &back);
    fly(tunnel, packet, w.pos, 2 * t->delay_ns);
}

static void reflect(const uint8_t *packet, size_t len)
{
    struct probe_packet p;
    uint8_t out[PROBE_PACKET_MAX];
    if (!probe_packet_read(packet, len, &p) || p.probe.flow != FLOW_DIRECT ||
        lost(net.loss_of_reflector))
        return;
    p.probe.flow = FLOW_REFLECTED;
    p.src = IP4(10, 99, 0, 1);
    fly(NET_TUNNELS, out, probe_packet_write(&p, out), REFLECT_NS);
}

static void router_takes(size_t tunnel, const uint8_t *packet, size_t len)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 ip;
    if (ipv4_decode(&r, &ip) != WIRE_OK)
        return;
    if (ip.protocol == IPPROTO_NUM_ICMP)
        answer_ping(tunnel, &ip);
    if (ip.protocol != IPPROTO_NUM_UDP)
        return;
    copy_to_members(tunnel, packet, len, ip.dst);
    if (net.reflects != 0 && ip.dst == net.reflects)
        reflect(packet, len);
}

/* ---- monitor/tunnel's calls ------------------------------------------------------------------ */

struct tunnels *tunnels_open(struct loop *loop, const struct tunnels_params *params,
                             struct err *err)
{
    (void)loop;
    (void)err;
    net.customers = params->customers;
    return &one;
}

void tunnels_close(struct tunnels *t)
{
    (void)t;
    one.rx = NULL;
}

void tunnels_on_rx(struct tunnels *t, tunnel_rx_fn *fn, void *arg)
{
    t->rx = fn;
    t->arg = arg;
}

void tunnels_customers(struct tunnels *t, bool wanted)
{
    (void)t;
    net.customers = wanted;
}

int tunnels_add(struct tunnels *t, const struct tunnel_spec *spec, struct err *err)
{
    (void)t;
    if (net.count == NET_TUNNELS) {
        err_set(err, ERR_USE, "no more tunnels");
        return -1;
    }
    for (size_t i = 0; i < net.count; i++) {
        const struct net_tunnel *o = &net.tunnel[i];
        if (o->live && o->spec.remote == spec->remote && o->spec.local == spec->local) {
            err_set(err, ERR_USE, "there is a tunnel with these ends");
            return -1;
        }
    }
    struct net_tunnel *n = &net.tunnel[net.count];
    n->spec = *spec;
    if (n->spec.inner_local == 0)
        n->spec.inner_local = spec->local;
    if (n->spec.inner_remote == 0)
        n->spec.inner_remote = spec->remote;
    n->live = true;
    return (int)net.count++;
}

void tunnels_drop(struct tunnels *t, size_t tunnel)
{
    (void)t;
    net.tunnel[tunnel].live = false;
}

const struct tunnel_spec *tunnels_spec(const struct tunnels *t, size_t tunnel)
{
    (void)t;
    return &net.tunnel[tunnel].spec;
}

int tunnels_send(struct tunnels *t, size_t tunnel, const uint8_t *packet, size_t len, uint8_t dscp,
                 struct instant *at)
{
    struct net_tunnel *n = &net.tunnel[tunnel];
    (void)t;
    if (at != NULL)
        *at = loop_now(net.loop);
    if (net.gone || !n->live)
        return -1;
    struct probe_packet probe;
    if (probe_packet_read(packet, len, &probe)) {
        bool colour = (probe.probe.flags & PROBE_COLOUR) != 0;
        n->coloured[colour] += ((dscp & 4) != 0) == colour && probe.dscp == dscp;
        n->delay_marks += (probe.probe.flags & PROBE_DELAY_MARK) != 0;
    }
    n->last_dscp = dscp;
    n->last_len = len;
    n->probes_out++;
    if (n->dead)
        return 0;
    if (lost(n->loss_to_router))
        n->dropped_out++;
    else
        router_takes(tunnel, packet, len);
    return 0;
}

int tunnels_join(struct tunnels *t, size_t tunnel, ip4_t group, struct err *err)
{
    struct net_tunnel *n = &net.tunnel[tunnel];
    (void)t;
    (void)err;
    n->joins++;
    n->last_join = loop_now(net.loop);
    join(n, group, true);
    return 0;
}

int tunnels_leave(struct tunnels *t, size_t tunnel, ip4_t group, struct err *err)
{
    struct net_tunnel *n = &net.tunnel[tunnel];
    (void)t;
    (void)err;
    n->leaves++;
    join(n, group, false);
    return 0;
}

void tunnels_stats_get(struct tunnels *t, struct tunnels_stats *out)
{
    (void)t;
    *out = (struct tunnels_stats){.interface_gone = net.gone, .ring_dropped = net.ring_dropped};
}
