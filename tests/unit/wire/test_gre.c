#include "emul/wire/gre.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_gre)

static void test_fields(void)
{
    struct golden g = golden_load("gre/mti_pim_hello");
    struct rd r = rd_init(g.bytes, g.len);
    struct gre v;
    CU_ASSERT_EQUAL_FATAL(gre_decode(&r, &v), WIRE_OK);
    CU_ASSERT_FALSE(v.checksum_present);
    CU_ASSERT_EQUAL(v.protocol, 0x0800);
    CU_ASSERT_EQUAL(v.payload_bytes, 54);
    CU_ASSERT_EQUAL(v.payload[0], 0x45);
    golden_free(&g);
}

static void test_optional_fields(void)
{
    struct golden g = golden_load("gre/checksum");
    struct rd r = rd_init(g.bytes, g.len);
    struct gre v;
    CU_ASSERT_EQUAL(gre_decode(&r, &v), WIRE_OK);
    CU_ASSERT_TRUE(v.checksum_present);
    g.bytes[g.len - 1] ^= 1;
    r = rd_init(g.bytes, g.len);
    CU_ASSERT_EQUAL(gre_decode(&r, &v), WIRE_CHECKSUM);
    CU_ASSERT_EQUAL(r.err_pos, 4);
    golden_free(&g);
    g = golden_load("gre/lossy_key_sequence");
    r = rd_init(g.bytes, g.len);
    CU_ASSERT_EQUAL(gre_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.payload_bytes, g.len - 12);
    golden_free(&g);
}

static void test_refused(void)
{
    const uint8_t version_1[4] = {0, 1, 0x88, 0x0b}, routing[4] = {0x40, 0, 8, 0};
    struct rd r = rd_init(version_1, 4);
    struct gre v;
    CU_ASSERT_EQUAL(gre_decode(&r, &v), WIRE_VERSION);
    r = rd_init(routing, 4);
    CU_ASSERT_EQUAL(gre_decode(&r, &v), WIRE_VALUE);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"optional fields", test_optional_fields},
    {"refused", test_refused},
};

CU_MAIN("wire gre", tests)
