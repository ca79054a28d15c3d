#include "emul/traffic/latency.h"

static unsigned shift_of(size_t bucket)
{
    return bucket < LATENCY_EXACT ? 0 : (unsigned)(bucket >> LATENCY_STEP_BITS) - 1;
}

int64_t latency_lower(size_t bucket)
{
    unsigned shift = shift_of(bucket);
    return (int64_t)((bucket - ((size_t)shift << LATENCY_STEP_BITS)) << shift);
}

int64_t latency_upper(size_t bucket)
{
    return bucket + 1 < LATENCY_BUCKETS ? latency_lower(bucket + 1) : INT64_MAX;
}

void latency_take(struct latency_counts *c, int64_t ns, uint64_t weight)
{
    size_t bucket = latency_bucket(ns);
    for (size_t away = 0; away < LATENCY_BUCKETS; away++) {
        if (bucket + away < LATENCY_BUCKETS && c->at[bucket + away] >= weight) {
            c->at[bucket + away] -= weight;
            return;
        }
        if (away <= bucket && c->at[bucket - away] >= weight) {
            c->at[bucket - away] -= weight;
            return;
        }
    }
}

static int64_t middle(size_t bucket)
{
    int64_t lower = latency_lower(bucket);
    return lower + (latency_upper(bucket) - lower) / 2;
}

int64_t latency_quantile(const struct latency_counts *c, uint64_t total, unsigned percent,
                         int64_t min, int64_t max)
{
    uint64_t rank = (uint64_t)(((unsigned __int128)total * percent + 99) / 100), before = 0;
    for (size_t i = total > 0 ? latency_bucket(min) : LATENCY_BUCKETS; i < LATENCY_BUCKETS; i++) {
        before += c->at[i];
        if (before < rank || c->at[i] == 0)
            continue;
        int64_t ns = middle(i);
        return ns < min ? min : ns > max ? max : ns;
    }
    return -1;
}
