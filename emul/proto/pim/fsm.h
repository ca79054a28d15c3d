/*
 * Protocol state machines as tables (one grid a machine, shared by all instances, one byte of state
 * each). pim_fsm_step is the only writer of state: it looks up the cell, logs, sets the state and
 * returns the action for the caller to carry out. Actions never choose states. Every cell is
 * decided: a transition, an event that does nothing, or one that cannot happen.
 */
#ifndef MVPN_PIM_FSM_H
#define MVPN_PIM_FSM_H

#include "emul/base/instant.h"

#include <stddef.h>
#include <stdint.h>

enum fsm_kind {
    FSM_UNDECIDED = 0, /* a hole in the grid: a test fails on it */
    FSM_GO,
    FSM_IGNORE,
    FSM_ILLEGAL,
};

struct fsm_cell {
    uint8_t kind, action, next;
    const char *rfc; /* where it is written */
};

#define FSM_TO(act, state, where)                                                                  \
    {                                                                                              \
        .kind = FSM_GO, .action = (act), .next = (state), .rfc = (where)                           \
    }
#define FSM_STAY(where)                                                                            \
    {                                                                                              \
        .kind = FSM_IGNORE, .rfc = (where)                                                         \
    }
#define FSM_NEVER(where)                                                                           \
    {                                                                                              \
        .kind = FSM_ILLEGAL, .rfc = (where)                                                        \
    }

struct fsm_table {
    const char *name; /* "pim-downstream" */
    const char *title;
    unsigned states, events, actions;
    const char *const *state_names, *const *event_names, *const *action_names;
    const struct fsm_cell *cells; /* [state][event], row after row */
};

#define FSM_NO_ACTION 0 /* action 0 of every machine */

/* Who takes the step, for the log line; only asked when such lines are written. */
struct fsm_who {
    struct instant now;
    const char *subsystem; /* "pim/ds" */
    void (*describe)(void *arg, char *buf, size_t cap);
    void *arg;
};

static inline const struct fsm_cell *fsm_cell_at(const struct fsm_table *t, unsigned state,
                                                 unsigned event)
{
    return &t->cells[state * t->events + event];
}

/* pim_fsm_step takes one step and returns the action (FSM_NO_ACTION: nothing to do). who may be
 * NULL. An event that cannot happen is logged as a bug and changes nothing. */
unsigned pim_fsm_step(const struct fsm_table *t, uint8_t *state, unsigned event,
                      const struct fsm_who *who);

/* pim_fsm_find returns the machine of that name, or NULL; pim_fsm_at the n-th, or NULL behind the
 * last. */
const struct fsm_table *pim_fsm_find(const char *name);
const struct fsm_table *pim_fsm_at(size_t n);

extern const struct fsm_table pim_fsm_neighbour, pim_fsm_downstream, pim_fsm_upstream, pim_fsm_df,
    pim_fsm_register;

#endif
