/* The C-RP of every group on the reference PE: Registers of all DRs, (S,G) joins, Register-Stops.
 */
#include "emul/lab/lab.h"
#include "emul/proto/pim/register.h"
#include "tests/sim/lab/check.h"
#include "tests/unit/cu.h"

#define STARG_UNSEEN (1u << NUM_STARG_C)

static struct instance_spec crp_spec(void)
{
    struct instance_spec spec = world_spec();
    spec.c_rp_on_dut = true;
    return spec;
}

static bool all_stopped(struct world *w)
{
    const struct instance_spec *s = &w->spec;
    for (uint64_t flow = 1; flow <= spec_flow_count(s); flow++) {
        uint32_t v, j, k;
        topology_flow_split(s, (uint32_t)flow, &v, &j, &k);
        uint8_t state = register_drs_state(w->emul->drs, v, j, k);
        if (state != PIM_REG_PRUNE && state != PIM_REG_JOIN_PENDING)
            return false;
    }
    return true;
}

static void test_steady(void)
{
    struct instance_spec spec = crp_spec();
    struct world *w = world_new(&spec, NULL);
    struct emul_spmsi s;
    world_capture(w);
    CU_ASSERT_FATAL(world_steady(w));
    CU_ASSERT(world_until(w, all_stopped, 10));
    check_metric(w, STARG_UNSEEN);
    check_window(w);
    emul_spmsi_get(w->emul, &s);
    uint64_t flows = spec_flow_count(&spec);
    CU_ASSERT(s.registers_sent >= flows && s.registers_sent <= 3 * flows);
    CU_ASSERT(s.register_stops_received >= flows);
    world_run(w, 400);
    emul_spmsi_get(w->emul, &s);
    CU_ASSERT(s.registers_sent <= 3 * flows); /* data goes natively, Null-Registers keep it so */
    CU_ASSERT(s.null_registers_sent >= 3 * flows);
    check_metric(w, STARG_UNSEEN);
    check_window(w);
    emul_withdraw(w->emul);
    CU_ASSERT(world_until(w, world_withdrawn, 60));
    uint64_t null_registers = s.null_registers_sent;
    world_run(w, 200);
    emul_spmsi_get(w->emul, &s);
    CU_ASSERT(s.null_registers_sent - null_registers <= flows); /* none after the goodbyes */
    world_capture_end(w);
    check_judges(w);
    world_free(w);
}

/* The first packet of a flow reaches the receivers inside its Register: none is lost. */
static void test_first_packet(void)
{
    struct instance_spec spec = crp_spec();
    struct world *w = world_new(&spec, NULL);
    struct emul_window win;
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_refreshed, 300));
    emul_window_open(w->emul);
    emul_traffic_start(w->emul);
    world_run(w, 30);
    emul_window_close(w->emul);
    world_run(w, 1);
    emul_window_get(w->emul, &win);
    CU_ASSERT_EQUAL(win.ingress.lost + win.egress.lost, 0);
    CU_ASSERT_EQUAL(win.ingress.duplicate + win.egress.duplicate, 0);
    CU_ASSERT_EQUAL(win.ingress.received, win.ingress.sent);
    world_free(w);
}

/* Sources without receivers are stopped at once, and joined when somebody comes (RFC 7761 4.4.2).
 */
static void test_no_receivers(void)
{
    struct instance_spec spec = crp_spec();
    struct world *w = world_new(&spec, NULL);
    struct emul_spmsi s;
    struct emul_window win;
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_window_open(w->emul);
    emul_traffic_start(w->emul);
    CU_ASSERT(world_until(w, all_stopped, 10));
    world_run(w, 10);
    emul_window_close(w->emul);
    emul_spmsi_get(w->emul, &s);
    CU_ASSERT_EQUAL(s.registers_sent, spec_flow_count(&spec));
    emul_window_get(w->emul, &win);
    /* A packet in a Register was sent; the others were withheld. */
    CU_ASSERT_EQUAL(win.egress.lost, win.egress.sent);
    CU_ASSERT_EQUAL(win.egress.not_joined, win.egress.sent - spec.mvpns * 2u * 2u * 2u);
    emul_join(w->emul);
    CU_ASSERT(world_until(w, world_flowing, 120));
    check_metric(w, STARG_UNSEEN);
    check_window(w);
    world_free(w);
}

/* More flows than one DR registers in a second: all get their turn. */
static void test_pace(void)
{
    struct instance_spec spec = crp_spec();
    spec.mvpns = spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.groups = 400;
    spec.ingress_groups = 200;
    spec.period_ns = 2 * NS_PER_S;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_refreshed, 300));
    emul_traffic_start(w->emul);
    CU_ASSERT(world_until(w, world_flowing, 60));
    CU_ASSERT(world_until(w, all_stopped, 60));
    check_metric(w, STARG_UNSEEN);
    check_window(w);
    world_free(w);
}

static void test_combined(void)
{
    for (int mdt = MDT_ASM; mdt <= MDT_BIDIR; mdt++) {
        struct instance_spec spec = crp_spec();
        spec.mdt = (enum mdt_mode)mdt;
        spec.igmp_version = mdt == MDT_ASM ? 0 : mdt == MDT_SSM ? 2 : 3;
        spec.spmsi_src = spec.spmsi_src_flows = 2;
        spec.spmsi_rx = spec.spmsi_rx_flows = 2;
        spec.spmsi_delay_ns = 3 * NS_PER_S;
        struct world *w = world_new(&spec, NULL);
        CU_ASSERT_FATAL(world_steady(w));
        world_run(w, 100);
        check_metric(w, STARG_UNSEEN);
        check_window(w);
        world_free(w);
    }
}

static void check_flap(enum emul_side side, double down_s)
{
    struct instance_spec spec = crp_spec();
    struct world *w = world_new(&spec, NULL);
    struct err err = {0};
    CU_ASSERT_FATAL(world_steady(w));
    CU_ASSERT_EQUAL(emul_link(w->emul, side, false, &err), 0);
    world_run(w, down_s);
    CU_ASSERT_EQUAL(emul_link(w->emul, side, true, &err), 0);
    CU_ASSERT(world_until(w, world_flowing, 150));
    CU_ASSERT(world_until(w, world_is_up, 60));
    world_run(w, 100);
    check_metric(w, STARG_UNSEEN);
    check_window(w);
    world_free(w);
}

static void test_flaps(void)
{
    check_flap(SIDE_C, 30);
    check_flap(SIDE_C, 300);
    check_flap(SIDE_P, 30);
    check_flap(SIDE_P, 300);
}

static const struct cu_test tests[] = {
    {"steady", test_steady},
    {"first packet", test_first_packet},
    {"no receivers", test_no_receivers},
    {"pace", test_pace},
    {"with MDT variants, S-PMSIs and IGMP", test_combined},
    {"flaps", test_flaps},
};

CU_MAIN("lab C-RP on the DUT", tests)
