/* ARP for IPv4 over Ethernet (RFC 826), 28 bytes; gratuitous: sender and target address equal. */
#ifndef MVPN_WIRE_ARP_H
#define MVPN_WIRE_ARP_H

#include "emul/wire/wr.h"

#include <stdio.h>

#define ARP_REQUEST 1
#define ARP_REPLY   2
#define ARP_BYTES   28

struct arp {
    uint16_t op;
    struct mac sender_mac, target_mac;
    ip4_t sender, target;
};

/* arp_decode ignores bytes behind the 28 (Ethernet padding). */
enum wire_err arp_decode(struct rd *r, struct arp *out);
enum wire_err arp_encode(struct wr *w, const struct arp *v);
void arp_print(FILE *f, const struct arp *v);

#endif
