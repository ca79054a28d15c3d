#include "harness/case/settings.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <string.h>

static struct run_settings s;
static struct err last;

static int set(const char *key, const char *value)
{
    last = (struct err){0};
    return run_settings_set(&s, key, value, &last);
}

/* refused: set fails, with one line that holds all of what. */
static int refused(const char *key, const char *value, const char *what)
{
    bool good = set(key, value) == -1 && last.code == ERR_USE && strstr(last.text, what) != NULL &&
                strchr(last.text, '\n') == NULL;
    if (!good)
        (void)fprintf(stderr, "%s=%s: expected '%s', got '%s'\n", key, value, what, last.text);
    return good;
}

static void test_defaults(void)
{
    run_settings_default(&s);
    CU_ASSERT_EQUAL(s.search_min, 1);
    CU_ASSERT_EQUAL(s.search_max, 0);
    CU_ASSERT_EQUAL(s.search_instances, 5);
    CU_ASSERT_DOUBLE_EQUAL(s.search_growth, 2, 0);
    CU_ASSERT_STRING_EQUAL(s.timing.name, "draft");
    CU_ASSERT(s.jp_suppression);
    run_settings_finish(&s, true);
    CU_ASSERT_DOUBLE_EQUAL(s.traffic_rate_pps, 1, 0);
    CU_ASSERT_EQUAL(s.stimulus_repeat, 1);
    run_settings_default(&s);
    run_settings_finish(&s, false);
    CU_ASSERT_DOUBLE_EQUAL(s.traffic_rate_pps, 10, 0);
    CU_ASSERT_EQUAL(s.stimulus_repeat, 3);
}

static void test_values(void)
{
    run_settings_default(&s);
    CU_ASSERT_EQUAL(set("search.min", "3"), 0);
    CU_ASSERT_EQUAL(set("search.max", "200"), 0);
    CU_ASSERT_EQUAL(set("search.resolution", "4"), 0);
    CU_ASSERT_EQUAL(set("search.instances", "1"), 0);
    CU_ASSERT_EQUAL(set("search.start", "8"), 0);
    CU_ASSERT_EQUAL(set("search.growth", "1.5"), 0);
    CU_ASSERT_EQUAL(set("search.recover", "on"), 0);
    CU_ASSERT_EQUAL(set("search.9.1.max", "61"), 0);
    CU_ASSERT_EQUAL(set("search.9.1.max", "62"), 0);
    CU_ASSERT_EQUAL(set("search.10.1.max", "9"), 0);
    CU_ASSERT_EQUAL(set("stimulus.at", "every"), 0);
    CU_ASSERT_EQUAL(set("stimulus.repeat", "7"), 0);
    CU_ASSERT_EQUAL(set("traffic.rate_pps", "0.5"), 0);
    CU_ASSERT_EQUAL(set("traffic.packet_bytes", "60"), 0);
    CU_ASSERT_EQUAL(set("jp.oversize", "fragment"), 0);
    CU_ASSERT_EQUAL(set("jp.suppression", "off"), 0);
    CU_ASSERT(s.search_min == 3 && s.search_max == 200 && s.search_resolution == 4);
    CU_ASSERT(s.search_instances == 1 && s.search_start == 8 && s.search_recover);
    CU_ASSERT_DOUBLE_EQUAL(s.search_growth, 1.5, 0);
    CU_ASSERT_EQUAL(s.case_max_count, 2);
    CU_ASSERT_EQUAL(s.case_max[0].max, 62);
    CU_ASSERT(s.stimulus_at == AT_EVERY && s.stimulus_repeat == 7);
    CU_ASSERT(s.packet_bytes == 60 && s.jp_oversize == JP_FRAGMENT && !s.jp_suppression);
    run_settings_finish(&s, false);
    CU_ASSERT_DOUBLE_EQUAL(s.traffic_rate_pps, 0.5, 0);
    CU_ASSERT_EQUAL(s.stimulus_repeat, 7);
}

static void test_receivers(void)
{
    run_settings_default(&s);
    CU_ASSERT_EQUAL(set("receivers.share", "one"), 0);
    CU_ASSERT(s.receivers_share_set && s.receivers_one);
    CU_ASSERT_EQUAL(set("receivers.share", "0.25"), 0);
    CU_ASSERT(!s.receivers_one && s.receivers_share == 0.25);
    CU_ASSERT_EQUAL(set("receivers.share", "1.0"), 0);
    CU_ASSERT(s.receivers_share == 1);
    CU_ASSERT(refused("receivers.share", "0.3", "one of: one 0.25 0.5 1"));
}

static void test_parameters(void)
{
    run_settings_default(&s);
    CU_ASSERT_EQUAL(set("case.mvpns", "61"), 0);
    CU_ASSERT(s.param[PARAM_MVPNS].count == 1 && s.param[PARAM_MVPNS].from_case);
    CU_ASSERT_EQUAL(set("sweep.ingress_share", "1,0,0.1,0"), 0);
    CU_ASSERT(s.param[PARAM_INGRESS_SHARE].count == 3); /* duplicates drop */
    CU_ASSERT_FALSE(s.param[PARAM_INGRESS_SHARE].from_case);
    CU_ASSERT_EQUAL(set("sources.per_group", "2"), 0);
    CU_ASSERT_DOUBLE_EQUAL(s.param[PARAM_SOURCES].values[0], 2, 0);
    CU_ASSERT_EQUAL(set("case.sources_per_group", "3"), 0);
    CU_ASSERT_DOUBLE_EQUAL(s.param[PARAM_SOURCES].values[0], 3, 0);
    CU_ASSERT(refused("case.mvpns", "1,2", "a list goes into sweep."));
    CU_ASSERT(refused("case.mvpns", "0", "whole number from 1 to 65535"));
    CU_ASSERT(refused("case.mvpns", "1.5", "whole number"));
    CU_ASSERT(refused("case.mvpns", "", "one number"));
    CU_ASSERT(refused("case.groups", "0", "from 1 to 65535"));
    CU_ASSERT(refused("case.ingress_share", "2", "from 0 to 1"));
    CU_ASSERT(refused("case.ingress_share", "nan", "one number"));
    CU_ASSERT(refused("case.c_interfaces", "65", "from 1 to 64"));
    CU_ASSERT(refused("case.remote_pes", "-1", "from 1 to 4000"));
    CU_ASSERT(refused("sweep.groups", "1,,2", "separated by commas"));
    CU_ASSERT(refused("case.mvpn", "1", "did you mean 'mvpns'"));
    CU_ASSERT(refused("sweep.group", "1", "did you mean 'groups'"));
}

static void test_ranges(void)
{
    run_settings_default(&s);
    CU_ASSERT(refused("search.min", "0", "from 1 to"));
    CU_ASSERT(refused("search.min", "x", "whole number"));
    CU_ASSERT(refused("search.max", "1e99", "from 1 to"));
    CU_ASSERT(refused("search.resolution", "0", "from 1 to"));
    CU_ASSERT(refused("search.instances", "0", "from 1 to"));
    CU_ASSERT(refused("search.start", "-3", "from 1 to"));
    CU_ASSERT(refused("search.growth", "1", "from 1.1 to 100"));
    CU_ASSERT(refused("search.recover", "maybe", "on or off"));
    CU_ASSERT(refused("search.9.1.max", "0", "from 1 to"));
    CU_ASSERT(refused("search.9.14.max", "5", "there is no case '9.14'"));
    CU_ASSERT(refused("search.7.7.max", "5", "there is no case '7.7'"));
    CU_ASSERT(refused("stimulus.at", "sometimes", "one of: maximum every"));
    CU_ASSERT(refused("stimulus.repeat", "0", "from 1 to 100"));
    CU_ASSERT(refused("traffic.rate_pps", "0", "from 0.01 to"));
    CU_ASSERT(refused("traffic.rate_pps", "0x10", "a number from"));
    CU_ASSERT(refused("traffic.packet_bytes", "59", "from 60 (headers 28, probe 32)"));
    CU_ASSERT(refused("traffic.packet_bytes", "70000", "to 65000"));
    CU_ASSERT(refused("jp.oversize", "drop", "one of: fit fragment"));
    CU_ASSERT(refused("jp.suppression", "2", "on or off"));
}

static void test_later(void)
{
    static const char *const keys[][2] = {
        {"pe_pe", "bgp"},
        {"compare.pe_pe", "true"},
    };
    run_settings_default(&s);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        CU_ASSERT(refused(keys[i][0], keys[i][1], "does not exist yet in this version"));
    CU_ASSERT(set("traffic.marking", "true") == 0 && s.marking);
    CU_ASSERT(set("traffic.marking", "off") == 0 && !s.marking);
    CU_ASSERT_EQUAL(set("pe_pe", "pim"), 0);
    CU_ASSERT_EQUAL(set("compare.pe_pe", "false"), 0);
}

static void test_load_and_budget(void)
{
    run_settings_default(&s);
    CU_ASSERT(s.traffic_load == 0 && s.probe_pps == 1000 && s.search_time_s == 0);
    CU_ASSERT_EQUAL(set("traffic.load", "0.90"), 0);
    CU_ASSERT_DOUBLE_EQUAL(s.traffic_load, 0.9, 0);
    CU_ASSERT(refused("traffic.load", "0.3", "one of: 0.1 0.2 0.5 0.9"));
    CU_ASSERT_EQUAL(set("traffic.probe_pps", "250"), 0);
    CU_ASSERT_DOUBLE_EQUAL(s.probe_pps, 250, 0);
    CU_ASSERT(refused("traffic.probe_pps", "0", "a number from 1 to 100000"));
    CU_ASSERT_EQUAL(set("search.time_s", "7200"), 0);
    CU_ASSERT_DOUBLE_EQUAL(s.search_time_s, 7200, 0);
    CU_ASSERT(refused("search.time_s", "-1", "a number from 0"));
    CU_ASSERT(refused("search.time", "3", "did you mean 'search.time_s'"));
}

static void test_multicast(void)
{
    run_settings_default(&s);
    CU_ASSERT(!s.mdt_default_set && !s.c_rp_set && !s.c_rp_on_dut && s.receivers_igmp == 0);
    CU_ASSERT_DOUBLE_EQUAL(s.igmp_spacing_ms, 100, 0);
    CU_ASSERT_EQUAL(set("mdt.default", "bidir"), 0);
    CU_ASSERT(s.mdt_default_set && s.mdt_default == MDT_BIDIR);
    CU_ASSERT_EQUAL(set("mdt.default", "ssm"), 0);
    CU_ASSERT(s.mdt_default == MDT_SSM);
    CU_ASSERT_EQUAL(set("mdt.default", "asm"), 0);
    CU_ASSERT(refused("mdt.default", "sm", "one of: asm ssm bidir"));
    CU_ASSERT_EQUAL(set("mdt.data", "ssm"), 0);
    CU_ASSERT(refused("mdt.data", "asm", "one of: ssm"));
    CU_ASSERT_EQUAL(set("receivers.igmp", "v2"), 0);
    CU_ASSERT_EQUAL(s.receivers_igmp, 2);
    CU_ASSERT_EQUAL(set("receivers.igmp", "v3"), 0);
    CU_ASSERT_EQUAL(s.receivers_igmp, 3);
    CU_ASSERT_EQUAL(set("receivers.igmp", "none"), 0);
    CU_ASSERT_EQUAL(s.receivers_igmp, 0);
    CU_ASSERT(refused("receivers.igmp", "2", "one of: none v2 v3"));
    CU_ASSERT_EQUAL(set("igmp.spacing_ms", "1"), 0);
    CU_ASSERT_DOUBLE_EQUAL(s.igmp_spacing_ms, 1, 0);
    CU_ASSERT(refused("igmp.spacing_ms", "0.5", "from 1 to"));
    CU_ASSERT_EQUAL(set("c_rp.location", "dut"), 0);
    CU_ASSERT(s.c_rp_set && s.c_rp_on_dut);
    CU_ASSERT_EQUAL(set("c_rp.location", "site"), 0);
    CU_ASSERT(s.c_rp_set && !s.c_rp_on_dut);
    CU_ASSERT(refused("c_rp.location", "DUT", "one of: site dut"));
    CU_ASSERT_EQUAL(set("case.spmsi_src", "0"), 0);
    CU_ASSERT_EQUAL(set("case.spmsi_rx", "1023"), 0);
    CU_ASSERT_EQUAL(set("sweep.spmsi_src_flows", "1,2,4"), 0);
    CU_ASSERT_EQUAL(s.param[PARAM_SPMSI_SRC_FLOWS].count, 3);
    CU_ASSERT(refused("case.spmsi_rx", "1024", "from 0 to 1023"));
    CU_ASSERT(refused("case.spmsi", "1", "did you mean 'spmsi_"));
    CU_ASSERT(refused("spmsi.delay_ms", "1", "did you mean 'dut.spmsi.delay_ms'"));
}

static void test_unknown(void)
{
    run_settings_default(&s);
    CU_ASSERT(refused("search.maxx", "1", "did you mean 'search.max'"));
    CU_ASSERT(refused("traffic.rate", "1", "did you mean 'traffic.rate_pps'"));
    CU_ASSERT(refused("Jp.Suppression", "1", "did you mean 'jp.suppression'"));
    CU_ASSERT(refused("limits.mvpns", "1", "did you mean 'dut.limits.mvpns'"));
    CU_ASSERT(refused("", "1", "unknown key"));
    CU_ASSERT(refused("a-very-long-key-that-nobody-would-ever-write-but-that-must-not-overflow-"
                      "anything-whatever-its-length-may-be",
                      "1", "unknown key"));
}

/* Every key is listed with a help, and a wild value never gets through silently. */
static void test_table(void)
{
    size_t n = 0;
    const char *help, *key;
    for (; (key = run_settings_key(n, &help)) != NULL; n++) {
        CU_ASSERT(strlen(help) > 5);
        if (strchr(key, '<') == NULL)
            CU_ASSERT(refused(key, "\x01garbage", ""));
    }
    CU_ASSERT(n >= 24);
}

static void test_mtu(void)
{
    struct err err = {0};
    run_settings_default(&s);
    s.packet_bytes = 1476;
    CU_ASSERT_EQUAL(run_settings_check_mtu(&s, 1500, &err), 0);
    s.packet_bytes = 1477;
    CU_ASSERT_EQUAL(run_settings_check_mtu(&s, 1500, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "choose at most 1476"));
    CU_ASSERT_EQUAL(run_settings_check_mtu(&s, 0, &err), 0);
}

static void test_nearest(void)
{
    static const char *const words[] = {"run", "plan", "list", "report", "decode"};
    CU_ASSERT_STRING_EQUAL(text_nearest("plam", words, 5), "plan");
    CU_ASSERT_STRING_EQUAL(text_nearest("lits", words, 5), "list"); /* two letters swapped */
    CU_ASSERT_STRING_EQUAL(text_nearest("RUN", words, 5), "run");
    CU_ASSERT_STRING_EQUAL(text_nearest("reprot", words, 5), "report");
    CU_ASSERT_STRING_EQUAL(text_nearest("x", words, 0), "");
}

static const struct cu_test tests[] = {
    {"load, probes, a budget of time", test_load_and_budget},
    {"defaults", test_defaults},
    {"values", test_values},
    {"receivers", test_receivers},
    {"parameters", test_parameters},
    {"ranges", test_ranges},
    {"keys of later features", test_later},
    {"how trees are built, who joins", test_multicast},
    {"unknown keys", test_unknown},
    {"the table", test_table},
    {"packets and MTU", test_mtu},
    {"nearest words", test_nearest},
};
CU_MAIN("case/settings", tests)
