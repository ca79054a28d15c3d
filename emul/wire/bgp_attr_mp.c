/* MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 sections 3 and 4). */
#include "emul/wire/bgp_attr.h"
#include "emul/wire/bgp_id.h"
#include "emul/wire/bgp_nlri.h"

#define HEAD            3
#define NEXT_HOP        4
#define NEXT_HOP_VPN    12 /* RFC 4364 4.3.2: an RD of 0 before the address */
#define LENGTH_RESERVED 2

static void family_read(struct rd *r, struct bgp_mp *out)
{
    out->afi = rd_u16(r);
    out->safi = rd_u8(r);
    out->family = bgp_family_find(out->afi, out->safi);
}

static struct bgp_slice rest(struct rd *r)
{
    size_t len = rd_left(r);
    return (struct bgp_slice){rd_bytes(r, len), len};
}

static size_t next_hop_bytes(const struct bgp_mp *v)
{
    return v->family == BGP_FAMILY_OTHER ? v->nexthop.len
           : v->family == BGP_VPNV4      ? NEXT_HOP_VPN
                                         : NEXT_HOP;
}

void bgp_reach_decode(struct rd *r, struct bgp_attrs *out)
{
    struct bgp_mp *v = &out->reach;
    family_read(r, v);
    uint8_t len = rd_u8(r);
    v->nexthop = (struct bgp_slice){rd_bytes(r, len), len};
    (void)rd_u8(r); /* reserved */
    v->nlri = rest(r);
    v->next_hop_rd = 0;
    if (r->err != WIRE_OK || v->family == BGP_FAMILY_OTHER)
        return;
    if (len != next_hop_bytes(v)) {
        rd_fail(r, WIRE_LENGTH);
        return;
    }
    struct rd hop = bgp_slice_rd(v->nexthop);
    if (v->family == BGP_VPNV4)
        v->next_hop_rd = rd_u64(&hop);
    v->next_hop = rd_u32(&hop);
}

size_t bgp_mp_head_bytes(const struct bgp_mp *v)
{
    return HEAD + LENGTH_RESERVED + next_hop_bytes(v);
}

size_t bgp_reach_bytes(const struct bgp_attrs *v)
{
    return bgp_mp_head_bytes(&v->reach) + v->reach.nlri.len;
}

static void family_write(struct wr *w, const struct bgp_mp *v)
{
    bool other = v->family == BGP_FAMILY_OTHER;
    wr_u16(w, other ? v->afi : (uint16_t)BGP_AFI_IPV4);
    wr_u8(w, other ? v->safi : bgp_family_safi(v->family));
}

void bgp_reach_head_encode(struct wr *w, const struct bgp_mp *v)
{
    family_write(w, v);
    if (next_hop_bytes(v) > UINT8_MAX)
        (void)wr_fail(w, WIRE_LENGTH);
    wr_u8(w, (uint8_t)next_hop_bytes(v));
    if (v->family == BGP_FAMILY_OTHER) {
        wr_bytes(w, v->nexthop.bytes, v->nexthop.len);
    } else {
        if (v->family == BGP_VPNV4)
            wr_u64(w, v->next_hop_rd);
        wr_u32(w, v->next_hop);
    }
    wr_u8(w, 0);
}

void bgp_reach_encode(struct wr *w, const struct bgp_attrs *v)
{
    bgp_reach_head_encode(w, &v->reach);
    wr_bytes(w, v->reach.nlri.bytes, v->reach.nlri.len);
}

/* routes_print prints every route of a family that is spoken. */
static void routes_print(FILE *f, const struct bgp_mp *v)
{
    if (v->family == BGP_FAMILY_OTHER) {
        (void)fprintf(f, " %u/%u (%zu bytes)", v->afi, v->safi, v->nlri.len);
        return;
    }
    struct rd r = bgp_slice_rd(v->nlri);
    struct bgp_nlri route;
    (void)fprintf(f, " %s", bgp_family_name(v->family));
    while (bgp_nlri_next(&r, v->family, &route)) {
        (void)fputs(" {", f);
        bgp_nlri_print(f, v->family, &route);
        (void)fputc('}', f);
    }
}

void bgp_reach_print(FILE *f, const struct bgp_attrs *v)
{
    char text[IP4_TEXT];
    (void)fputs("reach", f);
    if (v->reach.family != BGP_FAMILY_OTHER)
        (void)fprintf(f, " next-hop %s", ip4_text(v->reach.next_hop, text));
    routes_print(f, &v->reach);
}

void bgp_unreach_decode(struct rd *r, struct bgp_attrs *out)
{
    family_read(r, &out->unreach);
    out->unreach.nlri = rest(r);
}

size_t bgp_unreach_bytes(const struct bgp_attrs *v)
{
    return HEAD + v->unreach.nlri.len;
}

void bgp_unreach_encode(struct wr *w, const struct bgp_attrs *v)
{
    family_write(w, &v->unreach);
    wr_bytes(w, v->unreach.nlri.bytes, v->unreach.nlri.len);
}

void bgp_unreach_print(FILE *f, const struct bgp_attrs *v)
{
    (void)fputs("unreach", f);
    routes_print(f, &v->unreach);
}
