/*
 * A heap over an array of plain records, ordered by (key, index): each record begins with an
 * int64_t key and a uint32_t heap position (0: not in the heap), which the heap keeps. The slots
 * (one uint32_t a record) are the caller's, so heaps over parts of one big array cost nothing more.
 */
#ifndef MVPN_PIM_IDXHEAP_H
#define MVPN_PIM_IDXHEAP_H

#include <stddef.h>
#include <stdint.h>

struct idxheap_record {
    int64_t key;
    uint32_t pos;
};

struct idxheap {
    uint32_t *slots;
    char *records;
    size_t stride;
    uint32_t count;
};

/* idxheap_set gives record ix this key, adding it to the heap if it is not there. */
void idxheap_set(struct idxheap *h, uint32_t ix, int64_t key);

/* idxheap_del takes record ix out; nothing happens if it is not there. */
void idxheap_del(struct idxheap *h, uint32_t ix);

/* idxheap_first returns the record with the smallest key; the heap must not be empty. */
static inline uint32_t idxheap_first(const struct idxheap *h)
{
    return h->slots[0];
}

#endif
