/*
 * Hosts in the order of due instants, for sets of many: a heap of four children a node whose keys
 * stand in it, so that a walk down reads one cache line a level and no host. What is due at one
 * instant comes in an order that follows from what was done to the heap.
 */
#ifndef MVPN_IGMP_DUE_HEAP_H
#define MVPN_IGMP_DUE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct due_slot {
    int64_t due_ns;
    uint32_t ix;
};

struct due_heap {
    struct due_slot *slots;
    uint32_t *place; /* by ix: slot + 1, 0: not in the heap */
    uint32_t count;
    size_t cap;
};

/* due_heap_reserve makes room for ix 0 ... cap - 1. */
void due_heap_reserve(struct due_heap *h, size_t cap);
void due_heap_fini(struct due_heap *h);

/* due_heap_set gives ix this instant, adding it if it is not there; due_heap_del takes it out. */
void due_heap_set(struct due_heap *h, uint32_t ix, int64_t due_ns);
void due_heap_del(struct due_heap *h, uint32_t ix);

#endif
