/*
 * What one instance costs, from its numbers alone (PROTOCOLS 11.3, draft 6.6): rates, memory of the
 * apparatus, seconds on the clock, and what the apparatus or the testbed cannot do.
 */
#ifndef MVPN_RUN_PLAN_ESTIMATE_H
#define MVPN_RUN_PLAN_ESTIMATE_H

#include "harness/case/case.h"
#include "harness/case/testbed.h"

struct plan_estimate {
    double ingress_pps, egress_pps;     /* data packets that the apparatus sends on A1, A3 */
    double received_pps;                /* and gets back on both */
    double hellos_per_s, entries_per_s; /* to the DUT: Hellos; Join/Prune entries refreshed */
    double joins_per_s;                 /* Join/Prune entries and IGMP reports while all join */
    double registers_per_s;             /* at most, when the C-RPs are on the DUT */
    double join_s;                      /* until the busiest session has sent its joins once */
    double memory_bytes;
    double steady_s;   /* one instance that passes, up to and with step 7, to its end */
    double failing_s;  /* one that fails where it takes longest */
    double stimulus_s; /* what one stimulus adds, when the DUT recovers */
    double work_s;     /* processor time of one instance on the virtual clock */
    double stimulus_work_s;
};

/* plan_estimate computes the figures of one instance. */
void plan_estimate(const struct instance_spec *spec, const struct timing *t, bool virtual_clock,
                   struct plan_estimate *out);

/* plan_measured makes of it what an instance of a case that measures something costs (9.11, 9.12,
 * 10.2); other cases are left as they are. */
void plan_measured(const struct test_case *tc, const struct instance_spec *spec,
                   const struct timing *t, struct plan_estimate *out);

/* plan_host_memory is the memory of this host, bytes; 0: not known. */
double plan_host_memory(void);

/* plan_limit names what the apparatus or the testbed (NULL: built in) cannot do; NULL if it can. */
const char *plan_limit(const struct instance_spec *spec, const struct testbed *testbed);

#endif
