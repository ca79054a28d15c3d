#include "harness/dut/hook_answer.h"

#include "emul/base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MAX   INT64_C(1000000000000) /* of anything that a router counts */
#define PERCENT_MAX 100000.0               /* of several cores together */
#define MEMORY_MAX  1e18
/* A stamp is rounded on its way through text, or cut to whole seconds. */
#define TF_TOLERANCE_S       0.001
#define TF_WHOLE_TOLERANCE_S 1.0

__attribute__((format(printf, 2, 3))) static bool bad(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, HOOK_WHY_MAX, format, args);
    va_end(args);
    for (char *p = why; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    return false;
}

static json_t *parse(const char *text, size_t len, json_type type, char *why)
{
    json_error_t e;
    json_t *json = len == 0 ? NULL : json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    if (len == 0) {
        (void)bad(why, "printed nothing; the least is %s", type == JSON_ARRAY ? "[]" : "{}");
    } else if (json == NULL) {
        (void)bad(why, "printed what is no JSON: %.120s (line %d, column %d)", e.text, e.line,
                  e.column);
    } else if (json_typeof(json) != type) {
        (void)bad(why, "printed JSON that is no %s",
                  type == JSON_ARRAY ? "list [...]" : "object {...}");
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* A count in *out: a whole number of at least 0, or null. */
static bool read_count(const char *key, const json_t *value, int64_t *out, char *why)
{
    if (json_is_null(value)) {
        *out = METRIC_UNKNOWN;
        return true;
    }
    if (!json_is_integer(value))
        return bad(why, "\"%.60s\" is not a whole number", key);
    *out = json_integer_value(value);
    if (*out < 0 || *out > COUNT_MAX)
        return bad(why, "\"%.60s\" is %lld, which cannot be", key, (long long)*out);
    return true;
}

static bool read_real(const char *key, const json_t *value, double max, double *out, char *why)
{
    if (json_is_null(value)) {
        *out = -1;
        return true;
    }
    if (!json_is_number(value))
        return bad(why, "\"%.60s\" is not a number", key);
    *out = json_number_value(value);
    if (!(*out >= 0 && *out <= max))
        return bad(why, "\"%.60s\" is %g, which cannot be", key, *out);
    return true;
}

static bool read_text(const char *key, const json_t *value, char *out, size_t cap, char *why)
{
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == '\0' || strlen(text) >= cap ||
        strlen(text) != json_string_length(value))
        return bad(why, "\"%.60s\" is not a text of 1 to %zu bytes", key, cap - 1);
    memcpy(out, text, strlen(text) + 1);
    return true;
}

bool hook_answer_empty(const char *text, size_t len, char why[HOOK_WHY_MAX])
{
    json_t *json = parse(text, len, JSON_OBJECT, why);
    if (json == NULL)
        return false;
    void *first = json_object_iter(json);
    bool good =
        first == NULL || bad(why, "printed the unknown key \"%.60s\"; {} says that it is done",
                             json_object_iter_key(first));
    json_decref(json);
    return good;
}

bool hook_answer_health(const char *text, size_t len, bool *well, char why[HOOK_WHY_MAX])
{
    json_t *json = parse(text, len, JSON_OBJECT, why), *value;
    const char *key;
    if (json == NULL)
        return false;
    const json_t *ok = json_object_get(json, "ok");
    const char *reason = json_string_value(json_object_get(json, "reason"));
    bool good = true;
    json_object_foreach(json, key, value)
    {
        bool known = strcmp(key, "ok") == 0 || strcmp(key, "reason") == 0;
        if (good && !known)
            good = bad(why, "printed the unknown key \"%.60s\"", key);
        if (good && strcmp(key, "reason") == 0 && !json_is_string(value))
            good = bad(why, "\"reason\" is not a text");
    }
    if (good && !json_is_boolean(ok))
        good = bad(why, "did not print \"ok\": true or false");
    if (good) {
        *well = json_is_true(ok);
        (void)bad(why, "says that the DUT is not well%s%.120s", reason == NULL ? "" : ": ",
                  reason == NULL ? "" : reason);
    }
    json_decref(json);
    return good;
}

static bool read_neighbours(const json_t *json, struct neighbour_count *out, char *why)
{
    const char *key;
    json_t *value;
    *out = (struct neighbour_count){METRIC_UNKNOWN, METRIC_UNKNOWN};
    if (json_is_null(json))
        return true;
    if (!json_is_object(json))
        return bad(why, "\"neighbours\" is no object {...}");
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        bool c = strcmp(key, "c_interface") == 0;
        if (!c && strcmp(key, "mi_pmsi") != 0)
            return bad(why, "printed the unknown key \"%.60s\" of neighbours", key);
        if (!read_count(key, value, c ? &out->c_interface : &out->mi_pmsi, why))
            return false;
    }
    return true;
}

bool hook_answer_neighbours(const char *text, size_t len, struct neighbour_count *out,
                            char why[HOOK_WHY_MAX])
{
    struct neighbour_count seen;
    json_t *json = parse(text, len, JSON_OBJECT, why);
    bool good = json != NULL && read_neighbours(json, &seen, why);
    if (good)
        *out = seen;
    json_decref(json);
    return good;
}

/* Where a key of the metric's answer goes, or NULL. */
static int64_t *metric_place(const char *key, struct mvpn_metric *m, struct p_metric *p,
                             int64_t *spmsi_cached)
{
    for (int i = 0; i < METRIC_VARS; i++) {
        if (strcmp(key, metric_name((enum metric_var)i)) == 0)
            return &m->v[i];
    }
    for (int i = 0; i < P_METRIC_VARS; i++) {
        if (strcmp(key, p_metric_name((enum p_metric_var)i)) == 0)
            return &p->v[i];
    }
    return strcmp(key, "spmsi_cached") == 0 ? spmsi_cached : NULL;
}

bool hook_answer_metric(const char *text, size_t len, struct dut_view *view, char why[HOOK_WHY_MAX])
{
    struct mvpn_metric metric;
    struct p_metric p;
    struct neighbour_count neighbours = {METRIC_UNKNOWN, METRIC_UNKNOWN};
    int64_t cached = METRIC_UNKNOWN;
    const char *key;
    json_t *value, *json = parse(text, len, JSON_OBJECT, why);
    bool good = json != NULL;
    metric_clear(&metric);
    p_metric_clear(&p);
    json_object_foreach(json, key, value)
    {
        int64_t *place = metric_place(key, &metric, &p, &cached);
        if (!good)
            break;
        if (strcmp(key, "neighbours") == 0)
            good = read_neighbours(value, &neighbours, why);
        else if (place == NULL)
            good = bad(why, "printed the unknown key \"%.60s\"", key);
        else
            good = read_count(key, value, place, why);
    }
    if (good) {
        view->metric = metric;
        view->p = p;
        view->neighbours = neighbours;
        view->spmsi_cached = cached;
    }
    json_decref(json);
    return good;
}

static bool read_component(const json_t *json, struct utilisation *out, char *why)
{
    const char *key;
    json_t *value;
    *out = (struct utilisation){"", -1, -1, -1, -1, "the profile's command utilisation"};
    if (!json_is_object(json))
        return bad(why, "the list holds what is no object {...}");
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        bool good;
        if (strcmp(key, "component") == 0)
            good = read_text(key, value, out->component, sizeof(out->component), why);
        else if (strcmp(key, "how") == 0)
            good = read_text(key, value, out->how, sizeof(out->how), why);
        else if (strcmp(key, "cpu_percent") == 0)
            good = read_real(key, value, PERCENT_MAX, &out->cpu_percent, why);
        else if (strcmp(key, "cpu_peak_1s") == 0)
            good = read_real(key, value, PERCENT_MAX, &out->cpu_peak_1s, why);
        else if (strcmp(key, "memory_bytes") == 0)
            good = read_real(key, value, MEMORY_MAX, &out->memory_bytes, why);
        else if (strcmp(key, "memory_percent") == 0)
            good = read_real(key, value, 100, &out->memory_percent, why);
        else
            good = bad(why, "printed the unknown key \"%.60s\"", key);
        if (!good)
            return false;
    }
    return out->component[0] != '\0' || bad(why, "a row has no \"component\"");
}

bool hook_answer_utilisation(const char *text, size_t len, struct dut_view *view,
                             char why[HOOK_WHY_MAX])
{
    json_t *json = parse(text, len, JSON_ARRAY, why);
    size_t count = json_array_size(json);
    bool good = json != NULL;
    if (count > DUT_UTILISATION_MAX) {
        good = bad(why, "printed %zu components; at most %d count", count, DUT_UTILISATION_MAX);
        count = 0;
    }
    struct utilisation *rows = mem_zalloc(count, sizeof(*rows));
    for (size_t i = 0; good && i < count; i++)
        good = read_component(json_array_get(json, i), &rows[i], why);
    if (good) {
        memcpy(view->utilisation, rows, count * sizeof(*rows));
        view->utilisation_count = count;
    }
    free(rows);
    json_decref(json);
    return good;
}

static bool read_tf(const json_t *tf, int64_t begin_wall_ns, int64_t end_wall_ns, int64_t *out,
                    char *why)
{
    if (!json_is_number(tf))
        return bad(why, "\"Tf\" is not a number of seconds since the epoch");
    double seconds = json_number_value(tf);
    double begin_s = (double)begin_wall_ns / 1e9, end_s = (double)end_wall_ns / 1e9;
    double early_s = json_is_integer(tf) ? TF_WHOLE_TOLERANCE_S : TF_TOLERANCE_S;
    if (!(seconds >= begin_s - early_s))
        return bad(why, "\"Tf\" is %.3f s before the command was called", begin_s - seconds);
    if (!(seconds <= end_s + TF_TOLERANCE_S))
        return bad(why, "\"Tf\" is %.3f s after the command's end", seconds - end_s);
    int64_t ns = (int64_t)(seconds * 1e9);
    *out = ns < begin_wall_ns ? begin_wall_ns : ns > end_wall_ns ? end_wall_ns : ns;
    return true;
}

bool hook_answer_stimulus(const char *text, size_t len, int64_t begin_wall_ns, int64_t end_wall_ns,
                          int64_t *tf_wall_ns, char why[HOOK_WHY_MAX])
{
    json_t *json = parse(text, len, JSON_OBJECT, why), *value;
    const char *key;
    int64_t tf = 0;
    bool good = json != NULL;
    json_object_foreach(json, key, value)
    {
        if (good && strcmp(key, "Tf") == 0)
            good = read_tf(value, begin_wall_ns, end_wall_ns, &tf, why);
        else if (good)
            good = bad(why, "printed the unknown key \"%.60s\"", key);
    }
    if (good)
        *tf_wall_ns = tf;
    json_decref(json);
    return good;
}
