#include "emul/base/mem.h"
#include "reports/tree.h"
#include "reports/walk.h"
#include "reports/walk_graph.h"

#include <stdlib.h>

static void setup_row(struct report_sink *sink, const char *item, const char *name,
                      struct report_cell value)
{
    sink->ops->row(sink, (struct report_cell[]){cell_text(item), cell_text(name), value});
}

static void case_setup(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Item"}, {.title = "What"}, {.title = "Value", .wraps = true}};
    const json_t *dut = json_object_get(one_case, "dut");
    const json_t *protocols = json_object_get(one_case, "protocols");
    const json_t *first = json_array_get(json_object_get(one_case, "maximum"), 0);
    sink_table(sink, "setup", "Set-up", columns, sizeof(columns) / sizeof(columns[0]));
    setup_row(sink, NULL, "DUT, driver", tree_cell(dut, "driver"));
    setup_row(sink, NULL, "DUT, name", tree_cell(dut, "name"));
    setup_row(sink, NULL, "DUT, version", tree_cell(dut, "version"));
    setup_row(sink, NULL, "parameter varied", cell_of(tree_at(first, "searched", "name", NULL)));
    setup_row(sink, NULL, "variable maximised", tree_cell(first, "variable"));
    setup_row(sink, "1", "MI-PMSIs built by", tree_cell(protocols, "mi_pmsi"));
    setup_row(sink, "1", "S-PMSIs built by", tree_cell(protocols, "s_pmsi"));
    setup_row(sink, "2", "PE-PE signalling", tree_cell(protocols, "pe_pe"));
    sink->ops->table_end(sink);
}

static void case_maximum(const json_t *one_case, struct report_sink *sink)
{
    static const struct report_column columns[] = {
        {.title = "Stimulus"},    {.title = "Where", .wraps = true},
        {.title = "Varied"},      {.title = "Max."},
        {.title = "Value"},       {.title = "Last\npass"},
        {.title = "First\nfail"}, {.title = "Bounded\nby"},
        {.title = "Veri-\nfied"}, {.title = "Instance"},
    };
    const json_t *list = json_object_get(one_case, "maximum");
    size_t i;
    json_t *maximum;
    if (json_array_size(list) == 0) {
        sink->ops->paragraph(sink, "Item 3: the case seeks no maximum, or none was determined.");
        return;
    }
    sink_table(sink, "case-maximum", "Item 3: maximum achieved", columns,
               sizeof(columns) / sizeof(columns[0]));
    json_array_foreach(list, i, maximum)
    {
        const json_t *searched = json_object_get(maximum, "searched");
        char *where = tree_where(maximum);
        sink->ops->row(sink, (struct report_cell[]){
                                 tree_cell(maximum, "stimulus"), cell_text(where),
                                 tree_cell(searched, "name"), tree_cell(searched, "value"),
                                 tree_cell(maximum, "value"), tree_cell(maximum, "last_pass"),
                                 tree_cell(maximum, "first_fail"), tree_cell(maximum, "bounded_by"),
                                 tree_cell(maximum, "verified"), tree_cell(maximum, "instance")});
        free(where);
    }
    sink->ops->table_end(sink);
}

/* Two maxima at one point of the sweep and of one value say the same in items 4-14. */
static bool same_point(const json_t *a, const json_t *b)
{
    return json_equal(json_object_get(a, "where"), json_object_get(b, "where")) &&
           json_equal(json_object_get(a, "searched"), json_object_get(b, "searched"));
}

/* Items 4-14 once for each value that is a maximum. */
static void case_details(const json_t *one_case, struct report_sink *sink)
{
    const json_t *list = json_object_get(one_case, "maximum");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *maximum = json_array_get(list, i);
        size_t earlier = 0;
        while (earlier < i && !same_point(json_array_get(list, earlier), maximum))
            earlier++;
        const json_t *instance = tree_instance(one_case, tree_text(maximum, "instance", NULL));
        if (earlier == i && instance != NULL)
            walk_instance(instance, maximum, sink);
    }
}

void walk_case(const json_t *one_case, const char *dir, struct report_sink *sink)
{
    char *title = mem_printf("Test case %s: %s", tree_text(one_case, "case", "?"),
                             tree_text(one_case, "title", ""));
    sink->ops->section(sink, 1, title);
    free(title);
    const char *omitted = json_string_value(json_object_get(one_case, "omitted"));
    if (omitted != NULL) {
        char *text = mem_printf("Omitted: %s.", omitted);
        sink->ops->paragraph(sink, text);
        free(text);
    } else {
        case_setup(one_case, sink);
        case_maximum(one_case, sink);
        walk_graph_curves(one_case, sink);
        walk_beside_maximum(one_case, sink);
        walk_measured(one_case, sink);
        case_details(one_case, sink);
        walk_recovery(one_case, dir, sink);
    }
    walk_deviations(one_case, sink);
    if (omitted == NULL)
        walk_instances(one_case, sink);
}
