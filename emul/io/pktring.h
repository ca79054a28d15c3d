/*
 * The receive ring of a packet socket (TPACKET_V3): blocks of frames that the kernel fills and we
 * read in place, with their kernel timestamps.
 */
#ifndef MVPN_IO_PKTRING_H
#define MVPN_IO_PKTRING_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"

struct pktring {
    int fd; /* borrowed */
    uint8_t *map;
    size_t bytes;
    unsigned blocks;
    unsigned next;           /* the block to be read next */
    bool incoming, outgoing; /* which frames are delivered; after pktring_init: incoming */
};

/*
 * pktring_init gives the packet socket fd a ring of about the given bytes, before it is bound. -1
 * with errno. pktring_fini takes the memory back.
 */
int pktring_init(struct pktring *r, int fd, uint32_t bytes);
void pktring_fini(struct pktring *r);

/*
 * pktring_drain delivers what has arrived to p, a bounded number of blocks at a time. Frames that
 * cannot be delivered whole are counted as dropped.
 */
void pktring_drain(struct pktring *r, const struct loop *loop, struct port *p);

#endif
