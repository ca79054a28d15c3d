/*
 * What one instance costs, from its numbers alone (PROTOCOLS 11.3, draft 6.6): rates, memory of the
 * apparatus, seconds on the clock, and what the apparatus or the testbed cannot do.
 */
#ifndef MVPN_RUN_PLAN_ESTIMATE_H
#define MVPN_RUN_PLAN_ESTIMATE_H

#include "harness/case/settings.h"
#include "harness/case/testbed.h"

struct plan_estimate {
    double ingress_pps, egress_pps;     /* data packets that the apparatus sends on A1, A3 */
    double received_pps;                /* and gets back on both */
    double hellos_per_s, entries_per_s; /* to the DUT: Hellos; Join/Prune entries refreshed */
    double join_s;                      /* until the busiest session has sent its joins once */
    double memory_bytes;
    double steady_s;   /* one instance that passes, up to and with step 7 */
    double stimulus_s; /* what one stimulus adds */
};

/* plan_estimate computes the figures of one instance. */
void plan_estimate(const struct instance_spec *spec, const struct timing *t,
                   struct plan_estimate *out);

/* plan_limit names what the apparatus or the testbed (NULL: built in) cannot do; NULL if it can. */
const char *plan_limit(const struct instance_spec *spec, const struct testbed *testbed);

#endif
