#include "emul/proto/pim/idxheap.h"

#include <stdbool.h>

static inline struct idxheap_record *record(const struct idxheap *h, uint32_t ix)
{
    return (struct idxheap_record *)(void *)(h->records + (size_t)ix * h->stride);
}

static inline bool before(const struct idxheap *h, uint32_t a, uint32_t b)
{
    int64_t ka = record(h, a)->key, kb = record(h, b)->key;
    return ka != kb ? ka < kb : a < b;
}

static inline void place(struct idxheap *h, uint32_t slot, uint32_t ix)
{
    h->slots[slot] = ix;
    record(h, ix)->pos = slot + 1;
}

static uint32_t sift_up(struct idxheap *h, uint32_t slot, uint32_t ix)
{
    while (slot > 0) {
        uint32_t parent = (slot - 1) / 2;
        if (!before(h, ix, h->slots[parent]))
            break;
        place(h, slot, h->slots[parent]);
        slot = parent;
    }
    place(h, slot, ix);
    return slot;
}

static void sift_down(struct idxheap *h, uint32_t slot, uint32_t ix)
{
    for (;;) {
        uint32_t child = slot * 2 + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count && before(h, h->slots[child + 1], h->slots[child]))
            child++;
        if (!before(h, h->slots[child], ix))
            break;
        place(h, slot, h->slots[child]);
        slot = child;
    }
    place(h, slot, ix);
}

void idxheap_set(struct idxheap *h, uint32_t ix, int64_t key)
{
    struct idxheap_record *r = record(h, ix);
    r->key = key;
    uint32_t slot = r->pos == 0 ? h->count++ : r->pos - 1;
    if (sift_up(h, slot, ix) == slot)
        sift_down(h, slot, ix);
}

void idxheap_del(struct idxheap *h, uint32_t ix)
{
    struct idxheap_record *r = record(h, ix);
    if (r->pos == 0)
        return;
    uint32_t slot = r->pos - 1;
    r->pos = 0;
    h->count--;
    if (slot == h->count)
        return;
    uint32_t last = h->slots[h->count];
    if (sift_up(h, slot, last) == slot)
        sift_down(h, slot, last);
}
