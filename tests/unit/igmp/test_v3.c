/* Version 3: records, merged reports, the three kinds of query (RFC 3376 section 5). */
#include "emul/proto/igmp/host_set.h"
#include "tests/unit/cu.h"
#include "tests/unit/igmp/fake.h"

#define S(n) IP4(10, 0, 0, n)

static struct fake *steady(uint32_t count, uint16_t sources)
{
    struct fake *f = fake_new(3, 1, count);
    f->source_count = sources;
    for (uint16_t i = 0; i < sources; i++)
        f->sources[i] = S(i + 1);
    fake_join_all(f, 0);
    fake_run(f, 100);
    return f;
}

/* Joins of one instant share reports; each is repeated once within a second. */
static void test_join(void)
{
    struct fake *f = steady(400, 0);
    struct igmp_counts c;
    CU_ASSERT_EQUAL(fake_records(f, IGMP_TO_EXCLUDE), 800);
    CU_ASSERT_EQUAL(f->log[0].count, 183);
    CU_ASSERT_EQUAL(f->log[0].dst, IGMP_V3_ROUTERS);
    CU_ASSERT(f->sent < 30);
    CU_ASSERT(fake_seconds(f->log[f->sent - 1].at) < 3.5);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.unsent, 0);
    CU_ASSERT_EQUAL(c.unrefreshed, 0);
    CU_ASSERT_EQUAL(c.records, 800);
    fake_free(f);
}

static void test_general_query(void)
{
    struct fake *f = steady(400, 0);
    fake_clear(f);
    fake_query(f, 0, 3, 0, 10000);
    fake_query(f, 0, 3, 0, 10000); /* one answer for both (rule 1) */
    fake_run(f, 15);
    CU_ASSERT_EQUAL(f->sent, 3);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_IS_EXCLUDE), 400);
    CU_ASSERT(fake_seconds(f->log[0].at) <= 110);
    CU_ASSERT(f->log[1].at.ns - f->log[0].at.ns >= 100 * NS_PER_MS);
    fake_free(f);
}

/* Reports of others silence nobody. */
static void test_no_suppression(void)
{
    struct fake *f = steady(2, 0);
    fake_clear(f);
    fake_query(f, 0, 3, 0, 10000);
    igmp_host_report(f->set, 0, FAKE_GROUP);
    fake_run(f, 15);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_IS_EXCLUDE), 2);
    fake_free(f);
}

static void test_group_query(void)
{
    struct fake *f = steady(3, 0);
    fake_clear(f);
    fake_query(f, 0, 3, FAKE_GROUP + 1, 1000);
    fake_query(f, 0, 3, FAKE_GROUP + 9, 1000);
    fake_run(f, 1);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].count, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].type, IGMP_IS_EXCLUDE);
    CU_ASSERT_EQUAL(f->log[0].record[0].group, FAKE_GROUP + 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].source_count, 0);
    fake_free(f);
}

/* Answers to several queries for sources of one group are merged into one record (rule 5). */
static void test_source_queries(void)
{
    struct fake *f = steady(2, 0);
    const ip4_t first[] = {S(1), S(2)}, second[] = {S(2), S(3)};
    fake_clear(f);
    fake_query_sources(f, 0, FAKE_GROUP, first, 2, 1000);
    fake_query_sources(f, 0, FAKE_GROUP, second, 2, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].count, 1);
    const struct fake_record *r = &f->log[0].record[0];
    CU_ASSERT_EQUAL(r->type, IGMP_IS_INCLUDE);
    CU_ASSERT_EQUAL(r->source_count, 3);
    CU_ASSERT(r->source[0] == S(1) && r->source[1] == S(2) && r->source[2] == S(3));
    /* A query for the group turns it into the answer for the group (rule 4). */
    fake_clear(f);
    fake_query_sources(f, 0, FAKE_GROUP, first, 2, 1000);
    fake_query(f, 0, 3, FAKE_GROUP, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].type, IGMP_IS_EXCLUDE);
    /* Which forgets what was asked for before. */
    fake_clear(f);
    fake_query_sources(f, 0, FAKE_GROUP, second + 1, 1, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].source_count, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].source[0], S(3));
    fake_free(f);
}

/* A general answer that comes sooner holds the answer to a group-specific query (rule 1). */
static void test_general_holds_group(void)
{
    struct fake *f = steady(3, 0);
    fake_clear(f);
    fake_query(f, 0, 3, 0, 100);
    fake_query(f, 0, 3, FAKE_GROUP + 1, 100000);
    fake_run(f, 200);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_IS_EXCLUDE), 3);
    fake_free(f);
}

/* More sources than are kept are answered as if the group had been asked for. */
static void test_many_sources(void)
{
    struct fake *f = steady(1, 0);
    ip4_t many[IGMP_SOURCES_MAX + 1];
    for (uint32_t i = 0; i < IGMP_SOURCES_MAX + 1; i++)
        many[i] = S(1) + i;
    fake_clear(f);
    fake_query_sources(f, 0, FAKE_GROUP, many, IGMP_SOURCES_MAX + 1, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].type, IGMP_IS_EXCLUDE);
    CU_ASSERT_EQUAL(f->set->asked_count, 0);
    fake_free(f);
}

/* A member of (S,G) only: ALLOW, IS_IN, the common sources, BLOCK. */
static void test_sources_wanted(void)
{
    struct fake *f = steady(1, 2);
    const ip4_t asked[] = {S(2), S(9)}, foreign[] = {S(9)};
    CU_ASSERT_EQUAL(fake_records(f, IGMP_ALLOW_NEW), 2);
    fake_clear(f);
    fake_query(f, 0, 3, 0, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].type, IGMP_IS_INCLUDE);
    CU_ASSERT_EQUAL(f->log[0].record[0].source_count, 2);
    fake_clear(f);
    fake_query_sources(f, 0, FAKE_GROUP, asked, 2, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].source_count, 1);
    CU_ASSERT_EQUAL(f->log[0].record[0].source[0], S(2));
    fake_clear(f);
    fake_query_sources(f, 0, FAKE_GROUP, foreign, 1, 1000);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(f->sent, 0);
    igmp_host_leave(f->set, 0, 0);
    fake_run(f, 3);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_BLOCK_OLD), 2);
    fake_free(f);
}

/* Leaves are repeated too; queries find no member meanwhile. */
static void test_leave(void)
{
    struct fake *f = steady(10, 0);
    struct igmp_counts c;
    fake_clear(f);
    for (uint32_t ix = 0; ix < 10; ix++)
        igmp_host_leave(f->set, 0, ix);
    fake_query(f, 0, 3, 0, 100);
    fake_query(f, 0, 3, FAKE_GROUP, 100);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 10);
    fake_run(f, 3);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_TO_INCLUDE), 20);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_IS_EXCLUDE), 0);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 0);
    CU_ASSERT_EQUAL(c.leaves, 10);
    CU_ASSERT_EQUAL(c.joined, 0);
    /* Left and joined again before the leave was said twice: only the join goes on. */
    fake_clear(f);
    igmp_host_join(f->set, 0, 0, 0);
    fake_run(f, 5);
    igmp_host_leave(f->set, 0, 0);
    igmp_host_join(f->set, 0, 0, 0);
    fake_run(f, 5);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_TO_INCLUDE), 0);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_TO_EXCLUDE), 4);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 0);
    fake_free(f);
}

/* The querier's robustness is the number of times that a change is said. */
static void test_robustness(void)
{
    struct fake *f = fake_new(3, 1, 1);
    struct igmp q = {.type = IGMP_QUERY, .version = 3, .max_resp_ms = 1000, .robustness = 5};
    igmp_host_query(f->set, 0, &q);
    igmp_host_join(f->set, 0, 0, 0);
    fake_run(f, 30);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_TO_EXCLUDE), 5);
    fake_free(f);
}

static const struct cu_test tests[] = {
    {"join", test_join},
    {"general query", test_general_query},
    {"no suppression", test_no_suppression},
    {"group-specific query", test_group_query},
    {"group-and-source-specific queries", test_source_queries},
    {"general answer holds the group's", test_general_holds_group},
    {"too many sources", test_many_sources},
    {"only some sources wanted", test_sources_wanted},
    {"leave", test_leave},
    {"robustness", test_robustness},
};

CU_MAIN("igmp version 3", tests)
