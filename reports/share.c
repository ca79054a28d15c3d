#include "reports/share.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024u

/* ---- hashing ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 29);
}

static uint64_t mix_bytes(uint64_t h, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return mix(h, n);
}

static uint64_t hash_of_time(int64_t ns)
{
    return mix(UINT64_C(0x74696d65), (uint64_t)ns);
}

/* The members of a container are shared: their addresses stand for them. */
static uint64_t hash_of(json_t *v)
{
    uint64_t h = (uint64_t)json_typeof(v) + 1;
    const char *key;
    json_t *item;
    size_t i;
    int64_t ns;
    double real;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        if (result_is_time(v, &ns))
            return hash_of_time(ns);
        json_object_foreach(v, key, item) h =
            mix(mix_bytes(h, key, strlen(key)), (uint64_t)(uintptr_t)item);
        return h;
    case JSON_ARRAY:
        json_array_foreach(v, i, item) h = mix(h, (uint64_t)(uintptr_t)item);
        return h;
    case JSON_STRING:
        return mix_bytes(h, json_string_value(v), json_string_length(v));
    case JSON_INTEGER:
        return mix(h, (uint64_t)json_integer_value(v));
    case JSON_REAL:
        real = json_real_value(v);
        memcpy(&ns, &real, sizeof(ns));
        return mix(h, (uint64_t)ns);
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        break;
    }
    return h;
}

/* ---- equality of values whose members are shared ---- */

static bool same_members(json_t *a, json_t *b)
{
    void *i = json_object_iter(a), *k = json_object_iter(b);
    for (; i != NULL && k != NULL; i = json_object_iter_next(a, i), k = json_object_iter_next(b, k))
        if (json_object_iter_value(i) != json_object_iter_value(k) ||
            strcmp(json_object_iter_key(i), json_object_iter_key(k)) != 0)
            return false;
    return i == NULL && k == NULL;
}

static bool same_items(const json_t *a, const json_t *b)
{
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++) {
        if (json_array_get(a, i) != json_array_get(b, i))
            return false;
    }
    return true;
}

static bool same(json_t *a, json_t *b)
{
    int64_t ns, other;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (result_is_time(a, &ns) || result_is_time(b, NULL))
        return result_is_time(a, NULL) && result_is_time(b, &other) && ns == other;
    if (json_is_object(a))
        return same_members(a, b);
    if (json_is_array(a))
        return same_items(a, b);
    if (json_is_real(a)) { /* 0.0 and -0.0 are equal but print differently */
        double x = json_real_value(a), y = json_real_value(b);
        return memcmp(&x, &y, sizeof(x)) == 0;
    }
    return json_equal(a, b) != 0;
}

/* ---- the table ---- */

static void grow(struct share *s)
{
    struct share_slot *old = s->slots;
    size_t count = s->capacity;
    s->capacity = count == 0 ? SLOTS_FIRST : 2 * count;
    s->slots = mem_zalloc(s->capacity, sizeof(*s->slots));
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)old[i].hash & (s->capacity - 1);
        if (old[i].value == NULL)
            continue;
        while (s->slots[at].value != NULL)
            at = (at + 1) & (s->capacity - 1);
        s->slots[at] = old[i];
    }
    free(old);
}

static struct share_slot *first_slot(struct share *s, uint64_t hash)
{
    if (s->count * 4 >= s->capacity * 3)
        grow(s);
    return &s->slots[(size_t)hash & (s->capacity - 1)];
}

static struct share_slot *next_slot(const struct share *s, struct share_slot *slot)
{
    return slot + 1 == s->slots + s->capacity ? s->slots : slot + 1;
}

static json_t *keep(struct share *s, struct share_slot *slot, uint64_t hash, json_t *v)
{
    *slot = (struct share_slot){hash, v};
    s->count++;
    return json_incref(v);
}

json_t *share_value(struct share *s, json_t *v)
{
    if (v == NULL)
        fatal("out of memory (result)");
    if (json_is_boolean(v) || json_is_null(v)) /* jansson has one of each */
        return v;
    uint64_t hash = hash_of(v);
    struct share_slot *slot = first_slot(s, hash);
    for (; slot->value != NULL; slot = next_slot(s, slot)) {
        if (slot->hash != hash || !same(slot->value, v))
            continue;
        json_decref(v);
        return json_incref(slot->value);
    }
    return keep(s, slot, hash, v);
}

json_t *share_time(struct share *s, int64_t ns)
{
    uint64_t hash = hash_of_time(ns);
    struct share_slot *slot = first_slot(s, hash);
    int64_t found;
    for (; slot->value != NULL; slot = next_slot(s, slot)) {
        if (slot->hash == hash && result_is_time(slot->value, &found) && found == ns)
            return json_incref(slot->value);
    }
    return keep(s, slot, hash, result_time(ns));
}

json_t *share_tree(struct share *s, json_t *v)
{
    const char *key;
    json_t *item;
    size_t i;
    int64_t ns;
    if (result_is_time(v, &ns)) {
        json_decref(v);
        return share_time(s, ns);
    }
    if (json_is_object(v)) {
        json_object_foreach(v, key, item)(void)
            json_object_set_new(v, key, share_tree(s, json_incref(item)));
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, item)(void)
            json_array_set_new(v, i, share_tree(s, json_incref(item)));
    }
    return share_value(s, v);
}

void share_fini(struct share *s)
{
    for (size_t i = 0; i < s->capacity; i++)
        json_decref(s->slots[i].value);
    free(s->slots);
    *s = (struct share){0};
}
