/*
 * What became of the probes of one sender at one receiver: loss, duplicates, order, delay. Only
 * what was sent long enough ago is counted (the caller's `settled`), so that a probe under way is
 * not a lost one. Sequence numbers are the sender's.
 *
 * The group's tree is built after the first join, and moves when the first packets have come (from
 * the RP's tree to the source's). What was sent before that says nothing of the network's loss: if
 * the very first probe does not come, counting begins `warm` numbers behind the first that does, or
 * at `limit`, whichever is less. While none has come all count, as lost.
 */
#ifndef MVPN_SCOPE_PAIR_H
#define MVPN_SCOPE_PAIR_H

#include "monitor/scope/histogram.h"

#include <stdbool.h>
#include <stddef.h>

struct pair {
    uint32_t stream, from, to; /* numbers of the stream, and of the tunnels */
    bool heard;
    uint64_t begin, first, limit; /* sequence numbers: the pair's first, the first that counts */
    uint64_t warm;
    uint64_t highest; /* behind the highest that came */
    uint64_t received, duplicate, reordered;
    uint64_t late; /* came when it could not be told from a duplicate any more: counts as lost */
    uint64_t *window;
    size_t window_bits;    /* a power of two: numbers within which order and duplicates are told */
    int64_t last_delay_ns; /* for the jitter */
    double jitter_ns;      /* RFC 3550 6.4.1 */
    struct histogram delay;
};

/* pair_init begins with the sender's next number. rate: of the sender, probes a second. */
void pair_init(struct pair *p, uint64_t begin, double rate);
void pair_fini(struct pair *p);

/* pair_rate makes room for another rate; what was counted stays. */
void pair_rate(struct pair *p, double rate);

/* pair_receive takes one probe's arrival. */
void pair_receive(struct pair *p, uint64_t sequence, int64_t delay_ns);

struct pair_counts {
    uint64_t sent, received, lost;
    uint64_t warm_up; /* sent before counting began */
};

/* pair_counts gives what was sent before the number settled. */
void pair_counts_get(const struct pair *p, uint64_t settled, struct pair_counts *out);

#endif
