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

static void print_pair(FILE *f, const json_t *p, const char *what)
{
    size_t i;
    json_t *b;
    text(f, what, 10);
    text(f, json_string_value(json_object_get(p, "from")), 20);
    text(f, json_string_value(json_object_get(p, "to")), 20);
    number(f, json_object_get(p, "sent"), 10, 0);
    number(f, json_object_get(p, "received"), 10, 0);
    number(f, json_object_get(p, "lost"), 8, 0);
    number(f, json_object_get(p, "discarded_blocks"), 9, 0);
    (void)fputc('\n', f);
    json_array_foreach(json_object_get(p, "blocks"), i, b)
    {
        const json_t *lost = json_object_get(b, "lost");
        const char *why = json_string_value(json_object_get(b, "discarded"));
        if (why == NULL && json_integer_value(lost) == 0)
            continue;
        (void)fprintf(f, "          block %" JSON_INTEGER_FORMAT ": ",
                      json_integer_value(json_object_get(b, "n")));
        if (why == NULL)
            (void)fprintf(f, "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " lost\n",
                          json_integer_value(lost), json_integer_value(json_object_get(b, "sent")));
        else
            (void)fprintf(f, "discarded: %s\n", why);
    }
}

/* Segments with their losses; of blocks only those that lost packets or were discarded. */
static void print_flows(FILE *f, const json_t *flows)
{
    size_t i, k;
    json_t *flow, *p;
    json_array_foreach(flows, i, flow)
    {
        (void)fputs("flow ", f);
        text(f, json_string_value(json_object_get(flow, "name")), 60);
        (void)fprintf(f, "\n%-10s%-20s%-20s %10s %10s %8s %9s\n", "", "from", "to", "sent",
                      "received", "lost", "discarded");
        json_array_foreach(json_object_get(flow, "segments"), k, p) print_pair(f, p, "segment");
        const json_t *end = json_object_get(flow, "end_to_end");
        const json_t *paths = json_object_get(end, "paths");
        json_array_foreach(paths, k, p) print_pair(f, p, "path");
        if (paths == NULL)
            print_pair(f, end, "in all");
    }
}

void monitor_print(FILE *f, const json_t *result)
{
    const json_t *flows = json_object_get(result, "flows");
    if (flows != NULL)
        print_flows(f, flows);
    const json_t *links = json_object_get(result, "links");
    if (links != NULL)
        print_links(f, links);
    print_rest(f, result);
}
