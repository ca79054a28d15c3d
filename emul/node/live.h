/*
 * Acting on single groups and routers of a network that is held (emul_live.h). VPNs, C-interfaces,
 * remote PEs and groups count from 1, C-links from 0; the caller has checked them.
 */
#ifndef MVPN_NODE_LIVE_H
#define MVPN_NODE_LIVE_H

#include "emul/node/c_router.h"
#include "emul/node/igmp_host.h"
#include "emul/node/remote_pe.h"

/*
 * Receivers of group j of VPN v join, paced as ever, or leave: those behind C-routers, behind
 * remote PEs that are there (or the nth receiving PE only), and IGMP hosts. Nothing happens to
 * those that have already done so.
 */
void c_routers_group_set(struct c_routers *c, uint32_t v, uint32_t j, bool on);
void remote_pes_group_set(struct remote_pes *r, uint32_t v, uint32_t j, bool on);
void remote_pes_receiver_set(struct remote_pes *r, uint32_t v, uint32_t j, uint32_t nth, bool on);
void igmp_receivers_group_set(struct igmp_receivers *r, uint32_t v, uint32_t j, bool on);

/* c_routers_genid and remote_pes_genid say Hello with a new GenID now, as a router does that
 * started again and has forgotten what was joined through it. */
void c_routers_genid(struct c_routers *c, uint32_t link);
void remote_pes_genid(struct remote_pes *r, uint32_t v, uint32_t pe);

/* remote_pes_leave takes a PE of VPN v off the network without a word, remote_pes_return brings it
 * back, started anew: its receivers have joined nothing yet. remote_pes_away tells. */
void remote_pes_leave(struct remote_pes *r, uint32_t v, uint32_t pe);
void remote_pes_return(struct remote_pes *r, uint32_t v, uint32_t pe);
bool remote_pes_away(const struct remote_pes *r, uint32_t v, uint32_t pe);

/* The DUT as the C-router of C-link k sees it, and as every remote PE of VPN v does. */
const struct pim_nbr *c_routers_nbr(const struct c_routers *c, uint32_t link);
const struct pim_nbr *remote_pes_nbr(const struct remote_pes *r, uint32_t v);

#endif
