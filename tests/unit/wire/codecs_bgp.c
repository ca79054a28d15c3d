/* BGP, whole messages with their header, and the TCP segments that carry them, for the common
 * tests. A decoder's verdict counts as good up to a discarded attribute. */
#include "emul/wire/be.h"
#include "emul/wire/bgp_notification.h"
#include "emul/wire/bgp_open.h"
#include "emul/wire/bgp_refresh.h"
#include "emul/wire/bgp_update.h"
#include "emul/wire/checksum.h"
#include "emul/wire/tcp.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/draw_bgp.h"

#define SRC IP4(192, 0, 2, 100)
#define DST IP4(192, 0, 2, 2)

static void bgp_repair(uint8_t *data, size_t len)
{
    if (len >= BGP_HEADER)
        be_put16(data + 16, (uint16_t)len);
}

static size_t bgp_covered(const uint8_t *golden, size_t len)
{
    (void)golden;
    (void)len;
    return BGP_HEADER;
}

static enum wire_err open_as(const uint8_t *data, size_t len, enum bgp_type want,
                             struct bgp_slice *body)
{
    enum bgp_type type;
    struct bgp_fault fault = bgp_message_open(data, len, &type, body);
    return fault.act != BGP_ACT_NONE ? WIRE_VALUE : type == want ? WIRE_OK : WIRE_TYPE;
}

static bool slices_equal(struct bgp_slice a, struct bgp_slice b)
{
    return codec_slices_equal(a.bytes, a.len, b.bytes, b.len);
}

/* OPEN */
static enum wire_err open_dec(const uint8_t *data, size_t len, void *value)
{
    struct bgp_slice body;
    enum wire_err err = open_as(data, len, BGP_OPEN, &body);
    if (err != WIRE_OK)
        return err;
    return bgp_open_decode(body, value).act == BGP_ACT_NONE ? WIRE_OK : WIRE_VALUE;
}

static enum wire_err open_enc(struct wr *w, const void *value)
{
    return bgp_open_encode(w, value);
}

static bool open_eq(const void *a, const void *b)
{
    const struct bgp_open *x = a, *y = b;
    bool same = x->as16 == y->as16 && x->hold_s == y->hold_s && x->id == y->id &&
                x->families == y->families && x->route_refresh == y->route_refresh &&
                x->has_as4 == y->has_as4 && x->as4 == y->as4 && x->other_count == y->other_count;
    for (size_t i = 0; same && i < x->other_count; i++)
        same = x->other[i].code == y->other[i].code &&
               codec_slices_equal(x->other[i].value, x->other[i].len, y->other[i].value,
                                  y->other[i].len);
    return same;
}

static void open_pr(FILE *f, const void *value)
{
    bgp_open_print(f, value);
}

static void open_draw(struct rng *rng, void *value)
{
    struct bgp_open *v = value;
    v->as16 = (uint16_t)(1 + hash_range(rng_next(rng), UINT16_MAX));
    v->hold_s = (uint16_t)(3 + hash_range(rng_next(rng), 1000));
    v->id = (ip4_t)(1 + hash_range(rng_next(rng), UINT32_MAX));
    v->families = (uint32_t)hash_range(rng_next(rng), 1u << BGP_FAMILIES);
    v->route_refresh = hash_range(rng_next(rng), 2) == 0;
    v->has_as4 = hash_range(rng_next(rng), 2) == 0;
    v->as4 = v->has_as4 ? (uint32_t)(1 + hash_range(rng_next(rng), UINT32_MAX)) : 0;
    v->other_count = (size_t)hash_range(rng_next(rng), 5);
    for (size_t i = 0; i < v->other_count; i++) {
        v->other[i].code = (uint8_t)(66 + hash_range(rng_next(rng), 100));
        v->other[i].len = (uint8_t)hash_range(rng_next(rng), 20);
        v->other[i].value = codec_noise(rng, v->other[i].len);
    }
}

const struct codec codec_bgp_open = {
    .name = "bgp_open",
    .decode = open_dec,
    .encode = open_enc,
    .equal = open_eq,
    .print = open_pr,
    .draw = open_draw,
    .repair = bgp_repair,
    .covered = bgp_covered,
};

/* UPDATE */
static enum wire_err update_dec(const uint8_t *data, size_t len, void *value)
{
    struct bgp_slice body;
    enum wire_err err = open_as(data, len, BGP_UPDATE, &body);
    if (err != WIRE_OK)
        return err;
    return bgp_update_decode(body, value).act <= BGP_ACT_DISCARD ? WIRE_OK : WIRE_VALUE;
}

static enum wire_err update_enc(struct wr *w, const void *value)
{
    return bgp_update_encode(w, value);
}

/* routes_equal compares the routes, not the bytes: types that are passed over may stand between. */
static bool routes_equal(enum bgp_family family, struct bgp_slice a, struct bgp_slice b)
{
    if (family == BGP_FAMILY_OTHER)
        return slices_equal(a, b);
    struct rd x = bgp_slice_rd(a), y = bgp_slice_rd(b);
    struct bgp_nlri r, s;
    for (;;) {
        bool more = bgp_nlri_next(&x, family, &r);
        if (more != bgp_nlri_next(&y, family, &s))
            return false;
        if (!more)
            return true;
        if (!bgp_nlri_equal(family, &r, &s))
            return false;
    }
}

static bool mp_equal(const struct bgp_mp *x, const struct bgp_mp *y, bool reach)
{
    if (x->family != y->family || !routes_equal(x->family, x->nlri, y->nlri))
        return false;
    if (x->family == BGP_FAMILY_OTHER)
        return x->afi == y->afi && x->safi == y->safi &&
               (!reach || slices_equal(x->nexthop, y->nexthop));
    return !reach || (x->next_hop == y->next_hop &&
                      (x->family != BGP_VPNV4 || x->next_hop_rd == y->next_hop_rd));
}

static bool pmsi_equal(const struct bgp_pmsi *x, const struct bgp_pmsi *y)
{
    return x->flags == y->flags && x->type == y->type && x->label == y->label &&
           x->sender == y->sender && x->group == y->group && slices_equal(x->id, y->id);
}

static bool attrs_equal(const struct bgp_attrs *x, const struct bgp_attrs *y)
{
    uint32_t p = x->present;
#define SAME(type, test) ((p & BGP_HAS(type)) == 0 || (test))
    bool same =
        p == y->present && SAME(BGP_ATTR_ORIGIN, x->origin == y->origin) &&
        SAME(BGP_ATTR_AS_PATH, slices_equal(x->as_path, y->as_path)) &&
        SAME(BGP_ATTR_NEXT_HOP, x->next_hop == y->next_hop) &&
        SAME(BGP_ATTR_MED, x->med == y->med) &&
        SAME(BGP_ATTR_LOCAL_PREF, x->local_pref == y->local_pref) &&
        SAME(BGP_ATTR_AGGREGATOR, slices_equal(x->aggregator, y->aggregator)) &&
        SAME(BGP_ATTR_COMMUNITIES, slices_equal(x->communities, y->communities)) &&
        SAME(BGP_ATTR_ORIGINATOR_ID, x->originator_id == y->originator_id) &&
        SAME(BGP_ATTR_CLUSTER_LIST, slices_equal(x->cluster_list, y->cluster_list)) &&
        SAME(BGP_ATTR_EXT_COMMUNITIES, slices_equal(x->ext_communities, y->ext_communities)) &&
        SAME(BGP_ATTR_MP_REACH, mp_equal(&x->reach, &y->reach, true)) &&
        SAME(BGP_ATTR_MP_UNREACH, mp_equal(&x->unreach, &y->unreach, false)) &&
        SAME(BGP_ATTR_CONNECTOR, x->connector.has_rd == y->connector.has_rd &&
                                     x->connector.rd == y->connector.rd &&
                                     x->connector.pe == y->connector.pe) &&
        SAME(BGP_ATTR_PMSI_TUNNEL, pmsi_equal(&x->pmsi, &y->pmsi)) &&
        x->other_count == y->other_count;
#undef SAME
    for (size_t i = 0; same && i < x->other_count; i++)
        same = x->other[i].type == y->other[i].type &&
               slices_equal(x->other[i].value, y->other[i].value);
    return same;
}

static bool update_eq(const void *a, const void *b)
{
    const struct bgp_update *x = a, *y = b;
    return routes_equal(BGP_IPV4, x->withdrawn, y->withdrawn) &&
           routes_equal(BGP_IPV4, x->nlri, y->nlri) && attrs_equal(&x->attrs, &y->attrs);
}

static void update_pr(FILE *f, const void *value)
{
    bgp_update_print(f, value);
}

static void update_draw(struct rng *rng, void *value)
{
    draw_bgp_update(rng, value);
}

/* With its length put right an UPDATE may end behind any of the IPv4 routes at its end. */
static bool update_shorter(const uint8_t *golden, size_t len)
{
    size_t end = BGP_HEADER + 4u + be_get16(golden + BGP_HEADER);
    end += be_get16(golden + end - 2);
    return len >= end &&
           bgp_nlri_check((struct bgp_slice){golden + end, len - end}, BGP_IPV4) == WIRE_OK;
}

const struct codec codec_bgp_update = {
    .name = "bgp_update",
    .decode = update_dec,
    .encode = update_enc,
    .equal = update_eq,
    .print = update_pr,
    .draw = update_draw,
    .repair = bgp_repair,
    .covered = bgp_covered,
    .shorter_ok = update_shorter,
};

/* NOTIFICATION */
static enum wire_err notification_dec(const uint8_t *data, size_t len, void *value)
{
    struct bgp_slice body;
    enum wire_err err = open_as(data, len, BGP_NOTIFICATION, &body);
    return err != WIRE_OK ? err : bgp_notification_decode(body, value);
}

static enum wire_err notification_enc(struct wr *w, const void *value)
{
    return bgp_notification_encode(w, value);
}

static bool notification_eq(const void *a, const void *b)
{
    const struct bgp_notification *x = a, *y = b;
    return x->code == y->code && x->subcode == y->subcode && slices_equal(x->data, y->data);
}

static void notification_pr(FILE *f, const void *value)
{
    bgp_notification_print(f, value);
}

static void notification_draw(struct rng *rng, void *value)
{
    struct bgp_notification *v = value;
    v->code = (uint8_t)rng_next(rng);
    v->subcode = (uint8_t)rng_next(rng);
    v->data.len = (size_t)hash_range(rng_next(rng), 100);
    v->data.bytes = codec_noise(rng, v->data.len);
}

static bool notification_shorter(const uint8_t *golden, size_t len)
{
    (void)golden;
    return len >= BGP_HEADER + 2;
}

const struct codec codec_bgp_notification = {
    .name = "bgp_notification",
    .decode = notification_dec,
    .encode = notification_enc,
    .equal = notification_eq,
    .print = notification_pr,
    .draw = notification_draw,
    .repair = bgp_repair,
    .covered = bgp_covered,
    .shorter_ok = notification_shorter,
};

/* ROUTE-REFRESH */
static enum wire_err refresh_dec(const uint8_t *data, size_t len, void *value)
{
    struct bgp_slice body;
    enum wire_err err = open_as(data, len, BGP_ROUTE_REFRESH, &body);
    return err != WIRE_OK ? err : bgp_refresh_decode(body, value);
}

static enum wire_err refresh_enc(struct wr *w, const void *value)
{
    return bgp_refresh_encode(w, value);
}

static bool refresh_eq(const void *a, const void *b)
{
    const struct bgp_refresh *x = a, *y = b;
    return x->afi == y->afi && x->subtype == y->subtype && x->safi == y->safi;
}

static void refresh_pr(FILE *f, const void *value)
{
    bgp_refresh_print(f, value);
}

static void refresh_draw(struct rng *rng, void *value)
{
    uint64_t bits = rng_next(rng);
    *(struct bgp_refresh *)value =
        (struct bgp_refresh){(uint16_t)bits, (uint8_t)(bits >> 16), (uint8_t)(bits >> 24)};
}

const struct codec codec_bgp_refresh = {
    .name = "bgp_refresh",
    .decode = refresh_dec,
    .encode = refresh_enc,
    .equal = refresh_eq,
    .print = refresh_pr,
    .draw = refresh_draw,
    .repair = bgp_repair,
    .covered = bgp_covered,
};

/* TCP, between two fixed addresses */
static enum wire_err tcp_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    enum wire_err err = tcp_decode(&r, value);
    return err != WIRE_OK ? err : tcp_checksum_right(SRC, DST, data, len) ? WIRE_OK : WIRE_CHECKSUM;
}

static enum wire_err tcp_enc(struct wr *w, const void *value)
{
    return tcp_encode(w, SRC, DST, value);
}

static bool tcp_eq(const void *a, const void *b)
{
    const struct tcp *x = a, *y = b;
    return x->sport == y->sport && x->dport == y->dport && x->sequence == y->sequence &&
           x->acknowledgement == y->acknowledgement && x->flags == y->flags &&
           x->window == y->window &&
           codec_slices_equal(x->options, x->options_bytes, y->options, y->options_bytes) &&
           codec_slices_equal(x->payload, x->payload_bytes, y->payload, y->payload_bytes);
}

static void tcp_pr(FILE *f, const void *value)
{
    tcp_print(f, value);
}

static void tcp_draw(struct rng *rng, void *value)
{
    struct tcp *v = value;
    v->sport = (uint16_t)rng_next(rng);
    v->dport = (uint16_t)rng_next(rng);
    v->sequence = (uint32_t)rng_next(rng);
    v->acknowledgement = (uint32_t)rng_next(rng);
    v->flags = (uint8_t)rng_next(rng);
    v->window = (uint16_t)rng_next(rng);
    v->options_bytes = 4 * (size_t)hash_range(rng_next(rng), 11);
    v->options = codec_noise(rng, v->options_bytes);
    v->payload_bytes = (size_t)hash_range(rng_next(rng), 1460);
    v->payload = codec_noise(rng, v->payload_bytes);
}

static void tcp_repair(uint8_t *data, size_t len)
{
    if (len < TCP_HEADER)
        return;
    be_put16(data + 16, 0);
    uint32_t pseudo = (SRC >> 16) + (SRC & 0xffff) + (DST >> 16) + (DST & 0xffff) + IPPROTO_NUM_TCP;
    be_put16(data + 16, inet_checksum_fold(inet_checksum_add(pseudo + (uint32_t)len, data, len)));
}

static bool tcp_shorter(const uint8_t *golden, size_t len)
{
    return len >= (size_t)(golden[12] >> 4) * 4;
}

const struct codec codec_tcp = {
    .name = "tcp",
    .decode = tcp_dec,
    .encode = tcp_enc,
    .equal = tcp_eq,
    .print = tcp_pr,
    .draw = tcp_draw,
    .repair = tcp_repair,
    .covered = codec_covers_all,
    .shorter_ok = tcp_shorter,
};
