/*
 * What became of the probes of one sender at one receiver: loss, duplicates, order, delay. Counted
 * is what was sent at least SETTLE_NS ago, so that a probe under way is not a lost one. Fixed size:
 * pairs exist by the ten thousand.
 */
#ifndef MVPN_SCOPE_PAIR_H
#define MVPN_SCOPE_PAIR_H

#include "emul/base/instant.h"
#include "monitor/scope/histogram.h"

#include <stdbool.h>

#define PAIR_WINDOW 1024u /* sequence numbers within which order and duplicates are told */

struct pair {
    uint32_t task, vpn, from, to; /* numbers of task, VPN, tunnels */
    uint64_t first;               /* sequence number of the sender when the pair began */
    uint64_t highest;             /* behind the highest that came */
    uint64_t received, duplicate, reordered, late;
    uint64_t window[PAIR_WINDOW / 64];
    int64_t last_delay_ns; /* for the jitter */
    double jitter_ns;      /* RFC 3550 6.4.1 */
    struct histogram delay;
};

/* pair_receive takes one probe's arrival. */
void pair_receive(struct pair *p, uint64_t sequence, int64_t delay_ns);

/* pair_seen tells whether a sequence number within the window came. */
bool pair_seen(const struct pair *p, uint64_t sequence);

#endif
