/* What is heard on the interface: queries, older queriers, reports of others. */
#include "emul/base/mem.h"
#include "emul/proto/igmp/host_set.h"
#include "emul/wire/be.h"

#define NEVER INT64_MAX

/* ---- which version to speak (RFC 3376 section 7.2.1, RFC 2236 section 4) ----------------------
 */

static uint8_t mode_at(const struct igmp_hosts *u, const struct igmp_host *h, struct instant now)
{
    if (now.ns < h->v1_until_ns)
        return 1;
    return now.ns < h->v2_until_ns ? 2 : u->config.version;
}

/* A membership changes machines: version 3 to 2 or 1. What was never reported still is. */
static void to_v2(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    bool unsent = (e->flags & IGMP_SENT) == 0;
    switch ((enum igmp_v3_state)e->state) {
    case V3_NON_MEMBER:
        return;
    case V3_LEAVING:
        e->state = V2_NON_MEMBER;
        e->flags = IGMP_LEAVE;
        return;
    case V3_CHANGING:
    case V3_IDLE:
    case V3_PENDING_GROUP:
    case V3_PENDING_SOURCES:
    case V3_STATES:
        break;
    }
    e->state = unsent ? V2_DELAYING : V2_IDLE;
    e->flags |= unsent ? 0 : IGMP_LAST;
    if (!unsent)
        igmp_entry_idle(u, h, ix);
}

static void to_v3(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    bool unsent = (e->flags & IGMP_SENT) == 0;
    if (e->state == V2_NON_MEMBER) {
        e->state = (e->flags & IGMP_LEAVE) != 0 ? V3_LEAVING : V3_NON_MEMBER;
        e->flags = 0;
        return;
    }
    if (!unsent)
        igmp_entry_idle(u, h, ix);
    else if (igmp_in_join_row(e))
        igmp_entry_due(u, h, ix, (struct instant){h->join_ns});
    e->state = unsent ? V3_CHANGING : V3_IDLE;
    e->flags &= (uint8_t)~IGMP_LAST;
}

void igmp_mode_update(struct igmp_hosts *u, struct igmp_host *h, struct instant now)
{
    uint8_t mode = mode_at(u, h, now);
    if (mode == h->mode)
        return;
    bool other_machine = (mode == 3) != (h->mode == 3);
    h->mode = mode;
    if (!other_machine)
        return;
    /* Pending answers and repeats are cancelled (RFC 3376 7.2.1). */
    h->answering = false;
    h->answer_ns = NEVER;
    for (uint32_t ix = 0; ix < h->count; ix++) {
        if (mode == 3)
            to_v3(u, h, ix);
        else
            to_v2(u, h, ix);
    }
    h->join_ns = NEVER;
    if (mode != 3) {
        for (uint32_t ix = 0; ix < h->count && u->asked_count > 0; ix++)
            igmp_asked_drop(u, h->first + ix);
    }
}

/* note_querier takes what a query tells about its sender. */
static void note_querier(struct igmp_hosts *u, struct igmp_host *h, const struct igmp *query,
                         struct instant now)
{
    if (query->version == 3) {
        h->robustness = query->robustness != 0 ? query->robustness : IGMP_ROBUSTNESS;
        h->query_s = query->query_interval_s != 0 ? query->query_interval_s : IGMP_QUERY_S;
    } else if (query->version < u->config.version) {
        uint32_t v3_s = h->robustness * h->query_s + IGMP_RESPONSE_S;
        uint32_t present_s = u->config.version == 3 ? v3_s : IGMP_V1_ROUTER_S;
        int64_t until_ns = now.ns + present_s * NS_PER_S;
        *(query->version == 1 ? &h->v1_until_ns : &h->v2_until_ns) = until_ns;
    }
    igmp_mode_update(u, h, now);
}

/* ---- sources that were asked for --------------------------------------------------------------
 */

static bool asked_has(const struct igmp_hosts *u, uint32_t entry, ip4_t source)
{
    for (size_t i = 0; i < u->asked_count; i++) {
        if (u->asked[i].entry == entry && u->asked[i].source == source)
            return true;
    }
    return false;
}

bool igmp_asked_add(struct igmp_hosts *u, uint32_t entry, const uint8_t *sources, size_t count)
{
    size_t of_entry = 0;
    for (size_t i = 0; i < u->asked_count; i++)
        of_entry += u->asked[i].entry == entry;
    if (u->asked_count + count > IGMP_ASKED_MAX || of_entry + count > IGMP_SOURCES_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        ip4_t source = be_get32(sources + 4 * i);
        if (asked_has(u, entry, source))
            continue;
        u->asked = array_grow(u->asked, u->asked_count, &u->asked_cap, sizeof(*u->asked));
        u->asked[u->asked_count++] = (struct igmp_asked){entry, source};
    }
    return true;
}

void igmp_asked_drop(struct igmp_hosts *u, uint32_t entry)
{
    size_t kept = 0;
    for (size_t i = 0; i < u->asked_count; i++) {
        if (u->asked[i].entry != entry)
            u->asked[kept++] = u->asked[i];
    }
    u->asked_count = kept;
}

size_t igmp_asked_list(const struct igmp_hosts *u, uint32_t entry, ip4_t out[IGMP_SOURCES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < u->asked_count && n < IGMP_SOURCES_MAX; i++) {
        if (u->asked[i].entry == entry)
            out[n++] = u->asked[i].source;
    }
    return n;
}

/* ---- queries ----------------------------------------------------------------------------------
 */

static void group_v2(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, int64_t max_ns,
                     struct instant now)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    if (igmp_step(u, h, e, V2_QUERY) == V2_START_ANSWER)
        igmp_entry_sooner(u, h, ix, instant_add(now, igmp_draw(u, h, ix, max_ns)));
}

void igmp_answer_next(struct igmp_hosts *u, struct igmp_host *h)
{
    if (h->answered >= h->answers) {
        h->answer_ns = NEVER;
        return;
    }
    int64_t part_ns = h->max_ns / h->answers;
    int64_t from_ns = h->asked_ns + part_ns * h->answered;
    h->answer_ns = from_ns + igmp_draw_round(u, h, h->answer_next, part_ns);
}

void igmp_answer_add(struct igmp_hosts *u, struct igmp_host *h, struct instant now)
{
    if (h->answer_ns == NEVER) {
        h->answers = h->answered = 0;
        h->rounds++;
        h->asked_ns = now.ns;
        h->max_ns = IGMP_V2_REPEAT_NS;
    }
    h->answers++;
    igmp_answer_next(u, h);
}

/*
 * The answers to a general query share its response time: each has an equal part of it and is sent
 * at a random instant of its part, so they are spread as independent delays would spread them, and
 * who asks once more before all were given is answered where the row had got to.
 */
static void general_v2(struct igmp_hosts *u, struct igmp_host *h, int64_t max_ns,
                       struct instant now)
{
    h->answers = h->answered = 0;
    h->rounds++;
    for (uint32_t ix = 0; ix < h->count; ix++) {
        struct igmp_entry *e = &u->entries[h->first + ix];
        if (igmp_step(u, h, e, V2_QUERY) != V2_START_ANSWER)
            continue;
        h->answers += igmp_in_answer_row(e);
        if (e->pos != 0)
            igmp_entry_sooner(u, h, ix, instant_add(now, igmp_draw(u, h, ix, max_ns)));
    }
    h->asked_ns = now.ns;
    h->max_ns = max_ns;
    igmp_answer_next(u, h);
}

/* One timer answers for the whole interface (RFC 3376 5.2, rules 1 and 2); a query that comes while
 * the answer to the one before goes out starts another. */
static void general_v3(struct igmp_hosts *u, struct igmp_host *h, int64_t max_ns,
                       struct instant now)
{
    h->rounds++;
    int64_t at_ns = now.ns + igmp_draw_round(u, h, h->count, max_ns);
    if (h->members > 0 && at_ns < h->answer_ns)
        h->answer_ns = at_ns;
}

static void group_v3(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix,
                     const struct igmp *query, struct instant now)
{
    struct igmp_entry *e = &u->entries[h->first + ix];
    uint32_t entry = h->first + ix;
    struct instant at = instant_add(now, igmp_draw(u, h, ix, query->max_resp_ms * NS_PER_MS));
    /* A general answer that comes sooner holds this one (RFC 3376 5.2, rule 1). */
    if (h->answer_ns <= at.ns)
        return;
    bool add = query->count > 0 && (e->state == V3_IDLE || e->state == V3_PENDING_SOURCES) &&
               igmp_asked_add(u, entry, query->list, query->count);
    unsigned action =
        igmp_step(u, h, e, add ? (unsigned)V3_SOURCE_QUERY : (unsigned)V3_GROUP_QUERY);
    if (action == V3_START_ANSWER)
        igmp_asked_drop(u, entry);
    if (action == V3_START_ANSWER || action == V3_ADD_SOURCES)
        igmp_entry_sooner(u, h, ix, at);
}

void igmp_host_query(struct igmp_hosts *u, uint32_t host, const struct igmp *query)
{
    struct igmp_host *h = &u->hosts[host];
    struct instant now = loop_now(u->loop);
    int64_t max_ns = query->max_resp_ms * NS_PER_MS;
    u->counts.queries++;
    note_querier(u, h, query, now);
    uint32_t ix = IGMP_NO_MEMBER;
    if (query->group != 0) {
        ix = u->ops->find(u->arg, host, query->group);
        if (ix == IGMP_NO_MEMBER) {
            igmp_host_reschedule(u, host);
            return;
        }
    }
    if (ix == IGMP_NO_MEMBER)
        (h->mode == 3 ? general_v3 : general_v2)(u, h, max_ns, now);
    else if (h->mode == 3)
        group_v3(u, h, ix, query, now);
    else
        group_v2(u, h, ix, max_ns, now);
    igmp_host_reschedule(u, host);
}

void igmp_host_report(struct igmp_hosts *u, uint32_t host, ip4_t group)
{
    struct igmp_host *h = &u->hosts[host];
    if (h->mode == 3)
        return; /* RFC 3376 section 5: no suppression */
    uint32_t ix = u->ops->find(u->arg, host, group);
    if (ix == IGMP_NO_MEMBER)
        return;
    struct igmp_entry *e = &u->entries[h->first + ix];
    if (igmp_step(u, h, e, V2_REPORT) != V2_SUPPRESS)
        return;
    u->counts.suppressed++;
    igmp_entry_reported(u, e);
    igmp_entry_reported(u, e);
    e->flags &= (uint8_t)~IGMP_LAST;
    igmp_entry_idle(u, h, ix);
    igmp_host_reschedule(u, host);
}

uint8_t igmp_host_mode(const struct igmp_hosts *u, uint32_t host)
{
    return mode_at(u, &u->hosts[host], loop_now(u->loop));
}
