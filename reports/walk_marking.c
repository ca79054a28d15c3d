/* Where packets died: losses by branch and block of alternate marking (DESIGN B.5). */
#include "emul/base/mem.h"
#include "reports/tree.h"
#include "reports/walk.h"

#include <stdlib.h>

#define ROWS_SHOWN 40u

typedef void branch_row_fn(const json_t *instance, const json_t *branch, struct report_sink *sink,
                           size_t *shown);

/* Every branch of every instance that lost packets; returns how many there are. */
static size_t lossy_branches(const json_t *instances, branch_row_fn *row, struct report_sink *sink,
                             size_t *shown)
{
    size_t i, k, count = 0;
    json_t *instance, *branch;
    json_array_foreach(instances, i, instance)
    {
        json_array_foreach(tree_at(instance, "marking", "branches", NULL), k, branch)
        {
            if (json_integer_value(json_object_get(branch, "lost")) == 0)
                continue;
            count++;
            if (row != NULL)
                row(instance, branch, sink, shown);
        }
    }
    return count;
}

static void branch_row(const json_t *instance, const json_t *b, struct report_sink *sink,
                       size_t *shown)
{
    if ((*shown)++ < ROWS_SHOWN)
        sink->ops->row(sink, (struct report_cell[]){tree_cell(instance, "id"), tree_cell(b, "from"),
                                                    tree_cell(b, "to"), tree_cell(b, "sent"),
                                                    tree_cell(b, "received"), tree_cell(b, "lost"),
                                                    tree_cell(b, "lossy_blocks")});
}

static void block_rows(const json_t *instance, const json_t *b, struct report_sink *sink,
                       size_t *shown)
{
    size_t i;
    json_t *block;
    json_array_foreach(json_object_get(b, "blocks"), i, block)
    {
        if ((*shown)++ < ROWS_SHOWN)
            sink->ops->row(
                sink, (struct report_cell[]){tree_cell(instance, "id"), tree_cell(block, "n"),
                                             tree_cell(block, "begin"), tree_cell(block, "colour"),
                                             tree_cell(block, "vpn"), tree_cell(b, "from"),
                                             tree_cell(b, "to"), tree_cell(block, "sent"),
                                             tree_cell(block, "lost")});
    }
}

static void more(size_t shown, struct report_sink *sink)
{
    if (shown <= ROWS_SHOWN)
        return;
    char *text = mem_printf("%zu more stand in result.json.", shown - ROWS_SHOWN);
    sink->ops->paragraph(sink, text);
    free(text);
}

static void branches(const json_t *instances, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "From"},
        {.title = "To"},
        {.title = "Sent"},
        {.title = "Received"},
        {.title = "Lost"},
        {.title = "Blocks\nwith loss"},
    };
    size_t shown = 0;
    sink_table(sink, "marking-branches",
               "Where packets died, by alternate marking: branches that lost packets of the "
               "window (a packet counts once a branch)",
               columns, sizeof(columns) / sizeof(columns[0]));
    (void)lossy_branches(instances, branch_row, sink, &shown);
    sink->ops->table_end(sink);
    more(shown, sink);
}

static void blocks(const json_t *instances, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"}, {.title = "Block"}, {.title = "Begins", .unit = "s", .decimals = 3},
        {.title = "Colour"},   {.title = "VPN"},   {.title = "From"},
        {.title = "To"},       {.title = "Sent"},  {.title = "Lost"},
    };
    size_t shown = 0;
    sink_table(sink, "marking-blocks",
               "Blocks that lost packets (begin: from the instance's beginning)", columns,
               sizeof(columns) / sizeof(columns[0]));
    (void)lossy_branches(instances, block_rows, sink, &shown);
    sink->ops->table_end(sink);
    more(shown, sink);
}

void walk_marking(const json_t *instances, struct report_sink *sink)
{
    bool any = false;
    size_t i;
    json_t *instance;
    json_array_foreach(instances, i, instance) any =
        any || json_object_get(instance, "marking") != NULL;
    if (!any)
        return;
    if (lossy_branches(instances, NULL, sink, NULL) == 0) {
        sink->ops->paragraph(sink, "Alternate marking: no branch lost a packet in the window of "
                                   "any instance.");
        return;
    }
    branches(instances, sink);
    blocks(instances, sink);
}
