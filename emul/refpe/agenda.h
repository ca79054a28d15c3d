/*
 * The agenda: every deadline of the PE's entries (neighbour expiry, ET, PPT, JT, Hello ...) in one
 * heap of plain items behind one timer of the loop (DESIGN A.2 rule 4). An entry owns a struct due;
 * pushing a deadline back costs nothing: the item in the heap finds out when it comes up.
 */
#ifndef MVPN_REFPE_AGENDA_H
#define MVPN_REFPE_AGENDA_H

#include "emul/loop/loop.h"

#define NEVER INT64_MAX

struct refpe;

enum agenda_kind {
    AGENDA_HELLO,
    AGENDA_TRIGGERED_HELLO,
    AGENDA_NBR,
    AGENDA_DOWNSTREAM,
    AGENDA_UPSTREAM,
    AGENDA_REGISTER,
    AGENDA_JP_FLUSH,
    AGENDA_ARP,
    AGENDA_DF,
    AGENDA_ANNOUNCE,
    AGENDA_DATA_FLOW,
    AGENDA_RX_FLOW,
    AGENDA_KEEPALIVE,
    AGENDA_IGMP_QUERY,
    AGENDA_IGMP_OTHER,
    AGENDA_IGMP_MEMBER,
    AGENDA_KINDS
};

struct due {
    int64_t at_ns;     /* the deadline; NEVER: none */
    int64_t queued_ns; /* of the heap item that speaks for it; NEVER: none */
};

#define DUE_NONE ((struct due){NEVER, NEVER})

struct agenda_item {
    int64_t at_ns;
    uint64_t order; /* equal deadlines come up in the order in which they were pushed */
    uint32_t kind, index;
};

struct agenda {
    struct agenda_item *heap;
    size_t count, cap;
    uint64_t next_order;
    struct timer timer;
    bool firing, held;
};

void agenda_init(struct refpe *pe);
void agenda_fini(struct refpe *pe);

/* agenda_clear forgets every item (the owners are gone). */
void agenda_clear(struct refpe *pe);

/* agenda_hold lets deadlines pass; agenda_release serves those that passed, and goes on. */
void agenda_hold(struct refpe *pe);
void agenda_release(struct refpe *pe);

/* due_set sets the deadline of entry index of that kind, earlier or later than before. */
void due_set(struct refpe *pe, struct due *due, enum agenda_kind kind, uint32_t index,
             int64_t at_ns);

/* due_clear takes the deadline away. */
static inline void due_clear(struct due *due)
{
    due->at_ns = NEVER;
}

#endif
