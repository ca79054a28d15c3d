#include "emul/proto/pim/downstream.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum action {
    A_NONE,
    A_START_ET,
    A_EXTEND_ET,
    A_START_PPT,
    A_CANCEL_PPT,
    A_PRUNED,
    A_FORGET,
    ACTIONS
};

static const char *const state_names[] = {"NoInfo", "Join", "PrunePending"};
static const char *const event_names[] = {"RcvJoin", "RcvPrune", "PPTExpires", "ETExpires",
                                          "InterfaceDown"};
static const char *const action_names[] = {
    "none",   "start_expiry", "extend_expiry", "start_prune_pending", "cancel_prune_pending",
    "pruned", "forget"};

static const struct fsm_cell grid[PIM_DS_STATES][PIM_DS_EVENTS] = {
    [PIM_DS_NOINFO] =
        {
            [PIM_DS_RCV_JOIN] = FSM_TO(A_START_ET, PIM_DS_JOIN, "RFC 7761 4.5.1"),
            [PIM_DS_RCV_PRUNE] = FSM_STAY("RFC 7761 4.5.1"),
            [PIM_DS_PPT_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_DS_ET_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_DS_IF_DOWN] = FSM_STAY("nothing to forget"),
        },
    [PIM_DS_JOIN] =
        {
            [PIM_DS_RCV_JOIN] = FSM_TO(A_EXTEND_ET, PIM_DS_JOIN, "RFC 7761 4.5.1"),
            [PIM_DS_RCV_PRUNE] = FSM_TO(A_START_PPT, PIM_DS_PRUNE_PENDING, "RFC 7761 4.5.1"),
            [PIM_DS_PPT_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_DS_ET_EXPIRES] = FSM_TO(A_FORGET, PIM_DS_NOINFO, "RFC 7761 4.5.1"),
            [PIM_DS_IF_DOWN] = FSM_TO(A_FORGET, PIM_DS_NOINFO, "RFC 7761 4.3"),
        },
    [PIM_DS_PRUNE_PENDING] =
        {
            [PIM_DS_RCV_JOIN] = FSM_TO(A_CANCEL_PPT, PIM_DS_JOIN, "RFC 7761 4.5.1"),
            [PIM_DS_RCV_PRUNE] = FSM_STAY("RFC 7761 4.5.1"),
            [PIM_DS_PPT_EXPIRES] = FSM_TO(A_PRUNED, PIM_DS_NOINFO, "RFC 7761 4.5.1"),
            [PIM_DS_ET_EXPIRES] = FSM_TO(A_FORGET, PIM_DS_NOINFO, "RFC 7761 4.5.1"),
            [PIM_DS_IF_DOWN] = FSM_TO(A_FORGET, PIM_DS_NOINFO, "RFC 7761 4.3"),
        },
};

const struct fsm_table pim_fsm_downstream = {
    .name = "pim-downstream",
    .title = "Downstream (*,G) and (S,G) of an emulated upstream router (RFC 7761 4.5.1, 4.5.2)",
    .states = PIM_DS_STATES,
    .events = PIM_DS_EVENTS,
    .actions = ACTIONS,
    .state_names = state_names,
    .event_names = event_names,
    .action_names = action_names,
    .cells = &grid[0][0],
};

static unsigned step(struct pim_ds_entry *e, enum pim_ds_event event, struct instant now)
{
    struct fsm_who who = {.now = now, .subsystem = "pim/ds"};
    return pim_fsm_step(&pim_fsm_downstream, &e->state, event, &who);
}

static void expire(struct pim_ds_entry *e, struct instant now)
{
    if (e->state != PIM_DS_NOINFO && e->et_ns <= now.ns)
        (void)step(e, PIM_DS_ET_EXPIRES, now);
}

static uint32_t ms_since_origin(const struct pim_ds *d, struct instant at)
{
    return (uint32_t)(instant_diff(at, d->origin) / NS_PER_MS);
}

static void arm(struct pim_ds *d)
{
    if (d->pending_count == 0) {
        timer_cancel(d->loop, &d->timer);
        return;
    }
    const struct pim_ds_entry *e = &d->entries[d->pending[d->pending_first]];
    /* The order of the queue is that of the deadlines but for links whose intervals differ; then a
     * prune waits a little longer, never shorter. */
    timer_set(d->loop, &d->timer, instant_add(d->origin, (int64_t)e->ppt_ms * NS_PER_MS));
}

static void ppt_fire(void *arg)
{
    struct pim_ds *d = arg;
    struct instant now = loop_now(d->loop);
    uint32_t now_ms = ms_since_origin(d, now);
    while (d->pending_count > 0) {
        uint32_t ix = d->pending[d->pending_first];
        struct pim_ds_entry *e = &d->entries[ix];
        expire(e, now);
        if (e->state == PIM_DS_PRUNE_PENDING && e->ppt_ms > now_ms)
            break;
        d->pending_first++;
        d->pending_count--;
        if (e->state == PIM_DS_PRUNE_PENDING && step(e, PIM_DS_PPT_EXPIRES, now) == A_PRUNED &&
            d->echo != NULL)
            d->echo(d->arg, ix);
    }
    if (d->pending_count == 0)
        d->pending_first = 0;
    arm(d);
}

void pim_ds_init(struct pim_ds *d, struct loop *loop, size_t count, pim_ds_echo_fn *echo, void *arg)
{
    *d = (struct pim_ds){.count = count, .loop = loop, .echo = echo, .arg = arg};
    d->entries = mem_zalloc(count, sizeof(*d->entries));
    d->origin = loop_now(loop);
    timer_init(&d->timer, "pim prune pending", ppt_fire, d);
}

void pim_ds_fini(struct pim_ds *d)
{
    if (d->loop != NULL)
        timer_cancel(d->loop, &d->timer);
    free(d->entries);
    free(d->pending);
    *d = (struct pim_ds){0};
}

bool pim_ds_join(struct pim_ds *d, uint32_t ix, uint16_t holdtime_s, struct instant now)
{
    struct pim_ds_entry *e = &d->entries[ix];
    expire(e, now);
    int64_t et_ns = holdtime_s == 0xffff ? INT64_MAX : now.ns + holdtime_s * NS_PER_S;
    switch (step(e, PIM_DS_RCV_JOIN, now)) {
    case A_START_ET:
        e->et_ns = et_ns;
        return true;
    case A_EXTEND_ET:
    case A_CANCEL_PPT:
        if (et_ns > e->et_ns)
            e->et_ns = et_ns;
        return false;
    default:
        return false;
    }
}

static void queue_pending(struct pim_ds *d, uint32_t ix)
{
    size_t end = d->pending_first + d->pending_count;
    if (end == d->pending_cap && d->pending_first > 0) {
        memmove(d->pending, d->pending + d->pending_first, d->pending_count * sizeof(*d->pending));
        d->pending_first = 0;
        end = d->pending_count;
    }
    d->pending = array_grow(d->pending, end, &d->pending_cap, sizeof(*d->pending));
    d->pending[end] = ix;
    d->pending_count++;
    if (!timer_armed(&d->timer))
        arm(d);
}

void pim_ds_prune(struct pim_ds *d, uint32_t ix, int64_t wait_ns, struct instant now)
{
    struct pim_ds_entry *e = &d->entries[ix];
    expire(e, now);
    if (step(e, PIM_DS_RCV_PRUNE, now) != A_START_PPT)
        return;
    if (wait_ns == 0) {
        (void)step(e, PIM_DS_PPT_EXPIRES, now);
        return;
    }
    e->ppt_ms = ms_since_origin(d, instant_add(now, wait_ns));
    queue_pending(d, ix);
}

void pim_ds_down(struct pim_ds *d, uint32_t ix, struct instant now)
{
    struct pim_ds_entry *e = &d->entries[ix];
    expire(e, now);
    (void)step(e, PIM_DS_IF_DOWN, now);
}
