/*
 * Recovery (DESIGN A.5). While packets arrive only segments are kept (state.h). When somebody asks,
 * every pair that lost something since begin is judged by itself: first lost packet, earliest
 * packet after it and after Tf, recovered instant. Which of them were interrupted is a fixpoint,
 * because the time up to which losses count reaches to the last recovered instant of the pairs that
 * were interrupted: going through the pairs in the order of their first loss finds it.
 */
#include "emul/base/mem.h"
#include "emul/traffic/state.h"

#include <stdlib.h>

/* Losses sent up to this long after Tf belong to the interruption. */
#define SETTLE_NS (30 * NS_PER_S)
#define NEVER_NS  INT64_MAX

void recovery_fini(struct analyser *a)
{
    free(a->recoveries);
    free(a->segments);
    free(a->found);
    a->found = NULL;
    a->found_count = a->found_cap = 0;
    a->recoveries = NULL;
    a->segments = NULL;
}

static void keep_segment(struct analyser *a, struct pair_recovery *r, struct segment s)
{
    s.previous = r->newest;
    a->segments = array_grow(a->segments, a->segment_count, &a->segment_cap, sizeof(*a->segments));
    a->segments[a->segment_count] = s;
    r->newest = (uint32_t)++a->segment_count;
}

/* close_segment ends the growing segment before sequence end. */
static void close_segment(struct analyser *a, struct pair_recovery *r, uint32_t end)
{
    if (!r->open)
        return;
    r->open = false;
    if (r->newest == 0 && r->open_first <= r->base) {
        if (end > r->base)
            r->base = end; /* nothing lost so far: no need to remember how it came */
        return;
    }
    keep_segment(a, r, (struct segment){r->open_at, r->open_first, end - r->open_first, 0});
}

static void open_segment(struct analyser *a, size_t ix, uint32_t first, struct instant at)
{
    struct pair_recovery *r = &a->recoveries[ix];
    r->open = true;
    r->open_first = first;
    r->open_at = at.ns;
}

/* Until the first packet after Tf every packet is looked at, so that the cut is made there. */
static void settle_epoch(struct analyser *a, size_t ix, struct instant at)
{
    if (a->tf == NEVER_NS || at.ns > a->tf)
        a->pairs[ix].epoch = a->epoch;
}

void recovery_touch(struct analyser *a, size_t ix, uint32_t sequence, struct instant at)
{
    struct pair_recovery *r = &a->recoveries[ix];
    if (r->open && !a->tf_late && r->open_at <= a->tf && at.ns > a->tf)
        close_segment(a, r, sequence);
    if (!r->open)
        open_segment(a, ix, sequence, at);
    settle_epoch(a, ix, at);
}

void recovery_gap(struct analyser *a, size_t ix, uint32_t sequence, struct instant at)
{
    close_segment(a, &a->recoveries[ix], a->pairs[ix].next);
    open_segment(a, ix, sequence, at);
    settle_epoch(a, ix, at);
}

void recovery_late(struct analyser *a, size_t ix, uint32_t sequence, struct instant at)
{
    struct pair_recovery *r = &a->recoveries[ix];
    close_segment(a, r, a->pairs[ix].next);
    if (sequence >= r->base)
        keep_segment(a, r, (struct segment){at.ns, sequence, 1, 0});
    a->pairs[ix].epoch = (uint16_t)(a->epoch - 1); /* the next packet opens a segment */
}

void analyser_recovery_begin(struct analyser *a, struct instant begin)
{
    const struct flow_table *t = &a->table;
    if (a->recoveries == NULL)
        a->recoveries = mem_zalloc(t->pair_count, sizeof(*a->recoveries));
    a->begin = begin.ns;
    a->tf = NEVER_NS;
    a->tf_late = false;
    a->segment_count = a->found_count = 0;
    a->epoch++;
    for (uint64_t ix = 0; ix < t->flow_count; ix++) {
        const struct flow_state *f = &a->flows[ix];
        uint32_t first = f->sent; /* first packet sent at or after begin */
        if (f->sent > 0 && f->last_at >= begin.ns)
            first--;
        struct flow_place place = flow_place_get(t, ix);
        for (uint32_t slot = 0; slot < place.pairs; slot++) {
            uint32_t next = a->pairs[place.first_pair + slot].next;
            a->recoveries[place.first_pair + slot] =
                (struct pair_recovery){.base = next > first ? next : first};
        }
    }
}

void analyser_recovery_action(struct analyser *a, struct instant tf)
{
    a->tf = tf.ns;
    a->tf_late = a->latest > tf.ns;
    a->epoch++;
}

/* One pass over all pairs; the buffers grow and are used again from pair to pair. */
struct judge {
    struct analyser *a;
    struct segment *arrivals; /* of one pair, in order of arrival */
    size_t arrival_count, arrival_cap;
    struct segment *rows; /* the same in order of sequence */
    size_t row_cap;
};

static void add_arrival(struct judge *j, struct segment s)
{
    j->arrivals = array_grow(j->arrivals, j->arrival_count, &j->arrival_cap, sizeof(s));
    j->arrivals[j->arrival_count++] = s;
}

/* collect_arrivals lists the segments of a pair, oldest first. */
static void collect_arrivals(struct judge *j, size_t ix)
{
    const struct analyser *a = j->a;
    const struct pair_recovery *r = &a->recoveries[ix];
    j->arrival_count = 0;
    for (uint32_t s = r->newest; s != 0; s = a->segments[s - 1].previous)
        add_arrival(j, a->segments[s - 1]);
    for (size_t i = 0; i < j->arrival_count / 2; i++) {
        struct segment swap = j->arrivals[i];
        j->arrivals[i] = j->arrivals[j->arrival_count - 1 - i];
        j->arrivals[j->arrival_count - 1 - i] = swap;
    }
    if (r->open) {
        uint32_t count = a->pairs[ix].next - r->open_first;
        add_arrival(j, (struct segment){r->open_at, r->open_first, count, 0});
    }
}

static int compare_sequences(const void *left, const void *right)
{
    const struct segment *a = left, *b = right;
    return a->first < b->first ? -1 : a->first > b->first;
}

/* sort_rows fills rows with the arrivals in order of sequence. */
static void sort_rows(struct judge *j)
{
    if (j->row_cap < j->arrival_cap) {
        j->row_cap = j->arrival_cap;
        j->rows = mem_realloc(j->rows, j->row_cap, sizeof(*j->rows));
    }
    bool sorted = true;
    for (size_t i = 0; i < j->arrival_count; i++) {
        j->rows[i] = j->arrivals[i];
        if (i > 0 && j->rows[i].first < j->rows[i - 1].first)
            sorted = false;
    }
    if (!sorted)
        qsort(j->rows, j->arrival_count, sizeof(*j->rows), compare_sequences);
}

/* after_tf cuts off what arrived up to Tf; false: nothing is left. Segments begin afresh at Tf,
 * except when Tf was told late: then arrivals within a segment are taken to be a period apart. */
static bool after_tf(const struct analyser *a, struct segment *s)
{
    if (s->at > a->tf)
        return true;
    if (!a->tf_late)
        return false;
    int64_t period_ns = a->table.period_ns;
    int64_t before = (a->tf - s->at) / period_ns + 1;
    if (before >= s->count)
        return false;
    s->at += before * period_ns;
    s->first += (uint32_t)before;
    s->count -= (uint32_t)before;
    return true;
}

/* find_run fills in first_at and recovered_at and returns the sequence at which the run begins;
 * UINT32_MAX: there is none. */
static uint32_t find_run(const struct judge *j, uint32_t first_lost, struct interruption *out)
{
    for (size_t i = 0; i < j->arrival_count; i++) {
        struct segment s = j->arrivals[i];
        if (s.first < first_lost || !after_tf(j->a, &s))
            continue;
        if (out->first_at == NEVER_NS)
            out->first_at = s.at;
        if (s.count >= j->a->run_packets) {
            out->recovered_at = s.at;
            return s.first;
        }
    }
    return UINT32_MAX;
}

/* first_missing returns the first sequence from base on that did not arrive. */
static uint32_t first_missing(const struct judge *j, uint32_t base)
{
    for (size_t i = 0; i < j->arrival_count && j->rows[i].first <= base; i++) {
        uint32_t end = j->rows[i].first + j->rows[i].count;
        if (end > base)
            base = end;
    }
    return base;
}

/* first_due returns the flow's first sequence that is due at or after the instant at_ns. */
static uint32_t first_due(const struct analyser *a, uint32_t flow, int64_t at_ns)
{
    int64_t since_ns = at_ns == NEVER_NS ? INT64_MAX : at_ns - analyser_due(a, flow, 0);
    if (since_ns <= 0)
        return 0;
    int64_t n = (since_ns - 1) / a->table.period_ns + 1;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* count_hole counts packets from...to - 1, all sent after Tf: before it the DUT was held out. */
static void count_hole(uint32_t from, uint32_t to, uint32_t run, struct interruption *out)
{
    if (from >= to)
        return;
    if (from < run)
        out->lost_before += (to < run ? to : run) - from;
    if (to > run)
        out->lost_after += to - (from > run ? from : run);
}

/* judge_pair adds the pair to those found if it lost something; packets from limit on are still
 * under way. */
static void judge_pair(struct judge *j, const struct flow_place *place, uint32_t slot,
                       uint32_t limit)
{
    struct analyser *a = j->a;
    size_t ix = place->first_pair + slot;
    const struct pair_recovery *r = &a->recoveries[ix];
    if (r->newest == 0 && (!r->open || r->open_first <= r->base) && a->pairs[ix].next >= limit)
        return;
    collect_arrivals(j, ix);
    sort_rows(j);
    uint32_t first_lost = first_missing(j, r->base);
    if (first_lost >= limit && first_lost >= a->pairs[ix].next)
        return;
    struct interruption out = {
        .lost_at = analyser_due(a, place->flow, first_lost),
        .first_at = NEVER_NS,
        .recovered_at = NEVER_NS,
        .weight = flow_branch_weight(&a->table, flow_branch_of(&a->table, place, slot)),
        .flow = place->flow,
        .direction = place->direction,
    };
    uint32_t run = find_run(j, first_lost, &out);
    uint32_t after_action = first_due(a, place->flow, a->tf);
    uint32_t at = first_lost > after_action ? first_lost : after_action;
    for (size_t i = 0; i < j->arrival_count; i++) {
        uint32_t end = j->rows[i].first + j->rows[i].count;
        count_hole(at, j->rows[i].first, run, &out);
        at = end > at ? end : at;
    }
    count_hole(at, limit, run, &out);
    a->found = array_grow(a->found, a->found_count, &a->found_cap, sizeof(*a->found));
    a->found[a->found_count++] = out;
}

/* due_limit returns the first sequence of a flow that is not overdue yet. */
static uint32_t due_limit(const struct analyser *a, const struct flow_state *f, uint32_t flow,
                          struct instant now)
{
    int64_t since_ns = now.ns - a->overdue_ns - analyser_due(a, flow, 0);
    if (since_ns < 0)
        return 0;
    int64_t due = since_ns / a->table.period_ns + 1;
    return due < f->sent ? (uint32_t)due : f->sent;
}

static int compare_interruptions(const void *left, const void *right)
{
    const struct interruption *a = left, *b = right;
    return a->lost_at < b->lost_at ? -1 : a->lost_at > b->lost_at;
}

/* Pairs that did not recover come before those that lost packets again. */
struct culprits {
    uint32_t not_recovered, lost_again; /* lowest flow of each; 0: none */
};

static void blame(uint32_t *lowest, const struct interruption *i)
{
    if (*lowest == 0 || i->flow < *lowest)
        *lowest = i->flow;
}

static void add_interruption(const struct analyser *a, const struct interruption *i,
                             struct culprits *c, struct emul_recovery *out)
{
    bool ingress = i->direction == FLOW_INGRESS;
    *(ingress ? &out->interrupted_ingress : &out->interrupted_egress) += i->weight;
    struct instant *first = ingress ? &out->tre : &out->trd;
    if (i->first_at < first->ns)
        first->ns = i->first_at;
    if (i->recovered_at == NEVER_NS) {
        out->not_recovered += i->weight;
        blame(&c->not_recovered, i);
    } else if (i->lost_after > 0) {
        out->lost_again += i->weight;
        blame(&c->lost_again, i);
    }
    int64_t derived_ns = (int64_t)i->lost_before * a->table.period_ns;
    if (derived_ns > out->loss_derived_max_ns)
        out->loss_derived_max_ns = derived_ns;
}

/* order_by_loss sorts the pairs by first loss, unless all lost something before until anyway. */
static void order_by_loss(struct analyser *a, int64_t until)
{
    size_t k = 0;
    while (k < a->found_count && a->found[k].lost_at <= until)
        k++;
    if (k < a->found_count)
        qsort(a->found, a->found_count, sizeof(*a->found), compare_interruptions);
}

static void sum_up(struct analyser *a, struct emul_recovery *out)
{
    int64_t until = a->tf == NEVER_NS ? NEVER_NS : a->tf + SETTLE_NS;
    order_by_loss(a, until);
    int64_t last = INT64_MIN;
    struct culprits c = {0, 0};
    for (size_t k = 0; k < a->found_count; k++) {
        struct interruption *i = &a->found[k];
        if (i->lost_at > until) {
            out->lost_again += i->weight;
            blame(&c.lost_again, i);
            i->recovered_at = NEVER_NS; /* it was not interrupted: nothing to come back from */
            continue;
        }
        add_interruption(a, i, &c, out);
        if (i->recovered_at == NEVER_NS)
            continue;
        last = i->recovered_at > last ? i->recovered_at : last;
        until = last > until ? last : until;
    }
    out->first_flow = c.not_recovered != 0 ? c.not_recovered : c.lost_again;
    if (last != INT64_MIN && out->not_recovered == 0)
        out->trall.ns = last;
}

void analyser_recovery_get(struct analyser *a, struct instant now, struct emul_recovery *out)
{
    *out = (struct emul_recovery){
        .begin = {a->begin},
        .tf = {a->tf},
        .tre = INSTANT_NEVER,
        .trd = INSTANT_NEVER,
        .trall = INSTANT_NEVER,
        .mi_pmsi_first = INSTANT_NEVER,
        .mi_pmsi_all = INSTANT_NEVER,
        .c_first = INSTANT_NEVER,
        .c_all = INSTANT_NEVER,
    };
    if (a->recoveries == NULL)
        return;
    struct judge j = {.a = a};
    a->found_count = 0;
    for (uint64_t ix = 0; ix < a->table.flow_count; ix++) {
        struct flow_place place = flow_place_get(&a->table, ix);
        uint32_t limit = due_limit(a, &a->flows[ix], place.flow, now);
        for (uint32_t slot = 0; slot < place.pairs; slot++)
            judge_pair(&j, &place, slot, limit);
    }
    sum_up(a, out);
    free(j.arrivals);
    free(j.rows);
    out->settled = a->tf != NEVER_NS && now.ns >= a->tf + SETTLE_NS && out->not_recovered == 0 &&
                   analyser_pairs_flowing(a, now) == analyser_pairs_total(a);
}

void analyser_regained_each(const struct analyser *a, analyser_regained_fn *fn, void *arg)
{
    for (size_t i = 0; i < a->found_count; i++) {
        const struct interruption *f = &a->found[i];
        if (f->recovered_at != NEVER_NS)
            fn(arg, f->direction == FLOW_INGRESS, (struct instant){f->recovered_at}, f->weight);
    }
}
