/*
 * The one walk over a result tree: decides what a report says and in which order (draft 8.1, 8.2);
 * a sink decides how it looks. A half-finished result is walked as far as it goes: whatever is
 * missing is a null cell. The pieces below are one file each and private to this room.
 */
#ifndef MVPN_REPORTS_WALK_H
#define MVPN_REPORTS_WALK_H

#include "reports/page.h"
#include "reports/reports.h"
#include "reports/sink.h"

#include <jansson.h>

/* report_walk drives sink over the whole result. */
void report_walk(const struct report_input *in, struct report_sink *sink);

/* report_document is report_walk as the walk of a page: arg is a struct report_input. */
document_walk report_document;

/* walk_summary: the first screen: requirements, maxima, metrics, recovery times of all cases. */
void walk_summary(const struct report_input *in, struct report_sink *sink);

/* walk_has_recovery tells whether any instance of the result has one. */
bool walk_has_recovery(const json_t *result);

/* walk_case: one case; items 1-3 of draft 8.1, then the pieces below. dir is the run's directory,
 * or NULL. */
void walk_case(const json_t *one_case, const char *dir, struct report_sink *sink);

/* walk_instance: items 4-14 of draft 8.1 for the instance of a case that is its maximum. */
void walk_instance(const json_t *instance, const json_t *maximum, struct report_sink *sink);

/* walk_spmsi: S-PMSIs and their switching delay in one instance; nothing if it has none.
 * walk_spmsi_has tells whether a key of "extra" is shown there. */
void walk_spmsi(const json_t *instance, struct report_sink *sink);
bool walk_spmsi_has(const char *extra_key);

/* walk_signalling: signalling between PEs beside RFC 6517's prediction in one instance;
 * walk_marking: losses by branch and block over all of them. Nothing where there is none. */
void walk_signalling(const json_t *instance, struct report_sink *sink);
void walk_marking(const json_t *instances, struct report_sink *sink);

/* walk_measured: what a case measures instead of a maximum, over all its instances;
 * walk_beside_maximum: the coarse grid, the difference to another case, the idle throughput. */
void walk_measured(const json_t *one_case, struct report_sink *sink);
void walk_beside_maximum(const json_t *one_case, struct report_sink *sink);

/* walk_recovery: draft 8.2 over all instances of a case; nothing if none has a recovery. */
void walk_recovery(const json_t *one_case, const char *dir, struct report_sink *sink);

/* walk_instances: every instance of a case with its verdict, and what failed. */
void walk_instances(const json_t *one_case, struct report_sink *sink);

/* walk_deviations: items 15 and 16 of draft 8.1. */
void walk_deviations(const json_t *one_case, struct report_sink *sink);

#endif
