/*
 * A port: Ethernet frames in and out of the apparatus (or of the reference PE), whatever is behind
 * it: one end of a memory link (memlink.h) or a packet socket on an interface (pktport.h). Frames
 * are whole Ethernet frames without FCS, VLAN tags included, at most PORT_FRAME_MAX bytes.
 *
 * A port belongs to one loop and one thread. Received frames are lent to the receive function for
 * the duration of the call. The receive instant is the arrival on the time base of the loop (kernel
 * timestamp on packet sockets).
 */
#ifndef MVPN_IO_PORT_H
#define MVPN_IO_PORT_H

#include "emul/base/err.h"
#include "emul/base/instant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_FRAME_MAX 9600

struct port;
struct capture;

/* port_rx_fn gets each received frame; at is its arrival. */
typedef void port_rx_fn(void *arg, const uint8_t *frame, size_t len, struct instant at);

/* port_link_fn is told when the carrier goes (up == false) or comes. */
typedef void port_link_fn(void *arg, bool up);

struct port_stats {
    uint64_t tx_frames, tx_bytes, tx_errors; /* tx_errors: not accepted, link down included */
    uint64_t rx_frames, rx_bytes;
    uint64_t rx_dropped; /* lost in the receive ring: the apparatus was too slow */
};

/* What an implementation provides; embed struct port as the first member. */
struct port_ops {
    /* send hands one frame over (copied or queued before return); 0, or -1 when it was dropped. */
    int (*send)(struct port *p, const uint8_t *frame, size_t len);
    void (*flush)(struct port *p);
    int (*set_up)(struct port *p, bool up, struct err *err);
    void (*poll_stats)(struct port *p);
    void (*free)(struct port *p);
};

struct port {
    const struct port_ops *ops;
    const char *name; /* "a1", "a3"; borrowed */
    port_rx_fn *rx;
    void *rx_arg;
    port_link_fn *link;
    void *link_arg;
    struct capture *capture; /* NULL: not captured; borrowed */
    struct port_stats stats;
    bool up;
    uint32_t mtu; /* largest IP packet, bytes */
};

/*
 * port_send sends one frame; at is the send instant for the capture, normally loop_now. Returns 0,
 * or -1 if the frame could not be sent (counted in tx_errors). Frames may be batched until
 * port_flush or the end of the loop's turn.
 */
int port_send(struct port *p, const uint8_t *frame, size_t len, struct instant at);

/* port_flush pushes out what is batched. */
void port_flush(struct port *p);

/* port_on_rx and port_on_link set who gets frames and carrier changes (NULL fn: nobody). */
void port_on_rx(struct port *p, port_rx_fn *fn, void *arg);
void port_on_link(struct port *p, port_link_fn *fn, void *arg);

/* port_set_up takes the link down or up, as pulling or plugging the cable: both ends notice. */
int port_set_up(struct port *p, bool up, struct err *err);

/* port_stats_get reads the counters (asks the kernel for ring drops). */
void port_stats_get(struct port *p, struct port_stats *out);

/* port_set_capture records every frame sent and received into c (borrowed; NULL: stop). */
void port_set_capture(struct port *p, struct capture *c);

/* port_deliver is called by implementations for each arriving frame: counts, captures, passes on.
 */
void port_deliver(struct port *p, const uint8_t *frame, size_t len, struct instant at);

/* port_link_changed is called by implementations when the carrier changed. */
void port_link_changed(struct port *p, bool up);

/* port_free closes the port; NULL is fine. */
void port_free(struct port *p);

#endif
