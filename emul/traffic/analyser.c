#include "emul/traffic/analyser.h"

#include "emul/base/mem.h"
#include "emul/traffic/blocks.h"
#include "emul/traffic/state.h"

#include <stdlib.h>

#define RUN_PACKETS 5
#define RUN_NS      (5 * NS_PER_S)

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct analyser *analyser_new(const struct instance_spec *spec)
{
    struct analyser *a = mem_zalloc(1, sizeof(*a));
    flow_table_init(&a->table, spec);
    a->start = INSTANT_NEVER;
    a->last_fault = a->latest = INT64_MIN;
    a->begin = a->tf = a->window_from = INT64_MAX;
    int64_t period_ns = spec->period_ns;
    int64_t packets = (RUN_NS + period_ns - 1) / period_ns;
    a->run_packets = packets > RUN_PACKETS ? (uint32_t)packets : RUN_PACKETS;
    a->overdue_ns = 2 * period_ns + NS_PER_S;
    a->pairs = mem_zalloc(a->table.pair_count, sizeof(*a->pairs));
    a->faults = mem_zalloc(a->table.pair_count, sizeof(*a->faults));
    a->flows = mem_zalloc(a->table.flow_count, sizeof(*a->flows));
    map_init(&a->stray_index);
    a->block_ns = spec->marking_ns;
    if (spec->marking_ns > 0)
        a->blocks = blocks_new(&a->table, spec->marking_ns);
    return a;
}

void analyser_free(struct analyser *a)
{
    if (a == NULL)
        return;
    window_fini(a);
    recovery_fini(a);
    live_fini(a);
    blocks_free(a->blocks);
    free(a->latencies);
    flow_table_fini(&a->table);
    free(a->pairs);
    free(a->faults);
    free(a->flows);
    free(a);
}

void analyser_start(struct analyser *a, struct instant start)
{
    a->start = start;
}

int64_t analyser_phase_ns(const struct analyser *a, uint32_t flow)
{
    return flow_phase_ns(a->table.phase_key, flow, a->table.period_ns);
}

void analyser_sent(struct analyser *a, uint32_t flow, uint64_t sequence, struct instant at,
                   bool withheld)
{
    struct flow_state *f = &a->flows[flow - 1];
    f->sent = (uint32_t)sequence + 1;
    f->last_at = at.ns;
    f->last_withheld = withheld;
    if (window_has(a, at.ns)) {
        f->window_sent++;
        f->window_withheld += withheld;
        if (unlikely(a->blocks != NULL))
            marks_due(a, flow, at);
    }
    if (unlikely(a->counts != NULL)) {
        a->counts[flow - 1].sent++;
        a->counts[flow - 1].withheld += withheld;
    }
}

uint32_t analyser_sent_count(const struct analyser *a, uint32_t flow)
{
    return a->flows[flow - 1].sent;
}

static void note_fault(struct analyser *a, struct instant at)
{
    if (at.ns > a->last_fault)
        a->last_fault = at.ns;
}

/* late handles a sequence number below the highest seen; false: it is a duplicate. */
static bool late(struct analyser *a, size_t ix, uint32_t sequence, struct instant at)
{
    struct pair *pair = &a->pairs[ix];
    uint32_t age = pair->next - 1 - sequence;
    if (age >= SEEN_BITS || (pair->seen >> age & 1) != 0)
        return false;
    if (a->recoveries != NULL)
        recovery_late(a, ix, sequence, at);
    pair->seen |= UINT64_C(1) << age;
    pair->run = 0;
    return true;
}

/* gap handles a sequence number beyond the next one: packets are missing before it. */
static void gap(struct analyser *a, size_t ix, uint32_t sequence, struct instant at)
{
    struct pair *pair = &a->pairs[ix];
    if (a->recoveries != NULL)
        recovery_gap(a, ix, sequence, at);
    uint32_t shift = sequence - pair->next + 1;
    pair->seen = (shift < SEEN_BITS ? pair->seen << shift : 0) | 1;
    pair->next = sequence + 1;
    pair->run = 1;
}

void analyser_received(struct analyser *a, uint32_t v, uint32_t branch, const struct probe *p,
                       struct instant at)
{
    const struct flow_table *t = &a->table;
    if (unlikely(p->sent_ns < a->start.ns))
        return; /* of an earlier instance on the same time axis */
    uint32_t local = p->flow - 1 - (v - 1) * t->flows_per_vpn;
    size_t ix = FLOW_NO_PAIR;
    if (likely(p->vpn == v && v - 1 < t->mvpns && local < t->flows_per_vpn &&
               p->sequence < a->flows[p->flow - 1].sent))
        ix = flow_pair(t, v, local, branch);
    if (unlikely(ix == FLOW_NO_PAIR)) {
        note_fault(a, at);
        window_misdelivered(a, v, branch, p);
        live_stray(a, v, p);
        return;
    }

    struct pair *pair = &a->pairs[ix];
    struct direction_sums *sums = &a->sums[local < t->ingress_flows ? FLOW_INGRESS : FLOW_EGRESS];
    uint32_t sequence = (uint32_t)p->sequence;
    uint32_t weight = flow_branch_weight(t, branch);
    bool counted = window_has(a, p->sent_ns);
    if (likely(sequence == pair->next)) {
        if (unlikely(pair->epoch != a->epoch))
            recovery_touch(a, ix, sequence, at);
        pair->seen = pair->seen << 1 | 1;
        pair->next++;
        pair->run++;
    } else if (sequence > pair->next) {
        gap(a, ix, sequence, at);
    } else if (late(a, ix, sequence, at)) {
        sums->reordered += counted ? weight : 0;
        if (unlikely(a->latencies != NULL))
            a->latencies[ix].reordered += counted;
    } else {
        note_fault(a, at);
        a->faults[ix].duplicate += counted;
        sums->duplicate += counted ? weight : 0;
        if (a->counts != NULL)
            a->counts[p->flow - 1].duplicate += weight;
        return;
    }
    pair->last_at = at.ns;
    a->latest = at.ns;
    if (counted) {
        pair->received++;
        sums_add(sums, weight, at.ns - p->sent_ns);
        if (unlikely(a->latencies != NULL))
            flows_add(a, ix, at.ns - p->sent_ns);
        if (unlikely(a->blocks != NULL))
            marks_arrived(a, v, branch, p, at);
    }
    if (unlikely(a->counts != NULL)) {
        struct flow_counts *c = &a->counts[p->flow - 1];
        c->received += weight;
        c->arrivals++;
        c->latency_ns += at.ns - p->sent_ns;
    }
}

uint64_t analyser_pairs_total(const struct analyser *a)
{
    const struct flow_table *t = &a->table;
    uint64_t ingress = t->ingress_flows, egress = t->flows_per_vpn - t->ingress_flows;
    return t->mvpns *
           (ingress * flow_receivers(t, FLOW_INGRESS) + egress * flow_receivers(t, FLOW_EGRESS));
}

uint64_t analyser_pairs_flowing(struct analyser *a, struct instant now)
{
    const struct flow_table *t = &a->table;
    uint64_t flowing = 0;
    for (uint64_t f = 0; f < t->flow_count; f++) {
        struct flow_place place = flow_place_get(t, f);
        for (uint32_t slot = 0; slot < place.pairs; slot++) {
            const struct pair *pair = &a->pairs[place.first_pair + slot];
            if (pair->run >= a->run_packets && now.ns - pair->last_at <= a->overdue_ns)
                flowing += flow_branch_weight(t, flow_branch_of(t, &place, slot));
        }
    }
    return flowing;
}

uint64_t analyser_flows_delivered(const struct analyser *a, struct instant now)
{
    const struct flow_table *t = &a->table;
    uint64_t delivered = 0;
    for (uint64_t f = 0; f < t->flow_count; f++) {
        struct flow_place place = flow_place_get(t, f);
        uint32_t slot = 0;
        while (slot < place.pairs) {
            const struct pair *pair = &a->pairs[place.first_pair + slot];
            if (pair->run < a->run_packets || now.ns - pair->last_at > a->overdue_ns)
                break;
            slot++;
        }
        delivered += slot == place.pairs;
    }
    return delivered;
}

uint64_t analyser_flows(const struct analyser *a)
{
    return a->table.flow_count;
}

bool analyser_all_flowing(struct analyser *a, struct instant now)
{
    int64_t run_ns = a->run_packets * a->table.period_ns;
    if (a->last_fault != INT64_MIN && now.ns - a->last_fault < run_ns)
        return false;
    return analyser_pairs_flowing(a, now) == analyser_pairs_total(a);
}

uint64_t analyser_oifs_seen(const struct analyser *a, struct instant now)
{
    int64_t recent_ns = 3 * a->table.period_ns;
    if (recent_ns < 3 * NS_PER_S)
        recent_ns = 3 * NS_PER_S;
    uint64_t seen = 0;
    for (size_t i = 0; i < a->table.pair_count; i++) {
        const struct pair *pair = &a->pairs[i];
        seen += pair->next > 0 && now.ns - pair->last_at <= recent_ns;
    }
    return seen;
}
