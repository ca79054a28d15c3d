#include "monitor/oneway/simulate.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdlib.h>

/* Losses of one passage as the probes that are lost, found by jumping from loss to loss: the cost
 * is that of the losses, not of the probes. A burst begins with the chance that makes the share
 * of lost probes what it is asked to be (Gilbert's model: in a burst every probe is lost). */
struct passage {
    struct rng rng;
    double begin, stay; /* chance that a probe begins a burst, that a burst goes on */
    uint64_t next;      /* next lost probe; UINT64_MAX: none */
};

static uint64_t jump(struct passage *p)
{
    if (p->begin <= 0)
        return UINT64_MAX;
    double gap = floor(log1p(-rng_unit(&p->rng)) / log1p(-p->begin));
    return gap < 1e18 ? (uint64_t)gap : UINT64_MAX;
}

static void passage_init(struct passage *p, uint64_t seed, double loss, double burst)
{
    *p = (struct passage){.rng = {seed}, .stay = 1 - 1 / burst};
    p->begin = loss / (loss + burst * (1 - loss));
    if (burst <= 1)
        p->begin = loss;
    p->next = jump(p);
}

static void passage_go_on(struct passage *p)
{
    if (p->stay > 0 && rng_unit(&p->rng) < p->stay) {
        p->next++;
        return;
    }
    /* After a burst one probe passes, or the burst would not have ended. */
    uint64_t gap = jump(p) + (p->stay > 0 ? 1 : 0);
    p->next = gap > UINT64_MAX / 2 ? UINT64_MAX : p->next + 1 + gap;
}

enum { WAYS_MAX = 4 };

/* A run of losses at a leaf: for the mean length of a burst. */
struct runs {
    uint64_t last, count, lost;
};

static void runs_add(struct runs *r, uint64_t probe)
{
    r->count += r->lost == 0 || probe != r->last + 1;
    r->lost++;
    r->last = probe;
}

struct state {
    struct passage way[WAYS_MAX];
    size_t ways;
    unsigned leaf2, leaf3; /* bits of the passages that a leaf depends on */
    struct runs runs[2];
};

static void begin(struct state *st, const struct simulation *s, uint64_t seed)
{
    /* C: out, back of the direct copy, to the reflector and back, back of the reflected copy. */
    static const unsigned link[WAYS_MAX] = {MINC_ROOT, MINC_LEAF2, MINC_LEAF3, MINC_LEAF2};
    *st = (struct state){.ways = s->config == 'C' ? 4 : 3, .leaf2 = 3, .leaf3 = 5};
    if (s->config == 'C')
        st->leaf3 = 1 | 4 | 8;
    for (size_t i = 0; i < st->ways; i++)
        passage_init(&st->way[i], hash_mix(hash_mix(seed, 0x10ce), i), s->loss[link[i]], s->burst);
}

/* The next probe that is lost anywhere, and where (bits); UINT64_MAX behind the last. */
static uint64_t next_loss(struct state *st, unsigned *where)
{
    uint64_t probe = UINT64_MAX;
    *where = 0;
    for (size_t i = 0; i < st->ways; i++) {
        if (st->way[i].next < probe)
            probe = st->way[i].next;
    }
    for (size_t i = 0; probe != UINT64_MAX && i < st->ways; i++) {
        if (st->way[i].next != probe)
            continue;
        *where |= 1u << i;
        passage_go_on(&st->way[i]);
    }
    return probe;
}

static void count(struct state *st, struct minc_counts *c, uint64_t probe, unsigned where)
{
    bool lost2 = (where & st->leaf2) != 0, lost3 = (where & st->leaf3) != 0;
    c->n11--;
    c->n10 += !lost2 && lost3;
    c->n01 += lost2 && !lost3;
    c->n00 += lost2 && lost3;
    c->n11 += !lost2 && !lost3;
    if (lost2)
        runs_add(&st->runs[0], probe);
    if (lost3)
        runs_add(&st->runs[1], probe);
}

void simulate_once(const struct simulation *s, uint64_t seed, struct simulated *out)
{
    struct state st;
    uint64_t intervals = s->aggregate > 0 ? (s->probes + s->aggregate - 1) / s->aggregate : 0;
    struct minc_interval *list = mem_zalloc(intervals, sizeof(*list));
    unsigned where;
    begin(&st, s, seed);
    *out = (struct simulated){.counts = {.n11 = s->probes}};
    for (uint64_t i = 0; i < intervals; i++) {
        uint64_t left = s->probes - i * s->aggregate;
        uint64_t sent = left < s->aggregate ? left : s->aggregate;
        list[i] = (struct minc_interval){sent, sent, sent};
    }
    for (uint64_t probe; (probe = next_loss(&st, &where)) < s->probes;) {
        count(&st, &out->counts, probe, where);
        if (intervals == 0)
            continue;
        list[probe / s->aggregate].leaf2 -= (where & st.leaf2) != 0;
        list[probe / s->aggregate].leaf3 -= (where & st.leaf3) != 0;
    }
    if (intervals > 0)
        minc_aggregate(list, intervals, &out->estimate);
    else if (s->config == 'C')
        minc_reflected(&out->counts, &out->estimate);
    else
        minc_individual(&out->counts, &out->estimate);
    out->runs = (struct loss_runs){.probes = 2 * s->probes,
                                   .lost = st.runs[0].lost + st.runs[1].lost,
                                   .runs = st.runs[0].count + st.runs[1].count};
    free(list);
}
