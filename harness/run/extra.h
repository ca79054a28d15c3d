/*
 * What single cases measure beside the metric: before traffic (9.13), after step 7 of an instance
 * (9.11, 9.12), or in a procedure of their own (10.2). Chosen by the items of the case's `extra`
 * list. Each writes its object into the record's "extra" (DESIGN B.3).
 */
#ifndef MVPN_RUN_EXTRA_H
#define MVPN_RUN_EXTRA_H

#include "harness/run/procedure.h"

/* extra_own_procedure tells whether the case replaces steps 4 to 7 by one of its own (10.2). */
bool extra_own_procedure(const struct test_case *tc);

/* extra_procedure runs that procedure after step 3; -1 with *err. The verdict and the record are
 * filled in as instance.c's step 7 does. */
int extra_procedure(struct procedure *p, struct err *err);

/* extra_before_traffic does what the case has between steps 4 and 5: 1 go on, 0 the instance has
 * failed and that is recorded, -1 with *err. */
int extra_before_traffic(struct procedure *p, struct err *err);

/* extra_measure does what the case measures after step 7; -1 with *err. */
int extra_measure(struct procedure *p, struct err *err);

/* Inside: the measurements, one file each. */
int extra_suppression(struct procedure *p, struct err *err);
int extra_registers(struct procedure *p, struct err *err);
int extra_switches(struct procedure *p, struct err *err);
int extra_tries(struct procedure *p, struct err *err);

/* Least, mean and greatest of durations. */
struct extra_sums {
    uint64_t count;
    int64_t min_ns, max_ns, sum_ns;
};
void extra_sums_add(struct extra_sums *s, int64_t ns);

/* extra_sums_record returns {"min","avg","max","count","resolution_s"}; null where nothing was
 * measured, and resolution_ns below 0 is left out. */
json_t *extra_sums_record(const struct extra_sums *s, int64_t resolution_ns);

#endif
