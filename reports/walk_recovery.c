#include "emul/base/mem.h"
#include "mvpnbench/metric.h"
#include "reports/tree.h"
#include "reports/walk.h"
#include "reports/walk_graph.h"

#include <stdlib.h>
#include <string.h>

typedef void recovery_row(const json_t *instance, const json_t *recovery, struct report_sink *sink);

static void each_recovery(const json_t *one_case, struct report_sink *sink, recovery_row *row)
{
    size_t i, j;
    json_t *instance, *recovery;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        json_array_foreach(json_object_get(instance, "recovery"), j, recovery)
            row(instance, recovery, sink);
    }
}

static void table(const json_t *one_case, struct report_sink *sink, const char *id,
                  const char *caption, const struct report_column *columns, size_t count,
                  recovery_row *row)
{
    sink_table(sink, id, caption, columns, count);
    each_recovery(one_case, sink, row);
    sink->ops->table_end(sink);
}

static void convergence_row(const json_t *instance, const json_t *recovery,
                            struct report_sink *sink)
{
    struct report_cell all = tree_cell(recovery, "Trall-Tf");
    struct report_cell lowest = tree_cell(recovery, "apparatus_floor_s");
    sink->ops->row(sink, (struct report_cell[]){
                             tree_cell(instance, "id"), tree_cell(recovery, "stimulus"),
                             tree_cell(recovery, "repeat"), tree_cell(recovery, "verdict"),
                             tree_cell(recovery, "Tre-Tf"), tree_cell(recovery, "Trd-Tf"), all,
                             lowest, cell_minus(all, lowest), tree_cell(recovery, "resolution_s")});
}

static void convergence(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "Stimulus"},
        {.title = "No."},
        {.title = "Verdict"},
        {.title = "Tre-Tf\ningress", .unit = "s", .decimals = 3},
        {.title = "Trd-Tf\negress", .unit = "s", .decimals = 3},
        {.title = "Trall-Tf", .unit = "s", .decimals = 3},
        {.title = "appar.\nfloor", .unit = "s", .decimals = 3},
        {.title = "less\nfloor", .unit = "s", .decimals = 3},
        {.title = "resol-\nution", .unit = "s", .decimals = 3},
    };
    table(one_case, sink, "convergence",
          "Best case (Tre-Tf, Trd-Tf) and worst case (Trall-Tf) convergence", columns,
          sizeof(columns) / sizeof(columns[0]), convergence_row);
}

static void instants_row(const json_t *instance, const json_t *recovery, struct report_sink *sink)
{
    sink->ops->row(
        sink, (struct report_cell[]){tree_cell(instance, "id"), tree_cell(recovery, "stimulus"),
                                     tree_cell(recovery, "repeat"), tree_cell(recovery, "Tf"),
                                     tree_cell(recovery, "Tre"), tree_cell(recovery, "Trd"),
                                     tree_cell(recovery, "Trall")});
}

static void instants(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "Stimulus"},
        {.title = "No."},
        {.title = "Tf", .unit = "s", .decimals = 6},
        {.title = "Tre", .unit = "s", .decimals = 6},
        {.title = "Trd", .unit = "s", .decimals = 6},
        {.title = "Trall", .unit = "s", .decimals = 6},
    };
    table(one_case, sink, "instants", "Instants, since the beginning of the instance", columns,
          sizeof(columns) / sizeof(columns[0]), instants_row);
}

static void pairs_row(const json_t *instance, const json_t *recovery, struct report_sink *sink)
{
    const json_t *pairs = json_object_get(recovery, "interrupted");
    sink->ops->row(sink,
                   (struct report_cell[]){
                       tree_cell(instance, "id"), tree_cell(recovery, "stimulus"),
                       tree_cell(recovery, "repeat"), tree_cell(pairs, "ingress"),
                       tree_cell(pairs, "egress"), tree_cell(recovery, "loss_derived_s"),
                       tree_cell(recovery, "Trall-Tf"), tree_cell(recovery, "apparatus_floor_s")});
}

static void pairs(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "Stimulus"},
        {.title = "No."},
        {.title = "Interrupted\ningress"},
        {.title = "Interrupted\negress"},
        {.title = "Loss-derived\nconvergence", .unit = "s", .decimals = 3},
        {.title = "Trall-Tf", .unit = "s", .decimals = 3},
        {.title = "appar.\nfloor", .unit = "s", .decimals = 3},
    };
    table(one_case, sink, "interrupted",
          "Interrupted (flow, expected receiver) pairs, and the cross-check", columns,
          sizeof(columns) / sizeof(columns[0]), pairs_row);
}

static void neighbours_row(const json_t *instance, const json_t *recovery, struct report_sink *sink)
{
    static const struct {
        const char *key, *name;
    } kinds[] = {{"mi_pmsi", "MI-PMSI"}, {"c_interface", "C-interface"}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const json_t *first = tree_at(recovery, "neighbours", kinds[i].key, "first", NULL);
        const json_t *all = tree_at(recovery, "neighbours", kinds[i].key, "all", NULL);
        sink->ops->row(
            sink, (struct report_cell[]){tree_cell(instance, "id"), tree_cell(recovery, "stimulus"),
                                         tree_cell(recovery, "repeat"), cell_text(kinds[i].name),
                                         tree_cell(first, "apparatus"), tree_cell(first, "dut"),
                                         tree_cell(all, "apparatus"), tree_cell(all, "dut")});
    }
}

static void neighbours(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "Stimulus"},
        {.title = "No."},
        {.title = "Neighbours"},
        {.title = "first\nappar.", .unit = "s", .decimals = 3},
        {.title = "first\nDUT", .unit = "s", .decimals = 3},
        {.title = "all\nappar.", .unit = "s", .decimals = 3},
        {.title = "all\nDUT", .unit = "s", .decimals = 3},
    };
    table(one_case, sink, "neighbours-back",
          "PIM neighbours back, since Tf: first (best case) and all (worst case), in both views",
          columns, sizeof(columns) / sizeof(columns[0]), neighbours_row);
}

struct spread {
    int64_t least, greatest, count;
    double sum;
};

static void spread_add(struct spread *s, struct report_cell cell)
{
    if (cell.kind != CELL_TIME)
        return;
    s->least = s->count == 0 || cell.ns < s->least ? cell.ns : s->least;
    s->greatest = s->count == 0 || cell.ns > s->greatest ? cell.ns : s->greatest;
    s->sum += (double)cell.ns;
    s->count++;
}

/* The floor is one of Trall-Tf. */
static void spread_row(const json_t *instance, const json_t *repeated, struct report_sink *sink)
{
    const char *stimulus = tree_text(repeated, "stimulus", "");
    enum { ALL = 2 };
    static const char *const keys[] = {"Tre-Tf", "Trd-Tf", [ALL] = "Trall-Tf"};
    size_t i;
    json_t *recovery;
    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        struct spread s = {0};
        json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
        {
            if (strcmp(tree_text(recovery, "stimulus", ""), stimulus) == 0)
                spread_add(&s, tree_cell(recovery, keys[k]));
        }
        if (s.count < 2)
            continue;
        sink->ops->row(sink,
                       (struct report_cell[]){
                           tree_cell(instance, "id"),
                           cell_text(stimulus),
                           cell_text(keys[k]),
                           {.kind = CELL_COUNT, .count = s.count},
                           {.kind = CELL_TIME, .ns = s.least},
                           {.kind = CELL_TIME, .ns = (int64_t)(s.sum / (double)s.count)},
                           {.kind = CELL_TIME, .ns = s.greatest},
                           k == ALL ? tree_cell(repeated, "apparatus_floor_s") : cell_of(NULL)});
    }
}

static bool is_repeated(const json_t *recovery)
{
    return json_integer_value(json_object_get(recovery, "repeat")) == 2;
}

static void repeats(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "Stimulus"},
        {.title = "Time"},
        {.title = "Repeats\nwith a value"},
        {.title = "Least", .unit = "s", .decimals = 3},
        {.title = "Average", .unit = "s", .decimals = 3},
        {.title = "Greatest", .unit = "s", .decimals = 3},
        {.title = "appar.\nfloor", .unit = "s", .decimals = 3},
    };
    size_t i, j;
    json_t *instance, *recovery;
    bool any = false;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        json_array_foreach(json_object_get(instance, "recovery"), j, recovery) any =
            any || is_repeated(recovery);
    }
    if (!any)
        return;
    sink_table(sink, "repeats", "Over the repeats", columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        json_array_foreach(json_object_get(instance, "recovery"), j, recovery)
        {
            if (is_repeated(recovery))
                spread_row(instance, recovery, sink);
        }
    }
    sink->ops->table_end(sink);
}

static void note(const json_t *instance, const json_t *recovery, struct report_sink *sink,
                 const char *what)
{
    char *text = mem_printf(
        "%s %s no. %lld: %s", tree_text(instance, "id", "?"), tree_text(recovery, "stimulus", "?"),
        (long long)json_integer_value(json_object_get(recovery, "repeat")), what);
    sink->ops->item(sink, text);
    free(text);
}

/* Draft 7.2 step 6: the metric must be what it was. */
static void metric_notes(const json_t *instance, const json_t *recovery, struct report_sink *sink)
{
    for (int v = 0; v < METRIC_VARS; v++) {
        const char *name = metric_name((enum metric_var)v);
        const json_t *before = tree_at(instance, "metric", name, NULL);
        const json_t *after = tree_at(recovery, "metric_after", name, NULL);
        if (!json_is_integer(before) || !json_is_integer(after) || json_equal(before, after))
            continue;
        char *text =
            mem_printf("%s was %lld before and is %lld after the recovery", name,
                       (long long)json_integer_value(before), (long long)json_integer_value(after));
        note(instance, recovery, sink, text);
        free(text);
    }
}

static void notes_row(const json_t *instance, const json_t *recovery, struct report_sink *sink)
{
    size_t i;
    json_t *mark;
    json_array_foreach(json_object_get(recovery, "marks"), i, mark)
    {
        if (json_is_string(mark))
            note(instance, recovery, sink, json_string_value(mark));
    }
    const char *reason = json_string_value(json_object_get(recovery, "reason"));
    if (reason != NULL && *reason != '\0')
        note(instance, recovery, sink, reason);
    metric_notes(instance, recovery, sink);
    const char *series = json_string_value(json_object_get(recovery, "series"));
    if (series != NULL) {
        char *text = mem_printf("packets a port in bins of 100 ms: %s", series);
        note(instance, recovery, sink, text);
        free(text);
    }
}

void walk_recovery(const json_t *one_case, const char *dir, struct report_sink *sink)
{
    size_t i, count = 0;
    json_t *instance;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance) count +=
        json_array_size(json_object_get(instance, "recovery"));
    if (count == 0)
        return;
    sink->ops->section(sink, 2, "Failure recovery (draft 8.2)");
    convergence(one_case, sink);
    walk_graph_recovery(one_case, dir, sink);
    instants(one_case, sink);
    pairs(one_case, sink);
    repeats(one_case, sink);
    neighbours(one_case, sink);
    each_recovery(one_case, sink, notes_row);
}
