/*
 * IPv4 (RFC 791): header with options, fragments, reassembly.
 *
 *   ver/ihl | tos | total length | id | flags/offset | ttl | protocol | checksum
 *   src | dst | options
 */
#ifndef MVPN_WIRE_IPV4_H
#define MVPN_WIRE_IPV4_H

#include "emul/base/instant.h"
#include "emul/wire/wr.h"

#include <stdbool.h>
#include <stdio.h>

#define IPPROTO_NUM_ICMP 1
#define IPPROTO_NUM_IGMP 2
#define IPPROTO_NUM_UDP  17
#define IPPROTO_NUM_GRE  47
#define IPPROTO_NUM_PIM  103

#define IPV4_HEADER          20
#define IPV4_OPT_MAX         40
#define IPV4_TOS_CS6         0xc0
#define IPV4_ALL_PIM_ROUTERS IP4(224, 0, 0, 13)

struct ipv4 {
    uint8_t tos;
    uint16_t id;
    bool dont_fragment, more_fragments;
    uint16_t fragment_offset; /* bytes, a multiple of 8 */
    uint8_t ttl;
    uint8_t protocol;
    ip4_t src, dst;
    const uint8_t *options; /* in place; padded to 4 bytes on the wire */
    uint8_t option_bytes;
    const uint8_t *payload; /* decode: in place, exactly total length - header */
    size_t payload_bytes;
};

/*
 * ipv4_decode reads one packet and leaves r behind it (Ethernet padding may follow). The header
 * checksum must be right.
 */
enum wire_err ipv4_decode(struct rd *r, struct ipv4 *out);

/*
 * ipv4_begin writes the header for a payload that is written next; ipv4_end (with the mark that
 * ipv4_begin returned) fills in total length and checksum.
 */
size_t ipv4_begin(struct wr *w, const struct ipv4 *v);
enum wire_err ipv4_end(struct wr *w, size_t mark);

/* ipv4_encode writes header and v->payload. */
enum wire_err ipv4_encode(struct wr *w, const struct ipv4 *v);

/* ipv4_decrement_ttl takes one off the TTL of the packet at p, checksum kept right. */
void ipv4_decrement_ttl(uint8_t *packet);

/*
 * ipv4_fragment cuts a whole packet (packet, len) into pieces of at most mtu bytes. Call it with
 * *offset 0 first; each call writes one fragment to w and returns true while more follow. DF is
 * ignored: the caller decides.
 */
bool ipv4_fragment(struct wr *w, const uint8_t *packet, size_t len, size_t mtu, size_t *offset);

/*
 * Reassembly (RFC 815 by byte map): a fixed number of datagrams under way, oldest evicted, given up
 * 30 s after the first fragment. ipv4_reassemble returns true and points *packet, *len at the whole
 * packet (valid until the next call) when v completed one. v must be a fragment.
 */
struct ipv4_reassembly;
struct ipv4_reassembly *ipv4_reassembly_new(void);
void ipv4_reassembly_free(struct ipv4_reassembly *a);
bool ipv4_reassemble(struct ipv4_reassembly *a, const struct ipv4 *v, struct instant now,
                     const uint8_t **packet, size_t *len);

void ipv4_print(FILE *f, const struct ipv4 *v);

#endif
