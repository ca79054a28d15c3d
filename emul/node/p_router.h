/*
 * The P router at the other end of the P link, and RP of the ASM default MDTs: a PIM neighbour of
 * the DUT that takes its (*,G) joins (the RP must match), takes its Registers and joins (DUT, MDT)
 * towards it, stops the Registers once native packets come (RFC 7761 section 4.4), and forwards an
 * MDT to the DUT only while the DUT has joined it.
 */
#ifndef MVPN_NODE_P_ROUTER_H
#define MVPN_NODE_P_ROUTER_H

#include "emul/node/net.h"

struct p_router;

struct p_router *p_router_new(struct net *net);
void p_router_free(struct p_router *p);

/* p_router_start begins: ARP and Hellos on the P link. */
void p_router_start(struct p_router *p);

/* p_router_arp takes an ARP message, which may tell the DUT's address. */
void p_router_arp(struct p_router *p, struct rd *r);

/*
 * p_router_pim takes a PIM message that arrived on the P link. If it was a Register whose packet
 * goes on to the remote PEs, that packet is lent in *inner (NULL otherwise).
 */
void p_router_pim(struct p_router *p, const struct ipv4 *packet, struct mac from,
                  const uint8_t **inner, size_t *inner_bytes);

/* p_router_native tells whether a packet of the DUT on VPN v's MDT is taken: only if the P router
 * has joined (DUT, MDT). */
bool p_router_native(struct p_router *p, uint32_t v);

/* p_router_mdt_from_dut tells whether packets of the DUT arrived on VPN v's MDT lately. */
bool p_router_mdt_from_dut(const struct p_router *p, uint32_t v, struct instant now);
bool p_router_has_nbr(const struct p_router *p, struct instant now);

void p_router_carrier(struct p_router *p, bool up);

/* p_router_prune leaves the DUT's trees; p_router_goodbye says Hello with holdtime 0. */
void p_router_prune(struct p_router *p);
void p_router_goodbye(struct p_router *p);

const struct pim_us_set *p_router_joins(const struct p_router *p);

#endif
