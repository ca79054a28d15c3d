/*
 * What single cases measure beside the metric: after step 7 of an instance (9.11, 9.12), or in a
 * procedure of their own (10.2). Chosen by the items of the case's `extra` list. Each writes its
 * object into the record's "extra" (DESIGN B.3).
 */
#ifndef MVPN_RUN_EXTRA_H
#define MVPN_RUN_EXTRA_H

#include "harness/run/procedure.h"

/* extra_own_procedure tells whether the case replaces steps 4 to 7 by one of its own (10.2). */
bool extra_own_procedure(const struct test_case *tc);

/* extra_procedure runs that procedure after step 3; -1 with *err. The verdict and the record are
 * filled in as instance.c's step 7 does. */
int extra_procedure(struct procedure *p, struct err *err);

/* extra_measure does what the case measures after step 7; -1 with *err. */
int extra_measure(struct procedure *p, struct err *err);

#endif
