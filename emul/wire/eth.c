#include "emul/wire/eth.h"

#include "emul/wire/be.h"

#define VID_MASK  0x0fff
#define PCP_SHIFT 13
#define TAGS_MAX  2

static bool is_tag(uint16_t ethertype)
{
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ;
}

/* A priority tag (VID 0) is skipped, so a lone VID is always the outer one. */
static void take_tag(struct eth *out, uint16_t tci)
{
    uint16_t vid = tci & VID_MASK;
    if (vid == 0)
        return;
    if (out->outer_vid == 0) {
        out->outer_vid = vid;
        out->outer_pcp = (uint8_t)(tci >> PCP_SHIFT);
    } else {
        out->inner_vid = vid;
        out->inner_pcp = (uint8_t)(tci >> PCP_SHIFT);
    }
}

enum wire_err eth_decode(struct rd *r, struct eth *out)
{
    const uint8_t *p = rd_bytes(r, ETH_HEADER_BARE);
    if (p == NULL)
        return r->err;
    memcpy(out->dst.b, p, 6);
    memcpy(out->src.b, p + 6, 6);
    out->outer_vid = out->inner_vid = 0;
    out->outer_pcp = out->inner_pcp = 0;
    uint16_t type = be_get16(p + 12);
    for (int tags = 0; is_tag(type); tags++) {
        if (tags == TAGS_MAX)
            return rd_fail_at(r, r->pos - 2, WIRE_VALUE);
        p = rd_bytes(r, 4);
        if (p == NULL)
            return r->err;
        take_tag(out, be_get16(p));
        type = be_get16(p + 2);
    }
    out->ethertype = type;
    return WIRE_OK;
}

static void write_tag(struct wr *w, uint16_t tpid, uint16_t vid, uint8_t pcp)
{
    wr_u16(w, tpid);
    wr_u16(w, (uint16_t)((pcp & 7) << PCP_SHIFT | vid));
}

enum wire_err eth_encode(struct wr *w, const struct eth *v)
{
    bool lone_inner = v->outer_vid == 0 && v->inner_vid != 0;
    if (lone_inner || v->outer_vid > VID_MASK || v->inner_vid > VID_MASK || is_tag(v->ethertype))
        return wr_fail(w, WIRE_VALUE);
    wr_bytes(w, v->dst.b, 6);
    wr_bytes(w, v->src.b, 6);
    if (v->outer_vid != 0)
        write_tag(w, v->inner_vid != 0 ? ETHERTYPE_QINQ : ETHERTYPE_VLAN, v->outer_vid,
                  v->outer_pcp);
    if (v->inner_vid != 0)
        write_tag(w, ETHERTYPE_VLAN, v->inner_vid, v->inner_pcp);
    wr_u16(w, v->ethertype);
    return w->err;
}

void eth_print(FILE *f, const struct eth *v)
{
    char src[MAC_TEXT], dst[MAC_TEXT];
    (void)fprintf(f, "eth %s > %s", mac_text(v->src, src), mac_text(v->dst, dst));
    if (v->outer_vid != 0)
        (void)fprintf(f, " vlan %u pcp %u", v->outer_vid, v->outer_pcp);
    if (v->inner_vid != 0)
        (void)fprintf(f, " inner vlan %u pcp %u", v->inner_vid, v->inner_pcp);
    (void)fprintf(f, " type 0x%04x", v->ethertype);
}
