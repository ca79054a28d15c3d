/* What the files of one instance share beside procedure.h: its verdict. */
#ifndef MVPN_RUN_INSTANCE_IN_H
#define MVPN_RUN_INSTANCE_IN_H

#include "harness/run/procedure.h"

/* instance_fail makes the verdict fail, with the step and the first failure as the reason;
 * instance_bound tells from the failures who set the limit. */
void instance_fail(struct procedure *p, const char *step, enum bound bound);
enum bound instance_bound(const struct procedure *p);

#endif
