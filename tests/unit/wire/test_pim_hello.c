#include "emul/wire/be.h"
#include "emul/wire/pim_hello.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_pim_hello)

static enum wire_err decode(const char *name, struct pim_hello *v)
{
    struct golden g = golden_load(name);
    enum pim_type type;
    struct rd body;
    enum wire_err err = pim_open(g.bytes, g.len, &type, &body);
    if (err == WIRE_OK)
        err = pim_hello_decode(&body, v);
    golden_free(&g);
    return err;
}

static void test_fields(void)
{
    struct pim_hello v;
    CU_ASSERT_EQUAL_FATAL(decode("pim_hello/ce", &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.present, PIM_HAS_HOLDTIME | PIM_HAS_LAN_PRUNE_DELAY | PIM_HAS_DR_PRIORITY |
                                   PIM_HAS_GENID | PIM_HAS_ADDRESS_LIST);
    CU_ASSERT_EQUAL(v.holdtime_s, 105);
    CU_ASSERT_FALSE(v.t_bit);
    CU_ASSERT_EQUAL(v.propagation_delay_ms, 500);
    CU_ASSERT_EQUAL(v.override_interval_ms, 2500);
    CU_ASSERT_EQUAL(v.dr_priority, 1);
    CU_ASSERT_EQUAL(v.genid, 0x1a2b3c4d);
    CU_ASSERT_EQUAL(v.address_count, 1);
    CU_ASSERT_EQUAL(v.address[0], IP4(10, 1, 1, 3));
    CU_ASSERT_EQUAL(v.unknown_options, 0);
}

static void test_options(void)
{
    struct pim_hello v;
    CU_ASSERT_EQUAL(decode("pim_hello/goodbye", &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.holdtime_s, 0);
    CU_ASSERT_EQUAL(decode("pim_hello/bidir", &v), WIRE_OK);
    CU_ASSERT_TRUE((v.present & PIM_HAS_BIDIR) != 0);
    CU_ASSERT_EQUAL(decode("pim_hello/all_options", &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.present, 0xff);
    CU_ASSERT_EQUAL(v.holdtime_s, PIM_HOLDTIME_FOREVER);
    CU_ASSERT_TRUE(v.t_bit);
    CU_ASSERT_EQUAL(v.propagation_delay_ms, 1000);
    CU_ASSERT_EQUAL(v.dr_priority, UINT32_MAX);
    CU_ASSERT_EQUAL(v.state_refresh_version, 1);
    CU_ASSERT_EQUAL(v.state_refresh_interval_s, 5);
    CU_ASSERT_EQUAL(v.address_count, 2);
    CU_ASSERT_EQUAL(decode("pim_hello/lossy_unknown_option", &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.unknown_options, 1);
    CU_ASSERT_EQUAL(v.present, PIM_HAS_HOLDTIME | PIM_HAS_DR_PRIORITY);
}

/* A known option with a wrong length makes the message bad, at the option's offset. */
static void test_option_lengths(void)
{
    const uint8_t too_short[] = {0, 1, 0, 1, 9}, too_long[] = {0, 1, 0, 3, 0, 105, 9};
    const uint8_t cut_list[] = {0, 24, 0, 5, 1, 0, 10, 1, 1}, bidir_value[] = {0, 22, 0, 1, 7};
    struct pim_hello v;
    struct rd r = rd_init(too_short, sizeof(too_short));
    CU_ASSERT_EQUAL(pim_hello_decode(&r, &v), WIRE_LENGTH);
    CU_ASSERT_EQUAL(r.err_pos, 2);
    r = rd_init(too_long, sizeof(too_long));
    CU_ASSERT_EQUAL(pim_hello_decode(&r, &v), WIRE_TRAILING);
    CU_ASSERT_EQUAL(r.err_pos, 6);
    r = rd_init(cut_list, sizeof(cut_list));
    CU_ASSERT_EQUAL(pim_hello_decode(&r, &v), WIRE_SHORT);
    r = rd_init(bidir_value, sizeof(bidir_value));
    CU_ASSERT_EQUAL(pim_hello_decode(&r, &v), WIRE_TRAILING);
}

/* Of a list longer than we keep, the first addresses stay. */
static void test_long_address_list(void)
{
    uint8_t body[4 + 6 * 40] = {0, 24, 0, 240};
    for (size_t i = 0; i < 40; i++) {
        body[4 + 6 * i] = 1;
        be_put32(body + 6 + 6 * i, (uint32_t)i);
    }
    struct rd r = rd_init(body, sizeof(body));
    struct pim_hello v;
    CU_ASSERT_EQUAL(pim_hello_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.address_count, PIM_ADDRESS_LIST_MAX);
    CU_ASSERT_EQUAL(v.address[PIM_ADDRESS_LIST_MAX - 1], PIM_ADDRESS_LIST_MAX - 1);
}

static void test_header(void)
{
    struct golden g = golden_load("pim_hello/ce");
    enum pim_type type;
    struct rd body;
    g.bytes[0] = 0x10;
    CU_ASSERT_EQUAL(pim_open(g.bytes, g.len, &type, &body), WIRE_VERSION);
    g.bytes[0] = 0x20;
    g.bytes[9] ^= 1;
    CU_ASSERT_EQUAL(pim_open(g.bytes, g.len, &type, &body), WIRE_CHECKSUM);
    CU_ASSERT_EQUAL(body.err_pos, 2);
    CU_ASSERT_EQUAL(pim_open(g.bytes, 3, &type, &body), WIRE_SHORT);
    CU_ASSERT_STRING_EQUAL(pim_type_name(PIM_HELLO), "hello");
    CU_ASSERT_STRING_EQUAL(pim_type_name((enum pim_type)15), "unknown");
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"options", test_options},
    {"option lengths", test_option_lengths},
    {"long address list", test_long_address_list},
    {"header", test_header},
};

CU_MAIN("wire pim hello", tests)
