/*
 * The tunnels themselves: ICMP echo through each, half of the round trip to each direction (VMScope
 * 3.1). Where the inference has an estimate of the loss, that stands instead: half of the round
 * trip is wrong when a tunnel's directions differ.
 */
#include "monitor/scope/scope.h"

#include "emul/wire/icmp.h"
#include "emul/wire/ipv4.h"

#include <math.h>

#define TTL        64
#define DATA_BYTES 24u
#define MAGIC      0x4d56504270696e67u /* "MVPBping" */

void ping_due(struct monitor *m, uint32_t tunnel, int64_t at_ns)
{
    struct end *e = &m->ends[tunnel];
    uint8_t data[DATA_BYTES], message[DATA_BYTES + 8], packet[DATA_BYTES + 28];
    const struct tunnel_spec *s = tunnels_spec(m->tunnels, tunnel);
    int64_t period_ns = (int64_t)(1e9 / m->file->legs_pps), now = now_ns(m);
    if (e->dropped || m->finishing || e->ping_due_ns != at_ns)
        return;
    struct wr w = wr_init(data, sizeof(data));
    wr_u64(&w, MAGIC);
    wr_u64(&w, e->pings.next);
    wr_u64(&w, (uint64_t)now);
    struct icmp_echo echo = {.type = ICMP_ECHO_REQUEST,
                             .id = (uint16_t)tunnel,
                             .sequence = (uint16_t)e->pings.next,
                             .data = data,
                             .data_bytes = w.pos};
    w = wr_init(message, sizeof(message));
    (void)icmp_echo_encode(&w, &echo);
    struct ipv4 ip = {.ttl = TTL,
                      .protocol = IPPROTO_NUM_ICMP,
                      .src = s->inner_local,
                      .dst = s->inner_remote,
                      .payload = message,
                      .payload_bytes = w.pos};
    w = wr_init(packet, sizeof(packet));
    (void)ipv4_encode(&w, &ip);
    if (tunnels_send(m->tunnels, tunnel, packet, w.pos, 0, NULL) == 0)
        e->pings.next++;
    e->ping_due_ns = now - at_ns > NS_PER_S ? now + period_ns : at_ns + period_ns;
    queue_put(&m->pinging, tunnel, e->ping_due_ns);
}

void ping_take(struct monitor *m, uint32_t tunnel, const struct ipv4 *ip, struct instant at)
{
    struct end *e = &m->ends[tunnel];
    const struct tunnel_spec *s = tunnels_spec(m->tunnels, tunnel);
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct icmp_echo echo;
    if (icmp_echo_decode(&r, &echo) != WIRE_OK || echo.type != ICMP_ECHO_REPLY ||
        ip->src != s->inner_remote || ip->dst != s->inner_local) {
        e->foreign++;
        return;
    }
    r = rd_init(echo.data, echo.data_bytes);
    uint64_t magic = rd_u64(&r), sequence = rd_u64(&r);
    int64_t sent_ns = (int64_t)rd_u64(&r);
    if (r.err != WIRE_OK || magic != MAGIC || sequence >= e->pings.next || sent_ns < m->began_ns) {
        e->foreign++;
        return;
    }
    e->ping_heard_ns = at.ns;
    end_heard(m, tunnel, at.ns);
    pair_receive(&e->rtt, sequence, at.ns - sent_ns);
}

void leg_get(const struct monitor *m, uint32_t tunnel, struct leg *out)
{
    const struct end *e = &m->ends[tunnel];
    struct pair_counts c;
    *out = (struct leg){NAN, NAN, -1, -1, false, false};
    pair_counts_get(&e->rtt, e->pings.settled, &c);
    if (e->rtt.heard && c.sent > 0)
        out->from_loss = out->to_loss = (double)c.lost / (double)c.sent / 2;
    if (e->rtt.delay.count > 0)
        out->from_delay_ns = out->to_delay_ns = histogram_quantile(&e->rtt.delay, 0.5) / 2;
    double loss;
    if (inference_from(m, tunnel, &loss)) {
        out->from_inferred = true;
        out->from_loss = loss;
    }
    if (inference_to(m, tunnel, &loss)) {
        out->to_inferred = true;
        out->to_loss = loss;
    }
}
