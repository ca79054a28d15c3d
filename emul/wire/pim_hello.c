#include "emul/wire/pim_hello.h"

#include <inttypes.h>

#define T_BIT             0x8000
#define PROPAGATION_MASK  0x7fff
#define STATE_REFRESH_PAD 2

struct hello_opt {
    uint16_t number;
    uint16_t bytes_min;
    enum pim_hello_bit bit;
    const char *name;
    void (*decode)(struct rd *opt, struct pim_hello *out);
    void (*encode)(struct wr *w, const struct pim_hello *v);
    void (*print)(FILE *f, const struct pim_hello *v);
};

static void holdtime_decode(struct rd *opt, struct pim_hello *out)
{
    out->holdtime_s = rd_u16(opt);
}

static void holdtime_encode(struct wr *w, const struct pim_hello *v)
{
    wr_u16(w, v->holdtime_s);
}

static void holdtime_print(FILE *f, const struct pim_hello *v)
{
    if (v->holdtime_s == PIM_HOLDTIME_FOREVER)
        (void)fputs(" forever", f);
    else
        (void)fprintf(f, " %u s%s", v->holdtime_s, v->holdtime_s == 0 ? " (goodbye)" : "");
}

static void lan_prune_delay_decode(struct rd *opt, struct pim_hello *out)
{
    uint16_t delay = rd_u16(opt);
    out->t_bit = (delay & T_BIT) != 0;
    out->propagation_delay_ms = delay & PROPAGATION_MASK;
    out->override_interval_ms = rd_u16(opt);
}

static void lan_prune_delay_encode(struct wr *w, const struct pim_hello *v)
{
    if (v->propagation_delay_ms > PROPAGATION_MASK)
        (void)wr_fail(w, WIRE_VALUE);
    wr_u16(w, (uint16_t)(v->propagation_delay_ms | (v->t_bit ? T_BIT : 0)));
    wr_u16(w, v->override_interval_ms);
}

static void lan_prune_delay_print(FILE *f, const struct pim_hello *v)
{
    (void)fprintf(f, " T %d propagation %u ms override %u ms", v->t_bit, v->propagation_delay_ms,
                  v->override_interval_ms);
}

static void dr_priority_decode(struct rd *opt, struct pim_hello *out)
{
    out->dr_priority = rd_u32(opt);
}

static void dr_priority_encode(struct wr *w, const struct pim_hello *v)
{
    wr_u32(w, v->dr_priority);
}

static void dr_priority_print(FILE *f, const struct pim_hello *v)
{
    (void)fprintf(f, " %" PRIu32, v->dr_priority);
}

static void genid_decode(struct rd *opt, struct pim_hello *out)
{
    out->genid = rd_u32(opt);
}

static void genid_encode(struct wr *w, const struct pim_hello *v)
{
    wr_u32(w, v->genid);
}

static void genid_print(FILE *f, const struct pim_hello *v)
{
    (void)fprintf(f, " 0x%08" PRIx32, v->genid);
}

static void state_refresh_decode(struct rd *opt, struct pim_hello *out)
{
    out->state_refresh_version = rd_u8(opt);
    out->state_refresh_interval_s = rd_u8(opt);
    (void)rd_bytes(opt, STATE_REFRESH_PAD);
}

static void state_refresh_encode(struct wr *w, const struct pim_hello *v)
{
    wr_u8(w, v->state_refresh_version);
    wr_u8(w, v->state_refresh_interval_s);
    wr_u16(w, 0);
}

static void state_refresh_print(FILE *f, const struct pim_hello *v)
{
    (void)fprintf(f, " version %u interval %u s", v->state_refresh_version,
                  v->state_refresh_interval_s);
}

/* A repeated list replaces the one before; what exceeds our room is read and not kept. */
static void address_list_decode(struct rd *opt, struct pim_hello *out)
{
    out->address_count = 0;
    while (rd_left(opt) > 0) {
        ip4_t addr = pim_rd_unicast(opt);
        if (opt->err == WIRE_OK && out->address_count < PIM_ADDRESS_LIST_MAX)
            out->address[out->address_count++] = addr;
    }
}

static void address_list_encode(struct wr *w, const struct pim_hello *v)
{
    if (v->address_count > PIM_ADDRESS_LIST_MAX) {
        (void)wr_fail(w, WIRE_VALUE);
        return;
    }
    for (size_t i = 0; i < v->address_count; i++)
        pim_wr_unicast(w, v->address[i]);
}

static void address_list_print(FILE *f, const struct pim_hello *v)
{
    char text[IP4_TEXT];
    for (size_t i = 0; i < v->address_count; i++)
        (void)fprintf(f, " %s", ip4_text(v->address[i], text));
}

/* In the order in which they are sent. Options without a value have no functions. */
static const struct hello_opt options[] = {
    {1, 2, PIM_HAS_HOLDTIME, "holdtime", holdtime_decode, holdtime_encode, holdtime_print},
    {2, 4, PIM_HAS_LAN_PRUNE_DELAY, "lan-prune-delay", lan_prune_delay_decode,
     lan_prune_delay_encode, lan_prune_delay_print},
    {19, 4, PIM_HAS_DR_PRIORITY, "dr-priority", dr_priority_decode, dr_priority_encode,
     dr_priority_print},
    {20, 4, PIM_HAS_GENID, "genid", genid_decode, genid_encode, genid_print},
    {21, 4, PIM_HAS_STATE_REFRESH, "state-refresh", state_refresh_decode, state_refresh_encode,
     state_refresh_print},
    {22, 0, PIM_HAS_BIDIR, "bidir", NULL, NULL, NULL},
    {24, 0, PIM_HAS_ADDRESS_LIST, "address-list", address_list_decode, address_list_encode,
     address_list_print},
    {26, 0, PIM_HAS_JOIN_ATTRIBUTE, "join-attribute", NULL, NULL, NULL},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct hello_opt *opt_find(uint16_t number)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].number == number)
            return &options[i];
    }
    return NULL;
}

enum wire_err pim_hello_decode(struct rd *body, struct pim_hello *out)
{
    *out = (struct pim_hello){0};
    while (rd_left(body) > 0) {
        size_t start = body->pos;
        uint16_t number = rd_u16(body), len = rd_u16(body);
        struct rd opt = rd_sub(body, len);
        if (body->err != WIRE_OK)
            break;
        const struct hello_opt *d = opt_find(number);
        if (d == NULL) {
            out->unknown_options++;
            continue;
        }
        if (len < d->bytes_min)
            return rd_fail_at(body, start + 2, WIRE_LENGTH);
        if (d->decode != NULL)
            d->decode(&opt, out);
        out->present |= (uint32_t)d->bit;
        rd_join(body, &opt, true);
    }
    return rd_done(body);
}

enum wire_err pim_hello_encode(struct wr *w, const struct pim_hello *v)
{
    size_t mark = pim_begin(w, PIM_HELLO);
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct hello_opt *d = &options[i];
        if ((v->present & (uint32_t)d->bit) == 0)
            continue;
        wr_u16(w, d->number);
        size_t len = wr_len16_open(w);
        if (d->encode != NULL)
            d->encode(w, v);
        wr_len16_close(w, len);
    }
    return pim_end(w, mark);
}

void pim_hello_print(FILE *f, const struct pim_hello *v)
{
    (void)fputs("pim hello", f);
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct hello_opt *d = &options[i];
        if ((v->present & (uint32_t)d->bit) == 0)
            continue;
        (void)fprintf(f, " %s", d->name);
        if (d->print != NULL)
            d->print(f, v);
    }
    if (v->unknown_options > 0)
        (void)fprintf(f, " unknown %u", v->unknown_options);
}
