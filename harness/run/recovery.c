/* Draft 7.2, steps 2 to 6, for one stimulus (DESIGN A.5 "Recovery"). */
#include "harness/run/recovery.h"

#include "emul/base/mem.h"
#include "emul/loop/loop.h"
#include "harness/run/dutcall.h"
#include "harness/run/multicast.h"
#include "harness/run/step.h"

#include <stdio.h>
#include <stdlib.h>

/* How often the DUT is asked for its neighbours after the recovery action. */
#define DUT_POLL_NS (100 * NS_PER_MS)
/* A scan over all flows is the dear part, and before Tf + 30 s no traffic has recovered for good.
 */
#define SCAN_FROM_NS (30 * NS_PER_S)
#define SCAN_NS      NS_PER_S

bool recovery_step(const struct recovery *r, unsigned n)
{
    return case_step(r->p->q->tc, true, n);
}

bool recovery_traffic(const struct recovery *r)
{
    return recovery_step(r, 4) && emul_pairs_total(r->p->emul) > 0;
}

/* ---- neighbours as the DUT sees them --------------------------------------------------------- */

static void watch_kind(int64_t seen, int64_t want, int64_t since_tf, int64_t *low, int64_t *first,
                       int64_t *all)
{
    if (seen == METRIC_UNKNOWN)
        return;
    if (*low == METRIC_UNKNOWN || seen < *low)
        *low = seen;
    if (since_tf < 0 || *low >= want)
        return;
    if (*first < 0 && seen > *low)
        *first = since_tf;
    if (*all < 0 && seen >= want)
        *all = since_tf;
}

/* 1: the DUT has all neighbours, 0: not yet, -1: error. */
static int watch_dut(struct recovery *r, struct err *err)
{
    struct neighbour_count seen;
    int all = procedure_neighbours(r->p, &seen, err);
    if (all < 0)
        return -1;
    const struct instance_spec *s = &r->p->q->spec;
    int64_t since = r->tf.ns == INT64_MAX ? -1 : instant_diff(loop_now(r->p->w->loop), r->tf);
    struct dut_neighbours *d = &r->dut;
    watch_kind(seen.c_interface, (int64_t)s->mvpns * s->c_interfaces, since, &d->low_c, &d->first_c,
               &d->all_c);
    watch_kind(seen.mi_pmsi, (int64_t)s->mvpns * s->remote_pes, since, &d->low_mi, &d->first_mi,
               &d->all_mi);
    recovery_sample(r, since, &seen);
    return all;
}

/* Says a step of draft 7.2, with its wait; 0: none. */
#define enter(r, number_, wait_ns, ...)                                                            \
    step_enter((r)->p, step_of(r, number_, wait_ns), __VA_ARGS__)

static struct step step_of(const struct recovery *r, const char *number, int64_t wait_ns)
{
    struct step s = {.number = number, .stimulus = stimulus_name(r->ops->id)};
    if (wait_ns > 0)
        s.until = instant_add(loop_now(r->p->w->loop), wait_ns);
    return s;
}

/* ---- step 2 ---------------------------------------------------------------------------------- */

static int wait_or_stop(struct recovery *r, int64_t ns, struct err *err)
{
    if (!world_wait(r->p->w, ns))
        return 0;
    (void)procedure_interrupted(r->p, err);
    return -1;
}

static int wait_before(struct recovery *r, struct err *err)
{
    int64_t wait = seconds_ns(r->p->w->settings->timing.pre_stimulus_wait_s);
    enter(r, "2", wait, "waiting %.0f s before it", (double)wait / 1e9);
    if (wait > SERIES_BEFORE_NS) {
        if (wait_or_stop(r, wait - SERIES_BEFORE_NS, err) != 0)
            return -1;
        wait = SERIES_BEFORE_NS;
    }
    procedure_health_reset(r->p);
    emul_series_start(r->p->emul);
    return wait_or_stop(r, wait, err);
}

static int call_stimulus(struct dut *d, void *arg, struct err *err)
{
    return d->driver->stimulus(d, arg, err);
}

/* One half, by whoever carries it out. */
static int act(struct recovery *r, bool recovery_action, struct err *err)
{
    struct procedure *p = r->p;
    enter(r, "2", 0, "%s", recovery_action ? r->ops->recovery_action : r->ops->beginning);
    if (r->way == STIMULUS_BY_APPARATUS && r->ops->begin != NULL)
        return recovery_action ? r->ops->recover(p->emul, err) : r->ops->begin(p->emul, err);
    struct stimulus_call call = {.stimulus = r->ops->id, .recovery_action = recovery_action};
    return dut_call(p->w->loop, &p->w->dut, call_stimulus, &call, err);
}

/* Keeps asking the DUT through the hold-out, so that a loss of neighbours is known to have been. */
static int hold_out(struct recovery *r, struct err *err)
{
    struct loop *loop = r->p->w->loop;
    int64_t hold_ns = seconds_ns(r->p->w->settings->timing.hold_out_s);
    struct instant until = instant_add(loop_now(loop), hold_ns);
    enter(r, "2", hold_ns, "out for %.0f s", (double)hold_ns / 1e9);
    while (loop_now(loop).ns < until.ns) {
        int64_t left = instant_diff(until, loop_now(loop));
        if (wait_or_stop(r, left < NS_PER_S ? left : NS_PER_S, err) != 0)
            return -1;
        bool last = instant_diff(until, loop_now(loop)) < NS_PER_S;
        if ((r->p->w->virtual_clock || !last) && watch_dut(r, err) < 0)
            return -1;
    }
    return 0;
}

static void set_tf(struct recovery *r, struct instant tf)
{
    r->tf = tf;
    emul_recovery_action(r->p->emul, tf);
}

/* Without a hold-out the beginning is Tf. */
static int in_halves(struct recovery *r, struct err *err)
{
    if (!r->ops->hold_out)
        set_tf(r, r->begin);
    if (act(r, false, err) != 0)
        return -1;
    if (r->ops->hold_out) {
        if (hold_out(r, err) != 0)
            return -1;
        set_tf(r, loop_now(r->p->w->loop));
    }
    return act(r, true, err);
}

/* One call of the driver, during which it cannot be asked anything else. Its own time stamp counts,
 * within the call. */
static int as_a_whole(struct recovery *r, struct err *err)
{
    struct procedure *p = r->p;
    struct loop *loop = p->w->loop;
    struct stimulus_call call = {.stimulus = r->ops->id};
    if (r->ops->hold_out)
        call.hold_out_s = p->w->settings->timing.hold_out_s;
    enter(r, "2", 0, "carried out by the driver %s", p->w->dut.driver->name);
    if (dut_call(loop, &p->w->dut, call_stimulus, &call, err) != 0)
        return -1;
    struct instant now = loop_now(loop), tf = now;
    if (call.tf_wall_ns != 0)
        tf = loop_from_wall(loop, call.tf_wall_ns);
    set_tf(r, instant_max(r->begin, instant_min(tf, now)));
    return 0;
}

static int apply(struct recovery *r, struct err *err)
{
    struct dut *d = &r->p->w->dut;
    const char *reason = "its driver does not say why";
    r->way = d->driver->can(d, r->ops->id, &reason);
    if (r->way == STIMULUS_NOT) {
        err_set(err, ERR_TESTBED, "the DUT driver %s cannot apply %s: %s", d->driver->name,
                stimulus_name(r->ops->id), reason);
        return -1;
    }
    emul_metric(r->p->emul, &r->before);
    r->begin = loop_now(r->p->w->loop);
    emul_recovery_begin(r->p->emul);
    return r->way == STIMULUS_WHOLE ? as_a_whole(r, err) : in_halves(r, err);
}

/* ---- steps 3 to 6 ---------------------------------------------------------------------------- */

/* Everything that the steps of the case wait for is there; else waiting_for says what is not. */
static bool scan(struct recovery *r, bool dut_all)
{
    struct procedure *p = r->p;
    struct emul_bringup up = {.complete = true};
    emul_recovery_get(p->emul, &r->seen);
    if (recovery_step(r, 5))
        emul_bringup_get(p->emul, &up);
    const char *missing = NULL;
    if (!up.complete)
        missing = up.waiting_for;
    else if (recovery_step(r, 5) && !dut_all)
        missing = "all neighbours in the DUT's own view";
    else if (recovery_step(r, 5) && !multicast_settled(p))
        missing = "every S-PMSI in its place";
    else if (recovery_traffic(r) && !r->seen.settled)
        missing = "all C-packets";
    (void)snprintf(r->waiting_for, sizeof(r->waiting_for), "%s", missing == NULL ? "" : missing);
    return missing == NULL;
}

static int recover(struct recovery *r, struct err *err)
{
    struct loop *loop = r->p->w->loop;
    struct instant limit =
        instant_add(r->tf, seconds_ns(r->p->w->settings->timing.recovery_limit_s));
    struct instant next = instant_min(instant_add(r->tf, SCAN_FROM_NS), limit);
    step_enter(r->p,
               (struct step){.number = "3-5",
                             .stimulus = stimulus_name(r->ops->id),
                             .until = limit,
                             .at_most = true},
               "recovering");
    for (;;) {
        int dut_all = watch_dut(r, err);
        if (dut_all < 0)
            return -1;
        struct instant now = loop_now(loop);
        if (now.ns >= next.ns) {
            r->settled = scan(r, dut_all == 1);
            if (r->settled || now.ns >= limit.ns) {
                r->until = now;
                recovery_regained_take(r);
                return 0;
            }
            next = instant_min(instant_add(now, SCAN_NS), limit);
        }
        if (wait_or_stop(r, DUT_POLL_NS, err) != 0)
            return -1;
    }
}

/* After a recovery that was not one the data is collected at once, to say what is missing. */
static int after_recovery(struct recovery *r, struct err *err)
{
    struct procedure *p = r->p;
    int64_t wait = r->settled ? seconds_ns(p->w->settings->timing.post_recovery_wait_s) : 0;
    enter(r, "6", wait, "waiting %.0f s", (double)wait / 1e9);
    if (wait_or_stop(r, wait, err) != 0)
        return -1;
    enter(r, "6", 0, "collecting");
    if (procedure_observe(p, &r->window, r->after, err) != 0)
        return -1;
    r->observed = true;
    r->flowing = emul_pairs_flowing(p->emul);
    emul_metric(p->emul, &r->after_apparatus);
    if (r->settled) {
        emul_recovery_get(p->emul, &r->seen);
        recovery_regained_take(r);
    }
    return 0;
}

static int carry_out(struct recovery *r, struct err *err)
{
    if (wait_before(r, err) != 0 || apply(r, err) != 0 || recover(r, err) != 0)
        return -1;
    return recovery_step(r, 6) ? after_recovery(r, err) : 0;
}

int recovery_run(struct procedure *p, enum stimulus s, unsigned repeat,
                 struct recovery_outcome *outcome, struct err *err)
{
    struct recovery r = {.p = p,
                         .ops = stimulus_ops_find(s),
                         .repeat = repeat,
                         .tf = INSTANT_NEVER,
                         .dut = {METRIC_UNKNOWN, METRIC_UNKNOWN, -1, -1, -1, -1}};
    r.after = mem_zalloc(1, sizeof(*r.after));
    int result = carry_out(&r, err);
    if (result == 0)
        result = recovery_series(&r, err);
    if (result == 0)
        result = recovery_regained_write(&r, err);
    if (result == 0) {
        enum verdict verdict = recovery_judge(&r);
        *outcome = (struct recovery_outcome){
            .stimulus = s, .repeat = repeat, .verdict = verdict, .trall_ns = -1};
        if (recovery_traffic(&r) && r.seen.trall.ns != INT64_MAX)
            outcome->trall_ns = instant_diff(r.seen.trall, r.tf);
        recovery_notes(&r);
        json_array_append_new(json_object_get(p->out->record, "recovery"),
                              recovery_record(&r, verdict));
    }
    recovery_regained_fini(&r);
    free(r.after);
    return result;
}
