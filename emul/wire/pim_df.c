#include "emul/wire/pim_df.h"

#include <inttypes.h>

#define SUBTYPE_SHIFT       4
#define INFINITE_PREFERENCE 0x7fffffffu /* the Assert's infinity, or all ones */

enum wire_err pim_open_flags(const uint8_t *message, size_t len, enum pim_type *type,
                             uint8_t *flags, struct rd *body)
{
    enum wire_err err = pim_open(message, len, type, body);
    if (err == WIRE_OK)
        *flags = message[1];
    return err;
}

static bool has_other(enum pim_df_type type)
{
    return type == PIM_DF_BACKOFF || type == PIM_DF_PASS;
}

static bool type_known(unsigned type)
{
    return type >= PIM_DF_OFFER && type <= PIM_DF_PASS;
}

enum wire_err pim_df_decode(uint8_t flags, struct rd *body, struct pim_df *out)
{
    unsigned type = flags >> SUBTYPE_SHIFT;
    *out = (struct pim_df){.type = (enum pim_df_type)type};
    if (!type_known(type))
        return rd_fail_at(body, 1, WIRE_TYPE);
    out->rpa = pim_rd_unicast(body);
    out->preference = rd_u32(body);
    out->metric = rd_u32(body);
    if (has_other(out->type)) {
        out->other = pim_rd_unicast(body);
        out->other_preference = rd_u32(body);
        out->other_metric = rd_u32(body);
    }
    if (out->type == PIM_DF_BACKOFF)
        out->interval_ms = rd_u16(body);
    return rd_done(body);
}

enum wire_err pim_df_encode(struct wr *w, const struct pim_df *v)
{
    if (!type_known(v->type))
        return wr_fail(w, WIRE_TYPE);
    size_t mark = pim_begin(w, PIM_DF_ELECTION);
    if (w->err == WIRE_OK)
        w->base[mark + 1] = (uint8_t)((unsigned)v->type << SUBTYPE_SHIFT);
    pim_wr_unicast(w, v->rpa);
    wr_u32(w, v->preference);
    wr_u32(w, v->metric);
    if (has_other(v->type)) {
        pim_wr_unicast(w, v->other);
        wr_u32(w, v->other_preference);
        wr_u32(w, v->other_metric);
    }
    if (v->type == PIM_DF_BACKOFF)
        wr_u16(w, v->interval_ms);
    return pim_end(w, mark);
}

static void metric_print(FILE *f, uint32_t preference, uint32_t metric)
{
    if (preference >= INFINITE_PREFERENCE && metric == UINT32_MAX)
        (void)fputs(" infinite", f);
    else
        (void)fprintf(f, " preference %" PRIu32 " metric %" PRIu32, preference, metric);
}

void pim_df_print(FILE *f, const struct pim_df *v)
{
    static const char *const names[] = {[PIM_DF_OFFER] = "offer",
                                        [PIM_DF_WINNER] = "winner",
                                        [PIM_DF_BACKOFF] = "backoff",
                                        [PIM_DF_PASS] = "pass"};
    char text[IP4_TEXT];
    (void)fprintf(f, "pim df %s rpa %s", names[v->type], ip4_text(v->rpa, text));
    metric_print(f, v->preference, v->metric);
    if (has_other(v->type)) {
        (void)fprintf(f, " %s %s", v->type == PIM_DF_PASS ? "to" : "for", ip4_text(v->other, text));
        metric_print(f, v->other_preference, v->other_metric);
    }
    if (v->type == PIM_DF_BACKOFF)
        (void)fprintf(f, " interval %u ms", v->interval_ms);
}
