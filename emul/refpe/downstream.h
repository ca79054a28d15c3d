/* Per-interface downstream state of (*,G) and (S,G) (RFC 7761 4.5.1, 4.5.2). */
#ifndef MVPN_REFPE_DOWNSTREAM_H
#define MVPN_REFPE_DOWNSTREAM_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"

enum downstream_state { DS_NO_INFO, DS_JOIN, DS_PRUNE_PENDING, DS_STATES };
enum downstream_event { DS_RCV_JOIN, DS_RCV_PRUNE, DS_PPT_EXPIRES, DS_ET_EXPIRES, DS_EVENTS };

extern const struct fsm_machine downstream_machine;

/* downstream_find returns the state of mroute m on the interface, or NONE (NoInfo). */
uint32_t downstream_find(const struct refpe *pe, const struct mroute *m, uint32_t iface);

/* downstream_joined is true in Join and Prune-Pending, which forward alike, and with a local
 * member. */
bool downstream_joined(const struct refpe *pe, const struct mroute *m, uint32_t iface);

/* downstream_join and downstream_prune act on an entry received for (source, group); source 0 is
 * the (*,G). */
void downstream_join(struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group,
                     uint16_t holdtime_s);
void downstream_prune(struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group);

/* downstream_local gives mroute m a member on the interface that no Join stands for (an IGMP host,
 * the PE's own MTI), or takes it away; m may be gone afterwards. */
void downstream_local(struct refpe *pe, uint32_t m, uint32_t iface, bool member);

/* downstream_timer is the agenda's call for ET or PPT. */
void downstream_timer(struct refpe *pe, uint32_t index);

/* downstream_drop_port forgets every state on interfaces of a port that went down. */
void downstream_drop_port(struct refpe *pe, const struct pe_port *port);

/* downstream_stale gives every Join one more holdtime, from now, to be repeated. */
void downstream_stale(struct refpe *pe);

#endif
