/*
 * The latency distribution of an instance: packets by latency, in the buckets they were counted in.
 */
#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/tree.h"
#include "reports/walk_graph.h"
#include "reports/walk_graph_plot.h"

#include <math.h>
#include <stdlib.h>

#define SLOTS_MAX 80.0 /* buckets side by side that can be told apart */
#define BARS      60u  /* of equal width where there are more */

struct bucket {
    double from, to, packets;
};

/* How the buckets of one histogram are shown. */
struct shape {
    double from, to, narrowest; /* on the axis's scale: see along */
    bool logarithmic;
};

static bool bucket_read(const json_t *v, struct bucket *b)
{
    *b = (struct bucket){graph_ns(json_array_get(v, 0)), graph_ns(json_array_get(v, 1)),
                         result_number(json_array_get(v, 2))};
    if (b->from == b->to)
        b->to++; /* one value */
    return isfinite(b->from) && isfinite(b->to) && b->packets > 0 && b->from >= 0 &&
           b->from < b->to;
}

static double along(const struct shape *s, double ns)
{
    return s->logarithmic ? log(ns) : ns;
}

/* Over more than three doublings equal ratios are what the axis should show. */
static bool shape_of(const json_t *histogram, struct shape *s)
{
    struct bucket b;
    double first = INFINITY, last = 0;
    size_t i;
    json_t *v;
    json_array_foreach(histogram, i, v)
    {
        if (bucket_read(v, &b)) {
            first = fmin(first, b.from);
            last = fmax(last, b.to);
        }
    }
    if (!(first < last) || last <= 1) /* a virtual clock without delays: 0, as the table says */
        return false;
    s->logarithmic = first > 0 && last / first > 8;
    s->from = along(s, first);
    s->to = along(s, last);
    s->narrowest = s->to - s->from;
    json_array_foreach(histogram, i, v)
    {
        if (bucket_read(v, &b))
            s->narrowest = fmin(s->narrowest, along(s, b.to) - along(s, b.from));
    }
    return true;
}

static void bar(struct plot *p, double from, double packets)
{
    plot_point(p, 0, from / (double)NS_PER_US, packets > 0 ? packets : NAN);
}

/* Every bucket as it was counted, with holes between them. */
static void bars_as_counted(struct plot *p, const json_t *histogram)
{
    double until = NAN;
    size_t i;
    json_t *v;
    struct bucket b;
    json_array_foreach(histogram, i, v)
    {
        if (!bucket_read(v, &b) || b.from < until)
            continue;
        if (b.from > until)
            bar(p, until, 0);
        bar(p, b.from, b.packets);
        until = b.to;
    }
    bar(p, until, 0);
}

/* Bars of equal width on the axis; a bucket counts where its middle is. Bounds in whole ns. */
static void bars_of_equal_width(struct plot *p, const json_t *histogram, const struct shape *s)
{
    double packets[BARS] = {0}, width = (s->to - s->from) / BARS;
    size_t i;
    json_t *v;
    struct bucket b;
    json_array_foreach(histogram, i, v)
    {
        if (!bucket_read(v, &b))
            continue;
        double at = ((along(s, b.from) + along(s, b.to)) / 2 - s->from) / width;
        packets[at < BARS ? (size_t)at : BARS - 1] += b.packets;
    }
    for (i = 0; i <= BARS; i++) {
        double edge = s->from + width * (double)i;
        bar(p, round(s->logarithmic ? exp(edge) : edge), i < BARS ? packets[i] : 0);
    }
}

static void distribution(const json_t *instance, const char *direction, struct report_sink *sink)
{
    static const char *const keys[] = {"p50", "p90", "p99"};
    const json_t *forwarding = tree_at(instance, "forwarding", direction, NULL);
    const json_t *histogram = json_object_get(forwarding, "latency_histogram");
    const char *id = tree_text(instance, "id", "instance");
    struct shape shape;
    if (!shape_of(histogram, &shape))
        return;
    struct plot p = {.kind = GRAPH_BARS,
                     .x = {.title = "latency", .unit = "\xc2\xb5s"},
                     .y = {.title = "(packet, receiver) pairs of the window"}};
    p.id = mem_printf("latency-%s-%s", id, direction);
    p.title = mem_printf("%s: latency distribution, %s", id, direction);
    p.x.logarithmic = shape.logarithmic;
    (void)plot_series_add(&p, "pairs", false);
    if (shape.to - shape.from > SLOTS_MAX * shape.narrowest)
        bars_of_equal_width(&p, histogram, &shape);
    else
        bars_as_counted(&p, histogram);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        plot_mark(&p,
                  graph_ns(tree_at(forwarding, "latency_ns", keys[i], NULL)) / (double)NS_PER_US,
                  keys[i]);
    plot_show(&p, sink);
}

void walk_graph_latency(const json_t *instance, struct report_sink *sink)
{
    if (sink->ops->graph == NULL)
        return;
    distribution(instance, "ingress", sink);
    distribution(instance, "egress", sink);
}
