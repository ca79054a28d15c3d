/* The P router at the wire: trees joined one by one, the DF of a BIDIR link, data MDTs. */
#include "emul/node/p_router.h"
#include "emul/wire/pim_df.h"
#include "emul/wire/pim_hello.h"
#include "tests/unit/cu.h"
#include "tests/unit/node/fake_net.h"

#include <stdlib.h>

struct bench {
    struct fake_net *f;
    struct p_router *p;
    uint32_t complete, again; /* events: VPNs whose MDT is joined, single PEs that joined again */
};

static void p_nbr(void *arg, enum pim_nbr_change change)
{
    (void)arg;
    (void)change;
}

static void mdt_joined(void *arg, uint32_t v)
{
    struct bench *b = arg;
    (void)v;
    b->complete++;
}

static void mdt_source_joined(void *arg, uint32_t v, uint32_t pe)
{
    struct bench *b = arg;
    (void)v;
    (void)pe;
    b->again++;
}

static void take(struct bench *b, const uint8_t *message, size_t len)
{
    const uint8_t *inner;
    size_t inner_bytes;
    struct ipv4 packet = net_pim_multicast(b->f->net.spec.addr.dut_p_addr, message, len);
    p_router_pim(b->p, &packet, (struct mac){{2}}, &inner, &inner_bytes);
}

static void hello(struct bench *b)
{
    uint8_t message[128];
    take(b, message, net_build_hello(message, sizeof(message), 1, 0xffff));
}

static struct bench *bench_new(const struct instance_spec *s)
{
    struct bench *b = calloc(1, sizeof(*b));
    b->f = fake_net_new(s);
    b->f->net.events = (struct net_events){
        .arg = b, .p_nbr = p_nbr, .mdt_joined = mdt_joined, .mdt_source_joined = mdt_source_joined};
    b->p = p_router_new(&b->f->net);
    p_router_start(b->p);
    hello(b);
    return b;
}

static void bench_free(struct bench *b)
{
    p_router_free(b->p);
    fake_net_free(b->f);
    free(b);
}

static void join(struct bench *b, ip4_t source, ip4_t group, bool wildcard, bool joins)
{
    struct pim_jp_entry entry = {.kind = wildcard ? PIM_JP_STARG : PIM_JP_SG,
                                 .join = joins,
                                 .group = group,
                                 .source = source};
    uint8_t message[128];
    struct wr w = wr_init(message, sizeof(message));
    size_t taken;
    (void)pim_jp_encode(&w, b->f->net.spec.addr.p_router_addr, 210, &entry, 1, 1, &taken);
    take(b, message, w.pos);
}

/* 1,000 VPNs of 1,000 remote PEs: a million trees, each by itself. */
static void test_ssm_million(void)
{
    struct instance_spec s = fake_spec();
    s.mdt = MDT_SSM;
    s.mvpns = s.remote_pes = 1000;
    struct bench *b = bench_new(&s);
    const struct net *n = &b->f->net;
    struct instant now = net_now(n);
    for (uint32_t v = 1; v <= s.mvpns; v++) {
        for (uint32_t pe = 1; pe <= s.remote_pes; pe++) {
            if (v == 700 && pe == 501)
                continue;
            join(b, topology_remote_pe_addr(&s, pe), topology_mdt_group(&s, v), false, true);
        }
    }
    CU_ASSERT_EQUAL(b->complete, 999);
    CU_ASSERT_EQUAL(net_mdt_missing(n, 700, now), 501);
    CU_ASSERT(!net_mdt_joined(n, 700, now) && net_mdt_joined(n, 699, now));
    CU_ASSERT(net_mdt_reaches(n, 700, 500, now) && !net_mdt_reaches(n, 700, 501, now));
    join(b, topology_remote_pe_addr(&s, 501), topology_mdt_group(&s, 700), false, true);
    CU_ASSERT_EQUAL(b->complete, 1000);
    /* A prune ends one tree, a new join is told. */
    join(b, topology_remote_pe_addr(&s, 3), topology_mdt_group(&s, 9), false, false);
    CU_ASSERT_EQUAL(net_mdt_missing(n, 9, now), 3);
    join(b, topology_remote_pe_addr(&s, 3), topology_mdt_group(&s, 9), false, true);
    CU_ASSERT_EQUAL(b->again, 1);
    CU_ASSERT(p_router_bytes(b->p) < 20u << 20);
    /* What no SSM tree is leaves no mark. */
    join(b, s.addr.p_rp, topology_mdt_group(&s, 1), true, true);
    CU_ASSERT(!pim_ds_alive(&n->mdts, 0, now));
    bench_free(b);
}

static unsigned count_df(const struct bench *b, enum pim_df_type type)
{
    unsigned found = 0;
    for (size_t i = 0; i < b->f->count; i++) {
        const struct ipv4 *ip = &b->f->log[i].ip;
        enum pim_type t;
        uint8_t flags;
        struct rd body;
        struct pim_df m;
        found += pim_open_flags(ip->payload, ip->payload_bytes, &t, &flags, &body) == WIRE_OK &&
                 t == PIM_DF_ELECTION && pim_df_decode(flags, &body, &m) == WIRE_OK &&
                 m.type == type;
    }
    return found;
}

static bool says_bidir(const struct bench *b)
{
    for (size_t i = 0; i < b->f->count; i++) {
        const struct ipv4 *ip = &b->f->log[i].ip;
        enum pim_type t;
        struct rd body;
        struct pim_hello h;
        if (pim_open(ip->payload, ip->payload_bytes, &t, &body) == WIRE_OK && t == PIM_HELLO &&
            pim_hello_decode(&body, &h) == WIRE_OK)
            return (h.present & PIM_HAS_BIDIR) != 0;
    }
    return false;
}

static void test_bidir(void)
{
    struct instance_spec s = fake_spec();
    s.mdt = MDT_BIDIR;
    struct bench *b = bench_new(&s);
    CU_ASSERT(!p_router_df(b->p));
    join(b, s.addr.p_rp, topology_mdt_group(&s, 1), true, true);
    CU_ASSERT(!net_mdt_joined(&b->f->net, 1, net_now(&b->f->net))); /* joins are for the DF */
    CU_ASSERT(!p_router_native(b->p, 1));
    fake_net_run(b->f, 10);
    CU_ASSERT(p_router_df(b->p));
    CU_ASSERT(says_bidir(b));
    CU_ASSERT_EQUAL(count_df(b, PIM_DF_OFFER), 3);
    unsigned winners = count_df(b, PIM_DF_WINNER);
    CU_ASSERT_EQUAL(winners, 3);
    join(b, s.addr.p_rp, topology_mdt_group(&s, 1), true, true);
    CU_ASSERT(net_mdt_joined(&b->f->net, 1, net_now(&b->f->net)));
    CU_ASSERT(p_router_native(b->p, 1));
    /* The DUT asks with its infinite metric. */
    struct pim_df offer = {
        .type = PIM_DF_OFFER, .rpa = s.addr.p_rp, .preference = 0x7fffffff, .metric = 0xffffffff};
    uint8_t message[64];
    struct wr w = wr_init(message, sizeof(message));
    (void)pim_df_encode(&w, &offer);
    take(b, message, w.pos);
    fake_net_run(b->f, 2);
    CU_ASSERT_EQUAL(count_df(b, PIM_DF_WINNER), winners + 3);
    /* An election for another RPA is not ours. */
    offer.rpa++;
    w = wr_init(message, sizeof(message));
    (void)pim_df_encode(&w, &offer);
    take(b, message, w.pos);
    fake_net_run(b->f, 2);
    CU_ASSERT_EQUAL(count_df(b, PIM_DF_WINNER), winners + 3);
    p_router_carrier(b->p, false);
    CU_ASSERT(!p_router_df(b->p));
    p_router_carrier(b->p, true);
    fake_net_run(b->f, 2);
    CU_ASSERT(p_router_df(b->p));
    bench_free(b);
}

/* Data MDTs of remote PEs are joined as (the PE that sources it, group) only. */
static void test_data_mdts(void)
{
    struct instance_spec s = fake_spec();
    s.spmsi_rx = s.spmsi_rx_flows = 4;
    s.spmsi_src = s.spmsi_src_flows = 1;
    struct bench *b = bench_new(&s);
    const struct net *n = &b->f->net;
    struct instant now = net_now(n);
    for (uint32_t number = 1; number <= 4; number++) {
        ip4_t group = topology_data_mdt(&s, 2, false, number);
        uint32_t pe = n->plan.spmsi_pe[number];
        join(b, topology_remote_pe_addr(&s, 3 - pe), group, false, true);
        CU_ASSERT(!net_data_mdt_joined(n, 2, number, now));
        join(b, topology_remote_pe_addr(&s, pe), group, false, true);
        CU_ASSERT(net_data_mdt_joined(n, 2, number, now));
        CU_ASSERT(!net_data_mdt_joined(n, 1, number, now));
    }
    fake_net_run(b->f, 209);
    CU_ASSERT(net_data_mdt_joined(n, 2, 1, net_now(n)));
    fake_net_run(b->f, 2);
    CU_ASSERT(!net_data_mdt_joined(n, 2, 1, net_now(n)));
    p_router_data_join(b->p, 0, IP4(232, 9, 9, 9));
    CU_ASSERT(p_router_data_joined(b->p, 0));
    p_router_data_prune(b->p, 0);
    CU_ASSERT(!p_router_data_joined(b->p, 0));
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"SSM: a million trees", test_ssm_million},
    {"BIDIR: DF of the P link", test_bidir},
    {"data MDTs", test_data_mdts},
};

CU_MAIN("p router", tests)
