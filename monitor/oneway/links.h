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

/*
 * links_burst sets burst_length (NAN: null) and, where it is longer than independent losses of that
 * share make it (lost: share of probes lost at a leaf), a "warning" with what that does to the
 * intervals.
 */
void links_burst(json_t *result, double burst_length, double lost);

#endif
