/*
 * MDT Join TLVs (RFC 6037 section 7): UDP to 224.0.0.13, port 3232, on the default MDT. Several
 * TLVs share a datagram; the last ends exactly at its end.
 *
 *   type(1)=1 | length(2)=16 | reserved(1) | C-source(4) | C-group(4) | P-group(4)
 *   type(1)=4 | length(2)=40 | reserved(1) | C-source(16) | C-group(16) | P-group(4)   (IPv6 flow)
 */
#ifndef MVPN_WIRE_MDT_H
#define MVPN_WIRE_MDT_H

#include "emul/wire/wr.h"

#include <stdbool.h>
#include <stdio.h>

#define MDT_PORT           3232
#define MDT_JOIN_TLV_BYTES 16

struct mdt_join {
    ip4_t c_source, c_group, p_group;
};

/*
 * mdt_join_next reads the next IPv4 TLV of a datagram's payload, skipping TLVs of other types:
 * true, or false at the end or on an error (r->err tells).
 */
bool mdt_join_next(struct rd *r, struct mdt_join *out);

/* mdt_join_check walks a whole payload without acting: WIRE_OK when every TLV is good. */
enum wire_err mdt_join_check(const uint8_t *payload, size_t len);

/* mdt_join_encode appends one TLV. */
enum wire_err mdt_join_encode(struct wr *w, const struct mdt_join *v);
void mdt_join_print(FILE *f, const struct mdt_join *v);

#endif
