/*
 * A campaign on paper: a DUT that is nothing but limits on the metric, searched through points,
 * grids, bounds and instances in the order of the draft, each case's result handed to the next. The
 * maxima must be those that follow from the limits.
 */
#include "harness/case/case.h"
#include "mvpnbench/topology.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct limits {
    int64_t mvpns, mroutes, neighbours, c_interfaces, spmsi_rx, spmsi_src;
};

struct found {
    const char *id;
    struct case_where where;
    uint64_t value; /* 0: nothing passed */
};

#define FOUND_MAX 128
static struct found found[FOUND_MAX];
static size_t found_count;
static struct limits dut;
static struct run_settings s;
static struct case_context c;
static char notes[8192];
static int suppresses;

static void take_note(void *arg, const char *text)
{
    (void)arg;
    size_t n = strlen(notes);
    (void)snprintf(notes + n, sizeof(notes) - n, "%s\n", text);
}

static bool at(double asked, double is)
{
    return isnan(asked) || fabs(asked - is) < 1e-9;
}

static enum case_answer searched(void *arg, const char *id, const struct case_where *w,
                                 double *value)
{
    (void)arg;
    enum case_answer answer = KNOWN_NOT;
    for (size_t i = 0; i < found_count; i++) {
        const struct found *f = &found[i];
        bool swept_mdt = strcmp(id, "9.10") == 0;
        if (strcmp(f->id, id) != 0 || !at(w->n, f->where.n) ||
            !at(w->ingress_share, f->where.ingress_share) || !at(w->sources, f->where.sources) ||
            (swept_mdt && f->where.mdt != w->mdt))
            continue;
        *value = (double)f->value;
        answer = f->value > 0 ? KNOWN_VALUE : KNOWN_NOTHING;
    }
    return answer;
}

static enum case_answer largest_n(void *arg, const char *id, double *n)
{
    (void)arg;
    enum case_answer answer = KNOWN_NOT;
    for (size_t i = 0; i < found_count; i++) {
        if (strcmp(found[i].id, id) != 0)
            continue;
        if (answer == KNOWN_NOT)
            answer = KNOWN_NOTHING;
        if (found[i].value > 0) {
            *n = fmax(answer == KNOWN_VALUE ? *n : 0, found[i].where.n);
            answer = KNOWN_VALUE;
        }
    }
    return answer;
}

static int does_suppress(void *arg)
{
    (void)arg;
    return suppresses;
}

static const struct case_known known = {searched, largest_n, does_suppress, NULL};

static void begin(const struct limits *l)
{
    run_settings_default(&s);
    case_context_default(&c, &s);
    c.known = &known;
    c.note = take_note;
    dut = *l;
    found_count = 0;
    suppresses = -1;
    notes[0] = '\0';
}

static void set(const char *key, const char *value)
{
    struct err err = {0};
    CU_ASSERT_EQUAL(run_settings_set(&s, key, value, &err), 0);
}

static struct test_case *load(const char *id)
{
    struct err err = {0};
    struct test_case *tc = case_find(id, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tc);
    return tc;
}

/* ---- one case ---------------------------------------------------------------------------------
 */

/* make fills in an instance; every S-PMSI of it must have a flow of its own or share one. */
static void make(const struct test_case *tc, const struct case_point *p, struct case_try t,
                 struct instance_spec *spec)
{
    struct case_values v;
    struct err err = {0};
    *spec = (struct instance_spec){.mtu = 1500};
    topology_default_addressing(&spec->addr);
    if (case_instance(tc, &c, p, &t, spec, &v, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        CU_FAIL_FATAL("instance");
    }
    CU_ASSERT(spec->spmsi_rx_flows <= topology_spmsi_flows_max(spec, false));
    struct mvpn_metric m;
    spec_expected(spec, &m);
    size_t told = strlen(notes);
    case_relations(tc, &s, &v, &m, take_note, NULL); /* what is expected keeps the relations */
    CU_ASSERT(told == strlen(notes) || strstr(notes + told, "(overridden: ") != NULL);
    notes[told] = '\0';
}

static bool holds(const struct test_case *tc, const struct case_point *p, struct case_try t)
{
    struct instance_spec spec;
    struct mvpn_metric m;
    make(tc, p, t, &spec);
    spec_expected(&spec, &m);
    return m.v[NUM_MVPN] <= dut.mvpns && m.v[NUM_STARG_C] + m.v[NUM_SG_C] <= dut.mroutes &&
           m.v[NUM_PIM_C_NEIGH] <= dut.neighbours && m.v[NUM_MC_C_INTS] <= dut.c_interfaces &&
           m.v[NUM_SPMSI_RX] <= dut.spmsi_rx && m.v[NUM_SPMSI_SRC] <= dut.spmsi_src;
}

/* maximum: the grid up to the first fail, then halving, on the mVPNs of that fail. */
static uint64_t maximum(const struct test_case *tc, const struct case_point *p)
{
    struct search_bounds b;
    struct err err = {0};
    CU_ASSERT_EQUAL_FATAL(case_bounds(tc, &c, p, &b, &err), 0);
    struct case_try *grid;
    size_t count, i = 0;
    uint64_t pass = b.min - 1;
    case_grid(tc, &c, p, &grid, &count);
    for (; i < count && holds(tc, p, grid[i]); i++)
        pass = grid[i].value > pass ? grid[i].value : pass;
    uint64_t fail = i < count ? grid[i].value : b.max + 1;
    uint32_t vpns = i < count ? grid[i].vpns : 0;
    while (fail > pass + 1) {
        struct case_try t = {pass + (fail - pass) / 2, vpns};
        if (holds(tc, p, t))
            pass = t.value;
        else
            fail = t.value;
    }
    free(grid);
    return pass >= b.min ? pass : 0;
}

/* run searches at every point and keeps the result; it prints "value@N/share/s" for each. */
static const char *run(const char *id)
{
    static char text[1024];
    char why[CASE_WHY_MAX];
    struct test_case *tc = load(id);
    struct case_point *points;
    size_t count, n = 0;
    text[0] = '\0';
    if (!case_points(tc, &c, &points, &count, why)) {
        (void)snprintf(text, sizeof(text), "%s", why);
        case_free(tc);
        return text;
    }
    for (size_t i = 0; i < count; i++) {
        const struct case_point *p = &points[i];
        const double *v = p->values.v;
        uint64_t m = case_kind(tc) == CASE_SEARCH ? maximum(tc, p) : 0;
        double mvpns = case_searched(tc) == PARAM_MVPNS ? (double)m : v[PARAM_MVPNS];
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%llu@%.0f/%.0f", i == 0 ? "" : " ",
                              (unsigned long long)m, mvpns, v[PARAM_GROUPS]);
        if (p->swept[PARAM_SOURCES])
            n += (size_t)snprintf(text + n, sizeof(text) - n, "/%g/%.0f", v[PARAM_INGRESS_SHARE],
                                  v[PARAM_SOURCES]);
        if (p->mdt_swept)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "/%s", mdt_mode_name(p->mdt));
        CU_ASSERT_FATAL(found_count < FOUND_MAX);
        static const char *ids[FOUND_MAX];
        size_t all;
        const char *const *shipped = case_ids(&all);
        for (size_t k = 0; k < all; k++) {
            if (strcmp(shipped[k], id) == 0)
                ids[found_count] = shipped[k];
        }
        found[found_count] = (struct found){
            ids[found_count], {mvpns, v[PARAM_INGRESS_SHARE], v[PARAM_SOURCES], p->mdt}, m};
        found_count++;
    }
    free(points);
    case_free(tc);
    return text;
}

static void expect(const char *id, const char *should)
{
    const char *is = run(id);
    if (strcmp(is, should) != 0)
        (void)fprintf(stderr, "%s: %s, not %s\n", id, is, should);
    CU_ASSERT_STRING_EQUAL(is, should);
}

/* ---- campaigns --------------------------------------------------------------------------------
 */

/* The example of a PE below 100 mVPNs. */
static void test_small(void)
{
    begin(&(struct limits){61, 6007, 5003, 307, 409, 103});
    expect("9.1", "61@61/2");
    expect("9.2", "5@61/0");
    expect("9.3", "32@61/0/1/2 1@61/0/1/50 32@61/0/0/2 1@61/0/0/50 32@61/0/0.1/2 1@61/0/0.1/50");
    expect("9.4", "5@61/8 5@61/16 5@61/24 5@61/32");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(notes, "case 9.4: the fixed mvpns=100 became 61, the maximum of 9.1"));
    expect("9.5", "409@61/8");
    expect("9.6", "103@61/8");
    expect("9.7", "0@61/16");
    expect("10.2", "0@61/32");
    expect("9.8", "9@9/10/asm 9@9/10/ssm 9@9/10/bidir");
    expect("9.9", "20@20/100/asm 20@20/100/ssm 20@20/100/bidir");
    expect("9.10", "49@49/33/asm 49@49/33/ssm 49@49/33/bidir");
    expect("9.13", "49@49/33/asm 49@49/33/ssm 49@49/33/bidir");
    c.mdt_offered[MDT_SSM] = false;
    expect("9.11", "0@1/33/asm 0@13/33/asm 0@25/33/asm 0@37/33/asm 0@49/33/asm "
                   "0@1/33/bidir 0@13/33/bidir 0@25/33/bidir 0@37/33/bidir 0@49/33/bidir");
    set("mdt.default", "bidir");
    expect("9.12", "0@1/33/bidir 0@13/33/bidir 0@25/33/bidir 0@37/33/bidir 0@49/33/bidir");
    s.mdt_default_set = false;
    c.mdt_offered[MDT_SSM] = true;
    expect("10.1", "81@61/2");
    expect("11.1", "81@61/2");
}

/* More than 100 mVPNs; every limit another one. */
static void test_large(void)
{
    begin(&(struct limits){250, 100000, 50000, 1200, 3000, 700});
    expect("9.1", "250@250/2");
    expect("9.2", "12@100/0 6@200/0");
    set("case.ingress_share", "0");
    expect("9.3", "333@100/0/0/2 19@100/0/0/50 166@200/0/0/2 9@200/0/0/50");
    set("case.ingress_share", "1");
    expect("9.3", "333@100/0/1/2 19@100/0/1/50 166@200/0/1/2 9@200/0/1/50");
    set("case.ingress_share", "0.1");
    expect("9.3", "333@100/0/0.1/2 19@100/0/0.1/50 166@200/0/0.1/2 9@200/0/0.1/50");
    s.param[PARAM_INGRESS_SHARE].count = 0;
    notes[0] = '\0';
    expect("9.4", "12@100/83 12@100/166 12@100/249 12@100/333 "
                  "6@200/41 6@200/83 6@200/124 6@200/166");
    expect("9.5", "3000@200/41");
    expect("9.6", "700@200/41");
    expect("9.7", "8@200/83"); /* 16 of 16 ingress flows: all mapped */
    expect("10.2", "0@100/333 0@200/166");
    CU_ASSERT_STRING_EQUAL(notes, ""); /* nothing to declare */
    set("mdt.default", "asm");
    expect("9.8", "99@99/10/asm");
    expect("9.9", "250@250/100/asm");
    expect("9.10", "250@250/33/asm");
    expect("9.11", "0@1/33/asm 0@63/33/asm 0@126/33/asm 0@188/33/asm 0@250/33/asm");
    expect("10.1", "499@100/2 249@200/2");
}

/* The grids themselves, from numbers that are easy to follow. */
static void test_grids(void)
{
    static const struct {
        const char *id, *n, *ifs, *groups, *grid; /* value/mVPNs */
    } rows[] = {
        {"9.4", "3", "7", "1", "2/0 4/0 6/0"},
        {"9.4", "3", "1", "1", ""}, /* c < 2: there is one value only */
        {"9.4", "3", "2", "1", "2/0"},
        {"9.5", "8", "1", "5", /* Dvpn 4, 8, 10 = g*s */
         "4/1 8/2 16/4 24/6 32/8 8/1 16/2 32/4 48/6 64/8 10/1 20/2 40/4 60/6 80/8"},
        {"9.6", "3", "1", "1", "1/1 2/2 3/3 2/1 4/2 6/3"}, /* 0.75, 1.5 and 2.25 mVPNs: 1, 1, 2 */
        {"9.6", "1", "1", "4", "4/1 8/1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char why[CASE_WHY_MAX], text[256] = "";
        struct case_point *p;
        struct case_try *grid;
        size_t count, n = 0;
        begin(&(struct limits){0});
        set("case.mvpns", rows[i].n);
        set("case.c_interfaces", rows[i].ifs);
        set("case.groups", rows[i].groups);
        struct test_case *tc = load(rows[i].id);
        CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
        CU_ASSERT_EQUAL(count, 1);
        case_grid(tc, &c, p, &grid, &count);
        for (size_t k = 0; k < count; k++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%llu/%u", k == 0 ? "" : " ",
                                  (unsigned long long)grid[k].value, grid[k].vpns);
        CU_ASSERT_STRING_EQUAL(text, rows[i].grid);
        if (strcmp(text, rows[i].grid) != 0)
            (void)fprintf(stderr, "%s: %s\n", rows[i].id, text);
        free(grid);
        free(p);
        case_free(tc);
    }
}

/* A total is dealt evenly; case.<total> is one value. */
static void test_totals(void)
{
    static const struct {
        uint64_t value;
        uint32_t vpns, of, each, full; /* full: 0 all have it */
    } rows[] = {{10, 0, 8, 2, 2}, {16, 0, 8, 2, 0}, {3, 0, 3, 1, 0},  {40, 0, 8, 5, 0},
                {7, 2, 2, 4, 1},  {8, 2, 2, 4, 0},  {9, 20, 8, 2, 1}, {1, 5, 1, 1, 0}};
    begin(&(struct limits){0});
    set("case.mvpns", "8");
    set("case.c_interfaces", "1");
    set("case.groups", "5");
    struct test_case *tc = load("9.5");
    struct case_point *p;
    struct instance_spec spec;
    struct search_bounds b;
    char why[CASE_WHY_MAX];
    size_t count;
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make(tc, p, (struct case_try){rows[i].value, rows[i].vpns}, &spec);
        CU_ASSERT(spec.spmsi_vpns == rows[i].of && spec.spmsi_rx == rows[i].each);
        CU_ASSERT(spec.spmsi_rx_full == rows[i].full && spec.spmsi_src == 0);
        CU_ASSERT_EQUAL(spec.spmsi_rx_flows, spec.spmsi_rx);
        CU_ASSERT_EQUAL(spec_spmsi_total(&spec, false), rows[i].value);
        CU_ASSERT_EQUAL(spec_spmsi_flows_total(&spec, false), rows[i].value);
    }
    CU_ASSERT_EQUAL(case_bounds(tc, &c, p, &b, NULL), 0);
    CU_ASSERT(b.min == 1 && b.max == 80);
    set("search.max", "60");
    CU_ASSERT_EQUAL(case_bounds(tc, &c, p, &b, NULL), 0);
    CU_ASSERT_EQUAL(b.max, 60);
    set("search.min", "100");
    set("search.max", "200");
    CU_ASSERT_EQUAL(case_bounds(tc, &c, p, &b, NULL), 0); /* no mistake of the user's */
    CU_ASSERT(b.min == 80 && b.max == 80 && b.start == 80);
    set("case.spmsi_rx_total", "9");
    CU_ASSERT_EQUAL(case_bounds(tc, &c, p, &b, NULL), 0);
    CU_ASSERT(b.min == 9 && b.max == 9 && b.start == 9);
    struct case_try *grid;
    case_grid(tc, &c, p, &grid, &count);
    CU_ASSERT_EQUAL(count, 0);
    free(grid);
    struct err err = {0};
    struct case_values v;
    CU_ASSERT_EQUAL(case_instance(tc, &c, p, &(struct case_try){81, 0}, &spec, &v, &err), -1);
    CU_ASSERT(err.code == ERR_USE && strstr(err.text, "cannot be") != NULL);
    free(p);
    case_free(tc);
}

/* ---- what is left out -------------------------------------------------------------------------
 */

static void test_omitted(void)
{
    begin(&(struct limits){0});
    expect("9.5", "the maximum of 9.3 is not known: run 9.3 as well, or give --from DIR, or --set "
                  "case.mvpns=V");
    expect("9.11", "the maximum of 9.10 is not known: run 9.10 as well, or give --from DIR, or "
                   "--set case.mvpns=V");
    set("case.mvpns", "4");
    expect("9.11", "0@4/33/asm 0@4/33/ssm 0@4/33/bidir"); /* one value, nothing else needed */
    expect("9.4",
           "4 mVPNs: the maximum of 9.2 at N=4 is not known: run 9.2 as well, or give --from "
           "DIR, or --set case.c_interfaces=V");
    set("case.c_interfaces", "2");
    expect("9.5", "4 mVPNs: the maximum of 9.3 at N=4, ingress_share=0, s=2 is not known: run 9.3 "
                  "as well, or give --from DIR, or --set case.groups=V");
    found[0] = (struct found){"9.3", {4, 0, 2, MDT_ASM}, 0};
    found_count = 1;
    expect("9.5", "4 mVPNs: nothing passed in 9.3 at N=4, ingress_share=0, s=2, or --set "
                  "case.groups=V");
    set("case.groups", "4");
    dut = (struct limits){9, 100, 100, 100, 30, 0};
    expect("9.5", "30@4/4");
    c.spmsi = 0;
    expect("9.5", "the DUT joins no S-PMSIs, which is what the case is about");
    expect("9.6", "the DUT sources no S-PMSIs, which is what the case is about");
    c.spmsi = DUT_SPMSI_SOURCED | DUT_SPMSI_RECEIVED;
    expect("9.7", "the DUT puts no second flow on an S-PMSI (no reuse), which is what the case is "
                  "about");
    c.mdt_offered[MDT_ASM] = c.mdt_offered[MDT_BIDIR] = false;
    CU_ASSERT_PTR_NOT_NULL(strstr(run("9.1"), "builds no default MDTs of a kind"));
    set("mdt.default", "ssm"); /* a deviation, not a reason to leave it out */
    CU_ASSERT_PTR_NOT_NULL(strstr(run("9.1"), "@"));
}

/* 9.7 with so few groups that none is an ingress group: nothing to map. */
static void test_nothing_to_search(void)
{
    begin(&(struct limits){0});
    set("case.mvpns", "4");
    set("case.c_interfaces", "2");
    set("case.groups", "4");
    expect("9.7", "4 mVPNs: nothing to search: at most I=0 can be");
    set("case.groups", "10"); /* one of them ingress: 2 flows */
    dut = (struct limits){9, 1000, 100, 100, 100, 100};
    expect("9.7", "1@4/10");
}

/* The largest I of 9.7 is the last that can be built, however groups lie behind remote PEs. */
static void test_reuse_bound(void)
{
    for (int pes = 1; pes <= 60; pes += pes < 7 ? 1 : 53) {
        for (int groups = 15; groups <= 160; groups += 29) {
            char number[16], why[CASE_WHY_MAX];
            struct case_point *p;
            struct search_bounds b;
            struct instance_spec spec = {.mtu = 1500};
            struct case_values v;
            size_t count;
            begin(&(struct limits){0});
            set("case.mvpns", "2");
            set("case.c_interfaces", "3");
            (void)snprintf(number, sizeof(number), "%d", groups);
            set("case.groups", number);
            (void)snprintf(number, sizeof(number), "%d", pes);
            set("case.remote_pes", number);
            struct test_case *tc = load("9.7");
            CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
            CU_ASSERT_EQUAL(case_bounds(tc, &c, p, &b, NULL), 0);
            struct case_try t = {b.max, 0};
            CU_ASSERT_EQUAL(case_instance(tc, &c, p, &t, &spec, &v, NULL), 0);
            t.value++;
            CU_ASSERT_EQUAL(case_instance(tc, &c, p, &t, &spec, &v, NULL), -1);
            free(p);
            case_free(tc);
        }
    }
}

/* A DUT without S-PMSIs runs 9.8 and its like without them, which is said. */
static void test_without_spmsi(void)
{
    begin(&(struct limits){9, 1000, 10000, 100, 0, 0});
    c.spmsi = DUT_SPMSI_SOURCED;
    dut.spmsi_src = 100;
    set("mdt.default", "asm");
    expect("9.8", "9@9/10/asm");
    CU_ASSERT_PTR_NOT_NULL(strstr(notes, "spmsi_rx=0, since the DUT does not join S-PMSIs"));
    CU_ASSERT_PTR_NULL(strstr(notes, "source S-PMSIs"));
    struct test_case *tc = load("9.8");
    struct case_point *p;
    struct instance_spec spec;
    char why[CASE_WHY_MAX];
    size_t count;
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
    make(tc, p, (struct case_try){3, 0}, &spec);
    CU_ASSERT(spec.spmsi_src == 2 && spec.spmsi_rx == 0 && spec.spmsi_rx_flows == 0);
    free(p);
    case_free(tc);
}

/* ---- instances --------------------------------------------------------------------------------
 */

static struct instance_spec first(const char *id, uint64_t value)
{
    struct test_case *tc = load(id);
    struct case_point *p;
    struct instance_spec spec;
    char why[CASE_WHY_MAX];
    size_t count;
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
    make(tc, p, (struct case_try){value, 0}, &spec);
    free(p);
    case_free(tc);
    return spec;
}

/* 10.2's answer decides how many remote PEs have receivers (draft 6.4). */
static void test_receivers_rule(void)
{
    static const struct {
        int suppresses;
        uint32_t pes;
    } rows[] = {{-1, 250}, {0, 250}, {1, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(&(struct limits){0});
        suppresses = rows[i].suppresses;
        CU_ASSERT_EQUAL(first("9.8", 2).receiver_pes, rows[i].pes);
        CU_ASSERT_EQUAL(strstr(notes, "10.2 was not run") != NULL, rows[i].suppresses < 0);
        set("receivers.share", "0.25");
        CU_ASSERT_EQUAL(first("9.8", 2).receiver_pes, 125);
    }
}

static void test_instances(void)
{
    begin(&(struct limits){0});
    set("case.mvpns", "3");
    set("case.c_interfaces", "5");
    set("traffic.probe_pps", "250");
    struct instance_spec spec = first("9.12", 0);
    CU_ASSERT(spec.groups == 43 && spec.test_groups == 10 && spec.ingress_groups == 3);
    CU_ASSERT(spec.probe_period_ns == 4000000 && !spec.pe3_receives && !spec.c_rp_on_dut);
    struct mvpn_metric m; /* groups that nobody has joined are no state of the DUT */
    spec_expected(&spec, &m);
    CU_ASSERT(m.v[NUM_STARG_C] == 99 && m.v[NUM_SG_C] == 198 && m.v[NUM_OIF_C] == 3 * 3 * 33 * 5);
    CU_ASSERT_EQUAL(spec_flow_count(&spec), 3 * 43 * 2);
    spec = first("9.13", 2);
    CU_ASSERT(spec.c_rp_on_dut && spec.groups == 33 && spec.test_groups == 0);
    set("case.groups", "6");
    spec = first("10.2", 0);
    CU_ASSERT(spec.pe3_receives && spec.remote_pes == 2 && spec.groups == 6);
    CU_ASSERT(spec.ingress_groups == 0 && spec.c_interfaces == 5);
    spec = first("9.4", 3);
    CU_ASSERT(spec.receiver_c_ifs == 3 && spec.c_interfaces == 5);
    spec_expected(&spec, &m);
    CU_ASSERT_EQUAL(m.v[NUM_OIF_C], 3 * 3 * 6 * 3);
    spec = first("9.2", 4);
    CU_ASSERT(spec.groups == 0 && spec.sources == 0 && spec.c_interfaces == 4);
    CU_ASSERT_EQUAL(spec_flow_count(&spec), 0);
    set("case.c_interfaces", "2");
    set("case.groups", "30");
    spec = first("9.7", 2);
    CU_ASSERT(spec.spmsi_src == 2 && spec.spmsi_src_flows == 4);
    CU_ASSERT(spec.spmsi_rx == 8 && spec.spmsi_rx_flows == 16 && spec.spmsi_vpns == 0);
    spec = first("11.1", 6);
    CU_ASSERT(spec.mdt == MDT_SSM && spec.remote_pes == 6);
}

/* Relations of the end of the sweep are judged there alone. */
static void test_at_end(void)
{
    begin(&(struct limits){0});
    set("case.mvpns", "4");
    set("case.groups", "4");
    struct test_case *tc = load("9.6");
    struct case_point *p;
    struct instance_spec spec = {.mtu = 1500};
    struct case_values v;
    struct mvpn_metric m;
    char why[CASE_WHY_MAX];
    size_t count;
    CU_ASSERT_TRUE_FATAL(case_points(tc, &c, &p, &count, why));
    CU_ASSERT_EQUAL(case_instance(tc, &c, p, &(struct case_try){4, 1}, &spec, &v, NULL), 0);
    spec_expected(&spec, &m);
    notes[0] = '\0';
    case_relations(tc, &s, &v, &m, take_note, NULL);
    CU_ASSERT_STRING_EQUAL(notes, "");
    struct case_measure measured = {.metric = &m};
    case_relations_at_end(tc, &s, &v, &measured, take_note, NULL);
    CU_ASSERT_STRING_EQUAL(notes,
                           "relation Num_SPMSI_Src > Num_mVPN (at the end of the sweep) does "
                           "not hold: 4 against 4 (overridden: mvpns=4, groups=4)\n");
    m.v[NUM_SPMSI_SRC] = 5;
    notes[0] = '\0';
    case_relations_at_end(tc, &s, &v, &measured, take_note, NULL);
    CU_ASSERT_STRING_EQUAL(notes, "");
    free(p);
    case_free(tc);
}

static const struct cu_test tests[] = {
    {"a PE of 61 mVPNs", test_small},
    {"a PE of 250 mVPNs", test_large},
    {"grids", test_grids},
    {"totals of S-PMSIs", test_totals},
    {"omitted, with the reason", test_omitted},
    {"nothing to search", test_nothing_to_search},
    {"reuse as far as flows go", test_reuse_bound},
    {"without S-PMSIs", test_without_spmsi},
    {"receivers by 10.2", test_receivers_rule},
    {"instances", test_instances},
    {"relations at the end of a sweep", test_at_end},
};
CU_MAIN("case/limits", tests)
