/* Packing of routes: the bytes of the goldens, the limits of a message and of a buffer. */
#include "emul/wire/bgp_update.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/draw_bgp.h"
#include "tests/unit/wire/golden.h"

#include <stdlib.h>

#define ROUTES 600

/* Each golden, taken apart into attributes and routes and packed again, is what it was. */
static void repack(const struct golden *g)
{
    struct bgp_update v;
    struct bgp_nlri routes[8];
    size_t count = 0, taken = 0;
    uint8_t out[512];
    struct wr w = wr_init(out, sizeof(out));
    struct bgp_slice body = {g->bytes + BGP_HEADER, g->len - BGP_HEADER};
    CU_ASSERT_EQUAL(bgp_update_decode(body, &v).act, BGP_ACT_NONE);
    const struct bgp_mp *mp = &v.attrs.reach;
    bool reach = (v.attrs.present & BGP_HAS(BGP_ATTR_MP_REACH)) != 0;
    if (!reach)
        mp = &v.attrs.unreach;
    struct rd r = bgp_slice_rd(mp->nlri);
    while (bgp_nlri_next(&r, mp->family, &routes[count]))
        count++;
    enum wire_err err = reach ? bgp_announce_encode(&w, &v.attrs, routes, count, &taken)
                              : bgp_withdraw_encode(&w, mp->family, routes, count, &taken);
    CU_ASSERT_EQUAL(err, WIRE_OK);
    CU_ASSERT_EQUAL(taken, count);
    CU_ASSERT_TRUE(codec_slices_equal(out, w.pos, g->bytes, g->len));
}

static void test_goldens_again(void)
{
    static const char *const names[] = {
        "bgp_update/vpnv4",
        "bgp_update/mdt_safi",
        "bgp_update/mvpn_t1_pimssm",
        "bgp_update/mvpn_t3_spmsi",
        "bgp_update/mvpn_t4_leaf",
        "bgp_update/mvpn_t5_sa",
        "bgp_update/mvpn_t6_shared",
        "bgp_update/mvpn_t7_source",
        "bgp_update/mvpn_t7_withdraw",
        "bgp_update/rtc",
        "bgp_update/rtc_default",
        "bgp_update/rtc_cut",
        "bgp_update/connector_long",
        "bgp_update/wildcard",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct golden g = golden_load(names[i]);
        repack(&g);
        golden_free(&g);
    }
}

static struct bgp_nlri routes[ROUTES];

static struct bgp_attrs attributes(struct rng *rng, enum bgp_family family)
{
    struct bgp_update v;
    draw_bgp_update(rng, &v);
    v.attrs.reach.family = family;
    v.attrs.present &= ~BGP_HAS(BGP_ATTR_MP_UNREACH);
    return v.attrs;
}

/* walk decodes a message and expects routes[at..] in it; it returns how many there were. */
static size_t walk(const uint8_t *message, size_t len, enum bgp_family family, bool reach,
                   size_t at)
{
    struct bgp_update v;
    struct bgp_nlri route;
    enum bgp_type type;
    struct bgp_slice body;
    CU_ASSERT_EQUAL(bgp_message_open(message, len, &type, &body).act, BGP_ACT_NONE);
    CU_ASSERT_EQUAL(bgp_update_decode(body, &v).act, BGP_ACT_NONE);
    struct bgp_slice field = family == BGP_IPV4 ? (reach ? v.nlri : v.withdrawn)
                             : reach            ? v.attrs.reach.nlri
                                                : v.attrs.unreach.nlri;
    struct rd r = bgp_slice_rd(field);
    size_t n = 0;
    for (; bgp_nlri_next(&r, family, &route); n++) {
        if (!reach && family == BGP_VPNV4) {
            CU_ASSERT_EQUAL(route.label, BGP_LABEL_WITHDRAW);
            route.label = routes[at + n].label;
        }
        CU_ASSERT_TRUE(bgp_nlri_equal(family, &route, &routes[at + n]));
    }
    return n;
}

static void pack_all(struct rng *rng, enum bgp_family family, bool reach)
{
    static uint8_t out[2 * BGP_MESSAGE_MAX];
    struct bgp_attrs attrs = attributes(rng, family);
    size_t at = 0, messages = 0;
    while (at < ROUTES) {
        size_t taken;
        struct wr w = wr_init(out, sizeof(out));
        enum wire_err err = reach
                                ? bgp_announce_encode(&w, &attrs, routes + at, ROUTES - at, &taken)
                                : bgp_withdraw_encode(&w, family, routes + at, ROUTES - at, &taken);
        CU_ASSERT_EQUAL_FATAL(err, WIRE_OK);
        CU_ASSERT_TRUE(w.pos <= BGP_MESSAGE_MAX);
        CU_ASSERT_EQUAL_FATAL(walk(out, w.pos, family, reach, at), taken);
        at += taken;
        if (at < ROUTES) /* one more would not have fitted */
            CU_ASSERT_TRUE(w.pos + bgp_nlri_bytes(family, &routes[at]) > BGP_MESSAGE_MAX);
        messages++;
    }
    CU_ASSERT_TRUE(messages < ROUTES / 20);
}

static void test_full_messages(void)
{
    struct rng rng = {5};
    for (unsigned family = 0; family < BGP_FAMILIES; family++) {
        for (size_t i = 0; i < ROUTES; i++) {
            do {
                draw_bgp_nlri(&rng, (enum bgp_family)family, &routes[i]);
            } while (family == BGP_MVPN && routes[i].mvpn_type == BGP_MVPN_LEAF);
        }
        pack_all(&rng, (enum bgp_family)family, true);
        pack_all(&rng, (enum bgp_family)family, false);
    }
}

/* Buffers of every size, allocated exactly: whole messages or nothing, never a byte more. */
static void test_small_buffers(void)
{
    struct rng rng = {6};
    for (unsigned family = 0; family < BGP_FAMILIES; family++) {
        struct bgp_attrs attrs = attributes(&rng, (enum bgp_family)family);
        attrs.present &= BGP_HAS(BGP_ATTR_LOCAL_PREF) * 2 - 1;
        attrs.other_count = 0;
        for (size_t i = 0; i < 40; i++)
            draw_bgp_nlri(&rng, (enum bgp_family)family, &routes[i]);
        size_t before = 0;
        for (size_t cap = 0; cap < 900; cap++) {
            size_t taken;
            uint8_t *buf = malloc(cap);
            struct wr w = wr_init(buf, cap);
            enum wire_err err = bgp_announce_encode(&w, &attrs, routes, 40, &taken);
            CU_ASSERT_TRUE(err == WIRE_OK ? taken > 0 && w.pos <= cap : taken == 0 && w.pos == 0);
            CU_ASSERT_TRUE(taken >= before);
            before = taken;
            w = wr_init(buf, cap);
            err = bgp_withdraw_encode(&w, (enum bgp_family)family, routes, 40, &taken);
            CU_ASSERT_TRUE(err == WIRE_OK ? taken > 0 && w.pos <= cap : taken == 0 && w.pos == 0);
            free(buf);
        }
        CU_ASSERT_TRUE(before > 0);
    }
}

/* A family of others has no routes that could be packed or walked. */
static void test_other_family(void)
{
    uint8_t out[64] = {0};
    size_t taken = 1;
    struct wr w = wr_init(out, sizeof(out));
    const struct bgp_attrs attrs = {.reach = {.family = BGP_FAMILY_OTHER}};
    CU_ASSERT_EQUAL(bgp_announce_encode(&w, &attrs, routes, 1, &taken), WIRE_TYPE);
    CU_ASSERT_EQUAL(taken, 0);
    w = wr_init(out, sizeof(out));
    CU_ASSERT_EQUAL(bgp_withdraw_encode(&w, BGP_FAMILY_OTHER, routes, 1, &taken), WIRE_TYPE);
    CU_ASSERT_EQUAL(w.pos, 0);
    CU_ASSERT_EQUAL(bgp_nlri_check((struct bgp_slice){out, 4}, BGP_FAMILY_OTHER), WIRE_TYPE);
}

static const struct cu_test tests[] = {
    {"goldens again", test_goldens_again},
    {"full messages", test_full_messages},
    {"small buffers", test_small_buffers},
    {"other family", test_other_family},
};

CU_MAIN("wire bgp_pack", tests)
