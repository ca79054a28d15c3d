#include "emul/wire/udp.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#define CHECKSUM_RIGHT 0xffff /* udp_checksum over a datagram with its right checksum in it */

enum wire_err udp_decode(struct rd *r, ip4_t src, ip4_t dst, struct udp *out)
{
    size_t start = r->pos;
    if (udp_decode_unchecked(r, out) != WIRE_OK)
        return r->err;
    const uint8_t *p = r->base + start;
    if (be_get16(p + 6) != 0 && udp_checksum(src, dst, p, r->pos - start) != CHECKSUM_RIGHT)
        return rd_fail_at(r, start + 6, WIRE_CHECKSUM);
    return WIRE_OK;
}

enum wire_err udp_decode_unchecked(struct rd *r, struct udp *out)
{
    size_t start = r->pos;
    if (rd_left(r) < UDP_HEADER) {
        rd_fail(r, WIRE_SHORT);
        return r->err;
    }
    const uint8_t *p = r->base + start;
    size_t len = be_get16(p + 4);
    if (len < UDP_HEADER)
        return rd_fail_at(r, start + 4, WIRE_LENGTH);
    if (rd_bytes(r, len) == NULL)
        return r->err;
    out->sport = be_get16(p);
    out->dport = be_get16(p + 2);
    out->payload = p + UDP_HEADER;
    out->payload_bytes = len - UDP_HEADER;
    return WIRE_OK;
}

enum wire_err udp_encode(struct wr *w, ip4_t src, ip4_t dst, const struct udp *v)
{
    if (v->payload_bytes > UINT16_MAX - UDP_HEADER)
        return wr_fail(w, WIRE_LENGTH);
    size_t len = UDP_HEADER + v->payload_bytes;
    uint8_t *p = wr_room(w, len);
    if (p == NULL)
        return w->err;
    be_put16(p, v->sport);
    be_put16(p + 2, v->dport);
    be_put16(p + 4, (uint16_t)len);
    be_put16(p + 6, 0);
    if (v->payload_bytes > 0)
        memcpy(p + UDP_HEADER, v->payload, v->payload_bytes);
    be_put16(p + 6, udp_checksum(src, dst, p, len));
    return w->err;
}

void udp_print(FILE *f, const struct udp *v)
{
    (void)fprintf(f, "udp %u > %u payload %zu", v->sport, v->dport, v->payload_bytes);
}
