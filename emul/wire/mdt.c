#include "emul/wire/mdt.h"

#define TLV_HEAD            3 /* type and length; the length counts them */
#define TLV_JOIN_IPV4       1
#define TLV_JOIN_IPV6       4
#define MDT_JOIN_IPV6_BYTES 40

/* length_right tells whether a TLV of that type may be that long (RFC 6037 7.2, 7.3). */
static bool length_right(uint8_t type, uint16_t len)
{
    switch (type) {
    case TLV_JOIN_IPV4:
        return len == MDT_JOIN_TLV_BYTES;
    case TLV_JOIN_IPV6:
        return len == MDT_JOIN_IPV6_BYTES;
    default:
        return len >= TLV_HEAD;
    }
}

static bool join_read(struct rd *r, struct mdt_join *out)
{
    size_t start = r->pos;
    (void)rd_u8(r); /* reserved */
    out->c_source = rd_u32(r);
    out->c_group = rd_u32(r);
    out->p_group = rd_u32(r);
    if (r->err == WIRE_OK && !(ip4_is_multicast(out->c_group) && ip4_is_multicast(out->p_group)))
        (void)rd_fail_at(r, start, WIRE_VALUE);
    return r->err == WIRE_OK;
}

bool mdt_join_next(struct rd *r, struct mdt_join *out)
{
    while (rd_left(r) > 0) {
        size_t start = r->pos;
        uint8_t type = rd_u8(r);
        uint16_t len = rd_u16(r);
        if (r->err == WIRE_OK && !length_right(type, len))
            (void)rd_fail_at(r, start + 1, WIRE_LENGTH);
        if (r->err != WIRE_OK)
            return false;
        if (type == TLV_JOIN_IPV4)
            return join_read(r, out);
        (void)rd_bytes(r, (size_t)len - TLV_HEAD);
    }
    return false;
}

enum wire_err mdt_join_check(const uint8_t *payload, size_t len)
{
    struct rd r = rd_init(payload, len);
    struct mdt_join v;
    while (mdt_join_next(&r, &v))
        continue;
    return r.err;
}

enum wire_err mdt_join_encode(struct wr *w, const struct mdt_join *v)
{
    if (!ip4_is_multicast(v->c_group) || !ip4_is_multicast(v->p_group))
        return wr_fail(w, WIRE_VALUE);
    if (w->err != WIRE_OK || w->cap - w->pos < MDT_JOIN_TLV_BYTES)
        return wr_fail(w, WIRE_FULL); /* a TLV is written whole or not at all */
    wr_u8(w, TLV_JOIN_IPV4);
    wr_u16(w, MDT_JOIN_TLV_BYTES);
    wr_u8(w, 0);
    wr_u32(w, v->c_source);
    wr_u32(w, v->c_group);
    wr_u32(w, v->p_group);
    return w->err;
}

void mdt_join_print(FILE *f, const struct mdt_join *v)
{
    char source[IP4_TEXT], group[IP4_TEXT], mdt[IP4_TEXT];
    (void)fprintf(f, "mdt join (%s,%s) on %s", ip4_text(v->c_source, source),
                  ip4_text(v->c_group, group), ip4_text(v->p_group, mdt));
}
