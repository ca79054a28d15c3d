/*
 * The four stimuli that the FRR driver carries out itself: what each takes away is gone while it is
 * away, and afterwards neighbours, flows and the metric are what they were.
 */
#include "tests/live/frr/network.h"
#include "tests/unit/cu.h"

#include <stdio.h>

#define HOLD_OUT_S 3

static const char *const names[STIM_COUNT] = {
    [STIM_POWER_CYCLE] = "power-cycle",
    [STIM_PROCESSOR_SWITCHOVER] = "processor-switchover",
    [STIM_P_CARD_OIR] = "p-card-oir",
    [STIM_C_CARD_OIR] = "c-card-oir",
};

static struct neighbour_count neighbours(void)
{
    struct err err = {0};
    struct neighbour_count n = {-1, -1};
    network_check(net.dut.driver->neighbours(&net.dut, &n, &err), &err);
    return n;
}

static void half(enum stimulus s, bool recovery_action)
{
    struct err err = {0};
    struct stimulus_call call = {.stimulus = s, .recovery_action = recovery_action};
    network_check(net.dut.driver->stimulus(&net.dut, &call, &err), &err);
    network_stamp(recovery_action ? "recovery action" : names[s]);
}

/* Both halves, and what of the neighbours is left in between. */
static void apply(enum stimulus s, int hold_out_s, struct neighbour_count left)
{
    struct err err = {0};
    emul_recovery_begin(net.emul);
    half(s, false);
    network_run(hold_out_s);
    struct neighbour_count n = neighbours();
    CU_ASSERT_EQUAL(n.c_interface, left.c_interface);
    CU_ASSERT_EQUAL(n.mi_pmsi, left.mi_pmsi);
    network_check(net.dut.driver->health(&net.dut, &err), &err);
    emul_recovery_action(net.emul, loop_now(net.loop));
    half(s, true);
    network_recovered();
    network_metric();
}

static void test_power_cycle(void)
{
    apply(STIM_POWER_CYCLE, HOLD_OUT_S, (struct neighbour_count){0, 0});
}

static void test_processor_switchover(void)
{
    apply(STIM_PROCESSOR_SWITCHOVER, 0, (struct neighbour_count){0, 0});
}

/* Neighbours beyond the core are behind the tunnel: they are not missed for their hold time. */
static void test_p_card(void)
{
    int64_t n = net.spec.mvpns;
    apply(STIM_P_CARD_OIR, HOLD_OUT_S,
          (struct neighbour_count){n * net.spec.c_interfaces, n * net.spec.remote_pes});
}

static void test_c_card(void)
{
    apply(STIM_C_CARD_OIR, HOLD_OUT_S,
          (struct neighbour_count){0, (int64_t)net.spec.mvpns * net.spec.remote_pes});
}

static void test_can(void)
{
    const char *reason = NULL;
    for (enum stimulus s = 0; s < STIM_COUNT; s++) {
        bool flap = s == STIM_P_LINK_FLAP || s == STIM_C_LINK_FLAP;
        CU_ASSERT_EQUAL(net.dut.driver->can(&net.dut, s, &reason),
                        flap ? STIMULUS_BY_APPARATUS : STIMULUS_HALVES);
    }
}

/* A stimulus that was begun and not ended is no obstacle to the next instance. */
static void test_abandoned(void)
{
    struct err err = {0};
    half(STIM_P_CARD_OIR, false);
    network_withdraw();
    network_check(net.dut.driver->configure(&net.dut, &net.spec, &err), &err);
    network_check(net.dut.driver->health(&net.dut, &err), &err);
    half(STIM_POWER_CYCLE, false);
    network_check(net.dut.driver->configure(&net.dut, &net.spec, &err), &err);
    network_check(net.dut.driver->health(&net.dut, &err), &err);
    network_stamp("configured after abandoned stimuli");
}

static const struct cu_test tests[] = {
    {"configure", network_configure},  {"can", test_can},
    {"bring-up", network_bring_up},    {"neighbours", network_neighbours},
    {"flows", network_flows},          {"metric", network_metric},
    {"power-cycle", test_power_cycle}, {"processor-switchover", test_processor_switchover},
    {"p-card-oir", test_p_card},       {"c-card-oir", test_c_card},
    {"abandoned", test_abandoned},
};

int main(int argc, char **argv)
{
    net.spec = network_spec;
    net.spec.c_interfaces = net.spec.receiver_c_ifs = 1;
    return network_main(argc, argv, "live frr stimuli", tests, sizeof tests / sizeof tests[0]);
}
