/*
 * Downstream state (RFC 7761 sections 4.5.1, 4.5.2): what a neighbour has joined towards us, as an
 * array of 16-byte records. Expiry timers are instants that are looked at when asked; only prunes
 * that are pending on a LAN have a timer, one for all, because something must be sent when it
 * expires (the PruneEcho).
 */
#ifndef MVPN_PIM_DOWNSTREAM_H
#define MVPN_PIM_DOWNSTREAM_H

#include "emul/loop/loop.h"
#include "emul/proto/pim/fsm.h"
#include "emul/proto/pim/timers.h"

enum pim_ds_state { PIM_DS_NOINFO, PIM_DS_JOIN, PIM_DS_PRUNE_PENDING, PIM_DS_STATES };

enum pim_ds_event {
    PIM_DS_RCV_JOIN,
    PIM_DS_RCV_PRUNE,
    PIM_DS_PPT_EXPIRES,
    PIM_DS_ET_EXPIRES,
    PIM_DS_IF_DOWN,
    PIM_DS_EVENTS
};

struct pim_ds_entry {
    int64_t et_ns;   /* expiry timer */
    uint32_t ppt_ms; /* prune-pending timer, ms since the array was made */
    uint8_t state;
};

/* Called when a pending prune on a LAN expires: send a PruneEcho for entry ix. */
typedef void pim_ds_echo_fn(void *arg, uint32_t ix);

struct pim_ds {
    struct pim_ds_entry *entries;
    size_t count;
    struct loop *loop;
    struct instant origin;
    pim_ds_echo_fn *echo;
    void *arg;
    struct timer timer;
    uint32_t *pending; /* indices in prune-pending order */
    size_t pending_first, pending_count, pending_cap;
};

/* pim_ds_init makes count entries in NoInfo; echo may be NULL (no LANs). */
void pim_ds_init(struct pim_ds *d, struct loop *loop, size_t count, pim_ds_echo_fn *echo,
                 void *arg);
void pim_ds_fini(struct pim_ds *d);

/* pim_ds_join takes a Join with that holdtime; true if the entry was not joined before. */
bool pim_ds_join(struct pim_ds *d, uint32_t ix, uint16_t holdtime_s, struct instant now);

/* pim_ds_prune takes a Prune; wait_ns is J/P_Override_Interval if the link has more than one
 * neighbour, else 0. */
void pim_ds_prune(struct pim_ds *d, uint32_t ix, int64_t wait_ns, struct instant now);

/* pim_ds_down forgets an entry: its interface went down. */
void pim_ds_down(struct pim_ds *d, uint32_t ix, struct instant now);

/* pim_ds_alive tells whether the entry is joined at now (prune-pending forwards like joined). */
static inline bool pim_ds_alive(const struct pim_ds *d, uint32_t ix, struct instant now)
{
    const struct pim_ds_entry *e = &d->entries[ix];
    return e->state != PIM_DS_NOINFO && e->et_ns > now.ns;
}

#endif
