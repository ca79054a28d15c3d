#include "emul/wire/bgp_open.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_bgp_open)

static struct bgp_fault decode(const struct golden *g, struct bgp_open *v)
{
    return bgp_open_decode((struct bgp_slice){g->bytes + BGP_HEADER, g->len - BGP_HEADER}, v);
}

static void test_fields(void)
{
    struct golden g = golden_load("bgp_open/route_reflector");
    struct bgp_open v;
    CU_ASSERT_EQUAL(decode(&g, &v).act, BGP_ACT_NONE);
    CU_ASSERT_EQUAL(bgp_open_as(&v), 65000);
    CU_ASSERT_EQUAL(v.hold_s, 180);
    CU_ASSERT_EQUAL(v.id, IP4(192, 0, 2, 100));
    CU_ASSERT_EQUAL(v.families, (1u << BGP_FAMILIES) - 1);
    CU_ASSERT_TRUE(v.route_refresh);
    CU_ASSERT_EQUAL(v.other_count, 0);
    golden_free(&g);
    g = golden_load("bgp_open/others");
    CU_ASSERT_EQUAL(decode(&g, &v).act, BGP_ACT_NONE);
    CU_ASSERT_EQUAL(v.as16, BGP_AS_TRANS);
    CU_ASSERT_EQUAL(bgp_open_as(&v), 100000);
    CU_ASSERT_EQUAL(v.families, 1u << BGP_IPV4);
    CU_ASSERT_EQUAL(v.other_count, 3);
    CU_ASSERT_EQUAL(v.other[0].code, BGP_CAP_MP);
    CU_ASSERT_EQUAL(v.other[2].len, 2);
    golden_free(&g);
}

/* One byte of the golden changed: the subcode of RFC 4271 6.2. */
static void test_faults(void)
{
    static const struct {
        size_t at; /* in the body */
        uint8_t byte, subcode;
    } cases[] = {
        {0, 3, 1},   /* version */
        {4, 1, 6},   /* hold time 1 */
        {4, 2, 6},   /* hold time 2 */
        {10, 1, 4},  /* an authentication parameter */
        {9, 39, 0},  /* parameters shorter than they are */
        {11, 37, 0}, /* capabilities likewise */
        {13, 5, 0},  /* a multiprotocol capability of 5 bytes */
    };
    struct bgp_open v;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct golden g = golden_load("bgp_open/route_reflector");
        g.bytes[BGP_HEADER + 3] = 0; /* hold time below 256 */
        g.bytes[BGP_HEADER + cases[i].at] = cases[i].byte;
        struct bgp_fault fault = decode(&g, &v);
        CU_ASSERT_EQUAL(fault.act, BGP_ACT_RESET);
        CU_ASSERT_EQUAL(fault.code, BGP_ERR_OPEN);
        CU_ASSERT_EQUAL(fault.subcode, cases[i].subcode);
        golden_free(&g);
    }
    struct golden g = golden_load("bgp_open/minimal");
    g.bytes[BGP_HEADER + 1] = g.bytes[BGP_HEADER + 2] = 0;
    CU_ASSERT_EQUAL(decode(&g, &v).subcode, 2);
    g.bytes[BGP_HEADER + 2] = 1;
    memset(g.bytes + BGP_HEADER + 5, 0, 4);
    CU_ASSERT_EQUAL(decode(&g, &v).subcode, 3);
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"faults", test_faults},
};

CU_MAIN("wire bgp_open", tests)
