#include "harness/history/answer.h"

#include "emul/base/mem.h"
#include "harness/history/version.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "mvpnbench-history/1"
#define ORDER  "versions by their numbers, pre-releases first; then start; then number of the run"

/* ---- values -----------------------------------------------------------------------------------
 */

/* Texts of a file that somebody else wrote need not be UTF-8. */
static json_t *text(const char *t)
{
    if (t == NULL)
        return json_null();
    json_t *v = json_string(t);
    if (v != NULL)
        return v;
    char *copy = mem_strdup(t);
    for (char *p = copy; *p != '\0'; p++)
        *p = (unsigned char)*p < 0x80 ? *p : '?';
    v = json_string(copy);
    free(copy);
    return v;
}

/* Counts as whole numbers, whatever way they went through the database. */
static json_t *number(double v)
{
    if (!isfinite(v))
        return json_null();
    return v == floor(v) && fabs(v) < 9e15 ? json_integer((json_int_t)v) : json_real(v);
}

/* Times are times also when they are whole. */
static json_t *value(const struct history_line *line, double v)
{
    return line->unit != NULL && isfinite(v) ? json_real(v) : number(v);
}

static json_t *tolerance_json(const struct history_tolerance *t)
{
    json_t *o = json_object();
    json_object_set_new(o, "amount", number(t->amount));
    json_object_set_new(o, "share", json_boolean(t->share));
    return o;
}

static json_t *head(const char *kind)
{
    json_t *o = json_object();
    json_object_set_new(o, kind, json_array());
    json_object_set_new(o, "schema", json_string(SCHEMA));
    json_object_set_new(o, "order", json_string(ORDER));
    return o;
}

/* ---- runs -------------------------------------------------------------------------------------
 */

static void add_run(void *arg, const struct history_run *r)
{
    json_t *o = json_object();
    json_object_set_new(o, "run", json_integer((json_int_t)r->number));
    json_object_set_new(o, "dut", text(r->dut));
    json_object_set_new(o, "version", text(r->version));
    json_object_set_new(o, "driver", text(r->driver));
    json_object_set_new(o, "started", text(r->started));
    json_object_set_new(o, "clock", text(r->clock));
    json_object_set_new(o, "tool", text(r->tool));
    json_object_set_new(o, "directory", text(r->directory));
    json_object_set_new(o, "cases", text(r->cases));
    json_object_set_new(o, "maxima", json_integer((json_int_t)r->maxima));
    json_object_set_new(o, "found", json_integer((json_int_t)r->found));
    json_object_set_new(o, "not_bounded_by_dut", json_integer((json_int_t)r->bounds));
    json_object_set_new(o, "recoveries", json_integer((json_int_t)r->recoveries));
    json_object_set_new(o, "recovered", json_integer((json_int_t)r->recovered));
    json_array_append_new(arg, o);
}

json_t *answer_runs(struct history *h, const char *dut, struct err *err)
{
    json_t *o = head("runs");
    if (history_runs(h, dut, add_run, json_object_get(o, "runs"), err) == 0)
        return o;
    json_decref(o);
    return NULL;
}

/* ---- lines ------------------------------------------------------------------------------------
 */

struct lines {
    const struct history_tolerance *tolerance;
    json_t *list;
    json_int_t too_short; /* lines of fewer than two builds */
};

static json_t *point_json(const struct history_line *line, const struct history_point *p)
{
    json_t *o = json_object();
    json_object_set_new(o, "run", json_integer((json_int_t)p->run));
    json_object_set_new(o, "version", text(p->version));
    json_object_set_new(o, "started", text(p->started));
    json_object_set_new(o, "tool", text(p->tool));
    json_object_set_new(o, "value", value(line, p->value));
    json_object_set_new(o, "at_least", json_boolean(p->at_least && p->repeats > 0));
    json_object_set_new(o, "least", value(line, p->least));
    json_object_set_new(o, "most", value(line, p->most));
    json_object_set_new(o, "repeats", json_integer(p->repeats));
    json_object_set_new(o, "failed", json_boolean(p->failed));
    json_object_set_new(o, "verified", json_boolean(!p->unverified));
    json_object_set_new(o, "bounded_by", text(p->bounded_by));
    json_object_set_new(o, "resolution", value(line, p->resolution));
    json_object_set_new(o, "apparatus_floor_s", value(line, p->floor_s));
    json_object_set_new(o, "reason", text(p->reason));
    return o;
}

static json_t *side_json(const struct history_line *line, size_t at, double v)
{
    json_t *o = json_object();
    json_object_set_new(o, "run", json_integer((json_int_t)line->points[at].run));
    json_object_set_new(o, "version", text(line->points[at].version));
    json_object_set_new(o, "value", value(line, v));
    return o;
}

static json_t *fall_json(const struct history_line *line, const struct history_tolerance *t)
{
    struct history_fall fall;
    if (!history_fall(line, t, &fall))
        return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "from", side_json(line, fall.from, fall.before));
    json_object_set_new(o, "to", side_json(line, fall.to, fall.after));
    json_object_set_new(o, "tolerance", value(line, fall.tolerance));
    json_object_set_new(o, "failed", json_boolean(line->points[fall.to].failed));
    json_object_set_new(o, "reason", text(line->points[fall.to].reason));
    return o;
}

static json_t *line_json(const struct history_line *line)
{
    json_t *o = json_object();
    json_object_set_new(o, "dut", text(line->dut));
    json_object_set_new(o, "case", text(line->case_id));
    json_object_set_new(o, "kind", json_string(history_kind_name(line->kind)));
    json_object_set_new(o, "quantity", text(line->quantity));
    json_object_set_new(o, "unit", text(line->unit));
    json_object_set_new(o, "stimulus", text(line->stimulus));
    json_object_set(o, "where", (json_t *)(uintptr_t)line->where);
    json_object_set(o, "conditions", (json_t *)(uintptr_t)line->conditions);
    json_object_set_new(o, "better",
                        text(line->better > 0   ? "more"
                             : line->better < 0 ? "less"
                                                : NULL));
    return o;
}

static void add_line(void *arg, const struct history_line *line)
{
    struct lines *l = arg;
    json_t *o = line_json(line), *points = json_array();
    for (size_t i = 0; i < line->count; i++)
        json_array_append_new(points, point_json(line, &line->points[i]));
    json_object_set_new(o, "points", points);
    json_object_set_new(o, "first_fall", fall_json(line, l->tolerance));
    json_array_append_new(l->list, o);
}

static void nothing_there(struct history *h, const struct history_filter *f, struct err *err)
{
    char *there = history_quantities(h, f->case_id, err);
    if (there == NULL)
        return;
    if (there[0] == '\0')
        err_set(err, ERR_USE, "the history has nothing%s%.20s; import runs first",
                f->case_id == NULL ? "" : " of case ", f->case_id == NULL ? "" : f->case_id);
    else
        err_set(err, ERR_USE, "the history has no %.60s like that%s; there are: %.700s",
                f->quantity == NULL ? "value" : f->quantity,
                f->where_count > 0 || f->dut != NULL || f->stimulus != NULL
                    ? " (--dut, --stimulus and --where must fit too)"
                    : "",
                there);
    free(there);
}

/* ---- what lines differ in ---------------------------------------------------------------------
 */

static void note_value(json_t *seen, const char *key, const json_t *v)
{
    json_t *list = json_object_get(seen, key);
    size_t i;
    json_t *item;
    if (list == NULL) {
        list = json_array();
        json_object_set_new(seen, key, list);
    }
    json_array_foreach(list, i, item)
    {
        if (json_equal(item, v))
            return;
    }
    json_array_append(list, (json_t *)(uintptr_t)v);
}

/* What a line says under a key: in its own words, its point, or its conditions; null: nothing. */
static const json_t *under(const json_t *line, const char *key)
{
    const json_t *v = json_object_get(json_object_get(line, "where"), key);
    if (v == NULL)
        v = json_object_get(json_object_get(line, "conditions"), key);
    return v == NULL ? json_object_get(line, key) : v;
}

static void note_keys(json_t *keys, const json_t *o)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
    {
        json_object_set_new(keys, key, json_null());
    }
}

/* The keys in which the lines are not all equal, with every value. */
static json_t *differences(const json_t *lines)
{
    static const char *const own[] = {"dut", "case", "quantity", "stimulus"};
    json_t *keys = json_object(), *seen = json_object(), *none = json_null(), *line, *v;
    size_t i;
    const char *key;
    for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
        json_object_set_new(keys, own[k], json_null());
    json_array_foreach(lines, i, line)
    {
        note_keys(keys, json_object_get(line, "where"));
        note_keys(keys, json_object_get(line, "conditions"));
    }
    json_object_foreach(keys, key, v)
    {
        json_array_foreach(lines, i, line)
        {
            const json_t *is = under(line, key);
            note_value(seen, key, is == NULL ? none : is);
        }
        if (json_array_size(json_object_get(seen, key)) < 2)
            json_object_del(seen, key);
    }
    json_decref(keys);
    return seen;
}

/* Cases that are on no line are nobody's question. */
static void add_omitted(void *arg, const struct history_run *run, const char *case_id,
                        const char *reason)
{
    json_t *answer = arg, *line;
    bool asked = false;
    size_t i;
    json_array_foreach(json_object_get(answer, "lines"), i, line)
    {
        const char *is = json_string_value(json_object_get(line, "case"));
        asked |= is != NULL && strcmp(is, case_id) == 0;
    }
    if (!asked)
        return;
    json_t *o = json_object();
    json_object_set_new(o, "run", json_integer((json_int_t)run->number));
    json_object_set_new(o, "dut", text(run->dut));
    json_object_set_new(o, "version", text(run->version));
    json_object_set_new(o, "case", text(case_id));
    json_object_set_new(o, "reason", text(reason));
    json_array_append_new(json_object_get(answer, "omitted"), o);
}

json_t *answer_lines(struct history *h, const struct history_filter *f,
                     const struct history_tolerance *t, struct err *err)
{
    json_t *o = head("lines");
    struct lines l = {.tolerance = t, .list = json_object_get(o, "lines")};
    int64_t given = history_lines(h, f, add_line, &l, err);
    if (given == 0)
        nothing_there(h, f, err);
    json_object_set_new(o, "omitted", json_array());
    if (given <= 0 || history_omitted(h, f->dut, f->case_id, add_omitted, o, err) != 0) {
        json_decref(o);
        return NULL;
    }
    json_object_set_new(o, "tolerance", tolerance_json(t));
    json_object_set_new(o, "differ", differences(l.list));
    return o;
}

/* ---- falls ------------------------------------------------------------------------------------
 */

static void add_fall(void *arg, const struct history_line *line)
{
    struct lines *l = arg;
    bool one_build = line->count == 0 ||
                     strcmp(line->points[0].version, line->points[line->count - 1].version) == 0;
    l->too_short += one_build;
    json_t *fall = fall_json(line, l->tolerance);
    if (json_is_null(fall))
        return;
    json_t *o = line_json(line);
    json_object_update(o, fall);
    json_decref(fall);
    json_array_append_new(l->list, o);
}

static const char *said(const json_t *o, const char *key)
{
    const char *t = json_string_value(json_object_get(o, key));
    return t == NULL ? "" : t;
}

/* By DUT, then the version that fell, then as they came. */
static int compare_falls(const void *a, const void *b)
{
    const json_t *p = *(json_t *const *)a, *q = *(json_t *const *)b;
    int order = strcmp(said(p, "dut"), said(q, "dut"));
    if (order == 0)
        order = version_compare(said(json_object_get(p, "to"), "version"),
                                said(json_object_get(q, "to"), "version"));
    if (order == 0)
        order = (json_integer_value(json_object_get(p, "at")) >
                 json_integer_value(json_object_get(q, "at"))) *
                    2 -
                1;
    return order;
}

static void sort_falls(json_t *list)
{
    size_t n = json_array_size(list);
    json_t **all = mem_zalloc(n + 1, sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        all[i] = json_incref(json_array_get(list, i));
        json_object_set_new(all[i], "at", json_integer((json_int_t)i));
    }
    qsort(all, n, sizeof(*all), compare_falls);
    json_array_clear(list);
    for (size_t i = 0; i < n; i++) {
        json_object_del(all[i], "at");
        json_array_append_new(list, all[i]);
    }
    free(all);
}

json_t *answer_falls(struct history *h, const struct history_filter *f,
                     const struct history_tolerance *t, struct err *err)
{
    json_t *o = head("falls");
    struct lines l = {.tolerance = t, .list = json_object_get(o, "falls")};
    int64_t given = history_lines(h, f, add_fall, &l, err);
    if (given == 0)
        nothing_there(h, f, err);
    if (given <= 0) {
        json_decref(o);
        return NULL;
    }
    sort_falls(l.list);
    json_object_set_new(o, "tolerance", tolerance_json(t));
    json_object_set_new(o, "lines", json_integer((json_int_t)given));
    json_object_set_new(o, "of_one_build", json_integer(l.too_short));
    return o;
}
