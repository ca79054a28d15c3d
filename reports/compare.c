/* Comparing results: the cases of the base one after another, then the summary. */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "reports/load.h"
#include "reports/page.h"
#include "reports/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *compare_load(const char *dir, struct err *err)
{
    char *path = mem_printf("%s/result.json", dir);
    json_t *result = result_load(path, err);
    free(path);
    return result;
}

/* ---- what one of the runs does not have ------------------------------------------------------ */

/* A row that says that something was not compared: its values are the maxima that there are. */
static void not_compared(struct compare *c, const struct compare_place *p, size_t k,
                         const char *why)
{
    const json_t *entries[2] = {p->sides[0].entry, p->sides[k].entry};
    const json_t *named = entries[0] != NULL ? entries[0] : entries[1];
    const struct compare_quantity q = {.name = tree_text(named, "variable", "all it gives"),
                                       .family = "maximum",
                                       .more_is_better = true};
    struct compare_row row = {
        .case_id = p->case_id, .stimulus = p->stimulus, .where = p->where, .q = &q};
    bool any = false;
    for (size_t i = 0; i < 2; i++) {
        size_t run = i == 0 ? 0 : k;
        row.takes[run] = true;
        row.values[run] = compare_exact(compare_number(entries[i], "value"));
        any |= !isnan(row.values[run].v);
    }
    row.forbids[k] = json_pack("[s]", why);
    if (!any)
        row.values[0].lo = 0; /* said even though there is no value */
    compare_row_end(c, &row);
}

static void say_case(struct compare *c, const char *case_id, const char *why, size_t k)
{
    const struct compare_place p = {.case_id = case_id, .stimulus = NULL};
    not_compared(c, &p, k, why);
}

/* The case's own part: true if both ran it. */
static bool both_ran(struct compare *c, const char *case_id, size_t k)
{
    const size_t runs[2] = {0, k};
    char why[400] = "";
    size_t without = 0;
    for (size_t i = 0; i < 2; i++) {
        const json_t *one_case = compare_case(c->runs[runs[i]].result, case_id);
        const char *omitted = tree_text(one_case, "omitted", NULL);
        size_t used = strlen(why);
        if (one_case != NULL && omitted == NULL)
            continue;
        without++;
        (void)snprintf(
            why + used, sizeof(why) - used, "%s%s %s%.150s", used > 0 ? "; " : "",
            compare_letter(runs[i]),
            one_case == NULL ? "did not run it" : "omitted it: ", omitted == NULL ? "" : omitted);
    }
    if (without == 1)
        say_case(c, case_id, why, k);
    return without == 0;
}

/* ---- one case -------------------------------------------------------------------------------- */

struct case_work {
    const char *id;
    struct compare_index indexes[COMPARE_RUNS_MAX];
    json_t *grounds[COMPARE_RUNS_MAX]; /* NULL: not both ran it */
};

static char *places_of(const json_t *one_case)
{
    char *all = mem_strdup("");
    size_t i, n = 0;
    json_t *entry;
    json_array_foreach(json_object_get(one_case, "maximum"), i, entry)
    {
        if (strcmp(tree_text(entry, "stimulus", ""), "steady") != 0)
            continue;
        if (++n > 3)
            break;
        char *where = tree_where(entry);
        char *longer = mem_printf("%s%s(%s)", all, n > 1 ? ", " : "", where);
        free(where);
        free(all);
        all = longer;
    }
    return all;
}

/* The place is in one of both runs alone. Under stimuli this is said only where the steady state
 * is in both: it is no news otherwise. */
static void unmatched(struct compare *c, const struct compare_place *p, size_t k)
{
    size_t without = p->sides[0].entry == NULL ? 0 : k;
    bool steady = strcmp(p->stimulus, "steady") == 0;
    const struct compare_index *x = p->sides[without].index;
    if (!steady && compare_entry(x, "steady", p->where) == NULL)
        return;
    char *text, *places = places_of(x->one_case);
    if (steady)
        text = mem_printf("another metric variable differs: %s has no maximum at this place; it "
                          "has %s",
                          compare_letter(without), *places == '\0' ? "none" : places);
    else
        text = mem_printf("%s was not put under this stimulus there", compare_letter(without));
    not_compared(c, p, k, text);
    free(places);
    free(text);
}

/* A place that the base has: all runs that have it too. */
static void one_place(struct compare *c, const struct case_work *w, struct compare_place *p)
{
    bool any = false;
    for (size_t k = 1; k < c->count; k++) {
        if (w->grounds[k] == NULL)
            continue;
        if (p->sides[k].entry == NULL) {
            unmatched(c, p, k);
            continue;
        }
        p->grounds[k] = json_copy(w->grounds[k]);
        compare_grounds_place(p->grounds[k], k, p->where, &p->sides[0], &p->sides[k]);
        any = true;
    }
    if (any) {
        compare_maximum(c, p);
        if (strcmp(p->stimulus, "steady") == 0)
            compare_costs(c, p);
        else
            compare_times(c, p);
    }
    for (size_t k = 1; k < c->count; k++)
        json_decref(p->grounds[k]);
}

static struct compare_place place_at(const struct compare *c, const struct case_work *w,
                                     const json_t *entry)
{
    struct compare_place p = {.case_id = w->id,
                              .stimulus = tree_text(entry, "stimulus", "steady"),
                              .where = json_object_get(entry, "where")};
    for (size_t k = 0; k < c->count; k++) {
        const struct compare_index *x = &w->indexes[k];
        if (k > 0 && w->grounds[k] == NULL)
            continue;
        p.sides[k].index = x;
        p.sides[k].entry = compare_entry(x, p.stimulus, p.where);
        p.sides[k].instance = compare_instance(x, p.sides[k].entry);
    }
    return p;
}

static void one_case(struct compare *c, struct case_work *w)
{
    const json_t *base = compare_case(c->runs[0].result, w->id);
    size_t i;
    json_t *entry;
    for (size_t k = 0; k < c->count; k++)
        compare_index_init(&w->indexes[k], compare_case(c->runs[k].result, w->id));
    for (size_t k = 1; k < c->count; k++) {
        if (both_ran(c, w->id, k))
            w->grounds[k] =
                compare_grounds_case(c, k, base, compare_case(c->runs[k].result, w->id));
    }
    compare_deviations(c, w->id, w->grounds);
    json_array_foreach(json_object_get(base, "maximum"), i, entry)
    {
        struct compare_place p = place_at(c, w, entry);
        one_place(c, w, &p);
    }
    for (size_t k = 1; k < c->count; k++) {
        const json_t *other = compare_case(c->runs[k].result, w->id);
        if (w->grounds[k] == NULL)
            continue;
        json_array_foreach(json_object_get(other, "maximum"), i, entry)
        {
            struct compare_place p = place_at(c, w, entry);
            if (p.sides[0].entry == NULL)
                unmatched(c, &p, k);
        }
    }
    compare_measured(c, w->id, w->grounds, w->indexes);
    for (size_t k = 1; k < c->count; k++)
        json_decref(w->grounds[k]);
    for (size_t k = 0; k < c->count; k++)
        compare_index_fini(&w->indexes[k]);
}

static void all_cases(struct compare *c)
{
    json_t *done = json_object();
    for (size_t k = 0; k < c->count; k++) {
        size_t i;
        json_t *v;
        json_array_foreach(json_object_get(c->runs[k].result, "cases"), i, v)
        {
            struct case_work w = {.id = tree_text(v, "case", "?")};
            if (json_object_get(done, w.id) == NULL)
                one_case(c, &w);
            (void)json_object_set_new(done, w.id, json_true());
        }
    }
    json_decref(done);
}

/* ---- the tree -------------------------------------------------------------------------------- */

static json_t *run_object(const struct compare_run *run, size_t k)
{
    const json_t *first = json_array_get(json_object_get(run->result, "cases"), 0);
    json_t *o = json_object();
    const struct {
        const char *key;
        const json_t *value;
    } items[] = {{"dut", json_object_get(first, "dut")},
                 {"tool", json_object_get(run->result, "tool")},
                 {"clock", json_object_get(run->result, "clock")},
                 {"started", json_object_get(run->result, "started")}};
    (void)json_object_set_new(o, "run", json_string(compare_letter(k)));
    json_t *dir = json_string(run->dir); /* NULL: a file name that is no UTF-8 */
    (void)json_object_set_new(o, "dir", dir == NULL ? json_null() : dir);
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        (void)json_object_set(o, items[i].key,
                              items[i].value == NULL ? json_null()
                                                     : (json_t *)(uintptr_t)items[i].value);
    return o;
}

struct compare_counts compare_counts_get(const json_t *comparison)
{
    struct compare_counts n = {0};
    size_t i, j;
    json_t *row, *one;
    json_array_foreach(json_object_get(comparison, "rows"), i, row)
    {
        json_array_foreach(json_object_get(row, "compared"), j, one)
        {
            const char *verdict = tree_text(one, "verdict", "");
            n.same += strcmp(verdict, "same") == 0;
            n.better += strcmp(verdict, "better") == 0;
            n.worse += strcmp(verdict, "worse") == 0;
            n.incomparable += strcmp(verdict, "incomparable") == 0;
        }
    }
    return n;
}

static json_t *summary(const json_t *comparison)
{
    struct compare_counts n = compare_counts_get(comparison);
    const char *verdict = n.worse > 0              ? "worse"
                          : n.same + n.better == 0 ? "incomparable"
                          : n.better > 0           ? "better"
                                                   : "same";
    return json_pack("{s:s,s:I,s:I,s:I,s:I}", "verdict", verdict, "worse", (json_int_t)n.worse,
                     "better", (json_int_t)n.better, "same", (json_int_t)n.same, "incomparable",
                     (json_int_t)n.incomparable);
}

json_t *compare_runs(const struct compare_run *runs, size_t count,
                     const struct compare_tolerances *tolerances, struct err *err)
{
    struct compare c = {.runs = runs,
                        .count = count,
                        .tolerances = tolerances,
                        .rows = json_array(),
                        .deviations = json_array()};
    const char *unknown = tolerance_unknown(&c);
    json_t *tree = json_object(), *list = json_array();
    for (size_t k = 0; k < count; k++)
        (void)json_array_append_new(list, run_object(&runs[k], k));
    if (unknown == NULL)
        all_cases(&c);
    (void)json_object_set_new(tree, "schema", json_string(COMPARE_SCHEMA));
    (void)json_object_set_new(tree, "runs", list);
    (void)json_object_set_new(tree, "summary", json_null());
    (void)json_object_set_new(tree, "rows", c.rows);
    (void)json_object_set_new(tree, "deviations", c.deviations);
    (void)json_object_set_new(tree, "summary", summary(tree));
    if (unknown == NULL)
        return tree;
    json_decref(tree);
    char names[512] = "";
    for (size_t i = 0; i < compare_quantity_name_count; i++) {
        size_t used = strlen(names);
        (void)snprintf(names + used, sizeof(names) - used, "%s%s", i == 0 ? "" : ", ",
                       compare_quantity_names[i]);
    }
    err_set(err, ERR_USE,
            "--tolerance %.60s=...: no quantity of these runs; there are: %s, and the variables of "
            "maxima (Num_mVPN, mroutes, ...)",
            unknown, names);
    return NULL;
}
