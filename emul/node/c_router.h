/*
 * The C-routers: one on each C-link, a PIM neighbour of the DUT. Behind each sit receivers of every
 * group whose source is not there, and for site i of ingress groups the C-RP and the sources. As
 * last hops they join (*,G), and (S,G) on the first packet of S (SPT threshold zero); the (S,G)
 * join ends when no packet came for a Keepalive_Period. When receivers are IGMP hosts (igmp_host.h)
 * the C-routers join nothing, and their DR priority of 0 leaves it to the DUT to be the DR.
 */
#ifndef MVPN_NODE_C_ROUTER_H
#define MVPN_NODE_C_ROUTER_H

#include "emul/node/net.h"

struct c_routers;

struct c_routers *c_routers_new(struct net *net);
void c_routers_free(struct c_routers *c);

/* c_routers_start lets the C-routers of VPN v say Hello from now on. */
void c_routers_start(struct c_routers *c, uint32_t v);

/* c_routers_pim takes a PIM message that arrived on C-link k. */
void c_routers_pim(struct c_routers *c, uint32_t link, const struct ipv4 *packet);

/* c_routers_join lets every receiver join its groups, c_routers_prune makes all leave. */
void c_routers_join(struct c_routers *c);
void c_routers_prune(struct c_routers *c);

/* c_routers_data notes a packet of source k of group j on C-link k, for the SPT switch. */
void c_routers_data(struct c_routers *c, uint32_t link, uint32_t j, uint32_t k, struct instant now);

/* c_routers_carrier is told when the cable of C-link k was pulled or plugged. */
void c_routers_carrier(struct c_routers *c, uint32_t link, bool up);

/* c_routers_goodbye says Hello with holdtime 0 on C-link k and nothing more afterwards. */
void c_routers_goodbye(struct c_routers *c, uint32_t link);

/* c_routers_has_nbr tells whether the DUT is a neighbour on C-link k; c_routers_said_hello whether
 * every C-router of VPN v said Hello. */
bool c_routers_has_nbr(const struct c_routers *c, uint32_t link, struct instant now);
bool c_routers_said_hello(const struct c_routers *c, uint32_t v);

/*
 * c_routers_try lets the C-router of C-link k join test group j, paced as ever; false if it has no
 * receivers (IGMP hosts have them). c_routers_tried_at returns when that Join(*,G) was sent,
 * INSTANT_NEVER: not yet. c_routers_try_end prunes the group again.
 */
bool c_routers_try(struct c_routers *c, uint32_t link, uint32_t j);
struct instant c_routers_tried_at(const struct c_routers *c);
void c_routers_try_end(struct c_routers *c, uint32_t link, uint32_t j);

const struct pim_us_set *c_routers_joins(const struct c_routers *c);

/* c_routers_bytes is the memory of all C-routers, C-routes included. */
size_t c_routers_bytes(const struct c_routers *c);

#endif
