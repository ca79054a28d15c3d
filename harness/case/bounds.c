/* What the search of one point may try: its bounds (B.5) and the draft's own coarse grid. */
#include "emul/base/mem.h"
#include "harness/case/record.h"
#include "harness/case/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t max_of_case(const struct run_settings *s, const char *id)
{
    for (size_t i = 0; i < s->case_max_count; i++) {
        if (strcmp(s->case_max[i].id, id) == 0)
            return s->case_max[i].max;
    }
    return 0;
}

uint64_t case_max_of(const struct run_settings *s, const char *id)
{
    uint64_t own = max_of_case(s, id);
    return own != 0 ? own : s->search_max;
}

/* derived_max is the largest value that the point allows by the case's own formula, 0: any. */
static uint64_t derived_max(const struct test_case *tc, const struct case_context *c,
                            const struct case_point *p)
{
    double most = tc->has_search_max ? case_value_at(tc, c, p, &tc->search_max, NULL) : NAN;
    return most >= 1 && most < 9e15 ? (uint64_t)most : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int check_bounds(const struct test_case *tc, const struct search_bounds *b, struct err *err)
{
    enum case_param q = tc->searched;
    const char *symbol = case_param_symbol(q);
    if (b->min > b->max)
        err_set(err, ERR_USE,
                "case %s: search.min %llu is above search.max %llu of %s; turn them round", tc->id,
                (unsigned long long)b->min, (unsigned long long)b->max, symbol);
    else if ((double)b->max > param_max(q))
        err_set(err, ERR_USE, "case %s: search.max %llu is more than %s can be (%.0f); lower it",
                tc->id, (unsigned long long)b->max, symbol, param_max(q));
    else if (b->start < b->min || b->start > b->max)
        err_set(err, ERR_USE,
                "case %s: search.start %llu lies outside search.min %llu and search.max %llu of %s",
                tc->id, (unsigned long long)b->start, (unsigned long long)b->min,
                (unsigned long long)b->max, symbol);
    else
        return 0;
    return -1;
}

int case_bounds(const struct test_case *tc, const struct case_context *c,
                const struct case_point *p, struct search_bounds *out, struct err *err)
{
    const struct run_settings *s = c->settings;
    enum case_param q = tc->searched;
    if (q == PARAM_COUNT) { /* a case that only measures: one value, whatever it is called */
        *out = (struct search_bounds){1, 1, 1, 1, 1, 2};
        return 0;
    }
    const struct param_override *o = case_overridden(tc, s, q);
    uint64_t max = max_of_case(s, tc->id), derived = derived_max(tc, c, p);
    if (max == 0) /* search.max is for all cases: each takes what its parameter can be */
        max = least(s->search_max, (uint64_t)param_max(q));
    if (max == 0)
        max = derived != 0 ? derived : param_default_max(q);
    *out = (struct search_bounds){
        .min = s->search_min == 0 ? 1 : s->search_min,
        .max = max,
        .start = s->search_start,
        .resolution = s->search_resolution == 0 ? 1 : s->search_resolution,
        .instances = s->search_instances,
        .growth = s->search_growth,
    };
    if (o != NULL && o->from_case)
        out->min = out->max = out->start = (uint64_t)o->values[0];
    if (out->start == 0)
        out->start = out->min;
    if (check_bounds(tc, out, err) != 0)
        return -1;
    if (derived == 0 || (o != NULL && o->from_case))
        return 0;
    /* What other results leave of the range is no mistake of the user's. */
    out->max = least(out->max, derived);
    out->min = least(out->min, out->max);
    out->start = least(out->start, out->max);
    return 0;
}

/* ---- grids ------------------------------------------------------------------------------------
 */

#define TRIES_MAX 4096 /* a grid of more is not coarse */

struct tries {
    size_t count;
    struct case_try *list;
};

static void add_try(struct tries *t, const struct search_bounds *b, uint64_t value, uint32_t vpns)
{
    if (value < b->min || value > b->max || t->count == TRIES_MAX)
        return;
    t->list = mem_realloc(t->list, t->count + 1, sizeof(*t->list));
    t->list[t->count++] = (struct case_try){value, vpns};
}

/* 9.4: from, from + step ... to; where the first is beyond the last, the last alone. */
static void grid_of_steps(struct tries *t, const struct search_bounds *b, double from, double step,
                          double to)
{
    if (!(from >= 1 && step >= 1 && to >= 1))
        return;
    if (from > to)
        from = to;
    for (double v = from; v <= fmin(to, (double)b->max) && t->count < TRIES_MAX; v += step)
        add_try(t, b, (uint64_t)v, 0);
}

/* 9.5: for each numbers of S-PMSIs an mVPN, doubled up to the last, all numbers of mVPNs. */
static void grid_of_mvpns(struct tries *t, const struct search_bounds *b, const double *mvpns,
                          size_t count, double each, double to)
{
    if (!(each >= 1 && to >= 1))
        return;
    for (double d = fmin(each, to);; d = fmin(d * 2, to)) {
        for (size_t i = 0; i < count; i++)
            add_try(t, b, (uint64_t)(mvpns[i] * d), (uint32_t)mvpns[i]);
        if (d >= to)
            return;
    }
}

/* using_mvpns are floored, at least 1; duplicates drop. */
static size_t using_mvpns(const struct test_case *tc, const struct case_context *c,
                          const struct case_point *p, double out[CASE_GRID_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < tc->grid.count; i++) {
        double v = case_value_at(tc, c, p, &tc->grid.mvpns[i], NULL);
        bool twice = isnan(v);
        v = fmin(fmax(1, floor(v + 1e-9)), p->values.v[PARAM_MVPNS]);
        for (size_t k = 0; k < count; k++)
            twice |= out[k] == v;
        if (!twice)
            out[count++] = v;
    }
    return count;
}

void case_grid(const struct test_case *tc, const struct case_context *c, const struct case_point *p,
               struct case_try **out, size_t *count)
{
    const struct case_grid_rule *g = &tc->grid;
    struct search_bounds b;
    struct tries t = {0};
    double to = g->present ? floor(case_value_at(tc, c, p, &g->to, NULL) + 1e-9) : 0;
    if (g->present && case_bounds(tc, c, p, &b, NULL) == 0 && b.min < b.max) {
        double mvpns[CASE_GRID_MAX];
        if (g->count == 0)
            grid_of_steps(&t, &b, case_value_at(tc, c, p, &g->from, NULL),
                          case_value_at(tc, c, p, &g->step, NULL), to);
        else
            grid_of_mvpns(&t, &b, mvpns, using_mvpns(tc, c, p, mvpns),
                          floor(case_value_at(tc, c, p, &g->each, NULL) + 1e-9), to);
    }
    *out = t.list;
    *count = t.count;
}
