/*
 * Colour counters that a router keeps: running totals of each flow and colour, read while the
 * colour rests (RFC 9341 3.1: a counter is read when the other one moves). From the user's command,
 * which prints {"flow": name, "colour": 0|1, "packets": n} a line, or from nftables: the named
 * counters FLOW_0 and FLOW_1 of a table.
 */
#ifndef MVPN_MARKING_READING_H
#define MVPN_MARKING_READING_H

#include "monitor/marking/blocks.h"

struct reading {
    int64_t begin_ns, end_ns; /* when the command ran */
    uint64_t *packets;        /* flow * 2 + colour */
};

/* The readings of one point, in order of time. */
struct readings {
    struct reading *list;
    size_t count, cap;
};

/* readings_parse adds one reading from what a point's command printed; -1 with *err (ERR_TESTBED)
 * that names the line, or the flow that is missing. */
int readings_parse(struct readings *r, const struct marking_config *c,
                   const struct mark_point *point, const char *text, int64_t begin_ns,
                   int64_t end_ns, struct err *err);

/* readings_moved tells whether a flow's counters changed between the first two readings that begin
 * at or after the time. */
bool readings_moved(const struct readings *r, size_t flow, int64_t since_ns);

/* The measurement: its first and last block, until when it began, and from when on it ended. */
struct measured {
    int64_t first, last;
    int64_t begun_ns, ending_ns;
};

/*
 * readings_settle makes the blocks of a point from its readings: a block is the difference of its
 * colour's totals at rest after it and before it. Where the measurement begins or ends in a block
 * its first or last reading serves; that is right for flows that did not move then. Without
 * readings at rest, or where a counter went back, the block is spoiled.
 */
void readings_settle(const struct readings *r, struct point_blocks *p, bool inverted,
                     const struct measured *m);
void readings_free(struct readings *r);

#endif
