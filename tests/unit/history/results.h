/*
 * Results to put into a history: one case 9.1 with one maximum, one instance at it and its
 * recoveries from a P-link flap. Whatever is left 0 is plain.
 */
#ifndef MVPN_TESTS_HISTORY_RESULTS_H
#define MVPN_TESTS_HISTORY_RESULTS_H

#include "harness/history/history.h"

#include <jansson.h>

#define REPEATS_MAX 3

struct made_result {
    const char *dut, *version, *started, *clock, *timing;
    int value;                 /* N; below 0: nothing passed */
    int first_fail;            /* 0: value + 1 */
    const char *bounded_by;    /* "dut" */
    double rate_pps;           /* 1 */
    const char *omitted;       /* the case was left out, why */
    const char *mark;          /* of the recoveries */
    double trall[REPEATS_MAX]; /* Trall-Tf, s; below 0: not recovered; 0: no such repeat */
};

/* made returns the tree; made_import puts it into h under a sum of its own and returns the run. */
json_t *made(const struct made_result *r);
int64_t made_import(struct history *h, const struct made_result *r);

/* made_path returns the path of a database that is not there, in a directory of this process;
 * made_clean removes what is in it. */
const char *made_path(const char *name);
void made_clean(void);

#endif
