/* UPDATEs: what their attributes say, and what RFC 7606 does about those that are wrong. */
#include "emul/wire/be.h"
#include "emul/wire/bgp_id.h"
#include "emul/wire/bgp_update.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_bgp_update)

#define GOOD                                                                                       \
    0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100, 0x80, 14, 14, 0, 1, 132, 4, 192, 0, 2, 1, \
        0, 32, 0, 0, 0, 1

static struct bgp_fault decode(const struct golden *g, struct bgp_update *v)
{
    return bgp_update_decode((struct bgp_slice){g->bytes + BGP_HEADER, g->len - BGP_HEADER}, v);
}

static void test_vpnv4(void)
{
    struct golden g = golden_load("bgp_update/vpnv4");
    struct bgp_update v;
    CU_ASSERT_EQUAL(decode(&g, &v).act, BGP_ACT_NONE);
    struct rd ec = bgp_slice_rd(v.attrs.ext_communities);
    CU_ASSERT_EQUAL(rd_u64(&ec), bgp_rt(BGP_ID_AS2, 65000, 1));
    uint64_t vri = rd_u64(&ec);
    CU_ASSERT_EQUAL(vri, bgp_vrf_import(IP4(192, 0, 2, 2), 1));
    CU_ASSERT_EQUAL(rd_u64(&ec), bgp_source_as(65000));
    CU_ASSERT_EQUAL(bgp_c_multicast_rt(vri), bgp_rt(BGP_ID_IPV4, IP4(192, 0, 2, 2), 1));
    CU_ASSERT_EQUAL(v.attrs.reach.next_hop, IP4(192, 0, 2, 2));
    struct rd r = bgp_slice_rd(v.attrs.reach.nlri);
    struct bgp_nlri route;
    CU_ASSERT_TRUE(bgp_nlri_next(&r, BGP_VPNV4, &route));
    CU_ASSERT_EQUAL(route.rd, bgp_rd(BGP_ID_AS2, 65000, 101));
    CU_ASSERT_EQUAL(route.prefix.addr, IP4(10, 2, 2, 0));
    CU_ASSERT_EQUAL(route.prefix.len, 24);
    CU_ASSERT_EQUAL(route.label, BGP_LABEL(16001));
    CU_ASSERT_FALSE(bgp_nlri_next(&r, BGP_VPNV4, &route));
    golden_free(&g);
}

static void test_end_of_rib(void)
{
    static const char *const names[BGP_FAMILIES] = {
        [BGP_IPV4] = "bgp_update/eor_ipv4", [BGP_VPNV4] = "bgp_update/eor_1_128",
        [BGP_MDT] = "bgp_update/eor_1_66",  [BGP_MVPN] = "bgp_update/eor_1_5",
        [BGP_RTC] = "bgp_update/eor_1_132",
    };
    for (unsigned i = 0; i < BGP_FAMILIES; i++) {
        struct golden g = golden_load(names[i]);
        struct bgp_update v;
        enum bgp_family family;
        uint8_t out[64];
        struct wr w = wr_init(out, sizeof(out));
        CU_ASSERT_EQUAL(decode(&g, &v).act, BGP_ACT_NONE);
        CU_ASSERT_TRUE(bgp_update_end_of_rib(&v, &family));
        CU_ASSERT_EQUAL(family, i);
        CU_ASSERT_EQUAL(bgp_end_of_rib_encode(&w, family), WIRE_OK);
        CU_ASSERT_TRUE(codec_slices_equal(out, w.pos, g.bytes, g.len));
        golden_free(&g);
    }
    struct golden g = golden_load("bgp_update/mvpn_t7_withdraw");
    struct bgp_update v;
    enum bgp_family family;
    CU_ASSERT_EQUAL(decode(&g, &v).act, BGP_ACT_NONE);
    CU_ASSERT_FALSE(bgp_update_end_of_rib(&v, &family));
    golden_free(&g);
}

struct wrong {
    const char *what;
    enum bgp_act act;
    uint8_t subcode, attribute;
    size_t len;
    uint8_t attrs[64];
};

#define ATTRS(...)                                                                                 \
    sizeof((const uint8_t[]){__VA_ARGS__}),                                                        \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static const struct wrong wrongs[] = {
    {"good", BGP_ACT_NONE, 0, 0, ATTRS(GOOD)},
    {"partial bit", BGP_ACT_NONE, 0, 0, ATTRS(GOOD, 0xe0, 8, 4, 0, 0, 0, 1)},
    {"no origin", BGP_ACT_WITHDRAW, 3, 1,
     ATTRS(0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100, 0x80, 14, 10, 0, 1, 132, 4, 192, 0, 2, 1, 0, 0)},
    {"no local-pref", BGP_ACT_WITHDRAW, 3, 5,
     ATTRS(0x40, 1, 1, 0, 0x40, 2, 0, 0x80, 14, 10, 0, 1, 132, 4, 192, 0, 2, 1, 0, 0)},
    {"origin 3", BGP_ACT_WITHDRAW, 5, 1, ATTRS(0x40, 1, 1, 3)},
    {"origin of two bytes", BGP_ACT_WITHDRAW, 5, 1, ATTRS(0x40, 1, 2, 0, 0)},
    {"origin optional", BGP_ACT_WITHDRAW, 4, 1, ATTRS(0xc0, 1, 1, 0)},
    {"path segment of no AS", BGP_ACT_WITHDRAW, 5, 2, ATTRS(0x40, 2, 2, 2, 0)},
    {"path segment too long", BGP_ACT_WITHDRAW, 5, 2, ATTRS(0x40, 2, 6, 2, 2, 0, 0, 0, 1)},
    {"path segment type 3", BGP_ACT_WITHDRAW, 5, 2, ATTRS(0x40, 2, 6, 3, 1, 0, 0, 0, 1)},
    {"next hop of 5 bytes", BGP_ACT_WITHDRAW, 5, 3, ATTRS(0x40, 3, 5, 1, 2, 3, 4, 5)},
    {"med of 3 bytes", BGP_ACT_WITHDRAW, 5, 4, ATTRS(GOOD, 0x80, 4, 3, 0, 0, 0)},
    {"atomic aggregate with a value", BGP_ACT_DISCARD, 5, 6, ATTRS(GOOD, 0x40, 6, 1, 0)},
    {"aggregator of 6 bytes", BGP_ACT_DISCARD, 5, 7, ATTRS(GOOD, 0xc0, 7, 6, 1, 2, 3, 4, 5, 6)},
    {"no communities", BGP_ACT_WITHDRAW, 5, 8, ATTRS(GOOD, 0xc0, 8, 0)},
    {"half a community", BGP_ACT_WITHDRAW, 5, 8, ATTRS(GOOD, 0xc0, 8, 2, 0, 0)},
    {"originator of 3 bytes", BGP_ACT_WITHDRAW, 5, 9, ATTRS(GOOD, 0x80, 9, 3, 1, 2, 3)},
    {"no cluster", BGP_ACT_WITHDRAW, 5, 10, ATTRS(GOOD, 0x80, 10, 0)},
    {"half an extended community", BGP_ACT_WITHDRAW, 5, 16, ATTRS(GOOD, 0xc0, 16, 4, 0, 2, 0, 1)},
    {"connector type 2", BGP_ACT_DISCARD, 5, 20, ATTRS(GOOD, 0xc0, 20, 6, 0, 2, 1, 2, 3, 4)},
    {"pmsi tunnel 8", BGP_ACT_WITHDRAW, 5, 22, ATTRS(GOOD, 0xc0, 22, 6, 0, 8, 0, 0, 0, 1)},
    {"pmsi without its group", BGP_ACT_WITHDRAW, 5, 22,
     ATTRS(GOOD, 0xc0, 22, 9, 0, 3, 0, 0, 0, 1, 2, 3, 4)},
    {"unknown well-known", BGP_ACT_RESET, 2, 99, ATTRS(GOOD, 0x40, 99, 0)},
    {"unknown optional", BGP_ACT_NONE, 0, 0, ATTRS(GOOD, 0x80, 99, 1, 7)},
    {"twice", BGP_ACT_DISCARD, 1, 1, ATTRS(GOOD, 0x40, 1, 1, 1)},
    {"mp_reach twice", BGP_ACT_RESET, 1, 14,
     ATTRS(GOOD, 0x80, 14, 10, 0, 1, 132, 4, 192, 0, 2, 1, 0, 0)},
    {"mp_reach next hop of 12 for rtc", BGP_ACT_RESET, 9, 14,
     ATTRS(0x80, 14, 17, 0, 1, 132, 12, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1, 0)},
    {"mp_reach short", BGP_ACT_RESET, 9, 14, ATTRS(0x80, 14, 3, 0, 1, 132)},
    {"mp_unreach short", BGP_ACT_RESET, 9, 15, ATTRS(0x80, 15, 2, 0, 1)},
    {"rtc of 16 bits", BGP_ACT_RESET, 9, 15, ATTRS(0x80, 15, 6, 0, 1, 132, 16, 0, 0)},
    {"rtc of 97 bits", BGP_ACT_RESET, 9, 15,
     ATTRS(0x80, 15, 17, 0, 1, 132, 97, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)},
    {"vpnv4 of 121 bits", BGP_ACT_RESET, 9, 15,
     ATTRS(0x80, 15, 20, 0, 1, 128, 121, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)},
    {"mdt of 120 bits", BGP_ACT_RESET, 9, 15,
     ATTRS(0x80, 15, 19, 0, 1, 66, 120, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)},
    {"mvpn type 1 too long", BGP_ACT_RESET, 9, 15,
     ATTRS(0x80, 15, 18, 0, 1, 5, 1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)},
    {"runs over the end", BGP_ACT_WITHDRAW, 1, 8, ATTRS(GOOD, 0xc0, 8, 5, 0, 0, 0, 1)},
    {"two bytes left", BGP_ACT_WITHDRAW, 1, 8, ATTRS(GOOD, 0xc0, 8)},
};

static struct bgp_fault decode_attrs(const struct wrong *w, struct bgp_update *v)
{
    static uint8_t body[128];
    be_put16(body, 0);
    be_put16(body + 2, (uint16_t)w->len);
    memcpy(body + 4, w->attrs, w->len);
    return bgp_update_decode((struct bgp_slice){body, 4 + w->len}, v);
}

static void test_faults(void)
{
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        const struct wrong *w = &wrongs[i];
        struct bgp_update v;
        struct bgp_fault fault = decode_attrs(w, &v);
        bool as_told = fault.act == w->act && fault.subcode == w->subcode &&
                       fault.attribute == w->attribute &&
                       (fault.act == BGP_ACT_NONE || fault.code == BGP_ERR_UPDATE);
        if (!as_told)
            (void)fprintf(stderr, "\n%s: %s, subcode %u, attribute %u\n", w->what,
                          bgp_act_name(fault.act), fault.subcode, fault.attribute);
        CU_ASSERT_TRUE(as_told);
    }
}

/* The lengths of the body, and IPv4 routes that do not parse. */
static void test_body(void)
{
    static const struct {
        uint8_t subcode;
        size_t len;
        uint8_t body[8];
    } cases[] = {
        {1, 4, {0, 1, 0, 0}},      {1, 4, {0, 0, 0, 1}},          {1, 4, {0xff, 0xff, 0, 0}},
        {10, 5, {0, 1, 33, 0, 0}}, {10, 6, {0, 2, 24, 10, 0, 0}}, {10, 5, {0, 0, 0, 0, 33}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bgp_update v;
        struct bgp_fault fault =
            bgp_update_decode((struct bgp_slice){cases[i].body, cases[i].len}, &v);
        CU_ASSERT_EQUAL(fault.act, BGP_ACT_RESET);
        CU_ASSERT_EQUAL(fault.subcode, cases[i].subcode);
    }
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"vpnv4", test_vpnv4},
    {"end of rib", test_end_of_rib},
    {"faults", test_faults},
    {"body", test_body},
};

CU_MAIN("wire bgp_update", tests)
