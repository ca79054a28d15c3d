#include "harness/history/conditions.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The symbols of `where` and `searched` (PROTOCOLS 13) and the parameters they stand for; other
 * keys of `where` are the parameters' own names. */
static const struct {
    const char *symbol, *parameter;
} symbols[] = {{"N", "mvpns"},  {"c", "c_interfaces"},          {"R", "remote_pes"},
               {"g", "groups"}, {"d", "receiver_c_interfaces"}, {"I", "reuse"}};

static const char *parameter_of(const char *key)
{
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        if (strcmp(symbols[i].symbol, key) == 0)
            return symbols[i].parameter;
    }
    return key;
}

/* What follows from other parameters and so says nothing of its own. */
static bool follows(const char *parameter)
{
    static const char *const names[] = {"ingress_groups", "egress_groups", "spmsi_mvpns",
                                        "spmsi_src_total", "spmsi_rx_total"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], parameter) == 0)
            return true;
    }
    return false;
}

/* What changes with the parameter that is searched: it, and what the instance derives from it. */
static bool varies(const char *searched, const char *parameter)
{
    static const struct {
        const char *searched, *parameter;
    } derived[] = {{"c", "receiver_c_interfaces"}, {"R", "receiver_pes"},
                   {"U*Dvpn", "spmsi_src"},        {"U*Dvpn", "spmsi_rx"},
                   {"U*Dvpn", "spmsi_src_flows"},  {"U*Dvpn", "spmsi_rx_flows"},
                   {"I", "spmsi_src_flows"},       {"I", "spmsi_rx_flows"}};
    if (strcmp(parameter_of(searched), parameter) == 0)
        return true;
    for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {
        if (strcmp(derived[i].searched, searched) == 0 &&
            strcmp(derived[i].parameter, parameter) == 0)
            return true;
    }
    return false;
}

/* Numbers are equal when they are the same number, however they were written. */
static json_t *plain(const json_t *v)
{
    double number = result_number(v);
    if (isfinite(number)) {
        bool whole = number == floor(number) && fabs(number) < 9e15;
        return whole ? json_integer((json_int_t)number) : json_real(number);
    }
    return json_is_string(v) || json_is_boolean(v) ? json_deep_copy(v) : json_null();
}

char *condition_text(const json_t *flat)
{
    json_t *copy = json_object();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)flat, key, value)
    {
        json_object_set_new(copy, key, plain(value));
    }
    char *text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    json_decref(copy);
    return text == NULL ? mem_strdup("{}") : text;
}

char *condition_timing(const json_t *one_case)
{
    const json_t *d = json_object_get(json_object_get(one_case, "deviations"), "procedure");
    size_t i;
    json_t *item;
    json_array_foreach(d, i, item)
    {
        const char *text = json_string_value(item);
        if (text == NULL || strncmp(text, "timing ", 7) != 0)
            continue;
        const char *end = strstr(text, " (draft:");
        return mem_printf("%.*s", end == NULL ? (int)strlen(text + 7) : (int)(end - text - 7),
                          text + 7);
    }
    return mem_strdup("draft");
}

const json_t *condition_load(const json_t *one_case)
{
    const json_t *load = json_object_get(json_object_get(one_case, "idle_throughput"), "load");
    return json_is_number(load) ? load : NULL;
}

char *condition_marks(const json_t *marks)
{
    char *all = mem_strdup("");
    size_t i;
    json_t *mark;
    json_array_foreach(marks, i, mark)
    {
        const char *text = json_string_value(mark);
        char *more = mem_printf("%s%s%s", all, all[0] == '\0' ? "" : " ", text == NULL ? "" : text);
        free(all);
        all = more;
    }
    return all;
}

bool condition_matches(const json_t *where, const json_t *parameters)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)where, key, value)
    {
        const json_t *is = json_object_get(parameters, parameter_of(key));
        double a = result_number(value), b = result_number(is);
        bool equal = isfinite(a) ? a == b : json_equal(value, is);
        if (!equal)
            return false;
    }
    return true;
}

/* What a case and its run say for all its instances. */
static json_t *common(const json_t *result, const json_t *one_case)
{
    const json_t *dut = json_object_get(one_case, "dut");
    const json_t *protocols = json_object_get(one_case, "protocols");
    char *timing = condition_timing(one_case);
    json_t *o = json_object();
    json_object_set(o, "clock", json_object_get(result, "clock"));
    json_object_set(o, "driver", json_object_get(dut, "driver"));
    json_object_set_new(o, "timing", json_string(timing));
    json_object_set(o, "s_pmsi", json_object_get(protocols, "s_pmsi"));
    json_object_set(o, "pe_pe", json_object_get(protocols, "pe_pe"));
    free(timing);
    return o;
}

static bool named_by(const json_t *where, const char *parameter)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)where, key, value)
    {
        if (strcmp(parameter_of(key), parameter) == 0)
            return true;
    }
    return false;
}

/* With a share of the idle throughput the rate is the DUT's own answer, and the share the
 * condition. searched NULL: nothing varied. */
static json_t *collect(const json_t *result, const json_t *one_case, const json_t *where,
                       const json_t *parameters, const char *searched)
{
    json_t *o = common(result, one_case);
    const json_t *load = condition_load(one_case);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)parameters, key, value)
    {
        bool loaded = load != NULL && strcmp(key, "rate_pps") == 0;
        bool given = searched == NULL || (!varies(searched, key) && !follows(key));
        if (!loaded && given && !named_by(where, key))
            json_object_set(o, key, value);
    }
    if (load != NULL)
        json_object_set(o, "load", (json_t *)(uintptr_t)load);
    return o;
}

json_t *condition_of_maximum(const json_t *result, const json_t *one_case, const json_t *maximum,
                             const json_t *parameters)
{
    const char *name =
        json_string_value(json_object_get(json_object_get(maximum, "searched"), "name"));
    return collect(result, one_case, json_object_get(maximum, "where"), parameters,
                   name == NULL ? "" : name);
}

json_t *condition_of_instance(const json_t *result, const json_t *one_case, const json_t *where,
                              const json_t *parameters, const json_t *marks)
{
    json_t *o = collect(result, one_case, where, parameters, NULL);
    if (json_array_size(marks) > 0) {
        char *text = condition_marks(marks);
        json_object_set_new(o, "marks", json_string(text));
        free(text);
    }
    return o;
}
