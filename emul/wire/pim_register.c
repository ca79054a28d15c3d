#include "emul/wire/pim_register.h"

#include "emul/wire/be.h"
#include "emul/wire/ipv4.h"

#define FLAG_BORDER 0x80000000u
#define FLAG_NULL   0x40000000u

/*
 * The inner packet must be whole; its header checksum is for whoever takes it out. The dummy header
 * of a Null-Register serves for its addresses only (RFC 7761 section 4.9.3).
 */
enum wire_err pim_register_decode(struct rd *body, struct pim_register *out)
{
    uint32_t flags = rd_u32(body);
    size_t start = body->pos;
    out->border = (flags & FLAG_BORDER) != 0;
    out->null = (flags & FLAG_NULL) != 0;
    out->packet_bytes = rd_left(body);
    const uint8_t *p = rd_bytes(body, IPV4_HEADER);
    if (p == NULL)
        return body->err;
    if (p[0] >> 4 != 4)
        return rd_fail_at(body, start, WIRE_VERSION);
    if (!out->null) {
        size_t total = be_get16(p + 2);
        if (total < IPV4_HEADER)
            return rd_fail_at(body, start + 2, WIRE_LENGTH);
        if (total > out->packet_bytes)
            return rd_fail_at(body, body->end, WIRE_SHORT);
        if (total < out->packet_bytes)
            return rd_fail_at(body, start + total, WIRE_TRAILING);
    }
    out->packet = p;
    out->source = be_get32(p + 12);
    out->group = be_get32(p + 16);
    (void)rd_bytes(body, rd_left(body));
    return WIRE_OK;
}

enum wire_err pim_register_encode(struct wr *w, const struct pim_register *v)
{
    size_t mark = pim_begin(w, PIM_REGISTER);
    wr_u32(w, (v->border ? FLAG_BORDER : 0) | (v->null ? FLAG_NULL : 0));
    if (v->null) {
        struct ipv4 dummy = {
            .protocol = IPPROTO_NUM_PIM, .src = v->source, .dst = v->group, .payload_bytes = 0};
        (void)ipv4_encode(w, &dummy);
    } else {
        wr_bytes(w, v->packet, v->packet_bytes);
    }
    return pim_end(w, mark);
}

void pim_register_print(FILE *f, const struct pim_register *v)
{
    char source[IP4_TEXT], group[IP4_TEXT];
    (void)fprintf(f, "pim %sregister (%s,%s)%s", v->null ? "null-" : "",
                  ip4_text(v->source, source), ip4_text(v->group, group),
                  v->border ? " border" : "");
    if (!v->null)
        (void)fprintf(f, " packet %zu", v->packet_bytes);
}

enum wire_err pim_register_stop_decode(struct rd *body, struct pim_register_stop *out)
{
    out->group = pim_rd_group(body);
    out->source = pim_rd_unicast(body);
    return rd_done(body);
}

enum wire_err pim_register_stop_encode(struct wr *w, const struct pim_register_stop *v)
{
    size_t mark = pim_begin(w, PIM_REGISTER_STOP);
    pim_wr_group(w, &v->group);
    pim_wr_unicast(w, v->source);
    return pim_end(w, mark);
}

void pim_register_stop_print(FILE *f, const struct pim_register_stop *v)
{
    char source[IP4_TEXT], group[IP4_TEXT];
    (void)fprintf(f, "pim register-stop (%s,%s)",
                  v->source == 0 ? "*" : ip4_text(v->source, source),
                  ip4_text(v->group.addr, group));
}
