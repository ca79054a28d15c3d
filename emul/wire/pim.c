#include "emul/wire/pim.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#define PIM_VERSION             2
#define REGISTER_CHECKSUM_BYTES 8
#define FAMILY_IPV4             1
#define ENCODING_NATIVE         0

const char *pim_type_name(enum pim_type type)
{
    switch (type) {
    case PIM_HELLO:
        return "hello";
    case PIM_REGISTER:
        return "register";
    case PIM_REGISTER_STOP:
        return "register-stop";
    case PIM_JOIN_PRUNE:
        return "join/prune";
    case PIM_BOOTSTRAP:
        return "bootstrap";
    case PIM_ASSERT:
        return "assert";
    case PIM_C_RP_ADV:
        return "c-rp-advertisement";
    case PIM_DF_ELECTION:
        return "df-election";
    }
    return "unknown";
}

static bool checksum_right(const uint8_t *message, size_t len, enum pim_type type)
{
    if (inet_checksum(message, len) == 0)
        return true;
    return type == PIM_REGISTER && len >= REGISTER_CHECKSUM_BYTES &&
           inet_checksum(message, REGISTER_CHECKSUM_BYTES) == 0;
}

enum wire_err pim_open(const uint8_t *message, size_t len, enum pim_type *type, struct rd *body)
{
    *body = rd_init(message, len);
    const uint8_t *p = rd_bytes(body, PIM_HEADER);
    if (p == NULL)
        return body->err;
    *type = (enum pim_type)(p[0] & 15);
    if (p[0] >> 4 != PIM_VERSION)
        return rd_fail_at(body, 0, WIRE_VERSION);
    if (!checksum_right(message, len, *type))
        return rd_fail_at(body, 2, WIRE_CHECKSUM);
    return WIRE_OK;
}

size_t pim_begin(struct wr *w, enum pim_type type)
{
    size_t mark = w->pos;
    wr_u8(w, (uint8_t)(PIM_VERSION << 4 | ((unsigned)type & 15)));
    wr_u8(w, 0);
    wr_u16(w, 0);
    return mark;
}

enum wire_err pim_end(struct wr *w, size_t mark)
{
    if (w->err != WIRE_OK)
        return w->err;
    size_t len = w->pos - mark;
    if ((w->base[mark] & 15) == PIM_REGISTER && len > REGISTER_CHECKSUM_BYTES)
        len = REGISTER_CHECKSUM_BYTES;
    wr_set_u16(w, mark + 2, inet_checksum(w->base + mark, len));
    return w->err;
}

/* address_kind_right demands IPv4 in its native encoding (join attributes are never negotiated). */
static bool address_kind_right(struct rd *r, const uint8_t *p, size_t bytes)
{
    if (p == NULL)
        return false;
    if (p[0] == FAMILY_IPV4 && p[1] == ENCODING_NATIVE)
        return true;
    (void)rd_fail_at(r, r->pos - bytes, WIRE_VALUE);
    return false;
}

ip4_t pim_rd_unicast(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 6);
    return address_kind_right(r, p, 6) ? be_get32(p + 2) : 0;
}

/* rd_masked reads the eight bytes that group and source encodings share. */
static struct pim_group rd_masked(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 8);
    if (!address_kind_right(r, p, 8))
        return (struct pim_group){0};
    if (p[3] > 32) {
        (void)rd_fail_at(r, r->pos - 5, WIRE_VALUE);
        return (struct pim_group){0};
    }
    return (struct pim_group){.flags = p[2], .mask_len = p[3], .addr = be_get32(p + 4)};
}

struct pim_group pim_rd_group(struct rd *r)
{
    return rd_masked(r);
}

struct pim_source pim_rd_source(struct rd *r)
{
    struct pim_group g = rd_masked(r);
    return (struct pim_source){.flags = g.flags, .mask_len = g.mask_len, .addr = g.addr};
}

void pim_wr_unicast(struct wr *w, ip4_t addr)
{
    wr_u8(w, FAMILY_IPV4);
    wr_u8(w, ENCODING_NATIVE);
    wr_u32(w, addr);
}

static void wr_masked(struct wr *w, uint8_t flags, uint8_t mask_len, ip4_t addr)
{
    uint8_t *p = wr_room(w, 8);
    if (p == NULL)
        return;
    p[0] = FAMILY_IPV4;
    p[1] = ENCODING_NATIVE;
    p[2] = flags;
    p[3] = mask_len;
    be_put32(p + 4, addr);
}

void pim_wr_group(struct wr *w, const struct pim_group *g)
{
    wr_masked(w, g->flags, g->mask_len, g->addr);
}

void pim_wr_source(struct wr *w, const struct pim_source *s)
{
    wr_masked(w, s->flags, s->mask_len, s->addr);
}
