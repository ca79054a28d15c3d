/*
 * The reference PE as a process in namespaces of its own: it starts, is configured, speaks on the
 * wire, and leaves nothing behind. The test's own executable plays `mvpnbench refpe`.
 */
#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/cli/commands.h"
#include "harness/dut/dut_settings.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned c_frames, p_frames;

static void count_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)frame;
    (void)len;
    (void)at;
    ++*(unsigned *)arg;
}

static bool left_behind(void)
{
    char prefix[32];
    (void)snprintf(prefix, sizeof(prefix), "mvr%ld-", (long)getpid());
    DIR *dir = opendir("/run/netns");
    bool found = false;
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL)
        found = found || strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    if (dir != NULL)
        (void)closedir(dir);
    return found;
}

static void speak(struct dut *d, struct loop *loop, struct err *err)
{
    struct instance_spec spec = {
        .seed = 1,
        .mvpns = 2,
        .c_interfaces = 1,
        .remote_pes = 2,
        .groups = 2,
        .ingress_groups = 1,
        .sources = 1,
        .receiver_c_ifs = 1,
        .receiver_pes = 1,
        .mdt = MDT_SSM,
        .spmsi_src = 1,
        .spmsi_src_flows = 1,
        .c_rp_on_dut = true,
        .igmp_version = 3,
        .period_ns = NS_PER_S,
        .packet_bytes = 100,
    };
    struct dut_ports ports;
    d->driver->describe(d, &spec);
    d->driver->ports(d, &ports);
    port_on_rx(ports.a1[0], count_frame, &c_frames);
    port_on_rx(ports.a3, count_frame, &p_frames);
    CU_ASSERT_EQUAL(d->driver->configure(d, &spec, err), 0);
    /* First Hellos come within 5 s. */
    (void)loop_run(loop, instant_add(loop_now(loop), 6 * NS_PER_S));
    CU_ASSERT_TRUE(c_frames >= 2);
    CU_ASSERT_TRUE(p_frames >= 2);
    struct dut_view *view = calloc(1, sizeof(*view));
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    CU_ASSERT_EQUAL(d->driver->window_begin(d, err), 0);
    CU_ASSERT_EQUAL(d->driver->view(d, view, err), 0);
    CU_ASSERT_EQUAL(view->metric.v[NUM_MVPN], 1); /* limits.mvpns */
    CU_ASSERT_EQUAL(view->p.v[NUM_SG_P], 3);      /* SSM: two remote PEs and itself */
    CU_ASSERT_EQUAL(view->spmsi_cached, 0);
    CU_ASSERT_EQUAL(d->driver->health(d, err), 0);
    CU_ASSERT_EQUAL(d->driver->unconfigure(d, err), 0);
    free(view);
}

static void process(void)
{
    struct err err = {0};
    struct dut_settings settings;
    struct dut d = {.driver = dut_driver_find("reference")};
    struct loop *loop = loop_new_real();
    dut_settings_init(&settings);
    dut_settings_add(&settings, "limits.mvpns", "1");
    struct dut_context ctx = {.loop = loop, .seed = 1, .settings = &settings, .mtu = 1500};
    int opened = d.driver->open(&d, &ctx, &err);
    if (opened != 0)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_EQUAL(opened, 0);
    if (opened == 0) {
        CU_ASSERT_TRUE(d.driver->blocking);
        speak(&d, loop, &err);
        d.driver->close(&d);
    }
    CU_ASSERT_FALSE(left_behind());
    dut_settings_fini(&settings);
    loop_free(loop);
}

static const struct cu_test tests[] = {{"process", process}};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "refpe") == 0)
        return cmd_refpe(argc - 1, argv + 1);
    if (geteuid() != 0)
        return CU_SKIP;
    return cu_run("reference PE as a process", tests, 1);
}
