#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/reports.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect(json_t *v, const char *text)
{
    char *got = rendered(report_json, v);
    char *want = mem_printf("%s\n", text);
    CU_ASSERT_STRING_EQUAL(got, want);
    if (strcmp(got, want) != 0)
        (void)fprintf(stderr, "got %swant %s", got, want);
    free(want);
    free(got);
    json_decref(v);
}

static void test_times(void)
{
    expect(result_time(0), "0.000000000");
    expect(result_time(1), "0.000000001");
    expect(result_time(-1), "-0.000000001");
    expect(result_time(7300000000), "7.300000000");
    expect(result_time(1767322800123456789), "1767322800.123456789");
    expect(result_time(INT64_MIN), "-9223372036.854775808");
    expect(result_time(INT64_MAX), "9223372036.854775807");
    expect(result_time_or_null(false, 5), "null");
}

static void test_numbers(void)
{
    expect(json_real(0.5), "0.5");
    expect(json_real(3), "3.0");
    expect(json_real(0.1), "0.1");
    expect(json_real(1.0 / 3), "0.3333333333333333");
    expect(json_real(1e300), "1e+300");
    expect(json_integer(INT64_MIN), "-9223372036854775808");
    expect(result_count(-1), "null");
    expect(result_count(0), "0");
    expect(result_real(-0.5), "null");
    expect(result_real(NAN), "null");
    expect(result_real(INFINITY), "null");
    expect(json_true(), "true");
}

static void test_strings(void)
{
    expect(json_string("a\"b\\c\nd\te"), "\"a\\\"b\\\\c\\nd\\te\"");
    expect(json_string("\x1b[2J\x7f"), "\"\\u001b[2J\\u007f\"");
    expect(json_string("\xc3\xa9"), "\"\xc3\xa9\"");
    expect(json_stringn("a\0b", 3), "\"a\\u0000b\"");
}

static void test_layout(void)
{
    expect(json_object(), "{}");
    expect(json_array(), "[]");
    expect(json_pack("{s:i,s:[i,i]}", "a", 1, "b", 2, 3), "{\n  \"a\": 1,\n  \"b\": [2, 3]\n}");
    expect(json_pack("[{s:o,s:n}]", "t", result_time(5), "u"),
           "[\n  {\"t\": 0.000000005, \"u\": null}\n]");
    expect(json_pack("{s:{s:{s:i}}}", "a", "b", "c", 1),
           "{\n  \"a\": {\n    \"b\": {\"c\": 1}\n  }\n}");
}

static void test_metric(void)
{
    struct mvpn_metric m;
    metric_clear(&m);
    m.v[NUM_MVPN] = 137;
    json_t *v = result_metric(&m);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(v, "Num_mVPN")), 137);
    CU_ASSERT(json_is_null(json_object_get(v, "Num_*G_C")));
    CU_ASSERT_EQUAL(json_object_size(v), METRIC_VARS);
    json_decref(v);
    struct p_metric p = {{1, 2, METRIC_UNKNOWN}};
    expect(result_p_metric(&p), "{\"Num_*G_P\": 1, \"Num_SG_P\": 2, \"Num_OIF_P\": null}");
}

static void test_reading(void)
{
    json_t *t = result_time(1500000000);
    int64_t ns = 0;
    CU_ASSERT(result_is_time(t, &ns));
    CU_ASSERT_EQUAL(ns, 1500000000);
    CU_ASSERT_EQUAL(result_number(t), 1.5);
    json_decref(t);
    json_t *two = json_pack("{s:i,s:i}", "$ns", 1, "b", 2);
    CU_ASSERT_FALSE(result_is_time(two, &ns));
    CU_ASSERT(isnan(result_number(two)));
    json_decref(two);
    CU_ASSERT_FALSE(result_is_time(NULL, NULL));
    CU_ASSERT(isnan(result_number(NULL)));
}

/* A tree that went through the journal (dumped and loaded) prints the same bytes. */
static void test_journal(void)
{
    json_t *tree = tree_load("full");
    char *dump = json_dumps(tree, JSON_COMPACT);
    json_t *again = json_loads(dump, 0, NULL);
    char *first = rendered(report_json, tree), *second = rendered(report_json, again);
    CU_ASSERT_STRING_EQUAL(first, second);
    json_t *parsed = json_loads(first, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL(parsed);
    golden_check("full.result.json", first);
    json_decref(parsed);
    json_decref(again);
    json_decref(tree);
    free(dump);
    free(first);
    free(second);
}

static void test_write(void)
{
    char directory[] = "/tmp/mvpn-reports-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    char *path = mem_printf("%s/result.json", directory);
    char *temporary = mem_printf("%s.tmp", path);
    struct err err = {0};
    json_t *one = json_integer(1), *two = json_integer(22);
    CU_ASSERT_EQUAL(report_write(path, report_json, &(struct report_input){.result = one}, &err),
                    0);
    CU_ASSERT_EQUAL(report_write(path, report_json, &(struct report_input){.result = two}, &err),
                    0);
    struct stat st = {0};
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_size, 3);
    CU_ASSERT_NOT_EQUAL(stat(temporary, &st), 0);
    (void)unlink(path);
    (void)rmdir(directory);
    CU_ASSERT_EQUAL(report_write(path, report_json, &(struct report_input){.result = one}, &err),
                    -1);
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "result.json"));
    json_decref(one);
    json_decref(two);
    free(temporary);
    free(path);
}

static const struct cu_test tests[] = {
    {"times have nine decimals", test_times},
    {"numbers", test_numbers},
    {"strings are escaped", test_strings},
    {"layout", test_layout},
    {"metric objects", test_metric},
    {"reading values", test_reading},
    {"the journal keeps every digit", test_journal},
    {"report_write", test_write},
};

CU_MAIN("reports/json", tests)
