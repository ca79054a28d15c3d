/* Results side by side: maxima, within which tolerance, and what may not be compared. */
#include "emul/base/mem.h"
#include "reports/compare.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- maxima ---------------------------------------------------------------------------------- */

static void test_same(void)
{
    json_t *a = side_run(), *b = side_run();
    json_t *tree = side_compared(a, b, NULL);
    struct compare_counts n = compare_counts_get(tree);
    CU_ASSERT_EQUAL(n.worse, 0);
    CU_ASSERT_EQUAL(n.better, 0);
    CU_ASSERT_EQUAL(n.incomparable, 0);
    /* Two maxima, three times, two latencies, CPU and memory. */
    CU_ASSERT_EQUAL(n.same, 9);
    json_decref(tree);
    json_decref(a);
    json_decref(b);
}

static void test_fell(void)
{
    json_t *a = side_run(), *b = side_with_maximum(5);
    json_t *tree = side_compared(a, b, NULL);
    const json_t *one = side_first(side_row(tree, "steady", "Num_mVPN"));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(one, "difference")), -1);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(one, "tolerance")), 0);
    CU_ASSERT(fabs(json_real_value(json_object_get(one, "relative")) + 1 / 6.0) < 1e-12);
    CU_ASSERT_EQUAL(compare_counts_get(tree).worse, 2);
    json_decref(tree);
    json_decref(a);
    json_decref(b);
    side_check(side_with_maximum(5), side_run(), "steady", "Num_mVPN", "better", NULL);
}

static void test_tolerance(void)
{
    static const struct {
        const char *spec, *verdict;
    } specs[] = {{"20%", "same"},        {"10%", "worse"},          {"maximum=1", "same"},
                 {"Num_mVPN=1", "same"}, {"Num_mVPN=0.5", "worse"}, {"times=9", "worse"},
                 {"maximum=17%", "same"}};
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        side_check_within(side_run(), side_with_maximum(5), specs[i].spec, "steady", "Num_mVPN",
                          specs[i].verdict, NULL);
}

static void test_wrong_tolerance(void)
{
    static const char *const wrong[] = {
        "", "x", "5", "=5%", "maximum=", "maximum=-1", "maximum=1x", "nan%", "5%%", "maximum=inf"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct compare_tolerances t = {0};
        struct err err = {0};
        CU_ASSERT_EQUAL(compare_tolerance_add(&t, wrong[i], &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--tolerance"));
        compare_tolerances_fini(&t);
    }
    struct compare_tolerances t = {0};
    struct err err = {0};
    json_t *a = side_run();
    const struct compare_run runs[2] = {{"a", a}, {"b", a}};
    CU_ASSERT_EQUAL(compare_tolerance_add(&t, "mroutes=1", &err), 0);
    CU_ASSERT_PTR_NULL(compare_runs(runs, 2, &t, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    compare_tolerances_fini(&t);
    json_decref(a);
}

/* Nothing was tried between the last pass and the first fail. */
static void test_resolution(void)
{
    json_t *b = side_with_maximum(4);
    side_set(b, "cases/0/maximum/0/first_fail", "7");
    side_check(side_run(), b, "steady", "Num_mVPN", "same", NULL);
    side_check(side_run(), side_with_maximum(4), "steady", "Num_mVPN", "worse", NULL);
}

static json_t *bounded(int n, const char *by)
{
    json_t *tree = side_with_maximum(n);
    char *quoted = mem_printf("'%s'", by);
    side_set(tree, "cases/0/maximum/0/bounded_by", quoted);
    side_set(tree, "cases/0/maximum/0/first_fail", "null");
    free(quoted);
    return tree;
}

static void test_at_least(void)
{
    side_check(side_run(), bounded(6, "range"), "steady", "Num_mVPN", "same", "at least 6");
    side_check(side_with_maximum(5), bounded(6, "time"), "steady", "Num_mVPN", "better",
               "at least 6");
    side_check(side_run(), bounded(4, "apparatus"), "steady", "Num_mVPN", "incomparable",
               "at least 4");
    side_check(bounded(6, "range"), side_with_maximum(5), "steady", "Num_mVPN", "worse",
               "at least 6");
    side_check(bounded(5, "range"), side_run(), "steady", "Num_mVPN", "incomparable", "at least 5");
    side_check(bounded(6, "range"), bounded(6, "range"), "steady", "Num_mVPN", "same", NULL);
    side_check(bounded(6, "time"), bounded(6, "time"), "steady", "Num_mVPN", "incomparable", NULL);
    side_check(bounded(6, "range"), bounded(4, "range"), "steady", "Num_mVPN", "incomparable",
               NULL);
}

static json_t *held_nothing(const char *first_fail, const char *by)
{
    json_t *tree = bounded(6, by);
    side_set(tree, "cases/0/maximum/0/value", "null");
    side_set(tree, "cases/0/maximum/0/searched/value", "null");
    side_set(tree, "cases/0/maximum/0/last_pass", "null");
    side_set(tree, "cases/0/maximum/0/instance", "null");
    side_set(tree, "cases/0/maximum/0/first_fail", first_fail);
    return tree;
}

static void test_nothing_held(void)
{
    side_check(side_run(), held_nothing("1", "dut"), "steady", "Num_mVPN", "worse",
               "nothing was held");
    side_check(held_nothing("1", "dut"), side_run(), "steady", "Num_mVPN", "better",
               "nothing was held");
    side_check(held_nothing("1", "dut"), held_nothing("1", "dut"), "steady", "Num_mVPN", "same",
               NULL);
    side_check(side_run(), held_nothing("9", "dut"), "steady", "Num_mVPN", "incomparable", NULL);
    side_check(side_run(), held_nothing("null", "apparatus"), "steady", "Num_mVPN", "incomparable",
               "bounded by apparatus");
}

static json_t *unverified(int n)
{
    json_t *tree = side_with_maximum(n);
    side_set(tree, "cases/0/maximum/0/verified", "false");
    return tree;
}

/* What the DUT itself did not confirm may be too high, never too low. */
static void test_verified(void)
{
    side_check(side_run(), unverified(5), "steady", "Num_mVPN", "worse", "not verified");
    side_check(side_with_maximum(5), unverified(6), "steady", "Num_mVPN", "incomparable",
               "not verified");
    side_check(unverified(5), side_run(), "steady", "Num_mVPN", "better", "not verified");
    side_check(unverified(6), side_with_maximum(5), "steady", "Num_mVPN", "incomparable",
               "not verified");
    side_check(unverified(6), unverified(5), "steady", "Num_mVPN", "worse", NULL);
}

/* ---- grounds --------------------------------------------------------------------------------- */

static json_t *with_parameter(const char *key, const char *value)
{
    json_t *tree = side_run();
    side_set_parameter(tree, key, value);
    return tree;
}

static void test_other_variables(void)
{
    side_check(side_run(), with_parameter("c_interfaces", "2"), "steady", "Num_mVPN",
               "incomparable", "c_interfaces is 1 in A and 2 in B");
    side_check(side_run(), with_parameter("mi_pmsi", "'ssm'"), "steady", "Num_mVPN", "incomparable",
               "mi_pmsi is asm in A and ssm in B");
    side_check(side_run(), with_parameter("rate_pps", "10.0"), "steady", "Num_mVPN", "incomparable",
               "the load differs: rate_pps is 1 in A and 10 in B");
    side_check(side_run(), with_parameter("packet_bytes", "200"), "steady", "latency ingress avg",
               "incomparable", "the load differs: packet_bytes");
    side_check(side_run(), side_with("cases/0/instances/5/expected/Num_PE", "3"), "steady",
               "Num_mVPN", "incomparable", "Num_PE is 2 in A and 3 in B");
    /* What the search itself moves is no other variable. */
    side_check(side_run(), side_with_maximum(5), "steady", "Num_mVPN", "worse", NULL);
}

static void test_definition(void)
{
    side_check(side_run(), side_with("clock", "'real'"), "steady", "Num_mVPN", "incomparable",
               "clock is virtual in A and real in B");
    side_check(side_run(), side_with("cases/0/title", "'Another'"), "steady", "Num_mVPN",
               "incomparable", "the case is not the same");
    side_check(side_run(), side_with("cases/0/protocols/s_pmsi", "'PIM-SSM'"), "steady", "Num_mVPN",
               "incomparable", "s_pmsi");
    side_check(side_run(), side_with("cases/0/instances/5/relations/0/relation", "'N == 1'"),
               "steady", "Num_mVPN", "incomparable", "relationships");
    side_check(side_run(), side_with("tool/seed", "2"), "steady", "Num_mVPN", "same", NULL);
    side_check(side_run(), side_with("tool/version", "'2'"), "steady", "Num_mVPN", "same", NULL);
    side_check(side_run(), side_with("cases/0/dut/driver", "'frr'"), "steady", "Num_mVPN", "same",
               NULL);
}

static void test_missing(void)
{
    json_t *b = side_run();
    char last[64];
    (void)json_array_remove(side_at(b, "cases/0/maximum/+", last), 1);
    side_check(side_run(), b, "p-link-flap", "Num_mVPN", "incomparable",
               "not put under this stimulus");
    side_check(side_run(), side_with("cases/0/maximum/0/where", "{'N':3}"), "steady", "Num_mVPN",
               "incomparable", "B has no maximum at this place; it has (N=3)");

    json_t *a = side_run();
    b = side_with("cases/0/case", "'9.2'");
    json_t *tree = side_compared(a, b, NULL);
    struct compare_counts n = compare_counts_get(tree);
    CU_ASSERT_EQUAL(n.incomparable, 2);
    CU_ASSERT_EQUAL(n.same + n.better + n.worse, 0);
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_object_get(json_object_get(tree, "summary"), "verdict")),
        "incomparable");
    json_decref(tree);
    json_decref(a);
    json_decref(b);
}

/* Draft 6.5: the rate follows from the idle throughput, which is the DUT's own. */
static void test_load_share(void)
{
    json_t *a = side_with("cases/0/idle_throughput", "{'load':0.1}");
    json_t *b = with_parameter("rate_pps", "3.5");
    side_set(b, "cases/0/idle_throughput", "{'load':0.1}");
    side_check(a, b, "steady", "Num_mVPN", "same", NULL);
    side_check(side_with("cases/0/idle_throughput", "{'load':0.1}"),
               side_with("cases/0/idle_throughput", "{'load':0.5}"), "steady", "Num_mVPN",
               "incomparable", "load is 0.1 in A and 0.5 in B");
}

static void test_receiver_share(void)
{
    json_t *a = with_parameter("remote_pes", "15"), *b = with_parameter("remote_pes", "15");
    side_set_parameter(a, "receiver_pes", "1");
    side_set_parameter(b, "receiver_pes", "8");
    side_check(a, b, "steady", "Num_mVPN", "incomparable",
               "1 of 15 remote PEs in A and 8 of 15 in B");
}

static json_t *with_deviation(const char *kind, const char *text)
{
    char *path = mem_printf("cases/0/deviations/%s/+", kind);
    json_t *tree = side_with(path, text);
    free(path);
    return tree;
}

static void test_deviations(void)
{
    side_check(side_run(), with_deviation("configuration", "'no LDP'"), "steady", "Num_mVPN",
               "incomparable", "a deviation of B alone: no LDP");
    side_check(with_deviation("configuration", "'no LDP'"),
               with_deviation("configuration", "'no LDP'"), "steady", "Num_mVPN", "same", NULL);
    side_check(side_run(), with_deviation("configuration", "'hook: figures come from commands'"),
               "steady", "Num_mVPN", "same", NULL);
    side_check(side_run(), with_deviation("procedure", "'something small'"), "steady", "Num_mVPN",
               "same", NULL);
    side_check(side_run(), with_deviation("configuration", "'utilisation is that of its model'"),
               "steady", "CPU CPU 0", "incomparable", "model");
    side_check(side_run(), with_deviation("configuration", "'utilisation is that of its model'"),
               "steady", "latency ingress avg", "same", NULL);
    /* The number of the instance is no difference. */
    json_t *a = with_deviation("configuration", "'odd in 9.1-0007'");
    json_t *b = with_deviation("configuration", "'odd in 9.1-0011'");
    side_check(a, b, "steady", "Num_mVPN", "same", NULL);
}

static void test_timing(void)
{
    static const char shorter[] = "'timing x: traffic_limit_s 600, steady_wait_s 600, "
                                  "pre_stimulus_wait_s 600, hold_out_s 5, recovery_limit_s 1200, "
                                  "post_recovery_wait_s 600, setup_limit_s 600 (draft: ...)'";
    static const char quick[] = "'timing quick: traffic_limit_s 60, steady_wait_s 10, "
                                "pre_stimulus_wait_s 5, hold_out_s 20, recovery_limit_s 300, "
                                "post_recovery_wait_s 10, setup_limit_s 120 (draft: ...)'";
    static const char named[] = "'timing fast.yaml: traffic_limit_s 60, steady_wait_s 10, "
                                "pre_stimulus_wait_s 5, hold_out_s 20, recovery_limit_s 300, "
                                "post_recovery_wait_s 10, setup_limit_s 120 (draft: ...)'";
    side_check(side_run(), with_deviation("procedure", shorter), "steady", "Num_mVPN", "same",
               NULL);
    side_check(side_run(), with_deviation("procedure", shorter), "p-link-flap", "Num_mVPN",
               "incomparable", "hold_out_s is 300 in A and 5 in B");
    side_check(side_run(), with_deviation("procedure", shorter), "p-link-flap", "Trall-Tf",
               "incomparable", "hold_out_s");
    side_check(side_run(), with_deviation("procedure", quick), "steady", "Num_mVPN", "incomparable",
               "steady_wait_s is 600 in A and 10 in B");
    side_check(with_deviation("procedure", quick), with_deviation("procedure", named),
               "p-link-flap", "Trall-Tf", "same", NULL);
}

static void test_state_not_expired(void)
{
    static const char path[] = "cases/0/instances/5/recovery/0/marks";
    json_t *a = side_with(path, "['state-not-expired']"),
           *b = side_with(path, "['state-not-expired']");
    side_set(b, "cases/0/instances/5/recovery/0/Tf", "1100");
    side_check(side_run(), side_with(path, "['state-not-expired']"), "p-link-flap", "Trall-Tf",
               "incomparable", "state had not expired in B alone");
    side_check(side_run(), side_with(path, "['state-not-expired']"), "p-link-flap", "Num_mVPN",
               "incomparable", "state had not expired in B alone");
    side_check(a, b, "p-link-flap", "Trall-Tf", "incomparable",
               "held out for 300.0 s in A and 100.0");
    side_check(side_with(path, "['state-not-expired']"), side_with(path, "['state-not-expired']"),
               "p-link-flap", "Trall-Tf", "same", NULL);
}

static const struct cu_test tests[] = {
    {"the same", test_same},
    {"a maximum that fell", test_fell},
    {"--tolerance", test_tolerance},
    {"wrong --tolerance", test_wrong_tolerance},
    {"the search's resolution", test_resolution},
    {"maxima that are lower bounds", test_at_least},
    {"nothing held", test_nothing_held},
    {"unverified maxima", test_verified},
    {"another metric variable, another load", test_other_variables},
    {"another case, another clock", test_definition},
    {"what one run does not have", test_missing},
    {"shares of the idle throughput", test_load_share},
    {"shares of remote PEs with receivers", test_receiver_share},
    {"deviations", test_deviations},
    {"timing", test_timing},
    {"state that had not expired", test_state_not_expired},
};

CU_MAIN("reports/compare", tests)
