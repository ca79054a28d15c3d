/* What multicast VPNs add: CONNECTOR (RFC 6037 section 5.2.1), PMSI_TUNNEL (RFC 6514 section 5). */
#include "emul/wire/bgp_attr.h"
#include "emul/wire/bgp_id.h"

#define CONNECTOR_IPV4 1
#define CONNECTOR_LONG 14
#define PMSI_HEAD      5

void bgp_connector_decode(struct rd *r, struct bgp_attrs *out)
{
    struct bgp_connector *v = &out->connector;
    v->has_rd = rd_left(r) == CONNECTOR_LONG;
    if (rd_u16(r) != CONNECTOR_IPV4)
        rd_fail(r, WIRE_VALUE);
    v->rd = v->has_rd ? rd_u64(r) : 0;
    v->pe = rd_u32(r);
}

size_t bgp_connector_bytes(const struct bgp_attrs *v)
{
    return v->connector.has_rd ? CONNECTOR_LONG : 6;
}

void bgp_connector_encode(struct wr *w, const struct bgp_attrs *v)
{
    wr_u16(w, CONNECTOR_IPV4);
    if (v->connector.has_rd)
        wr_u64(w, v->connector.rd);
    wr_u32(w, v->connector.pe);
}

void bgp_connector_print(FILE *f, const struct bgp_attrs *v)
{
    char text[IP4_TEXT];
    (void)fputs("connector ", f);
    if (v->connector.has_rd) {
        bgp_rd_print(f, v->connector.rd);
        (void)fputc(' ', f);
    }
    (void)fputs(ip4_text(v->connector.pe, text), f);
}

static bool is_pim(uint8_t type)
{
    return type >= BGP_TUNNEL_PIM_SSM && type <= BGP_TUNNEL_PIM_BIDIR;
}

/* id_right tells whether a tunnel that the bench does not build has an identifier of its length. */
static bool id_right(uint8_t type, size_t len)
{
    switch (type) {
    case BGP_TUNNEL_NONE:
        return len == 0;
    case BGP_TUNNEL_RSVP_P2MP:
        return len == 12;
    default:
        return len > 0; /* a FEC element of mLDP: RFC 6388 2.2 */
    }
}

void bgp_pmsi_decode(struct rd *r, struct bgp_attrs *out)
{
    struct bgp_pmsi *v = &out->pmsi;
    v->flags = rd_u8(r);
    v->type = rd_u8(r);
    v->label = (uint32_t)rd_u8(r) << 16;
    v->label |= rd_u16(r);
    v->sender = v->group = 0;
    v->id = (struct bgp_slice){0};
    if (v->type > BGP_TUNNEL_MLDP_MP2MP)
        rd_fail(r, WIRE_TYPE);
    if (is_pim(v->type) || v->type == BGP_TUNNEL_INGRESS_REPLICATION) {
        v->sender = rd_u32(r);
        v->group = is_pim(v->type) ? rd_u32(r) : 0;
        return;
    }
    v->id.len = rd_left(r);
    v->id.bytes = rd_bytes(r, v->id.len);
    if (!id_right(v->type, v->id.len))
        rd_fail(r, WIRE_LENGTH);
}

size_t bgp_pmsi_bytes(const struct bgp_attrs *v)
{
    const struct bgp_pmsi *p = &v->pmsi;
    return PMSI_HEAD + (is_pim(p->type)                             ? 8
                        : p->type == BGP_TUNNEL_INGRESS_REPLICATION ? 4
                                                                    : p->id.len);
}

void bgp_pmsi_encode(struct wr *w, const struct bgp_attrs *v)
{
    const struct bgp_pmsi *p = &v->pmsi;
    wr_u8(w, p->flags);
    wr_u8(w, p->type);
    wr_u8(w, (uint8_t)(p->label >> 16));
    wr_u16(w, (uint16_t)p->label);
    if (!is_pim(p->type) && p->type != BGP_TUNNEL_INGRESS_REPLICATION) {
        wr_bytes(w, p->id.bytes, p->id.len);
        return;
    }
    wr_u32(w, p->sender);
    if (is_pim(p->type))
        wr_u32(w, p->group);
}

void bgp_pmsi_print(FILE *f, const struct bgp_attrs *v)
{
    static const char *const names[] = {
        [BGP_TUNNEL_NONE] = "none",
        [BGP_TUNNEL_RSVP_P2MP] = "rsvp-p2mp",
        [BGP_TUNNEL_MLDP_P2MP] = "mldp-p2mp",
        [BGP_TUNNEL_PIM_SSM] = "pim-ssm",
        [BGP_TUNNEL_PIM_SM] = "pim-sm",
        [BGP_TUNNEL_PIM_BIDIR] = "pim-bidir",
        [BGP_TUNNEL_INGRESS_REPLICATION] = "ingress-replication",
        [BGP_TUNNEL_MLDP_MP2MP] = "mldp-mp2mp",
    };
    const struct bgp_pmsi *p = &v->pmsi;
    char sender[IP4_TEXT], group[IP4_TEXT];
    (void)fprintf(f, "pmsi %s", names[p->type]);
    if (is_pim(p->type))
        (void)fprintf(f, " (%s,%s)", ip4_text(p->sender, sender), ip4_text(p->group, group));
    else if (p->type == BGP_TUNNEL_INGRESS_REPLICATION)
        (void)fprintf(f, " to %s", ip4_text(p->sender, sender));
    if (p->label != 0)
        (void)fprintf(f, " label %u", p->label >> 4);
    if ((p->flags & BGP_PMSI_LEAF_REQUIRED) != 0)
        (void)fputs(" leaf-required", f);
}
