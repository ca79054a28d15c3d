#include "emul/proto/pim/neighbour.h"
#include "tests/unit/cu.h"

static struct instant s(double seconds)
{
    return (struct instant){(int64_t)(seconds * 1e9)};
}

static struct pim_hello hello(uint32_t genid, uint16_t holdtime_s)
{
    return (struct pim_hello){
        .present = PIM_HAS_HOLDTIME | PIM_HAS_GENID, .holdtime_s = holdtime_s, .genid = genid};
}

static void test_life(void)
{
    struct pim_nbr n = {0};
    struct pim_hello h = hello(1, 105);
    CU_ASSERT(!pim_nbr_accepts_jp(&n, s(0)));
    CU_ASSERT_EQUAL(pim_nbr_hello(&n, &h, s(1)), PIM_CHANGE_NEW);
    CU_ASSERT(pim_nbr_accepts_jp(&n, s(2)));
    CU_ASSERT_EQUAL(pim_nbr_hello(&n, &h, s(31)), PIM_CHANGE_NONE);
    CU_ASSERT(pim_nbr_alive(&n, s(135.9)));
    CU_ASSERT(!pim_nbr_alive(&n, s(136)));
    CU_ASSERT(!pim_nbr_accepts_jp(&n, s(136)));
    CU_ASSERT_EQUAL(pim_nbr_hello(&n, &h, s(140)), PIM_CHANGE_NEW);
    h = hello(2, 105);
    CU_ASSERT_EQUAL(pim_nbr_hello(&n, &h, s(150)), PIM_CHANGE_RESTARTED);
    h = hello(2, 0);
    CU_ASSERT_EQUAL(pim_nbr_hello(&n, &h, s(151)), PIM_CHANGE_GONE);
    CU_ASSERT(!pim_nbr_alive(&n, s(151)));
    CU_ASSERT_EQUAL(pim_nbr_hello(&n, &h, s(152)), PIM_CHANGE_NONE);
}

static void test_down(void)
{
    struct pim_nbr n = {0};
    struct pim_hello h = hello(1, PIM_HOLDTIME_FOREVER);
    (void)pim_nbr_hello(&n, &h, s(0));
    CU_ASSERT(pim_nbr_alive(&n, s(1e6)));
    pim_nbr_down(&n, s(1e6));
    CU_ASSERT(!pim_nbr_alive(&n, s(1e6)));
}

static void test_intervals(void)
{
    struct pim_nbr n = {0};
    struct pim_hello h = hello(1, 105);
    (void)pim_nbr_hello(&n, &h, s(0));
    CU_ASSERT_EQUAL(pim_nbr_jp_override_ns(&n), 3 * NS_PER_S);
    h.present |= PIM_HAS_LAN_PRUNE_DELAY;
    h.propagation_delay_ms = 1000;
    h.override_interval_ms = 4000;
    (void)pim_nbr_hello(&n, &h, s(1));
    CU_ASSERT_EQUAL(pim_nbr_override_ns(&n), 4 * NS_PER_S);
    CU_ASSERT_EQUAL(pim_nbr_jp_override_ns(&n), 5 * NS_PER_S);
}

static const struct cu_test tests[] = {
    {"new, refreshed, expired, restarted, gone", test_life},
    {"interface down", test_down},
    {"LAN prune delay", test_intervals},
};

CU_MAIN("pim neighbour", tests)
