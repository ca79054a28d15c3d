/* RFC 6517, Appendix A, in numbers computed by hand from the RFC's text (PROTOCOLS 11). */
#include "harness/run/predict.h"
#include "tests/unit/cu.h"

static struct predict_input example(double receivers)
{
    return (struct predict_input){.pes = 500,
                                  .receivers = receivers,
                                  .reflectors = 2,
                                  .clusters = -1,
                                  .lifetime_s = 3600,
                                  .refresh_s = 60,
                                  .groups = 1};
}

static void check_columns(const double v[PREDICT_COLUMNS], double upstream, double other, double rr,
                          double all)
{
    CU_ASSERT_EQUAL(v[PREDICT_UPSTREAM], upstream);
    CU_ASSERT_EQUAL(v[PREDICT_OTHER], other);
    CU_ASSERT_EQUAL(v[PREDICT_RR], rr);
    CU_ASSERT_EQUAL(v[PREDICT_ALL], all);
}

static void test_pim(void)
{
    struct predict_input in = example(10);
    struct prediction p;
    predict_pim(&in, &p);
    check_columns(p.rows[PREDICT_FIRST_JOIN], 1, 499, 0, 500);
    check_columns(p.rows[PREDICT_FURTHER_JOIN], 1, 499, 0, 500);
    check_columns(p.rows[PREDICT_REFRESH], 60, 29940, 0, 30000);
    check_columns(p.rows[PREDICT_LEAVE], 2, 998, 0, 1000);
    check_columns(p.rows[PREDICT_LAST_LEAVE], 1, 499, 0, 500);
    check_columns(p.sum, 89, 44411, 0, 44500);
    check_columns(p.printed, 80, 39920, 0, 45000);
    check_columns(p.state, 1, 10, 0, 11);
    in = example(250);
    predict_pim(&in, &p);
    CU_ASSERT_EQUAL(p.sum[PREDICT_ALL], 404500);
    CU_ASSERT_EQUAL(p.printed[PREDICT_ALL], 405000);
    CU_ASSERT_EQUAL(p.state[PREDICT_ALL], 251);
}

static void test_one_receiver(void)
{
    struct predict_input in = example(1);
    struct prediction p;
    predict_pim(&in, &p);
    check_columns(p.sum, 62, 30938, 0, 31000); /* P(3 - 1 + 60) */
    in.lifetime_s = 0;
    predict_pim(&in, &p);
    CU_ASSERT_EQUAL(p.sum[PREDICT_ALL], 1000);
}

static void test_bgp(void)
{
    struct predict_input in = example(10);
    struct prediction p;
    predict_bgp(&in, false, &p);
    check_columns(p.rows[PREDICT_FIRST_JOIN], 2, 2, 6, 10);
    check_columns(p.rows[PREDICT_FURTHER_JOIN], 2, 2, 6, 10);
    check_columns(p.rows[PREDICT_REFRESH], 0, 0, 0, 0);
    check_columns(p.rows[PREDICT_LEAVE], 2, 2, 6, 10);
    check_columns(p.rows[PREDICT_LAST_LEAVE], 2, 2, 6, 10);
    check_columns(p.sum, 40, 40, 120, 200);   /* 4R, 4R, 12R, 20R */
    check_columns(p.printed, 4, 40, 60, 104); /* 2RR, 4R, 6R, 10R + 2RR */
    check_columns(p.state, 4, 20, 22, 46);    /* 4, 2R, 2R + RR CL, 4R + RR CL + 4 */
    predict_bgp(&in, true, &p);
    check_columns(p.rows[PREDICT_FURTHER_JOIN], 0, 2, 2, 4);
    check_columns(p.sum, 4, 40, 48, 92);     /* 4R + 8 of RRs, 8R + 12 in all */
    check_columns(p.printed, 4, 40, 20, 62); /* 2R, 6R + RR */
    in = example(250);
    predict_bgp(&in, false, &p);
    CU_ASSERT_EQUAL(p.sum[PREDICT_ALL], 5000);
    in.clusters = 4;
    in.reflectors = 3;
    predict_bgp(&in, false, &p);
    check_columns(p.state, 4, 500, 512, 1016);
    CU_ASSERT_EQUAL(p.printed[PREDICT_ALL], 2506);
}

static void test_trees(void)
{
    struct predict_input in = example(10);
    in.groups = 3;
    in.sources = 2;
    CU_ASSERT_EQUAL(predict_trees(&in), 9);
    json_t *o = predict_json(&in);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(json_object_get(o, "pim"), "sum")), 9 * 44500);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(json_object_get(o, "bgp"), "printed")),
                    9 * 104);
    json_decref(o);
}

static const struct cu_test tests[] = {
    {"PIM", test_pim},
    {"one receiver", test_one_receiver},
    {"BGP", test_bgp},
    {"trees", test_trees},
};

CU_MAIN("predict", tests)
