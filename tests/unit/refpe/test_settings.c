/* Keys of the reference PE: values, ranges, the nearest key. */
#include "emul/refpe/settings.h"
#include "tests/unit/cu.h"

#include <string.h>

static struct refpe_settings s;
static struct err err;

static int set(const char *key, const char *value)
{
    err = (struct err){0};
    return refpe_settings_set(&s, key, value, &err);
}

static void defaults(void)
{
    refpe_settings_default(&s);
    CU_ASSERT_EQUAL(s.limits.mvpns, REFPE_NO_LIMIT);
    CU_ASSERT_EQUAL(s.cpu_queue, REFPE_NO_LIMIT);
    CU_ASSERT_EQUAL(s.recovery_ms[4], 5000);
    CU_ASSERT_TRUE(s.jp_suppression);
}

static void values(void)
{
    refpe_settings_default(&s);
    CU_ASSERT_EQUAL(set("limits.mvpns", "137"), 0);
    CU_ASSERT_EQUAL(s.limits.mvpns, 137);
    CU_ASSERT_EQUAL(set("limits.mvpns", "none"), 0);
    CU_ASSERT_EQUAL(s.limits.mvpns, REFPE_NO_LIMIT);
    CU_ASSERT_EQUAL(set("recovery.p-link-flap_ms", "7300"), 0);
    CU_ASSERT_EQUAL(s.recovery_ms[4], 7300);
    CU_ASSERT_EQUAL(set("faults.leak_vpn", "3:5"), 0);
    CU_ASSERT_EQUAL(s.faults.leak_from, 3);
    CU_ASSERT_EQUAL(s.faults.leak_to, 5);
    CU_ASSERT_EQUAL(set("link.a3.delay_us", "12.5"), 0);
    CU_ASSERT_EQUAL(s.link_a3.delay_ns, 12500);
    CU_ASSERT_EQUAL(set("link.a1.loss", "0.25"), 0);
    CU_ASSERT_EQUAL(set("jp_suppression", "off"), 0);
    CU_ASSERT_FALSE(s.jp_suppression);
}

static void refused(void)
{
    static const char *const bad[][2] = {
        {"limits.mvpns", "-1"},        {"limits.mvpns", "12x"},      {"limits.mvpns", ""},
        {"limits.mvpns", "1e3"},       {"link.a1.loss", "1.5"},      {"link.a1.loss", "nan"},
        {"jp_suppression", "perhaps"}, {"faults.leak_vpn", "3"},     {"faults.leak_vpn", "3:3"},
        {"faults.leak_vpn", "0:1"},    {"faults.drop_flow", "none"}, {"forwarding.delay_us", "-3"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(set(bad[i][0], bad[i][1]), -1);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i][0]));
    }
}

static void nearest(void)
{
    CU_ASSERT_EQUAL(set("limits.mvpn", "1"), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "did you mean dut.limits.mvpns?"));
    CU_ASSERT_EQUAL(set("faults.drop_flows", "1"), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "dut.faults.drop_flow?"));
}

static void spmsi(void)
{
    refpe_settings_default(&s);
    CU_ASSERT_EQUAL(s.spmsi_delay_ms, 3000);
    CU_ASSERT_TRUE(s.spmsi_reuse);
    CU_ASSERT_EQUAL(set("limits.spmsi_src", "7"), 0);
    CU_ASSERT_EQUAL(s.limits.spmsi_src, 7);
    CU_ASSERT_EQUAL(set("limits.spmsi_rx", "none"), 0);
    CU_ASSERT_EQUAL(set("spmsi.delay_ms", "4321"), 0);
    CU_ASSERT_EQUAL(s.spmsi_delay_ms, 4321);
    CU_ASSERT_EQUAL(set("spmsi.reuse", "off"), 0);
    CU_ASSERT_FALSE(s.spmsi_reuse);
    static const char *const faults[] = {"faults.spmsi_announce_only", "faults.spmsi_silent",
                                         "faults.spmsi_no_join", "faults.spmsi_both"};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        CU_ASSERT_EQUAL(set(faults[i], "2"), 0);
    CU_ASSERT_EQUAL(s.faults.spmsi_both, 2);
}

static void every_key_has_help(void)
{
    const char *help = NULL;
    size_t n = 0;
    for (; refpe_settings_key(n, &help) != NULL; n++)
        CU_ASSERT_TRUE(help != NULL && help[0] != '\0');
    CU_ASSERT_TRUE(n > 30);
}

static const struct cu_test tests[] = {
    {"defaults", defaults},   {"values", values}, {"refused", refused},
    {"nearest key", nearest}, {"S-PMSIs", spmsi}, {"every key has help", every_key_has_help},
};
CU_MAIN("refpe settings", tests)
