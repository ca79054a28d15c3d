/* The insides of a set of upstream sessions, shared by upstream.c and upstream_pdu.c. */
#ifndef MVPN_PIM_UPSTREAM_SET_H
#define MVPN_PIM_UPSTREAM_SET_H

#include "emul/proto/pim/idxheap.h"
#include "emul/proto/pim/upstream.h"

enum us_action {
    US_NONE,
    US_QUEUE_JOIN,  /* Join is due now */
    US_QUEUE_PRUNE, /* Prune is due now, Join Timer stopped */
    US_REFRESH,     /* Join goes out, JT = t_periodic */
    US_SUPPRESS,    /* JT = max(JT, min(t_suppressed, holdtime)) */
    US_OVERRIDE,    /* JT = min(JT, t_override) */
    US_ACTIONS
};

#define US_SENT      0x01 /* a Join has been sent since JoinDesired became true */
#define US_REFRESHED 0x02 /* and refreshed or suppressed */
#define US_PRUNE     0x04 /* a Prune waits */
#define US_OVERRIDES 0x08 /* the next Join overrides somebody's Prune */

struct us_entry { /* begins as struct idxheap_record */
    int64_t jt_ns;
    uint32_t pos;
    uint8_t state, flags;
    uint16_t draws; /* occasions on which a random delay was drawn */
};

struct us_session { /* begins as struct idxheap_record */
    int64_t due_ns;
    uint32_t pos;
    uint32_t first, count, armed, joined;
    int64_t next_pdu_ns;
    bool open;
};

/* One entry of a PDU under construction. */
struct us_picked {
    uint32_t ix;
    bool prune;
    int64_t jt_ns;
};

struct pim_us_set {
    struct loop *loop;
    const struct pim_us_ops *ops;
    void *arg;
    uint64_t seed;
    struct instant origin; /* refreshes are rounded to a grid that begins here */
    struct us_session *sessions;
    uint32_t *session_slots;
    size_t session_count, session_cap;
    uint32_t armed_sessions;
    struct us_entry *entries;
    uint32_t *entry_slots;
    size_t entry_count, entry_cap;
    struct timer timer;
    const struct us_picked *sending; /* while send is called */
    struct pim_us_counts counts;
};

/* us_step takes a step of entry e (the only writer of its state) and returns the action. */
enum us_action us_step(struct pim_us_set *u, struct us_entry *e, enum pim_us_event event);

/* us_entry_due arms entry ix of the session for the instant; us_entry_idle disarms it. */
void us_entry_due(struct pim_us_set *u, struct us_session *s, uint32_t ix, struct instant at);
void us_entry_idle(struct pim_us_set *u, struct us_session *s, uint32_t ix);

/* us_reschedule brings session and timer in line with the session's first due entry. */
void us_reschedule(struct pim_us_set *u, uint32_t session);

/* us_end makes JoinDesired false: the Prune waits for its turn. */
void us_end(struct pim_us_set *u, struct us_session *s, struct us_entry *e, uint32_t ix);

/* us_drop_prunes forgets the session's waiting Prunes: there is no neighbour to send them to. */
void us_drop_prunes(struct pim_us_set *u, struct us_session *s);

/* us_fire sends what is due (the set's timer). */
void us_fire(void *arg);

#endif
