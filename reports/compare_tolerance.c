/* How far apart two values may lie before one of them is better: --tolerance, and its reasons. */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "reports/tree.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct compare_tolerance_spec {
    char *name; /* NULL: of everything */
    char *text; /* as it was given */
    double v;
    bool percent;
};

const char *const compare_quantity_names[] = {
    "maximum",          "times",   "Tre-Tf", "Trd-Tf", "Trall-Tf",
    "neighbours",       "latency", "cpu",    "memory", "spmsi_switch_delay",
    "join_convergence", "missing", "lost",   "JR1",    "JR2",
    "JR2/JR1",          "delta",
};
const size_t compare_quantity_name_count =
    sizeof(compare_quantity_names) / sizeof(compare_quantity_names[0]);

static bool number(const char *text, double *v, bool *percent)
{
    char *end;
    *v = strtod(text, &end);
    *percent = *end == '%';
    if (end == text || !isfinite(*v) || *v < 0)
        return false;
    return end[*percent ? 1 : 0] == '\0';
}

/* spec_of returns the record of that name, a new one if there is none. */
static struct compare_tolerance_spec *spec_of(struct compare_tolerances *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++) {
        const char *other = t->specs[i].name;
        if (name == NULL ? other == NULL : other != NULL && strcmp(other, name) == 0)
            return &t->specs[i];
    }
    t->specs = array_grow(t->specs, t->count, &t->cap, sizeof(*t->specs));
    t->specs[t->count] =
        (struct compare_tolerance_spec){.name = name == NULL ? NULL : mem_strdup(name)};
    return &t->specs[t->count++];
}

int compare_tolerance_add(struct compare_tolerances *t, const char *spec, struct err *err)
{
    const char *equals = strrchr(spec, '=');
    char *name = equals == NULL ? NULL : mem_printf("%.*s", (int)(equals - spec), spec);
    double v;
    bool percent, ok = number(equals == NULL ? spec : equals + 1, &v, &percent);
    if (!ok || (name != NULL && *name == '\0')) {
        err_set(err, ERR_USE,
                "--tolerance %.80s: not of the form 5%%, NAME=5%% or NAME=0.5 (a number that is "
                "not negative)",
                spec);
        ok = false;
    } else if (name == NULL && !percent) {
        err_set(err, ERR_USE,
                "--tolerance %.80s: an absolute tolerance needs the name of its quantity; write "
                "NAME=%.80s, or %.80s%% for all of them",
                spec, spec, spec);
        ok = false;
    }
    if (ok) {
        struct compare_tolerance_spec *s = spec_of(t, name);
        free(s->text);
        s->text = mem_strdup(spec);
        s->v = v;
        s->percent = percent;
    }
    free(name);
    return ok ? 0 : -1;
}

void compare_tolerances_fini(struct compare_tolerances *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->specs[i].name);
        free(t->specs[i].text);
    }
    free(t->specs);
    *t = (struct compare_tolerances){0};
}

void tolerance_raise(struct compare_tolerance *t, double v, const char *format, ...)
{
    va_list args;
    if (!(v > t->v))
        return;
    t->v = v;
    va_start(args, format);
    (void)vsnprintf(t->why, sizeof(t->why), format, args);
    va_end(args);
}

static const struct compare_tolerance_spec *asked_of(const struct compare_tolerances *t,
                                                     const char *name)
{
    for (size_t i = 0; t != NULL && i < t->count; i++) {
        const char *other = t->specs[i].name;
        if (name == NULL ? other == NULL : other != NULL && strcmp(other, name) == 0)
            return &t->specs[i];
    }
    return NULL;
}

void tolerance_asked(struct compare_tolerance *t, const struct compare_tolerances *asked,
                     const char *name, const char *family, double v)
{
    const struct compare_tolerance_spec *s = asked_of(asked, name);
    if (s == NULL)
        s = asked_of(asked, family);
    if (s == NULL)
        s = asked_of(asked, NULL);
    if (s == NULL || isnan(v))
        return;
    tolerance_raise(t, s->percent ? s->v / 100 * fabs(v) : s->v, "--tolerance %.100s", s->text);
}

static bool is_variable(const struct compare *c, const char *name)
{
    for (size_t k = 0; k < c->count; k++) {
        size_t i, j;
        json_t *one_case, *entry;
        json_array_foreach(json_object_get(c->runs[k].result, "cases"), i, one_case)
        {
            json_array_foreach(json_object_get(one_case, "maximum"), j, entry)
            {
                if (strcmp(tree_text(entry, "variable", ""), name) == 0)
                    return true;
            }
        }
    }
    return false;
}

const char *tolerance_unknown(const struct compare *c)
{
    for (size_t i = 0; c->tolerances != NULL && i < c->tolerances->count; i++) {
        const char *name = c->tolerances->specs[i].name;
        size_t n = 0;
        while (name != NULL && n < compare_quantity_name_count &&
               strcmp(compare_quantity_names[n], name) != 0)
            n++;
        if (name != NULL && n == compare_quantity_name_count && !is_variable(c, name))
            return name;
    }
    return NULL;
}
