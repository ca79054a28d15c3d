#include "reports/tree.h"
#include "reports/walk.h"

#include <string.h>

#define FIGURES "spmsi"
#define DELAY   "spmsi_switch_delay"

bool walk_spmsi_has(const char *extra_key)
{
    return strcmp(extra_key, FIGURES) == 0 || strcmp(extra_key, DELAY) == 0;
}

static void figures(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "S-PMSIs"},      {.title = "Set up,\nan mVPN"},   {.title = "Flows,\nan mVPN"},
        {.title = "an-\nnounced"}, {.title = "in use,\nor joined"}, {.title = "Flows\non them"},
        {.title = "reused"},       {.title = "known\nto the\nDUT"},
    };
    const json_t *s = tree_at(instance, "extra", FIGURES, NULL);
    const json_t *p = json_object_get(instance, "parameters");
    if (!json_is_object(s))
        return;
    sink_table(sink, "s-pmsi", "S-PMSIs (data MDTs) of all mVPNs, as seen from outside", columns,
               sizeof(columns) / sizeof(columns[0]));
    sink->ops->row(
        sink, (struct report_cell[]){cell_text("sourced by the DUT"), tree_cell(p, "spmsi_src"),
                                     tree_cell(p, "spmsi_src_flows"), tree_cell(s, "announced"),
                                     tree_cell(s, "sourced"), tree_cell(s, "flows"),
                                     tree_cell(s, "reused"), cell_of(NULL)});
    sink->ops->row(
        sink, (struct report_cell[]){cell_text("received by the DUT"), tree_cell(p, "spmsi_rx"),
                                     tree_cell(p, "spmsi_rx_flows"), tree_cell(s, "rx_announced"),
                                     tree_cell(s, "rx_joined"), tree_cell(s, "rx_flows"),
                                     cell_of(NULL), tree_cell(s, "cached")});
    sink->ops->table_end(sink);
}

static void delay(const json_t *instance, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Switches"},
        {.title = "Least", .unit = "s", .decimals = 3},
        {.title = "Average", .unit = "s", .decimals = 3},
        {.title = "Greatest", .unit = "s", .decimals = 3},
        {.title = "Resolution", .unit = "s", .decimals = 3},
        {.title = "Packets\nlost"},
        {.title = "dupli-\ncated"},
    };
    const json_t *d = tree_at(instance, "extra", DELAY, NULL);
    if (!json_is_object(d))
        return;
    sink_table(sink, "switching-delay",
               "S-PMSI switching delay: from the first MDT Join TLV to the first packet on "
               "the data MDT",
               columns, sizeof(columns) / sizeof(columns[0]));
    sink->ops->row(sink, (struct report_cell[]){tree_cell(d, "count"), tree_cell(d, "min"),
                                                tree_cell(d, "avg"), tree_cell(d, "max"),
                                                tree_cell(d, "resolution_s"), tree_cell(d, "lost"),
                                                tree_cell(d, "duplicate")});
    sink->ops->table_end(sink);
}

void walk_spmsi(const json_t *instance, struct report_sink *sink)
{
    figures(instance, sink);
    delay(instance, sink);
}
