/*
 * A network behind tunnels that exist only here: it takes the place of monitor/tunnel's sockets.
 * Each tunnel ends at a router that joins groups as it is told by IGMP, answers pings, and copies
 * what comes through one tunnel to all others that joined the group. Losses and delays are set.
 */
#ifndef MVPN_TESTS_SCOPE_NET_H
#define MVPN_TESTS_SCOPE_NET_H

#include "emul/loop/loop.h"
#include "monitor/tunnel/tunnel.h"

#define NET_TUNNELS 32u
#define NET_GROUPS  16u

struct net_tunnel {
    struct tunnel_spec spec;
    bool live;
    int64_t delay_ns;                  /* each way */
    double loss_to_router, loss_to_us; /* drawn from a seed */
    bool dead, deaf;                   /* answers nothing; answers pings, but lost its groups */
    ip4_t joined[NET_GROUPS];
    unsigned joins, leaves; /* messages */
    uint64_t probes_out, probes_back, dropped_out, dropped_back;
    struct instant last_join;
    uint8_t last_dscp;
    uint64_t coloured[2], delay_marks; /* probes out by colour and DSCP bit 4 */
    size_t last_len;
};

struct net {
    struct loop *loop;
    struct net_tunnel tunnel[NET_TUNNELS];
    size_t count;
    bool gone, customers;
    uint64_t ring_dropped;
    uint64_t draws;
    ip4_t reflects; /* group that a reflector somewhere answers in; 0: none */
    double loss_of_reflector;
};
extern struct net net;

/* net_reset makes it empty, on a loop. */
void net_reset(struct loop *loop);

/* net_deliver gives a packet to the monitor as coming out of a tunnel, now. */
void net_deliver(size_t tunnel, const uint8_t *packet, size_t len);

#endif
