/*
 * Group membership through tunnels: one record a (VPN, tunnel), joined as long as a running task or
 * the operator's hand needs it. A report is said twice at first, then every minute and when the
 * router asks (RFC 2236 3, 8.10); a leave is said twice, since a tunnel may lose one.
 */
#include "monitor/scope/scope.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"

#define AGAIN_NS  (60 * NS_PER_S)
#define SECOND_NS NS_PER_S
#define LEAVES    2u
#define DRAIN_NS  (2 * NS_PER_S) /* what is under way still comes back after the last probe */
#define LEAVE_NS  (NS_PER_S / 5)
#define SLOT_NS   (NS_PER_MS / 2) /* between first reports: routers are not flooded */

struct member *member_get(struct monitor *m, uint32_t vpn, uint32_t tunnel, bool make)
{
    uint32_t n = map_get(&m->by_member, key_of(vpn, tunnel));
    if (n != MAP_NONE || !make)
        return n == MAP_NONE ? NULL : &m->members[n];
    m->members = array_grow(m->members, m->member_count, &m->member_cap, sizeof(*m->members));
    n = (uint32_t)m->member_count++;
    m->members[n] =
        (struct member){.vpn = vpn, .tunnel = tunnel, .next = m->ends[tunnel].first_member};
    m->ends[tunnel].first_member = n;
    map_put(&m->by_member, key_of(vpn, tunnel), n);
    return &m->members[n];
}

static void put(struct monitor *m, struct member *b, int64_t at_ns)
{
    b->due_ns = at_ns;
    queue_put(&m->joining, (uint32_t)(b - m->members), at_ns);
}

static void begin(struct monitor *m, struct member *b)
{
    int64_t now = now_ns(m);
    if (b->state == MEMBER_JOINED)
        return;
    b->state = MEMBER_JOINED;
    b->said = 0;
    b->heard_ns = 0;
    b->lost = false;
    b->expected_ns = now;
    if (m->join_slot_ns < now)
        m->join_slot_ns = now;
    put(m, b, m->join_slot_ns);
    m->join_slot_ns += SLOT_NS;
}

static void end_if_not_needed(struct monitor *m, struct member *b, int64_t after_ns)
{
    if (b->state != MEMBER_JOINED || b->needed > 0 || b->by_hand)
        return;
    b->state = MEMBER_LEAVING;
    b->left_ns = now_ns(m);
    b->said = 0;
    put(m, b, b->left_ns + after_ns);
}

void member_need(struct monitor *m, uint32_t vpn, uint32_t tunnel, double expected_pps)
{
    struct member *b = member_get(m, vpn, tunnel, true);
    b->needed++;
    begin(m, b);
    member_expect(m, vpn, tunnel, expected_pps);
}

void member_release(struct monitor *m, uint32_t vpn, uint32_t tunnel, double expected_pps)
{
    struct member *b = member_get(m, vpn, tunnel, false);
    if (b == NULL || b->needed == 0)
        return;
    member_expect(m, vpn, tunnel, -expected_pps);
    b->needed--;
    end_if_not_needed(m, b, DRAIN_NS);
}

void member_expect(struct monitor *m, uint32_t vpn, uint32_t tunnel, double change_pps)
{
    struct member *b = member_get(m, vpn, tunnel, false);
    if (b == NULL)
        return;
    if (b->expected_pps <= 0)
        b->expected_ns = now_ns(m);
    b->expected_pps += change_pps;
    if (b->expected_pps < 1e-9)
        b->expected_pps = 0;
}

void member_by_hand(struct monitor *m, uint32_t vpn, uint32_t tunnel, bool join)
{
    struct member *b = member_get(m, vpn, tunnel, join);
    if (b == NULL)
        return;
    b->by_hand = join;
    if (join)
        begin(m, b);
    else
        end_if_not_needed(m, b, 0);
}

void members_again(struct monitor *m, uint32_t tunnel, ip4_t group, int64_t within_ns)
{
    int64_t now = now_ns(m);
    for (uint32_t i = m->ends[tunnel].first_member; i != NONE; i = m->members[i].next) {
        struct member *b = &m->members[i];
        if (b->state != MEMBER_JOINED || (group != 0 && m->vpns[b->vpn].group != group))
            continue;
        /* At some time of the response window, the same one for each (RFC 2236 3). */
        uint64_t h = hash_mix(hash_mix(tunnel, m->vpns[b->vpn].group), b->said);
        int64_t at = now + (int64_t)hash_range(h, (uint64_t)within_ns + 1);
        if (at < b->due_ns || b->due_ns < now)
            put(m, b, at);
    }
}

void members_leave_all(struct monitor *m)
{
    for (size_t i = 0; i < m->member_count; i++) {
        struct member *b = &m->members[i];
        b->needed = 0;
        b->by_hand = false;
        end_if_not_needed(m, b, 0);
        if (b->state == MEMBER_LEAVING && b->said == 0)
            put(m, b, now_ns(m));
    }
}

void member_due(struct monitor *m, uint32_t number, int64_t at_ns)
{
    struct member *b = &m->members[number];
    ip4_t group = m->vpns[b->vpn].group;
    if (b->due_ns != at_ns || b->state == MEMBER_OFF)
        return;
    b->said++;
    if (b->state == MEMBER_LEAVING) {
        (void)tunnels_leave(m->tunnels, b->tunnel, group, NULL);
        if (b->said < LEAVES)
            put(m, b, at_ns + LEAVE_NS);
        else
            b->state = MEMBER_OFF;
        return;
    }
    (void)tunnels_join(m->tunnels, b->tunnel, group, NULL);
    put(m, b, now_ns(m) + (b->said == 1 ? SECOND_NS : AGAIN_NS));
}
