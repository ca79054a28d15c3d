/*
 * Protocol state machines as constant grids of (state, event), shared by all instances;
 * refpe_fsm_step is the only writer of state. Every cell is decided: a transition, FSM_IGNORE or
 * FSM_ILLEGAL (then the PE itself is wrong, which is logged as a bug and changes nothing).
 */
#ifndef MVPN_REFPE_FSM_H
#define MVPN_REFPE_FSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refpe;

enum fsm_verdict { FSM_UNDECIDED, FSM_GO, FSM_IGNORE, FSM_ILLEGAL };

/* An action works on entry index; arg is what the event brought along (a holdtime). It neither
 * picks states nor frees the entry. */
typedef void fsm_action(struct refpe *pe, uint32_t index, int64_t arg);

struct fsm_cell {
    enum fsm_verdict verdict;
    uint8_t next;
    fsm_action *action; /* NULL: state only */
    const char *action_name;
};

#define GO(next_state, function)                                                                   \
    {                                                                                              \
        FSM_GO, next_state, function, #function                                                    \
    }
#define STAY_OUT                                                                                   \
    {                                                                                              \
        FSM_IGNORE, 0, NULL, ""                                                                    \
    }
#define CANNOT_BE                                                                                  \
    {                                                                                              \
        FSM_ILLEGAL, 0, NULL, ""                                                                   \
    }

struct fsm_machine {
    const char *name; /* "downstream" */
    const char *rfc;  /* "RFC 7761 4.5.1" */
    const char *const *states;
    const char *const *events;
    size_t state_count, event_count;
    const struct fsm_cell *grid; /* [state * event_count + event] */
};

/* refpe_fsm_step looks up, logs, sets *state and acts; returns true if it was a transition. */
bool refpe_fsm_step(struct refpe *pe, const struct fsm_machine *m, uint8_t *state, unsigned event,
                    uint32_t index, int64_t arg);

/* refpe_fsm_machine returns the n-th machine of the reference PE, or NULL behind the last. */
const struct fsm_machine *refpe_fsm_machine(size_t n);

#endif
