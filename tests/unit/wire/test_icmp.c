#include "emul/wire/icmp.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_icmp)

static void test_fields(void)
{
    struct golden g = golden_load("icmp/request");
    struct rd r = rd_init(g.bytes, g.len);
    struct icmp_echo v;
    CU_ASSERT_EQUAL_FATAL(icmp_echo_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.type, ICMP_ECHO_REQUEST);
    CU_ASSERT_EQUAL(v.id, 0x1234);
    CU_ASSERT_EQUAL(v.sequence, 1);
    CU_ASSERT_EQUAL(v.data_bytes, 56);
    CU_ASSERT_EQUAL(v.data[55], 55);
    golden_free(&g);
}

static void test_other_types(void)
{
    const uint8_t unreachable[8] = {3, 1, 0xfc, 0xfe};
    struct rd r = rd_init(unreachable, sizeof(unreachable));
    struct icmp_echo v;
    CU_ASSERT_EQUAL(icmp_echo_decode(&r, &v), WIRE_TYPE);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"other types", test_other_types},
};

CU_MAIN("wire icmp", tests)
