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

enum case_kind case_kind(const struct test_case *tc)
{
    return tc->kind;
}

unsigned case_repetitions(const struct test_case *tc)
{
    return tc->repetitions;
}

const char *case_own_step(const struct test_case *tc, size_t n)
{
    return n < tc->own_steps.count ? tc->own_steps.items[n] : NULL;
}

bool case_c_rp_on_dut(const struct test_case *tc, const struct run_settings *s)
{
    return s->c_rp_set ? s->c_rp_on_dut : tc->c_rp_dut;
}

void case_context_default(struct case_context *c, const struct run_settings *s)
{
    *c = (struct case_context){.settings = s,
                               .mdt_offered = {true, true, true},
                               .spmsi = DUT_SPMSI_SOURCED | DUT_SPMSI_RECEIVED | DUT_SPMSI_REUSE};
}

enum mdt_mode case_mdt(const struct test_case *tc, const struct run_settings *s)
{
    return s->mdt_default_set ? s->mdt_default : tc->mdt_order[0];
}

bool case_mdt_allowed(const struct test_case *tc, enum mdt_mode mode)
{
    return tc->mdt_allowed[mode];
}

const struct param_override *case_overridden(const struct test_case *tc,
                                             const struct run_settings *s, enum case_param p)
{
    return tc->rule[p].mode != MODE_ABSENT && s->param[p].count > 0 ? &s->param[p] : NULL;
}

bool case_total(const struct test_case *tc, enum case_param *which)
{
    *which = tc->searched == PARAM_SPMSI_SRC_TOTAL ? PARAM_SPMSI_SRC_TOTAL : PARAM_SPMSI_RX_TOTAL;
    return tc->searched == *which;
}

/* ever_above_zero tells whether p has such a value at some point of the sweep; a formula may. */
static bool ever_above_zero(const struct test_case *tc, const struct run_settings *s,
                            enum case_param p)
{
    const struct case_param_rule *r = &tc->rule[p];
    const struct param_override *o = case_overridden(tc, s, p);
    double v;
    if (r->mode == MODE_SEARCHED)
        return true;
    for (size_t i = 0; o != NULL && i < o->count; i++) {
        if (o->values[i] > 0)
            return true;
    }
    for (size_t i = 0; o == NULL && i < r->count; i++) {
        if (!case_constant(&r->values[i], &v) || v > 0)
            return true;
    }
    return false;
}

bool case_spmsi(const struct test_case *tc, const struct run_settings *s)
{
    enum case_param total;
    return case_total(tc, &total) || ever_above_zero(tc, s, PARAM_SPMSI_SRC) ||
           ever_above_zero(tc, s, PARAM_SPMSI_RX);
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

/* nothing_to_show: what a case does not have, and S-PMSIs that it has none of. */
static bool nothing_to_show(const struct case_param_rule *r, enum case_param p)
{
    return r->mode == MODE_ABSENT ||
           (param_optional(p) && r->mode == MODE_FIXED && strcmp(r->values[0].text, "0") == 0);
}

static const char *short_name(enum case_param p)
{
    if (p == PARAM_SPMSI_SRC_TOTAL || p == PARAM_SPMSI_RX_TOTAL || p == PARAM_INGRESS_SHARE)
        return p == PARAM_INGRESS_SHARE ? "share" : case_param_name(p);
    return case_param_symbol(p);
}

char *case_varies(const struct test_case *tc, char *buf, size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int i = 0; i < PARAM_COUNT; i++) {
        enum case_param p = (enum case_param)i;
        const struct case_param_rule *r = &tc->rule[p];
        if (nothing_to_show(r, p))
            continue;
        at = add_text(buf, cap, at, at == 0 ? "" : " ");
        at = add_text(buf, cap, at, short_name(p));
        at = add_text(buf, cap, at, "=");
        if (r->mode == MODE_SEARCHED)
            at = add_text(buf, cap, at, "?");
        if (r->mode == MODE_MVPN_100I)
            at = add_text(buf, cap, at, "100,200,...");
        for (size_t v = 0; v < r->count; v++) {
            at = add_text(buf, cap, at, v == 0 ? "" : r->mode == MODE_SPREAD ? ".." : ",");
            at = add_text(buf, cap, at, r->values[v].text);
        }
    }
    return buf;
}

int64_t case_variable(const struct test_case *tc, const struct case_values *values)
{
    double symbols[SYM_COUNT];
    case_symbols(values, symbols);
    double v = expr_eval(&tc->formula, symbols);
    return isfinite(v) && v >= 0 && v < 9e15 ? llround(v) : METRIC_UNKNOWN;
}

/* overridden_text names the parameters that have other values than the case's own: by the user, or
 * since the DUT has no S-PMSIs. */
static size_t overridden_text(const struct test_case *tc, const struct run_settings *s,
                              const struct case_values *values, char *buf, size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct case_param_rule *r = &tc->rule[p];
        double own;
        char number[32];
        if (r->mode != MODE_FIXED || (case_constant(&r->values[0], &own)
                                          ? own == values->v[p]
                                          : case_overridden(tc, s, (enum case_param)p) == NULL))
            continue;
        at = add_text(buf, cap, at, at == 0 ? "overridden: " : ", ");
        at = add_text(buf, cap, at, case_param_name((enum case_param)p));
        at = add_text(buf, cap, at, "=");
        at = add_text(buf, cap, at, param_number_text(values->v[p], number));
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

bool case_relation_at(const struct test_case *tc, size_t n, const struct case_values *values,
                      const struct case_measure *m, struct case_relation *out)
{
    double symbols[SYM_COUNT];
    if (n >= tc->relation_count)
        return false;
    const struct relation *r = &tc->relation[n];
    case_symbols(values, symbols);
    measured_symbols(m, symbols);
    *out = (struct case_relation){.left = r->left_text,
                                  .op = relation_operator(r->kind),
                                  .right = r->right_text,
                                  .at_end = tc->relation_at_end[n]};
    out->holds = relation_holds(r, symbols, tc->tolerance, &out->left_value, &out->right_value);
    return true;
}

static void check_relations(const struct test_case *tc, const struct run_settings *s, bool at_end,
                            const struct case_values *values, const struct case_measure *m,
                            case_note_fn *broken, void *arg)
{
    struct case_relation r;
    char overridden[160];
    size_t over = overridden_text(tc, s, values, overridden, sizeof(overridden));
    for (size_t i = 0; case_relation_at(tc, i, values, m, &r); i++) {
        if (r.at_end != at_end || r.holds != 0)
            continue;
        char a[32], b[32], text[512];
        (void)snprintf(text, sizeof(text), "relation %s %s %s%s does not hold: %s against %s%s%s%s",
                       r.left, r.op, r.right, at_end ? " (at the end of the sweep)" : "",
                       param_number_text(r.left_value, a), param_number_text(r.right_value, b),
                       over > 0 ? " (" : "", overridden, over > 0 ? ")" : "");
        broken(arg, text);
    }
}

void case_relations_measured(const struct test_case *tc, const struct run_settings *s,
                             const struct case_values *values, const struct case_measure *m,
                             case_note_fn *broken, void *arg)
{
    check_relations(tc, s, false, values, m, broken, arg);
}

void case_relations_at_end(const struct test_case *tc, const struct run_settings *s,
                           const struct case_values *values, const struct case_measure *m,
                           case_note_fn *broken, void *arg)
{
    check_relations(tc, s, true, values, m, broken, arg);
}

void case_relations(const struct test_case *tc, const struct run_settings *s,
                    const struct case_values *values, const struct mvpn_metric *measured,
                    case_note_fn *broken, void *arg)
{
    case_relations_measured(tc, s, values, &(struct case_measure){.metric = measured}, broken, arg);
}
