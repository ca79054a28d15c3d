/* Pairs, histogram, calendar: pure counting. */
#include "emul/base/rng.h"
#include "monitor/scope/calendar.h"
#include "monitor/scope/pair.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

static void test_all_come(void)
{
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 0, 10);
    for (uint64_t s = 0; s < 1000; s++)
        pair_receive(&p, s, 1000000);
    pair_counts_get(&p, 980, &c);
    CU_ASSERT_EQUAL(c.sent, 980);
    CU_ASSERT_EQUAL(c.received, 980); /* the 20 under way are not counted yet */
    CU_ASSERT_EQUAL(c.lost, 0);
    CU_ASSERT_EQUAL(c.warm_up, 0);
    pair_fini(&p);
}

static void test_under_way_is_not_lost(void)
{
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 0, 10);
    for (uint64_t s = 0; s < 100; s++) {
        if (s % 10 != 3)
            pair_receive(&p, s, 1000000);
    }
    pair_counts_get(&p, 90, &c);
    CU_ASSERT_EQUAL(c.sent, 90);
    CU_ASSERT_EQUAL(c.lost, 9);
    pair_counts_get(&p, 130, &c); /* 30 more were sent and did not come */
    CU_ASSERT_EQUAL(c.sent, 130);
    CU_ASSERT_EQUAL(c.lost, 40);
    pair_fini(&p);
}

static void test_duplicates_and_order(void)
{
    static const uint64_t order[] = {0, 1, 3, 2, 4, 4, 1, 5};
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 0, 10);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        pair_receive(&p, order[i], 1000000);
    pair_counts_get(&p, 6, &c);
    CU_ASSERT_EQUAL(c.received, 6);
    CU_ASSERT_EQUAL(p.duplicate, 2);
    CU_ASSERT_EQUAL(p.reordered, 1);
    pair_fini(&p);
}

/* Far behind the window nothing can be told: it stays lost, and is counted apart. */
static void test_too_late(void)
{
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 0, 10);
    pair_receive(&p, 0, 1);
    for (uint64_t s = 2; s < 1000; s++)
        pair_receive(&p, s, 1);
    pair_receive(&p, 1, 1);
    pair_counts_get(&p, 1000, &c);
    CU_ASSERT_EQUAL(p.late, 1);
    CU_ASSERT_EQUAL(c.lost, 1);
    pair_fini(&p);
}

/* The tree comes up at number 35: what was sent up to a second later says nothing. */
static void test_warm_up(void)
{
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 0, 10);
    pair_counts_get(&p, 30, &c);
    CU_ASSERT_EQUAL(c.lost, 30); /* as long as nothing comes, all is lost */
    for (uint64_t s = 35; s < 100; s++)
        pair_receive(&p, s, 1000);
    pair_counts_get(&p, 100, &c);
    CU_ASSERT_EQUAL(c.warm_up, 46);
    CU_ASSERT_EQUAL(c.sent, 54);
    CU_ASSERT_EQUAL(c.lost, 0);
    CU_ASSERT_EQUAL(p.delay.count, 54);
    pair_fini(&p);
}

/* A way that comes up after minutes: warming up ends at ten seconds, the rest was lost. */
static void test_late_start_is_loss(void)
{
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 50, 10);
    for (uint64_t s = 1050; s < 2050; s++)
        pair_receive(&p, s, 1000);
    pair_counts_get(&p, 2050, &c);
    CU_ASSERT_EQUAL(c.warm_up, 101);
    CU_ASSERT_EQUAL(c.sent, 1899);
    CU_ASSERT_EQUAL(c.lost, 899);
    pair_fini(&p);
}

static void test_other_rate(void)
{
    struct pair p = {0};
    struct pair_counts c;
    pair_init(&p, 0, 10);
    for (uint64_t s = 0; s < 500; s++)
        pair_receive(&p, s, 1000);
    pair_rate(&p, 1000);
    CU_ASSERT_EQUAL(p.window_bits, 4096);
    for (uint64_t s = 490; s < 4000; s++)
        pair_receive(&p, s, 1000);
    pair_counts_get(&p, 2000, &c); /* 2,000 under way */
    CU_ASSERT_EQUAL(c.received, 2000);
    CU_ASSERT_EQUAL(p.duplicate, 10);
    pair_fini(&p);
}

/* Against a record of everything: sent, received, duplicates by brute force. */
static void test_random(void)
{
    enum { N = 5000 };
    static uint8_t seen[N];
    struct rng r = {3};
    struct pair p = {0};
    struct pair_counts c;
    uint64_t duplicates = 0, received = 0;
    pair_init(&p, 0, 30);
    pair_receive(&p, 0, 1);
    seen[0] = 1;
    for (uint64_t s = 1; s < N; s++) {
        if (rng_unit(&r) < 0.1)
            continue;
        uint64_t back = rng_unit(&r) < 0.05 ? rng_next(&r) % 60 : 0;
        uint64_t n = s > back ? s - back : s;
        duplicates += seen[n];
        seen[n] = 1;
        pair_receive(&p, n, (int64_t)(rng_next(&r) % 1000000));
    }
    for (uint64_t s = 0; s < N - 50; s++)
        received += seen[s];
    pair_counts_get(&p, N - 50, &c);
    CU_ASSERT_EQUAL(c.sent, N - 50);
    CU_ASSERT_EQUAL(c.received, received);
    CU_ASSERT_EQUAL(p.duplicate, duplicates);
    pair_fini(&p);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void test_quantiles(void)
{
    enum { N = 20000 };
    static int64_t v[N];
    static const double q[] = {0.01, 0.5, 0.9, 0.99};
    struct histogram h = {0};
    struct rng r = {5};
    CU_ASSERT_EQUAL(histogram_quantile(&h, 0.5), -1);
    for (int i = 0; i < N; i++) {
        v[i] = (int64_t)(rng_unit(&r) * rng_unit(&r) * 150e6) + 100000;
        histogram_add(&h, v[i]);
    }
    qsort(v, N, sizeof(v[0]), by_value);
    for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
        int64_t want = v[(int)(q[i] * N)], got = histogram_quantile(&h, q[i]);
        CU_ASSERT_TRUE(llabs(got - want) <= want / 250 + 1);
    }
    CU_ASSERT_EQUAL(histogram_quantile(&h, 0), v[0]);
    CU_ASSERT_EQUAL(histogram_quantile(&h, 1), v[N - 1]);
    histogram_clear(&h);
    CU_ASSERT_EQUAL(h.count, 0);
}

/* Delays close together, as one tunnel has them: the median is right to 0.5 ms at 100 ms. */
static void test_narrow_quantile(void)
{
    struct histogram h = {0};
    for (int i = 0; i < 1001; i++)
        histogram_add(&h, 100200000 + i * 1000);
    int64_t median = histogram_quantile(&h, 0.5);
    CU_ASSERT_TRUE(llabs(median - 100700000) < 300000);
    histogram_clear(&h);
    histogram_add(&h, -5);
    histogram_add(&h, INT64_MAX / 4);
    CU_ASSERT_EQUAL(h.min_ns, -5);
    CU_ASSERT_EQUAL(histogram_quantile(&h, 1), INT64_MAX / 4);
    histogram_clear(&h);
}

static void test_calendar(void)
{
    struct calendar a = {0};
    struct calendar_entry e;
    struct rng r = {9};
    for (uint32_t i = 0; i < 1000; i++)
        calendar_put(&a, i, (int64_t)(rng_next(&r) % 500));
    int64_t last = -1;
    uint32_t last_number = 0;
    for (int i = 0; i < 1000; i++) {
        CU_ASSERT_TRUE_FATAL(calendar_due(&a, 500, &e));
        CU_ASSERT_TRUE(e.at_ns > last || (e.at_ns == last && e.number > last_number));
        last = e.at_ns;
        last_number = e.number;
    }
    CU_ASSERT_FALSE(calendar_due(&a, 500, &e));
    CU_ASSERT_EQUAL(calendar_next(&a), INT64_MAX);
    calendar_fini(&a);
}

static const struct cu_test tests[] = {
    {"all come", test_all_come},
    {"what is under way is not lost", test_under_way_is_not_lost},
    {"duplicates and order", test_duplicates_and_order},
    {"too late", test_too_late},
    {"warm-up", test_warm_up},
    {"a late start is loss", test_late_start_is_loss},
    {"another rate", test_other_rate},
    {"random against a record", test_random},
    {"quantiles", test_quantiles},
    {"narrow quantile", test_narrow_quantile},
    {"calendar", test_calendar},
};
CU_MAIN("pairs", tests)
