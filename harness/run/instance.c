#include "harness/run/instance_in.h"

#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/run/dutcall.h"
#include "harness/run/extra.h"
#include "harness/run/flow_file.h"
#include "harness/run/marking.h"
#include "harness/run/multicast.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"
#include "harness/run/signalling.h"
#include "harness/run/step.h"
#include "mvpnbench/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often the state of the network is looked at while waiting for it. */
#define POLL_VIRTUAL_NS NS_PER_S
#define POLL_REAL_NS    (NS_PER_S / 5)
/* After a window closes packets under way may still arrive; waiting costs nothing virtually. */
#define DRAIN_VIRTUAL_NS (10 * NS_PER_S)
#define DRAIN_REAL_NS    (2 * NS_PER_S)
/* A withdrawal that is not done by then is left to the DUT's timers. */
#define WITHDRAW_LIMIT_NS (10 * NS_PER_S)
#define WINDOW_NS         (60 * NS_PER_S)
#define WINDOW_MIN_NS     (10 * NS_PER_S)
#define WINDOW_PACKETS    10

static int64_t drain_ns(const struct procedure *p)
{
    return p->w->virtual_clock ? DRAIN_VIRTUAL_NS : DRAIN_REAL_NS;
}

int64_t procedure_poll_ns(const struct procedure *p)
{
    return p->w->virtual_clock ? POLL_VIRTUAL_NS : POLL_REAL_NS;
}

int procedure_wait(struct procedure *p, int64_t ns, struct err *err)
{
    if (!world_wait(p->w, ns))
        return 0;
    (void)procedure_interrupted(p, err);
    return -1;
}

bool procedure_interrupted(struct procedure *p, struct err *err)
{
    if (!world_interrupted(p->w))
        return false;
    err_set(err, ERR_INTERRUPTED, "interrupted during instance %s", p->q->id);
    return true;
}

/* ---- calls of the driver --------------------------------------------------------------------- */

static int call_configure(struct dut *d, void *arg, struct err *err)
{
    return d->driver->configure(d, arg, err);
}

static int call_unconfigure(struct dut *d, void *arg, struct err *err)
{
    (void)arg;
    return d->driver->unconfigure(d, err);
}

static int call_neighbours(struct dut *d, void *arg, struct err *err)
{
    return d->driver->neighbours(d, arg, err);
}

static int call_window_begin(struct dut *d, void *arg, struct err *err)
{
    (void)arg;
    return d->driver->window_begin(d, err);
}

static int call_view(struct dut *d, void *arg, struct err *err)
{
    return d->driver->view(d, arg, err);
}

static int dut(struct procedure *p, dut_call_fn *fn, void *arg, struct err *err)
{
    return dut_call(p->w->loop, &p->w->dut, fn, arg, err);
}

int procedure_neighbours(struct procedure *p, struct neighbour_count *seen, struct err *err)
{
    *seen = (struct neighbour_count){METRIC_UNKNOWN, METRIC_UNKNOWN};
    if (dut(p, call_neighbours, seen, err) != 0)
        return -1;
    const struct instance_spec *s = &p->q->spec;
    int64_t c = (int64_t)s->mvpns * s->c_interfaces, m = (int64_t)s->mvpns * s->remote_pes;
    bool c_up = seen->c_interface == METRIC_UNKNOWN || seen->c_interface >= c;
    bool m_up = seen->mi_pmsi == METRIC_UNKNOWN || seen->mi_pmsi >= m;
    return c_up && m_up;
}

/* ---- watching the apparatus ------------------------------------------------------------------ */

void procedure_health_reset(struct procedure *p)
{
    loop_health_reset(p->w->loop);
    emul_health_reset(p->emul);
}

bool procedure_apparatus_late(struct procedure *p, char *reason, size_t cap)
{
    struct loop_health loop;
    struct emul_health net;
    loop_health_get(p->w->loop, &loop);
    emul_health_get(p->emul, &net);
    /* A packet that leaves later than half its interval is not the load that is reported. */
    int64_t late_ns = p->q->spec.period_ns / 2;
    if (late_ns < 20 * NS_PER_MS)
        late_ns = 20 * NS_PER_MS;
    if (net.pacing_error_max_ns > late_ns)
        (void)snprintf(reason, cap, "the apparatus sent a packet %.1f ms late",
                       (double)net.pacing_error_max_ns / 1e6);
    else if (net.rx_dropped > 0)
        (void)snprintf(reason, cap, "the apparatus lost %llu frames in its receive ring",
                       (unsigned long long)net.rx_dropped);
    else if (net.tx_errors > 0)
        (void)snprintf(reason, cap, "the apparatus could not send %llu frames",
                       (unsigned long long)net.tx_errors);
    else if (loop.wall_step_ns > 100 * NS_PER_US)
        (void)snprintf(reason, cap, "the wall clock stepped by %.3f ms",
                       (double)loop.wall_step_ns / 1e6);
    else
        return false;
    return true;
}

/* The instance is invalid when the apparatus was late. */
static bool procedure_late(struct procedure *p)
{
    char late[128];
    if (!procedure_apparatus_late(p, late, sizeof(late)))
        return false;
    p->out->verdict = VERDICT_INVALID;
    p->out->bound = BOUND_APPARATUS;
    (void)snprintf(p->out->reason, sizeof(p->out->reason), "%s", late);
    return true;
}

/* ---- step 7 ---------------------------------------------------------------------------------- */

int64_t procedure_window_ns(struct procedure *p)
{
    int64_t window = WINDOW_NS;
    int64_t wait = seconds_ns(p->w->settings->timing.steady_wait_s);
    if (wait < window)
        window = wait < WINDOW_MIN_NS ? WINDOW_MIN_NS : wait;
    int64_t needed = (WINDOW_PACKETS + 1) * p->q->spec.period_ns;
    if (needed <= window || spec_flow_count(&p->q->spec) == 0)
        return window;
    record_notef(
        p->out->notes, "procedure",
        "the window of step 7 was lengthened to %.1f s so that every flow sends %d packets",
        (double)needed / 1e9, WINDOW_PACKETS);
    return needed;
}

int procedure_observe(struct procedure *p, struct emul_window *window, struct dut_view *view,
                      struct err *err)
{
    if (dut(p, call_window_begin, NULL, err) != 0)
        return -1;
    p->observing = true;
    emul_window_open(p->emul);
    emul_signal_get(p->emul, &p->signal[0]);
    int64_t window_ns = procedure_window_ns(p);
    progress_wait(instant_add(loop_now(p->w->loop), window_ns + drain_ns(p)), false);
    bool stopped = world_wait(p->w, window_ns);
    emul_window_close(p->emul);
    p->observing = false;
    emul_signal_get(p->emul, &p->signal[1]);
    *view = (struct dut_view){0};
    metric_clear(&view->metric);
    p_metric_clear(&view->p);
    view->spmsi_cached = METRIC_UNKNOWN;
    if (!stopped && dut(p, call_view, view, err) != 0)
        return -1;
    if (stopped || world_wait(p->w, drain_ns(p))) {
        (void)procedure_interrupted(p, err);
        return -1;
    }
    emul_window_get(p->emul, window);
    return 0;
}

/* ---- steps 1 to 6 ---------------------------------------------------------------------------- */

static int set_up(struct procedure *p, struct err *err)
{
    struct world *w = p->w;
    step_enter(p, (struct step){.number = "1"}, "configuring the DUT");
    if (dut(p, call_configure, (void *)(uintptr_t)&p->q->spec, err) != 0)
        return -1;
    w->dut.driver->ports(&w->dut, &p->ports);
    for (size_t i = 0; i < p->ports.a1_count; i++)
        port_set_capture(p->ports.a1[i], w->cap_a1);
    port_set_capture(p->ports.a3, w->cap_a3);
    struct emul_ports ports = {p->ports.a1, p->ports.a1_count, p->ports.a3};
    p->emul = emul_new(w->loop, &ports, &p->q->spec, err);
    if (p->emul == NULL)
        return -1;
    flow_file_keep(p);
    procedure_health_reset(p);
    emul_start(p->emul);
    step_watch(p);
    return 0;
}

/* Steps 2 and 3: 1 up, 0 not within the limit, -1 with *err. */
static int bring_up(struct procedure *p, struct err *err)
{
    struct instant limit =
        instant_add(loop_now(p->w->loop), seconds_ns(p->w->settings->timing.setup_limit_s));
    for (;;) {
        struct emul_bringup up;
        emul_bringup_get(p->emul, &up);
        step_enter(p, (struct step){.number = "2-3", .until = limit, .at_most = true}, "%s",
                   up.complete ? "asking the DUT for its neighbours" : up.waiting_for);
        if (up.complete) {
            struct neighbour_count seen;
            int all = procedure_neighbours(p, &seen, err);
            if (all != 0)
                return all;
        }
        if (loop_now(p->w->loop).ns >= limit.ns)
            return 0;
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
}

/* Step 4: every join sent, and under long timing refreshed once (PROTOCOLS 12 A17). */
int procedure_join(struct procedure *p, struct err *err)
{
    const struct timing *t = &p->w->settings->timing;
    bool refreshed = t->steady_wait_s >= 60;
    if (!refreshed)
        record_note(
            p->out->notes, "procedure",
            "step 5 began when every join had been sent once, without waiting for its first "
            "refresh (steady_wait_s is below 60 s)");
    struct instant limit = instant_add(loop_now(p->w->loop), seconds_ns(t->setup_limit_s));
    emul_join(p->emul);
    step_enter(p, (struct step){.number = "4", .until = limit, .at_most = true}, "receivers join");
    while (!(refreshed ? emul_refreshed_once(p->emul) : emul_joined_once(p->emul))) {
        if (loop_now(p->w->loop).ns >= limit.ns)
            return 0;
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
    return 1;
}

/* Steps 5 and 6, S-PMSIs in their places included. The last 60 s before the limit are counted, for
 * the report of a failure. */
int procedure_traffic(struct procedure *p, struct err *err)
{
    int64_t limit_ns = seconds_ns(p->w->settings->timing.traffic_limit_s);
    p->traffic = loop_now(p->w->loop);
    struct instant limit = instant_add(p->traffic, limit_ns);
    struct instant count_from = instant_add(limit, -WINDOW_NS);
    bool counting = false;
    if (!p->sending)
        emul_traffic_start(p->emul);
    p->sending = true;
    step_enter(p, (struct step){.number = "5-6", .until = limit, .at_most = true}, "traffic");
    while (!emul_all_flowing(p->emul) || !multicast_settled(p)) {
        struct instant now = loop_now(p->w->loop);
        if (!counting && now.ns >= count_from.ns) {
            emul_window_open(p->emul);
            counting = true;
        }
        if (now.ns >= limit.ns) {
            emul_window_close(p->emul);
            return world_wait(p->w, drain_ns(p)) && procedure_interrupted(p, err) ? -1 : 0;
        }
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
    return 1;
}

/* Reads what there is when an instance fails before step 7. */
int procedure_fail_early(struct procedure *p, const char *step, enum bound bound, struct err *err)
{
    p->failed_before_window = true;
    (void)procedure_collect(p);
    if (dut(p, call_view, p->steady, err) != 0)
        return -1;
    procedure_judge(p, p->steady);
    enum bound found = instance_bound(p);
    instance_fail(p, step, bound == BOUND_DUT ? found : bound);
    return 0;
}

static void record_marking(struct procedure *p)
{
    json_t *marking = marking_record(p);
    if (marking != NULL)
        json_object_set_new(p->out->record, "marking", marking);
}

static void record_window(struct procedure *p, const struct emul_window *window)
{
    json_t *record = p->out->record;
    if (window->from.ns != INT64_MAX && window->from.ns >= p->begin.ns) {
        json_t *range = json_array();
        json_array_append_new(range, result_time(instant_diff(window->from, p->begin)));
        json_array_append_new(range, result_time(instant_diff(window->to, p->begin)));
        json_object_set_new(record, "window", range);
    }
    json_t *forwarding = record_forwarding(window, &p->q->spec);
    json_object_set_new(json_object_get(forwarding, "ingress"), "latency_histogram",
                        record_latency(p->emul, true));
    json_object_set_new(json_object_get(forwarding, "egress"), "latency_histogram",
                        record_latency(p->emul, false));
    json_object_set_new(record, "forwarding", forwarding);
    record_marking(p);
}

static void record_neighbours(struct procedure *p, const struct dut_view *view)
{
    struct neighbour_count seen;
    emul_neighbours(p->emul, &seen);
    json_t *o = json_object();
    const struct {
        const char *key;
        int64_t apparatus, dut;
    } rows[] = {{"c_interface", seen.c_interface, view->neighbours.c_interface},
                {"mi_pmsi", seen.mi_pmsi, view->neighbours.mi_pmsi}};
    for (size_t i = 0; i < 2; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "apparatus", result_count(rows[i].apparatus));
        json_object_set_new(row, "dut", result_count(rows[i].dut));
        json_object_set_new(o, rows[i].key, row);
    }
    json_object_set_new(p->out->record, "neighbours", o);
}

static void record_views(struct procedure *p, const struct dut_view *view)
{
    json_t *record = p->out->record;
    struct mvpn_metric seen;
    emul_metric(p->emul, &seen);
    json_object_set_new(record, "metric", result_metric(&view->metric));
    json_object_set_new(record, "metric_apparatus", result_metric(&seen));
    if (seen.v[NUM_OIF_C] == METRIC_UNKNOWN)
        record_note(p->out->notes, "procedure",
                    "metric_apparatus.Num_OIF_C is null: OIFs of (*,G) mroutes cannot be seen from "
                    "outside while the (S,G) trees carry the traffic");
    multicast_record(p, view);
    bool early = p->failed_before_window;
    json_object_set_new(
        record, "signalling",
        signalling_record(p, view, early ? NULL : &p->signal[0], early ? NULL : &p->signal[1]));
    json_object_set_new(record, "utilisation", record_utilisation(view));
    record_neighbours(p, view);
    p->out->verified = view->metric.v[NUM_MVPN] != METRIC_UNKNOWN;
}

int procedure_settle(struct procedure *p, struct err *err)
{
    double wait_s = p->w->settings->timing.steady_wait_s;
    struct instant until = instant_add(loop_now(p->w->loop), seconds_ns(wait_s));
    step_enter(p, (struct step){.number = "7", .until = until}, "waiting %.0f s", wait_s);
    return procedure_wait(p, seconds_ns(wait_s), err);
}

int procedure_conclude(struct procedure *p, struct err *err)
{
    struct emul_window window;
    procedure_health_reset(p);
    step_enter(p, (struct step){.number = "7"}, "collecting");
    if (procedure_observe(p, &window, p->steady, err) != 0)
        return -1;
    (void)procedure_collect(p);
    procedure_judge(p, p->steady);
    record_window(p, &window);
    if (procedure_late(p))
        return 0;
    if (p->failure_count > 0)
        instance_fail(p, "step 7", instance_bound(p));
    return 0;
}

static void note_facts(struct procedure *p)
{
    struct emul_facts facts;
    emul_facts_get(p->emul, &facts);
    if (facts.jp_capped_by_mtu)
        record_notef(
            p->out->notes, "procedure",
            "80 entries a Join/Prune do not fit the MTU of %u: at most %u were sent in one, "
            "10 PDU/s kept, so joins are slower than draft 6.6 asks",
            p->q->spec.mtu, facts.jp_entries_max);
    if (facts.packets_in_registers > 0)
        record_notef(p->out->notes, "procedure",
                     "C-packets that arrived inside a P-instance Register are counted as received");
    multicast_notes(p);
}

/* Steps 4 to 6, as far as the case has them (9.2 has no flows at all): 1, or 0 when the instance
 * has failed and that is recorded; -1 with *err. */
static int steps_4_to_6(struct procedure *p, struct err *err)
{
    const struct test_case *tc = p->q->tc;
    int done = case_step(tc, false, 4) ? procedure_join(p, err) : 1;
    if (done < 0)
        return -1;
    if (done == 0)
        return procedure_fail_early(p, "step 4: joins could not be sent in time", BOUND_APPARATUS,
                                    err);
    done = extra_before_traffic(p, err);
    if (done <= 0)
        return done;
    if (!case_step(tc, false, 5))
        return 1;
    done = procedure_traffic(p, err);
    return done != 0 ? done : procedure_fail_early(p, "step 6", BOUND_DUT, err);
}

static int steps_1_to_7(struct procedure *p, struct err *err)
{
    if (set_up(p, err) != 0)
        return -1;
    int done = bring_up(p, err);
    if (done < 0)
        return -1;
    if (done == 0)
        return procedure_fail_early(p, "steps 2-3", BOUND_DUT, err);
    if (extra_own_procedure(p->q->tc))
        return extra_procedure(p, err);
    done = steps_4_to_6(p, err);
    if (done <= 0)
        return done;
    return procedure_settle(p, err) != 0 ? -1 : procedure_conclude(p, err);
}

static int stimuli(struct procedure *p, struct err *err)
{
    for (size_t i = 0; i < p->q->stimulus_count; i++) {
        for (unsigned r = 1; r <= p->q->repeat; r++) {
            struct recovery_outcome *o = &p->out->recovery[p->out->recovery_count];
            if (recovery_run(p, p->q->stimuli[i], r, o, err) != 0)
                return -1;
            p->out->recovery_count++;
            if (o->verdict != VERDICT_PASS)
                return 0;
        }
    }
    return 0;
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void withdraw(struct procedure *p)
{
    struct instant limit = instant_add(loop_now(p->w->loop), WITHDRAW_LIMIT_NS);
    emul_withdraw(p->emul);
    while (!emul_withdrawn(p->emul) && loop_now(p->w->loop).ns < limit.ns)
        world_run_to(p->w, instant_add(loop_now(p->w->loop), NS_PER_S / 10));
}

/* Whatever happened: nothing of the instance stays on the wire or in the DUT. */
static int tear_down(struct procedure *p, struct err *err)
{
    if (p->emul != NULL)
        withdraw(p);
    step_unwatch();
    emul_free(p->emul);
    p->emul = NULL;
    int failed = dut(p, call_unconfigure, NULL, err);
    if (p->w->cap_a1 != NULL)
        failed |= capture_sync(p->w->cap_a1);
    if (p->w->cap_a3 != NULL)
        failed |= capture_sync(p->w->cap_a3);
    if (failed != 0)
        err_set(err, ERR_TESTBED, "a capture file could not be written: is the disk full?");
    return failed == 0 ? 0 : -1;
}

static void begin_record(struct procedure *p)
{
    json_t *record = p->out->record;
    json_object_set_new(record, "begin", result_time(p->begin.ns));
    json_object_set_new(record, "parameters", record_parameters(p->q));
    json_object_set_new(record, "expected", result_metric(&p->expected));
}

static void broken_relation(void *arg, const char *text)
{
    struct procedure *p = arg;
    record_note(p->out->notes, "procedure", text);
}

static void record_verdict(struct procedure *p)
{
    json_t *record = p->out->record;
    const struct instance_outcome *out = p->out;
    json_object_set_new(record, "verdict", json_string(verdict_name(out->verdict)));
    json_object_set_new(record, "reason",
                        out->reason[0] == '\0' ? json_null() : json_string(out->reason));
    json_object_set_new(record, "failures", record_failures(p->failures, p->failure_count));
}

static void end_record(struct procedure *p)
{
    struct instance_outcome *out = p->out;
    if (p->failed_before_window) {
        struct emul_window window;
        emul_window_get(p->emul, &window);
        record_window(p, &window);
    }
    record_views(p, p->steady);
    if (out->verdict == VERDICT_PASS) {
        struct case_measure measured = {&p->steady->metric, &p->steady->neighbours, &p->steady->p};
        json_object_set_new(p->out->record, "relations", record_relations(p->q, &measured));
        case_relations_measured(p->q->tc, p->w->settings, &p->q->values, &measured, broken_relation,
                                p);
    }
    record_verdict(p);
    note_facts(p);
}

/* What the case measures beside: the apparatus may have been late in it. */
static int measure(struct procedure *p, struct err *err)
{
    procedure_health_reset(p);
    if (extra_measure(p, err) != 0)
        return -1;
    if (procedure_late(p))
        record_verdict(p);
    return 0;
}

int instance_run(struct world *w, const struct instance_request *q, struct instance_outcome *out,
                 struct err *err)
{
    *out = (struct instance_outcome){.record = record_new(q->id)};
    out->notes = json_pack("{s:[],s:[]}", "configuration", "procedure");
    struct procedure p = {.w = w, .q = q, .out = out, .begin = loop_now(w->loop)};
    p.steady = mem_zalloc(1, sizeof(*p.steady));
    metric_clear(&p.steady->metric);
    p_metric_clear(&p.steady->p);
    p.steady->spmsi_cached = METRIC_UNKNOWN;
    p.steady->neighbours = (struct neighbour_count){METRIC_UNKNOWN, METRIC_UNKNOWN};
    spec_expected(&q->spec, &p.expected);
    spec_expected_p(&q->spec, &p.expected_p);
    begin_record(&p);
    int result = steps_1_to_7(&p, err);
    if (result == 0)
        result = flow_file_write(&p, err);
    if (result == 0) {
        end_record(&p);
        if (out->verdict == VERDICT_PASS)
            result = measure(&p, err);
        if (result == 0 && out->verdict == VERDICT_PASS)
            result = stimuli(&p, err);
    }
    struct err late = {0};
    if (tear_down(&p, result == 0 ? err : &late) != 0)
        result = -1;
    json_object_set_new(out->record, "end", result_time(loop_now(w->loop).ns));
    free(p.steady);
    free(p.failures);
    if (result != 0)
        instance_outcome_fini(out);
    return result;
}

void instance_outcome_fini(struct instance_outcome *out)
{
    json_decref(out->record);
    json_decref(out->notes);
    out->record = out->notes = NULL;
}

static const char *const bound_names[] = {
    [BOUND_DUT] = "dut",     [BOUND_RESOURCE] = "resource", [BOUND_APPARATUS] = "apparatus",
    [BOUND_RANGE] = "range", [BOUND_TIME] = "time",
};

const char *bound_name(enum bound b)
{
    return bound_names[b];
}

enum bound bound_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof(bound_names) / sizeof(bound_names[0]); i++) {
        if (strcmp(bound_names[i], name) == 0)
            return (enum bound)i;
    }
    return BOUND_DUT;
}
