/* Draft 7.2, steps 2 to 6, for one stimulus (DESIGN A.5 "Recovery"). */
#include "emul/base/mem.h"
#include "emul/loop/loop.h"
#include "harness/run/dutcall.h"
#include "harness/run/multicast.h"
#include "harness/run/procedure.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"
#include "harness/stimulus/stimulus.h"
#include "mvpnbench/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The graph of draft 8.2 begins this long before the failure action. */
#define SERIES_BEFORE_NS (60 * NS_PER_S)
#define SERIES_AFTER_NS  (60 * NS_PER_S)
#define SERIES_BIN_NS    (100 * NS_PER_MS)
/* Below this a hold-out leaves neighbours (105 s) and joins (210 s) unexpired (DESIGN A.5). */
#define STATE_EXPIRED_S 225
/* How often the DUT is asked for its neighbours after the recovery action. */
#define DUT_POLL_NS (100 * NS_PER_MS)

/* Neighbours as the DUT sees them coming back, in ns from Tf; -1: not seen. */
struct dut_neighbours {
    int64_t low_c, low_mi; /* fewest seen since the begin; METRIC_UNKNOWN: cannot tell */
    int64_t first_c, all_c, first_mi, all_mi;
};

struct recovery {
    struct procedure *p;
    enum stimulus stimulus;
    unsigned repeat;
    struct instant begin, tf;
    struct emul_recovery seen;
    struct dut_neighbours dut;
    struct dut_view *after;
    bool observed; /* after is filled in */
    struct emul_window window;
    char series[96];
    char reason[256];
};

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
    return all;
}

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
    progress_step("%s: %s, waiting %.0f s before it", r->p->q->id, stimulus_name(r->stimulus),
                  (double)wait / 1e9);
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

static int act(struct recovery *r, bool recovery_action, struct err *err)
{
    const struct stimulus_ops *ops = stimulus_ops_find(r->stimulus);
    struct procedure *p = r->p;
    if (ops != NULL && ops->by_apparatus)
        return recovery_action ? ops->recover(p->emul, err) : ops->begin(p->emul, err);
    struct stimulus_call call = {.stimulus = r->stimulus, .recovery_action = recovery_action};
    return dut_call(p->w->loop, &p->w->dut, call_stimulus, &call, err);
}

/* Keeps asking the DUT through the hold-out, so that a loss of neighbours is known to have been. */
static int hold_out(struct recovery *r, struct err *err)
{
    struct loop *loop = r->p->w->loop;
    struct instant until =
        instant_add(loop_now(loop), seconds_ns(r->p->w->settings->timing.hold_out_s));
    progress_step("%s: %s, held out", r->p->q->id, stimulus_name(r->stimulus));
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

/* Steps 3 to 5: 1 recovered, 0 not within the limit, -1 error. */
static int recover(struct recovery *r, struct err *err)
{
    struct procedure *p = r->p;
    struct instant limit = instant_add(r->tf, seconds_ns(p->w->settings->timing.recovery_limit_s));
    unsigned polls = 0;
    progress_step("%s: %s, recovering", p->q->id, stimulus_name(r->stimulus));
    for (;;) {
        int dut_all = watch_dut(r, err);
        if (dut_all < 0)
            return -1;
        /* The scan over all flows is the dear part: once a second. */
        if (polls++ % 10 == 0 || !p->w->virtual_clock) {
            struct emul_bringup up;
            emul_recovery_get(p->emul, &r->seen);
            emul_bringup_get(p->emul, &up);
            if (r->seen.settled && up.complete && dut_all == 1 && multicast_settled(p))
                return 1;
        }
        if (loop_now(p->w->loop).ns >= limit.ns)
            return 0;
        if (wait_or_stop(r, DUT_POLL_NS, err) != 0)
            return -1;
    }
}

static int after_recovery(struct recovery *r, struct err *err)
{
    struct procedure *p = r->p;
    int64_t wait = seconds_ns(p->w->settings->timing.post_recovery_wait_s);
    progress_step("%s: %s, step 6, waiting %.0f s", p->q->id, stimulus_name(r->stimulus),
                  (double)wait / 1e9);
    if (wait_or_stop(r, wait, err) != 0)
        return -1;
    if (procedure_observe(p, &r->window, r->after, err) != 0)
        return -1;
    r->observed = true;
    emul_recovery_get(p->emul, &r->seen);
    return 0;
}

/* Draft 7.2 step 7 a: the metric of step 6 is the same as in the steady state. */
static void judge_same_metric(struct recovery *r)
{
    for (int i = 0; i < METRIC_VARS; i++) {
        int64_t before = r->p->steady->metric.v[i], after = r->after->metric.v[i];
        if (before == METRIC_UNKNOWN || after == METRIC_UNKNOWN || after >= before)
            continue;
        struct emul_failure f = {.criterion = CRIT_METRIC, .count = (uint64_t)(before - after)};
        (void)snprintf(f.interface, sizeof(f.interface), "%s %lld, was %lld",
                       metric_name((enum metric_var)i), (long long)after, (long long)before);
        procedure_fail(r->p, &f);
    }
}

static enum verdict judge(struct recovery *r, bool settled)
{
    struct procedure *p = r->p;
    char late[128];
    p->failure_count = 0;
    if (procedure_apparatus_late(p, late, sizeof(late))) {
        (void)snprintf(r->reason, sizeof(r->reason), "%s", late);
        return VERDICT_INVALID;
    }
    if (!settled && r->seen.not_recovered > 0) {
        (void)snprintf(r->reason, sizeof(r->reason), "not recovered: %llu flows and receivers",
                       (unsigned long long)r->seen.not_recovered);
        (void)procedure_collect(p);
        return VERDICT_FAIL;
    }
    if (r->seen.lost_again > 0) {
        (void)snprintf(r->reason, sizeof(r->reason),
                       "packets were lost again after the recovery: %llu flows and receivers",
                       (unsigned long long)r->seen.lost_again);
        (void)procedure_collect(p);
        return VERDICT_FAIL;
    }
    (void)procedure_collect(p);
    if (r->observed) {
        procedure_judge(p, r->after);
        judge_same_metric(r);
    }
    if (!settled && p->failure_count == 0) {
        (void)snprintf(r->reason, sizeof(r->reason), "neighbours did not come back in time");
        return VERDICT_FAIL;
    }
    if (p->failure_count == 0)
        return VERDICT_PASS;
    const struct emul_failure *f = &p->failures[0];
    (void)snprintf(r->reason, sizeof(r->reason), "step 6: %s, VPN %u, flow %u %s %s",
                   emul_criterion_name(f->criterion), f->vpn, f->flow, f->neighbour, f->interface);
    return VERDICT_FAIL;
}

/* ---- the record ------------------------------------------------------------------------------ */

static json_t *from_begin(const struct recovery *r, struct instant at)
{
    bool known = at.ns != INT64_MAX;
    return result_time_or_null(known, known ? instant_diff(at, r->p->begin) : 0);
}

static json_t *from_tf(const struct recovery *r, struct instant at)
{
    bool known = at.ns != INT64_MAX;
    return result_time_or_null(known, known ? instant_diff(at, r->tf) : 0);
}

static json_t *neighbour_times(const struct recovery *r, struct instant first, struct instant all,
                               int64_t dut_first, int64_t dut_all)
{
    json_t *o = json_object();
    json_t *row = json_object();
    json_object_set_new(row, "apparatus", from_tf(r, first));
    json_object_set_new(row, "dut", result_time_or_null(dut_first >= 0, dut_first));
    json_object_set_new(o, "first", row);
    row = json_object();
    json_object_set_new(row, "apparatus", from_tf(r, all));
    json_object_set_new(row, "dut", result_time_or_null(dut_all >= 0, dut_all));
    json_object_set_new(o, "all", row);
    return o;
}

static void note_nulls(struct recovery *r)
{
    struct procedure *p = r->p;
    const char *name = stimulus_name(r->stimulus);
    uint64_t interrupted = r->seen.interrupted_ingress + r->seen.interrupted_egress;
    if (emul_pairs_total(p->emul) == 0)
        record_notef(p->out->notes, "procedure", "%s of %s: Tre, Trd, Trall are null: no flows",
                     name, p->q->id);
    else if (interrupted == 0)
        record_notef(p->out->notes, "procedure",
                     "%s of %s: Tre, Trd, Trall are null: not interrupted", name, p->q->id);
    else if (r->seen.trall.ns == INT64_MAX)
        record_notef(p->out->notes, "procedure", "%s of %s: Trall is null: not recovered", name,
                     p->q->id);
    if (r->seen.mi_pmsi_lost == 0)
        record_notef(p->out->notes, "procedure",
                     "%s of %s: no MI-PMSI neighbour was lost at the apparatus: its times are null",
                     name, p->q->id);
    if (r->seen.c_lost == 0)
        record_notef(p->out->notes, "procedure",
                     "%s of %s: no C-interface neighbour was lost at the apparatus: its times are "
                     "null",
                     name, p->q->id);
}

static void record_times(const struct recovery *r, json_t *o)
{
    const struct emul_recovery *s = &r->seen;
    json_object_set_new(o, "Tf", from_begin(r, r->tf));
    json_object_set_new(o, "Tre", from_begin(r, s->tre));
    json_object_set_new(o, "Trd", from_begin(r, s->trd));
    json_object_set_new(o, "Trall", from_begin(r, s->trall));
    json_object_set_new(o, "Tre-Tf", from_tf(r, s->tre));
    json_object_set_new(o, "Trd-Tf", from_tf(r, s->trd));
    json_object_set_new(o, "Trall-Tf", from_tf(r, s->trall));
    json_object_set_new(o, "resolution_s", result_time(r->p->q->spec.period_ns));
    int64_t floor_ns = r->p->q->floor_ns[r->stimulus][r->repeat - 1];
    json_object_set_new(o, "apparatus_floor_s", result_time_or_null(floor_ns >= 0, floor_ns));
}

static json_t *record_recovery(struct recovery *r, enum verdict verdict)
{
    const struct emul_recovery *s = &r->seen;
    json_t *o = json_object();
    json_object_set_new(o, "stimulus", json_string(stimulus_name(r->stimulus)));
    json_object_set_new(o, "repeat", json_integer(r->repeat));
    json_object_set_new(o, "verdict", json_string(verdict_name(verdict)));
    json_object_set_new(o, "reason", r->reason[0] == '\0' ? json_null() : json_string(r->reason));
    json_t *marks = json_array();
    if (r->p->w->settings->timing.hold_out_s < STATE_EXPIRED_S)
        json_array_append_new(marks, json_string("state-not-expired"));
    json_object_set_new(o, "marks", marks);
    json_object_set_new(o, "begin", from_begin(r, r->begin));
    record_times(r, o);
    json_object_set_new(o, "interrupted",
                        json_pack("{s:I,s:I}", "ingress", (json_int_t)s->interrupted_ingress,
                                  "egress", (json_int_t)s->interrupted_egress));
    bool any = s->interrupted_ingress + s->interrupted_egress > 0;
    json_object_set_new(o, "loss_derived_s", result_time_or_null(any, s->loss_derived_max_ns));
    json_t *n = json_object();
    json_object_set_new(
        n, "mi_pmsi",
        neighbour_times(r, s->mi_pmsi_first, s->mi_pmsi_all, r->dut.first_mi, r->dut.all_mi));
    json_object_set_new(n, "c_interface",
                        neighbour_times(r, s->c_first, s->c_all, r->dut.first_c, r->dut.all_c));
    json_object_set_new(o, "neighbours", n);
    json_object_set_new(o, "metric_after",
                        r->observed ? result_metric(&r->after->metric) : json_null());
    json_object_set_new(o, "forwarding_after",
                        r->observed ? record_forwarding(&r->window, &r->p->q->spec) : json_null());
    json_object_set_new(o, "failures", record_failures(r->p->failures, r->p->failure_count));
    json_object_set_new(o, "series", r->series[0] == '\0' ? json_null() : json_string(r->series));
    return o;
}

/* The desirable graph of draft 8.2 as a table: packets a bin and port. */
static int write_series(struct recovery *r, struct err *err)
{
    struct procedure *p = r->p;
    if (p->w->dir == NULL)
        return 0;
    struct emul_series s;
    emul_series_get(p->emul, &s);
    (void)snprintf(r->series, sizeof(r->series), "series-%s-%s-%u.csv", p->q->id,
                   stimulus_name(r->stimulus), r->repeat);
    char *path = mem_printf("%s/%s", p->w->dir, r->series);
    FILE *f = fopen(path, "w");
    struct instant end = r->seen.trall.ns == INT64_MAX ? loop_now(p->w->loop) : r->seen.trall;
    int64_t last = instant_diff(instant_add(end, SERIES_AFTER_NS), s.start) / SERIES_BIN_NS;
    bool failed = f == NULL;
    if (f != NULL) {
        (void)fprintf(f, "seconds_from_Tf,a1_sent,a1_received,a3_sent,a3_received\n");
        for (size_t i = 0; i < s.bins && (int64_t)i <= last; i++) {
            int64_t at = instant_diff(s.start, r->tf) + (int64_t)i * SERIES_BIN_NS;
            (void)fprintf(f, "%.1f,%u,%u,%u,%u\n", (double)at / 1e9, s.a1_tx[i], s.a1_rx[i],
                          s.a3_tx[i], s.a3_rx[i]);
        }
        failed = fclose(f) != 0;
    }
    if (failed)
        err_set(err, ERR_TESTBED, "%s: %s", path, strerror(errno));
    free(path);
    return failed ? -1 : 0;
}

static int carry_out(struct recovery *r, bool *settled, struct err *err)
{
    struct procedure *p = r->p;
    if (wait_before(r, err) != 0)
        return -1;
    r->begin = loop_now(p->w->loop);
    emul_recovery_begin(p->emul);
    if (act(r, false, err) != 0 || hold_out(r, err) != 0)
        return -1;
    r->tf = loop_now(p->w->loop);
    emul_recovery_action(p->emul, r->tf);
    if (act(r, true, err) != 0)
        return -1;
    int recovered = recover(r, err);
    if (recovered < 0)
        return -1;
    *settled = recovered == 1;
    return *settled ? after_recovery(r, err) : 0;
}

int recovery_run(struct procedure *p, enum stimulus s, unsigned repeat,
                 struct recovery_outcome *outcome, struct err *err)
{
    struct recovery r = {.p = p,
                         .stimulus = s,
                         .repeat = repeat,
                         .tf = INSTANT_NEVER,
                         .dut = {METRIC_UNKNOWN, METRIC_UNKNOWN, -1, -1, -1, -1}};
    r.after = mem_zalloc(1, sizeof(*r.after));
    bool settled = false;
    int result = carry_out(&r, &settled, err);
    if (result == 0)
        result = write_series(&r, err);
    if (result == 0) {
        enum verdict verdict = judge(&r, settled);
        *outcome = (struct recovery_outcome){
            .stimulus = s, .repeat = repeat, .verdict = verdict, .trall_ns = -1};
        if (r.seen.trall.ns != INT64_MAX)
            outcome->trall_ns = instant_diff(r.seen.trall, r.tf);
        note_nulls(&r);
        json_array_append_new(json_object_get(p->out->record, "recovery"),
                              record_recovery(&r, verdict));
    }
    free(r.after);
    return result;
}
