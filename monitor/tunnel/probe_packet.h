/* Probes (DESIGN B.6) as plain IPv4 multicast packets, as they go through tunnels. */
#ifndef MVPN_TUNNEL_PROBE_PACKET_H
#define MVPN_TUNNEL_PROBE_PACKET_H

#include "emul/base/addr.h"
#include "emul/wire/probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_PACKET_MIN (20u + 8u + PROBE_BYTES)
#define PROBE_PACKET_MAX 9000u

struct probe_packet {
    ip4_t src, dst;
    uint16_t sport;
    uint8_t dscp, ttl;
    uint32_t bytes; /* of the packet; filled up with zeros */
    struct probe probe;
};

/* probe_packet_write writes it into out (PROBE_PACKET_MAX bytes) and returns its length. */
size_t probe_packet_write(const struct probe_packet *p, uint8_t *out);

/* probe_packet_read reads a packet; false if it is no probe. */
bool probe_packet_read(const uint8_t *packet, size_t len, struct probe_packet *out);

#endif
