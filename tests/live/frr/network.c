#include "tests/live/frr/network.h"

#include "harness/dut/mti_program.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RATE_PPS     10
#define BRING_UP_S   60
#define FLOW_S       60
#define NEIGHBOURS_S 40

extern const struct dut_driver frr_driver;

const struct instance_spec network_spec = {.seed = 7,
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

struct network net = {.dut = {.driver = &frr_driver}};

void network_check(int rc, const struct err *err)
{
    if (rc != 0)
        (void)fprintf(stderr, "%s\n", err->text);
    CU_ASSERT_EQUAL_FATAL(rc, 0);
}

void network_stamp(const char *what)
{
    static struct instant begin;
    struct instant now = loop_now(net.loop);
    if (begin.ns == 0)
        begin = now;
    (void)printf("%8.3f s  %s\n", (double)instant_diff(now, begin) / 1e9, what);
}

static void network_run_ms(int64_t ms)
{
    (void)loop_run(net.loop, instant_add(loop_now(net.loop), ms * NS_PER_MS));
}

void network_run(int seconds)
{
    network_run_ms(seconds * INT64_C(1000));
}

bool network_wait(bool (*done)(void), int seconds)
{
    struct instant until = instant_add(loop_now(net.loop), seconds * NS_PER_S);
    bool is_done;
    while (!(is_done = done()) && instant_before(loop_now(net.loop), until))
        network_run_ms(100);
    return is_done;
}

void network_configure(void)
{
    struct err err = {0};
    struct dut_ports ports;
    struct dut_context ctx = {
        .loop = net.loop, .mtu = 1500, .max_c_links = net.spec.mvpns * net.spec.c_interfaces};
    network_stamp("open");
    network_check(net.dut.driver->open(&net.dut, &ctx, &err), &err);
    net.dut.driver->describe(&net.dut, &net.spec);
    net.dut.driver->ports(&net.dut, &ports);
    network_check(net.dut.driver->configure(&net.dut, &net.spec, &err), &err);
    network_stamp("configured");
    struct emul_ports mine = {.a1 = ports.a1, .a1_count = ports.a1_count, .a3 = ports.a3};
    net.emul = emul_new(net.loop, &mine, &net.spec, &err);
    network_check(net.emul == NULL ? -1 : 0, &err);
    emul_start(net.emul);
}

static bool is_up(void)
{
    struct emul_bringup up;
    emul_bringup_get(net.emul, &up);
    return up.complete;
}

void network_bring_up(void)
{
    bool up = network_wait(is_up, BRING_UP_S);
    struct emul_bringup b;
    emul_bringup_get(net.emul, &b);
    network_stamp(up ? "up" : b.waiting_for);
    CU_ASSERT_TRUE_FATAL(up);
}

static bool dut_has_neighbours(void)
{
    struct err err = {0};
    struct neighbour_count n;
    network_check(net.dut.driver->neighbours(&net.dut, &n, &err), &err);
    return n.c_interface == (int64_t)net.spec.mvpns * net.spec.c_interfaces &&
           n.mi_pmsi == (int64_t)net.spec.mvpns * net.spec.remote_pes;
}

void network_neighbours(void)
{
    CU_ASSERT_TRUE_FATAL(network_wait(dut_has_neighbours, NEIGHBOURS_S));
    network_stamp("all neighbours at the DUT");
}

static bool is_flowing(void)
{
    return emul_all_flowing(net.emul);
}

void network_flows(void)
{
    emul_join(net.emul);
    emul_traffic_start(net.emul);
    bool flowing = network_wait(is_flowing, FLOW_S);
    (void)printf("%" PRIu64 " of %" PRIu64 " pairs flow\n", emul_pairs_flowing(net.emul),
                 emul_pairs_total(net.emul));
    network_stamp("flowing");
    CU_ASSERT_TRUE_FATAL(flowing);
}

void network_metric(void)
{
    struct err err = {0};
    struct mvpn_metric expected;
    spec_expected(&net.spec, &expected);
    network_check(net.dut.driver->view(&net.dut, &net.view, &err), &err);
    for (int i = 0; i < METRIC_VARS; i++) {
        if (net.view.metric.v[i] != expected.v[i])
            (void)fprintf(stderr, "metric variable %d: %" PRId64 ", expected %" PRId64 "\n", i,
                          net.view.metric.v[i], expected.v[i]);
        CU_ASSERT_EQUAL(net.view.metric.v[i], expected.v[i]);
    }
    for (size_t i = 0; i < net.view.utilisation_count && i < 2; i++)
        (void)printf("%s: %.1f %% CPU, %.0f bytes (%s)\n", net.view.utilisation[i].component,
                     net.view.utilisation[i].cpu_percent, net.view.utilisation[i].memory_bytes,
                     net.view.utilisation[i].how);
    network_check(net.dut.driver->health(&net.dut, &err), &err);
}

static bool has_recovered(void)
{
    struct emul_recovery r;
    emul_recovery_get(net.emul, &r);
    return r.interrupted_ingress > 0 && r.interrupted_egress > 0 && r.not_recovered == 0 &&
           emul_all_flowing(net.emul) && dut_has_neighbours();
}

void network_recovered(void)
{
    struct emul_recovery r;
    bool recovered = network_wait(has_recovered, RECOVERY_S);
    emul_recovery_get(net.emul, &r);
    (void)printf("interrupted %" PRIu64 " ingress, %" PRIu64 " egress; Trall %.3f s after\n",
                 r.interrupted_ingress, r.interrupted_egress,
                 (double)instant_diff(r.trall, r.tf) / 1e9);
    network_stamp("flowing again");
    CU_ASSERT_TRUE(recovered);
}

static bool has_withdrawn(void)
{
    return emul_withdrawn(net.emul);
}

void network_withdraw(void)
{
    struct err err = {0};
    emul_withdraw(net.emul);
    CU_ASSERT_TRUE(network_wait(has_withdrawn, 10));
    network_stamp("withdrawn");
    emul_free(net.emul);
    net.emul = NULL;
    network_check(net.dut.driver->unconfigure(&net.dut, &err), &err);
    network_stamp("unconfigured");
}

int network_main(int argc, char **argv, const char *name, const struct cu_test *tests, size_t count)
{
    if (argc > 1 && strcmp(argv[1], "mti") == 0)
        return mti_program_main(argc - 1, argv + 1);
    if (geteuid() != 0 || access("/usr/lib/frr/pimd", X_OK) != 0)
        return CU_SKIP;
    net.loop = loop_new_real();
    int rc = cu_run(name, tests, count);
    emul_free(net.emul);
    net.dut.driver->close(&net.dut);
    loop_free(net.loop);
    return rc;
}
