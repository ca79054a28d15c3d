/* Which entries and instances of two results stand side by side. */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *compare_letter(size_t run)
{
    static const char *const letters[COMPARE_RUNS_MAX] = {"A", "B", "C", "D", "E", "F", "G", "H"};
    return letters[run];
}

const json_t *compare_case(const json_t *result, const char *id)
{
    return tree_find(json_object_get(result, "cases"), "case", id);
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

/* ---- index ----------------------------------------------------------------------------------- */

/* A place as text: numbers alike however they are written, keys in one order. */
static char *place_text(const char *kind, const json_t *where)
{
    json_t *plain = json_object(), *v;
    const char *key;
    json_object_foreach((json_t *)(uintptr_t)where, key, v)
    {
        double n = result_number(v);
        (void)json_object_set_new(plain, key, isnan(n) ? json_incref(v) : json_real(n));
    }
    char *dump = json_dumps(plain, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
    char *text = mem_printf("%s %s", kind, dump == NULL ? "" : dump);
    free(dump);
    json_decref(plain);
    return text;
}

static char *place_of(const struct compare_index *x, const json_t *instance)
{
    json_t *where = json_object(), *unused;
    const char *key;
    json_object_foreach(x->keys, key, unused)
    {
        const json_t *v = parameter(instance, key);
        (void)json_object_set(where, key, v == NULL ? json_null() : (json_t *)(uintptr_t)v);
    }
    char *text = place_text("", where);
    json_decref(where);
    return text;
}

static void index_instance(struct compare_index *x, json_t *instance)
{
    char *place = place_of(x, instance);
    json_t *list = json_object_get(x->places, place);
    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(x->places, place, list);
    }
    (void)json_array_append(list, instance);
    (void)json_object_set(x->instances, tree_text(instance, "id", ""), instance);
    free(place);
}

void compare_index_init(struct compare_index *x, const json_t *one_case)
{
    size_t i;
    json_t *v;
    const json_t *maxima = json_object_get(one_case, "maximum");
    *x = (struct compare_index){.one_case = one_case,
                                .entries = json_object(),
                                .instances = json_object(),
                                .places = json_object(),
                                .moved = json_object(),
                                .keys = json_object()};
    (void)json_object_update(x->keys, json_object_get(json_array_get(maxima, 0), "where"));
    json_array_foreach(maxima, i, v)
    {
        char *place = place_text(tree_text(v, "stimulus", ""), json_object_get(v, "where"));
        if (json_object_get(x->entries, place) == NULL)
            (void)json_object_set(x->entries, place, v);
        free(place);
    }
    json_array_foreach(json_object_get(one_case, "instances"), i, v) index_instance(x, v);
}

void compare_index_fini(struct compare_index *x)
{
    json_decref(x->entries);
    json_decref(x->instances);
    json_decref(x->places);
    json_decref(x->moved);
    json_decref(x->keys);
}

const json_t *compare_entry(const struct compare_index *x, const char *stimulus,
                            const json_t *where)
{
    char *place = place_text(stimulus, where);
    const json_t *entry = json_object_get(x->entries, place);
    free(place);
    return entry;
}

static const json_t *instances_at(const struct compare_index *x, const json_t *where)
{
    char *place = place_text("", where);
    const json_t *list = json_object_get(x->places, place);
    free(place);
    return list;
}

const json_t *compare_instance(const struct compare_index *x, const json_t *entry)
{
    const char *id = tree_text(entry, "instance", NULL);
    const json_t *instance = id == NULL ? NULL : json_object_get(x->instances, id);
    if (instance != NULL || entry == NULL)
        return instance;
    return json_array_get(instances_at(x, json_object_get(entry, "where")), 0);
}

static json_t *varying(const json_t *instances, const char *object)
{
    json_t *set = json_object(), *instance, *v;
    const json_t *first = json_object_get(json_array_get(instances, 0), object);
    const char *key;
    size_t i;
    json_array_foreach(instances, i, instance)
    {
        json_object_foreach(json_object_get(instance, object), key, v)
        {
            if (!compare_same(v, json_object_get(first, key)))
                (void)json_object_set_new(set, key, json_true());
        }
    }
    return set;
}

const json_t *compare_varying(const struct compare_index *x, const json_t *where,
                              const char *object)
{
    char *place = place_text(object, where);
    json_t *set = json_object_get(x->moved, place);
    if (set == NULL) {
        set = varying(instances_at(x, where), object);
        (void)json_object_set_new(x->moved, place, set);
    }
    free(place);
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

static const json_t *twin(const json_t *instance, const char *symbol, const json_t *others,
                          const char *stimulus, bool any_rate)
{
    double value = compare_searched(instance, symbol);
    size_t i;
    json_t *other;
    json_array_foreach(others, i, other)
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
    bool any_rate = compare_same_load(a->index->one_case, b->index->one_case);
    double best = -1;
    size_t i;
    json_t *instance;
    found[0] = a->instance;
    found[1] = b->instance;
    if (usable(a->instance, stimulus) && usable(b->instance, stimulus) &&
        same_parameters(a->instance, b->instance, any_rate))
        return true;
    const json_t *others = instances_at(b->index, where);
    json_array_foreach(instances_at(a->index, where), i, instance)
    {
        double value = compare_searched(instance, symbol);
        if (!(value > best) || !usable(instance, stimulus))
            continue;
        const json_t *other = twin(instance, symbol, others, stimulus, any_rate);
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
