/*
 * Results side by side (docs/compare.md). The first run is the base; every later one is compared
 * with it: maxima, recovery times, latency, utilisation, what cases measure. Nothing is claimed of
 * one variable while another differs (draft section 5): what may not be compared says why.
 */
#ifndef MVPN_REPORTS_COMPARE_H
#define MVPN_REPORTS_COMPARE_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#define COMPARE_SCHEMA   "mvpnbench-compare/1"
#define COMPARE_RUNS_MAX 8u

/* One run: where it was read from, and its tree. Both borrowed. */
struct compare_run {
    const char *dir;
    const json_t *result;
};

/* compare_letter names a run in texts: 0 is "A", the base. */
const char *compare_letter(size_t run);

/* What --tolerance said: the defaults are raised to it, never lowered. */
struct compare_tolerances {
    struct compare_tolerance_spec *specs;
    size_t count, cap;
};

/* compare_tolerance_add takes one specification: "5%", "NAME=5%" or "NAME=0.5" (in the unit of the
 * quantity); a later one of the same name replaces an earlier one. -1 with *err (ERR_USE).
 * compare_tolerances_fini frees all of them. */
int compare_tolerance_add(struct compare_tolerances *t, const char *spec, struct err *err);
void compare_tolerances_fini(struct compare_tolerances *t);

/* compare_load reads DIR/result.json; a new reference, or NULL with *err (ERR_USE). */
json_t *compare_load(const char *dir, struct err *err);

/*
 * compare_runs compares count runs (2 to COMPARE_RUNS_MAX) and returns a new tree of
 * COMPARE_SCHEMA; NULL with *err (ERR_USE) for a tolerance of something that no run has.
 */
json_t *compare_runs(const struct compare_run *runs, size_t count,
                     const struct compare_tolerances *tolerances, struct err *err);

/* Values of later runs by what became of them; a value counts once for each later run. */
struct compare_counts {
    size_t same, better, worse, incomparable;
};

/* compare_counts_get reads the counts of a tree of compare_runs. */
struct compare_counts compare_counts_get(const json_t *comparison);

/* compare_text prints the comparison, at most 100 columns wide; compare_html as one self-contained
 * page through the XSLT file style (NULL: the built-in one), -1 with *err. */
void compare_text(FILE *f, const json_t *comparison);
int compare_html(FILE *f, const char *style, const json_t *comparison, struct err *err);

#endif
