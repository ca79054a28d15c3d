/* Health of the DUT between instances, and bringing it back to a known state. */
#ifndef MVPN_RUN_REVIVE_H
#define MVPN_RUN_REVIVE_H

#include "harness/run/world.h"

/* revive_healthy asks once; *why (or NULL) gets what the driver says. */
bool revive_healthy(struct world *w, struct err *why);

/*
 * revive_wait waits until the DUT is healthy, at most setup_limit_s; *waited_ns is how long. -1
 * with *err: ERR_TESTBED it did not come back, ERR_INTERRUPTED. Nothing of it is captured.
 */
int revive_wait(struct world *w, int64_t *waited_ns, struct err *err);

/* revive_known_state takes the configuration of whatever ran before away, then waits as above. */
int revive_known_state(struct world *w, struct err *err);

#endif
