/* The PE's own addresses on its segments: ARP and ICMP echo. */
#ifndef MVPN_REFPE_SEGMENT_H
#define MVPN_REFPE_SEGMENT_H

#include "emul/refpe/pe.h"
#include "emul/wire/rd.h"

/* segment_arp answers a request for the interface's address and learns the gateway on P. */
void segment_arp(struct refpe *pe, uint32_t iface, struct rd *body);

/* segment_announce sends a gratuitous ARP. */
void segment_announce(struct refpe *pe, uint32_t iface);

/* segment_request asks who has target. */
void segment_request(struct refpe *pe, uint32_t iface, ip4_t target);

/* segment_echo answers an ICMP echo request that is for the PE. */
void segment_echo(struct refpe *pe, uint32_t iface, struct mac sender, const struct ipv4 *ip);

#endif
