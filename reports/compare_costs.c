/*
 * What the same load costs: latency and utilisation, at an instance of the steady state that both
 * runs have.
 */
#include "reports/compare_in.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>

#define CPU_POINTS     1.0 /* DUTs tell it in whole per cent */
#define MEMORY_PERCENT 1.0 /* allocators take memory by the page and keep it */

/* ---- latency --------------------------------------------------------------------------------- */

static const json_t *latency(const json_t *instance, const char *direction)
{
    return tree_at(instance, "forwarding", direction, "latency_ns", NULL);
}

/* Packets differ among themselves: from the least to what 99 of 100 keep below, or to the most. */
static double spread(const json_t *of)
{
    double most = compare_number(of, "p99");
    return (isnan(most) ? compare_number(of, "max") : most) - compare_number(of, "min");
}

static void one_latency(struct compare *c, const struct compare_place *p, const json_t *at,
                        const struct compare_point *point, const char *direction, const char *key)
{
    char name[48];
    (void)snprintf(name, sizeof(name), "latency %s %s", direction, key);
    const struct compare_quantity q = {
        .name = name, .family = "latency", .unit = "ns", .affects = ON_LATENCY};
    struct compare_row row = {
        .case_id = p->case_id, .stimulus = p->stimulus, .where = p->where, .at = at, .q = &q};
    const json_t *base = latency(point->instance[0], direction);
    for (size_t k = 0; k < c->count; k++) {
        const json_t *of = latency(point->instance[k], direction);
        row.takes[k] = point->takes[k];
        row.values[k] = compare_exact(compare_number(of, key));
        if (k == 0 || !row.takes[k])
            continue;
        row.forbids[k] = json_copy(point->forbids[k]);
        struct compare_tolerance *t = &row.tolerance[k];
        tolerance_asked(t, c->tolerances, name, q.family, compare_number(base, key));
        tolerance_raise(t, spread(base), "the spread of A's packets");
        tolerance_raise(t, spread(of), "the spread of %s's packets", compare_letter(k));
    }
    compare_row_end(c, &row);
}

/* ---- utilisation ----------------------------------------------------------------------------- */

static const json_t *component(const json_t *instance, const char *name)
{
    return tree_find(json_object_get(instance, "utilisation"), "component", name);
}

static void tolerate(struct compare_tolerance *t, size_t run, const json_t *of, bool cpu)
{
    double peak = compare_number(of, "cpu_peak_1s") - compare_number(of, "cpu_percent");
    if (cpu)
        tolerance_raise(t, peak, "from %s's average to its busiest second", compare_letter(run));
    else
        tolerance_raise(t, MEMORY_PERCENT / 100 * compare_number(of, "memory_bytes"),
                        "%g %% of memory: allocators keep what they had", MEMORY_PERCENT);
}

static void one_utilisation(struct compare *c, const struct compare_place *p, const json_t *at,
                            const struct compare_point *point, const char *name, bool cpu)
{
    char title[120];
    const char *key = cpu ? "cpu_percent" : "memory_bytes";
    (void)snprintf(title, sizeof(title), "%s %.80s", cpu ? "CPU" : "memory", name);
    const struct compare_quantity q = {.name = title,
                                       .family = cpu ? "cpu" : "memory",
                                       .unit = cpu ? "%" : "bytes",
                                       .affects = ON_UTILISATION};
    struct compare_row row = {
        .case_id = p->case_id, .stimulus = p->stimulus, .where = p->where, .at = at, .q = &q};
    for (size_t k = 0; k < c->count; k++) {
        const json_t *of = component(point->instance[k], name);
        row.takes[k] = point->takes[k];
        row.values[k] = compare_exact(compare_number(of, key));
        row.values[k].real = cpu;
        if (row.takes[k] && isnan(row.values[k].v))
            (void)snprintf(row.values[k].note, sizeof(row.values[k].note), "%s",
                           of == NULL ? "no such component" : "not known");
        if (k == 0 || !row.takes[k])
            continue;
        row.forbids[k] = json_copy(point->forbids[k]);
        struct compare_tolerance *t = &row.tolerance[k];
        tolerance_asked(t, c->tolerances, title, q.family, row.values[0].v);
        if (cpu)
            tolerance_raise(t, CPU_POINTS, "a DUT tells it in whole per cent");
        tolerate(t, 0, component(point->instance[0], name), cpu);
        tolerate(t, k, of, cpu);
    }
    compare_row_end(c, &row);
}

/* The grounds of utilisation instead of those of latency. */
static void utilisation(struct compare *c, const struct compare_place *p, const json_t *at,
                        struct compare_point *point)
{
    json_t *kept[COMPARE_RUNS_MAX];
    size_t i;
    json_t *v;
    for (size_t k = 1; k < c->count; k++) {
        kept[k] = point->forbids[k];
        json_t *own = point->takes[k] ? compare_reasons(p->grounds[k], ON_UTILISATION) : NULL;
        if (own != NULL && json_array_size(own) == 0)
            (void)json_array_extend(own, kept[k]);
        point->forbids[k] = own;
    }
    json_array_foreach(json_object_get(point->instance[0], "utilisation"), i, v)
    {
        one_utilisation(c, p, at, point, tree_text(v, "component", "?"), true);
        one_utilisation(c, p, at, point, tree_text(v, "component", "?"), false);
    }
    for (size_t k = 1; k < c->count; k++) {
        json_decref(point->forbids[k]);
        point->forbids[k] = kept[k];
    }
}

void compare_costs(struct compare *c, const struct compare_place *p)
{
    static const char *const directions[] = {"ingress", "egress"};
    static const char *const keys[] = {"avg", "p99"};
    struct compare_point points[COMPARE_RUNS_MAX];
    size_t count = compare_points(c, p, NULL, points);
    for (size_t i = 0; i < count; i++) {
        json_t *at = compare_at_object(points[i].instance[0], p->sides[0].entry);
        for (size_t n = 0; n < 4; n++)
            one_latency(c, p, at, &points[i], directions[n / 2], keys[n % 2]);
        utilisation(c, p, at, &points[i]);
        json_decref(at);
        for (size_t k = 1; k < c->count; k++)
            json_decref(points[i].forbids[k]);
    }
}
