#include "emul/wire/pim_assert.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_pim_assert)

static struct pim_assert decode(const char *name)
{
    struct golden g = golden_load(name);
    enum pim_type type;
    struct rd body;
    struct pim_assert v = {0};
    CU_ASSERT_EQUAL(pim_open(g.bytes, g.len, &type, &body), WIRE_OK);
    CU_ASSERT_EQUAL(type, PIM_ASSERT);
    CU_ASSERT_EQUAL(pim_assert_decode(&body, &v), WIRE_OK);
    golden_free(&g);
    return v;
}

static void test_fields(void)
{
    struct pim_assert v = decode("pim_assert/sg");
    CU_ASSERT_EQUAL(v.group.addr, IP4(239, 1, 1, 1));
    CU_ASSERT_EQUAL(v.source, IP4(10, 2, 2, 2));
    CU_ASSERT_FALSE(v.rpt);
    CU_ASSERT_EQUAL(v.preference, 110);
    CU_ASSERT_EQUAL(v.metric, 20);
    v = decode("pim_assert/starg");
    CU_ASSERT_EQUAL(v.source, 0);
    CU_ASSERT_TRUE(v.rpt);
    CU_ASSERT_EQUAL(v.preference, 110);
}

/* Addresses of another family or encoding, and masks that cannot be, are refused in place. */
static void test_bad_addresses(void)
{
    struct golden g = golden_load("pim_assert/sg");
    struct pim_assert v;
    const struct {
        size_t at;
        uint8_t value;
    } bad[] = {{4, 2}, {5, 1}, {7, 33}, {12, 2}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t message[26];
        memcpy(message, g.bytes, sizeof(message));
        message[bad[i].at] = bad[i].value;
        struct rd body = rd_init(message, sizeof(message));
        (void)rd_bytes(&body, PIM_HEADER);
        CU_ASSERT_EQUAL(pim_assert_decode(&body, &v), WIRE_VALUE);
    }
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"bad addresses", test_bad_addresses},
};

CU_MAIN("wire pim assert", tests)
