#include "emul/wire/bgp.h"

#include "emul/wire/be.h"

#define MARKER       16
#define LENGTH_AT    16
#define TYPE_AT      18
#define NOT_IN_SYNC  1 /* RFC 4271 6.1 */
#define BAD_LENGTH   2
#define BAD_TYPE     3
#define OPEN_LEAST   29
#define UPDATE_LEAST 23

const char *bgp_type_name(enum bgp_type type)
{
    static const char *const names[] = {
        [BGP_OPEN] = "open",
        [BGP_UPDATE] = "update",
        [BGP_NOTIFICATION] = "notification",
        [BGP_KEEPALIVE] = "keepalive",
        [BGP_ROUTE_REFRESH] = "route-refresh",
    };
    bool known = type >= BGP_OPEN && type <= BGP_ROUTE_REFRESH;
    return known ? names[type] : "unknown";
}

const char *bgp_act_name(enum bgp_act act)
{
    static const char *const names[] = {
        [BGP_ACT_NONE] = "none",
        [BGP_ACT_DISCARD] = "attribute discard",
        [BGP_ACT_WITHDRAW] = "treat as withdraw",
        [BGP_ACT_RESET] = "session reset",
    };
    return (size_t)act < sizeof(names) / sizeof(names[0]) ? names[act] : "unknown";
}

void bgp_blame(struct bgp_fault *fault, struct bgp_fault with)
{
    if (with.act > fault->act)
        *fault = with;
}

void bgp_fault_print(FILE *f, const struct bgp_fault *fault)
{
    (void)fprintf(f, "%s", fault->what);
    if (fault->attribute != 0)
        (void)fprintf(f, " (attribute %u)", fault->attribute);
    (void)fprintf(f, ": %s, error %u/%u", bgp_act_name(fault->act), fault->code, fault->subcode);
}

/* length_right tells whether a message of that type may be that long (RFC 4271 6.1, RFC 2918). */
static bool length_right(uint8_t type, size_t len)
{
    switch (type) {
    case BGP_OPEN:
        return len >= OPEN_LEAST;
    case BGP_UPDATE:
        return len >= UPDATE_LEAST;
    case BGP_NOTIFICATION:
        return len >= BGP_HEADER + 2;
    case BGP_KEEPALIVE:
        return len == BGP_HEADER;
    case BGP_ROUTE_REFRESH:
        return len == BGP_HEADER + 4;
    default:
        return true;
    }
}

static struct bgp_fault header_fault(uint8_t subcode, const char *what, const uint8_t *data,
                                     size_t len)
{
    return (struct bgp_fault){.act = BGP_ACT_RESET,
                              .code = BGP_ERR_HEADER,
                              .subcode = subcode,
                              .what = what,
                              .data = {data, len}};
}

static struct bgp_fault header_check(const uint8_t *p)
{
    for (size_t i = 0; i < MARKER; i++) {
        if (p[i] != 0xff)
            return header_fault(NOT_IN_SYNC, "marker is not all ones", NULL, 0);
    }
    size_t len = be_get16(p + LENGTH_AT);
    uint8_t type = p[TYPE_AT];
    if (len < BGP_HEADER || len > BGP_MESSAGE_MAX || !length_right(type, len))
        return header_fault(BAD_LENGTH, "bad length", p + LENGTH_AT, 2);
    if (type < BGP_OPEN || type > BGP_ROUTE_REFRESH)
        return header_fault(BAD_TYPE, "unknown type", p + TYPE_AT, 1);
    return (struct bgp_fault){0};
}

enum bgp_framing bgp_frame(const uint8_t *stream, size_t len, size_t *need, struct bgp_fault *why)
{
    *need = BGP_HEADER;
    *why = (struct bgp_fault){0};
    if (len < BGP_HEADER)
        return BGP_NEEDS_MORE;
    *why = header_check(stream);
    if (why->act != BGP_ACT_NONE)
        return BGP_BROKEN;
    *need = be_get16(stream + LENGTH_AT);
    return *need <= len ? BGP_WHOLE : BGP_NEEDS_MORE;
}

struct bgp_fault bgp_message_open(const uint8_t *message, size_t len, enum bgp_type *type,
                                  struct bgp_slice *body)
{
    size_t need;
    struct bgp_fault why;
    enum bgp_framing framing = bgp_frame(message, len, &need, &why);
    if (framing == BGP_BROKEN)
        return why;
    if (framing == BGP_NEEDS_MORE || need != len)
        return header_fault(BAD_LENGTH, "not one whole message", NULL, 0);
    *type = (enum bgp_type)message[TYPE_AT];
    *body = (struct bgp_slice){message + BGP_HEADER, len - BGP_HEADER};
    return why;
}

size_t bgp_begin(struct wr *w, enum bgp_type type)
{
    size_t mark = w->pos;
    uint8_t *p = wr_room(w, BGP_HEADER);
    if (p != NULL) {
        memset(p, 0xff, MARKER);
        be_put16(p + LENGTH_AT, 0);
        p[TYPE_AT] = (uint8_t)type;
    }
    return mark;
}

enum wire_err bgp_end(struct wr *w, size_t mark)
{
    if (w->err != WIRE_OK)
        return w->err;
    size_t len = w->pos - mark;
    if (len > BGP_MESSAGE_MAX)
        return wr_fail(w, WIRE_LENGTH);
    be_put16(w->base + mark + LENGTH_AT, (uint16_t)len);
    return WIRE_OK;
}

enum wire_err bgp_keepalive_encode(struct wr *w)
{
    return bgp_end(w, bgp_begin(w, BGP_KEEPALIVE));
}

static const struct {
    uint8_t safi;
    const char *name;
} families[BGP_FAMILIES] = {
    [BGP_IPV4] = {1, "ipv4"}, [BGP_VPNV4] = {128, "vpnv4"}, [BGP_MDT] = {66, "mdt"},
    [BGP_MVPN] = {5, "mvpn"}, [BGP_RTC] = {132, "rtc"},
};

const char *bgp_family_name(enum bgp_family family)
{
    return family < BGP_FAMILIES ? families[family].name : "other";
}

uint8_t bgp_family_safi(enum bgp_family family)
{
    return family < BGP_FAMILIES ? families[family].safi : 0;
}

enum bgp_family bgp_family_find(uint16_t afi, uint8_t safi)
{
    for (size_t i = 0; afi == BGP_AFI_IPV4 && i < BGP_FAMILIES; i++) {
        if (families[i].safi == safi)
            return (enum bgp_family)i;
    }
    return BGP_FAMILY_OTHER;
}
