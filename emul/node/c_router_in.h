/* The insides of the C-routers, shared by c_router.c and c_router_live.c. */
#ifndef MVPN_NODE_C_ROUTER_IN_H
#define MVPN_NODE_C_ROUTER_IN_H

#include "emul/node/c_router.h"
#include "emul/node/hello_ring.h"

struct c_link {
    struct pim_nbr dut;
    uint8_t epoch; /* restarts of the interface: part of the GenID */
    bool said_hello, announced, closed;
};

/* A Join(*,G) that is waited for: when it was sent. */
struct c_router_watch {
    uint32_t link; /* PLAN_NONE: none */
    ip4_t group;
    struct instant sent;
};

struct c_routers {
    struct net *net;
    struct c_link *links;
    struct hello_ring *rings; /* by VPN - 1 */
    struct pim_us_set *joins; /* session = C-link */
    uint32_t *seen_s;         /* last packet, by (C-link, flow of the VPN); 0: never */
    bool last_hops;           /* they join for receivers behind them (no IGMP hosts) */
    struct c_router_watch watch;
};

static inline uint32_t *c_router_seen(const struct c_routers *c, uint32_t link, uint32_t j,
                                      uint32_t k)
{
    return &c->seen_s[(size_t)link * c->net->plan.flows_per_vpn + plan_flow(&c->net->spec, j, k)];
}

/* c_router_hello sends a Hello on C-link k now; holdtime 0 says goodbye. */
void c_router_hello(struct c_routers *c, uint32_t link, uint16_t holdtime_s);

/* c_router_forget drops the DUT's joins towards the C-router of C-link k. */
void c_router_forget(struct c_routers *c, uint32_t link);

/* c_router_note_sent notes that the C-router of C-link k sent these entries now. */
void c_router_note_sent(struct c_routers *c, uint32_t link, const struct pim_jp_entry *entries,
                        size_t count);

#endif
