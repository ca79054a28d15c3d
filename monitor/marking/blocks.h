/*
 * Counting marked packets at one point: for each flow and block how many there were, when the first
 * came, the sum of the times, and the packets that are marked for delay (RFC 9341 3, 5). A packet
 * belongs to the nearest block of its colour, so one that is late at the edge of a block counts
 * where it was sent. Which parity the marker gives its colours is known at the end only: packets
 * are counted by half block and colour, and blocks_settle puts them together.
 */
#ifndef MVPN_MARKING_BLOCKS_H
#define MVPN_MARKING_BLOCKS_H

#include "emul/base/instant.h"
#include "monitor/marking/config.h"

#define DELAY_MARKS_MAX 8

/* Times are nanoseconds since the begin of the block (of a half block while counting). */
struct block {
    int64_t n;
    uint64_t packets;
    bool timed; /* false: a router only counted */
    int64_t first_ns;
    __int128 sum_ns;
    uint64_t delay_marks; /* packets; times of the first of them: */
    int64_t mark_ns[DELAY_MARKS_MAX];
};

struct half_block {
    int64_t half; /* number of the half block */
    bool colour;
    struct block counted;
};

struct flow_blocks {
    struct half_block *halves; /* while counting */
    size_t half_count, half_cap;
    struct block *list; /* after blocks_settle, in order of n */
    size_t count, cap;
};

/* The blocks of all flows at one point. */
struct point_blocks {
    const struct marking_config *config;
    struct flow_blocks *flows;
};

void blocks_init(struct point_blocks *p, const struct marking_config *c);
void blocks_fini(struct point_blocks *p);

/* blocks_frame counts an Ethernet frame if it holds a packet of a flow. */
void blocks_frame(struct point_blocks *p, const uint8_t *frame, size_t len, struct instant at);

/* blocks_inverted tells whether most packets of this point carry the colour of the other parity. */
bool blocks_inverted(const struct point_blocks *p);

/* blocks_settle makes the blocks; inverted: colour 1 belongs to blocks of even number. */
void blocks_settle(struct point_blocks *p, bool inverted);

/* blocks_add adds packets that a router counted, without times, to a settled block. */
void blocks_add(struct point_blocks *p, size_t flow, int64_t n, uint64_t packets);

/* blocks_find returns the settled block n of a flow, or NULL. */
const struct block *blocks_find(const struct point_blocks *p, size_t flow, int64_t n);

#endif
