/*
 * The eight-byte names of BGP/MPLS VPNs: route distinguishers (RFC 4364 4.2) and extended
 * communities (RFC 4360, RFC 5668), as numbers in host order, first byte on the wire topmost.
 *
 *   RD         type(2): 0 AS(2) number(4) | 1 IPv4(4) number(2) | 2 AS(4) number(2)
 *   community  type(1) subtype(1): 0 AS(2) number(4) | 1 IPv4(4) number(2) | 2 AS(4) number(2)
 */
#ifndef MVPN_WIRE_BGP_ID_H
#define MVPN_WIRE_BGP_ID_H

#include "emul/base/addr.h"

#include <stdint.h>
#include <stdio.h>

/* Which of the three forms; the administrator is an AS number or an address. */
enum bgp_id_form { BGP_ID_AS2 = 0, BGP_ID_IPV4 = 1, BGP_ID_AS4 = 2 };

/* Subtypes of extended communities that are understood. */
enum {
    BGP_EC_RT = 0x02,
    BGP_EC_SOURCE_AS = 0x09,  /* RFC 6514 6 */
    BGP_EC_VRF_IMPORT = 0x0b, /* RFC 6514 7, IPv4 form */
};

/* bgp_id_value returns administrator and number as the six bytes of a form. */
static inline uint64_t bgp_id_value(enum bgp_id_form form, uint32_t admin, uint32_t number)
{
    return form == BGP_ID_AS2 ? (uint64_t)(admin & 0xffff) << 32 | number
                              : (uint64_t)admin << 16 | (number & 0xffff);
}

static inline uint64_t bgp_rd(enum bgp_id_form form, uint32_t admin, uint32_t number)
{
    return (uint64_t)form << 48 | bgp_id_value(form, admin, number);
}

static inline uint64_t bgp_ec(enum bgp_id_form form, uint8_t subtype, uint32_t admin,
                              uint32_t number)
{
    return (uint64_t)form << 56 | (uint64_t)subtype << 48 | bgp_id_value(form, admin, number);
}

static inline uint64_t bgp_rt(enum bgp_id_form form, uint32_t admin, uint32_t number)
{
    return bgp_ec(form, BGP_EC_RT, admin, number);
}

/* bgp_vrf_import returns the VRF Route Import of a PE's VRF; bgp_c_multicast_rt the Route Target
 * that C-multicast routes to it carry: the same six bytes (RFC 6514 7). */
static inline uint64_t bgp_vrf_import(ip4_t pe, uint16_t vrf)
{
    return bgp_ec(BGP_ID_IPV4, BGP_EC_VRF_IMPORT, pe, vrf);
}

static inline uint64_t bgp_c_multicast_rt(uint64_t vrf_import)
{
    return (vrf_import & 0xff00ffffffffffffu) | (uint64_t)BGP_EC_RT << 48;
}

/* bgp_source_as takes the short form where the number has room in it. */
static inline uint64_t bgp_source_as(uint32_t as)
{
    return bgp_ec(as <= UINT16_MAX ? BGP_ID_AS2 : BGP_ID_AS4, BGP_EC_SOURCE_AS, as, 0);
}

/* The subtype and the form of an extended community; the transitive bit is left in the form. */
static inline uint8_t bgp_ec_subtype(uint64_t ec)
{
    return (uint8_t)(ec >> 48);
}

static inline uint8_t bgp_ec_form(uint64_t ec)
{
    return (uint8_t)(ec >> 56);
}

/* bgp_ec_is_rt tells whether an extended community is a Route Target of any form. */
static inline bool bgp_ec_is_rt(uint64_t ec)
{
    return bgp_ec_form(ec) <= BGP_ID_AS4 && bgp_ec_subtype(ec) == BGP_EC_RT;
}

/* bgp_ec_is_vrf_import tells it of a VRF Route Import, whose PE is bgp_ec_address. */
static inline bool bgp_ec_is_vrf_import(uint64_t ec)
{
    return bgp_ec_form(ec) == BGP_ID_IPV4 && bgp_ec_subtype(ec) == BGP_EC_VRF_IMPORT;
}

static inline ip4_t bgp_ec_address(uint64_t ec)
{
    return (ip4_t)(ec >> 16);
}

/* They print as the routers do, 65000:1 and 192.0.2.2:7; what is of no known form in hexadecimal.
 */
void bgp_rd_print(FILE *f, uint64_t rd);
void bgp_ec_print(FILE *f, uint64_t ec);

#endif
