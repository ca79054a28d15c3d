#include "emul/wire/udp.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_udp)

#define SRC IP4(10, 2, 2, 2)
#define DST IP4(239, 1, 1, 1)

static void test_fields(void)
{
    struct golden g = golden_load("udp/data");
    struct rd r = rd_init(g.bytes, g.len);
    struct udp v;
    CU_ASSERT_EQUAL_FATAL(udp_decode(&r, SRC, DST, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.sport, 5000);
    CU_ASSERT_EQUAL(v.dport, 5000);
    CU_ASSERT_EQUAL(v.payload_bytes, 32);
    CU_ASSERT_EQUAL(v.payload[0], 0x55);
    golden_free(&g);
}

/* The pseudo-header is part of it: other addresses make the checksum wrong; 0 means none. */
static void test_checksum(void)
{
    struct golden g = golden_load("udp/data");
    struct rd r = rd_init(g.bytes, g.len);
    struct udp v;
    CU_ASSERT_EQUAL(udp_decode(&r, SRC + 1, DST, &v), WIRE_CHECKSUM);
    CU_ASSERT_EQUAL(r.err_pos, 6);
    g.bytes[6] = g.bytes[7] = 0;
    r = rd_init(g.bytes, g.len);
    CU_ASSERT_EQUAL(udp_decode(&r, SRC + 1, DST, &v), WIRE_OK);
    golden_free(&g);
}

static void test_length(void)
{
    const uint8_t short_length[8] = {0, 1, 0, 2, 0, 7, 0, 0};
    struct rd r = rd_init(short_length, sizeof(short_length));
    struct udp v;
    CU_ASSERT_EQUAL(udp_decode(&r, SRC, DST, &v), WIRE_LENGTH);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"checksum", test_checksum},
    {"length", test_length},
};

CU_MAIN("wire udp", tests)
