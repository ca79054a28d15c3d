/*
 * Characterisation curves: what the instances of one point of the outer sweep showed, over the
 * parameter that was varied.
 */
#include "emul/base/mem.h"
#include "mvpnbench/metric.h"
#include "mvpnbench/result.h"
#include "reports/point.h"
#include "reports/tree.h"
#include "reports/walk_graph.h"
#include "reports/walk_graph_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX     100u /* points of the outer sweep that are drawn */
#define COMPONENTS_MAX 256u /* of a DUT that are told apart; the busiest are drawn */

struct run {
    double x;
    size_t order;
    const json_t *instance;
};

/* One point of the outer sweep, with its instances by x. */
struct curve {
    const json_t *one_case, *maximum; /* the first maximum there */
    const char *symbol;               /* of what was varied */
    size_t number;                    /* of the point in the case */
    struct run *runs;
    size_t count, cap;
};

/* What a curve shows of an instance; NAN: nothing. */
typedef double run_value(const json_t *instance, const void *arg);

static int by_x(const void *a, const void *b)
{
    const struct run *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->order < q->order ? -1 : 1;
}

static void runs_find(struct curve *c)
{
    const json_t *where = json_object_get(c->maximum, "where");
    size_t i;
    json_t *instance;
    json_array_foreach(json_object_get(c->one_case, "instances"), i, instance)
    {
        double x = result_number(point_parameter(instance, c->symbol));
        if (!isfinite(x) || strcmp(tree_text(instance, "verdict", ""), "invalid") == 0 ||
            !point_holds(instance, where))
            continue;
        c->runs = array_grow(c->runs, c->count, &c->cap, sizeof(c->runs[0]));
        c->runs[c->count++] = (struct run){x, i, instance};
    }
    if (c->count > 1)
        qsort(c->runs, c->count, sizeof(c->runs[0]), by_x);
}

/* One value an x: of several instances there the first that has one. */
static void curve_series(const struct curve *c, struct plot *p, const char *name, bool reference,
                         run_value *value, const void *arg)
{
    size_t n = plot_series_add(p, name, reference);
    for (size_t i = 0; i < c->count;) {
        double x = c->runs[i].x, y = NAN;
        for (; i < c->count && c->runs[i].x == x; i++)
            y = isnan(y) ? value(c->runs[i].instance, arg) : y;
        plot_point(p, n, x, y);
    }
}

static struct graph_axis axis_of(const char *symbol)
{
    static const struct {
        const char *symbol, *title;
    } known[] = {{"N", "N, mVPNs"},
                 {"c", "c, C-interfaces an mVPN"},
                 {"R", "R, remote PEs an mVPN"},
                 {"g", "g, groups an mVPN"},
                 {"s", "s, sources a group"},
                 {"d", "d, C-interfaces with receivers an mVPN"},
                 {"I", "I, flows an S-PMSI"},
                 {"U*Dvpn", "U*Dvpn, S-PMSIs"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].symbol, symbol) == 0)
            return (struct graph_axis){.title = known[i].title};
    }
    return (struct graph_axis){.title = symbol};
}

static struct plot curve_plot(const struct curve *c, const char *kind, const char *what)
{
    const char *id = tree_text(c->one_case, "case", "case");
    char *where = tree_where(c->maximum);
    struct plot p = {.kind = GRAPH_LINES, .x = axis_of(c->symbol)};
    p.id = mem_printf("curve-%s-%zu-%s", id, c->number, kind);
    p.title = mem_printf("Case %s%s%s: %s", id, where[0] == '\0' ? "" : ", ", where, what);
    free(where);
    return p;
}

/* Shows the curve if it is one: two values of x at least. */
static void curve_show(const struct curve *c, struct plot *p, struct report_sink *sink)
{
    double best = result_number(tree_at(c->maximum, "searched", "value", NULL));
    if (plot_places(p) < 2) {
        plot_fini(p);
        return;
    }
    if (isfinite(best)) {
        char *name = mem_printf("max. %.6g", best);
        plot_mark(p, best, name);
        free(name);
    }
    plot_show(p, sink);
}

/* ---- the variable ---------------------------------------------------------------------------- */

/* Where the tree has the draft's quantity of a case: the sum of one or two values. */
struct quantity {
    const char *variable;         /* of a maximum */
    const char *section, *key[2]; /* section NULL: neighbours */
};

static double sum_of(const json_t *object, const char *const key[2])
{
    double sum = result_number(json_object_get(object, key[0]));
    return key[1] == NULL ? sum : sum + result_number(json_object_get(object, key[1]));
}

static double dut_value(const json_t *instance, const void *arg)
{
    const struct quantity *q = arg;
    if (q->section == NULL)
        return result_number(tree_at(instance, "neighbours", q->key[0], "dut", NULL));
    return sum_of(json_object_get(instance, q->section), q->key);
}

static double apparatus_value(const json_t *instance, const void *arg)
{
    const struct quantity *q = arg;
    bool p = q->section != NULL && strcmp(q->section, "p_instance") == 0;
    if (q->section == NULL)
        return result_number(tree_at(instance, "neighbours", q->key[0], "apparatus", NULL));
    return sum_of(json_object_get(instance, p ? "p_instance_apparatus" : "metric_apparatus"),
                  q->key);
}

static double expected_value(const json_t *instance, const void *arg)
{
    const struct quantity *q = arg;
    bool p = q->section != NULL && strcmp(q->section, "p_instance") == 0;
    if (q->section == NULL) /* N*R, PROTOCOLS 12 A2 */
        return result_number(point_parameter(instance, "N")) *
               result_number(point_parameter(instance, "R"));
    return sum_of(json_object_get(instance, p ? "p_instance_expected" : "expected"), q->key);
}

/* A variable that is not known here: the first of the metric that the parameter moves. */
static struct quantity moved(const struct curve *c)
{
    struct quantity q = {.section = "metric"};
    for (int v = 0; v < METRIC_VARS; v++) {
        q.variable = q.key[0] = metric_name((enum metric_var)v);
        double first = expected_value(c->runs[0].instance, &q);
        double last = expected_value(c->runs[c->count - 1].instance, &q);
        if (isfinite(first) && isfinite(last) && first != last)
            return q;
    }
    return (struct quantity){0};
}

static struct quantity quantity_of(const struct curve *c)
{
    static const struct quantity known[] = {
        {"C-interfaces", "metric", {"Num_MC_C_ints", NULL}},
        {"mroutes", "metric", {"Num_*G_C", "Num_SG_C"}},
        {"OIFs", "metric", {"Num_OIF_C", NULL}},
        {"joined S-PMSIs", "metric", {"Num_SPMSI_Rx", NULL}},
        {"sourced S-PMSIs", "metric", {"Num_SPMSI_Src", NULL}},
        {"P-instance mroutes", "p_instance", {"Num_*G_P", "Num_SG_P"}},
        {"MI-PMSI neighbours", NULL, {"mi_pmsi", NULL}},
    };
    const char *variable = tree_text(c->maximum, "variable", "");
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].variable, variable) == 0)
            return known[i];
    }
    for (int v = 0; v < METRIC_VARS; v++) {
        if (strcmp(metric_name((enum metric_var)v), variable) == 0)
            return (struct quantity){
                metric_name((enum metric_var)v), "metric", {metric_name((enum metric_var)v), NULL}};
    }
    return moved(c);
}

static void curve_variable(const struct curve *c, struct report_sink *sink)
{
    struct quantity q = quantity_of(c);
    if (q.variable == NULL)
        return;
    char *what = mem_printf("%s, measured and expected", q.variable);
    struct plot p = curve_plot(c, "value", what);
    free(what);
    p.y.title = q.variable;
    curve_series(c, &p, "DUT", false, dut_value, &q);
    curve_series(c, &p, "apparatus", false, apparatus_value, &q);
    curve_series(c, &p, "expected", true, expected_value, &q);
    curve_show(c, &p, sink);
}

/* ---- utilisation ----------------------------------------------------------------------------- */

struct gauge {
    const char *key, *component;
    double unit;
};

static double gauge_value(const json_t *instance, const void *arg)
{
    const struct gauge *g = arg;
    size_t i;
    json_t *u;
    json_array_foreach(json_object_get(instance, "utilisation"), i, u)
    {
        if (strcmp(tree_text(u, "component", ""), g->component) == 0)
            return result_number(json_object_get(u, g->key)) / g->unit;
    }
    return NAN;
}

struct component {
    const char *name;
    double greatest;
    size_t order;
};

static int busiest_first(const void *a, const void *b)
{
    const struct component *p = a, *q = b;
    if (p->greatest != q->greatest)
        return p->greatest > q->greatest ? -1 : 1;
    return p->order < q->order ? -1 : 1;
}

static int as_listed(const void *a, const void *b)
{
    return ((const struct component *)a)->order < ((const struct component *)b)->order ? -1 : 1;
}

static void component_seen(struct component *list, size_t *count, const json_t *u, const char *key)
{
    const char *name = tree_text(u, "component", NULL);
    double v = result_number(json_object_get(u, key));
    size_t i = 0;
    if (name == NULL || !isfinite(v))
        return;
    while (i < *count && strcmp(list[i].name, name) != 0)
        i++;
    if (i == COMPONENTS_MAX)
        return;
    if (i == *count)
        list[(*count)++] = (struct component){name, v, i};
    list[i].greatest = fmax(list[i].greatest, v);
}

/* The components that report key, the busiest if there are too many, in their own order. */
static size_t components_of(const struct curve *c, const char *key, struct component *list)
{
    size_t count = 0, i;
    json_t *u;
    for (size_t r = 0; r < c->count; r++) {
        json_array_foreach(json_object_get(c->runs[r].instance, "utilisation"), i, u)
            component_seen(list, &count, u, key);
    }
    if (count > GRAPH_SERIES_MAX) {
        qsort(list, count, sizeof(list[0]), busiest_first);
        qsort(list, GRAPH_SERIES_MAX, sizeof(list[0]), as_listed);
    }
    return count;
}

static bool curve_gauge(const struct curve *c, const char *id, const char *what, const char *key,
                        struct graph_axis y, double unit, struct report_sink *sink)
{
    struct component list[COMPONENTS_MAX];
    size_t all = components_of(c, key, list);
    size_t count = all > GRAPH_SERIES_MAX ? GRAPH_SERIES_MAX : all;
    if (count == 0)
        return false;
    char *text = count == all
                     ? mem_strdup(what)
                     : mem_printf("%s, the %zu busiest of %zu components", what, count, all);
    struct plot p = curve_plot(c, id, text);
    free(text);
    p.y = y;
    for (size_t i = 0; i < count; i++)
        curve_series(c, &p, list[i].name, false, gauge_value,
                     &(struct gauge){key, list[i].name, unit});
    if (all == 1 && strcmp(key, "cpu_percent") == 0)
        curve_series(c, &p, "its busiest second", false, gauge_value,
                     &(struct gauge){"cpu_peak_1s", list[0].name, unit});
    curve_show(c, &p, sink);
    return true;
}

static void curve_utilisation(const struct curve *c, struct report_sink *sink)
{
    struct graph_axis cpu = {.title = "CPU in use", .unit = "%"};
    struct graph_axis share = {.title = "memory in use", .unit = "%"};
    struct graph_axis size = {.title = "memory in use", .unit = "MiB"};
    (void)curve_gauge(c, "cpu", "CPU utilisation", "cpu_percent", cpu, 1, sink);
    if (!curve_gauge(c, "memory", "memory utilisation", "memory_percent", share, 1, sink))
        (void)curve_gauge(c, "memory", "memory", "memory_bytes", size, 1048576, sink);
}

/* ---- latency --------------------------------------------------------------------------------- */

struct figure {
    const char *direction, *key;
};

static double latency_value(const json_t *instance, const void *arg)
{
    const struct figure *f = arg;
    return graph_ns(tree_at(instance, "forwarding", f->direction, "latency_ns", f->key, NULL)) /
           (double)NS_PER_US;
}

static void curve_latency(const struct curve *c, const char *direction, struct report_sink *sink)
{
    static const char *const keys[] = {"min", "avg", "p99", "max"};
    static const char *const names[] = {"least", "average", "99th percentile", "greatest"};
    char *what = mem_printf("latency, %s", direction);
    char *id = mem_printf("latency-%s", direction);
    struct plot p = curve_plot(c, id, what);
    free(id);
    free(what);
    p.y = (struct graph_axis){.title = "latency", .unit = "\xc2\xb5s"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        curve_series(c, &p, names[i], false, latency_value, &(struct figure){direction, keys[i]});
    p.y.logarithmic = plot_all_above(&p, 0) && plot_spread(&p) > 20;
    /* On a virtual clock without delays all of it is 0, which the tables say better. */
    if (plot_any_above(&p, 0))
        curve_show(c, &p, sink);
    else
        plot_fini(&p);
}

/* ---- convergence ----------------------------------------------------------------------------- */

struct time_of {
    const char *stimulus; /* NULL: any */
    const char *key;
};

/* The greatest over the repeats: the worst case is what counts. */
static double recovery_value(const json_t *instance, const void *arg)
{
    const struct time_of *t = arg;
    double greatest = NAN;
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(instance, "recovery"), i, r)
    {
        if (strcmp(tree_text(r, "verdict", ""), "invalid") == 0 ||
            (t->stimulus != NULL && strcmp(tree_text(r, "stimulus", ""), t->stimulus) != 0))
            continue;
        greatest = fmax(greatest, result_number(json_object_get(r, t->key)));
    }
    return greatest;
}

static bool is_known(const struct plot *p, const char *name)
{
    for (size_t i = 0; i < p->series_count; i++) {
        if (strcmp(p->series[i].name, name) == 0)
            return true;
    }
    return false;
}

static void curve_convergence(const struct curve *c, struct report_sink *sink)
{
    struct plot p = curve_plot(c, "convergence", "convergence by stimulus");
    size_t i;
    json_t *r;
    p.y = (struct graph_axis){.title = "Trall-Tf, the greatest of the repeats", .unit = "s"};
    for (size_t n = 0; n < c->count; n++) {
        json_array_foreach(json_object_get(c->runs[n].instance, "recovery"), i, r)
        {
            const char *name = tree_text(r, "stimulus", NULL);
            if (name != NULL && p.series_count + 1 < GRAPH_SERIES_MAX && !is_known(&p, name))
                curve_series(c, &p, name, false, recovery_value,
                             &(struct time_of){name, "Trall-Tf"});
        }
    }
    curve_series(c, &p, "apparatus floor", true, recovery_value,
                 &(struct time_of){NULL, "apparatus_floor_s"});
    curve_show(c, &p, sink);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void curves_of_point(struct curve *c, struct report_sink *sink)
{
    runs_find(c);
    if (c->count > 1 && c->runs[0].x != c->runs[c->count - 1].x) {
        curve_variable(c, sink);
        curve_utilisation(c, sink);
        curve_latency(c, "ingress", sink);
        curve_latency(c, "egress", sink);
        curve_convergence(c, sink);
    }
    free(c->runs);
}

void walk_graph_curves(const json_t *one_case, struct report_sink *sink)
{
    const json_t *list = json_object_get(one_case, "maximum"), *shown[POINTS_MAX];
    size_t count = 0, i;
    json_t *maximum;
    if (sink->ops->graph == NULL)
        return;
    json_array_foreach(list, i, maximum)
    {
        const char *symbol = tree_text(json_object_get(maximum, "searched"), "name", NULL);
        const json_t *where = json_object_get(maximum, "where");
        size_t earlier = 0;
        while (earlier < count && shown[earlier] != where && !json_equal(shown[earlier], where))
            earlier++;
        if (earlier < count || count == POINTS_MAX || symbol == NULL)
            continue;
        shown[count++] = where;
        struct curve c = {
            .one_case = one_case, .maximum = maximum, .symbol = symbol, .number = count};
        curves_of_point(&c, sink);
    }
}
