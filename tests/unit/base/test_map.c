#include "emul/base/map.h"
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

static void test_basics(void)
{
    struct map m;
    map_init(&m);
    CU_ASSERT_EQUAL(map_get(&m, 0), MAP_NONE);
    CU_ASSERT_FALSE(map_del(&m, 0));
    map_put(&m, 0, 5);
    map_put(&m, UINT64_MAX - 1, 6);
    map_put(&m, 0, 7);
    CU_ASSERT_EQUAL(m.count, 2);
    CU_ASSERT_EQUAL(map_get(&m, 0), 7);
    CU_ASSERT_EQUAL(map_get(&m, UINT64_MAX - 1), 6);
    CU_ASSERT(map_del(&m, 0));
    CU_ASSERT_EQUAL(map_get(&m, 0), MAP_NONE);
    map_clear(&m);
    CU_ASSERT_EQUAL(m.count, 0);
    CU_ASSERT_EQUAL(map_get(&m, UINT64_MAX - 1), MAP_NONE);
    map_put(&m, 1, 1);
    CU_ASSERT_EQUAL(map_get(&m, 1), 1);
    map_fini(&m);
}

/* Random puts and deletes against an array: keys are few, so that runs of slots collide a lot. */
static void test_model(void)
{
    enum { KEYS = 300, STEPS = 200000 };
    for (uint64_t seed = 1; seed <= 3; seed++) {
        uint32_t *model = mem_zalloc(KEYS, sizeof(*model));
        struct rng r = {seed};
        struct map m;
        size_t count = 0, wrong = 0;
        map_init(&m);
        for (unsigned i = 0; i < STEPS; i++) {
            uint64_t key = hash_range(rng_next(&r), KEYS);
            bool there = model[key] != 0;
            if (rng_unit(&r) < 0.5) {
                model[key] = i + 1;
                map_put(&m, key * 0x100000001u, i + 1);
                count += !there;
            } else {
                wrong += map_del(&m, key * 0x100000001u) != there;
                model[key] = 0;
                count -= there;
            }
            uint64_t other = hash_range(rng_next(&r), KEYS);
            uint32_t want = model[other] == 0 ? MAP_NONE : model[other];
            wrong += map_get(&m, other * 0x100000001u) != want || m.count != count;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        map_fini(&m);
        free(model);
    }
}

static void test_many(void)
{
    struct map m;
    size_t wrong = 0;
    map_init(&m);
    for (uint32_t i = 0; i < 200000; i++)
        map_put(&m, (uint64_t)i << 32, i);
    for (uint32_t i = 0; i < 200000; i++)
        wrong += map_get(&m, (uint64_t)i << 32) != i || map_get(&m, i + 1u) != MAP_NONE;
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(m.count, 200000);
    CU_ASSERT(m.count * 10 <= (m.mask + 1) * 7);
    map_fini(&m);
}

static const struct cu_test tests[] = {
    {"put, get, delete", test_basics},
    {"against a model", test_model},
    {"many keys", test_many},
};

CU_MAIN("base/map", tests)
