/* The shared segments as hosts see them: ARP and ICMP echo for every emulated address. */
#ifndef MVPN_NODE_HOSTS_H
#define MVPN_NODE_HOSTS_H

#include "emul/node/net.h"

/* hosts_arp answers requests for our address on C-link k or the P link (NET_P_LINK). */
void hosts_arp(struct net *n, uint32_t link, struct rd *r);

/* hosts_arp_ask sends a request for the DUT's address; hosts_arp_announce a gratuitous one. */
void hosts_arp_ask(struct net *n, uint32_t link);
void hosts_arp_announce(struct net *n, uint32_t link);

/* hosts_icmp answers an echo request to any address that lives behind this link; from: the
 * Ethernet source of the request. */
void hosts_icmp(struct net *n, uint32_t link, struct mac from, const struct ipv4 *packet);

#endif
