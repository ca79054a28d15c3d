/* DRs that register with the DUT's RP: machine, pace, ways, Register-Stops. */
#include "emul/node/register_dr.h"
#include "emul/proto/pim/register.h"
#include "emul/wire/gre.h"
#include "emul/wire/pim_register.h"
#include "tests/unit/cu.h"
#include "tests/unit/node/fake_net.h"

#include <stdlib.h>

static const struct mac dut_mac = {{2, 0, 0, 0, 0, 9}};
static const uint8_t data[] = {0x45, 0,    0,  20, 0, 0, 0,   0, 15, 17,
                               0xaf, 0xd3, 10, 2,  2, 2, 239, 1, 1,  1};

struct bench {
    struct fake_net *f;
    struct register_drs *d;
};

static struct bench bench_new(void)
{
    struct instance_spec s = fake_spec();
    s.c_rp_on_dut = true;
    struct bench b = {.f = fake_net_new(&s)};
    b.d = register_drs_new(&b.f->net);
    for (uint32_t link = 0; link < 4; link++)
        register_drs_learn(b.d, link, dut_mac);
    fake_net_mdt_join(b.f, 1);
    fake_net_mdt_join(b.f, 2);
    return b;
}

static void bench_free(struct bench *b)
{
    register_drs_free(b->d);
    fake_net_free(b->f);
}

/* A packet of the flow is due: as the lab does it. */
static bool emit(struct bench *b, uint32_t v, uint32_t j, uint32_t k)
{
    if (!register_drs_takes(b->d, v, j, k))
        return false;
    CU_ASSERT_EQUAL(register_drs_send(b->d, v, j, data, sizeof(data)), 0);
    return true;
}

/* opened decodes a logged packet as a Register; remote ones out of GRE. */
static struct pim_register opened(const struct fake_packet *p, struct ipv4 *outer)
{
    struct pim_register v = {0};
    struct rd body;
    enum pim_type type;
    *outer = p->ip;
    if (p->link == NET_P_LINK) {
        struct rd r = rd_init(p->ip.payload, p->ip.payload_bytes);
        struct gre gre;
        CU_ASSERT_EQUAL_FATAL(gre_decode(&r, &gre), WIRE_OK);
        r = rd_init(gre.payload, gre.payload_bytes);
        CU_ASSERT_EQUAL_FATAL(ipv4_decode(&r, outer), WIRE_OK);
    }
    CU_ASSERT_EQUAL(outer->protocol, IPPROTO_NUM_PIM);
    CU_ASSERT_EQUAL_FATAL(pim_open(outer->payload, outer->payload_bytes, &type, &body), WIRE_OK);
    CU_ASSERT_EQUAL(type, PIM_REGISTER);
    CU_ASSERT_EQUAL(pim_register_decode(&body, &v), WIRE_OK);
    return v;
}

static void stop(struct bench *b, uint32_t v, uint32_t link, uint32_t j, ip4_t source, ip4_t to)
{
    const struct net *n = &b->f->net;
    uint8_t bytes[64];
    struct wr w = wr_init(bytes, sizeof(bytes));
    struct pim_register_stop s = {.group = {.mask_len = 32, .addr = n->plan.groups[j].group},
                                  .source = source};
    CU_ASSERT_EQUAL(pim_register_stop_encode(&w, &s), WIRE_OK);
    struct ipv4 packet = {.ttl = 64,
                          .protocol = IPPROTO_NUM_PIM,
                          .src = n->spec.addr.dut_c_rp,
                          .dst = to,
                          .payload = bytes,
                          .payload_bytes = w.pos};
    register_drs_pim(b->d, v, link, &packet);
}

static ip4_t source_of(const struct bench *b, uint32_t j, uint32_t k)
{
    return b->f->net.plan.groups[j].source_base + k;
}

/* Registers of an ingress site go unicast over its C-link, from the C-router. */
static void test_ingress_way(void)
{
    struct bench b = bench_new();
    const struct instance_spec *s = &b.f->net.spec;
    struct ipv4 outer;
    CU_ASSERT_TRUE(emit(&b, 2, 1, 1));
    fake_net_run(b.f, 0.001);
    CU_ASSERT_EQUAL_FATAL(b.f->count, 1);
    struct pim_register reg = opened(&b.f->log[0], &outer);
    CU_ASSERT_EQUAL(b.f->log[0].link, topology_c_link_index(s, 2, 1));
    CU_ASSERT(mac_equal(b.f->log[0].eth.dst, dut_mac));
    CU_ASSERT_EQUAL(outer.src, topology_c_router_addr(s, b.f->log[0].link));
    CU_ASSERT_EQUAL(outer.dst, s->addr.dut_c_rp);
    CU_ASSERT(outer.ttl > 1);
    CU_ASSERT_FALSE(reg.null);
    CU_ASSERT_EQUAL(reg.packet_bytes, sizeof(data));
    bench_free(&b);
}

/* Those of a remote site: in GRE on the default MDT from its PE, unicast inside. */
static void test_egress_way(void)
{
    struct bench b = bench_new();
    const struct instance_spec *s = &b.f->net.spec;
    struct ipv4 outer;
    uint32_t site = topology_site_of_group(s, 4);
    CU_ASSERT_TRUE(emit(&b, 1, 4, 2));
    fake_net_run(b.f, 0.001);
    CU_ASSERT_EQUAL_FATAL(b.f->count, 1);
    (void)opened(&b.f->log[0], &outer);
    CU_ASSERT_EQUAL(b.f->log[0].ip.protocol, IPPROTO_NUM_GRE);
    CU_ASSERT_EQUAL(b.f->log[0].ip.src, topology_remote_pe_addr(s, site - SITE_REMOTE));
    CU_ASSERT_EQUAL(b.f->log[0].ip.dst, topology_mdt_group(s, 1));
    CU_ASSERT_EQUAL(outer.src, topology_site_rp(s, site));
    CU_ASSERT_EQUAL(outer.dst, s->addr.dut_c_rp);
    /* Not before the DUT has joined the tree that leads there. */
    pim_ds_down(&b.f->net.mdts, 0, net_now(&b.f->net));
    fake_net_run(b.f, 1);
    CU_ASSERT_FALSE(emit(&b, 1, 4, 2));
    bench_free(&b);
}

/* Join -> Prune on Register-Stop; a Null-Register after 25 to 85 s; stopped again; not stopped. */
static void test_machine(void)
{
    struct bench b = bench_new();
    struct register_counts c;
    struct ipv4 outer;
    ip4_t to = topology_c_router_addr(&b.f->net.spec, 0);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_NOINFO);
    CU_ASSERT_TRUE(emit(&b, 1, 1, 1));
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_JOIN);
    stop(&b, 1, 0, 1, source_of(&b, 1, 1), to);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_PRUNE);
    CU_ASSERT_FALSE(emit(&b, 1, 1, 1));
    fake_net_run(b.f, 0.1);
    b.f->count = 0;
    fake_net_run(b.f, 24.8);
    CU_ASSERT_EQUAL(b.f->count, 0);
    for (int i = 0; i < 620 && b.f->count == 0; i++)
        fake_net_run(b.f, 0.1);
    CU_ASSERT_EQUAL_FATAL(b.f->count, 1);
    struct pim_register reg = opened(&b.f->log[0], &outer);
    CU_ASSERT_TRUE(reg.null);
    CU_ASSERT_EQUAL(reg.source, source_of(&b, 1, 1));
    CU_ASSERT_EQUAL(reg.group, b.f->net.plan.groups[1].group);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_JOIN_PENDING);
    CU_ASSERT_FALSE(emit(&b, 1, 1, 1));
    stop(&b, 1, 0, 1, source_of(&b, 1, 1), to);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_PRUNE);
    for (int i = 0; i < 900 && register_drs_state(b.d, 1, 1, 1) != PIM_REG_JOIN_PENDING; i++)
        fake_net_run(b.f, 0.1);
    fake_net_run(b.f, 4.8);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_JOIN_PENDING);
    fake_net_run(b.f, 0.3);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_JOIN);
    CU_ASSERT_TRUE(emit(&b, 1, 1, 1));
    register_drs_counts(b.d, &c);
    CU_ASSERT_EQUAL(c.registers, 2);
    CU_ASSERT_EQUAL(c.null_registers, 2);
    CU_ASSERT_EQUAL(c.stops, 2);
    bench_free(&b);
}

/* 210 s after its last packet a flow has no Register state any more. */
static void test_keepalive(void)
{
    struct bench b = bench_new();
    ip4_t to = topology_c_router_addr(&b.f->net.spec, 0);
    struct register_counts c;
    CU_ASSERT_TRUE(emit(&b, 1, 1, 1));
    stop(&b, 1, 0, 1, source_of(&b, 1, 1), to);
    for (int i = 0; i < 600; i++) {
        fake_net_run(b.f, 1);
        if (register_drs_state(b.d, 1, 1, 1) == PIM_REG_JOIN_PENDING)
            stop(&b, 1, 0, 1, source_of(&b, 1, 1), to);
    }
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_NOINFO);
    register_drs_counts(b.d, &c);
    CU_ASSERT(c.null_registers >= 2 && c.null_registers <= 8);
    bench_free(&b);
}

/* 100 Registers a second a DR, Null-Registers included; DRs do not wait for one another. */
static void test_pace(void)
{
    struct bench b = bench_new();
    unsigned sent[2] = {0};
    for (int ms = 0; ms < 2000; ms++) {
        sent[0] += emit(&b, 1, 1, 1);
        sent[1] += emit(&b, 1, 4, 1);
        fake_net_run(b.f, 0.001);
    }
    for (unsigned i = 0; i < 2; i++)
        CU_ASSERT(sent[i] >= 180 && sent[i] <= 200);
    int64_t last_ns = -NS_PER_S;
    for (size_t i = 0; i < b.f->count; i++) {
        if (b.f->log[i].link == NET_P_LINK)
            continue;
        CU_ASSERT(b.f->log[i].at.ns - last_ns >= PIM_REG_GAP_NS);
        last_ns = b.f->log[i].at.ns;
    }
    bench_free(&b);
}

/* Many flows whose suppression ends at one instant: Null-Registers take turns. */
static void test_null_registers_take_turns(void)
{
    struct instance_spec s = fake_spec();
    s.c_rp_on_dut = true;
    s.mvpns = s.c_interfaces = s.receiver_c_ifs = 1;
    s.groups = s.ingress_groups = 4000;
    s.sources = 2;
    struct bench b = {.f = fake_net_new(&s)};
    b.d = register_drs_new(&b.f->net);
    ip4_t to = topology_c_router_addr(&s, 0);
    for (uint32_t j = 1; j <= 4000; j++) {
        for (uint32_t k = 1; k <= 2; k++) {
            (void)register_drs_takes(b.d, 1, j, k);
            stop(&b, 1, 0, j, source_of(&b, j, k), to);
        }
    }
    b.f->count = 0;
    fake_net_run(b.f, 60);
    /* 8,000 flows expire within 60 s: more than 100 a second from the 25th second on. */
    CU_ASSERT(b.f->count > 3300 && b.f->count <= 3500);
    for (size_t i = 1; i < b.f->count; i++)
        CU_ASSERT(b.f->log[i].at.ns - b.f->log[i - 1].at.ns >= PIM_REG_GAP_NS);
    bench_free(&b);
}

/* A Register-Stop counts where it belongs only; source 0 stands for all sources of the group. */
static void test_stops(void)
{
    struct bench b = bench_new();
    const struct instance_spec *s = &b.f->net.spec;
    struct register_counts c;
    ip4_t to = topology_c_router_addr(s, 0), remote = topology_site_rp(s, SITE_REMOTE + 1);
    for (uint32_t j = 1; j <= 4; j++) {
        for (uint32_t k = 1; k <= 2; k++)
            (void)register_drs_takes(b.d, 1, j, k);
    }
    stop(&b, 1, 1, 1, source_of(&b, 1, 1), to);                /* another link */
    stop(&b, 1, 0, 1, source_of(&b, 1, 1), to + 1);            /* to somebody else */
    stop(&b, 1, 0, 1, source_of(&b, 1, 1) + 7, to);            /* no source of ours */
    stop(&b, 1, REGISTER_MI_PMSI, 1, source_of(&b, 1, 1), to); /* over the MI-PMSI */
    stop(&b, 2, 0, 3, source_of(&b, 3, 1), remote);            /* over a C-link */
    register_drs_counts(b.d, &c);
    CU_ASSERT_EQUAL(c.stops, 0);
    stop(&b, 1, 0, 1, 0, to);
    stop(&b, 1, REGISTER_MI_PMSI, 3, source_of(&b, 3, 2), remote);
    register_drs_counts(b.d, &c);
    CU_ASSERT_EQUAL(c.stops, 3);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 1), PIM_REG_PRUNE);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 1, 2), PIM_REG_PRUNE);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 3, 2), PIM_REG_PRUNE);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 1, 3, 1), PIM_REG_JOIN);
    CU_ASSERT_EQUAL(register_drs_state(b.d, 2, 3, 1), PIM_REG_NOINFO);
    struct ipv4 foreign = {.src = s->addr.dut_c_rp + 1, .dst = to, .payload = data};
    foreign.payload_bytes = sizeof(data);
    register_drs_pim(b.d, 1, 0, &foreign); /* not the RP: nobody's fault */
    CU_ASSERT_EQUAL(b.f->net.undecodable, 0);
    struct ipv4 damaged = {.src = s->addr.dut_c_rp, .dst = to, .payload = data, .payload_bytes = 5};
    register_drs_pim(b.d, 1, 0, &damaged);
    CU_ASSERT_EQUAL(b.f->net.undecodable, 1);
    bench_free(&b);
}

/* Nothing is sent when DRs have stopped, or when the C-RP is not on the DUT. */
static void test_inactive(void)
{
    struct bench b = bench_new();
    (void)emit(&b, 1, 1, 1);
    stop(&b, 1, 0, 1, source_of(&b, 1, 1), topology_c_router_addr(&b.f->net.spec, 0));
    fake_net_run(b.f, 0.1);
    register_drs_stop(b.d);
    b.f->count = 0;
    fake_net_run(b.f, 100);
    CU_ASSERT_FALSE(register_drs_takes(b.d, 1, 2, 1));
    CU_ASSERT_EQUAL(b.f->count, 0);
    bench_free(&b);
    struct instance_spec s = fake_spec();
    b.f = fake_net_new(&s);
    b.d = register_drs_new(&b.f->net);
    register_drs_learn(b.d, 0, dut_mac);
    CU_ASSERT_FALSE(register_drs_takes(b.d, 1, 1, 1));
    CU_ASSERT(register_drs_bytes(b.d) < 256);
    bench_free(&b);
}

static const struct cu_test tests[] = {
    {"way of an ingress site", test_ingress_way},
    {"way of an egress site", test_egress_way},
    {"machine", test_machine},
    {"keepalive", test_keepalive},
    {"pace", test_pace},
    {"Null-Registers take turns", test_null_registers_take_turns},
    {"Register-Stops", test_stops},
    {"inactive", test_inactive},
};

CU_MAIN("node register DRs", tests)
