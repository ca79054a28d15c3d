#include "emul/wire/bgp_open.h"

#define VERSION            4
#define PARAM_CAPABILITIES 2
#define UNSPECIFIC         0 /* subcodes of RFC 4271 6.2 */
#define BAD_VERSION        1
#define BAD_PEER_AS        2
#define BAD_IDENTIFIER     3
#define BAD_PARAMETER      4
#define BAD_HOLD_TIME      6

static const uint8_t version_spoken[2] = {0, VERSION};

uint32_t bgp_open_as(const struct bgp_open *v)
{
    return v->has_as4 ? v->as4 : v->as16;
}

static struct bgp_fault open_fault(uint8_t subcode, const char *what)
{
    return (struct bgp_fault){
        .act = BGP_ACT_RESET, .code = BGP_ERR_OPEN, .subcode = subcode, .what = what};
}

/* mp_decode: false when the family is one of others, to be kept as it is. */
static bool mp_decode(struct rd *value, struct bgp_open *out)
{
    struct rd r = *value;
    uint16_t afi = rd_u16(&r);
    (void)rd_u8(&r); /* reserved */
    enum bgp_family family = bgp_family_find(afi, rd_u8(&r));
    if (family == BGP_FAMILY_OTHER)
        return false;
    out->families |= 1u << family;
    return true;
}

/* capability_length_right tells whether a capability that is understood has its length. */
static bool capability_length_right(uint8_t code, size_t len)
{
    switch (code) {
    case BGP_CAP_MP:
    case BGP_CAP_AS4:
        return len == 4;
    case BGP_CAP_REFRESH:
        return len == 0;
    default:
        return true;
    }
}

static void capability_decode(struct rd *r, struct bgp_open *out)
{
    size_t start = r->pos;
    uint8_t code = rd_u8(r), len = rd_u8(r);
    struct rd value = rd_sub(r, len);
    if (r->err == WIRE_OK && !capability_length_right(code, len))
        (void)rd_fail_at(r, start + 1, WIRE_LENGTH);
    if (r->err != WIRE_OK || (code == BGP_CAP_MP && mp_decode(&value, out)))
        return;
    if (code == BGP_CAP_REFRESH) {
        out->route_refresh = true;
    } else if (code == BGP_CAP_AS4) {
        out->has_as4 = true;
        out->as4 = rd_u32(&value);
    } else if (out->other_count < BGP_OPEN_OTHERS_MAX) {
        out->other[out->other_count++] = (struct bgp_capability){code, len, value.base};
    }
}

static struct bgp_fault parameters_decode(struct rd *r, struct bgp_open *out)
{
    while (rd_left(r) > 0) {
        uint8_t type = rd_u8(r);
        struct rd param = rd_sub(r, rd_u8(r));
        if (r->err == WIRE_OK && type != PARAM_CAPABILITIES)
            return open_fault(BAD_PARAMETER, "unsupported optional parameter");
        while (r->err == WIRE_OK && rd_left(&param) > 0)
            capability_decode(&param, out);
        if (r->err == WIRE_OK)
            rd_join(r, &param, true);
    }
    return r->err == WIRE_OK ? (struct bgp_fault){0}
                             : open_fault(UNSPECIFIC, "malformed optional parameters");
}

static struct bgp_fault values_check(const struct bgp_open *v)
{
    if (v->as16 == 0 || bgp_open_as(v) == 0)
        return open_fault(BAD_PEER_AS, "AS number 0");
    if (v->id == 0)
        return open_fault(BAD_IDENTIFIER, "BGP identifier 0");
    if (v->hold_s == 1 || v->hold_s == 2)
        return open_fault(BAD_HOLD_TIME, "unacceptable hold time");
    return (struct bgp_fault){0};
}

struct bgp_fault bgp_open_decode(struct bgp_slice body, struct bgp_open *out)
{
    struct rd r = bgp_slice_rd(body);
    out->families = 0;
    out->route_refresh = out->has_as4 = false;
    out->as4 = 0;
    out->other_count = 0;
    uint8_t version = rd_u8(&r);
    out->as16 = rd_u16(&r);
    out->hold_s = rd_u16(&r);
    out->id = rd_u32(&r);
    struct rd params = rd_sub(&r, rd_u8(&r));
    if (body.len > 0 && version != VERSION) {
        struct bgp_fault fault = open_fault(BAD_VERSION, "unsupported version");
        fault.data = (struct bgp_slice){version_spoken, sizeof(version_spoken)};
        return fault;
    }
    if (rd_done(&r) != WIRE_OK)
        return open_fault(UNSPECIFIC, "length of parameters does not fit");
    struct bgp_fault fault = parameters_decode(&params, out);
    return fault.act != BGP_ACT_NONE ? fault : values_check(out);
}

static void capabilities_encode(struct wr *w, const struct bgp_open *v)
{
    for (unsigned i = 0; i < BGP_FAMILIES; i++) {
        if ((v->families & 1u << i) == 0)
            continue;
        wr_u16(w, BGP_CAP_MP << 8 | 4);
        wr_u16(w, BGP_AFI_IPV4);
        wr_u16(w, bgp_family_safi((enum bgp_family)i));
    }
    if (v->route_refresh)
        wr_u16(w, BGP_CAP_REFRESH << 8);
    if (v->has_as4) {
        wr_u16(w, BGP_CAP_AS4 << 8 | 4);
        wr_u32(w, v->as4);
    }
    for (size_t i = 0; i < v->other_count; i++) {
        wr_u8(w, v->other[i].code);
        wr_u8(w, v->other[i].len);
        wr_bytes(w, v->other[i].value, v->other[i].len);
    }
}

enum wire_err bgp_open_encode(struct wr *w, const struct bgp_open *v)
{
    uint8_t caps[UINT8_MAX];
    struct wr c = wr_init(caps, sizeof(caps) - 2);
    capabilities_encode(&c, v);
    if (c.err != WIRE_OK)
        return wr_fail(w, WIRE_LENGTH);
    size_t mark = bgp_begin(w, BGP_OPEN);
    wr_u8(w, VERSION);
    wr_u16(w, v->as16);
    wr_u16(w, v->hold_s);
    wr_u32(w, v->id);
    wr_u8(w, (uint8_t)(c.pos == 0 ? 0 : c.pos + 2));
    if (c.pos > 0) {
        wr_u8(w, PARAM_CAPABILITIES);
        wr_u8(w, (uint8_t)c.pos);
        wr_bytes(w, caps, c.pos);
    }
    return bgp_end(w, mark);
}

void bgp_open_print(FILE *f, const struct bgp_open *v)
{
    char id[IP4_TEXT];
    (void)fprintf(f, "bgp open as %u hold %u s id %s", bgp_open_as(v), v->hold_s,
                  ip4_text(v->id, id));
    for (unsigned i = 0; i < BGP_FAMILIES; i++) {
        if ((v->families & 1u << i) != 0)
            (void)fprintf(f, " %s", bgp_family_name((enum bgp_family)i));
    }
    if (v->route_refresh)
        (void)fputs(" route-refresh", f);
    if (v->has_as4)
        (void)fputs(" as4", f);
    for (size_t i = 0; i < v->other_count; i++)
        (void)fprintf(f, " capability %u (%u bytes)", v->other[i].code, v->other[i].len);
}
