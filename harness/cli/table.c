#include "harness/cli/table.h"

#include <stdint.h>
#include <string.h>

#define COLUMNS_MAX 24

static const char *text_of(const json_t *v, char *buf, size_t cap)
{
    switch (json_typeof(v)) {
    case JSON_STRING:
        return json_string_value(v);
    case JSON_INTEGER:
        (void)snprintf(buf, cap, "%lld", (long long)json_integer_value(v));
        return buf;
    case JSON_REAL:
        (void)snprintf(buf, cap, "%.6g", json_real_value(v));
        return buf;
    case JSON_TRUE:
        return "yes";
    case JSON_FALSE:
        return "no";
    default:
        return "-";
    }
}

/* The keys of the first row are the columns; widths are those of the longest text. */
static size_t measure(const json_t *rows, const char *keys[COLUMNS_MAX], int widths[COLUMNS_MAX])
{
    size_t count = 0, i;
    const char *key;
    json_t *value, *row, *first = json_array_get(rows, 0);
    char buf[64];
    json_object_foreach(first, key, value)
    {
        if (count < COLUMNS_MAX) {
            widths[count] = (int)strlen(key);
            keys[count++] = key;
        }
    }
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < count; c++) {
            const json_t *v = json_object_get(row, keys[c]);
            int len = v == NULL ? 1 : (int)strlen(text_of(v, buf, sizeof(buf)));
            widths[c] = len > widths[c] ? len : widths[c];
        }
    }
    return count;
}

static void put(FILE *f, const char *text, int width, int right, int last)
{
    if (right)
        (void)fprintf(f, "%*s%s", width, text, last ? "\n" : "  ");
    else if (last)
        (void)fprintf(f, "%s\n", text);
    else
        (void)fprintf(f, "%-*s  ", width, text);
}

void table_rows(FILE *f, const json_t *rows)
{
    const char *keys[COLUMNS_MAX];
    int widths[COLUMNS_MAX];
    char buf[64];
    size_t count = measure(rows, keys, widths), i;
    const json_t *row, *first = json_array_get(rows, 0);
    for (size_t c = 0; c < count; c++)
        put(f, keys[c], widths[c], json_is_number(json_object_get(first, keys[c])), c + 1 == count);
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < count; c++) {
            const json_t *v = json_object_get(row, keys[c]);
            put(f, v == NULL ? "-" : text_of(v, buf, sizeof(buf)), widths[c], json_is_number(v),
                c + 1 == count);
        }
    }
}

static void scalars(FILE *f, const json_t *object, int indent)
{
    const char *key;
    json_t *v;
    char buf[64];
    json_object_foreach((json_t *)(uintptr_t)object, key, v)
    {
        if (json_is_array(v))
            continue;
        if (json_is_object(v)) {
            (void)fprintf(f, "%*s%s:\n", indent, "", key);
            scalars(f, v, indent + 2);
        } else {
            (void)fprintf(f, "%*s%s: %s\n", indent, "", key, text_of(v, buf, sizeof(buf)));
        }
    }
}

void table_print(FILE *f, const json_t *answer)
{
    const char *key;
    json_t *v;
    scalars(f, answer, 0);
    json_object_foreach((json_t *)(uintptr_t)answer, key, v)
    {
        if (json_is_array(v) && json_array_size(v) > 0)
            table_rows(f, v);
    }
}
