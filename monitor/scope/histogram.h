/*
 * A histogram of delays: 256 buckets a power of two, so that a percentile is right within 0.4 %
 * wherever it lies; memory only for the parts that are used (a pair's delays lie close together),
 * since pairs exist by the ten thousand. The exact minimum, maximum and sum stand beside it.
 */
#ifndef MVPN_SCOPE_HISTOGRAM_H
#define MVPN_SCOPE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS   256u
#define HISTOGRAM_LOWEST  13u /* 2^13 ns = 8 us: what is below is in the first bucket */
#define HISTOGRAM_OCTAVES 22u /* up to 34 s */
#define HISTOGRAM_PAGE    64u /* buckets */
#define HISTOGRAM_PAGES   (HISTOGRAM_STEPS * HISTOGRAM_OCTAVES / HISTOGRAM_PAGE)

struct histogram {
    uint32_t *page[HISTOGRAM_PAGES]; /* NULL: nothing there */
    uint64_t count;
    int64_t min_ns, max_ns;
    int64_t sum_ns;
};

/* A zeroed histogram is an empty one; histogram_clear empties it and frees its memory. */
void histogram_add(struct histogram *h, int64_t ns);
void histogram_clear(struct histogram *h);

/* histogram_quantile returns the delay below which the share q (0...1) lies; -1 when empty. */
int64_t histogram_quantile(const struct histogram *h, double q);

#endif
