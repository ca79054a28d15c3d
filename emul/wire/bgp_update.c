#include "emul/wire/bgp_update.h"

#define MALFORMED_LIST  1 /* subcodes of RFC 4271 6.3 */
#define MISSING         3
#define OPTIONAL_ERROR  9
#define INVALID_NETWORK 10
#define MANDATORY                                                                                  \
    (BGP_HAS(BGP_ATTR_ORIGIN) | BGP_HAS(BGP_ATTR_AS_PATH) | BGP_HAS(BGP_ATTR_LOCAL_PREF))

static struct bgp_fault update_fault(enum bgp_act act, uint8_t subcode, uint8_t attribute,
                                     const char *what)
{
    return (struct bgp_fault){.act = act,
                              .code = BGP_ERR_UPDATE,
                              .subcode = subcode,
                              .attribute = attribute,
                              .what = what};
}

static struct bgp_slice slice_read(struct rd *r, size_t len)
{
    return (struct bgp_slice){rd_bytes(r, len), len};
}

static bool has(const struct bgp_update *v, enum bgp_attr_type type)
{
    return (v->attrs.present & BGP_HAS(type)) != 0;
}

static void mp_check(const struct bgp_mp *v, uint8_t attribute, struct bgp_fault *fault)
{
    if (v->family != BGP_FAMILY_OTHER && bgp_nlri_check(v->nlri, v->family) != WIRE_OK)
        bgp_blame(fault,
                  update_fault(BGP_ACT_RESET, OPTIONAL_ERROR, attribute, "routes do not parse"));
}

/* routes_check walks every route: what cannot be told apart cannot be withdrawn (RFC 7606 5.3). */
static void routes_check(const struct bgp_update *v, struct bgp_fault *fault)
{
    if (bgp_nlri_check(v->withdrawn, BGP_IPV4) != WIRE_OK ||
        bgp_nlri_check(v->nlri, BGP_IPV4) != WIRE_OK)
        bgp_blame(fault, update_fault(BGP_ACT_RESET, INVALID_NETWORK, 0, "routes do not parse"));
    if (has(v, BGP_ATTR_MP_REACH))
        mp_check(&v->attrs.reach, BGP_ATTR_MP_REACH, fault);
    if (has(v, BGP_ATTR_MP_UNREACH))
        mp_check(&v->attrs.unreach, BGP_ATTR_MP_UNREACH, fault);
}

/* mandatory_check: what an announcement has to carry (RFC 4271 5, 5.1.5; RFC 7606 3 d). */
static void mandatory_check(const struct bgp_update *v, struct bgp_fault *fault)
{
    bool mp = has(v, BGP_ATTR_MP_REACH);
    if (v->nlri.len == 0 && !mp)
        return;
    uint32_t want = MANDATORY | (v->nlri.len > 0 ? BGP_HAS(BGP_ATTR_NEXT_HOP) : 0);
    for (uint8_t type = BGP_ATTR_ORIGIN; type <= BGP_ATTR_LOCAL_PREF; type++) {
        if ((want & ~v->attrs.present & BGP_HAS(type)) != 0)
            bgp_blame(fault, update_fault(BGP_ACT_WITHDRAW, MISSING, type, "attribute is missing"));
    }
}

struct bgp_fault bgp_update_decode(struct bgp_slice body, struct bgp_update *out)
{
    struct rd r = bgp_slice_rd(body);
    struct bgp_fault fault = {0};
    out->withdrawn = slice_read(&r, rd_u16(&r));
    struct bgp_slice section = slice_read(&r, rd_u16(&r));
    out->nlri = slice_read(&r, rd_left(&r));
    if (r.err != WIRE_OK)
        return update_fault(BGP_ACT_RESET, MALFORMED_LIST, 0, "lengths do not fit the message");
    bgp_attrs_decode(section, &out->attrs, &fault);
    routes_check(out, &fault);
    mandatory_check(out, &fault);
    return fault;
}

bool bgp_update_end_of_rib(const struct bgp_update *v, enum bgp_family *family)
{
    const struct bgp_attrs *a = &v->attrs;
    if (v->withdrawn.len > 0 || v->nlri.len > 0 || a->other_count > 0)
        return false;
    *family = a->present == 0 ? BGP_IPV4 : a->unreach.family;
    return a->present == 0 ||
           (a->present == BGP_HAS(BGP_ATTR_MP_UNREACH) && a->unreach.nlri.len == 0);
}

enum wire_err bgp_update_encode(struct wr *w, const struct bgp_update *v)
{
    size_t mark = bgp_begin(w, BGP_UPDATE);
    size_t withdrawn = wr_len16_open(w);
    wr_bytes(w, v->withdrawn.bytes, v->withdrawn.len);
    wr_len16_close(w, withdrawn);
    size_t attrs = wr_len16_open(w);
    (void)bgp_attrs_encode(w, &v->attrs);
    wr_len16_close(w, attrs);
    wr_bytes(w, v->nlri.bytes, v->nlri.len);
    return bgp_end(w, mark);
}

static void ipv4_print(FILE *f, const char *what, struct bgp_slice field)
{
    struct rd r = bgp_slice_rd(field);
    struct bgp_nlri route;
    if (field.len > 0)
        (void)fprintf(f, " %s ipv4", what);
    while (bgp_nlri_next(&r, BGP_IPV4, &route)) {
        (void)fputs(" {", f);
        bgp_nlri_print(f, BGP_IPV4, &route);
        (void)fputc('}', f);
    }
}

void bgp_update_print(FILE *f, const struct bgp_update *v)
{
    enum bgp_family family;
    (void)fputs("bgp update", f);
    if (bgp_update_end_of_rib(v, &family)) {
        (void)fprintf(f, " end-of-rib %s", bgp_family_name(family));
        if (family == BGP_FAMILY_OTHER)
            (void)fprintf(f, " %u/%u", v->attrs.unreach.afi, v->attrs.unreach.safi);
        return;
    }
    ipv4_print(f, "unreach", v->withdrawn);
    bgp_attrs_print(f, &v->attrs);
    ipv4_print(f, "reach", v->nlri);
}
