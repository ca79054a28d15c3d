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

/* Only Ethernet and IPv4, and only requests and replies. */
static void test_refused(void)
{
    const struct {
        size_t at;
        enum wire_err err;
    } bad[] = {{1, WIRE_TYPE}, {3, WIRE_TYPE}, {4, WIRE_LENGTH}, {5, WIRE_LENGTH}, {7, WIRE_TYPE}};
    struct golden g = golden_load("arp/request");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        g.bytes[bad[i].at] ^= 0x10;
        struct rd r = rd_init(g.bytes, g.len);
        struct arp v;
        CU_ASSERT_EQUAL(arp_decode(&r, &v), bad[i].err);
        g.bytes[bad[i].at] ^= 0x10;
    }
    golden_free(&g);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"padding", test_padding},
    {"refused", test_refused},
};

CU_MAIN("wire arp", tests)
