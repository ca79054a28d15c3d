/* What builds MDTs beside Join/Prunes, described for the common tests: DF election, MDT Join TLVs.
 */
#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/mdt.h"
#include "emul/wire/pim_df.h"
#include "tests/unit/wire/codec.h"

#define JOINS_MAX 1024

/* DF election: the whole message */
static enum wire_err df_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd body;
    enum pim_type type;
    uint8_t flags;
    enum wire_err err = pim_open_flags(data, len, &type, &flags, &body);
    if (err == WIRE_OK && type != PIM_DF_ELECTION)
        err = WIRE_TYPE;
    return err != WIRE_OK ? err : pim_df_decode(flags, &body, value);
}

static enum wire_err df_enc(struct wr *w, const void *value)
{
    return pim_df_encode(w, value);
}

static bool df_eq(const void *a, const void *b)
{
    const struct pim_df *x = a, *y = b;
    bool two = x->type == PIM_DF_BACKOFF || x->type == PIM_DF_PASS;
    return x->type == y->type && x->rpa == y->rpa && x->preference == y->preference &&
           x->metric == y->metric &&
           (!two || (x->other == y->other && x->other_preference == y->other_preference &&
                     x->other_metric == y->other_metric)) &&
           (x->type != PIM_DF_BACKOFF || x->interval_ms == y->interval_ms);
}

static void df_pr(FILE *f, const void *value)
{
    pim_df_print(f, value);
}

static void df_draw(struct rng *rng, void *value)
{
    *(struct pim_df *)value = (struct pim_df){
        .type = (enum pim_df_type)(PIM_DF_OFFER + hash_range(rng_next(rng), 4)),
        .rpa = (ip4_t)rng_next(rng),
        .preference = (uint32_t)rng_next(rng),
        .metric = (uint32_t)rng_next(rng),
        .other = (ip4_t)rng_next(rng),
        .other_preference = (uint32_t)rng_next(rng),
        .other_metric = (uint32_t)rng_next(rng),
        .interval_ms = (uint16_t)rng_next(rng),
    };
}

static void df_repair(uint8_t *data, size_t len)
{
    if (len < PIM_HEADER)
        return;
    be_put16(data + 2, 0);
    be_put16(data + 2, inet_checksum(data, len));
}

const struct codec codec_pim_df = {
    .name = "pim_df",
    .decode = df_dec,
    .encode = df_enc,
    .equal = df_eq,
    .print = df_pr,
    .draw = df_draw,
    .repair = df_repair,
    .covered = codec_covers_all,
};

/* MDT Join TLVs: all those of a datagram */
struct mdt_datagram {
    size_t count;
    struct mdt_join join[JOINS_MAX];
};

static enum wire_err mdt_dec(const uint8_t *data, size_t len, void *value)
{
    struct mdt_datagram *v = value;
    struct rd r = rd_init(data, len);
    enum wire_err err = mdt_join_check(data, len);
    if (err != WIRE_OK)
        return err;
    for (v->count = 0; v->count < JOINS_MAX && mdt_join_next(&r, &v->join[v->count]);)
        v->count++;
    return v->count == JOINS_MAX ? WIRE_LENGTH : r.err; /* more than this test keeps */
}

static enum wire_err mdt_enc(struct wr *w, const void *value)
{
    const struct mdt_datagram *v = value;
    for (size_t i = 0; i < v->count; i++)
        (void)mdt_join_encode(w, &v->join[i]);
    return w->err;
}

static bool mdt_eq(const void *a, const void *b)
{
    const struct mdt_datagram *x = a, *y = b;
    bool same = x->count == y->count;
    for (size_t i = 0; same && i < x->count; i++)
        same = x->join[i].c_source == y->join[i].c_source &&
               x->join[i].c_group == y->join[i].c_group && x->join[i].p_group == y->join[i].p_group;
    return same;
}

static void mdt_pr(FILE *f, const void *value)
{
    const struct mdt_datagram *v = value;
    for (size_t i = 0; i < v->count; i++)
        mdt_join_print(f, &v->join[i]);
}

static void mdt_draw(struct rng *rng, void *value)
{
    struct mdt_datagram *v = value;
    v->count = (size_t)hash_range(rng_next(rng), 90);
    for (size_t i = 0; i < v->count; i++)
        v->join[i] = (struct mdt_join){
            .c_source = (ip4_t)rng_next(rng),
            .c_group = IP4(224, 0, 0, 0) + (ip4_t)hash_range(rng_next(rng), 1u << 28),
            .p_group = IP4(224, 0, 0, 0) + (ip4_t)hash_range(rng_next(rng), 1u << 28),
        };
}

/* A datagram may end behind any TLV. */
static bool mdt_shorter(const uint8_t *golden, size_t len)
{
    size_t at = 0;
    while (at < len)
        at += be_get16(golden + at + 1);
    return at == len;
}

const struct codec codec_mdt = {
    .name = "mdt",
    .decode = mdt_dec,
    .encode = mdt_enc,
    .equal = mdt_eq,
    .print = mdt_pr,
    .draw = mdt_draw,
    .shorter_ok = mdt_shorter,
};
