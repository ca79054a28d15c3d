/* All sources are registered before any of them sends (draft 9.13, PROTOCOLS 12 D28). */
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/node/register_dr_in.h"
#include "emul/proto/pim/register.h"

#include <stdlib.h>

static void turn(void *arg);

static int compare_turns(const void *left, const void *right)
{
    const struct register_turn *a = left, *b = right;
    if (a->after_ns != b->after_ns)
        return a->after_ns < b->after_ns ? -1 : 1;
    return a->ix < b->ix ? -1 : a->ix > b->ix;
}

/* A group that nobody receives is not joined by the RP. */
static bool has_receivers(const struct instance_spec *s, uint32_t j)
{
    if (topology_is_test(s, j))
        return false;
    return topology_is_ingress(s, j) ? s->c_interfaces > 1 || s->receiver_pes > 0
                                     : s->receiver_c_ifs > 0;
}

/* Each DR sends its flows' Registers one after the other; DRs are apart within the gap. */
static void list_turns(struct register_drs *d)
{
    const struct instance_spec *s = &d->net->spec;
    struct register_announce *a = &d->announce;
    uint32_t *sent = mem_zalloc((size_t)s->mvpns * d->sites, sizeof(*sent));
    uint64_t seed = hash_text(s->seed, "register-turn");
    for (uint32_t ix = 0; ix < s->mvpns * d->net->plan.flows_per_vpn; ix++) {
        uint32_t v, j, k;
        register_dr_split(d, ix, &v, &j, &k);
        if (!has_receivers(s, j))
            continue;
        uint32_t dr = register_dr_place(d, v, j);
        int64_t phase_ns = (int64_t)hash_range(hash_mix(seed, dr), PIM_REG_GAP_NS);
        a->turns[a->count++] = (struct register_turn){phase_ns + sent[dr]++ * PIM_REG_GAP_NS, ix};
    }
    free(sent);
    qsort(a->turns, a->count, sizeof(*a->turns), compare_turns);
}

void register_drs_announce(struct register_drs *d)
{
    struct register_announce *a = &d->announce;
    struct net *n = d->net;
    size_t flows = (size_t)n->spec.mvpns * n->plan.flows_per_vpn;
    if (!d->active || a->turns != NULL)
        return;
    a->turns = mem_zalloc(flows, sizeof(*a->turns));
    a->first_ns = mem_zalloc(flows, sizeof(*a->first_ns));
    n->joined_ns = mem_zalloc(n->routes.count, sizeof(*n->joined_ns));
    for (size_t ix = 0; ix < flows; ix++)
        a->first_ns[ix] = INT64_MAX;
    for (size_t route = 0; route < n->routes.count; route++)
        n->joined_ns[route] = INT64_MAX;
    list_turns(d);
    timer_init(&a->timer, "register all", turn, d);
    a->round = net_now(n);
    a->running = a->count > 0;
    if (a->running)
        timer_set(n->loop, &a->timer, instant_add(a->round, a->turns[0].after_ns));
}

static int64_t joined_ns(const struct register_drs *d, uint32_t ix)
{
    uint32_t v, j, k;
    register_dr_split(d, ix, &v, &j, &k);
    return d->net->joined_ns[plan_route(&d->net->plan, v, j, k)];
}

/* The DR's data Registers keep their distance to its last Null-Register. */
static void pace(struct register_drs *d, uint32_t ix)
{
    uint32_t v, j, k;
    register_dr_split(d, ix, &v, &j, &k);
    d->drs[register_dr_place(d, v, j)].next_ns = instant_add(net_now(d->net), PIM_REG_GAP_NS).ns;
}

/* Whoever has not been joined Register_Probe_Time after a round is registered once more. */
static void turn(void *arg)
{
    struct register_drs *d = arg;
    struct register_announce *a = &d->announce;
    struct net *n = d->net;
    while (instant_add(a->round, a->turns[a->next].after_ns).ns <= net_now(n).ns) {
        uint32_t ix = a->turns[a->next].ix;
        if (joined_ns(d, ix) == INT64_MAX && register_dr_null(d, ix) &&
            a->first_ns[ix] == INT64_MAX)
            a->first_ns[ix] = net_now(n).ns;
        pace(d, ix);
        if (++a->next == a->count) {
            a->next = 0;
            a->round = instant_add(net_now(n), PIM_REG_PROBE_NS);
        }
    }
    timer_set(n->loop, &a->timer, instant_add(a->round, a->turns[a->next].after_ns));
}

void register_drs_announce_end(struct register_drs *d)
{
    if (d->announce.running)
        timer_cancel(d->net->loop, &d->announce.timer);
    d->announce.running = false;
}

void register_drs_joins(const struct register_drs *d, struct emul_register_joins *out)
{
    const struct register_announce *a = &d->announce;
    *out = (struct emul_register_joins){
        .expected = a->count, .delay_min_ns = -1, .delay_avg_ns = -1, .delay_max_ns = -1};
    int64_t sum_ns = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint32_t ix = a->turns[i].ix;
        int64_t at_ns = joined_ns(d, ix), delay_ns = at_ns - a->first_ns[ix];
        if (at_ns == INT64_MAX)
            continue;
        out->joined++;
        if (a->first_ns[ix] == INT64_MAX || delay_ns < 0)
            continue; /* joined without a Register: no delay is known */
        if (out->measured == 0 || delay_ns < out->delay_min_ns)
            out->delay_min_ns = delay_ns;
        if (delay_ns > out->delay_max_ns)
            out->delay_max_ns = delay_ns;
        sum_ns += delay_ns;
        out->measured++;
    }
    if (out->measured > 0)
        out->delay_avg_ns = sum_ns / (int64_t)out->measured;
}

void register_announce_fini(struct register_drs *d)
{
    register_drs_announce_end(d);
    free(d->announce.turns);
    free(d->announce.first_ns);
    free(d->net->joined_ns);
    d->net->joined_ns = NULL;
}
