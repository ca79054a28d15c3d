/*
 * Files that a user writes, spoilt: 300 seeded mutations of shipped cases, testbeds, DUT profiles
 * and a timing file. Each is still a valid file, which then yields points, bounds, a grid and an
 * instance, or is refused by one line FILE:LINE:COL. Never a crash, never a hang.
 */
#include "emul/base/rng.h"
#include "harness/case/case.h"
#include "harness/case/profile.h"
#include "harness/case/testbed.h"
#include "mvpnbench/topology.h"
#include "tests/unit/case/files.h"
#include "tests/unit/cu.h"

#include <ctype.h>
#include <unistd.h>

#define MUTATIONS 300
#define TEXT_MAX  70000
#define SECONDS   60 /* all together; a hang ends the test by SIGALRM */

static struct rng rng = {20110309};

static uint32_t below(uint32_t n)
{
    return (uint32_t)hash_range(rng_next(&rng), n);
}

/* ---- mutations of a text ----------------------------------------------------------------------
 */

struct text {
    size_t len;
    char at[TEXT_MAX];
};

static void replace(struct text *t, size_t from, size_t gone, const char *by)
{
    size_t more = strlen(by);
    if (t->len - gone + more >= TEXT_MAX)
        return;
    memmove(t->at + from + more, t->at + from + gone, t->len - from - gone + 1);
    memcpy(t->at + from, by, more);
    t->len = t->len - gone + more;
}

/* line_at gives begin and end (behind the newline) of a line that is drawn. */
static size_t line_at(const struct text *t, size_t *end)
{
    size_t at = below((uint32_t)t->len), begin = at;
    while (begin > 0 && t->at[begin - 1] != '\n')
        begin--;
    while (at < t->len && t->at[at] != '\n')
        at++;
    *end = at < t->len ? at + 1 : at;
    return begin;
}

/* word_at gives a word or number that is drawn; false where there is none. */
static bool word_at(const struct text *t, size_t *begin, size_t *end)
{
    size_t at = below((uint32_t)t->len);
    while (at < t->len && !isalnum((unsigned char)t->at[at]))
        at++;
    *begin = at;
    while (at < t->len && (isalnum((unsigned char)t->at[at]) || strchr("._", t->at[at]) != NULL))
        at++;
    *end = at;
    return *end > *begin;
}

static const char *const odd[] = {
    "",
    "0",
    "-1",
    "1.5",
    "1e30",
    "99999999999999999999",
    ".nan",
    ".inf",
    "true",
    "null",
    "~",
    "{}",
    "[]",
    "[1, 2]",
    "searched",
    "'x'",
    "\"\"",
    "N",
    "I",
    "g*s",
    "Vmax",
    "Num_SG_C",
    "{a: b}",
    "mvpn_100i",
    "dut",
    "\xff\xfe",
    "\x01",
    "&a x",
    "*a",
    "!!int 3",
    "|",
    "? ",
    "min(N, ",
    "((((",
    "pow(9, 999)",
    "64",
    "{sweep: [1, 2, 3]}",
    "{spread: 64, from: 1, to: 65535}",
    "0 - 1",
    "1/0",
};

static void mutate(struct text *t)
{
    static const char punctuation[] = "{}[]:,#'\"-&*!|>%@?\t ";
    size_t begin, end, other;
    char line[4096], c[2] = {0};
    if (t->len == 0)
        return;
    switch (below(9)) {
    case 0: /* a line less */
        begin = line_at(t, &end);
        replace(t, begin, end - begin, "");
        break;
    case 1: /* a line elsewhere, or twice */
        begin = line_at(t, &end);
        (void)snprintf(line, sizeof(line), "%.*s", (int)(end - begin), t->at + begin);
        if (below(2) == 0)
            replace(t, begin, end - begin, "");
        other = t->len == 0 ? 0 : line_at(t, &end);
        replace(t, other, 0, line);
        break;
    case 2: /* another indentation */
        begin = line_at(t, &end);
        replace(t, begin, 0, below(2) == 0 ? "  " : "\t");
        break;
    case 3: /* a character less */
        replace(t, below((uint32_t)t->len), 1, "");
        break;
    case 4: /* a character more, or another */
        c[0] = punctuation[below(sizeof(punctuation) - 1)];
        replace(t, below((uint32_t)t->len), below(2), c);
        break;
    case 5: /* cut off */
        t->len = below((uint32_t)t->len);
        t->at[t->len] = '\0';
        break;
    case 6: /* a word spoilt */
        if (word_at(t, &begin, &end))
            t->at[begin + below((uint32_t)(end - begin))] = (char)('a' + below(26));
        break;
    default: /* a word replaced */
        if (word_at(t, &begin, &end))
            replace(t, begin, end - begin, odd[below(sizeof(odd) / sizeof(odd[0]))]);
        break;
    }
}

/* ---- what reads them --------------------------------------------------------------------------
 */

static enum case_answer any_value(void *arg, const char *id, const struct case_where *where,
                                  double *value)
{
    (void)arg;
    (void)id;
    (void)where;
    *value = 33;
    return KNOWN_VALUE;
}

static enum case_answer any_n(void *arg, const char *id, double *n)
{
    return any_value(arg, id, NULL, n);
}

static const struct case_known known = {any_value, any_n, NULL, NULL};

/* use does everything with a case that a run does before it sends anything. */
static void use(const struct test_case *tc)
{
    struct run_settings s;
    struct case_context c;
    struct case_point *points;
    size_t count, tries;
    char why[CASE_WHY_MAX], varies[256];
    run_settings_default(&s);
    case_context_default(&c, &s);
    c.known = &known;
    (void)case_varies(tc, varies, sizeof(varies));
    bool there = case_points(tc, &c, &points, &count, why);
    CU_ASSERT(there ? count > 0 : why[0] != '\0' && count == 0);
    for (size_t i = 0; i < count && i < 20; i++) {
        struct search_bounds b = {.min = 1, .max = 1};
        struct case_try *grid;
        struct instance_spec spec = {.mtu = 1500};
        struct case_values v;
        struct mvpn_metric m;
        struct err err = {0};
        (void)case_bounds(tc, &c, &points[i], &b, &err);
        case_grid(tc, &c, &points[i], &grid, &tries);
        topology_default_addressing(&spec.addr);
        struct case_try t = tries > 0 ? grid[tries - 1] : (struct case_try){b.max, 0};
        if (case_instance(tc, &c, &points[i], &t, &spec, &v, &err) == 0) {
            spec_expected(&spec, &m);
            (void)case_variable(tc, &v);
        } else {
            CU_ASSERT(err.code == ERR_USE && strchr(err.text, '\n') == NULL);
        }
        free(grid);
    }
    if (there)
        free(points);
}

static bool read_case(const char *path, struct err *err)
{
    struct test_case *tc = case_load(path, err);
    if (tc != NULL)
        use(tc);
    case_free(tc);
    return tc != NULL;
}

static bool read_testbed(const char *path, struct err *err)
{
    struct testbed *t = testbed_load(path, err);
    testbed_free(t);
    return t != NULL;
}

static bool read_profile(const char *path, struct err *err)
{
    struct profile *p = profile_load(path, err);
    profile_free(p);
    return p != NULL;
}

static bool read_timing(const char *path, struct err *err)
{
    struct timing t;
    return timing_load(&t, path, err) == 0;
}

/* one_line: FILE:LINE:COL: text, printable, of a bearable length. */
static bool one_line(const struct err *err, const char *path)
{
    size_t len = strlen(path);
    const char *p = err->text + len;
    if (err->code != ERR_USE || strncmp(err->text, path, len) != 0 || strlen(err->text) > 1000)
        return false;
    for (int i = 0; i < 2; i++) {
        char *end;
        if (*p != ':' || !isdigit((unsigned char)p[1]) || strtoul(p + 1, &end, 10) == 0)
            return false;
        p = end;
    }
    bool good = strncmp(p, ": ", 2) == 0 && p[2] != '\0';
    for (; *p != '\0'; p++)
        good &= (unsigned char)*p >= 0x20 && *p != 0x7f;
    return good;
}

/* ---- the test ---------------------------------------------------------------------------------
 */

static const struct {
    bool (*read)(const char *path, struct err *err);
    const char *name; /* below the source directory; NULL: the text that follows */
} kinds[] = {
    {read_case, "testcases/9.1.yaml"},
    {read_case, "testcases/9.2.yaml"},
    {read_case, "testcases/9.4.yaml"},
    {read_case, "testcases/9.5.yaml"},
    {read_case, "testcases/9.7.yaml"},
    {read_case, "testcases/9.12.yaml"},
    {read_case, "testcases/9.13.yaml"},
    {read_case, "testcases/10.2.yaml"},
    {read_case, "testcases/11.1.yaml"},
    {read_testbed, "testcases/testbeds/trunk.yaml"},
    {read_testbed, "testcases/testbeds/ports.yaml"},
    {read_profile, "testcases/profiles/small.yaml"},
    {read_profile, "testcases/duts/frr-lab/dut.yaml"},
    {read_timing, NULL},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char timing_text[] = "# seconds\ntraffic_limit_s: 60\nsteady_wait_s: 10\n"
                                  "hold_out_s: 225.5\nrecovery_limit_s: 300\n";

static void original(size_t kind, struct text *t)
{
    char path[1024];
    if (kinds[kind].name == NULL) {
        t->len = (size_t)snprintf(t->at, sizeof(t->at), "%s", timing_text);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", MVPN_SOURCE, kinds[kind].name);
    char *text = read_file(path, &t->len);
    memcpy(t->at, text, t->len + 1);
    free(text);
}

static void test_mutations(void)
{
    static struct text t;
    size_t refused = 0;
    (void)alarm(SECONDS);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t kind = below(KINDS);
        char path[64];
        struct err err = {0};
        original(kind, &t);
        for (uint32_t n = 1 + below(3); n > 0; n--)
            mutate(&t);
        temp_file(path, t.at, t.len);
        bool taken = kinds[kind].read(path, &err);
        refused += !taken;
        CU_ASSERT(taken || one_line(&err, path));
        if (!taken && !one_line(&err, path))
            (void)fprintf(stderr, "%d %s: %s\n%s\n", i,
                          kinds[kind].name == NULL ? "timing" : kinds[kind].name, err.text, t.at);
        (void)unlink(path);
    }
    (void)alarm(0);
    (void)printf("%d mutations, %zu refused\n", MUTATIONS, refused);
    CU_ASSERT(refused > MUTATIONS / 3); /* the mutations do spoil something */
}

static void test_originals(void)
{
    static struct text t;
    for (size_t kind = 0; kind < KINDS; kind++) {
        char path[64];
        struct err err = {0};
        original(kind, &t);
        temp_file(path, t.at, t.len);
        CU_ASSERT_TRUE(kinds[kind].read(path, &err));
        (void)unlink(path);
    }
}

static const struct cu_test tests[] = {
    {"files as they are", test_originals},
    {"300 spoilt files", test_mutations},
};
CU_MAIN("robust/mutations", tests)
