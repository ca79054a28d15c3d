/*
 * Maxima side by side. A search leaves an interval: what passed last is held, what failed first is
 * not. Where it ended for want of range, time or apparatus the maximum is "at least"; where the
 * DUT's own view did not verify it, it is "at most".
 */
#include "reports/compare_in.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>
#include <string.h>

/* How much of the variable one unit of what was searched is worth. */
static double per_unit(const json_t *entry)
{
    double searched = compare_number(json_object_get(entry, "searched"), "value");
    return compare_number(entry, "value") / searched;
}

static bool ended_by_dut(const json_t *entry)
{
    const char *by = tree_text(entry, "bounded_by", "");
    return strcmp(by, "dut") == 0 || strcmp(by, "resource") == 0;
}

/* Nothing passed: what failed first is an upper bound, worth what the other run says of a unit. */
static struct compare_value nothing(const json_t *entry, double unit)
{
    struct compare_value v = compare_none();
    const char *name = tree_text(json_object_get(entry, "searched"), "name", "?");
    double fail = compare_number(entry, "first_fail");
    if (isnan(fail) || !ended_by_dut(entry)) {
        (void)snprintf(v.note, sizeof(v.note), "no value passed, bounded by %s",
                       tree_text(entry, "bounded_by", "nothing known"));
        return v;
    }
    v.lo = 0;
    v.hi = isnan(unit) ? fail : (fail - 1) * unit;
    v.end = "nothing";
    (void)snprintf(v.note, sizeof(v.note), "nothing was held: %s=%g failed", name, fail);
    return v;
}

static struct compare_value reading(const json_t *entry, double other_unit)
{
    double value = compare_number(entry, "value");
    if (entry == NULL)
        return compare_none();
    if (isnan(value))
        return nothing(entry, other_unit);
    struct compare_value v = compare_exact(value);
    const char *by = tree_text(entry, "bounded_by", "");
    if (!ended_by_dut(entry)) {
        v.hi = INFINITY;
        v.end = strcmp(by, "range") == 0 ? "range" : NULL;
        (void)snprintf(v.note, sizeof(v.note), "at least %g: the search ended by %s", value,
                       *by == '\0' ? "what is not said" : by);
    }
    return v;
}

/* Without the DUT's own view a maximum may be too high. Where both lack it they are equals. */
static void unverified(struct compare_value *v, const json_t *entry, const json_t *other)
{
    const json_t *own = json_object_get(entry, "verified"),
                 *its = json_object_get(other, "verified");
    if (isnan(v->v) || !json_is_false(own) || !json_is_true(its))
        return;
    v->lo = 0;
    (void)snprintf(v->note, sizeof(v->note),
                   "%s %g: not verified by the DUT's own view, as the other is",
                   isinf(v->hi) ? "about" : "at most", v->v);
}

static json_t *detail(const json_t *entry)
{
    static const char *const keys[] = {"instance",   "last_pass", "first_fail",
                                       "bounded_by", "verified",  "searched"};
    json_t *o = json_object();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        json_t *v = json_object_get(entry, keys[i]);
        (void)json_object_set(o, keys[i], v == NULL ? json_null() : v);
    }
    return o;
}

/* Between the last pass and the first fail nothing is known (search.resolution). */
static void uncertainty(struct compare_tolerance *t, size_t run, const json_t *entry)
{
    double pass = compare_number(entry, "last_pass"), fail = compare_number(entry, "first_fail");
    double unit = per_unit(entry), apart = (fail - pass - 1) * unit;
    if (ended_by_dut(entry))
        tolerance_raise(t, apart,
                        "the search of %s: between the last pass and the first fail nothing was "
                        "tried",
                        compare_letter(run));
}

static void judge_run(const struct compare *c, const struct compare_place *p, size_t k,
                      struct compare_row *row)
{
    const json_t *base = p->sides[0].entry, *other = p->sides[k].entry;
    row->takes[k] = other != NULL;
    if (other == NULL)
        return;
    row->values[k] = reading(other, per_unit(base));
    row->values[k].detail = detail(other);
    row->forbids[k] = compare_reasons(p->grounds[k], row->q->affects);
    if (strcmp(p->stimulus, "steady") != 0)
        compare_hold_out(row->forbids[k], k, p->stimulus, p->sides[0].instance,
                         p->sides[k].instance);
    tolerance_asked(&row->tolerance[k], c->tolerances, row->q->name, row->q->family,
                    compare_number(base, "value"));
    uncertainty(&row->tolerance[k], 0, base);
    uncertainty(&row->tolerance[k], k, other);
    if (row->tolerance[k].why[0] == '\0')
        (void)snprintf(row->tolerance[k].why, sizeof(row->tolerance[k].why),
                       "both searches know their limit to 1");
}

/* The base's value beside those of several runs: its bounds by what the first of them says. */
static void base_value(const struct compare *c, const struct compare_place *p,
                       struct compare_row *row)
{
    const json_t *other = NULL;
    for (size_t k = c->count; k-- > 1;)
        other = p->sides[k].entry != NULL ? p->sides[k].entry : other;
    row->takes[0] = true;
    row->values[0] = reading(p->sides[0].entry, per_unit(other));
    row->values[0].detail = detail(p->sides[0].entry);
}

static bool any_unverified(const struct compare *c, const struct compare_place *p)
{
    for (size_t k = 0; k < c->count; k++) {
        if (json_is_false(json_object_get(p->sides[k].entry, "verified")))
            return true;
    }
    return false;
}

/* Where the base is not verified and a later run is, the base's value is the bound: it is one row's
 * value for all runs, so those that are as unverified as the base stand in a row of their own. */
static void one_row(struct compare *c, const struct compare_place *p,
                    const struct compare_quantity *q, int only)
{
    struct compare_row row = {
        .case_id = p->case_id, .stimulus = p->stimulus, .where = p->where, .q = q};
    bool any = false;
    base_value(c, p, &row);
    for (size_t k = 1; k < c->count; k++) {
        const json_t *verified = json_object_get(p->sides[k].entry, "verified");
        if (only >= 0 && json_is_true(verified) != (only == 1))
            continue;
        judge_run(c, p, k, &row);
        unverified(&row.values[k], p->sides[k].entry, p->sides[0].entry);
        unverified(&row.values[0], p->sides[0].entry, p->sides[k].entry);
        any |= row.takes[k];
    }
    if (!any) {
        json_decref(row.values[0].detail);
        return;
    }
    compare_row_end(c, &row);
}

/* What 9.13 says beside its maximum: how much more it holds than 9.10. */
static void delta(struct compare *c, const struct compare_place *p)
{
    static const char prefix[] = "delta_vs_";
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)p->sides[0].entry, key, v)
    {
        if (strncmp(key, prefix, sizeof(prefix) - 1) != 0)
            continue;
        const struct compare_quantity q = {.name = key,
                                           .family = "delta",
                                           .more_is_better = true,
                                           .affects = ON_STEADY | ON_MEASURED};
        struct compare_row row = {
            .case_id = p->case_id, .stimulus = p->stimulus, .where = p->where, .q = &q};
        for (size_t k = 0; k < c->count; k++) {
            if (k > 0 && p->sides[k].entry == NULL)
                continue;
            row.takes[k] = true;
            row.values[k] = compare_exact(compare_number(p->sides[k].entry, key));
            if (k > 0)
                row.forbids[k] = compare_reasons(p->grounds[k], q.affects);
            tolerance_asked(&row.tolerance[k], c->tolerances, key, q.family, result_number(v));
        }
        compare_row_end(c, &row);
    }
}

void compare_maximum(struct compare *c, const struct compare_place *p)
{
    bool steady = strcmp(p->stimulus, "steady") == 0;
    bool held_out = !steady && strcmp(p->stimulus, "processor-switchover") != 0;
    const struct compare_quantity q = {.name = tree_text(p->sides[0].entry, "variable", "maximum"),
                                       .family = "maximum",
                                       .more_is_better = true,
                                       .affects = steady     ? ON_STEADY
                                                  : held_out ? ON_STIMULUS | ON_HELD_OUT
                                                             : ON_STIMULUS};
    bool base_unverified = json_is_false(json_object_get(p->sides[0].entry, "verified"));
    if (base_unverified && any_unverified(c, p)) {
        one_row(c, p, &q, 1);
        one_row(c, p, &q, 0);
    } else {
        one_row(c, p, &q, -1);
    }
    if (steady)
        delta(c, p);
}
