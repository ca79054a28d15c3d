#include "emul/node/remote_announce.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/wire/gre.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"

#include <stdlib.h>

#define UDP_AND_OUTER (IPV4_HEADER + GRE_HEADER + IPV4_HEADER + UDP_HEADER)

/* A flow on a data MDT; all VPNs have the same. */
struct announced_flow {
    ip4_t source, group;
    uint16_t pe, number;
};

/* What one PE announces in one VPN, in the order of their turns. */
struct announcer {
    int64_t phase_ns;
    uint32_t v, first_flow;
};

struct remote_announce {
    struct net *net;
    struct announced_flow *flows; /* of a VPN, by PE */
    uint32_t flow_count;
    struct announcer *ring; /* by phase */
    uint32_t count, next;
    int64_t *since_ns;    /* by VPN and data MDT as in net_data_mdt; INT64_MAX: not announced */
    struct instant round; /* the present walk round the ring began */
    uint64_t announced;   /* data MDTs */
    struct timer timer;
};

static int compare_flows(const void *left, const void *right)
{
    const struct announced_flow *a = left, *b = right;
    if (a->pe != b->pe)
        return a->pe < b->pe ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->group != b->group ? (a->group < b->group ? -1 : 1)
                                : (a->source > b->source) - (a->source < b->source);
}

static int compare_announcers(const void *left, const void *right)
{
    const struct announcer *a = left, *b = right;
    if (a->phase_ns != b->phase_ns)
        return a->phase_ns < b->phase_ns ? -1 : 1;
    return a->v != b->v ? (a->v < b->v ? -1 : 1)
                        : (a->first_flow > b->first_flow) - (a->first_flow < b->first_flow);
}

static void list_flows(struct remote_announce *a)
{
    const struct instance_spec *s = &a->net->spec;
    const struct plan *plan = &a->net->plan;
    a->flows = mem_zalloc(s->spmsi_rx_flows, sizeof(*a->flows));
    for (uint32_t j = s->ingress_groups + 1; j <= s->groups; j++) {
        const struct plan_group *g = &plan->groups[j];
        for (uint32_t k = 1; k <= s->sources; k++) {
            uint32_t number = plan_spmsi(plan, s, 1, j, k);
            if (number != 0)
                a->flows[a->flow_count++] =
                    (struct announced_flow){.source = g->source_base + k,
                                            .group = g->group,
                                            .pe = (uint16_t)(g->site - SITE_REMOTE),
                                            .number = (uint16_t)number};
        }
    }
    qsort(a->flows, a->flow_count, sizeof(*a->flows), compare_flows);
}

static bool first_of_pe(const struct remote_announce *a, uint32_t flow)
{
    return flow == 0 || a->flows[flow - 1].pe != a->flows[flow].pe;
}

/* flows_end returns the flow behind the last of that PE in VPN v; numbers ascend within a PE, and a
 * VPN has the lowest ones. */
static uint32_t flows_end(const struct remote_announce *a, uint32_t v, uint32_t first)
{
    uint32_t f = first, most = spec_spmsi(&a->net->spec, false, v);
    while (f < a->flow_count && a->flows[f].pe == a->flows[first].pe && a->flows[f].number <= most)
        f++;
    return f;
}

static void make_ring(struct remote_announce *a)
{
    const struct instance_spec *s = &a->net->spec;
    uint32_t per_vpn = 0;
    for (uint32_t f = 0; f < a->flow_count; f++)
        per_vpn += first_of_pe(a, f);
    a->ring = mem_zalloc((size_t)per_vpn * s->mvpns, sizeof(*a->ring));
    int64_t spread_ns = net_join_spread_ns((uint64_t)per_vpn * s->mvpns);
    for (uint32_t v = 1; v <= s->mvpns; v++) {
        for (uint32_t f = 0; f < a->flow_count; f++) {
            if (!first_of_pe(a, f) || flows_end(a, v, f) == f)
                continue;
            uint64_t h = hash_mix(hash_mix(hash_text(s->seed, "mdt-join"), v), a->flows[f].pe);
            int64_t phase_ns = (int64_t)hash_range(h, (uint64_t)spread_ns);
            a->ring[a->count++] = (struct announcer){phase_ns, v, f};
        }
    }
    qsort(a->ring, a->count, sizeof(*a->ring), compare_announcers);
}

/* Sends one datagram of the PE's TLVs of flows first ... end - 1; returns the flow behind its last.
 */
static uint32_t send_datagram(struct remote_announce *a, uint32_t v, uint32_t first, uint32_t end)
{
    struct net *n = a->net;
    uint8_t tlvs[PORT_FRAME_MAX], message[PORT_FRAME_MAX];
    struct wr w = wr_init(tlvs, n->spec.mtu - UDP_AND_OUTER);
    uint16_t pe = a->flows[first].pe;
    uint32_t f = first;
    for (; f < end; f++) {
        const struct announced_flow *flow = &a->flows[f];
        struct mdt_join tlv = {flow->source, flow->group,
                               topology_data_mdt(&n->spec, v, false, flow->number)};
        if (w.cap - w.pos < MDT_JOIN_TLV_BYTES)
            break;
        (void)mdt_join_encode(&w, &tlv);
    }
    ip4_t addr = topology_remote_pe_addr(&n->spec, pe);
    struct udp udp = {
        .sport = MDT_PORT, .dport = MDT_PORT, .payload = tlvs, .payload_bytes = w.pos};
    w = wr_init(message, sizeof(message));
    (void)udp_encode(&w, addr, IPV4_ALL_PIM_ROUTERS, &udp);
    struct ipv4 packet = {.tos = IPV4_TOS_CS6,
                          .ttl = 1,
                          .protocol = IPPROTO_NUM_UDP,
                          .src = addr,
                          .dst = IPV4_ALL_PIM_ROUTERS,
                          .payload = message,
                          .payload_bytes = w.pos};
    (void)net_send_mdt(n, v, addr, &packet);
    return f;
}

static void announce(struct remote_announce *a, const struct announcer *who)
{
    struct net *n = a->net;
    uint16_t pe = a->flows[who->first_flow].pe;
    uint32_t end = flows_end(a, who->v, who->first_flow);
    struct instant now = net_now(n);
    bool reaches = n->a3->up && net_mdt_reaches(n, who->v, pe, now);
    for (uint32_t f = who->first_flow; f < end; f++) {
        int64_t *since_ns = &a->since_ns[net_data_mdt(n, who->v, a->flows[f].number)];
        a->announced += *since_ns == INT64_MAX;
        if (*since_ns == INT64_MAX)
            *since_ns = now.ns;
    }
    uint32_t f = who->first_flow;
    while (reaches && f < end)
        f = send_datagram(a, who->v, f, end);
}

static struct instant next_turn(const struct remote_announce *a)
{
    return instant_add(a->round, a->ring[a->next].phase_ns);
}

static void turn(void *arg)
{
    struct remote_announce *a = arg;
    while (!instant_before(net_now(a->net), next_turn(a))) {
        announce(a, &a->ring[a->next]);
        if (++a->next == a->count) {
            a->next = 0;
            a->round = instant_add(a->round, MDT_INTERVAL_NS);
        }
    }
    timer_set(a->net->loop, &a->timer, next_turn(a));
}

struct remote_announce *remote_announce_new(struct net *net)
{
    struct remote_announce *a = mem_zalloc(1, sizeof(*a));
    a->net = net;
    timer_init(&a->timer, "mdt join", turn, a);
    if (net->spec.spmsi_rx == 0)
        return a;
    list_flows(a);
    make_ring(a);
    a->since_ns = mem_zalloc(net->data_mdts.count, sizeof(*a->since_ns));
    remote_announce_stop(a);
    return a;
}

void remote_announce_free(struct remote_announce *a)
{
    if (a == NULL)
        return;
    timer_cancel(a->net->loop, &a->timer);
    free(a->flows);
    free(a->ring);
    free(a->since_ns);
    free(a);
}

void remote_announce_start(struct remote_announce *a)
{
    if (a->count == 0)
        return;
    a->next = 0;
    a->round = net_now(a->net);
    timer_set(a->net->loop, &a->timer, next_turn(a));
}

void remote_announce_stop(struct remote_announce *a)
{
    timer_cancel(a->net->loop, &a->timer);
    for (size_t ix = 0; a->since_ns != NULL && ix < a->net->data_mdts.count; ix++)
        a->since_ns[ix] = INT64_MAX;
    a->announced = 0;
}

struct instant remote_announce_since(const struct remote_announce *a, uint32_t v, uint32_t number)
{
    return (struct instant){a->since_ns[net_data_mdt(a->net, v, number)]};
}

bool remote_announce_moved(const struct remote_announce *a, uint32_t v, uint32_t number,
                           struct instant now)
{
    struct instant since = remote_announce_since(a, v, number);
    return !instant_before(now, instant_add(since, a->net->spec.spmsi_delay_ns));
}

uint64_t remote_announce_count(const struct remote_announce *a)
{
    return a->announced;
}

size_t remote_announce_bytes(const struct remote_announce *a)
{
    return sizeof(*a) + a->flow_count * sizeof(*a->flows) + a->count * sizeof(*a->ring) +
           (a->since_ns != NULL ? a->net->data_mdts.count * sizeof(*a->since_ns) : 0);
}
