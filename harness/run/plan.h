/*
 * A plan: what a run of the same words would do, before anything is sent or built (DESIGN B.1). It
 * walks the cases as the run does, with the same points, bounds and search, and asks nobody: where
 * a run would know a result, the plan takes it from an earlier run or says what it assumes.
 */
#ifndef MVPN_RUN_PLAN_H
#define MVPN_RUN_PLAN_H

#include "harness/run/calibrate.h"
#include "harness/run/plan_estimate.h"
#include "harness/run/setup.h"

#define PLAN_TEXT CALIBRATION_WHY_MAX

/* Lines of text, owned. */
struct plan_notes {
    char **items;
    size_t count, cap;
};

/* How long, between everything holding and the costliest course that the search can take. */
struct plan_cost {
    size_t instances;
    double seconds; /* on the run's clock */
    double work_s;  /* processor time, virtual clock */
};

/* A point of the sweep. */
struct plan_point {
    struct case_point point;
    char where[96];
    uint64_t top;           /* largest value that apparatus and testbed can do; 0: none */
    uint64_t max;           /* the search's bound */
    char limit[PLAN_TEXT];  /* why not more than top; "" when top == max */
    struct plan_estimate e; /* at top */
    struct plan_cost holding, most;
};

struct plan_case {
    const struct test_case *tc;  /* borrowed */
    char omitted[CASE_WHY_MAX];  /* "" unless the run would omit it */
    struct plan_notes notes;     /* what is assumed, and where the sweep is not the draft's */
    struct search_bounds bounds; /* of the first point */
    uint64_t *values;            /* tried while they pass */
    size_t value_count;
    bool grid;
    struct plan_point *points;
    size_t point_count;
};

struct run_plan {
    const struct run_setup *setup; /* borrowed */
    struct plan_case *cases;
    size_t case_count;
    size_t stimulus_count; /* that the run would apply, as far as can be told */
    enum stimulus stimuli[STIM_COUNT];
    const char *left_out[STIM_COUNT]; /* reason of the others; NULL: applied, or not asked for */
    struct plan_cost holding, most;
    struct plan_estimate peak; /* the largest of each figure over all instances */
    double throughput_s;       /* to measure the idle throughput first; 0: not asked for */
};

/* run_plan_make fills in *out; earlier (or NULL) answers for the run of --from. -1 with *err. */
int run_plan_make(const struct run_setup *s, const struct run_options *o,
                  const struct case_known *earlier, struct run_plan *out, struct err *err);
void run_plan_fini(struct run_plan *p);

/* run_plan_json gives it all as one object (new reference). */
json_t *run_plan_json(const struct run_plan *p);

#endif
