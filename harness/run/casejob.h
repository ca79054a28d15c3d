/*
 * One case of a campaign: its outer sweep, the search at each point, the stimuli at the maxima, and
 * its entry in the result (DESIGN B.3).
 */
#ifndef MVPN_RUN_CASEJOB_H
#define MVPN_RUN_CASEJOB_H

#include "harness/run/instance.h"
#include "harness/run/journal.h"

/* What all cases of a run share. */
struct campaign_env {
    struct world *world;
    const struct run_settings *settings;
    uint64_t seed;
    uint32_t mtu;
    const struct addressing *addr; /* the testbed file's; NULL: the driver's plan */
    size_t stimulus_count;         /* that the run applies, in the draft's order */
    enum stimulus stimuli[STIM_COUNT];
    struct journal *journal;
    json_t *done;                /* entries of the journal that is resumed; an array */
    size_t done_next;            /* the next one that was not used yet */
    struct case_context context; /* what the cases' instances depend on; the job adds its notes */
};

/*
 * casejob_run runs tc and appends its instances and maxima to the case object (a borrowed reference
 * into the result, so that an interrupted run has what there is). Returns 0, or -1 with *err.
 */
int casejob_run(struct campaign_env *env, const struct test_case *tc, json_t *case_object,
                struct err *err);

/* casejob_new makes the object of a case with every key of B.3; omitted: reason or NULL. */
json_t *casejob_new(struct campaign_env *env, const struct test_case *tc, const char *omitted);

#endif
