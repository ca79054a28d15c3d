/*
 * All cases of a run: the order that their dependencies give, and running them, one instance after
 * another or points in several processes. However they were run, the result is put together in the
 * same order and is the same (DESIGN B.3).
 */
#ifndef MVPN_RUN_JOBS_H
#define MVPN_RUN_JOBS_H

#include "harness/run/casejob.h"
#include "harness/run/forecast.h"

#define JOBS_MAX KNOWN_CASES_MAX

struct jobs {
    struct campaign_env *env;
    const char *dir;
    bool virtual_clock;
    unsigned workers;          /* processes; 0: everything in this one */
    const json_t *deviations;  /* of the run: in every case */
    json_t *result;            /* the result tree; "cases" is kept up to date */
    struct forecast *forecast; /* NULL: nobody watches */
    size_t count;
    struct case_job cases[JOBS_MAX]; /* in the draft's order */
    size_t order[JOBS_MAX];          /* in which they are run: indices */
};

/*
 * jobs_init takes the cases in any order; cases, env, result and from stay the caller's. The order
 * to run them in is the draft's, but for those that take another's result, which come after it.
 */
void jobs_init(struct jobs *js, struct campaign_env *env, struct test_case *const *cases,
               size_t count, json_t *result, const json_t *from);

/* jobs_run runs everything that is not in the journal; -1 with *err. What there is stands in the
 * result either way; it is written after each case but the last, which the caller does. */
int jobs_run(struct jobs *js, struct err *err);
void jobs_fini(struct jobs *js);

/* ---- between jobs.c and workers.c ---- */

/* jobs_plan_ready plans every case whose dependencies are complete; -1 with *err. */
int jobs_plan_ready(struct jobs *js, struct err *err);

/* jobs_next finds a point that can be run; false when there is none now. */
bool jobs_next(const struct jobs *js, size_t *job, size_t *point);

/* jobs_point_done does what the end of a point asks for: a complete case is said, and
 * written unless it was the last. */
int jobs_point_done(struct jobs *js, size_t job, struct err *err);

/* jobs_keep writes an entry to the journal, remembers and says it. Takes entry. */
int jobs_keep(struct jobs *js, const struct test_case *tc, json_t *entry, struct err *err);

/* workers_run runs all points in processes of their own; -1 with *err. */
int workers_run(struct jobs *js, struct err *err);

#endif
