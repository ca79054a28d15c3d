/*
 * Runs a fuzz function without a fuzzer: over every prefix of every golden of a folder, and over
 * seeded mutations (bytes set, cut, doubled, spliced).
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/wire/golden.h"

#define INPUT_MAX 4096
#define ROUNDS    400 /* mutations a golden */
#define CHANGES   6

/* run hands over an exact-size copy, so that a sanitizer sees a read behind it. */
static void run(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len);
    if (len > 0)
        memcpy(copy, data, len);
    (void)LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static size_t change(struct rng *rng, uint8_t *data, size_t len)
{
    static const uint8_t odd[] = {0, 1, 4, 0x7f, 0x80, 0xfe, 0xff};
    size_t at = (size_t)hash_range(rng_next(rng), len);
    switch (hash_range(rng_next(rng), 5)) {
    case 0:
        data[at] = (uint8_t)rng_next(rng);
        return len;
    case 1:
        data[at] = odd[hash_range(rng_next(rng), sizeof(odd))];
        return len;
    case 2: { /* some bytes of the middle come twice */
        size_t n = len - at < INPUT_MAX - len ? len - at : INPUT_MAX - len;
        memmove(data + at + n, data + at, len - at);
        return len + n;
    }
    case 3: { /* some are taken out */
        size_t n = (size_t)hash_range(rng_next(rng), len - at);
        memmove(data + at, data + at + n, len - at - n);
        return len - n;
    }
    default:
        data[at] ^= (uint8_t)(1u << hash_range(rng_next(rng), 8));
        return len;
    }
}

static void mutate(const struct golden *g)
{
    static uint8_t data[INPUT_MAX];
    struct rng rng = {hash_text(7, g->name)};
    for (int round = 0; round < ROUNDS; round++) {
        size_t len = g->len;
        memcpy(data, g->bytes, len);
        for (uint64_t i = 0; i <= hash_range(rng_next(&rng), CHANGES); i++)
            len = change(&rng, data, len);
        run(data, len);
    }
}

int main(int argc, char **argv)
{
    struct golden *list;
    size_t n = argc == 2 ? golden_load_all(argv[1], &list) : 0;
    if (n == 0) {
        (void)fprintf(stderr, "use: %s FOLDER (below tests/golden)\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t len = 0; len <= list[i].len; len++)
            run(list[i].bytes, len);
        mutate(&list[i]);
    }
    golden_free_all(list, n);
    return 0;
}
