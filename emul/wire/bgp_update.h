/*
 * BGP UPDATE (RFC 4271 4.3): decoding says what RFC 7606 asks for; encoding packs as many routes as
 * a message holds.
 *
 *   length(2) | withdrawn IPv4 routes | length(2) | path attributes | IPv4 routes
 */
#ifndef MVPN_WIRE_BGP_UPDATE_H
#define MVPN_WIRE_BGP_UPDATE_H

#include "emul/wire/bgp_attr.h"
#include "emul/wire/bgp_nlri.h"

struct bgp_update {
    struct bgp_slice withdrawn, nlri; /* 1/1, walked by bgp_nlri_next */
    struct bgp_attrs attrs;
};

/*
 * bgp_update_decode reads a body. The fault says what the caller has to do: with BGP_ACT_RESET *out
 * means nothing; with BGP_ACT_WITHDRAW the routes of nlri and attrs.reach count as withdrawn (they
 * are good as routes) beside those of withdrawn and attrs.unreach; with BGP_ACT_DISCARD and NONE it
 * counts as it stands. All routes of families that are spoken have been walked: bgp_nlri_next will
 * not fail on them.
 */
struct bgp_fault bgp_update_decode(struct bgp_slice body, struct bgp_update *out);

/* bgp_update_end_of_rib tells whether the message is the End-of-RIB of a family (RFC 4724 2). */
bool bgp_update_end_of_rib(const struct bgp_update *v, enum bgp_family *family);

/* bgp_update_encode writes a whole message as it stands. */
enum wire_err bgp_update_encode(struct wr *w, const struct bgp_update *v);

/*
 * bgp_announce_encode writes one whole message that announces the first *taken of count routes of
 * attrs->reach.family with these attributes: as many as go into 4,096 bytes and into w. The routes
 * of BGP_IPV4 go into the body, with NEXT_HOP, and no MP_REACH; those of others into MP_REACH,
 * whose present bit and nlri are not looked at. WIRE_FULL: not even one fits; *taken is 0 and w
 * stands where it stood.
 */
enum wire_err bgp_announce_encode(struct wr *w, const struct bgp_attrs *attrs,
                                  const struct bgp_nlri *routes, size_t count, size_t *taken);

/* bgp_withdraw_encode does the same for routes that are withdrawn; a VPNv4 label is overwritten. */
enum wire_err bgp_withdraw_encode(struct wr *w, enum bgp_family family,
                                  const struct bgp_nlri *routes, size_t count, size_t *taken);

/* bgp_end_of_rib_encode writes the whole message. */
enum wire_err bgp_end_of_rib_encode(struct wr *w, enum bgp_family family);
void bgp_update_print(FILE *f, const struct bgp_update *v);

#endif
