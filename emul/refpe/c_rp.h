/* The PE as C-RP (RFC 7761 4.4.2): Registers of DRs, on a C-interface or over the MTI, and the
 * Register-Stops that go back the way they came. */
#ifndef MVPN_REFPE_C_RP_H
#define MVPN_REFPE_C_RP_H

#include "emul/refpe/pe.h"
#include "emul/wire/rd.h"

/* c_rp_register acts on a Register (its body). */
void c_rp_register(struct refpe *pe, const struct control_packet *c, struct rd *body);

#endif
