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

/* Why a point did not count a block. */
enum spoil {
    SPOIL_NOT,
    SPOIL_EDGE,    /* the measurement began or ended in it */
    SPOIL_UNREAD,  /* no reading of its counter while it rested */
    SPOIL_BACK,    /* its counter went back */
    SPOIL_DROPPED, /* the kernel could not hand over all frames */
    SPOIL_DOWN,    /* the interface was down */
    SPOIL_OUTSIDE, /* the point did not measure then */
};

/* spoil_text says it, for people. */
const char *spoil_text(enum spoil why);

/* Times are nanoseconds since the begin of the block (of a half block while counting). */
struct block {
    int64_t n;
    uint64_t packets;
    bool timed; /* false: a router only counted */
    int64_t first_ns;
    __int128 sum_ns;
    uint64_t delay_marks; /* packets; times of the first of them: */
    int64_t mark_ns[DELAY_MARKS_MAX];
    enum spoil spoiled;
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
    bool bounded; /* a live point: it measured from block first to last */
    int64_t first, last;
};

void blocks_init(struct point_blocks *p, const struct marking_config *c);
void blocks_fini(struct point_blocks *p);

/* blocks_frame counts an Ethernet frame if it holds a packet of a flow; the flow's number, or the
 * number of flows when it holds none. */
size_t blocks_frame(struct point_blocks *p, const uint8_t *frame, size_t len, struct instant at);

/* blocks_votes adds this point's packets by whether they carry their block's colour or the other
 * parity's; *with < *against: the marker inverts. */
void blocks_votes(const struct point_blocks *p, uint64_t *with, uint64_t *against);

/* blocks_settle makes the blocks; inverted: colour 1 belongs to blocks of even number. */
void blocks_settle(struct point_blocks *p, bool inverted);

/* blocks_add adds packets that a router counted, without times, to a settled block. */
void blocks_add(struct point_blocks *p, size_t flow, int64_t n, uint64_t packets);

/* blocks_spoil says that a block of a flow was not counted here; the first reason stands. */
void blocks_spoil(struct point_blocks *p, size_t flow, int64_t n, enum spoil why);

/* blocks_spoiled returns why this point did not count block n of a flow. */
enum spoil blocks_spoiled(const struct point_blocks *p, size_t flow, int64_t n);

/* blocks_find returns the settled block n of a flow, or NULL. */
const struct block *blocks_find(const struct point_blocks *p, size_t flow, int64_t n);

#endif
