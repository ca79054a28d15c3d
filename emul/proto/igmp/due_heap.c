#include "emul/proto/igmp/due_heap.h"

#include "emul/base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHILDREN 4

void due_heap_reserve(struct due_heap *h, size_t cap)
{
    if (cap <= h->cap)
        return;
    h->slots = mem_realloc(h->slots, cap, sizeof(*h->slots));
    h->place = mem_realloc(h->place, cap, sizeof(*h->place));
    memset(h->place + h->cap, 0, (cap - h->cap) * sizeof(*h->place));
    h->cap = cap;
}

void due_heap_fini(struct due_heap *h)
{
    free(h->slots);
    free(h->place);
    *h = (struct due_heap){0};
}

static inline void put(struct due_heap *h, uint32_t slot, const struct due_slot *s)
{
    h->slots[slot] = *s;
    h->place[s->ix] = slot + 1;
}

static uint32_t sift_up(struct due_heap *h, uint32_t slot, const struct due_slot *s)
{
    while (slot > 0) {
        uint32_t parent = (slot - 1) / CHILDREN;
        if (s->due_ns >= h->slots[parent].due_ns)
            break;
        put(h, slot, &h->slots[parent]);
        slot = parent;
    }
    put(h, slot, s);
    return slot;
}

/* Which child is first cannot be foreseen, so it is found without branches. */
static inline uint32_t first_of(const struct due_slot *slots, uint32_t a, uint32_t b)
{
    return slots[b].due_ns < slots[a].due_ns ? b : a;
}

static inline uint32_t first_child(const struct due_heap *h, uint32_t first)
{
    const struct due_slot *s = h->slots;
    if (first + CHILDREN <= h->count)
        return first_of(s, first_of(s, first, first + 1), first_of(s, first + 2, first + 3));
    uint32_t best = first;
    for (uint32_t c = first + 1; c < h->count; c++)
        best = first_of(s, best, c);
    return best;
}

static void sift_down(struct due_heap *h, uint32_t slot, const struct due_slot *s)
{
    while (slot * CHILDREN + 1 < h->count) {
        uint32_t child = first_child(h, slot * CHILDREN + 1);
        if (s->due_ns <= h->slots[child].due_ns)
            break;
        put(h, slot, &h->slots[child]);
        slot = child;
    }
    put(h, slot, s);
}

void due_heap_set(struct due_heap *h, uint32_t ix, int64_t due_ns)
{
    struct due_slot s = {due_ns, ix};
    uint32_t slot = h->place[ix] == 0 ? h->count++ : h->place[ix] - 1;
    if (sift_up(h, slot, &s) == slot)
        sift_down(h, slot, &s);
}

void due_heap_del(struct due_heap *h, uint32_t ix)
{
    if (h->place[ix] == 0)
        return;
    uint32_t slot = h->place[ix] - 1;
    h->place[ix] = 0;
    h->count--;
    if (slot == h->count)
        return;
    struct due_slot last = h->slots[h->count];
    if (sift_up(h, slot, &last) == slot)
        sift_down(h, slot, &last);
}
