#include "emul/wire/icmp.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#define ICMP_HEADER 8

static bool type_known(uint8_t type)
{
    return type == ICMP_ECHO_REQUEST || type == ICMP_ECHO_REPLY;
}

enum wire_err icmp_echo_decode(struct rd *r, struct icmp_echo *out)
{
    size_t start = r->pos, len = rd_left(r);
    const uint8_t *p = rd_bytes(r, ICMP_HEADER);
    if (p == NULL)
        return r->err;
    if (!type_known(p[0]) || p[1] != 0)
        return rd_fail_at(r, start, WIRE_TYPE);
    if (inet_checksum(p, len) != 0)
        return rd_fail_at(r, start + 2, WIRE_CHECKSUM);
    out->type = p[0];
    out->id = be_get16(p + 4);
    out->sequence = be_get16(p + 6);
    out->data_bytes = len - ICMP_HEADER;
    out->data = rd_bytes(r, out->data_bytes);
    return r->err;
}

enum wire_err icmp_echo_encode(struct wr *w, const struct icmp_echo *v)
{
    if (!type_known(v->type))
        return wr_fail(w, WIRE_TYPE);
    size_t mark = w->pos;
    wr_u8(w, v->type);
    wr_u8(w, 0);
    wr_u16(w, 0);
    wr_u16(w, v->id);
    wr_u16(w, v->sequence);
    wr_bytes(w, v->data, v->data_bytes);
    if (w->err == WIRE_OK)
        wr_set_u16(w, mark + 2, inet_checksum(w->base + mark, w->pos - mark));
    return w->err;
}

void icmp_echo_print(FILE *f, const struct icmp_echo *v)
{
    (void)fprintf(f, "icmp echo %s id %u sequence %u data %zu",
                  v->type == ICMP_ECHO_REQUEST ? "request" : "reply", v->id, v->sequence,
                  v->data_bytes);
}
