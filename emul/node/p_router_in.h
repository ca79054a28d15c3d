/* The insides of the P router, shared by p_router.c, p_router_join.c and p_router_rp.c. */
#ifndef MVPN_NODE_P_ROUTER_IN_H
#define MVPN_NODE_P_ROUTER_IN_H

#include "emul/node/hello_ring.h"
#include "emul/node/p_router.h"
#include "emul/proto/pim/df_election.h"

/* The (DUT, MDT) entry of one VPN. */
struct mdt_source {
    uint32_t seen_s; /* last Register or native packet */
    uint32_t next;   /* SSM: remote PEs below it have joined, in the first round */
    bool spt;        /* native packets arrive along our join (SPTbit) */
};

struct p_router {
    struct net *net;
    struct pim_nbr dut;
    struct hello_ring ring;
    /* One session: entry v - 1 = (DUT, MDT of v), then the data MDTs of the DUT by slot. */
    struct pim_us_set *joins;
    struct mdt_source *sources;
    ip4_t *data_groups; /* by slot */
    uint32_t data_slots;
    struct pim_dfe_set *df; /* BIDIR; else NULL */
    struct timer arp_timer;
    uint8_t epoch;
    bool said_hello, dut_resolved, started, closed;
    bool leaving; /* its joins are pruned: nothing that comes now draws a new one */
};

/* p_router_say_hello sends a Hello; p_router_multicast a PIM message to all routers. */
void p_router_say_hello(struct p_router *p, uint16_t holdtime_s);
void p_router_multicast(struct p_router *p, const uint8_t *message, size_t len);

/* p_router_join.c: the trees. p_router_join_tree joins tree ix (place in joins) unless it leaves.
 */
void p_router_join_tree(struct p_router *p, uint32_t ix);
void p_router_joins_new(struct p_router *p);
void p_router_take_jp(struct p_router *p, const struct ipv4 *packet);

/* p_router_rp.c: Registers, and the election of the DF. */
void p_router_take_register(struct p_router *p, const struct ipv4 *packet, struct mac from,
                            struct rd *body, const uint8_t **inner, size_t *inner_bytes);
void p_router_df_new(struct p_router *p);
void p_router_take_df(struct p_router *p, const struct ipv4 *packet);

#endif
