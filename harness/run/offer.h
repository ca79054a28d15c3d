/* What the DUT offers of what a run may ask for: stimuli, default-MDT modes, S-PMSIs; and what
 * the run leaves out, for the report. */
#ifndef MVPN_RUN_OFFER_H
#define MVPN_RUN_OFFER_H

#include "harness/run/env.h"
#include "harness/run/setup.h"

/*
 * offer_take asks the driver of env->world and fills in env's stimuli, mdt_offered and spmsi. -1
 * with *err (ERR_USE) when the user asked by name for what it does not offer.
 */
int offer_take(struct campaign_env *env, const struct run_setup *s, const struct run_options *o,
               struct err *err);

/* offer_deviations lists what every case of the run deviates in: stimuli omitted, timing, load
 * (a new reference; {"configuration": [...], "procedure": [...]}). */
json_t *offer_deviations(const struct campaign_env *env, const struct run_setup *s);

#endif
