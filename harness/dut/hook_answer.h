/*
 * What hooks print, checked to the letter: an answer that is not exactly what it may be counts as
 * nothing. Pure functions over text; testcases/duts/README.md has the schema.
 */
#ifndef MVPN_DUT_HOOK_ANSWER_H
#define MVPN_DUT_HOOK_ANSWER_H

#include "mvpnbench/dut.h"

#define HOOK_WHY_MAX 300

/*
 * Each reads len bytes and returns true, or false with why: what is wrong, in a few printable
 * words. What it fills in is untouched then. null and keys left out are METRIC_UNKNOWN
 * (utilisation: -1).
 */

/* hook_answer_empty: {} (configure, unconfigure, window_begin). */
bool hook_answer_empty(const char *text, size_t len, char why[HOOK_WHY_MAX]);

/* hook_answer_health: {"ok": true or false}, with a "reason" beside. A false is an answer that is
 * as it may be: *well is false then, and why says it. */
bool hook_answer_health(const char *text, size_t len, bool *well, char why[HOOK_WHY_MAX]);

/* hook_answer_metric: keys of the metric, of the P instance, "neighbours", "spmsi_cached". */
bool hook_answer_metric(const char *text, size_t len, struct dut_view *view,
                        char why[HOOK_WHY_MAX]);

/* hook_answer_neighbours: {"c_interface": n, "mi_pmsi": n}. */
bool hook_answer_neighbours(const char *text, size_t len, struct neighbour_count *out,
                            char why[HOOK_WHY_MAX]);

/* hook_answer_utilisation: a list of components. */
bool hook_answer_utilisation(const char *text, size_t len, struct dut_view *view,
                             char why[HOOK_WHY_MAX]);

/*
 * hook_answer_stimulus: {} (*tf_wall_ns = 0) or {"Tf": seconds since the epoch}, which must lie
 * between the wall-clock times around the call.
 */
bool hook_answer_stimulus(const char *text, size_t len, int64_t begin_wall_ns, int64_t end_wall_ns,
                          int64_t *tf_wall_ns, char why[HOOK_WHY_MAX]);

#endif
