#include "reports/tree.h"
#include "reports/walk.h"

static void list(const json_t *one_case, const char *kind, const char *title,
                 struct report_sink *sink)
{
    const json_t *texts = tree_at(one_case, "deviations", kind, NULL);
    size_t i;
    json_t *text;
    sink->ops->section(sink, 2, title);
    if (json_array_size(texts) == 0)
        sink->ops->paragraph(sink, "None.");
    json_array_foreach(texts, i, text)
    {
        if (json_is_string(text))
            sink->ops->item(sink, json_string_value(text));
    }
}

/* Where the draft contradicts itself, the reading that was followed. */
static void readings(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {{.title = "Reading"},
                                                   {.title = "What it says", .wraps = true}};
    const json_t *list_of = json_object_get(one_case, "readings");
    size_t i;
    json_t *r;
    if (json_array_size(list_of) == 0)
        return;
    sink_table(sink, "readings",
               "Readings of the draft where it contradicts itself or leaves a gap", columns,
               sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(list_of, i, r)
        sink->ops->row(sink, (struct report_cell[]){tree_cell(r, "id"), tree_cell(r, "reading")});
    sink->ops->table_end(sink);
}

void walk_deviations(const json_t *one_case, struct report_sink *sink)
{
    list(one_case, "configuration", "Item 15: deviations of the configuration from the draft",
         sink);
    list(one_case, "procedure", "Item 16: deviations of the procedure from the draft", sink);
    readings(one_case, sink);
}
