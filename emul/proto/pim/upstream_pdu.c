/* What is due goes out: picking entries for one PDU, in order, and what happens to each then. */
#include "emul/base/rng.h"
#include "emul/proto/pim/upstream_set.h"

#include <stdlib.h>

/* Refreshes are rounded down to a grid of one second (a phase for each session): entries that were
 * joined within one second are refreshed in one PDU, never later than t_periodic. */
#define REFRESH_GRID_NS NS_PER_S

/* PDUs sent in a row on the real clock; a timer due a little later lets the loop receive first. */
#define PDUS_PER_TURN 64
#define YIELD_NS      NS_PER_US

static int compare_picked(const void *left, const void *right)
{
    const struct us_picked *a = left, *b = right;
    return a->ix < b->ix ? -1 : a->ix > b->ix;
}

/* A due join whose keepalive has run out becomes a prune instead of a refresh. */
static bool ends_now(struct pim_us_set *u, uint32_t session, const struct us_entry *e, uint32_t ix)
{
    return (e->flags & (US_PRUNE | US_SENT)) == US_SENT && u->ops->wanted != NULL &&
           !u->ops->wanted(u->arg, session, ix);
}

static size_t pick(struct pim_us_set *u, uint32_t session, struct instant now,
                   struct us_picked out[PIM_PDU_ENTRIES])
{
    struct us_session *s = &u->sessions[session];
    size_t n = 0;
    while (n < PIM_PDU_ENTRIES && s->armed > 0) {
        uint32_t ix = u->entry_slots[s->first];
        struct us_entry *e = &u->entries[s->first + ix];
        if (e->jt_ns > now.ns)
            break;
        if (ends_now(u, session, e, ix))
            us_end(u, s, e, ix);
        us_entry_idle(u, s, ix);
        out[n++] = (struct us_picked){ix, (e->flags & US_PRUNE) != 0, e->jt_ns};
    }
    qsort(out, n, sizeof(out[0]), compare_picked);
    return n;
}

static struct instant next_refresh(const struct pim_us_set *u, uint32_t session, struct instant now)
{
    int64_t phase_ns = (int64_t)hash_range(hash_mix(u->seed, session), REFRESH_GRID_NS);
    struct instant at = instant_add(now, PIM_JP_PERIOD_NS);
    return instant_add(at, -((instant_diff(at, u->origin) - phase_ns) % REFRESH_GRID_NS));
}

static void sent_join(struct pim_us_set *u, uint32_t session, const struct us_picked *p,
                      struct instant now)
{
    struct us_session *s = &u->sessions[session];
    struct us_entry *e = &u->entries[s->first + p->ix];
    if (us_step(u, e, PIM_US_JT_EXPIRES) != US_REFRESH)
        return;
    if ((e->flags & US_SENT) == 0) {
        u->counts.unsent--;
    } else {
        if ((e->flags & US_REFRESHED) == 0)
            u->counts.unrefreshed--;
        e->flags |= US_REFRESHED;
        if (now.ns - p->jt_ns > PIM_JP_HOLDTIME_S * NS_PER_S - PIM_JP_PERIOD_NS)
            u->counts.overrun++;
    }
    if ((e->flags & US_OVERRIDES) != 0)
        u->counts.overridden++;
    e->flags = (uint8_t)((e->flags | US_SENT) & ~US_OVERRIDES);
    us_entry_due(u, s, p->ix, next_refresh(u, session, now));
}

static void sent_one(struct pim_us_set *u, uint32_t session, const struct us_picked *p,
                     struct instant now)
{
    if (!p->prune) {
        sent_join(u, session, p, now);
        return;
    }
    u->entries[u->sessions[session].first + p->ix].flags = 0;
    u->counts.prunes_due--;
}

enum pim_us_why pim_us_why(const struct pim_us_set *u, uint32_t session, size_t n)
{
    const struct us_picked *p = &u->sending[n];
    uint8_t flags = u->entries[u->sessions[session].first + p->ix].flags;
    if (p->prune)
        return PIM_US_PRUNE;
    if ((flags & US_SENT) == 0)
        return PIM_US_FIRST_JOIN;
    return (flags & US_OVERRIDES) != 0 ? PIM_US_OVERRIDE : PIM_US_REFRESH;
}

static void send_pdu(struct pim_us_set *u, uint32_t session, struct instant now)
{
    struct us_picked picked[PIM_PDU_ENTRIES];
    struct pim_jp_entry entries[PIM_PDU_ENTRIES];
    size_t n = pick(u, session, now, picked);
    for (size_t i = 0; i < n; i++) {
        u->ops->entry(u->arg, session, picked[i].ix, &entries[i]);
        entries[i].join = !picked[i].prune;
    }
    u->sending = picked;
    size_t taken = n == 0 ? 0 : u->ops->send(u->arg, session, entries, n);
    u->sending = NULL;
    struct us_session *s = &u->sessions[session];
    for (size_t i = 0; i < taken; i++)
        sent_one(u, session, &picked[i], now);
    for (size_t i = taken; i < n; i++)
        us_entry_due(u, s, picked[i].ix, (struct instant){picked[i].jt_ns});
    if (taken > 0) {
        /* Counted from when it left: on the real clock that is later than now. */
        s->next_pdu_ns = instant_add(loop_now(u->loop), PIM_PDU_GAP_NS).ns;
    } else if (n > 0) {
        s->open = false;
        us_drop_prunes(u, s);
    }
    us_reschedule(u, session);
}

void us_fire(void *arg)
{
    struct pim_us_set *u = arg;
    struct instant now = loop_now(u->loop);
    bool bounded = !loop_is_virtual(u->loop);
    for (unsigned n = 0; u->armed_sessions > 0 && !(bounded && n == PDUS_PER_TURN); n++) {
        uint32_t session = u->session_slots[0];
        if (u->sessions[session].due_ns > now.ns)
            break;
        send_pdu(u, session, now);
    }
    if (u->armed_sessions == 0)
        return;
    struct instant next = {u->sessions[u->session_slots[0]].due_ns};
    if (bounded)
        next = instant_max(next, instant_add(loop_now(u->loop), YIELD_NS));
    timer_set(u->loop, &u->timer, next);
}
