#include "emul/proto/pim/upstream.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/proto/pim/upstream_set.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {"NotJoined", "Joined"};
static const char *const event_names[] = {
    "JoinDesired->True",    "JoinDesired->False",   "JTExpires", "SeeJoin", "SeePrune",
    "UpstreamGenIDChanges", "UpstreamNeighbourBack"};
static const char *const action_names[] = {"none",         "send_join",     "send_prune",
                                           "refresh_join", "suppress_join", "override_prune"};

static const struct fsm_cell grid[PIM_US_STATES][PIM_US_EVENTS] = {
    [PIM_US_NOT_JOINED] =
        {
            [PIM_US_JOIN_DESIRED] = FSM_TO(US_QUEUE_JOIN, PIM_US_JOINED, "RFC 7761 4.5.4"),
            [PIM_US_JOIN_NOT_DESIRED] = FSM_STAY("already so"),
            [PIM_US_JT_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_US_SEE_JOIN] = FSM_STAY("RFC 7761 4.5.4"),
            [PIM_US_SEE_PRUNE] = FSM_STAY("RFC 7761 4.5.4"),
            [PIM_US_NEW_GENID] = FSM_STAY("RFC 7761 4.5.4"),
            [PIM_US_NBR_BACK] = FSM_STAY("RFC 7761 4.5.4"),
        },
    [PIM_US_JOINED] =
        {
            [PIM_US_JOIN_DESIRED] = FSM_STAY("already so"),
            [PIM_US_JOIN_NOT_DESIRED] = FSM_TO(US_QUEUE_PRUNE, PIM_US_NOT_JOINED, "RFC 7761 4.5.4"),
            [PIM_US_JT_EXPIRES] = FSM_TO(US_REFRESH, PIM_US_JOINED, "RFC 7761 4.5.4"),
            [PIM_US_SEE_JOIN] = FSM_TO(US_SUPPRESS, PIM_US_JOINED, "RFC 7761 4.5.4"),
            [PIM_US_SEE_PRUNE] = FSM_TO(US_OVERRIDE, PIM_US_JOINED, "RFC 7761 4.5.4"),
            [PIM_US_NEW_GENID] = FSM_TO(US_OVERRIDE, PIM_US_JOINED, "RFC 7761 4.5.4"),
            [PIM_US_NBR_BACK] = FSM_TO(US_OVERRIDE, PIM_US_JOINED, "RFC 7761 4.3.1"),
        },
};

const struct fsm_table pim_fsm_upstream = {
    .name = "pim-upstream",
    .title = "Upstream (*,G) and (S,G) of an emulated downstream router (RFC 7761 4.5.4, 4.5.5)",
    .states = PIM_US_STATES,
    .events = PIM_US_EVENTS,
    .actions = US_ACTIONS,
    .state_names = state_names,
    .event_names = event_names,
    .action_names = action_names,
    .cells = &grid[0][0],
};

enum us_action us_step(struct pim_us_set *u, struct us_entry *e, enum pim_us_event event)
{
    struct fsm_who who = {.now = loop_now(u->loop), .subsystem = "pim/us"};
    return (enum us_action)pim_fsm_step(&pim_fsm_upstream, &e->state, event, &who);
}

struct pim_us_set *pim_us_new(struct loop *loop, const char *name, uint64_t seed,
                              const struct pim_us_ops *ops, void *arg)
{
    struct pim_us_set *u = mem_zalloc(1, sizeof(*u));
    u->loop = loop;
    u->ops = ops;
    u->arg = arg;
    u->seed = hash_text(seed, name);
    u->origin = loop_now(loop);
    timer_init(&u->timer, name, us_fire, u);
    return u;
}

void pim_us_free(struct pim_us_set *u)
{
    if (u == NULL)
        return;
    timer_cancel(u->loop, &u->timer);
    free(u->sessions);
    free(u->session_slots);
    free(u->entries);
    free(u->entry_slots);
    free(u);
}

uint32_t pim_us_session_add(struct pim_us_set *u, uint32_t count)
{
    if (u->session_count == u->session_cap) {
        u->session_cap = u->session_cap == 0 ? 4 : u->session_cap * 2;
        u->sessions = mem_realloc(u->sessions, u->session_cap, sizeof(*u->sessions));
        u->session_slots = mem_realloc(u->session_slots, u->session_cap, sizeof(uint32_t));
    }
    if (u->entry_count + count > u->entry_cap) {
        size_t cap = u->entry_cap * 3 / 2;
        u->entry_cap = cap > u->entry_count + count ? cap : u->entry_count + count;
        u->entries = mem_realloc(u->entries, u->entry_cap, sizeof(*u->entries));
        u->entry_slots = mem_realloc(u->entry_slots, u->entry_cap, sizeof(uint32_t));
    }
    if (count > 0)
        memset(u->entries + u->entry_count, 0, count * sizeof(*u->entries));
    u->sessions[u->session_count] =
        (struct us_session){.first = (uint32_t)u->entry_count, .count = count};
    u->entry_count += count;
    return (uint32_t)u->session_count++;
}

static struct idxheap entry_heap(struct pim_us_set *u, const struct us_session *s)
{
    return (struct idxheap){.slots = u->entry_slots + s->first,
                            .records = (char *)(u->entries + s->first),
                            .stride = sizeof(struct us_entry),
                            .count = s->armed};
}

void us_entry_due(struct pim_us_set *u, struct us_session *s, uint32_t ix, struct instant at)
{
    struct idxheap h = entry_heap(u, s);
    idxheap_set(&h, ix, at.ns);
    s->armed = h.count;
}

void us_entry_idle(struct pim_us_set *u, struct us_session *s, uint32_t ix)
{
    struct idxheap h = entry_heap(u, s);
    idxheap_del(&h, ix);
    s->armed = h.count;
}

static void arm_timer(struct pim_us_set *u)
{
    if (u->armed_sessions == 0) {
        timer_cancel(u->loop, &u->timer);
        return;
    }
    int64_t due_ns = u->sessions[u->session_slots[0]].due_ns;
    if (!timer_armed(&u->timer) || u->timer.at.ns != due_ns)
        timer_set(u->loop, &u->timer, (struct instant){due_ns});
}

void us_reschedule(struct pim_us_set *u, uint32_t session)
{
    struct us_session *s = &u->sessions[session];
    struct idxheap h = {.slots = u->session_slots,
                        .records = (char *)u->sessions,
                        .stride = sizeof(*u->sessions),
                        .count = u->armed_sessions};
    if (!s->open || s->armed == 0) {
        idxheap_del(&h, session);
    } else {
        int64_t due_ns = u->entries[s->first + u->entry_slots[s->first]].jt_ns;
        if (due_ns < s->next_pdu_ns)
            due_ns = s->next_pdu_ns;
        if (s->pos != 0 && s->due_ns == due_ns)
            return;
        idxheap_set(&h, session, due_ns);
    }
    u->armed_sessions = h.count;
    arm_timer(u);
}

/* The entry's next random delay in [0, range_ns). */
static int64_t draw(struct pim_us_set *u, const struct us_session *s, uint32_t ix, int64_t range_ns)
{
    uint64_t h =
        hash_mix(hash_mix(u->seed, s->first + (uint64_t)ix), u->entries[s->first + ix].draws++);
    return range_ns <= 0 ? 0 : (int64_t)hash_range(h, (uint64_t)range_ns);
}

/* bring_forward is JT = min(JT, t_override). */
static bool bring_forward(struct pim_us_set *u, struct us_session *s, uint32_t ix,
                          int64_t override_ns)
{
    struct instant now = loop_now(u->loop);
    struct instant at = instant_add(now, draw(u, s, ix, override_ns));
    if (at.ns >= u->entries[s->first + ix].jt_ns)
        return false;
    us_entry_due(u, s, ix, at);
    return true;
}

void pim_us_open(struct pim_us_set *u, uint32_t session, enum pim_us_event event,
                 int64_t override_ns)
{
    struct us_session *s = &u->sessions[session];
    s->open = true;
    for (uint32_t ix = 0; ix < s->count; ix++) {
        struct us_entry *e = &u->entries[s->first + ix];
        if (us_step(u, e, event) == US_OVERRIDE)
            (void)bring_forward(u, s, ix, override_ns);
    }
    us_reschedule(u, session);
}

static void drop_prune(struct pim_us_set *u, struct us_session *s, uint32_t ix)
{
    struct us_entry *e = &u->entries[s->first + ix];
    if ((e->flags & US_PRUNE) == 0)
        return;
    e->flags = 0;
    u->counts.prunes_due--;
    us_entry_idle(u, s, ix);
}

void us_drop_prunes(struct pim_us_set *u, struct us_session *s)
{
    for (uint32_t ix = 0; ix < s->count && u->counts.prunes_due > 0; ix++)
        drop_prune(u, s, ix);
}

void pim_us_close(struct pim_us_set *u, uint32_t session)
{
    u->sessions[session].open = false;
    us_drop_prunes(u, &u->sessions[session]);
    us_reschedule(u, session);
}

void pim_us_join(struct pim_us_set *u, uint32_t session, uint32_t ix, int64_t delay_ns)
{
    struct us_session *s = &u->sessions[session];
    struct us_entry *e = &u->entries[s->first + ix];
    if (us_step(u, e, PIM_US_JOIN_DESIRED) != US_QUEUE_JOIN)
        return;
    if ((e->flags & US_PRUNE) != 0)
        u->counts.prunes_due--;
    e->flags = 0;
    s->joined++;
    u->counts.joined++;
    u->counts.unsent++;
    u->counts.unrefreshed++;
    us_entry_due(u, s, ix, instant_add(loop_now(u->loop), delay_ns));
    us_reschedule(u, session);
}

void us_end(struct pim_us_set *u, struct us_session *s, struct us_entry *e, uint32_t ix)
{
    if (us_step(u, e, PIM_US_JOIN_NOT_DESIRED) != US_QUEUE_PRUNE)
        return;
    if ((e->flags & US_SENT) == 0)
        u->counts.unsent--;
    if ((e->flags & US_REFRESHED) == 0)
        u->counts.unrefreshed--;
    s->joined--;
    u->counts.joined--;
    u->counts.prunes_due++;
    e->flags = US_PRUNE;
    us_entry_due(u, s, ix, loop_now(u->loop));
}

void pim_us_prune(struct pim_us_set *u, uint32_t session, uint32_t ix)
{
    struct us_session *s = &u->sessions[session];
    us_end(u, s, &u->entries[s->first + ix], ix);
    if (!s->open)
        drop_prune(u, s, ix);
    us_reschedule(u, session);
}

bool pim_us_joined(const struct pim_us_set *u, uint32_t session, uint32_t ix)
{
    return u->entries[u->sessions[session].first + ix].state == PIM_US_JOINED;
}

void pim_us_see_join(struct pim_us_set *u, uint32_t session, uint32_t ix, uint16_t holdtime_s)
{
    struct us_session *s = &u->sessions[session];
    struct us_entry *e = &u->entries[s->first + ix];
    /* The first Join is sent on becoming Joined; it only waits for its place in the pace. */
    if (e->state == PIM_US_JOINED && (e->flags & US_SENT) == 0)
        return;
    if (us_step(u, e, PIM_US_SEE_JOIN) != US_SUPPRESS)
        return;
    struct instant now = loop_now(u->loop);
    int64_t wait_ns = PIM_SUPPRESSED_MIN_NS + draw(u, s, ix, PIM_SUPPRESSED_RANGE_NS);
    if (wait_ns > holdtime_s * NS_PER_S)
        wait_ns = holdtime_s * NS_PER_S;
    if ((e->flags & US_REFRESHED) == 0) {
        e->flags |= US_REFRESHED;
        u->counts.unrefreshed--;
    }
    e->flags &= (uint8_t)~US_OVERRIDES;
    if (now.ns + wait_ns <= e->jt_ns)
        return;
    u->counts.suppressed++;
    us_entry_due(u, s, ix, instant_add(now, wait_ns));
    us_reschedule(u, session);
}

void pim_us_see_prune(struct pim_us_set *u, uint32_t session, uint32_t ix, int64_t override_ns)
{
    struct us_session *s = &u->sessions[session];
    struct us_entry *e = &u->entries[s->first + ix];
    if (us_step(u, e, PIM_US_SEE_PRUNE) != US_OVERRIDE)
        return;
    if (bring_forward(u, s, ix, override_ns))
        e->flags |= US_OVERRIDES;
    us_reschedule(u, session);
}

void pim_us_counts_get(const struct pim_us_set *u, struct pim_us_counts *out)
{
    *out = u->counts;
}

uint64_t pim_us_beyond_pace(const struct pim_us_set *u, uint32_t pdu_entries)
{
    uint64_t most = (uint64_t)(PIM_JP_HOLDTIME_S * NS_PER_S / PIM_PDU_GAP_NS) * pdu_entries;
    uint64_t beyond = 0;
    for (size_t i = 0; i < u->session_count; i++) {
        if (u->sessions[i].joined > most)
            beyond += u->sessions[i].joined - most;
    }
    return beyond;
}

size_t pim_us_bytes(const struct pim_us_set *u)
{
    return sizeof(*u) + u->session_cap * (sizeof(*u->sessions) + sizeof(uint32_t)) +
           u->entry_cap * (sizeof(*u->entries) + sizeof(uint32_t));
}
