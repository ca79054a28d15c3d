/*
 * The document of a comparison (compare.h), in parts; private to this room.
 */
#ifndef MVPN_REPORTS_WALK_COMPARE_H
#define MVPN_REPORTS_WALK_COMPARE_H

#include "reports/sink.h"

#include <jansson.h>

/* walk_compare drives sink over a comparison, a tree of compare_runs. */
void walk_compare(void *comparison, struct report_sink *sink);

/* compare_walk_one returns what a row says of one later run ("B"); NULL if nothing. */
const json_t *compare_walk_one(const json_t *row, const char *letter);

/* walk_compare_reasons: what was not compared and why, remarks, and deviations side by side. */
void walk_compare_reasons(const json_t *comparison, struct report_sink *sink);

/* walk_compare_graph: the maxima of all runs as shares of the base's. */
void walk_compare_graph(const json_t *comparison, struct report_sink *sink);

#endif
