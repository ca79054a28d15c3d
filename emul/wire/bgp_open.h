/*
 * BGP OPEN (RFC 4271 4.2) and its capabilities (RFC 5492). All the body is here; the header is
 * bgp.h's.
 *
 *   version(1)=4 | my AS(2) | hold time(2) | BGP identifier(4) | length of parameters(1)
 *   parameter: type(1)=2 | length(1) | capabilities: code(1) | length(1) | value
 */
#ifndef MVPN_WIRE_BGP_OPEN_H
#define MVPN_WIRE_BGP_OPEN_H

#include "emul/wire/bgp.h"

#define BGP_AS_TRANS        23456 /* RFC 6793: my AS where it takes four octets */
#define BGP_OPEN_OTHERS_MAX 126   /* what 255 bytes of parameters can hold at most */

enum bgp_capability_code {
    BGP_CAP_MP = 1,      /* RFC 4760 */
    BGP_CAP_REFRESH = 2, /* RFC 2918 */
    BGP_CAP_AS4 = 65,    /* RFC 6793 */
};

/* A capability that the fields do not tell, a family of others included. */
struct bgp_capability {
    uint8_t code, len;
    const uint8_t *value; /* slice of the message */
};

struct bgp_open {
    uint16_t as16;
    uint16_t hold_s;
    ip4_t id;
    uint32_t families; /* bit 1 << enum bgp_family */
    bool route_refresh;
    bool has_as4;
    uint32_t as4;
    size_t other_count;
    struct bgp_capability other[BGP_OPEN_OTHERS_MAX];
};

/* bgp_open_as returns the AS number that the speaker means. */
uint32_t bgp_open_as(const struct bgp_open *v);

/* bgp_open_decode also refuses what no speaker may say: AS or identifier 0, a hold time of 1 or 2 s
 * (RFC 4271 6.2, RFC 6286, RFC 7607). Whether the AS is the expected one is the caller's to know.
 */
struct bgp_fault bgp_open_decode(struct bgp_slice body, struct bgp_open *out);

/* bgp_open_encode writes a whole message, all capabilities in one parameter. */
enum wire_err bgp_open_encode(struct wr *w, const struct bgp_open *v);
void bgp_open_print(FILE *f, const struct bgp_open *v);

#endif
