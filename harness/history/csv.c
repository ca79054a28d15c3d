#include "harness/history/document.h"

#include "mvpnbench/result.h"
#include "reports/csv_write.h"

#include <stdlib.h>

static void field(struct csv *c, const json_t *v)
{
    if (json_is_string(v))
        csv_text(c, json_string_value(v));
    else if (json_is_boolean(v))
        csv_number(c, (struct report_cell){.kind = CELL_COUNT, .count = json_is_true(v)});
    else
        csv_number(c, cell_of(v));
}

static void fields(struct csv *c, const json_t *o, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        field(c, json_object_get(o, keys[i]));
}

static void names(struct csv *c, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        csv_name(c, keys[i]);
}

static void pairs(struct csv *c, const json_t *o)
{
    char *text = document_pairs(o);
    csv_text(c, text);
    free(text);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void runs(struct csv *c, const json_t *list)
{
    static const char *const keys[] = {"run",        "dut",      "version", "driver",
                                       "started",    "clock",    "tool",    "directory",
                                       "cases",      "maxima",   "found",   "not_bounded_by_dut",
                                       "recoveries", "recovered"};
    size_t i;
    json_t *run;
    names(c, keys, COUNT(keys));
    csv_end(c);
    json_array_foreach(list, i, run)
    {
        fields(c, run, keys, COUNT(keys));
        csv_end(c);
    }
}

static const char *const line_keys[] = {"dut", "case", "kind", "quantity", "unit", "stimulus"};

static void line_names(struct csv *c)
{
    names(c, line_keys, COUNT(line_keys));
    csv_name(c, "where");
    csv_name(c, "conditions");
}

static void line_fields(struct csv *c, const json_t *line)
{
    fields(c, line, line_keys, COUNT(line_keys));
    pairs(c, json_object_get(line, "where"));
    pairs(c, json_object_get(line, "conditions"));
}

static void points(struct csv *c, const json_t *lines)
{
    static const char *const keys[] = {
        "run",   "version", "started", "tool",     "value",      "at_least",   "least",
        "most",  "repeats", "failed",  "verified", "bounded_by", "resolution", "apparatus_floor_s",
        "reason"};
    size_t i, k;
    json_t *line, *point;
    line_names(c);
    names(c, keys, COUNT(keys));
    csv_end(c);
    json_array_foreach(lines, i, line)
    {
        json_array_foreach(json_object_get(line, "points"), k, point)
        {
            line_fields(c, line);
            fields(c, point, keys, COUNT(keys));
            csv_end(c);
        }
    }
}

static void falls(struct csv *c, const json_t *list)
{
    static const char *const side[] = {"run", "version", "value"}, *const own[] = {"tolerance",
                                                                                   "failed",
                                                                                   "reason"};
    static const char *const heads[] = {"from_run", "from_version", "from_value",
                                        "to_run",   "to_version",   "to_value"};
    size_t i;
    json_t *fall;
    line_names(c);
    names(c, heads, COUNT(heads));
    names(c, own, COUNT(own));
    csv_end(c);
    json_array_foreach(list, i, fall)
    {
        line_fields(c, fall);
        fields(c, json_object_get(fall, "from"), side, COUNT(side));
        fields(c, json_object_get(fall, "to"), side, COUNT(side));
        fields(c, fall, own, COUNT(own));
        csv_end(c);
    }
}

void csv_answer(FILE *f, const json_t *answer)
{
    struct csv c = {.f = f};
    if (json_object_get(answer, "runs") != NULL)
        runs(&c, json_object_get(answer, "runs"));
    else if (json_object_get(answer, "falls") != NULL)
        falls(&c, json_object_get(answer, "falls"));
    else
        points(&c, json_object_get(answer, "lines"));
}
