#include "emul/wire/be.h"
#include "emul/wire/mdt.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_mdt)

static void test_fields(void)
{
    struct golden g = golden_load("mdt/two_tlvs");
    struct rd r = rd_init(g.bytes, g.len);
    struct mdt_join v;
    CU_ASSERT_TRUE(mdt_join_next(&r, &v));
    CU_ASSERT_EQUAL(v.c_source, IP4(10, 2, 2, 2));
    CU_ASSERT_EQUAL(v.c_group, IP4(239, 1, 1, 1));
    CU_ASSERT_EQUAL(v.p_group, IP4(232, 0, 1, 5));
    CU_ASSERT_TRUE(mdt_join_next(&r, &v));
    CU_ASSERT_EQUAL(v.c_source, IP4(10, 2, 2, 3));
    CU_ASSERT_EQUAL(v.p_group, IP4(232, 0, 1, 6));
    CU_ASSERT_FALSE(mdt_join_next(&r, &v));
    CU_ASSERT_EQUAL(r.err, WIRE_OK);
    golden_free(&g);
}

/* TLVs of other types are passed over. */
static void test_other_types(void)
{
    struct golden g = golden_load("mdt/lossy_other_types");
    struct rd r = rd_init(g.bytes, g.len);
    struct mdt_join v;
    CU_ASSERT_TRUE(mdt_join_next(&r, &v));
    CU_ASSERT_TRUE(mdt_join_next(&r, &v));
    CU_ASSERT_EQUAL(v.c_source, IP4(10, 2, 2, 3));
    CU_ASSERT_FALSE(mdt_join_next(&r, &v));
    CU_ASSERT_EQUAL(r.err, WIRE_OK);
    golden_free(&g);
}

/* A length that cannot be, above all one that would not lead on, ends the datagram. */
static void test_lengths(void)
{
    static const struct {
        uint8_t type;
        uint16_t len;
    } bad[] = {{1, 15}, {1, 17}, {1, 0}, {4, 16}, {4, 39}, {9, 0}, {9, 2}};
    uint8_t bytes[64] = {0};
    struct mdt_join v;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bytes[0] = bad[i].type;
        be_put16(bytes + 1, bad[i].len);
        struct rd r = rd_init(bytes, sizeof(bytes));
        CU_ASSERT_FALSE(mdt_join_next(&r, &v));
        CU_ASSERT_EQUAL(r.err, WIRE_LENGTH);
        CU_ASSERT_EQUAL(r.err_pos, 1);
    }
}

static void test_groups_are_multicast(void)
{
    uint8_t out[2 * MDT_JOIN_TLV_BYTES];
    struct mdt_join v = {IP4(10, 2, 2, 2), IP4(239, 1, 1, 1), IP4(10, 0, 0, 1)};
    struct wr w = wr_init(out, sizeof(out));
    CU_ASSERT_EQUAL(mdt_join_encode(&w, &v), WIRE_VALUE);
    CU_ASSERT_EQUAL(w.pos, 0);
    v.p_group = IP4(232, 0, 0, 1);
    w = wr_init(out, sizeof(out));
    CU_ASSERT_EQUAL(mdt_join_encode(&w, &v), WIRE_OK);
    out[12] = 10;
    CU_ASSERT_EQUAL(mdt_join_check(out, w.pos), WIRE_VALUE);
}

/* What does not fit is not begun: 90 TLVs fill a datagram of 1,500 - 24 - 28 bytes. */
static void test_whole_or_not(void)
{
    uint8_t out[1448];
    struct mdt_join v = {IP4(10, 2, 2, 2), IP4(239, 1, 1, 1), IP4(232, 0, 0, 1)};
    struct wr w = wr_init(out, sizeof(out));
    unsigned n = 0;
    while (mdt_join_encode(&w, &v) == WIRE_OK)
        n++;
    CU_ASSERT_EQUAL(n, 90);
    CU_ASSERT_EQUAL(w.err, WIRE_FULL);
    CU_ASSERT_EQUAL(w.pos, 90 * MDT_JOIN_TLV_BYTES);
    CU_ASSERT_EQUAL(mdt_join_check(out, w.pos), WIRE_OK);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"other types", test_other_types},
    {"lengths", test_lengths},
    {"groups are multicast", test_groups_are_multicast},
    {"whole or not", test_whole_or_not},
};

CU_MAIN("wire mdt", tests)
