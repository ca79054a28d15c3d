#include "harness/run/signalling.h"

#include "harness/run/predict.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define REFRESH_S 60

/* Trees of one direction: those of the DUT's C-sources, or those that it joins. */
struct trees {
    double count, receivers; /* in all mVPNs; PEs that join one */
};

enum { TREES_INGRESS, TREES_EGRESS, TREES };

/* m.e that the prediction has for a stretch of time. */
struct wanted {
    double join, refresh;
};

static void trees_of(const struct instance_spec *s, struct trees out[TREES])
{
    double per_group = 1 + s->sources;
    double egress = s->groups - s->ingress_groups - s->test_groups;
    /* A DUT that is the C-RP has nobody to join the (*,G) towards. */
    double joined = s->c_rp_on_dut ? per_group - 1 : per_group;
    bool lan = s->remote_pes > 0;
    out[TREES_INGRESS] = (struct trees){lan ? s->mvpns * s->ingress_groups * per_group : 0,
                                        lan ? s->receiver_pes : 0};
    out[TREES_EGRESS] = (struct trees){
        lan && s->receiver_c_ifs > 0 ? s->mvpns * egress * joined : 0, s->pe3_receives ? 2 : 1};
}

static struct wanted predict(const struct instance_spec *s, bool joins, double seconds)
{
    struct trees trees[TREES];
    struct wanted w = {0};
    trees_of(s, trees);
    for (int i = 0; i < TREES; i++) {
        struct predict_input in = {.pes = s->remote_pes + 1.0,
                                   .receivers = trees[i].receivers,
                                   .lifetime_s = seconds,
                                   .refresh_s = REFRESH_S};
        struct prediction p;
        predict_pim(&in, &p);
        double more = trees[i].receivers - 1;
        if (joins && trees[i].receivers > 0)
            w.join += trees[i].count * (p.rows[PREDICT_FIRST_JOIN][PREDICT_ALL] +
                                        more * p.rows[PREDICT_FURTHER_JOIN][PREDICT_ALL]);
        if (trees[i].receivers > 0)
            w.refresh += trees[i].count * p.rows[PREDICT_REFRESH][PREDICT_ALL];
    }
    return w;
}

static double states(const struct instance_spec *s)
{
    struct trees trees[TREES];
    double sum = 0;
    trees_of(s, trees);
    for (int i = 0; i < TREES; i++) {
        struct predict_input in = {
            .pes = s->remote_pes + 1.0, .receivers = trees[i].receivers, .refresh_s = REFRESH_S};
        struct prediction p;
        predict_pim(&in, &p);
        if (trees[i].receivers > 0)
            sum += trees[i].count * p.state[PREDICT_ALL];
    }
    return sum;
}

/* ---- reasons --------------------------------------------------------------------------------- */

static void reason(json_t *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void reason(json_t *list, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_array_append_new(list, json_string(text));
}

static void refresh_reason(const struct instance_spec *s, double seen, double want, double seconds,
                           json_t *list)
{
    bool several = s->ingress_groups > 0 && s->receiver_pes > 1;
    if (seen < want && several && s->jp_suppression)
        reason(list,
               "refresh: a Join that is seen puts the others off to 66-84 s after it (RFC 7761 "
               "4.5.4), so a tree has T/84 to T/60 of them; the prediction has T/60 (T = %.0f s)",
               seconds);
    else if (seen > want && several && !s->jp_suppression)
        reason(list, "refresh: the emulated PEs do not suppress Joins (jp.suppression is off): "
                     "every receiver PE refreshes, R*T/60; the prediction has ideal suppression");
    else if (seen > want && s->pe3_receives)
        reason(list, "refresh: PE3 of draft 10.2 never suppresses its Joins");
    if (seconds < 2 * REFRESH_S || !several)
        reason(list,
               "refresh: messages are whole and T = %.0f s is %.2f periods, counted from the first "
               "Join of all: a tree has one refresh more or less than T/60",
               seconds, seconds / REFRESH_S);
}

static void join_reason(const struct emul_signal *d, double seen, double want, json_t *list)
{
    (void)d;
    if (seen > want)
        reason(list, "join: joined again by a PE that had pruned or lost the state, or seen by "
                     "somebody as a Join that is new; the prediction has one of each PE and tree");
    else
        reason(list,
               "join: not every receiver PE joined every tree in the time (an (S,G) is joined "
               "at its first packet), or it left before");
}

/* What the prediction of a tree in steady state does not have at all. */
static void other_reasons(const struct emul_signal *d, json_t *list)
{
    static const struct {
        enum signal_kind kind;
        const char *text;
    } rows[] = {
        {SIGNAL_PRUNE, "prune: no PE leaves in steady state; a keepalive ran out, or the DUT "
                       "pruned"},
        {SIGNAL_OVERRIDE, "override: answers a Prune; in the prediction it is the second message "
                          "of a leave"},
        {SIGNAL_ECHO, "prune_echo: RFC 7761's PruneEcho is younger than RFC 6517's count"},
        {SIGNAL_OTHER, "other: entries for no tree of the instance, or (S,G,rpt)"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (d->dut[rows[i].kind] + d->pes[rows[i].kind] > 0)
            reason(list, "%s", rows[i].text);
    }
}

/* A message of a remote PE that the P router had no tree to carry to the DUT. */
static void reach_reason(const struct instance_spec *s, const struct emul_signal *d, json_t *list)
{
    uint64_t dut = 0, pes = 0;
    for (int k = 0; k < SIGNAL_HELLO; k++) {
        dut += d->dut[k];
        pes += d->pes[k];
    }
    if (dut * s->remote_pes > pes)
        reason(list, "remote PEs were away for a part of the time");
    else if (dut * s->remote_pes < pes)
        reason(list, "messages of remote PEs did not reach the DUT: its port was down, or it had "
                     "not joined the MDT");
}

/* ---- the record ------------------------------------------------------------------------------ */

static json_t *kinds(const uint64_t v[SIGNAL_KINDS], const uint64_t more[SIGNAL_KINDS])
{
    json_t *o = json_object();
    for (int k = 0; k < SIGNAL_KINDS; k++)
        json_object_set_new(o, signal_kind_name((enum signal_kind)k),
                            json_integer((json_int_t)(v[k] + (more == NULL ? 0 : more[k]))));
    return o;
}

static json_t *stretch(const struct instance_spec *s, const struct emul_signal *d, bool joins,
                       int64_t ns)
{
    double seconds = (double)ns / 1e9;
    struct wanted w = predict(s, joins, seconds);
    double join = (double)(d->dut[SIGNAL_JOIN] + d->pes[SIGNAL_JOIN]);
    double refresh = (double)(d->dut[SIGNAL_REFRESH] + d->pes[SIGNAL_REFRESH]);
    json_t *o = json_object(), *measured = json_object(), *list = json_array();
    json_object_set_new(o, "seconds", result_time(ns));
    json_object_set_new(measured, "dut", kinds(d->dut, NULL));
    json_object_set_new(measured, "remote_pes", kinds(d->pes, NULL));
    json_object_set_new(measured, "all", kinds(d->dut, d->pes));
    json_object_set_new(o, "measured", measured);
    json_object_set_new(o, "predicted",
                        json_pack("{s:f,s:f,s:f,s:f}", "join", w.join, "refresh", w.refresh,
                                  "override", 0.0, "prune", 0.0));
    if (fabs(join - w.join) > 0.5)
        join_reason(d, join, w.join, list);
    if (fabs(refresh - w.refresh) > 0.5)
        refresh_reason(s, refresh, w.refresh, seconds, list);
    other_reasons(d, list);
    reach_reason(s, d, list);
    json_object_set_new(o, "reasons", list);
    return o;
}

static struct emul_signal between(const struct emul_signal *from, const struct emul_signal *to)
{
    struct emul_signal d = *to;
    for (int k = 0; k < SIGNAL_KINDS; k++) {
        d.dut[k] -= from->dut[k];
        d.pes[k] -= from->pes[k];
    }
    return d;
}

/* The DUT's states are what it says of itself: every C-mroute is one. */
static json_t *states_record(const struct instance_spec *s, const struct emul_signal *seen,
                             const struct mvpn_metric *dut)
{
    json_t *o = json_object(), *list = json_array();
    int64_t a = dut->v[NUM_STARG_C], b = dut->v[NUM_SG_C];
    bool known = a != METRIC_UNKNOWN && b != METRIC_UNKNOWN;
    int64_t pes = (int64_t)(seen->states_joined + seen->states_upstream);
    double want = states(s);
    json_object_set_new(o, "dut", result_count(known ? a + b : METRIC_UNKNOWN));
    json_object_set_new(o, "remote_pes", json_integer(pes));
    json_object_set_new(o, "all", result_count(known ? a + b + pes : METRIC_UNKNOWN));
    json_object_set_new(o, "predicted", json_real(want));
    if (!known)
        reason(list, "the DUT's driver does not tell its C-mroutes");
    else if ((double)(a + b + pes) > want)
        reason(list, "state that no other PE has joined: C-mroutes for receivers on C-interfaces "
                     "only, of test groups, or of a C-RP on the DUT; the prediction counts trees "
                     "across the MI-PMSI");
    else if ((double)(a + b + pes) < want)
        reason(list, "trees that were not joined, or whose state is missing");
    json_object_set_new(o, "reasons", list);
    return o;
}

json_t *signalling_record(struct procedure *p, const struct dut_view *view,
                          const struct emul_signal *from, const struct emul_signal *to)
{
    const struct instance_spec *s = &p->q->spec;
    struct emul_signal now;
    struct trees trees[TREES];
    emul_signal_get(p->emul, &now);
    if (to == NULL)
        to = &now;
    trees_of(s, trees);
    bool joined = to->first.ns != INT64_MAX;
    json_t *o = json_object();
    json_object_set_new(o, "pes", json_integer((json_int_t)s->remote_pes + 1));
    json_object_set_new(o, "trees",
                        json_pack("{s:f,s:f}", "ingress", trees[TREES_INGRESS].count, "egress",
                                  trees[TREES_EGRESS].count));
    json_object_set_new(o, "receivers_per_tree",
                        json_pack("{s:f,s:f}", "ingress", trees[TREES_INGRESS].receivers, "egress",
                                  trees[TREES_EGRESS].receivers));
    json_object_set_new(o, "since_first_join",
                        joined ? stretch(s, to, true, instant_diff(to->at, to->first))
                               : json_null());
    struct emul_signal d = *to;
    if (from != NULL)
        d = between(from, to);
    json_object_set_new(o, "window",
                        from == NULL ? json_null()
                                     : stretch(s, &d, false, instant_diff(to->at, from->at)));
    json_object_set_new(o, "states", states_record(s, to, &view->metric));
    return o;
}
