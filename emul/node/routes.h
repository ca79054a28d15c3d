/*
 * The DUT's Join/Prunes towards emulated upstream routers, and what PIM messages of the DUT have in
 * common on every link.
 */
#ifndef MVPN_NODE_ROUTES_H
#define MVPN_NODE_ROUTES_H

#include "emul/node/net.h"

/* routes_place returns the C-route that the entry means at this site of VPN v, or PLAN_NONE: wrong
 * RP, unknown group or source, or they live elsewhere. */
uint32_t routes_place(const struct net *n, uint32_t v, uint32_t site,
                      const struct pim_jp_entry *entry);

/* routes_take applies one entry of the DUT; wait_ns: J/P_Override_Interval on a LAN, else 0. */
void routes_take(struct net *n, uint32_t v, uint32_t site, const struct pim_jp_entry *entry,
                 uint16_t holdtime_s, int64_t wait_ns);

/*
 * net_open_jp checks a whole Join/Prune of the DUT, counts it, and prepares the walk; false if it
 * is damaged (counted) or comes from somebody who has not said Hello.
 */
bool net_open_jp(struct net *n, struct pim_nbr *nbr, const struct ipv4 *packet, struct pim_jp *out,
                 struct pim_jp_iter *it);

/* net_take_hello decodes a Hello and gives it to the neighbour's machine. */
enum pim_nbr_change net_take_hello(struct net *n, struct pim_nbr *nbr, struct rd *body);

#endif
