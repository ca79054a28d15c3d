#include "harness/history/answer.h"
#include "tests/unit/cu.h"
#include "tests/unit/history/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct history_tolerance exact;

static struct history *fresh(void)
{
    struct history *h = history_open(made_path("lines.db"), HISTORY_WRITE, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    return h;
}

static struct history *with(const struct made_result *results, size_t count)
{
    struct history *h = fresh();
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(made_import(h, &results[i]), (int64_t)i + 1);
    return h;
}
#define WITH(results) with(results, sizeof(results) / sizeof((results)[0]))

static json_t *shown(struct history *h, const char *quantity, const char *tolerance)
{
    struct err err = {0};
    struct history_tolerance t = exact;
    const struct history_filter f = {.quantity = quantity};
    if (tolerance != NULL)
        CU_ASSERT_EQUAL(history_tolerance_read(tolerance, &t, NULL), 0);
    json_t *answer = answer_lines(h, &f, &t, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
    return answer;
}

static const json_t *line_at(const json_t *answer, size_t i)
{
    return json_array_get(json_object_get(answer, "lines"), i);
}

static json_int_t fell(const json_t *line)
{
    const json_t *to = json_object_get(json_object_get(line, "first_fall"), "to");
    return json_integer_value(json_object_get(to, "run"));
}

/* Which run fell first in the only line of a quantity; 0: none. */
static json_int_t fell_in(struct history *h, const char *quantity, const char *tolerance)
{
    json_t *answer = shown(h, quantity, tolerance);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "lines")), 1);
    json_int_t run = fell(line_at(answer, 0));
    json_decref(answer);
    return run;
}

/* Imported in another order than that of the versions. */
static void test_order(void)
{
    static const struct made_result results[] = {
        {.version = "1.10", .value = 120},
        {.version = "1.2", .value = 137},
        {.version = "1.10-rc1", .value = 137},
        {.version = "1.9", .value = 137},
        {.version = "1.10", .started = "2025-01-01T00:00:00Z", .value = 120},
    };
    static const json_int_t order[] = {2, 4, 3, 5, 1};
    struct history *h = WITH(results);
    json_t *answer = shown(h, "Num_mVPN", NULL);
    const json_t *points = json_object_get(line_at(answer, 0), "points");
    CU_ASSERT_EQUAL_FATAL(json_array_size(points), 5);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_array_get(points, i), "run")),
                        order[i]);
    CU_ASSERT_EQUAL(fell(line_at(answer, 0)), 5);
    json_decref(answer);
    CU_ASSERT_EQUAL(fell_in(h, "maximum", NULL), 5);
    CU_ASSERT_EQUAL(fell_in(h, "maximum", "13%"), 0);
    CU_ASSERT_EQUAL(fell_in(h, "maximum", "12%"), 5);
    CU_ASSERT_EQUAL(fell_in(h, "maximum", "17"), 0);
    CU_ASSERT_EQUAL(fell_in(h, "maximum", "16.5"), 5);
    history_close(h);
}

/* What may not be compared makes lines of its own, and is named. */
static void test_conditions(void)
{
    static const struct made_result results[] = {
        {.version = "1", .value = 9},
        {.version = "2", .value = 8, .rate_pps = 10},
        {.version = "3", .value = 7, .clock = "real"},
        {.version = "4", .value = 6, .timing = "timing quick: hold_out_s 20 (draft: 300)"},
        {.version = "5", .value = 5, .dut = "other"},
        {.version = "6", .value = 8},
    };
    static const char *const keys[] = {"rate_pps", "clock", "timing", "dut"};
    struct history *h = WITH(results);
    json_t *answer = shown(h, "Num_mVPN", NULL);
    const json_t *differ = json_object_get(answer, "differ");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "lines")), 5);
    CU_ASSERT_EQUAL(json_object_size(differ), 4);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(json_array_size(json_object_get(differ, keys[i])), 2);
    json_decref(answer);
    const char *where[] = {"clock=virtual", "rate_pps=1.0", "timing=draft"};
    const struct history_filter f = {
        .quantity = "Num_mVPN", .dut = "lab PE", .where = where, .where_count = 3};
    answer = answer_lines(h, &f, &exact, NULL);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "lines")), 1);
    CU_ASSERT_EQUAL(fell(line_at(answer, 0)), 6);
    json_decref(answer);
    history_close(h);
}

/* Recovery times belong to the value at which they were taken, and to their marks. */
static void test_recovery(void)
{
    static const struct made_result results[] = {
        {.version = "1", .value = 9, .trall = {3, 3.2, 3.1}},
        {.version = "2", .value = 9, .trall = {3.3, 3.3, 3.2}}, /* within the spread */
        {.version = "3", .value = 8, .trall = {30}},            /* of fewer mVPNs */
        {.version = "4", .value = 9, .trall = {30}, .mark = "state-not-expired"},
        {.version = "5", .value = 9, .trall = {3.7, 3.7, 3.7}},
    };
    struct history *h = WITH(results);
    json_t *answer = shown(h, "Trall", NULL);
    CU_ASSERT_EQUAL_FATAL(json_array_size(json_object_get(answer, "lines")), 3);
    const json_t *differ = json_object_get(answer, "differ");
    CU_ASSERT_EQUAL(json_object_size(differ), 2);
    CU_ASSERT_PTR_NOT_NULL(json_object_get(differ, "mvpns"));
    CU_ASSERT_PTR_NOT_NULL(json_object_get(differ, "marks"));
    size_t judged = 0, i;
    json_t *line;
    json_array_foreach(json_object_get(answer, "lines"), i, line)
    {
        const json_t *points = json_object_get(line, "points"), *p = json_array_get(points, 0);
        if (json_array_size(points) != 3)
            continue;
        judged++;
        CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(p, "value")), 3.1, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(p, "least")), 3.0, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(p, "most")), 3.2, 1e-9);
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(p, "repeats")), 3);
        CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(p, "resolution")), 0.1, 1e-9);
        CU_ASSERT_EQUAL(fell(line), 5);
    }
    CU_ASSERT_EQUAL(judged, 1);
    json_decref(answer);
    history_close(h);
}

/* A recovery that failed is a fall; one that nobody saw is a gap, each with its reason. */
static void test_failed(void)
{
    static const struct made_result results[] = {
        {.version = "1", .value = 9, .trall = {3}},
        {.version = "2", .value = 9, .trall = {-1}},
    };
    struct history *h = WITH(results);
    json_t *answer = shown(h, "Trall-Tf", NULL);
    const json_t *fall = json_object_get(line_at(answer, 0), "first_fall");
    CU_ASSERT_EQUAL(fell(line_at(answer, 0)), 2);
    CU_ASSERT(json_is_null(json_object_get(json_object_get(fall, "to"), "value")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(fall, "reason")), "not recovered");
    json_decref(answer);
    CU_ASSERT_EQUAL(fell_in(h, "join_convergence.avg", NULL), 0);
    CU_ASSERT_EQUAL(fell_in(h, "Num_OIF_C", NULL), 0); /* nobody knows it */
    history_close(h);
}

static void test_bounds(void)
{
    static const struct made_result results[] = {
        {.version = "1", .value = 100, .bounded_by = "range"},
        {.version = "2", .value = 137},
        {.version = "3", .value = 90, .bounded_by = "apparatus"}, /* nobody knows */
        {.version = "4", .value = -1, .bounded_by = "apparatus"}, /* a gap */
        {.version = "5", .value = 137},
        {.version = "6", .value = 120, .first_fail = 140}, /* the search was coarse */
        {.version = "7", .value = -1},                     /* it fell */
    };
    struct history *h = WITH(results);
    json_t *answer = shown(h, "Num_mVPN", NULL);
    const json_t *points = json_object_get(line_at(answer, 0), "points"), *gap;
    CU_ASSERT_EQUAL_FATAL(json_array_size(points), 7);
    CU_ASSERT(json_is_true(json_object_get(json_array_get(points, 0), "at_least")));
    CU_ASSERT(json_is_false(json_object_get(json_array_get(points, 1), "at_least")));
    gap = json_array_get(points, 3);
    CU_ASSERT(json_is_null(json_object_get(gap, "value")));
    CU_ASSERT(json_is_false(json_object_get(gap, "failed")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(gap, "reason")),
                           "neighbours are missing");
    CU_ASSERT_EQUAL(fell(line_at(answer, 0)), 7);
    json_decref(answer);
    history_close(h);
}

/* A case that was left out is on no line, and is not forgotten. */
static void test_omitted(void)
{
    static const struct made_result results[] = {
        {.version = "1", .value = 9},
        {.version = "2", .omitted = "the DUT has no such thing"},
        {.version = "3", .value = 9},
    };
    struct history *h = WITH(results);
    json_t *answer = shown(h, "Num_mVPN", NULL);
    const json_t *omitted = json_object_get(answer, "omitted");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(line_at(answer, 0), "points")), 2);
    CU_ASSERT_EQUAL_FATAL(json_array_size(omitted), 1);
    omitted = json_array_get(omitted, 0);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(omitted, "run")), 2);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(omitted, "reason")),
                           "the DUT has no such thing");
    json_decref(answer);
    history_close(h);
}

/* Runs of one version are one build: its spread is forgiven. */
static void test_one_build(void)
{
    static const struct made_result results[] = {
        {.version = "1", .value = 100},
        {.version = "1", .value = 96},
        {.version = "2", .value = 95},
        {.version = "3", .value = 90},
    };
    struct history *h = WITH(results);
    CU_ASSERT_EQUAL(fell_in(h, "Num_mVPN", NULL), 4);
    history_close(h);
}

static void test_falls(void)
{
    static const struct made_result results[] = {
        {.version = "1.9", .value = 9, .trall = {3}},
        {.version = "1.10", .value = 9, .trall = {9}},
        {.version = "1.11", .value = 8},
    };
    struct history *h = WITH(results);
    json_t *answer = answer_falls(h, &(struct history_filter){.judged = true}, &exact, NULL);
    const json_t *falls = json_object_get(answer, "falls");
    CU_ASSERT_EQUAL_FATAL(json_array_size(falls), 2);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(falls, 0), "quantity")),
                           "Trall-Tf");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(falls, 1), "quantity")),
                           "Num_mVPN");
    json_decref(answer);
    history_close(h);
}

static void test_nothing_there(void)
{
    struct history *h = fresh();
    struct err err = {0};
    const struct history_filter f = {.quantity = "Num_mVPM"};
    CU_ASSERT_PTR_NULL(answer_lines(h, &f, &exact, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "import runs first"));
    CU_ASSERT_EQUAL(made_import(h, &(struct made_result){.value = 9}), 1);
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(answer_falls(h, &f, &exact, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "Num_mVPN"));
    history_close(h);
}

static void test_tolerance(void)
{
    static const char *const bad[] = {"", "%", "x", "-1", "5%%", "5 %", "nan", "1e999", "inf%"};
    struct history_tolerance t;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err err = {0};
        CU_ASSERT_EQUAL(history_tolerance_read(bad[i], &t, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
    }
    CU_ASSERT_EQUAL(history_tolerance_read("2.5%", &t, NULL), 0);
    CU_ASSERT(t.share);
    CU_ASSERT_DOUBLE_EQUAL(t.amount, 0.025, 1e-12);
}

/* Whatever the names: ASCII in at most 100 columns; what was asked for is in each rendering. */
static void test_renderings(void)
{
    static const char name[] = "<b>\"x\"</b> & '); DROP TABLE run; --\n=1+1 \033[31m, "
                               "and a name that goes on and on until no table can hold it any more";
    static const struct made_result results[] = {
        {.dut = name, .version = name, .value = 137, .trall = {3}},
        {.dut = name, .version = "z2", .value = 120, .trall = {4}},
        {.dut = name, .version = "z3", .value = 300, .bounded_by = "time"},
        {.dut = name, .version = "z4", .value = -1},
    };
    struct history *h = WITH(results);
    const struct history_filter all = {0};
    json_t *answers[] = {answer_runs(h, NULL, NULL), answer_lines(h, &all, &exact, NULL),
                         answer_falls(h, &all, &exact, NULL)};
    for (size_t i = 0; i < 3; i++) {
        for (int format = ANSWER_TEXT; format <= ANSWER_JSON; format++) {
            char *text = NULL;
            size_t len, column = 0, wide = 0, odd = 0;
            FILE *f = open_memstream(&text, &len);
            CU_ASSERT_PTR_NOT_NULL_FATAL(answers[i]);
            CU_ASSERT_EQUAL(answer_print(f, answers[i], (enum answer_format)format, NULL), 0);
            (void)fclose(f);
            for (const char *p = text; *p != '\0'; p++) {
                column = *p == '\n' ? 0 : column + 1;
                wide += column > 100;
                odd += *p != '\n' && *p != '\r' && ((unsigned char)*p < 0x20 || *p == 0x7f);
            }
            CU_ASSERT_EQUAL(odd, 0);
            CU_ASSERT(format != ANSWER_TEXT || wide == 0);
            CU_ASSERT_PTR_NOT_NULL(strstr(text, "z2"));
            CU_ASSERT(format != ANSWER_HTML || strstr(text, "<b>\"x\"") == NULL);
            free(text);
        }
        json_decref(answers[i]);
    }
    history_close(h);
    made_clean(); /* the last test */
}

static const struct cu_test tests[] = {
    {"the order of builds", test_order},   {"conditions", test_conditions},
    {"recovery times", test_recovery},     {"what failed", test_failed},
    {"bounds and gaps", test_bounds},      {"omitted cases", test_omitted},
    {"one build", test_one_build},         {"every fall", test_falls},
    {"nothing there", test_nothing_there}, {"tolerances", test_tolerance},
    {"renderings", test_renderings},
};
CU_MAIN("history_lines", tests)
