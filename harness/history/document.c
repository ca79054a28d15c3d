#include "harness/history/document.h"

#include "emul/base/mem.h"
#include "harness/history/answer.h"
#include "harness/history/plot.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text == NULL ? "" : text;
}

static void paragraph(struct report_sink *sink, char *text)
{
    sink->ops->paragraph(sink, text);
    free(text);
}

/* Appends to a text that it takes. */
static char *append(char *all, const char *separator, const char *more)
{
    char *text = mem_printf("%s%s%s", all, all[0] == '\0' ? "" : separator, more);
    free(all);
    return text;
}

static char *scalar(const json_t *v)
{
    if (json_is_string(v))
        return mem_strdup(json_string_value(v));
    if (json_is_boolean(v))
        return mem_strdup(json_is_true(v) ? "true" : "false");
    double number = result_number(v);
    return isfinite(number) ? mem_printf("%.12g", number) : mem_strdup("none");
}

char *document_pairs(const json_t *o)
{
    char *all = mem_strdup("");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
    {
        char *value = scalar(v), *pair = mem_printf("%s=%s", key, value);
        all = append(all, ", ", pair);
        free(value);
        free(pair);
    }
    return all;
}

/* A value with its bound and unit, as it stands in a sentence. */
static char *value_text(const json_t *v, bool at_least, const char *unit)
{
    double number = result_number(v);
    if (!isfinite(number))
        return mem_strdup("failed");
    return mem_printf("%s%.*f%s%s", at_least ? ">= " : "", json_is_integer(v) ? 0 : 3, number,
                      unit[0] == '\0' ? "" : " ", unit);
}

/* ---- runs -------------------------------------------------------------------------------------
 */

static struct report_cell of(const json_t *o, const char *key)
{
    return cell_of(json_object_get(o, key));
}

/* "2 of 7" */
static char *part_of(const json_t *o, const char *part, const char *whole)
{
    return mem_printf("%lld of %lld", (long long)json_integer_value(json_object_get(o, part)),
                      (long long)json_integer_value(json_object_get(o, whole)));
}

static void walk_runs(const json_t *answer, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "run"},
        {.title = "DUT", .wraps = true},
        {.title = "version", .wraps = true},
        {.title = "started"},
        {.title = "clock"},
        {.title = "cases", .wraps = true},
        {.title = "maxima\nfound"},
        {.title = "of them\nbounds"},
        {.title = "recoveries\npassed"},
    };
    size_t i;
    json_t *run;
    sink_table(sink, "runs", "Runs, by DUT and version (bounds: not the DUT ended the search)",
               columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(json_object_get(answer, "runs"), i, run)
    {
        char *found = part_of(run, "found", "maxima");
        char *recovered = part_of(run, "recovered", "recoveries");
        const struct report_cell cells[] = {of(run, "run"),      of(run, "dut"),
                                            of(run, "version"),  of(run, "started"),
                                            of(run, "clock"),    of(run, "cases"),
                                            cell_text(found),    of(run, "not_bounded_by_dut"),
                                            cell_text(recovered)};
        sink->ops->row(sink, cells);
        free(found);
        free(recovered);
    }
    sink->ops->table_end(sink);
}

/* ---- lines ------------------------------------------------------------------------------------
 */

static char *note_of(const json_t *p)
{
    const char *bound = text_of(p, "bounded_by"), *reason = text_of(p, "reason");
    char *note = mem_strdup("");
    if (json_is_true(json_object_get(p, "failed")))
        note = append(note, "; ", "failed");
    else if (json_is_null(json_object_get(p, "value")))
        note = append(note, "; ", "no value");
    if (reason[0] != '\0')
        note = append(note, ": ", reason);
    if (json_is_true(json_object_get(p, "at_least"))) {
        char *by = mem_printf("bounded by %s, not by the DUT", bound);
        note = append(note, "; ", by);
        free(by);
    }
    if (json_is_false(json_object_get(p, "verified")))
        note = append(note, "; ", "unverified");
    return note;
}

/* The change from the run before that has a value; null where either is a bound. */
static struct report_cell change_of(const json_t *p, const json_t *before)
{
    const json_t *v = json_object_get(p, "value"), *w = json_object_get(before, "value");
    double change = result_number(v) - result_number(w);
    if (!isfinite(change) || json_is_true(json_object_get(p, "at_least")) ||
        json_is_true(json_object_get(before, "at_least")))
        return (struct report_cell){.kind = CELL_NULL};
    if (json_is_integer(v) && json_is_integer(w))
        return (struct report_cell){.kind = CELL_COUNT, .count = (int64_t)change};
    return (struct report_cell){.kind = CELL_REAL, .real = change};
}

/* Columns of a line's table, and which of them any of its runs has something for. */
enum { AT, VERSION, RUN, STARTED, VALUE, CHANGE, LEAST, MOST, FLOOR, NOTE, COLUMNS };

static void point_cells(const json_t *p, const json_t *before, size_t at, char *note, char *bound,
                        struct report_cell cells[COLUMNS])
{
    bool at_least = json_is_true(json_object_get(p, "at_least"));
    bool repeated = json_integer_value(json_object_get(p, "repeats")) > 1;
    const struct report_cell none = {.kind = CELL_NULL};
    cells[AT] = (struct report_cell){.kind = CELL_COUNT, .count = (int64_t)at + 1};
    cells[VERSION] = of(p, "version");
    cells[RUN] = of(p, "run");
    cells[STARTED] = of(p, "started");
    cells[VALUE] = at_least ? cell_text(bound) : of(p, "value");
    cells[CHANGE] = change_of(p, before);
    cells[LEAST] = repeated ? of(p, "least") : none;
    cells[MOST] = repeated ? of(p, "most") : none;
    cells[FLOOR] = of(p, "apparatus_floor_s");
    cells[NOTE] = cell_text(note);
}

static void needed_columns(const json_t *points, bool needed[COLUMNS])
{
    size_t i;
    json_t *p;
    for (size_t k = 0; k < COLUMNS; k++)
        needed[k] = k < LEAST;
    json_array_foreach(points, i, p)
    {
        struct report_cell cells[COLUMNS];
        char *note = note_of(p);
        point_cells(p, NULL, i, note, note, cells);
        for (size_t k = LEAST; k < COLUMNS; k++)
            needed[k] |= cells[k].kind != CELL_NULL;
        free(note);
    }
}

static void point_row(const json_t *p, const json_t *before, size_t at, const bool needed[COLUMNS],
                      struct report_sink *sink)
{
    struct report_cell cells[COLUMNS];
    char *note = note_of(p), *bound = value_text(json_object_get(p, "value"), true, "");
    size_t n = 0;
    point_cells(p, before, at, note, bound, cells);
    for (size_t k = 0; k < COLUMNS; k++) {
        if (needed[k])
            cells[n++] = cells[k];
    }
    sink->ops->row(sink, cells);
    free(note);
    free(bound);
}

static void walk_points(const json_t *line, struct report_sink *sink)
{
    const json_t *points = json_object_get(line, "points"), *before = NULL;
    const char *unit = text_of(line, "unit")[0] == '\0' ? NULL : text_of(line, "unit");
    struct report_column columns[COLUMNS] = {
        [AT] = {.title = "#"},
        [VERSION] = {.title = "version", .wraps = true},
        [RUN] = {.title = "run"},
        [STARTED] = {.title = "started"},
        [VALUE] = {.title = "value", .unit = unit, .decimals = 3},
        [CHANGE] = {.title = "change", .unit = unit, .decimals = 3},
        [LEAST] = {.title = "least", .unit = unit, .decimals = 3},
        [MOST] = {.title = "most", .unit = unit, .decimals = 3},
        [FLOOR] = {.title = "apparatus\nfloor", .unit = "s", .decimals = 3},
        [NOTE] = {.title = "note", .wraps = true},
    };
    bool needed[COLUMNS];
    size_t n = 0, i;
    json_t *p;
    needed_columns(points, needed);
    for (size_t k = 0; k < COLUMNS; k++) {
        if (needed[k])
            columns[n++] = columns[k];
    }
    sink_table(sink, "builds", "Builds, in the order of their versions", columns, n);
    json_array_foreach(points, i, p)
    {
        point_row(p, before, i, needed, sink);
        before = json_is_null(json_object_get(p, "value")) ? before : p;
    }
    sink->ops->table_end(sink);
}

static void say_fall(const json_t *line, const json_t *fall, struct report_sink *sink)
{
    const char *unit = text_of(line, "unit");
    const json_t *from = json_object_get(fall, "from"), *to = json_object_get(fall, "to");
    char *before = value_text(json_object_get(from, "value"), false, unit);
    char *after = value_text(json_object_get(to, "value"), false, unit);
    char *within = value_text(json_object_get(fall, "tolerance"), false, unit);
    paragraph(sink,
              mem_printf("First build that fell: %s (run %lld): %s -> %s, after %s (run "
                         "%lld); tolerance %s%s%s",
                         text_of(to, "version"),
                         (long long)json_integer_value(json_object_get(to, "run")), before, after,
                         text_of(from, "version"),
                         (long long)json_integer_value(json_object_get(from, "run")), within,
                         text_of(fall, "reason")[0] == '\0' ? "" : "; ", text_of(fall, "reason")));
    free(before);
    free(after);
    free(within);
}

/* Builds stand at 1, 2, ...: the numbers of the table above. */
static void draw(const json_t *line, struct report_sink *sink, size_t number)
{
    const json_t *points = json_object_get(line, "points"), *p;
    const json_t *to = json_object_get(json_object_get(line, "first_fall"), "to");
    size_t n = json_array_size(points), i;
    double *x = mem_zalloc(3 * n, sizeof(*x)), *y = x + n, *floors = y + n;
    bool has_floor = false;
    struct graph_mark fell = {.x = NAN, .name = "fell"};
    char id[32];
    json_array_foreach(points, i, p)
    {
        x[i] = (double)i + 1;
        y[i] = result_number(json_object_get(p, "value"));
        floors[i] = result_number(json_object_get(p, "apparatus_floor_s"));
        has_floor |= isfinite(floors[i]);
        if (to != NULL && isnan(fell.x) &&
            json_equal(json_object_get(p, "run"), json_object_get(to, "run")))
            fell.x = x[i];
    }
    const struct graph_series series[] = {
        {.name = text_of(line, "quantity"), .x = x, .y = y, .count = n},
        {.name = "apparatus floor", .x = x, .y = floors, .count = n, .reference = true}};
    (void)snprintf(id, sizeof(id), "history-%zu", number);
    const char *unit = text_of(line, "unit");
    const struct report_graph graph = {
        .id = id,
        .title = "Over the builds, numbered as in the table",
        .kind = GRAPH_LINES,
        .x = {.title = "build"},
        .y = {.title = text_of(line, "quantity"), .unit = unit[0] == '\0' ? NULL : unit},
        .series = series,
        .series_count = has_floor ? 2 : 1,
        .marks = &fell,
        .mark_count = isnan(fell.x) ? 0u : 1u};
    sink->ops->graph(sink, &graph);
    free(x);
}

/* "lab PE, 9.3: mroutes, steady, N=6", and of the conditions those in which lines differ. */
static char *title_of(const json_t *line, const json_t *differ)
{
    const json_t *conditions = json_object_get(line, "conditions");
    json_t *own = json_object(), *v;
    const char *key;
    json_object_foreach((json_t *)(uintptr_t)differ, key, v)
    {
        json_object_set(own, key, json_object_get(conditions, key));
    }
    char *where = document_pairs(json_object_get(line, "where")), *more = document_pairs(own);
    char *title =
        mem_printf("%s, %s: %s, %s%s%s%s%s", text_of(line, "dut"), text_of(line, "case"),
                   text_of(line, "quantity"), text_of(line, "stimulus"),
                   where[0] == '\0' ? "" : ", ", where, more[0] == '\0' ? "" : ", ", more);
    json_decref(own);
    free(where);
    free(more);
    return title;
}

static void walk_line(const struct answer_document *d, const json_t *line, size_t number,
                      struct report_sink *sink)
{
    const json_t *fall = json_object_get(line, "first_fall");
    bool several = json_array_size(json_object_get(line, "points")) > 1;
    char *title = title_of(line, json_object_get(d->answer, "differ")),
         *conditions = document_pairs(json_object_get(line, "conditions"));
    sink->ops->section(sink, 1, title);
    paragraph(sink, mem_printf("Conditions: %s", conditions));
    free(title);
    free(conditions);
    walk_points(line, sink);
    if (several && d->plots != NULL)
        plot_print(d->plots, line);
    else if (several && sink->ops->graph != NULL)
        draw(line, sink, number);
    if (json_is_object(fall))
        say_fall(line, fall, sink);
    else if (several && json_is_string(json_object_get(line, "better")))
        sink->ops->paragraph(sink, "No build fell.");
}

static void say_differences(const json_t *answer, struct report_sink *sink)
{
    size_t n = json_array_size(json_object_get(answer, "lines")), i;
    const char *key;
    json_t *values, *v;
    if (n < 2)
        return;
    paragraph(sink, mem_printf("%zu lines, for their values may not be compared with each other. "
                               "They differ in (--dut, --case, --stimulus and --where choose):",
                               n));
    json_object_foreach(json_object_get(answer, "differ"), key, values)
    {
        char *all = mem_strdup("");
        json_array_foreach(values, i, v)
        {
            char *one = scalar(v);
            all = append(all, ", ", one);
            free(one);
        }
        char *item = mem_printf("%s: %s", key, all);
        sink->ops->item(sink, item);
        free(item);
        free(all);
    }
}

static void say_omitted(const json_t *answer, struct report_sink *sink)
{
    const json_t *list = json_object_get(answer, "omitted");
    size_t i;
    json_t *o;
    if (json_array_size(list) > 0)
        sink->ops->paragraph(sink, "Runs that left a case out, and so are on none of its lines:");
    json_array_foreach(list, i, o)
    {
        char *item = mem_printf("%s, %s (run %lld): %s omitted: %s", text_of(o, "dut"),
                                text_of(o, "version"),
                                (long long)json_integer_value(json_object_get(o, "run")),
                                text_of(o, "case"), text_of(o, "reason"));
        sink->ops->item(sink, item);
        free(item);
    }
}

static void walk_lines(const struct answer_document *d, struct report_sink *sink)
{
    size_t i;
    json_t *line;
    paragraph(sink, mem_printf("Order: %s.", text_of(d->answer, "order")));
    say_differences(d->answer, sink);
    say_omitted(d->answer, sink);
    json_array_foreach(json_object_get(d->answer, "lines"), i, line)
    {
        walk_line(d, line, i + 1, sink);
    }
}

/* ---- falls ------------------------------------------------------------------------------------
 */

/* "7.10, run 3" */
static char *build_text(const json_t *side)
{
    return mem_printf("%s, run %lld", text_of(side, "version"),
                      (long long)json_integer_value(json_object_get(side, "run")));
}

static void fall_row(const json_t *fall, struct report_sink *sink)
{
    const json_t *from = json_object_get(fall, "from"), *to = json_object_get(fall, "to");
    const char *unit = text_of(fall, "unit");
    char *where = document_pairs(json_object_get(fall, "where"));
    char *texts[] = {
        build_text(to),
        build_text(from),
        mem_printf("%s %s", text_of(fall, "case"), text_of(fall, "quantity")),
        mem_printf("%s%s%s", text_of(fall, "stimulus"), where[0] == '\0' ? "" : ", ", where),
        value_text(json_object_get(from, "value"), false, unit),
        value_text(json_object_get(to, "value"), false, unit),
        value_text(json_object_get(fall, "tolerance"), false, unit)};
    enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };
    struct report_cell cells[TEXTS + 2] = {of(fall, "dut")};
    for (size_t i = 0; i < TEXTS; i++)
        cells[i + 1] = cell_text(texts[i]);
    cells[TEXTS + 1] = of(fall, "reason");
    sink->ops->row(sink, cells);
    for (size_t i = 0; i < TEXTS; i++)
        free(texts[i]);
    free(where);
}

static void walk_falls(const json_t *answer, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "DUT", .wraps = true},
        {.title = "fell", .wraps = true},
        {.title = "after", .wraps = true},
        {.title = "quantity", .wraps = true},
        {.title = "where", .wraps = true},
        {.title = "from"},
        {.title = "to"},
        {.title = "tolerance"},
        {.title = "reason", .wraps = true},
    };
    const json_t *falls = json_object_get(answer, "falls");
    size_t n = json_array_size(falls), i;
    json_t *fall;
    paragraph(sink, mem_printf("Order: %s.", text_of(answer, "order")));
    paragraph(sink, mem_printf(
                        "%lld lines judged, %lld of them of one build alone; %zu fell.",
                        (long long)json_integer_value(json_object_get(answer, "lines")),
                        (long long)json_integer_value(json_object_get(answer, "of_one_build")), n));
    if (n == 0)
        return;
    fall = json_array_get(falls, 0);
    char *title = title_of(fall, NULL);
    paragraph(sink, mem_printf("The first of all: %s", title));
    free(title);
    say_fall(fall, fall, sink);
    sink_table(sink, "falls", "The first build that fell, of every line that has one", columns,
               sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(falls, i, fall)
    {
        fall_row(fall, sink);
    }
    sink->ops->table_end(sink);
}

void document_answer(void *arg, struct report_sink *sink)
{
    const struct answer_document *d = arg;
    sink->ops->begin(sink, "MVPN benchmark: history");
    if (json_object_get(d->answer, "runs") != NULL)
        walk_runs(d->answer, sink);
    else if (json_object_get(d->answer, "falls") != NULL)
        walk_falls(d->answer, sink);
    else
        walk_lines(d, sink);
    sink->ops->end(sink);
}

int answer_print(FILE *f, const json_t *answer, enum answer_format format, struct err *err)
{
    struct answer_document d = {.answer = answer, .plots = format == ANSWER_TEXT ? f : NULL};
    switch (format) {
    case ANSWER_HTML:
        return page_html(f, NULL, document_answer, &d, err);
    case ANSWER_CSV:
        csv_answer(f, answer);
        return 0;
    case ANSWER_JSON:
        (void)json_dumpf(answer, f, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        (void)fputc('\n', f);
        return 0;
    case ANSWER_TEXT:
        break;
    }
    page_text(f, document_answer, &d);
    return 0;
}
