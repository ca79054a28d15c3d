#include "harness/history/plot.h"

#include "mvpnbench/result.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define LABEL_MAX 26
#define BAR_MAX   50
#define TAIL_MAX  (PLOT_COLUMNS - LABEL_MAX - BAR_MAX - 4)

/* Printable ASCII of text, cut to width; ".." says that there was more. */
static void clean(char *out, size_t width, const char *text)
{
    size_t n = 0;
    for (; *text != '\0' && n < width; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c & 0xc0) == 0x80)
            continue; /* the rest of a character */
        out[n++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    if (*text != '\0' && n >= 2)
        out[n - 2] = out[n - 1] = '.';
    out[n] = '\0';
}

static double largest(const json_t *points)
{
    double most = 0;
    size_t i;
    json_t *p;
    json_array_foreach(points, i, p)
    {
        most = fmax(most, result_number(json_object_get(p, "value")));
    }
    return most;
}

static void tail(char *out, const json_t *point, const char *unit, bool fell)
{
    const json_t *v = json_object_get(point, "value");
    const char *reason = json_string_value(json_object_get(point, "reason"));
    char text[512];
    if (json_is_null(v))
        (void)snprintf(text, sizeof(text), "%s: %.400s",
                       json_is_true(json_object_get(point, "failed")) ? "failed" : "no value",
                       reason == NULL ? "not said why" : reason);
    else
        (void)snprintf(text, sizeof(text), "%s%.*f%s%s%s",
                       json_is_true(json_object_get(point, "at_least")) ? ">= " : "",
                       json_is_integer(v) ? 0 : 3, json_number_value(v), unit == NULL ? "" : " ",
                       unit == NULL ? "" : unit,
                       json_is_true(json_object_get(point, "failed")) ? ", failed" : "");
    size_t width = TAIL_MAX - (fell ? strlen(" <- fell") : 0);
    clean(out, width, text);
    if (fell)
        (void)strcat(out, " <- fell");
}

static void row(FILE *f, const json_t *point, const char *unit, double most, bool fell)
{
    const char *version = json_string_value(json_object_get(point, "version"));
    double v = result_number(json_object_get(point, "value"));
    char label[LABEL_MAX + 1], said[TAIL_MAX + 1], bar[BAR_MAX + 1];
    size_t n = isfinite(v) && v > 0 && most > 0 ? (size_t)llround(v / most * BAR_MAX) : 0;
    clean(label, LABEL_MAX, version == NULL ? "" : version);
    tail(said, point, unit, fell);
    memset(bar, '#', n);
    bar[n] = '\0';
    (void)fprintf(f, "%*s |%s %s\n", LABEL_MAX, label, bar, said);
}

void plot_print(FILE *f, const json_t *line)
{
    const json_t *points = json_object_get(line, "points");
    const json_t *to = json_object_get(json_object_get(line, "first_fall"), "to");
    json_int_t fell = json_integer_value(json_object_get(to, "run"));
    double most = largest(points);
    size_t i;
    json_t *p;
    json_array_foreach(points, i, p)
    {
        row(f, p, json_string_value(json_object_get(line, "unit")), most,
            fell != 0 && json_integer_value(json_object_get(p, "run")) == fell);
    }
    (void)fputc('\n', f);
}
