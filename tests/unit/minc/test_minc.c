/* The estimators against golden figures, computed once by an implementation of its own in Python.
 */
#include "monitor/minc/minc.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define CLOSE 1e-9

static bool same(double got, double want)
{
    if (isnan(want))
        return isnan(got);
    if (fabs(got - want) <= CLOSE)
        return true;
    (void)fprintf(stderr, "got %.17g, want %.17g\n", got, want);
    return false;
}

/* pass of the three links, then their standard errors. */
static const struct {
    struct minc_counts n;
    double want[6];
} individual_rows[] = {
    {{647000, 4300, 4200, 4500},
     {0.9932241112828439, 0.9935503685503686, 0.9933978197451251, 0.00010130083163219401,
      9.919852114188645e-05, 0.00010034939323581397}},
    {{10, 2, 3, 5},
     {0.78, 0.7692307692307693, 0.8333333333333334, 0.10449880382090504, 0.11685454235580768,
      0.1075828707279838}},
    {{59988, 3, 5, 4},
     {0.9999333375008335, 0.99991665694331, 0.9999499924988748, 3.333222248158263e-05,
      3.727059482254299e-05, 2.887112232269721e-05}},
    {{990, 10, 0, 0}, {1.0, 1.0, 0.99, 0.0, 0.0, 0.003146426544510456}},
    {{100, 30, 20, 1},
     {1.033112582781457, 0.8333333333333334, 0.7692307692307693, 0.019933664825552855,
      0.03402069087198858, 0.03695265087809703}},
    {{0, 5, 6, 7}, {NAN, NAN, NAN, NAN, NAN, NAN}},
    {{1000, 0, 0, 0}, {1.0, 1.0, 1.0, 0.0, 0.0, 0.0}},
    {{123456, 7890, 2345, 678},
     {0.9960695366055594, 0.9813594486530314, 0.9399296514549358, 0.0001952821667377654,
      0.00038133036075694367, 0.0006556458632200758}},
};

static void individual(void)
{
    for (size_t i = 0; i < sizeof(individual_rows) / sizeof(individual_rows[0]); i++) {
        struct minc_estimate e;
        minc_individual(&individual_rows[i].n, &e);
        for (int l = 0; l < MINC_LINKS; l++) {
            CU_ASSERT_TRUE(same(e.pass[l], individual_rows[i].want[l]));
            CU_ASSERT_TRUE(same(e.error[l], individual_rows[i].want[3 + l]));
        }
    }
}

/* pass of the three links, then standard errors of the first two. */
static const struct {
    struct minc_counts n;
    double want[5];
} reflected_rows[] = {
    {{640000, 12000, 4300, 3700},
     {0.9945160984848485, 0.9933260903305914, 0.9881901840490797, 9.194130257580597e-05,
      0.00010143597728322102}},
    {{9000, 500, 300, 200},
     {0.9816666666666666, 0.9677419354838709, 0.9789473684210527, 0.0014076620140072763,
      0.0018321349491840823}},
    {{59000, 900, 20, 80},
     {0.9986717514124294, 0.999661131819722, 0.9853088480801336, 0.0001489769782481432,
      7.57603889954231e-05}},
    {{100, 30, 5, 2},
     {0.9963503649635035, 0.9523809523809524, 0.8076923076923077, 0.011646111056382169,
      0.020782656212951642}},
    {{0, 1, 2, 3}, {NAN, NAN, NAN, NAN, NAN}},
    {{123456, 7890, 2345, 678},
     {0.9960695366055594, 0.9813594486530314, 0.957783259482588, 0.00019528216673776535,
      0.00038133036075694367}},
};

static void reflected(void)
{
    for (size_t i = 0; i < sizeof(reflected_rows) / sizeof(reflected_rows[0]); i++) {
        struct minc_estimate e;
        minc_reflected(&reflected_rows[i].n, &e);
        for (int l = 0; l < MINC_LINKS; l++)
            CU_ASSERT_TRUE(same(e.pass[l], reflected_rows[i].want[l]));
        CU_ASSERT_TRUE(same(e.error[MINC_ROOT], reflected_rows[i].want[3]));
        CU_ASSERT_TRUE(same(e.error[MINC_LEAF2], reflected_rows[i].want[4]));
    }
}

#define INTERVALS 15

/* Equal and unequal numbers of probes; pass of the three links, and the first one's error. */
static const struct {
    size_t count;
    struct minc_interval list[INTERVALS];
    double want[4];
} aggregate_rows[] = {
    {12,
     {{100, 93, 89},
      {100, 96, 93},
      {100, 94, 90},
      {100, 93, 95},
      {100, 98, 97},
      {100, 94, 94},
      {100, 94, 89},
      {100, 90, 90},
      {100, 90, 90},
      {100, 94, 91},
      {100, 88, 87},
      {100, 93, 95}},
     {0.938661981123558, 0.991659779614325, 0.9765673747321016, 0.031287282488368255}},
    {15,
     {{119, 108, 106},
      {72, 69, 65},
      {134, 123, 119},
      {85, 80, 79},
      {141, 132, 127},
      {128, 118, 116},
      {147, 135, 134},
      {134, 114, 116},
      {123, 116, 116},
      {158, 144, 142},
      {107, 101, 101},
      {43, 38, 40},
      {147, 138, 132},
      {99, 92, 92},
      {139, 127, 131}},
     {0.9502222055038965, 0.9688345555131663, 0.9575759276509339, 0.03699649471103431}},
    {3,
     {{1, 1, 1}, {2, 2, 2}, {3, 2, 2}},
     {0.8771929824561404, 0.9500000000000001, 0.9500000000000001, 0.053862726992920905}},
    {8,
     {{1000, 916, 906},
      {1000, 913, 921},
      {1000, 933, 913},
      {1000, 923, 921},
      {1000, 924, 897},
      {1000, 925, 926},
      {1000, 925, 896},
      {1000, 923, 910}},
     {1.0100386245732982, 0.9135789241622575, 0.902193220962186, 0.02095397159061791}},
};

static void aggregate(void)
{
    for (size_t i = 0; i < sizeof(aggregate_rows) / sizeof(aggregate_rows[0]); i++) {
        struct minc_estimate e;
        minc_aggregate(aggregate_rows[i].list, aggregate_rows[i].count, &e);
        for (int l = 0; l < MINC_LINKS; l++)
            CU_ASSERT_TRUE(same(e.pass[l], aggregate_rows[i].want[l]));
        CU_ASSERT_TRUE(same(e.error[MINC_ROOT], aggregate_rows[i].want[3]));
    }
}

/* One probe an interval is the estimator of individual probes, but for the sample's degrees of
 * freedom. */
static void aggregate_of_one(void)
{
    static struct minc_interval list[20000];
    struct minc_counts n = {.n11 = 18000, .n10 = 900, .n01 = 700, .n00 = 400};
    const uint64_t behind[] = {n.n11, n.n11 + n.n10, n.n11 + n.n10 + n.n01};
    for (size_t i = 0; i < 20000; i++)
        list[i] = (struct minc_interval){1, i < behind[1],
                                         i < behind[0] || (i >= behind[1] && i < behind[2])};
    struct minc_estimate a, b;
    minc_individual(&n, &a);
    minc_aggregate(list, 20000, &b);
    for (int l = 0; l < MINC_LINKS; l++) {
        CU_ASSERT_DOUBLE_EQUAL(a.pass[l], b.pass[l], 1e-5);
        CU_ASSERT_TRUE(b.error[l] > a.error[l] * 0.9 && b.error[l] < a.error[l] * 1.1);
    }
}

static void nothing_to_identify(void)
{
    struct minc_estimate e;
    const struct minc_interval apart[] = {{10, 10, 0}, {10, 0, 10}, {10, 10, 0}, {10, 0, 10}};
    const struct minc_interval dead[] = {{10, 10, 0}, {10, 9, 0}, {10, 10, 0}};
    const struct {
        const struct minc_interval *list;
        size_t count;
    } rows[] = {{apart, 4}, {dead, 3}, {apart, 1}, {apart, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        minc_aggregate(rows[i].list, rows[i].count, &e);
        for (int l = 0; l < MINC_LINKS; l++) {
            struct minc_link link;
            minc_link(e.pass[l], e.error[l], 40, &link);
            CU_ASSERT_FALSE(link.identifiable);
            CU_ASSERT_TRUE(isnan(link.loss) && isnan(link.loss_high));
        }
    }
}

static void as_reported(void)
{
    struct minc_link l;
    minc_link(0.99, 0.001, 1000, &l);
    CU_ASSERT_TRUE(l.identifiable);
    CU_ASSERT_DOUBLE_EQUAL(l.loss, 0.01, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(l.loss_low, 0.01 - 0.00196, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(l.loss_high, 0.01 + 0.00196, 1e-6);
    /* Noise above 1 is no negative loss, and no loss in n probes is no certainty. */
    minc_link(1.002, 0.0015, 1000, &l);
    CU_ASSERT_EQUAL(l.loss, 0);
    CU_ASSERT_EQUAL(l.loss_low, 0);
    CU_ASSERT_TRUE(l.loss_high > 0 && l.loss_high < 0.001);
    minc_link(1, 0, 1000, &l);
    CU_ASSERT_DOUBLE_EQUAL(l.loss_high, 1 - pow(0.025, 0.001), 1e-12);
}

static const struct cu_test tests[] = {
    {"individual probes", individual},
    {"reflected probes", reflected},
    {"aggregates", aggregate},
    {"aggregates of one probe", aggregate_of_one},
    {"nothing to identify", nothing_to_identify},
    {"as reported", as_reported},
};

CU_MAIN("minc", tests)
