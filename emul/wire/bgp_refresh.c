#include "emul/wire/bgp_refresh.h"

enum wire_err bgp_refresh_decode(struct bgp_slice body, struct bgp_refresh *out)
{
    struct rd r = bgp_slice_rd(body);
    out->afi = rd_u16(&r);
    out->subtype = rd_u8(&r);
    out->safi = rd_u8(&r);
    return rd_done(&r);
}

enum wire_err bgp_refresh_encode(struct wr *w, const struct bgp_refresh *v)
{
    size_t mark = bgp_begin(w, BGP_ROUTE_REFRESH);
    wr_u16(w, v->afi);
    wr_u8(w, v->subtype);
    wr_u8(w, v->safi);
    return bgp_end(w, mark);
}

void bgp_refresh_print(FILE *f, const struct bgp_refresh *v)
{
    enum bgp_family family = bgp_family_find(v->afi, v->safi);
    (void)fprintf(f, "bgp route-refresh %u/%u", v->afi, v->safi);
    if (family != BGP_FAMILY_OTHER)
        (void)fprintf(f, " %s", bgp_family_name(family));
    if (v->subtype != 0)
        (void)fprintf(f, " subtype %u", v->subtype);
}
