#include "monitor/scope/histogram.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define STEP_BITS 8u
#define BUCKETS   (HISTOGRAM_PAGES * HISTOGRAM_PAGE)

static unsigned bucket_of(int64_t ns)
{
    uint64_t v = ns < 0 ? 0 : (uint64_t)ns;
    unsigned top = v == 0 ? 0 : 63u - (unsigned)__builtin_clzll(v);
    if (top < HISTOGRAM_LOWEST)
        return 0;
    unsigned within = (unsigned)(v >> (top - STEP_BITS)) & (HISTOGRAM_STEPS - 1);
    unsigned n = (top - HISTOGRAM_LOWEST) * HISTOGRAM_STEPS + within;
    return n < BUCKETS ? n : BUCKETS - 1;
}

/* The begin of a bucket; the first one begins at 0. */
static double begin_of(unsigned n)
{
    unsigned top = n / HISTOGRAM_STEPS + HISTOGRAM_LOWEST;
    uint64_t steps = HISTOGRAM_STEPS + n % HISTOGRAM_STEPS;
    return n == 0 ? 0 : (double)(steps << (top - STEP_BITS));
}

void histogram_add(struct histogram *h, int64_t ns)
{
    unsigned bucket = bucket_of(ns);
    uint32_t **page = &h->page[bucket / HISTOGRAM_PAGE];
    if (h->count == 0 || ns < h->min_ns)
        h->min_ns = ns;
    if (h->count == 0 || ns > h->max_ns)
        h->max_ns = ns;
    h->count++;
    h->sum_ns += ns;
    if (*page == NULL)
        *page = mem_zalloc(HISTOGRAM_PAGE, sizeof(**page));
    (*page)[bucket % HISTOGRAM_PAGE]++;
}

void histogram_clear(struct histogram *h)
{
    for (unsigned i = 0; i < HISTOGRAM_PAGES; i++)
        free(h->page[i]);
    *h = (struct histogram){0};
}

static double within(const struct histogram *h, double v)
{
    if (v < (double)h->min_ns)
        return (double)h->min_ns;
    return v > (double)h->max_ns ? (double)h->max_ns : v;
}

int64_t histogram_quantile(const struct histogram *h, double q)
{
    double rank = q * (double)h->count, before = 0;
    if (h->count == 0)
        return -1;
    for (unsigned n = 0; n < BUCKETS; n++) {
        const uint32_t *page = h->page[n / HISTOGRAM_PAGE];
        if (page == NULL) {
            n |= HISTOGRAM_PAGE - 1;
            continue;
        }
        double here = (double)page[n % HISTOGRAM_PAGE];
        if (here > 0 && before + here >= rank && n + 1 < BUCKETS) {
            double low = begin_of(n), share = (rank - before) / here;
            return (int64_t)within(h, low + share * (begin_of(n + 1) - low));
        }
        before += here;
    }
    return h->max_ns;
}
