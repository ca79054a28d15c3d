/* The heap of hosts against a list that is searched. */
#include "emul/base/rng.h"
#include "emul/proto/igmp/due_heap.h"
#include "tests/unit/cu.h"

#include <stdbool.h>

#define HOSTS 200u

static int64_t earliest(const int64_t *due_ns, const bool *there)
{
    int64_t first = INT64_MAX;
    for (uint32_t ix = 0; ix < HOSTS; ix++) {
        if (there[ix] && due_ns[ix] < first)
            first = due_ns[ix];
    }
    return first;
}

static void test_random(void)
{
    struct due_heap h = {0};
    struct rng rng = {17};
    int64_t due_ns[HOSTS];
    bool there[HOSTS] = {false};
    uint32_t count = 0, wrong = 0;
    due_heap_reserve(&h, HOSTS);
    for (unsigned i = 0; i < 50000; i++) {
        uint32_t ix = (uint32_t)hash_range(rng_next(&rng), HOSTS);
        if (hash_range(rng_next(&rng), 3) == 0) {
            due_heap_del(&h, ix);
            count -= there[ix];
            there[ix] = false;
        } else {
            due_ns[ix] = (int64_t)hash_range(rng_next(&rng), 500);
            due_heap_set(&h, ix, due_ns[ix]);
            count += !there[ix];
            there[ix] = true;
        }
        if (h.count != count || (count > 0 && h.slots[0].due_ns != earliest(due_ns, there)))
            wrong++;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    int64_t before = -1;
    while (h.count > 0) {
        CU_ASSERT(h.slots[0].due_ns >= before);
        before = h.slots[0].due_ns;
        CU_ASSERT_TRUE(there[h.slots[0].ix]);
        due_heap_del(&h, h.slots[0].ix);
    }
    due_heap_fini(&h);
}

/* Room is made while hosts are in it. */
static void test_reserve(void)
{
    struct due_heap h = {0};
    for (uint32_t ix = 0; ix < 100; ix++) {
        due_heap_reserve(&h, ix + 1);
        due_heap_set(&h, ix, 100 - (int64_t)ix);
    }
    for (uint32_t ix = 100; ix-- > 0;) {
        CU_ASSERT_EQUAL(h.slots[0].ix, ix);
        due_heap_del(&h, ix);
        due_heap_del(&h, ix);
    }
    CU_ASSERT_EQUAL(h.count, 0);
    due_heap_fini(&h);
}

static const struct cu_test tests[] = {
    {"random", test_random},
    {"reserve", test_reserve},
};

CU_MAIN("igmp due heap", tests)
