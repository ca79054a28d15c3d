/* Receivers on C-interfaces as IGMP hosts, the reference PE as querier and last hop. */
#include "emul/lab/lab.h"
#include "tests/sim/lab/check.h"
#include "tests/unit/cu.h"

static struct instance_spec igmp_spec(uint8_t version)
{
    struct instance_spec spec = world_spec();
    spec.igmp_version = version;
    return spec;
}

static void check_steady(const struct instance_spec *spec)
{
    struct world *w = world_new(spec, NULL);
    struct emul_spmsi s;
    struct emul_health health;
    struct igmp_counts before, after;
    world_capture(w);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    check_metric(w, 0);
    check_window(w);
    igmp_receivers_counts(w->emul->igmp, &before);
    world_run(w, 400); /* memberships live by answers: longer than 260 s */
    igmp_receivers_counts(w->emul->igmp, &after);
    CU_ASSERT(after.queries >= before.queries + 3 * spec->mvpns * spec->c_interfaces);
    CU_ASSERT(after.reports > before.reports);
    check_metric(w, 0);
    check_window(w);
    emul_spmsi_get(w->emul, &s);
    CU_ASSERT_EQUAL(s.igmp_interfaces, spec->mvpns * spec->c_interfaces);
    emul_health_get(w->emul, &health);
    CU_ASSERT_EQUAL(health.refresh_overrun + health.undecodable + health.tx_errors, 0);
    emul_withdraw(w->emul);
    CU_ASSERT(world_until(w, world_withdrawn, 60));
    world_run(w, 220); /* last-member queries, and the (S,G)s' Keepalive_Period */
    check_left(w);
    world_capture_end(w);
    check_judges(w);
    world_free(w);
}

static void test_v2(void)
{
    struct instance_spec spec = igmp_spec(2);
    check_steady(&spec);
}

static void test_v3(void)
{
    struct instance_spec spec = igmp_spec(3);
    check_steady(&spec);
}

/* In every shape of default MDT, with S-PMSIs, and with receivers on some interfaces only. */
static void test_combined(void)
{
    for (int mdt = MDT_ASM; mdt <= MDT_BIDIR; mdt++) {
        struct instance_spec spec = igmp_spec(mdt == MDT_SSM ? 2 : 3);
        spec.mdt = (enum mdt_mode)mdt;
        spec.spmsi_src = spec.spmsi_src_flows = 2;
        spec.spmsi_rx = spec.spmsi_rx_flows = 2;
        spec.spmsi_delay_ns = 3 * NS_PER_S;
        spec.c_interfaces = 3;
        spec.receiver_c_ifs = 2;
        struct world *w = world_new(&spec, NULL);
        CU_ASSERT_FATAL(world_steady(w));
        world_run(w, 60);
        check_metric(w, 0);
        check_window(w);
        world_free(w);
    }
}

/* The joins come from hosts: C-routers send none, and leave the DR to the PE. */
static void test_who_joins(void)
{
    struct instance_spec spec = igmp_spec(3);
    struct world *w = world_new(&spec, NULL);
    struct pim_us_counts c;
    CU_ASSERT_FATAL(world_steady(w));
    pim_us_counts_get(c_routers_joins(w->emul->c), &c);
    CU_ASSERT_EQUAL(c.joined, 0);
    world_free(w);
}

/* The cable of the C-interfaces is pulled for 30 s and for 300 s: hosts report anew. */
static void check_flap(uint8_t version, double down_s)
{
    struct instance_spec spec = igmp_spec(version);
    struct world *w = world_new(&spec, NULL);
    struct err err = {0};
    CU_ASSERT_FATAL(world_steady(w));
    CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_C, false, &err), 0);
    world_run(w, down_s);
    CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_C, true, &err), 0);
    CU_ASSERT(world_until(w, world_flowing, 60));
    CU_ASSERT(world_until(w, world_is_up, 60));
    check_metric(w, 0);
    check_window(w);
    world_free(w);
}

static void test_flap(void)
{
    for (uint8_t version = 2; version <= 3; version++) {
        check_flap(version, 30);
        check_flap(version, 300);
    }
}

/* The cable is pulled while hosts are still joining. */
static void test_flap_while_joining(void)
{
    for (uint8_t version = 2; version <= 3; version++) {
        struct instance_spec spec = igmp_spec(version);
        struct world *w = world_new(&spec, NULL);
        struct err err = {0};
        CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
        emul_join(w->emul);
        world_run(w, 0.05);
        CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_C, false, &err), 0);
        world_run(w, 20);
        CU_ASSERT_FALSE(emul_refreshed_once(w->emul));
        CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_C, true, &err), 0);
        CU_ASSERT(world_until(w, world_refreshed, 120));
        emul_traffic_start(w->emul);
        CU_ASSERT(world_until(w, world_flowing, 60));
        world_free(w);
    }
}

/* A querier of version 2 has version 3 hosts speak version 2. */
static void test_older_querier(void)
{
    struct instance_spec spec = igmp_spec(3), pe_spec = igmp_spec(2);
    struct world *w = world_new_other(&spec, &pe_spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 300);
    check_metric(w, 0);
    check_window(w);
    emul_withdraw(w->emul);
    CU_ASSERT(world_until(w, world_withdrawn, 60));
    world_run(w, 220);
    check_left(w);
    world_free(w);
}

/* A version 2 host understands queries of version 3. */
static void test_newer_querier(void)
{
    struct instance_spec spec = igmp_spec(2), pe_spec = igmp_spec(3);
    struct world *w = world_new_other(&spec, &pe_spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 300);
    check_metric(w, 0);
    check_window(w);
    world_free(w);
}

/* 600 groups on each C-interface: spacing 100 ms, and as much faster as it is set. */
static void test_many(void)
{
    for (uint8_t version = 2; version <= 3; version++) {
        struct instance_spec spec = igmp_spec(version);
        spec.mvpns = 1;
        spec.groups = 600;
        spec.ingress_groups = 0;
        spec.sources = 1;
        spec.period_ns = 5 * NS_PER_S;
        spec.igmp_spacing_ns = version == 2 ? 100 * NS_PER_MS : NS_PER_MS;
        struct world *w = world_new(&spec, NULL);
        CU_ASSERT_FATAL(world_steady(w));
        world_run(w, 300);
        check_metric(w, 0);
        check_window(w);
        struct emul_health health;
        emul_health_get(w->emul, &health);
        CU_ASSERT_EQUAL(health.refresh_overrun, 0);
        world_free(w);
    }
}

/* Hosts whose spacing lets memberships time out are the apparatus's fault, and said so. */
static void test_too_slow(void)
{
    struct instance_spec spec = igmp_spec(2);
    spec.mvpns = 1;
    spec.groups = 300;
    spec.ingress_groups = 0;
    spec.sources = 1;
    spec.igmp_spacing_ns = NS_PER_S;
    struct world *w = world_new(&spec, NULL);
    struct emul_health health;
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    emul_health_get(w->emul, &health);
    CU_ASSERT_EQUAL(health.refresh_overrun, 2 * 40); /* 260 of 300 on each of two interfaces */
    world_free(w);
}

static const struct cu_test tests[] = {
    {"version 2", test_v2},
    {"version 3", test_v3},
    {"with MDT variants and S-PMSIs", test_combined},
    {"who joins", test_who_joins},
    {"C-link flap", test_flap},
    {"C-link flap while joining", test_flap_while_joining},
    {"older querier", test_older_querier},
    {"newer querier", test_newer_querier},
    {"many groups", test_many},
    {"too slow", test_too_slow},
};

CU_MAIN("lab igmp receivers", tests)
