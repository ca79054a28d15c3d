#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/ipv4.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_ipv4)

static struct ipv4 decode(const struct golden *g)
{
    struct rd r = rd_init(g->bytes, g->len);
    struct ipv4 v = {0};
    CU_ASSERT_EQUAL(ipv4_decode(&r, &v), WIRE_OK);
    return v;
}

static void test_fields(void)
{
    struct golden g = golden_load("ipv4/mti_pim_jp");
    struct ipv4 v = decode(&g);
    CU_ASSERT_EQUAL(v.src, IP4(192, 0, 2, 2));
    CU_ASSERT_EQUAL(v.dst, IP4(239, 232, 0, 1));
    CU_ASSERT_EQUAL(v.protocol, IPPROTO_NUM_GRE);
    CU_ASSERT_EQUAL(v.tos, IPV4_TOS_CS6);
    CU_ASSERT_EQUAL(v.ttl, 255);
    CU_ASSERT_EQUAL(v.payload_bytes, 58);
    CU_ASSERT_PTR_EQUAL(v.payload, g.bytes + 20);
    golden_free(&g);
    g = golden_load("ipv4/options");
    v = decode(&g);
    CU_ASSERT_EQUAL(v.option_bytes, 4);
    CU_ASSERT_EQUAL(v.options[0], 0x94);
    CU_ASSERT_EQUAL(v.payload_bytes, 8);
    golden_free(&g);
    g = golden_load("ipv4/fragment_last");
    v = decode(&g);
    CU_ASSERT_EQUAL(v.fragment_offset, 48);
    CU_ASSERT_FALSE(v.more_fragments);
    CU_ASSERT_EQUAL(v.id, 0x1234);
    golden_free(&g);
}

/* Ethernet padding stays behind the packet. */
static void test_padding(void)
{
    struct golden g = golden_load("ipv4/options");
    uint8_t padded[46] = {0};
    memcpy(padded, g.bytes, g.len);
    struct rd r = rd_init(padded, sizeof(padded));
    struct ipv4 v;
    CU_ASSERT_EQUAL(ipv4_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.payload_bytes, 8);
    CU_ASSERT_EQUAL(rd_left(&r), sizeof(padded) - g.len);
    golden_free(&g);
}

static void test_refused(void)
{
    struct golden g = golden_load("ipv4/mti_pim_jp");
    const struct {
        size_t at;
        uint8_t value;
        enum wire_err err;
        size_t err_pos;
    } bad[] = {
        {0, 0x65, WIRE_VERSION, 0}, {0, 0x44, WIRE_LENGTH, 0},   {3, 19, WIRE_LENGTH, 2},
        {3, 79, WIRE_SHORT, 78},    {8, 254, WIRE_CHECKSUM, 10},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t packet[78];
        memcpy(packet, g.bytes, sizeof(packet));
        packet[bad[i].at] = bad[i].value;
        struct rd r = rd_init(packet, sizeof(packet));
        struct ipv4 v;
        CU_ASSERT_EQUAL(ipv4_decode(&r, &v), bad[i].err);
        CU_ASSERT_EQUAL(r.err_pos, bad[i].err_pos);
    }
    golden_free(&g);
}

static void test_ttl(void)
{
    struct golden g = golden_load("ipv4/mti_pim_jp");
    for (unsigned ttl = 254; ttl > 0; ttl--) {
        ipv4_decrement_ttl(g.bytes);
        CU_ASSERT_EQUAL(g.bytes[8], ttl);
        CU_ASSERT_EQUAL(inet_checksum(g.bytes, IPV4_HEADER), 0);
    }
    golden_free(&g);
}

static void test_too_long(void)
{
    static uint8_t big[65536], out[70000];
    struct wr w = wr_init(out, sizeof(out));
    struct ipv4 v = {.payload = big, .payload_bytes = sizeof(big) - IPV4_HEADER};
    CU_ASSERT_EQUAL(ipv4_encode(&w, &v), WIRE_LENGTH);
    w = wr_init(out, sizeof(out));
    v.payload_bytes--;
    CU_ASSERT_EQUAL(ipv4_encode(&w, &v), WIRE_OK);
}

/* Options are padded with zeros to a multiple of four. */
static void test_option_padding(void)
{
    const uint8_t options[3] = {1, 1, 1};
    uint8_t out[24];
    struct wr w = wr_init(out, sizeof(out));
    struct ipv4 v = {.options = options, .option_bytes = sizeof(options)};
    CU_ASSERT_EQUAL(ipv4_encode(&w, &v), WIRE_OK);
    CU_ASSERT_EQUAL(w.pos, 24);
    CU_ASSERT_EQUAL(out[23], 0);
    w = wr_init(out, sizeof(out));
    v.option_bytes = 44;
    CU_ASSERT_EQUAL(ipv4_encode(&w, &v), WIRE_LENGTH);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"padding", test_padding},
    {"refused", test_refused},
    {"ttl", test_ttl},
    {"too long", test_too_long},
    {"option padding", test_option_padding},
};

CU_MAIN("wire ipv4", tests)
