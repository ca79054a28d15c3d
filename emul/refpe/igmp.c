#include "emul/refpe/igmp.h"

#include "emul/base/log.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/igmp_query.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/nbr.h"

#define V1_HOST_PRESENT_S 270 /* RFC 2236 8.4, 8.11: as long as a membership, and a response */

void igmp_init(struct refpe *pe)
{
    map_init(&pe->members_by_group);
    pool_init(&pe->members, sizeof(struct member));
}

void igmp_clear(struct refpe *pe)
{
    map_clear(&pe->members_by_group);
    pool_fini(&pe->members);
}

void igmp_fini(struct refpe *pe)
{
    igmp_clear(pe);
    map_fini(&pe->members_by_group);
}

/* ---- memberships ------------------------------------------------------------------------------
 */

static uint64_t key_of(uint32_t iface, ip4_t group)
{
    return triple_key(iface, 0, group);
}

/* The first membership of a group on an interface, at or behind member i of the chain. */
static uint32_t of_group(const struct refpe *pe, uint32_t i, uint32_t iface, ip4_t group)
{
    while (i != MAP_NONE && (member_at(pe, i)->iface != iface || member_at(pe, i)->group != group))
        i = member_at(pe, i)->next_same_key;
    return i;
}

static uint32_t first_of_group(const struct refpe *pe, uint32_t iface, ip4_t group)
{
    return of_group(pe, map_get(&pe->members_by_group, key_of(iface, group)), iface, group);
}

static uint32_t next_of_group(const struct refpe *pe, uint32_t i)
{
    const struct member *m = member_at(pe, i);
    return of_group(pe, m->next_same_key, m->iface, m->group);
}

static uint32_t member_find(const struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group)
{
    uint32_t i = first_of_group(pe, iface, group);
    while (i != MAP_NONE && member_at(pe, i)->source != source)
        i = next_of_group(pe, i);
    return i == MAP_NONE ? NONE : i;
}

static uint32_t member_add(struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group)
{
    struct iface *f = &pe->ifaces[iface];
    uint32_t index = pool_take(&pe->members);
    struct member *m = member_at(pe, index);
    m->iface = iface;
    m->source = source;
    m->group = group;
    m->query_ns = NEVER;
    m->due = DUE_NONE;
    m->next_same_key = map_get(&pe->members_by_group, key_of(iface, group));
    map_put(&pe->members_by_group, key_of(iface, group), index);
    m->prev = NONE;
    m->next = f->members;
    if (f->members != NONE)
        member_at(pe, f->members)->prev = index;
    f->members = index;
    return index;
}

static void unchain(struct refpe *pe, uint32_t index)
{
    const struct member *m = member_at(pe, index);
    uint64_t key = key_of(m->iface, m->group);
    uint32_t i = map_get(&pe->members_by_group, key);
    if (i == index && m->next_same_key == MAP_NONE) {
        (void)map_del(&pe->members_by_group, key);
        return;
    }
    if (i == index) {
        map_put(&pe->members_by_group, key, m->next_same_key);
        return;
    }
    while (member_at(pe, i)->next_same_key != index)
        i = member_at(pe, i)->next_same_key;
    member_at(pe, i)->next_same_key = m->next_same_key;
}

/* Makes a membership a local member of its mroute, or no longer. */
static void set_local(struct refpe *pe, const struct member *m, bool local)
{
    uint32_t vrf = pe->ifaces[m->iface].vrf, iface = m->iface;
    uint32_t route = local ? mroute_get(pe, vrf, m->source, m->group)
                           : mroute_find(pe, vrf, m->source, m->group);
    if (route != NONE)
        downstream_local(pe, route, iface, local);
}

static void member_remove(struct refpe *pe, uint32_t index)
{
    const struct member *m = member_at(pe, index);
    if (m->prev != NONE)
        member_at(pe, m->prev)->next = m->next;
    else
        pe->ifaces[m->iface].members = m->next;
    if (m->next != NONE)
        member_at(pe, m->next)->prev = m->prev;
    unchain(pe, index);
    set_local(pe, m, false);
    pool_give(&pe->members, index);
}

static void rearm(struct refpe *pe, uint32_t index)
{
    struct member *m = member_at(pe, index);
    due_set(pe, &m->due, AGENDA_IGMP_MEMBER, index,
            m->query_ns < m->expiry_ns ? m->query_ns : m->expiry_ns);
}

/* A report; each also asks again for a place in the tables, as each Join does. */
static uint32_t refresh(struct refpe *pe, uint32_t iface, ip4_t source, ip4_t group)
{
    uint32_t index = member_find(pe, iface, source, group);
    if (index == NONE)
        index = member_add(pe, iface, source, group);
    struct member *m = member_at(pe, index);
    m->expiry_ns = pe_now(pe) + IGMP_GROUP_MEMBERSHIP_S * NS_PER_S;
    m->query_ns = NEVER;
    m->queries_left = 0;
    rearm(pe, index);
    if (pe->ifaces[iface].is_dr)
        set_local(pe, member_at(pe, index), true);
    return index;
}

/* The others are asked whether they are still there; nobody answers in time: it goes. */
static void last_member(struct refpe *pe, uint32_t index)
{
    struct member *m = member_at(pe, index);
    int64_t now_ns = pe_now(pe), wait_ns = IGMP_LAST_MEMBER_MS * NS_PER_MS;
    if (pe->ifaces[m->iface].querier_state != QU_QUERIER || m->queries_left > 0 ||
        m->v1_until_ns > now_ns)
        return;
    m->queries_left = IGMP_LAST_MEMBER_COUNT;
    m->query_ns = now_ns;
    if (m->expiry_ns > now_ns + IGMP_LAST_MEMBER_COUNT * wait_ns)
        m->expiry_ns = now_ns + IGMP_LAST_MEMBER_COUNT * wait_ns;
    rearm(pe, index);
}

void igmp_member_timer(struct refpe *pe, uint32_t index)
{
    struct member *m = member_at(pe, index);
    int64_t now_ns = pe_now(pe);
    if (m->expiry_ns <= now_ns) {
        member_remove(pe, index);
        return;
    }
    if (m->query_ns <= now_ns) {
        igmp_send_query(pe, m->iface, m->group, m->source);
        m->queries_left--;
        m->query_ns = m->queries_left > 0 ? now_ns + IGMP_LAST_MEMBER_MS * NS_PER_MS : NEVER;
    }
    rearm(pe, index);
}

/* ---- messages ---------------------------------------------------------------------------------
 */

/* Another querier asks for one group: we let it go when it would (RFC 3376 6.6.1). */
static void specific_query(struct refpe *pe, uint32_t iface, const struct igmp *v)
{
    if (pe->ifaces[iface].querier_state == QU_QUERIER || v->suppress)
        return;
    int64_t until_ns = pe_now(pe) + (int64_t)v->max_resp_ms * IGMP_LAST_MEMBER_COUNT * NS_PER_MS;
    uint32_t index = v->count > 0 ? NONE : member_find(pe, iface, 0, v->group);
    if (index == NONE || member_at(pe, index)->expiry_ns <= until_ns)
        return;
    member_at(pe, index)->expiry_ns = until_ns;
    rearm(pe, index);
}

static ip4_t source_at(const struct igmp_record *r, unsigned n)
{
    struct rd rd = rd_init(r->sources + 4 * (size_t)n, 4);
    return rd_u32(&rd);
}

static bool in_record(const struct igmp_record *r, ip4_t source)
{
    for (unsigned i = 0; i < r->source_count; i++) {
        if (source_at(r, i) == source)
            return true;
    }
    return false;
}

/* TO_IN: what is not in the list any more may have been the last. */
static void to_include(struct refpe *pe, uint32_t iface, const struct igmp_record *r)
{
    uint32_t i = first_of_group(pe, iface, r->group);
    for (; i != MAP_NONE; i = next_of_group(pe, i)) {
        if (!in_record(r, member_at(pe, i)->source))
            last_member(pe, i);
    }
}

static void include(struct refpe *pe, uint32_t iface, const struct igmp_record *r)
{
    for (unsigned i = 0; i < r->source_count; i++) {
        ip4_t source = source_at(r, i);
        if (source != 0 && !ip4_is_multicast(source))
            (void)refresh(pe, iface, source, r->group);
    }
}

static void block(struct refpe *pe, uint32_t iface, const struct igmp_record *r)
{
    for (unsigned i = 0; i < r->source_count; i++) {
        uint32_t index = member_find(pe, iface, source_at(r, i), r->group);
        if (index != NONE && source_at(r, i) != 0)
            last_member(pe, index);
    }
}

static bool is_customers(ip4_t group)
{
    return ip4_is_multicast(group) && !is_link_local(group);
}

static void record_input(struct refpe *pe, uint32_t iface, const struct igmp_record *r)
{
    if (!is_customers(r->group))
        return;
    switch (r->type) {
    case IGMP_IS_EXCLUDE:
    case IGMP_TO_EXCLUDE:
        (void)refresh(pe, iface, 0, r->group);
        break;
    case IGMP_TO_INCLUDE:
        include(pe, iface, r);
        to_include(pe, iface, r);
        break;
    case IGMP_IS_INCLUDE:
    case IGMP_ALLOW_NEW:
        include(pe, iface, r);
        break;
    case IGMP_BLOCK_OLD:
        block(pe, iface, r);
        break;
    default: /* RFC 3376 4.2.12: unknown types are ignored */
        break;
    }
}

static void old_report(struct refpe *pe, uint32_t iface, const struct igmp *v)
{
    if (!is_customers(v->group))
        return;
    uint32_t index = refresh(pe, iface, 0, v->group);
    if (v->type == IGMP_V1_REPORT)
        member_at(pe, index)->v1_until_ns = pe_now(pe) + V1_HOST_PRESENT_S * NS_PER_S;
}

static void leave(struct refpe *pe, uint32_t iface, ip4_t group)
{
    uint32_t index = member_find(pe, iface, 0, group);
    if (index != NONE)
        last_member(pe, index);
}

void igmp_input(struct refpe *pe, uint32_t iface, ip4_t src, const uint8_t *message, size_t len)
{
    const struct iface *f = &pe->ifaces[iface];
    struct rd r = rd_init(message, len);
    struct igmp v;
    struct igmp_record record;
    size_t pos = 0;
    bool on_link = src == 0 || ip4_in(src, (struct ip4_prefix){f->addr, f->len});
    if (f->igmp_version == 0 || !on_link || src == f->addr)
        return;
    enum wire_err e = igmp_decode(&r, &v);
    if (e != WIRE_OK) {
        log_line(LOG_PEER, loop_now(pe->loop), "refpe", "bad IGMP message on interface %u: %s",
                 iface, wire_err_name(e));
        return;
    }
    switch (v.type) {
    case IGMP_QUERY:
        igmp_query_heard(pe, iface, src);
        if (v.group != 0)
            specific_query(pe, iface, &v);
        break;
    case IGMP_V1_REPORT:
    case IGMP_V2_REPORT:
        old_report(pe, iface, &v);
        break;
    case IGMP_V2_LEAVE:
        leave(pe, iface, v.group);
        break;
    default: /* a version 3 report, which version 2 does not know */
        while (f->igmp_version == 3 && igmp_record_next(&v, &pos, &record))
            record_input(pe, iface, &record);
        break;
    }
}

/* ---- life -------------------------------------------------------------------------------------
 */

/* RFC 7761 4.3.2: the priority counts if all neighbours sent one, then the address. */
static bool is_dr(const struct refpe *pe, uint32_t iface)
{
    const struct iface *f = &pe->ifaces[iface];
    bool priorities = true, dr = true;
    for (uint32_t i = f->nbrs; i != NONE; i = nbr_at(pe, i)->next)
        priorities = priorities && nbr_at(pe, i)->has_dr_priority;
    for (uint32_t i = f->nbrs; i != NONE; i = nbr_at(pe, i)->next) {
        const struct nbr *n = nbr_at(pe, i);
        uint32_t theirs = priorities ? n->dr_priority : HELLO_DR_PRIORITY;
        if (theirs > HELLO_DR_PRIORITY || (theirs == HELLO_DR_PRIORITY && n->addr > f->addr))
            dr = false;
    }
    return dr;
}

void igmp_dr_check(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    if (f->igmp_version == 0 || f->is_dr == is_dr(pe, iface))
        return;
    f->is_dr = !f->is_dr;
    for (uint32_t i = f->members; i != NONE; i = member_at(pe, i)->next)
        set_local(pe, member_at(pe, i), f->is_dr);
}

void igmp_start(struct refpe *pe, uint32_t iface)
{
    if (pe->ifaces[iface].igmp_version == 0)
        return;
    pe->ifaces[iface].is_dr = is_dr(pe, iface);
    igmp_querier_start(pe, iface);
}

void igmp_stale(struct refpe *pe)
{
    for (uint32_t i = 0; i < pe->members.used_end; i++) {
        if (!pool_used(&pe->members, i))
            continue;
        struct member *m = member_at(pe, i);
        m->expiry_ns = pe_now(pe) + IGMP_GROUP_MEMBERSHIP_S * NS_PER_S;
        m->query_ns = NEVER;
        m->queries_left = 0;
        rearm(pe, i);
    }
}

void igmp_stop(struct refpe *pe, uint32_t iface)
{
    if (pe->ifaces[iface].igmp_version == 0)
        return;
    igmp_querier_stop(pe, iface);
    while (pe->ifaces[iface].members != NONE)
        member_remove(pe, pe->ifaces[iface].members);
}
