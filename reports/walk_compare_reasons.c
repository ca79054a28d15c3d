/* What was not compared and why; deviations that not all runs have. */
#include "emul/base/mem.h"
#include "reports/compare.h"
#include "reports/tree.h"
#include "reports/walk_compare.h"
#include "reports/words.h"

#include <stdlib.h>
#include <string.h>

#define CONCERNED_LISTED 8u

/* The entry of a row's "compared", with the row: what one reason is collected from. */
struct place {
    const json_t *row, *one;
};

struct places {
    struct place *items;
    size_t count, cap;
};

static struct places collect(const json_t *rows, bool incomparable)
{
    struct places p = {0};
    size_t i, j;
    json_t *row, *one;
    json_array_foreach(rows, i, row)
    {
        json_array_foreach(json_object_get(row, "compared"), j, one)
        {
            bool is = strcmp(tree_text(one, "verdict", ""), "incomparable") == 0;
            if (is != incomparable || json_array_size(json_object_get(one, "why")) == 0)
                continue;
            p.items = array_grow(p.items, p.count, &p.cap, sizeof(*p.items));
            p.items[p.count++] = (struct place){row, one};
        }
    }
    return p;
}

static bool same_reason(const struct place *a, const struct place *b)
{
    return strcmp(tree_text(a->one, "run", ""), tree_text(b->one, "run", "")) == 0 &&
           json_equal(json_object_get(a->one, "why"), json_object_get(b->one, "why"));
}

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

/* One reason with all that it concerns. */
static void reason_item(const struct places *p, size_t first, struct report_sink *sink)
{
    struct words w = {0}, list = {0};
    size_t i, n = 0;
    json_t *why;
    json_array_foreach(json_object_get(p->items[first].one, "why"), i, why)
        words_add(&w, "; ", "%s", json_is_string(why) ? json_string_value(why) : "?");
    for (i = first; i < p->count; i++) {
        if (!same_reason(&p->items[first], &p->items[i]) || n++ >= CONCERNED_LISTED)
            continue;
        char *one = concerned(p->items[i].row);
        words_add(&list, ", ", "%s", one);
        free(one);
    }
    if (n > CONCERNED_LISTED)
        words_add(&list, " ", "and %zu more", n - CONCERNED_LISTED);
    char *reasons = words_take(&w), *all = words_take(&list);
    char *text = mem_printf("%s beside A: %s. This concerns: %s.",
                            tree_text(p->items[first].one, "run", "?"), reasons, all);
    sink->ops->item(sink, text);
    free(text);
    free(all);
    free(reasons);
}

static void reasons(const json_t *rows, bool incomparable, const char *title,
                    struct report_sink *sink)
{
    struct places p = collect(rows, incomparable);
    if (p.count > 0)
        sink->ops->section(sink, 1, title);
    for (size_t i = 0; i < p.count; i++) {
        bool before = false;
        for (size_t j = 0; j < i && !before; j++)
            before = same_reason(&p.items[j], &p.items[i]);
        if (!before)
            reason_item(&p, i, sink);
    }
    free(p.items);
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
