/* The maxima of all runs beside each other: shares of the base's, since units differ. */
#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/compare.h"
#include "reports/tree.h"
#include "reports/walk_compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    double *x, *y[COMPARE_RUNS_MAX];
    size_t count;
};

/* Every row of "maximum" in which the base has a value above 0. */
static void gather(const json_t *rows, size_t runs, struct picture *p)
{
    size_t i;
    json_t *row;
    p->x = mem_zalloc(json_array_size(rows), sizeof(*p->x));
    for (size_t k = 0; k < runs; k++)
        p->y[k] = mem_zalloc(json_array_size(rows), sizeof(*p->y[k]));
    json_array_foreach(rows, i, row)
    {
        const json_t *values = json_object_get(row, "values");
        double base = result_number(json_array_get(values, 0));
        if (strcmp(tree_text(row, "table", ""), "maximum") != 0 || !(base > 0) ||
            strcmp(tree_text(row, "stimulus", "steady"), "steady") != 0)
            continue;
        p->x[p->count] = (double)(p->count + 1);
        for (size_t k = 0; k < runs; k++)
            p->y[k][p->count] = 100 * result_number(json_array_get(values, k)) / base;
        p->count++;
    }
}

void walk_compare_graph(const json_t *comparison, struct report_sink *sink)
{
    size_t runs = json_array_size(json_object_get(comparison, "runs"));
    struct picture p = {0};
    struct graph_series series[COMPARE_RUNS_MAX];
    if (sink->ops->graph == NULL || runs > COMPARE_RUNS_MAX)
        return;
    gather(json_object_get(comparison, "rows"), runs, &p);
    for (size_t k = 0; k < runs; k++)
        series[k] = (struct graph_series){.name = compare_letter(k),
                                          .x = p.x,
                                          .y = p.y[k],
                                          .count = p.count,
                                          .reference = k == 0};
    const struct report_graph graph = {.id = "compare-maxima",
                                       .title = "Maxima in the steady state, A being 100 %",
                                       .kind = GRAPH_POINTS,
                                       .x = {.title = "Maximum, in the order of the table"},
                                       .y = {.title = "of A's", .unit = "%"},
                                       .series = series,
                                       .series_count = runs};
    if (p.count > 1)
        sink->ops->graph(sink, &graph);
    for (size_t k = 0; k < runs; k++)
        free(p.y[k]);
    free(p.x);
}
