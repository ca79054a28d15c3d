/*
 * Counts of latencies in log-linear buckets: 64 a power of two, so a bucket is at most 1/64 (1.6 %)
 * of its lower bound wide and below 128 ns it is one nanosecond. One plain array for all latencies
 * that an int64_t holds: counting is one addition, without a test or an allocation.
 */
#ifndef MVPN_TRAFFIC_LATENCY_H
#define MVPN_TRAFFIC_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#define LATENCY_STEP_BITS 6u
#define LATENCY_EXACT     (2u << LATENCY_STEP_BITS) /* ns: below, a bucket is one nanosecond */
#define LATENCY_BUCKETS   ((63u - LATENCY_STEP_BITS + 1u) << LATENCY_STEP_BITS)

struct latency_counts {
    uint64_t at[LATENCY_BUCKETS];
};

/* latency_bucket returns the bucket of a latency (0 or more). */
static inline size_t latency_bucket(int64_t ns)
{
    uint64_t v = (uint64_t)ns;
    unsigned shift = 63u - LATENCY_STEP_BITS -
                     (unsigned)__builtin_clzll(v | (LATENCY_EXACT - 1)); /* 0 below LATENCY_EXACT */
    return ((size_t)shift << LATENCY_STEP_BITS) + (size_t)(v >> shift);
}

/* latency_lower and latency_upper are a bucket's bounds: it holds lower <= ns < upper. */
int64_t latency_lower(size_t bucket);
int64_t latency_upper(size_t bucket);

/* latency_take takes weight counts of that latency out again; where its bucket does not hold them,
 * out of the nearest that does, so that the sum stays right. */
void latency_take(struct latency_counts *c, int64_t ns, uint64_t weight);

/*
 * latency_quantile returns the latency of the packet of rank ceil(percent / 100 * total) in the
 * order of latencies, as the middle of its bucket, within [min, max]; -1 when total is 0. total is
 * the sum of all counts, none of which is outside of [min, max].
 */
int64_t latency_quantile(const struct latency_counts *c, uint64_t total, unsigned percent,
                         int64_t min, int64_t max);

#endif
