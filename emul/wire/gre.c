#include "emul/wire/gre.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#define FLAG_CHECKSUM 0x8000
#define FLAG_KEY      0x2000
#define FLAG_SEQUENCE 0x1000
#define FLAGS_REFUSED 0x4c00 /* bits 1, 4 and 5 must be zero (RFC 2784 section 2.3, RFC 2890) */
#define VERSION_MASK  0x0007

enum wire_err gre_decode(struct rd *r, struct gre *out)
{
    size_t start = r->pos, len = rd_left(r);
    const uint8_t *p = rd_bytes(r, GRE_HEADER);
    if (p == NULL)
        return r->err;
    uint16_t flags = be_get16(p);
    out->checksum_present = false;
    out->protocol = be_get16(p + 2);
    if (flags != 0) {
        if ((flags & VERSION_MASK) != 0)
            return rd_fail_at(r, start, WIRE_VERSION);
        if ((flags & FLAGS_REFUSED) != 0)
            return rd_fail_at(r, start, WIRE_VALUE);
        out->checksum_present = (flags & FLAG_CHECKSUM) != 0;
        size_t words = (size_t)out->checksum_present + ((flags & FLAG_KEY) != 0) +
                       ((flags & FLAG_SEQUENCE) != 0);
        if (rd_bytes(r, words * 4) == NULL)
            return r->err;
        if (out->checksum_present && inet_checksum(p, len) != 0)
            return rd_fail_at(r, start + 4, WIRE_CHECKSUM);
    }
    out->payload_bytes = rd_left(r);
    out->payload = rd_bytes(r, out->payload_bytes);
    return WIRE_OK;
}

enum wire_err gre_encode(struct wr *w, const struct gre *v)
{
    size_t mark = w->pos;
    wr_u16(w, v->checksum_present ? FLAG_CHECKSUM : 0);
    wr_u16(w, v->protocol);
    if (v->checksum_present)
        wr_u32(w, 0);
    wr_bytes(w, v->payload, v->payload_bytes);
    if (v->checksum_present && w->err == WIRE_OK)
        wr_set_u16(w, mark + 4, inet_checksum(w->base + mark, w->pos - mark));
    return w->err;
}

void gre_print(FILE *f, const struct gre *v)
{
    (void)fprintf(f, "gre protocol 0x%04x payload %zu%s", v->protocol, v->payload_bytes,
                  v->checksum_present ? " checksum" : "");
}
