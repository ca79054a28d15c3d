#include "emul/base/mem.h"
#include "reports/tree.h"
#include "reports/walk.h"

#include <stdlib.h>
#include <string.h>

#define FAILURES_SHOWN 5u
#define VARIED_SHOWN   4u

/* The parameters that are not the same in all instances, at most VARIED_SHOWN of them. */
static size_t varied_parameters(const json_t *instances, const char *names[VARIED_SHOWN])
{
    const json_t *first = json_object_get(json_array_get(instances, 0), "parameters");
    const char *key;
    json_t *value, *instance;
    size_t count = 0, i;
    json_object_foreach((json_t *)(uintptr_t)first, key, value)
    {
        bool varies = false;
        json_array_foreach(instances, i, instance)
        {
            const json_t *other = tree_at(instance, "parameters", key, NULL);
            varies = varies || !json_equal(value, other);
        }
        if (varies && count < VARIED_SHOWN)
            names[count++] = key;
    }
    return count;
}

static void instance_row(const json_t *instance, const char *const *names, size_t count,
                         struct report_sink *sink)
{
    struct report_cell row[VARIED_SHOWN + 4];
    size_t n = 0;
    row[n++] = tree_cell(instance, "id");
    for (size_t i = 0; i < count; i++)
        row[n++] = cell_of(tree_at(instance, "parameters", names[i], NULL));
    row[n++] = tree_cell(instance, "verdict");
    row[n++] = tree_cell(instance, "reason");
    sink->ops->row(sink, row);
}

/* Names of parameters are one word with underscores: where a heading may be broken. */
static char *heading(const char *name)
{
    char *text = mem_strdup(name);
    for (char *p = strchr(text, '_'); p != NULL; p = strchr(p, '_'))
        *p = '\n';
    return text;
}

static void instances_table(const json_t *instances, struct report_sink *sink)
{
    const char *names[VARIED_SHOWN];
    char *titles[VARIED_SHOWN];
    struct report_column columns[VARIED_SHOWN + 3] = {{.title = "Instance"}};
    size_t count = varied_parameters(instances, names), n = 1, i;
    json_t *instance;
    for (i = 0; i < count; i++) {
        titles[i] = heading(names[i]);
        columns[n++] = (struct report_column){.title = titles[i], .decimals = 3};
    }
    columns[n++] = (struct report_column){.title = "Steady\nstate"};
    columns[n++] = (struct report_column){.title = "Reason", .wraps = true};
    sink_table(sink, "instances", "Instances in the order in which they were run", columns, n);
    json_array_foreach(instances, i, instance) instance_row(instance, names, count, sink);
    sink->ops->table_end(sink);
    for (i = 0; i < count; i++)
        free(titles[i]);
}

/* Failures of one verdict: of the steady state, or of one recovery. */
static void failure_rows(const json_t *instance, const json_t *failures, const char *state,
                         struct report_sink *sink)
{
    size_t count = json_array_size(failures);
    for (size_t i = 0; i < count && i < FAILURES_SHOWN; i++) {
        const json_t *f = json_array_get(failures, i);
        sink->ops->row(sink, (struct report_cell[]){tree_cell(instance, "id"), cell_text(state),
                                                    tree_cell(f, "criterion"), tree_cell(f, "vpn"),
                                                    tree_cell(f, "flow"), tree_cell(f, "count"),
                                                    tree_cell(f, "neighbour"),
                                                    tree_cell(f, "interface")});
    }
    if (count > FAILURES_SHOWN) {
        char *text = mem_printf("%zu more", count - FAILURES_SHOWN);
        sink->ops->row(sink, (struct report_cell[]){tree_cell(instance, "id"), cell_text(state),
                                                    cell_text(text), cell_of(NULL), cell_of(NULL),
                                                    cell_of(NULL), cell_of(NULL), cell_of(NULL)});
        free(text);
    }
}

static void instance_failures(const json_t *instance, struct report_sink *sink)
{
    size_t i;
    json_t *recovery;
    failure_rows(instance, json_object_get(instance, "failures"), "steady", sink);
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
        failure_rows(instance, json_object_get(recovery, "failures"),
                     tree_text(recovery, "stimulus", "?"), sink);
}

static size_t failure_count(const json_t *instance)
{
    size_t i, count = json_array_size(json_object_get(instance, "failures"));
    json_t *recovery;
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery) count +=
        json_array_size(json_object_get(recovery, "failures"));
    return count;
}

static void failures_table(const json_t *instances, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Instance"},
        {.title = "State"},
        {.title = "Criterion"},
        {.title = "VPN"},
        {.title = "Flow"},
        {.title = "Count"},
        {.title = "Neighbour", .wraps = true},
        {.title = "Interface,\nor variable", .wraps = true},
    };
    size_t i, failed = 0;
    json_t *instance;
    json_array_foreach(instances, i, instance) failed += failure_count(instance);
    if (failed == 0)
        return;
    sink_table(sink, "failures", "What failed", columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(instances, i, instance) instance_failures(instance, sink);
    sink->ops->table_end(sink);
}

void walk_instances(const json_t *one_case, struct report_sink *sink)
{
    const json_t *instances = json_object_get(one_case, "instances");
    sink->ops->section(sink, 2, "Instances");
    if (json_array_size(instances) == 0) {
        sink->ops->paragraph(sink, "None was run.");
        return;
    }
    instances_table(instances, sink);
    failures_table(instances, sink);
    walk_marking(instances, sink);
}
