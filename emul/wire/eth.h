/*
 * Ethernet II with 802.1Q tags: none, one (0x8100) or two (outer 0x88a8 or 0x8100, IEEE 802.1ad).
 *
 *   dst(6) | src(6) | [TPID(2) TCI(2)]{0,2} | EtherType(2) | payload
 */
#ifndef MVPN_WIRE_ETH_H
#define MVPN_WIRE_ETH_H

#include "emul/wire/wr.h"

#include <stdbool.h>
#include <stdio.h>

#define ETHERTYPE_IPV4  0x0800
#define ETHERTYPE_ARP   0x0806
#define ETHERTYPE_VLAN  0x8100
#define ETHERTYPE_QINQ  0x88a8
#define ETH_HEADER_MAX  22 /* with two tags */
#define ETH_HEADER_BARE 14

struct eth {
    struct mac dst, src;
    uint16_t outer_vid, inner_vid; /* 0: no such tag (VID 0 is a priority tag, read as none) */
    uint8_t outer_pcp, inner_pcp;
    uint16_t ethertype; /* of the payload */
};

/* eth_decode reads the header; the rest of r is the payload (padding included). */
enum wire_err eth_decode(struct rd *r, struct eth *out);

/* eth_encode writes the header; a double tag has outer TPID 0x88a8. */
enum wire_err eth_encode(struct wr *w, const struct eth *v);
void eth_print(FILE *f, const struct eth *v);

#endif
