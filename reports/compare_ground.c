/*
 * On what grounds values of two runs may not be compared: the clock, the case, the metric variables
 * that the case does not vary itself, the load (draft section 5: no claim of one variable without
 * the others).
 */
#include "reports/compare_in.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/tree.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void compare_ground(json_t *grounds, unsigned affects, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_t *v = json_string(text); /* NULL where a text was cut within a character */
    (void)json_array_append_new(
        grounds, json_pack("[i,o]", (int)affects, v == NULL ? json_string("(unprintable)") : v));
}

json_t *compare_reasons(const json_t *grounds, unsigned affects)
{
    json_t *texts = json_array(), *ground;
    size_t i;
    json_array_foreach(grounds, i, ground)
    {
        json_int_t mask = json_integer_value(json_array_get(ground, 0));
        if (((unsigned)mask & affects) != 0)
            (void)json_array_append(texts, json_array_get(ground, 1));
    }
    return texts;
}

/* differs adds a ground where key of both objects is not the same. */
static bool differs(json_t *grounds, unsigned affects, const char *what, size_t k, const char *key,
                    const json_t *a, const json_t *b)
{
    const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);
    if (compare_same(x, y))
        return false;
    char *in_a = tree_scalar(x), *in_b = tree_scalar(y);
    compare_ground(grounds, affects, "%s: %s is %.120s in A and %.120s in %s", what, key, in_a,
                   in_b, compare_letter(k));
    free(in_a);
    free(in_b);
    return true;
}

bool compare_same_load(const json_t *base, const json_t *other)
{
    const json_t *a = tree_at(base, "idle_throughput", "load", NULL);
    const json_t *b = tree_at(other, "idle_throughput", "load", NULL);
    return a != NULL && b != NULL && compare_same(a, b);
}

static void load(json_t *grounds, size_t k, const json_t *base, const json_t *other)
{
    const json_t *a = json_object_get(base, "idle_throughput");
    const json_t *b = json_object_get(other, "idle_throughput");
    if (a == NULL && b == NULL)
        return;
    if (!compare_same_load(base, other))
        (void)differs(grounds, ON_ALL, "the load differs (share of the idle throughput, draft 6.5)",
                      k, "load", a, b);
}

json_t *compare_grounds_case(const struct compare *c, size_t k, const json_t *base,
                             const json_t *other)
{
    json_t *grounds = json_array();
    const json_t *a = json_object_get(base, "protocols"), *b = json_object_get(other, "protocols");
    (void)differs(grounds, ON_ALL, "a model in memory and a device in real time are two things", k,
                  "clock", c->runs[0].result, c->runs[k].result);
    (void)differs(grounds, ON_ALL, "the case is not the same", k, "title", base, other);
    (void)differs(grounds, ON_ALL, "the protocols differ", k, "s_pmsi", a, b);
    (void)differs(grounds, ON_ALL, "the protocols differ", k, "pe_pe", a, b);
    load(grounds, k, base, other);
    return grounds;
}

/* ---- one place ------------------------------------------------------------------------------- */

static bool is_load(const char *key)
{
    static const char *const keys[] = {"rate_pps", "packet_bytes", "mtu"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

/*
 * Receivers stand behind a share of the remote PEs, which becomes a whole number of them. Where R
 * itself is searched, two shares are the same if one share gives both numbers.
 */
static void receiver_share(json_t *grounds, size_t k, const json_t *a, const json_t *b)
{
    double ka = compare_number(a, "receiver_pes"), ra = compare_number(a, "remote_pes");
    double kb = compare_number(b, "receiver_pes"), rb = compare_number(b, "remote_pes");
    double least = fmax((ka - 1) / ra, (kb - 1) / rb), most = fmin(ka / ra, kb / rb);
    if (!isnan(least) && !isnan(most) && least >= most)
        compare_ground(grounds, ON_ALL,
                       "receivers are behind %g of %g remote PEs in A and %g of %g in %s (draft "
                       "6.4: whether the DUT suppresses Joins decides)",
                       ka, ra, kb, rb, compare_letter(k));
}

/* The search moves keys of both sets; all others have to be equal. */
static size_t moved_apart(json_t *grounds, size_t k, const json_t *a, const json_t *b,
                          const json_t *const moved[2], bool any_rate)
{
    size_t found = 0;
    json_t *keys = json_object();
    const char *key;
    json_t *v;
    (void)json_object_update(keys, (json_t *)(uintptr_t)a);
    (void)json_object_update(keys, (json_t *)(uintptr_t)b);
    json_object_foreach(keys, key, v)
    {
        bool free_to = json_object_get(moved[0], key) != NULL ||
                       json_object_get(moved[1], key) != NULL ||
                       (any_rate && strcmp(key, "rate_pps") == 0);
        if (!free_to)
            found += differs(grounds, ON_ALL,
                             is_load(key) ? "the load differs" : "another metric variable differs",
                             k, key, a, b);
    }
    json_decref(keys);
    return found;
}

static const char suppression_off[] = "jp.suppression is off";

/* Only the figures of the signalling tell that the emulated PEs did not suppress Joins. */
static bool emulated_suppress(const json_t *instance)
{
    static const char *const spans[] = {"since_first_join", "window", "states"};
    for (size_t s = 0; s < sizeof(spans) / sizeof(spans[0]); s++) {
        size_t i;
        json_t *reason;
        json_array_foreach(tree_at(instance, "signalling", spans[s], "reasons", NULL), i, reason)
        {
            if (json_is_string(reason) &&
                strstr(json_string_value(reason), suppression_off) != NULL)
                return false;
        }
    }
    return true;
}

static void suppression(json_t *grounds, size_t k, const json_t *a, const json_t *b)
{
    bool in_a = emulated_suppress(a), in_b = emulated_suppress(b);
    if (in_a != in_b)
        compare_ground(grounds, ON_ALL, "the emulated PEs do not suppress Joins in %s alone (%s)",
                       compare_letter(in_a ? k : 0), suppression_off);
}

static void definition(json_t *grounds, size_t k, const struct compare_side *base,
                       const struct compare_side *other)
{
    const json_t *a = json_object_get(base->entry, "searched");
    const json_t *b = json_object_get(other->entry, "searched");
    (void)differs(grounds, ON_ALL, "the case is not the same", k, "variable", base->entry,
                  other->entry);
    (void)differs(grounds, ON_ALL, "the case searches another parameter", k, "name", a, b);
}

static void relations(json_t *grounds, size_t k, const json_t *a, const json_t *b)
{
    const json_t *x = json_object_get(a, "relations"), *y = json_object_get(b, "relations");
    bool same = json_array_size(x) == json_array_size(y);
    if (json_array_size(x) == 0 || json_array_size(y) == 0)
        return; /* an instance that failed early has none */
    for (size_t i = 0; same && i < json_array_size(x); i++)
        same = compare_same(json_object_get(json_array_get(x, i), "relation"),
                            json_object_get(json_array_get(y, i), "relation"));
    if (!same)
        compare_ground(grounds, ON_ALL,
                       "the case is not the same: its metric relationships differ in A and %s",
                       compare_letter(k));
}

void compare_grounds_place(json_t *grounds, size_t k, const json_t *where,
                           const struct compare_side *base, const struct compare_side *other)
{
    const json_t *a = base->instance, *b = other->instance;
    definition(grounds, k, base, other);
    if (a == NULL || b == NULL)
        return;
    bool any_rate = compare_same_load(base->index->one_case, other->index->one_case);
    static const char *const objects[] = {"parameters", "expected"};
    size_t found = 0;
    for (size_t i = 0; i < 2 && found == 0; i++) {
        const json_t *x = json_object_get(a, objects[i]), *y = json_object_get(b, objects[i]);
        const json_t *sets[2] = {compare_varying(base->index, where, objects[i]),
                                 compare_varying(other->index, where, objects[i])};
        const char *symbol = tree_text(json_object_get(base->entry, "searched"), "name", "");
        bool equal = compare_searched(a, symbol) == compare_searched(b, symbol);
        const json_t *const moved[2] = {equal ? NULL : sets[0], equal ? NULL : sets[1]};
        found = moved_apart(grounds, k, x, y, moved, any_rate);
    }
    receiver_share(grounds, k, json_object_get(a, "parameters"), json_object_get(b, "parameters"));
    suppression(grounds, k, a, b);
    relations(grounds, k, a, b);
}
