/* What the result says of one recovery (DESIGN B.3, draft 8.2). */
#include "harness/run/recovery.h"

#include "emul/loop/loop.h"
#include "harness/run/record.h"
#include "harness/run/side_file.h"
#include "mvpnbench/result.h"

#include <stdio.h>

#define SERIES_AFTER_NS (60 * NS_PER_S)
#define SERIES_BIN_NS   (100 * NS_PER_MS)
/* A shorter hold-out leaves neighbours (105 s) and joins (210 s) unexpired (DESIGN A.5). */
#define STATE_EXPIRED_NS (225 * NS_PER_S)

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

static json_t *two_views(const struct recovery *r, struct instant apparatus, int64_t dut)
{
    json_t *row = json_object();
    json_object_set_new(row, "apparatus", from_tf(r, apparatus));
    json_object_set_new(row, "dut", result_time_or_null(dut >= 0, dut));
    return row;
}

static json_t *record_neighbours(const struct recovery *r)
{
    const struct emul_recovery *s = &r->seen;
    const struct dut_neighbours *d = &r->dut;
    json_t *mi_pmsi = json_object(), *c = json_object(), *o = json_object();
    json_object_set_new(mi_pmsi, "first", two_views(r, s->mi_pmsi_first, d->first_mi));
    json_object_set_new(mi_pmsi, "all", two_views(r, s->mi_pmsi_all, d->all_mi));
    json_object_set_new(c, "first", two_views(r, s->c_first, d->first_c));
    json_object_set_new(c, "all", two_views(r, s->c_all, d->all_c));
    json_object_set_new(o, "mi_pmsi", mi_pmsi);
    json_object_set_new(o, "c_interface", c);
    return o;
}

static void record_times(const struct recovery *r, json_t *o)
{
    bool traffic = recovery_traffic(r), first = traffic && recovery_step(r, 3);
    struct instant tre = first ? r->seen.tre : INSTANT_NEVER;
    struct instant trd = first ? r->seen.trd : INSTANT_NEVER;
    struct instant trall = traffic ? r->seen.trall : INSTANT_NEVER;
    json_object_set_new(o, "Tf", from_begin(r, r->tf));
    json_object_set_new(o, "Tre", from_begin(r, tre));
    json_object_set_new(o, "Trd", from_begin(r, trd));
    json_object_set_new(o, "Trall", from_begin(r, trall));
    json_object_set_new(o, "Tre-Tf", from_tf(r, tre));
    json_object_set_new(o, "Trd-Tf", from_tf(r, trd));
    json_object_set_new(o, "Trall-Tf", from_tf(r, trall));
    json_object_set_new(o, "resolution_s", result_time(r->p->q->spec.period_ns));
    int64_t floor_ns = r->p->q->floor_ns[r->ops->id][r->repeat - 1];
    json_object_set_new(o, "apparatus_floor_s", result_time_or_null(floor_ns >= 0, floor_ns));
}

static json_t *record_marks(const struct recovery *r)
{
    json_t *marks = json_array();
    if (r->ops->hold_out && instant_diff(r->tf, r->begin) < STATE_EXPIRED_NS)
        json_array_append_new(marks, json_string("state-not-expired"));
    return marks;
}

static json_t *name_or_null(const char *name)
{
    return name[0] == '\0' ? json_null() : json_string(name);
}

json_t *recovery_record(const struct recovery *r, enum verdict verdict)
{
    const struct emul_recovery *s = &r->seen;
    bool any = recovery_traffic(r) && s->interrupted_ingress + s->interrupted_egress > 0;
    json_t *o = json_object();
    json_object_set_new(o, "stimulus", json_string(stimulus_name(r->ops->id)));
    json_object_set_new(o, "repeat", json_integer(r->repeat));
    json_object_set_new(o, "verdict", json_string(verdict_name(verdict)));
    json_object_set_new(o, "reason", r->reason[0] == '\0' ? json_null() : json_string(r->reason));
    json_object_set_new(o, "marks", record_marks(r));
    json_object_set_new(o, "begin", from_begin(r, r->begin));
    record_times(r, o);
    json_object_set_new(o, "interrupted",
                        json_pack("{s:I,s:I}", "ingress", (json_int_t)s->interrupted_ingress,
                                  "egress", (json_int_t)s->interrupted_egress));
    json_object_set_new(o, "loss_derived_s", result_time_or_null(any, s->loss_derived_max_ns));
    json_object_set_new(o, "neighbours", record_neighbours(r));
    json_object_set_new(o, "metric_after",
                        r->observed ? result_metric(&r->after->metric) : json_null());
    json_object_set_new(o, "forwarding_after",
                        r->observed ? record_forwarding(&r->window, &r->p->q->spec) : json_null());
    json_object_set_new(o, "failures", record_failures(r->p->failures, r->p->failure_count));
    json_object_set_new(o, "series", name_or_null(r->series));
    json_object_set_new(o, "regained", name_or_null(r->regained.name));
    return o;
}

/* ---- why something is null --------------------------------------------------------------------
 */

static void note(const struct recovery *r, const char *what)
{
    record_notef(r->p->out->notes, "procedure", "%s of %s: %s", stimulus_name(r->ops->id),
                 r->p->q->id, what);
}

/* Some flow was interrupted. */
static void note_direction(const struct recovery *r)
{
    const struct emul_recovery *s = &r->seen;
    if (s->tre.ns == INT64_MAX)
        note(r, s->interrupted_ingress == 0 ? "Tre is null: no ingress flow was interrupted"
                                            : "Tre is null: no ingress packet came back");
    if (s->trd.ns == INT64_MAX)
        note(r, s->interrupted_egress == 0 ? "Trd is null: no egress flow was interrupted"
                                           : "Trd is null: no egress packet came back");
}

static void note_traffic(const struct recovery *r)
{
    const struct emul_recovery *s = &r->seen;
    if (emul_pairs_total(r->p->emul) == 0)
        note(r, "Tre, Trd, Trall are null: no flows");
    else if (!recovery_traffic(r))
        note(r, "Tre, Trd, Trall are null: steps 3 and 4 of draft 7.2 are not part of the case");
    else if (s->interrupted_ingress + s->interrupted_egress == 0)
        note(r, "Tre, Trd, Trall are null: not interrupted");
    else
        note_direction(r);
    if (recovery_traffic(r) && s->not_recovered > 0)
        note(r, "Trall is null: not recovered");
}

static void note_neighbours(const struct recovery *r, const char *kind, uint64_t lost,
                            int64_t dut_low, int64_t dut_first)
{
    char text[256];
    if (lost == 0) {
        (void)snprintf(text, sizeof(text),
                       "no %s neighbour was lost at the apparatus: its times are null", kind);
        note(r, text);
    }
    if (dut_first >= 0)
        return;
    const char *why = "the DUT was not seen to lose one";
    if (dut_low == METRIC_UNKNOWN)
        why = "the DUT does not show its neighbours";
    else if (r->way == STIMULUS_WHOLE)
        why = "the DUT could not be asked while the driver carried the stimulus out, and had all "
              "of them afterwards";
    (void)snprintf(text, sizeof(text), "times of %s neighbours in the DUT's view are null: %s",
                   kind, why);
    note(r, text);
}

void recovery_notes(const struct recovery *r)
{
    note_traffic(r);
    note_neighbours(r, "MI-PMSI", r->seen.mi_pmsi_lost, r->dut.low_mi, r->dut.first_mi);
    note_neighbours(r, "C-interface", r->seen.c_lost, r->dut.low_c, r->dut.first_c);
    if (r->p->q->floor_ns[r->ops->id][r->repeat - 1] < 0 && recovery_traffic(r))
        note(r, "apparatus_floor_s is null: the reference PE of zero delay was not interrupted, or "
                "could not be measured");
}

/* ---- the graph --------------------------------------------------------------------------------
 */

int recovery_series(struct recovery *r, struct err *err)
{
    struct procedure *p = r->p;
    if (p->w->dir == NULL)
        return 0;
    struct emul_series s;
    emul_series_get(p->emul, &s);
    (void)snprintf(r->series, sizeof(r->series), "series-%s-%s-%u.csv", p->q->id,
                   stimulus_name(r->ops->id), r->repeat);
    FILE *f = side_file_open(p->w->dir, r->series, err);
    if (f == NULL)
        return -1;
    struct instant end = r->seen.trall.ns == INT64_MAX ? loop_now(p->w->loop) : r->seen.trall;
    int64_t last = instant_diff(instant_add(end, SERIES_AFTER_NS), s.start) / SERIES_BIN_NS;
    (void)fprintf(f, "seconds_from_Tf,a1_sent,a1_received,a3_sent,a3_received\n");
    for (size_t i = 0; i < s.bins && (int64_t)i <= last; i++) {
        int64_t at = instant_diff(s.start, r->tf) + (int64_t)i * SERIES_BIN_NS;
        (void)fprintf(f, "%.1f,%u,%u,%u,%u\n", (double)at / 1e9, s.a1_tx[i], s.a1_rx[i], s.a3_tx[i],
                      s.a3_rx[i]);
    }
    return side_file_close(f, p->w->dir, r->series, err);
}
