#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/csv_write.h"
#include "reports/reports.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"
#include "tests/unit/reports/xml_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELLS_MAX 4000u

/* A CSV taken apart after RFC 4180. */
struct sheet {
    char *cells[CELLS_MAX]; /* row by row; owned */
    bool quoted[CELLS_MAX];
    size_t count, columns, rows;
};

/* One field from *p, which is moved behind it and its comma or line end; *last: it ends a line. */
static char *field(const char **p, bool *quoted, bool *last)
{
    char *out = mem_zalloc(strlen(*p) + 1, 1);
    size_t n = 0;
    const char *at = *p;
    *quoted = *at == '"';
    if (*quoted) {
        for (at++; *at != '\0' && (*at != '"' || at[1] == '"'); at++) {
            at += *at == '"';
            out[n++] = *at;
        }
        CU_ASSERT_EQUAL_FATAL(*at, '"');
        at++;
    } else {
        while (*at != '\0' && *at != ',' && *at != '\r' && *at != '\n' && *at != '"')
            out[n++] = *at++;
    }
    *last = *at == '\r';
    CU_ASSERT_FATAL(*at == ',' || (*at == '\r' && at[1] == '\n'));
    *p = at + (*last ? 2 : 1);
    return out;
}

static void sheet_of(struct sheet *s, const char *text)
{
    size_t column = 0;
    *s = (struct sheet){0};
    while (*text != '\0') {
        bool last;
        CU_ASSERT_FATAL(s->count < CELLS_MAX);
        s->cells[s->count] = field(&text, &s->quoted[s->count], &last);
        s->count++;
        column++;
        if (!last)
            continue;
        if (s->rows++ == 0)
            s->columns = column;
        CU_ASSERT_EQUAL_FATAL(column, s->columns);
        column = 0;
    }
    CU_ASSERT_EQUAL(column, 0);
}

static void sheet_fini(struct sheet *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->cells[i]);
}

static const char *cell(const struct sheet *s, size_t row, const char *column)
{
    for (size_t i = 0; i < s->columns; i++) {
        if (strcmp(s->cells[i], column) == 0)
            return s->cells[row * s->columns + i];
    }
    CU_FAIL("no such column");
    return "";
}

/* A column is of texts, which are quoted, or of numbers, which are not; both may be empty. */
static void check_types(const struct sheet *s)
{
    for (size_t c = 0; c < s->columns; c++) {
        size_t texts = 0, numbers = 0;
        for (size_t r = 1; r < s->rows; r++) {
            const char *v = s->cells[r * s->columns + c];
            char *end;
            (void)strtod(v, &end);
            bool number = !s->quoted[r * s->columns + c] && *v != '\0';
            CU_ASSERT(!number || *end == '\0');
            texts += s->quoted[r * s->columns + c];
            numbers += number;
        }
        if (texts > 0 && numbers > 0)
            (void)fprintf(stderr, "%s has both\n", s->cells[c]);
        CU_ASSERT(texts == 0 || numbers == 0);
    }
}

static void test_full(void)
{
    struct sheet s;
    json_t *tree = tree_load("full");
    char *text = rendered(report_csv, tree);
    golden_check("full.csv", text);
    sheet_of(&s, text);
    check_types(&s);
    CU_ASSERT_EQUAL(s.rows, 5);
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "instance"), "9.1-0001");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "title"), "\"Empty\" MVPNs Scale");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "begin_s"), "1000.000000000");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "window_to_s"), "360.000000000");
    CU_ASSERT_STRING_EQUAL(cell(&s, 2, "searched_value"), "2");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "metric.Num_SPMSI_Rx"), "");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "forwarding.ingress.latency_max_s"), "0.000020501");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "utilisation.cpu_peak_1s_max"), "80");
    sheet_fini(&s);
    free(text);
    json_decref(tree);
}

static void test_half(void)
{
    static const char *const names[] = {"half", "empty", "hostile"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct sheet s;
        json_t *tree = tree_load(names[i]);
        char *text = rendered(report_csv, tree);
        sheet_of(&s, text);
        check_types(&s);
        CU_ASSERT(s.rows >= 1 && s.columns > 100);
        sheet_fini(&s);
        free(text);
        json_decref(tree);
    }
}

/* Every string a formula, markup, or a turn of the direction: the columns stay, and no cell begins
 * as a formula does. */
static void test_hostile(void)
{
    static const char *const texts[] = {"=HYPERLINK(\"http://x\",\"y\")",
                                        "+1",
                                        "-1+cmd|' /C x'!A0",
                                        "@SUM(A1)",
                                        "\t=1",
                                        "\r=1",
                                        " \n=1",
                                        "a,b\"c\r\nd",
                                        nasty,
                                        "\xe2\x80\xae=1",
                                        "\xef\xbc\x9d"
                                        "1"};
    json_t *tree = tree_load("full");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct sheet s;
        json_t *bad = with_strings(tree, texts[i]);
        char *text = rendered(report_csv, bad);
        sheet_of(&s, text);
        check_types(&s);
        for (size_t c = 0; c < s.count; c++) {
            const char *v = s.cells[c] + strspn(s.cells[c], " \t\r\n");
            CU_ASSERT(!s.quoted[c] || *v == '\0' || strchr("=+-@", *v) == NULL);
            CU_ASSERT_PTR_NULL(strpbrk(s.cells[c], "\x1b\x7f\r\t"));
            CU_ASSERT_PTR_NULL(strstr(s.cells[c], "\xe2\x80\xae"));
        }
        sheet_fini(&s);
        free(text);
        json_decref(bad);
    }
    json_decref(tree);
}

static void expect_number(struct report_cell v, const char *want)
{
    char *text = NULL;
    size_t n = 0;
    struct csv csv = {.f = open_memstream(&text, &n)};
    csv_number(&csv, v);
    (void)fclose(csv.f);
    CU_ASSERT_STRING_EQUAL(text, want);
    free(text);
}

static void test_numbers(void)
{
    expect_number((struct report_cell){.kind = CELL_REAL, .real = 80}, "80");
    expect_number((struct report_cell){.kind = CELL_REAL, .real = 1.5e6}, "1500000");
    expect_number((struct report_cell){.kind = CELL_REAL, .real = 0.000125}, "0.000125");
    expect_number((struct report_cell){.kind = CELL_REAL, .real = 0.00001}, "0.00001");
    expect_number((struct report_cell){.kind = CELL_REAL, .real = -12.345}, "-12.345");
    expect_number((struct report_cell){.kind = CELL_TIME, .ns = -1}, "-0.000000001");
    expect_number((struct report_cell){.kind = CELL_COUNT, .count = INT64_MAX},
                  "9223372036854775807");
    expect_number((struct report_cell){.kind = CELL_TEXT, .text = "1"}, "");
}

/* The worst of three repeats: the one that did not recover. */
static void test_worst(void)
{
    json_t *tree = tree_load("full");
    json_t *instance = json_array_get(
        json_object_get(json_array_get(json_object_get(tree, "cases"), 0), "instances"), 0);
    json_object_set_new(instance, "recovery",
                        json_pack("[{s:s,s:s,s:o},{s:s,s:s,s:n},{s:s,s:s,s:o}]", "stimulus",
                                  "power-cycle", "verdict", "pass", "Trall-Tf",
                                  result_time(9000000000), "stimulus", "power-cycle", "verdict",
                                  "fail", "Trall-Tf", "stimulus", "power-cycle", "verdict", "fail",
                                  "Trall-Tf", result_time(8000000000)));
    struct sheet s;
    char *text = rendered(report_csv, tree);
    sheet_of(&s, text);
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "recovery.power-cycle.verdict"), "fail");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "recovery.power-cycle.Trall-Tf_s"), "");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "recovery.power-cycle.repeats"), "3");
    CU_ASSERT_STRING_EQUAL(cell(&s, 2, "recovery.power-cycle.repeats"), "");
    sheet_fini(&s);
    free(text);
    json_decref(tree);
}

/* ---- flows ---- */

#define FLOW_HEAD                                                                                  \
    "vpn,flow,direction,group,source,receiver,sent,received,lost,not_joined,duplicate,reordered,"  \
    "misdelivered,latency_min_ns,latency_avg_ns,latency_max_ns\n"

static void put_file(const char *dir, const char *name, const char *text)
{
    char *path = mem_printf("%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    free(path);
}

/* What report_csv_flows prints for an instance that names that file, or NULL with *err. */
static char *flows(const char *dir, const char *name, struct err *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    json_t *tree =
        json_pack("{s:[{s:s,s:[{s:s,s:n},{s:s,s:s?}]}]}", "cases", "case", "9.1", "instances", "id",
                  "9.1-0001", "flows", "id", "9.1-0002", "flows", name);
    int rc = report_csv_flows(f, &(struct report_input){.result = tree, .dir = dir}, err);
    (void)fclose(f);
    json_decref(tree);
    if (rc == 0)
        return text;
    free(text);
    return NULL;
}

static void no_flows(const char *dir, const char *name, const char *said)
{
    struct err err = {0};
    CU_ASSERT_PTR_NULL(flows(dir, name, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, said));
    if (strstr(err.text, said) == NULL)
        (void)fprintf(stderr, "said %s, not %s\n", err.text, said);
}

static void test_flows(void)
{
    static const char *const files[] = {"f.csv", "g.csv", "h.csv", "n.csv"};
    char dir[] = "/tmp/mvpn-flows-XXXXXX";
    struct err err = {0};
    struct sheet s;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    put_file(dir, "f.csv",
             FLOW_HEAD "1,2,ingress,239.1.0.1,10.0.0.1,PE2,10,9,1,0,0,0,0,5,6,7\n"
                       "1,3,egress,239.1.0.1,10.0.0.1,=C1,10,0,10,0,0,0,0,,,\n");
    put_file(dir, "g.csv", "vpn,flow\n");
    put_file(dir, "h.csv", FLOW_HEAD "1,2\n");
    put_file(dir, "n.csv", FLOW_HEAD "x,2,ingress,g,s,r,10,9,1,0,0,0,0,5,6,7\n");
    char *text = flows(dir, "f.csv", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    sheet_of(&s, text);
    check_types(&s);
    CU_ASSERT_EQUAL(s.rows, 3);
    CU_ASSERT_EQUAL(s.columns, 18);
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "case"), "9.1");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "instance"), "9.1-0002");
    CU_ASSERT_STRING_EQUAL(cell(&s, 1, "latency_max_ns"), "7");
    CU_ASSERT_STRING_EQUAL(cell(&s, 2, "receiver"), "'=C1");
    CU_ASSERT_STRING_EQUAL(cell(&s, 2, "latency_max_ns"), "");
    sheet_fini(&s);
    free(text);
    no_flows(dir, NULL, "--set report.flows=true");
    no_flows(NULL, "f.csv", "--set report.flows=true");
    no_flows(dir, "g.csv", "g.csv:1:1: not the header");
    no_flows(dir, "h.csv", "h.csv:2:1: a row with another number of fields");
    no_flows(dir, "n.csv", "n.csv:2:1: a field that is no number");
    no_flows(dir, "missing.csv", "missing.csv:1:1: No such file");
    no_flows(dir, "../f.csv", "not in the run's directory");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *path = mem_printf("%s/%s", dir, files[i]);
        (void)unlink(path);
        free(path);
    }
    (void)rmdir(dir);
}

static const struct cu_test tests[] = {
    {"a whole result", test_full},
    {"half a result, none, and a bad one", test_half},
    {"strings that are formulas, markup and control characters", test_hostile},
    {"numbers", test_numbers},
    {"the worst repeat", test_worst},
    {"flows", test_flows},
};

CU_MAIN("reports/csv", tests)
