#include "harness/run/measure.h"

#include "emul/base/rng.h"
#include "emul/io/capture.h"
#include "emul/loop/loop.h"
#include "harness/case/values.h"
#include "harness/run/floor.h"
#include "harness/run/record.h"
#include "harness/run/revive.h"
#include "mvpnbench/result.h"
#include "mvpnbench/topology.h"

#include <stdio.h>
#include <string.h>

/* What an instance draws follows from the run's seed, the case and its parameters alone. */
static uint64_t seed_of(const struct measure_point *p, const struct instance_request *q)
{
    uint64_t h = hash_text(hash_mix(p->env->seed, 1), case_id(p->tc));
    for (int i = 0; i < PARAM_COUNT; i++) {
        /* What an instance does not have does not change what it draws. */
        bool optional = param_optional((enum case_param)i);
        if (optional && q->values.v[i] == 0)
            continue;
        h = hash_bytes(optional ? hash_mix(h, (uint64_t)i) : h, &q->values.v[i],
                       sizeof(q->values.v[i]));
    }
    if (p->point->mdt_swept)
        h = hash_mix(h, (uint64_t)p->point->mdt);
    return q->spec.spmsi_vpns == 0 ? h : hash_mix(h, q->spec.spmsi_vpns);
}

int measure_request(const struct measure_point *p, struct case_try at, struct instance_request *q,
                    struct err *err)
{
    const struct campaign_env *env = p->env;
    memset(q, 0, sizeof(*q));
    q->tc = p->tc;
    topology_default_addressing(&q->spec.addr);
    q->spec.mtu = env->mtu;
    env->world->dut.driver->describe(&env->world->dut, &q->spec);
    if (env->addr != NULL)
        q->spec.addr = *env->addr;
    if (case_instance(p->tc, p->context, p->point, &at, &q->spec, &q->values, err) != 0)
        return -1;
    if (env->load != NULL) {
        char note[THROUGHPUT_NOTE_MAX];
        throughput_apply(env->load, env->settings->traffic_load, &q->spec, note);
        if (note[0] != '\0' && p->context->note != NULL)
            p->context->note(p->context->note_arg, note);
    }
    q->spec.seed = seed_of(p, q);
    q->repeat = env->settings->stimulus_repeat;
    for (int s = 0; s < STIM_COUNT; s++) {
        for (int r = 0; r < REPEAT_MAX; r++)
            q->floor_ns[s][r] = -1;
    }
    return 0;
}

/* On the virtual clock every instance begins on a whole second after the one before. */
static void next_begin(struct world *w)
{
    if (w->virtual_clock)
        world_run_to(w, (struct instant){entry_next_ns(loop_now(w->loop).ns)});
}

/* The record of an instance in which the DUT died: all that is known is that it did. */
static void dead_outcome(const struct instance_request *q, struct instant begin, const char *what,
                         struct instance_outcome *out)
{
    struct mvpn_metric expected;
    spec_expected(&q->spec, &expected);
    *out = (struct instance_outcome){.verdict = VERDICT_FAIL, .bound = BOUND_DUT};
    (void)snprintf(out->reason, sizeof(out->reason), "the DUT failed: %.200s", what);
    out->record = record_new(q->id);
    json_object_set_new(out->record, "begin", result_time(begin.ns));
    json_object_set_new(out->record, "parameters", record_parameters(q));
    json_object_set_new(out->record, "expected", result_metric(&expected));
    json_object_set_new(out->record, "verdict", json_string(verdict_name(VERDICT_FAIL)));
    json_object_set_new(out->record, "reason", json_string(out->reason));
    out->notes = json_pack("{s:[],s:[]}", "configuration", "procedure");
    record_notef(out->notes, "procedure", "%s: nothing was measured: the DUT failed and came back",
                 q->id);
}

/* A DUT that is not healthy after an error of the testbed has died: 0 when it came back. */
static int outlive(struct world *w, const struct instance_request *q, struct instant begin,
                   struct instance_outcome *out, struct err *err)
{
    struct err died = *err, late = {0};
    if (died.code != ERR_TESTBED || !w->settings->search_recover || revive_healthy(w, NULL))
        return -1;
    if (revive_known_state(w, &late) != 0) {
        if (late.code == ERR_INTERRUPTED)
            *err = late;
        return -1;
    }
    *err = (struct err){0};
    dead_outcome(q, begin, died.text, out);
    json_object_set_new(out->record, "end", result_time(loop_now(w->loop).ns));
    return 0;
}

static void note_wait(const struct instance_request *q, int64_t waited_ns, json_t *notes)
{
    if (waited_ns > 0)
        record_notef(notes, "procedure", "%s waited %.1f s until the DUT was healthy again", q->id,
                     (double)waited_ns / 1e9);
}

static json_t *entry_of(struct world *w, const struct instance_request *q, struct case_try at,
                        struct instant begin, int64_t waited_ns, const struct instance_outcome *out)
{
    struct entry_facts facts = {.id = q->id,
                                .at = at,
                                .begin_ns = begin.ns,
                                .end_ns = instant_diff(loop_now(w->loop), begin),
                                .before_ns = waited_ns};
    if (w->cap_a1 != NULL)
        facts.a1_bytes = capture_bytes(w->cap_a1);
    if (w->cap_a3 != NULL)
        facts.a3_bytes = capture_bytes(w->cap_a3);
    return entry_new(&facts, out);
}

int measure_run(const struct campaign_env *env, struct world *w, struct instance_request *q,
                struct case_try at, json_t **entry, struct err *err)
{
    int64_t waited_ns = 0;
    if (env->settings->search_recover && revive_wait(w, &waited_ns, err) != 0)
        return -1;
    if (q->stimulus_count > 0 &&
        floor_measure(q, env->settings, env->seed, w->interrupted, err) != 0)
        return -1;
    next_begin(w);
    struct instance_outcome out;
    struct instant begin = loop_now(w->loop);
    loop_urgent(!w->virtual_clock);
    int ran = instance_run(w, q, &out, err);
    loop_urgent(false);
    if (ran != 0 && outlive(w, q, begin, &out, err) != 0)
        return -1;
    note_wait(q, waited_ns, out.notes);
    *entry = entry_of(w, q, at, begin, waited_ns, &out);
    instance_outcome_fini(&out);
    return 0;
}
