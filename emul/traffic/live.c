/* Counts since the sources started, by flow, for a network that is held. */
#include "emul/base/mem.h"
#include "emul/traffic/state.h"

#include <stdlib.h>
#include <string.h>

/* A packet that is younger may still be on its way. */
#define ON_THE_WAY_NS NS_PER_S

void live_fini(struct analyser *a)
{
    free(a->counts);
    free(a->vpn_strays);
    a->counts = NULL;
    a->vpn_strays = NULL;
}

void analyser_live_start(struct analyser *a)
{
    if (a->counts != NULL)
        return;
    a->counts = mem_zalloc(a->table.flow_count, sizeof(*a->counts));
    a->vpn_strays = mem_zalloc(a->table.mvpns, sizeof(*a->vpn_strays));
}

void live_stray(struct analyser *a, uint32_t v, const struct probe *p)
{
    if (a->counts == NULL)
        return;
    if (v - 1 < a->table.mvpns)
        a->vpn_strays[v - 1]++;
    if (p->flow - 1 < a->table.flow_count)
        a->counts[p->flow - 1].misdelivered++;
}

void analyser_again(struct analyser *a)
{
    const struct flow_table *t = &a->table;
    recovery_fini(a);
    a->begin = a->tf = a->window_from = INT64_MAX;
    a->window_span = 0;
    memset(a->sums, 0, sizeof(a->sums));
    a->last_fault = a->latest = INT64_MIN;
    memset(a->pairs, 0, t->pair_count * sizeof(*a->pairs));
    memset(a->faults, 0, t->pair_count * sizeof(*a->faults));
    memset(a->flows, 0, t->flow_count * sizeof(*a->flows));
    for (size_t i = 0; i < t->pair_count; i++)
        a->pairs[i].epoch = a->epoch;
    if (a->counts == NULL)
        return;
    memset(a->counts, 0, t->flow_count * sizeof(*a->counts));
    memset(a->vpn_strays, 0, t->mvpns * sizeof(*a->vpn_strays));
}

/* How many of the flow's newest packets may still be on their way at now. */
static uint32_t young(const struct analyser *a, const struct flow_state *f, struct instant now)
{
    int64_t age_ns = now.ns - f->last_at;
    if (f->sent == 0 || f->last_withheld || age_ns >= ON_THE_WAY_NS)
        return 0;
    return (uint32_t)((ON_THE_WAY_NS - age_ns - 1) / a->table.period_ns) + 1;
}

static uint64_t pairs_on_the_way(const struct analyser *a, const struct flow_place *place,
                                 struct instant now)
{
    const struct flow_state *f = &a->flows[place->flow - 1];
    uint32_t most = young(a, f, now);
    uint64_t pairs = 0;
    for (uint32_t slot = 0; most > 0 && slot < place->pairs; slot++) {
        uint32_t behind = f->sent - a->pairs[place->first_pair + slot].next;
        pairs += (uint64_t)(behind < most ? behind : most) *
                 flow_branch_weight(&a->table, flow_branch_of(&a->table, place, slot));
    }
    return pairs;
}

void analyser_flow_get(const struct analyser *a, uint32_t flow, struct instant now,
                       struct analyser_flow *out)
{
    static const struct flow_counts nothing;
    struct flow_place place = flow_place_get(&a->table, flow - 1);
    const struct flow_counts *c = a->counts == NULL ? &nothing : &a->counts[flow - 1];
    uint64_t sent = c->sent * flow_receivers(&a->table, place.direction);
    uint64_t missing = sent > c->received ? sent - c->received : 0;
    uint64_t way = missing == 0 ? 0 : pairs_on_the_way(a, &place, now);
    *out = (struct analyser_flow){
        .sent = sent,
        .received = c->received,
        .lost = missing > way ? missing - way : 0,
        .duplicate = c->duplicate,
        .misdelivered = c->misdelivered,
        .latency_avg_ns = c->arrivals == 0 ? -1 : c->latency_ns / (int64_t)c->arrivals,
        .ingress = place.direction == FLOW_INGRESS,
    };
}

uint64_t analyser_vpn_strays(const struct analyser *a, uint32_t v)
{
    return a->vpn_strays == NULL ? 0 : a->vpn_strays[v - 1];
}
