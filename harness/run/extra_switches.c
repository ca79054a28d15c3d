/* Draft 9.11: how long a flow takes from its announcement to its S-PMSI (PROTOCOLS 12 D23, D24). */
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/loop/loop.h"
#include "harness/run/extra.h"
#include "harness/run/record.h"
#include "harness/run/step.h"
#include "mvpnbench/emul_extra.h"
#include "mvpnbench/result.h"
#include "mvpnbench/topology.h"

#include <stdlib.h>

#define AT_ONCE      10u
#define APART_NS     (7 * NS_PER_S)   /* repetitions are at least so far apart */
#define PHASE_NS     (10 * NS_PER_S)  /* and up to so much farther */
#define BACK_NS      (600 * NS_PER_S) /* a DUT that has not gone back by then does not */
#define SWITCHING_NS (60 * NS_PER_S)
#define AFTER_NS     (3500 * NS_PER_MS) /* packets of 3 s behind a switch belong to it */

/* The flows that are measured, in sets of AT_ONCE flows in different mVPNs that take turns, so that
 * one set rests while others are measured. */
struct sets {
    uint32_t *flows;
    size_t per_set, count;
};

/* The n-th (0...) S-PMSI flow of VPN v that the DUT sources, or 0. */
static uint32_t flow_of(const struct instance_spec *s, uint32_t v, uint32_t n)
{
    for (uint32_t j = 1; j <= s->ingress_groups; j++) {
        for (uint32_t k = 1; k <= s->sources; k++) {
            if (topology_flow_spmsi(s, v, j, k) != 0 && n-- == 0)
                return topology_flow(s, v, j, k);
        }
    }
    return 0;
}

/* mVPNs that source S-PMSIs come first. */
static struct sets make_sets(const struct instance_spec *s)
{
    uint32_t vpns = 0, flows = 0;
    while (vpns < s->mvpns && flow_of(s, vpns + 1, 0) != 0)
        vpns++;
    while (vpns > 0 && flow_of(s, vpns, flows) != 0)
        flows++;
    struct sets sets = {.per_set = vpns < AT_ONCE ? vpns : AT_ONCE};
    size_t blocks = vpns == 0 ? 0 : vpns / sets.per_set;
    sets.count = blocks * flows;
    sets.flows = mem_zalloc(sets.count * sets.per_set, sizeof(*sets.flows));
    for (size_t i = 0; i < sets.count * sets.per_set; i++) {
        size_t set = i / sets.per_set;
        uint32_t v = (uint32_t)(set % blocks * sets.per_set + i % sets.per_set) + 1;
        sets.flows[i] = flow_of(s, v, (uint32_t)(set / blocks));
    }
    return sets;
}

struct measured {
    struct extra_sums delays;
    uint64_t lost, duplicate, missing;
};

/* 1 when the DUT has taken every flow of the set back to the default MDT, 0 when it does not. */
static int await_rest(struct procedure *p, const uint32_t *flows, size_t count, struct err *err)
{
    struct instant limit = instant_add(loop_now(p->w->loop), BACK_NS);
    for (size_t i = 0; i < count;) {
        if (emul_switch_rested(p->emul, flows[i])) {
            i++;
            continue;
        }
        if (loop_now(p->w->loop).ns >= limit.ns)
            return 0;
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
    return 1;
}

static bool all_moved(struct procedure *p, struct emul_switch *seen, size_t count)
{
    emul_switch_get(p->emul, seen, count);
    for (size_t i = 0; i < count; i++) {
        if (seen[i].t1.ns == INT64_MAX)
            return false;
    }
    return true;
}

static int await_moves(struct procedure *p, struct emul_switch *seen, size_t count, struct err *err)
{
    struct instant limit = instant_add(loop_now(p->w->loop), SWITCHING_NS);
    while (!all_moved(p, seen, count) && loop_now(p->w->loop).ns < limit.ns) {
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
    return procedure_wait(p, AFTER_NS, err);
}

static int repetition(struct procedure *p, const uint32_t *flows, size_t count, struct measured *m,
                      struct err *err)
{
    struct emul_switch seen[AT_ONCE];
    if (emul_switch_begin(p->emul, flows, count, err) != 0 || await_moves(p, seen, count, err) != 0)
        return -1;
    emul_switch_end(p->emul);
    if (procedure_wait(p, NS_PER_S, err) != 0)
        return -1;
    emul_switch_get(p->emul, seen, count);
    for (size_t i = 0; i < count; i++) {
        m->lost += seen[i].lost;
        m->duplicate += seen[i].duplicate;
        if (seen[i].t1.ns == INT64_MAX)
            m->missing++;
        else
            extra_sums_add(&m->delays, instant_diff(seen[i].t1, seen[i].t0));
    }
    return 0;
}

static int64_t phase_ns(const struct procedure *p, unsigned n)
{
    uint64_t h = hash_mix(hash_text(p->q->spec.seed, "switch-repetition"), n);
    return APART_NS + (int64_t)hash_range(h, PHASE_NS);
}

static int repeat(struct procedure *p, const struct sets *sets, struct measured *m, struct err *err)
{
    unsigned times = case_repetitions(p->q->tc);
    for (unsigned n = 0; n < times; n++) {
        const uint32_t *flows = sets->flows + n % sets->count * sets->per_set;
        step_enter(p, (struct step){0}, "switch %u of %u", n + 1, times);
        int rested = await_rest(p, flows, sets->per_set, err);
        if (rested < 0)
            return -1;
        if (rested == 0) {
            record_notef(p->out->notes, "procedure",
                         "%s: the DUT keeps S-PMSIs of sources that rest, so switches were "
                         "measured %u times instead of %u",
                         p->q->id, n, times);
            return 0;
        }
        if (procedure_wait(p, phase_ns(p, n), err) != 0 ||
            repetition(p, flows, sets->per_set, m, err) != 0)
            return -1;
    }
    return 0;
}

static void record(struct procedure *p, const struct measured *m)
{
    json_t *o = extra_sums_record(&m->delays, p->q->spec.probe_period_ns);
    json_object_set_new(o, "lost", json_integer((json_int_t)m->lost));
    json_object_set_new(o, "duplicate", json_integer((json_int_t)m->duplicate));
    json_object_set_new(o, "missing", json_integer((json_int_t)m->missing));
    json_object_set_new(o, "configured_s", json_null());
    json_object_set_new(json_object_get(p->out->record, "extra"), "spmsi_switch_delay", o);
    record_note(p->out->notes, "procedure",
                "spmsi_switch_delay.configured_s is null: the DUT does not tell what it was told");
    if (m->missing > 0)
        record_notef(p->out->notes, "procedure",
                     "%s: %llu flows were not seen on an S-PMSI within %lld s of sending", p->q->id,
                     (unsigned long long)m->missing, (long long)(SWITCHING_NS / NS_PER_S));
}

int extra_switches(struct procedure *p, struct err *err)
{
    struct sets sets = make_sets(&p->q->spec);
    struct measured m = {0};
    int result = 0;
    if (sets.count > 0) {
        emul_switch_rest(p->emul, sets.flows, sets.count * sets.per_set);
        result = repeat(p, &sets, &m, err);
    } else {
        record_notef(p->out->notes, "procedure", "%s: no flow of the DUT is meant for an S-PMSI",
                     p->q->id);
    }
    free(sets.flows);
    if (result == 0)
        record(p, &m);
    return result;
}
