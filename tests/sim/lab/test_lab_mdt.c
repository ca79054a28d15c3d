/* Default MDTs as SSM and BIDIR trees, against the reference PE. */
#include "tests/sim/lab/check.h"
#include "tests/sim/lab/tap.h"
#include "tests/unit/cu.h"

#include <string.h>

static void check_steady(const struct instance_spec *spec)
{
    struct world *w = world_new(spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    check_metric(w, 0);
    check_window(w);
    struct emul_facts facts;
    emul_facts_get(w->emul, &facts);
    CU_ASSERT_EQUAL(facts.registers_received, 0);
    emul_withdraw(w->emul);
    CU_ASSERT(world_until(w, world_withdrawn, 60));
    world_free(w);
}

static void test_ssm(void)
{
    struct instance_spec spec = world_spec();
    spec.mdt = MDT_SSM;
    check_steady(&spec);
}

static void test_bidir(void)
{
    struct instance_spec spec = world_spec();
    spec.mdt = MDT_BIDIR;
    check_steady(&spec);
}

/* 501 P-routes a mVPN, one by one. */
static void test_ssm_500(void)
{
    struct instance_spec spec = world_spec();
    spec.mdt = MDT_SSM;
    spec.mvpns = 3;
    spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = 500;
    spec.receiver_pes = 250;
    spec.groups = 2;
    spec.ingress_groups = 1;
    spec.sources = 1;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct emul_bringup b;
    emul_bringup_get(w->emul, &b);
    CU_ASSERT_EQUAL(b.mdt_joined, 3);
    CU_ASSERT_EQUAL(b.mdt_sources_joined, 1500);
    world_run(w, 60);
    struct p_metric p;
    emul_p_metric(w->emul, &p);
    CU_ASSERT_EQUAL(p.v[NUM_SG_P], 3 * 501);
    CU_ASSERT_EQUAL(p.v[NUM_STARG_P], 0);
    check_metric(w, 0);
    check_window(w);
    world_free(w);
}

/* A DUT that knows one remote PE too few is caught, and the missing join named. */
static void test_ssm_missing(void)
{
    struct instance_spec spec = world_spec();
    spec.mdt = MDT_SSM;
    spec.mvpns = 3;
    spec.remote_pes = 7;
    struct instance_spec less = spec;
    less.remote_pes = 6;
    struct world *w = world_new_other(&spec, &less, NULL);
    CU_ASSERT(!world_until(w, world_is_up, 60));
    struct emul_bringup b;
    emul_bringup_get(w->emul, &b);
    CU_ASSERT_EQUAL(b.mdt_joined, 0);
    CU_ASSERT_EQUAL(b.mdt_sources_joined, 18);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.waiting_for, "(198.18.0.8, 239.192.0.1)"));
    struct emul_failure failures[64];
    size_t n = emul_failures(w->emul, failures, 64), missing = 0;
    for (size_t i = 0; i < n && i < 64; i++) {
        if (failures[i].criterion != CRIT_MI_PMSI || failures[i].neighbour[0] == 0)
            continue;
        CU_ASSERT_STRING_EQUAL(failures[i].neighbour, "PE 7 (198.18.0.8)");
        missing++;
    }
    CU_ASSERT_EQUAL(missing, 3);
    world_free(w);
}

/* The cable is pulled until everything has expired, and everything comes back. */
static void flap(const struct instance_spec *spec)
{
    struct world *w = world_new(spec, NULL);
    struct emul_recovery r;
    CU_ASSERT_FATAL(world_steady(w));
    emul_recovery_begin(w->emul);
    CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_P, false, NULL), 0);
    world_run(w, 300);
    CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_P, true, NULL), 0);
    emul_recovery_action(w->emul, loop_now(w->loop));
    world_run(w, 240);
    emul_recovery_get(w->emul, &r);
    CU_ASSERT(r.settled);
    CU_ASSERT_EQUAL(r.not_recovered, 0);
    CU_ASSERT_EQUAL(r.lost_again, 0);
    CU_ASSERT(world_flowing(w));
    CU_ASSERT(world_is_up(w));
    check_metric(w, 0);
    world_free(w);
}

static void test_flaps(void)
{
    struct instance_spec spec = world_spec();
    spec.mdt = MDT_SSM;
    flap(&spec);
    spec.mdt = MDT_BIDIR;
    flap(&spec);
}

/* ASM: Registers go on until the RP says Register-Stop, when it has native packets (RFC 7761 4.4);
 * what comes both ways is received once. */
static void test_register_stop(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    struct tap t = {0};
    unsigned registers = 0, stops = 0;
    world_capture(w);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 25));
    world_capture_end(w);
    tap_file(&t, w->capture_path[1]);
    for (size_t i = 0; i < t.count; i++) {
        registers += t.items[i].type == PIM_REGISTER;
        stops += t.items[i].type == PIM_REGISTER_STOP;
    }
    tap_fini(&t);
    CU_ASSERT(registers > stops);
    CU_ASSERT(stops >= spec.mvpns && stops <= 2 * spec.mvpns);
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_refreshed, 300));
    emul_traffic_start(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_flowing, 120));
    check_window(w);
    world_free(w);
}

static const struct cu_test tests[] = {
    {"ASM: Registers until Register-Stop", test_register_stop},
    {"SSM", test_ssm},
    {"BIDIR", test_bidir},
    {"SSM with 500 remote PEs", test_ssm_500},
    {"SSM: a join that is missing is named", test_ssm_missing},
    {"P link pulled for 300 s, SSM and BIDIR", test_flaps},
};

CU_MAIN("lab mdt", tests)
