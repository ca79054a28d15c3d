/* Is there room for one more? Limits and modelled memory (DESIGN B.4). */
#ifndef MVPN_REFPE_LIMITS_H
#define MVPN_REFPE_LIMITS_H

#include "emul/refpe/pe.h"

bool limits_room_vrf(const struct refpe *pe);
bool limits_room_cif(const struct refpe *pe);
bool limits_room_nbr(const struct refpe *pe);
bool limits_room_mroute(const struct refpe *pe, uint32_t vrf);

/* limits_room_p_mroute is true too when the entry is in the table already. */
bool limits_room_p_mroute(const struct refpe *pe, ip4_t source, ip4_t group);
bool limits_room_oif(const struct refpe *pe, uint32_t vrf);

/* limits_memory returns the modelled memory in use. */
uint64_t limits_memory(const struct refpe *pe);

#endif
