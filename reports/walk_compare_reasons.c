/* What was not compared and why; deviations that not all runs have. */
#include "emul/base/mem.h"
#include "reports/compare.h"
#include "reports/tree.h"
#include "reports/walk_compare.h"
#include "reports/words.h"

#include <stdlib.h>
#include <string.h>

#define CONCERNED_LISTED 8u

static char *concerned(const json_t *row)
{
    struct words w = {0};
    char *where = tree_where(row);
    const char *stimulus = tree_text(row, "stimulus", NULL);
    words_add(&w, "", "%s", tree_text(row, "case", "?"));
    if (stimulus != NULL)
        words_add(&w, " ", "%s", stimulus);
    if (*where != '\0')
        words_add(&w, " ", "(%s)", where);
    words_add(&w, " ", "%s", tree_text(row, "quantity", "?"));
    free(where);
    return words_take(&w);
}

/* One reason of one run, with what it concerns: the first few, and how many there are. */
struct reason {
    const json_t *one;
    struct words concerns;
    size_t count;
};

struct reasons {
    struct reason *items;
    size_t count, cap;
    json_t *by_text; /* run and texts, to the place in items */
};

static struct reason *reason_of(struct reasons *r, const json_t *one)
{
    json_t *key = json_pack("[O?,O?]", json_object_get(one, "run"), json_object_get(one, "why"));
    char *text = json_dumps(key, JSON_COMPACT);
    const json_t *number = text == NULL ? NULL : json_object_get(r->by_text, text);
    size_t at = number == NULL ? r->count : (size_t)json_integer_value(number);
    if (number == NULL) {
        r->items = array_grow(r->items, r->count, &r->cap, sizeof(*r->items));
        r->items[r->count++] = (struct reason){.one = one};
        if (text != NULL)
            (void)json_object_set_new(r->by_text, text, json_integer((json_int_t)at));
    }
    free(text);
    json_decref(key);
    return &r->items[at];
}

static void take(struct reasons *r, const json_t *row, const json_t *one)
{
    struct reason *reason = reason_of(r, one);
    if (reason->count++ >= CONCERNED_LISTED)
        return;
    char *what = concerned(row);
    words_add(&reason->concerns, ", ", "%s", what);
    free(what);
}

static void gather(struct reasons *r, const json_t *rows, bool incomparable)
{
    size_t i, j;
    json_t *row, *one;
    json_array_foreach(rows, i, row)
    {
        json_array_foreach(json_object_get(row, "compared"), j, one)
        {
            bool is = strcmp(tree_text(one, "verdict", ""), "incomparable") == 0;
            if (is == incomparable && json_array_size(json_object_get(one, "why")) > 0)
                take(r, row, one);
        }
    }
}

static void reason_item(struct reason *r, struct report_sink *sink)
{
    struct words w = {0};
    size_t i;
    json_t *why;
    json_array_foreach(json_object_get(r->one, "why"), i, why)
        words_add(&w, "; ", "%s", json_is_string(why) ? json_string_value(why) : "?");
    if (r->count > CONCERNED_LISTED)
        words_add(&r->concerns, " ", "and %zu more", r->count - CONCERNED_LISTED);
    char *texts = words_take(&w), *all = words_take(&r->concerns);
    char *text = mem_printf("%s beside A: %s. This concerns: %s.", tree_text(r->one, "run", "?"),
                            texts, all);
    sink->ops->item(sink, text);
    free(text);
    free(all);
    free(texts);
}

static void reasons(const json_t *rows, bool incomparable, const char *title,
                    struct report_sink *sink)
{
    struct reasons r = {.by_text = json_object()};
    gather(&r, rows, incomparable);
    if (r.count > 0)
        sink->ops->section(sink, 1, title);
    for (size_t i = 0; i < r.count; i++)
        reason_item(&r.items[i], sink);
    free(r.items);
    json_decref(r.by_text);
}

static char *joined(const json_t *list)
{
    struct words w = {0};
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v)
        words_add(&w, ", ", "%s", json_is_string(v) ? json_string_value(v) : "?");
    return words_take(&w);
}

static void deviations(const json_t *list, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Kind"},
        {.title = "Deviation", .wraps = true},
        {.title = "Cases", .wraps = true},
        {.title = "In"},
        {.title = "Forbids to\ncompare", .wraps = true},
    };
    size_t i;
    json_t *v;
    if (json_array_size(list) == 0)
        return;
    sink->ops->section(sink, 1, "Deviations that not all runs have");
    sink_table(sink, "compare-deviations",
               "Instances' numbers are left out; timing is compared wait by wait", columns,
               sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(list, i, v)
    {
        char *cases = joined(json_object_get(v, "cases")),
             *runs = joined(json_object_get(v, "runs"));
        char *forbids = joined(json_object_get(v, "forbids"));
        sink->ops->row(sink,
                       (struct report_cell[]){tree_cell(v, "kind"), tree_cell(v, "text"),
                                              cell_text(cases), cell_text(runs),
                                              cell_text(*forbids == '\0' ? "nothing" : forbids)});
        free(forbids);
        free(runs);
        free(cases);
    }
    sink->ops->table_end(sink);
}

void walk_compare_reasons(const json_t *comparison, struct report_sink *sink)
{
    const json_t *rows = json_object_get(comparison, "rows");
    reasons(rows, true, "Not compared", sink);
    reasons(rows, false, "Remarks on values that were compared", sink);
    deviations(json_object_get(comparison, "deviations"), sink);
}
