/*
 * The document of a comparison (compare.h), in parts; private to this room.
 */
#ifndef MVPN_REPORTS_WALK_COMPARE_H
#define MVPN_REPORTS_WALK_COMPARE_H

#include "reports/sink.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* walk_compare drives sink over a comparison, a tree of compare_runs. */
void walk_compare(void *comparison, struct report_sink *sink);

/* compare_walk_one returns what a row says of one later run ("B"); NULL if nothing. */
const json_t *compare_walk_one(const json_t *row, const char *letter);

/* Rows that differ in nothing but the stimulus are told as one. groups_init groups by what a row
 * says of run k, or of all runs (k 0). */
struct compare_groups {
    json_t *by_text; /* what a row says but for its stimulus, to the number of its group */
    json_t *of_row;  /* number of the group, by row */
    json_t *stimuli; /* names, by group */
    json_t *first;   /* row, by group */
};

void groups_init(struct compare_groups *g, const json_t *rows, size_t k);
void groups_fini(struct compare_groups *g);

/* groups_first tells whether a row is the first of its group; groups_stimuli names the stimuli of
 * the group: "steady, p-link-flap", of many only how many more there are; the caller frees. */
bool groups_first(const struct compare_groups *g, size_t row);
char *groups_stimuli(const struct compare_groups *g, size_t row);

/* walk_compare_reasons: what was not compared and why, remarks, and deviations side by side. */
void walk_compare_reasons(const json_t *comparison, struct report_sink *sink);

/* walk_compare_graph: the maxima of all runs as shares of the base's. */
void walk_compare_graph(const json_t *comparison, struct report_sink *sink);

#endif
