/*
 * A packet-socket port on an interface: TPACKET_V3 receive ring with kernel timestamps, batched
 * send (sendmmsg). VLAN tags that the kernel stripped are put back before delivery. The socket is
 * opened inside the network namespace that is named; the process stays where it is.
 */
#ifndef MVPN_IO_PKTPORT_H
#define MVPN_IO_PKTPORT_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"

/* Which frames are delivered: those the interface receives, those the host sends out of it, or both
 * (what loops back to the host is neither). */
enum pktport_direction { PKTPORT_IN, PKTPORT_OUT, PKTPORT_BOTH };

struct pktport_params {
    const char *name;    /* "a1": borrowed */
    const char *ifname;  /* interface */
    const char *netns;   /* named namespace, or NULL for the process's own */
    uint32_t ring_bytes; /* receive ring, 0: 16 MiB */
    bool force;          /* accept an interface that carries the host's default route */
    const char *filter;  /* of pcap-filter(7): what the kernel lets through; NULL: everything */
    bool qdisc_bypass;   /* send past the queueing discipline: faster, but no queue behind us */
    enum pktport_direction direction;
};

/*
 * pktport_open opens the port, or NULL with *err (ERR_TESTBED: missing interface or namespace,
 * missing root; ERR_USE: the interface carries the default route and force is not set).
 * Frames sent through the port itself are delivered back only where the direction wants them. An
 * interface that is down is set up.
 */
struct port *pktport_open(struct loop *loop, const struct pktport_params *params, struct err *err);

#endif
