/* The table of drivers, dut.* settings, and the reference driver in process. */
#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "harness/dut/dut_settings.h"
#include "harness/dut/refpe_ctl.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>

static void table(void)
{
    CU_ASSERT_PTR_NOT_NULL(dut_driver_find("reference"));
    CU_ASSERT_PTR_NOT_NULL(dut_driver_find("frr"));
    CU_ASSERT_PTR_NULL(dut_driver_find("reference "));
    CU_ASSERT_PTR_NOT_NULL(strstr(dut_driver_names(), "reference"));
    for (int s = 0; s < STIM_COUNT; s++)
        CU_ASSERT_EQUAL(stimulus_by_name(stimulus_name((enum stimulus)s)), (enum stimulus)s);
    CU_ASSERT_EQUAL(stimulus_by_name("meteor"), STIM_COUNT);
}

static void settings_are_checked(void)
{
    struct dut_settings s;
    struct err err = {0};
    dut_settings_init(&s);
    CU_ASSERT_EQUAL(dut_settings_check(&s, "frr", &err), 0);
    dut_settings_add(&s, "limits.mvpns", "5");
    CU_ASSERT_EQUAL(dut_settings_check(&s, "reference", &err), 0);
    CU_ASSERT_EQUAL(dut_settings_check(&s, "frr", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    dut_settings_add(&s, "limits.mroute", "5");
    err = (struct err){0};
    CU_ASSERT_EQUAL(dut_settings_check(&s, "reference", &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "dut.limits.mroutes"));
    dut_settings_fini(&s);
}

static struct instance_spec example(void)
{
    struct instance_spec spec = {
        .seed = UINT64_C(0xfedcba9876543210),
        .mvpns = 3,
        .c_interfaces = 2,
        .remote_pes = 2,
        .groups = 4,
        .ingress_groups = 2,
        .sources = 2,
        .receiver_c_ifs = 2,
        .receiver_pes = 1,
        .mdt = MDT_SSM,
        .spmsi_src = 1,
        .spmsi_rx = 2,
        .spmsi_src_flows = 3,
        .spmsi_rx_flows = 4,
        .spmsi_delay_ns = 3000000000,
        .c_rp_on_dut = true,
        .igmp_version = 3,
        .igmp_spacing_ns = 100000000,
        .period_ns = 1000000000,
        .packet_bytes = 100,
        .mtu = 1500,
        .jp_suppression = true,
        .trunk = true,
    };
    topology_default_addressing(&spec.addr);
    return spec;
}

static void spec_as_json(void)
{
    struct instance_spec spec = example(), back;
    json_t *json = refpe_ctl_spec_json(&spec);
    CU_ASSERT_TRUE(refpe_ctl_spec_read(json, &back));
    json_t *again = refpe_ctl_spec_json(&back);
    CU_ASSERT_TRUE(json_equal(json, again));
    CU_ASSERT_EQUAL(back.seed, spec.seed);
    CU_ASSERT_EQUAL(back.mdt, MDT_SSM);
    CU_ASSERT_EQUAL(back.spmsi_rx_flows, 4);
    CU_ASSERT_EQUAL(back.igmp_version, 3);
    CU_ASSERT_TRUE(back.c_rp_on_dut);
    CU_ASSERT_EQUAL(back.addr.c_source_base, spec.addr.c_source_base);
    json_object_set_new(json, "mvpns", json_integer(-1));
    CU_ASSERT_FALSE(refpe_ctl_spec_read(json, &back));
    json_object_set_new(json, "mvpns", json_string("3"));
    CU_ASSERT_FALSE(refpe_ctl_spec_read(json, &back));
    json_decref(json);
    json_decref(again);
}

static void view_as_json(void)
{
    struct dut_view *v = calloc(2, sizeof(*v));
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    for (int i = 0; i < METRIC_VARS; i++)
        v->metric.v[i] = 100 + i;
    v->p.v[NUM_SG_P] = 7;
    v->spmsi_cached = 17;
    v->neighbours = (struct neighbour_count){4, 5};
    v->utilisation[0] = (struct utilisation){"x", 12.5, 20, -1, -1, "how"};
    json_t *json = refpe_ctl_view_json(v);
    CU_ASSERT_TRUE(refpe_ctl_view_read(json, v + 1));
    CU_ASSERT_EQUAL(memcmp(&v[0].metric, &v[1].metric, sizeof(v->metric)), 0);
    CU_ASSERT_EQUAL(v[1].p.v[NUM_SG_P], 7);
    CU_ASSERT_EQUAL(v[1].neighbours.mi_pmsi, 5);
    CU_ASSERT_EQUAL(v[1].spmsi_cached, 17);
    CU_ASSERT_DOUBLE_EQUAL(v[1].utilisation[0].cpu_percent, 12.5, 1e-9);
    json_object_del(json, "p");
    CU_ASSERT_FALSE(refpe_ctl_view_read(json, v + 1));
    json_decref(json);
    free(v);
}

static unsigned frames;

static void count_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)arg;
    (void)frame;
    (void)len;
    (void)at;
    frames++;
}

static void reference_in_process(void)
{
    struct err err = {0};
    struct dut_settings settings;
    struct dut d = {.driver = dut_driver_find("reference")};
    struct loop *loop = loop_new_virtual((struct instant){0});
    dut_settings_init(&settings);
    dut_settings_add(&settings, "limits.mvpns", "2");
    struct dut_context ctx = {.loop = loop, .seed = 1, .settings = &settings, .mtu = 1500};
    CU_ASSERT_EQUAL_FATAL(d.driver->open(&d, &ctx, &err), 0);
    CU_ASSERT_FALSE(d.driver->blocking);
    struct instance_spec spec = example();
    d.driver->describe(&d, &spec);
    CU_ASSERT_TRUE(d.driver->fits(&d, &spec, &err));
    CU_ASSERT_EQUAL(d.driver->configure(&d, &spec, &err), 0);
    struct dut_ports ports;
    d.driver->ports(&d, &ports);
    CU_ASSERT_TRUE(ports.trunk);
    frames = 0;
    port_on_rx(ports.a1[0], count_frame, NULL);
    (void)loop_run(loop, (struct instant){6 * NS_PER_S});
    CU_ASSERT_TRUE(frames >= 8); /* announcements and Hellos of four C-interfaces */
    struct dut_view *view = calloc(1, sizeof(*view));
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    CU_ASSERT_EQUAL(d.driver->view(&d, view, &err), 0);
    CU_ASSERT_EQUAL(view->metric.v[NUM_MVPN], 2);
    CU_ASSERT_EQUAL(view->metric.v[NUM_MC_C_INTS], 4);
    CU_ASSERT_EQUAL(d.driver->health(&d, &err), 0);
    CU_ASSERT_EQUAL(d.driver->unconfigure(&d, &err), 0);
    spec.mdt = MDT_SSM;
    CU_ASSERT_TRUE(d.driver->fits(&d, &spec, &err));
    const char *reason = NULL;
    for (int mode = MDT_ASM; mode <= MDT_BIDIR; mode++)
        CU_ASSERT_TRUE(d.driver->supports(&d, (enum mdt_mode)mode, &reason));
    CU_ASSERT_EQUAL(d.driver->can(&d, STIM_P_LINK_FLAP, &reason), STIMULUS_BY_APPARATUS);
    CU_ASSERT_EQUAL(d.driver->can(&d, STIM_POWER_CYCLE, &reason), STIMULUS_HALVES);
    d.driver->close(&d);
    free(view);
    dut_settings_fini(&settings);
    loop_free(loop);
}

static const struct cu_test tests[] = {
    {"table", table},
    {"settings are checked", settings_are_checked},
    {"spec as JSON", spec_as_json},
    {"view as JSON", view_as_json},
    {"reference PE in process", reference_in_process},
};
CU_MAIN("drivers", tests)
