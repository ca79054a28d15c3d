/*
 * The file of `mvpnbench marking` (DESIGN B.8): flows, how they are marked, blocks, clocks, points
 * and the segments between them. Paths are relative to the file.
 */
#ifndef MVPN_MARKING_CONFIG_H
#define MVPN_MARKING_CONFIG_H

#include "emul/base/addr.h"
#include "emul/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mark_field { MARK_DSCP, MARK_PROBE };

struct mark {
    enum mark_field field;
    uint8_t mask;        /* of the 6-bit DSCP: the colour */
    uint8_t double_mask; /* of the DSCP: packets for delay; 0: none (probe: its flag bit 1) */
};

struct marked_flow {
    char *name;
    ip4_t group, source; /* source 0: any */
};

enum point_kind { POINT_CAPTURE, POINT_INTERFACE, POINT_COMMAND, POINT_NFTABLES };

/* Which packets of an interface count: a flow passes most interfaces one way only. */
enum point_direction { POINT_BOTH, POINT_IN, POINT_OUT };

struct mark_point {
    char *name;
    enum point_kind kind;
    enum point_direction direction;
    char *what;  /* path of the capture, interface, command, or nftables table ("ip colours") */
    char *netns; /* of all but captures; NULL: the program's own */
};

struct mark_segment {
    size_t from, to; /* points */
};

struct marking_config {
    char *file, *directory;
    size_t flow_count, point_count, segment_count;
    struct marked_flow *flows;
    struct mark_point *points;
    struct mark_segment *segments;
    struct mark mark;
    int64_t block_ns, origin_ns;
    bool clock_known;
    int64_t clock_offset_ns; /* largest between any two points */
    double seconds;          /* live: how long; 0: until stopped */
};

/* marking_load reads a file; NULL with *err (ERR_USE, FILE:LINE:COL). */
struct marking_config *marking_load(const char *path, struct err *err);
void marking_config_free(struct marking_config *c);

#endif
