/*
 * GRE tunnels from one host to many routers, in user space (VMScope 3.2): a raw socket out, a
 * packet socket in, with a filter in the kernel that lets through only what comes from a tunnel's
 * remote end, and drops customers' own GRE packets inside (IP protocol 47 in GRE) early unless they
 * are wanted. RFC 2784, no key, protocol 0x0800. Echo replies of a router that has no route to us
 * through its tunnel come outside of it; they are delivered as if they had come inside. Sent
 * packets get the clock's time just before the socket takes them, received ones the kernel's time
 * stamp; both on the loop's time base.
 */
#ifndef MVPN_TUNNEL_TUNNEL_H
#define MVPN_TUNNEL_TUNNEL_H

#include "emul/base/addr.h"
#include "emul/base/err.h"
#include "emul/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct tunnels;

#define TUNNEL_OVERHEAD 24u /* outer IPv4 header and GRE */

/* One tunnel. inner_local is our address inside it, inner_remote the router's (what is pinged);
 * 0: as outside. */
struct tunnel_spec {
    const char *name; /* borrowed */
    ip4_t local, remote;
    ip4_t inner_local, inner_remote;
};

struct tunnels_params {
    const char *interface, *netns; /* netns NULL: the program's own */
    bool customers;                /* passive mode: customers' GRE packets are delivered too */
};

/* tunnel_rx_fn gets each inner IPv4 packet, lent for the call. */
typedef void tunnel_rx_fn(void *arg, size_t tunnel, const uint8_t *packet, size_t len,
                          struct instant at);

/* tunnels_open opens the sockets; NULL with *err (ERR_TESTBED: no such interface, no privilege). */
struct tunnels *tunnels_open(struct loop *loop, const struct tunnels_params *params,
                             struct err *err);
void tunnels_close(struct tunnels *t);
void tunnels_on_rx(struct tunnels *t, tunnel_rx_fn *fn, void *arg);

/* tunnels_customers begins or ends delivering customers' GRE packets (passive mode). */
void tunnels_customers(struct tunnels *t, bool wanted);

/*
 * tunnels_add adds a tunnel (spec copied, name borrowed) and returns its number 0...; tunnels_drop
 * takes one away, its number is not used again. -1 with *err: the pair of addresses is taken.
 */
int tunnels_add(struct tunnels *t, const struct tunnel_spec *spec, struct err *err);
void tunnels_drop(struct tunnels *t, size_t tunnel);
const struct tunnel_spec *tunnels_spec(const struct tunnels *t, size_t tunnel);

/* tunnels_send wraps one inner IPv4 packet and sends it with an outer DSCP (0...63); *at is when.
 * 0, or -1 when the socket did not take it (counted). */
int tunnels_send(struct tunnels *t, size_t tunnel, const uint8_t *packet, size_t len, uint8_t dscp,
                 struct instant *at);

/* tunnels_join and tunnels_leave send an IGMPv2 report (leave) for a group through a tunnel; who
 * joins repeats it (every 60 s here, and when queried). */
int tunnels_join(struct tunnels *t, size_t tunnel, ip4_t group, struct err *err);
int tunnels_leave(struct tunnels *t, size_t tunnel, ip4_t group, struct err *err);

struct tunnels_stats {
    uint64_t sent, send_errors, received, ring_dropped;
    uint64_t strange;    /* from no tunnel's remote end, or no GRE of this kind inside */
    bool interface_gone; /* the interface vanished: nothing comes or goes until it is back */
};
void tunnels_stats_get(struct tunnels *t, struct tunnels_stats *out);

#endif
