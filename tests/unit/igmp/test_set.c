/* The set: interfaces that go down and up, hosts by themselves, pace, noise. */
#include "emul/base/rng.h"
#include "emul/proto/igmp/host_set.h"
#include "tests/unit/cu.h"
#include "tests/unit/igmp/fake.h"

static void check_down_and_up(uint8_t version)
{
    struct fake *f = fake_new(version, 2, 5);
    struct igmp_counts c;
    fake_join_all(f, 0);
    fake_join_all(f, 1);
    fake_run(f, 100);
    igmp_host_leave(f->set, 0, 4);
    igmp_host_close(f->set, 0);
    fake_clear(f);
    fake_query(f, 1, version, 0, 1000);
    fake_run(f, 50);
    for (size_t i = 0; i < f->sent; i++)
        CU_ASSERT_EQUAL(f->log[i].host, 1);
    CU_ASSERT(f->sent > 0);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.leaves_due, 0); /* there is nobody to say it to */
    CU_ASSERT_EQUAL(c.joined, 9);
    fake_clear(f);
    igmp_host_open(f->set, 0);
    fake_run(f, 12);
    CU_ASSERT_EQUAL(version == 3 ? fake_records(f, IGMP_TO_EXCLUDE) : f->sent, 8);
    fake_free(f);
}

static void test_down_and_up(void)
{
    check_down_and_up(2);
    check_down_and_up(3);
}

/* An interface that is found to be down when something is to be sent: nothing is lost. */
static void test_send_fails(void)
{
    for (uint8_t version = 2; version <= 3; version++) {
        struct fake *f = fake_new(version, 1, 3);
        struct igmp_counts c;
        f->down = true;
        fake_join_all(f, 0);
        fake_run(f, 10);
        igmp_counts_get(f->set, &c);
        CU_ASSERT_EQUAL(c.unsent, 3);
        f->down = false;
        igmp_host_open(f->set, 0);
        fake_run(f, 20);
        igmp_counts_get(f->set, &c);
        CU_ASSERT_EQUAL(c.unsent, 0);
        CU_ASSERT_EQUAL(c.unrefreshed, 0);
        fake_free(f);
    }
}

/* 2,600 messages fit one Group Membership Interval at 100 ms. */
static void test_beyond_pace(void)
{
    struct fake *f = fake_new(2, 2, 3000);
    fake_join_all(f, 0);
    CU_ASSERT_EQUAL(igmp_hosts_beyond_pace(f->set), 400);
    fake_free(f);
    f = fake_new(3, 1, 3000);
    fake_join_all(f, 0);
    CU_ASSERT_EQUAL(igmp_hosts_beyond_pace(f->set), 0);
    fake_free(f);
}

/* More memberships than answers fit between two queries: each still has its turn. */
static void test_round_robin(void)
{
    struct fake *f = fake_new(2, 1, 1500);
    struct igmp_counts c;
    unsigned seen[1500] = {0}, missed = 0;
    fake_join_all(f, 0);
    fake_run(f, 400);
    fake_clear(f);
    for (int i = 0; i < 2; i++) {
        fake_query(f, 0, 2, 0, 10000);
        fake_run(f, 125);
    }
    for (size_t i = 0; i < f->sent; i++)
        seen[f->log[i].group - FAKE_GROUP]++;
    for (unsigned ix = 0; ix < 1500; ix++)
        missed += seen[ix] == 0;
    CU_ASSERT_EQUAL(missed, 0);
    igmp_counts_get(f->set, &c);
    CU_ASSERT_EQUAL(c.unrefreshed, 0);
    fake_free(f);
}

/* Nothing is to be sent for a membership. */
static bool is_settled(const struct igmp_host *h, const struct igmp_entry *e)
{
    bool idle = h->mode == 3 ? e->state == V3_NON_MEMBER || e->state == V3_IDLE
                             : e->state == V2_NON_MEMBER || e->state == V2_IDLE;
    return idle && e->pos == 0 && (e->flags & IGMP_LEAVE) == 0;
}

/* Whatever is heard, counters stay consistent and time goes on. */
static void test_noise(void)
{
    struct rng rng = {11};
    for (uint8_t version = 2; version <= 3; version++) {
        struct fake *f = fake_new(version, 2, 8);
        struct igmp_counts c;
        for (int i = 0; i < 20000; i++) {
            uint32_t host = (uint32_t)hash_range(rng_next(&rng), 2);
            uint32_t ix = (uint32_t)hash_range(rng_next(&rng), 8);
            ip4_t group = FAKE_GROUP + (ip4_t)hash_range(rng_next(&rng), 9);
            ip4_t sources[3] = {IP4(10, 0, 0, 1), (ip4_t)rng_next(&rng), IP4(10, 0, 0, 2)};
            switch (hash_range(rng_next(&rng), 10)) {
            case 0:
                igmp_host_join(f->set, host, ix, (int64_t)hash_range(rng_next(&rng), NS_PER_S));
                break;
            case 1:
                igmp_host_leave(f->set, host, ix);
                break;
            case 2:
                fake_query(f, host, (uint8_t)(1 + hash_range(rng_next(&rng), 60) % 3),
                           ix == 0 ? 0 : group, (uint32_t)hash_range(rng_next(&rng), 20000));
                break;
            case 3:
                fake_query_sources(f, host, group, sources, 3, 1000);
                break;
            case 4:
                igmp_host_report(f->set, host, group);
                break;
            case 5:
                igmp_host_close(f->set, host);
                igmp_host_open(f->set, host);
                break;
            case 6:
                fake_run(f, 400);
                break;
            default:
                fake_run(f, 0.3);
                break;
            }
            fake_clear(f);
            uint64_t joined = 0;
            for (ix = 0; ix < 8; ix++)
                joined += igmp_host_joined(f->set, 0, ix) + igmp_host_joined(f->set, 1, ix);
            igmp_counts_get(f->set, &c);
            CU_ASSERT_FATAL(c.joined == joined && c.unsent <= joined && c.unrefreshed <= joined &&
                            c.leaves_due <= 16 - joined);
        }
        fake_run(f, 1000);
        igmp_counts_get(f->set, &c);
        CU_ASSERT_EQUAL(c.unsent, 0);
        CU_ASSERT_EQUAL(c.leaves_due, 0);
        CU_ASSERT_EQUAL(f->set->asked_count, 0);
        for (size_t i = 0; i < f->set->entry_count; i++)
            CU_ASSERT(is_settled(&f->set->hosts[i / 8], &f->set->entries[i]));
        CU_ASSERT_EQUAL(c.overrun, 0);
        fake_free(f);
    }
}

static const struct cu_test tests[] = {
    {"down and up", test_down_and_up},
    {"sending fails", test_send_fails},
    {"beyond pace", test_beyond_pace},
    {"round robin", test_round_robin},
    {"noise", test_noise},
};

CU_MAIN("igmp set", tests)
