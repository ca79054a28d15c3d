#include "monitor/scope/pair.h"

#include "emul/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_LEAST 128u
#define WINDOW_S     4.0 /* of probes: more than settling takes */
#define WARM_S       1.0
#define LIMIT_S      10.0

static size_t bits_for(double rate)
{
    size_t bits = WINDOW_LEAST;
    while ((double)bits < rate * WINDOW_S)
        bits *= 2;
    return bits;
}

void pair_init(struct pair *p, uint64_t begin, double rate)
{
    p->heard = false;
    p->begin = p->first = p->highest = begin;
    p->warm = (uint64_t)(rate * WARM_S) + 1;
    p->limit = begin + (uint64_t)(rate * LIMIT_S) + 1;
    p->received = p->duplicate = p->reordered = p->late = 0;
    p->window_bits = bits_for(rate);
    free(p->window);
    p->window = mem_zalloc(p->window_bits / 64, sizeof(*p->window));
    p->last_delay_ns = 0;
    p->jitter_ns = 0;
    histogram_clear(&p->delay);
}

void pair_fini(struct pair *p)
{
    free(p->window);
    p->window = NULL;
    histogram_clear(&p->delay);
}

static bool has(const uint64_t *window, size_t bits, uint64_t sequence)
{
    return (window[sequence % bits / 64] >> (sequence % 64) & 1) != 0;
}

static void set(uint64_t *window, size_t bits, uint64_t sequence)
{
    window[sequence % bits / 64] |= UINT64_C(1) << (sequence % 64);
}

/* The least number that the window holds. */
static uint64_t window_begin(const struct pair *p)
{
    return p->highest - p->begin > p->window_bits ? p->highest - p->window_bits : p->begin;
}

void pair_rate(struct pair *p, double rate)
{
    size_t bits = bits_for(rate);
    if (bits <= p->window_bits)
        return;
    uint64_t *window = mem_zalloc(bits / 64, sizeof(*window));
    for (uint64_t s = window_begin(p); s < p->highest; s++) {
        if (has(p->window, p->window_bits, s))
            set(window, bits, s);
    }
    free(p->window);
    p->window = window;
    p->window_bits = bits;
}

/* Moves the window on to the sequence number: what is between has not come. */
static void advance(struct pair *p, uint64_t sequence)
{
    if (sequence - p->highest >= p->window_bits) {
        memset(p->window, 0, p->window_bits / 8);
    } else {
        for (uint64_t s = p->highest; s <= sequence; s++)
            p->window[s % p->window_bits / 64] &= ~(UINT64_C(1) << (s % 64));
    }
    p->highest = sequence + 1;
}

static void take_delay(struct pair *p, int64_t delay_ns)
{
    if (p->delay.count > 0) {
        double d = (double)llabs(delay_ns - p->last_delay_ns);
        p->jitter_ns += (d - p->jitter_ns) / 16;
    }
    p->last_delay_ns = delay_ns;
    histogram_add(&p->delay, delay_ns);
}

/* The first that comes says where counting begins. */
static void hear(struct pair *p, uint64_t sequence)
{
    p->heard = true;
    if (sequence > p->begin)
        p->first = sequence + p->warm < p->limit ? sequence + p->warm : p->limit;
}

void pair_receive(struct pair *p, uint64_t sequence, int64_t delay_ns)
{
    if (sequence < p->begin)
        return;
    if (!p->heard)
        hear(p, sequence);
    bool counts = sequence >= p->first;
    if (sequence >= p->highest) {
        advance(p, sequence);
    } else if (sequence < window_begin(p)) {
        p->late += counts;
        return;
    } else if (has(p->window, p->window_bits, sequence)) {
        p->duplicate += counts;
        return;
    } else {
        p->reordered += counts;
    }
    set(p->window, p->window_bits, sequence);
    if (!counts)
        return;
    p->received++;
    take_delay(p, delay_ns);
}

void pair_counts_get(const struct pair *p, uint64_t settled, struct pair_counts *out)
{
    uint64_t from = settled > p->first ? settled : p->first, under_way = 0;
    if (from < window_begin(p))
        from = window_begin(p);
    for (uint64_t s = from; s < p->highest; s++)
        under_way += has(p->window, p->window_bits, s);
    *out = (struct pair_counts){.sent = settled > p->first ? settled - p->first : 0,
                                .received = p->received - under_way,
                                .warm_up = p->first - p->begin};
    out->lost = out->sent - out->received;
}
