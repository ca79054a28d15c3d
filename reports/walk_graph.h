/*
 * The graphs of a report: computed from the tree and the side files of the run, only for a sink
 * that draws (ops->graph), and only for the values that stand as maxima. What is missing gives no
 * graph. Ids are "<kind>-<case or instance>-...", unique in a report and the same in every one.
 */
#ifndef MVPN_REPORTS_WALK_GRAPH_H
#define MVPN_REPORTS_WALK_GRAPH_H

#include "reports/sink.h"

#include <jansson.h>

/* walk_graph_curves: the characterisation of a case, for each point of its outer sweep where two
 * values or more were tried: over the parameter that was varied the variable of the case as
 * measured and as expected, utilisation, latency, and Trall-Tf of each stimulus beside the
 * apparatus floor. */
void walk_graph_curves(const json_t *one_case, struct report_sink *sink);

/* walk_graph_latency: the latency distribution of one instance, by direction. */
void walk_graph_latency(const json_t *instance, struct report_sink *sink);

/* walk_graph_recovery: for every recovery of the instances that stand as a maximum of the case,
 * the rates of all ports from 60 s before the stimulus to 60 s after recovery, and flows and
 * neighbours as they come back (draft 8.2). dir is the run's directory; NULL: nothing of it. */
void walk_graph_recovery(const json_t *one_case, const char *dir, struct report_sink *sink);

#endif
