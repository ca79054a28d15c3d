#include "emul/wire/probe.h"

#include "emul/wire/be.h"

#include <inttypes.h>

#define PROBE_MAGIC   0x4d565042u /* "MVPB" */
#define PROBE_VERSION 1

enum wire_err probe_decode(struct rd *r, struct probe *out)
{
    size_t start = r->pos;
    const uint8_t *p = rd_bytes(r, PROBE_BYTES);
    if (p == NULL)
        return r->err;
    if (be_get32(p) != PROBE_MAGIC)
        return rd_fail_at(r, start, WIRE_TYPE);
    if (p[4] < PROBE_VERSION)
        return rd_fail_at(r, start + 4, WIRE_VERSION);
    size_t header = be_get16(p + 6);
    if (header < PROBE_BYTES)
        return rd_fail_at(r, start + 6, WIRE_LENGTH);
    if (rd_bytes(r, header - PROBE_BYTES) == NULL)
        return r->err;
    out->flags = p[5];
    out->vpn = be_get32(p + 8);
    out->flow = be_get32(p + 12);
    out->sequence = be_get64(p + 16);
    out->sent_ns = (int64_t)be_get64(p + 24);
    return WIRE_OK;
}

enum wire_err probe_encode(struct wr *w, const struct probe *v)
{
    uint8_t *p = wr_room(w, PROBE_BYTES);
    if (p == NULL)
        return w->err;
    be_put32(p, PROBE_MAGIC);
    p[4] = PROBE_VERSION;
    p[5] = v->flags;
    be_put16(p + 6, PROBE_BYTES);
    be_put32(p + 8, v->vpn);
    be_put32(p + 12, v->flow);
    be_put64(p + 16, v->sequence);
    be_put64(p + 24, (uint64_t)v->sent_ns);
    return w->err;
}

void probe_print(FILE *f, const struct probe *v)
{
    (void)fprintf(f, "probe vpn %" PRIu32 " flow %" PRIu32 " sequence %" PRIu64 " sent %" PRId64,
                  v->vpn, v->flow, v->sequence, v->sent_ns);
    if ((v->flags & PROBE_COLOUR) != 0)
        (void)fputs(" colour", f);
    if ((v->flags & PROBE_DELAY_MARK) != 0)
        (void)fputs(" delay-mark", f);
}
