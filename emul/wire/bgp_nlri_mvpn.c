/*
 * MCAST-VPN routes (RFC 6514 section 4); an address is its length in bits (32) and itself, in an
 * S-PMSI route also a wildcard: length 0 and nothing (RFC 6625).
 *
 *   1 Intra-AS I-PMSI    RD(8) | originating router(4)
 *   2 Inter-AS I-PMSI    RD(8) | source AS(4)
 *   3 S-PMSI             RD(8) | C-S | C-G | originating router(4)
 *   4 Leaf               the whole NLRI of the type 2 or 3 that is answered | originating router(4)
 *   5 Source Active      RD(8) | C-S | C-G
 *   6 Shared Tree Join   RD(8) | source AS(4) | C-RP | C-G
 *   7 Source Tree Join   RD(8) | source AS(4) | C-S | C-G
 */
#include "emul/wire/bgp_id.h"
#include "emul/wire/bgp_nlri.h"

#define HEAD 2

enum field { F_RD = 1, F_AS = 2, F_KEY = 4, F_FLOW = 8, F_PE = 16, F_WILD = 32 };

static const struct {
    const char *name;
    unsigned fields; /* in the order of enum field */
} types[] = {
    [BGP_MVPN_INTRA_AS_I_PMSI] = {"i-pmsi", F_RD | F_PE},
    [BGP_MVPN_INTER_AS_I_PMSI] = {"inter-as-i-pmsi", F_RD | F_AS},
    [BGP_MVPN_S_PMSI] = {"s-pmsi", F_RD | F_FLOW | F_WILD | F_PE},
    [BGP_MVPN_LEAF] = {"leaf", F_KEY | F_PE},
    [BGP_MVPN_SOURCE_ACTIVE] = {"source-active", F_RD | F_FLOW},
    [BGP_MVPN_SHARED_TREE_JOIN] = {"shared-tree-join", F_RD | F_AS | F_FLOW},
    [BGP_MVPN_SOURCE_TREE_JOIN] = {"source-tree-join", F_RD | F_AS | F_FLOW},
};

static unsigned fields_of(uint8_t type)
{
    return type < sizeof(types) / sizeof(types[0]) ? types[type].fields : 0;
}

static ip4_t addr_read(struct rd *r, bool wild_ok, bool *any)
{
    uint8_t bits = rd_u8(r);
    *any = wild_ok && bits == 0;
    if (*any)
        return 0;
    if (bits != 32 && r->err == WIRE_OK)
        (void)rd_fail_at(r, r->pos - 1, WIRE_LENGTH);
    return rd_u32(r);
}

static void body_read(struct rd *r, unsigned fields, struct bgp_nlri *out);

/* key_read takes a whole NLRI of type 2 or 3, which must be a good one. */
static void key_read(struct rd *r, struct bgp_nlri *out)
{
    size_t start = r->pos;
    uint8_t type = rd_u8(r);
    struct rd key = rd_sub(r, rd_u8(r));
    if (r->err != WIRE_OK)
        return;
    if (type != BGP_MVPN_INTER_AS_I_PMSI && type != BGP_MVPN_S_PMSI) {
        (void)rd_fail_at(r, start, WIRE_TYPE);
        return;
    }
    struct bgp_nlri answered;
    body_read(&key, fields_of(type), &answered);
    rd_join(r, &key, true);
    out->key = (struct bgp_slice){r->base + start, r->pos - start};
}

static void body_read(struct rd *r, unsigned fields, struct bgp_nlri *out)
{
    if ((fields & F_RD) != 0)
        out->rd = rd_u64(r);
    if ((fields & F_AS) != 0)
        out->as = rd_u32(r);
    if ((fields & F_KEY) != 0)
        key_read(r, out);
    if ((fields & F_FLOW) != 0) {
        out->source = addr_read(r, (fields & F_WILD) != 0, &out->any_source);
        out->group = addr_read(r, (fields & F_WILD) != 0, &out->any_group);
    }
    if ((fields & F_PE) != 0)
        out->pe = rd_u32(r);
}

bool bgp_mvpn_next(struct rd *r, struct bgp_nlri *out)
{
    while (rd_left(r) > 0) {
        uint8_t type = rd_u8(r);
        struct rd body = rd_sub(r, rd_u8(r));
        if (r->err != WIRE_OK)
            return false;
        unsigned fields = fields_of(type);
        if (fields == 0)
            continue;
        out->mvpn_type = type;
        body_read(&body, fields, out);
        rd_join(r, &body, true);
        return r->err == WIRE_OK;
    }
    return false;
}

static size_t flow_bytes(const struct bgp_nlri *v, unsigned fields)
{
    bool wild = (fields & F_WILD) != 0;
    return (size_t)(wild && v->any_source ? 1 : 5) + (wild && v->any_group ? 1 : 5);
}

size_t bgp_mvpn_bytes(const struct bgp_nlri *v)
{
    unsigned fields = fields_of(v->mvpn_type);
    size_t n = HEAD;
    n += (fields & F_RD) != 0 ? 8 : 0;
    n += (fields & F_AS) != 0 ? 4 : 0;
    n += (fields & F_KEY) != 0 ? v->key.len : 0;
    n += (fields & F_FLOW) != 0 ? flow_bytes(v, fields) : 0;
    n += (fields & F_PE) != 0 ? 4 : 0;
    return n;
}

static void addr_write(struct wr *w, ip4_t addr, bool any)
{
    wr_u8(w, any ? 0 : 32);
    if (!any)
        wr_u32(w, addr);
}

void bgp_mvpn_encode(struct wr *w, const struct bgp_nlri *v)
{
    unsigned fields = fields_of(v->mvpn_type);
    size_t len = bgp_mvpn_bytes(v) - HEAD;
    if (fields == 0 || len > UINT8_MAX) {
        (void)wr_fail(w, fields == 0 ? WIRE_TYPE : WIRE_LENGTH);
        return;
    }
    bool wild = (fields & F_WILD) != 0;
    wr_u8(w, v->mvpn_type);
    wr_u8(w, (uint8_t)len);
    if ((fields & F_RD) != 0)
        wr_u64(w, v->rd);
    if ((fields & F_AS) != 0)
        wr_u32(w, v->as);
    if ((fields & F_KEY) != 0)
        wr_bytes(w, v->key.bytes, v->key.len);
    if ((fields & F_FLOW) != 0) {
        addr_write(w, v->source, wild && v->any_source);
        addr_write(w, v->group, wild && v->any_group);
    }
    if ((fields & F_PE) != 0)
        wr_u32(w, v->pe);
}

static bool flows_equal(const struct bgp_nlri *a, const struct bgp_nlri *b, bool wild)
{
    if (wild && (a->any_source != b->any_source || a->any_group != b->any_group))
        return false;
    return ((wild && a->any_source) || a->source == b->source) &&
           ((wild && a->any_group) || a->group == b->group);
}

bool bgp_mvpn_equal(const struct bgp_nlri *a, const struct bgp_nlri *b)
{
    unsigned fields = fields_of(a->mvpn_type);
    return a->mvpn_type == b->mvpn_type && ((fields & F_RD) == 0 || a->rd == b->rd) &&
           ((fields & F_AS) == 0 || a->as == b->as) &&
           ((fields & F_KEY) == 0 ||
            (a->key.len == b->key.len && memcmp(a->key.bytes, b->key.bytes, a->key.len) == 0)) &&
           ((fields & F_FLOW) == 0 || flows_equal(a, b, (fields & F_WILD) != 0)) &&
           ((fields & F_PE) == 0 || a->pe == b->pe);
}

void bgp_mvpn_print(FILE *f, const struct bgp_nlri *v)
{
    unsigned fields = fields_of(v->mvpn_type);
    char source[IP4_TEXT], group[IP4_TEXT];
    if (fields == 0)
        return;
    (void)fputs(types[v->mvpn_type].name, f);
    if ((fields & F_RD) != 0) {
        (void)fputc(' ', f);
        bgp_rd_print(f, v->rd);
    }
    if ((fields & F_AS) != 0)
        (void)fprintf(f, " as %u", v->as);
    if ((fields & F_KEY) != 0) {
        struct rd r = bgp_slice_rd(v->key);
        struct bgp_nlri answered;
        (void)fputs(" of [", f);
        if (bgp_mvpn_next(&r, &answered))
            bgp_mvpn_print(f, &answered);
        (void)fputc(']', f);
    }
    if ((fields & F_FLOW) != 0)
        (void)fprintf(f, " (%s,%s)",
                      (fields & F_WILD) != 0 && v->any_source ? "*" : ip4_text(v->source, source),
                      (fields & F_WILD) != 0 && v->any_group ? "*" : ip4_text(v->group, group));
    if ((fields & F_PE) != 0)
        (void)fprintf(f, " from %s", ip4_text(v->pe, group));
}
