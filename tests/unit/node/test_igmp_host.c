/* Receivers as IGMP hosts: what they put on the wire, and what they take from it. */
#include "emul/node/igmp_host.h"
#include "tests/unit/cu.h"
#include "tests/unit/node/fake_net.h"

#include <string.h>

static struct igmp igmp_of(const struct fake_packet *p)
{
    struct igmp v = {0};
    struct rd r = rd_init(p->ip.payload, p->ip.payload_bytes);
    CU_ASSERT_EQUAL(igmp_decode(&r, &v), WIRE_OK);
    return v;
}

static void check_header(const struct fake_net *f, const struct fake_packet *p)
{
    static const uint8_t alert[4] = {0x94, 0x04, 0, 0};
    struct igmp v = igmp_of(p);
    CU_ASSERT_EQUAL(p->ip.protocol, IPPROTO_NUM_IGMP);
    CU_ASSERT_EQUAL(p->ip.ttl, 1);
    CU_ASSERT_EQUAL(p->ip.tos, v.type == IGMP_V3_REPORT ? 0xc0 : 0);
    CU_ASSERT_EQUAL_FATAL(p->ip.option_bytes, 4);
    CU_ASSERT_EQUAL(memcmp(p->ip.options, alert, 4), 0);
    CU_ASSERT_EQUAL(p->ip.src, topology_c_router_addr(&f->net.spec, p->link));
    CU_ASSERT(mac_equal(p->eth.dst, mac_of_group(p->ip.dst)));
    CU_ASSERT(mac_equal(p->eth.src, topology_c_router_mac(p->link)));
    if (v.type == IGMP_V2_REPORT)
        CU_ASSERT_EQUAL(p->ip.dst, v.group);
    if (v.type == IGMP_V2_LEAVE)
        CU_ASSERT_EQUAL(p->ip.dst, IP4(224, 0, 0, 2));
    if (v.type == IGMP_V3_REPORT)
        CU_ASSERT_EQUAL(p->ip.dst, IP4(224, 0, 0, 22));
}

static void query(struct fake_net *f, struct igmp_receivers *r, uint32_t link, ip4_t from, ip4_t to,
                  uint8_t version, ip4_t group)
{
    uint8_t bytes[64];
    struct wr w = wr_init(bytes, sizeof(bytes));
    struct igmp q = {.type = IGMP_QUERY,
                     .version = version,
                     .max_resp_ms = 1000,
                     .group = group,
                     .robustness = 2,
                     .query_interval_s = 125};
    CU_ASSERT_EQUAL(igmp_encode(&w, &q), WIRE_OK);
    struct ipv4 packet = {.ttl = 1,
                          .protocol = IPPROTO_NUM_IGMP,
                          .src = from,
                          .dst = to,
                          .payload = bytes,
                          .payload_bytes = w.pos};
    (void)f;
    igmp_receivers_packet(r, link, &packet);
}

/* Each host is a member of what the plan says: ingress groups of other sites, all egress groups. */
static void test_memberships(void)
{
    struct instance_spec s = fake_spec();
    s.igmp_version = 2;
    struct fake_net *f = fake_net_new(&s);
    struct igmp_receivers *r = igmp_receivers_new(&f->net);
    unsigned seen[4][5] = {{0}};
    struct igmp_counts c;
    CU_ASSERT_EQUAL(igmp_receivers_interfaces(r), 4);
    igmp_receivers_join(r);
    fake_net_run(f, 30);
    for (size_t i = 0; i < f->count; i++) {
        check_header(f, &f->log[i]);
        struct igmp v = igmp_of(&f->log[i]);
        CU_ASSERT_EQUAL(v.type, IGMP_V2_REPORT);
        seen[f->log[i].link][topology_group_of(&s, v.group)]++;
    }
    for (uint32_t link = 0; link < 4; link++) {
        uint32_t i = link % 2 + 1;
        for (uint32_t j = 1; j <= 4; j++) {
            bool own = topology_is_ingress(&s, j) && topology_site_of_group(&s, j) == i;
            CU_ASSERT_EQUAL(seen[link][j], own ? 0 : 2);
        }
    }
    igmp_receivers_counts(r, &c);
    CU_ASSERT_EQUAL(c.joined, 12);
    CU_ASSERT_EQUAL(c.unrefreshed, 0);
    f->count = 0;
    igmp_receivers_leave(r);
    fake_net_run(f, 2);
    CU_ASSERT_EQUAL(f->count, 12);
    for (size_t i = 0; i < f->count; i++)
        check_header(f, &f->log[i]);
    igmp_receivers_free(r);
    fake_net_free(f);
}

/* Queries count if the DUT sends them to where they belong. */
static void test_queries(void)
{
    struct instance_spec s = fake_spec();
    s.igmp_version = 3;
    struct fake_net *f = fake_net_new(&s);
    struct igmp_receivers *r = igmp_receivers_new(&f->net);
    ip4_t dut = topology_dut_c_addr(&s, 1), all = IP4(224, 0, 0, 1);
    igmp_receivers_join(r);
    fake_net_run(f, 30);
    f->count = 0;
    query(f, r, 1, dut + 1, all, 3, 0);               /* not the DUT's */
    query(f, r, 1, dut, topology_group(&s, 1), 3, 0); /* not to all hosts */
    query(f, r, 1, dut, topology_group(&s, 2), 3, topology_group(&s, 1));
    fake_net_run(f, 5);
    CU_ASSERT_EQUAL(f->count, 0);
    query(f, r, 1, dut, topology_group(&s, 1), 3, topology_group(&s, 1));
    fake_net_run(f, 5);
    CU_ASSERT_EQUAL_FATAL(f->count, 1);
    CU_ASSERT_EQUAL(f->log[0].link, 1);
    CU_ASSERT_EQUAL(igmp_of(&f->log[0]).count, 1);
    check_header(f, &f->log[0]);
    query(f, r, 1, dut, all, 3, 0);
    fake_net_run(f, 5);
    CU_ASSERT_EQUAL_FATAL(f->count, 2);
    CU_ASSERT_EQUAL(igmp_of(&f->log[1]).count, 3);
    igmp_receivers_free(r);
    fake_net_free(f);
}

/* A pulled cable: nothing is sent, and with the cable back everything is reported anew. */
static void test_carrier(void)
{
    struct instance_spec s = fake_spec();
    s.igmp_version = 3;
    struct fake_net *f = fake_net_new(&s);
    struct igmp_receivers *r = igmp_receivers_new(&f->net);
    igmp_receivers_join(r);
    fake_net_run(f, 30);
    f->count = 0;
    igmp_receivers_carrier(r, 2, false);
    fake_net_run(f, 30);
    CU_ASSERT_EQUAL(f->count, 0);
    igmp_receivers_carrier(r, 2, true);
    fake_net_run(f, 30);
    CU_ASSERT(f->count >= 2);
    for (size_t i = 0; i < f->count; i++)
        CU_ASSERT_EQUAL(f->log[i].link, 2);
    igmp_receivers_free(r);
    fake_net_free(f);
}

/* Without IGMP receivers nothing is there, and damage is counted only with them. */
static void test_none(void)
{
    static const uint8_t damaged[8] = {0x11, 0, 1, 2}, unknown[8] = {0x13, 0, 0xec, 0xff};
    struct ipv4 packet = {.payload = damaged, .payload_bytes = 8};
    for (uint8_t version = 0; version <= 2; version = (uint8_t)(version + 2)) {
        struct instance_spec s = fake_spec();
        s.igmp_version = version;
        struct fake_net *f = fake_net_new(&s);
        struct igmp_receivers *r = igmp_receivers_new(&f->net);
        packet.payload = damaged;
        igmp_receivers_packet(r, 0, &packet);
        packet.payload = unknown;
        igmp_receivers_packet(r, 0, &packet);
        CU_ASSERT_EQUAL(f->net.undecodable, version == 0 ? 0 : 1);
        if (version == 0) {
            igmp_receivers_join(r);
            fake_net_run(f, 10);
            igmp_receivers_leave(r);
            igmp_receivers_carrier(r, 0, false);
            CU_ASSERT_EQUAL(f->count, 0);
            CU_ASSERT_EQUAL(igmp_receivers_interfaces(r), 0);
        }
        igmp_receivers_free(r);
        fake_net_free(f);
    }
}

static const struct cu_test tests[] = {
    {"memberships", test_memberships},
    {"queries", test_queries},
    {"carrier", test_carrier},
    {"no receivers, damage", test_none},
};

CU_MAIN("node igmp hosts", tests)
