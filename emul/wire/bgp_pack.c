/* Many routes of one attribute set into one UPDATE. */
#include "emul/wire/bgp_update.h"

#define ATTR_HEAD     3
#define ATTR_HEAD_EXT 4
#define MP_FLAGS      0x80
#define MP_HEAD       3

/* Where the routes go, and what of the message is there when they come. */
struct pack {
    struct wr *w;
    struct wr start; /* to go back to */
    enum bgp_family family;
    const struct bgp_nlri *routes;
    size_t count;
    size_t mark; /* of the message */
};

/* fitting returns how many of the routes go into room bytes, and their bytes. */
static size_t fitting(const struct pack *p, size_t room, size_t *bytes)
{
    size_t n = 0;
    for (*bytes = 0; n < p->count; n++) {
        size_t each = bgp_nlri_bytes(p->family, &p->routes[n]);
        if (each > room - *bytes)
            break;
        *bytes += each;
    }
    return n;
}

/* room returns what is left of the message and of w, less what has yet to be written. */
static size_t room(const struct pack *p, size_t reserved)
{
    size_t used = p->w->pos - p->mark, most = p->w->cap - p->mark;
    most = most < BGP_MESSAGE_MAX ? most : BGP_MESSAGE_MAX;
    return used + reserved < most ? most - used - reserved : 0;
}

static struct pack pack_begin(struct wr *w, enum bgp_family family, const struct bgp_nlri *routes,
                              size_t count)
{
    struct pack p = {w, *w, family, routes, count, w->pos};
    (void)bgp_begin(w, BGP_UPDATE);
    return p;
}

static void routes_write(struct pack *p, size_t n, bool withdrawn)
{
    for (size_t i = 0; i < n; i++) {
        struct bgp_nlri route = p->routes[i];
        if (withdrawn && p->family == BGP_VPNV4)
            route.label = BGP_LABEL_WITHDRAW;
        (void)bgp_nlri_encode(p->w, p->family, &route);
    }
}

/* pack_end closes the message; one without a route, or with an error, is taken back. */
static enum wire_err pack_end(struct pack *p, size_t n, size_t *taken)
{
    enum wire_err err = bgp_end(p->w, p->mark);
    if (err == WIRE_OK && n == 0)
        err = WIRE_FULL;
    *taken = err == WIRE_OK ? n : 0;
    if (err != WIRE_OK) {
        *p->w = p->start;
        (void)wr_fail(p->w, err);
    }
    return err;
}

static size_t mp_head(size_t value)
{
    return value > UINT8_MAX ? ATTR_HEAD_EXT : ATTR_HEAD;
}

/* mp_fitting is fitting for routes in an attribute, whose head grows with them; reserved is what
 * the message needs beside the routes and that head. */
static size_t mp_fitting(const struct pack *p, size_t head, size_t reserved, size_t *bytes)
{
    size_t n = fitting(p, room(p, ATTR_HEAD + reserved), bytes);
    if (mp_head(head + *bytes) > ATTR_HEAD)
        n = fitting(p, room(p, ATTR_HEAD_EXT + reserved), bytes);
    return n;
}

static enum wire_err announce_ipv4(struct pack *p, const struct bgp_attrs *attrs, size_t *taken)
{
    struct bgp_attrs a = *attrs;
    a.present = (a.present | BGP_HAS(BGP_ATTR_NEXT_HOP)) & ~BGP_HAS(BGP_ATTR_MP_REACH);
    size_t bytes, n;
    wr_u16(p->w, 0);
    size_t section = wr_len16_open(p->w);
    (void)bgp_attrs_encode(p->w, &a);
    wr_len16_close(p->w, section);
    n = fitting(p, room(p, 0), &bytes);
    routes_write(p, n, false);
    return pack_end(p, n, taken);
}

enum wire_err bgp_announce_encode(struct wr *w, const struct bgp_attrs *attrs,
                                  const struct bgp_nlri *routes, size_t count, size_t *taken)
{
    if (attrs->reach.family >= BGP_FAMILIES) {
        *taken = 0;
        return wr_fail(w, WIRE_TYPE);
    }
    struct pack p = pack_begin(w, attrs->reach.family, routes, count);
    if (p.family == BGP_IPV4)
        return announce_ipv4(&p, attrs, taken);
    wr_u16(w, 0);
    size_t section = wr_len16_open(w), bytes;
    size_t head = bgp_mp_head_bytes(&attrs->reach);
    bgp_attrs_encode_before(w, attrs);
    size_t reserved = head + bgp_attrs_bytes_behind(attrs);
    size_t n = w->err == WIRE_OK ? mp_fitting(&p, head, reserved, &bytes) : 0;
    if (n > 0) {
        bgp_attr_begin(w, MP_FLAGS, BGP_ATTR_MP_REACH, head + bytes);
        bgp_reach_head_encode(w, &attrs->reach);
        routes_write(&p, n, false);
        bgp_attrs_encode_behind(w, attrs);
        wr_len16_close(w, section);
    }
    return pack_end(&p, n, taken);
}

enum wire_err bgp_withdraw_encode(struct wr *w, enum bgp_family family,
                                  const struct bgp_nlri *routes, size_t count, size_t *taken)
{
    if (family >= BGP_FAMILIES) {
        *taken = 0;
        return wr_fail(w, WIRE_TYPE);
    }
    struct pack p = pack_begin(w, family, routes, count);
    size_t bytes, n;
    if (family == BGP_IPV4) {
        size_t field = wr_len16_open(w);
        n = fitting(&p, room(&p, 2), &bytes);
        routes_write(&p, n, true);
        wr_len16_close(w, field);
        wr_u16(w, 0);
        return pack_end(&p, n, taken);
    }
    const struct bgp_attrs a = {.unreach = {.family = family}};
    wr_u16(w, 0);
    size_t section = wr_len16_open(w);
    n = w->err == WIRE_OK ? mp_fitting(&p, MP_HEAD, MP_HEAD, &bytes) : 0;
    if (n > 0) {
        bgp_attr_begin(w, MP_FLAGS, BGP_ATTR_MP_UNREACH, MP_HEAD + bytes);
        bgp_unreach_encode(w, &a);
        routes_write(&p, n, true);
        wr_len16_close(w, section);
    }
    return pack_end(&p, n, taken);
}

enum wire_err bgp_end_of_rib_encode(struct wr *w, enum bgp_family family)
{
    struct bgp_update v = {0};
    v.attrs.present = family == BGP_IPV4 ? 0 : BGP_HAS(BGP_ATTR_MP_UNREACH);
    v.attrs.unreach.family = family;
    return bgp_update_encode(w, &v);
}
