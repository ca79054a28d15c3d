/*
 * Block counters of alternate marking (RFC 9341) over the flows of one instance: time is cut into
 * blocks of equal length, block n begins at n * length on the time base of the capture, and packets
 * that are sent in it carry colour n & 1. A point that counts by colour pairs a packet with the
 * nearest block of that colour at its own time, so it may come up to half a block late. Counted are
 * the packets of the analyser's window; each once a branch, without the receivers behind it.
 */
#ifndef MVPN_TRAFFIC_BLOCKS_H
#define MVPN_TRAFFIC_BLOCKS_H

#include "emul/base/instant.h"
#include "emul/traffic/flow.h"

/* blocks_number returns the block that an instant lies in. */
static inline int64_t blocks_number(int64_t at_ns, int64_t length_ns)
{
    return at_ns / length_ns - (at_ns % length_ns < 0);
}

/* blocks_of returns the block of a packet of that colour (0, 1) that was seen at at_ns. */
int64_t blocks_of(int64_t at_ns, int64_t length_ns, unsigned colour);

struct blocks;

/* blocks_new counts for the flows of the table (borrowed). */
struct blocks *blocks_new(const struct flow_table *t, int64_t length_ns);
void blocks_free(struct blocks *b);

/* blocks_open forgets everything and counts from the block of that instant. */
void blocks_open(struct blocks *b, struct instant from);

/* The points of a flow's way. by: 1, or -1 to take one back. */
enum blocks_point {
    BLOCKS_DUE,     /* at the C-source, by its site: 0 behind a remote PE, else its C-interface */
    BLOCKS_SENT,    /* on the wire to the DUT, by site */
    BLOCKS_DIED,    /* came out of the DUT's P side and went no further; place 0 */
    BLOCKS_ARRIVED, /* first copies, by branch of the analyser */
    BLOCKS_POINTS
};
void blocks_count(struct blocks *b, enum blocks_point point, uint32_t v, uint32_t place,
                  int64_t block, int by);

/* What a branch lost in one block: its ends are points of the way from source to receiver. */
enum blocks_branch {
    BRANCH_C_SOURCE,  /* C-source behind a C-router to DUT in */
    BRANCH_P_SOURCE,  /* C-source behind a remote PE to DUT in */
    BRANCH_P_SIDE,    /* DUT in to the P side, flows that remote PEs receive */
    BRANCH_REMOTE,    /* P side to the remote PEs */
    BRANCH_INTERFACE, /* DUT in to a C-interface (1...) */
};
struct blocks_loss {
    uint32_t vpn;
    int64_t block;
    uint64_t sent, received;
};

struct blocks_sum {
    uint64_t sent, received, lost; /* lost: summed over the blocks and VPNs that lost */
    size_t lossy;                  /* (VPN, block) pairs that lost */
};

/* blocks_get sums one branch up over all VPNs and writes what was lost where, at most cap. */
void blocks_get(const struct blocks *b, enum blocks_branch branch, uint32_t interface,
                struct blocks_sum *sum, struct blocks_loss *out, size_t cap);

#endif
