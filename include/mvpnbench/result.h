/*
 * The result of a run as a tree of JSON values (jansson), in the shape and order of DESIGN B.3: the
 * door between the harness, which builds it, and the reports, which walk it. Two things are not
 * plain JSON: an instant or duration is {"$ns": integer} so that no digit is lost until a report
 * prints it as seconds with nine decimals, and nothing else uses keys with '$'. The journal keeps
 * trees as they are, result.json is printed by reports/json.h.
 */
#ifndef MVPNBENCH_RESULT_H
#define MVPNBENCH_RESULT_H

#include "emul/base/instant.h"
#include "mvpnbench/metric.h"

#include <jansson.h>

#define RESULT_SCHEMA "mvpnbench-result/1"

/* result_time returns a time value; result_time_or_null null where known is false. New references.
 */
json_t *result_time(int64_t ns);
json_t *result_time_or_null(bool known, int64_t ns);

/* result_is_time tells whether v is a time value and gives its nanoseconds. */
bool result_is_time(const json_t *v, int64_t *ns);

/* result_count returns an integer, or null for METRIC_UNKNOWN (negative). */
json_t *result_count(int64_t v);

/* result_real returns a number, or null when it is negative or not finite. */
json_t *result_real(double v);

/* result_metric and result_p_metric return the objects of B.3. */
json_t *result_metric(const struct mvpn_metric *m);
json_t *result_p_metric(const struct p_metric *m);

/* result_number reads an integer, real or time (in seconds) as double; NAN for anything else. */
double result_number(const json_t *v);

#endif
