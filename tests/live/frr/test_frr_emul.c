/*
 * The whole emulated network against the FRR PE, in real time: bring-up through all gates, joins,
 * flows both ways in every VPN, a window without loss, the metric that FRR reports, and cables
 * pulled. With four numbers as arguments (mVPNs, C-interfaces, remote PEs, groups) it runs that
 * instance instead.
 */
#include "tests/live/frr/network.h"
#include "tests/unit/cu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WINDOW_S   3
#define HOLD_OUT_S 4

static void print_failures(void)
{
    struct emul_failure f[8];
    size_t n = emul_failures(net.emul, f, 8);
    for (size_t i = 0; i < n && i < 8; i++)
        (void)fprintf(stderr, "%s vpn %u flow %u %s %s %" PRIu64 "\n",
                      emul_criterion_name(f[i].criterion), f[i].vpn, f[i].flow, f[i].neighbour,
                      f[i].interface, f[i].count);
    CU_ASSERT_EQUAL(n, 0);
}

static void test_window(void)
{
    struct err err = {0};
    struct emul_window w;
    network_check(net.dut.driver->window_begin(&net.dut, &err), &err);
    emul_health_reset(net.emul);
    emul_window_open(net.emul);
    network_run(WINDOW_S);
    emul_window_close(net.emul);
    network_run(1);
    emul_window_get(net.emul, &w);
    const struct emul_direction *both[] = {&w.ingress, &w.egress};
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(both[i]->sent > 0);
        CU_ASSERT_EQUAL(both[i]->received, both[i]->sent);
        CU_ASSERT_EQUAL(both[i]->misdelivered, 0);
    }
    print_failures();
}

/* The cable is pulled for a while and plugged in again: everything comes back. */
static void flap(enum emul_side side, const char *name)
{
    struct err err = {0};
    emul_recovery_begin(net.emul);
    network_check(emul_link(net.emul, side, false, &err), &err);
    network_stamp(name);
    network_run(HOLD_OUT_S);
    emul_recovery_action(net.emul, loop_now(net.loop));
    network_check(emul_link(net.emul, side, true, &err), &err);
    network_stamp("plugged in");
    network_recovered();
}

static void test_c_link_flap(void)
{
    flap(SIDE_C, "C link pulled");
}

static void test_p_link_flap(void)
{
    flap(SIDE_P, "P link pulled");
}

static const struct cu_test tests[] = {
    {"configure", network_configure},
    {"bring-up", network_bring_up},
    {"neighbours", network_neighbours},
    {"flows", network_flows},
    {"window", test_window},
    {"metric", network_metric},
    {"c-link-flap", test_c_link_flap},
    {"p-link-flap", test_p_link_flap},
    {"metric after", network_metric},
    {"withdraw", network_withdraw},
};

static void take_arguments(char **argv)
{
    struct instance_spec *s = &net.spec;
    s->mvpns = (uint32_t)strtoul(argv[1], NULL, 10);
    s->c_interfaces = s->receiver_c_ifs = (uint32_t)strtoul(argv[2], NULL, 10);
    s->remote_pes = (uint32_t)strtoul(argv[3], NULL, 10);
    s->groups = (uint32_t)strtoul(argv[4], NULL, 10);
    s->ingress_groups = s->groups / 2;
    s->receiver_pes = (s->remote_pes + 1) / 2;
}

int main(int argc, char **argv)
{
    net.spec = network_spec;
    if (argc == 5)
        take_arguments(argv);
    return network_main(argc, argv, "live frr emul", tests, sizeof tests / sizeof tests[0]);
}
