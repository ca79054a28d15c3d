/*
 * The path attributes of an UPDATE (RFC 4271 4.3), and what a malformed one costs (RFC 7606). The
 * table is in bgp_attr.c; the attributes of multiprotocol BGP are in bgp_attr_mp.c, those of
 * multicast VPNs in bgp_attr_mvpn.c.
 *
 *   flags(1): optional 0x80, transitive 0x40, partial 0x20, extended length 0x10 | type(1) |
 *   length(1, or 2 with extended length) | value
 */
#ifndef MVPN_WIRE_BGP_ATTR_H
#define MVPN_WIRE_BGP_ATTR_H

#include "emul/wire/bgp.h"

#define BGP_ATTR_OTHERS_MAX 8

enum bgp_attr_type {
    BGP_ATTR_ORIGIN = 1,
    BGP_ATTR_AS_PATH = 2,
    BGP_ATTR_NEXT_HOP = 3,
    BGP_ATTR_MED = 4,
    BGP_ATTR_LOCAL_PREF = 5,
    BGP_ATTR_ATOMIC_AGGREGATE = 6,
    BGP_ATTR_AGGREGATOR = 7,
    BGP_ATTR_COMMUNITIES = 8,      /* RFC 1997 */
    BGP_ATTR_ORIGINATOR_ID = 9,    /* RFC 4456 */
    BGP_ATTR_CLUSTER_LIST = 10,    /* RFC 4456 */
    BGP_ATTR_MP_REACH = 14,        /* RFC 4760 */
    BGP_ATTR_MP_UNREACH = 15,      /* RFC 4760 */
    BGP_ATTR_EXT_COMMUNITIES = 16, /* RFC 4360 */
    BGP_ATTR_CONNECTOR = 20,       /* RFC 6037 5.2.1 */
    BGP_ATTR_PMSI_TUNNEL = 22,     /* RFC 6514 5 */
};

/* The bit in bgp_attrs.present of an attribute that is understood. */
#define BGP_HAS(type) (1u << (type))

enum { BGP_ORIGIN_IGP, BGP_ORIGIN_EGP, BGP_ORIGIN_INCOMPLETE };
enum { BGP_AS_SET = 1, BGP_AS_SEQUENCE = 2 };

#define BGP_NO_EXPORT 0xffffff01u

/* MP_REACH_NLRI: AFI(2) | SAFI(1) | length(1) | next hop | reserved(1) | NLRI. MP_UNREACH has no
 * next hop. A family of others keeps its numbers and slices, unread. */
struct bgp_mp {
    enum bgp_family family;
    uint16_t afi;
    uint8_t safi;
    ip4_t next_hop;           /* of the families that are spoken */
    uint64_t next_hop_rd;     /* vpnv4: 0 */
    struct bgp_slice nexthop; /* of others: the bytes */
    struct bgp_slice nlri;
};

/* CONNECTOR: type(2) = 1, then the PE alone (RFC 6037) or RD(8) and PE (as Cisco has it). */
struct bgp_connector {
    bool has_rd;
    uint64_t rd;
    ip4_t pe;
};

enum bgp_tunnel {
    BGP_TUNNEL_NONE,
    BGP_TUNNEL_RSVP_P2MP,
    BGP_TUNNEL_MLDP_P2MP,
    BGP_TUNNEL_PIM_SSM,
    BGP_TUNNEL_PIM_SM,
    BGP_TUNNEL_PIM_BIDIR,
    BGP_TUNNEL_INGRESS_REPLICATION,
    BGP_TUNNEL_MLDP_MP2MP,
};

/* PMSI_TUNNEL: flags(1), 1: leaf information required | type(1) | label(3) | tunnel identifier. */
struct bgp_pmsi {
    uint8_t flags;
    uint8_t type;        /* enum bgp_tunnel */
    uint32_t label;      /* the 24 bits as they are */
    ip4_t sender, group; /* PIM tunnels; ingress replication: sender is the endpoint */
    struct bgp_slice id; /* other tunnels: the identifier */
};

#define BGP_PMSI_LEAF_REQUIRED 0x01

/* One attribute as it lies in the message. */
struct bgp_attr {
    uint8_t flags, type;
    struct bgp_slice value;
};

/* All of an UPDATE's; slices live as long as the message. Fields without their bit in present mean
 * nothing. Several of a kind are walked by bgp_slice_rd and rd_u32 or rd_u64. */
struct bgp_attrs {
    uint32_t present; /* BGP_HAS(type) */
    uint8_t origin;
    struct bgp_slice as_path; /* segments: type(1) count(1) AS numbers(4 each) */
    ip4_t next_hop;
    uint32_t med, local_pref;
    struct bgp_slice aggregator;
    struct bgp_slice communities; /* 4 bytes each */
    ip4_t originator_id;
    struct bgp_slice cluster_list;    /* 4 bytes each */
    struct bgp_slice ext_communities; /* 8 bytes each */
    struct bgp_mp reach, unreach;
    struct bgp_connector connector;
    struct bgp_pmsi pmsi;
    size_t other_count; /* optional ones that are not understood */
    struct bgp_attr other[BGP_ATTR_OTHERS_MAX];
};

/*
 * bgp_attrs_decode reads the attributes of an UPDATE. An attribute that is malformed is left out,
 * *fault tells what has to follow (NONE stays as it is); of doubled ones the first counts, and more
 * than BGP_ATTR_OTHERS_MAX unknown ones are discarded. The routes in reach and unreach are not
 * looked at.
 */
void bgp_attrs_decode(struct bgp_slice section, struct bgp_attrs *out, struct bgp_fault *fault);

/* bgp_attrs_encode writes those that are present, in the order of the table. */
enum wire_err bgp_attrs_encode(struct wr *w, const struct bgp_attrs *v);

/* The same in two parts, MP_REACH and MP_UNREACH left out between them, and what the second takes:
 * for bgp_pack.c, which writes one of the two in their place. */
void bgp_attrs_encode_before(struct wr *w, const struct bgp_attrs *v);
void bgp_attrs_encode_behind(struct wr *w, const struct bgp_attrs *v);
size_t bgp_attrs_bytes_behind(const struct bgp_attrs *v);

/* bgp_attr_begin writes the head of an attribute with a value of that many bytes. */
void bgp_attr_begin(struct wr *w, uint8_t flags, uint8_t type, size_t bytes);
void bgp_attrs_print(FILE *f, const struct bgp_attrs *v);

/* Rows of the table that stand in files of their own: decode reads the value, bytes tells how long
 * encode will make it. */
void bgp_reach_decode(struct rd *r, struct bgp_attrs *out);
size_t bgp_reach_bytes(const struct bgp_attrs *v);
void bgp_reach_encode(struct wr *w, const struct bgp_attrs *v);
void bgp_reach_print(FILE *f, const struct bgp_attrs *v);
void bgp_unreach_decode(struct rd *r, struct bgp_attrs *out);
size_t bgp_unreach_bytes(const struct bgp_attrs *v);
void bgp_unreach_encode(struct wr *w, const struct bgp_attrs *v);
void bgp_unreach_print(FILE *f, const struct bgp_attrs *v);
void bgp_connector_decode(struct rd *r, struct bgp_attrs *out);
size_t bgp_connector_bytes(const struct bgp_attrs *v);
void bgp_connector_encode(struct wr *w, const struct bgp_attrs *v);
void bgp_connector_print(FILE *f, const struct bgp_attrs *v);
void bgp_pmsi_decode(struct rd *r, struct bgp_attrs *out);
size_t bgp_pmsi_bytes(const struct bgp_attrs *v);
void bgp_pmsi_encode(struct wr *w, const struct bgp_attrs *v);
void bgp_pmsi_print(FILE *f, const struct bgp_attrs *v);

/* bgp_reach_head_encode writes the value of MP_REACH up to its routes; bgp_mp_head_bytes is its
 * size.
 */
void bgp_reach_head_encode(struct wr *w, const struct bgp_mp *v);
size_t bgp_mp_head_bytes(const struct bgp_mp *v);

#endif
