#include "reports/graph_table.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdlib.h>

static struct report_cell number(double v, unsigned decimals)
{
    if (isnan(v))
        return (struct report_cell){.kind = CELL_NULL};
    if (decimals == 0 && fabs(v) < 9e15)
        return (struct report_cell){.kind = CELL_COUNT, .count = (int64_t)llround(v)};
    return (struct report_cell){.kind = CELL_REAL, .real = v};
}

static char *caption(const struct report_graph *g, size_t every)
{
    if (every == 1)
        return mem_printf("%s: the numbers", g->title);
    return mem_printf("%s: the numbers, every %zuth row and the last", g->title, every);
}

void graph_table(struct report_sink *sink, const struct report_graph *g)
{
    struct graph_numbers n = graph_numbers_of(g);
    struct report_column columns[GRAPH_SERIES_MAX + 1] = {
        {.title = g->x.title, .unit = g->x.unit, .decimals = n.decimals[0]}};
    struct report_cell cells[GRAPH_SERIES_MAX + 1];
    for (size_t c = 1; c < n.columns; c++)
        columns[c] = (struct report_column){
            .title = g->series[c - 1].name, .unit = g->y.unit, .decimals = n.decimals[c]};
    char *text = caption(g, n.every);
    sink_table(sink, "graph-numbers", text, columns, n.columns);
    for (size_t r = 0; r < n.rows; r++) {
        for (size_t c = 0; c < n.columns; c++)
            cells[c] = number(n.values[r * n.columns + c], n.decimals[c]);
        sink->ops->row(sink, cells);
    }
    sink->ops->table_end(sink);
    free(text);
    graph_numbers_fini(&n);
}
