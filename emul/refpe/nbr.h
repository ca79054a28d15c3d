/* PIM neighbours (RFC 7761 4.3): learned from Hellos, expiring by holdtime. */
#ifndef MVPN_REFPE_NBR_H
#define MVPN_REFPE_NBR_H

#include "emul/refpe/pe.h"
#include "emul/wire/pim_hello.h"

/* nbr_find returns the neighbour with that address on the interface, or NONE. */
uint32_t nbr_find(const struct refpe *pe, uint32_t iface, ip4_t addr);

/* nbr_hello acts on a Hello: a new neighbour, a new GenID, a goodbye, or only a refresh. */
void nbr_hello(struct refpe *pe, uint32_t iface, ip4_t addr, const struct pim_hello *h);

/* nbr_expired is the agenda's call at the holdtime. */
void nbr_expired(struct refpe *pe, uint32_t index);

/* nbr_drop_all forgets every neighbour of an interface that went down. */
void nbr_drop_all(struct refpe *pe, uint32_t iface);

/* nbr_forget forgets every neighbour at once, and nothing follows from it. */
void nbr_forget(struct refpe *pe);

#endif
