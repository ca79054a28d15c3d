#include "emul/wire/pim_register.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_pim_register_stop)

static void test_fields(void)
{
    struct golden g = golden_load("pim_register_stop/sg");
    enum pim_type type;
    struct rd body;
    struct pim_register_stop v;
    CU_ASSERT_EQUAL_FATAL(pim_open(g.bytes, g.len, &type, &body), WIRE_OK);
    CU_ASSERT_EQUAL(type, PIM_REGISTER_STOP);
    CU_ASSERT_EQUAL(pim_register_stop_decode(&body, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.group.addr, IP4(239, 1, 1, 1));
    CU_ASSERT_EQUAL(v.group.mask_len, 32);
    CU_ASSERT_EQUAL(v.source, IP4(10, 2, 2, 2));
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
};

CU_MAIN("wire pim register stop", tests)
