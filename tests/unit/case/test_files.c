#include "harness/case/case.h"
#include "harness/case/profile.h"
#include "harness/case/testbed.h"
#include "mvpnbench/topology.h"
#include "tests/unit/case/files.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <sys/stat.h>

/* A mistake in a file, where it is reported, and a part of what is said. */
struct mistake {
    const char *text;
    unsigned line, col;
    const char *what;
};

typedef void *load_fn(const char *path, struct err *err);

static void expect_mistakes(const struct mistake *rows, size_t count, load_fn *load)
{
    for (size_t i = 0; i < count; i++) {
        struct err err = {0};
        char path[64];
        temp_file(path, rows[i].text, strlen(rows[i].text));
        CU_ASSERT_PTR_NULL(load(path, &err));
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        CU_ASSERT(place_is(err.text, path, rows[i].line, rows[i].col, rows[i].what));
        (void)unlink(path);
    }
}
#define EXPECT_MISTAKES(rows, load) expect_mistakes(rows, sizeof(rows) / sizeof((rows)[0]), load)

static void *load_testbed(const char *path, struct err *err)
{
    return testbed_load(path, err);
}

static void *load_profile(const char *path, struct err *err)
{
    return profile_load(path, err);
}

static void *load_case(const char *path, struct err *err)
{
    return case_load(path, err);
}

static void *load_timing(const char *path, struct err *err)
{
    static struct timing t;
    return timing_load(&t, path, err) == 0 ? &t : NULL;
}

static void test_shipped_testbeds(void)
{
    struct err err = {0};
    struct testbed *t = testbed_load(MVPN_SOURCE "/testcases/testbeds/trunk.yaml", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT(t->trunk && t->a1_count == 1 && t->mtu == 1700);
    CU_ASSERT_STRING_EQUAL(t->a1[0], "a1");
    CU_ASSERT_STRING_EQUAL(t->a3_namespace, "mvb-trunk");
    CU_ASSERT_EQUAL(t->addr.dut_p_addr, IP4(192, 168, 255, 1));
    CU_ASSERT_EQUAL(t->addr.remote_pe_len, 20);
    struct addressing built_in;
    topology_default_addressing(&built_in); /* the file shows the built-in addresses */
    CU_ASSERT_EQUAL(t->addr.dut_c_rp, built_in.dut_c_rp);
    CU_ASSERT_EQUAL(t->addr.data_mdt_src_base, built_in.data_mdt_src_base);
    CU_ASSERT_EQUAL(t->addr.data_mdt_rx_base, built_in.data_mdt_rx_base);
    CU_ASSERT(json_is_object(json_object_get(t->tree, "ports")));
    testbed_free(t);
    t = testbed_load(MVPN_SOURCE "/testcases/testbeds/ports.yaml", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT(!t->trunk && t->a1_count == 4 && t->mtu == 1500);
    CU_ASSERT_STRING_EQUAL(t->a1[3], "c4");
    testbed_free(t);
}

/* Drivers that build their own links still take MTU and addresses from a file. */
static void test_testbed_without_ports(void)
{
    static const char text[] = "mtu: 1700\naddressing: {mdt_groups: 239.7.0.0}\n";
    struct err err = {0};
    char path[64];
    temp_file(path, text, strlen(text));
    struct testbed *t = testbed_load(path, &err);
    (void)unlink(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT(t->trunk && t->a1_count == 0 && t->a3 == NULL && t->mtu == 1700);
    CU_ASSERT_EQUAL(t->addr.mdt_base, IP4(239, 7, 0, 0));
    testbed_free(t);
}

static void test_testbed_mistakes(void)
{
    static const struct mistake rows[] = {
        {"ports: {a1: {interface: a}}\n", 1, 8, "'a3' is missing"},
        {"ports: {a3: {interface: a}}\n", 1, 8, "'a1' is missing"},
        {"ports:\n  a1: {interfce: a}\n", 2, 8, "did you mean 'interface'"},
        {"ports:\n  a1: {interface: a, mode: trunks}\n", 2, 28, "'trunk' or 'ports'"},
        {"ports:\n  a1: {interface: a, mode: ports}\n", 2, 7, "'interfaces: [...]' alone"},
        {"ports:\n  a1: {mode: trunk}\n", 2, 7, "a trunk takes 'interface: NAME'"},
        {"ports:\n  a1: {interfaces: [a, b, a]}\n", 2, 27, "second time"},
        {"ports:\n  a1: {interface: a-name-that-is-too-long}\n", 2, 19, "at most 15"},
        {"ports:\n  a1: {interface: ../x}\n", 2, 19, "network interface"},
        {"ports: {a1: {interface: a}, a3: {interface: a}}\n", 1, 33, "is a1's already"},
        {"mtu: 10\n", 1, 6, "576 to 65535"},
        {"mtu: big\n", 1, 6, "not a number"},
        {"adressing: {}\n", 1, 1, "did you mean 'addressing'"},
        {"addressing: {dut_p: 192.0.2.1}\n", 1, 21, "with its prefix length"},
        {"addressing: {p_rp: 239.0.0.1}\n", 1, 20, "p_rp is an address"},
        {"addressing: {c_groups: 10.0.0.0}\n", 1, 24, "c_groups is a group"},
        {"addressing: {c_groups: 239.1.2.0}\n", 1, 24, "ends in .0.0"},
        {"addressing: {dut_c_rp: 239.0.0.1}\n", 1, 24, "dut_c_rp is an address"},
        {"addressing: {data_mdts_rx: 10.0.0.0}\n", 1, 28, "data_mdts_rx is a group"},
        {"addressing: {c_links: 10.0.0.1}\n", 1, 23, "begins a /30"},
        {"addressing: {dut_p: 192.0.2.1/30}\n", 1, 13, "p_router must be another"},
        {"[1]\n", 1, 1, "keys and values"},
    };
    EXPECT_MISTAKES(rows, load_testbed);
}

static void test_profiles(void)
{
    struct err err = {0};
    char path[1024];
    CU_ASSERT_FATAL(profile_shipped("small", path, sizeof(path)));
    struct profile *p = profile_load(path, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_STRING_EQUAL(p->driver, "reference");
    CU_ASSERT_STRING_EQUAL(p->name, "small");
    CU_ASSERT_STRING_EQUAL(p->settings[0].key, "limits.mvpns");
    CU_ASSERT(atoi(p->settings[0].value) > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(p->settings[0].where, "small.yaml:"));
    CU_ASSERT(json_is_object(p->tree));
    profile_free(p);
    CU_ASSERT_FALSE(profile_shipped("../9.1", path, sizeof(path)));
    CU_ASSERT_FALSE(profile_shipped("none", path, sizeof(path)));
}

static void test_profile_mistakes(void)
{
    static const struct mistake rows[] = {
        {"name: x\n", 1, 1, "'driver' is missing"},
        {"driver: hook\n", 1, 1, "'configure' is missing"},
        {"driver: hook\nhook: {}\n", 2, 7, "'configure' is missing"},
        {"driver: hook\nhook: {configure: x}\n", 2, 7, "'unconfigure' is missing"},
        {"driver: hook\nhook: {configure: x, unconfigure: \"\"}\n", 2, 35, "a command"},
        {"driver: hook\nhook: {metrik: x}\n", 2, 8, "did you mean 'metric'"},
        {"driver: hook\nhook: {timeout_s: 0}\n", 2, 19, "above 0"},
        {"driver: hook\nhook: {stimulus: {p-flap: x}}\n", 2, 19, "did you mean 'p-link-flap'"},
        {"driver: hook\nhook: [x]\n", 2, 7, "commands must stand here"},
        {"driver: manual\noffers: {mdt: []}\n", 2, 15, "offers no default MDT"},
        {"driver: manual\noffers: {mdt: [pim]}\n", 2, 16, "way to build MDTs"},
        {"driver: manual\nhook: {}\n", 2, 1, "'hook' is for 'driver: hook'"},
        {"driver: fr\n", 1, 9, "did you mean 'frr'"},
        {"driver: frr\nsetings: {}\n", 2, 1, "did you mean 'settings'"},
        {"driver: frr\nhook: {}\n", 2, 1, "'hook' is for 'driver: hook'"},
        {"driver: frr\nversion: 9\n", 2, 1, "unknown key 'version'"},
        {"driver: reference\nversion: []\n", 2, 10, "the version"},
        {"driver: frr\nsettings: {a: [1]}\n", 2, 15, "not a list"},
        {"driver: frr\nsettings: 3\n", 2, 11, "'key: value'"},
    };
    EXPECT_MISTAKES(rows, load_profile);
}

static void test_case_mistakes(void)
{
    static const struct mistake rows[] = {
        {"schema: 2\n", 1, 9, "schema 2 is not known"},
        {"schema: 1\ncase: 9.10\n", 2, 7, "in quotes"},
        {"schema: 1\ntitel: x\n", 2, 1, "did you mean 'title'"},
        {"schema: 1\n", 1, 1, "'case' is missing"},
        {"parameters: {mvpns: lots}\n", 1, 21, "'lots' is not known here"},
        {"parameters: {mvpns: 0}\n", 1, 21, "from 1 to 65535"},
        {"parameters: {mvpsn: 1}\n", 1, 14, "did you mean 'mvpns'"},
        {"parameters: {mvpns: searched, groups: searched}\n", 1, 39, "exactly one"},
        {"parameters: {mvpns: {swep: [1]}}\n", 1, 21, "takes a number, a formula, 'searched'"},
        {"parameters: {groups: {sweep: mvpn_100i}}\n", 1, 30, "for mvpns only"},
        {"parameters: {groups: {sweep: []}}\n", 1, 30, "1 to 64 values"},
        {"parameters: {mvpns: searched}\n", 1, 13, "'c_interfaces' is missing"},
        {"maximum: {name: x, formula: N*q}\n", 1, 31, "'q' is not known"},
        {"maximum: {name: x, formula: \"N*\"}\n", 1, 32, "must stand here"},
        {"relations:\n  - \"Num_mVPN = N\"\n", 2, 15, "one of == >="},
        {"relations: [[1]]\n", 1, 13, "a relation like"},
        {"procedure: {steady: [9], failure: []}\n", 1, 22, "steps 1 to 8"},
        {"stimuli: some\n", 1, 10, "'all' or 'none'"},
        {"parameters: {spmsi_src: -1}\n", 1, 25, "from 0 to 1023"},
        {"mdt: [sm]\n", 1, 7, "did you mean 'asm'"},
        {"tolerance: 2\n", 1, 12, "0 to 1"},
        {"case: \"9 1\"\n", 1, 7, "a short text in quotes"},
        {"applies: [spmsi]\n", 1, 11, "spmsi_sourced, spmsi_received, spmsi_reuse"},
        {"mdt: {every: [asm]}\n", 1, 7, "did you mean 'each'"},
        {"mdt: [asm, asm]\n", 1, 12, "second time"},
        {"c_rp: pe\n", 1, 7, "'site' or 'dut'"},
        {"test_groups: -1\n", 1, 14, "from 0 to 1000"},
        {"repetitions: 1.5\n", 1, 14, "whole number from 1 to 1000"},
        {"extra: [jp_supression]\n", 1, 9, "did you mean 'jp_suppression'"},
        {"after: [9.1]\n", 1, 9, "in quotes"},
        {"after: [\"9.33\"]\n", 1, 9, "there is no case '9.33'"},
        {"draft_issues: [D99]\n", 1, 16, "no reading 'D99'"},
        {"given: {N: 3}\n", 1, 9, "'N' is a symbol"},
        {"given: {pow: 3}\n", 1, 9, "'pow' is a symbol"},
        {"given: {3x: 3}\n", 1, 9, "a name is a letter"},
        {"given: {A: B, B: 3}\n", 1, 12, "'B' is not known here"},
        {"given: {A: {case: 9.1}}\n", 1, 19, "in quotes"},
        {"given: {A: {at: {N: 3}}}\n", 1, 12, "'case' is missing"},
        {"given: {A: {case: \"9.3\", largest: g}}\n", 1, 35, "'largest: N'"},
        {"given: {A: {case: \"9.3\", at: {n: 1}}}\n", 1, 31, "did you mean 'N'"},
        {"given: {A: {case: \"9.3\", largest: N, at: {}}}\n", 1, 42, "remove 'at'"},
        {"search: {grid: {from: 2, to: c}}\n", 1, 16, "'step' is missing"},
        {"search: {grid: {mvpns: [], each: 1, to: 2}}\n", 1, 24, "1 to 16"},
        {"relations: [{at_end: 3}]\n", 1, 23, "must stand here"},
        {"maximum: {name: x, formula: \"min(N)\"}\n", 1, 35, "an argument is missing"},
        {"maximum: {name: x, formula: \"floor(N, 2)\"}\n", 1, 37, "')' is missing"},
        {"parameters: {mvpns: {spread: 5}}\n", 1, 21, "{spread: 5, from: 1, to: Nmax}"},
        {"parameters: {mvpns: {spread: 1, from: 1, to: 2}}\n", 1, 30, "from 2 to 64"},
        {"parameters: {mvpns: {sweep: [1], most: 2}}\n", 1, 34, "did you mean 'at_most'"},
        {"parameters: {mvpns: {sweep: mvpn_100i, at_most: 2}}\n", 1, 49, "for a list of values"},
        {"parameters: {spmsi_rx_total: 3}\n", 1, 30, "can only be searched"},
        {"- 1\n", 1, 1, "keys and values"},
    };
    EXPECT_MISTAKES(rows, load_case);
}

/* Mistakes that only the whole file shows: rows replace a text in a shipped case. */
static void test_case_contradictions(void)
{
    static const struct {
        const char *file, *from, *to, *what;
    } rows[] = {
        {"9.1", "mvpns: searched", "mvpns: 3", "no parameter is searched"},
        {"9.1", "groups: 2\n", "\n", "'groups' is missing; add it (a case without flows"},
        {"9.1", "maximum: {", "# {", "'maximum', with a searched parameter, or 'measure'"},
        {"9.11", "measure: S", "maximum: {name: x, formula: N}\nmeasure: S", "remove one"},
        {"9.11", "groups: 33", "groups: searched", "a case that measures searches nothing"},
        {"9.5", "c_interfaces: C ", "c_interfaces: g ", "only parameters that stand before"},
        {"9.5", "mvpns: Vmax", "mvpns: Smax", "only parameters that stand before"},
        {"9.5", "Smax/4", "Num_SG_C", "variables of the metric are measured"},
        {"9.5", "remote_pes: 1", "remote_pes: 1\n  spmsi_rx: 1", "'spmsi_rx' follows from"},
        {"9.7", "search:\n", "search:\n  grid: {from: I, step: 1, to: c}\n", "must not depend on"},
        {"9.7", "groups: \"Smax/2\"", "groups: {sweep: [\"2*I\"]}", "a sweep must not depend on"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[128], path[64];
        size_t len;
        struct err err = {0};
        (void)snprintf(name, sizeof(name), MVPN_SOURCE "/testcases/%s.yaml", rows[i].file);
        char *text = read_file(name, &len), *at = strstr(text, rows[i].from);
        CU_ASSERT_FATAL(at != NULL && len + 200 < 65536);
        size_t gone = strlen(rows[i].from), more = strlen(rows[i].to);
        memmove(at + more, at + gone, strlen(at + gone) + 1);
        memcpy(at, rows[i].to, more);
        temp_file(path, text, strlen(text));
        free(text);
        struct test_case *tc = case_load(path, &err);
        CU_ASSERT_PTR_NULL(tc);
        bool good = err.code == ERR_USE && strstr(err.text, rows[i].what) != NULL &&
                    strncmp(err.text, path, strlen(path)) == 0;
        if (!good)
            (void)fprintf(stderr, "%s: expected %s, got %s\n", rows[i].file, rows[i].what,
                          err.text);
        CU_ASSERT(good);
        case_free(tc);
        (void)unlink(path);
    }
}

/* A user's own case is a file beside the draft's. */
static void test_added_case(void)
{
    char dir[] = P_tmpdir "/mvpnbench-cases-XXXXXX", place[64], path[96], *text;
    size_t len, count;
    struct err err = {0};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    (void)snprintf(place, sizeof(place), "%s/testcases", dir);
    CU_ASSERT_EQUAL(mkdir(place, 0700), 0);
    text = read_file(MVPN_SOURCE "/testcases/9.1.yaml", &len);
    memcpy(strstr(text, "\"9.1\""), "\"own\"", 5);
    (void)snprintf(path, sizeof(path), "%s/own.yaml", place);
    FILE *f = fopen(path, "w");
    CU_ASSERT_FATAL(f != NULL);
    (void)fputs(text, f);
    (void)fclose(f);
    free(text);
    CU_ASSERT_EQUAL(setenv("MVPNBENCH_DATA", dir, 1), 0);
    const char *const *ids = case_ids(&count);
    CU_ASSERT(count == 1 && strcmp(ids[0], "own") == 0);
    struct test_case *tc = case_find("own", &err);
    CU_ASSERT_PTR_NOT_NULL(tc);
    CU_ASSERT(tc != NULL && strcmp(case_id(tc), "own") == 0);
    case_free(tc);
    CU_ASSERT_PTR_NULL(case_find("../own", &err));
    CU_ASSERT_EQUAL(unsetenv("MVPNBENCH_DATA"), 0);
    (void)unlink(path);
    (void)rmdir(place);
    (void)rmdir(dir);
}

/* A case that does not declare S-PMSIs has none, whatever case.spmsi_src says. */
static void test_case_without_spmsi(void)
{
    size_t len;
    struct err err = {0};
    char path[64];
    char *text = read_file(MVPN_SOURCE "/testcases/9.1.yaml", &len);
    char *begin = strstr(text, "  spmsi_src:"), *end = strstr(text, "maximum:");
    CU_ASSERT_FATAL(begin != NULL && end != NULL);
    memmove(begin, end, strlen(end) + 1);
    temp_file(path, text, strlen(text));
    free(text);
    struct test_case *tc = case_load(path, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tc);
    struct run_settings s;
    struct case_point *p;
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    run_settings_default(&s);
    CU_ASSERT_EQUAL(run_settings_set(&s, "case.spmsi_src", "1", &err), 0);
    CU_ASSERT_FALSE(case_spmsi(tc, &s));
    struct case_context c;
    char why[CASE_WHY_MAX];
    size_t count = 0;
    case_context_default(&c, &s);
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(case_instance(tc, &c, p, &(struct case_try){3, 0}, &spec, &v, &err), 0);
    CU_ASSERT_EQUAL(spec.spmsi_src, 0);
    free(p);
    case_free(tc);
    (void)unlink(path);
}

static void test_timing(void)
{
    struct timing t;
    struct err err = {0};
    CU_ASSERT_EQUAL(timing_load(&t, "draft", &err), 0);
    CU_ASSERT(t.traffic_limit_s == 600 && t.hold_out_s == 300 && t.recovery_limit_s == 1200);
    CU_ASSERT(t.steady_wait_s == 600 && t.pre_stimulus_wait_s == 600);
    CU_ASSERT(t.post_recovery_wait_s == 600 && t.setup_limit_s == 600);
    CU_ASSERT_EQUAL(timing_load(&t, "quick", &err), 0);
    CU_ASSERT(t.traffic_limit_s == 60 && t.hold_out_s == 20 && t.recovery_limit_s == 300);
    CU_ASSERT(t.steady_wait_s == 10 && t.pre_stimulus_wait_s == 5);
    CU_ASSERT(t.post_recovery_wait_s == 10 && t.setup_limit_s == 120);
    char path[64];
    temp_file(path, "hold_out_s: 225\n", 16);
    CU_ASSERT_EQUAL(timing_load(&t, path, &err), 0);
    CU_ASSERT(t.hold_out_s == 225 && t.steady_wait_s == 600);
    CU_ASSERT_PTR_NULL(strchr(t.name, '/')); /* results hold no paths of the machine */
    (void)unlink(path);
    static const struct mistake rows[] = {
        {"hold_out: 3\n", 1, 1, "did you mean 'hold_out_s'"},
        {"hold_out_s: -3\n", 1, 13, "outside"},
        {"hold_out_s: x\n", 1, 13, "not a number"},
        {"- 3\n", 1, 1, "key: seconds"},
    };
    EXPECT_MISTAKES(rows, load_timing);
    CU_ASSERT_EQUAL(timing_load(&t, "fast", &err), -1);
}

/* The data directory can be moved; where there is none the message says what to set. */
static void test_data_directory(void)
{
    struct err err = {0};
    CU_ASSERT_EQUAL(setenv("MVPNBENCH_DATA", "/nonexistent", 1), 0);
    CU_ASSERT_PTR_NULL(case_find("9.1", &err));
    CU_ASSERT(err.code == ERR_USE && strstr(err.text, "MVPNBENCH_DATA") != NULL);
    CU_ASSERT_EQUAL(setenv("MVPNBENCH_DATA", MVPN_SOURCE, 1), 0);
    err = (struct err){0};
    struct test_case *tc = case_find("9.1", &err);
    CU_ASSERT_PTR_NOT_NULL(tc);
    case_free(tc);
    CU_ASSERT_EQUAL(unsetenv("MVPNBENCH_DATA"), 0);
}

static const struct cu_test tests[] = {
    {"shipped testbeds", test_shipped_testbeds},
    {"testbed without ports", test_testbed_without_ports},
    {"mistakes in testbeds", test_testbed_mistakes},
    {"shipped profiles", test_profiles},
    {"mistakes in profiles", test_profile_mistakes},
    {"mistakes in cases", test_case_mistakes},
    {"contradictions in cases", test_case_contradictions},
    {"a case of the user's own", test_added_case},
    {"a case without S-PMSIs", test_case_without_spmsi},
    {"timing", test_timing},
    {"data directory", test_data_directory},
};
CU_MAIN("case/files", tests)
