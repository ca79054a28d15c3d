/*
 * Formulas of a case at a point of its sweep: symbols from the point's values, given names from
 * other cases' results. Nothing is kept: a point has few of them, and each follows from the point.
 */
#include "harness/case/record.h"
#include "harness/case/values.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void case_notef(const struct case_context *c, const char *format, ...)
{
    char text[512];
    if (c->note == NULL)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    c->note(c->note_arg, text);
}

double case_ingress_groups(const struct case_values *values)
{
    return floor(values->v[PARAM_INGRESS_SHARE] * values->v[PARAM_GROUPS] + 0.5);
}

/* The parameter behind a symbol that is one. */
static const enum case_param plain[SYM_COUNT] = {
    [SYM_N] = PARAM_MVPNS,
    [SYM_C] = PARAM_C_INTERFACES,
    [SYM_R] = PARAM_REMOTE_PES,
    [SYM_G] = PARAM_GROUPS,
    [SYM_S] = PARAM_SOURCES,
    [SYM_D] = PARAM_RECEIVER_C_IFS,
    [SYM_SHARE] = PARAM_INGRESS_SHARE,
    [SYM_SPMSI_SRC] = PARAM_SPMSI_SRC,
    [SYM_SPMSI_RX] = PARAM_SPMSI_RX,
    [SYM_SPMSI_SRC_FLOWS] = PARAM_SPMSI_SRC_FLOWS,
    [SYM_SPMSI_RX_FLOWS] = PARAM_SPMSI_RX_FLOWS,
    [SYM_SPMSI_SRC_TOTAL] = PARAM_SPMSI_SRC_TOTAL,
    [SYM_SPMSI_RX_TOTAL] = PARAM_SPMSI_RX_TOTAL,
    [SYM_REUSE] = PARAM_REUSE,
};

/* is_plain: PARAM_MVPNS is 0, so N is told apart from symbols that are no parameter. */
static bool is_plain(enum expr_symbol s)
{
    return s == SYM_N || plain[s] != PARAM_MVPNS;
}

void case_symbols(const struct case_values *values, double symbols[SYM_COUNT])
{
    for (int i = 0; i < SYM_COUNT; i++)
        symbols[i] = is_plain((enum expr_symbol)i) ? values->v[plain[i]] : NAN;
    symbols[SYM_GI] = case_ingress_groups(values);
    symbols[SYM_GE] = values->v[PARAM_GROUPS] - symbols[SYM_GI];
    if (symbols[SYM_D] == 0) /* a receiver on every C-interface, unless the case says otherwise */
        symbols[SYM_D] = values->v[PARAM_C_INTERFACES];
}

bool case_symbol_uses(const struct test_case *tc, enum expr_symbol s, uint32_t *uses)
{
    *uses = 0;
    if (s >= SYM_GIVEN)
        *uses = tc->given[s - SYM_GIVEN].uses;
    else if (s == SYM_GI || s == SYM_GE)
        *uses = 1u << PARAM_GROUPS | 1u << PARAM_INGRESS_SHARE;
    else if (s == SYM_D && tc->rule[PARAM_RECEIVER_C_IFS].mode == MODE_ABSENT)
        *uses = 1u << PARAM_C_INTERFACES;
    else if (is_plain(s))
        *uses = 1u << plain[s];
    else
        return false;
    return true;
}

bool case_constant(const struct case_value *v, double *out)
{
    double none[SYM_COUNT] = {0};
    for (size_t i = 0; i < v->e.count; i++) {
        if (v->e.code[i].op == '$')
            return false;
    }
    *out = expr_eval(&v->e, none);
    return true;
}

bool case_late(const struct test_case *tc, const struct case_value *v)
{
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct case_param_rule *r = &tc->rule[p];
        if ((v->uses >> p & 1) == 0)
            continue;
        if (p == (int)tc->searched || (r->mode == MODE_FIXED && case_late(tc, &r->values[0])))
            return true;
    }
    return false;
}

/* ---- what other cases found -------------------------------------------------------------------
 */

/* place_text says which maximum is meant: "9.3 at N=61, ingress_share=0, s=2". */
static void place_text(const struct case_given *g, const struct case_where *w, enum mdt_mode mdt,
                       char out[96])
{
    static const char *const names[] = {"N", "ingress_share", "s"};
    const double at[] = {w->n, w->ingress_share, w->sources};
    size_t n = (size_t)snprintf(out, 96, "%s", g->from);
    bool any = false;
    for (size_t i = 0; i < 3; i++) {
        char number[32];
        if (!g->at[i])
            continue;
        n += (size_t)snprintf(out + n, 96 - n, "%s%s=%s", any ? ", " : " at ", names[i],
                              param_number_text(at[i], number));
        any = true;
    }
    if (mdt != MDT_ASM && !any)
        (void)snprintf(out + n, 96 - n, " (%s)", mdt_mode_name(mdt));
}

static double found(const struct case_context *c, const struct case_given *g,
                    const struct case_where *w, char *why)
{
    const struct case_known *k = c->known;
    enum case_answer answer = KNOWN_NOT;
    double value = NAN;
    char place[96];
    if (k != NULL && g->largest_n)
        answer = k->largest_n(k->arg, g->from, &value);
    else if (k != NULL)
        answer = k->searched(k->arg, g->from, w, &value);
    if (answer == KNOWN_VALUE)
        return value;
    place_text(g, w, w->mdt, place);
    if (why != NULL && why[0] == '\0' && answer == KNOWN_NOTHING)
        (void)snprintf(why, CASE_WHY_MAX, "nothing passed in %s", place);
    else if (why != NULL && why[0] == '\0')
        (void)snprintf(why, CASE_WHY_MAX,
                       "the maximum of %s is not known: run %s as well, or give --from DIR", place,
                       g->from);
    return NAN;
}

static double given_at(const struct test_case *tc, const struct case_context *c,
                       const struct case_point *p, const struct case_given *g, char *why)
{
    if (g->from[0] == '\0')
        return case_value_at(tc, c, p, &g->value, why);
    double at[3] = {NAN, NAN, NAN};
    for (size_t i = 0; i < 3; i++) {
        if (!g->at[i])
            continue;
        at[i] = case_value_at(tc, c, p, &g->where[i], why);
        if (isnan(at[i]))
            return NAN;
    }
    struct case_where w = {at[0], at[1], at[2], p->mdt};
    double v = found(c, g, &w, g->has_value ? NULL : why);
    return isnan(v) && g->has_value ? case_value_at(tc, c, p, &g->value, why) : v;
}

double case_value_at(const struct test_case *tc, const struct case_context *c,
                     const struct case_point *p, const struct case_value *v, char why[CASE_WHY_MAX])
{
    double symbols[SYM_COUNT];
    case_symbols(&p->values, symbols);
    for (size_t i = 0; i < v->e.count; i++) {
        const struct expr_op *o = &v->e.code[i];
        if (o->op == '$' && o->symbol >= SYM_GIVEN && isnan(symbols[o->symbol]))
            symbols[o->symbol] = given_at(tc, c, p, &tc->given[o->symbol - SYM_GIVEN], why);
    }
    return expr_eval(&v->e, symbols);
}
