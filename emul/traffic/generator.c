#include "emul/traffic/generator.h"

#include "emul/base/mem.h"
#include "emul/traffic/flow.h"

#include <stdlib.h>

/* Packets emitted in a row on the real clock before descriptors are looked at again. */
#define PACKETS_PER_TURN 512
/* A timer that is due a little later makes the loop serve its descriptors first. */
#define YIELD_NS NS_PER_US

struct place {
    int64_t phase_ns;
    uint32_t flow;
};

struct generator {
    struct loop *loop;
    generator_emit_fn *emit;
    void *arg;
    struct place *ring; /* in order of (phase, flow) */
    size_t count;
    size_t next;          /* place in the ring of the next packet */
    uint64_t sequence;    /* of the next packet: rounds completed */
    struct instant round; /* start + sequence * period */
    int64_t period_ns;
    int64_t pacing_error_max_ns;
    struct timer timer;
    bool running;
};

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    if (a->phase_ns != b->phase_ns)
        return a->phase_ns < b->phase_ns ? -1 : 1;
    return a->flow < b->flow ? -1 : a->flow > b->flow;
}

static struct instant next_due(const struct generator *g)
{
    return instant_add(g->round, g->ring[g->next].phase_ns);
}

/* advance moves on to the next packet round the ring. */
static void advance(struct generator *g)
{
    if (++g->next < g->count)
        return;
    g->next = 0;
    g->sequence++;
    g->round = instant_add(g->round, g->period_ns);
}

/* emit_due emits what is due, at most a turn's worth; the clock is read afresh for each packet, so
 * that the error that is kept is the one of that packet. */
static void emit_due(struct generator *g)
{
    bool is_virtual = loop_is_virtual(g->loop);
    for (unsigned n = 0; g->running && (is_virtual || n < PACKETS_PER_TURN); n++) {
        struct instant due = next_due(g);
        int64_t error_ns = instant_diff(loop_now(g->loop), due);
        if (error_ns < 0)
            return;
        if (error_ns > g->pacing_error_max_ns)
            g->pacing_error_max_ns = error_ns;
        uint32_t flow = g->ring[g->next].flow;
        uint64_t sequence = g->sequence;
        advance(g);
        g->emit(g->arg, flow, sequence, due);
    }
}

static void on_timer(void *arg)
{
    struct generator *g = arg;
    emit_due(g);
    if (!g->running || timer_armed(&g->timer))
        return;
    struct instant at = next_due(g);
    if (!loop_is_virtual(g->loop))
        at = instant_max(at, instant_add(loop_now(g->loop), YIELD_NS));
    timer_set(g->loop, &g->timer, at);
}

struct generator *generator_new_of(struct loop *loop, const struct instance_spec *spec,
                                   const uint32_t *flows, size_t count, int64_t period_ns,
                                   generator_emit_fn *emit, void *arg)
{
    struct generator *g = mem_zalloc(1, sizeof(*g));
    g->loop = loop;
    g->emit = emit;
    g->arg = arg;
    g->period_ns = period_ns;
    g->count = count;
    g->ring = mem_zalloc(g->count, sizeof(*g->ring));
    uint64_t key = flow_phase_key(spec->seed);
    for (size_t i = 0; i < g->count; i++)
        g->ring[i] = (struct place){flow_phase_ns(key, flows[i], period_ns), flows[i]};
    qsort(g->ring, g->count, sizeof(*g->ring), compare_places);
    timer_init(&g->timer, "generator", on_timer, g);
    return g;
}

struct generator *generator_new(struct loop *loop, const struct instance_spec *spec,
                                generator_emit_fn *emit, void *arg)
{
    size_t count = (size_t)spec->mvpns * (spec->groups - spec->test_groups) * spec->sources;
    uint32_t *flows = mem_zalloc(count, sizeof(*flows));
    for (size_t i = 0; i < count; i++)
        flows[i] = (uint32_t)i + 1;
    struct generator *g = generator_new_of(loop, spec, flows, count, spec->period_ns, emit, arg);
    free(flows);
    return g;
}

void generator_free(struct generator *g)
{
    if (g == NULL)
        return;
    generator_stop(g);
    free(g->ring);
    free(g);
}

void generator_start(struct generator *g, struct instant start)
{
    generator_stop(g);
    if (g->count == 0)
        return;
    g->round = start;
    g->next = 0;
    g->sequence = 0;
    g->running = true;
    timer_set(g->loop, &g->timer, next_due(g));
}

void generator_stop(struct generator *g)
{
    g->running = false;
    timer_cancel(g->loop, &g->timer);
}

bool generator_running(const struct generator *g)
{
    return g->running;
}

int64_t generator_pacing_error_max_ns(const struct generator *g)
{
    return g->pacing_error_max_ns;
}

void generator_pacing_error_reset(struct generator *g)
{
    g->pacing_error_max_ns = 0;
}
