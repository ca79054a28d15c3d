/*
 * IGMPv2 (RFC 2236) and IGMPv3 (RFC 3376): queries, reports, leave.
 *
 *   query:     0x11 max-resp-code(1) checksum(2) group(4), version 3 also
 *              resv/S/QRV(1) QQIC(1) n(2) sources(4 each)
 *   v3 report: 0x22 0(1) checksum(2) 0(2) n(2) records
 *   record:    type(1) aux(1) n(2) group(4) sources(4 each) auxiliary data(4 * aux)
 */
#ifndef MVPN_WIRE_IGMP_H
#define MVPN_WIRE_IGMP_H

#include "emul/wire/wr.h"

#include <stdbool.h>
#include <stdio.h>

#define IGMP_QUERY     0x11
#define IGMP_V1_REPORT 0x12
#define IGMP_V2_REPORT 0x16
#define IGMP_V2_LEAVE  0x17
#define IGMP_V3_REPORT 0x22

enum igmp_record_type {
    IGMP_IS_INCLUDE = 1,
    IGMP_IS_EXCLUDE,
    IGMP_TO_INCLUDE,
    IGMP_TO_EXCLUDE,
    IGMP_ALLOW_NEW,
    IGMP_BLOCK_OLD,
};

struct igmp {
    uint8_t type;
    uint8_t version;           /* of a query: 1, 2 or 3, told by its length and code */
    uint32_t max_resp_ms;      /* queries; v3 codes are converted both ways */
    ip4_t group;               /* queries (0: general), v1/v2 reports, leave */
    bool suppress;             /* v3 query: S */
    uint8_t robustness;        /* v3 query: QRV */
    uint32_t query_interval_s; /* v3 query: QQIC */
    uint16_t count;            /* v3 query: sources; v3 report: records */
    const uint8_t *list;       /* in place: source addresses, or records for igmp_record_next */
    size_t list_bytes;
};

struct igmp_record {
    uint8_t type;
    ip4_t group;
    uint16_t source_count;
    const uint8_t *sources; /* in place, 4 bytes each */
};

/* igmp_decode takes a whole IGMP message (IP payload) and checks its checksum and its lists. */
enum wire_err igmp_decode(struct rd *r, struct igmp *out);

/* igmp_record_next reads the next record of a v3 report that decoded well; *pos starts at 0. */
bool igmp_record_next(const struct igmp *v, size_t *pos, struct igmp_record *out);

/* igmp_encode writes the message; list and list_bytes as they stand on the wire. */
enum wire_err igmp_encode(struct wr *w, const struct igmp *v);

/* igmp_record_encode appends one record to a list under construction. */
enum wire_err igmp_record_encode(struct wr *w, const struct igmp_record *v);
void igmp_print(FILE *f, const struct igmp *v);

#endif
