/* FRR's JSON (as FRR 8.4.4 printed it, shortened) as numbers, and what is not such JSON. */
#include "harness/dut/frr_metric.h"
#include "harness/dut/mti_program.h"
#include "tests/unit/cu.h"

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    return json;
}

static void test_neighbours(void)
{
    json_t *json = parse("{\"c0\":{\"172.16.0.2\":{\"interface\":\"c0\"}},"
                         "\"mti\":{\"198.18.0.2\":{},\"198.18.0.3\":{}},\"lo\":{\"1.2.3.4\":{}}}");
    struct frr_vrf_state s = {0};
    CU_ASSERT_EQUAL(frr_count_neighbours(json, &s), 0);
    CU_ASSERT_EQUAL(s.c_neighbours, 1);
    CU_ASSERT_EQUAL(s.mti_neighbours, 2);
    json_decref(json);
}

static void test_interfaces(void)
{
    json_t *json = parse("{\"c0\":{\"state\":\"up\"},\"c1\":{\"state\":\"down\"},"
                         "\"mti\":{\"state\":\"up\"},\"pimreg\":{\"state\":\"up\"}}");
    struct frr_vrf_state s = {0};
    CU_ASSERT_EQUAL(frr_count_interfaces(json, &s), 0);
    CU_ASSERT_EQUAL(s.c_interfaces, 1);
    CU_ASSERT_TRUE(s.mti_up);
    json_decref(json);
}

/* The register interface is no OIF; what is not installed or has no OIF cannot forward. */
static void test_routes(void)
{
    json_t *json = parse(
        "{\"225.1.0.1\":{\"*\":{\"installed\":1,\"oil\":{\"mti\":{},\"c1\":{}}},"
        "\"10.1.0.1\":{\"installed\":1,\"oil\":{\"mti\":{},\"pimreg\":{}}},"
        "\"10.1.0.2\":{\"installed\":0,\"oil\":{\"mti\":{}}},"
        "\"10.1.0.3\":{\"installed\":1,\"oil\":{\"pimreg\":{}}},\"10.1.0.4\":{\"installed\":1}}}");
    struct frr_routes r = {0};
    CU_ASSERT_EQUAL(frr_count_routes(json, &r), 0);
    CU_ASSERT_EQUAL(r.starg, 1);
    CU_ASSERT_EQUAL(r.sg, 1);
    CU_ASSERT_EQUAL(r.oifs, 3);
    CU_ASSERT_TRUE(frr_has_starg(json, IP4(225, 1, 0, 1)));
    CU_ASSERT_FALSE(frr_has_starg(json, IP4(225, 1, 0, 2)));
    json_decref(json);
}

static void test_other_shapes(void)
{
    static const char *const texts[] = {"[]", "{\"c0\":7}", "{\"c0\":{\"state\":7}}"};
    struct frr_vrf_state s = {0};
    struct frr_routes r = {0};
    for (int i = 0; i < 3; i++) {
        json_t *json = parse(texts[i]);
        CU_ASSERT_EQUAL(frr_count_interfaces(json, &s), -1);
        if (i < 2) {
            CU_ASSERT_EQUAL(frr_count_routes(json, &r), -1);
            CU_ASSERT_EQUAL(frr_count_neighbours(json, &s), -1);
        }
        json_decref(json);
    }
}

static void test_counters_line(void)
{
    struct mti_counters c;
    CU_ASSERT_EQUAL(mti_counters_parse("counters 1 2 3 4 5 6\n", &c), 0);
    CU_ASSERT_EQUAL(c.encapsulated, 1);
    CU_ASSERT_EQUAL(c.not_understood, 5);
    CU_ASSERT_EQUAL(c.data_mdts, 6);
    CU_ASSERT_EQUAL(mti_counters_parse("counters 1 2 3 4 5", &c), -1);
    CU_ASSERT_EQUAL(mti_counters_parse("ready\n", &c), -1);
}

static const struct cu_test tests[] = {
    {"neighbours", test_neighbours},
    {"interfaces", test_interfaces},
    {"mroutes", test_routes},
    {"other shapes", test_other_shapes},
    {"line of counters", test_counters_line},
};

CU_MAIN("frr metric", tests)
