#include "emul/base/mem.h"
#include "mvpnbench/metric.h"
#include "mvpnbench/result.h"
#include "reports/tree.h"
#include "reports/walk.h"

#include <stdlib.h>
#include <string.h>

/* Calls do_one for each maximum of each case. */
static void each_maximum(const json_t *result, struct report_sink *sink,
                         void (*do_one)(const json_t *one_case, const json_t *maximum,
                                        struct report_sink *sink))
{
    size_t i, j;
    json_t *one_case, *maximum;
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        json_array_foreach(json_object_get(one_case, "maximum"), j, maximum)
            do_one(one_case, maximum, sink);
    }
}

static bool is_steady(const json_t *maximum)
{
    return strcmp(tree_text(maximum, "stimulus", "steady"), "steady") == 0;
}

/* same_maximum: the same value at the same point of the sweep, held under one more stimulus. */
static bool same_maximum(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"where", "searched", "value", "bounded_by"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const json_t *of_a = json_object_get(a, keys[i]), *of_b = json_object_get(b, keys[i]);
        if (of_a != of_b && !json_equal(of_a, of_b))
            return false;
    }
    return true;
}

/* Of the draft; with the steady state there are so many maxima at a point. */
#define STIMULI 6

/* One row for the maxima that are the same; NULL for one that stands in the row of an earlier one.
 */
static char *stimuli_of(const json_t *one_case, const json_t *maximum)
{
    char *all = mem_strdup("");
    size_t i, count = 0;
    json_t *other;
    json_array_foreach(json_object_get(one_case, "maximum"), i, other)
    {
        if (!same_maximum(maximum, other))
            continue;
        if (*all == '\0' && other != maximum) {
            free(all);
            return NULL;
        }
        char *longer =
            mem_printf("%s%s%s", all, *all == '\0' ? "" : ", ", tree_text(other, "stimulus", "-"));
        free(all);
        all = longer;
        count++;
    }
    if (count <= STIMULI)
        return all;
    free(all);
    return mem_strdup("steady, all stimuli");
}

static void maximum_row(const json_t *one_case, const json_t *maximum, struct report_sink *sink)
{
    char *stimuli = stimuli_of(one_case, maximum);
    if (stimuli == NULL)
        return;
    const json_t *searched = json_object_get(maximum, "searched");
    char *where = tree_where(maximum);
    sink->ops->row(sink, (struct report_cell[]){
                             tree_cell(one_case, "case"), cell_text(stimuli), cell_text(where),
                             tree_cell(searched, "name"), tree_cell(searched, "value"),
                             tree_cell(maximum, "variable"), tree_cell(maximum, "value"),
                             tree_cell(maximum, "bounded_by")});
    free(where);
    free(stimuli);
}

static void summary_maxima(const json_t *result, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Case"},
        {.title = "Held in", .wraps = true},
        {.title = "Where", .wraps = true},
        {.title = "Varied"},
        {.title = "Max."},
        {.title = "Variable", .wraps = true},
        {.title = "Value"},
        {.title = "Bounded\nby"},
    };
    size_t i;
    json_t *one_case;
    sink_table(sink, "maximum", "Maximum achieved", columns, sizeof(columns) / sizeof(columns[0]));
    each_maximum(result, sink, maximum_row);
    sink->ops->table_end(sink);
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        const char *reason = json_string_value(json_object_get(one_case, "omitted"));
        if (reason == NULL)
            continue;
        char *text = mem_printf("%s omitted: %s", tree_text(one_case, "case", "?"), reason);
        sink->ops->item(sink, text);
        free(text);
    }
}

static void metric_row(const json_t *one_case, const json_t *maximum, struct report_sink *sink)
{
    const json_t *instance = tree_instance(one_case, tree_text(maximum, "instance", NULL));
    if (instance == NULL || !is_steady(maximum))
        return;
    char *where = tree_where(maximum);
    struct report_cell row[2 + METRIC_VARS] = {tree_cell(one_case, "case"), cell_text(where)};
    for (int v = 0; v < METRIC_VARS; v++) {
        const char *name = metric_name((enum metric_var)v);
        struct report_cell dut = cell_of(tree_at(instance, "metric", name, NULL));
        struct report_cell apparatus = cell_of(tree_at(instance, "metric_apparatus", name, NULL));
        row[2 + v] = dut.kind == CELL_NULL ? apparatus : dut;
    }
    sink->ops->row(sink, row);
    free(where);
}

static void summary_metric(const json_t *result, struct report_sink *sink)
{
    static const struct report_column columns[2 + METRIC_VARS] = {
        {.title = "Case"},
        {.title = "Where", .wraps = true},
        {.title = "Num_\nmVPN"},
        {.title = "Num_\nPE"},
        {.title = "Num_MC_\nC_ints"},
        {.title = "Num_PIM\n_C_neigh"},
        {.title = "Num_\n*G_C"},
        {.title = "Num_\nSG_C"},
        {.title = "Num_\nOIF_C"},
        {.title = "Num_\nSPMSI\n_Src"},
        {.title = "Num_\nSPMSI\n_Rx"},
    };
    sink_table(sink, "maximum-metric",
               "MVPN Metric there (the DUT's own figures; the apparatus's where the DUT gives "
               "none)",
               columns, sizeof(columns) / sizeof(columns[0]));
    each_maximum(result, sink, metric_row);
    sink->ops->table_end(sink);
}

/* worst_repeat returns the recovery of a stimulus that tells most against the DUT: a failed one,
 * else that with the largest Trall-Tf. */
static const json_t *worst_repeat(const json_t *instance, const char *stimulus)
{
    const json_t *worst = NULL;
    size_t i;
    json_t *recovery;
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
    {
        if (strcmp(tree_text(recovery, "stimulus", ""), stimulus) != 0)
            continue;
        if (strcmp(tree_text(recovery, "verdict", ""), "fail") == 0)
            return recovery;
        double so_far = result_number(json_object_get(worst, "Trall-Tf"));
        if (worst == NULL || !(so_far >= result_number(json_object_get(recovery, "Trall-Tf"))))
            worst = recovery;
    }
    return worst;
}

static void recovery_row(const json_t *one_case, const json_t *maximum, struct report_sink *sink)
{
    const char *stimulus = tree_text(maximum, "stimulus", "");
    const json_t *instance = tree_instance(one_case, tree_text(maximum, "instance", NULL));
    const json_t *recovery = worst_repeat(instance, stimulus);
    if (recovery == NULL)
        return;
    char *where = tree_where(maximum);
    sink->ops->row(sink, (struct report_cell[]){
                             tree_cell(one_case, "case"), cell_text(stimulus), cell_text(where),
                             tree_cell(recovery, "verdict"), tree_cell(recovery, "Tre-Tf"),
                             tree_cell(recovery, "Trd-Tf"), tree_cell(recovery, "Trall-Tf"),
                             tree_cell(recovery, "apparatus_floor_s")});
    free(where);
}

static void summary_recovery(const json_t *result, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Case"},
        {.title = "Stimulus"},
        {.title = "Where", .wraps = true},
        {.title = "Verdict"},
        {.title = "Tre-Tf\ningress", .unit = "s", .decimals = 3},
        {.title = "Trd-Tf\negress", .unit = "s", .decimals = 3},
        {.title = "Trall-Tf", .unit = "s", .decimals = 3},
        {.title = "apparatus\nfloor", .unit = "s", .decimals = 3},
    };
    sink_table(sink, "maximum-recovery", "Recovery there (the worst of the repeats)", columns,
               sizeof(columns) / sizeof(columns[0]));
    each_maximum(result, sink, recovery_row);
    sink->ops->table_end(sink);
}

bool walk_has_recovery(const json_t *result)
{
    size_t i, j;
    json_t *one_case, *instance;
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        json_array_foreach(json_object_get(one_case, "instances"), j, instance)
        {
            if (json_array_size(json_object_get(instance, "recovery")) > 0)
                return true;
        }
    }
    return false;
}

static void summary_requirements(const struct report_input *in, struct report_sink *sink)
{
    static const struct report_column columns[] = {{.title = "Case"},
                                                   {.title = "Requirement", .wraps = true},
                                                   {.title = "Verdict"},
                                                   {.title = "What was found", .wraps = true}};
    if (in->verdict_count == 0)
        return;
    sink_table(sink, "requirements", "Requirements", columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < in->verdict_count; i++) {
        const struct report_verdict *v = &in->verdicts[i];
        sink->ops->row(sink, (struct report_cell[]){
                                 cell_text(v->case_id), cell_text(v->requirement),
                                 cell_text(v->met ? "met" : "not met"), cell_text(v->said)});
    }
    sink->ops->table_end(sink);
}

void walk_summary(const struct report_input *in, struct report_sink *sink)
{
    const json_t *result = in->result;
    sink->ops->section(sink, 1, "Summary");
    summary_requirements(in, sink);
    summary_maxima(result, sink);
    summary_metric(result, sink);
    if (walk_has_recovery(result))
        summary_recovery(result, sink);
}
