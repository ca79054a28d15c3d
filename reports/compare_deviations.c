/*
 * Deviations that not every run has: which of them forbid what, and which only inform. Timing is
 * one of them, read key by key.
 */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "reports/tree.h"

#include <stdlib.h>
#include <string.h>

/* The first rule whose text stands in a deviation decides what it forbids. */
static const struct {
    const char *kind, *text;
    unsigned affects;
} rules[] = {
    {"configuration", "hook: ", ON_NOTHING},   /* how the DUT was asked */
    {"configuration", "manual: ", ON_NOTHING}, /* likewise */
    {"configuration", "the DUT holds more state than the instance needs", ON_NOTHING},
    {"configuration", "on the virtual clock the testbed file's ports", ON_NOTHING},
    /* Variants of the default MDT are places of their own. */
    {"configuration", "SSM default MDTs: the DUT knows the other PEs", ON_NOTHING},
    {"configuration", "utilisation is that of its model", ON_UTILISATION},
    {"configuration", "CPU utilisation is counted", ON_UTILISATION},
    {"configuration", "the P router and PE2 are emulated", ON_TIMES | ON_HELD_OUT},
    {"configuration", "a power cycle is ", ON_TIMES | ON_STIMULUS | ON_HELD_OUT},
    {"configuration", "", ON_ALL},
    {"procedure", "J1 and J2 were counted over", ON_MEASURED},
    {"procedure", "", ON_NOTHING},
};

static unsigned affects_of(const char *kind, const char *text)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcmp(rules[i].kind, kind) == 0 && strstr(text, rules[i].text) != NULL)
            return rules[i].affects;
    }
    return ON_NOTHING;
}

/* ---- timing ---------------------------------------------------------------------------------- */

/* Waits of a run (DESIGN B.5): what a difference touches, and the draft's value, which holds where
 * the result says nothing. */
static const struct {
    const char *key;
    double draft;
    unsigned affects;
} timing[] = {
    {"traffic_limit_s", 600, ON_ALL},
    {"steady_wait_s", 600, ON_ALL},
    {"setup_limit_s", 600, ON_ALL},
    {"pre_stimulus_wait_s", 600, ON_STIMULUS | ON_TIMES},
    {"hold_out_s", 300, ON_HELD_OUT},
    {"recovery_limit_s", 1200, ON_STIMULUS},
    {"post_recovery_wait_s", 600, ON_STIMULUS},
};

static bool is_timing(const char *kind, const char *text)
{
    return strcmp(kind, "procedure") == 0 && strncmp(text, "timing ", 7) == 0;
}

static const char *timing_text(const json_t *one_case)
{
    size_t i;
    json_t *v;
    json_array_foreach(tree_at(one_case, "deviations", "procedure", NULL), i, v)
    {
        const char *text = json_string_value(v);
        if (text != NULL && is_timing("procedure", text))
            return text;
    }
    return NULL;
}

static double timing_value(const char *text, size_t t)
{
    const char *at = text == NULL ? NULL : strstr(text, timing[t].key);
    return at == NULL ? timing[t].draft : strtod(at + strlen(timing[t].key), NULL);
}

static void timings(json_t *grounds, size_t k, const json_t *base, const json_t *other)
{
    const char *a = timing_text(base), *b = timing_text(other);
    for (size_t t = 0; t < sizeof(timing) / sizeof(timing[0]); t++) {
        double x = timing_value(a, t), y = timing_value(b, t);
        if (x < y || x > y)
            compare_ground(grounds, timing[t].affects,
                           "the timing differs: %s is %g in A and %g in %s (draft: %g)",
                           timing[t].key, x, y, compare_letter(k), timing[t].draft);
    }
}

/* ---- the others ------------------------------------------------------------------------------ */

/* Instances are numbered by what was tried: "9.1-0007" becomes "9.1-*" in *out. */
static void without_numbers(const char *text, char *out, size_t cap)
{
    static const char digits[] = "0123456789";
    size_t n = 0;
    while (*text != '\0' && n + 2 < cap) {
        out[n++] = *text;
        bool dash = *text++ == '-' && n >= 2 && strchr(digits, out[n - 2]) != NULL;
        size_t number = dash ? strspn(text, digits) : 0;
        if (number >= 4) {
            out[n++] = '*';
            text += number;
        }
    }
    out[n] = '\0';
}

/* The texts of one kind in a case, as the keys of a new object. */
static json_t *texts_of(const json_t *one_case, const char *kind)
{
    char text[1024];
    size_t i;
    json_t *set = json_object(), *v;
    json_array_foreach(tree_at(one_case, "deviations", kind, NULL), i, v)
    {
        if (!json_is_string(v))
            continue;
        without_numbers(json_string_value(v), text, sizeof(text));
        (void)json_object_set_new(set, text, json_true()); /* not if it was cut in a character */
    }
    return set;
}

static json_t *affected(unsigned affects)
{
    static const struct {
        unsigned mask;
        const char *name;
    } names[] = {{ON_STEADY, "maxima"},
                 {ON_STIMULUS | ON_HELD_OUT, "maxima under stimuli"},
                 {ON_TIMES | ON_HELD_OUT, "recovery times"},
                 {ON_LATENCY, "latency"},
                 {ON_UTILISATION, "utilisation"},
                 {ON_MEASURED, "what the case measures"}};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((affects & names[i].mask) != 0)
            (void)json_array_append_new(list, json_string(names[i].name));
    }
    return list;
}

/* The same deviation of the same runs is listed once, with its cases. */
static void list(struct compare *c, const char *case_id, const char *kind, const char *text,
                 json_t *runs, unsigned affects)
{
    size_t i;
    json_t *o;
    json_array_foreach(c->deviations, i, o)
    {
        if (strcmp(tree_text(o, "kind", ""), kind) == 0 &&
            strcmp(tree_text(o, "text", ""), text) == 0 &&
            json_equal(json_object_get(o, "runs"), runs)) {
            (void)json_array_append_new(json_object_get(o, "cases"), json_string(case_id));
            json_decref(runs);
            return;
        }
    }
    o = json_pack("{s:[s],s:s,s:s,s:o,s:o}", "cases", case_id, "kind", kind, "text", text, "runs",
                  runs, "forbids", affected(affects));
    (void)json_array_append_new(c->deviations, o);
}

static void take(struct compare *c, const char *case_id, const char *kind, const char *text,
                 json_t *const sets[COMPARE_RUNS_MAX], json_t *const *grounds)
{
    bool has[COMPARE_RUNS_MAX], all = true;
    json_t *runs = json_array();
    for (size_t k = 0; k < c->count; k++) {
        has[k] = json_object_get(sets[k], text) != NULL;
        all &= has[k] || sets[k] == NULL;
        if (has[k])
            (void)json_array_append_new(runs, json_string(compare_letter(k)));
    }
    if (all) {
        json_decref(runs);
        return;
    }
    unsigned affects = is_timing(kind, text) ? ON_NOTHING : affects_of(kind, text);
    for (size_t k = 1; k < c->count; k++) {
        if (grounds[k] != NULL && has[k] != has[0] && affects != ON_NOTHING)
            compare_ground(grounds[k], affects, "a deviation of %s alone: %s",
                           compare_letter(has[k] ? k : 0), text);
    }
    list(c, case_id, kind, text, runs, affects);
}

static void kind_of_deviation(struct compare *c, const char *case_id, const char *kind,
                              json_t *const *grounds)
{
    json_t *sets[COMPARE_RUNS_MAX] = {NULL}, *done = json_object();
    for (size_t k = 0; k < c->count; k++) {
        const json_t *one_case = compare_case(c->runs[k].result, case_id);
        sets[k] = one_case == NULL ? NULL : texts_of(one_case, kind);
    }
    for (size_t k = 0; k < c->count; k++) {
        const char *text;
        json_t *v;
        json_object_foreach(sets[k], text, v)
        {
            if (json_object_get(done, text) == NULL)
                take(c, case_id, kind, text, sets, grounds);
            (void)json_object_set(done, text, v);
        }
    }
    for (size_t k = 0; k < c->count; k++)
        json_decref(sets[k]);
    json_decref(done);
}

void compare_deviations(struct compare *c, const char *case_id, json_t *const *grounds)
{
    for (size_t k = 1; k < c->count; k++) {
        if (grounds[k] != NULL)
            timings(grounds[k], k, compare_case(c->runs[0].result, case_id),
                    compare_case(c->runs[k].result, case_id));
    }
    kind_of_deviation(c, case_id, "configuration", grounds);
    kind_of_deviation(c, case_id, "procedure", grounds);
}
