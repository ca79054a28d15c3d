/* The life of a set: hosts, memberships, what is due when. */
#include "emul/proto/igmp/host.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/proto/igmp/host_set.h"

#include <stdlib.h>
#include <string.h>

#define NEVER INT64_MAX

struct igmp_hosts *igmp_hosts_new(struct loop *loop, const char *name,
                                  const struct igmp_host_config *config,
                                  const struct igmp_host_ops *ops, void *arg)
{
    struct igmp_hosts *u = mem_zalloc(1, sizeof(*u));
    u->loop = loop;
    u->ops = ops;
    u->arg = arg;
    u->config = *config;
    u->config.seed = hash_text(config->seed, name);
    u->list = mem_zalloc(config->room, 1);
    timer_init(&u->timer, name, igmp_fire, u);
    return u;
}

void igmp_hosts_free(struct igmp_hosts *u)
{
    if (u == NULL)
        return;
    timer_cancel(u->loop, &u->timer);
    free(u->hosts);
    due_heap_fini(&u->due);
    free(u->entries);
    free(u->entry_slots);
    free(u->list);
    free(u->asked);
    free(u);
}

void igmp_hosts_reserve(struct igmp_hosts *u, size_t hosts, size_t memberships)
{
    if (hosts > u->host_cap) {
        u->host_cap = hosts;
        u->hosts = mem_realloc(u->hosts, hosts, sizeof(*u->hosts));
        due_heap_reserve(&u->due, hosts);
    }
    if (memberships > u->entry_cap) {
        u->entry_cap = memberships;
        u->entries = mem_realloc(u->entries, memberships, sizeof(*u->entries));
        u->entry_slots = mem_realloc(u->entry_slots, memberships, sizeof(uint32_t));
    }
}

/* At least a quarter more than before, so that adding one by one costs little. */
static size_t grown(size_t cap, size_t need)
{
    return need > cap && need < cap + cap / 4 ? cap + cap / 4 : need;
}

uint32_t igmp_host_add(struct igmp_hosts *u, uint32_t count)
{
    igmp_hosts_reserve(u, grown(u->host_cap, u->host_count + 1),
                       grown(u->entry_cap, u->entry_count + count));
    if (count > 0)
        memset(u->entries + u->entry_count, 0, count * sizeof(*u->entries));
    u->hosts[u->host_count] = (struct igmp_host){
        .first = (uint32_t)u->entry_count,
        .count = count,
        .join_ns = NEVER,
        .answer_ns = NEVER,
        .query_s = IGMP_QUERY_S,
        .robustness = IGMP_ROBUSTNESS,
        .mode = u->config.version,
        .open = true,
    };
    u->entry_count += count;
    return (uint32_t)u->host_count++;
}

static struct idxheap entry_heap(struct igmp_hosts *u, const struct igmp_host *h)
{
    return (struct idxheap){.slots = u->entry_slots + h->first,
                            .records = (char *)(u->entries + h->first),
                            .stride = sizeof(struct igmp_entry),
                            .count = h->armed};
}

void igmp_entry_due(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, struct instant at)
{
    struct idxheap heap = entry_heap(u, h);
    idxheap_set(&heap, ix, at.ns);
    h->armed = heap.count;
}

void igmp_entry_sooner(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, struct instant at)
{
    const struct igmp_entry *e = &u->entries[h->first + ix];
    if (e->pos == 0 || at.ns < e->due_ns)
        igmp_entry_due(u, h, ix, at);
}

void igmp_entry_idle(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix)
{
    struct idxheap heap = entry_heap(u, h);
    idxheap_del(&heap, ix);
    h->armed = heap.count;
}

/* Rounds and a membership's own occasions are numbered apart. */
#define ROUNDS_FROM (UINT64_C(1) << 32)

static int64_t delay_of(const struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix,
                        uint64_t occasion, int64_t range_ns)
{
    uint64_t r = hash_mix(hash_mix(u->config.seed, h->first + (uint64_t)ix), occasion);
    return range_ns <= 0 ? 0 : (int64_t)hash_range(r, (uint64_t)range_ns);
}

int64_t igmp_draw(struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix, int64_t range_ns)
{
    return delay_of(u, h, ix, u->entries[h->first + ix].draws++, range_ns);
}

int64_t igmp_draw_round(const struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix,
                        int64_t range_ns)
{
    return delay_of(u, h, ix, ROUNDS_FROM + h->rounds, range_ns);
}

static int64_t first_due_ns(const struct igmp_hosts *u, const struct igmp_host *h)
{
    int64_t due_ns = h->answering ? h->next_ns : h->answer_ns;
    due_ns = h->join_ns < due_ns ? h->join_ns : due_ns;
    if (h->armed > 0) {
        int64_t entry_ns = u->entries[h->first + u->entry_slots[h->first]].due_ns;
        due_ns = entry_ns < due_ns ? entry_ns : due_ns;
    }
    return due_ns < h->next_ns ? h->next_ns : due_ns;
}

void igmp_host_reschedule(struct igmp_hosts *u, uint32_t host)
{
    struct igmp_host *h = &u->hosts[host];
    int64_t due_ns = first_due_ns(u, h);
    if (!h->open || due_ns == NEVER)
        due_heap_del(&u->due, host);
    else
        due_heap_set(&u->due, host, due_ns);
    if (u->firing)
        return;
    if (u->due.count == 0) {
        timer_cancel(u->loop, &u->timer);
        return;
    }
    int64_t first_ns = u->due.slots[0].due_ns;
    if (!timer_armed(&u->timer) || u->timer.at.ns != first_ns)
        timer_set(u->loop, &u->timer, (struct instant){first_ns});
}

bool igmp_host_member(const struct igmp_host *h, const struct igmp_entry *e)
{
    return h->mode == 3 ? e->state != V3_NON_MEMBER && e->state != V3_LEAVING
                        : e->state != V2_NON_MEMBER;
}

bool igmp_host_joined(const struct igmp_hosts *u, uint32_t host, uint32_t ix)
{
    const struct igmp_host *h = &u->hosts[host];
    return igmp_host_member(h, &u->entries[h->first + ix]);
}

void igmp_entry_reported(struct igmp_hosts *u, struct igmp_entry *e)
{
    if ((e->flags & IGMP_SENT) == 0) {
        u->counts.unsent--;
        e->flags |= IGMP_SENT;
    } else if ((e->flags & IGMP_REFRESHED) == 0) {
        u->counts.unrefreshed--;
        e->flags |= IGMP_REFRESHED;
    }
}

static void forget_asked(struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix)
{
    if (u->asked_count > 0)
        igmp_asked_drop(u, h->first + ix);
}

/* start_join is what JoinGroup and InterfaceUp lead to in both machines. First reports of a version
 * 2 host that are due together make a row. */
static void start_join(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, int64_t delay_ns)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    struct instant at = instant_add(loop_now(u->loop), delay_ns);
    forget_asked(u, h, ix);
    e->repeats = (uint8_t)(h->robustness - 1);
    bool in_row =
        h->mode != 3 && (e->flags & IGMP_SENT) == 0 && (h->join_ns == NEVER || h->join_ns == at.ns);
    if (!in_row) {
        igmp_entry_due(u, h, ix, at);
        return;
    }
    igmp_entry_idle(u, h, ix);
    if (h->join_ns == NEVER)
        h->join_next = ix;
    h->join_ns = at.ns;
}

void igmp_host_join(struct igmp_hosts *u, uint32_t host, uint32_t ix, int64_t delay_ns)
{
    struct igmp_host *h = &u->hosts[host];
    struct igmp_entry *e = &u->entries[h->first + ix];
    bool leaving = h->mode == 3 ? e->state == V3_LEAVING : (e->flags & IGMP_LEAVE) != 0;
    igmp_mode_update(u, h, loop_now(u->loop));
    unsigned action = igmp_step(u, h, e, h->mode == 3 ? (unsigned)V3_JOIN : (unsigned)V2_JOIN);
    if (action == 0)
        return;
    u->counts.leaves_due -= leaving;
    u->counts.joined++;
    u->counts.unsent++;
    u->counts.unrefreshed++;
    h->members++;
    e->flags = 0;
    start_join(u, h, ix, delay_ns);
    igmp_host_reschedule(u, host);
}

/* drop_leave forgets a leave that waits, if there is one. */
static void drop_leave(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    if (h->mode == 3 ? e->state != V3_LEAVING : (e->flags & IGMP_LEAVE) == 0)
        return;
    if (h->mode == 3)
        (void)igmp_step(u, h, e, V3_TIMER_EXPIRES);
    e->flags = 0;
    u->counts.leaves_due--;
    igmp_entry_idle(u, h, ix);
}

/* A version 2 host leaves in silence when it was not the last to report (RFC 2236 section 3). */
static void start_leave(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    bool silent = h->mode == 1 || (h->mode == 2 && (e->flags & IGMP_LAST) == 0);
    e->flags = 0;
    if (silent) {
        igmp_entry_idle(u, h, ix);
        return;
    }
    u->counts.leaves_due++;
    if (h->mode == 2)
        e->flags = IGMP_LEAVE;
    e->repeats = (uint8_t)(h->robustness - 1);
    igmp_entry_due(u, h, ix, loop_now(u->loop));
    if (!h->open)
        drop_leave(u, h, ix);
}

void igmp_host_leave(struct igmp_hosts *u, uint32_t host, uint32_t ix)
{
    struct igmp_host *h = &u->hosts[host];
    struct igmp_entry *e = &u->entries[h->first + ix];
    igmp_mode_update(u, h, loop_now(u->loop));
    if (igmp_step(u, h, e, h->mode == 3 ? (unsigned)V3_LEAVE : (unsigned)V2_LEAVE) == 0)
        return;
    u->counts.joined--;
    u->counts.unsent -= (e->flags & IGMP_SENT) == 0;
    u->counts.unrefreshed -= (e->flags & IGMP_REFRESHED) == 0;
    h->members--;
    forget_asked(u, h, ix);
    start_leave(u, h, ix);
    igmp_host_reschedule(u, host);
}

void igmp_host_open(struct igmp_hosts *u, uint32_t host)
{
    struct igmp_host *h = &u->hosts[host];
    h->open = true;
    for (uint32_t ix = 0; ix < h->count; ix++) {
        struct igmp_entry *e = &u->entries[h->first + ix];
        unsigned up = h->mode == 3 ? (unsigned)V3_INTERFACE_UP : (unsigned)V2_INTERFACE_UP;
        if (igmp_step(u, h, e, up) != 0)
            start_join(u, h, ix, igmp_draw(u, h, ix, IGMP_V3_REPEAT_NS));
    }
    igmp_host_reschedule(u, host);
}

void igmp_host_close(struct igmp_hosts *u, uint32_t host)
{
    struct igmp_host *h = &u->hosts[host];
    for (uint32_t ix = 0; ix < h->count; ix++)
        drop_leave(u, h, ix);
    h->open = h->answering = false;
    h->join_ns = h->answer_ns = NEVER;
    igmp_host_reschedule(u, host);
}

void igmp_counts_get(const struct igmp_hosts *u, struct igmp_counts *out)
{
    *out = u->counts;
}

uint64_t igmp_hosts_beyond_pace(const struct igmp_hosts *u)
{
    if (u->config.spacing_ns <= 0)
        return 0;
    uint64_t most = (uint64_t)(IGMP_MEMBERSHIP_S * NS_PER_S / u->config.spacing_ns), beyond = 0;
    for (size_t i = 0; i < u->host_count; i++) {
        if (u->hosts[i].mode != 3 && u->hosts[i].members > most)
            beyond += u->hosts[i].members - most;
    }
    return beyond;
}

size_t igmp_hosts_bytes(const struct igmp_hosts *u)
{
    size_t a_host = sizeof(*u->hosts) + sizeof(*u->due.slots) + sizeof(*u->due.place);
    return sizeof(*u) + u->config.room + u->asked_cap * sizeof(*u->asked) + u->host_cap * a_host +
           u->entry_cap * (sizeof(*u->entries) + sizeof(*u->entry_slots));
}
