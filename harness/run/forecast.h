/*
 * When a run will have ended: what a plan estimates for every point of its cases (plan.h),
 * corrected by what was measured: how long instances took, where values began to fail, and what
 * points of the same case cost beside their plan. For those who watch; nothing of a run depends on
 * it.
 */
#ifndef MVPN_RUN_FORECAST_H
#define MVPN_RUN_FORECAST_H

#include "harness/run/env.h"
#include "harness/run/instance.h"
#include "harness/run/progress.h"
#include "harness/run/setup.h"

struct forecast;

/* forecast_new borrows setup, options and from (the earlier run, or NULL); began_ns is the steady
 * time at which the run began. */
struct forecast *forecast_new(const struct run_setup *s, const struct run_options *o,
                              const json_t *from, int64_t began_ns);
void forecast_free(struct forecast *f);

/* What an instance costs: seconds of the clock, or on the virtual clock of a processor. */
struct forecast_cost {
    double steady;
    double stimuli; /* all that the run applies */
    bool applied;   /* they are */
};

/* forecast_cost computes it from the numbers of an instance. */
struct forecast_cost forecast_cost(const struct campaign_env *env,
                                   const struct instance_request *q);

/* forecast_entry takes an instance that has ended into account; cost NULL: in an earlier session,
 * by the journal. f may be NULL here and below. */
void forecast_entry(struct forecast *f, const json_t *entry, const struct forecast_cost *cost,
                    int64_t steady_ns);

/* forecast_point: a point is done. forecast_case: a whole case is; what is left is planned anew
 * with what result answers. */
void forecast_point(struct forecast *f, const char *case_id, size_t point);
void forecast_case(struct forecast *f, const char *case_id, const json_t *result);

/* forecast_total is a progress_total_fn on a struct forecast. */
void forecast_total(void *forecast, int64_t steady_ns, struct progress_total *out);

#endif
