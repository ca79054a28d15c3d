/* Finding messages in a stream, and the fault that a decoder reports. */
#include "emul/wire/be.h"
#include "emul/wire/bgp_notification.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/golden.h"

static enum bgp_framing frame(const uint8_t *bytes, size_t len, size_t *need)
{
    struct bgp_fault why;
    return bgp_frame(bytes, len, need, &why);
}

static void test_stream(void)
{
    struct golden g = golden_load("bgp_update/vpnv4");
    uint8_t stream[512];
    size_t need;
    memcpy(stream, g.bytes, g.len);
    memcpy(stream + g.len, g.bytes, g.len);
    for (size_t len = 0; len < BGP_HEADER; len++) {
        CU_ASSERT_EQUAL(frame(stream, len, &need), BGP_NEEDS_MORE);
        CU_ASSERT_EQUAL(need, BGP_HEADER);
    }
    for (size_t len = BGP_HEADER; len < g.len; len++) {
        CU_ASSERT_EQUAL(frame(stream, len, &need), BGP_NEEDS_MORE);
        CU_ASSERT_EQUAL(need, g.len);
    }
    for (size_t len = g.len; len <= 2 * g.len; len++) {
        CU_ASSERT_EQUAL(frame(stream, len, &need), BGP_WHOLE);
        CU_ASSERT_EQUAL(need, g.len);
    }
    golden_free(&g);
}

static void test_keepalive(void)
{
    struct golden g = golden_load("bgp_keepalive/keepalive");
    uint8_t out[BGP_HEADER];
    struct wr w = wr_init(out, sizeof(out));
    CU_ASSERT_EQUAL(bgp_keepalive_encode(&w), WIRE_OK);
    CU_ASSERT_EQUAL(w.pos, g.len);
    CU_ASSERT_EQUAL(memcmp(out, g.bytes, g.len), 0);
    enum bgp_type type;
    struct bgp_slice body;
    CU_ASSERT_EQUAL(bgp_message_open(g.bytes, g.len, &type, &body).act, BGP_ACT_NONE);
    CU_ASSERT_EQUAL(type, BGP_KEEPALIVE);
    CU_ASSERT_EQUAL(body.len, 0);
    golden_free(&g);
}

static void expect_broken(const uint8_t *header, uint8_t subcode, size_t data)
{
    size_t need;
    struct bgp_fault why;
    CU_ASSERT_EQUAL(bgp_frame(header, BGP_HEADER, &need, &why), BGP_BROKEN);
    CU_ASSERT_EQUAL(why.act, BGP_ACT_RESET);
    CU_ASSERT_EQUAL(why.code, BGP_ERR_HEADER);
    CU_ASSERT_EQUAL(why.subcode, subcode);
    CU_ASSERT_EQUAL(why.data.len, data);
}

/* RFC 4271 6.1, with the least and the greatest length of every type. */
static void test_broken(void)
{
    static const struct {
        uint16_t len;
        uint8_t type;
        uint8_t subcode; /* 0: good */
    } cases[] = {
        {18, 4, 2}, {0, 4, 2},  {19, 4, 0},   {20, 4, 2},   {28, 1, 2},     {29, 1, 0},
        {22, 2, 2}, {23, 2, 0}, {4096, 2, 0}, {4097, 2, 2}, {0xffff, 2, 2}, {20, 3, 2},
        {21, 3, 0}, {22, 5, 2}, {23, 5, 0},   {24, 5, 2},   {19, 0, 3},     {19, 6, 3},
    };
    uint8_t header[BGP_HEADER];
    memset(header, 0xff, sizeof(header));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t need;
        be_put16(header + 16, cases[i].len);
        header[18] = cases[i].type;
        if (cases[i].subcode != 0)
            expect_broken(header, cases[i].subcode, cases[i].subcode == 3 ? 1 : 2);
        else
            CU_ASSERT_NOT_EQUAL(frame(header, sizeof(header), &need), BGP_BROKEN);
    }
    be_put16(header + 16, 19);
    header[18] = BGP_KEEPALIVE;
    for (size_t i = 0; i < 16; i++) {
        header[i] = 0xfe;
        expect_broken(header, 1, 0);
        header[i] = 0xff;
    }
}

/* The first of the strongest faults stays, and its NOTIFICATION says it. */
static void test_fault(void)
{
    struct bgp_fault fault = {0};
    bgp_blame(&fault, (struct bgp_fault){.act = BGP_ACT_WITHDRAW, .code = 3, .subcode = 3});
    bgp_blame(&fault, (struct bgp_fault){.act = BGP_ACT_DISCARD, .code = 3, .subcode = 4});
    bgp_blame(&fault, (struct bgp_fault){.act = BGP_ACT_WITHDRAW, .code = 3, .subcode = 5});
    CU_ASSERT_EQUAL(fault.subcode, 3);
    bgp_blame(&fault, (struct bgp_fault){.act = BGP_ACT_RESET, .code = 3, .subcode = 9});
    struct bgp_notification n = bgp_notification_of(&fault);
    CU_ASSERT_EQUAL(n.code, 3);
    CU_ASSERT_EQUAL(n.subcode, 9);
}

static const struct cu_test tests[] = {
    {"stream", test_stream},
    {"keepalive", test_keepalive},
    {"broken", test_broken},
    {"fault", test_fault},
};

CU_MAIN("wire bgp", tests)
