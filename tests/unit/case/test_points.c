#include "harness/case/case.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct run_settings s;
static char notes[2048];

static void take_note(void *arg, const char *text)
{
    (void)arg;
    size_t n = strlen(notes);
    (void)snprintf(notes + n, sizeof(notes) - n, "%s\n", text);
}

static void set(const char *key, const char *value)
{
    struct err err = {0};
    CU_ASSERT_EQUAL(run_settings_set(&s, key, value, &err), 0);
}

static struct test_case *start(const char *id)
{
    struct err err = {0};
    run_settings_default(&s);
    notes[0] = '\0';
    struct test_case *tc = case_find(id, &err);
    if (tc == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tc);
    return tc;
}

static enum case_answer maximum_of_9_1(void *arg, const char *id, const struct case_where *where,
                                       double *value)
{
    (void)where;
    const uint64_t *max = arg;
    *value = (double)*max;
    return strcmp(id, "9.1") == 0 ? KNOWN_VALUE : KNOWN_NOT;
}

static struct case_context context(void)
{
    struct case_context c;
    case_context_default(&c, &s);
    c.note = take_note;
    return c;
}

static size_t points(const struct test_case *tc, uint64_t max, struct case_point **out)
{
    char why[CASE_WHY_MAX];
    size_t count = 0;
    struct case_context c = context();
    struct case_known known = {.searched = maximum_of_9_1, .arg = &max};
    c.known = max == 0 ? NULL : &known;
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, out, &count, why));
    return count;
}

static int instance_of(const struct test_case *tc, const struct case_point *p, uint64_t value,
                       struct instance_spec *spec, struct case_values *v, struct err *err)
{
    struct case_context c = context();
    struct case_try t = {value, 0};
    return case_instance(tc, &c, p, &t, spec, v, err);
}

static int bounds_of(const struct test_case *tc, const struct case_point *p,
                     struct search_bounds *b, struct err *err)
{
    struct case_context c = context();
    return case_bounds(tc, &c, p, b, err);
}

static void test_ids(void)
{
    static const char *const draft[] = {"9.1",  "9.2",  "9.3",  "9.4",  "9.5",  "9.6",
                                        "9.7",  "9.8",  "9.9",  "9.10", "9.11", "9.12",
                                        "9.13", "10.1", "10.2", "11.1"};
    size_t count;
    const char *const *ids = case_ids(&count);
    CU_ASSERT_EQUAL_FATAL(count, 16);
    for (size_t i = 0; i < 16; i++)
        CU_ASSERT_STRING_EQUAL(ids[i], draft[i]);
    struct err err = {0};
    CU_ASSERT_PTR_NULL(case_find("10.3", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "did you mean '10.1'"));
}

static void test_9_1(void)
{
    struct test_case *tc = start("9.1");
    struct case_point *p;
    CU_ASSERT_EQUAL(case_searched(tc), PARAM_MVPNS);
    CU_ASSERT_STRING_EQUAL(case_variable_name(tc), "Num_mVPN");
    CU_ASSERT(case_stimuli(tc) && case_step(tc, false, 8) && !case_step(tc, true, 8));
    CU_ASSERT_EQUAL(case_mdt(tc, &s), MDT_ASM);
    CU_ASSERT_EQUAL(points(tc, 0, &p), 1);
    CU_ASSERT_STRING_EQUAL(notes, "");
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    struct err err = {0};
    CU_ASSERT_EQUAL(instance_of(tc, p, 7, &spec, &v, &err), 0);
    CU_ASSERT_STRING_EQUAL(notes, ""); /* R = 1: nothing to declare about receivers */
    CU_ASSERT(spec.mvpns == 7 && spec.c_interfaces == 1 && spec.remote_pes == 1);
    CU_ASSERT(spec.groups == 2 && spec.ingress_groups == 1 && spec.sources == 1);
    CU_ASSERT(spec.receiver_c_ifs == 1 && spec.receiver_pes == 1 && spec.mdt == MDT_ASM);
    CU_ASSERT_EQUAL(spec.period_ns, NS_PER_S);
    CU_ASSERT_EQUAL(case_variable(tc, &v), 7);
    struct mvpn_metric m;
    spec_expected(&spec, &m);
    CU_ASSERT(m.v[NUM_STARG_C] == 14 && m.v[NUM_SG_C] == 14 && m.v[NUM_OIF_C] == 28);
    case_relations(tc, &s, &v, &m, take_note, NULL); /* what is expected keeps the relations */
    CU_ASSERT_STRING_EQUAL(notes, "");
    m.v[NUM_OIF_C] = 27;
    m.v[NUM_SG_C] = METRIC_UNKNOWN;
    case_relations(tc, &s, &v, &m, take_note, NULL);
    CU_ASSERT_STRING_EQUAL(notes,
                           "relation Num_OIF_C == 4*Num_mVPN does not hold: 27 against 28\n");
    free(p);
    case_free(tc);
}

static void test_overridden_relation(void)
{
    struct test_case *tc = start("9.1");
    struct case_point *p;
    set("sources.per_group", "2");
    CU_ASSERT_EQUAL(points(tc, 0, &p), 1);
    struct instance_spec spec = {0};
    struct case_values v;
    struct mvpn_metric m;
    CU_ASSERT_EQUAL(instance_of(tc, p, 10, &spec, &v, NULL), 0);
    spec_expected(&spec, &m);
    CU_ASSERT_EQUAL(m.v[NUM_SG_C], 40);
    CU_ASSERT_EQUAL(m.v[NUM_OIF_C], 60); /* PROTOCOLS 12 A3: s = 2 gives 6N */
    case_relations(tc, &s, &v, &m, take_note, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(notes, "Num_SG_C == 2*Num_mVPN does not hold: 40 against 20 "
                                         "(overridden: sources_per_group=2)"));
    free(p);
    case_free(tc);
}

static void expect_point(const struct case_point *p, double n, double share, double sources)
{
    CU_ASSERT_DOUBLE_EQUAL(p->values.v[PARAM_MVPNS], n, 0);
    CU_ASSERT_DOUBLE_EQUAL(p->values.v[PARAM_INGRESS_SHARE], share, 0);
    CU_ASSERT_DOUBLE_EQUAL(p->values.v[PARAM_SOURCES], sources, 0);
    CU_ASSERT(p->swept[PARAM_MVPNS] && p->swept[PARAM_INGRESS_SHARE] && p->swept[PARAM_SOURCES]);
    CU_ASSERT(!p->swept[PARAM_GROUPS] && !p->swept[PARAM_REMOTE_PES]);
}

static void test_9_3_below_100(void)
{
    struct test_case *tc = start("9.3");
    struct case_point *p;
    CU_ASSERT_EQUAL_FATAL(points(tc, 61, &p), 6);
    CU_ASSERT_PTR_NOT_NULL(strstr(notes, "is 61 alone")); /* A26 */
    expect_point(&p[0], 61, 1, 2);
    expect_point(&p[1], 61, 1, 50);
    expect_point(&p[2], 61, 0, 2);
    expect_point(&p[3], 61, 0, 50);
    expect_point(&p[4], 61, 0.1, 2);
    expect_point(&p[5], 61, 0.1, 50);
    struct case_values v = p[5].values;
    v.v[PARAM_GROUPS] = 10;
    CU_ASSERT_EQUAL(case_variable(tc, &v), 61 * 10 * 51);
    CU_ASSERT_STRING_EQUAL(case_variable_name(tc), "mroutes");
    CU_ASSERT_STRING_EQUAL(case_after(tc, 0), "9.1");
    CU_ASSERT_PTR_NULL(case_after(tc, 1));
    free(p);
    case_free(tc);
}

static void test_9_3_hundreds(void)
{
    struct test_case *tc = start("9.3");
    struct case_point *p;
    CU_ASSERT_EQUAL_FATAL(points(tc, 350, &p), 18);
    CU_ASSERT_STRING_EQUAL(notes, "");
    expect_point(&p[5], 100, 0.1, 50);
    expect_point(&p[6], 200, 1, 2);
    expect_point(&p[17], 300, 0.1, 50);
    free(p);
    CU_ASSERT_EQUAL(points(tc, 100, &p), 6);
    free(p);
    CU_ASSERT_EQUAL(points(tc, 0, &p), 60); /* 9.1 not known: its default bound */
    CU_ASSERT_PTR_NOT_NULL(strstr(notes, "bound of 1000 mVPNs"));
    free(p);
    set("search.9.1.max", "250");
    CU_ASSERT_EQUAL(points(tc, 0, &p), 12);
    free(p);
    case_free(tc);
}

static void test_overrides(void)
{
    struct test_case *tc = start("9.3");
    struct case_point *p;
    set("case.mvpns", "4");
    set("case.ingress_share", "0");
    CU_ASSERT_EQUAL_FATAL(points(tc, 0, &p), 2);
    CU_ASSERT_STRING_EQUAL(notes, "");
    expect_point(&p[0], 4, 0, 2);
    expect_point(&p[1], 4, 0, 50);
    free(p);
    set("sweep.mvpns", "2,8");
    set("sweep.remote_pes", "1,3");
    CU_ASSERT_EQUAL_FATAL(points(tc, 0, &p), 8);
    CU_ASSERT_DOUBLE_EQUAL(p[4].values.v[PARAM_MVPNS], 8, 0);
    CU_ASSERT_DOUBLE_EQUAL(p[2].values.v[PARAM_REMOTE_PES], 3, 0);
    CU_ASSERT(p[0].swept[PARAM_REMOTE_PES]);
    CU_ASSERT(case_sweeps(tc, &s, PARAM_REMOTE_PES) && !case_sweeps(tc, &s, PARAM_GROUPS));
    free(p);
    set("sweep.groups", "1,2"); /* searched here: not swept, and said */
    CU_ASSERT_EQUAL(points(tc, 0, &p), 8);
    CU_ASSERT_PTR_NOT_NULL(strstr(notes, "sweep.groups does not apply"));
    free(p);
    case_free(tc);
}

static void test_bounds(void)
{
    struct test_case *tc = start("9.3");
    struct case_point p = {0};
    struct search_bounds b;
    struct err err = {0};
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), 0);
    CU_ASSERT(b.min == 1 && b.max == 10000 && b.start == 1 && b.resolution == 1);
    CU_ASSERT(b.instances == 5 && b.growth == 2);
    set("search.max", "200");
    set("search.9.1.max", "61");
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), 0);
    CU_ASSERT_EQUAL(b.max, 200);
    set("search.9.3.max", "300");
    set("search.min", "10");
    set("search.start", "20");
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), 0);
    CU_ASSERT(b.max == 300 && b.min == 10 && b.start == 20);
    set("case.groups", "7"); /* on the searched parameter: min = max */
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), 0);
    CU_ASSERT(b.max == 7 && b.min == 7 && b.start == 7);
    case_free(tc);
    tc = start("10.1");
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), 0);
    CU_ASSERT_EQUAL(b.max, 1000);
    set("search.min", "2000");
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "search.min 2000 is above search.max 1000 of R"));
    set("search.min", "1");
    set("search.max", "5000"); /* meant for all cases of the run */
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), 0);
    CU_ASSERT_EQUAL(b.max, 4000);
    set("search.10.1.max", "5000"); /* meant for this one */
    err = (struct err){0};
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "more than R can be (4000)"));
    set("search.10.1.max", "50");
    set("search.start", "51");
    err = (struct err){0};
    CU_ASSERT_EQUAL(bounds_of(tc, &p, &b, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "search.start 51"));
    case_free(tc);
}

static void test_receivers(void)
{
    static const struct {
        const char *share;
        uint64_t r;
        uint32_t k;
    } rows[] = {{"0.25", 10, 3}, {"0.5", 3, 2}, {"1", 7, 7}, {"one", 7, 1}, {"0.25", 1, 1}};
    struct test_case *tc = start("10.1");
    struct case_point *p;
    struct instance_spec spec = {0};
    struct case_values v;
    CU_ASSERT_EQUAL(points(tc, 2, &p), 1);
    notes[0] = '\0';
    CU_ASSERT_EQUAL(instance_of(tc, p, 50, &spec, &v, NULL), 0);
    CU_ASSERT_EQUAL(spec.receiver_pes, 25);
    CU_ASSERT_PTR_NOT_NULL(strstr(notes, "50 %")); /* declared */
    CU_ASSERT_EQUAL(case_variable(tc, &v), 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set("receivers.share", rows[i].share);
        notes[0] = '\0';
        CU_ASSERT_EQUAL(instance_of(tc, p, rows[i].r, &spec, &v, NULL), 0);
        CU_ASSERT_EQUAL(spec.receiver_pes, rows[i].k);
        CU_ASSERT_STRING_EQUAL(notes, "");
    }
    free(p);
    case_free(tc);
}

/* gi = round(ratio * g), halves up (PROTOCOLS 13). */
static void test_ingress_groups(void)
{
    static const struct {
        const char *share;
        uint64_t g;
        uint32_t gi;
    } rows[] = {{"0.1", 1, 0}, {"0.1", 5, 1}, {"0.1", 33, 3}, {"0.1", 100, 10},
                {"0.5", 3, 2}, {"1", 9, 9},   {"0", 9, 0}};
    struct test_case *tc = start("9.3");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_point *p;
        struct instance_spec spec = {0};
        struct case_values v;
        set("case.ingress_share", rows[i].share);
        CU_ASSERT(points(tc, 5, &p) > 0);
        CU_ASSERT_EQUAL(instance_of(tc, p, rows[i].g, &spec, &v, NULL), 0);
        CU_ASSERT_EQUAL(spec.ingress_groups, rows[i].gi);
        free(p);
    }
    case_free(tc);
}

static void test_impossible(void)
{
    struct test_case *tc = start("9.3");
    struct case_point *p;
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    struct err err = {0};
    CU_ASSERT(points(tc, 5, &p) > 0);
    CU_ASSERT_EQUAL(instance_of(tc, p, 0, &spec, &v, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "case 9.3: groups=0 cannot be"));
    set("traffic.packet_bytes", "1480");
    err = (struct err){0};
    CU_ASSERT_EQUAL(instance_of(tc, p, 1, &spec, &v, &err), -1);
    CU_ASSERT(err.code == ERR_USE && strstr(err.text, "MTU of 1500") != NULL);
    free(p);
    set("traffic.packet_bytes", "100");
    set("case.mvpns", "60000");
    set("case.sources_per_group", "60000");
    CU_ASSERT(points(tc, 5, &p) > 0);
    err = (struct err){0};
    CU_ASSERT_EQUAL(instance_of(tc, p, 60000, &spec, &v, &err), -1);
    CU_ASSERT(err.code == ERR_USE && strstr(err.text, "more flows") != NULL);
    free(p);
    case_free(tc);
}

/* Relations of 10.1 look at the two sides of the neighbours apart (PROTOCOLS 12 A2). */
static void test_10_1_relations(void)
{
    struct test_case *tc = start("10.1");
    struct case_point *p;
    struct instance_spec spec = {0};
    struct case_values v;
    struct mvpn_metric m;
    CU_ASSERT_EQUAL(points(tc, 2, &p), 1);
    CU_ASSERT_EQUAL(instance_of(tc, p, 50, &spec, &v, NULL), 0);
    spec_expected(&spec, &m);
    CU_ASSERT_EQUAL(m.v[NUM_PIM_C_NEIGH], 102);
    notes[0] = '\0';
    struct neighbour_count nbr = {2, 100};
    struct case_measure all = {.metric = &m, .neighbours = &nbr};
    case_relations_measured(tc, &s, &v, &all, take_note, NULL);
    CU_ASSERT_STRING_EQUAL(notes, "");
    nbr.mi_pmsi = 99;
    case_relations_measured(tc, &s, &v, &all, take_note, NULL);
    CU_ASSERT_STRING_EQUAL(
        notes, "relation Num_PIM_C_neigh_mipmsi == N*R does not hold: 99 against 100\n");
    CU_ASSERT(case_extra(tc, "mipmsi_neighbor_recovery_all"));
    CU_ASSERT_FALSE(case_extra(tc, "spmsi_switch_delay"));
    free(p);
    case_free(tc);
}

/* ---- S-PMSIs, variants of the default MDT, C-RP on the DUT, IGMP receivers --------------------
 */

static void test_spmsi_off(void)
{
    struct test_case *tc = start("9.1");
    struct case_point *p;
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    CU_ASSERT_FALSE(case_spmsi(tc, &s));
    CU_ASSERT_EQUAL(points(tc, 0, &p), 1);
    CU_ASSERT_EQUAL(instance_of(tc, p, 3, &spec, &v, NULL), 0);
    CU_ASSERT(spec.spmsi_src == 0 && spec.spmsi_rx == 0);
    CU_ASSERT(spec.spmsi_src_flows == 0 && spec.spmsi_rx_flows == 0);
    CU_ASSERT(!spec.c_rp_on_dut && spec.igmp_version == 0 && spec.mdt == MDT_ASM);
    CU_ASSERT_EQUAL(spec.spmsi_delay_ns, 3 * NS_PER_S); /* RFC 6037 */
    free(p);
    case_free(tc);
}

static void test_spmsi_filled(void)
{
    struct test_case *tc = start("9.1");
    struct case_point *p;
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    struct mvpn_metric m;
    struct p_metric pm;
    set("case.groups", "20");
    set("case.sources_per_group", "3");
    set("case.spmsi_src", "4");
    set("case.spmsi_rx", "2");
    set("case.spmsi_rx_flows", "6");
    set("mdt.default", "ssm");
    set("c_rp.location", "dut");
    set("receivers.igmp", "v3");
    set("igmp.spacing_ms", "2.5");
    CU_ASSERT(case_spmsi(tc, &s));
    CU_ASSERT(case_mdt(tc, &s) == MDT_SSM && !case_mdt_allowed(tc, MDT_SSM));
    CU_ASSERT(case_mdt_allowed(tc, MDT_ASM) && case_mdt_allowed(tc, MDT_BIDIR));
    CU_ASSERT_EQUAL(points(tc, 0, &p), 1);
    CU_ASSERT_EQUAL(instance_of(tc, p, 3, &spec, &v, NULL), 0);
    CU_ASSERT(spec.spmsi_src == 4 && spec.spmsi_src_flows == 4); /* 0: one each */
    CU_ASSERT(spec.spmsi_rx == 2 && spec.spmsi_rx_flows == 6);
    CU_ASSERT_DOUBLE_EQUAL(v.v[PARAM_SPMSI_SRC_FLOWS], 4, 0);
    CU_ASSERT(spec.c_rp_on_dut && spec.igmp_version == 3 && spec.mdt == MDT_SSM);
    CU_ASSERT_EQUAL(spec.igmp_spacing_ns, 2500000);
    spec_expected(&spec, &m);
    spec_expected_p(&spec, &pm);
    CU_ASSERT(m.v[NUM_SPMSI_SRC] == 12 && m.v[NUM_SPMSI_RX] == 6);
    CU_ASSERT_EQUAL(pm.v[NUM_STARG_P], 0);
    CU_ASSERT_EQUAL(pm.v[NUM_SG_P], 3 * 2 + 12 + 6); /* N(R+1) and the data MDTs */
    CU_ASSERT_EQUAL(pm.v[NUM_OIF_P], METRIC_UNKNOWN);
    spec.mdt = MDT_ASM;
    spec_expected_p(&spec, &pm);
    CU_ASSERT(pm.v[NUM_STARG_P] == 3 && pm.v[NUM_SG_P] == 3 + 18);
    spec.mdt = MDT_BIDIR;
    spec_expected_p(&spec, &pm);
    CU_ASSERT(pm.v[NUM_STARG_P] == 3 && pm.v[NUM_SG_P] == 18);
    free(p);
    case_free(tc);
}

/* 9.1 with g groups (share 0.5) of s sources: what can be on S-PMSIs, and what is said of more. */
static void test_spmsi_impossible(void)
{
    static const struct {
        const char *src, *src_flows, *rx, *rx_flows;
        const char *what; /* NULL: possible */
    } rows[] = {
        {"2", "0", "2", "0", NULL},
        {"2", "2", "1", "2", NULL},
        {"3", "0", "0", "0", "spmsi_src=3 with 3 flows cannot be: an mVPN with g=2 (1 of them"},
        {"1", "3", "0", "0", "spmsi_src=1 with 3 flows cannot be"},
        {"0", "0", "3", "0", "spmsi_rx=3 with 3 flows cannot be"},
        {"0", "0", "1", "3", "behind one remote PE; raise groups"},
        {"2", "1", "0", "0", "spmsi_src_flows=1 with spmsi_src=2 cannot be; each S-PMSI carries"},
        {"0", "1", "0", "0", "spmsi_src_flows=1 with spmsi_src=0 cannot be; they need S-PMSIs"},
        {"0", "0", "0", "1", "spmsi_rx_flows=1 with spmsi_rx=0 cannot be"},
    };
    struct test_case *tc = start("9.1");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_point *p;
        struct instance_spec spec = {.mtu = 1500};
        struct case_values v;
        struct err err = {0};
        set("case.sources_per_group", "2");
        set("case.spmsi_src", rows[i].src);
        set("case.spmsi_src_flows", rows[i].src_flows);
        set("case.spmsi_rx", rows[i].rx);
        set("case.spmsi_rx_flows", rows[i].rx_flows);
        CU_ASSERT_EQUAL(points(tc, 0, &p), 1);
        int rc = instance_of(tc, p, 3, &spec, &v, &err);
        CU_ASSERT_EQUAL(rc, rows[i].what == NULL ? 0 : -1);
        if (rows[i].what != NULL) {
            CU_ASSERT(err.code == ERR_USE && strchr(err.text, '\n') == NULL);
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].what));
        }
        free(p);
    }
    case_free(tc);
}

/* Groups of both directions must not meet, where the addresses of the testbed are known. */
static void test_spmsi_groups(void)
{
    struct test_case *tc = start("9.1");
    struct case_point *p;
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    struct err err = {0};
    set("case.spmsi_src", "1");
    set("case.spmsi_rx", "1");
    spec.addr.data_mdt_src_base = IP4(232, 16, 0, 0);
    spec.addr.data_mdt_rx_base = IP4(232, 17, 0, 0);
    CU_ASSERT_EQUAL(points(tc, 0, &p), 1);
    CU_ASSERT_EQUAL(instance_of(tc, p, 64, &spec, &v, &err), 0);
    CU_ASSERT_EQUAL(instance_of(tc, p, 65, &spec, &v, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "enough for 64 mVPNs, not for 65"));
    free(p);
    case_free(tc);
}

/* A sweep over S-PMSIs is a sweep like any other. */
static void test_spmsi_sweep(void)
{
    struct test_case *tc = start("9.1");
    struct case_point *p;
    set("case.groups", "8");
    set("sweep.spmsi_src", "0,1,4");
    CU_ASSERT(case_sweeps(tc, &s, PARAM_SPMSI_SRC) && case_spmsi(tc, &s));
    CU_ASSERT_EQUAL_FATAL(points(tc, 0, &p), 3);
    CU_ASSERT(p[2].swept[PARAM_SPMSI_SRC] && !p[2].swept[PARAM_SPMSI_RX]);
    CU_ASSERT_DOUBLE_EQUAL(p[1].values.v[PARAM_SPMSI_SRC], 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(p[2].values.v[PARAM_SPMSI_SRC], 4, 0);
    free(p);
    case_free(tc);
}

static const struct cu_test tests[] = {
    {"which cases there are", test_ids},
    {"9.1: N values, expected metric, relations", test_9_1},
    {"a relation under an override", test_overridden_relation},
    {"9.3 with M = 61: 1x3x2 points in order", test_9_3_below_100},
    {"9.3: hundreds of mVPNs", test_9_3_hundreds},
    {"overrides", test_overrides},
    {"bounds", test_bounds},
    {"receivers behind remote PEs", test_receivers},
    {"ingress groups are rounded", test_ingress_groups},
    {"impossible instances", test_impossible},
    {"10.1: two kinds of neighbours", test_10_1_relations},
    {"no S-PMSIs unless asked for", test_spmsi_off},
    {"S-PMSIs, MDT variants, C-RP, IGMP", test_spmsi_filled},
    {"S-PMSIs that cannot be", test_spmsi_impossible},
    {"groups of S-PMSIs", test_spmsi_groups},
    {"a sweep over S-PMSIs", test_spmsi_sweep},
};
CU_MAIN("case/points", tests)
