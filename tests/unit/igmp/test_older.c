/* Older queriers: a host speaks their version while they are there (RFC 3376 7.2.1, RFC 2236 4). */
#include "tests/unit/cu.h"
#include "tests/unit/igmp/fake.h"

/* RV * QI + QRI = 260 s after the last query of version 2 the host speaks version 3 again. */
static void test_v3_to_v2(void)
{
    struct fake *f = fake_new(3, 1, 3);
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    fake_query(f, 0, 2, 0, 10000);
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 2);
    fake_run(f, 15);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_REPORT), 3);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V3_REPORT), 0);
    igmp_host_leave(f->set, 0, 2);
    fake_run(f, 1);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_LEAVE), 1);
    fake_query(f, 0, 3, 0, 10000); /* a newer one does not end it */
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 2);
    fake_run(f, 243);
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 2);
    fake_run(f, 2);
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 3);
    fake_clear(f);
    fake_query(f, 0, 3, 0, 10000);
    fake_run(f, 15);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_IS_EXCLUDE), 2);
    fake_free(f);
}

/* What waits when the version changes is not lost: a first report, a leave. */
static void test_change_while_waiting(void)
{
    struct fake *f = fake_new(3, 1, 4);
    struct igmp_counts c;
    igmp_host_join(f->set, 0, 0, 0);
    fake_run(f, 30);
    fake_clear(f);
    igmp_host_join(f->set, 0, 1, 5 * NS_PER_S);
    igmp_host_leave(f->set, 0, 0);
    fake_query(f, 0, 2, FAKE_GROUP + 3, 1000);
    fake_run(f, 30);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_REPORT), 2);
    CU_ASSERT_EQUAL(f->log[f->sent - 1].group, FAKE_GROUP + 1);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_LEAVE), 1);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V3_REPORT), 0);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.unsent, 0);
    CU_ASSERT_EQUAL(c.unrefreshed, 0);
    CU_ASSERT_EQUAL(c.leaves_due, 0);
    CU_ASSERT_EQUAL(c.joined, 1);
    /* And back: a join and a leave that wait while version 2 ends. */
    igmp_host_join(f->set, 0, 2, 400 * NS_PER_S);
    fake_clear(f);
    fake_run(f, 405);
    CU_ASSERT_EQUAL(fake_records(f, IGMP_TO_EXCLUDE), 2);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_REPORT), 0);
    fake_free(f);
}

/* Version 1: its report, no Leave, 400 s. */
static void test_v1(void)
{
    struct fake *f = fake_new(2, 1, 2);
    fake_join_all(f, 0);
    fake_run(f, 100);
    fake_clear(f);
    fake_query(f, 0, 1, 0, 10000);
    fake_run(f, 15);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V1_REPORT), 2);
    igmp_host_leave(f->set, 0, 0);
    fake_run(f, 383);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_LEAVE), 0);
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 1);
    fake_run(f, 3);
    CU_ASSERT_EQUAL(igmp_host_mode(f->set, 0), 2);
    igmp_host_leave(f->set, 0, 1);
    fake_run(f, 1);
    CU_ASSERT_EQUAL(fake_sent(f, IGMP_V2_LEAVE), 1);
    struct igmp_counts c;
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 0);
    fake_free(f);
}

static const struct cu_test tests[] = {
    {"version 3 host, version 2 querier", test_v3_to_v2},
    {"change while something waits", test_change_while_waiting},
    {"version 1 querier", test_v1},
};

CU_MAIN("igmp older queriers", tests)
