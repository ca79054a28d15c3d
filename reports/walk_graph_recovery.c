/*
 * Graphs of draft 8.2: the rates of all ports around a failure, and what came back when.
 */
#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/series.h"
#include "reports/tree.h"
#include "reports/walk_graph.h"
#include "reports/walk_graph_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BINS_MAX     600u
#define AROUND_S     60.0 /* draft 8.2: before the failure action and after recovery */
#define REGAINED_MAX 65536u
#define EPSILON      1e-6

/* One recovery, with its times counted from Tf. */
struct recovered {
    const json_t *instance, *recovery;
    const char *dir;
    double begin, tre, trd, trall; /* NAN: not known */
};

static double since(const json_t *recovery, const char *key)
{
    return result_number(json_object_get(recovery, key)) -
           result_number(json_object_get(recovery, "Tf"));
}

static struct plot recovery_plot(const struct recovered *r, const char *kind, const char *what)
{
    const char *id = tree_text(r->instance, "id", "instance");
    const char *stimulus = tree_text(r->recovery, "stimulus", "stimulus");
    char *repeat = tree_scalar(json_object_get(r->recovery, "repeat"));
    struct plot p = {.kind = GRAPH_STEPS, .x = {.title = "time since Tf", .unit = "s"}};
    p.id = mem_printf("%s-%s-%s-%s", kind, id, stimulus, repeat);
    p.title = mem_printf("%s, %s no. %s: %s", id, stimulus, repeat, what);
    free(repeat);
    return p;
}

/* A side file that is not there is no news; one that cannot be read is. */
static void complain(const struct err *err, struct report_sink *sink)
{
    if (err->code == ERR_NONE)
        return;
    char *text = mem_printf("No graph: %s.", err->text);
    sink->ops->paragraph(sink, text);
    free(text);
}

/* ---- rates of the ports ---------------------------------------------------------------------- */

/* Packets in bins, column by column: bin b of column c at sum[c * count + b]. */
struct bins {
    double width, *sum;
    double first; /* number of the first bin: it begins at first * width */
    size_t count, columns;
    char title[64];
};

/* The next of 1, 2, 5 tenths, ones, tens ... that is not below least. */
static double round_width(double least)
{
    static const double steps[] = {1, 2, 5};
    double power = SERIES_BIN_S, width = power;
    for (size_t i = 0; width < least - EPSILON && i < 24; i++) {
        power *= i % 3 == 2 ? 10 : 1;
        width = power * steps[(i + 1) % 3];
    }
    return width;
}

/* Bins as wide as the sending interval of a flow, so that each holds as many packets of it as the
 * next; wider where the time is long. Only bins that lie wholly inside are shown. */
static bool bins_choose(struct bins *b, struct series *s, const struct recovered *r,
                        struct err *err)
{
    double from = isnan(r->begin) ? -INFINITY : r->begin - AROUND_S;
    double to = isnan(r->trall) ? INFINITY : r->trall + AROUND_S, first = NAN, last = NAN;
    double interval = result_number(json_object_get(r->recovery, "resolution_s"));
    for (const double *row; (row = series_next(s, err)) != NULL;) {
        if (row[0] < from - SERIES_BIN_S / 2 || row[0] > to)
            continue;
        first = isnan(first) ? row[0] : first;
        last = row[0] + SERIES_BIN_S;
    }
    if (isnan(first) || (err->code != ERR_NONE))
        return false;
    b->columns = series_columns(s);
    b->width = round_width(fmax(isfinite(interval) ? interval : 1, (last - first) / BINS_MAX));
    b->first = ceil((first - EPSILON) / b->width);
    double count = floor((last + EPSILON) / b->width) - b->first;
    b->count = count < 1 ? 0 : (size_t)count;
    return b->count > 0 && b->count <= BINS_MAX;
}

static void bins_fill(struct bins *b, struct series *s, struct err *err)
{
    b->sum = mem_zalloc(b->count * b->columns, sizeof(b->sum[0]));
    for (const double *row; (row = series_next(s, err)) != NULL;) {
        double at = floor((row[0] + EPSILON) / b->width) - b->first;
        for (size_t c = 1; at >= 0 && at < (double)b->count && c < b->columns; c++)
            b->sum[c * b->count + (size_t)at] += isnan(row[c]) ? 0 : row[c];
    }
}

static void rate_series(struct plot *p, const struct bins *b, size_t column, const char *heading)
{
    char *name = mem_strdup(heading), *last = strrchr(name, '_');
    if (last != NULL)
        *last = ' '; /* "a1_sent" */
    size_t n = plot_series_add(p, name, false);
    free(name);
    for (size_t i = 0; i < b->count; i++)
        plot_point(p, n, (b->first + (double)i) * b->width,
                   b->sum[column * b->count + i] / b->width);
}

static void rate_marks(struct plot *p, const struct recovered *r)
{
    if (r->begin < 0)
        plot_mark(p, r->begin, "begin");
    plot_mark(p, 0, r->begin == 0 ? "begin, Tf" : "Tf");
    plot_mark(p, r->tre, "Tre");
    plot_mark(p, r->trd, "Trd");
    plot_mark(p, r->trall, "Trall");
}

/* As many graphs as it takes to show all ports. */
static void rate_graphs(const struct recovered *r, const struct series *s, const struct bins *b,
                        struct report_sink *sink)
{
    size_t parts = (b->columns - 1 + GRAPH_SERIES_MAX - 1) / GRAPH_SERIES_MAX;
    char *x = mem_printf("time since Tf, in bins of %g s", b->width);
    for (size_t part = 0; part < parts; part++) {
        char *kind = parts == 1 ? mem_strdup("rate") : mem_printf("rate%zu", part + 1);
        char *what = parts == 1 ? mem_strdup("rate of every port")
                                : mem_printf("rate of every port, %zu of %zu", part + 1, parts);
        struct plot p = recovery_plot(r, kind, what);
        free(what);
        free(kind);
        p.x.title = x;
        p.y = (struct graph_axis){.title = "packets sent and received", .unit = "1/s"};
        for (size_t c = 1 + part * GRAPH_SERIES_MAX;
             c < b->columns && c <= (part + 1) * GRAPH_SERIES_MAX; c++)
            rate_series(&p, b, c, series_name(s, c));
        rate_marks(&p, r);
        plot_show(&p, sink);
    }
    free(x);
}

static void rates(const struct recovered *r, struct report_sink *sink)
{
    const char *file = tree_text(r->recovery, "series", NULL);
    struct err err = {0};
    struct bins b = {0};
    struct series *s = file == NULL ? NULL : series_open(r->dir, file, &err);
    if (s != NULL && bins_choose(&b, s, r, &err)) {
        series_rewind(s);
        bins_fill(&b, s, &err);
        rate_graphs(r, s, &b, sink);
        free(b.sum);
    }
    complain(&err, sink);
    series_close(s);
}

/* ---- what came back -------------------------------------------------------------------------- */

#define GAINS 6u

static const struct gain {
    const char *column, *name;
    bool flows;
    const char *interrupted; /* of flows: how many there were */
} gains[GAINS] = {
    {"ingress_pairs", "ingress", true, "ingress"},
    {"egress_pairs", "egress", true, "egress"},
    {"mi_pmsi_apparatus", "MI-PMSI, apparatus", false, NULL},
    {"mi_pmsi_dut", "MI-PMSI, DUT", false, NULL},
    {"c_interface_apparatus", "C-interface, apparatus", false, NULL},
    {"c_interface_dut", "C-interface, DUT", false, NULL},
};

struct regained {
    double (*rows)[1 + GAINS]; /* time, then the counts */
    size_t count, cap;
    double end; /* the last change */
};

/* Before Tf nothing can come back: of what is written before it the last row counts, as of Tf. */
static void regained_row(struct regained *g, const double row[1 + GAINS])
{
    bool over = g->count > 0 && (g->rows[g->count - 1][0] <= 0 && row[0] <= 0);
    if (g->count == REGAINED_MAX)
        over = true;
    if (!over) {
        g->rows = array_grow(g->rows, g->count, &g->cap, sizeof(g->rows[0]));
        g->count++;
    }
    double *to = g->rows[g->count - 1];
    const double *before = g->rows[g->count > 1 ? g->count - 2 : 0];
    for (size_t c = 1; g->count > 1 && c <= GAINS; c++) {
        if (row[c] != before[c] && !isnan(row[c]))
            g->end = row[0];
    }
    memcpy(to, row, sizeof(g->rows[0]));
    to[0] = fmax(to[0], 0);
}

static void regained_read(struct regained *g, struct series *s, struct err *err)
{
    size_t column[GAINS];
    for (size_t c = 0; c < GAINS; c++)
        column[c] = series_column(s, gains[c].column);
    for (const double *values; (values = series_next(s, err)) != NULL;) {
        double row[1 + GAINS] = {values[0]};
        for (size_t c = 0; c < GAINS; c++)
            row[1 + c] = column[c] == 0 ? NAN : values[column[c]];
        regained_row(g, row);
    }
}

static bool ever_above_0(const struct regained *g, size_t c)
{
    for (size_t i = 0; i < g->count; i++) {
        if (g->rows[i][1 + c] > 0)
            return true;
    }
    return false;
}

/* Rows in which nothing of this graph changed are left out. */
static bool row_counts(const struct regained *g, size_t i, bool flows)
{
    bool changed = i == 0 || i + 1 == g->count;
    for (size_t c = 0; !changed && c < GAINS; c++)
        changed = gains[c].flows == flows && g->rows[i][1 + c] != g->rows[i - 1][1 + c] &&
                  !isnan(g->rows[i][1 + c]);
    return changed;
}

static void gain_series(struct plot *p, const struct regained *g, size_t c)
{
    size_t n = plot_series_add(p, gains[c].name, false);
    for (size_t i = 0; i < g->count; i++) {
        if (row_counts(g, i, gains[c].flows))
            plot_point(p, n, g->rows[i][0], g->rows[i][1 + c]);
    }
}

/* How many there were to recover, as a line to reach. */
static void gain_goal(struct plot *p, const struct recovered *r, const struct regained *g, size_t c)
{
    const char *key = gains[c].interrupted;
    double goal = result_number(tree_at(r->recovery, "interrupted", key, NULL));
    if (!(goal > 0))
        return;
    char *name = mem_printf("%s, interrupted", key);
    size_t n = plot_series_add(p, name, true);
    free(name);
    plot_point(p, n, g->rows[0][0], goal);
    plot_point(p, n, g->rows[g->count - 1][0], goal);
}

static void gain_graph(const struct recovered *r, const struct regained *g, bool flows,
                       struct report_sink *sink)
{
    struct plot p = flows ? recovery_plot(r, "flows", "flows recovered over time")
                          : recovery_plot(r, "neighbours", "neighbours back over time");
    p.y.title = flows ? "(flow, receiver) pairs that have their rate back" : "neighbours back";
    for (size_t c = 0; c < GAINS; c++) {
        if (gains[c].flows == flows && ever_above_0(g, c))
            gain_series(&p, g, c);
    }
    for (size_t c = 0; p.series_count > 0 && c < GAINS; c++) {
        if (gains[c].flows == flows && flows)
            gain_goal(&p, r, g, c);
    }
    plot_mark(&p, 0, "Tf");
    plot_mark(&p, r->trall, "Trall");
    plot_show(&p, sink);
}

static void regained(const struct recovered *r, struct report_sink *sink)
{
    const char *file = tree_text(r->recovery, "regained", NULL);
    struct err err = {0};
    struct regained g = {0};
    struct series *s = file == NULL ? NULL : series_open(r->dir, file, &err);
    if (s != NULL)
        regained_read(&g, s, &err);
    if (g.count > 1) {
        /* After the last change nothing happens: the picture ends soon after. */
        double end = fmax(g.end, isnan(r->trall) ? 0 : r->trall) * 1.1;
        if (end > g.end && end > 0)
            g.rows[g.count - 1][0] = fmin(g.rows[g.count - 1][0], end);
        gain_graph(r, &g, true, sink);
        gain_graph(r, &g, false, sink);
    }
    complain(&err, sink);
    series_close(s);
    free(g.rows);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void recoveries(const json_t *instance, const char *dir, struct report_sink *sink)
{
    size_t i;
    json_t *recovery;
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
    {
        struct recovered r = {.instance = instance,
                              .recovery = recovery,
                              .dir = dir,
                              .begin = since(recovery, "begin"),
                              .tre = since(recovery, "Tre"),
                              .trd = since(recovery, "Trd"),
                              .trall = since(recovery, "Trall")};
        rates(&r, sink);
        regained(&r, sink);
    }
}

void walk_graph_recovery(const json_t *one_case, const char *dir, struct report_sink *sink)
{
    const json_t *list = json_object_get(one_case, "maximum");
    if (sink->ops->graph == NULL || dir == NULL)
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = tree_text(json_array_get(list, i), "instance", NULL);
        size_t earlier = 0;
        while (earlier < i && id != NULL &&
               strcmp(tree_text(json_array_get(list, earlier), "instance", ""), id) != 0)
            earlier++;
        if (earlier == i && id != NULL)
            recoveries(tree_instance(one_case, id), dir, sink);
    }
}
