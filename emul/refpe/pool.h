/*
 * A pool: plain records in one growing array, found by index, freed ones chained for reuse. A
 * record's first member is struct pool_link.
 */
#ifndef MVPN_REFPE_POOL_H
#define MVPN_REFPE_POOL_H

#include "emul/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct pool_link {
    uint32_t next_free;
    bool used;
};

struct pool {
    void *items;
    size_t size; /* of a record */
    size_t used_end, cap;
    uint32_t free_head;
};

static inline void pool_init(struct pool *p, size_t size)
{
    *p = (struct pool){.size = size, .free_head = NONE};
}

static inline void pool_fini(struct pool *p)
{
    free(p->items);
    p->items = NULL;
    p->used_end = p->cap = 0;
    p->free_head = NONE;
}

static inline void *pool_at(const struct pool *p, uint32_t index)
{
    return (char *)p->items + (size_t)index * p->size;
}

/* pool_used tells whether index is a record in use. */
static inline bool pool_used(const struct pool *p, uint32_t index)
{
    return index < p->used_end && ((const struct pool_link *)pool_at(p, index))->used;
}

/* pool_take returns the index of a zeroed record; records may move. */
static inline uint32_t pool_take(struct pool *p)
{
    uint32_t index = p->free_head;
    if (index != NONE) {
        p->free_head = ((struct pool_link *)pool_at(p, index))->next_free;
    } else {
        p->items = array_grow(p->items, p->used_end, &p->cap, p->size);
        index = (uint32_t)p->used_end++;
    }
    struct pool_link *link = memset(pool_at(p, index), 0, p->size);
    link->used = true;
    return index;
}

static inline void pool_give(struct pool *p, uint32_t index)
{
    struct pool_link *link = pool_at(p, index);
    link->used = false;
    link->next_free = p->free_head;
    p->free_head = index;
}

#endif
