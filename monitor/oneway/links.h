/*
 * The JSON of one-way loss (DESIGN B.8): links with their intervals, what identifies nothing as
 * null, and the warning where bursts of losses make the intervals a lie.
 */
#ifndef MVPN_ONEWAY_LINKS_H
#define MVPN_ONEWAY_LINKS_H

#include "monitor/minc/minc.h"

#include <jansson.h>

/* links_add appends one link to an array of links. */
void links_add(json_t *links, const char *name, double pass, double error, uint64_t probes);

/* links_counts returns {"n11", ...}. */
json_t *links_counts(const struct minc_counts *n);

/* links_new makes a result with its keys in order: probes, config, links (empty). */
json_t *links_new(uint64_t probes, const char *estimator);

/* Losses in a leaf's own order of probes: how many, in how many runs. Leaves one after another
 * (before = false between them). */
struct loss_runs {
    uint64_t probes, lost, runs;
    bool before;
};

static inline void loss_runs_add(struct loss_runs *r, bool lost)
{
    r->probes++;
    r->lost += lost;
    r->runs += lost && !r->before;
    r->before = lost;
}

/*
 * links_burst sets burst_length, the mean length of a run (no loss: null) and, where that is longer
 * than independent losses make it, a "warning" with what it does to the intervals. So few runs that
 * chance could have made them warn of nothing.
 */
void links_burst(json_t *result, const struct loss_runs *runs);

#endif
