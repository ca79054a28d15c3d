#include "monitor/scope/pair.h"

#include <stdlib.h>
#include <string.h>

static uint64_t *word_of(struct pair *p, uint64_t sequence, uint64_t *bit)
{
    *bit = UINT64_C(1) << (sequence % 64);
    return &p->window[sequence % PAIR_WINDOW / 64];
}

bool pair_seen(const struct pair *p, uint64_t sequence)
{
    if (sequence >= p->highest || p->highest - sequence > PAIR_WINDOW)
        return false;
    return (p->window[sequence % PAIR_WINDOW / 64] >> (sequence % 64) & 1) != 0;
}

/* Moves the window on to the sequence number: what is between has not come. */
static void advance(struct pair *p, uint64_t sequence)
{
    uint64_t from = p->highest;
    if (sequence - from >= PAIR_WINDOW) {
        memset(p->window, 0, sizeof(p->window));
    } else {
        for (uint64_t s = from; s <= sequence; s++) {
            uint64_t bit, *word = word_of(p, s, &bit);
            *word &= ~bit;
        }
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

void pair_receive(struct pair *p, uint64_t sequence, int64_t delay_ns)
{
    uint64_t bit;
    if (sequence < p->first)
        return;
    if (sequence >= p->highest) {
        advance(p, sequence);
    } else if (p->highest - sequence > PAIR_WINDOW) {
        p->late++; /* cannot be told from a duplicate any more */
        return;
    } else if (pair_seen(p, sequence)) {
        p->duplicate++;
        return;
    } else {
        p->reordered++;
    }
    uint64_t *word = word_of(p, sequence, &bit);
    *word |= bit;
    p->received++;
    take_delay(p, delay_ns);
}
