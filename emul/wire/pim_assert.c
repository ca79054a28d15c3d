#include "emul/wire/pim_assert.h"

#include <inttypes.h>

#define R_BIT 0x80000000u

enum wire_err pim_assert_decode(struct rd *body, struct pim_assert *out)
{
    out->group = pim_rd_group(body);
    out->source = pim_rd_unicast(body);
    uint32_t preference = rd_u32(body);
    out->rpt = (preference & R_BIT) != 0;
    out->preference = preference & ~R_BIT;
    out->metric = rd_u32(body);
    return rd_done(body);
}

enum wire_err pim_assert_encode(struct wr *w, const struct pim_assert *v)
{
    if ((v->preference & R_BIT) != 0)
        return wr_fail(w, WIRE_VALUE);
    size_t mark = pim_begin(w, PIM_ASSERT);
    pim_wr_group(w, &v->group);
    pim_wr_unicast(w, v->source);
    wr_u32(w, v->preference | (v->rpt ? R_BIT : 0));
    wr_u32(w, v->metric);
    return pim_end(w, mark);
}

void pim_assert_print(FILE *f, const struct pim_assert *v)
{
    char source[IP4_TEXT], group[IP4_TEXT];
    (void)fprintf(f, "pim assert (%s,%s)%s preference %" PRIu32 " metric %" PRIu32,
                  v->source == 0 ? "*" : ip4_text(v->source, source),
                  ip4_text(v->group.addr, group), v->rpt ? " rpt" : "", v->preference, v->metric);
}
