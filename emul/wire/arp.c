#include "emul/wire/arp.h"

#include "emul/wire/be.h"

#define HTYPE_ETHERNET 1
#define PTYPE_IPV4     0x0800

static bool op_known(uint16_t op)
{
    return op == ARP_REQUEST || op == ARP_REPLY;
}

enum wire_err arp_decode(struct rd *r, struct arp *out)
{
    size_t start = r->pos;
    const uint8_t *p = rd_bytes(r, ARP_BYTES);
    if (p == NULL)
        return r->err;
    if (be_get16(p) != HTYPE_ETHERNET || be_get16(p + 2) != PTYPE_IPV4)
        return rd_fail_at(r, start, WIRE_TYPE);
    if (p[4] != 6 || p[5] != 4)
        return rd_fail_at(r, start + 4, WIRE_LENGTH);
    out->op = be_get16(p + 6);
    if (!op_known(out->op))
        return rd_fail_at(r, start + 6, WIRE_TYPE);
    memcpy(out->sender_mac.b, p + 8, 6);
    out->sender = be_get32(p + 14);
    memcpy(out->target_mac.b, p + 18, 6);
    out->target = be_get32(p + 24);
    return WIRE_OK;
}

enum wire_err arp_encode(struct wr *w, const struct arp *v)
{
    if (!op_known(v->op))
        return wr_fail(w, WIRE_TYPE);
    uint8_t *p = wr_room(w, ARP_BYTES);
    if (p == NULL)
        return w->err;
    be_put16(p, HTYPE_ETHERNET);
    be_put16(p + 2, PTYPE_IPV4);
    p[4] = 6;
    p[5] = 4;
    be_put16(p + 6, v->op);
    memcpy(p + 8, v->sender_mac.b, 6);
    be_put32(p + 14, v->sender);
    memcpy(p + 18, v->target_mac.b, 6);
    be_put32(p + 24, v->target);
    return w->err;
}

void arp_print(FILE *f, const struct arp *v)
{
    char sender[IP4_TEXT], target[IP4_TEXT], mac[MAC_TEXT];
    (void)ip4_text(v->sender, sender);
    (void)ip4_text(v->target, target);
    if (v->op == ARP_REQUEST)
        (void)fprintf(f, "arp request who has %s tell %s", target, sender);
    else
        (void)fprintf(f, "arp reply %s is at %s to %s", sender, mac_text(v->sender_mac, mac),
                      target);
    if (v->sender == v->target)
        (void)fputs(" (gratuitous)", f);
}
