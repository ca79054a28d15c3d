/* Signalling between the PEs of an instance, beside what RFC 6517 predicts for it. */
#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/tree.h"
#include "reports/walk.h"

#include <stdlib.h>

static const struct report_column columns[] = {
    {.title = "Messages, or states", .wraps = true},
    {.title = "At the\nDUT"},
    {.title = "At remote\nPEs"},
    {.title = "All"},
    {.title = "RFC 6517", .decimals = 1},
};

static void rows_of(const json_t *stretch, const char *when, struct report_sink *sink)
{
    static const struct {
        const char *key, *name;
    } rows[] = {{"join", "Joins"},
                {"refresh", "refreshes"},
                {"prune", "Prunes"},
                {"override", "overrides of Prunes"},
                {"prune_echo", "PruneEchos"},
                {"hello", "Hellos (not in the prediction)"}};
    for (size_t i = 0; json_is_object(stretch) && i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *name = mem_printf("%s%s", when, rows[i].name);
        sink->ops->row(sink,
                       (struct report_cell[]){
                           cell_text(name),
                           cell_of(tree_at(stretch, "measured", "dut", rows[i].key, NULL)),
                           cell_of(tree_at(stretch, "measured", "remote_pes", rows[i].key, NULL)),
                           cell_of(tree_at(stretch, "measured", "all", rows[i].key, NULL)),
                           cell_of(tree_at(stretch, "predicted", rows[i].key, NULL))});
        free(name);
    }
}

/* Each reason once, however many of the parts have it. */
static void reasons_of(const json_t *s, struct report_sink *sink)
{
    static const char *const parts[] = {"since_first_join", "window", "states"};
    json_t *said = json_object();
    for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
        size_t i;
        json_t *text;
        json_array_foreach(tree_at(s, parts[p], "reasons", NULL), i, text)
        {
            const char *words = json_string_value(text);
            if (words == NULL || json_object_get(said, words) != NULL)
                continue;
            json_object_set_new(said, words, json_true());
            sink->ops->item(sink, words);
        }
    }
    json_decref(said);
}

void walk_signalling(const json_t *instance, struct report_sink *sink)
{
    const json_t *s = json_object_get(instance, "signalling");
    if (!json_is_object(s))
        return;
    double window = result_number(tree_at(s, "window", "seconds", NULL));
    double life = result_number(tree_at(s, "since_first_join", "seconds", NULL));
    char *pes = tree_scalar(json_object_get(s, "pes"));
    char *caption = mem_printf("Signalling between PEs against RFC 6517 (PIM): messages times the "
                               "PEs that process them, %s PEs an mVPN; trees lived for %.0f s, the "
                               "window has %.0f s",
                               pes, life >= 0 ? life : 0, window >= 0 ? window : 0);
    sink_table(sink, "signalling", caption, columns, sizeof(columns) / sizeof(columns[0]));
    rows_of(json_object_get(s, "since_first_join"), "Life: ", sink);
    rows_of(json_object_get(s, "window"), "Window: ", sink);
    const json_t *states = json_object_get(s, "states");
    sink->ops->row(sink,
                   (struct report_cell[]){cell_text("States"), tree_cell(states, "dut"),
                                          tree_cell(states, "remote_pes"), tree_cell(states, "all"),
                                          tree_cell(states, "predicted")});
    sink->ops->table_end(sink);
    reasons_of(s, sink);
    free(caption);
    free(pes);
}
