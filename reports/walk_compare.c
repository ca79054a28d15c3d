/*
 * A comparison as a document: what became worse first, the values side by side, then what could
 * not be compared and why, and the deviations that not all runs have.
 */
#include "reports/walk_compare.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/compare.h"
#include "reports/number.h"
#include "reports/page.h"
#include "reports/tree.h"
#include "reports/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one row --------------------------------------------------------------------------------- */

const json_t *compare_walk_one(const json_t *row, const char *letter)
{
    return tree_find(json_object_get(row, "compared"), "run", letter);
}

/* "N=6, share=1; g=35": the place in the sweep, and the value at which was compared. */
static char *place_of(const json_t *row)
{
    struct words w = {0};
    char *where = tree_where(row), *at = tree_pairs(json_object_get(row, "at"));
    if (*where != '\0')
        words_add(&w, "", "%s", where);
    if (*at != '\0')
        words_add(&w, "; ", "%s", at);
    free(at);
    free(where);
    return words_take(&w);
}

static char *shown(const json_t *v)
{
    /* Joins take microseconds, recoveries seconds. */
    const struct report_column column = {.decimals = fabs(result_number(v)) < 1 ? 6 : 3};
    struct report_cell cell = cell_of(v);
    if (cell.kind == CELL_NULL)
        return mem_strdup("none");
    return cell_display(&cell, &column);
}

/* "9.1 Num_mVPN 61 -> 58 (-4.9 %, tolerance 0), steady, p-link-flap". */
static char *change_text(const json_t *rows, size_t i, size_t k, const json_t *one,
                         const struct compare_groups *groups)
{
    const json_t *row = json_array_get(rows, i), *values = json_object_get(row, "values");
    char *a = shown(json_array_get(values, 0)), *b = shown(json_array_get(values, k));
    char *tolerance = shown(json_object_get(one, "tolerance"));
    char *place = place_of(row), *stimuli = groups_stimuli(&groups[k], i);
    double relative = result_number(json_object_get(one, "relative"));
    const char *unit = tree_text(row, "unit", NULL);
    struct words w = {0};
    words_add(&w, "", "%s %s %s -> %s%s%s (", tree_text(row, "case", "?"),
              tree_text(row, "quantity", "?"), a, b, unit == NULL ? "" : " ",
              unit == NULL ? "" : unit);
    if (!isnan(relative))
        words_add(&w, "", "%+.1f %%, ", 100 * relative);
    words_add(&w, "", "tolerance %s)%s%s", tolerance, *place == '\0' ? "" : " at ", place);
    if (*stimuli != '\0')
        words_add(&w, ": ", "%s", stimuli);
    free(stimuli);
    free(place);
    free(tolerance);
    free(b);
    free(a);
    return words_take(&w);
}

/* ---- summary --------------------------------------------------------------------------------- */

static const struct {
    const char *table, *worse, *better;
} sayings[] = {
    {"maximum", "holds less than A in:", "holds more than A in:"},
    {"time", "takes longer than A to recover:", "recovers faster than A:"},
    {"cost", "needs more than A for the same:", "needs less than A for the same:"},
    {"measured", "is worse than A in:", "is better than A in:"},
};
#define SAYINGS (sizeof(sayings) / sizeof(sayings[0]))

static void changes(const json_t *rows, size_t k, size_t saying, bool worse,
                    const struct compare_groups *groups, struct report_sink *sink)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *one = compare_walk_one(row, compare_letter(k));
        if (strcmp(tree_text(row, "table", ""), sayings[saying].table) != 0 ||
            strcmp(tree_text(one, "verdict", ""), worse ? "worse" : "better") != 0 ||
            !groups_first(&groups[k], i))
            continue;
        if (!any) {
            char *head = mem_printf("%s %s", compare_letter(k),
                                    worse ? sayings[saying].worse : sayings[saying].better);
            sink->ops->paragraph(sink, head);
            free(head);
        }
        any = true;
        char *text = change_text(rows, i, k, one, groups);
        sink->ops->item(sink, text);
        free(text);
    }
}

static size_t count_of(const json_t *rows, size_t k, const char *verdict)
{
    size_t i, n = 0;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const json_t *one = compare_walk_one(row, compare_letter(k));
        n += one != NULL && strcmp(tree_text(one, "verdict", ""), verdict) == 0;
    }
    return n;
}

static void verdict_of_run(const json_t *rows, size_t k, const struct compare_groups *groups,
                           struct report_sink *sink)
{
    const char *letter = compare_letter(k);
    size_t worse = count_of(rows, k, "worse"), better = count_of(rows, k, "better");
    size_t same = count_of(rows, k, "same"), not_known = count_of(rows, k, "incomparable");
    char *text;
    if (worse + better + same == 0)
        text = mem_printf("Nothing of %s could be compared with A: %zu values, each with its "
                          "reason below. This is no verdict on %s.",
                          letter, not_known, letter);
    else if (worse > 0)
        text = mem_printf("%s is worse than A in %zu of the %zu values that could be compared; %zu "
                          "are better, %zu the same within their tolerance. %zu more could not be "
                          "compared%s.",
                          letter, worse, worse + better + same, better, same, not_known,
                          not_known > 0 ? ": the reasons are below" : "");
    else
        text = mem_printf("%s is not worse than A in any of the %zu values that could be compared: "
                          "%zu are better, %zu the same within their tolerance. %zu more could not "
                          "be compared%s.",
                          letter, better + same, better, same, not_known,
                          not_known > 0 ? ": the reasons are below" : "");
    sink->ops->paragraph(sink, text);
    free(text);
    for (size_t i = 0; i < SAYINGS; i++)
        changes(rows, k, i, true, groups, sink);
    for (size_t i = 0; i < SAYINGS; i++)
        changes(rows, k, i, false, groups, sink);
}

static void runs_table(const json_t *runs, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Run"},
        {.title = "Directory", .wraps = true},
        {.title = "DUT", .wraps = true},
        {.title = "Version", .wraps = true},
        {.title = "Driver", .wraps = true},
        {.title = "Clock"},
        {.title = "Seed"},
        {.title = "Tool"},
        {.title = "Started", .wraps = true},
    };
    size_t i;
    json_t *run;
    sink_table(sink, "runs", "Runs; A is what the others are compared with", columns,
               sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(runs, i, run)
    {
        const json_t *dut = json_object_get(run, "dut"), *tool = json_object_get(run, "tool");
        sink->ops->row(sink,
                       (struct report_cell[]){tree_cell(run, "run"), tree_cell(run, "dir"),
                                              tree_cell(dut, "name"), tree_cell(dut, "version"),
                                              tree_cell(dut, "driver"), tree_cell(run, "clock"),
                                              tree_cell(tool, "seed"), tree_cell(tool, "version"),
                                              tree_cell(run, "started")});
    }
    sink->ops->table_end(sink);
}

/* ---- values side by side --------------------------------------------------------------------- */

#define FIXED_COLUMNS 4u

/* "B worse, C same". */
static char *verdicts_of(const json_t *row, size_t count)
{
    struct words w = {0};
    for (size_t k = 1; k < count; k++) {
        const json_t *one = compare_walk_one(row, compare_letter(k));
        if (one != NULL)
            words_add(&w, ", ", count > 2 ? "%s %s" : "%.0s%s", compare_letter(k),
                      tree_text(one, "verdict", "?"));
    }
    return words_take(&w);
}

/* Two runs: difference and tolerance have columns; more: the values and the verdicts. */
static size_t value_columns(struct report_column *columns, size_t count, unsigned decimals)
{
    size_t n = 0;
    columns[n++] = (struct report_column){.title = "Case"};
    columns[n++] = (struct report_column){.title = "Stimulus", .wraps = true};
    columns[n++] = (struct report_column){.title = "Where", .wraps = true};
    columns[n++] = (struct report_column){.title = "Quantity", .wraps = true};
    for (size_t k = 0; k < count; k++)
        columns[n++] = (struct report_column){.title = compare_letter(k), .decimals = decimals};
    if (count == 2) {
        columns[n++] = (struct report_column){.title = "B - A", .decimals = decimals};
        columns[n++] = (struct report_column){.title = "Tole-\nrance", .decimals = decimals};
        columns[n++] = (struct report_column){.title = "by"};
    }
    columns[n++] = (struct report_column){.title = "Verdict", .wraps = true};
    return n;
}

/* What tolerances stand for, said once under the table: texts, in the order of their numbers. */
static json_int_t footnote(json_t *notes, const json_t *text)
{
    size_t i;
    json_t *v;
    json_array_foreach(notes, i, v)
    {
        if (json_equal(v, text))
            return (json_int_t)i + 1;
    }
    (void)json_array_append(notes, (json_t *)(uintptr_t)text);
    return (json_int_t)json_array_size(notes);
}

static void value_row(const json_t *rows, size_t i, size_t count, json_t *notes,
                      const struct compare_groups *groups, struct report_sink *sink)
{
    const json_t *row = json_array_get(rows, i),
                 *one = json_array_get(json_object_get(row, "compared"), 0);
    const char *unit = tree_text(row, "unit", NULL);
    char *stimuli = groups_stimuli(&groups[0], i), *place = place_of(row),
         *verdicts = verdicts_of(row, count);
    char *quantity = mem_printf("%s%s%s", tree_text(row, "quantity", "?"), unit == NULL ? "" : ", ",
                                unit == NULL ? "" : unit);
    struct report_cell cells[REPORT_COLUMNS_MAX];
    size_t n = 0;
    cells[n++] = tree_cell(row, "case");
    cells[n++] = cell_text(stimuli);
    cells[n++] = cell_text(place);
    cells[n++] = cell_text(quantity);
    for (size_t k = 0; k < count; k++)
        cells[n++] = cell_of(json_array_get(json_object_get(row, "values"), k));
    if (count == 2) {
        cells[n++] = tree_cell(one, "difference");
        cells[n++] = tree_cell(one, "tolerance");
        cells[n++] = (struct report_cell){
            .kind = CELL_COUNT, .count = footnote(notes, json_object_get(one, "tolerance_why"))};
    }
    cells[n++] = cell_text(verdicts);
    sink->ops->row(sink, cells);
    free(quantity);
    free(verdicts);
    free(place);
    free(stimuli);
}

static bool any_of(const json_t *rows, const char *table)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        if (strcmp(tree_text(row, "table", ""), table) == 0)
            return true;
    }
    return false;
}

static void values_table(const json_t *comparison, const char *table, const char *caption,
                         unsigned decimals, const struct compare_groups *groups,
                         struct report_sink *sink)
{
    const json_t *rows = json_object_get(comparison, "rows");
    size_t count = json_array_size(json_object_get(comparison, "runs"));
    struct report_column columns[REPORT_COLUMNS_MAX];
    char *id = mem_printf("compare-%s", table);
    json_t *notes = json_array(), *note;
    size_t n;
    if (any_of(rows, table)) {
        sink_table(sink, id, caption, columns, value_columns(columns, count, decimals));
        for (size_t i = 0; i < json_array_size(rows); i++) {
            if (strcmp(tree_text(json_array_get(rows, i), "table", ""), table) == 0 &&
                groups_first(&groups[0], i))
                value_row(rows, i, count, notes, groups, sink);
        }
        sink->ops->table_end(sink);
    }
    json_array_foreach(notes, n, note)
    {
        char *text = mem_printf("tolerance by %zu: %s", n + 1,
                                json_is_string(note) ? json_string_value(note) : "?");
        sink->ops->item(sink, text);
        free(text);
    }
    json_decref(notes);
    free(id);
}

void walk_compare(void *arg, struct report_sink *sink)
{
    const json_t *comparison = arg, *runs = json_object_get(comparison, "runs");
    const json_t *rows = json_object_get(comparison, "rows");
    struct compare_groups groups[COMPARE_RUNS_MAX];
    size_t count = json_array_size(runs);
    for (size_t k = 0; k < count; k++)
        groups_init(&groups[k], rows, k);
    sink->ops->begin(sink, "MVPN benchmark: runs side by side");
    sink->ops->section(sink, 1, "Summary");
    for (size_t k = 1; k < count; k++)
        verdict_of_run(rows, k, groups, sink);
    runs_table(runs, sink);
    sink->ops->section(sink, 1, "Values");
    values_table(comparison, "maximum", "Maxima", 0, groups, sink);
    walk_compare_graph(comparison, sink);
    values_table(comparison, "time", "Recovery times: averages over the repeats", 3, groups, sink);
    values_table(comparison, "cost", "Latency and utilisation at the same load", 1, groups, sink);
    values_table(comparison, "measured", "What cases measure", 6, groups, sink);
    walk_compare_reasons(comparison, sink);
    sink->ops->end(sink);
    for (size_t k = 0; k < count; k++)
        groups_fini(&groups[k]);
}

void compare_text(FILE *f, const json_t *comparison)
{
    page_text(f, walk_compare, (void *)(uintptr_t)comparison);
}

int compare_html(FILE *f, const char *style, const json_t *comparison, struct err *err)
{
    return page_html(f, style, walk_compare, (void *)(uintptr_t)comparison, err);
}
