/*
 * A hash map from 64-bit keys to 32-bit indices (into some array of plain records): open
 * addressing, linear probing, deletion without tombstones. 16 bytes a slot, at most 70 % full.
 * The key UINT64_MAX is not allowed.
 */
#ifndef MVPN_BASE_MAP_H
#define MVPN_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
    uint64_t key;
    uint32_t value;
    uint32_t unused;
};

struct map {
    struct map_slot *slots;
    size_t mask;  /* capacity - 1 */
    size_t count; /* keys in use */
};

#define MAP_NONE UINT32_MAX

/* map_init prepares an empty map; map_fini frees what it holds. */
void map_init(struct map *m);
void map_fini(struct map *m);

/* map_get returns the value of key, or MAP_NONE. */
uint32_t map_get(const struct map *m, uint64_t key);

/* map_put sets the value of key. */
void map_put(struct map *m, uint64_t key, uint32_t value);

/* map_del removes key; false if it was not there. */
bool map_del(struct map *m, uint64_t key);

/* map_clear removes every key and keeps the memory. */
void map_clear(struct map *m);

#endif
