/*
 * Upstream state (RFC 7761 sections 4.5.4, 4.5.5): what emulated routers join towards the DUT. A
 * session is one emulated router on one interface: an array of entries, each with its state and
 * Join Timer, and a pace (draft 6.6: at most 80 entries a PDU, 10 PDU/s a session). Entries are 16
 * bytes and live in one array for all sessions; who is joined where follows from the index, through
 * the owner's entry function. One timer serves the whole set.
 *
 * An entry's Join Timer says when its next message is due; pacing may send it later. Entries of one
 * group have neighbouring indices, so what is due together is sent as one group set.
 */
#ifndef MVPN_PIM_UPSTREAM_H
#define MVPN_PIM_UPSTREAM_H

#include "emul/loop/loop.h"
#include "emul/proto/pim/fsm.h"
#include "emul/proto/pim/timers.h"
#include "emul/wire/pim_jp.h"

enum pim_us_state { PIM_US_NOT_JOINED, PIM_US_JOINED, PIM_US_STATES };

enum pim_us_event {
    PIM_US_JOIN_DESIRED,     /* JoinDesired becomes true */
    PIM_US_JOIN_NOT_DESIRED, /* ... false */
    PIM_US_JT_EXPIRES,
    PIM_US_SEE_JOIN,  /* somebody else's Join of the same entry to the same upstream */
    PIM_US_SEE_PRUNE, /* a Prune of the same entry to our upstream */
    PIM_US_NEW_GENID, /* of the upstream neighbour */
    PIM_US_NBR_BACK,  /* the upstream neighbour is there (again) */
    PIM_US_EVENTS
};

struct pim_us_ops {
    /* entry tells group, source and kind of an entry. */
    void (*entry)(void *arg, uint32_t session, uint32_t ix, struct pim_jp_entry *out);
    /* send sends one PDU with the first entries of the list; returns how many it took, 0 if there
     * is no neighbour to send to: the session rests until pim_us_open. */
    size_t (*send)(void *arg, uint32_t session, const struct pim_jp_entry *entries, size_t count);
    /* wanted is asked before a refresh: false ends the join (its keepalive ran out). May be NULL.
     */
    bool (*wanted)(void *arg, uint32_t session, uint32_t ix);
};

struct pim_us_counts {
    uint64_t joined;      /* entries in Joined */
    uint64_t unsent;      /* joined, and no Join has been sent yet */
    uint64_t unrefreshed; /* joined, and neither refreshed nor suppressed yet */
    uint64_t prunes_due;  /* prunes that wait for their turn */
    uint64_t suppressed, overridden;
    uint64_t overrun; /* refreshed later than the holdtime: the DUT may have forgotten them */
};

struct pim_us_set;

/* pim_us_new makes an empty set; name is borrowed, seed feeds its random delays. */
struct pim_us_set *pim_us_new(struct loop *loop, const char *name, uint64_t seed,
                              const struct pim_us_ops *ops, void *arg);
void pim_us_free(struct pim_us_set *u);

/* pim_us_session_add adds a session of count entries, all NotJoined; returns its number (0...). */
uint32_t pim_us_session_add(struct pim_us_set *u, uint32_t count);

/* pim_us_open says that the upstream neighbour is there; event is PIM_US_NEW_GENID or
 * PIM_US_NBR_BACK: what is joined is joined again within override_ns. pim_us_close: it is gone. */
void pim_us_open(struct pim_us_set *u, uint32_t session, enum pim_us_event event,
                 int64_t override_ns);
void pim_us_close(struct pim_us_set *u, uint32_t session);

/* pim_us_join makes JoinDesired true: the Join is due in delay_ns. pim_us_prune makes it false. */
void pim_us_join(struct pim_us_set *u, uint32_t session, uint32_t ix, int64_t delay_ns);
void pim_us_prune(struct pim_us_set *u, uint32_t session, uint32_t ix);
bool pim_us_joined(const struct pim_us_set *u, uint32_t session, uint32_t ix);

/* pim_us_why tells, from within send, why the n-th entry of the PDU is sent. */
enum pim_us_why { PIM_US_FIRST_JOIN, PIM_US_REFRESH, PIM_US_OVERRIDE, PIM_US_PRUNE };
enum pim_us_why pim_us_why(const struct pim_us_set *u, uint32_t session, size_t n);

/* What others on the link said (suppression, override). */
void pim_us_see_join(struct pim_us_set *u, uint32_t session, uint32_t ix, uint16_t holdtime_s);
void pim_us_see_prune(struct pim_us_set *u, uint32_t session, uint32_t ix, int64_t override_ns);

void pim_us_counts_get(const struct pim_us_set *u, struct pim_us_counts *out);

/* pim_us_beyond_pace counts joined entries that no pace could keep: more than PDUs of pdu_entries
 * each refresh within one holdtime, summed over the sessions. */
uint64_t pim_us_beyond_pace(const struct pim_us_set *u, uint32_t pdu_entries);

/* pim_us_bytes is the memory in use. */
size_t pim_us_bytes(const struct pim_us_set *u);

#endif
