/* The PE's dynamic state as a whole: forgotten, begun anew, and kept through a switchover. */
#ifndef MVPN_REFPE_RESTART_H
#define MVPN_REFPE_RESTART_H

#include "emul/refpe/pe.h"

/* restart_forget forgets everything that was learned; the configuration stays. */
void restart_forget(struct refpe *pe);

/* restart_begin makes the configuration work: on the ports that have a carrier now. again: after an
 * outage, with new GenIDs and Hellos at once. */
void restart_begin(struct refpe *pe, bool again);

/* restart_suspend stops the control plane: what it learned stands still and packets go along it. */
void restart_suspend(struct refpe *pe);

/*
 * restart_resume starts the control plane on what still stands: GenIDs are new, neighbours are
 * unknown, and each entry ends by the holdtime of the message that would have refreshed it, unless
 * that comes.
 */
void restart_resume(struct refpe *pe);

#endif
