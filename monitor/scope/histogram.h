/*
 * A histogram of delays in constant memory: buckets of 1/16 of a power of two, so a percentile is
 * right within 4 %; the exact minimum, maximum and sum stand beside it.
 */
#ifndef MVPN_SCOPE_HISTOGRAM_H
#define MVPN_SCOPE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS   16u
#define HISTOGRAM_LOWEST  13u /* 2^13 ns = 8 us: what is below is in the first bucket */
#define HISTOGRAM_OCTAVES 22u /* up to 34 s */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * HISTOGRAM_OCTAVES)

struct histogram {
    uint32_t bucket[HISTOGRAM_BUCKETS];
    uint64_t count;
    int64_t min_ns, max_ns;
    int64_t sum_ns;
};

void histogram_add(struct histogram *h, int64_t ns);

/* histogram_quantile returns the delay below which the share q (0...1) lies; -1 when empty. */
int64_t histogram_quantile(const struct histogram *h, double q);

#endif
