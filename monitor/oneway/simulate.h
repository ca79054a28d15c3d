/*
 * Configurations A, B and C of one-way loss inference with simulated losses: what the estimators
 * make of known truths, and how many probes that takes (PROTOCOLS 10.5).
 */
#ifndef MVPN_ONEWAY_SIMULATE_H
#define MVPN_ONEWAY_SIMULATE_H

#include "emul/base/rng.h"
#include "monitor/minc/minc.h"
#include "monitor/oneway/links.h"

struct simulation {
    char config;             /* 'A', 'B', 'C' */
    double loss[MINC_LINKS]; /* of each link, [0, 1) */
    double burst;            /* mean length of a burst of losses, probes; 1: independent */
    uint64_t probes;
    uint64_t aggregate; /* probes an interval: the aggregate estimator; 0: individual probes */
};

struct simulated {
    struct minc_estimate estimate;
    struct minc_counts counts; /* individual probes */
    struct loss_runs runs;     /* at the leaves */
};

/* simulate_once does one run from its own seed. */
void simulate_once(const struct simulation *s, uint64_t seed, struct simulated *out);

#endif
