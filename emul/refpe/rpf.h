/* RPF from static routes (draft 6.2), and static RPs. */
#ifndef MVPN_REFPE_RPF_H
#define MVPN_REFPE_RPF_H

#include "emul/refpe/pe.h"

/* rpf_resolve sets interface (NONE: no route) and next hop (0: directly connected) towards addr. */
void rpf_resolve(const struct refpe *pe, uint32_t vrf, ip4_t addr, uint32_t *iface, ip4_t *nbr);

/* rpf_own_rp tells whether addr is the PE's own address as C-RP of that VRF. */
bool rpf_own_rp(const struct refpe *pe, uint32_t vrf, ip4_t addr);

/* rpf_rp returns the RP of a group in the instance (longest prefix), or 0. */
ip4_t rpf_rp(const struct refpe *pe, uint32_t vrf, ip4_t group);

#endif
