#include "harness/run/throughput.h"

#include "emul/loop/loop.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Ethernet and, on the trunk, one VLAN tag; GRE with its IPv4 header on the P link. */
#define C_FRAME(packet) ((packet) + 14 + 4)
#define P_FRAME(packet) ((packet) + 14 + 24)

struct fixture {
    struct run_settings settings;
    struct dut_settings dut;
    struct world world;
};

static void fixture_open(struct fixture *f, const char *key, const char *value)
{
    struct err err = {0};
    run_settings_default(&f->settings);
    CU_ASSERT_EQUAL_FATAL(timing_load(&f->settings.timing, "draft", &err), 0);
    run_settings_finish(&f->settings, true);
    dut_settings_init(&f->dut);
    if (key != NULL)
        dut_settings_add(&f->dut, key, value);
    struct world_params params = {.driver = "reference",
                                  .dut_settings = &f->dut,
                                  .settings = &f->settings,
                                  .virtual_clock = true,
                                  .seed = 1,
                                  .mtu = 1500,
                                  .max_c_links = 1};
    CU_ASSERT_EQUAL_FATAL(world_open(&f->world, &params, &err), 0);
}

static void fixture_close(struct fixture *f)
{
    world_close(&f->world);
    dut_settings_fini(&f->dut);
}

static void measure(struct fixture *f, double cap_pps, struct throughput *out)
{
    struct err err = {0};
    struct throughput_params p = {.mtu = 1500, .seed = 1, .cap_pps = cap_pps};
    CU_ASSERT_EQUAL_FATAL(throughput_measure(&f->world, &p, out, &err), 0);
}

static double line_pps(double mbps, unsigned frame_bytes)
{
    return mbps * 1e6 / 8 / frame_bytes;
}

static void check_near(double measured, double expected)
{
    CU_ASSERT_DOUBLE_EQUAL(measured, expected, 0.006 * expected);
}

static void test_p_link_bounds_both(void)
{
    struct fixture f;
    struct throughput t;
    fixture_open(&f, "link.a3.rate_mbps", "4");
    measure(&f, 20000, &t);
    double line = line_pps(4, P_FRAME(f.settings.packet_bytes));
    check_near(t.ingress_pps, line);
    check_near(t.egress_pps, line);
    CU_ASSERT_EQUAL(t.ingress_bound, THROUGHPUT_BY_DUT);
    CU_ASSERT_EQUAL(t.egress_bound, THROUGHPUT_BY_DUT);
    fixture_close(&f);
}

static void test_c_link_bounds_by_its_frames(void)
{
    struct fixture f;
    struct throughput t;
    fixture_open(&f, "link.a1.rate_mbps", "2.5");
    measure(&f, 20000, &t);
    double line = line_pps(2.5, C_FRAME(f.settings.packet_bytes));
    check_near(t.ingress_pps, line);
    check_near(t.egress_pps, line);
    fixture_close(&f);
}

static void test_no_limit_is_the_apparatus(void)
{
    struct fixture f;
    struct throughput t;
    fixture_open(&f, NULL, NULL);
    measure(&f, 5000, &t);
    CU_ASSERT_EQUAL(t.ingress_pps, 5000);
    CU_ASSERT_EQUAL(t.egress_pps, 5000);
    CU_ASSERT_EQUAL(t.ingress_bound, THROUGHPUT_BY_APPARATUS);
    CU_ASSERT_EQUAL(t.egress_bound, THROUGHPUT_BY_APPARATUS);
    fixture_close(&f);
}

static void test_nothing_gets_through(void)
{
    struct fixture f;
    struct throughput t;
    struct err err = {0};
    struct throughput_params p = {.mtu = 1500, .seed = 1, .cap_pps = 1000};
    fixture_open(&f, "faults.drop_flow", "1");
    CU_ASSERT_EQUAL(throughput_measure(&f.world, &p, &t, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "does not flow"));
    fixture_close(&f);
}

static void test_entry_and_back(void)
{
    struct fixture f;
    struct throughput t, back;
    fixture_open(&f, "link.a3.rate_mbps", "0.3");
    measure(&f, 1000, &t);
    json_t *entry = throughput_entry(&t, &f.world);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(entry, "id")), THROUGHPUT_ID);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(entry, "end_ns")),
                    loop_now(f.world.loop).ns);
    char *text = json_dumps(entry, 0);
    json_t *read = json_loads(text, 0, NULL);
    CU_ASSERT_TRUE_FATAL(throughput_of_entry(read, &back));
    CU_ASSERT_EQUAL(back.ingress_pps, t.ingress_pps);
    CU_ASSERT_EQUAL(back.egress_pps, t.egress_pps);
    CU_ASSERT_EQUAL(back.egress_bound, t.egress_bound);
    CU_ASSERT_EQUAL(back.packet_bytes, t.packet_bytes);
    json_t *other = json_pack("{s:s}", "id", "9.1-0001");
    CU_ASSERT_FALSE(throughput_of_entry(other, &back));
    json_decref(other);
    json_decref(read);
    json_decref(entry);
    free(text);
    fixture_close(&f);
}

/* 3 mVPNs, 10 groups of which 1 is ingress, 2 sources: 6 ingress and 54 egress flows. */
static void test_share(void)
{
    struct throughput t = {.ingress_pps = 6000, .egress_pps = 108000};
    struct instance_spec spec = {.mvpns = 3, .groups = 10, .ingress_groups = 1, .sources = 2};
    char note[THROUGHPUT_NOTE_MAX];
    throughput_apply(&t, 0.1, &spec, note); /* 100 pps an ingress flow, 200 an egress flow */
    CU_ASSERT_EQUAL(spec.period_ns, NS_PER_S / 100);
    CU_ASSERT_NOT_EQUAL(note[0], '\0');
    spec.ingress_groups = 0;
    throughput_apply(&t, 0.5, &spec, note); /* 60 flows share 54,000 */
    CU_ASSERT_EQUAL(spec.period_ns, (int64_t)ceil(1e9 / 900));
    CU_ASSERT_EQUAL(note[0], '\0');
    spec.groups = 0;
    spec.period_ns = 77;
    throughput_apply(&t, 0.5, &spec, note);
    CU_ASSERT_EQUAL(spec.period_ns, 77);
}

static const struct cu_test tests[] = {
    {"the P link bounds both directions", test_p_link_bounds_both},
    {"the C link bounds by its frames", test_c_link_bounds_by_its_frames},
    {"without a limit the apparatus is it", test_no_limit_is_the_apparatus},
    {"nothing gets through", test_nothing_gets_through},
    {"journal entry and back", test_entry_and_back},
    {"each flow's share", test_share},
};

CU_MAIN("throughput", tests)
