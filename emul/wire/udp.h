/* UDP (RFC 768): source port, destination port, length, checksum (0: none). */
#ifndef MVPN_WIRE_UDP_H
#define MVPN_WIRE_UDP_H

#include "emul/wire/wr.h"

#include <stdio.h>

#define UDP_HEADER 8

struct udp {
    uint16_t sport, dport;
    const uint8_t *payload;
    size_t payload_bytes;
};

/* udp_decode checks the checksum over the pseudo-header of src and dst unless it is 0. */
enum wire_err udp_decode(struct rd *r, ip4_t src, ip4_t dst, struct udp *out);

/* udp_decode_unchecked leaves the checksum alone: where a packet is seen as it is sent, its
 * sender's card has yet to write it. */
enum wire_err udp_decode_unchecked(struct rd *r, struct udp *out);
enum wire_err udp_encode(struct wr *w, ip4_t src, ip4_t dst, const struct udp *v);
void udp_print(FILE *f, const struct udp *v);

#endif
