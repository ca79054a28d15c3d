/*
 * What BGP routes are about, one struct for all the families that are spoken:
 *
 *   1/1    bits(1) | prefix                                                     RFC 4271 4.3
 *   1/128  bits(1) | label(20) EXP(3) S(1) | RD(8) | prefix                     RFC 4364 4.3.4
 *   1/66   bits(1) = 128 | RD(8) | PE(4) | group(4)                             RFC 6037 4.4.1
 *   1/5    type(1) | bytes(1) | what the type says (bgp_nlri_mvpn.c)            RFC 6514 4
 *   1/132  bits(1) = 0, 32..96 | origin AS(4) | route target(8), may be cut     RFC 4684 4
 */
#ifndef MVPN_WIRE_BGP_NLRI_H
#define MVPN_WIRE_BGP_NLRI_H

#include "emul/wire/bgp.h"

/* The three bytes of a label: BGP_LABEL(100); what withdrawals carry instead (RFC 8277 2.4). */
#define BGP_LABEL(label)   ((uint32_t)(label) << 4 | 1)
#define BGP_LABEL_WITHDRAW 0x800000u

enum bgp_mvpn_type {
    BGP_MVPN_INTRA_AS_I_PMSI = 1,
    BGP_MVPN_INTER_AS_I_PMSI,
    BGP_MVPN_S_PMSI,
    BGP_MVPN_LEAF,
    BGP_MVPN_SOURCE_ACTIVE,
    BGP_MVPN_SHARED_TREE_JOIN,
    BGP_MVPN_SOURCE_TREE_JOIN,
};

struct bgp_nlri {
    uint64_t rd;              /* vpnv4, mdt, mvpn but leaf */
    struct ip4_prefix prefix; /* ipv4, vpnv4; bits behind the length are 0 */
    uint32_t label;           /* vpnv4: the 24 bits as they are */
    ip4_t pe;                 /* mdt: the PE; mvpn 1, 3, 4: the originating router */
    ip4_t source, group;      /* mvpn 3, 5, 6, 7: C-S or C-RP, and C-G; mdt: the group */
    bool any_source;          /* mvpn 3: a wildcard (RFC 6625) in place of the address */
    bool any_group;
    uint32_t as;          /* mvpn 2, 6, 7: the source AS; rtc: the origin AS */
    uint8_t mvpn_type;    /* enum bgp_mvpn_type */
    uint8_t bits;         /* rtc: length of the prefix, 0 or 32..96 */
    uint64_t rt;          /* rtc: bits behind the length are 0 */
    struct bgp_slice key; /* mvpn 4: the whole NLRI that is answered */
};

/*
 * bgp_nlri_next reads the next route of a family: true, or false at the end or on an error (r->err
 * tells). MCAST-VPN routes of unknown types are passed over (RFC 7606 5.4).
 */
bool bgp_nlri_next(struct rd *r, enum bgp_family family, struct bgp_nlri *out);

/* bgp_nlri_check walks a whole field; WIRE_OK when every route is good. */
enum wire_err bgp_nlri_check(struct bgp_slice field, enum bgp_family family);

/* bgp_nlri_bytes returns what a route takes on the wire. */
size_t bgp_nlri_bytes(enum bgp_family family, const struct bgp_nlri *v);
enum wire_err bgp_nlri_encode(struct wr *w, enum bgp_family family, const struct bgp_nlri *v);
bool bgp_nlri_equal(enum bgp_family family, const struct bgp_nlri *a, const struct bgp_nlri *b);
void bgp_nlri_print(FILE *f, enum bgp_family family, const struct bgp_nlri *v);

/* The part of it that RFC 6514 has; for bgp_nlri.c. */
bool bgp_mvpn_next(struct rd *r, struct bgp_nlri *out);
size_t bgp_mvpn_bytes(const struct bgp_nlri *v);
void bgp_mvpn_encode(struct wr *w, const struct bgp_nlri *v);
bool bgp_mvpn_equal(const struct bgp_nlri *a, const struct bgp_nlri *b);
void bgp_mvpn_print(FILE *f, const struct bgp_nlri *v);

#endif
