/* The multicast routing tables: entries of all instances, their OIFs, inheritance, and room. */
#ifndef MVPN_REFPE_MROUTE_H
#define MVPN_REFPE_MROUTE_H

#include "emul/refpe/pe.h"

/* mroute_find returns the entry, or NONE; source 0 is the (*,G). */
uint32_t mroute_find(const struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group);

/* mroute_get finds or creates the entry (an (S,G) together with its (*,G) as an anchor, where there
 * is a shared tree). */
uint32_t mroute_get(struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group);

/*
 * mroute_changed is called after the downstream state of m on iface changed or was refreshed:
 * admits or removes the entry, its OIF there and those that inherit it, and tells upstream. The
 * entry may be gone afterwards.
 */
void mroute_changed(struct refpe *pe, uint32_t m, uint32_t iface);

/* mroute_pin makes an entry stay without downstream state, or no longer. */
void mroute_pin(struct refpe *pe, uint32_t m, bool stays);

#define KEEPALIVE_PERIOD_S 210

/* mroute_keep (re)starts the Keepalive Timer of an (S,G): it stays while that runs. */
void mroute_keep(struct refpe *pe, uint32_t m, int64_t period_s);

/* mroute_kept is true while it runs. */
static inline bool mroute_kept(const struct mroute *m)
{
    return m->keepalive.at_ns != NEVER;
}

/* mroute_keepalive_over is the agenda's call. */
void mroute_keepalive_over(struct refpe *pe, uint32_t m);

/* mroute_refuse takes an installed entry out of service (fault lost_after_recovery). */
void mroute_refuse(struct refpe *pe, uint32_t m);

/* mroute_oif returns the OIF record of m for the interface, or NONE. */
uint32_t mroute_oif(const struct refpe *pe, const struct mroute *m, uint32_t iface);

/* mroute_clear forgets every entry. */
void mroute_clear(struct refpe *pe);

#endif
