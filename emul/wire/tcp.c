#include "emul/wire/tcp.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#define CHECKSUM_AT 16

static uint16_t segment_checksum(ip4_t src, ip4_t dst, const uint8_t *segment, size_t len)
{
    uint32_t pseudo = (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + IPPROTO_NUM_TCP;
    return inet_checksum_fold(inet_checksum_add(pseudo + (uint32_t)len, segment, len));
}

bool tcp_checksum_right(ip4_t src, ip4_t dst, const uint8_t *segment, size_t len)
{
    return segment_checksum(src, dst, segment, len) == 0;
}

enum wire_err tcp_decode(struct rd *r, struct tcp *out)
{
    size_t start = r->pos;
    const uint8_t *p = rd_bytes(r, TCP_HEADER);
    if (p == NULL)
        return r->err;
    size_t header = (size_t)(p[12] >> 4) * 4;
    if (header < TCP_HEADER)
        return rd_fail_at(r, start + 12, WIRE_LENGTH);
    *out = (struct tcp){
        .sport = be_get16(p),
        .dport = be_get16(p + 2),
        .sequence = be_get32(p + 4),
        .acknowledgement = be_get32(p + 8),
        .flags = p[13],
        .window = be_get16(p + 14),
        .options_bytes = header - TCP_HEADER,
    };
    out->options = rd_bytes(r, out->options_bytes);
    if (out->options == NULL)
        return r->err;
    out->payload_bytes = rd_left(r);
    out->payload = rd_bytes(r, out->payload_bytes);
    return WIRE_OK;
}

enum wire_err tcp_encode(struct wr *w, ip4_t src, ip4_t dst, const struct tcp *v)
{
    if (v->options_bytes % 4 != 0 || v->options_bytes > TCP_OPTIONS_BYTES)
        return wr_fail(w, WIRE_LENGTH);
    if (v->payload_bytes > UINT16_MAX - TCP_HEADER - v->options_bytes)
        return wr_fail(w, WIRE_LENGTH);
    size_t header = TCP_HEADER + v->options_bytes, len = header + v->payload_bytes;
    uint8_t *p = wr_room(w, len);
    if (p == NULL)
        return w->err;
    be_put16(p, v->sport);
    be_put16(p + 2, v->dport);
    be_put32(p + 4, v->sequence);
    be_put32(p + 8, v->acknowledgement);
    p[12] = (uint8_t)(header / 4 << 4);
    p[13] = v->flags;
    be_put16(p + 14, v->window);
    be_put32(p + CHECKSUM_AT, 0);
    if (v->options_bytes > 0)
        memcpy(p + TCP_HEADER, v->options, v->options_bytes);
    if (v->payload_bytes > 0)
        memcpy(p + header, v->payload, v->payload_bytes);
    be_put16(p + CHECKSUM_AT, segment_checksum(src, dst, p, len));
    return w->err;
}

void tcp_print(FILE *f, const struct tcp *v)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } flags[] = {{TCP_SYN, " syn"}, {TCP_FIN, " fin"}, {TCP_RST, " rst"}, {TCP_ACK, " ack"}};
    (void)fprintf(f, "tcp %u > %u seq %u", v->sport, v->dport, v->sequence);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if ((v->flags & flags[i].bit) != 0)
            (void)fputs(flags[i].name, f);
    }
    if ((v->flags & TCP_ACK) != 0)
        (void)fprintf(f, " %u", v->acknowledgement);
    (void)fprintf(f, " window %u payload %zu", v->window, v->payload_bytes);
}
