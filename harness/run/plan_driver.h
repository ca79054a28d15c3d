/* What can be told of a DUT without opening it, for a plan. */
#ifndef MVPN_RUN_PLAN_DRIVER_H
#define MVPN_RUN_PLAN_DRIVER_H

#include "harness/run/plan.h"

/*
 * plan_ask_driver fills in the plan's stimuli, those left out with the reason, and what of MI-PMSIs
 * and S-PMSIs the DUT offers. Drivers of this program answer by themselves; of a router outside its
 * profile tells; what neither tells is taken to be possible.
 */
void plan_ask_driver(const struct run_setup *s, const struct run_options *o, struct run_plan *plan,
                     struct case_context *context);

#endif
