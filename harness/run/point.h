/*
 * One point of a case's outer sweep: the draft's coarse grid, the search for the steady maximum,
 * the stimuli there and the searches below it; or the one instance of a case that only measures.
 * Its instances are numbered point * 1000 + n, whatever else runs. Where an instance is not in the
 * journal the runner gives it; the same steps on the same entries come to the same result, so a
 * point that another process has run is put together by going through it again.
 */
#ifndef MVPN_RUN_POINT_H
#define MVPN_RUN_POINT_H

#include "harness/run/hunt.h"
#include "harness/run/measure.h"

#define POINT_INSTANCES 1000 /* numbers that a point has */

/* run gives the entry of an instance (a new reference), or -1 with *err. */
struct runner {
    int (*run)(void *arg, struct instance_request *q, struct case_try at, json_t **entry,
               struct err *err);
    void *arg;
};

struct point_task {
    const struct campaign_env *env;
    const struct test_case *tc;
    const struct case_context *context; /* its notes go elsewhere: into the result */
    const struct case_point *point;
    size_t index; /* of the point in the case */
    const struct runner *runner;
};

struct point_result {
    json_t *entries;                /* of the journal, in order */
    json_t *maxima[STIM_COUNT + 1]; /* entries by stimulus; the last: steady */
    json_t *notes;                  /* {"configuration": [...], "procedure": [...]} */
    bool holds;                     /* something passed */
    char refused[512];              /* why it cannot be run at all; "": it can */
};

void point_result_init(struct point_result *r);
void point_result_fini(struct point_result *r);

/* point_run goes through the point and fills in *r, which holds what there is also after an
 * error: -1 with *err. */
int point_run(const struct point_task *t, struct point_result *r, struct err *err);

/* ---- between point.c and trial.c ---- */

struct point_job {
    const struct point_task *task;
    struct point_result *r;
    struct case_context context;
    struct measure_point measure;
    struct search_bounds bounds;
    struct case_try *grid;
    size_t grid_count;
    unsigned next_id;
    uint64_t best_value; /* largest that passed, and what the draft counts there; for who watches */
    int64_t best;
    int64_t spent_ns; /* on the run's clock */
};

/* trial_run runs a try with stimuli, again while the apparatus spoilt it; -1 with *err. */
int trial_run(struct point_job *j, struct case_try at, const enum stimulus *stimuli, size_t count,
              struct instance_outcome *out, char id[INSTANCE_ID_MAX], struct err *err);

/* trial_fits tells whether testbed and apparatus can carry the try: 1, or 0 with why, -1 when
 * the values are impossible (*err: ERR_USE). */
int trial_fits(struct point_job *j, struct case_try at, struct err *why, struct err *err);

/* trial_late tells that the budget of the point's search (search.time_s) is spent. */
bool trial_late(const struct point_job *j);

#endif
