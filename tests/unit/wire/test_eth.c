#include "emul/wire/eth.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

CODEC_TESTS(codec_eth)

static struct eth decode(const char *name)
{
    struct golden g = golden_load(name);
    struct rd r = rd_init(g.bytes, g.len);
    struct eth v = {0};
    CU_ASSERT_EQUAL(eth_decode(&r, &v), WIRE_OK);
    golden_free(&g);
    return v;
}

static void test_fields(void)
{
    struct eth v = decode("eth/hello_untagged");
    CU_ASSERT_TRUE(mac_equal(v.dst, mac_of_group(IP4(224, 0, 0, 13))));
    CU_ASSERT_TRUE(mac_equal(v.src, (struct mac){{2, 0x4d, 0x56, 0, 0, 1}}));
    CU_ASSERT_EQUAL(v.outer_vid, 0);
    CU_ASSERT_EQUAL(v.ethertype, ETHERTYPE_IPV4);
}

static void test_tags(void)
{
    struct eth v = decode("eth/hello_vlan");
    CU_ASSERT_EQUAL(v.outer_vid, 101);
    CU_ASSERT_EQUAL(v.outer_pcp, 6);
    CU_ASSERT_EQUAL(v.inner_vid, 0);
    v = decode("eth/probe_double_vlan");
    CU_ASSERT_EQUAL(v.outer_vid, 2);
    CU_ASSERT_EQUAL(v.outer_pcp, 1);
    CU_ASSERT_EQUAL(v.inner_vid, 4001);
    CU_ASSERT_EQUAL(v.inner_pcp, 0);
    CU_ASSERT_EQUAL(v.ethertype, ETHERTYPE_IPV4);
    v = decode("eth/lossy_priority_tag");
    CU_ASSERT_EQUAL(v.outer_vid, 0);
    CU_ASSERT_EQUAL(v.ethertype, ETHERTYPE_IPV4);
}

/* Two 0x8100 tags are read as a double tag too; a third is refused. */
static void test_tag_stacks(void)
{
    uint8_t frame[26] = {[12] = 0x81, 0, 0, 5, 0x81, 0, 0, 6, 0x08, 0};
    struct rd r = rd_init(frame, sizeof(frame));
    struct eth v;
    CU_ASSERT_EQUAL(eth_decode(&r, &v), WIRE_OK);
    CU_ASSERT_EQUAL(v.outer_vid, 5);
    CU_ASSERT_EQUAL(v.inner_vid, 6);
    CU_ASSERT_EQUAL(rd_left(&r), 4);
    frame[20] = 0x88;
    frame[21] = 0xa8;
    r = rd_init(frame, sizeof(frame));
    CU_ASSERT_EQUAL(eth_decode(&r, &v), WIRE_VALUE);
    CU_ASSERT_EQUAL(r.err_pos, 20);
}

static void test_encode_refuses(void)
{
    uint8_t buf[ETH_HEADER_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(eth_encode(&w, &(struct eth){.inner_vid = 5}), WIRE_VALUE);
    w = wr_init(buf, sizeof(buf));
    CU_ASSERT_EQUAL(eth_encode(&w, &(struct eth){.outer_vid = 4096}), WIRE_VALUE);
}

static const struct cu_test tests[] = {
    CODEC_ROWS,
    {"fields", test_fields},
    {"tags", test_tags},
    {"tag stacks", test_tag_stacks},
    {"encode refuses", test_encode_refuses},
};

CU_MAIN("wire eth", tests)
