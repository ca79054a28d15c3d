#include "emul/wire/arp.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_arp)

static struct arp decode(const char *name)
{
    struct golden g = golden_load(name);
    struct rd r = rd_init(g.bytes, g.len);
    struct arp v = {0};
    CU_ASSERT_EQUAL(arp_decode(&r, &v), WIRE_OK);
    golden_free(&g);
    return v;
}

static void test_fields(void)
{
    struct arp v = decode("arp/request");
    CU_ASSERT_EQUAL(v.op, ARP_REQUEST);
    CU_ASSERT_EQUAL(v.sender, IP4(10, 1, 1, 2));
    CU_ASSERT_EQUAL(v.target, IP4(10, 1, 1, 1));
    v = decode("arp/reply");
    CU_ASSERT_EQUAL(v.op, ARP_REPLY);
    CU_ASSERT_TRUE(mac_equal(v.sender_mac, (struct mac){{2, 0, 0, 0, 0, 1}}));
    CU_ASSERT_TRUE(mac_equal(v.target_mac, (struct mac){{2, 0x4d, 0x56, 0, 0, 1}}));
    v = decode("arp/gratuitous");
    CU_ASSERT_EQUAL(v.sender, v.target);
}

static void test_padding(void)
{
    struct golden g = golden_load("arp/request");
    uint8_t padded[46] = {0};
    memcpy(padded, g.bytes, g.len);
    struct rd r = rd_init(padded, sizeof(padded));
    struct arp v;
    CU_ASSERT_EQUAL(arp_decode(&r, &v), WIRE_OK);
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"padding", test_padding},
};

CU_MAIN("wire arp", tests)
