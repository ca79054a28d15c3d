/* Marked packets as frames, and configurations from text, for the tests of marking. */
#ifndef MVPN_TESTS_MARKING_FIXTURE_H
#define MVPN_TESTS_MARKING_FIXTURE_H

#include "monitor/marking/blocks.h"

#define GROUP  IP4(239, 1, 1, 1)
#define SOURCE IP4(10, 0, 0, 1)

/* config_of reads a file with this text; NULL with *err. */
struct marking_config *config_of(const char *text, struct err *err);

struct packet {
    ip4_t src, dst;
    uint8_t dscp;
    int flags; /* of a probe; -1: no probe in it */
    unsigned tunnels;
    bool vlan, bad_checksum;
    uint16_t fragment_offset;
};

/* packet_of returns a packet of the flow SOURCE, GROUP with a DSCP. */
static inline struct packet packet_of(uint8_t dscp)
{
    return (struct packet){.src = SOURCE, .dst = GROUP, .dscp = dscp, .flags = -1};
}

/* count_packet lets a point count it at a time, seconds; the flow's number. */
size_t count_packet(struct point_blocks *p, const struct packet *packet, double at_s);

#endif
