/* PIM and IGMP, described for the common tests. PIM messages are whole, with their header. */
#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/pim_assert.h"
#include "emul/wire/pim_hello.h"
#include "emul/wire/pim_jp.h"
#include "emul/wire/pim_register.h"
#include "tests/unit/wire/codec.h"

#include <stdlib.h>

#define JP_ENTRIES_MAX 2048
#define SOURCES_MAX    8
#define RECORDS_MAX    6

static enum wire_err open_as(const uint8_t *data, size_t len, enum pim_type want, struct rd *body)
{
    enum pim_type type;
    enum wire_err err = pim_open(data, len, &type, body);
    return err != WIRE_OK ? err : type == want ? WIRE_OK : WIRE_TYPE;
}

static void pim_repair(uint8_t *data, size_t len)
{
    if (len < PIM_HEADER)
        return;
    be_put16(data + 2, 0);
    bool reg = (data[0] & 15) == PIM_REGISTER;
    be_put16(data + 2, inet_checksum(data, reg && len > 8 ? 8 : len));
}

static bool draw_bool(struct rng *rng)
{
    return hash_range(rng_next(rng), 2) == 0;
}

/* Hello */
static enum wire_err hello_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd body;
    enum wire_err err = open_as(data, len, PIM_HELLO, &body);
    return err != WIRE_OK ? err : pim_hello_decode(&body, value);
}

static enum wire_err hello_enc(struct wr *w, const void *value)
{
    return pim_hello_encode(w, value);
}

static bool addresses_equal(const struct pim_hello *x, const struct pim_hello *y)
{
    return x->address_count == y->address_count &&
           memcmp(x->address, y->address, x->address_count * sizeof(x->address[0])) == 0;
}

/* Fields without their bit in present mean nothing and are not looked at. */
static bool hello_eq(const void *a, const void *b)
{
    const struct pim_hello *x = a, *y = b;
    uint32_t p = x->present;
    return p == y->present && ((p & PIM_HAS_HOLDTIME) == 0 || x->holdtime_s == y->holdtime_s) &&
           ((p & PIM_HAS_LAN_PRUNE_DELAY) == 0 ||
            (x->t_bit == y->t_bit && x->propagation_delay_ms == y->propagation_delay_ms &&
             x->override_interval_ms == y->override_interval_ms)) &&
           ((p & PIM_HAS_DR_PRIORITY) == 0 || x->dr_priority == y->dr_priority) &&
           ((p & PIM_HAS_GENID) == 0 || x->genid == y->genid) &&
           ((p & PIM_HAS_STATE_REFRESH) == 0 ||
            (x->state_refresh_version == y->state_refresh_version &&
             x->state_refresh_interval_s == y->state_refresh_interval_s)) &&
           ((p & PIM_HAS_ADDRESS_LIST) == 0 || addresses_equal(x, y));
}

static void hello_pr(FILE *f, const void *value)
{
    pim_hello_print(f, value);
}

static void hello_draw(struct rng *rng, void *value)
{
    struct pim_hello *v = value;
    v->present = (uint32_t)hash_range(rng_next(rng), 2 * PIM_HAS_JOIN_ATTRIBUTE);
    v->holdtime_s = (uint16_t)rng_next(rng);
    v->t_bit = draw_bool(rng);
    v->propagation_delay_ms = (uint16_t)hash_range(rng_next(rng), 0x8000);
    v->override_interval_ms = (uint16_t)rng_next(rng);
    v->dr_priority = (uint32_t)rng_next(rng);
    v->genid = (uint32_t)rng_next(rng);
    v->state_refresh_version = (uint8_t)rng_next(rng);
    v->state_refresh_interval_s = (uint8_t)rng_next(rng);
    v->address_count = (size_t)hash_range(rng_next(rng), PIM_ADDRESS_LIST_MAX + 1);
    for (size_t i = 0; i < v->address_count; i++)
        v->address[i] = (ip4_t)rng_next(rng);
}

/* A Hello may end behind any option. */
static bool hello_shorter(const uint8_t *golden, size_t len)
{
    size_t at = PIM_HEADER;
    while (at < len)
        at += 4u + be_get16(golden + at + 2);
    return at == len;
}

const struct codec codec_pim_hello = {
    .name = "pim_hello",
    .decode = hello_dec,
    .encode = hello_enc,
    .equal = hello_eq,
    .print = hello_pr,
    .draw = hello_draw,
    .repair = pim_repair,
    .covered = codec_covers_all,
    .shorter_ok = hello_shorter,
};

/* Join/Prune: the head and all entries. */
struct jp_message {
    struct pim_jp head;
    struct pim_jp_iter first;
    size_t count;
    struct pim_jp_entry entry[JP_ENTRIES_MAX];
};

static enum wire_err jp_dec(const uint8_t *data, size_t len, void *value)
{
    struct jp_message *v = value;
    struct rd body;
    enum wire_err err = open_as(data, len, PIM_JOIN_PRUNE, &body);
    if (err == WIRE_OK)
        err = pim_jp_decode(&body, &v->head, &v->first);
    if (err != WIRE_OK)
        return err;
    struct pim_jp_iter it = v->first;
    struct pim_jp_entry e;
    for (v->count = 0; pim_jp_next(&it, &e); v->count++) {
        if (v->count == JP_ENTRIES_MAX)
            return WIRE_LENGTH; /* more than this test keeps */
        v->entry[v->count] = e;
    }
    if (v->count == 0 && it.rd.err == WIRE_OK)
        return WIRE_LENGTH; /* good, but nothing that can be encoded */
    return it.rd.err;
}

static enum wire_err jp_enc(struct wr *w, const void *value)
{
    const struct jp_message *v = value;
    size_t taken;
    enum wire_err err = pim_jp_encode(w, v->head.upstream, v->head.holdtime_s, v->entry, v->count,
                                      JP_ENTRIES_MAX, &taken);
    return err == WIRE_OK && taken != v->count ? WIRE_FULL : err;
}

static int entry_order(const void *a, const void *b)
{
    const struct pim_jp_entry *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (int)x->kind * 2 + x->join - ((int)y->kind * 2 + y->join);
}

/* Encoding puts joins before prunes and merges neighbouring sets of one group: order is free. */
static bool jp_eq(const void *a, const void *b)
{
    static struct jp_message x, y;
    x = *(const struct jp_message *)a;
    y = *(const struct jp_message *)b;
    if (x.head.upstream != y.head.upstream || x.head.holdtime_s != y.head.holdtime_s ||
        x.count != y.count)
        return false;
    qsort(x.entry, x.count, sizeof(x.entry[0]), entry_order);
    qsort(y.entry, y.count, sizeof(y.entry[0]), entry_order);
    for (size_t i = 0; i < x.count; i++) {
        if (entry_order(&x.entry[i], &y.entry[i]) != 0)
            return false;
    }
    return true;
}

static void jp_pr(FILE *f, const void *value)
{
    const struct jp_message *v = value;
    pim_jp_print(f, &v->head, v->first);
}

static void jp_draw(struct rng *rng, void *value)
{
    struct jp_message *v = value;
    v->head.upstream = (ip4_t)rng_next(rng);
    v->head.holdtime_s = (uint16_t)rng_next(rng);
    v->count = 1 + (size_t)hash_range(rng_next(rng), 200);
    ip4_t group = IP4(239, 0, 0, 0);
    for (size_t i = 0; i < v->count; i++) {
        group += (ip4_t)hash_range(rng_next(rng), 2);
        v->entry[i] = (struct pim_jp_entry){
            .join = draw_bool(rng),
            .kind = (enum pim_jp_kind)hash_range(rng_next(rng), 3),
            .group = group,
            .source = (ip4_t)rng_next(rng),
        };
    }
}

const struct codec codec_pim_jp = {
    .name = "pim_jp",
    .decode = jp_dec,
    .encode = jp_enc,
    .equal = jp_eq,
    .print = jp_pr,
    .draw = jp_draw,
    .repair = pim_repair,
    .covered = codec_covers_all,
};

/* Register and Null-Register */
static enum wire_err register_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd body;
    enum wire_err err = open_as(data, len, PIM_REGISTER, &body);
    return err != WIRE_OK ? err : pim_register_decode(&body, value);
}

static enum wire_err register_enc(struct wr *w, const void *value)
{
    return pim_register_encode(w, value);
}

static bool register_eq(const void *a, const void *b)
{
    const struct pim_register *x = a, *y = b;
    return x->border == y->border && x->null == y->null && x->source == y->source &&
           x->group == y->group &&
           (x->null || codec_slices_equal(x->packet, x->packet_bytes, y->packet, y->packet_bytes));
}

static void register_pr(FILE *f, const void *value)
{
    pim_register_print(f, value);
}

static void register_draw(struct rng *rng, void *value)
{
    static uint8_t packet[IPV4_HEADER + 300];
    struct pim_register *v = value;
    v->border = draw_bool(rng);
    v->null = draw_bool(rng);
    v->source = (ip4_t)rng_next(rng);
    v->group = (ip4_t)rng_next(rng);
    size_t n = (size_t)hash_range(rng_next(rng), 300);
    struct ipv4 inner = {.src = v->source, .dst = v->group, .payload = codec_noise(rng, n)};
    inner.payload_bytes = n;
    struct wr w = wr_init(packet, sizeof(packet));
    (void)ipv4_encode(&w, &inner);
    v->packet = packet;
    v->packet_bytes = w.pos;
}

/* The packet inside is not covered (RFC 7761 4.9.3). */
static size_t register_covered(const uint8_t *golden, size_t len)
{
    (void)golden;
    return len < 8 ? len : 8;
}

const struct codec codec_pim_register = {
    .name = "pim_register",
    .decode = register_dec,
    .encode = register_enc,
    .equal = register_eq,
    .print = register_pr,
    .draw = register_draw,
    .repair = pim_repair,
    .covered = register_covered,
};

static bool groups_equal(const struct pim_group *a, const struct pim_group *b)
{
    return a->flags == b->flags && a->mask_len == b->mask_len && a->addr == b->addr;
}

static struct pim_group draw_group(struct rng *rng)
{
    return (struct pim_group){.flags = (uint8_t)rng_next(rng),
                              .mask_len = (uint8_t)hash_range(rng_next(rng), 33),
                              .addr = (ip4_t)rng_next(rng)};
}

/* Register-Stop */
static enum wire_err stop_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd body;
    enum wire_err err = open_as(data, len, PIM_REGISTER_STOP, &body);
    return err != WIRE_OK ? err : pim_register_stop_decode(&body, value);
}

static enum wire_err stop_enc(struct wr *w, const void *value)
{
    return pim_register_stop_encode(w, value);
}

static bool stop_eq(const void *a, const void *b)
{
    const struct pim_register_stop *x = a, *y = b;
    return groups_equal(&x->group, &y->group) && x->source == y->source;
}

static void stop_pr(FILE *f, const void *value)
{
    pim_register_stop_print(f, value);
}

static void stop_draw(struct rng *rng, void *value)
{
    struct pim_register_stop *v = value;
    v->group = draw_group(rng);
    v->source = (ip4_t)rng_next(rng);
}

const struct codec codec_pim_register_stop = {
    .name = "pim_register_stop",
    .decode = stop_dec,
    .encode = stop_enc,
    .equal = stop_eq,
    .print = stop_pr,
    .draw = stop_draw,
    .repair = pim_repair,
    .covered = codec_covers_all,
};

/* Assert */
static enum wire_err assert_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd body;
    enum wire_err err = open_as(data, len, PIM_ASSERT, &body);
    return err != WIRE_OK ? err : pim_assert_decode(&body, value);
}

static enum wire_err assert_enc(struct wr *w, const void *value)
{
    return pim_assert_encode(w, value);
}

static bool assert_eq(const void *a, const void *b)
{
    const struct pim_assert *x = a, *y = b;
    return groups_equal(&x->group, &y->group) && x->source == y->source && x->rpt == y->rpt &&
           x->preference == y->preference && x->metric == y->metric;
}

static void assert_pr(FILE *f, const void *value)
{
    pim_assert_print(f, value);
}

static void assert_draw(struct rng *rng, void *value)
{
    struct pim_assert *v = value;
    v->group = draw_group(rng);
    v->source = (ip4_t)rng_next(rng);
    v->rpt = draw_bool(rng);
    v->preference = (uint32_t)rng_next(rng) >> 1;
    v->metric = (uint32_t)rng_next(rng);
}

const struct codec codec_pim_assert = {
    .name = "pim_assert",
    .decode = assert_dec,
    .encode = assert_enc,
    .equal = assert_eq,
    .print = assert_pr,
    .draw = assert_draw,
    .repair = pim_repair,
    .covered = codec_covers_all,
};

/* IGMP */
static enum wire_err igmp_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return igmp_decode(&r, value);
}

static enum wire_err igmp_enc(struct wr *w, const void *value)
{
    return igmp_encode(w, value);
}

static bool igmp_eq(const void *a, const void *b)
{
    const struct igmp *x = a, *y = b;
    return x->type == y->type && x->version == y->version && x->max_resp_ms == y->max_resp_ms &&
           x->group == y->group && x->suppress == y->suppress && x->robustness == y->robustness &&
           x->query_interval_s == y->query_interval_s && x->count == y->count &&
           codec_slices_equal(x->list, x->list_bytes, y->list, y->list_bytes);
}

static void igmp_pr(FILE *f, const void *value)
{
    igmp_print(f, value);
}

static void draw_query(struct rng *rng, struct igmp *v)
{
    v->type = IGMP_QUERY;
    v->version = (uint8_t)(1 + hash_range(rng_next(rng), 3));
    v->group = (ip4_t)rng_next(rng);
    v->max_resp_ms = v->version == 1 ? 10000 : 100 * (uint32_t)(1 + hash_range(rng_next(rng), 127));
    if (v->version != 3)
        return;
    v->suppress = draw_bool(rng);
    v->robustness = (uint8_t)hash_range(rng_next(rng), 8);
    v->query_interval_s = (uint32_t)(16 + hash_range(rng_next(rng), 16)) << 3; /* exact in a code */
    v->count = (uint16_t)hash_range(rng_next(rng), SOURCES_MAX);
    v->list_bytes = 4u * v->count;
    v->list = codec_noise(rng, v->list_bytes);
}

static void draw_records(struct rng *rng, struct igmp *v)
{
    static uint8_t list[RECORDS_MAX * (8 + 4 * SOURCES_MAX)];
    struct wr w = wr_init(list, sizeof(list));
    v->type = IGMP_V3_REPORT;
    v->count = (uint16_t)hash_range(rng_next(rng), RECORDS_MAX);
    for (unsigned i = 0; i < v->count; i++) {
        struct igmp_record rec = {.type = (uint8_t)(1 + hash_range(rng_next(rng), 6)),
                                  .group = (ip4_t)rng_next(rng),
                                  .source_count = (uint16_t)hash_range(rng_next(rng), SOURCES_MAX)};
        rec.sources = codec_noise(rng, 4u * rec.source_count);
        (void)igmp_record_encode(&w, &rec);
    }
    v->list = list;
    v->list_bytes = w.pos;
}

static void igmp_draw(struct rng *rng, void *value)
{
    static const uint8_t short_types[] = {IGMP_V1_REPORT, IGMP_V2_REPORT, IGMP_V2_LEAVE};
    struct igmp *v = value;
    uint64_t kind = hash_range(rng_next(rng), 5);
    if (kind == 0) {
        draw_query(rng, v);
    } else if (kind == 1) {
        draw_records(rng, v);
    } else {
        v->type = short_types[kind - 2];
        v->group = (ip4_t)rng_next(rng);
    }
}

static void igmp_repair(uint8_t *data, size_t len)
{
    if (len < 4)
        return;
    be_put16(data + 2, 0);
    be_put16(data + 2, inet_checksum(data, len));
}

/* The first eight bytes of a version 3 query are one of version 1 or 2. */
static bool igmp_shorter(const uint8_t *golden, size_t len)
{
    return golden[0] == IGMP_QUERY && len == 8;
}

const struct codec codec_igmp = {
    .name = "igmp",
    .decode = igmp_dec,
    .encode = igmp_enc,
    .equal = igmp_eq,
    .print = igmp_pr,
    .draw = igmp_draw,
    .repair = igmp_repair,
    .covered = codec_covers_all,
    .shorter_ok = igmp_shorter,
};
