/*
 * When the members of a set (the remote PEs of a VPN, the C-routers of a VPN) say Hello. Each has
 * its phase, hash(seed, name, member); members are sorted by phase once, so a period is one walk
 * round the ring with one timer. Triggered Hellos (RFC 7761 4.3.1: after rand(0, 5 s)) walk the
 * same ring in the same order, phases scaled to five seconds. 4 bytes a member and a bit.
 */
#ifndef MVPN_NODE_HELLO_RING_H
#define MVPN_NODE_HELLO_RING_H

#include "emul/loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

/* Called to send the Hello of one member (0...). */
typedef void hello_ring_fn(void *owner, uint32_t set, uint32_t member);

struct hello_ring {
    struct loop *loop;
    hello_ring_fn *say;
    void *owner;
    uint64_t seed;
    int64_t spread_ns; /* phases lie in [0, spread) */
    uint32_t set, count;
    uint32_t *order;
    uint8_t *triggered; /* one bit a member */
    struct timer periodic, burst;
    struct instant base; /* begin of the current period */
    struct instant burst_base;
    uint32_t next, burst_next;
    bool running, bursting, went_round; /* went_round: every member said Hello at least once */
};

/* hello_ring_init sorts count members; set is handed to say with each of them. */
void hello_ring_init(struct hello_ring *h, struct loop *loop, uint64_t seed, uint32_t set,
                     uint32_t count, int64_t spread_ns, hello_ring_fn *say, void *owner);
void hello_ring_fini(struct hello_ring *h);

/* hello_ring_start begins now: first Hellos spread over spread, then every 30 s. */
void hello_ring_start(struct hello_ring *h);
void hello_ring_stop(struct hello_ring *h);

/* hello_ring_trigger makes all members say Hello within 5 s, hello_ring_trigger_one one of them;
 * the period goes on (RFC 7761 4.3.1). Nothing happens before the ring was started. */
void hello_ring_trigger(struct hello_ring *h);
void hello_ring_trigger_one(struct hello_ring *h, uint32_t member);

#endif
