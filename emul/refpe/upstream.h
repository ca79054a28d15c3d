/* Upstream state of (*,G) and (S,G): Join Timer, suppression, override (RFC 7761 4.5.4, 4.5.5). */
#ifndef MVPN_REFPE_UPSTREAM_H
#define MVPN_REFPE_UPSTREAM_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"

enum upstream_state { UP_NOT_JOINED, UP_JOINED, UP_STATES };
enum upstream_event {
    UP_JOIN_DESIRED,
    UP_JOIN_NOT_DESIRED,
    UP_JT_EXPIRES,
    UP_SEE_JOIN,
    UP_SEE_PRUNE,
    UP_RPF_NBR_BACK,
    UP_RPF_NBR_CHANGES,
    UP_GENID_CHANGES,
    UP_EVENTS
};

extern const struct fsm_machine upstream_machine;

/* upstream_sync is called when the olist of m may have changed: it compares JoinDesired with the
 * state and acts, and lets S-PMSIs follow. Records of mroutes may move, m stays. */
void upstream_sync(struct refpe *pe, uint32_t m);

/* upstream_seen tells every mroute concerned that another router's Join or Prune for (source,
 * group) went to upstream on the interface. */
void upstream_seen(struct refpe *pe, uint32_t iface, ip4_t upstream, ip4_t source, ip4_t group,
                   bool join, uint16_t holdtime_s);

/* upstream_nbr tells every mroute whose RPF neighbour is addr: it is back, or its GenID changed. */
void upstream_nbr(struct refpe *pe, uint32_t iface, ip4_t addr, enum upstream_event event);

/* upstream_rpf_nbr sets another RPF neighbour on the same interface (0: none is known now). */
void upstream_rpf_nbr(struct refpe *pe, uint32_t m, ip4_t addr);

/* upstream_timer is the agenda's call at the Join Timer. */
void upstream_timer(struct refpe *pe, uint32_t m);

#endif
