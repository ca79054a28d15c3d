#include "emul/refpe/limits.h"

#include "emul/refpe/mroute.h"

bool limits_room_vrf(const struct refpe *pe)
{
    return pe->counts.mvpns < pe->settings.limits.mvpns;
}

bool limits_room_cif(const struct refpe *pe)
{
    return pe->counts.c_interfaces < pe->settings.limits.c_interfaces;
}

uint64_t limits_memory(const struct refpe *pe)
{
    return (pe->counts.starg_c + pe->counts.sg_c) * pe->settings.memory_per_mroute +
           (pe->counts.nbr_c + pe->counts.nbr_mti) * pe->settings.memory_per_neighbour;
}

static bool memory_for(const struct refpe *pe, uint64_t bytes)
{
    return pe->settings.memory_bytes == 0 || limits_memory(pe) + bytes <= pe->settings.memory_bytes;
}

bool limits_room_nbr(const struct refpe *pe)
{
    return pe->counts.nbr_c + pe->counts.nbr_mti < pe->settings.limits.neighbours &&
           memory_for(pe, pe->settings.memory_per_neighbour);
}

bool limits_room_mroute(const struct refpe *pe, uint32_t vrf)
{
    if (vrf == P_INSTANCE)
        return pe->counts.starg_p + pe->counts.sg_p < pe->settings.limits.p_mroutes;
    return pe->counts.starg_c + pe->counts.sg_c < pe->settings.limits.mroutes &&
           memory_for(pe, pe->settings.memory_per_mroute);
}

bool limits_room_p_mroute(const struct refpe *pe, ip4_t source, ip4_t group)
{
    uint32_t m = mroute_find(pe, P_INSTANCE, source, group);
    return (m != NONE && mroute_at(pe, m)->status == MROUTE_INSTALLED) ||
           limits_room_mroute(pe, P_INSTANCE);
}

bool limits_room_oif(const struct refpe *pe, uint32_t vrf)
{
    return vrf == P_INSTANCE || pe->counts.oif_c < pe->settings.limits.oifs;
}
