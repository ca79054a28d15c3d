#include "emul/base/mem.h"
#include "emul/traffic/blocks.h"
#include "emul/traffic/state.h"

#include <stdlib.h>
#include <string.h>

void window_fini(struct analyser *a)
{
    map_fini(&a->stray_index);
    free(a->strays);
    a->strays = NULL;
}

/*
 * A window is [from, to) by send time, whatever the order of events at one instant. Packets that
 * were sent at the very instant of an edge but before the window was opened (closed) are added
 * (taken out) here; only the newest packet of a flow can be such a one.
 */
static void edge_recount_flow(struct analyser *a, uint64_t flow_ix, bool add)
{
    const struct flow_table *t = &a->table;
    struct flow_state *f = &a->flows[flow_ix];
    uint32_t one = add ? 1 : UINT32_MAX;
    f->window_sent += one;
    f->window_withheld += f->last_withheld ? one : 0;
    struct flow_place place = flow_place_get(t, flow_ix);
    struct direction_sums *sums = &a->sums[place.direction];
    if (a->blocks != NULL)
        marks_edge(a, &place, add ? 1 : -1);
    for (uint32_t slot = 0; slot < place.pairs; slot++) {
        struct pair *pair = &a->pairs[place.first_pair + slot];
        if (pair->next != f->sent)
            continue; /* not there yet */
        uint32_t weight = flow_branch_weight(t, flow_branch_of(t, &place, slot));
        int64_t latency_ns = pair->last_at > f->last_at ? pair->last_at - f->last_at : 0;
        pair->received += one;
        if (add) {
            sums_add(sums, weight, latency_ns);
        } else {
            sums->received -= weight;
            sums->latency_sum -= (unsigned __int128)latency_ns * weight;
            latency_take(&sums->latency, latency_ns, weight);
        }
        if (a->latencies != NULL)
            (add ? flows_add : flows_take)(a, place.first_pair + slot, latency_ns);
    }
}

static void edge_recount(struct analyser *a, struct instant edge, bool add)
{
    for (uint64_t ix = 0; ix < a->table.flow_count; ix++) {
        if (a->flows[ix].sent > 0 && a->flows[ix].last_at >= edge.ns)
            edge_recount_flow(a, ix, add);
    }
}

void analyser_window_open(struct analyser *a, struct instant from)
{
    a->window_from = from.ns;
    a->window_span = INT64_MAX;
    memset(a->sums, 0, sizeof(a->sums));
    for (size_t d = 0; d < FLOW_DIRECTIONS; d++) {
        a->sums[d].latency_min = INT64_MAX;
        a->sums[d].latency_max = -1;
    }
    if (a->latencies != NULL)
        flows_open(a);
    for (uint64_t f = 0; f < a->table.flow_count; f++)
        a->flows[f].window_sent = a->flows[f].window_withheld = 0;
    for (size_t i = 0; i < a->table.pair_count; i++)
        a->pairs[i].received = 0;
    memset(a->faults, 0, a->table.pair_count * sizeof(*a->faults));
    map_clear(&a->stray_index);
    if (a->blocks != NULL)
        blocks_open(a->blocks, from);
    a->stray_count = 0;
    edge_recount(a, from, true);
}

void analyser_window_close(struct analyser *a, struct instant to)
{
    if (a->window_span != INT64_MAX)
        return;
    edge_recount(a, to, false);
    a->window_span = (uint64_t)(to.ns - a->window_from);
}

enum flow_direction window_stray_direction(const struct flow_table *t, uint32_t branch,
                                           uint32_t flow)
{
    if (flow - 1 < t->flow_count)
        return flow_place_get(t, flow - 1).direction;
    return branch == ANALYSER_MI_PMSI ? FLOW_INGRESS : FLOW_EGRESS;
}

void window_misdelivered(struct analyser *a, uint32_t v, uint32_t branch, const struct probe *p)
{
    if (!window_has(a, p->sent_ns))
        return;
    a->sums[window_stray_direction(&a->table, branch, p->flow)].misdelivered++;
    uint64_t key = (uint64_t)(v & 0xffff) << 48 | (uint64_t)(branch & 0x7fff) << 32 | p->flow;
    uint32_t ix = map_get(&a->stray_index, key);
    if (ix == MAP_NONE) {
        a->strays = array_grow(a->strays, a->stray_count, &a->stray_cap, sizeof(*a->strays));
        ix = (uint32_t)a->stray_count++;
        a->strays[ix] = (struct stray){.vpn = v, .branch = branch, .flow = p->flow};
        map_put(&a->stray_index, key, ix);
    }
    a->strays[ix].count++;
}

static void direction_get(const struct direction_sums *s, struct emul_direction *out)
{
    out->received = s->received;
    out->lost = out->sent - s->received;
    out->duplicate = s->duplicate;
    out->reordered = s->reordered;
    out->misdelivered = s->misdelivered;
    bool any = s->received > 0;
    out->latency_min_ns = any ? s->latency_min : -1;
    out->latency_max_ns = any ? s->latency_max : -1;
    out->latency_avg_ns = any ? (int64_t)(s->latency_sum / s->received) : -1;
    const unsigned percents[] = {50, 90, 99};
    int64_t *const quantiles[] = {&out->latency_p50_ns, &out->latency_p90_ns, &out->latency_p99_ns};
    for (size_t i = 0; i < 3; i++)
        *quantiles[i] =
            latency_quantile(&s->latency, s->received, percents[i], s->latency_min, s->latency_max);
}

void analyser_window_get(const struct analyser *a, struct emul_window *out)
{
    const struct flow_table *t = &a->table;
    struct emul_direction d[FLOW_DIRECTIONS] = {0};
    uint64_t receivers[FLOW_DIRECTIONS];
    for (int i = 0; i < FLOW_DIRECTIONS; i++) {
        d[i].min_sent_per_flow = UINT64_MAX;
        receivers[i] = flow_receivers(t, (enum flow_direction)i);
    }
    for (uint64_t ix = 0; ix < t->flow_count; ix++) {
        const struct flow_state *f = &a->flows[ix];
        enum flow_direction i = flow_place_get(t, ix).direction;
        d[i].flows++;
        d[i].sent += f->window_sent * receivers[i];
        d[i].not_joined += f->window_withheld * receivers[i];
        if (f->window_sent < d[i].min_sent_per_flow)
            d[i].min_sent_per_flow = f->window_sent;
    }
    for (int i = 0; i < FLOW_DIRECTIONS; i++)
        direction_get(&a->sums[i], &d[i]);
    struct instant from = {a->window_from}, to = INSTANT_NEVER;
    if (a->window_span != INT64_MAX)
        to = instant_add(from, (int64_t)a->window_span);
    *out = (struct emul_window){from, to, d[FLOW_INGRESS], d[FLOW_EGRESS]};
}

size_t analyser_latency_get(const struct analyser *a, bool ingress, struct emul_latency *out,
                            size_t cap)
{
    const struct direction_sums *s = &a->sums[ingress ? FLOW_INGRESS : FLOW_EGRESS];
    const struct latency_counts *c = &s->latency;
    size_t count = 0, last = s->received > 0 ? latency_bucket(s->latency_max) : 0;
    for (size_t i = s->received > 0 ? latency_bucket(s->latency_min) : 1; i <= last; i++) {
        if (c->at[i] == 0)
            continue;
        if (count < cap)
            out[count] = (struct emul_latency){latency_lower(i), latency_upper(i), c->at[i]};
        count++;
    }
    return count;
}

/* The list of failures while it is written: counts on when there is no more room. */
struct failure_list {
    struct emul_failure *out;
    size_t cap, count;
};

#define NO_BRANCH UINT32_MAX

static void add_failure(struct failure_list *l, enum emul_criterion criterion, uint32_t vpn,
                        uint32_t flow, uint32_t branch, uint64_t count)
{
    if (l->count < l->cap) {
        struct emul_failure *f = &l->out[l->count];
        *f =
            (struct emul_failure){.criterion = criterion, .vpn = vpn, .flow = flow, .count = count};
        if (branch != NO_BRANCH)
            flow_branch_name(branch, f->interface, sizeof(f->interface));
    }
    l->count++;
}

static void flow_failures(const struct analyser *a, const struct flow_place *place,
                          const struct flow_state *f, struct failure_list *l)
{
    if (f->window_withheld > 0 && place->pairs > 0)
        add_failure(l, CRIT_NOT_JOINED, place->vpn, place->flow, NO_BRANCH, f->window_withheld);
    uint32_t could_arrive = f->window_sent - f->window_withheld;
    for (uint32_t slot = 0; slot < place->pairs; slot++) {
        size_t ix = place->first_pair + slot;
        uint32_t lost = could_arrive - a->pairs[ix].received;
        uint32_t duplicate = a->faults[ix].duplicate;
        if (lost == 0 && duplicate == 0)
            continue;
        uint32_t branch = flow_branch_of(&a->table, place, slot);
        if (lost > 0)
            add_failure(l, CRIT_LOSS, place->vpn, place->flow, branch, lost);
        if (duplicate > 0)
            add_failure(l, CRIT_DUPLICATE, place->vpn, place->flow, branch, duplicate);
    }
}

size_t analyser_failures(const struct analyser *a, struct emul_failure *out, size_t cap)
{
    struct failure_list l = {out, cap, 0};
    for (uint64_t ix = 0; ix < a->table.flow_count; ix++) {
        struct flow_place place = flow_place_get(&a->table, ix);
        flow_failures(a, &place, &a->flows[ix], &l);
    }
    for (size_t i = 0; i < a->stray_count; i++) {
        const struct stray *s = &a->strays[i];
        add_failure(&l, CRIT_MISDELIVERED, s->vpn, s->flow, s->branch, s->count);
    }
    return l.count;
}
