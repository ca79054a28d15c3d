#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/load.h"
#include "reports/reports.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "{\"schema\": \"mvpnbench-result/1\", \"cases\": ["

static char path[] = "/tmp/mvpn-load-XXXXXX";

static void put(const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(text, 1, n, f), n);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static json_t *loaded(const char *text)
{
    struct err err = {0};
    put(text, strlen(text));
    json_t *result = result_load(path, &err);
    if (result == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result);
    return result;
}

/* place is ":LINE:COL: ", what a part of what is said. */
static void refused(const char *text, size_t n, const char *place, const char *what)
{
    struct err err = {0};
    put(text, n);
    json_t *result = result_load(path, &err);
    CU_ASSERT_PTR_NULL(result);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    bool right = strncmp(err.text, path, strlen(path)) == 0 &&
                 strncmp(err.text + strlen(path), place, strlen(place)) == 0 &&
                 strstr(err.text, what) != NULL;
    if (!right)
        (void)fprintf(stderr, "said \"%s\", not %s%s\n", err.text, place, what);
    CU_ASSERT(right);
    json_decref(result);
}

static void refused_text(const char *text, const char *place, const char *what)
{
    refused(text, strlen(text), place, what);
}

/* Whatever a run writes comes back as it was, and prints the same bytes in every rendering. */
static void check_same(const char *name)
{
    struct err err = {0};
    json_t *tree = tree_load(name);
    json_object_set_new(tree, "schema", json_string(RESULT_SCHEMA));
    char *json = rendered(report_json, tree);
    put(json, strlen(json));
    json_t *again = result_load(path, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    for (size_t i = 0; i < report_format_count; i++) {
        char *one = rendered(report_formats[i].render, tree);
        char *other = rendered(report_formats[i].render, again);
        if (strcmp(one, other) != 0)
            (void)fprintf(stderr, "%s differs as %s\n", name, report_formats[i].name);
        CU_ASSERT_STRING_EQUAL(one, other);
        free(one);
        free(other);
    }
    free(json);
    json_decref(again);
    json_decref(tree);
}

static void test_same(void)
{
    check_same("half");
    struct err err = {0};
    json_t *full = result_load(TREES "full.result.json", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    char *text = rendered(report_text, full);
    golden_check("full.txt", text);
    free(text);
    text = rendered(report_json, full);
    golden_check("full.result.json", text);
    free(text);
    json_decref(full);
}

static const json_t *first(const json_t *result)
{
    return json_array_get(json_object_get(result, "cases"), 0);
}

static void test_times(void)
{
    json_t *r = loaded(HEAD "{\"a\": 1.000000001, \"b\": -0.000000001, \"c\": 1.00000001, \"d\": "
                            "1.000000000e0, \"e\": 1767322800.123456789, \"f\": "
                            "99999999999.000000000, \"g\": -9223372036.854775808}]}");
    static const struct {
        const char *key;
        bool time;
        int64_t ns;
    } want[] = {
        {"a", true, 1000000001},          {"b", true, -1}, {"c", false, 0},       {"d", false, 0},
        {"e", true, 1767322800123456789}, {"f", false, 0}, {"g", true, INT64_MIN}};
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        const json_t *v = json_object_get(first(r), want[i].key);
        int64_t ns = 0;
        CU_ASSERT_PTR_NOT_NULL(v);
        CU_ASSERT_EQUAL(result_is_time(v, &ns), want[i].time);
        CU_ASSERT_EQUAL(ns, want[i].ns);
    }
    json_decref(r);
}

static void test_strings(void)
{
    json_t *r = loaded(HEAD "{\"a\": \"\\u00e9\\ud83d\\ude00\\n\\/\", \"b\": \"x\\u0000y\"}]}");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first(r), "a")),
                           "\xc3\xa9\xf0\x9f\x98\x80\n/");
    CU_ASSERT_EQUAL(json_string_length(json_object_get(first(r), "b")), 3);
    json_decref(r);
}

/* Equal parts are one value; those that print differently are not equal. */
static void test_shared(void)
{
    json_t *r = loaded(HEAD "{\"a\": {\"x\": [1, 2.5, \"t\"], \"y\": 1.000000000},"
                            " \"b\": {\"x\": [1, 2.5, \"t\"], \"y\": 1.000000000},"
                            " \"c\": {\"y\": 1.000000000, \"x\": [1, 2.5, \"t\"]},"
                            " \"d\": 0.0, \"e\": -0.0, \"f\": 0}]}");
    const json_t *o = first(r);
    CU_ASSERT_PTR_EQUAL(json_object_get(o, "a"), json_object_get(o, "b"));
    CU_ASSERT_PTR_NOT_EQUAL(json_object_get(o, "a"), json_object_get(o, "c"));
    CU_ASSERT_PTR_EQUAL(json_object_get(json_object_get(o, "a"), "x"),
                        json_object_get(json_object_get(o, "c"), "x"));
    CU_ASSERT_PTR_NOT_EQUAL(json_object_get(o, "d"), json_object_get(o, "e"));
    char *text = rendered(report_json, o);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"e\": -0.0"));
    free(text);
    json_decref(r);
}

static void test_share_tree(void)
{
    struct share share = {0};
    json_t *one = share_tree(&share, json_pack("{s:[i,i],s:o}", "a", 1, 2, "t", result_time(5)));
    json_t *two = share_tree(&share, json_pack("{s:[i,i],s:o}", "a", 1, 2, "t", result_time(5)));
    CU_ASSERT_PTR_EQUAL(one, two);
    json_t *time = share_time(&share, 5);
    CU_ASSERT_PTR_EQUAL(json_object_get(one, "t"), time);
    share_fini(&share);
    CU_ASSERT_EQUAL(json_integer_value(json_array_get(json_object_get(two, "a"), 1)), 2);
    json_decref(time);
    json_decref(one);
    json_decref(two);
}

static void test_refused(void)
{
    refused_text("", ":1:1: ", "the file ends here");
    refused_text("{\"schema\": \"mvpnbench-result/2\", \"cases\": []}", ":1:1: ", "not of schema");
    refused_text("[]", ":1:1: ", "not of schema");
    refused_text("{\"schema\": \"mvpnbench-result/1\"}", ":1:1: ", "\"cases\" is no list");
    refused_text(HEAD "1]}", ":1:1: ", "a case that is no object");
    refused_text(HEAD "{\"instances\": {}}]}", ":1:1: ", "is no list");
    refused_text(HEAD "]}\n x", ":2:2: ", "more behind the end");
    refused_text(HEAD "\n  {\"a\": 01}]}", ":2:11: ", "not a number");
    refused_text(HEAD "{\"a\": 1.}]}", ":1:52: ", "not a number");
    refused_text(HEAD "99999999999999999999]}", ":1:64: ", "too large");
    refused_text(HEAD "1e999]}", ":1:49: ", "too large");
    refused_text(HEAD "nul]}", ":1:47: ", "not a value");
    refused_text(HEAD "{\"a\": 1, \"a\": 2}]}", ":1:56: ", "\"a\" stands twice");
    refused_text(HEAD "{\"a\" 1}]}", ":1:49: ", "':' is missing");
    refused_text(HEAD "{\"a\": 1 \"b\": 2}]}", ":1:52: ", "',' or '}' is missing");
    refused_text(HEAD "{a: 1}]}", ":1:45: ", "a key in quotes");
    refused_text(HEAD "[1,]]}", ":1:47: ", "not a value");
    refused_text(HEAD "\"\xc3\xa9\n\"]}", ":1:46: ", "not closed");
    refused_text(HEAD "\"\\q\"]}", ":1:46: ", "not an escape");
    refused_text(HEAD "\"\\ud800x\"]}", ":1:51: ", "not an escape");
    refused_text(HEAD "\"\xff\"]}", ":1:47: ", "not UTF-8");
    refused_text(HEAD "{\"\xff\": 1}]}", ":1:51: ", "not UTF-8");
    refused_text(HEAD "{\"a\\u0000\": 1}]}", ":1:54: ", "NUL");
}

static void test_deep(void)
{
    char *deep = mem_zalloc(100000, 1);
    memset(deep, '[', 99999);
    refused_text(deep, ":1:65: ", "nested deeper");
    free(deep);
}

static void test_cut_off(void)
{
    json_t *tree = tree_load("half");
    char *json = rendered(report_json, tree);
    size_t length = strlen(json) - 1;
    for (size_t n = 0; n < length; n += 1 + n / 50)
        refused(json, n, ":", ": the file ends here: ");
    free(json);
    json_decref(tree);
}

static void test_missing(void)
{
    struct err err = {0};
    (void)unlink(path);
    CU_ASSERT_PTR_NULL(result_load(path, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, ":1:1: No such file"));
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(result_load("/", &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
}

static const struct cu_test tests[] = {
    {"a result comes back as it was written", test_same},
    {"nine decimals are a time", test_times},
    {"strings", test_strings},
    {"equal parts are one", test_shared},
    {"sharing a tree", test_share_tree},
    {"what is refused, and where", test_refused},
    {"nesting", test_deep},
    {"files that end early", test_cut_off},
    {"files that are none", test_missing},
};

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    (void)close(fd);
    int failed = cu_run("reports/load", tests, sizeof(tests) / sizeof(tests[0]));
    (void)unlink(path);
    return failed;
}
