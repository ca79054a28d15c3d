#include "monitor/scope/histogram.h"

static unsigned bucket_of(int64_t ns)
{
    uint64_t v = ns < 0 ? 0 : (uint64_t)ns;
    unsigned top = v == 0 ? 0 : 63u - (unsigned)__builtin_clzll(v);
    if (top < HISTOGRAM_LOWEST)
        return 0;
    unsigned within = (unsigned)(v >> (top - 4)) & (HISTOGRAM_STEPS - 1);
    unsigned n = (top - HISTOGRAM_LOWEST) * HISTOGRAM_STEPS + within;
    return n < HISTOGRAM_BUCKETS ? n : HISTOGRAM_BUCKETS - 1;
}

/* The begin of a bucket. */
static double begin_of(unsigned n)
{
    unsigned top = n / HISTOGRAM_STEPS + HISTOGRAM_LOWEST;
    return (double)((uint64_t)(HISTOGRAM_STEPS + n % HISTOGRAM_STEPS) << (top - 4));
}

void histogram_add(struct histogram *h, int64_t ns)
{
    if (h->count == 0 || ns < h->min_ns)
        h->min_ns = ns;
    if (h->count == 0 || ns > h->max_ns)
        h->max_ns = ns;
    h->count++;
    h->sum_ns += ns;
    h->bucket[bucket_of(ns)]++;
}

int64_t histogram_quantile(const struct histogram *h, double q)
{
    if (h->count == 0)
        return -1;
    double rank = q * (double)h->count, before = 0;
    unsigned n = 0;
    while (n + 1 < HISTOGRAM_BUCKETS && before + (double)h->bucket[n] < rank)
        before += (double)h->bucket[n++];
    double share = h->bucket[n] == 0 ? 0 : (rank - before) / (double)h->bucket[n];
    double low = n == 0 ? 0 : begin_of(n), v = low + share * (begin_of(n + 1) - low);
    if (v < (double)h->min_ns)
        v = (double)h->min_ns;
    if (v > (double)h->max_ns)
        v = (double)h->max_ns;
    return (int64_t)v;
}
