/*
 * A memory link: two ports joined by an ideal cable that can be told to be worse. Works on either
 * clock. Everything random comes from the seed, one generator a direction. With delay, jitter,
 * loss, reorder and rate all zero a frame arrives at the instant it was sent, in order, after the
 * sender's current event has ended (never inside port_send).
 */
#ifndef MVPN_IO_MEMLINK_H
#define MVPN_IO_MEMLINK_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"

struct link_params {
    int64_t delay_ns;
    int64_t jitter_ns; /* uniform extra delay in [0, jitter_ns]; order is kept unless reorder */
    double loss;       /* probability 0..1, each frame by itself */
    double reorder;    /* probability 0..1 that a frame is overtaken by the next one */
    double rate_mbps;  /* serialisation rate; 0: no limit */
};

/* A frame that is to be overtaken waits this long for the next one, then arrives alone. At most
 * every second frame can be overtaken (reorder >= 0.5). */
#define MEMLINK_HOLD_NS (100 * NS_PER_MS)

/* With a rate, a frame that would wait longer than this for the wire is refused: queue full. */
#define MEMLINK_BACKLOG_NS NS_PER_S

/*
 * memlink_new makes a link and returns its two ports in ends[0] and ends[1], named name_a and
 * name_b (borrowed). Freeing both ports frees the link, also inside a receive function. The link is
 * up while neither end was set down; both ends are told within port_set_up.
 */
void memlink_new(struct loop *loop, const struct link_params *params, uint64_t seed,
                 const char *name_a, const char *name_b, uint32_t mtu, struct port *ends[2]);

/*
 * memlink_restart makes the link of one of its ends as new: what is under way is dropped, and what
 * is random is drawn from seed. So what happens on it does not depend on what ran before.
 */
void memlink_restart(struct port *end, uint64_t seed);

#endif
