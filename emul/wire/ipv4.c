#include "emul/wire/ipv4.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#define FLAG_DF     0x4000
#define FLAG_MF     0x2000
#define OFFSET_MASK 0x1fff

/* header_check returns the length of the header at p, or 0 after recording what is wrong. */
static size_t header_check(struct rd *r, const uint8_t *p, size_t left)
{
    size_t start = r->pos;
    if (p[0] >> 4 != 4) {
        (void)rd_fail_at(r, start, WIRE_VERSION);
        return 0;
    }
    size_t header = (size_t)(p[0] & 15) * 4, total = be_get16(p + 2);
    if (header < IPV4_HEADER) {
        (void)rd_fail_at(r, start, WIRE_LENGTH);
        return 0;
    }
    if (total < header) {
        (void)rd_fail_at(r, start + 2, WIRE_LENGTH);
        return 0;
    }
    if (total > left) {
        (void)rd_fail_at(r, r->end, WIRE_SHORT);
        return 0;
    }
    if (inet_checksum(p, header) != 0) {
        (void)rd_fail_at(r, start + 10, WIRE_CHECKSUM);
        return 0;
    }
    return header;
}

enum wire_err ipv4_decode(struct rd *r, struct ipv4 *out)
{
    size_t left = rd_left(r);
    if (left < IPV4_HEADER) {
        rd_fail(r, WIRE_SHORT);
        return r->err;
    }
    const uint8_t *p = r->base + r->pos;
    size_t header = header_check(r, p, left);
    if (header == 0)
        return r->err;
    size_t total = be_get16(p + 2);
    uint16_t flags = be_get16(p + 6);
    out->tos = p[1];
    out->id = be_get16(p + 4);
    out->dont_fragment = (flags & FLAG_DF) != 0;
    out->more_fragments = (flags & FLAG_MF) != 0;
    out->fragment_offset = (uint16_t)((flags & OFFSET_MASK) << 3);
    out->ttl = p[8];
    out->protocol = p[9];
    out->src = be_get32(p + 12);
    out->dst = be_get32(p + 16);
    out->options = p + IPV4_HEADER;
    out->option_bytes = (uint8_t)(header - IPV4_HEADER);
    out->payload = p + header;
    out->payload_bytes = total - header;
    r->pos += total;
    return WIRE_OK;
}

size_t ipv4_begin(struct wr *w, const struct ipv4 *v)
{
    size_t mark = w->pos;
    if (v->option_bytes > IPV4_OPT_MAX)
        (void)wr_fail(w, WIRE_LENGTH);
    if (v->fragment_offset % 8 != 0)
        (void)wr_fail(w, WIRE_VALUE);
    size_t padded = (v->option_bytes + 3u) & ~3u;
    uint8_t *p = wr_room(w, IPV4_HEADER + padded);
    if (p == NULL)
        return mark;
    p[0] = (uint8_t)(0x40 | (IPV4_HEADER + padded) / 4);
    p[1] = v->tos;
    be_put16(p + 2, 0);
    be_put16(p + 4, v->id);
    be_put16(p + 6, (uint16_t)((v->dont_fragment ? FLAG_DF : 0) |
                               (v->more_fragments ? FLAG_MF : 0) | v->fragment_offset >> 3));
    p[8] = v->ttl;
    p[9] = v->protocol;
    be_put16(p + 10, 0);
    be_put32(p + 12, v->src);
    be_put32(p + 16, v->dst);
    if (padded > 0) {
        memcpy(p + IPV4_HEADER, v->options, v->option_bytes);
        memset(p + IPV4_HEADER + v->option_bytes, 0, padded - v->option_bytes);
    }
    return mark;
}

enum wire_err ipv4_end(struct wr *w, size_t mark)
{
    if (w->err != WIRE_OK)
        return w->err;
    size_t total = w->pos - mark;
    if (total > UINT16_MAX)
        return wr_fail(w, WIRE_LENGTH);
    uint8_t *p = w->base + mark;
    be_put16(p + 2, (uint16_t)total);
    be_put16(p + 10, inet_checksum(p, (size_t)(p[0] & 15) * 4));
    return WIRE_OK;
}

enum wire_err ipv4_encode(struct wr *w, const struct ipv4 *v)
{
    size_t mark = ipv4_begin(w, v);
    wr_bytes(w, v->payload, v->payload_bytes);
    return ipv4_end(w, mark);
}

void ipv4_decrement_ttl(uint8_t *packet)
{
    uint16_t old = be_get16(packet + 8);
    if (packet[8] == 0)
        return;
    packet[8]--;
    be_put16(packet + 10, inet_checksum_update(be_get16(packet + 10), old, be_get16(packet + 8)));
}

static const char *protocol_name(uint8_t protocol)
{
    switch (protocol) {
    case IPPROTO_NUM_ICMP:
        return "icmp";
    case IPPROTO_NUM_IGMP:
        return "igmp";
    case IPPROTO_NUM_UDP:
        return "udp";
    case IPPROTO_NUM_GRE:
        return "gre";
    case IPPROTO_NUM_PIM:
        return "pim";
    default:
        return NULL;
    }
}

void ipv4_print(FILE *f, const struct ipv4 *v)
{
    char src[IP4_TEXT], dst[IP4_TEXT];
    (void)fprintf(f, "ipv4 %s > %s", ip4_text(v->src, src), ip4_text(v->dst, dst));
    const char *name = protocol_name(v->protocol);
    if (name != NULL)
        (void)fprintf(f, " %s", name);
    else
        (void)fprintf(f, " protocol %u", v->protocol);
    (void)fprintf(f, " ttl %u tos 0x%02x id %u payload %zu", v->ttl, v->tos, v->id,
                  v->payload_bytes);
    if (v->dont_fragment)
        (void)fputs(" DF", f);
    if (v->more_fragments || v->fragment_offset > 0)
        (void)fprintf(f, " fragment %u%s", v->fragment_offset, v->more_fragments ? "+" : "");
    if (v->option_bytes > 0)
        (void)fprintf(f, " options %u", v->option_bytes);
}
