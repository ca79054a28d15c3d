/*
 * A PIM neighbour as one emulated endpoint sees it (RFC 7761 section 4.3): a plain record whose
 * liveness timer is evaluated when asked. The caller reacts to what pim_nbr_hello returns.
 */
#ifndef MVPN_PIM_NEIGHBOUR_H
#define MVPN_PIM_NEIGHBOUR_H

#include "emul/proto/pim/fsm.h"
#include "emul/proto/pim/timers.h"
#include "emul/wire/pim_hello.h"

enum pim_nbr_state { PIM_NBR_NOINFO, PIM_NBR_UP, PIM_NBR_STATES };

enum pim_nbr_event {
    PIM_NBR_RCV_HELLO,
    PIM_NBR_RCV_NEW_GENID,
    PIM_NBR_RCV_GOODBYE,
    PIM_NBR_NLT_EXPIRES,
    PIM_NBR_IF_DOWN,
    PIM_NBR_RCV_JP,
    PIM_NBR_EVENTS
};

struct pim_nbr {
    int64_t expires_ns;
    uint32_t genid;
    uint16_t propagation_ms, override_ms; /* its LAN Prune Delay, or the defaults */
    uint8_t state;
    bool has_genid;
};

enum pim_nbr_change {
    PIM_CHANGE_NONE,
    PIM_CHANGE_NEW,       /* was not there: send a triggered Hello, join through it */
    PIM_CHANGE_RESTARTED, /* new GenID: likewise (RFC 7761 4.3.1, 4.5.4) */
    PIM_CHANGE_GONE,      /* said goodbye */
};

/* pim_nbr_hello digests one Hello received at now. */
enum pim_nbr_change pim_nbr_hello(struct pim_nbr *n, const struct pim_hello *h, struct instant now);

/* pim_nbr_alive tells whether the neighbour is there at now. */
static inline bool pim_nbr_alive(const struct pim_nbr *n, struct instant now)
{
    return n->state == PIM_NBR_UP && n->expires_ns > now.ns;
}

/* pim_nbr_accepts_jp tells whether Join/Prunes and Asserts from it are taken: only after a Hello.
 */
bool pim_nbr_accepts_jp(struct pim_nbr *n, struct instant now);

/* pim_nbr_down forgets the neighbour: the interface went down. */
void pim_nbr_down(struct pim_nbr *n, struct instant now);

/* pim_nbr_override_ns is the Effective_Override_Interval of a link with this neighbour and us;
 * pim_nbr_jp_override_ns adds the propagation delay (J/P_Override_Interval, RFC 7761 4.3.3). */
int64_t pim_nbr_override_ns(const struct pim_nbr *n);
int64_t pim_nbr_jp_override_ns(const struct pim_nbr *n);

#endif
