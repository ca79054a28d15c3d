#include "emul/loop/loop.h"
#include "harness/run/progress_sink.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text of a user's file or of the DUT may be no UTF-8. */
static json_t *text_value(const char *text)
{
    char clean[2 * PROGRESS_TEXT_MAX];
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    progress_clean(clean, sizeof(clean), text, true);
    return json_string(clean);
}

static json_t *text_or_null(const char *text)
{
    return text[0] == '\0' ? json_null() : text_value(text);
}

static json_t *count_or_null(int64_t n)
{
    return n < 0 ? json_null() : json_integer((json_int_t)n);
}

/* To a thousandth: lines are read by people too. */
static json_t *seconds(double s)
{
    return s < 0 ? json_null() : json_real(round(s * 1000) / 1000);
}

static json_t *two(const char *a, int64_t a_value, const char *b, int64_t b_value)
{
    if (a_value < 0 && b_value < 0)
        return json_null();
    return json_pack("{s:o,s:o}", a, count_or_null(a_value), b, count_or_null(b_value));
}

static json_t *best(const struct progress_task *t)
{
    if (t->best < 0)
        return json_null();
    return json_pack("{s:o,s:I}", "variable", text_value(t->variable), "value",
                     (json_int_t)t->best);
}

static json_t *bracket(const struct progress_task *t)
{
    if (t->last_pass < 0 && t->first_fail < 0)
        return json_null();
    return json_pack("{s:o,s:o,s:o}", "name", text_value(t->symbol), "last_pass",
                     count_or_null(t->last_pass), "first_fail", count_or_null(t->first_fail));
}

json_t *progress_task_json(const struct progress_task *t)
{
    json_t *o = json_object();
    json_object_set_new(o, "case", text_or_null(t->case_id));
    json_object_set_new(o, "title", text_or_null(t->title));
    json_object_set_new(o, "where", text_or_null(t->where));
    json_object_set_new(o, "instance", text_or_null(t->instance));
    json_object_set_new(o, "value", text_or_null(t->value));
    json_object_set_new(o, "floor", json_boolean(t->floor));
    json_object_set_new(o, "procedure", text_or_null(t->section));
    json_object_set_new(o, "step", text_or_null(t->step));
    json_object_set_new(o, "stimulus", text_or_null(t->stimulus));
    json_object_set_new(o, "name", text_or_null(t->name));
    json_object_set_new(o, "remaining_s",
                        t->remaining_ms < 0 ? json_null() : seconds((double)t->remaining_ms / 1e3));
    json_object_set_new(o, "at_most", json_boolean(t->at_most));
    json_object_set_new(o, "neighbours",
                        two("up", t->neighbours_up, "expected", t->neighbours_expected));
    json_object_set_new(o, "flows", two("delivered", t->flows_delivered, "all", t->flows_all));
    json_object_set_new(o, "rate_pps", two("out", llround(t->out_pps), "in", llround(t->in_pps)));
    json_object_set_new(o, "best", best(t));
    json_object_set_new(o, "bracket", bracket(t));
    return o;
}

/* ---- back again ---- */

static void read_text(const json_t *o, const char *key, char *out, size_t cap)
{
    const char *text = json_string_value(json_object_get(o, key));
    (void)snprintf(out, cap, "%.*s", (int)cap - 1, text == NULL ? "" : text);
}

static int64_t read_count(const json_t *o, const char *outer, const char *key)
{
    const json_t *v = json_object_get(json_object_get(o, outer), key);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : PROGRESS_UNKNOWN;
}

void progress_task_read(const json_t *o, struct progress_task *t)
{
    progress_task_clear(t);
    read_text(o, "case", t->case_id, sizeof(t->case_id));
    read_text(o, "title", t->title, sizeof(t->title));
    read_text(o, "where", t->where, sizeof(t->where));
    read_text(o, "instance", t->instance, sizeof(t->instance));
    read_text(o, "value", t->value, sizeof(t->value));
    t->floor = json_is_true(json_object_get(o, "floor"));
    read_text(o, "procedure", t->section, sizeof(t->section));
    read_text(o, "step", t->step, sizeof(t->step));
    read_text(o, "stimulus", t->stimulus, sizeof(t->stimulus));
    read_text(o, "name", t->name, sizeof(t->name));
    const json_t *remaining = json_object_get(o, "remaining_s");
    if (json_is_number(remaining))
        t->remaining_ms = llround(json_number_value(remaining) * 1e3);
    t->at_most = json_is_true(json_object_get(o, "at_most"));
    t->neighbours_up = read_count(o, "neighbours", "up");
    t->neighbours_expected = read_count(o, "neighbours", "expected");
    t->flows_delivered = read_count(o, "flows", "delivered");
    t->flows_all = read_count(o, "flows", "all");
    t->out_pps = (double)read_count(o, "rate_pps", "out");
    t->in_pps = (double)read_count(o, "rate_pps", "in");
    read_text(json_object_get(o, "best"), "variable", t->variable, sizeof(t->variable));
    t->best = read_count(o, "best", "value");
    read_text(json_object_get(o, "bracket"), "name", t->symbol, sizeof(t->symbol));
    t->last_pass = read_count(o, "bracket", "last_pass");
    t->first_fail = read_count(o, "bracket", "first_fail");
}

/* ---- lines ---- */

static char *line_of(json_t *o)
{
    char *line = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(12));
    json_decref(o);
    return line;
}

static json_t *begin(const struct progress_state *s, const char *kind)
{
    char stamp[LOOP_WALL_TEXT];
    return json_pack("{s:s,s:o,s:s}", "time", loop_wall_text(stamp), "elapsed_s",
                     seconds((double)(s->now_ns - s->began_ns) / 1e9), "event", kind);
}

char *progress_json_event(const struct progress_state *s, const char *kind, json_t *fields,
                          const char *text)
{
    json_t *o = begin(s, kind);
    if (fields != NULL)
        json_object_update_missing(o, fields);
    json_decref(fields);
    if (text != NULL)
        json_object_set_new(o, "text", text_value(text));
    return line_of(o);
}

char *progress_json_step(const struct progress_state *s, const struct progress_task *t,
                         size_t worker)
{
    json_t *o = begin(s, "step"), *task = progress_task_json(t);
    const struct progress_total *total = &s->total;
    json_object_update(o, task);
    json_decref(task);
    json_object_set_new(o, "worker", worker == 0 ? json_null() : json_integer((json_int_t)worker));
    json_object_set_new(o, "text", worker == 0 ? text_value(s->text) : json_null());
    json_object_set_new(o, "instances",
                        json_pack("{s:I,s:o}", "done", (json_int_t)total->instances, "total",
                                  total->instances_total == 0
                                      ? json_null()
                                      : json_integer((json_int_t)total->instances_total)));
    json_object_set_new(o, "eta_s", seconds(total->left_s));
    json_object_set_new(o, "at_least", json_boolean(total->at_least));
    return line_of(o);
}
