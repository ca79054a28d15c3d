/* What machines and parents read: one object a line, and a task that comes back as it was sent. */
#include "harness/run/progress_sink.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct progress_state state;

static struct progress_task full(void)
{
    struct progress_task t;
    memset(&t, 0, sizeof(t));
    progress_task_clear(&t);
    (void)snprintf(t.case_id, sizeof(t.case_id), "9.3");
    (void)snprintf(t.title, sizeof(t.title), "a \"title\" \\ of two\nlines");
    (void)snprintf(t.where, sizeof(t.where), "N=6");
    (void)snprintf(t.instance, sizeof(t.instance), "9.3-0001");
    (void)snprintf(t.value, sizeof(t.value), "g=3");
    (void)snprintf(t.section, sizeof(t.section), "7.2");
    (void)snprintf(t.step, sizeof(t.step), "3-5");
    (void)snprintf(t.stimulus, sizeof(t.stimulus), "p-link-flap");
    (void)snprintf(t.name, sizeof(t.name), "recovering");
    (void)snprintf(t.variable, sizeof(t.variable), "mroutes");
    (void)snprintf(t.symbol, sizeof(t.symbol), "g");
    t.floor = t.at_most = true;
    t.remaining_ms = 1199900;
    t.neighbours_up = 0;
    t.neighbours_expected = 36;
    t.flows_delivered = 7;
    t.flows_all = 8;
    t.out_pps = 100;
    t.in_pps = 0;
    t.best = 54;
    t.last_pass = 3;
    t.first_fail = 4;
    return t;
}

static void same(const struct progress_task *a, const struct progress_task *b)
{
    CU_ASSERT_STRING_EQUAL(a->case_id, b->case_id);
    CU_ASSERT_STRING_EQUAL(a->title, b->title);
    CU_ASSERT_STRING_EQUAL(a->where, b->where);
    CU_ASSERT_STRING_EQUAL(a->instance, b->instance);
    CU_ASSERT_STRING_EQUAL(a->value, b->value);
    CU_ASSERT_STRING_EQUAL(a->section, b->section);
    CU_ASSERT_STRING_EQUAL(a->step, b->step);
    CU_ASSERT_STRING_EQUAL(a->stimulus, b->stimulus);
    CU_ASSERT_STRING_EQUAL(a->name, b->name);
    CU_ASSERT_STRING_EQUAL(a->variable, b->variable);
    CU_ASSERT_STRING_EQUAL(a->symbol, b->symbol);
    CU_ASSERT_EQUAL(a->floor, b->floor);
    CU_ASSERT_EQUAL(a->at_most, b->at_most);
    CU_ASSERT_EQUAL(a->remaining_ms, b->remaining_ms);
    CU_ASSERT_EQUAL(a->neighbours_up, b->neighbours_up);
    CU_ASSERT_EQUAL(a->neighbours_expected, b->neighbours_expected);
    CU_ASSERT_EQUAL(a->flows_delivered, b->flows_delivered);
    CU_ASSERT_EQUAL(a->flows_all, b->flows_all);
    CU_ASSERT_EQUAL(a->best, b->best);
    CU_ASSERT_EQUAL(a->last_pass, b->last_pass);
    CU_ASSERT_EQUAL(a->first_fail, b->first_fail);
    CU_ASSERT_TRUE(a->out_pps == b->out_pps && a->in_pps == b->in_pps);
}

static void test_round_trip(void)
{
    struct progress_task sent = full(), got;
    json_t *o = progress_task_json(&sent);
    progress_task_read(o, &got);
    same(&sent, &got);
    json_decref(o);
    progress_task_clear(&sent);
    o = progress_task_json(&sent);
    progress_task_read(o, &got);
    same(&sent, &got);
    json_decref(o);
    progress_task_read(NULL, &got); /* nothing is known of a line that says nothing */
    same(&sent, &got);
}

/* A worker sends its task as one line of at most PIPE_BUF bytes, or not at all. */
static void test_fits_a_pipe(void)
{
    struct progress_task t = full();
    memset(t.title, 'T', sizeof(t.title) - 1);
    memset(t.where, 'W', sizeof(t.where) - 1);
    memset(t.name, 'N', sizeof(t.name) - 1);
    json_t *o = progress_task_json(&t);
    char *text = json_dumps(o, JSON_COMPACT);
    CU_ASSERT_TRUE(strlen(text) < 2000);
    free(text);
    json_decref(o);
}

static json_t *parse(char *line)
{
    CU_ASSERT_PTR_NULL(strchr(line, '\n'));
    json_t *o = json_loads(line, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL(o);
    free(line);
    return o;
}

static void test_step_line(void)
{
    struct progress_task t = full();
    memset(&state, 0, sizeof(state));
    state.now_ns = 1234567890;
    state.total = (struct progress_total){.instances = 3, .instances_total = 9, .left_s = 12.5};
    json_t *o = parse(progress_json_step(&state, &t, 2));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "event")), "step");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "case")), "9.3");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "worker")), 2);
    CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(o, "elapsed_s")), 1.235, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(o, "remaining_s")), 1199.9, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(o, "eta_s")), 12.5, 1e-9);
    const json_t *n = json_object_get(o, "neighbours"), *f = json_object_get(o, "flows");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(n, "up")), 0);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(n, "expected")), 36);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(f, "delivered")), 7);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(f, "all")), 8);
    json_decref(o);
    progress_task_clear(&t);
    state.total = (struct progress_total){.left_s = PROGRESS_UNKNOWN};
    o = parse(progress_json_step(&state, &t, 0));
    static const char *const unknown[] = {"remaining_s", "neighbours", "flows",  "rate_pps", "best",
                                          "bracket",     "eta_s",      "worker", "case"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        CU_ASSERT_TRUE(json_is_null(json_object_get(o, unknown[i])));
    json_decref(o);
}

static void test_event_line(void)
{
    memset(&state, 0, sizeof(state));
    json_t *fields = json_pack("{s:s,s:s}", "verdict", "pass", "event", "not mine");
    json_t *o = parse(progress_json_event(&state, "instance", fields, "no \xff UTF-8\n\033[2J"));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "event")), "instance");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "verdict")), "pass");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "text")), "no ? UTF-8??[2J");
    json_decref(o);
    o = parse(progress_json_event(&state, "done", NULL, NULL));
    CU_ASSERT_EQUAL(json_object_size(o), 3);
    json_decref(o);
}

static const struct cu_test tests[] = {
    {"a task comes back", test_round_trip},
    {"a task fits a pipe", test_fits_a_pipe},
    {"step lines", test_step_line},
    {"event lines", test_event_line},
};
CU_MAIN("progress json", tests)
