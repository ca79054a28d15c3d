/*
 * One case of a campaign: its place in the result, its outer sweep, and its entry of DESIGN B.3,
 * put together from its points whenever that is asked for.
 */
#ifndef MVPN_RUN_CASEJOB_H
#define MVPN_RUN_CASEJOB_H

#include "harness/run/known.h"
#include "harness/run/point.h"

enum point_state { POINT_WAITING, POINT_RUNNING, POINT_DONE, POINT_LOST };

struct case_point_job {
    enum point_state state; /* LOST: the process that ran it died */
    struct point_result r;
};

struct case_job {
    const struct test_case *tc;
    json_t *object;  /* entry of the result; NULL until planned */
    json_t *planned; /* its deviations then */
    struct known known;
    struct case_context context;
    struct case_point *points;
    struct case_point_job *jobs; /* one a point */
    size_t count;
};

/*
 * casejob_plan makes the object with every key of B.3 and the list of points; what the case depends
 * on must be complete. deviations are those of the run. A case without points is complete, and
 * omitted.
 */
void casejob_plan(struct case_job *j, const struct campaign_env *env, const json_t *deviations);

/* casejob_ready tells whether point i can be run: it waits, and so does no earlier point that
 * may end the sweep before it. casejob_complete: all points are done. */
bool casejob_ready(const struct case_job *j, size_t i);
bool casejob_complete(const struct case_job *j);

/* casejob_run goes through point i, from its beginning; -1 with *err. */
int casejob_run(struct case_job *j, const struct campaign_env *env, size_t i,
                const struct runner *runner, struct err *err);

/* casejob_gather puts what the points have into the object. */
void casejob_gather(struct case_job *j);

/* casejob_stamp gives the instances their times on the virtual clock, the first one after
 * after_ns; returns the end of the last. */
int64_t casejob_stamp(struct case_job *j, int64_t after_ns);

void casejob_fini(struct case_job *j);

#endif
