#include "emul/refpe/downstream.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/join_prune.h"
#include "emul/refpe/mroute.h"

#define HOLDTIME_FOREVER 0xffff

static void rearm(struct refpe *pe, uint32_t index)
{
    struct downstream *d = downstream_at(pe, index);
    int64_t at_ns = d->expiry_ns < d->prune_pending_ns ? d->expiry_ns : d->prune_pending_ns;
    if (at_ns == NEVER)
        due_clear(&d->due);
    else
        due_set(pe, &d->due, AGENDA_DOWNSTREAM, index, at_ns);
}

static void raise_et(struct refpe *pe, uint32_t index, int64_t holdtime_s)
{
    struct downstream *d = downstream_at(pe, index);
    int64_t at_ns = holdtime_s == HOLDTIME_FOREVER ? NEVER : pe_now(pe) + holdtime_s * NS_PER_S;
    if (at_ns > d->expiry_ns)
        d->expiry_ns = at_ns;
    rearm(pe, index);
}

static void start_et(struct refpe *pe, uint32_t index, int64_t holdtime_s)
{
    downstream_at(pe, index)->expiry_ns = 0;
    raise_et(pe, index, holdtime_s);
}

static void cancel_prune(struct refpe *pe, uint32_t index, int64_t holdtime_s)
{
    downstream_at(pe, index)->prune_pending_ns = NEVER;
    raise_et(pe, index, holdtime_s);
}

/* RFC 7761 4.5.1: J/P_Override_Interval if there is more than one neighbour, else at once. */
static void start_ppt(struct refpe *pe, uint32_t index, int64_t unused)
{
    (void)unused;
    struct downstream *d = downstream_at(pe, index);
    const struct iface *f = iface_lan(pe, d->iface);
    int64_t wait_ns =
        f->nbr_count > 1 ? (int64_t)(f->propagation_ms + f->override_ms) * NS_PER_MS : 0;
    d->prune_pending_ns = pe_now(pe) + wait_ns;
    rearm(pe, index);
}

static void stop_timers(struct refpe *pe, uint32_t index, int64_t unused)
{
    (void)unused;
    struct downstream *d = downstream_at(pe, index);
    d->expiry_ns = d->prune_pending_ns = NEVER;
    rearm(pe, index);
}

/* The prune takes effect; a PruneEcho gives whoever overlooked it a last chance to override. */
static void prune_now(struct refpe *pe, uint32_t index, int64_t unused)
{
    stop_timers(pe, index, unused);
    const struct downstream *d = downstream_at(pe, index);
    const struct iface *f = &pe->ifaces[d->iface];
    if (f->nbr_count <= 1)
        return;
    struct pim_jp_entry echo;
    jp_entry_of(mroute_at(pe, d->mroute), false, &echo);
    jp_send(pe, d->iface, f->addr, &echo, 0);
}

static const char *const state_names[] = {"NoInfo", "Join", "PrunePending"};
static const char *const event_names[] = {"RcvJoin", "RcvPrune", "PPTExpires", "ETExpires"};

static const struct fsm_cell grid[DS_STATES][DS_EVENTS] = {
    [DS_NO_INFO] = {[DS_RCV_JOIN] = GO(DS_JOIN, start_et),
                    [DS_RCV_PRUNE] = STAY_OUT,
                    [DS_PPT_EXPIRES] = CANNOT_BE,
                    [DS_ET_EXPIRES] = CANNOT_BE},
    [DS_JOIN] = {[DS_RCV_JOIN] = GO(DS_JOIN, raise_et),
                 [DS_RCV_PRUNE] = GO(DS_PRUNE_PENDING, start_ppt),
                 [DS_PPT_EXPIRES] = CANNOT_BE,
                 [DS_ET_EXPIRES] = GO(DS_NO_INFO, stop_timers)},
    [DS_PRUNE_PENDING] = {[DS_RCV_JOIN] = GO(DS_JOIN, cancel_prune),
                          [DS_RCV_PRUNE] = STAY_OUT,
                          [DS_PPT_EXPIRES] = GO(DS_NO_INFO, prune_now),
                          [DS_ET_EXPIRES] = GO(DS_NO_INFO, stop_timers)},
};

const struct fsm_machine downstream_machine = {
    .name = "downstream",
    .rfc = "RFC 7761 4.5.1, 4.5.2",
    .states = state_names,
    .events = event_names,
    .state_count = DS_STATES,
    .event_count = DS_EVENTS,
    .grid = &grid[0][0],
};

uint32_t downstream_find(const struct refpe *pe, const struct mroute *m, uint32_t iface)
{
    for (uint32_t i = m->downstreams; i != NONE; i = downstream_at(pe, i)->next) {
        if (downstream_at(pe, i)->iface == iface)
            return i;
    }
    return NONE;
}

bool downstream_joined(const struct refpe *pe, const struct mroute *m, uint32_t iface)
{
    uint32_t i = downstream_find(pe, m, iface);
    return i != NONE && (downstream_at(pe, i)->local || downstream_at(pe, i)->state != DS_NO_INFO);
}

static uint32_t downstream_add(struct refpe *pe, uint32_t m, uint32_t iface)
{
    uint32_t index = pool_take(&pe->downstreams);
    struct downstream *d = downstream_at(pe, index);
    d->mroute = m;
    d->iface = iface;
    d->state = DS_NO_INFO;
    d->expiry_ns = d->prune_pending_ns = NEVER;
    d->due = DUE_NONE;
    d->next = mroute_at(pe, m)->downstreams;
    mroute_at(pe, m)->downstreams = index;
    return index;
}

static void downstream_remove(struct refpe *pe, uint32_t index)
{
    struct mroute *m = mroute_at(pe, downstream_at(pe, index)->mroute);
    uint32_t *place = &m->downstreams;
    while (*place != index)
        place = &downstream_at(pe, *place)->next;
    *place = downstream_at(pe, index)->next;
    pool_give(&pe->downstreams, index);
}

/* One event for one record: step, and let the mroute know what follows from it. */
static void step(struct refpe *pe, uint32_t index, enum downstream_event event, int64_t arg)
{
    struct downstream *d = downstream_at(pe, index);
    uint32_t m = d->mroute, iface = d->iface;
    uint8_t state = d->state;
    bool moved = refpe_fsm_step(pe, &downstream_machine, &state, event, index, arg);
    downstream_at(pe, index)->state = state;
    if (state == DS_NO_INFO && !downstream_at(pe, index)->local)
        downstream_remove(pe, index);
    if (moved)
        mroute_changed(pe, m, iface);
}

void downstream_join(struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group,
                     uint16_t holdtime_s)
{
    uint32_t m = mroute_get(pe, pe->ifaces[iface].vrf, source, group);
    uint32_t index = downstream_find(pe, mroute_at(pe, m), iface);
    if (index == NONE)
        index = downstream_add(pe, m, iface);
    step(pe, index, DS_RCV_JOIN, holdtime_s);
}

void downstream_prune(struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group)
{
    uint32_t m = mroute_find(pe, pe->ifaces[iface].vrf, source, group);
    uint32_t index = m == NONE ? NONE : downstream_find(pe, mroute_at(pe, m), iface);
    if (index != NONE)
        step(pe, index, DS_RCV_PRUNE, 0);
}

void downstream_local(struct refpe *pe, uint32_t m, uint32_t iface, bool member)
{
    uint32_t index = downstream_find(pe, mroute_at(pe, m), iface);
    if (index == NONE) {
        if (!member)
            return;
        index = downstream_add(pe, m, iface);
    }
    struct downstream *d = downstream_at(pe, index);
    d->local = member;
    if (!member && d->state == DS_NO_INFO)
        downstream_remove(pe, index);
    mroute_changed(pe, m, iface);
}

void downstream_timer(struct refpe *pe, uint32_t index)
{
    const struct downstream *d = downstream_at(pe, index);
    int64_t now_ns = pe_now(pe);
    if (d->expiry_ns <= now_ns)
        step(pe, index, DS_ET_EXPIRES, 0);
    else if (d->prune_pending_ns <= now_ns)
        step(pe, index, DS_PPT_EXPIRES, 0);
    else
        rearm(pe, index);
}

void downstream_drop_port(struct refpe *pe, const struct pe_port *port)
{
    for (uint32_t i = 0; i < pe->downstreams.used_end; i++) {
        if (!pool_used(&pe->downstreams, i) || pe->ifaces[downstream_at(pe, i)->iface].port != port)
            continue;
        uint32_t m = downstream_at(pe, i)->mroute, iface = downstream_at(pe, i)->iface;
        downstream_remove(pe, i);
        mroute_changed(pe, m, iface);
    }
}

void downstream_stale(struct refpe *pe)
{
    for (uint32_t i = 0; i < pe->downstreams.used_end; i++) {
        if (!pool_used(&pe->downstreams, i) || downstream_at(pe, i)->state == DS_NO_INFO)
            continue;
        downstream_at(pe, i)->expiry_ns = 0;
        step(pe, i, DS_RCV_JOIN, JP_HOLDTIME_S);
    }
}
