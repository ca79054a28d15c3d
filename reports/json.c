/*
 * result.json: the tree as it stands, byte for byte the same for equal trees. Our own serialiser
 * because a time has to be printed as a number with exactly nine decimals, which no double carries
 * over the length of a campaign.
 */
#include "mvpnbench/result.h"
#include "reports/number.h"
#include "reports/reports.h"

#include <stdlib.h>
#include <string.h>

/* An object or array without containers in it stands on one line up to this column. */
#define FLAT_COLUMNS 100
#define INDENT       2u

static void put_value(FILE *f, const json_t *v, unsigned depth, size_t column);

static void put_string(FILE *f, const char *s, size_t n)
{
    (void)fputc('"', f);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            (void)fprintf(f, "\\%c", c);
        else if (c == '\n')
            (void)fputs("\\n", f);
        else if (c == '\t')
            (void)fputs("\\t", f);
        else if (c < 0x20 || c == 0x7f)
            (void)fprintf(f, "\\u%04x", c);
        else
            (void)fputc(c, f);
    }
    (void)fputc('"', f);
}

static void put_time(FILE *f, int64_t ns)
{
    char text[NUMBER_TEXT];
    number_time(text, ns, 9);
    (void)fputs(text, f);
}

static void put_real(FILE *f, double v)
{
    char text[NUMBER_TEXT];
    number_real(text, v);
    (void)fputs(text, f);
}

static void put_scalar(FILE *f, const json_t *v)
{
    int64_t ns;
    if (result_is_time(v, &ns))
        put_time(f, ns);
    else if (json_is_string(v))
        put_string(f, json_string_value(v), json_string_length(v));
    else if (json_is_integer(v))
        (void)fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_real(v))
        put_real(f, json_real_value(v));
    else if (json_is_boolean(v))
        (void)fputs(json_is_true(v) ? "true" : "false", f);
    else
        (void)fputs("null", f);
}

static bool is_scalar(const json_t *v)
{
    return result_is_time(v, NULL) || !(json_is_object(v) || json_is_array(v));
}

static bool is_flat(json_t *v)
{
    const char *key;
    json_t *item;
    size_t i;
    if (json_is_object(v)) {
        json_object_foreach(v, key, item)
        {
            if (!is_scalar(item))
                return false;
        }
        return true;
    }
    json_array_foreach(v, i, item)
    {
        if (!is_scalar(item))
            return false;
    }
    return true;
}

/* flat_text returns a container without containers as one line; the caller frees. */
static char *flat_text(json_t *v, size_t *len)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, len);
    if (f == NULL)
        fatal("out of memory (result)");
    const char *key, *between = "";
    json_t *item;
    size_t i;
    (void)fputc(json_is_object(v) ? '{' : '[', f);
    if (json_is_object(v)) {
        json_object_foreach(v, key, item)
        {
            (void)fputs(between, f);
            put_string(f, key, strlen(key));
            (void)fputs(": ", f);
            put_scalar(f, item);
            between = ", ";
        }
    } else {
        json_array_foreach(v, i, item)
        {
            (void)fputs(between, f);
            put_scalar(f, item);
            between = ", ";
        }
    }
    (void)fputc(json_is_object(v) ? '}' : ']', f);
    if (fclose(f) != 0)
        fatal("out of memory (result)");
    return text;
}

static void put_break(FILE *f, unsigned depth)
{
    (void)fprintf(f, "\n%*s", (int)(depth * INDENT), "");
}

static void put_members(FILE *f, json_t *v, unsigned depth)
{
    const char *key, *between = "";
    json_t *item;
    size_t i;
    if (json_is_object(v)) {
        json_object_foreach(v, key, item)
        {
            (void)fputs(between, f);
            put_break(f, depth);
            put_string(f, key, strlen(key));
            (void)fputs(": ", f);
            put_value(f, item, depth, (size_t)depth * INDENT + strlen(key) + 4);
            between = ",";
        }
        return;
    }
    json_array_foreach(v, i, item)
    {
        (void)fputs(between, f);
        put_break(f, depth);
        put_value(f, item, depth, (size_t)depth * INDENT);
        between = ",";
    }
}

static void put_value(FILE *f, const json_t *v, unsigned depth, size_t column)
{
    if (is_scalar(v)) {
        put_scalar(f, v);
        return;
    }
    json_t *tree = (json_t *)(uintptr_t)v; /* jansson iterates over non-const trees only */
    if (is_flat(tree)) {
        size_t len;
        char *text = flat_text(tree, &len);
        bool fits = column + len < FLAT_COLUMNS;
        if (fits)
            (void)fputs(text, f);
        free(text);
        if (fits)
            return;
    }
    (void)fputc(json_is_object(v) ? '{' : '[', f);
    put_members(f, tree, depth + 1);
    put_break(f, depth);
    (void)fputc(json_is_object(v) ? '}' : ']', f);
}

void report_json_value(FILE *f, const json_t *v)
{
    put_value(f, v, 0, 0);
    (void)fputc('\n', f);
}

int report_json(FILE *f, const struct report_input *in, struct err *err)
{
    (void)err;
    report_json_value(f, in->result);
    return 0;
}
