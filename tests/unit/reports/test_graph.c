/*
 * What the graphs of a report show: computed from trees and side files that the tests write, and
 * compared with figures that are worked out here by hand.
 */
#include "reports/graph_table.h"
#include "reports/walk_graph.h"

#include "emul/base/mem.h"
#include "tests/unit/cu.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a sink that keeps what it was given ------------------------------------------------------
 */

#define KEPT_MAX 64u

struct kept {
    char *id, *title, *name[GRAPH_SERIES_MAX];
    enum graph_kind kind;
    bool log_x, log_y, reference[GRAPH_SERIES_MAX];
    double *x[GRAPH_SERIES_MAX], *y[GRAPH_SERIES_MAX];
    size_t count[GRAPH_SERIES_MAX], series;
    char marks[200];
};

struct keeper {
    struct report_sink sink;
    struct kept graphs[KEPT_MAX];
    size_t count, paragraphs, tables, rows;
    char paragraph[500];
    double cells[4][3];
};

static double *copied(const double *v, size_t count)
{
    double *copy = mem_zalloc(count, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = v[i];
    return copy;
}

static void keep_graph(struct report_sink *sink, const struct report_graph *g)
{
    struct keeper *k = (struct keeper *)sink;
    CU_ASSERT_FATAL(k->count < KEPT_MAX && g->series_count <= GRAPH_SERIES_MAX);
    struct kept *to = &k->graphs[k->count++];
    *to = (struct kept){.id = mem_strdup(g->id),
                        .title = mem_strdup(g->title),
                        .kind = g->kind,
                        .log_x = g->x.logarithmic,
                        .log_y = g->y.logarithmic,
                        .series = g->series_count};
    for (size_t n = 0; n < g->series_count; n++) {
        const struct graph_series *s = &g->series[n];
        to->name[n] = mem_strdup(s->name);
        to->reference[n] = s->reference;
        to->count[n] = s->count;
        to->x[n] = copied(s->x, s->count);
        to->y[n] = copied(s->y, s->count);
    }
    for (size_t i = 0; i < g->mark_count; i++) {
        size_t at = strlen(to->marks);
        (void)snprintf(to->marks + at, sizeof(to->marks) - at, "%s=%.6g ", g->marks[i].name,
                       g->marks[i].x);
    }
}

static void keep_paragraph(struct report_sink *sink, const char *text)
{
    struct keeper *k = (struct keeper *)sink;
    k->paragraphs++;
    (void)snprintf(k->paragraph, sizeof(k->paragraph), "%s", text);
}

static const struct report_sink_ops ops = {.graph = keep_graph, .paragraph = keep_paragraph};

static void keeper_fini(struct keeper *k)
{
    for (size_t i = 0; i < k->count; i++) {
        struct kept *g = &k->graphs[i];
        for (size_t n = 0; n < g->series; n++) {
            free(g->name[n]);
            free(g->x[n]);
            free(g->y[n]);
        }
        free(g->id);
        free(g->title);
    }
}

static const struct kept *kept_graph(const struct keeper *k, const char *id)
{
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->graphs[i].id, id) == 0)
            return &k->graphs[i];
    }
    return NULL;
}

/* The points of a series as "x:y x:y", "-" for a gap; "none" where there is no such series. */
static void check_series(const struct kept *g, const char *name, const char *points)
{
    char text[2000] = "";
    size_t n = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    while (n < g->series && strcmp(g->name[n], name) != 0)
        n++;
    for (size_t i = 0; n < g->series && i < g->count[n]; i++) {
        char y[32] = "-";
        size_t at = strlen(text);
        if (!isnan(g->y[n][i]))
            (void)snprintf(y, sizeof(y), "%.6g", g->y[n][i]);
        (void)snprintf(text + at, sizeof(text) - at, "%s%.6g:%s", at == 0 ? "" : " ", g->x[n][i],
                       y);
    }
    const char *is = n == g->series ? "none" : text;
    if (strcmp(is, points) != 0)
        (void)fprintf(stderr, "%s, %s: \"%s\" is not \"%s\"\n", g->id, name, is, points);
    CU_ASSERT_STRING_EQUAL(is, points);
}

static json_t *tree(const char *text)
{
    json_error_t error;
    json_t *v = json_loads(text, 0, &error);
    if (v == NULL)
        (void)fprintf(stderr, "%d: %s\n", error.line, error.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    return v;
}

/* ---- the numbers of a graph -------------------------------------------------------------------
 */

static void series_share_the_rows_of_their_x(void)
{
    const double xa[] = {3, 1, 2}, ya[] = {30, 10, NAN}, xb[] = {1, 2.5, 3, 3};
    const double yb[] = {0.25, 7, 8, 9};
    const struct graph_series s[] = {{.name = "a", .x = xa, .y = ya, .count = 3},
                                     {.name = "b", .x = xb, .y = yb, .count = 4}};
    const struct report_graph g = {.id = "g", .title = "t", .series = s, .series_count = 2};
    struct graph_numbers n = graph_numbers_of(&g);
    static const double rows[4][3] = {{1, 10, 0.25}, {2.5, NAN, 7}, {3, 30, 8}, {3, NAN, 9}};
    CU_ASSERT_EQUAL_FATAL(n.rows, 4);
    CU_ASSERT_EQUAL_FATAL(n.columns, 3);
    CU_ASSERT_EQUAL(n.every, 1);
    CU_ASSERT(n.decimals[0] == 1 && n.decimals[1] == 0 && n.decimals[2] == 2);
    for (size_t r = 0; r < 4; r++) {
        for (size_t c = 0; c < 3; c++)
            CU_ASSERT(isnan(rows[r][c]) ? isnan(n.values[r * 3 + c])
                                        : n.values[r * 3 + c] == rows[r][c]);
    }
    graph_numbers_fini(&n);
}

static void many_rows_are_thinned_but_the_last_stays(void)
{
    const size_t counts[] = {0, 1, 599, 600, 601, 1199, 100000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        double *x = mem_zalloc(counts[i], sizeof(*x));
        for (size_t k = 0; k < counts[i]; k++)
            x[k] = (double)k;
        const struct graph_series s = {.name = "a", .x = x, .y = x, .count = counts[i]};
        const struct report_graph g = {.id = "g", .title = "t", .series = &s, .series_count = 1};
        struct graph_numbers n = graph_numbers_of(&g);
        CU_ASSERT(n.rows <= GRAPH_ROWS_MAX);
        CU_ASSERT((n.every == 1) == (counts[i] <= GRAPH_ROWS_MAX));
        CU_ASSERT(n.every > 1 || n.rows == counts[i]);
        CU_ASSERT(counts[i] == 0 || n.values[(n.rows - 1) * 2] == (double)(counts[i] - 1));
        CU_ASSERT(n.rows < 3 || n.values[2] == (double)n.every);
        graph_numbers_fini(&n);
        free(x);
    }
}

static void take_table(struct report_sink *sink, const struct report_table *t)
{
    CU_ASSERT_STRING_EQUAL(t->id, "graph-numbers");
    CU_ASSERT_EQUAL(t->count, 2);
    CU_ASSERT_STRING_EQUAL(t->columns[0].title, "time");
    CU_ASSERT_STRING_EQUAL(t->columns[0].unit, "s");
    CU_ASSERT_STRING_EQUAL(t->columns[1].title, "a");
    CU_ASSERT_STRING_EQUAL(t->columns[1].unit, "1/s");
    ((struct keeper *)sink)->tables++;
}

static void take_row(struct report_sink *sink, const struct report_cell *cells)
{
    struct keeper *k = (struct keeper *)sink;
    CU_ASSERT_EQUAL(cells[0].kind, CELL_REAL);
    CU_ASSERT_EQUAL(cells[1].kind, CELL_COUNT);
    k->cells[k->rows][0] = cells[0].real;
    k->cells[k->rows++][1] = (double)cells[1].count;
}

static void take_table_end(struct report_sink *sink)
{
    ((struct keeper *)sink)->tables++;
}

static void numbers_become_a_table(void)
{
    static const struct report_sink_ops table_ops = {
        .table = take_table, .row = take_row, .table_end = take_table_end};
    const double x[] = {0.5, 1}, y[] = {7, 8};
    const struct graph_series s = {.name = "a", .x = x, .y = y, .count = 2};
    const struct report_graph g = {.id = "g",
                                   .title = "t",
                                   .x = {.title = "time", .unit = "s"},
                                   .y = {.title = "rate", .unit = "1/s"},
                                   .series = &s,
                                   .series_count = 1};
    struct keeper k = {.sink = {&table_ops}};
    graph_table(&k.sink, &g);
    CU_ASSERT(k.tables == 2 && k.rows == 2);
    CU_ASSERT(k.cells[0][0] == 0.5 && k.cells[0][1] == 7);
    CU_ASSERT(k.cells[1][0] == 1 && k.cells[1][1] == 8);
}

/* ---- curves -----------------------------------------------------------------------------------
 */

/* One instance of a case like 9.3: N, g, s; what was measured; a latency; a Trall-Tf or null. */
static json_t *instance(const char *id, const char *verdict, int n, int g, double share, int starg,
                        int sg, int expected, const char *more)
{
    char *text = mem_printf(
        "{\"id\": \"%s\", \"verdict\": \"%s\", \"parameters\": {\"mvpns\": %d, \"groups\": %d, "
        "\"ingress_share\": %f, \"remote_pes\": 3}, \"expected\": {\"Num_*G_C\": %d, "
        "\"Num_SG_C\": 0}, \"metric\": {\"Num_*G_C\": %d, \"Num_SG_C\": %d}, "
        "\"metric_apparatus\": {\"Num_*G_C\": null, \"Num_SG_C\": %d}%s}",
        id, verdict, n, g, share, expected, starg, sg, sg, more);
    json_t *v = tree(text);
    free(text);
    return v;
}

static json_t *curve_case(const char *variable)
{
    char *text = mem_printf(
        "{\"case\": \"9.3\", \"maximum\": ["
        "{\"stimulus\": \"steady\", \"where\": {\"N\": 6, \"ingress_share\": 1.0}, \"searched\": "
        "{\"name\": \"g\", \"value\": 4}, \"variable\": \"%s\", \"value\": 8, \"instance\": "
        "\"a2\"},"
        "{\"stimulus\": \"steady\", \"where\": {\"N\": 6, \"ingress_share\": 0.5}, \"searched\": "
        "{\"name\": \"g\", \"value\": null}, \"variable\": \"%s\", \"value\": null, \"instance\": "
        "null}, {\"stimulus\": \"p-link-flap\", \"where\": {\"N\": 6, \"ingress_share\": 1.0}, "
        "\"searched\": {\"name\": \"g\", \"value\": 2}, \"variable\": \"%s\", \"value\": 4, "
        "\"instance\": \"a1\"}], \"instances\": []}",
        variable, variable, variable);
    json_t *v = tree(text);
    free(text);
    return v;
}

#define RECOVERY(stimulus, all, least)                                                             \
    "{\"stimulus\": \"" stimulus "\", \"verdict\": \"pass\", \"Trall-Tf\": " all                   \
    ", \"apparatus_floor_s\": " least "}"

static json_t *small_case(void)
{
    json_t *c = curve_case("mroutes"), *list = json_object_get(c, "instances");
    json_array_append_new(list, instance("a3", "fail", 6, 8, 1, 5, 6, 16, ""));
    json_array_append_new(
        list,
        instance(
            "a2", "pass", 6, 4, 1, 4, 4, 8,
            ", \"utilisation\": [{\"component\": \"RP\", \"cpu_percent\": 20.5, "
            "\"cpu_peak_1s\": 44, \"memory_bytes\": 2097152}], \"forwarding\": "
            "{\"egress\": {\"latency_ns\": {\"min\": 900, \"avg\": 1000, \"p99\": 2500, "
            "\"max\": 250000}}}, \"recovery\": [" RECOVERY("p-link-flap", "7.5", "1") "," RECOVERY(
                "p-link-flap", "9", "2") "," RECOVERY("power-cycle", "30", "1.5") "]"));
    json_array_append_new(
        list, instance("a1", "pass", 6, 2, 1, 2, 2, 4,
                       ", \"utilisation\": [{\"component\": \"RP\", \"cpu_percent\": 10, "
                       "\"memory_bytes\": 1048576}], \"forwarding\": {\"egress\": "
                       "{\"latency_ns\": {\"min\": 800, \"avg\": 900, \"max\": 2000}}}, "
                       "\"recovery\": [" RECOVERY("p-link-flap", "5", "1") "]"));
    json_array_append_new(list, instance("a4", "invalid", 6, 16, 1, 99, 99, 32, ""));
    json_array_append_new(list, instance("a5", "pass", 7, 32, 1, 99, 99, 64, ""));
    json_array_append_new(list, instance("b1", "fail", 6, 1, 0.5, 0, 1, 2, ""));
    return c;
}

static void curves_show_what_was_measured_beside_what_was_expected(void)
{
    struct keeper k = {.sink = {&ops}};
    json_t *c = small_case();
    walk_graph_curves(c, &k.sink);
    const struct kept *g = kept_graph(&k, "curve-9.3-1-value");
    check_series(g, "DUT", "2:4 4:8 8:11");
    check_series(g, "apparatus", "2:- 4:- 8:-"); /* one part of the sum is not known */
    check_series(g, "expected", "2:4 4:8 8:16");
    CU_ASSERT_STRING_EQUAL(g->title, "Case 9.3, N=6, share=1: mroutes, measured and expected");
    CU_ASSERT(g->reference[2] && !g->reference[0]);
    CU_ASSERT_STRING_EQUAL(g->marks, "max. 4=4 ");
    g = kept_graph(&k, "curve-9.3-1-cpu");
    check_series(g, "RP", "2:10 4:20.5 8:-");
    check_series(g, "its busiest second", "2:- 4:44 8:-");
    g = kept_graph(&k, "curve-9.3-1-memory");
    check_series(g, "RP", "2:1 4:2 8:-");
    g = kept_graph(&k, "curve-9.3-1-latency-egress");
    check_series(g, "average", "2:0.9 4:1 8:-");
    check_series(g, "99th percentile", "2:- 4:2.5 8:-");
    check_series(g, "greatest", "2:2 4:250 8:-");
    CU_ASSERT(g->log_y);
    CU_ASSERT_PTR_NULL(kept_graph(&k, "curve-9.3-1-latency-ingress"));
    g = kept_graph(&k, "curve-9.3-1-convergence");
    check_series(g, "p-link-flap", "2:5 4:9 8:-");
    check_series(g, "power-cycle", "2:- 4:30 8:-");
    check_series(g, "apparatus floor", "2:1 4:2 8:-");
    CU_ASSERT_EQUAL(k.count, 5); /* one value is no curve: nothing of the second point */
    json_decref(c);
    keeper_fini(&k);
}

static void every_variable_of_the_draft_has_its_place(void)
{
    static const char more[] =
        ", \"neighbours\": {\"mi_pmsi\": {\"dut\": 17, \"apparatus\": 18}}, \"p_instance\": "
        "{\"Num_*G_P\": 5, \"Num_SG_P\": 6}, \"p_instance_expected\": {\"Num_*G_P\": 5, "
        "\"Num_SG_P\": 7}";
    static const struct {
        const char *variable, *dut, *expected;
    } cases[] = {{"mroutes", "1:3 2:3", "1:4 2:6"},
                 {"Num_*G_C", "1:1 2:1", "1:4 2:6"},
                 {"something new", "1:1 2:1", "1:4 2:6"}, /* what the parameter moves */
                 {"MI-PMSI neighbours", "1:17 2:17", "1:18 2:18"},
                 {"P-instance mroutes", "1:11 2:11", "1:12 2:12"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keeper k = {.sink = {&ops}};
        json_t *c = curve_case(cases[i].variable), *list = json_object_get(c, "instances");
        json_array_append_new(list, instance("a1", "pass", 6, 1, 1, 1, 2, 4, more));
        json_array_append_new(list, instance("a2", "pass", 6, 2, 1, 1, 2, 6, more));
        walk_graph_curves(c, &k.sink);
        check_series(kept_graph(&k, "curve-9.3-1-value"), "DUT", cases[i].dut);
        check_series(kept_graph(&k, "curve-9.3-1-value"), "expected", cases[i].expected);
        json_decref(c);
        keeper_fini(&k);
    }
}

static void of_many_components_the_busiest_are_shown(void)
{
    char *list = mem_strdup("");
    for (int i = 0; i < 20; i++) {
        char *longer = mem_printf("%s%s{\"component\": \"vrf%d\", \"cpu_percent\": %d}", list,
                                  i == 0 ? "" : ",", i, i % 2 == 0 ? i : 0);
        free(list);
        list = longer;
    }
    char *more = mem_printf(", \"utilisation\": [%s]", list);
    struct keeper k = {.sink = {&ops}};
    json_t *c = curve_case("mroutes"), *instances = json_object_get(c, "instances");
    json_array_append_new(instances, instance("a1", "pass", 6, 1, 1, 1, 2, 4, more));
    json_array_append_new(instances, instance("a2", "pass", 6, 2, 1, 1, 2, 6, more));
    walk_graph_curves(c, &k.sink);
    const struct kept *g = kept_graph(&k, "curve-9.3-1-cpu");
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT_EQUAL(g->series, GRAPH_SERIES_MAX);
    CU_ASSERT_STRING_EQUAL(g->name[0], "vrf4");
    CU_ASSERT_STRING_EQUAL(g->name[7], "vrf18");
    CU_ASSERT_PTR_NOT_NULL(strstr(g->title, "the 8 busiest of 20 components"));
    json_decref(c);
    keeper_fini(&k);
    free(more);
    free(list);
}

/* ---- latency ----------------------------------------------------------------------------------
 */

static void a_distribution_keeps_its_holes(void)
{
    struct keeper k = {.sink = {&ops}};
    json_t *v = tree("{\"id\": \"x1\", \"forwarding\": {\"ingress\": {\"latency_ns\": {\"p50\": "
                     "1100, \"p90\": 1300, \"p99\": null}, \"latency_histogram\": [[1000, 1100, "
                     "5], [1100, 1200, 7], [1300, 1400, 2]]}, \"egress\": {}}}");
    walk_graph_latency(v, &k.sink);
    CU_ASSERT_EQUAL(k.count, 1);
    const struct kept *g = kept_graph(&k, "latency-x1-ingress");
    check_series(g, "pairs", "1:5 1.1:7 1.2:- 1.3:2 1.4:-");
    CU_ASSERT_STRING_EQUAL(g->marks, "p50=1.1 p90=1.3 ");
    CU_ASSERT(g->kind == GRAPH_BARS && !g->log_x);
    json_decref(v);
    keeper_fini(&k);
}

static void many_buckets_become_bars_and_no_packet_is_lost(void)
{
    struct keeper k = {.sink = {&ops}};
    json_t *list = json_array();
    int64_t packets = 0;
    for (int64_t at = 1000; at < 1000000; at += 1 + at / 64) {
        json_array_append_new(list, json_pack("[I, I, I]", at, at + 1 + at / 64, at % 97));
        packets += at % 97;
    }
    json_t *v = json_pack("{s:s, s:{s:{s:o}}}", "id", "x1", "forwarding", "egress",
                          "latency_histogram", list);
    walk_graph_latency(v, &k.sink);
    const struct kept *g = kept_graph(&k, "latency-x1-egress");
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    double sum = 0;
    for (size_t i = 0; i < g->count[0]; i++)
        sum += isnan(g->y[0][i]) ? 0 : g->y[0][i];
    CU_ASSERT_EQUAL((int64_t)sum, packets);
    CU_ASSERT(g->log_x && g->count[0] > 20 && g->count[0] <= 80);
    CU_ASSERT(g->x[0][0] == 1);
    json_decref(v);
    keeper_fini(&k);
}

/* ---- recovery ---------------------------------------------------------------------------------
 */

static char dir[] = P_tmpdir "/mvpnbench-graph-XXXXXX";

static FILE *side_file(const char *name)
{
    char *path = mem_printf("%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    free(path);
    return f;
}

static void side_file_remove(const char *name)
{
    char *path = mem_printf("%s/%s", dir, name);
    CU_ASSERT_EQUAL(unlink(path), 0);
    free(path);
}

/* Two flows of one packet a second, at 0.3 and at 0.8 s; silence from -10 s to 5 s. */
static void put_rates(const char *name, int ports)
{
    FILE *f = side_file(name);
    (void)fputs("seconds_from_Tf", f);
    for (int p = 1; p <= ports; p++)
        (void)fprintf(f, ",a%d_sent,a%d_received", p, p);
    for (int t = -1000; t <= 1000; t++) {
        int phase = (t % 10 + 10) % 10;
        bool sent = phase == 3 || phase == 8, through = t < -100 || t >= 50;
        (void)fprintf(f, "\n%.1f", t / 10.0);
        for (int p = 1; p <= ports; p++)
            (void)fprintf(f, ",%d,%d", sent, sent && through);
    }
    (void)fputc('\n', f);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static json_t *recovered_case(const char *series, const char *regained)
{
    char *text = mem_printf(
        "{\"case\": \"9.1\", \"maximum\": [{\"stimulus\": \"p-link-flap\", \"instance\": \"i1\"}, "
        "{\"stimulus\": \"power-cycle\", \"instance\": \"i1\"}, {\"stimulus\": \"c-link-flap\", "
        "\"instance\": null}, {\"stimulus\": \"p-card-oir\", \"instance\": \"not there\"}], "
        "\"instances\": [{\"id\": \"i0\", \"recovery\": [{\"stimulus\": \"p-link-flap\", "
        "\"series\": \"%s\", \"Tf\": {\"$ns\": 1}}]}, {\"id\": \"i1\", \"recovery\": "
        "[{\"stimulus\": \"p-link-flap\", \"repeat\": 1, \"begin\": {\"$ns\": 490000000000}, "
        "\"Tf\": {\"$ns\": 500000000000}, \"Tre\": {\"$ns\": 505300000000}, \"Trd\": null, "
        "\"Trall\": {\"$ns\": 505800000000}, \"resolution_s\": {\"$ns\": 1000000000}, "
        "\"interrupted\": {\"ingress\": 2, \"egress\": 0}, \"series\": \"%s\", \"regained\": %s%s%s"
        "}]}]}",
        series, series, regained == NULL ? "" : "\"", regained == NULL ? "null" : regained,
        regained == NULL ? "" : "\"");
    json_t *v = tree(text);
    free(text);
    return v;
}

static void rates_are_binned_to_the_sending_interval(void)
{
    struct keeper k = {.sink = {&ops}};
    put_rates("series.csv", 2);
    json_t *c = recovered_case("series.csv", NULL);
    walk_graph_recovery(c, dir, &k.sink);
    CU_ASSERT_EQUAL(k.count, 1); /* once an instance, and none of i0, which is no maximum */
    const struct kept *g = kept_graph(&k, "rate-i1-p-link-flap-1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT_EQUAL_FATAL(g->series, 4);
    CU_ASSERT_STRING_EQUAL(g->name[0], "a1 sent");
    CU_ASSERT_STRING_EQUAL(g->name[3], "a2 received");
    CU_ASSERT_STRING_EQUAL(g->marks, "begin=-10 Tf=0 Tre=5.3 Trall=5.8 ");
    CU_ASSERT_EQUAL_FATAL(g->count[1], 135); /* from 60 s before begin to 60 s after Trall */
    CU_ASSERT(g->x[1][0] == -70 && g->x[1][134] == 64);
    for (size_t i = 0; i < g->count[1]; i++) {
        CU_ASSERT_EQUAL(g->y[0][i], 2);
        CU_ASSERT_EQUAL(g->y[1][i], g->x[1][i] < -10 || g->x[1][i] >= 5 ? 2 : 0);
    }
    json_decref(c);
    keeper_fini(&k);
    side_file_remove("series.csv");
}

static void many_ports_take_several_graphs(void)
{
    struct keeper k = {.sink = {&ops}};
    put_rates("series.csv", 9);
    json_t *c = recovered_case("series.csv", NULL);
    walk_graph_recovery(c, dir, &k.sink);
    CU_ASSERT_EQUAL(k.count, 3);
    const struct kept *g = kept_graph(&k, "rate3-i1-p-link-flap-1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT_EQUAL(g->series, 2);
    CU_ASSERT_STRING_EQUAL(g->name[0], "a9 sent");
    json_decref(c);
    keeper_fini(&k);
    side_file_remove("series.csv");
}

static void what_came_back_is_counted_from_tf(void)
{
    struct keeper k = {.sink = {&ops}};
    FILE *f = side_file("regained.csv");
    (void)fputs("seconds_from_Tf,ingress_pairs,egress_pairs,mi_pmsi_apparatus,mi_pmsi_dut,"
                "c_interface_apparatus,c_interface_dut\n0.0,0,0,0,,0,0\n5.0,0,0,3,,0,0\n"
                "5.3,1,0,3,,0,0\n5.8,2,0,3,,0,0\n60.0,2,0,3,,0,0\n",
                f);
    CU_ASSERT_EQUAL(fclose(f), 0);
    json_t *c = recovered_case("none.csv", "regained.csv");
    walk_graph_recovery(c, dir, &k.sink);
    CU_ASSERT_EQUAL(k.count, 2);
    CU_ASSERT_EQUAL(k.paragraphs, 0); /* the series is not there: no news */
    const struct kept *g = kept_graph(&k, "flows-i1-p-link-flap-1");
    check_series(g, "ingress", "0:0 5.3:1 5.8:2 6.38:2"); /* a tenth beyond the last change */
    check_series(g, "egress", "none");
    check_series(g, "ingress, interrupted", "0:2 6.38:2");
    CU_ASSERT(g->kind == GRAPH_STEPS);
    CU_ASSERT_STRING_EQUAL(g->marks, "Tf=0 Trall=5.8 ");
    g = kept_graph(&k, "neighbours-i1-p-link-flap-1");
    check_series(g, "MI-PMSI, apparatus", "0:0 5:3 6.38:3");
    check_series(g, "MI-PMSI, DUT", "none");
    json_decref(c);
    keeper_fini(&k);
    side_file_remove("regained.csv");
}

static void a_file_that_cannot_be_read_is_named(void)
{
    struct keeper k = {.sink = {&ops}};
    FILE *f = side_file("series.csv");
    (void)fputs("seconds_from_Tf,a1_sent\n-1.0,1\n-0.9,many\n", f);
    CU_ASSERT_EQUAL(fclose(f), 0);
    json_t *c = recovered_case("series.csv", "../regained.csv");
    walk_graph_recovery(c, dir, &k.sink);
    CU_ASSERT_EQUAL(k.count, 0);
    CU_ASSERT_EQUAL(k.paragraphs, 2);
    CU_ASSERT_STRING_EQUAL(k.paragraph,
                           "No graph: ../regained.csv: not a path inside the run's directory.");
    json_decref(c);
    keeper_fini(&k);
    side_file_remove("series.csv");
}

/* ---- nothing ----------------------------------------------------------------------------------
 */

static void what_is_missing_gives_no_graph(void)
{
    static const char *const trees[] = {
        "{}",
        "[]",
        "{\"maximum\": null, \"instances\": 3}",
        "{\"maximum\": [null, 1, {}, {\"searched\": {\"name\": \"g\"}}], \"instances\": [null]}",
        "{\"maximum\": [{\"searched\": {\"name\": \"N\"}, \"where\": 7, \"instance\": \"a\"}], "
        "\"instances\": [{\"id\": \"a\", \"parameters\": {\"mvpns\": 1}, \"recovery\": [null, {}]},"
        "{\"id\": \"b\", \"parameters\": {\"mvpns\": 2}, \"utilisation\": [1, {}], \"forwarding\": "
        "{\"ingress\": {\"latency_histogram\": [1, [], [2, 1, 1], [-5, 7, 3], [1, 2, \"x\"]]}}}]}",
    };
    for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
        struct keeper k = {.sink = {&ops}};
        json_t *v = tree(trees[i]), *list = json_object_get(v, "instances");
        walk_graph_curves(v, &k.sink);
        walk_graph_recovery(v, dir, &k.sink);
        for (size_t n = 0; n < json_array_size(list); n++)
            walk_graph_latency(json_array_get(list, n), &k.sink);
        CU_ASSERT_EQUAL(k.count, 0);
        CU_ASSERT_EQUAL(k.paragraphs, 0);
        json_decref(v);
    }
}

/* A sink without pictures is not even asked. */
static void a_sink_without_graphs_gets_none(void)
{
    static const struct report_sink_ops none = {.graph = NULL};
    struct report_sink sink = {&none};
    json_t *c = small_case();
    walk_graph_curves(c, &sink);
    walk_graph_recovery(c, dir, &sink);
    walk_graph_latency(json_array_get(json_object_get(c, "instances"), 0), &sink);
    json_decref(c);
}

static void the_folder_is_made(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static void the_folder_is_empty_again(void)
{
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

static const struct cu_test tests[] = {
    {"the folder is made", the_folder_is_made},
    {"series share the rows of their x", series_share_the_rows_of_their_x},
    {"many rows are thinned, but the last stays", many_rows_are_thinned_but_the_last_stays},
    {"numbers become a table", numbers_become_a_table},
    {"curves show what was measured beside what was expected",
     curves_show_what_was_measured_beside_what_was_expected},
    {"every variable of the draft has its place", every_variable_of_the_draft_has_its_place},
    {"of many components the busiest are shown", of_many_components_the_busiest_are_shown},
    {"a distribution keeps its holes", a_distribution_keeps_its_holes},
    {"many buckets become bars, and no packet is lost",
     many_buckets_become_bars_and_no_packet_is_lost},
    {"rates are binned to the sending interval", rates_are_binned_to_the_sending_interval},
    {"many ports take several graphs", many_ports_take_several_graphs},
    {"what came back is counted from Tf", what_came_back_is_counted_from_tf},
    {"a file that cannot be read is named", a_file_that_cannot_be_read_is_named},
    {"what is missing gives no graph", what_is_missing_gives_no_graph},
    {"a sink without graphs gets none", a_sink_without_graphs_gets_none},
    {"the folder is empty again", the_folder_is_empty_again},
};

CU_MAIN("graphs of a report", tests)
