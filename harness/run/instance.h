/*
 * One test-case instance by draft 7.1 and 7.2: sets up DUT and network, goes through the steps by
 * letting the loop run, judges (DESIGN A.5), and leaves one JSON record in the shape of DESIGN B.3.
 * It knows the DUT by frames and by the driver's calls alone.
 */
#ifndef MVPN_RUN_INSTANCE_H
#define MVPN_RUN_INSTANCE_H

#include "harness/run/search.h"
#include "harness/run/world.h"
#include "mvpnbench/emul.h"

#include <jansson.h>

#define REPEAT_MAX 32

/* Who set the limit, when an instance fails. */
enum bound { BOUND_DUT, BOUND_RESOURCE, BOUND_APPARATUS, BOUND_RANGE, BOUND_TIME };

/* bound_name returns "dut", "resource", "apparatus", "range", "time"; bound_by_name the inverse. */
const char *bound_name(enum bound b);
enum bound bound_by_name(const char *name);

struct instance_request {
    const char *id;
    const struct test_case *tc;
    struct instance_spec spec;
    struct case_values values;
    size_t stimulus_count; /* applied one after another; ends at the first that fails */
    enum stimulus stimuli[STIM_COUNT];
    unsigned repeat;                          /* times each */
    int64_t floor_ns[STIM_COUNT][REPEAT_MAX]; /* apparatus floor; negative: not known */
};

struct recovery_outcome {
    enum stimulus stimulus;
    unsigned repeat; /* 1... */
    enum verdict verdict;
    int64_t trall_ns; /* Trall - Tf; -1: null */
};

struct instance_outcome {
    enum verdict verdict; /* steady state */
    enum bound bound;     /* meaningful when not pass */
    bool verified;        /* there was a view of the DUT */
    char reason[256];
    json_t *record; /* owned */
    json_t *notes;  /* {"configuration": [...], "procedure": [...]}, owned */
    size_t recovery_count;
    struct recovery_outcome recovery[STIM_COUNT * REPEAT_MAX];
};

/*
 * instance_run runs it. Returns 0 with *out filled in; -1 with *err: ERR_TESTBED the DUT or the
 * testbed failed, ERR_INTERRUPTED the run was interrupted (everything is withdrawn either way).
 */
int instance_run(struct world *w, const struct instance_request *q, struct instance_outcome *out,
                 struct err *err);
void instance_outcome_fini(struct instance_outcome *out);

#endif
