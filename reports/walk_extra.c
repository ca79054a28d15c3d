/*
 * What a case measures instead of a maximum, over all its instances: switching delay (9.11), join
 * convergence (9.12), Join/Prune suppression (10.2); and what stands beside a maximum: the draft's
 * coarse grid, the difference to another case (9.13), the throughput of the idle system (6.5).
 */
#include "emul/base/mem.h"
#include "reports/tree.h"
#include "reports/walk.h"

#include <stdlib.h>
#include <string.h>

/* ---- measurements ---------------------------------------------------------------------------- */

static const json_t *measured(const json_t *instance, const char *key, const char *only_with)
{
    const json_t *v = tree_at(instance, "extra", key, NULL);
    bool has = json_is_object(v) && (only_with == NULL || json_object_get(v, only_with) != NULL);
    return has ? v : NULL;
}

static bool any_measured(const json_t *instances, const char *key, const char *only_with)
{
    size_t i;
    json_t *instance;
    json_array_foreach(instances, i, instance)
    {
        if (measured(instance, key, only_with) != NULL)
            return true;
    }
    return false;
}

static struct report_cell parameter(const json_t *instance, const char *name)
{
    return cell_of(tree_at(instance, "parameters", name, NULL));
}

/* Times of one kind: least, average, greatest over the repetitions. */
static void delays(const json_t *instances, const char *key, const char *only_with,
                   const char *caption, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "mVPNs"},
        {.title = "MI-\nPMSIs"},
        {.title = "Count"},
        {.title = "Least", .unit = "s", .decimals = 6},
        {.title = "Average", .unit = "s", .decimals = 6},
        {.title = "Greatest", .unit = "s", .decimals = 6},
        {.title = "Resolution", .unit = "s", .decimals = 3},
        {.title = "Packets\nlost"},
        {.title = "dupli-\ncated"},
        {.title = "not\nseen"},
    };
    size_t i;
    json_t *instance;
    if (!any_measured(instances, key, only_with))
        return;
    sink_table(sink, key, caption, columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(instances, i, instance)
    {
        const json_t *d = measured(instance, key, only_with);
        if (d == NULL)
            continue;
        sink->ops->row(sink, (struct report_cell[]){
                                 tree_cell(instance, "id"), parameter(instance, "mvpns"),
                                 parameter(instance, "mi_pmsi"), tree_cell(d, "count"),
                                 tree_cell(d, "min"), tree_cell(d, "avg"), tree_cell(d, "max"),
                                 tree_cell(d, "resolution_s"), tree_cell(d, "lost"),
                                 tree_cell(d, "duplicate"), tree_cell(d, "missing")});
    }
    sink->ops->table_end(sink);
}

static void suppression(const json_t *instances, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "mVPNs"},
        {.title = "Groups,\nan mVPN"},
        {.title = "J1"},
        {.title = "J2"},
        {.title = "JR1", .unit = "1/s", .decimals = 2},
        {.title = "JR2", .unit = "1/s", .decimals = 2},
        {.title = "JR1\nexpected", .unit = "1/s", .decimals = 2},
        {.title = "Window", .unit = "s", .decimals = 0},
        {.title = "Sup-\npresses"},
    };
    size_t i;
    json_t *instance;
    if (!any_measured(instances, "jp_suppression", NULL))
        return;
    sink_table(sink, "suppression",
               "Join/Prune entries that reached PE2 over the MI-PMSIs, before (1) and with "
               "(2) receivers behind the DUT; it suppresses if JR2 < 1.2 JR1",
               columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(instances, i, instance)
    {
        const json_t *s = measured(instance, "jp_suppression", NULL);
        if (s == NULL)
            continue;
        sink->ops->row(
            sink, (struct report_cell[]){tree_cell(instance, "id"), parameter(instance, "mvpns"),
                                         parameter(instance, "groups"), tree_cell(s, "J1"),
                                         tree_cell(s, "J2"), tree_cell(s, "JR1"),
                                         tree_cell(s, "JR2"), tree_cell(s, "expected_JR1"),
                                         tree_cell(s, "window_s"), tree_cell(s, "suppresses")});
    }
    sink->ops->table_end(sink);
}

void walk_measured(const json_t *one_case, struct report_sink *sink)
{
    const json_t *instances = json_object_get(one_case, "instances");
    /* The switches that every instance with S-PMSIs makes on its way up are shown with it. */
    delays(
        instances, "spmsi_switch_delay", "missing",
        "S-PMSI switching delay: from the first MDT Join TLV to the first packet on the data MDT",
        sink);
    delays(instances, "join_convergence", NULL,
           "Convergence of joins: from the Join(*,G) on a C-interface to the first packet there",
           sink);
    suppression(instances, sink);
}

/* ---- beside a maximum ------------------------------------------------------------------------ */

static bool any_has(const json_t *list, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const json_t *v = json_object_get(item, key);
        if (v != NULL && !json_is_null(v))
            return true;
    }
    return false;
}

static void grid(const json_t *list, struct report_sink *sink)
{
    static const struct report_column columns[] = {{.title = "Stimulus"},
                                                   {.title = "Where", .wraps = true},
                                                   {.title = "Varied"},
                                                   {.title = "Max. of\nthe grid"},
                                                   {.title = "Max.\nfound"}};
    size_t i;
    json_t *m;
    if (!any_has(list, "grid_maximum"))
        return;
    sink_table(sink, "grid", "The draft's coarse grid, and what bisecting between its values found",
               columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(list, i, m)
    {
        const json_t *found = json_object_get(m, "grid_maximum");
        if (found == NULL || json_is_null(found)) /* under a stimulus there is no grid */
            continue;
        char *where = tree_where(m);
        const json_t *searched = json_object_get(m, "searched");
        sink->ops->row(sink, (struct report_cell[]){tree_cell(m, "stimulus"), cell_text(where),
                                                    tree_cell(searched, "name"),
                                                    tree_cell(found, "value"),
                                                    tree_cell(searched, "value")});
        free(where);
    }
    sink->ops->table_end(sink);
}

/* "delta_vs_9.10": how much more the case holds than that one. */
static void deltas(const json_t *list, struct report_sink *sink)
{
    static const char prefix[] = "delta_vs_";
    size_t i;
    json_t *m, *v;
    const char *key;
    json_array_foreach(list, i, m)
    {
        json_object_foreach(m, key, v)
        {
            if (strncmp(key, prefix, sizeof(prefix) - 1) != 0)
                continue;
            char *where = tree_where(m), *value = tree_scalar(v);
            char *text = mem_printf("Against %s%s%s: %s%s (maximum of %s).",
                                    key + sizeof(prefix) - 1, where[0] == '\0' ? "" : ", ", where,
                                    json_integer_value(v) > 0 ? "+" : "", value,
                                    tree_text(json_object_get(m, "searched"), "name", "?"));
            sink->ops->paragraph(sink, text);
            free(text);
            free(value);
            free(where);
        }
    }
}

static void idle(const json_t *one_case, struct report_sink *sink)
{
    const json_t *t = json_object_get(one_case, "idle_throughput");
    if (!json_is_object(t))
        return;
    char *figures = tree_pairs(t);
    char *text = mem_printf("Throughput of the idle system (draft 6.5): %s.", figures);
    sink->ops->paragraph(sink, text);
    free(text);
    free(figures);
}

void walk_beside_maximum(const json_t *one_case, struct report_sink *sink)
{
    const json_t *list = json_object_get(one_case, "maximum");
    grid(list, sink);
    deltas(list, sink);
    idle(one_case, sink);
}
