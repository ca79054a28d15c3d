/* The window by flow and receiver, for who wants each row of it. */
#include "emul/base/mem.h"
#include "emul/traffic/state.h"

#include <stdlib.h>

void analyser_pairs_keep(struct analyser *a)
{
    if (a->latencies == NULL)
        a->latencies = mem_zalloc(a->table.pair_count, sizeof(*a->latencies));
    flows_open(a);
}

void flows_open(struct analyser *a)
{
    for (size_t i = 0; i < a->table.pair_count; i++)
        a->latencies[i] = (struct pair_latency){.min = INT64_MAX, .max = -1};
}

static int64_t not_negative(int64_t latency_ns)
{
    return latency_ns < 0 ? 0 : latency_ns;
}

void flows_add(struct analyser *a, size_t pair, int64_t latency_ns)
{
    struct pair_latency *l = &a->latencies[pair];
    int64_t ns = not_negative(latency_ns);
    l->sum += ns;
    l->min = ns < l->min ? ns : l->min;
    l->max = ns > l->max ? ns : l->max;
}

void flows_take(struct analyser *a, size_t pair, int64_t latency_ns)
{
    a->latencies[pair].sum -= not_negative(latency_ns);
}

static struct analyser_pair row_of(const struct analyser *a, const struct flow_place *place,
                                   uint32_t slot)
{
    size_t ix = place->first_pair + slot;
    const struct flow_state *f = &a->flows[place->flow - 1];
    uint32_t branch = flow_branch_of(&a->table, place, slot);
    struct analyser_pair row = {
        .vpn = place->vpn,
        .flow = place->flow,
        .branch = branch,
        .weight = flow_branch_weight(&a->table, branch),
        .ingress = place->direction == FLOW_INGRESS,
        .sent = f->window_sent,
        .received = a->pairs[ix].received,
        .not_joined = f->window_withheld,
        .duplicate = a->faults[ix].duplicate,
        .latency_min_ns = -1,
        .latency_avg_ns = -1,
        .latency_max_ns = -1,
    };
    if (a->latencies == NULL)
        return row;
    const struct pair_latency *l = &a->latencies[ix];
    row.reordered = l->reordered;
    if (row.received > 0) {
        row.latency_min_ns = l->min;
        row.latency_avg_ns = l->sum / (int64_t)row.received;
        row.latency_max_ns = l->max;
    }
    return row;
}

static int compare_strays(const void *left, const void *right)
{
    const struct stray *a = left, *b = right;
    if (a->flow != b->flow)
        return a->flow < b->flow ? -1 : 1;
    if (a->vpn != b->vpn)
        return a->vpn < b->vpn ? -1 : 1;
    return a->branch < b->branch ? -1 : a->branch > b->branch;
}

static int strays_each(const struct analyser *a, analyser_pair_fn *fn, void *arg)
{
    struct stray *sorted = mem_zalloc(a->stray_count + 1, sizeof(*sorted));
    int result = 0;
    for (size_t i = 0; i < a->stray_count; i++)
        sorted[i] = a->strays[i];
    qsort(sorted, a->stray_count, sizeof(*sorted), compare_strays);
    for (size_t i = 0; i < a->stray_count && result == 0; i++) {
        const struct stray *s = &sorted[i];
        struct analyser_pair row = {
            .vpn = s->vpn,
            .flow = s->flow,
            .branch = s->branch,
            .ingress = window_stray_direction(&a->table, s->branch, s->flow) == FLOW_INGRESS,
            .misdelivered = s->count,
            .latency_min_ns = -1,
            .latency_avg_ns = -1,
            .latency_max_ns = -1,
        };
        result = fn(arg, &row);
    }
    free(sorted);
    return result;
}

int analyser_pairs_each(const struct analyser *a, analyser_pair_fn *fn, void *arg)
{
    for (uint64_t ix = 0; ix < a->table.flow_count; ix++) {
        struct flow_place place = flow_place_get(&a->table, ix);
        for (uint32_t slot = 0; slot < place.pairs; slot++) {
            struct analyser_pair row = row_of(a, &place, slot);
            int result = fn(arg, &row);
            if (result != 0)
                return result;
        }
    }
    return strays_each(a, fn, arg);
}
