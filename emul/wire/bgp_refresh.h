/*
 * BGP ROUTE-REFRESH (RFC 2918): the peer wants a family again.
 *
 *   AFI(2) | subtype(1), 0 (RFC 7313 has others) | SAFI(1)
 */
#ifndef MVPN_WIRE_BGP_REFRESH_H
#define MVPN_WIRE_BGP_REFRESH_H

#include "emul/wire/bgp.h"

struct bgp_refresh {
    uint16_t afi;
    uint8_t subtype, safi;
};

/* bgp_refresh_decode reads a body; bgp_family_find tells whether the family is spoken. */
enum wire_err bgp_refresh_decode(struct bgp_slice body, struct bgp_refresh *out);

/* bgp_refresh_encode writes a whole message. */
enum wire_err bgp_refresh_encode(struct wr *w, const struct bgp_refresh *v);
void bgp_refresh_print(FILE *f, const struct bgp_refresh *v);

#endif
