#include "harness/case/case.h"

#include "harness/case/record.h"
#include "harness/case/values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *case_id(const struct test_case *tc)
{
    return tc->id;
}

const char *case_title(const struct test_case *tc)
{
    return tc->title;
}

const char *case_objective(const struct test_case *tc)
{
    return tc->objective;
}

enum case_param case_searched(const struct test_case *tc)
{
    return tc->searched;
}

const char *case_variable_name(const struct test_case *tc)
{
    return tc->variable;
}

bool case_stimuli(const struct test_case *tc)
{
    return tc->stimuli;
}

enum mdt_mode case_mdt(const struct test_case *tc, const struct run_settings *s)
{
    return s->mdt_default_set ? s->mdt_default : tc->mdt;
}

bool case_step(const struct test_case *tc, bool failure, unsigned n)
{
    return n <= CASE_STEPS_MAX && (failure ? tc->failure_step : tc->steady_step)[n];
}

bool case_extra(const struct test_case *tc, const char *item)
{
    for (size_t i = 0; i < tc->extra.count; i++) {
        if (strcmp(tc->extra.items[i], item) == 0)
            return true;
    }
    return false;
}

const char *case_after(const struct test_case *tc, size_t n)
{
    return n < tc->after.count ? tc->after.items[n] : NULL;
}

const char *case_issue(const struct test_case *tc, size_t n)
{
    return n < tc->issues.count ? tc->issues.items[n] : NULL;
}

static size_t add_text(char *buf, size_t cap, size_t at, const char *text)
{
    if (at >= cap)
        return at;
    int n = snprintf(buf + at, cap - at, "%s", text);
    return at + (n > 0 ? (size_t)n : 0);
}

char *case_varies(const struct test_case *tc, char *buf, size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct case_param_rule *r = &tc->rule[p];
        at = add_text(buf, cap, at, p == 0 ? "" : " ");
        at = add_text(buf, cap, at,
                      p == PARAM_INGRESS_SHARE ? "share" : case_param_symbol((enum case_param)p));
        at = add_text(buf, cap, at, "=");
        if (r->mode == MODE_SEARCHED)
            at = add_text(buf, cap, at, "?");
        if (r->mode == MODE_MVPN_100I)
            at = add_text(buf, cap, at, "100,200,...");
        for (size_t i = 0; i < r->count; i++) {
            char number[32];
            at = add_text(buf, cap, at, i == 0 ? "" : ",");
            at = add_text(buf, cap, at, param_number_text(r->values[i], number));
        }
    }
    return buf;
}

double case_ingress_groups(const struct case_values *values)
{
    return floor(values->v[PARAM_INGRESS_SHARE] * values->v[PARAM_GROUPS] + 0.5);
}

void case_symbols(const struct case_values *values, double symbols[SYM_COUNT])
{
    for (int i = 0; i < SYM_COUNT; i++)
        symbols[i] = NAN;
    double gi = case_ingress_groups(values);
    symbols[SYM_N] = values->v[PARAM_MVPNS];
    symbols[SYM_C] = values->v[PARAM_C_INTERFACES];
    symbols[SYM_R] = values->v[PARAM_REMOTE_PES];
    symbols[SYM_G] = values->v[PARAM_GROUPS];
    symbols[SYM_S] = values->v[PARAM_SOURCES];
    symbols[SYM_GI] = gi;
    symbols[SYM_GE] = values->v[PARAM_GROUPS] - gi;
    symbols[SYM_D] = values->v[PARAM_C_INTERFACES];
}

int64_t case_variable(const struct test_case *tc, const struct case_values *values)
{
    double symbols[SYM_COUNT];
    case_symbols(values, symbols);
    double v = expr_eval(&tc->formula, symbols);
    return isfinite(v) && v >= 0 && v < 9e15 ? llround(v) : METRIC_UNKNOWN;
}

/* case_too_big tells whether counts of an instance leave their types (flows are 32-bit numbers). */
static bool too_big(const struct case_values *v)
{
    double n = v->v[PARAM_MVPNS];
    return n * v->v[PARAM_GROUPS] * v->v[PARAM_SOURCES] > 4e9 || n * v->v[PARAM_REMOTE_PES] > 4e9 ||
           n * v->v[PARAM_C_INTERFACES] > 262000;
}

static uint32_t receiver_pes(const struct run_settings *s, uint32_t remote_pes, case_note_fn *note,
                             void *arg)
{
    if (remote_pes <= 1 || s->receivers_one)
        return 1;
    if (!s->receivers_share_set && note != NULL)
        note(arg, "receivers behind 50 % of the remote PEs of each ingress group: whether the DUT "
                  "suppresses Joins is not known (10.2 was not run)");
    double k = ceil(s->receivers_share * remote_pes);
    return k < 1 ? 1 : (uint32_t)k;
}

int case_instance(const struct test_case *tc, const struct run_settings *s,
                  const struct case_point *p, uint64_t value, struct instance_spec *spec,
                  struct case_values *values, case_note_fn *note, void *arg, struct err *err)
{
    *values = p->values;
    values->v[tc->searched] = (double)value;
    for (int i = 0; i < PARAM_COUNT; i++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "case %s: %s", tc->id,
                       case_param_name((enum case_param)i));
        if (!param_check((enum case_param)i, key, values->v[i], err))
            return -1;
    }
    if (too_big(values)) {
        err_set(
            err, ERR_USE,
            "case %s: %.0f mVPNs with %.0f groups and %.0f sources each are more flows than can "
            "be numbered; choose smaller values",
            tc->id, values->v[PARAM_MVPNS], values->v[PARAM_GROUPS], values->v[PARAM_SOURCES]);
        return -1;
    }
    spec->mvpns = (uint32_t)values->v[PARAM_MVPNS];
    spec->c_interfaces = (uint32_t)values->v[PARAM_C_INTERFACES];
    spec->remote_pes = (uint32_t)values->v[PARAM_REMOTE_PES];
    spec->groups = (uint32_t)values->v[PARAM_GROUPS];
    spec->ingress_groups = (uint32_t)case_ingress_groups(values);
    spec->sources = (uint32_t)values->v[PARAM_SOURCES];
    spec->receiver_c_ifs = spec->c_interfaces;
    spec->receiver_pes = receiver_pes(s, spec->remote_pes, note, arg);
    spec->mdt = case_mdt(tc, s);
    spec->period_ns = s->traffic_rate_pps > 0 ? llround(1e9 / s->traffic_rate_pps) : NS_PER_S;
    spec->packet_bytes = s->packet_bytes;
    spec->jp_oversize = s->jp_oversize;
    spec->jp_suppression = s->jp_suppression;
    return run_settings_check_mtu(s, spec->mtu, err);
}

/* overridden_text names the parameters that were given other values than the case's own. */
static size_t overridden_text(const struct test_case *tc, const struct run_settings *s, char *buf,
                              size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct param_override *o = &s->param[p];
        const struct case_param_rule *r = &tc->rule[p];
        char number[32];
        if (o->count == 0 || r->mode != MODE_FIXED ||
            (o->count == 1 && o->values[0] == r->values[0]))
            continue;
        at = add_text(buf, cap, at, at == 0 ? "overridden: " : ", ");
        at = add_text(buf, cap, at, case_param_name((enum case_param)p));
        at = add_text(buf, cap, at, "=");
        at = add_text(buf, cap, at, param_number_text(o->values[0], number));
    }
    return at;
}

static void measured_symbols(const struct case_measure *m, double symbols[SYM_COUNT])
{
    for (int i = 0; m->metric != NULL && i < METRIC_VARS; i++) {
        if (m->metric->v[i] >= 0)
            symbols[SYM_METRIC + i] = (double)m->metric->v[i];
    }
    for (int i = 0; m->p != NULL && i < P_METRIC_VARS; i++) {
        if (m->p->v[i] >= 0)
            symbols[SYM_P + i] = (double)m->p->v[i];
    }
    if (m->neighbours != NULL && m->neighbours->c_interface >= 0)
        symbols[SYM_C_SIDE] = (double)m->neighbours->c_interface;
    if (m->neighbours != NULL && m->neighbours->mi_pmsi >= 0)
        symbols[SYM_MIPMSI] = (double)m->neighbours->mi_pmsi;
}

void case_relations_measured(const struct test_case *tc, const struct run_settings *s,
                             const struct case_values *values, const struct case_measure *m,
                             case_note_fn *broken, void *arg)
{
    double symbols[SYM_COUNT];
    char overridden[160];
    case_symbols(values, symbols);
    measured_symbols(m, symbols);
    size_t over = overridden_text(tc, s, overridden, sizeof(overridden));
    for (size_t i = 0; i < tc->relation_count; i++) {
        const struct relation *r = &tc->relation[i];
        double left, right;
        if (relation_holds(r, symbols, tc->tolerance, &left, &right) != 0)
            continue;
        char a[32], b[32], text[512];
        (void)snprintf(text, sizeof(text), "relation %s %s %s does not hold: %s against %s%s%s%s",
                       r->left_text, relation_operator(r->kind), r->right_text,
                       param_number_text(left, a), param_number_text(right, b),
                       over > 0 ? " (" : "", overridden, over > 0 ? ")" : "");
        broken(arg, text);
    }
}

void case_relations(const struct test_case *tc, const struct run_settings *s,
                    const struct case_values *values, const struct mvpn_metric *measured,
                    case_note_fn *broken, void *arg)
{
    case_relations_measured(tc, s, values, &(struct case_measure){.metric = measured}, broken, arg);
}
