#include "monitor/tunnel/probe_packet.h"

#include "emul/wire/ipv4.h"
#include "emul/wire/udp.h"

#include <string.h>

size_t probe_packet_write(const struct probe_packet *p, uint8_t *out)
{
    uint8_t payload[PROBE_PACKET_MAX], segment[PROBE_PACKET_MAX];
    size_t bytes = p->bytes < PROBE_PACKET_MIN ? PROBE_PACKET_MIN : p->bytes;
    if (bytes > PROBE_PACKET_MAX)
        bytes = PROBE_PACKET_MAX;
    size_t filled = bytes - PROBE_PACKET_MIN + PROBE_BYTES;
    memset(payload, 0, filled);
    struct wr w = wr_init(payload, sizeof(payload));
    (void)probe_encode(&w, &p->probe);
    struct udp udp = {
        .sport = p->sport, .dport = PROBE_PORT, .payload = payload, .payload_bytes = filled};
    w = wr_init(segment, sizeof(segment));
    (void)udp_encode(&w, p->src, p->dst, &udp);
    struct ipv4 ip = {.tos = (uint8_t)(p->dscp << 2),
                      .ttl = p->ttl,
                      .protocol = IPPROTO_NUM_UDP,
                      .src = p->src,
                      .dst = p->dst,
                      .payload = segment,
                      .payload_bytes = w.pos};
    w = wr_init(out, PROBE_PACKET_MAX);
    (void)ipv4_encode(&w, &ip);
    return w.pos;
}

bool probe_packet_read(const uint8_t *packet, size_t len, struct probe_packet *out)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 ip;
    struct udp udp;
    if (ipv4_decode(&r, &ip) != WIRE_OK || ip.protocol != IPPROTO_NUM_UDP || ip.more_fragments ||
        ip.fragment_offset != 0)
        return false;
    r = rd_init(ip.payload, ip.payload_bytes);
    if (udp_decode(&r, ip.src, ip.dst, &udp) != WIRE_OK || udp.dport != PROBE_PORT)
        return false;
    *out = (struct probe_packet){.src = ip.src,
                                 .dst = ip.dst,
                                 .sport = udp.sport,
                                 .dscp = (uint8_t)(ip.tos >> 2),
                                 .ttl = ip.ttl,
                                 .bytes = (uint32_t)len};
    r = rd_init(udp.payload, udp.payload_bytes);
    return probe_decode(&r, &out->probe) == WIRE_OK;
}
