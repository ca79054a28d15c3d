/* What is due goes out: one message of one host at a time, and what happens to its memberships. */
#include "emul/proto/igmp/host_set.h"
#include "emul/wire/be.h"

#define REPORT_HEADER 8
#define RECORDS_MAX   183 /* single records that 1,500 bytes hold */

/* Messages sent in a row on the real clock; a timer due a little later lets the loop receive. */
#define MESSAGES_PER_TURN 64
#define YIELD_NS          NS_PER_US

/* Answered so late, a membership may have timed out: the querier asked when the interval before was
 * over, and gave Query Response Interval to answer. */
#define LATE_NS ((IGMP_MEMBERSHIP_S - IGMP_QUERY_S - IGMP_RESPONSE_S) * NS_PER_S)

struct picked {
    uint32_t ix;
    int64_t due_ns;
};

static void note_sent(struct igmp_hosts *u, struct igmp_entry *e, int64_t due_ns,
                      struct instant now)
{
    if ((e->flags & IGMP_SENT) != 0 && now.ns - due_ns > LATE_NS)
        u->counts.overrun++;
    igmp_entry_reported(u, e);
}

static void space(struct igmp_hosts *u, struct igmp_host *h)
{
    /* Counted from when it left: on the real clock that is later than when it was due. */
    h->next_ns = instant_add(loop_now(u->loop), u->config.spacing_ns).ns;
}

/* ---- versions 1 and 2 -------------------------------------------------------------------------
 */

static void sent_leave_v2(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix)
{
    u->entries[h->first + ix].flags = 0;
    u->counts.leaves_due--;
    igmp_entry_idle(u, h, ix);
}

static void sent_report_v2(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, int64_t due_ns,
                           struct instant now)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    note_sent(u, e, due_ns, now);
    e->flags |= IGMP_LAST;
    u->counts.reports++;
    if (igmp_step(u, h, e, e->repeats > 0 ? V2_TIMER_REPEATS : V2_TIMER_EXPIRES) ==
        V2_SEND_REPEAT) {
        e->repeats--;
        if (e->repeats > 0) {
            int64_t wait_ns = igmp_draw(u, h, ix, IGMP_V2_REPEAT_NS);
            igmp_entry_due(u, h, ix, instant_add(now, wait_ns));
            return;
        }
        igmp_entry_idle(u, h, ix);
        igmp_answer_add(u, h, now);
    } else {
        igmp_entry_idle(u, h, ix);
    }
}

/* send_v2 sends the message of membership ix; false: the interface is down. */
static bool send_v2(struct igmp_hosts *u, uint32_t host, uint32_t ix, int64_t due_ns,
                    struct instant now)
{
    struct igmp_host *h = &u->hosts[host];
    struct igmp_entry *e = &u->entries[h->first + ix];
    struct igmp_member m;
    bool leave = (e->flags & IGMP_LEAVE) != 0;
    if (leave && h->mode == 1) { /* version 1 knows no Leave */
        sent_leave_v2(u, h, ix);
        return true;
    }
    u->ops->member(u->arg, host, ix, &m);
    struct igmp message = {.group = m.group};
    message.type = leave ? IGMP_V2_LEAVE : h->mode == 1 ? IGMP_V1_REPORT : IGMP_V2_REPORT;
    if (!u->ops->send(u->arg, host, leave ? IGMP_ALL_ROUTERS : m.group, &message))
        return false;
    space(u, h);
    if (leave) {
        u->counts.leaves++;
        sent_leave_v2(u, h, ix);
    } else {
        sent_report_v2(u, h, ix, due_ns, now);
    }
    return true;
}

static bool send_due_v2(struct igmp_hosts *u, uint32_t host, struct instant now)
{
    const struct igmp_host *h = &u->hosts[host];
    uint32_t ix = u->entry_slots[h->first];
    return send_v2(u, host, ix, u->entries[h->first + ix].due_ns, now);
}

/* next_in_row looks round the memberships, from place ix on, for the next in a row. */
static uint32_t next_in_row(const struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix,
                            bool (*in_row)(const struct igmp_entry *e))
{
    ix = ix < h->count ? ix : 0;
    for (uint32_t n = 0; n < h->count; n++) {
        if (in_row(&u->entries[h->first + ix]))
            return ix;
        ix = ix + 1 < h->count ? ix + 1 : 0;
    }
    return IGMP_NO_MEMBER;
}

/* join_v2 sends the next of the first reports. */
static bool join_v2(struct igmp_hosts *u, uint32_t host, struct instant now)
{
    struct igmp_host *h = &u->hosts[host];
    uint32_t ix = next_in_row(u, h, h->join_next, igmp_in_join_row);
    if (ix == IGMP_NO_MEMBER) {
        h->join_ns = INT64_MAX;
        return true;
    }
    if (!send_v2(u, host, ix, h->join_ns, now))
        return false;
    h->join_next = ix + 1;
    return true;
}

/* answer_v2 sends the next of the answers. */
static bool answer_v2(struct igmp_hosts *u, uint32_t host, struct instant now)
{
    struct igmp_host *h = &u->hosts[host];
    uint32_t ix = next_in_row(u, h, h->answer_next, igmp_in_answer_row);
    if (ix == IGMP_NO_MEMBER) {
        h->answers = h->answered;
    } else {
        if (!send_v2(u, host, ix, h->answer_ns, now))
            return false;
        h->answered++;
        h->answer_next = ix + 1;
    }
    igmp_answer_next(u, h);
    return true;
}

/* ---- version 3 --------------------------------------------------------------------------------
 */

static bool add_record(struct wr *w, uint8_t type, ip4_t group, const ip4_t *sources, size_t count)
{
    uint8_t list[4 * IGMP_SOURCES_MAX];
    if (w->cap - w->pos < REPORT_HEADER + 4 * count)
        return false;
    for (size_t i = 0; i < count; i++)
        be_put32(list + 4 * i, sources[i]);
    struct igmp_record r = {
        .type = type, .group = group, .source_count = (uint16_t)count, .sources = list};
    return igmp_record_encode(w, &r) == WIRE_OK;
}

/* keep_common leaves in list what the membership wants of it (RFC 3376 5.2: A * B, or B - X). */
static size_t keep_common(const struct igmp_member *m, ip4_t *list, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool wanted = m->source_count == 0;
        for (size_t k = 0; k < m->source_count && !wanted; k++)
            wanted = m->sources[k] == list[i];
        if (wanted)
            list[kept++] = list[i];
    }
    return kept;
}

static bool add_pending_sources(struct igmp_hosts *u, const struct igmp_member *m, uint32_t entry,
                                struct wr *w, unsigned *records)
{
    ip4_t list[IGMP_SOURCES_MAX];
    size_t count = keep_common(m, list, igmp_asked_list(u, entry, list));
    if (count == 0)
        return true; /* no answer is due */
    if (!add_record(w, IGMP_IS_INCLUDE, m->group, list, count))
        return false;
    (*records)++;
    return true;
}

static bool add_current(const struct igmp_member *m, struct wr *w)
{
    return add_record(w, m->source_count == 0 ? IGMP_IS_EXCLUDE : IGMP_IS_INCLUDE, m->group,
                      m->sources, m->source_count);
}

static bool add_due(struct igmp_hosts *u, uint32_t host, uint32_t ix, struct wr *w,
                    unsigned *records)
{
    const struct igmp_host *h = &u->hosts[host];
    struct igmp_member m;
    u->ops->member(u->arg, host, ix, &m);
    bool any = m.source_count == 0, fits;
    switch ((enum igmp_v3_state)u->entries[h->first + ix].state) {
    case V3_PENDING_SOURCES:
        return add_pending_sources(u, &m, h->first + ix, w, records);
    case V3_CHANGING:
        fits = add_record(w, any ? IGMP_TO_EXCLUDE : IGMP_ALLOW_NEW, m.group, m.sources,
                          m.source_count);
        break;
    case V3_LEAVING:
        fits = add_record(w, any ? IGMP_TO_INCLUDE : IGMP_BLOCK_OLD, m.group, m.sources,
                          m.source_count);
        break;
    case V3_PENDING_GROUP:
    case V3_NON_MEMBER:
    case V3_IDLE:
    case V3_STATES:
    default:
        fits = add_current(&m, w);
        break;
    }
    *records += fits;
    return fits;
}

/* pick takes due memberships out of the heap while their records fit. */
static size_t pick(struct igmp_hosts *u, uint32_t host, struct instant now, struct wr *w,
                   struct picked out[RECORDS_MAX], unsigned *records)
{
    struct igmp_host *h = &u->hosts[host];
    size_t n = 0;
    while (n < RECORDS_MAX && h->armed > 0) {
        uint32_t ix = u->entry_slots[h->first];
        int64_t due_ns = u->entries[h->first + ix].due_ns;
        if (due_ns > now.ns || !add_due(u, host, ix, w, records))
            break;
        igmp_entry_idle(u, h, ix);
        out[n++] = (struct picked){ix, due_ns};
    }
    return n;
}

static void sent_record(struct igmp_hosts *u, struct igmp_host *h, const struct picked *p,
                        struct instant now)
{
    struct igmp_entry *e = &u->entries[h->first + p->ix];
    bool repeats = e->repeats > 0 && (e->state == V3_CHANGING || e->state == V3_LEAVING);
    if (e->state != V3_LEAVING)
        note_sent(u, e, p->due_ns, now);
    if (e->state == V3_PENDING_SOURCES)
        igmp_asked_drop(u, h->first + p->ix);
    switch (igmp_step(u, h, e, repeats ? V3_TIMER_REPEATS : V3_TIMER_EXPIRES)) {
    case V3_REPEAT:
        e->repeats--;
        igmp_entry_due(u, h, p->ix, instant_add(now, igmp_draw(u, h, p->ix, IGMP_V3_REPEAT_NS)));
        break;
    case V3_FORGOTTEN:
        u->counts.leaves++;
        u->counts.leaves_due--;
        break;
    default:
        break;
    }
}

static bool send_report(struct igmp_hosts *u, uint32_t host, const struct wr *w, unsigned records)
{
    struct igmp message = {
        .type = IGMP_V3_REPORT, .count = (uint16_t)records, .list = w->base, .list_bytes = w->pos};
    if (records == 0)
        return true;
    if (!u->ops->send(u->arg, host, IGMP_V3_ROUTERS, &message))
        return false;
    u->counts.reports++;
    u->counts.records += records;
    space(u, &u->hosts[host]);
    return true;
}

static bool send_due_v3(struct igmp_hosts *u, uint32_t host, struct instant now)
{
    struct igmp_host *h = &u->hosts[host];
    struct wr w = wr_init(u->list, u->config.room - REPORT_HEADER);
    struct picked picked[RECORDS_MAX];
    unsigned records = 0;
    size_t n = pick(u, host, now, &w, picked, &records);
    if (!send_report(u, host, &w, records)) {
        for (size_t i = 0; i < n; i++)
            igmp_entry_due(u, h, picked[i].ix, (struct instant){picked[i].due_ns});
        return false;
    }
    for (size_t i = 0; i < n; i++)
        sent_record(u, h, &picked[i], now);
    return true;
}

static void answered(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, struct instant now)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    note_sent(u, e, now.ns, now);
    if (igmp_step(u, h, e, V3_ANSWERED) != V3_DONE)
        return;
    igmp_asked_drop(u, h->first + ix);
    igmp_entry_idle(u, h, ix);
}

/* answer_v3 sends the next report of the answer to a general query. */
static bool answer_v3(struct igmp_hosts *u, uint32_t host, struct instant now)
{
    struct igmp_host *h = &u->hosts[host];
    struct wr w = wr_init(u->list, u->config.room - REPORT_HEADER);
    uint32_t from = h->answering ? h->answer_next : 0, ix = from;
    unsigned records = 0;
    for (; ix < h->count && records < RECORDS_MAX; ix++) {
        struct igmp_member m;
        if (!igmp_host_member(h, &u->entries[h->first + ix]))
            continue;
        u->ops->member(u->arg, host, ix, &m);
        if (!add_current(&m, &w))
            break;
        records++;
    }
    if (!send_report(u, host, &w, records))
        return false;
    for (uint32_t done = from; done < ix; done++) {
        if (igmp_host_member(h, &u->entries[h->first + done]))
            answered(u, h, done, now);
    }
    if (!h->answering)
        h->answer_ns = INT64_MAX;
    h->answering = ix < h->count;
    h->answer_next = ix;
    return true;
}

/* ---- the set ----------------------------------------------------------------------------------
 */

static bool entry_is_due(const struct igmp_hosts *u, const struct igmp_host *h, struct instant now)
{
    return h->armed > 0 && u->entries[h->first + u->entry_slots[h->first]].due_ns <= now.ns;
}

static void send_one(struct igmp_hosts *u, uint32_t host, struct instant now)
{
    struct igmp_host *h = &u->hosts[host];
    bool up = true;
    igmp_mode_update(u, h, now);
    if (entry_is_due(u, h, now))
        up = (h->mode == 3 ? send_due_v3 : send_due_v2)(u, host, now);
    else if (h->join_ns <= now.ns)
        up = join_v2(u, host, now);
    else if (h->answering || h->answer_ns <= now.ns)
        up = (h->mode == 3 ? answer_v3 : answer_v2)(u, host, now);
    if (up)
        igmp_host_reschedule(u, host);
    else
        igmp_host_close(u, host);
}

void igmp_fire(void *arg)
{
    struct igmp_hosts *u = arg;
    struct instant now = loop_now(u->loop);
    bool bounded = !loop_is_virtual(u->loop);
    u->firing = true;
    for (unsigned n = 0; u->due.count > 0 && !(bounded && n == MESSAGES_PER_TURN); n++) {
        if (u->due.slots[0].due_ns > now.ns)
            break;
        send_one(u, u->due.slots[0].ix, now);
    }
    u->firing = false;
    if (u->due.count == 0)
        return;
    struct instant next = {u->due.slots[0].due_ns};
    if (bounded)
        next = instant_max(next, instant_add(loop_now(u->loop), YIELD_NS));
    timer_set(u->loop, &u->timer, next);
}
