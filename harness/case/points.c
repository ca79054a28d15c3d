/*
 * The outer sweep of a case: parameters are filled in one after the other in the order of the
 * table, so a value may be a formula over those before it. A point that needs what is not known, or
 * cannot be, is left out with the reason; a case without any point is omitted.
 */
#include "emul/base/mem.h"
#include "harness/case/record.h"
#include "harness/case/values.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEFT_OUT_MAX 8      /* that many reasons are told */
#define POINTS_MAX   100000 /* of one case */

struct axis {
    size_t count;
    double values[SWEEP_MAX];
};

struct build {
    const struct test_case *tc;
    const struct case_context *c;
    size_t count;
    struct case_point *points;
    bool too_many;
    bool tell; /* notes are due: the first point of this parameter and variant */
    size_t left_out;
    char reasons[LEFT_OUT_MAX][CASE_WHY_MAX];
};

static bool axis_has(const struct axis *a, double v)
{
    for (size_t i = 0; i < a->count; i++) {
        if (fabs(a->values[i] - v) < 1e-12)
            return true;
    }
    return false;
}

/* axis_add takes a value once, in the order they come. */
static void axis_add(struct axis *a, double v)
{
    if (!axis_has(a, v) && a->count < SWEEP_MAX)
        a->values[a->count++] = v;
}

__attribute__((format(printf, 2, 3))) static void tell(const struct build *b, const char *format,
                                                       ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (b->tell)
        case_notef(b->c, "case %s: %s", b->tc->id, text);
}

/* ---- values of one parameter ------------------------------------------------------------------
 */

/* The maximum of 9.1, or what stands in for it (B.5). */
static uint64_t mvpns_most(const struct build *b)
{
    double n = 0;
    struct case_where any = {NAN, NAN, NAN, MDT_ASM};
    const struct case_known *k = b->c->known;
    enum case_answer answer = k == NULL ? KNOWN_NOT : k->searched(k->arg, "9.1", &any, &n);
    if (answer == KNOWN_VALUE && n >= 1)
        return (uint64_t)n;
    uint64_t m = case_max_of(b->c->settings, "9.1");
    if (m == 0)
        m = param_default_max(PARAM_MVPNS);
    tell(b, "%s, its search's bound of %llu mVPNs stands in for it",
         answer == KNOWN_NOT ? "the maximum of 9.1 is not known" : "nothing passed in 9.1",
         (unsigned long long)m);
    return m;
}

/* The sweep of 100*i mVPNs up to the maximum of 9.1 (B.5, PROTOCOLS 12 A26). */
static void axis_100i(struct axis *a, const struct build *b)
{
    uint64_t m = mvpns_most(b);
    if (m < 100) {
        axis_add(a, (double)m);
        tell(b,
             "the sweep of 100, 200, ... mVPNs is %llu alone, the maximum of 9.1 being below 100",
             (unsigned long long)m);
        return;
    }
    for (uint64_t n = 100; n <= m && a->count < SWEEP_MAX; n += 100)
        axis_add(a, (double)n);
    if (m / 100 > SWEEP_MAX)
        tell(b, "the sweep of mVPNs ends at %d", SWEEP_MAX * 100);
}

/* cap_origin returns the case whose maximum a cap is, NULL if it is something else. */
static const char *cap_origin(const struct test_case *tc, const struct case_value *most)
{
    const struct expr_op *o = &most->e.code[0];
    if (most->e.count != 1 || o->op != '$' || o->symbol < SYM_GIVEN)
        return NULL;
    const char *from = tc->given[o->symbol - SYM_GIVEN].from;
    return from[0] == '\0' ? NULL : from;
}

/* cap_value: a fixed number above the cap becomes the cap, which is said (B.5). */
static double cap_value(const struct build *b, const struct case_point *p, enum case_param q,
                        double v)
{
    char why[CASE_WHY_MAX] = "", number[32], cap[32];
    const struct case_param_rule *r = &b->tc->rule[q];
    double most = r->capped ? case_value_at(b->tc, b->c, p, &r->most, why) : NAN;
    if (r->capped && isnan(most))
        tell(b, "%s stays %s: %s", case_param_name(q), param_number_text(v, number), why);
    if (!(v > most))
        return v;
    const char *from = cap_origin(b->tc, &r->most);
    tell(b, "the fixed %s=%s became %s, the maximum of %s", case_param_name(q),
         param_number_text(v, number), param_number_text(most, cap),
         from == NULL ? r->most.text : from);
    return most;
}

/* axis_rule takes the values of the file; those that are not known leave a reason in why. */
static void axis_rule(struct axis *a, const struct build *b, const struct case_point *p,
                      enum case_param q, char why[CASE_WHY_MAX])
{
    const struct case_param_rule *r = &b->tc->rule[q];
    for (size_t i = 0; i < r->count; i++) {
        double v;
        bool constant = case_constant(&r->values[i], &v);
        if (constant && r->mode == MODE_SWEEP)
            v = cap_value(b, p, q, v);
        else if (!constant)
            v = param_round(q, case_value_at(b->tc, b->c, p, &r->values[i], why));
        if (!isnan(v))
            axis_add(a, v);
    }
}

/* axis_spread: so many whole values, evenly from one to another, both included. */
static void axis_spread(struct axis *a, const struct build *b, const struct case_point *p,
                        enum case_param q, char why[CASE_WHY_MAX])
{
    const struct case_param_rule *r = &b->tc->rule[q];
    double from = case_value_at(b->tc, b->c, p, &r->values[0], why);
    double to = case_value_at(b->tc, b->c, p, &r->values[1], why);
    from = param_round(q, from);
    to = param_round(q, to);
    for (unsigned i = 0; i < r->spread && from <= to; i++)
        axis_add(a, from + floor((to - from) * i / (r->spread - 1) + 0.5));
}

/* A DUT that has no S-PMSIs in a direction runs without them and this is said (draft 9.8). */
static void axis_without_spmsi(struct axis *a, const struct build *b, enum case_param q)
{
    bool src = q == PARAM_SPMSI_SRC || q == PARAM_SPMSI_SRC_FLOWS;
    bool rx = q == PARAM_SPMSI_RX || q == PARAM_SPMSI_RX_FLOWS;
    unsigned needed = src ? DUT_SPMSI_SOURCED : rx ? DUT_SPMSI_RECEIVED : 0;
    if (needed == 0 || (b->c->spmsi & needed) != 0 || (a->count == 1 && a->values[0] == 0))
        return;
    a->count = 0;
    axis_add(a, 0);
    if (q == PARAM_SPMSI_SRC || q == PARAM_SPMSI_RX)
        tell(b, "%s=0, since the DUT does not %s S-PMSIs (an exception that the draft allows)",
             case_param_name(q), src ? "source" : "join");
}

static void axis_of(struct axis *a, const struct build *b, const struct case_point *p,
                    enum case_param q, char why[CASE_WHY_MAX])
{
    const struct case_param_rule *r = &b->tc->rule[q];
    const struct param_override *o = case_overridden(b->tc, b->c->settings, q);
    a->count = 0;
    if (r->mode == MODE_SEARCHED || r->mode == MODE_ABSENT) {
        axis_add(a, 0); /* one place in the product */
        if (r->mode == MODE_SEARCHED && o != NULL && !o->from_case)
            tell(b, "it searches %s, so sweep.%s does not apply to it", case_param_name(q),
                 case_param_name(q));
    } else if (o != NULL) {
        for (size_t i = 0; i < o->count; i++)
            axis_add(a, o->values[i]);
    } else if (r->mode == MODE_FIXED && case_late(b->tc, &r->values[0])) {
        axis_add(a, 0); /* follows from the searched value */
    } else {
        if (r->mode == MODE_MVPN_100I)
            axis_100i(a, b);
        else if (r->mode == MODE_SPREAD)
            axis_spread(a, b, p, q, why);
        else
            axis_rule(a, b, p, q, why);
        axis_without_spmsi(a, b, q);
    }
}

bool case_sweeps(const struct test_case *tc, const struct run_settings *s, enum case_param p)
{
    enum param_mode mode = tc->rule[p].mode;
    if (mode == MODE_SEARCHED || mode == MODE_ABSENT)
        return false;
    return mode != MODE_FIXED || (s->param[p].count > 0 && !s->param[p].from_case);
}

/* ---- points -----------------------------------------------------------------------------------
 */

/* leave_out keeps why a point, or one parameter's value, is missing; N where it is known. */
static void leave_out(struct build *b, const struct case_point *p, const char *why, const char *set)
{
    char head[48] = "", text[CASE_WHY_MAX + 96];
    if (set == NULL || strcmp(set, case_param_name(PARAM_MVPNS)) != 0)
        (void)snprintf(head, sizeof(head), "%.0f mVPNs: ", p->values.v[PARAM_MVPNS]);
    (void)snprintf(text, sizeof(text), "%s%s%s%s%s", head, why,
                   set == NULL ? "" : ", or --set case.", set == NULL ? "" : set,
                   set == NULL ? "" : "=V");
    for (size_t i = 0; i < b->left_out && i < LEFT_OUT_MAX; i++) {
        if (strncmp(b->reasons[i], text, CASE_WHY_MAX - 1) == 0)
            return;
    }
    if (b->left_out < LEFT_OUT_MAX)
        (void)snprintf(b->reasons[b->left_out], CASE_WHY_MAX, "%.255s", text);
    b->left_out++;
}

/* keep_values drops what cannot be a value of q from the axis. */
static void keep_values(struct build *b, const struct case_point *p, enum case_param q,
                        struct axis *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        struct err err = {0};
        enum param_mode mode = b->tc->rule[q].mode;
        bool placeholder = a->values[i] == 0 &&
                           (mode == MODE_SEARCHED || mode == MODE_ABSENT || mode == MODE_FIXED);
        if (placeholder || param_check(q, case_param_name(q), a->values[i], &err))
            a->values[kept++] = a->values[i];
        else
            leave_out(b, p, err.text, NULL);
    }
    a->count = kept;
}

/* expand gives every point all values of parameter q; the last parameter turns fastest. */
static void expand(struct build *b, struct case_point **points, size_t *count, enum case_param q,
                   bool first_variant)
{
    struct case_point *out = NULL;
    size_t n = 0;
    for (size_t i = 0; i < *count && !b->too_many; i++) {
        struct axis a;
        char why[CASE_WHY_MAX] = "";
        b->tell = first_variant && i == 0;
        axis_of(&a, b, &(*points)[i], q, why);
        if (why[0] != '\0')
            leave_out(b, &(*points)[i], why, case_param_name(q));
        keep_values(b, &(*points)[i], q, &a);
        b->too_many = n + a.count > POINTS_MAX;
        if (a.count > 0)
            out = mem_realloc(out, n + a.count, sizeof(*out));
        for (size_t v = 0; v < a.count; v++, n++) {
            out[n] = (*points)[i];
            out[n].values.v[q] = a.values[v];
            out[n].swept[q] = case_sweeps(b->tc, b->c->settings, q);
        }
    }
    free(*points);
    *points = out;
    *count = n;
}

/* something_to_search tells whether the bound that follows from the point leaves any value. */
static bool something_to_search(struct build *b, const struct case_point *p)
{
    char why[CASE_WHY_MAX] = "", number[32];
    const struct param_override *o =
        b->tc->kind == CASE_SEARCH ? case_overridden(b->tc, b->c->settings, b->tc->searched) : NULL;
    if (!b->tc->has_search_max || (o != NULL && o->from_case))
        return true;
    double most = case_value_at(b->tc, b->c, p, &b->tc->search_max, why);
    if (most >= 1)
        return true;
    (void)snprintf(why, sizeof(why), "nothing to search: at most %s=%s can be",
                   case_param_symbol(b->tc->searched), param_number_text(most, number));
    leave_out(b, p, why, NULL);
    return false;
}

static void add_variant(struct build *b, enum mdt_mode mdt, bool swept, bool first)
{
    size_t count = 1;
    struct case_point *points = mem_zalloc(1, sizeof(*points));
    points[0].mdt = mdt;
    points[0].mdt_swept = swept;
    for (int q = 0; q < PARAM_COUNT; q++)
        expand(b, &points, &count, (enum case_param)q, first);
    if (count > 0)
        b->points = mem_realloc(b->points, b->count + count, sizeof(*b->points));
    for (size_t i = 0; i < count; i++) {
        if (something_to_search(b, &points[i]))
            b->points[b->count++] = points[i];
    }
    free(points);
}

/* variants lists the default MDTs to run with: all that the case and the DUT have, or the first. */
static size_t variants(const struct test_case *tc, const struct case_context *c,
                       enum mdt_mode out[MDT_BIDIR + 1])
{
    size_t count = 0;
    if (c->settings->mdt_default_set) {
        out[count++] = c->settings->mdt_default;
        return count;
    }
    for (size_t i = 0; i < tc->mdt_count && (count == 0 || tc->mdt_each); i++) {
        if (c->mdt_offered[tc->mdt_order[i]])
            out[count++] = tc->mdt_order[i];
    }
    return count;
}

/* applies tells whether the DUT has what the case is about. */
static bool applies(const struct test_case *tc, const struct case_context *c,
                    char why[CASE_WHY_MAX])
{
    static const struct {
        unsigned bit;
        const char *what;
    } rows[] = {
        {DUT_SPMSI_SOURCED, "sources no S-PMSIs"},
        {DUT_SPMSI_RECEIVED, "joins no S-PMSIs"},
        {DUT_SPMSI_REUSE, "puts no second flow on an S-PMSI (no reuse)"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((tc->applies & rows[i].bit) != 0 && (c->spmsi & rows[i].bit) == 0) {
            (void)snprintf(why, CASE_WHY_MAX, "the DUT %s, which is what the case is about",
                           rows[i].what);
            return false;
        }
    }
    return true;
}

bool case_points(const struct test_case *tc, const struct case_context *c, struct case_point **out,
                 size_t *count, char why[CASE_WHY_MAX])
{
    enum mdt_mode mdt[MDT_BIDIR + 1];
    struct build b = {.tc = tc, .c = c};
    why[0] = '\0';
    *out = NULL;
    *count = 0;
    if (!applies(tc, c, why))
        return false;
    size_t variant_count = variants(tc, c, mdt);
    if (variant_count == 0)
        (void)snprintf(why, CASE_WHY_MAX,
                       "the DUT builds no default MDTs of a kind that the draft has for the case; "
                       "--set mdt.default= runs it with another");
    for (size_t i = 0; i < variant_count; i++)
        add_variant(&b, mdt[i], tc->mdt_each, i == 0);
    if (b.too_many) {
        (void)snprintf(why, CASE_WHY_MAX, "the sweeps make more than %d points; make them smaller",
                       POINTS_MAX);
        b.count = b.left_out = 0;
    }
    for (size_t i = 0; b.count > 0 && i < b.left_out && i < LEFT_OUT_MAX; i++)
        case_notef(c, "case %s: left out: %s", tc->id, b.reasons[i]);
    if (b.count == 0 && b.left_out > 0)
        (void)snprintf(why, CASE_WHY_MAX, "%s", b.reasons[0]);
    if (b.count == 0)
        free(b.points);
    else
        *out = b.points;
    *count = b.count;
    return b.count > 0;
}
