/*
 * BGP-4 (RFC 4271): the header of a message, finding messages in a stream, and how a decoder says
 * what is wrong with one. The 4-octet AS number (RFC 6793) is taken for granted everywhere, and
 * the session is taken to be an internal one.
 *
 *   marker(16) = all ones | length(2) = 19..4096, header included | type(1)
 */
#ifndef MVPN_WIRE_BGP_H
#define MVPN_WIRE_BGP_H

#include "emul/wire/wr.h"

#include <stdio.h>

#define BGP_PORT        179
#define BGP_HEADER      19
#define BGP_MESSAGE_MAX 4096

enum bgp_type {
    BGP_OPEN = 1,
    BGP_UPDATE,
    BGP_NOTIFICATION,
    BGP_KEEPALIVE,
    BGP_ROUTE_REFRESH, /* RFC 2918 */
};

const char *bgp_type_name(enum bgp_type type);

/* Bytes of a message, which they live as long as. */
struct bgp_slice {
    const uint8_t *bytes;
    size_t len;
};

static inline struct rd bgp_slice_rd(struct bgp_slice s)
{
    return rd_init(s.bytes, s.len);
}

/* What the receiver of a message has to do about it, in the order of strength (RFC 7606 2). */
enum bgp_act {
    BGP_ACT_NONE,
    BGP_ACT_DISCARD,  /* the attribute is left out; the rest counts */
    BGP_ACT_WITHDRAW, /* the routes of the message count as withdrawn */
    BGP_ACT_RESET,    /* NOTIFICATION, and the session ends */
};

const char *bgp_act_name(enum bgp_act act);

enum bgp_code {
    BGP_ERR_HEADER = 1,
    BGP_ERR_OPEN,
    BGP_ERR_UPDATE,
    BGP_ERR_HOLD_EXPIRED,
    BGP_ERR_FSM,
    BGP_ERR_CEASE,
};

/* The strongest thing wrong with a message: what to do, and the NOTIFICATION that would say it. */
struct bgp_fault {
    enum bgp_act act;
    uint8_t code, subcode;
    uint8_t attribute; /* of an UPDATE; 0: none in particular */
    const char *what;  /* a few words that stay */
    struct bgp_slice data;
};

/* bgp_blame replaces *fault by with if that is stronger: the first of the strongest stays. */
void bgp_blame(struct bgp_fault *fault, struct bgp_fault with);
void bgp_fault_print(FILE *f, const struct bgp_fault *fault);

enum bgp_framing { BGP_NEEDS_MORE, BGP_WHOLE, BGP_BROKEN };

/*
 * bgp_frame looks at the beginning of a stream. *need becomes the bytes that the next message takes
 * (BGP_HEADER until its header is there): more than len with BGP_NEEDS_MORE, at most len with
 * BGP_WHOLE. BGP_BROKEN: *why tells the NOTIFICATION (RFC 4271 6.1).
 */
enum bgp_framing bgp_frame(const uint8_t *stream, size_t len, size_t *need, struct bgp_fault *why);

/* bgp_message_open takes exactly one whole message apart. */
struct bgp_fault bgp_message_open(const uint8_t *message, size_t len, enum bgp_type *type,
                                  struct bgp_slice *body);

/* bgp_begin writes the header of a message and returns where it lies; bgp_end fills in its length
 * (WIRE_LENGTH if it became longer than a message may be). */
size_t bgp_begin(struct wr *w, enum bgp_type type);
enum wire_err bgp_end(struct wr *w, size_t mark);

/* bgp_keepalive_encode writes a whole KEEPALIVE. */
enum wire_err bgp_keepalive_encode(struct wr *w);

/* The address families that are spoken, in the order of their capabilities. */
enum bgp_family {
    BGP_IPV4,  /* 1/1 */
    BGP_VPNV4, /* 1/128, RFC 4364 */
    BGP_MDT,   /* 1/66, RFC 6037 */
    BGP_MVPN,  /* 1/5, RFC 6514 */
    BGP_RTC,   /* 1/132, RFC 4684 */
    BGP_FAMILIES,
    BGP_FAMILY_OTHER = BGP_FAMILIES,
};

enum { BGP_AFI_IPV4 = 1 };

const char *bgp_family_name(enum bgp_family family);
uint8_t bgp_family_safi(enum bgp_family family);

/* bgp_family_find returns BGP_FAMILY_OTHER for one that is not spoken. */
enum bgp_family bgp_family_find(uint16_t afi, uint8_t safi);

#endif
