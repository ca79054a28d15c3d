/* Results of the operator's side as tables for people: links, and single figures below them. */
#include "mvpnbench/monitor.h"

#include <string.h>

static void number(FILE *f, const json_t *v, int width, int digits)
{
    if (json_is_integer(v))
        (void)fprintf(f, " %*" JSON_INTEGER_FORMAT, width, json_integer_value(v));
    else if (json_is_real(v))
        (void)fprintf(f, " %*.*f", width, digits, json_real_value(v));
    else
        (void)fprintf(f, " %*s", width, "-");
}

/* Names come from users' files: one line, no control characters. */
static void text(FILE *f, const char *s, int width)
{
    int n = 0;
    for (; s != NULL && s[n] != '\0' && n < width; n++)
        (void)fputc((unsigned char)s[n] < 0x20 || s[n] == 0x7f ? '?' : s[n], f);
    (void)fprintf(f, "%*s", width - n, "");
}

static void print_links(FILE *f, const json_t *links)
{
    size_t i;
    json_t *l;
    (void)fprintf(f, "%-24s %12s %12s %12s\n", "link", "loss %", "95% from", "to");
    json_array_foreach(links, i, l)
    {
        const json_t *ci = json_object_get(l, "ci95");
        text(f, json_string_value(json_object_get(l, "name")), 24);
        if (!json_is_true(json_object_get(l, "identifiable"))) {
            (void)fputs("   not identifiable\n", f);
            continue;
        }
        double loss = json_number_value(json_object_get(l, "loss"));
        (void)fprintf(f, " %12.5f %12.5f %12.5f\n", 100 * loss,
                      100 * json_number_value(json_array_get(ci, 0)),
                      100 * json_number_value(json_array_get(ci, 1)));
    }
}

static void print_rest(FILE *f, const json_t *result)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)result, key, v)
    {
        if (json_is_number(v)) {
            (void)fprintf(f, "%s:", key);
            number(f, v, 1, 6);
            (void)fputc('\n', f);
        } else if (json_is_string(v)) {
            (void)fprintf(f, "%s: ", key);
            text(f, json_string_value(v), (int)json_string_length(v));
            (void)fputc('\n', f);
        } else if (json_is_array(v) && json_is_number(json_array_get(v, 0))) {
            size_t i;
            json_t *item;
            (void)fprintf(f, "%s:", key);
            json_array_foreach(v, i, item) number(f, item, 1, 6);
            (void)fputc('\n', f);
        }
    }
}

void monitor_print(FILE *f, const json_t *result)
{
    const json_t *links = json_object_get(result, "links");
    if (links != NULL)
        print_links(f, links);
    print_rest(f, result);
}
