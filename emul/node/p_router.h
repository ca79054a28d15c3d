/*
 * The P router at the other end of the P link: a PIM neighbour of the DUT that forwards a tree to
 * the DUT only while the DUT has joined it, and takes the DUT's packets along trees that it has
 * joined itself. Default MDTs are
 *   ASM    it is the RP: takes (*,G) joins (the RP must match), takes Registers, joins (DUT, MDT)
 *          and stops the Registers once native packets come (RFC 7761 section 4.4);
 *   SSM    it takes (PE, MDT) joins one by one and joins (DUT, MDT);
 *   BIDIR  it is the DF of the P link (RFC 5015): takes (*,G) joins and native packets.
 * Data MDTs are SSM trees in every mode.
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
 * has joined (DUT, MDT), or is the DF. */
bool p_router_native(struct p_router *p, uint32_t v);

/* p_router_mdt_from_dut tells whether packets of the DUT arrived on VPN v's MDT lately. */
bool p_router_mdt_from_dut(const struct p_router *p, uint32_t v, struct instant now);
bool p_router_has_nbr(const struct p_router *p, struct instant now);

/* p_router_df tells whether the P router is the DF of the P link (BIDIR only). */
bool p_router_df(const struct p_router *p);

/*
 * Data MDTs of the DUT have slots 0...p_router_data_slots - 1. The P router joins (DUT, group) for
 * the remote PEs behind it and refreshes the join until it is told to prune.
 */
uint32_t p_router_data_slots(const struct p_router *p);
void p_router_data_join(struct p_router *p, uint32_t slot, ip4_t group);
void p_router_data_prune(struct p_router *p, uint32_t slot);
bool p_router_data_joined(const struct p_router *p, uint32_t slot);

void p_router_carrier(struct p_router *p, bool up);

/* p_router_prune leaves the DUT's trees; p_router_goodbye says Hello with holdtime 0. */
void p_router_prune(struct p_router *p);
void p_router_goodbye(struct p_router *p);

const struct pim_us_set *p_router_joins(const struct p_router *p);

/* p_router_trees counts default MDTs that carry native packets of the DUT along a join of the P
 * router: the DUT's own (S,G)s. */
uint32_t p_router_trees(const struct p_router *p, struct instant now);

/* p_router_bytes is the memory of the P router, the DUT's joins included. */
size_t p_router_bytes(const struct p_router *p);

#endif
