/*
 * What comes out of a tunnel: probes, echo replies, the router's IGMP queries, customers' packets.
 * Nothing of it is believed: a probe counts if its stream exists, sent it into this group from that
 * address, and has got as far.
 */
#include "monitor/scope/scope.h"

#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"

#define GRACE_NS          (5 * NS_PER_S) /* after a leave, until the router has stopped */
#define RESPONSE_LEAST_NS (NS_PER_S / 10)

static void leaked(struct monitor *m, uint32_t vpn, uint32_t tunnel, ip4_t group)
{
    char text[IP4_TEXT];
    uint32_t other = map_get(&m->by_group, group);
    if (other == MAP_NONE)
        anomaly_say(m, "leak", vpn, tunnel, "a probe of VPN %s came in group %s through %s",
                    m->vpns[vpn].name, ip4_text(group, text), m->ends[tunnel].name);
    else
        anomaly_say(m, "leak", vpn, tunnel,
                    "a probe of VPN %s came in the group of VPN %s through %s", m->vpns[vpn].name,
                    m->vpns[other].name, m->ends[tunnel].name);
}

/* The stream that sent a probe; NULL: none of ours. */
static struct stream *stream_of(const struct monitor *m, const struct probe_packet *p)
{
    uint32_t n = p->probe.flow - 1;
    if (n >= m->stream_count)
        return NULL;
    struct stream *s = &m->streams[n];
    if (p->probe.vpn != m->tasks[s->task].vpn + 1 || p->probe.sequence >= s->sent.next ||
        p->probe.sent_ns < m->began_ns ||
        p->src != tunnels_spec(m->tunnels, s->tunnel)->inner_local)
        return NULL;
    return s;
}

/* The membership by which a tunnel's router sends us the group; NULL: it should not. */
static struct member *member_of(struct monitor *m, uint32_t vpn, uint32_t tunnel, int64_t at_ns)
{
    struct member *b = member_get(m, vpn, tunnel, false);
    if (b != NULL && (b->state == MEMBER_JOINED || at_ns - b->left_ns < GRACE_NS))
        return b;
    anomaly_say(m, "leak", vpn, tunnel,
                "a probe of VPN %s came through %s, which is no receiver of it (joined by an "
                "earlier run?)",
                m->vpns[vpn].name, m->ends[tunnel].name);
    return NULL;
}

static void take_probe(struct monitor *m, uint32_t tunnel, const struct probe_packet *p,
                       struct instant at)
{
    struct stream *s = stream_of(m, p);
    if (s == NULL) {
        m->ends[tunnel].foreign++;
        return;
    }
    uint32_t vpn = m->tasks[s->task].vpn;
    end_heard(m, tunnel, at.ns);
    if (p->dst != m->vpns[vpn].group) {
        leaked(m, vpn, tunnel, p->dst);
        return;
    }
    struct member *b = member_of(m, vpn, tunnel, at.ns);
    if (b == NULL)
        return;
    b->heard_ns = at.ns;
    if (b->lost) {
        b->lost = false;
        anomaly_say(m, "group-back", vpn, tunnel, "%s delivers the group of VPN %s again",
                    m->ends[tunnel].name, m->vpns[vpn].name);
    }
    uint32_t n = map_get(&m->by_pair, key_of((uint32_t)(s - m->streams), tunnel));
    if (n != MAP_NONE)
        pair_receive(&m->pairs[n], p->probe.sequence, at.ns - p->probe.sent_ns);
}

/* A router asks which groups we are members of (RFC 2236 3). */
static void take_igmp(struct monitor *m, uint32_t tunnel, const struct ipv4 *ip, int64_t at_ns)
{
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct igmp igmp;
    if (igmp_decode(&r, &igmp) != WIRE_OK) {
        m->ends[tunnel].strange++;
        return;
    }
    if (igmp.type != IGMP_QUERY)
        return;
    int64_t within_ns = (int64_t)igmp.max_resp_ms * NS_PER_MS;
    if (within_ns > 25 * NS_PER_S)
        within_ns = 25 * NS_PER_S;
    end_heard(m, tunnel, at_ns);
    members_again(m, tunnel, igmp.group,
                  within_ns < RESPONSE_LEAST_NS ? RESPONSE_LEAST_NS : within_ns / 2);
}

static void take_udp(struct monitor *m, uint32_t tunnel, const struct ipv4 *ip,
                     const uint8_t *packet, size_t len, struct instant at)
{
    struct probe_packet p;
    if (!probe_packet_read(packet, len, &p)) {
        passive_take(m, tunnel, ip, at);
        return;
    }
    if (m->inference.on && p.dst == m->file->legs_group)
        inference_take(m, tunnel, &p);
    else
        take_probe(m, tunnel, &p, at);
}

void monitor_receive(void *arg, size_t tunnel, const uint8_t *packet, size_t len, struct instant at)
{
    struct monitor *m = arg;
    uint32_t n = (uint32_t)tunnel;
    struct rd r = rd_init(packet, len);
    struct ipv4 ip;
    if (ipv4_decode(&r, &ip) != WIRE_OK) {
        m->ends[n].strange++;
        return;
    }
    switch (ip.protocol) {
    case IPPROTO_NUM_UDP:
        take_udp(m, n, &ip, packet, len, at);
        break;
    case IPPROTO_NUM_ICMP:
        ping_take(m, n, &ip, at);
        break;
    case IPPROTO_NUM_IGMP:
        take_igmp(m, n, &ip, at.ns);
        break;
    case IPPROTO_NUM_GRE:
        passive_take(m, n, &ip, at);
        break;
    default:
        break; /* the router's PIM Hellos and the like */
    }
}
