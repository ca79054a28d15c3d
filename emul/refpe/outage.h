/*
 * What fails and comes back: ports whose cable is pulled, cards, the power, the control processor
 * (DESIGN B.4). While the PE is without power, or without control plane and without recovery.nsf,
 * it is not up; its ports keep being told of their carrier, and nothing is made of it.
 */
#ifndef MVPN_REFPE_OUTAGE_H
#define MVPN_REFPE_OUTAGE_H

#include "emul/refpe/pe.h"

/* pe_port_new wraps a port of emul/io for the PE, and takes over its receive and link functions. */
struct pe_port *pe_port_new(struct refpe *pe, struct port *port, bool is_p, size_t index);
void pe_port_free(struct pe_port *p);

void outage_init(struct refpe *pe);

/* outage_clear ends what is under way without a recovery: no port works, and links that the PE
 * holds down come up. The PE must not be up. */
void outage_clear(struct refpe *pe);

#endif
