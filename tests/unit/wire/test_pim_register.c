#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/pim_register.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_pim_register)

static enum wire_err decode(const struct golden *g, struct pim_register *v)
{
    enum pim_type type;
    struct rd body;
    enum wire_err err = pim_open(g->bytes, g->len, &type, &body);
    return err == WIRE_OK ? pim_register_decode(&body, v) : err;
}

static void test_fields(void)
{
    struct golden g = golden_load("pim_register/register");
    struct pim_register v;
    CU_ASSERT_EQUAL_FATAL(decode(&g, &v), WIRE_OK);
    CU_ASSERT_FALSE(v.null);
    CU_ASSERT_FALSE(v.border);
    CU_ASSERT_EQUAL(v.source, IP4(10, 2, 2, 2));
    CU_ASSERT_EQUAL(v.group, IP4(239, 1, 1, 1));
    CU_ASSERT_EQUAL(v.packet_bytes, 60);
    CU_ASSERT_PTR_EQUAL(v.packet, g.bytes + 8);
    golden_free(&g);
}

static void test_null(void)
{
    struct golden g = golden_load("pim_register/null");
    struct pim_register v;
    CU_ASSERT_EQUAL_FATAL(decode(&g, &v), WIRE_OK);
    CU_ASSERT_TRUE(v.null);
    CU_ASSERT_EQUAL(v.source, IP4(10, 2, 2, 2));
    CU_ASSERT_EQUAL(v.group, IP4(239, 1, 1, 1));
    struct rd inner = rd_init(v.packet, v.packet_bytes);
    struct ipv4 ip;
    CU_ASSERT_EQUAL(ipv4_decode(&inner, &ip), WIRE_OK);
    CU_ASSERT_EQUAL(ip.protocol, IPPROTO_NUM_PIM);
    golden_free(&g);
}

/* The checksum may cover the whole message instead of 8 bytes (RFC 7761 4.9.3); others are wrong.
 */
static void test_both_checksums(void)
{
    struct golden g = golden_load("pim_register/register");
    struct pim_register v;
    be_put16(g.bytes + 2, 0);
    be_put16(g.bytes + 2, inet_checksum(g.bytes, g.len));
    CU_ASSERT_EQUAL(decode(&g, &v), WIRE_OK);
    g.bytes[3] ^= 1;
    CU_ASSERT_EQUAL(decode(&g, &v), WIRE_CHECKSUM);
    golden_free(&g);
}

/* The message is as long as the packet in it says. */
static void test_trailing(void)
{
    struct golden g = golden_load("pim_register/register");
    struct pim_register v;
    g.bytes[8 + 3]--;
    CU_ASSERT_EQUAL(decode(&g, &v), WIRE_TRAILING);
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"null", test_null},
    {"both checksums", test_both_checksums},
    {"trailing", test_trailing},
};

CU_MAIN("wire pim register", tests)
