#include "emul/base/rng.h"
#include "emul/traffic/latency.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

static void test_buckets(void)
{
    CU_ASSERT_EQUAL(latency_lower(0), 0);
    for (size_t i = 0; i + 1 < LATENCY_BUCKETS; i++) {
        int64_t lower = latency_lower(i), upper = latency_upper(i);
        CU_ASSERT_EQUAL_FATAL(latency_bucket(lower), i);
        CU_ASSERT_EQUAL_FATAL(latency_bucket(upper - 1), i);
        CU_ASSERT_EQUAL_FATAL(latency_bucket(upper), i + 1);
        CU_ASSERT_TRUE_FATAL(upper - lower == 1 || (upper - lower) * 64 <= lower);
    }
    CU_ASSERT_EQUAL(latency_bucket(INT64_MAX), LATENCY_BUCKETS - 1);
    CU_ASSERT_EQUAL(latency_upper(LATENCY_BUCKETS - 1), INT64_MAX);
    CU_ASSERT_EQUAL(latency_lower(127), 127);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* Latencies of all sizes, against their sorted list. */
static void test_quantiles(void)
{
    enum { COUNT = 997 };
    static int64_t ns[COUNT];
    static struct latency_counts c;
    struct rng rng = {5};
    for (size_t i = 0; i < COUNT; i++) {
        ns[i] = (int64_t)(rng_next(&rng) >> (20 + hash_range(rng_next(&rng), 40)));
        c.at[latency_bucket(ns[i])]++;
    }
    qsort(ns, COUNT, sizeof(ns[0]), compare);
    for (unsigned percent = 1; percent <= 100; percent++) {
        int64_t exact = ns[(COUNT * percent + 99) / 100 - 1];
        int64_t got = latency_quantile(&c, COUNT, percent, ns[0], ns[COUNT - 1]);
        CU_ASSERT_TRUE(llabs(got - exact) <= exact / 64);
        CU_ASSERT_EQUAL(latency_bucket(got), latency_bucket(exact));
    }
    CU_ASSERT_EQUAL(latency_quantile(&c, 0, 50, 0, 0), -1);
}

static void test_one_value(void)
{
    static struct latency_counts c;
    c.at[latency_bucket(1000003)] = 7;
    CU_ASSERT_EQUAL(latency_quantile(&c, 7, 50, 1000003, 1000003), 1000003);
    CU_ASSERT_EQUAL(latency_quantile(&c, 7, 99, 1000003, 1000003), 1000003);
}

static void test_take(void)
{
    static struct latency_counts c;
    c.at[latency_bucket(1000)] = 5;
    c.at[latency_bucket(9000)] = 5;
    latency_take(&c, 1000, 5);
    CU_ASSERT_EQUAL(c.at[latency_bucket(1000)], 0);
    latency_take(&c, 500, 5); /* not where it should be: the nearest there is */
    CU_ASSERT_EQUAL(c.at[latency_bucket(9000)], 0);
    latency_take(&c, 500, 5); /* nothing is there: nothing goes below 0 */
    CU_ASSERT_EQUAL(c.at[latency_bucket(500)], 0);
}

static const struct cu_test tests[] = {
    {"buckets follow one another, none too wide", test_buckets},
    {"quantiles are those of the sorted list, within a bucket", test_quantiles},
    {"one value is given exactly", test_one_value},
    {"a count is taken out once", test_take},
};

CU_MAIN("latency", tests)
