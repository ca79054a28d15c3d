#include "monitor/tunnel/tunnel.h"

#include "emul/base/map.h"
#include "emul/base/mem.h"
#include "emul/io/pktport.h"
#include "emul/io/rawip.h"
#include "emul/io/rawout.h"
#include "emul/loop/loop.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "monitor/tunnel/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TUNNEL_TTL         64
#define REOPEN_NS          NS_PER_S
#define ALL_ROUTERS        IP4(224, 0, 0, 2)
#define PACKET_MAX         9000u
#define TOS_OF(dscp)       ((uint8_t)((dscp) << 2))
#define ROUTER_ALERT_BYTES 4

static const uint8_t router_alert[ROUTER_ALERT_BYTES] = {0x94, 0x04, 0, 0};

struct tunnel {
    struct tunnel_spec spec;
    bool live;
};

struct tunnels {
    struct loop *loop;
    char *interface, *netns;
    bool customers;
    int out, sink;
    struct port *in; /* NULL while the interface is gone */
    struct timer reopen;
    struct tunnel *list;
    size_t count, cap;
    struct map by_ends; /* remote, local -> number */
    tunnel_rx_fn *rx;
    void *rx_arg;
    struct tunnels_stats stats;
    uint64_t dropped_before; /* by ports that are closed */
};

static uint64_t ends(ip4_t remote, ip4_t local)
{
    return (uint64_t)remote << 32 | local;
}

/* ---- in -------------------------------------------------------------------------------------- */

/* What comes plainly is an answer if it goes from a router's own address, which is its inner one
 * too, to ours. */
static bool is_answer(const struct tunnel *n, const struct tunnel_frame *f)
{
    return n->spec.inner_local == f->dst && n->spec.inner_remote == f->src;
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct tunnels *t = arg;
    struct tunnel_frame f;
    enum tunnel_frame_kind kind = tunnel_frame_read(frame, len, &f);
    if (kind == TUNNEL_FRAME_NONE)
        return;
    uint32_t n = kind == TUNNEL_FRAME_STRANGE ? MAP_NONE : map_get(&t->by_ends, ends(f.src, f.dst));
    if (kind == TUNNEL_FRAME_PLAIN && (n == MAP_NONE || !is_answer(&t->list[n], &f)))
        return;
    if (n == MAP_NONE) {
        t->stats.strange++;
        return;
    }
    t->stats.received++;
    if (t->rx != NULL)
        t->rx(t->rx_arg, n, f.packet, f.len, at);
}

/* Inside GRE (4 bytes behind an outer header without options) a customer's packet on its MDT is
 * GRE again: its protocol field stands 33 bytes into the outer packet. */
static const char *filter_of(const struct tunnels *t)
{
    return t->customers ? "ip proto 47 or icmp[icmptype] == icmp-echoreply"
                        : "(ip proto 47 and ip[33] != 47) or icmp[icmptype] == icmp-echoreply";
}

static int open_port(struct tunnels *t, struct err *err)
{
    struct pktport_params params = {.name = "tunnels",
                                    .ifname = t->interface,
                                    .netns = t->netns,
                                    .force = true,
                                    .filter = filter_of(t)};
    t->in = pktport_open(t->loop, &params, err);
    if (t->in == NULL)
        return -1;
    port_on_rx(t->in, on_frame, t);
    return 0;
}

static void close_port(struct tunnels *t)
{
    struct port_stats s;
    if (t->in == NULL)
        return;
    port_stats_get(t->in, &s);
    t->dropped_before += s.rx_dropped;
    port_free(t->in);
    t->in = NULL;
}

/* An interface that was deleted and made again is another one: the port is opened anew. */
static void look_after(void *arg)
{
    struct tunnels *t = arg;
    if (t->in != NULL && !t->in->up)
        close_port(t);
    if (t->in == NULL)
        (void)open_port(t, NULL);
    t->stats.interface_gone = t->in == NULL || !t->in->up;
    timer_set_in(t->loop, &t->reopen, REOPEN_NS);
}

void tunnels_customers(struct tunnels *t, bool wanted)
{
    if (t->customers == wanted)
        return;
    t->customers = wanted;
    close_port(t);
    (void)open_port(t, NULL); /* else look_after does it when the interface is back */
}

/* ---- life ------------------------------------------------------------------------------------ */

struct tunnels *tunnels_open(struct loop *loop, const struct tunnels_params *params,
                             struct err *err)
{
    struct tunnels *t = mem_zalloc(1, sizeof(*t));
    t->loop = loop;
    t->interface = mem_strdup(params->interface);
    t->netns = params->netns == NULL ? NULL : mem_strdup(params->netns);
    t->customers = params->customers;
    map_init(&t->by_ends);
    timer_init(&t->reopen, "tunnels reopen", look_after, t);
    t->out = rawout_open(t->netns, err);
    t->sink = t->out < 0 ? -1 : rawip_gre_sink(t->netns, err);
    if (t->sink < 0 || open_port(t, err) != 0) {
        tunnels_close(t);
        return NULL;
    }
    timer_set_in(loop, &t->reopen, REOPEN_NS);
    return t;
}

void tunnels_close(struct tunnels *t)
{
    if (t == NULL)
        return;
    timer_cancel(t->loop, &t->reopen);
    port_free(t->in);
    if (t->out >= 0)
        (void)close(t->out);
    if (t->sink >= 0)
        (void)close(t->sink);
    map_fini(&t->by_ends);
    free(t->list);
    free(t->interface);
    free(t->netns);
    free(t);
}

void tunnels_on_rx(struct tunnels *t, tunnel_rx_fn *fn, void *arg)
{
    t->rx = fn;
    t->rx_arg = arg;
}

int tunnels_add(struct tunnels *t, const struct tunnel_spec *spec, struct err *err)
{
    char text[IP4_TEXT];
    uint64_t key = ends(spec->remote, spec->local);
    if (map_get(&t->by_ends, key) != MAP_NONE) {
        err_set(err, ERR_USE,
                "tunnel %s: there is a tunnel to %s from this address already; give it another "
                "local address",
                spec->name, ip4_text(spec->remote, text));
        return -1;
    }
    t->list = array_grow(t->list, t->count, &t->cap, sizeof(*t->list));
    struct tunnel *n = &t->list[t->count];
    *n = (struct tunnel){.spec = *spec, .live = true};
    if (n->spec.inner_local == 0)
        n->spec.inner_local = spec->local;
    if (n->spec.inner_remote == 0)
        n->spec.inner_remote = spec->remote;
    map_put(&t->by_ends, key, (uint32_t)t->count);
    return (int)t->count++;
}

void tunnels_drop(struct tunnels *t, size_t tunnel)
{
    struct tunnel *n = &t->list[tunnel];
    if (n->live)
        (void)map_del(&t->by_ends, ends(n->spec.remote, n->spec.local));
    n->live = false;
}

const struct tunnel_spec *tunnels_spec(const struct tunnels *t, size_t tunnel)
{
    return &t->list[tunnel].spec;
}

/* ---- out ------------------------------------------------------------------------------------- */

int tunnels_send(struct tunnels *t, size_t tunnel, const uint8_t *packet, size_t len, uint8_t dscp,
                 struct instant *at)
{
    uint8_t bytes[PACKET_MAX + TUNNEL_OVERHEAD], body[PACKET_MAX + GRE_HEADER];
    const struct tunnel *n = &t->list[tunnel];
    struct wr w = wr_init(body, sizeof(body));
    struct gre gre = {.protocol = ETHERTYPE_IPV4, .payload = packet, .payload_bytes = len};
    if (!n->live || gre_encode(&w, &gre) != WIRE_OK)
        return -1;
    struct ipv4 outer = {.tos = TOS_OF(dscp),
                         .ttl = TUNNEL_TTL,
                         .protocol = IPPROTO_NUM_GRE,
                         .src = n->spec.local,
                         .dst = n->spec.remote,
                         .payload = body,
                         .payload_bytes = w.pos};
    w = wr_init(bytes, sizeof(bytes));
    if (ipv4_encode(&w, &outer) != WIRE_OK)
        return -1;
    if (at != NULL)
        *at = loop_now(t->loop);
    if (rawout_send(t->out, bytes, w.pos) != 0) {
        t->stats.send_errors++;
        return -1;
    }
    t->stats.sent++;
    return 0;
}

static int send_igmp(struct tunnels *t, size_t tunnel, uint8_t type, ip4_t group, ip4_t dst,
                     struct err *err)
{
    uint8_t message[64], packet[128];
    const struct tunnel_spec *s = &t->list[tunnel].spec;
    struct wr w = wr_init(message, sizeof(message));
    struct igmp igmp = {.type = type, .group = group};
    (void)igmp_encode(&w, &igmp);
    struct ipv4 ip = {.tos = IPV4_TOS_CS6,
                      .ttl = 1,
                      .protocol = IPPROTO_NUM_IGMP,
                      .src = s->inner_local,
                      .dst = dst,
                      .options = router_alert,
                      .option_bytes = ROUTER_ALERT_BYTES,
                      .payload = message,
                      .payload_bytes = w.pos};
    w = wr_init(packet, sizeof(packet));
    (void)ipv4_encode(&w, &ip);
    if (tunnels_send(t, tunnel, packet, w.pos, IPV4_TOS_CS6 >> 2, NULL) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "tunnel %s: cannot send: %s", s->name, strerror(errno));
    return -1;
}

int tunnels_join(struct tunnels *t, size_t tunnel, ip4_t group, struct err *err)
{
    return send_igmp(t, tunnel, IGMP_V2_REPORT, group, group, err);
}

int tunnels_leave(struct tunnels *t, size_t tunnel, ip4_t group, struct err *err)
{
    return send_igmp(t, tunnel, IGMP_V2_LEAVE, group, ALL_ROUTERS, err);
}

void tunnels_stats_get(struct tunnels *t, struct tunnels_stats *out)
{
    *out = t->stats;
    out->ring_dropped = t->dropped_before;
    if (t->in == NULL)
        return;
    struct port_stats s;
    port_stats_get(t->in, &s);
    out->ring_dropped += s.rx_dropped;
}
