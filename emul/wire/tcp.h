/*
 * TCP segments (RFC 9293 section 3.1), to read captures and to write them in tests; no connection
 * is kept here.
 *
 *   source port(2) | destination port(2) | sequence(4) | acknowledgement(4)
 *   data offset(4 bits) reserved(4) flags(8) | window(2) | checksum(2) | urgent(2) | options
 */
#ifndef MVPN_WIRE_TCP_H
#define MVPN_WIRE_TCP_H

#include "emul/wire/wr.h"

#include <stdio.h>

#define TCP_HEADER        20
#define IPPROTO_NUM_TCP   6
#define TCP_FIN           0x01
#define TCP_SYN           0x02
#define TCP_RST           0x04
#define TCP_PSH           0x08
#define TCP_ACK           0x10
#define TCP_OPTIONS_BYTES 40 /* at most */

struct tcp {
    uint16_t sport, dport;
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    uint16_t window;
    const uint8_t *options, *payload; /* slices of the packet */
    size_t options_bytes, payload_bytes;
};

/*
 * tcp_decode reads a segment up to the end of r. It leaves the checksum alone, for where a segment
 * is seen as it is sent its card has yet to write it: tcp_checksum_right tells about len bytes.
 */
enum wire_err tcp_decode(struct rd *r, struct tcp *out);
bool tcp_checksum_right(ip4_t src, ip4_t dst, const uint8_t *segment, size_t len);

/* tcp_encode writes a segment with its checksum; options are a multiple of 4 bytes, 40 at most. */
enum wire_err tcp_encode(struct wr *w, ip4_t src, ip4_t dst, const struct tcp *v);
void tcp_print(FILE *f, const struct tcp *v);

#endif
