/* Prebuilt C-packets decode through the codecs to what was asked for, checksums included. */
#include "emul/base/rng.h"
#include "emul/lab/frame_template.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/udp.h"
#include "tests/unit/cu.h"

static struct instance_spec spec_of(uint32_t mvpns, uint32_t c, bool trunk)
{
    struct instance_spec s = {.mvpns = mvpns,
                              .c_interfaces = c,
                              .remote_pes = 9,
                              .packet_bytes = 101,
                              .mtu = 1500,
                              .trunk = trunk};
    topology_default_addressing(&s.addr);
    return s;
}

static void check_inner(struct rd *r, ip4_t source, ip4_t group, const struct probe *want,
                        uint8_t ttl)
{
    struct ipv4 ip = {0};
    struct udp udp = {0};
    struct probe probe = {0};
    CU_ASSERT_EQUAL(ipv4_decode(r, &ip), WIRE_OK);
    CU_ASSERT_EQUAL(rd_left(r), 0);
    CU_ASSERT_EQUAL(ip.src, source);
    CU_ASSERT_EQUAL(ip.dst, group);
    CU_ASSERT_EQUAL(ip.ttl, ttl);
    CU_ASSERT(!ip.dont_fragment);
    CU_ASSERT_EQUAL(ip.payload_bytes, 81);
    CU_ASSERT(ip.payload[6] != 0 || ip.payload[7] != 0);
    struct rd u = rd_init(ip.payload, ip.payload_bytes);
    CU_ASSERT_EQUAL(udp_decode(&u, ip.src, ip.dst, &udp), WIRE_OK);
    CU_ASSERT_EQUAL(udp.dport, PROBE_PORT);
    struct rd p = rd_init(udp.payload, udp.payload_bytes);
    CU_ASSERT_EQUAL(probe_decode(&p, &probe), WIRE_OK);
    CU_ASSERT_EQUAL(probe.vpn, want->vpn);
    CU_ASSERT_EQUAL(probe.flow, want->flow);
    CU_ASSERT_EQUAL(probe.sequence, want->sequence);
    CU_ASSERT_EQUAL(probe.sent_ns, want->sent_ns);
}

static struct probe draw(struct rng *rng)
{
    return (struct probe){.vpn = (uint32_t)rng_next(rng),
                          .flow = (uint32_t)rng_next(rng),
                          .sequence = rng_next(rng),
                          .sent_ns = (int64_t)rng_next(rng)};
}

static void check_c(uint32_t mvpns, uint32_t c, bool trunk)
{
    static struct frame_template t;
    struct instance_spec s = spec_of(mvpns, c, trunk);
    struct rng rng = {3};
    frame_template_init(&t, &s);
    for (int n = 0; n < 2000; n++) {
        uint32_t link = (uint32_t)hash_range(rng_next(&rng), mvpns * c);
        ip4_t source = (ip4_t)rng_next(&rng), group = 0xe1000000u | (rng_next(&rng) & 0xffffff);
        struct probe want = draw(&rng);
        size_t len;
        const uint8_t *frame = frame_template_c(&t, &s, link, source, group, &want, &len);
        struct rd r = rd_init(frame, len);
        struct eth eth = {0};
        CU_ASSERT_EQUAL(eth_decode(&r, &eth), WIRE_OK);
        struct vlan_tags tags = topology_vlan(&s, link);
        CU_ASSERT_EQUAL(eth.outer_vid, tags.outer);
        CU_ASSERT_EQUAL(eth.inner_vid, tags.inner);
        CU_ASSERT(mac_equal(eth.src, topology_c_router_mac(link)));
        CU_ASSERT(mac_equal(eth.dst, mac_of_group(group)));
        check_inner(&r, source, group, &want, FRAME_SOURCE_TTL - 1);
    }
}

static void test_c(void)
{
    check_c(10, 4, true);
    check_c(1000, 10, true); /* two tags */
    check_c(3, 2, false);
}

static void test_p(void)
{
    static struct frame_template t;
    struct instance_spec s = spec_of(300, 1, true);
    struct rng rng = {5};
    frame_template_init(&t, &s);
    for (int n = 0; n < 2000; n++) {
        uint32_t v = 1 + (uint32_t)hash_range(rng_next(&rng), 300);
        ip4_t pe = (ip4_t)rng_next(&rng), source = (ip4_t)rng_next(&rng);
        struct probe want = draw(&rng);
        size_t len;
        const uint8_t *frame =
            frame_template_p(&t, topology_mdt_group(&s, v), pe, source, 0xe2000001u, &want, &len);
        struct rd r = rd_init(frame, len);
        struct eth eth = {0};
        struct ipv4 outer = {0};
        struct gre gre = {0};
        CU_ASSERT_EQUAL(eth_decode(&r, &eth), WIRE_OK);
        CU_ASSERT_EQUAL(ipv4_decode(&r, &outer), WIRE_OK);
        CU_ASSERT_EQUAL(outer.src, pe);
        CU_ASSERT_EQUAL(outer.dst, topology_mdt_group(&s, v));
        CU_ASSERT(mac_equal(eth.dst, mac_of_group(outer.dst)));
        CU_ASSERT(!outer.dont_fragment);
        struct rd g = rd_init(outer.payload, outer.payload_bytes);
        CU_ASSERT_EQUAL(gre_decode(&g, &gre), WIRE_OK);
        CU_ASSERT_EQUAL(gre.protocol, ETHERTYPE_IPV4);
        struct rd in = rd_init(gre.payload, gre.payload_bytes);
        check_inner(&in, source, 0xe2000001u, &want, FRAME_SOURCE_TTL - 2);
    }
}

static const struct cu_test tests[] = {
    {"C side: untagged, one tag, two tags", test_c},
    {"P side: GRE", test_p},
};

CU_MAIN("frame templates", tests)
