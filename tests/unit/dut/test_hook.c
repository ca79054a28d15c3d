/* Hooks: what they may print, how they are run, and what they are told. */
#include "harness/dut/hook_answer.h"
#include "harness/dut/hook_instance.h"
#include "harness/dut/hook_run.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- answers --------------------------------------------------------------------------------- */

enum kind { EMPTY, HEALTH, METRIC, NEIGHBOURS, UTILISATION, STIMULUS };

#define BEGIN_NS (INT64_C(1700000000) * NS_PER_S)
#define END_NS   (INT64_C(1700000020) * NS_PER_S)

static struct dut_view *view;
static struct neighbour_count seen;
static int64_t tf;
static bool well;

static bool answer_of(enum kind kind, const char *text, size_t len, char why[HOOK_WHY_MAX])
{
    why[0] = '\0';
    switch (kind) {
    case EMPTY:
        return hook_answer_empty(text, len, why);
    case HEALTH:
        return hook_answer_health(text, len, &well, why);
    case METRIC:
        return hook_answer_metric(text, len, view, why);
    case NEIGHBOURS:
        return hook_answer_neighbours(text, len, &seen, why);
    case UTILISATION:
        return hook_answer_utilisation(text, len, view, why);
    case STIMULUS:
        return hook_answer_stimulus(text, len, BEGIN_NS, END_NS, &tf, why);
    }
    return false;
}

static void good_answers(void)
{
    char why[HOOK_WHY_MAX];
    view = calloc(1, sizeof(*view));
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
#define GOOD(kind, text) CU_ASSERT_TRUE(answer_of(kind, text, strlen(text), why))
    GOOD(EMPTY, " {}\n");
    GOOD(HEALTH, "{\"ok\": true}");
    CU_ASSERT_TRUE(well);
    GOOD(HEALTH, "{\"ok\": false, \"reason\": \"fan\\u001b[2J\"}");
    CU_ASSERT_FALSE(well);
    CU_ASSERT_STRING_EQUAL(why, "says that the DUT is not well: fan?[2J");
    GOOD(METRIC, "{\"Num_mVPN\": 2, \"Num_*G_C\": 0, \"Num_SG_C\": null, \"Num_SG_P\": 7, "
                 "\"spmsi_cached\": 3, \"neighbours\": {\"c_interface\": 4}}");
    CU_ASSERT_EQUAL(view->metric.v[NUM_MVPN], 2);
    CU_ASSERT_EQUAL(view->metric.v[NUM_STARG_C], 0);
    CU_ASSERT_EQUAL(view->metric.v[NUM_SG_C], METRIC_UNKNOWN);
    CU_ASSERT_EQUAL(view->metric.v[NUM_PE], METRIC_UNKNOWN);
    CU_ASSERT_EQUAL(view->p.v[NUM_SG_P], 7);
    CU_ASSERT_EQUAL(view->spmsi_cached, 3);
    CU_ASSERT_EQUAL(view->neighbours.c_interface, 4);
    CU_ASSERT_EQUAL(view->neighbours.mi_pmsi, METRIC_UNKNOWN);
    GOOD(METRIC, "{}");
    CU_ASSERT_EQUAL(view->metric.v[NUM_MVPN], METRIC_UNKNOWN);
    GOOD(NEIGHBOURS, "{\"c_interface\": 4, \"mi_pmsi\": 5}");
    CU_ASSERT_EQUAL(seen.mi_pmsi, 5);
    GOOD(UTILISATION, "[]");
    GOOD(UTILISATION, "[{\"component\": \"RP 0\", \"cpu_percent\": 99.9, \"cpu_peak_1s\": null, "
                      "\"memory_bytes\": 5e9, \"how\": \"show\"}, {\"component\": \"LC 1\"}]");
    CU_ASSERT_EQUAL(view->utilisation_count, 2);
    CU_ASSERT_DOUBLE_EQUAL(view->utilisation[0].cpu_percent, 99.9, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(view->utilisation[0].cpu_peak_1s, -1, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(view->utilisation[1].cpu_percent, -1, 1e-9);
    GOOD(STIMULUS, "{}");
    CU_ASSERT_EQUAL(tf, 0);
    GOOD(STIMULUS, "{\"Tf\": 1700000012.5}");
    CU_ASSERT_EQUAL(tf, BEGIN_NS + 12500 * NS_PER_MS);
    GOOD(STIMULUS, "{\"Tf\": 1699999999.9995}"); /* rounded: not before the call */
    CU_ASSERT_EQUAL(tf, BEGIN_NS);
    free(view);
}

static void bad_answers(void)
{
    static const struct {
        enum kind kind;
        const char *text, *why;
    } rows[] = {
        {EMPTY, "", "printed nothing"},
        {EMPTY, "\n", "no JSON"},
        {EMPTY, "ok", "no JSON"},
        {EMPTY, "{} trailing", "no JSON"},
        {EMPTY, "{}{}", "no JSON"},
        {EMPTY, "[]", "no object"},
        {EMPTY, "{\"ok\": true}", "unknown key"},
        {EMPTY, "{\"a\": 1, \"a\": 1}", "no JSON"},
        {HEALTH, "{}", "true or false"},
        {HEALTH, "{\"ok\": \"true\"}", "true or false"},
        {HEALTH, "{\"ok\": 1}", "true or false"},
        {HEALTH, "{\"ok\": true, \"reason\": 3}", "not a text"},
        {METRIC, "{\"Num_mVPN\": 2", "no JSON"},
        {METRIC, "{\"Num_mVPN\": -1}", "cannot be"},
        {METRIC, "{\"Num_mVPN\": 2.0}", "whole number"},
        {METRIC, "{\"Num_mVPN\": \"2\"}", "whole number"},
        {METRIC, "{\"Num_mVPN\": true}", "whole number"},
        {METRIC, "{\"Num_mVPN\": 9223372036854775807}", "cannot be"},
        {METRIC, "{\"Num_mVPN\": 99999999999999999999}", "no JSON"},
        {METRIC, "{\"Num_VPN\": 2}", "unknown key"},
        {METRIC, "{\"neighbours\": 4}", "no object"},
        {METRIC, "{\"neighbours\": {\"c\": 4}}", "unknown key"},
        {METRIC, "{\"neighbours\": {\"mi_pmsi\": -4}}", "cannot be"},
        {METRIC, "[]", "no object"},
        {NEIGHBOURS, "{\"c_interface\": \"4\"}", "whole number"},
        {UTILISATION, "{}", "no list"},
        {UTILISATION, "[1]", "no object"},
        {UTILISATION, "[{}]", "no \"component\""},
        {UTILISATION, "[{\"component\": \"\"}]", "1 to 63 bytes"},
        {UTILISATION, "[{\"component\": \"a\\u0000b\"}]", "no JSON"},
        {UTILISATION, "[{\"component\": \"x\", \"cpu_percent\": -0.5}]", "cannot be"},
        {UTILISATION, "[{\"component\": \"x\", \"cpu_percent\": \"9\"}]", "not a number"},
        {UTILISATION, "[{\"component\": \"x\", \"memory_percent\": 101}]", "cannot be"},
        {UTILISATION, "[{\"component\": \"x\", \"load\": 1}]", "unknown key"},
        {STIMULUS, "{\"Tf\": 1699999990.0}", "before the command was called"},
        {STIMULUS, "{\"Tf\": 1700000021}", "after the command's end"},
        {STIMULUS, "{\"Tf\": \"now\"}", "not a number"},
        {STIMULUS, "{\"Tf\": null}", "not a number"},
        {STIMULUS, "{\"T\": 1}", "unknown key"},
    };
    char why[HOOK_WHY_MAX];
    struct dut_view before;
    view = calloc(1, sizeof(*view));
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    view->metric.v[NUM_MVPN] = 4711;
    before = *view;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool good = answer_of(rows[i].kind, rows[i].text, strlen(rows[i].text), why);
        if (good || strstr(why, rows[i].why) == NULL)
            (void)fprintf(stderr, "%s: \"%s\", expected \"%s\"\n", rows[i].text, why, rows[i].why);
        CU_ASSERT_FALSE(good);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, rows[i].why));
        CU_ASSERT_PTR_NULL(strchr(why, '\n'));
    }
    CU_ASSERT_EQUAL(memcmp(view, &before, sizeof(before)), 0); /* nothing of it counted */
    CU_ASSERT_FALSE(answer_of(EMPTY, "{}\0", 3, why));
    free(view);
}

/* Mutations of good answers: whatever is taken holds only what can be. */
static void mutated_answers(void)
{
    static const struct {
        enum kind kind;
        const char *text;
    } seeds[] = {
        {EMPTY, "{}"},
        {HEALTH, "{\"ok\": true, \"reason\": \"x\"}"},
        {METRIC, "{\"Num_mVPN\": 2, \"Num_*G_C\": null, \"neighbours\": {\"mi_pmsi\": 4}}"},
        {NEIGHBOURS, "{\"c_interface\": 14, \"mi_pmsi\": 5}"},
        {UTILISATION, "[{\"component\": \"RP\", \"cpu_percent\": 9.5, \"how\": \"show\"}]"},
        {STIMULUS, "{\"Tf\": 1700000012.5}"},
    };
    static const char pieces[] = "{}[]\":,.-0129eEntx \\\n\0\x80\xff";
    uint64_t state = 1;
    char why[HOOK_WHY_MAX];
    view = calloc(1, sizeof(*view));
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    unsigned taken = 0;
    for (unsigned i = 0; i < 60000; i++) {
        size_t s = i % (sizeof(seeds) / sizeof(seeds[0])), len = strlen(seeds[s].text);
        char *text = malloc(len); /* its exact size, for the sanitizer */
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        memcpy(text, seeds[s].text, len);
        for (unsigned k = 0; k < 1 + i % 3; k++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            text[(state >> 40) % len] = pieces[(state >> 33) % (sizeof(pieces) - 1)];
        }
        if (i % 7 == 0)
            len = (state >> 50) % (len + 1);
        taken += answer_of(seeds[s].kind, text, len, why);
        free(text);
        if (tf != 0 && (tf < BEGIN_NS || tf > END_NS))
            CU_FAIL("a Tf outside the call was taken");
        for (int v = 0; v < METRIC_VARS; v++) {
            if (view->metric.v[v] < METRIC_UNKNOWN)
                CU_FAIL("a negative count was taken");
        }
    }
    CU_ASSERT_TRUE(taken > 100); /* some mutations change nothing that matters */
    free(view);
}

/* 513 components are one more than count. */
static void long_list(void)
{
    char why[HOOK_WHY_MAX], *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fprintf(f, "[{\"component\": \"x\"}");
    for (int i = 1; i <= DUT_UTILISATION_MAX; i++)
        (void)fprintf(f, ",{\"component\": \"x\"}");
    (void)fprintf(f, "]");
    (void)fclose(f);
    view = calloc(1, sizeof(*view));
    CU_ASSERT_FALSE(answer_of(UTILISATION, text, len, why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "at most 512"));
    free(view);
    free(text);
}

/* ---- running --------------------------------------------------------------------------------- */

static struct hook_command command(const char *text, double timeout_s)
{
    return (struct hook_command){.name = "metric",
                                 .command = text,
                                 .where = "dut.yaml:3:11",
                                 .directory = "/",
                                 .timeout_s = timeout_s};
}

static void good_commands(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"cat", "{\"a\":[1]}\n"},
        {"pwd", "/\n"},
        {"echo x; exec >&-; exec 2>&-; sleep 0.2", "x\n"}, /* closes its output, ends later */
        {"exec <&-; echo x", "x\n"},                       /* does not read */
        {"sleep 20 & echo x", "x\n"},                      /* leaves a child with its stdout */
        {"printf 'a\\000b'", "a"},
        {"true", ""},
    };
    json_t *input = json_pack("{s:[i]}", "a", 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hook_command c = command(rows[i].text, 10);
        struct hook_output out;
        struct err err = {0};
        CU_ASSERT_EQUAL(hook_run(&c, input, &out, &err), 0);
        CU_ASSERT_STRING_EQUAL(out.text, rows[i].want);
        CU_ASSERT_TRUE(out.end_wall_ns >= out.begin_wall_ns && out.begin_wall_ns > 0);
        CU_ASSERT_TRUE(out.end_wall_ns - out.begin_wall_ns < 5 * NS_PER_S);
        hook_output_free(&out);
    }
    json_decref(input);
}

static void bad_commands(void)
{
    static const struct {
        const char *text, *why;
        double timeout_s;
    } rows[] = {
        {"exit 7", "failed with exit code 7", 10},
        {"echo first >&2; printf 'no\\033 route' >&2; exit 1",
         "(its last line on stderr: no? route)", 10},
        {"kill -9 $$", "died of signal 9", 10},
        {"no-such-command", "failed with exit code 127", 10},
        {"sleep 30", "did not end within 0.3 s", 0.3},
        {"trap '' TERM; sleep 30 & wait; sleep 30", "did not end within 0.3 s", 0.3},
        {"exec >&- 2>&-; sleep 30", "did not end within 0.3 s", 0.3},
        {"yes", "printed more than 1048576 bytes", 10},
        {"yes >&2", "did not end within 0.5 s", 0.5},
        {"echo '{'; sleep 30", "did not end within 0.3 s", 0.3},
    };
    json_t *input = json_object();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hook_command c = command(rows[i].text, rows[i].timeout_s);
        struct hook_output out;
        struct err err = {0};
        CU_ASSERT_EQUAL(hook_run(&c, input, &out, &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "dut.yaml:3:11: hook metric: "));
        if (strstr(err.text, rows[i].why) == NULL)
            (void)fprintf(stderr, "%s: \"%s\"\n", rows[i].text, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].why));
        CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
        hook_output_free(&out);
    }
    json_decref(input);
}

/* A command that is ended takes its children with it. */
static void no_children(void)
{
    char file[] = "/tmp/mvpn-hook-XXXXXX", text[128];
    int fd = mkstemp(file);
    CU_ASSERT_FATAL(fd >= 0);
    (void)snprintf(text, sizeof(text), "sleep 30 & echo $! > %s; wait", file);
    struct hook_command c = command(text, 0.3);
    struct hook_output out;
    struct err err = {0};
    json_t *input = json_object();
    CU_ASSERT_EQUAL(hook_run(&c, input, &out, &err), -1);
    FILE *f = fdopen(fd, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    long pid = 0;
    CU_ASSERT_EQUAL(fscanf(f, "%ld", &pid), 1);
    bool gone = false;
    for (int i = 0; i < 100 && pid > 0 && !gone; i++) {
        char path[64], state = 'X';
        (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
        FILE *stat = fopen(path, "r");
        if (stat != NULL && fscanf(stat, "%*d %*s %c", &state) != 1)
            state = 'X';
        if (stat != NULL)
            (void)fclose(stat);
        gone = stat == NULL || state == 'Z' || state == 'X';
        if (!gone)
            (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    CU_ASSERT_TRUE(gone);
    (void)fclose(f);
    (void)unlink(file);
    hook_output_free(&out);
    json_decref(input);
}

static void interrupted(void)
{
    static const volatile sig_atomic_t yes = 1;
    struct hook_command c = command("sleep 30", 60);
    struct hook_output out;
    struct err err = {0};
    json_t *input = json_object();
    c.interrupted = &yes;
    CU_ASSERT_EQUAL(hook_run(&c, input, &out, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_INTERRUPTED);
    hook_output_free(&out);
    json_decref(input);
}

/* ---- what they are told ---------------------------------------------------------------------- */

static struct instance_spec example(void)
{
    struct instance_spec spec = {
        .seed = 1,
        .mvpns = 2,
        .c_interfaces = 2,
        .remote_pes = 3,
        .groups = 6,
        .ingress_groups = 2,
        .sources = 2,
        .receiver_c_ifs = 2,
        .receiver_pes = 1,
        .mdt = MDT_ASM,
        .period_ns = NS_PER_S,
        .packet_bytes = 100,
        .mtu = 1500,
        .spmsi_src = 2,
        .spmsi_src_flows = 3,
        .trunk = true,
    };
    topology_default_addressing(&spec.addr);
    return spec;
}

static const char *text_at(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text == NULL ? "" : text;
}

static void instance(void)
{
    struct instance_spec spec = example();
    json_t *o = hook_instance_json(&spec, NULL);
    CU_ASSERT_STRING_EQUAL(text_at(json_object_get(o, "p_link"), "address"), "192.168.255.1");
    CU_ASSERT_STRING_EQUAL(text_at(json_object_get(o, "mdt"), "rp"), "198.19.0.1");
    CU_ASSERT_STRING_EQUAL(text_at(json_object_get(o, "remote_pes"), "first"), "198.18.0.2");
    const json_t *vrfs = json_object_get(o, "vrfs"), *second = json_array_get(vrfs, 1);
    CU_ASSERT_EQUAL(json_array_size(vrfs), 2);
    CU_ASSERT_STRING_EQUAL(text_at(second, "default_mdt"), "239.192.0.2");
    const json_t *c = json_array_get(json_object_get(second, "c_interfaces"), 1);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(c, "vlan")), 4);
    CU_ASSERT_TRUE(json_is_null(json_object_get(c, "outer_vlan")));
    CU_ASSERT_STRING_EQUAL(text_at(c, "address"), "172.16.0.13");
    CU_ASSERT_STRING_EQUAL(text_at(c, "c_router"), "172.16.0.14");
    /* Two C-interfaces with sources, and three remote PEs. */
    const json_t *routes = json_object_get(second, "routes");
    CU_ASSERT_EQUAL(json_array_size(routes), 5);
    CU_ASSERT_STRING_EQUAL(text_at(json_array_get(routes, 0), "next_hop"), "172.16.0.10");
    CU_ASSERT_STRING_EQUAL(text_at(json_array_get(routes, 4), "next_hop"), "198.18.0.4");
    CU_ASSERT_STRING_EQUAL(text_at(json_array_get(routes, 4), "via"), "mti");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(second, "rps")), 5);
    const json_t *data = json_object_get(second, "data_mdts");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(data, "count")), 2);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(data, "flows")), 3);
    json_decref(o);
}

/* What the run expects the DUT to count is not in it, under whatever name. */
static void instance_tells_no_results(void)
{
    struct instance_spec spec = example();
    spec.spmsi_src = spec.spmsi_src_flows = 0; /* these flows the PE must know */
    json_t *a = hook_instance_json(&spec, NULL);
    spec.groups = 60;
    spec.sources = 50;
    spec.receiver_c_ifs = 1;
    spec.receiver_pes = 3;
    spec.seed = 2;
    spec.ingress_groups = 20;
    spec.spmsi_rx = 7;
    spec.spmsi_rx_flows = 9;
    json_t *b = hook_instance_json(&spec, NULL);
    char *text_a = json_dumps(a, JSON_SORT_KEYS), *text_b = json_dumps(b, JSON_SORT_KEYS);
    CU_ASSERT_STRING_EQUAL(text_a, text_b);
    CU_ASSERT_PTR_NULL(strstr(text_a, "Num_"));
    free(text_a);
    free(text_b);
    json_decref(a);
    json_decref(b);
}

static void instance_of_ports(void)
{
    struct instance_spec spec = example();
    json_t *names = json_pack("[s,s,s,s]", "e1", "e2", "e3", "e4");
    spec.trunk = false;
    spec.mdt = MDT_SSM;
    spec.c_rp_on_dut = true;
    spec.spmsi_src = spec.spmsi_src_flows = 0;
    json_t *o = hook_instance_json(&spec, names);
    const json_t *second = json_array_get(json_object_get(o, "vrfs"), 1);
    const json_t *c = json_array_get(json_object_get(second, "c_interfaces"), 0);
    CU_ASSERT_STRING_EQUAL(text_at(c, "apparatus_interface"), "e3");
    CU_ASSERT_TRUE(json_is_null(json_object_get(c, "vlan")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(json_object_get(o, "mdt"), "rp")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(second, "data_mdts")));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(second, "rps")), 1);
    CU_ASSERT_STRING_EQUAL(text_at(o, "c_rp"), "10.255.255.254");
    json_decref(o);
    json_decref(names);
}

static const struct cu_test tests[] = {
    {"good answers", good_answers},
    {"bad answers", bad_answers},
    {"mutated answers", mutated_answers},
    {"long list", long_list},
    {"good commands", good_commands},
    {"bad commands", bad_commands},
    {"no children stay", no_children},
    {"interrupted", interrupted},
    {"the instance", instance},
    {"the instance tells no results", instance_tells_no_results},
    {"the instance on single interfaces", instance_of_ports},
};
CU_MAIN("hooks", tests)
