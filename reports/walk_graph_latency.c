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

#define BARS_MAX 80.0

struct bucket {
    double from, to, packets;
};

static bool bucket_read(const json_t *v, struct bucket *b)
{
    *b = (struct bucket){graph_ns(json_array_get(v, 0)), graph_ns(json_array_get(v, 1)),
                         result_number(json_array_get(v, 2))};
    if (b->from == b->to)
        b->to++; /* one value */
    return isfinite(b->from) && isfinite(b->to) && isfinite(b->packets) && b->from < b->to;
}

/* Neighbouring buckets become one bar until it spans ratio; a hole between buckets stays one. */
static void bars(struct plot *p, const json_t *histogram, double ratio)
{
    size_t n = plot_series_add(p, "packets", false), i;
    json_t *v;
    struct bucket bar = {0}, b;
    json_array_foreach(histogram, i, v)
    {
        if (!bucket_read(v, &b) || b.from < bar.to)
            continue;
        if (bar.packets > 0 && b.from == bar.to && b.to <= bar.from * ratio) {
            bar.to = b.to;
            bar.packets += b.packets;
            continue;
        }
        if (bar.packets > 0)
            plot_point(p, n, bar.from / (double)NS_PER_US, bar.packets);
        if (bar.packets > 0 && b.from > bar.to)
            plot_point(p, n, bar.to / (double)NS_PER_US, NAN);
        bar = b;
    }
    if (bar.packets > 0) {
        plot_point(p, n, bar.from / (double)NS_PER_US, bar.packets);
        plot_point(p, n, bar.to / (double)NS_PER_US, NAN);
    }
}

/* How much a bar spans, so that there are not too many of them; and whether equal ratios are what
 * the axis should show. */
static double ratio_of(const json_t *histogram, bool *logarithmic)
{
    struct bucket first, last;
    size_t count = json_array_size(histogram);
    *logarithmic = false;
    if (!bucket_read(json_array_get(histogram, 0), &first) ||
        !bucket_read(json_array_get(histogram, count - 1), &last) || first.from <= 0)
        return 1;
    *logarithmic = last.to / first.from > 8;
    return (double)count <= BARS_MAX ? 1 : pow(last.to / first.from, 1 / BARS_MAX);
}

static void distribution(const json_t *instance, const char *direction, struct report_sink *sink)
{
    static const char *const keys[] = {"p50", "p90", "p99"};
    const json_t *forwarding = tree_at(instance, "forwarding", direction, NULL);
    const json_t *histogram = json_object_get(forwarding, "latency_histogram");
    const char *id = tree_text(instance, "id", "instance");
    if (json_array_size(histogram) == 0)
        return;
    struct plot p = {.kind = GRAPH_BARS,
                     .x = {.title = "latency", .unit = "\xc2\xb5s"},
                     .y = {.title = "packets of the window"}};
    p.id = mem_printf("latency-%s-%s", id, direction);
    p.title = mem_printf("%s: latency distribution, %s", id, direction);
    bars(&p, histogram, ratio_of(histogram, &p.x.logarithmic));
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
