/*
 * Randomness of a run. Whatever an entity draws is hash(seed, entity, occasion): it does not depend
 * on what ran before, so a resumed run equals an undisturbed one and every firmware under test sees
 * the same Hello phases, GenIDs and triggered delays (DESIGN A.4). A sequential generator exists
 * only for streams that belong to one object (the loss of one link).
 */
#ifndef MVPN_BASE_RNG_H
#define MVPN_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* hash_mix folds value into a running hash; start from the seed. */
static inline uint64_t hash_mix(uint64_t h, uint64_t value)
{
    h += 0x9e3779b97f4a7c15u + value;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

/* hash_bytes folds bytes (a name) into a running hash. */
uint64_t hash_bytes(uint64_t h, const void *data, size_t len);

/* hash_text folds a NUL-terminated string into a running hash. */
uint64_t hash_text(uint64_t h, const char *text);

/* hash_range maps a hash to [0, span) without noticeable bias. */
static inline uint64_t hash_range(uint64_t h, uint64_t span)
{
    return (uint64_t)(((unsigned __int128)h * span) >> 64);
}

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    uint64_t z = r->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* rng_unit returns a double in [0, 1). */
static inline double rng_unit(struct rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1.0p-53;
}

#endif
