#include "reports/sink.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <ctype.h>
#include <string.h>

void sink_table(struct report_sink *sink, const char *id, const char *caption,
                const struct report_column *columns, size_t count)
{
    const struct report_table table = {id, caption, columns, count};
    sink->ops->table(sink, &table);
}

char *column_title(const struct report_column *column)
{
    char *title = mem_strdup(column->title), *to = title;
    for (const char *p = title; *p != '\0'; p++) {
        if (*p != '\n') {
            *to++ = *p;
            continue;
        }
        char before = to > title ? to[-1] : '\0';
        if (before == '-' && islower((unsigned char)p[1]))
            to--; /* a hyphen that stood for the break alone */
        else if (before != '-' && before != '_' && p[1] != '_')
            *to++ = ' ';
    }
    *to = '\0';
    return title;
}

struct report_cell cell_text(const char *text)
{
    if (text == NULL || *text == '\0')
        return (struct report_cell){.kind = CELL_NULL};
    return (struct report_cell){.kind = CELL_TEXT, .text = text};
}

struct report_cell cell_of(const json_t *v)
{
    int64_t ns;
    if (result_is_time(v, &ns))
        return (struct report_cell){.kind = CELL_TIME, .ns = ns};
    if (json_is_integer(v))
        return (struct report_cell){.kind = CELL_COUNT, .count = json_integer_value(v)};
    if (json_is_real(v))
        return (struct report_cell){.kind = CELL_REAL, .real = json_real_value(v)};
    if (json_is_boolean(v))
        return cell_text(json_is_true(v) ? "yes" : "no");
    return cell_text(json_string_value(v));
}
