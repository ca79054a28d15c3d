#include "oracle.h"

#include "emul/base/mem.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

struct oracle oracle_new(struct instance_spec spec)
{
    return (struct oracle){
        .spec = spec, .from = INT64_MAX, .to = INT64_MAX, .begin = INT64_MAX, .tf = INT64_MAX};
}

void oracle_free(struct oracle *o)
{
    free(o->sent);
    free(o->arrivals);
}

void oracle_sent(struct oracle *o, struct oracle_sent s)
{
    o->sent = array_grow(o->sent, o->sent_count, &o->sent_cap, sizeof(s));
    o->sent[o->sent_count++] = s;
}

void oracle_arrived(struct oracle *o, struct oracle_arrival a)
{
    o->arrivals = array_grow(o->arrivals, o->arrival_count, &o->arrival_cap, sizeof(a));
    o->arrivals[o->arrival_count++] = a;
}

/* A (flow, branch), and the first copies that arrived on it, in order of arrival. */
struct watch {
    uint32_t flow, branch, vpn;
    bool ingress;
    uint64_t weight; /* 0: this branch does not expect the flow */
    const struct oracle_arrival **first;
    size_t count;
    bool *has;                     /* by sequence */
    int64_t duplicates, reordered; /* of packets sent in the window */
    int64_t highest;
};

static bool in_window(const struct oracle *o, int64_t sent)
{
    return sent >= o->from && sent < o->to;
}

static bool arrived(const struct watch *w, uint64_t sequence)
{
    return w->has[sequence];
}

/* describe tells what is expected of a flow on a branch. */
static struct watch describe(const struct oracle *o, uint32_t flow, uint32_t branch)
{
    const struct instance_spec *s = &o->spec;
    struct watch w = {.flow = flow, .branch = branch, .highest = -1};
    uint32_t j, k;
    topology_flow_split(s, flow, &w.vpn, &j, &k);
    w.ingress = topology_is_ingress(s, j);
    if (w.ingress && branch == 0)
        w.weight = s->receiver_pes;
    else if (w.ingress)
        w.weight = branch != topology_site_of_group(s, j);
    else
        w.weight = branch >= 1 && branch <= s->receiver_c_ifs;
    return w;
}

static struct watch watch_new(const struct oracle *o, uint32_t flow, uint32_t branch)
{
    struct watch w = describe(o, flow, branch);
    w.first = mem_zalloc(o->arrival_count + 1, sizeof(*w.first));
    w.has = mem_zalloc(o->sent_count + 1, sizeof(*w.has));
    for (size_t i = 0; i < o->arrival_count; i++) {
        const struct oracle_arrival *a = &o->arrivals[i];
        if (a->flow != flow || a->vpn != w.vpn || a->probe_vpn != w.vpn || a->branch != branch)
            continue;
        int64_t sequence = (int64_t)a->sequence;
        if (w.highest - sequence >= 64 || arrived(&w, a->sequence)) {
            w.duplicates += in_window(o, a->sent);
            continue;
        }
        w.reordered += sequence < w.highest && in_window(o, a->sent);
        w.highest = sequence > w.highest ? sequence : w.highest;
        w.first[w.count++] = a;
        w.has[a->sequence] = true;
    }
    return w;
}

static void watch_free(struct watch *w)
{
    free(w->first);
    free(w->has);
}

typedef void watch_fn(const struct oracle *o, struct watch *w, void *arg);

static void each_pair(const struct oracle *o, watch_fn *fn, void *arg)
{
    for (uint32_t flow = 1; flow <= spec_flow_count(&o->spec); flow++) {
        for (uint32_t branch = 0; branch <= o->spec.c_interfaces; branch++) {
            if (describe(o, flow, branch).weight == 0)
                continue;
            struct watch w = watch_new(o, flow, branch);
            fn(o, &w, arg);
            watch_free(&w);
        }
    }
}

static bool stray(const struct oracle *o, const struct oracle_arrival *a)
{
    struct watch w = describe(o, a->flow, a->branch);
    return a->vpn != w.vpn || a->probe_vpn != w.vpn || w.weight == 0;
}

static void window_pair(const struct oracle *o, struct watch *w, void *arg)
{
    struct emul_window *out = arg;
    struct emul_direction *d = w->ingress ? &out->ingress : &out->egress;
    for (size_t i = 0; i < o->sent_count; i++) {
        const struct oracle_sent *s = &o->sent[i];
        if (s->flow != w->flow || !in_window(o, s->at))
            continue;
        d->sent += w->weight;
        *(arrived(w, s->sequence) ? &d->received : &d->lost) += w->weight;
        d->not_joined += s->withheld ? w->weight : 0;
    }
    for (size_t i = 0; i < w->count; i++) {
        int64_t latency = w->first[i]->at - w->first[i]->sent;
        if (!in_window(o, w->first[i]->sent))
            continue;
        if (d->latency_min_ns < 0 || latency < d->latency_min_ns)
            d->latency_min_ns = latency;
        if (latency > d->latency_max_ns)
            d->latency_max_ns = latency;
    }
    d->duplicate += (uint64_t)w->duplicates * w->weight;
    d->reordered += (uint64_t)w->reordered * w->weight;
}

void oracle_window(const struct oracle *o, struct emul_window *out)
{
    struct emul_direction none = {
        .min_sent_per_flow = UINT64_MAX, .latency_min_ns = -1, .latency_max_ns = -1};
    *out = (struct emul_window){{o->from}, {o->to}, none, none};
    for (uint32_t flow = 1; flow <= spec_flow_count(&o->spec); flow++) {
        struct emul_direction *d = describe(o, flow, 0).ingress ? &out->ingress : &out->egress;
        uint64_t sent = 0;
        for (size_t i = 0; i < o->sent_count; i++)
            sent += o->sent[i].flow == flow && in_window(o, o->sent[i].at);
        d->flows++;
        d->min_sent_per_flow = sent < d->min_sent_per_flow ? sent : d->min_sent_per_flow;
    }
    each_pair(o, window_pair, out);
    for (size_t i = 0; i < o->arrival_count; i++) {
        const struct oracle_arrival *a = &o->arrivals[i];
        if (!in_window(o, a->sent) || !stray(o, a))
            continue;
        bool ingress = describe(o, a->flow, 0).ingress;
        (ingress ? &out->ingress : &out->egress)->misdelivered++;
    }
}

static int64_t run_needed(const struct oracle *o)
{
    int64_t n = 1;
    while (n < 5 || n * o->spec.period_ns < 5 * NS_PER_S)
        n++;
    return n;
}

static int64_t grace(const struct oracle *o)
{
    return 2 * o->spec.period_ns + NS_PER_S;
}

struct at_instant {
    int64_t now;
    uint64_t count;
};

static void flowing_pair(const struct oracle *o, struct watch *w, void *arg)
{
    struct at_instant *q = arg;
    int64_t run = 0, highest = -1;
    for (size_t i = 0; i < w->count; i++) {
        int64_t sequence = (int64_t)w->first[i]->sequence;
        if (sequence == highest + 1)
            run++;
        else
            run = sequence > highest;
        highest = sequence > highest ? sequence : highest;
    }
    if (run >= run_needed(o) && q->now - w->first[w->count - 1]->at <= grace(o))
        q->count += w->weight;
}

uint64_t oracle_pairs_flowing(const struct oracle *o, int64_t now)
{
    struct at_instant q = {now, 0};
    each_pair(o, flowing_pair, &q);
    return q.count;
}

static void seen_pair(const struct oracle *o, struct watch *w, void *arg)
{
    struct at_instant *q = arg;
    int64_t recent = 3 * o->spec.period_ns;
    recent = recent > 3 * NS_PER_S ? recent : 3 * NS_PER_S;
    q->count += w->count > 0 && q->now - w->first[w->count - 1]->at <= recent;
}

uint64_t oracle_oifs_seen(const struct oracle *o, int64_t now)
{
    struct at_instant q = {now, 0};
    each_pair(o, seen_pair, &q);
    return q.count;
}

struct failure_sum {
    uint64_t *packets;
    size_t entries;
};

static void failures_pair(const struct oracle *o, struct watch *w, void *arg)
{
    struct failure_sum *sum = arg;
    uint64_t lost = 0;
    for (size_t i = 0; i < o->sent_count; i++) {
        const struct oracle_sent *s = &o->sent[i];
        lost +=
            s->flow == w->flow && in_window(o, s->at) && !s->withheld && !arrived(w, s->sequence);
    }
    sum->packets[CRIT_LOSS] += lost;
    sum->packets[CRIT_DUPLICATE] += (uint64_t)w->duplicates;
    sum->entries += lost > 0;
    sum->entries += w->duplicates > 0;
}

static void stray_failures(const struct oracle *o, struct failure_sum *sum)
{
    for (size_t i = 0; i < o->arrival_count; i++) {
        const struct oracle_arrival *a = &o->arrivals[i];
        if (!in_window(o, a->sent) || !stray(o, a))
            continue;
        sum->packets[CRIT_MISDELIVERED]++;
        bool known = false;
        for (size_t k = 0; k < i; k++) {
            const struct oracle_arrival *b = &o->arrivals[k];
            known = known || (b->vpn == a->vpn && b->branch == a->branch && b->flow == a->flow &&
                              in_window(o, b->sent) && stray(o, b));
        }
        sum->entries += !known;
    }
}

size_t oracle_failures(const struct oracle *o, uint64_t failures[CRIT_RECOVERY + 1])
{
    struct failure_sum sum = {failures, 0};
    for (int c = 0; c <= CRIT_RECOVERY; c++)
        failures[c] = 0;
    each_pair(o, failures_pair, &sum);
    for (uint32_t flow = 1; flow <= spec_flow_count(&o->spec); flow++) {
        uint64_t withheld = 0, receivers = 0;
        for (uint32_t branch = 0; branch <= o->spec.c_interfaces; branch++) {
            receivers += describe(o, flow, branch).weight;
        }
        for (size_t i = 0; i < o->sent_count; i++) {
            const struct oracle_sent *s = &o->sent[i];
            withheld += s->flow == flow && s->withheld && in_window(o, s->at) && receivers > 0;
        }
        failures[CRIT_NOT_JOINED] += withheld;
        sum.entries += withheld > 0;
    }
    stray_failures(o, &sum);
    return sum.entries;
}

/* One pair's losses since begin and its recovery. */
struct loss {
    bool ingress;
    uint64_t weight;
    int64_t lost_at, first_at, recovered_at;
    uint64_t before, after;
};

struct losses {
    int64_t now;
    struct loss list[256];
    size_t count;
};

static bool is_lost(const struct oracle *o, const struct watch *w, const struct oracle_sent *s,
                    int64_t now)
{
    return s->flow == w->flow && s->at >= o->begin && !arrived(w, s->sequence) &&
           ((int64_t)s->sequence < w->highest || s->at + grace(o) <= now);
}

/* find_run fills in first_at and recovered_at; returns the first sequence of the run, or -1. */
static int64_t find_run(const struct oracle *o, const struct watch *w, int64_t first_lost,
                        struct loss *loss)
{
    int64_t run = 0, start = -1, start_at = 0, highest = -1;
    for (size_t i = 0; i < w->count; i++) {
        int64_t sequence = (int64_t)w->first[i]->sequence, at = w->first[i]->at;
        bool next = sequence == highest + 1, beyond = sequence > highest;
        highest = beyond ? sequence : highest;
        if (at <= o->tf || sequence <= first_lost) {
            run = 0;
            continue;
        }
        if (loss->first_at == INT64_MAX)
            loss->first_at = at;
        run = next ? run + 1 : beyond;
        if (run == 1) {
            start = sequence;
            start_at = at;
        }
        if (run >= run_needed(o)) {
            loss->recovered_at = start_at;
            return start;
        }
    }
    return -1;
}

static void loss_pair(const struct oracle *o, struct watch *w, void *arg)
{
    struct losses *all = arg;
    int64_t first_lost = -1;
    struct loss loss = {w->ingress, w->weight, 0, INT64_MAX, INT64_MAX, 0, 0};
    for (size_t i = 0; i < o->sent_count && first_lost < 0; i++) {
        if (is_lost(o, w, &o->sent[i], all->now)) {
            first_lost = (int64_t)o->sent[i].sequence;
            loss.lost_at = o->sent[i].at;
        }
    }
    if (first_lost < 0)
        return;
    int64_t run = find_run(o, w, first_lost, &loss);
    for (size_t i = 0; i < o->sent_count; i++) {
        const struct oracle_sent *s = &o->sent[i];
        if (s->at >= o->tf && is_lost(o, w, s, all->now))
            (*(run < 0 || (int64_t)s->sequence < run ? &loss.before : &loss.after))++;
    }
    all->list[all->count++] = loss;
}

/* interrupted_until is the fixpoint: the later of Tf + 30 s and the last recovered instant. */
static int64_t interrupted_until(const struct oracle *o, const struct losses *all)
{
    if (o->tf == INT64_MAX)
        return INT64_MAX;
    int64_t until = o->tf + 30 * NS_PER_S;
    for (size_t i = 0; i < all->count; i++) {
        const struct loss *l = &all->list[i];
        if (l->lost_at <= until && l->recovered_at != INT64_MAX && l->recovered_at > until) {
            until = l->recovered_at;
            i = SIZE_MAX; /* from the beginning */
        }
    }
    return until;
}

static void add_loss(const struct oracle *o, const struct loss *l, struct emul_recovery *out)
{
    *(l->ingress ? &out->interrupted_ingress : &out->interrupted_egress) += l->weight;
    struct instant *first = l->ingress ? &out->tre : &out->trd;
    if (l->first_at < first->ns)
        first->ns = l->first_at;
    if (l->recovered_at == INT64_MAX)
        out->not_recovered += l->weight;
    else if (l->after > 0)
        out->lost_again += l->weight;
    if ((int64_t)l->before * o->spec.period_ns > out->loss_derived_max_ns)
        out->loss_derived_max_ns = (int64_t)l->before * o->spec.period_ns;
}

void oracle_recovery(const struct oracle *o, int64_t now, struct emul_recovery *out)
{
    struct losses all = {.now = now};
    each_pair(o, loss_pair, &all);
    *out = (struct emul_recovery){.begin = {o->begin},
                                  .tf = {o->tf},
                                  .tre = INSTANT_NEVER,
                                  .trd = INSTANT_NEVER,
                                  .trall = INSTANT_NEVER};
    int64_t until = interrupted_until(o, &all), last = INT64_MIN;
    for (size_t i = 0; i < all.count; i++) {
        const struct loss *l = &all.list[i];
        if (l->lost_at > until) {
            out->lost_again += l->weight;
            continue;
        }
        add_loss(o, l, out);
        if (l->recovered_at != INT64_MAX && l->recovered_at > last)
            last = l->recovered_at;
    }
    if (last != INT64_MIN && out->not_recovered == 0)
        out->trall.ns = last;
}
