#include "emul/base/mem.h"
#include "mvpnbench/metric.h"
#include "reports/tree.h"
#include "reports/walk.h"
#include "reports/walk_graph.h"

#include <stdlib.h>

/* A DUT may have a process for each VRF; beyond this many the list is result.json's. */
#define COMPONENTS_SHOWN 64u

static void metric_row(struct report_sink *sink, const char *name, struct report_cell expected,
                       struct report_cell dut, struct report_cell apparatus)
{
    sink->ops->row(sink, (struct report_cell[]){cell_text(name), expected, dut, apparatus});
}

/* The two parts of Num_PIM_C_neigh (PROTOCOLS 12 A2): expected is N*c or N*R. */
static void neighbour_row(const json_t *instance, struct report_sink *sink, const char *name,
                          const char *kind, const json_t *per_vpn)
{
    const json_t *n = tree_parameter(instance, "N", "mvpns");
    const json_t *neighbours = tree_at(instance, "neighbours", kind, NULL);
    metric_row(sink, name, cell_product(n, per_vpn), tree_cell(neighbours, "dut"),
               tree_cell(neighbours, "apparatus"));
}

static void instance_metric(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Variable"}, {.title = "Expected"}, {.title = "DUT"}, {.title = "Apparatus"}};
    const json_t *remote = tree_parameter(instance, "R", "remote_pes");
    sink_table(sink, "metric", "Item 4: MVPN Metric", columns,
               sizeof(columns) / sizeof(columns[0]));
    for (int v = 0; v < METRIC_VARS; v++) {
        const char *name = metric_name((enum metric_var)v);
        metric_row(sink, name, cell_of(tree_at(instance, "expected", name, NULL)),
                   cell_of(tree_at(instance, "metric", name, NULL)),
                   cell_of(tree_at(instance, "metric_apparatus", name, NULL)));
        if (v == NUM_PE)
            metric_row(sink, "  R, remote PEs per mVPN", cell_of(remote), cell_of(NULL),
                       cell_of(NULL));
        if (v != NUM_PIM_C_NEIGH)
            continue;
        neighbour_row(instance, sink, "  of these on C-interfaces", "c_interface",
                      tree_parameter(instance, "c", "c_interfaces"));
        neighbour_row(instance, sink, "  of these on MI-PMSIs", "mi_pmsi", remote);
    }
    sink->ops->table_end(sink);
}

static void instance_p(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Item"},      {.title = "P-instance of the DUT"},
        {.title = "Expected"},  {.title = "DUT"},
        {.title = "Apparatus"},
    };
    sink_table(sink, "p-instance", "Items 5-7: P-instance", columns,
               sizeof(columns) / sizeof(columns[0]));
    for (int v = 0; v < P_METRIC_VARS; v++) {
        const char *name = p_metric_name((enum p_metric_var)v);
        struct report_cell item = {.kind = CELL_COUNT, .count = 5 + v};
        sink->ops->row(sink, (struct report_cell[]){
                                 item, cell_text(name),
                                 cell_of(tree_at(instance, "p_instance_expected", name, NULL)),
                                 cell_of(tree_at(instance, "p_instance", name, NULL)),
                                 cell_of(tree_at(instance, "p_instance_apparatus", name, NULL))});
    }
    sink->ops->table_end(sink);
}

/* Nanoseconds as they stand in latency_ns, as a time. */
static struct report_cell microseconds(const json_t *latency, const char *key)
{
    struct report_cell cell = tree_cell(latency, key);
    double ns = 0;
    if (cell.kind == CELL_COUNT)
        ns = (double)cell.count;
    else if (cell.kind == CELL_TIME)
        ns = (double)cell.ns;
    else if (cell.kind == CELL_REAL)
        ns = cell.real;
    else
        return cell;
    return (struct report_cell){.kind = CELL_REAL, .real = ns / 1e3};
}

static void instance_forwarding(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Direction"},
        {.title = "Flows"},
        {.title = "Rate", .unit = "pps", .decimals = 1},
        {.title = "Packet", .unit = "bytes"},
        {.title = "Sent"},
        {.title = "Received"},
        {.title = "Lost"},
        {.title = "not\njoined"},
        {.title = "Dupli-\ncated"},
        {.title = "Misde-\nlivered"},
        {.title = "Reor-\ndered"},
    };
    static const char *const directions[] = {"ingress", "egress"};
    sink_table(sink, "forwarding", "Items 8, 9: forwarding rate and packet size", columns,
               sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
        const json_t *d = tree_at(instance, "forwarding", directions[i], NULL);
        sink->ops->row(
            sink, (struct report_cell[]){
                      cell_text(directions[i]), tree_cell(d, "flows"), tree_cell(d, "rate_pps"),
                      tree_cell(d, "packet_bytes"), tree_cell(d, "sent"), tree_cell(d, "received"),
                      tree_cell(d, "lost"), tree_cell(d, "not_joined"), tree_cell(d, "duplicate"),
                      tree_cell(d, "misdelivered"), tree_cell(d, "reordered")});
    }
    sink->ops->table_end(sink);
}

static void instance_latency(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Item"},
        {.title = "Direction"},
        {.title = "Average", .unit = "us", .decimals = 3},
        {.title = "Least", .unit = "us", .decimals = 3},
        {.title = "Greatest", .unit = "us", .decimals = 3},
    };
    static const char *const directions[] = {"ingress", "egress"};
    sink_table(sink, "latency", "Items 10, 11: multicast latency over all flows and receivers",
               columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
        const json_t *latency = tree_at(instance, "forwarding", directions[i], "latency_ns", NULL);
        struct report_cell item = {.kind = CELL_COUNT, .count = 10 + (int64_t)i};
        sink->ops->row(sink, (struct report_cell[]){
                                 item, cell_text(directions[i]), microseconds(latency, "avg"),
                                 microseconds(latency, "min"), microseconds(latency, "max")});
    }
    sink->ops->table_end(sink);
}

static void instance_utilisation(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Component", .wraps = true},
        {.title = "CPU", .unit = "%", .decimals = 2},
        {.title = "busiest\nsecond", .unit = "%", .decimals = 2},
        {.title = "Memory", .unit = "bytes"},
        {.title = "Memory", .unit = "%", .decimals = 2},
        {.title = "How it was measured", .wraps = true},
    };
    const json_t *list = json_object_get(instance, "utilisation");
    size_t count = json_array_size(list);
    if (count == 0) {
        sink->ops->paragraph(sink, "Items 12-14, utilisation: unverified, the DUT's driver gave no "
                                   "figures.");
        return;
    }
    sink_table(sink, "utilisation", "Items 12-14: processors, memory and other hardware", columns,
               sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < count && i < COMPONENTS_SHOWN; i++) {
        const json_t *u = json_array_get(list, i);
        sink->ops->row(
            sink, (struct report_cell[]){tree_cell(u, "component"), tree_cell(u, "cpu_percent"),
                                         tree_cell(u, "cpu_peak_1s"), tree_cell(u, "memory_bytes"),
                                         tree_cell(u, "memory_percent"), tree_cell(u, "how")});
    }
    sink->ops->table_end(sink);
    if (count > COMPONENTS_SHOWN) {
        char *text =
            mem_printf("%zu more components stand in result.json.", count - COMPONENTS_SHOWN);
        sink->ops->paragraph(sink, text);
        free(text);
    }
}

/* Figures of single cases come as a tree of their own; leaves get the path as their name. */
static void extra_rows(const json_t *v, const char *path, struct report_sink *sink)
{
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)v, key, item)
    {
        if (*path == '\0' && walk_spmsi_has(key))
            continue; /* a table of its own */
        char *name = *path == '\0' ? mem_strdup(key) : mem_printf("%s, %s", path, key);
        struct report_cell cell = cell_of(item);
        if (cell.kind == CELL_NULL && json_is_object(item))
            extra_rows(item, name, sink);
        else if (!json_is_array(item))
            sink->ops->row(sink, (struct report_cell[]){cell_text(name), cell});
        free(name);
    }
}

static void instance_extra(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "What", .wraps = true}, {.title = "Value", .decimals = 6, .wraps = true}};
    const json_t *extra = json_object_get(instance, "extra");
    size_t others = 0;
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)extra, key, item) others += !walk_spmsi_has(key);
    if (others == 0)
        return;
    sink_table(sink, "figures", "Other figures", columns, sizeof(columns) / sizeof(columns[0]));
    extra_rows(extra, "", sink);
    sink->ops->table_end(sink);
}

/* The draft's metric variable relationships, with what was measured. */
static void instance_relations(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {{.title = "Relationship of the draft"},
                                                   {.title = "Left", .decimals = 0},
                                                   {.title = "Right", .decimals = 0},
                                                   {.title = "Holds"},
                                                   {.title = "Meant at the\nend of the sweep"}};
    const json_t *list = json_object_get(instance, "relations");
    size_t i;
    json_t *r;
    if (json_array_size(list) == 0)
        return;
    sink_table(sink, "relations", "Metric variable relationships (>> informs only)", columns,
               sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(list, i, r)
    {
        sink->ops->row(sink, (struct report_cell[]){tree_cell(r, "relation"), tree_cell(r, "left"),
                                                    tree_cell(r, "right"), tree_cell(r, "holds"),
                                                    json_is_true(json_object_get(r, "at_end"))
                                                        ? cell_text("yes")
                                                        : cell_of(NULL)});
    }
    sink->ops->table_end(sink);
}

void walk_instance(const json_t *instance, const json_t *maximum, struct report_sink *sink)
{
    char *where = tree_where(maximum);
    char *title = mem_printf("Items 4-14 in instance %s%s%s", tree_text(instance, "id", "?"),
                             *where == '\0' ? "" : ": ", where);
    char *pairs = tree_pairs(json_object_get(instance, "parameters"));
    char *text = mem_printf("Parameters: %s.", pairs);
    sink->ops->section(sink, 2, title);
    if (*pairs != '\0')
        sink->ops->paragraph(sink, text);
    free(text);
    free(pairs);
    free(title);
    free(where);
    instance_metric(instance, sink);
    instance_p(instance, sink);
    instance_relations(instance, sink);
    walk_spmsi(instance, sink);
    instance_forwarding(instance, sink);
    instance_latency(instance, sink);
    walk_graph_latency(instance, sink);
    walk_signalling(instance, sink);
    instance_utilisation(instance, sink);
    instance_extra(instance, sink);
}
