/* Results side by side: times, costs, what cases measure; the documents. */
#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/compare.h"
#include "reports/text_table.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/side.h"

#include <stdlib.h>
#include <string.h>

/* ---- times ----------------------------------------------------------------------------------- */

static json_t *recovered(double trall)
{
    json_t *tree = side_with("cases/0/instances/5/recovery", "[]");
    side_add_recovery(tree, 5, 1, 5, 5, trall);
    return tree;
}

static void test_times(void)
{
    side_check(side_run(), recovered(6.05), "p-link-flap", "Trall-Tf", "same", NULL);
    side_check(side_run(), recovered(6.2), "p-link-flap", "Trall-Tf", "worse", NULL);
    side_check(side_run(), recovered(5.8), "p-link-flap", "Trall-Tf", "better", NULL);
    side_check_within(side_run(), recovered(6.2), "Trall-Tf=0.3", "p-link-flap", "Trall-Tf", "same",
                      NULL);
    side_check_within(side_run(), recovered(6.2), "times=5%", "p-link-flap", "Trall-Tf", "same",
                      NULL);
}

static void test_repeats(void)
{
    json_t *a = recovered(6), *b = recovered(8.4);
    side_add_recovery(a, 5, 2, 5, 5, 8);
    side_add_recovery(a, 5, 3, 5, 5, 7);
    json_t *tree = side_compared(a, b, NULL);
    const json_t *row = side_row(tree, "p-link-flap", "Trall-Tf");
    CU_ASSERT_EQUAL(result_number(json_array_get(json_object_get(row, "values"), 0)), 7);
    const json_t *detail = json_array_get(json_object_get(row, "details"), 0);
    CU_ASSERT_EQUAL(result_number(json_object_get(detail, "max")), 8);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(detail, "repeats")), 3);
    CU_ASSERT_EQUAL(result_number(json_object_get(side_first(row), "tolerance")), 2);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(side_first(row), "verdict")), "same");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(json_string_value(json_object_get(side_first(row), "tolerance_why")), "spread"));
    json_decref(tree);
    json_decref(b);
    side_check(a, recovered(9.5), "p-link-flap", "Trall-Tf", "worse", NULL);
}

/* The apparatus's own part comes from the seed. */
static void test_seeds(void)
{
    json_t *b = recovered(6.9), *c = recovered(7.2);
    side_set(b, "tool/seed", "2");
    side_set(c, "tool/seed", "2");
    side_check(side_run(), b, "p-link-flap", "Trall-Tf", "same", NULL);
    side_check(side_run(), c, "p-link-flap", "Trall-Tf", "worse", NULL);
    side_check(side_run(), recovered(6.9), "p-link-flap", "Trall-Tf", "worse", NULL);
}

static json_t *not_interrupted(void)
{
    json_t *tree = side_with("cases/0/instances/5/recovery/0/Trall-Tf", "null");
    side_set(tree, "cases/0/instances/5/recovery/0/interrupted", "{'ingress':0,'egress':0}");
    return tree;
}

static void test_no_time(void)
{
    side_check(not_interrupted(), side_run(), "p-link-flap", "Trall-Tf", "worse",
               "not interrupted");
    side_check(side_run(), not_interrupted(), "p-link-flap", "Trall-Tf", "better",
               "not interrupted");
    json_t *b = side_with("cases/0/instances/5/recovery/0/Trd-Tf", "null");
    side_set(b, "cases/0/deviations/procedure/+",
             "'p-link-flap of 9.1-0006: Trd is null: no egress packet came back'");
    side_check(side_run(), b, "p-link-flap", "Trd-Tf", "incomparable",
               "no egress packet came back");
}

/* Times of different maxima are compared where both runs have an instance. */
static void test_points(void)
{
    side_check(side_run(), side_with_maximum(5), "p-link-flap", "Trall-Tf", "incomparable",
               "known at N=6 in A and at N=5 in B");
    json_t *a = side_run(), *b = side_with_maximum(5);
    side_add_recovery(a, 3, 1, 5, 5, 6);
    side_add_recovery(b, 3, 1, 5, 5, 9);
    json_t *tree = side_compared(a, b, NULL);
    const json_t *row = side_row(tree, "p-link-flap", "Trall-Tf");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(row, "at"), "N")), 4);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(side_first(row), "verdict")), "worse");
    row = side_row(tree, "steady", "latency ingress avg");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(row, "at"), "N")), 5);
    json_decref(tree);
    json_decref(a);
    json_decref(b);
}

static void test_costs(void)
{
    static const char latency[] = "cases/0/instances/5/forwarding/ingress/latency_ns/avg";
    static const char cpu[] = "cases/0/instances/5/utilisation/0/cpu_percent";
    static const char memory[] = "cases/0/instances/5/utilisation/0/memory_bytes";
    side_check(side_run(), side_with(latency, "390"), "steady", "latency ingress avg", "same",
               NULL);
    side_check(side_run(), side_with(latency, "410"), "steady", "latency ingress avg", "worse",
               NULL);
    side_check(side_run(), side_with(cpu, "11.5"), "steady", "CPU CPU 0", "same", NULL);
    side_check(side_run(), side_with(cpu, "12.5"), "steady", "CPU CPU 0", "worse", NULL);
    side_check(side_run(), side_with(memory, "1005000"), "steady", "memory CPU 0", "same", NULL);
    side_check(side_run(), side_with(memory, "1020000"), "steady", "memory CPU 0", "worse", NULL);
    side_check(side_run(), side_with("cases/0/instances/5/utilisation/0/component", "'RE'"),
               "steady", "CPU CPU 0", "incomparable", "no such component");
}

/* ---- what cases measure ---------------------------------------------------------------------- */

static json_t *measured(const char *extra)
{
    json_t *tree = side_with("cases/0/maximum", "[]");
    side_set(tree, "cases/0/instances/0/extra", extra);
    return tree;
}

static void test_measured(void)
{
#define DELAY(avg, missing)                                                                        \
    "{'join_convergence':{'min':0.9,'avg':" avg ",'max':1.1,'count':10,'resolution_s':0.001,"      \
    "'missing':" missing "}}"
#define SUPPRESSION(jr2, answer)                                                                   \
    "{'jp_suppression':{'J1':600,'J2':600,'JR1':1.0,'JR2':" jr2 ",'suppresses':" answer            \
    ",'window_s':600}}"
    side_check(measured(DELAY("1.0", "0")), measured(DELAY("1.1", "0")), "steady",
               "join_convergence", "same", NULL);
    side_check(measured(DELAY("1.0", "0")), measured(DELAY("1.3", "0")), "steady",
               "join_convergence", "worse", NULL);
    side_check(measured(DELAY("1.0", "0")), measured(DELAY("1.0", "2")), "steady", "missing",
               "worse", NULL);
    json_t *b = measured(DELAY("1.0", "0"));
    side_set(b, "cases/0/instances/0/parameters/mvpns", "9");
    side_check(measured(DELAY("1.0", "0")), b, "steady", "join_convergence", "incomparable",
               "B measured nothing at N=1");
    side_check(measured(SUPPRESSION("1.0", "true")), measured(SUPPRESSION("2.0", "false")),
               "steady", "suppresses Joins", "worse", NULL);
    side_check(measured(SUPPRESSION("1.0", "true")), measured(SUPPRESSION("2.0", "false")),
               "steady", "JR2", "worse", NULL);
    side_check(measured(SUPPRESSION("1.0", "true")), measured(SUPPRESSION("1.05", "true")),
               "steady", "JR2/JR1", "same", NULL);
}

/* ---- documents ------------------------------------------------------------------------------- */

static char *text_of(const json_t *tree)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    compare_text(f, tree);
    CU_ASSERT_EQUAL(fclose(f), 0);
    return text;
}

static void test_text(void)
{
    json_t *a = side_run(), *b = side_with_maximum(5);
    const struct compare_run runs[3] = {{"a", a}, {"b", b}, {"c", a}};
    struct err err = {0};
    json_t *tree = compare_runs(runs, 3, NULL, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    char *text = text_of(tree);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "B is worse than A in 2 of the 6 values"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "B holds less than A in:"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "9.1 Num_mVPN 6 -> 5 (-16.7 %, tolerance 0): steady, p-link-flap"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "C is not worse than A in any of the 9 values"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "B worse, C same"));
    free(text);
    json_decref(tree);
    json_decref(a);
    json_decref(b);
}

/* No byte of a name reaches the page as anything but text, no line is too long. */
static void check_page(const char *text)
{
    size_t column = 0, too_long = 0, odd = 0;
    for (const char *p = text; *p != '\0'; p++) {
        column = *p == '\n' ? 0 : column + 1;
        odd += *p != '\n' && ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f);
        too_long += column == TEXT_COLUMNS + 1;
    }
    CU_ASSERT_EQUAL(too_long, 0);
    CU_ASSERT_EQUAL(odd, 0);
}

static void test_hostile(void)
{
    static const char hostile[] = "'\\u001b[31m<script>alert(1)</script>&\\u2028\\n,;=%s%n'";
    json_t *a = side_run(), *b = side_with_maximum(5);
    static const char *const paths[] = {"cases/0/dut/name",
                                        "cases/0/dut/version",
                                        "cases/0/title",
                                        "cases/0/maximum/0/variable",
                                        "cases/0/instances/4/utilisation/0/component",
                                        "cases/0/deviations/configuration/+",
                                        "cases/0/maximum/0/bounded_by"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        side_set(b, paths[i], hostile);
    json_t *tree = side_compared(a, b, NULL);
    char *text = text_of(tree), *html = NULL;
    size_t len = 0;
    struct err err = {0};
    check_page(text);
    FILE *f = open_memstream(&html, &len);
    CU_ASSERT_EQUAL(compare_html(f, NULL, tree, &err), 0);
    (void)fclose(f);
    CU_ASSERT_PTR_NULL(strstr(html, "<script>alert"));
    CU_ASSERT_PTR_NULL(strchr(html, '\x1b'));
    free(html);
    free(text);
    json_decref(tree);
    json_decref(a);
    json_decref(b);
}

/* Whatever stands in place of a value: a comparison, and a page. */
static void replace_everywhere(const json_t *whole, const json_t *root, json_t *in,
                               const json_t *by)
{
    const char *key;
    json_t *v;
    size_t i;
    void *next;
    if (json_is_array(in)) {
        json_array_foreach(in, i, v) replace_everywhere(whole, root, v, by);
        return;
    }
    json_object_foreach_safe(in, next, key, v)
    {
        json_incref(v);
        (void)json_object_set(in, key, (json_t *)(uintptr_t)by);
        const struct compare_run runs[3] = {{"a", whole}, {"b", root}, {"c", whole}};
        struct err err = {0};
        json_t *tree = compare_runs(runs, 3, NULL, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
        char *text = text_of(tree);
        check_page(text);
        free(text);
        json_decref(tree);
        (void)json_object_set_new(in, key, v);
        replace_everywhere(whole, root, v, by);
    }
}

static void test_wrong_types(void)
{
    static const char *const values[] = {"null", "[[]]", "'\\u0007text'", "1e300"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_t *whole = side_run(), *tree = side_run(), *by = side_parsed("%s", values[i]);
        if (i % 2 == 0)
            replace_everywhere(whole, tree, tree, by);
        else
            replace_everywhere(tree, whole, tree, by);
        json_decref(by);
        json_decref(tree);
        json_decref(whole);
    }
}

static const struct cu_test tests[] = {
    {"recovery times", test_times},
    {"repeats", test_repeats},
    {"seeds", test_seeds},
    {"no time", test_no_time},
    {"instances that both have", test_points},
    {"latency and utilisation", test_costs},
    {"what cases measure", test_measured},
    {"text", test_text},
    {"hostile strings", test_hostile},
    {"values of any other type", test_wrong_types},
};

CU_MAIN("reports/compare_values", tests)
