#include "emul/base/map.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"

#include <stdlib.h>

#define EMPTY UINT64_MAX

static size_t slot_of(const struct map *m, uint64_t key)
{
    return (size_t)hash_mix(0, key) & m->mask;
}

static void fill_empty(struct map *m)
{
    for (size_t i = 0; i <= m->mask; i++)
        m->slots[i].key = EMPTY;
}

void map_init(struct map *m)
{
    *m = (struct map){0};
    m->mask = 15;
    m->slots = mem_zalloc(m->mask + 1, sizeof(*m->slots));
    fill_empty(m);
}

void map_fini(struct map *m)
{
    free(m->slots);
    *m = (struct map){0};
}

uint32_t map_get(const struct map *m, uint64_t key)
{
    for (size_t i = slot_of(m, key); m->slots[i].key != EMPTY; i = (i + 1) & m->mask) {
        if (m->slots[i].key == key)
            return m->slots[i].value;
    }
    return MAP_NONE;
}

static void put_raw(struct map *m, uint64_t key, uint32_t value)
{
    size_t i = slot_of(m, key);
    while (m->slots[i].key != EMPTY && m->slots[i].key != key)
        i = (i + 1) & m->mask;
    if (m->slots[i].key == EMPTY)
        m->count++;
    m->slots[i].key = key;
    m->slots[i].value = value;
}

void map_put(struct map *m, uint64_t key, uint32_t value)
{
    if ((m->count + 1) * 10 > (m->mask + 1) * 7) {
        struct map old = *m;
        m->mask = old.mask * 2 + 1;
        m->count = 0;
        m->slots = mem_zalloc(m->mask + 1, sizeof(*m->slots));
        fill_empty(m);
        for (size_t i = 0; i <= old.mask; i++) {
            if (old.slots[i].key != EMPTY)
                put_raw(m, old.slots[i].key, old.slots[i].value);
        }
        free(old.slots);
    }
    put_raw(m, key, value);
}

bool map_del(struct map *m, uint64_t key)
{
    size_t i = slot_of(m, key);
    while (m->slots[i].key != EMPTY && m->slots[i].key != key)
        i = (i + 1) & m->mask;
    if (m->slots[i].key == EMPTY)
        return false;
    /* Close the gap: pull back every later key of the run that may live at the hole. */
    size_t hole = i;
    for (size_t j = (i + 1) & m->mask; m->slots[j].key != EMPTY; j = (j + 1) & m->mask) {
        size_t home = slot_of(m, m->slots[j].key);
        if (((j - home) & m->mask) >= ((j - hole) & m->mask)) {
            m->slots[hole] = m->slots[j];
            hole = j;
        }
    }
    m->slots[hole].key = EMPTY;
    m->count--;
    return true;
}

void map_clear(struct map *m)
{
    fill_empty(m);
    m->count = 0;
}
