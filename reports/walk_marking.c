/* Where packets died: losses by branch and block of alternate marking (DESIGN B.5). */
#include "emul/base/mem.h"
#include "reports/tree.h"
#include "reports/walk.h"

#include <stdlib.h>

#define BLOCKS_SHOWN 20u

static void branches(const json_t *marking, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "From"},     {.title = "To"},   {.title = "Sent"},
        {.title = "Received"}, {.title = "Lost"}, {.title = "Blocks\nwith loss"},
    };
    char *length = tree_scalar(json_object_get(marking, "block_s"));
    char *caption = mem_printf("Alternate marking, blocks of %s s: where packets of the window "
                               "died (packets, counted once a branch)",
                               length);
    size_t i;
    json_t *b;
    sink->ops->table(sink, caption, columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(json_object_get(marking, "branches"), i, b)
    {
        json_t *blocks = json_integer((json_int_t)json_array_size(json_object_get(b, "blocks")));
        sink->ops->row(sink, (struct report_cell[]){tree_cell(b, "from"), tree_cell(b, "to"),
                                                    tree_cell(b, "sent"), tree_cell(b, "received"),
                                                    tree_cell(b, "lost"), cell_of(blocks)});
        json_decref(blocks);
    }
    sink->ops->table_end(sink);
    free(caption);
    free(length);
}

static size_t loss_count(const json_t *marking)
{
    size_t i, count = 0;
    json_t *b;
    json_array_foreach(json_object_get(marking, "branches"), i, b) count +=
        json_array_size(json_object_get(b, "blocks"));
    return count;
}

static void losses(const json_t *marking, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Block"},  {.title = "Begins", .unit = "s", .decimals = 3},
        {.title = "Colour"}, {.title = "VPN"},
        {.title = "From"},   {.title = "To"},
        {.title = "Sent"},   {.title = "Lost"},
    };
    size_t i, k, shown = 0, count = loss_count(marking);
    json_t *b, *block;
    if (count == 0)
        return;
    sink->ops->table(sink, "Blocks that lost packets (times from the instance's beginning)",
                     columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(json_object_get(marking, "branches"), i, b)
    {
        json_array_foreach(json_object_get(b, "blocks"), k, block)
        {
            if (shown++ < BLOCKS_SHOWN)
                sink->ops->row(sink, (struct report_cell[]){
                                         tree_cell(block, "n"), tree_cell(block, "begin"),
                                         tree_cell(block, "colour"), tree_cell(block, "vpn"),
                                         tree_cell(b, "from"), tree_cell(b, "to"),
                                         tree_cell(block, "sent"), tree_cell(block, "lost")});
        }
    }
    sink->ops->table_end(sink);
    if (count > BLOCKS_SHOWN) {
        char *text = mem_printf("%zu more stand in result.json.", count - BLOCKS_SHOWN);
        sink->ops->paragraph(sink, text);
        free(text);
    }
}

void walk_marking(const json_t *instance, struct report_sink *sink)
{
    const json_t *marking = json_object_get(instance, "marking");
    if (!json_is_object(marking))
        return;
    branches(marking, sink);
    losses(marking, sink);
}
