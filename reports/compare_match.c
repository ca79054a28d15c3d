/* Which entries and instances of two results stand side by side. */
#include "reports/compare_in.h"

#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>
#include <string.h>

const char *compare_letter(size_t run)
{
    static const char *const letters[COMPARE_RUNS_MAX] = {"A", "B", "C", "D", "E", "F", "G", "H"};
    return letters[run];
}

const json_t *compare_case(const json_t *result, const char *id)
{
    size_t i;
    json_t *one_case;
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        if (strcmp(tree_text(one_case, "case", ""), id) == 0)
            return one_case;
    }
    return NULL;
}

bool compare_same(const json_t *a, const json_t *b)
{
    double x = result_number(a), y = result_number(b);
    if (!isnan(x) && !isnan(y))
        return fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
    if (a == NULL || json_is_null(a))
        return b == NULL || json_is_null(b);
    return json_equal(a, b) != 0;
}

double compare_number(const json_t *object, const char *key)
{
    return result_number(json_object_get(object, key));
}

static bool same_place(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *v;
    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach((json_t *)(uintptr_t)a, key, v)
    {
        const json_t *other = json_object_get(b, key);
        if (other == NULL || !compare_same(v, other))
            return false;
    }
    return true;
}

const json_t *compare_entry(const json_t *one_case, const char *stimulus, const json_t *where)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(one_case, "maximum"), i, entry)
    {
        if (strcmp(tree_text(entry, "stimulus", ""), stimulus) == 0 &&
            same_place(json_object_get(entry, "where"), where))
            return entry;
    }
    return NULL;
}

/* The symbols of "where" and "searched" that are not the names of parameters. */
static const struct {
    const char *symbol, *name;
} symbols[] = {{"N", "mvpns"},  {"c", "c_interfaces"},      {"R", "remote_pes"},
               {"g", "groups"}, {"s", "sources_per_group"}, {"d", "receiver_c_interfaces"},
               {"I", "reuse"}};

static const json_t *parameter(const json_t *instance, const char *symbol)
{
    const json_t *parameters = json_object_get(instance, "parameters");
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        if (strcmp(symbols[i].symbol, symbol) == 0)
            return json_object_get(parameters, symbols[i].name);
    }
    return json_object_get(parameters, symbol);
}

bool compare_at(const json_t *instance, const json_t *where)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)where, key, v)
    {
        if (!compare_same(v, parameter(instance, key)))
            return false;
    }
    return true;
}

double compare_searched(const json_t *instance, const char *symbol)
{
    if (strcmp(symbol, "U*Dvpn") == 0) /* 9.5 joins them, 9.6 sources them: the other is 0 */
        return result_number(parameter(instance, "spmsi_src_total")) +
               result_number(parameter(instance, "spmsi_rx_total"));
    return result_number(parameter(instance, symbol));
}

const json_t *compare_instance(const json_t *one_case, const json_t *entry)
{
    const json_t *instance = tree_instance(one_case, tree_text(entry, "instance", NULL));
    size_t i;
    json_t *other;
    if (instance != NULL || entry == NULL)
        return instance;
    json_array_foreach(json_object_get(one_case, "instances"), i, other)
    {
        if (compare_at(other, json_object_get(entry, "where")))
            return other;
    }
    return NULL;
}

json_t *compare_varying(const json_t *one_case, const json_t *where, const char *object)
{
    json_t *set = json_object(), *instance, *v;
    const json_t *first = NULL;
    const char *key;
    size_t i;
    json_array_foreach(json_object_get(one_case, "instances"), i, instance)
    {
        json_t *values = json_object_get(instance, object);
        if (!compare_at(instance, where))
            continue;
        if (first == NULL)
            first = values;
        json_object_foreach(values, key, v)
        {
            if (values != first && !compare_same(v, json_object_get(first, key)))
                (void)json_object_set_new(set, key, json_true());
        }
    }
    return set;
}

/* ---- instances in common --------------------------------------------------------------------- */

static bool passed(const json_t *record)
{
    return strcmp(tree_text(record, "verdict", ""), "pass") == 0;
}

/* Passed, and recovered from every repeat of the stimulus. */
static bool usable(const json_t *instance, const char *stimulus)
{
    size_t i, applied = 0;
    json_t *recovery;
    if (stimulus == NULL || !passed(instance))
        return passed(instance);
    json_array_foreach(json_object_get(instance, "recovery"), i, recovery)
    {
        if (strcmp(tree_text(recovery, "stimulus", ""), stimulus) != 0)
            continue;
        if (!passed(recovery))
            return false;
        applied++;
    }
    return applied > 0;
}

static bool covered(const json_t *a, const json_t *b, bool any_rate)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)a, key, v)
    {
        if (any_rate && strcmp(key, "rate_pps") == 0)
            continue;
        if (!compare_same(v, json_object_get(b, key)))
            return false;
    }
    return true;
}

static bool same_parameters(const json_t *a, const json_t *b, bool any_rate)
{
    const json_t *x = json_object_get(a, "parameters"), *y = json_object_get(b, "parameters");
    return x != NULL && y != NULL && covered(x, y, any_rate) && covered(y, x, any_rate);
}

static const json_t *twin(const json_t *instance, const char *symbol, const json_t *one_case,
                          const char *stimulus, bool any_rate)
{
    double value = compare_searched(instance, symbol);
    size_t i;
    json_t *other;
    json_array_foreach(json_object_get(one_case, "instances"), i, other)
    {
        if (compare_searched(other, symbol) == value && usable(other, stimulus) &&
            same_parameters(instance, other, any_rate))
            return other;
    }
    return NULL;
}

bool compare_common(const struct compare_side *a, const struct compare_side *b, const json_t *where,
                    const char *stimulus, const json_t *found[2])
{
    const char *symbol = tree_text(json_object_get(a->entry, "searched"), "name", "");
    bool any_rate = compare_same_load(a->one_case, b->one_case);
    double best = -1;
    size_t i;
    json_t *instance;
    found[0] = a->instance;
    found[1] = b->instance;
    if (usable(a->instance, stimulus) && usable(b->instance, stimulus) &&
        same_parameters(a->instance, b->instance, any_rate))
        return true;
    json_array_foreach(json_object_get(a->one_case, "instances"), i, instance)
    {
        double value = compare_searched(instance, symbol);
        if (!(value > best) || !usable(instance, stimulus) || !compare_at(instance, where))
            continue;
        const json_t *other = twin(instance, symbol, b->one_case, stimulus, any_rate);
        if (other == NULL)
            continue;
        best = value;
        found[0] = instance;
        found[1] = other;
    }
    return best >= 0;
}

json_t *compare_at_object(const json_t *instance, const json_t *entry)
{
    const char *symbol = tree_text(json_object_get(entry, "searched"), "name", "");
    double value = compare_searched(instance, symbol);
    json_t *o = json_object();
    if (!isnan(value))
        (void)json_object_set_new(o, symbol, json_integer((json_int_t)value));
    return o;
}
