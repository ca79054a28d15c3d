/*
 * What cases measure instead of a maximum: switching delay (9.11), join convergence (9.12),
 * Join/Prune suppression (10.2), instance by instance: the same mVPNs, the same kind of MI-PMSI.
 */
#include "reports/compare_in.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_S 60.0 /* t_periodic: a window has one refresh more or less */

enum measured_kind {
    MEASURED_DELAY,
    MEASURED_COUNT,
    MEASURED_RATE,
    MEASURED_RATIO,
    MEASURED_ANSWER
};

struct measured_def {
    struct compare_quantity q;
    const char *extra, *key;
    enum measured_kind kind;
};

#define DELAY(e)                                                                                   \
    {                                                                                              \
        {e, e, "s", false, true, ON_MEASURED}, e, "avg", MEASURED_DELAY                            \
    }
#define COUNT(e, what)                                                                             \
    {                                                                                              \
        {what, what, NULL, false, false, ON_MEASURED}, e, what, MEASURED_COUNT                     \
    }
#define RATE(what)                                                                                 \
    {                                                                                              \
        {what, what, "1/s", false, false, ON_MEASURED}, "jp_suppression", what, MEASURED_RATE      \
    }

static const struct measured_def defs[] = {
    DELAY("spmsi_switch_delay"),
    COUNT("spmsi_switch_delay", "missing"),
    COUNT("spmsi_switch_delay", "lost"),
    DELAY("join_convergence"),
    COUNT("join_convergence", "missing"),
    {{"suppresses Joins", "suppresses Joins", NULL, true, false, ON_MEASURED},
     "jp_suppression",
     "suppresses",
     MEASURED_ANSWER},
    RATE("JR1"),
    RATE("JR2"),
    {{"JR2/JR1", "JR2/JR1", NULL, false, false, ON_MEASURED},
     "jp_suppression",
     "JR2/JR1",
     MEASURED_RATIO},
};

static const json_t *extra(const json_t *instance, const struct measured_def *d)
{
    const json_t *v = tree_at(instance, "extra", d->extra, NULL);
    return json_is_object(v) ? v : NULL;
}

static struct compare_value value_of(const json_t *of, const struct measured_def *d)
{
    const json_t *v = json_object_get(of, d->key);
    struct compare_value out = compare_exact(result_number(v));
    if (d->kind == MEASURED_ANSWER && json_is_boolean(v))
        out = compare_exact(json_is_true(v) ? 1 : 0);
    if (d->kind == MEASURED_RATIO && compare_number(of, "JR1") > 0)
        out = compare_exact(compare_number(of, "JR2") / compare_number(of, "JR1"));
    out.real = d->kind == MEASURED_RATE || d->kind == MEASURED_RATIO;
    if (isnan(out.v))
        (void)snprintf(out.note, sizeof(out.note), "it was not measured");
    if (d->kind == MEASURED_DELAY)
        out.detail = json_pack("{s:O?,s:O?,s:O?}", "min", json_object_get(of, "min"), "max",
                               json_object_get(of, "max"), "repeats", json_object_get(of, "count"));
    return out;
}

static void tolerate(struct compare_tolerance *t, size_t run, const json_t *of,
                     const struct measured_def *d)
{
    double share = PERIOD_S / compare_number(of, "window_s");
    const char *letter = compare_letter(run);
    switch (d->kind) {
    case MEASURED_DELAY:
        tolerance_raise(t, compare_number(of, "max") - compare_number(of, "min"),
                        "the spread of %s's %g repeats", letter, compare_number(of, "count"));
        tolerance_raise(t, compare_number(of, "resolution_s"),
                        "the sending interval (resolution_s) of %s", letter);
        break;
    case MEASURED_COUNT:
        if (strcmp(d->key, "lost") == 0)
            tolerance_raise(t, compare_number(of, "count"),
                            "one packet a switch: where in the interval it falls is chance");
        break;
    case MEASURED_RATE:
        tolerance_raise(t, share * compare_number(of, d->key),
                        "one refresh of 60 s more or less in %s's window", letter);
        break;
    case MEASURED_RATIO:
        tolerance_raise(t, share, "one refresh of 60 s more or less in %s's window", letter);
        break;
    case MEASURED_ANSWER:
        break;
    }
}

/* ---- which instances ------------------------------------------------------------------------- */

static json_t *place_of(const json_t *instance)
{
    static const char *const keys[][2] = {{"N", "mvpns"}, {"mi_pmsi", "mi_pmsi"}};
    json_t *where = json_object();
    for (size_t i = 0; i < 2; i++) {
        json_t *v = json_object_get(json_object_get(instance, "parameters"), keys[i][1]);
        if (v != NULL)
            (void)json_object_set(where, keys[i][0], v);
    }
    return where;
}

static const json_t *counterpart(const json_t *one_case, const json_t *where,
                                 const struct measured_def *d)
{
    size_t i;
    json_t *instance;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        if (extra(instance, d) != NULL && compare_at(instance, where))
            return instance;
    }
    return NULL;
}

static void forbid(struct compare_row *row, size_t k, const json_t *case_grounds,
                   const struct compare_side sides[2], const char *place)
{
    json_t *grounds = json_copy((json_t *)(uintptr_t)case_grounds);
    if (sides[1].instance == NULL)
        compare_ground(grounds, ON_MEASURED,
                       "another metric variable differs: %s measured nothing at %s",
                       compare_letter(k), place);
    else
        compare_grounds_place(grounds, k, row->where, &sides[0], &sides[1]);
    row->forbids[k] = compare_reasons(grounds, ON_MEASURED);
    json_decref(grounds);
}

static void one_row(struct compare *c, const char *case_id, const json_t *base,
                    const struct measured_def *d, json_t *const *case_grounds,
                    const struct compare_index *indexes)
{
    json_t *where = place_of(base);
    char *place = tree_pairs(where);
    struct compare_row row = {.case_id = case_id, .stimulus = "steady", .where = where, .q = &d->q};
    struct compare_side sides[2] = {{.index = &indexes[0], .instance = base}};
    row.takes[0] = true;
    row.values[0] = value_of(extra(base, d), d);
    for (size_t k = 1; k < c->count; k++) {
        if (case_grounds[k] == NULL)
            continue;
        sides[1].index = &indexes[k];
        sides[1].instance = counterpart(indexes[k].one_case, where, d);
        const json_t *of = extra(sides[1].instance, d);
        row.takes[k] = true;
        row.values[k] = of == NULL ? compare_none() : value_of(of, d);
        forbid(&row, k, case_grounds[k], sides, place);
        tolerance_asked(&row.tolerance[k], c->tolerances, d->q.name, d->q.family, row.values[0].v);
        tolerate(&row.tolerance[k], 0, extra(base, d), d);
        tolerate(&row.tolerance[k], k, of, d);
    }
    compare_row_end(c, &row);
    free(place);
    json_decref(where);
}

void compare_measured(struct compare *c, const char *case_id, json_t *const *case_grounds,
                      const struct compare_index *indexes)
{
    const json_t *base = indexes[0].one_case;
    size_t i;
    json_t *instance;
    json_array_foreach(json_object_get(base, "instances"), i, instance)
    {
        for (size_t d = 0; d < sizeof(defs) / sizeof(defs[0]); d++) {
            if (extra(instance, &defs[d]) != NULL)
                one_row(c, case_id, instance, &defs[d], case_grounds, indexes);
        }
    }
}
