#include "monitor/scope/calendar.h"

#include "emul/base/mem.h"

#include <stdlib.h>

/* Equal times in the order of numbers: the same on every run. */
static bool before(const struct calendar_entry *a, const struct calendar_entry *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->number < b->number;
}

void calendar_put(struct calendar *a, uint32_t number, int64_t at_ns)
{
    struct calendar_entry e = {at_ns, number};
    a->heap = array_grow(a->heap, a->count, &a->cap, sizeof(*a->heap));
    size_t i = a->count++;
    while (i > 0 && before(&e, &a->heap[(i - 1) / 2])) {
        a->heap[i] = a->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    a->heap[i] = e;
}

bool calendar_due(struct calendar *a, int64_t now_ns, struct calendar_entry *out)
{
    if (a->count == 0 || a->heap[0].at_ns > now_ns)
        return false;
    *out = a->heap[0];
    struct calendar_entry e = a->heap[--a->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= a->count)
            break;
        if (child + 1 < a->count && before(&a->heap[child + 1], &a->heap[child]))
            child++;
        if (!before(&a->heap[child], &e))
            break;
        a->heap[i] = a->heap[child];
        i = child;
    }
    a->heap[i] = e;
    return true;
}

int64_t calendar_next(const struct calendar *a)
{
    return a->count == 0 ? INT64_MAX : a->heap[0].at_ns;
}

void calendar_fini(struct calendar *a)
{
    free(a->heap);
    *a = (struct calendar){0};
}
