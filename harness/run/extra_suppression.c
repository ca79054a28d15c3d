/* Draft 10.2: does the DUT suppress its Joins where PE3 sends the same ones? (PROTOCOLS 12 D30-D33)
 */
#include "emul/loop/loop.h"
#include "harness/run/extra.h"
#include "harness/run/record.h"
#include "harness/run/step.h"
#include "mvpnbench/emul_extra.h"
#include "mvpnbench/result.h"

#define WINDOW_DRAFT_S 600
#define WINDOW_LEAST_S 120 /* two periods of PIM's Joins */
#define PERIOD_S       60  /* t_periodic */
#define HEARD_S        70 /* the DUT has heard each of PE3's Joins, and sent what it sends before */
#define PASS_FACTOR    1.2

static int64_t window_ns(struct procedure *p)
{
    double s = p->w->settings->timing.steady_wait_s;
    if (s < WINDOW_LEAST_S)
        s = WINDOW_LEAST_S;
    if (s != WINDOW_DRAFT_S)
        record_notef(p->out->notes, "procedure",
                     "J1 and J2 were counted over %.0f s each, not over %d s", s, WINDOW_DRAFT_S);
    return seconds_ns(s);
}

/* Steps 2 and 3: PE3's receivers join and the sources start. 1, 0 not within the limit, -1. */
static int pe3_receives(struct procedure *p, struct err *err)
{
    const struct timing *t = &p->w->settings->timing;
    struct instant limit = instant_add(loop_now(p->w->loop), seconds_ns(t->setup_limit_s));
    emul_pe3_join(p->emul);
    step_enter(p, (struct step){.until = limit, .at_most = true}, "PE3 joins");
    while (!emul_pe3_joined(p->emul)) {
        if (loop_now(p->w->loop).ns >= limit.ns)
            return 0;
        if (procedure_wait(p, procedure_poll_ns(p), err) != 0)
            return -1;
    }
    emul_traffic_start(p->emul);
    p->sending = true;
    /* Every source has sent a packet by then, and so PE3 has joined each of them. */
    if (procedure_wait(p, 2 * p->q->spec.period_ns, err) != 0 || procedure_settle(p, err) != 0)
        return -1;
    return 1;
}

static int count(struct procedure *p, const char *what, int64_t ns, struct emul_jp_count *out,
                 struct err *err)
{
    struct instant until = instant_add(loop_now(p->w->loop), ns);
    step_enter(p, (struct step){.until = until}, "counting %s over %.0f s", what, (double)ns / 1e9);
    emul_jp_count_reset(p->emul);
    if (procedure_wait(p, ns, err) != 0)
        return -1;
    emul_jp_count_get(p->emul, out);
    return 0;
}

static json_t *by_sender(const struct emul_jp_count *c)
{
    return json_pack("{s:{s:I,s:I,s:I},s:{s:I,s:I,s:I}}", "dut", "joins",
                     (json_int_t)c->join_entries_dut, "prunes", (json_int_t)c->prune_entries_dut,
                     "pdus", (json_int_t)c->pdus_dut, "pe3", "joins",
                     (json_int_t)c->join_entries_pe3, "prunes", (json_int_t)c->prune_entries_pe3,
                     "pdus", (json_int_t)c->pdus_pe3);
}

static uint64_t joins(const struct emul_jp_count *c)
{
    return c->join_entries_dut + c->join_entries_pe3;
}

/* The numbers of 10.2; j2 is NULL when the instance failed before they could be counted. */
static void record(struct procedure *p, int64_t ns, const struct emul_jp_count *j1,
                   const struct emul_jp_count *j2)
{
    const struct instance_spec *s = &p->q->spec;
    double seconds = (double)ns / 1e9, jr1 = (double)joins(j1) / seconds;
    double expected = (double)s->mvpns * s->groups * (1 + s->sources) / PERIOD_S;
    json_t *o = json_object();
    json_object_set_new(o, "J1", json_integer((json_int_t)joins(j1)));
    json_object_set_new(o, "J2", j2 == NULL ? json_null() : json_integer((json_int_t)joins(j2)));
    json_object_set_new(o, "JR1", json_real(jr1));
    json_object_set_new(o, "JR2",
                        j2 == NULL ? json_null() : json_real((double)joins(j2) / seconds));
    bool known = j2 != NULL && joins(j1) > 0;
    bool suppresses = known && (double)joins(j2) < PASS_FACTOR * (double)joins(j1);
    json_object_set_new(o, "suppresses", known ? json_boolean(suppresses) : json_null());
    json_object_set_new(o, "expected_JR1", json_real(expected));
    json_object_set_new(o, "window_s", result_time(ns));
    json_object_set_new(o, "J1_by", by_sender(j1));
    json_object_set_new(o, "J2_by", j2 == NULL ? json_null() : by_sender(j2));
    json_object_set_new(json_object_get(p->out->record, "extra"), "jp_suppression", o);
}

int extra_suppression(struct procedure *p, struct err *err)
{
    struct emul_jp_count j1, j2;
    int64_t ns = window_ns(p);
    record_note(p->out->notes, "procedure",
                "metric_apparatus has no C-routes in 10.2: what PE3 has joined as well cannot be "
                "told from what the DUT has");
    int done = pe3_receives(p, err);
    if (done < 0)
        return -1;
    if (done == 0)
        return procedure_fail_early(p, "joins of PE3 could not be sent in time", BOUND_APPARATUS,
                                    err);
    if (count(p, "J1", ns, &j1, err) != 0)
        return -1;
    record(p, ns, &j1, NULL);
    done = procedure_join(p, err);
    if (done > 0)
        done = procedure_traffic(p, err);
    if (done < 0)
        return -1;
    if (done == 0) {
        record_notef(p->out->notes, "procedure",
                     "%s: whether the DUT suppresses Joins is not known: its receivers did not get "
                     "all flows",
                     p->q->id);
        return procedure_fail_early(p, "joins behind the DUT bring no traffic", BOUND_DUT, err);
    }
    double more_s = HEARD_S - p->w->settings->timing.steady_wait_s;
    if (procedure_settle(p, err) != 0 ||
        (more_s > 0 && procedure_wait(p, seconds_ns(more_s), err) != 0) ||
        count(p, "J2", ns, &j2, err) != 0)
        return -1;
    record(p, ns, &j1, &j2);
    return procedure_conclude(p, err);
}
