/*
 * The points of a marking measurement that are counted while it runs: interfaces, and routers'
 * counters, read half a block after each change of colour. All points begin together and end
 * together; a block in which they began or ended counts only if none of the flow's packets was
 * under way then.
 */
#ifndef MVPN_MARKING_LIVE_H
#define MVPN_MARKING_LIVE_H

#include "monitor/marking/blocks.h"
#include "mvpnbench/monitor.h"

#include <signal.h>

struct marking_live;

/* marking_live_run measures until the file's time is over or *stop is set, and counts frames into
 * points. NULL with *err: a point cannot be opened, or read even once. */
struct marking_live *marking_live_run(const struct marking_config *c, struct point_blocks *points,
                                      volatile sig_atomic_t *stop, monitor_step_fn *step,
                                      struct err *err);

/* marking_live_settle finishes the points after blocks_settle: what counters say, and which blocks
 * are spoiled. */
void marking_live_settle(struct marking_live *l, struct point_blocks *points, bool inverted);
void marking_live_free(struct marking_live *l);

/* marking_is_live tells whether a point is counted while the measurement runs. */
bool marking_is_live(const struct mark_point *point);

#endif
