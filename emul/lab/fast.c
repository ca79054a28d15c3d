/* Streams of measured flows, and the rest of their sources between them. */
#include "emul/lab/lab.h"

#include "emul/base/mem.h"

#include <stdlib.h>

#define AFTER_SWITCH_NS (3 * NS_PER_S) /* packets sent so long after t1 belong to the switch */

static struct lab_rest *rest_of(struct emul *e, uint32_t flow)
{
    struct lab_fast *s = &e->fast;
    if (s->rests == NULL) {
        size_t count = spec_flow_count(&e->net.spec);
        s->rests = mem_zalloc(count, sizeof(*s->rests));
        for (size_t i = 0; i < count; i++)
            s->rests[i].since_ns = INT64_MAX;
    }
    return &s->rests[flow - 1];
}

void emul_switch_rest(struct emul *e, const uint32_t *flows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lab_rest *r = rest_of(e, flows[i]);
        if (r->since_ns != INT64_MAX)
            continue;
        r->since_ns = net_now(&e->net).ns;
        r->next = analyser_sent_count(e->analyser, flows[i]);
    }
}

struct fast_flow *lab_fast_of(const struct emul *e, uint32_t flow)
{
    for (size_t i = 0; i < e->fast.count; i++) {
        if (e->fast.flows[i].flow == flow)
            return &e->fast.flows[i];
    }
    return NULL;
}

static void emit(void *arg, uint32_t flow, uint64_t sequence, struct instant due)
{
    struct emul *e = arg;
    struct fast_flow *f = lab_fast_of(e, flow);
    (void)due;
    if (f->t1.ns != INT64_MAX && f->end == UINT32_MAX &&
        instant_diff(net_now(&e->net), f->t1) >= AFTER_SWITCH_NS)
        f->end = (uint32_t)sequence;
    f->sent = (uint32_t)sequence + 1;
    lab_emit_fast(e, flow, f->base + sequence);
}

static void forget_flows(struct lab_fast *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->flows[i].seen);
    free(s->flows);
    s->flows = NULL;
    s->count = 0;
}

int lab_fast_start(struct emul *e, const uint32_t *flows, size_t count, struct err *err)
{
    struct lab_fast *s = &e->fast;
    const struct instance_spec *spec = &e->net.spec;
    if (s->generator != NULL || count == 0) {
        err_set(err, ERR_USE, "flows to be measured: %s",
                count == 0 ? "there are none" : "others are being measured");
        return -1;
    }
    forget_flows(s);
    s->flows = mem_zalloc(count, sizeof(*s->flows));
    s->count = count;
    for (size_t i = 0; i < count; i++)
        s->flows[i] = (struct fast_flow){.flow = flows[i],
                                         .base = rest_of(e, flows[i])->next,
                                         .t0 = INSTANT_NEVER,
                                         .t1 = INSTANT_NEVER,
                                         .end = UINT32_MAX};
    int64_t period_ns = spec->probe_period_ns > 0 ? spec->probe_period_ns : spec->period_ns;
    s->generator = generator_new_of(e->net.loop, spec, flows, count, period_ns, emit, e);
    generator_start(s->generator, net_now(&e->net));
    return 0;
}

void lab_fast_stop(struct emul *e)
{
    struct lab_fast *s = &e->fast;
    if (s->generator == NULL)
        return;
    s->late_max_ns = lab_fast_late_ns(e);
    generator_free(s->generator);
    s->generator = NULL;
    for (size_t i = 0; i < s->count; i++) {
        struct lab_rest *r = rest_of(e, s->flows[i].flow);
        r->next = s->flows[i].base + s->flows[i].sent;
        if (r->since_ns != INT64_MAX)
            r->since_ns = net_now(&e->net).ns;
    }
}

void lab_fast_fini(struct emul *e)
{
    generator_free(e->fast.generator);
    e->fast.generator = NULL;
    forget_flows(&e->fast);
    free(e->fast.rests);
    e->fast.rests = NULL;
}

int64_t lab_fast_late_ns(const struct emul *e)
{
    const struct lab_fast *s = &e->fast;
    int64_t late_ns = s->generator == NULL ? 0 : generator_pacing_error_max_ns(s->generator);
    return late_ns > s->late_max_ns ? late_ns : s->late_max_ns;
}

void lab_fast_late_reset(struct emul *e)
{
    e->fast.late_max_ns = 0;
    if (e->fast.generator != NULL)
        generator_pacing_error_reset(e->fast.generator);
}
