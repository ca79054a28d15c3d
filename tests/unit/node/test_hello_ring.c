#include "emul/base/instant.h"
#include "emul/node/hello_ring.h"
#include "tests/unit/cu.h"

#include <string.h>

#define MEMBERS 1000

struct rig {
    struct loop *loop;
    struct hello_ring ring;
    unsigned said[MEMBERS];
    int64_t last_ns[MEMBERS], gap_max_ns;
};

static struct rig rig;

static void say(void *owner, uint32_t set, uint32_t member)
{
    struct rig *r = owner;
    int64_t now_ns = loop_now(r->loop).ns;
    CU_ASSERT_EQUAL(set, 3);
    if (r->said[member] > 0 && now_ns - r->last_ns[member] > r->gap_max_ns)
        r->gap_max_ns = now_ns - r->last_ns[member];
    r->said[member]++;
    r->last_ns[member] = now_ns;
}

static void rig_init(uint32_t members)
{
    memset(&rig, 0, sizeof(rig));
    rig.loop = loop_new_virtual((struct instant){5 * NS_PER_S});
    hello_ring_init(&rig.ring, rig.loop, 11, 3, members, 5 * NS_PER_S, say, &rig);
}

static void rig_fini(void)
{
    hello_ring_fini(&rig.ring);
    loop_free(rig.loop);
}

static void run(double seconds)
{
    (void)loop_run(rig.loop, instant_add(loop_now(rig.loop), (int64_t)(seconds * 1e9)));
}

static unsigned total(void)
{
    unsigned n = 0;
    for (unsigned m = 0; m < MEMBERS; m++)
        n += rig.said[m];
    return n;
}

static void test_period(void)
{
    rig_init(MEMBERS);
    run(10);
    CU_ASSERT_EQUAL(total(), 0);
    hello_ring_start(&rig.ring);
    run(2.5);
    CU_ASSERT(total() > 400 && total() < 600);
    CU_ASSERT(!rig.ring.went_round);
    run(2.5);
    CU_ASSERT_EQUAL(total(), MEMBERS);
    CU_ASSERT(rig.ring.went_round);
    run(300);
    CU_ASSERT_EQUAL(total(), 11 * MEMBERS);
    CU_ASSERT_EQUAL(rig.gap_max_ns, 30 * NS_PER_S);
    rig_fini();
}

static void test_triggered(void)
{
    rig_init(MEMBERS);
    hello_ring_start(&rig.ring);
    run(10);
    hello_ring_trigger(&rig.ring);
    run(5);
    CU_ASSERT_EQUAL(total(), 2 * MEMBERS);
    hello_ring_trigger_one(&rig.ring, 77);
    run(5);
    CU_ASSERT_EQUAL(total(), 2 * MEMBERS + 1);
    CU_ASSERT_EQUAL(rig.said[77], 3);
    hello_ring_stop(&rig.ring);
    run(100);
    CU_ASSERT_EQUAL(total(), 2 * MEMBERS + 1);
    rig_fini();
}

/* Others that are triggered meanwhile do not put a member off. */
static void test_triggered_one_by_one(void)
{
    rig_init(MEMBERS);
    hello_ring_start(&rig.ring);
    run(10);
    int64_t due_ns[MEMBERS];
    for (unsigned m = 0; m < MEMBERS; m++) {
        hello_ring_trigger_one(&rig.ring, m);
        due_ns[m] = loop_now(rig.loop).ns + 5 * NS_PER_S;
        run(0.01);
    }
    run(5);
    CU_ASSERT_EQUAL(total(), 2 * MEMBERS);
    for (unsigned m = 0; m < MEMBERS; m++)
        CU_ASSERT(rig.said[m] == 2 && rig.last_ns[m] <= due_ns[m]);
    rig_fini();
}

static void test_few(void)
{
    rig_init(0);
    hello_ring_start(&rig.ring);
    hello_ring_trigger(&rig.ring);
    run(100);
    CU_ASSERT_EQUAL(total(), 0);
    rig_fini();
    rig_init(1);
    hello_ring_start(&rig.ring);
    run(95);
    CU_ASSERT_EQUAL(total(), 4);
    rig_fini();
}

static const struct cu_test tests[] = {
    {"period and phases", test_period},
    {"triggered Hellos", test_triggered},
    {"triggered one by one", test_triggered_one_by_one},
    {"no member, one member", test_few},
};

CU_MAIN("hello ring", tests)
