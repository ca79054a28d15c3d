#include "emul/node/plan.h"
#include "tests/unit/cu.h"

static struct instance_spec spec_of(uint32_t c, uint32_t d)
{
    struct instance_spec s = {.mvpns = 3,
                              .c_interfaces = c,
                              .remote_pes = 4,
                              .groups = 10,
                              .ingress_groups = 4,
                              .sources = 2,
                              .receiver_c_ifs = d};
    topology_default_addressing(&s.addr);
    return s;
}

static void test_receivers(void)
{
    struct instance_spec s = spec_of(3, 2);
    struct plan p;
    plan_init(&p, &s);
    for (uint32_t i = 1; i <= 3; i++) {
        uint32_t expected = 0;
        for (uint32_t j = 1; j <= 10; j++) {
            bool ingress = topology_is_ingress(&s, j);
            bool receives = ingress ? topology_site_of_group(&s, j) != i : i <= 2;
            uint32_t place = p.c_place[i - 1][j];
            CU_ASSERT_EQUAL(place != PLAN_NONE, receives);
            if (receives) {
                CU_ASSERT_EQUAL(place, expected);
                CU_ASSERT_EQUAL(p.c_receives[i - 1][place], j);
                expected++;
            }
        }
        CU_ASSERT_EQUAL(p.c_receives_count[i - 1], expected);
    }
    plan_fini(&p, &s);
}

static void test_places(void)
{
    struct instance_spec s = spec_of(1, 1);
    struct plan p;
    plan_init(&p, &s);
    uint32_t next = 0;
    for (uint32_t v = 1; v <= 3; v++)
        for (uint32_t j = 1; j <= 10; j++)
            for (uint32_t k = 0; k <= 2; k++)
                CU_ASSERT_EQUAL(plan_route(&p, v, j, k), next++);
    CU_ASSERT_EQUAL(p.groups[7].group, topology_group(&s, 7));
    CU_ASSERT_EQUAL(p.groups[7].source_base + 2, topology_source(&s, p.groups[7].site, 2));
    plan_fini(&p, &s);
}

static void test_spmsis(void)
{
    struct instance_spec s = spec_of(1, 1);
    struct plan p;
    plan_init(&p, &s);
    CU_ASSERT_PTR_NULL(p.flow_spmsi);
    CU_ASSERT_EQUAL(plan_spmsi(&p, &s, 1, 1, 1), 0);
    plan_fini(&p, &s);
    s.spmsi_src = 2;
    s.spmsi_src_flows = 3;
    s.spmsi_rx = s.spmsi_rx_flows = 2;
    plan_init(&p, &s);
    for (uint32_t j = 1; j <= s.groups; j++) {
        for (uint32_t k = 1; k <= s.sources; k++) {
            uint32_t number = topology_flow_spmsi(&s, 1, j, k);
            CU_ASSERT_EQUAL(plan_spmsi(&p, &s, 1, j, k), number);
            if (number != 0 && !topology_is_ingress(&s, j))
                CU_ASSERT_EQUAL(p.spmsi_pe[number], topology_site_of_group(&s, j) - SITE_REMOTE);
        }
    }
    plan_fini(&p, &s);
}

static const struct cu_test tests[] = {
    {"who receives what on the C side", test_receivers},
    {"places of C-routes", test_places},
    {"flows on data MDTs", test_spmsis},
};

CU_MAIN("plan", tests)
