#include "emul/wire/bgp_nlri.h"

#include "emul/wire/be.h"
#include "emul/wire/bgp_id.h"

#define LABEL_BYTES 3
#define VPN_BITS    88 /* label and RD of a VPNv4 route */
#define VPN_BYTES   11
#define MDT_BITS    128
#define RTC_AS_BITS 32
#define RTC_BITS    96

static size_t bytes_of(size_t bits)
{
    return (bits + 7) / 8;
}

/* prefix_read reads the bytes of a prefix whose length is known to be at most 32. */
static struct ip4_prefix prefix_read(struct rd *r, uint8_t len)
{
    ip4_t addr = 0;
    for (unsigned i = 0; i < bytes_of(len); i++)
        addr |= (ip4_t)rd_u8(r) << (24 - 8 * i);
    return (struct ip4_prefix){addr & ip4_mask(len), len};
}

static void prefix_write(struct wr *w, struct ip4_prefix p)
{
    for (unsigned i = 0; i < bytes_of(p.len); i++)
        wr_u8(w, (uint8_t)((p.addr & ip4_mask(p.len)) >> (24 - 8 * i)));
}

static void prefix_print(FILE *f, struct ip4_prefix p)
{
    char text[IP4_TEXT];
    (void)fprintf(f, "%s/%u", ip4_text(p.addr, text), p.len);
}

static bool ipv4_next(struct rd *r, struct bgp_nlri *out)
{
    uint8_t bits = rd_u8(r);
    if (bits > 32)
        rd_fail(r, WIRE_LENGTH);
    else
        out->prefix = prefix_read(r, bits);
    return r->err == WIRE_OK;
}

static size_t ipv4_bytes(const struct bgp_nlri *v)
{
    return 1 + bytes_of(v->prefix.len);
}

static void ipv4_encode(struct wr *w, const struct bgp_nlri *v)
{
    wr_u8(w, v->prefix.len);
    prefix_write(w, v->prefix);
}

static bool prefixes_equal(struct ip4_prefix a, struct ip4_prefix b)
{
    return a.len == b.len && a.addr == b.addr;
}

static bool ipv4_equal(const struct bgp_nlri *a, const struct bgp_nlri *b)
{
    return prefixes_equal(a->prefix, b->prefix);
}

static void ipv4_pr(FILE *f, const struct bgp_nlri *v)
{
    prefix_print(f, v->prefix);
}

static bool vpnv4_next(struct rd *r, struct bgp_nlri *out)
{
    uint8_t bits = rd_u8(r);
    if (bits < VPN_BITS || bits > VPN_BITS + 32) {
        rd_fail(r, WIRE_LENGTH);
        return false;
    }
    const uint8_t *p = rd_bytes(r, VPN_BYTES);
    if (p == NULL)
        return false;
    out->label = (uint32_t)p[0] << 16 | be_get16(p + 1);
    out->rd = be_get64(p + LABEL_BYTES);
    out->prefix = prefix_read(r, (uint8_t)(bits - VPN_BITS));
    return r->err == WIRE_OK;
}

static size_t vpnv4_bytes(const struct bgp_nlri *v)
{
    return 1 + VPN_BYTES + bytes_of(v->prefix.len);
}

static void vpnv4_encode(struct wr *w, const struct bgp_nlri *v)
{
    uint8_t *p = wr_room(w, 1 + VPN_BYTES);
    if (p == NULL)
        return;
    p[0] = (uint8_t)(VPN_BITS + v->prefix.len);
    p[1] = (uint8_t)(v->label >> 16);
    be_put16(p + 2, (uint16_t)v->label);
    be_put64(p + 1 + LABEL_BYTES, v->rd);
    prefix_write(w, v->prefix);
}

static bool vpnv4_equal(const struct bgp_nlri *a, const struct bgp_nlri *b)
{
    return a->label == b->label && a->rd == b->rd && prefixes_equal(a->prefix, b->prefix);
}

static void vpnv4_print(FILE *f, const struct bgp_nlri *v)
{
    bgp_rd_print(f, v->rd);
    (void)fputc(' ', f);
    prefix_print(f, v->prefix);
    if (v->label == BGP_LABEL_WITHDRAW)
        (void)fputs(" no label", f);
    else
        (void)fprintf(f, " label %u", v->label >> 4);
}

static bool mdt_next(struct rd *r, struct bgp_nlri *out)
{
    if (rd_u8(r) != MDT_BITS)
        rd_fail(r, WIRE_LENGTH);
    out->rd = rd_u64(r);
    out->pe = rd_u32(r);
    out->group = rd_u32(r);
    return r->err == WIRE_OK;
}

static size_t mdt_bytes(const struct bgp_nlri *v)
{
    (void)v;
    return 1 + MDT_BITS / 8;
}

static void mdt_encode(struct wr *w, const struct bgp_nlri *v)
{
    wr_u8(w, MDT_BITS);
    wr_u64(w, v->rd);
    wr_u32(w, v->pe);
    wr_u32(w, v->group);
}

static bool mdt_equal(const struct bgp_nlri *a, const struct bgp_nlri *b)
{
    return a->rd == b->rd && a->pe == b->pe && a->group == b->group;
}

static void mdt_print(FILE *f, const struct bgp_nlri *v)
{
    char pe[IP4_TEXT], group[IP4_TEXT];
    bgp_rd_print(f, v->rd);
    (void)fprintf(f, " (%s,%s)", ip4_text(v->pe, pe), ip4_text(v->group, group));
}

/* rt_mask has ones for the bits of the route target that a prefix of that length keeps. */
static uint64_t rt_mask(uint8_t bits)
{
    return bits <= RTC_AS_BITS ? 0 : UINT64_MAX << (RTC_BITS - bits);
}

static bool rtc_next(struct rd *r, struct bgp_nlri *out)
{
    uint8_t bits = rd_u8(r);
    if ((bits != 0 && bits < RTC_AS_BITS) || bits > RTC_BITS) {
        rd_fail(r, WIRE_LENGTH);
        return false;
    }
    out->bits = bits;
    out->as = bits == 0 ? 0 : rd_u32(r);
    out->rt = 0;
    for (size_t i = 4; i < bytes_of(bits); i++)
        out->rt |= (uint64_t)rd_u8(r) << (8 * (11 - i));
    out->rt &= rt_mask(bits);
    return r->err == WIRE_OK;
}

static size_t rtc_bytes(const struct bgp_nlri *v)
{
    return 1 + bytes_of(v->bits);
}

static void rtc_encode(struct wr *w, const struct bgp_nlri *v)
{
    if (v->bits > RTC_BITS || (v->bits != 0 && v->bits < RTC_AS_BITS)) {
        (void)wr_fail(w, WIRE_LENGTH);
        return;
    }
    uint8_t rt[8];
    be_put64(rt, v->rt & rt_mask(v->bits));
    wr_u8(w, v->bits);
    if (v->bits == 0)
        return;
    wr_u32(w, v->as);
    wr_bytes(w, rt, bytes_of(v->bits) - 4);
}

static bool rtc_equal(const struct bgp_nlri *a, const struct bgp_nlri *b)
{
    return a->bits == b->bits && a->as == b->as && a->rt == b->rt;
}

static void rtc_print(FILE *f, const struct bgp_nlri *v)
{
    if (v->bits == 0) {
        (void)fputs("default", f);
        return;
    }
    (void)fprintf(f, "as %u ", v->as);
    bgp_ec_print(f, v->rt);
    (void)fprintf(f, "/%u", v->bits);
}

static const struct {
    bool (*next)(struct rd *r, struct bgp_nlri *out);
    size_t (*bytes)(const struct bgp_nlri *v);
    void (*encode)(struct wr *w, const struct bgp_nlri *v);
    bool (*equal)(const struct bgp_nlri *a, const struct bgp_nlri *b);
    void (*print)(FILE *f, const struct bgp_nlri *v);
} families[BGP_FAMILIES] = {
    [BGP_IPV4] = {ipv4_next, ipv4_bytes, ipv4_encode, ipv4_equal, ipv4_pr},
    [BGP_VPNV4] = {vpnv4_next, vpnv4_bytes, vpnv4_encode, vpnv4_equal, vpnv4_print},
    [BGP_MDT] = {mdt_next, mdt_bytes, mdt_encode, mdt_equal, mdt_print},
    [BGP_MVPN] = {bgp_mvpn_next, bgp_mvpn_bytes, bgp_mvpn_encode, bgp_mvpn_equal, bgp_mvpn_print},
    [BGP_RTC] = {rtc_next, rtc_bytes, rtc_encode, rtc_equal, rtc_print},
};

bool bgp_nlri_next(struct rd *r, enum bgp_family family, struct bgp_nlri *out)
{
    if (family >= BGP_FAMILIES)
        rd_fail(r, WIRE_TYPE);
    return rd_left(r) > 0 && families[family].next(r, out);
}

enum wire_err bgp_nlri_check(struct bgp_slice field, enum bgp_family family)
{
    struct rd r = bgp_slice_rd(field);
    struct bgp_nlri v;
    while (bgp_nlri_next(&r, family, &v))
        continue;
    return r.err;
}

size_t bgp_nlri_bytes(enum bgp_family family, const struct bgp_nlri *v)
{
    return families[family].bytes(v);
}

enum wire_err bgp_nlri_encode(struct wr *w, enum bgp_family family, const struct bgp_nlri *v)
{
    if (v->prefix.len > 32 && (family == BGP_IPV4 || family == BGP_VPNV4))
        return wr_fail(w, WIRE_LENGTH);
    families[family].encode(w, v);
    return w->err;
}

bool bgp_nlri_equal(enum bgp_family family, const struct bgp_nlri *a, const struct bgp_nlri *b)
{
    return families[family].equal(a, b);
}

void bgp_nlri_print(FILE *f, enum bgp_family family, const struct bgp_nlri *v)
{
    families[family].print(f, v);
}
