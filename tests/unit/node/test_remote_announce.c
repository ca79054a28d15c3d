/* S-PMSIs of remote PEs at the wire: who announces what, when, in how many datagrams. */
#include "emul/node/remote_announce.h"
#include "emul/wire/gre.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"
#include "tests/unit/cu.h"
#include "tests/unit/node/fake_net.h"

#include <stdlib.h>

struct seen {
    unsigned datagrams, tlvs, most; /* most TLVs in one */
    unsigned wrong;
    const struct net *net;
};

static bool good_tlv(const struct net *n, const struct ipv4 *outer, const struct mdt_join *tlv)
{
    bool by_dut;
    uint32_t v, number = topology_data_mdt_of(&n->spec, tlv->p_group, &v, &by_dut);
    uint32_t j = topology_group_of(&n->spec, tlv->c_group);
    if (number == 0 || by_dut || j == 0 || v != topology_vpn_of_mdt(&n->spec, outer->dst))
        return false;
    const struct plan_group *g = &n->plan.groups[j];
    uint32_t k = tlv->c_source - g->source_base;
    return k >= 1 && k <= n->spec.sources && plan_spmsi(&n->plan, &n->spec, v, j, k) == number &&
           outer->src == topology_remote_pe_addr(&n->spec, g->site - SITE_REMOTE);
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct seen *s = arg;
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 outer, inner;
    struct gre gre;
    struct udp udp;
    struct mdt_join tlv;
    (void)at;
    if (eth_decode(&r, &eth) != WIRE_OK || ipv4_decode(&r, &outer) != WIRE_OK)
        return;
    struct rd g = rd_init(outer.payload, outer.payload_bytes);
    CU_ASSERT_EQUAL_FATAL(gre_decode(&g, &gre), WIRE_OK);
    g = rd_init(gre.payload, gre.payload_bytes);
    CU_ASSERT_EQUAL_FATAL(ipv4_decode(&g, &inner), WIRE_OK);
    CU_ASSERT_EQUAL(inner.src, outer.src);
    CU_ASSERT_EQUAL(inner.ttl, 1);
    CU_ASSERT_EQUAL(inner.dst, IPV4_ALL_PIM_ROUTERS);
    CU_ASSERT(outer.payload_bytes + IPV4_HEADER <= s->net->spec.mtu);
    g = rd_init(inner.payload, inner.payload_bytes);
    CU_ASSERT_EQUAL_FATAL(udp_decode(&g, inner.src, inner.dst, &udp), WIRE_OK);
    CU_ASSERT_EQUAL(udp.dport, MDT_PORT);
    CU_ASSERT_EQUAL(mdt_join_check(udp.payload, udp.payload_bytes), WIRE_OK);
    unsigned here = 0;
    for (g = rd_init(udp.payload, udp.payload_bytes); mdt_join_next(&g, &tlv); here++)
        s->wrong += !good_tlv(s->net, &outer, &tlv);
    s->datagrams++;
    s->tlvs += here;
    s->most = here > s->most ? here : s->most;
}

static void test_interval(void)
{
    struct instance_spec s = fake_spec();
    s.spmsi_rx = s.spmsi_rx_flows = 4; /* two flows of each of two PEs */
    s.spmsi_delay_ns = 3 * NS_PER_S;
    struct fake_net *f = fake_net_new(&s);
    struct seen seen = {.net = &f->net};
    port_on_rx(f->a3[1], on_frame, &seen);
    struct remote_announce *a = remote_announce_new(&f->net);
    fake_net_mdt_join(f, 1);
    CU_ASSERT_EQUAL(remote_announce_since(a, 1, 1).ns, INT64_MAX);
    remote_announce_start(a);
    fake_net_run(f, 2);
    /* VPN 2's MDT is not joined: its PEs are not heard, and move their flows all the same. */
    CU_ASSERT_EQUAL(seen.datagrams, 2);
    CU_ASSERT_EQUAL(seen.tlvs, 4);
    CU_ASSERT_EQUAL(remote_announce_count(a), 8);
    CU_ASSERT(!remote_announce_moved(a, 2, 1, net_now(&f->net)));
    fake_net_run(f, 2);
    CU_ASSERT(remote_announce_moved(a, 1, 4, net_now(&f->net)));
    CU_ASSERT(remote_announce_moved(a, 2, 1, net_now(&f->net)));
    fake_net_mdt_join(f, 2);
    fake_net_run(f, 58);
    CU_ASSERT_EQUAL(seen.datagrams, 6);
    fake_net_run(f, 60);
    CU_ASSERT_EQUAL(seen.datagrams, 10);
    remote_announce_stop(a);
    CU_ASSERT_EQUAL(remote_announce_count(a), 0);
    CU_ASSERT(!remote_announce_moved(a, 1, 4, net_now(&f->net)));
    fake_net_run(f, 120);
    CU_ASSERT_EQUAL(seen.datagrams, 10);
    CU_ASSERT_EQUAL(seen.wrong, 0);
    remote_announce_free(a);
    fake_net_free(f);
}

/* 500 TLVs of one PE at 1,500 bytes: 90 a datagram, six of them. */
static void test_full_datagrams(void)
{
    struct instance_spec s = fake_spec();
    s.mvpns = s.remote_pes = 1;
    s.groups = 252;
    s.spmsi_rx = s.spmsi_rx_flows = 500;
    struct fake_net *f = fake_net_new(&s);
    struct seen seen = {.net = &f->net};
    port_on_rx(f->a3[1], on_frame, &seen);
    struct remote_announce *a = remote_announce_new(&f->net);
    fake_net_mdt_join(f, 1);
    remote_announce_start(a);
    fake_net_run(f, 2);
    CU_ASSERT_EQUAL(seen.datagrams, 6);
    CU_ASSERT_EQUAL(seen.tlvs, 500);
    CU_ASSERT_EQUAL(seen.most, 90);
    CU_ASSERT_EQUAL(seen.wrong, 0);
    remote_announce_free(a);
    fake_net_free(f);
}

static void test_none(void)
{
    struct instance_spec s = fake_spec();
    struct fake_net *f = fake_net_new(&s);
    struct remote_announce *a = remote_announce_new(&f->net);
    remote_announce_start(a);
    fake_net_run(f, 100);
    remote_announce_stop(a);
    CU_ASSERT_EQUAL(remote_announce_count(a), 0);
    CU_ASSERT_EQUAL(f->count, 0);
    remote_announce_free(a);
    fake_net_free(f);
}

static const struct cu_test tests[] = {
    {"at once and every 60 s", test_interval},
    {"as many a datagram as fit", test_full_datagrams},
    {"nothing without S-PMSIs", test_none},
};

CU_MAIN("remote announce", tests)
