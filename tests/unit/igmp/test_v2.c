/* Version 2: reports, repeats, answers, suppression, leaves (RFC 2236). */
#include "tests/unit/cu.h"
#include "tests/unit/igmp/fake.h"

/* A join is reported at once and again within 10 s; both go to the group. */
static void test_join(void)
{
    struct fake *f = fake_new(2, 1, 1);
    struct igmp_counts c;
    igmp_host_join(f->set, 0, 0, 0);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.joined, 1);
    CU_ASSERT_EQUAL(c.unsent, 1);
    CU_ASSERT_EQUAL(c.unrefreshed, 1);
    fake_run(f, 0.001);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_REPORT), 1);
    CU_ASSERT_EQUAL(f->log[0].dst, FAKE_GROUP);
    CU_ASSERT_EQUAL(f->log[0].group, FAKE_GROUP);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.unsent, 0);
    CU_ASSERT_EQUAL(c.unrefreshed, 1);
    fake_run(f, 300);
    CU_ASSERT_EQUAL(f->sent, 2);
    CU_ASSERT(fake_seconds(f->log[1].at) > 0 && fake_seconds(f->log[1].at) <= 10);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.unrefreshed, 0);
    CU_ASSERT_EQUAL(c.overrun, 0);
    fake_free(f);
}

/* Messages of one host are 100 ms apart, hosts do not wait for one another. */
static void test_spacing(void)
{
    struct fake *f = fake_new(2, 3, 20);
    int64_t last[3] = {-NS_PER_S, -NS_PER_S, -NS_PER_S};
    for (uint32_t h = 0; h < 3; h++)
        fake_join_all(f, h);
    fake_run(f, 1.95);
    CU_ASSERT_EQUAL(f->sent, 60);
    for (size_t i = 0; i < f->sent; i++) {
        CU_ASSERT(f->log[i].at.ns - last[f->log[i].host] >= 100 * NS_PER_MS);
        last[f->log[i].host] = f->log[i].at.ns;
    }
    fake_free(f);
}

/* A general query is answered for each group once, spread over the response time. */
static void test_general_query(void)
{
    struct fake *f = fake_new(2, 1, 40);
    unsigned seen[40] = {0}, halves[2] = {0};
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    fake_query(f, 0, 2, 0, 10000);
    fake_run(f, 20);
    CU_ASSERT_EQUAL(f->sent, 40);
    for (size_t i = 0; i < f->sent; i++) {
        seen[f->log[i].group - FAKE_GROUP]++;
        halves[fake_seconds(f->log[i].at) > 105]++;
        CU_ASSERT(fake_seconds(f->log[i].at) <= 110.5);
    }
    for (unsigned ix = 0; ix < 40; ix++)
        CU_ASSERT_EQUAL(seen[ix], 1);
    CU_ASSERT(halves[0] >= 8 && halves[1] >= 8);
    fake_free(f);
}

/* A group-specific query is answered for that group alone, within its shorter time. */
static void test_group_query(void)
{
    struct fake *f = fake_new(2, 1, 5);
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    fake_query(f, 0, 2, FAKE_GROUP + 3, 1000);
    fake_query(f, 0, 2, FAKE_GROUP + 77, 1000); /* nobody's */
    fake_run(f, 1);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].group, FAKE_GROUP + 3);
    /* A query with less time brings an answer forward that is due later; the other way round not.
     */
    fake_clear(f);
    fake_query(f, 0, 2, 0, 10000);
    fake_query(f, 0, 2, FAKE_GROUP + 1, 100);
    fake_run(f, 0.2);
    CU_ASSERT(f->sent >= 1);
    fake_run(f, 20);
    CU_ASSERT_EQUAL(f->sent, 5);
    fake_free(f);
}

/* Somebody else's report cancels the answer, and the Leave of a host that was not the last. */
static void test_suppression(void)
{
    struct fake *f = fake_new(2, 1, 2);
    struct igmp_counts c;
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    fake_query(f, 0, 2, 0, 10000);
    igmp_host_report(f->set, 0, FAKE_GROUP);
    igmp_host_report(f->set, 0, FAKE_GROUP + 9);
    fake_run(f, 20);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].group, FAKE_GROUP + 1);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.suppressed, 1);
    fake_clear(f);
    igmp_host_leave(f->set, 0, 0);
    igmp_host_leave(f->set, 0, 1);
    fake_run(f, 5);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].type, IGMP_V2_LEAVE);
    CU_ASSERT_EQUAL(f->log[0].group, FAKE_GROUP + 1);
    CU_ASSERT_EQUAL(f->log[0].dst, IGMP_ALL_ROUTERS);
    fake_free(f);
}

/* Leaves wait for their turn; a join in between takes a waiting one back. */
static void test_leave(void)
{
    struct fake *f = fake_new(2, 1, 10);
    struct igmp_counts c;
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    for (uint32_t ix = 0; ix < 10; ix++)
        igmp_host_leave(f->set, 0, ix);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.joined, 0);
    CU_ASSERT_EQUAL(c.leaves_due, 10);
    CU_ASSERT_FALSE(igmp_host_joined(f->set, 0, 9));
    igmp_host_join(f->set, 0, 9, 0);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 9);
    fake_run(f, 2);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 0);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_LEAVE), 9);
    CU_ASSERT(fake_sent(f, IGMP_V2_REPORT) >= 1);
    fake_free(f);
}

/* First reports that are due at other instants than the row of them keep theirs. */
static void test_delays(void)
{
    struct fake *f = fake_new(2, 1, 4);
    igmp_host_join(f->set, 0, 2, 3 * NS_PER_S);
    igmp_host_join(f->set, 0, 0, 2 * NS_PER_S);
    igmp_host_join(f->set, 0, 1, 3 * NS_PER_S);
    igmp_host_join(f->set, 0, 3, 20 * NS_PER_S);
    fake_run(f, 1.9);
    CU_ASSERT_EQUAL(f->sent, 0);
    fake_run(f, 0.2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].group, FAKE_GROUP);
    fake_run(f, 17.8);
    CU_ASSERT_EQUAL(f->sent, 6);
    fake_run(f, 20);
    CU_ASSERT_EQUAL(f->sent, 8);
    CU_ASSERT(fake_seconds(f->log[6].at) >= 20);
    fake_free(f);
}

/* As often as the querier's robustness says, when it says so. */
static void test_robustness(void)
{
    struct fake *f = fake_new(2, 1, 2);
    struct igmp q = {.type = IGMP_QUERY, .version = 3, .max_resp_ms = 1000, .robustness = 4};
    igmp_host_query(f->set, 0, &q);
    fake_join_all(f, 0);
    fake_run(f, 60);
    CU_ASSERT_EQUAL(f->sent, 8);
    fake_free(f);
}

/* A query of version 3 is one of version 2 with more behind it (RFC 3376 section 7.1). */
static void test_v3_query(void)
{
    struct fake *f = fake_new(2, 1, 3);
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    fake_query(f, 0, 3, 0, 10000);
    fake_run(f, 20);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_REPORT), 3);
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 2);
    fake_free(f);
}

static const struct cu_test tests[] = {
    {"join", test_join},
    {"spacing", test_spacing},
    {"general query", test_general_query},
    {"group-specific query", test_group_query},
    {"suppression", test_suppression},
    {"leave", test_leave},
    {"delays", test_delays},
    {"robustness", test_robustness},
    {"version 3 query", test_v3_query},
};

CU_MAIN("igmp version 2", tests)
