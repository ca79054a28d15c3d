#include "emul/wire/probe.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_probe)

static void test_fields(void)
{
    struct golden g = golden_load("probe/probe");
    struct rd r = rd_init(g.bytes, g.len);
    struct probe v;
    CU_ASSERT_EQUAL_FATAL(probe_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.flags, PROBE_COLOUR | PROBE_DELAY_MARK);
    CU_ASSERT_EQUAL(v.vpn, 7);
    CU_ASSERT_EQUAL(v.flow, 42);
    CU_ASSERT_EQUAL(v.sequence, 0x0102030405060708);
    CU_ASSERT_EQUAL(v.sent_ns, 1700000000123456789);
    golden_free(&g);
}

/* A later version with a longer header is read as far as we know it. */
static void test_later_version(void)
{
    struct golden g = golden_load("probe/probe");
    uint8_t longer[64] = {0};
    memcpy(longer, g.bytes, g.len);
    longer[4] = 2;
    longer[7] = 40;
    struct rd r = rd_init(longer, sizeof(longer));
    struct probe v;
    CU_ASSERT_EQUAL(probe_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(rd_left(&r), 24);
    r = rd_init(longer, 39);
    CU_ASSERT_EQUAL(probe_decode(&r, &v), WIRE_SHORT);
    longer[7] = 31;
    r = rd_init(longer, sizeof(longer));
    CU_ASSERT_EQUAL(probe_decode(&r, &v), WIRE_LENGTH);
    golden_free(&g);
}

static void test_foreign_payload(void)
{
    const uint8_t foreign[PROBE_BYTES] = "not a probe";
    struct rd r = rd_init(foreign, sizeof(foreign));
    struct probe v;
    CU_ASSERT_EQUAL(probe_decode(&r, &v), WIRE_TYPE);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"later version", test_later_version},
    {"foreign payload", test_foreign_payload},
};

CU_MAIN("wire probe", tests)
