/*
 * The measurer: from a try at a point of the outer sweep to an instance, run in a world, and its
 * entry for the journal. What decides which values are tried knows nothing of it.
 */
#ifndef MVPN_RUN_MEASURE_H
#define MVPN_RUN_MEASURE_H

#include "harness/run/entry.h"
#include "harness/run/env.h"

/* A point of a case's outer sweep, as all its instances have it. */
struct measure_point {
    const struct campaign_env *env;
    const struct test_case *tc;
    const struct case_context *context;
    const struct case_point *point;
};

/* measure_request fills in the instance of a try; id and stimuli are the caller's. -1 with *err
 * (ERR_USE) when the values are impossible. */
int measure_request(const struct measure_point *p, struct case_try at, struct instance_request *q,
                    struct err *err);

/*
 * measure_run runs the instance in w, the apparatus floor of its stimuli included. With
 * search.recover the DUT must be healthy before it, and a DUT that dies during it and comes back
 * has failed it. Returns 0 with *entry (a new reference); -1 with *err (ERR_TESTBED,
 * ERR_INTERRUPTED).
 */
int measure_run(const struct campaign_env *env, struct world *w, struct instance_request *q,
                struct case_try at, json_t **entry, struct err *err);

#endif
