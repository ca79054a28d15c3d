/*
 * Recovery times side by side (draft 8.2): averages over the repeats, at an instance that both runs
 * have. Part of a time is the apparatus's own, whose timers the seed draws: what it may cost is
 * tolerated, beside the spread of the repeats and the sending interval.
 */
#include "reports/compare_in.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HELLO_S 5.0 /* Triggered_Hello_Delay (RFC 7761 4.11): the seed draws a time up to it */

/* One time of a recovery, over the repeats of a stimulus. */
struct repeats {
    double sum, min, max, resolution, floor;
    size_t count, untouched; /* of them: nothing was interrupted */
};

enum time_kind { TIME_INGRESS, TIME_EGRESS, TIME_ALL, TIME_NEIGHBOURS };

struct time_def {
    struct compare_quantity q;
    enum time_kind kind;
    const char *neighbours; /* key of "neighbours" */
};

/* How many pairs or flows of the directions that a time is about: "ingress", "egress", or both. */
static double directions(const json_t *o, enum time_kind kind, const char *key)
{
    double n = 0;
    static const char *const names[] = {"ingress", "egress"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *v = json_object_get(o, names[i]);
        if (kind == (i == 0 ? TIME_EGRESS : TIME_INGRESS))
            continue;
        double one = key == NULL ? result_number(v) : compare_number(v, key);
        n += isnan(one) ? 0 : one;
    }
    return n;
}

/* A flow that was there and lost nothing did not have to recover: 0 s, and null in the result. */
static bool untouched(const json_t *instance, const json_t *recovery, enum time_kind kind)
{
    const json_t *interrupted = json_object_get(recovery, "interrupted");
    return kind != TIME_NEIGHBOURS && json_is_object(interrupted) &&
           directions(interrupted, kind, NULL) == 0 &&
           directions(json_object_get(instance, "forwarding"), kind, "flows") > 0;
}

static double time_of(const json_t *recovery, const struct time_def *d)
{
    if (d->kind != TIME_NEIGHBOURS)
        return compare_number(recovery, d->q.name);
    return result_number(tree_at(recovery, "neighbours", d->neighbours, "all", "apparatus", NULL));
}

static struct repeats gather(const json_t *instance, const char *stimulus, const struct time_def *d)
{
    struct repeats r = {.min = INFINITY, .max = -INFINITY};
    size_t i;
    json_t *recovery;
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
    {
        if (strcmp(tree_text(recovery, "stimulus", ""), stimulus) != 0)
            continue;
        double v = time_of(recovery, d);
        if (isnan(v) && untouched(instance, recovery, d->kind)) {
            v = 0;
            r.untouched++;
        }
        r.resolution = fmax(r.resolution, compare_number(recovery, "resolution_s"));
        r.floor = fmax(r.floor, compare_number(recovery, "apparatus_floor_s"));
        if (isnan(v))
            continue;
        r.sum += v;
        r.min = fmin(r.min, v);
        r.max = fmax(r.max, v);
        r.count++;
    }
    return r;
}

/* ---- why there is no value ------------------------------------------------------------------- */

/* The deviation that says why: "p-link-flap of 9.1-0007: Trd is null: no egress flow ...". */
static void why_null(const json_t *one_case, const json_t *instance, const char *stimulus,
                     const struct time_def *d, struct compare_value *v)
{
    char head[160], name[16];
    size_t i;
    json_t *item;
    (void)snprintf(head, sizeof(head), "%s of %s: ", stimulus, tree_text(instance, "id", "?"));
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(d->q.name, "-"), d->q.name);
    (void)snprintf(v->note, sizeof(v->note), "it has no %s", d->q.name);
    json_array_foreach(tree_at(one_case, "deviations", "procedure", NULL), i, item)
    {
        const char *text = json_string_value(item);
        if (text == NULL || strncmp(text, head, strlen(head)) != 0)
            continue;
        text += strlen(head);
        if (strstr(text, name) != NULL && strstr(text, "null") != NULL)
            (void)snprintf(v->note, sizeof(v->note), "%.200s", text);
    }
}

static struct compare_value value_of(const struct repeats *r)
{
    struct compare_value v = compare_none();
    if (r->count == 0)
        return v;
    v = compare_exact(r->sum / (double)r->count);
    if (r->untouched == r->count)
        (void)snprintf(v.note, sizeof(v.note), "not interrupted, which counts as 0 s");
    v.detail = json_pack("{s:o,s:o,s:I}", "min", result_time(llround(r->min * 1e9)), "max",
                         result_time(llround(r->max * 1e9)), "repeats", (json_int_t)r->count);
    return v;
}

/* ---- what forbids it, what is tolerated ------------------------------------------------------ */

static const json_t *recovery_of(const json_t *instance, const char *stimulus)
{
    return tree_find(json_object_get(instance, "recovery"), "stimulus", stimulus);
}

static bool is_marked(const json_t *recovery)
{
    size_t i;
    json_t *mark;
    json_array_foreach(json_object_get(recovery, "marks"), i, mark)
    {
        const char *text = json_string_value(mark);
        if (text != NULL && strcmp(text, "state-not-expired") == 0)
            return true;
    }
    return false;
}

static double held_out(const json_t *recovery)
{
    return compare_number(recovery, "Tf") - compare_number(recovery, "begin");
}

void compare_hold_out(json_t *reasons, size_t k, const char *stimulus, const json_t *base,
                      const json_t *other)
{
    const json_t *a = recovery_of(base, stimulus), *b = recovery_of(other, stimulus);
    bool in_a = is_marked(a), in_b = is_marked(b);
    double x = held_out(a), y = held_out(b);
    char text[256] = "";
    if (a == NULL || b == NULL)
        return;
    if (in_a != in_b)
        (void)snprintf(text, sizeof(text),
                       "state had not expired in %s alone (state-not-expired): held out for %.1f "
                       "s in A and %.1f s in %s",
                       compare_letter(in_b ? k : 0), x, y, compare_letter(k));
    else if (in_a && fabs(x - y) > 0.5 + 0.02 * fmax(x, y))
        (void)snprintf(text, sizeof(text),
                       "state-not-expired in both, and held out for %.1f s in A and %.1f s in %s",
                       x, y, compare_letter(k));
    if (text[0] != '\0')
        (void)json_array_append_new(reasons, json_string(text));
}

static void apparatus(struct compare_tolerance *t, const struct compare *c, size_t k,
                      const struct repeats *a, const struct repeats *b, enum time_kind kind)
{
    bool same_seed = compare_same(tree_at(c->runs[0].result, "tool", "seed", NULL),
                                  tree_at(c->runs[k].result, "tool", "seed", NULL));
    if (same_seed)
        tolerance_raise(t, fabs(a->floor - b->floor),
                        "the apparatus's own part (apparatus_floor_s) differs in A and %s",
                        compare_letter(k));
    else if (kind == TIME_NEIGHBOURS)
        tolerance_raise(t, HELLO_S, "the seeds differ: Hellos are delayed by up to %g s (RFC 7761)",
                        HELLO_S);
    else
        tolerance_raise(t, fmax(a->floor, b->floor),
                        "the seeds differ: up to the apparatus's own part (apparatus_floor_s)");
}

static void tolerate(struct compare_tolerance *t, const struct compare *c, size_t k,
                     const struct time_def *d, const struct repeats *a, const struct repeats *b)
{
    const struct repeats *const both[2] = {a, b};
    tolerance_asked(t, c->tolerances, d->q.name, d->q.family,
                    a->count == 0 ? NAN : a->sum / (double)a->count);
    for (size_t i = 0; i < 2; i++) {
        const char *run = compare_letter(i == 0 ? 0 : k);
        tolerance_raise(t, both[i]->max - both[i]->min, "the spread of %s's %zu repeats", run,
                        both[i]->count);
        tolerance_raise(t, both[i]->resolution, "the sending interval (resolution_s) of %s", run);
    }
    apparatus(t, c, k, a, b, d->kind);
}

static void one_time(struct compare *c, const struct compare_place *p, const json_t *at,
                     const struct compare_point *point, const struct time_def *d)
{
    struct compare_row row = {
        .case_id = p->case_id, .stimulus = p->stimulus, .where = p->where, .at = at, .q = &d->q};
    struct repeats r[COMPARE_RUNS_MAX];
    for (size_t k = 0; k < c->count; k++) {
        row.takes[k] = point->takes[k];
        if (!row.takes[k])
            continue;
        r[k] = gather(point->instance[k], p->stimulus, d);
        row.values[k] = value_of(&r[k]);
        if (r[k].count == 0)
            why_null(p->sides[k].index->one_case, point->instance[k], p->stimulus, d,
                     &row.values[k]);
        if (k == 0)
            continue;
        row.forbids[k] = json_copy(point->forbids[k]);
        compare_hold_out(row.forbids[k], k, p->stimulus, point->instance[0], point->instance[k]);
        tolerate(&row.tolerance[k], c, k, d, &r[0], &r[k]);
    }
    compare_row_end(c, &row);
}

void compare_times(struct compare *c, const struct compare_place *p)
{
#define TIME(text, what, from)                                                                     \
    {                                                                                              \
        .q = {.name = text, .family = from, .unit = "s", .is_time = true}, .kind = what            \
    }
    static const struct time_def defs[] = {
        TIME("Tre-Tf", TIME_INGRESS, "times"),
        TIME("Trd-Tf", TIME_EGRESS, "times"),
        TIME("Trall-Tf", TIME_ALL, "times"),
    };
#undef TIME
    /* Without flows (9.2) the neighbours tell when the DUT is back. */
    static const struct time_def neighbours[] = {
        {.q = {.name = "C-interface neighbours back",
               .family = "neighbours",
               .unit = "s",
               .is_time = true},
         .kind = TIME_NEIGHBOURS,
         .neighbours = "c_interface"},
        {.q = {.name = "MI-PMSI neighbours back",
               .family = "neighbours",
               .unit = "s",
               .is_time = true},
         .kind = TIME_NEIGHBOURS,
         .neighbours = "mi_pmsi"},
    };
    struct compare_point points[COMPARE_RUNS_MAX];
    size_t count = compare_points(c, p, p->stimulus, points);
    for (size_t i = 0; i < count; i++) {
        const json_t *forwarding = json_object_get(points[i].instance[0], "forwarding");
        bool flows = directions(forwarding, TIME_ALL, "flows") > 0;
        json_t *at = compare_at_object(points[i].instance[0], p->sides[0].entry);
        for (size_t d = 0; d < (flows ? 3u : 2u); d++)
            one_time(c, p, at, &points[i], flows ? &defs[d] : &neighbours[d]);
        json_decref(at);
        for (size_t k = 1; k < c->count; k++)
            json_decref(points[i].forbids[k]);
    }
}
