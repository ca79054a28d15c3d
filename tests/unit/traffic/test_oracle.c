/*
 * The analyser against the oracle: a seeded random network (loss, outages, reordering, duplicates,
 * withheld and misdelivered packets, instants that coincide on purpose) is judged by both.
 */
#include "fixture.h"
#include "oracle.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEDS   3000
#define PACKETS 90

enum kind { SENT, ARRIVAL, OPEN, CLOSE, BEGIN, ACTION, CHECK };

struct event {
    int64_t at;
    uint64_t tie; /* order among equal instants */
    enum kind kind;
    struct oracle_sent sent;
    struct oracle_arrival arrival;
};

struct world {
    struct rng rng;
    struct instance_spec spec;
    struct event *events;
    size_t count, cap;
    double loss, reorder, duplicate, stray, withheld, outage;
    int64_t delay_ns, jitter_ns;
};

static uint64_t draw(struct world *w, uint64_t span)
{
    return hash_range(rng_next(&w->rng), span);
}

static bool chance(struct world *w, double p)
{
    return rng_unit(&w->rng) < p;
}

static void add_event(struct world *w, struct event e)
{
    w->events = array_grow(w->events, w->count, &w->cap, sizeof(e));
    w->events[w->count++] = e;
}

static struct instance_spec random_spec(struct world *w)
{
    static const int64_t periods[] = {NS_PER_S, 400 * NS_PER_MS, 333333333, 2 * NS_PER_S,
                                      250000001};
    struct instance_spec s = fixture_spec();
    s.seed = rng_next(&w->rng);
    s.mvpns = 1 + (uint32_t)draw(w, 2);
    s.c_interfaces = 1 + (uint32_t)draw(w, 3);
    s.groups = 1 + (uint32_t)draw(w, 3);
    s.ingress_groups = (uint32_t)draw(w, s.groups + 1);
    s.sources = 1 + (uint32_t)draw(w, 2);
    s.receiver_c_ifs = 1 + (uint32_t)draw(w, s.c_interfaces);
    s.receiver_pes = (uint32_t)draw(w, 4);
    s.period_ns = periods[draw(w, 5)];
    return s;
}

/* An outage of one branch, in packets. */
struct outage {
    uint64_t from, to;
};

static struct outage random_outage(struct world *w)
{
    if (!chance(w, w->outage))
        return (struct outage){1, 0};
    uint64_t from = 15 + draw(w, 40);
    return (struct outage){from, from + draw(w, 45)};
}

static int64_t random_delay(struct world *w)
{
    int64_t delay = w->delay_ns;
    if (w->jitter_ns > 0)
        delay += (int64_t)draw(w, (uint64_t)w->jitter_ns);
    if (chance(w, w->reorder))
        delay += (int64_t)draw(w, 6 * (uint64_t)w->spec.period_ns);
    if (chance(w, w->reorder / 50))
        delay += 66 * w->spec.period_ns;
    return delay;
}

static void add_arrival(struct world *w, struct oracle_arrival a, uint64_t tie)
{
    a.at = a.sent + random_delay(w);
    if (chance(w, w->stray)) {
        a.branch = (uint32_t)draw(w, w->spec.c_interfaces + 1);
        a.vpn = 1 + (uint32_t)draw(w, w->spec.mvpns);
    }
    add_event(w, (struct event){a.at, tie + 1 + draw(w, 9), ARRIVAL, .arrival = a});
}

static void add_flow(struct world *w, uint32_t flow, int64_t phase_ns)
{
    uint32_t v, j, k;
    topology_flow_split(&w->spec, flow, &v, &j, &k);
    bool ingress = topology_is_ingress(&w->spec, j);
    struct outage outages[8], withheld = random_outage(w);
    for (size_t b = 0; b < 8; b++)
        outages[b] = random_outage(w);
    bool withhold = chance(w, w->withheld);
    for (uint64_t n = 0; n < PACKETS; n++) {
        int64_t due = phase_ns + (int64_t)n * w->spec.period_ns;
        uint64_t tie = draw(w, 50);
        bool held = withhold && n >= withheld.from && n < withheld.to;
        add_event(w, (struct event){due, tie, SENT, .sent = {flow, n, due, held}});
        for (uint32_t b = ingress ? 0 : 1; !held && b <= w->spec.c_interfaces; b++) {
            bool expected =
                ingress ? b != topology_site_of_group(&w->spec, j) : b <= w->spec.receiver_c_ifs;
            if (b == 0 && w->spec.receiver_pes == 0)
                expected = false;
            if (!expected || (n >= outages[b].from && n < outages[b].to) || chance(w, w->loss))
                continue;
            struct oracle_arrival a = {v, b, flow, v, n, due, 0};
            add_arrival(w, a, tie);
            if (chance(w, w->duplicate))
                add_arrival(w, a, tie);
        }
    }
}

/* An instant between two packet numbers; half of them coincide with something else. */
static int64_t random_instant(struct world *w, uint64_t from, uint64_t to)
{
    int64_t low = (int64_t)from * w->spec.period_ns, high = (int64_t)to * w->spec.period_ns;
    if (chance(w, 0.5)) {
        for (int tries = 0; tries < 20; tries++) {
            int64_t at = w->events[draw(w, w->count)].at;
            if (at >= low && at < high)
                return at;
        }
    }
    return low + (int64_t)draw(w, (uint64_t)(high - low));
}

static void add_control(struct world *w, enum kind kind, int64_t at)
{
    add_event(w, (struct event){at, draw(w, 60), kind, .sent = {0}});
}

static int compare_events(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    return a->kind < b->kind ? -1 : a->kind > b->kind;
}

static void world_init(struct world *w, uint64_t seed)
{
    *w = (struct world){.rng = {seed}};
    w->spec = random_spec(w);
    w->loss = chance(w, 0.4) ? 0.05 * rng_unit(&w->rng) : 0;
    w->reorder = chance(w, 0.4) ? 0.1 * rng_unit(&w->rng) : 0;
    w->duplicate = chance(w, 0.3) ? 0.05 : 0;
    w->stray = chance(w, 0.2) ? 0.03 : 0;
    w->withheld = chance(w, 0.3) ? 0.5 : 0;
    w->outage = rng_unit(&w->rng);
    w->delay_ns = chance(w, 0.3) ? 0 : 1 + (int64_t)draw(w, 3000000);
    w->jitter_ns = w->delay_ns > 0 && chance(w, 0.5) ? 1000000 : 0;
    if (w->delay_ns ==
        0) /* faults that arrive at the very instant of a window's edge are not sorted out */
        w->duplicate = w->stray = 0;
}

static void world_fill(struct world *w, const struct analyser *phases)
{
    for (uint32_t flow = 1; flow <= spec_flow_count(&w->spec); flow++)
        add_flow(w, flow, analyser_phase_ns(phases, flow));
    for (uint64_t round = 0; round < 2; round++) {
        add_control(w, OPEN, random_instant(w, 2 + 40 * round, 20 + 40 * round));
        add_control(w, CLOSE, random_instant(w, 20 + 40 * round, 38 + 40 * round));
    }
    int64_t begin = random_instant(w, 5, 25);
    add_control(w, BEGIN, begin);
    int64_t tf = random_instant(w, 25, 40);
    add_control(w, ACTION, chance(w, 0.1) ? begin + 1 : tf);
    for (int i = 0; i < 4; i++)
        add_control(w, CHECK, random_instant(w, 10, PACKETS));
    add_control(w, CHECK, PACKETS * w->spec.period_ns);
    add_control(w, CHECK, 2 * PACKETS * w->spec.period_ns);
    qsort(w->events, w->count, sizeof(*w->events), compare_events);
}

static unsigned bit(bool differs, unsigned n)
{
    return (unsigned)differs << n;
}

static unsigned differ_direction(const struct emul_direction *a, const struct emul_direction *b)
{
    return bit(a->flows != b->flows, 0) | bit(a->sent != b->sent, 1) |
           bit(a->received != b->received, 2) | bit(a->lost != b->lost, 3) |
           bit(a->not_joined != b->not_joined, 4) | bit(a->duplicate != b->duplicate, 5) |
           bit(a->reordered != b->reordered, 6) | bit(a->misdelivered != b->misdelivered, 7) |
           bit(a->min_sent_per_flow != b->min_sent_per_flow, 8) |
           bit(a->latency_min_ns != b->latency_min_ns, 9) |
           bit(a->latency_max_ns != b->latency_max_ns, 10);
}

static unsigned differ_recovery(const struct emul_recovery *a, const struct emul_recovery *b)
{
    return bit(a->begin.ns != b->begin.ns, 0) | bit(a->tf.ns != b->tf.ns, 1) |
           bit(a->tre.ns != b->tre.ns, 2) | bit(a->trd.ns != b->trd.ns, 3) |
           bit(a->trall.ns != b->trall.ns, 4) |
           bit(a->interrupted_ingress != b->interrupted_ingress, 5) |
           bit(a->interrupted_egress != b->interrupted_egress, 6) |
           bit(a->not_recovered != b->not_recovered, 7) | bit(a->lost_again != b->lost_again, 8) |
           bit(a->loss_derived_max_ns != b->loss_derived_max_ns, 9);
}

static unsigned differ_failures(const struct analyser *a, const struct oracle *o)
{
    static struct emul_failure list[4096];
    uint64_t mine[CRIT_RECOVERY + 1] = {0}, theirs[CRIT_RECOVERY + 1];
    size_t count = analyser_failures(a, list, 4096);
    for (size_t i = 0; i < count && i < 4096; i++)
        mine[list[i].criterion] += list[i].count;
    unsigned wrong = count != oracle_failures(o, theirs);
    for (unsigned c = 0; c <= CRIT_RECOVERY; c++)
        wrong |= bit(mine[c] != theirs[c], c + 1);
    return wrong;
}

/* The rows of a window, and of a recovery, summed up. */
struct sums {
    struct emul_direction d[2];
    uint64_t pairs;
    int64_t last;
};

static int add_row(void *arg, const struct analyser_pair *p)
{
    struct sums *s = arg;
    struct emul_direction *d = &s->d[p->ingress];
    uint64_t weight = p->weight;
    d->sent += p->sent * weight;
    d->received += p->received * weight;
    d->lost += (p->sent - p->received) * weight;
    d->not_joined += p->not_joined * weight;
    d->duplicate += p->duplicate * weight;
    d->reordered += p->reordered * weight;
    d->misdelivered += p->misdelivered;
    if (p->received > 0 && p->latency_min_ns < d->latency_min_ns)
        d->latency_min_ns = p->latency_min_ns;
    if (p->received > 0 && p->latency_max_ns > d->latency_max_ns)
        d->latency_max_ns = p->latency_max_ns;
    return 0;
}

static unsigned differ_rows(const struct analyser *a, const struct emul_window *w)
{
    struct sums s = {.d = {{.latency_max_ns = -1}, {.latency_max_ns = -1}}};
    static struct emul_latency buckets[EMUL_LATENCY_MAX];
    unsigned wrong = 0;
    s.d[0].latency_min_ns = s.d[1].latency_min_ns = INT64_MAX;
    CU_ASSERT_EQUAL(analyser_pairs_each(a, add_row, &s), 0);
    for (int i = 0; i < 2; i++) {
        struct emul_direction d = i == 1 ? w->ingress : w->egress;
        uint64_t counted = 0;
        size_t count = analyser_latency_get(a, i == 1, buckets, EMUL_LATENCY_MAX);
        for (size_t b = 0; b < count; b++)
            counted += buckets[b].count;
        if (d.received == 0)
            s.d[i].latency_min_ns = -1;
        s.d[i].flows = d.flows;
        s.d[i].min_sent_per_flow = d.min_sent_per_flow;
        wrong |= differ_direction(&s.d[i], &d) | bit(counted != d.received, 11);
    }
    return wrong;
}

static void add_regained(void *arg, bool ingress, struct instant at, uint32_t weight)
{
    struct sums *s = arg;
    (void)ingress;
    s->pairs += weight;
    s->last = at.ns > s->last ? at.ns : s->last;
}

static unsigned differ_regained(const struct analyser *a, const struct emul_recovery *r)
{
    struct sums s = {.last = INT64_MIN};
    analyser_regained_each(a, add_regained, &s);
    uint64_t expected = r->interrupted_ingress + r->interrupted_egress - r->not_recovered;
    return bit(s.pairs != expected, 10) |
           bit(r->trall.ns != INT64_MAX && r->trall.ns != s.last, 11);
}

/* What the run as a whole has met, so that the test shows it was not idle. */
struct tally {
    unsigned long checks, recovered, not_recovered, lost_again, uninterrupted;
};

static bool check(struct analyser *a, const struct oracle *o, int64_t now, struct tally *tally)
{
    struct emul_window wa, wo;
    struct emul_recovery ra, ro;
    unsigned wrong[5] = {0};
    tally->checks++;
    if (o->from != INT64_MAX) {
        analyser_window_get(a, &wa);
        oracle_window(o, &wo);
        wrong[0] = differ_direction(&wa.ingress, &wo.ingress);
        wrong[1] = differ_direction(&wa.egress, &wo.egress);
        wrong[2] = differ_failures(a, o) | differ_rows(a, &wa) << 16;
    }
    if (o->begin != INT64_MAX) {
        analyser_recovery_get(a, (struct instant){now}, &ra);
        oracle_recovery(o, now, &ro);
        wrong[3] = differ_recovery(&ra, &ro) | differ_regained(a, &ra);
        tally->recovered += ro.trall.ns != INT64_MAX;
        tally->not_recovered += ro.not_recovered > 0;
        tally->lost_again += ro.lost_again > 0;
        tally->uninterrupted += ro.interrupted_ingress + ro.interrupted_egress == 0;
    }
    wrong[4] = analyser_pairs_flowing(a, (struct instant){now}) != oracle_pairs_flowing(o, now);
    if (analyser_oifs_seen(a, (struct instant){now}) != oracle_oifs_seen(o, now))
        wrong[4] |= 2;
    if ((wrong[0] | wrong[1] | wrong[2] | wrong[3] | wrong[4]) == 0)
        return true;
    printf("at %.9f: ingress %#x egress %#x failures %#x recovery %#x now %#x\n", (double)now / 1e9,
           wrong[0], wrong[1], wrong[2], wrong[3], wrong[4]);
    return false;
}

static void feed(struct analyser *a, struct oracle *o, const struct event *e)
{
    struct instant at = {e->at};
    if (e->kind == SENT) {
        analyser_sent(a, e->sent.flow, e->sent.sequence, at, e->sent.withheld);
        oracle_sent(o, e->sent);
    } else if (e->kind == ARRIVAL) {
        const struct oracle_arrival *r = &e->arrival;
        struct probe p = {
            .vpn = r->probe_vpn, .flow = r->flow, .sequence = r->sequence, .sent_ns = r->sent};
        analyser_received(a, r->vpn, r->branch, &p, at);
        oracle_arrived(o, *r);
    } else if (e->kind == OPEN) {
        analyser_window_open(a, at);
        o->from = e->at;
        o->to = INT64_MAX;
    } else if (e->kind == CLOSE) {
        analyser_window_close(a, at);
        o->to = e->at;
    } else if (e->kind == BEGIN) {
        analyser_recovery_begin(a, at);
        o->begin = e->at;
    } else if (e->kind == ACTION) {
        analyser_recovery_action(a, at);
        o->tf = e->at;
    }
}

static bool judge(uint64_t seed, struct tally *tally)
{
    struct world w;
    world_init(&w, seed);
    struct analyser *a = analyser_new(&w.spec);
    struct oracle o = oracle_new(w.spec);
    analyser_start(a, (struct instant){0});
    analyser_pairs_keep(a);
    world_fill(&w, a);
    bool equal = true;
    for (size_t i = 0; equal && i < w.count; i++) {
        if (w.events[i].kind == CHECK)
            equal = check(a, &o, w.events[i].at, tally);
        else
            feed(a, &o, &w.events[i]);
    }
    if (!equal)
        printf("seed %llu\n", (unsigned long long)seed);
    analyser_free(a);
    oracle_free(&o);
    free(w.events);
    return equal;
}

static void test_equal(void)
{
    struct tally tally = {0};
    unsigned differing = 0;
    for (uint64_t seed = 1; seed <= SEEDS && differing < 5; seed++)
        differing += !judge(hash_mix(seed, 0), &tally);
    CU_ASSERT_EQUAL(differing, 0);
    printf("%lu checks: %lu recovered, %lu not, %lu lost again, %lu not interrupted ... ",
           tally.checks, tally.recovered, tally.not_recovered, tally.lost_again,
           tally.uninterrupted);
    CU_ASSERT_TRUE(tally.recovered > SEEDS / 2 && tally.not_recovered > SEEDS / 4);
    CU_ASSERT_TRUE(tally.lost_again > SEEDS / 10 && tally.uninterrupted > SEEDS / 10);
}

static const struct cu_test tests[] = {
    {"analyser and oracle agree on thousands of random networks", test_equal},
};

CU_MAIN("oracle", tests)
