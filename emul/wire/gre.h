/*
 * GRE (RFC 2784): C(1) reserved0(12) version(3)=0 protocol(16) [checksum(16) reserved1(16)].
 * Key and sequence (RFC 2890) are parsed and skipped; we send the bare four bytes (RFC 6037 4.7).
 */
#ifndef MVPN_WIRE_GRE_H
#define MVPN_WIRE_GRE_H

#include "emul/wire/wr.h"

#include <stdbool.h>
#include <stdio.h>

#define GRE_HEADER 4

struct gre {
    bool checksum_present; /* decode: was there and right; encode: write one */
    uint16_t protocol;
    const uint8_t *payload;
    size_t payload_bytes;
};

enum wire_err gre_decode(struct rd *r, struct gre *out);
enum wire_err gre_encode(struct wr *w, const struct gre *v);
void gre_print(FILE *f, const struct gre *v);

#endif
