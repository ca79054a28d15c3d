/*
 * The whole emulated network against the FRR PE, in real time: bring-up through all gates, joins,
 * flows both ways in every VPN, a window without loss, and the metric that FRR reports. With four
 * numbers as arguments (mVPNs, C-interfaces, remote PEs, groups) it runs that instance instead.
 */
#include "emul/loop/loop.h"
#include "harness/dut/mti_program.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/emul.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RATE_PPS     10
#define BRING_UP_S   60
#define FLOW_S       60
#define WINDOW_S     3
#define NEIGHBOURS_S 40
#define HOLD_OUT_S   4
#define RECOVERY_S   100

extern const struct dut_driver frr_driver;

static struct loop *loop;
static struct dut dut = {.driver = &frr_driver};
static struct emul *emul;
static struct instance_spec spec = {.seed = 7,
                                    .mvpns = 2,
                                    .c_interfaces = 2,
                                    .remote_pes = 3,
                                    .groups = 8,
                                    .ingress_groups = 4,
                                    .sources = 1,
                                    .receiver_c_ifs = 2,
                                    .receiver_pes = 2,
                                    .period_ns = NS_PER_S / RATE_PPS,
                                    .packet_bytes = 100,
                                    .jp_suppression = true};
static struct dut_view view;

static void check(int rc, const struct err *err)
{
    if (rc != 0)
        (void)fprintf(stderr, "%s\n", err->text);
    CU_ASSERT_EQUAL_FATAL(rc, 0);
}

static void stamp(const char *what)
{
    static struct instant begin;
    struct instant now = loop_now(loop);
    if (begin.ns == 0)
        begin = now;
    (void)printf("%8.3f s  %s\n", (double)instant_diff(now, begin) / 1e9, what);
}

static bool wait_for(bool (*done)(void), int seconds)
{
    struct instant until = instant_add(loop_now(loop), seconds * NS_PER_S);
    while (!done() && instant_before(loop_now(loop), until))
        (void)loop_run(loop, instant_add(loop_now(loop), 100 * NS_PER_MS));
    return done();
}

static void test_configure(void)
{
    struct err err = {0};
    struct dut_ports ports;
    struct dut_context ctx = {
        .loop = loop, .mtu = 1500, .max_c_links = spec.mvpns * spec.c_interfaces};
    stamp("open");
    check(dut.driver->open(&dut, &ctx, &err), &err);
    dut.driver->describe(&dut, &spec);
    dut.driver->ports(&dut, &ports);
    check(dut.driver->configure(&dut, &spec, &err), &err);
    stamp("configured");
    struct emul_ports mine = {.a1 = ports.a1, .a1_count = ports.a1_count, .a3 = ports.a3};
    emul = emul_new(loop, &mine, &spec, &err);
    check(emul == NULL ? -1 : 0, &err);
    emul_start(emul);
}

static bool is_up(void)
{
    struct emul_bringup up;
    emul_bringup_get(emul, &up);
    return up.complete;
}

static void test_bring_up(void)
{
    bool up = wait_for(is_up, BRING_UP_S);
    struct emul_bringup b;
    emul_bringup_get(emul, &b);
    stamp(up ? "up" : b.waiting_for);
    CU_ASSERT_TRUE_FATAL(up);
}

static bool dut_has_neighbours(void)
{
    struct err err = {0};
    struct neighbour_count n;
    check(dut.driver->neighbours(&dut, &n, &err), &err);
    return n.c_interface == (int64_t)spec.mvpns * spec.c_interfaces &&
           n.mi_pmsi == (int64_t)spec.mvpns * spec.remote_pes;
}

static void test_neighbours(void)
{
    CU_ASSERT_TRUE_FATAL(wait_for(dut_has_neighbours, NEIGHBOURS_S));
    stamp("all neighbours at the DUT");
}

static bool is_flowing(void)
{
    return emul_all_flowing(emul);
}

static void test_flows(void)
{
    emul_join(emul);
    emul_traffic_start(emul);
    bool flowing = wait_for(is_flowing, FLOW_S);
    (void)printf("%" PRIu64 " of %" PRIu64 " pairs flow\n", emul_pairs_flowing(emul),
                 emul_pairs_total(emul));
    stamp("flowing");
    CU_ASSERT_TRUE_FATAL(flowing);
}

static void print_failures(void)
{
    struct emul_failure f[8];
    size_t n = emul_failures(emul, f, 8);
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
    check(dut.driver->window_begin(&dut, &err), &err);
    emul_health_reset(emul);
    emul_window_open(emul);
    (void)loop_run(loop, instant_add(loop_now(loop), WINDOW_S * NS_PER_S));
    emul_window_close(emul);
    (void)loop_run(loop, instant_add(loop_now(loop), NS_PER_S));
    emul_window_get(emul, &w);
    const struct emul_direction *both[] = {&w.ingress, &w.egress};
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(both[i]->sent > 0);
        CU_ASSERT_EQUAL(both[i]->received, both[i]->sent);
        CU_ASSERT_EQUAL(both[i]->misdelivered, 0);
    }
    print_failures();
}

static void test_metric(void)
{
    struct err err = {0};
    struct mvpn_metric expected;
    spec_expected(&spec, &expected);
    check(dut.driver->view(&dut, &view, &err), &err);
    for (int i = 0; i < METRIC_VARS; i++) {
        if (view.metric.v[i] != expected.v[i])
            (void)fprintf(stderr, "metric variable %d: %" PRId64 ", expected %" PRId64 "\n", i,
                          view.metric.v[i], expected.v[i]);
        CU_ASSERT_EQUAL(view.metric.v[i], expected.v[i]);
    }
    for (size_t i = 0; i < view.utilisation_count && i < 2; i++)
        (void)printf("%s: %.1f %% CPU, %.0f bytes (%s)\n", view.utilisation[i].component,
                     view.utilisation[i].cpu_percent, view.utilisation[i].memory_bytes,
                     view.utilisation[i].how);
    check(dut.driver->health(&dut, &err), &err);
}

static bool has_recovered(void)
{
    struct emul_recovery r;
    emul_recovery_get(emul, &r);
    return r.not_recovered == 0 && emul_all_flowing(emul);
}

/* The cable is pulled for a while and plugged in again: everything comes back. */
static void flap(enum emul_side side, const char *name)
{
    struct err err = {0};
    struct emul_recovery r;
    emul_recovery_begin(emul);
    check(emul_link(emul, side, false, &err), &err);
    stamp(name);
    (void)loop_run(loop, instant_add(loop_now(loop), HOLD_OUT_S * NS_PER_S));
    emul_recovery_action(emul, loop_now(loop));
    check(emul_link(emul, side, true, &err), &err);
    stamp("plugged in");
    CU_ASSERT_TRUE(wait_for(has_recovered, RECOVERY_S));
    emul_recovery_get(emul, &r);
    (void)printf("interrupted %" PRIu64 " ingress, %" PRIu64 " egress; Trall %.3f s after\n",
                 r.interrupted_ingress, r.interrupted_egress,
                 (double)instant_diff(r.trall, r.tf) / 1e9);
    stamp("flowing again");
    CU_ASSERT_TRUE(r.interrupted_ingress > 0);
    CU_ASSERT_TRUE(r.interrupted_egress > 0);
    CU_ASSERT_TRUE(wait_for(dut_has_neighbours, NEIGHBOURS_S));
}

static void test_c_link_flap(void)
{
    flap(SIDE_C, "C link pulled");
}

static void test_p_link_flap(void)
{
    flap(SIDE_P, "P link pulled");
}

static bool has_withdrawn(void)
{
    return emul_withdrawn(emul);
}

static void test_withdraw(void)
{
    struct err err = {0};
    emul_withdraw(emul);
    CU_ASSERT_TRUE(wait_for(has_withdrawn, 10));
    stamp("withdrawn");
    emul_free(emul);
    emul = NULL;
    check(dut.driver->unconfigure(&dut, &err), &err);
    stamp("unconfigured");
}

static const struct cu_test tests[] = {
    {"configure", test_configure},     {"bring-up", test_bring_up},
    {"neighbours", test_neighbours},   {"flows", test_flows},
    {"window", test_window},           {"metric", test_metric},
    {"c-link-flap", test_c_link_flap}, {"p-link-flap", test_p_link_flap},
    {"metric after", test_metric},     {"withdraw", test_withdraw},
};

static void take_arguments(char **argv)
{
    spec.mvpns = (uint32_t)strtoul(argv[1], NULL, 10);
    spec.c_interfaces = spec.receiver_c_ifs = (uint32_t)strtoul(argv[2], NULL, 10);
    spec.remote_pes = (uint32_t)strtoul(argv[3], NULL, 10);
    spec.groups = (uint32_t)strtoul(argv[4], NULL, 10);
    spec.ingress_groups = spec.groups / 2;
    spec.receiver_pes = (spec.remote_pes + 1) / 2;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "mti") == 0)
        return mti_program_main(argc - 1, argv + 1);
    if (geteuid() != 0 || access("/usr/lib/frr/pimd", X_OK) != 0)
        return CU_SKIP;
    if (argc == 5)
        take_arguments(argv);
    loop = loop_new_real();
    int rc = cu_run("live frr emul", tests, sizeof tests / sizeof tests[0]);
    emul_free(emul);
    dut.driver->close(&dut);
    loop_free(loop);
    return rc;
}
