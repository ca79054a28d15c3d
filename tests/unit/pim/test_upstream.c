/* Upstream sessions with a recording environment: what is sent when. */
#include "emul/proto/pim/upstream.h"
#include "tests/unit/cu.h"

#include <string.h>

#define RECORDS 20000

struct record {
    struct instant at;
    uint32_t session;
    unsigned joins, prunes;
};

struct rig {
    struct loop *loop;
    struct pim_us_set *us;
    size_t fit; /* entries that a PDU takes */
    bool nbr;   /* the neighbour is there */
    bool wanted;
    size_t count;
    struct record records[RECORDS];
};

static struct rig rig;

static void entry(void *arg, uint32_t session, uint32_t ix, struct pim_jp_entry *out)
{
    (void)arg;
    *out = (struct pim_jp_entry){.group = 0xe1000000u + ix, .source = session};
}

static size_t send(void *arg, uint32_t session, const struct pim_jp_entry *entries, size_t count)
{
    struct rig *r = arg;
    if (!r->nbr)
        return 0;
    size_t taken = count < r->fit ? count : r->fit;
    struct record *rec = &r->records[r->count];
    *rec = (struct record){.at = loop_now(r->loop), .session = session};
    if (r->count + 1 < RECORDS)
        r->count++;
    for (size_t i = 0; i < taken; i++) {
        rec->joins += entries[i].join;
        rec->prunes += !entries[i].join;
        CU_ASSERT(i == 0 || entries[i].group > entries[i - 1].group);
    }
    return taken;
}

static bool wanted(void *arg, uint32_t session, uint32_t ix)
{
    (void)session;
    (void)ix;
    return ((struct rig *)arg)->wanted;
}

static const struct pim_us_ops ops = {entry, send, wanted};

static void rig_init(uint32_t sessions, uint32_t entries)
{
    memset(&rig, 0, sizeof(rig));
    rig.fit = 73;
    rig.nbr = rig.wanted = true;
    rig.loop = loop_new_virtual((struct instant){0});
    rig.us = pim_us_new(rig.loop, "test", 7, &ops, &rig);
    for (uint32_t s = 0; s < sessions; s++) {
        CU_ASSERT_EQUAL(pim_us_session_add(rig.us, entries), s);
        pim_us_open(rig.us, s, PIM_US_NBR_BACK, 2500 * NS_PER_MS);
    }
}

static void rig_fini(void)
{
    pim_us_free(rig.us);
    loop_free(rig.loop);
}

static void run(double seconds)
{
    (void)loop_run(rig.loop, instant_add(loop_now(rig.loop), (int64_t)(seconds * 1e9)));
}

static unsigned joins_sent(void)
{
    unsigned n = 0;
    for (size_t i = 0; i < rig.count; i++)
        n += rig.records[i].joins;
    return n;
}

static void join_all(uint32_t session, uint32_t entries)
{
    for (uint32_t ix = 0; ix < entries; ix++)
        pim_us_join(rig.us, session, ix, 0);
}

static void test_pace(void)
{
    rig_init(3, 5000);
    for (uint32_t s = 0; s < 3; s++)
        join_all(s, 5000);
    run(200);
    struct pim_us_counts c;
    pim_us_counts_get(rig.us, &c);
    CU_ASSERT_EQUAL(c.joined, 15000);
    CU_ASSERT_EQUAL(c.unsent, 0);
    CU_ASSERT_EQUAL(c.unrefreshed, 0);
    CU_ASSERT_EQUAL(c.overrun, 0);
    int64_t last_ns[3] = {-1, -1, -1};
    for (size_t i = 0; i < rig.count; i++) {
        const struct record *r = &rig.records[i];
        CU_ASSERT(r->joins <= 80);
        if (last_ns[r->session] >= 0)
            CU_ASSERT(r->at.ns - last_ns[r->session] > 100 * NS_PER_MS);
        last_ns[r->session] = r->at.ns;
    }
    /* First round and three refreshes, and not much more. */
    CU_ASSERT(joins_sent() >= 60000 && joins_sent() <= 65000);
    rig_fini();
}

static void test_refresh(void)
{
    rig_init(1, 20);
    for (uint32_t ix = 0; ix < 20; ix++) {
        pim_us_join(rig.us, 0, ix, 0);
        run(0.11);
    }
    CU_ASSERT_EQUAL(rig.count, 20);
    run(56);
    CU_ASSERT_EQUAL(rig.count, 20);
    run(4);
    CU_ASSERT_EQUAL(joins_sent(), 40);
    /* What was joined within a second shares a PDU from then on, every 60 s exactly. */
    size_t round = rig.count - 20;
    CU_ASSERT(round >= 2 && round <= 4);
    run(600);
    CU_ASSERT_EQUAL(rig.count, 20 + 11 * round);
    const struct record *last = &rig.records[rig.count - 1];
    CU_ASSERT_EQUAL(last->at.ns - (last - round)->at.ns, 60 * NS_PER_S);
    rig_fini();
}

static void test_prune(void)
{
    rig_init(1, 4);
    join_all(0, 4);
    run(1);
    pim_us_prune(rig.us, 0, 2);
    CU_ASSERT(!pim_us_joined(rig.us, 0, 2));
    run(1);
    CU_ASSERT_EQUAL(rig.count, 2);
    CU_ASSERT_EQUAL(rig.records[1].prunes, 1);
    pim_us_prune(rig.us, 0, 2);
    run(1);
    CU_ASSERT_EQUAL(rig.count, 2);
    /* Joined again before the Prune had its turn: no Prune. */
    pim_us_prune(rig.us, 0, 1);
    pim_us_join(rig.us, 0, 1, 0);
    run(1);
    CU_ASSERT_EQUAL(rig.count, 3);
    CU_ASSERT_EQUAL(rig.records[2].joins, 1);
    CU_ASSERT_EQUAL(rig.records[2].prunes, 0);
    rig.wanted = false;
    run(60);
    struct pim_us_counts c;
    pim_us_counts_get(rig.us, &c);
    CU_ASSERT_EQUAL(c.joined, 0);
    CU_ASSERT_EQUAL(c.prunes_due, 0);
    rig_fini();
}

static void test_suppression(void)
{
    rig_init(1, 1);
    pim_us_join(rig.us, 0, 0, 0);
    pim_us_see_join(rig.us, 0, 0, 210);
    run(30);
    CU_ASSERT_EQUAL(rig.count, 1);
    pim_us_see_join(rig.us, 0, 0, 210);
    run(65.9);
    CU_ASSERT_EQUAL(rig.count, 1);
    run(18.2);
    CU_ASSERT_EQUAL(rig.count, 2);
    /* A short holdtime is not waited beyond. */
    pim_us_see_join(rig.us, 0, 0, 40);
    run(60.1);
    CU_ASSERT_EQUAL(rig.count, 3);
    struct pim_us_counts c;
    pim_us_counts_get(rig.us, &c);
    CU_ASSERT_EQUAL(c.suppressed, 1);
    rig_fini();
}

static void test_override(void)
{
    rig_init(1, 2);
    join_all(0, 2);
    run(10);
    pim_us_see_prune(rig.us, 0, 1, 2500 * NS_PER_MS);
    run(2.5);
    CU_ASSERT_EQUAL(rig.count, 2);
    CU_ASSERT_EQUAL(rig.records[1].joins, 1);
    struct pim_us_counts c;
    pim_us_counts_get(rig.us, &c);
    CU_ASSERT_EQUAL(c.overridden, 1);
    /* Somebody else was quicker. */
    pim_us_see_prune(rig.us, 0, 1, 2500 * NS_PER_MS);
    pim_us_see_join(rig.us, 0, 1, 210);
    run(3);
    CU_ASSERT_EQUAL(rig.count, 2);
    rig_fini();
}

static void test_neighbour(void)
{
    rig_init(1, 100);
    rig.nbr = false;
    join_all(0, 100);
    run(10);
    CU_ASSERT_EQUAL(rig.count, 0);
    rig.nbr = true;
    pim_us_open(rig.us, 0, PIM_US_NBR_BACK, 2500 * NS_PER_MS);
    run(0.5);
    CU_ASSERT_EQUAL(joins_sent(), 100);
    size_t before = rig.count;
    pim_us_open(rig.us, 0, PIM_US_NEW_GENID, 2500 * NS_PER_MS);
    run(2.7);
    CU_ASSERT_EQUAL(joins_sent(), 200);
    CU_ASSERT(rig.count - before > 5);
    pim_us_close(rig.us, 0);
    run(300);
    CU_ASSERT_EQUAL(joins_sent(), 200);
    rig_fini();
}

static void test_overrun(void)
{
    enum { ENTRIES = 170000 };
    rig_init(1, ENTRIES);
    rig.fit = 80;
    CU_ASSERT_EQUAL(pim_us_beyond_pace(rig.us, 80), 0);
    join_all(0, ENTRIES);
    CU_ASSERT(pim_us_beyond_pace(rig.us, 80) > 0);
    run(600);
    struct pim_us_counts c;
    pim_us_counts_get(rig.us, &c);
    CU_ASSERT(c.overrun > 0);
    rig_fini();
}

static const struct cu_test tests[] = {
    {"80 entries a PDU, 10 PDU/s a session", test_pace},
    {"refresh every 60 s, together", test_refresh},
    {"prunes, keepalive", test_prune},
    {"suppression", test_suppression},
    {"prune override", test_override},
    {"neighbour gone, back, restarted", test_neighbour},
    {"more than can be refreshed", test_overrun},
};

CU_MAIN("pim upstream", tests)
