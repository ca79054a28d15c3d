/*
 * The apparatus floor (DESIGN A.5): the same instance on a reference PE of zero delay on the
 * virtual clock: what PIM's own timers of the emulated side cost by themselves.
 */
#ifndef MVPN_RUN_FLOOR_H
#define MVPN_RUN_FLOOR_H

#include "harness/run/instance.h"

/* floor_measure fills in q->floor_ns for the stimuli of q; -1 with *err only when interrupted. */
int floor_measure(struct instance_request *q, const struct run_settings *settings, uint64_t seed,
                  volatile sig_atomic_t *interrupted, struct err *err);

#endif
