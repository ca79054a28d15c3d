#include "emul/proto/pim/neighbour.h"

enum action { A_NONE, A_ADD, A_REFRESH, A_RESTART, A_REMOVE, A_ACCEPT, A_DISCARD, ACTIONS };

static const char *const state_names[] = {"NoInfo", "Up"};
static const char *const event_names[] = {"RcvHello",        "RcvHelloNewGenID", "RcvGoodbye",
                                          "LivenessExpires", "InterfaceDown",    "RcvJoinPrune"};
static const char *const action_names[] = {"none",   "add",    "refresh", "restart",
                                           "remove", "accept", "discard"};

static const struct fsm_cell grid[PIM_NBR_STATES][PIM_NBR_EVENTS] = {
    [PIM_NBR_NOINFO] =
        {
            [PIM_NBR_RCV_HELLO] = FSM_TO(A_ADD, PIM_NBR_UP, "RFC 7761 4.3.1"),
            [PIM_NBR_RCV_NEW_GENID] = FSM_NEVER("no GenID is known to differ from"),
            [PIM_NBR_RCV_GOODBYE] = FSM_STAY("RFC 7761 4.3.2"),
            [PIM_NBR_NLT_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_NBR_IF_DOWN] = FSM_STAY("nothing to forget"),
            [PIM_NBR_RCV_JP] = FSM_TO(A_DISCARD, PIM_NBR_NOINFO, "RFC 7761 4.3.1"),
        },
    [PIM_NBR_UP] =
        {
            [PIM_NBR_RCV_HELLO] = FSM_TO(A_REFRESH, PIM_NBR_UP, "RFC 7761 4.3.2"),
            [PIM_NBR_RCV_NEW_GENID] = FSM_TO(A_RESTART, PIM_NBR_UP, "RFC 7761 4.3.1"),
            [PIM_NBR_RCV_GOODBYE] = FSM_TO(A_REMOVE, PIM_NBR_NOINFO, "RFC 7761 4.3.2"),
            [PIM_NBR_NLT_EXPIRES] = FSM_TO(A_REMOVE, PIM_NBR_NOINFO, "RFC 7761 4.3.2"),
            [PIM_NBR_IF_DOWN] = FSM_TO(A_REMOVE, PIM_NBR_NOINFO, "RFC 7761 4.3"),
            [PIM_NBR_RCV_JP] = FSM_TO(A_ACCEPT, PIM_NBR_UP, "RFC 7761 4.3.1"),
        },
};

const struct fsm_table pim_fsm_neighbour = {
    .name = "pim-neighbour",
    .title = "PIM neighbour of an emulated endpoint (RFC 7761 4.3)",
    .states = PIM_NBR_STATES,
    .events = PIM_NBR_EVENTS,
    .actions = ACTIONS,
    .state_names = state_names,
    .event_names = event_names,
    .action_names = action_names,
    .cells = &grid[0][0],
};

static unsigned step(struct pim_nbr *n, enum pim_nbr_event event, struct instant now)
{
    struct fsm_who who = {.now = now, .subsystem = "pim/nbr"};
    return pim_fsm_step(&pim_fsm_neighbour, &n->state, event, &who);
}

/* The liveness timer has no object: it expires when somebody looks. */
static void expire(struct pim_nbr *n, struct instant now)
{
    if (n->state == PIM_NBR_UP && n->expires_ns <= now.ns)
        (void)step(n, PIM_NBR_NLT_EXPIRES, now);
}

static void take_options(struct pim_nbr *n, const struct pim_hello *h, struct instant now)
{
    uint16_t hold_s = h->present & PIM_HAS_HOLDTIME ? h->holdtime_s : PIM_HELLO_HOLDTIME_S;
    n->expires_ns = hold_s == PIM_HOLDTIME_FOREVER ? INT64_MAX : now.ns + hold_s * NS_PER_S;
    n->has_genid = (h->present & PIM_HAS_GENID) != 0;
    n->genid = h->genid;
    bool lan = (h->present & PIM_HAS_LAN_PRUNE_DELAY) != 0;
    n->propagation_ms = lan ? h->propagation_delay_ms : PIM_PROPAGATION_MS;
    n->override_ms = lan ? h->override_interval_ms : PIM_OVERRIDE_MS;
}

enum pim_nbr_change pim_nbr_hello(struct pim_nbr *n, const struct pim_hello *h, struct instant now)
{
    expire(n, now);
    enum pim_nbr_event event = PIM_NBR_RCV_HELLO;
    if ((h->present & PIM_HAS_HOLDTIME) != 0 && h->holdtime_s == 0)
        event = PIM_NBR_RCV_GOODBYE;
    else if (n->state == PIM_NBR_UP && n->has_genid && (h->present & PIM_HAS_GENID) != 0 &&
             h->genid != n->genid)
        event = PIM_NBR_RCV_NEW_GENID;
    switch (step(n, event, now)) {
    case A_ADD:
        take_options(n, h, now);
        return PIM_CHANGE_NEW;
    case A_RESTART:
        take_options(n, h, now);
        return PIM_CHANGE_RESTARTED;
    case A_REFRESH:
        take_options(n, h, now);
        return PIM_CHANGE_NONE;
    case A_REMOVE:
        return PIM_CHANGE_GONE;
    default:
        return PIM_CHANGE_NONE;
    }
}

bool pim_nbr_accepts_jp(struct pim_nbr *n, struct instant now)
{
    expire(n, now);
    return step(n, PIM_NBR_RCV_JP, now) == A_ACCEPT;
}

void pim_nbr_down(struct pim_nbr *n, struct instant now)
{
    expire(n, now);
    (void)step(n, PIM_NBR_IF_DOWN, now);
}

int64_t pim_nbr_override_ns(const struct pim_nbr *n)
{
    uint16_t ms = n->override_ms > PIM_OVERRIDE_MS ? n->override_ms : PIM_OVERRIDE_MS;
    return ms * NS_PER_MS;
}

int64_t pim_nbr_jp_override_ns(const struct pim_nbr *n)
{
    uint16_t ms = n->propagation_ms > PIM_PROPAGATION_MS ? n->propagation_ms : PIM_PROPAGATION_MS;
    return pim_nbr_override_ns(n) + ms * NS_PER_MS;
}
