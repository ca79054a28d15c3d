#include "emul/wire/pim_df.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_pim_df)

static struct pim_df decode(const char *name)
{
    struct golden g = golden_load(name);
    enum pim_type type;
    uint8_t flags = 0;
    struct rd body;
    struct pim_df v = {0};
    CU_ASSERT_EQUAL(pim_open_flags(g.bytes, g.len, &type, &flags, &body), WIRE_OK);
    CU_ASSERT_EQUAL(type, PIM_DF_ELECTION);
    CU_ASSERT_EQUAL(pim_df_decode(flags, &body, &v), WIRE_OK);
    golden_free(&g);
    return v;
}

static void test_fields(void)
{
    struct pim_df v = decode("pim_df/offer");
    CU_ASSERT_EQUAL(v.type, PIM_DF_OFFER);
    CU_ASSERT_EQUAL(v.rpa, IP4(10, 9, 9, 9));
    CU_ASSERT_EQUAL(v.preference, 110);
    CU_ASSERT_EQUAL(v.metric, 20);
    v = decode("pim_df/winner");
    CU_ASSERT_EQUAL(v.type, PIM_DF_WINNER);
    v = decode("pim_df/backoff");
    CU_ASSERT_EQUAL(v.type, PIM_DF_BACKOFF);
    CU_ASSERT_EQUAL(v.other, IP4(10, 1, 1, 4));
    CU_ASSERT_EQUAL(v.other_preference, 110);
    CU_ASSERT_EQUAL(v.other_metric, 10);
    CU_ASSERT_EQUAL(v.interval_ms, 1000);
    v = decode("pim_df/pass");
    CU_ASSERT_EQUAL(v.type, PIM_DF_PASS);
    CU_ASSERT_EQUAL(v.other, IP4(10, 1, 1, 4));
    v = decode("pim_df/offer_infinite");
    CU_ASSERT_EQUAL(v.metric, UINT32_MAX);
}

/* A subtype that is none of the four is refused where it stands, and is not written. */
static void test_subtypes(void)
{
    struct golden g = golden_load("pim_df/pass");
    struct pim_df v;
    for (unsigned subtype = 0; subtype < 16; subtype++) {
        struct rd body = rd_init(g.bytes, g.len);
        (void)rd_bytes(&body, PIM_HEADER);
        enum wire_err err = pim_df_decode((uint8_t)(subtype << 4 | 5), &body, &v);
        enum wire_err want = subtype == PIM_DF_PASS                                ? WIRE_OK
                             : subtype == PIM_DF_OFFER || subtype == PIM_DF_WINNER ? WIRE_TRAILING
                             : subtype == PIM_DF_BACKOFF                           ? WIRE_SHORT
                                                                                   : WIRE_TYPE;
        CU_ASSERT_EQUAL(err, want);
    }
    uint8_t out[64];
    struct wr w = wr_init(out, sizeof(out));
    v = (struct pim_df){.type = (enum pim_df_type)5};
    CU_ASSERT_EQUAL(pim_df_encode(&w, &v), WIRE_TYPE);
    CU_ASSERT_EQUAL(w.pos, 0);
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"subtypes", test_subtypes},
};

CU_MAIN("wire pim df", tests)
