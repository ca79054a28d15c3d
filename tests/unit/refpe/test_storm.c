/*
 * Well-formed messages in random order, out of few groups, sources and PEs so that they meet, with
 * limits that are hit and links that flap: what the PE counts is what stands in its tables, and no
 * table outgrows its limit.
 */
#include "bench_spmsi.h"
#include "emul/base/rng.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/pe.h"
#include "emul/refpe/spmsi.h"
#include "emul/wire/igmp.h"
#include "tests/unit/cu.h"

#define ROUNDS 6000

static struct rng r;

static unsigned pick(unsigned n)
{
    return (unsigned)(rng_next(&r) % n);
}

static ip4_t any_group(void)
{
    return pick(2) ? B_G_EG(1 + pick(3)) : B_G_IN(1 + pick(3));
}

static ip4_t any_source(void)
{
    return pick(2) ? B_S_EG(1 + pick(2)) : B_S_IN(1 + pick(2));
}

static ip4_t any_pe(void)
{
    return pick(3) ? B_REMOTE : B_REMOTE2;
}

static struct pim_jp_entry any_entry(void)
{
    ip4_t group = any_group();
    ip4_t rp = bench_plan.rp_self ? B_RP_SELF : group >> 16 == B_G_EG(0) >> 16 ? B_RP_EG : B_RP_IN;
    return pick(2) ? bench_starg(pick(3) > 0, group, rp)
                   : bench_sg(pick(3) > 0, group, any_source());
}

static void hello(struct bench *b)
{
    uint16_t hold_s = pick(4) ? 0xffff : pick(2) ? 105 : 0;
    bench_plan.dr_priority = pick(8) == 0 ? 2 : 0;
    switch (pick(3)) {
    case 0:
        bench_hello_c(b, 1, 1 + pick(2), B_C_CE(1, 1), 1 + pick(2), hold_s);
        break;
    case 1:
        bench_hello_mti(b, 1, any_pe(), 1 + pick(2));
        break;
    default:
        bench_hello_p_for(b, 1 + pick(2), pick(4) ? 0xffff : hold_s);
        break;
    }
}

static void join_prune(struct bench *b)
{
    unsigned i = 1 + pick(2);
    if (pick(2))
        bench_jp_c(b, 1, i, B_C_CE(1, i), any_entry());
    else
        bench_jp_mti(b, 1, any_pe(), pick(3) ? B_PE_MDT : any_pe(), any_entry());
}

static void p_join_prune(struct bench *b)
{
    ip4_t group = pick(2) ? B_MDT(1) : pick(2) ? B_DATA_SRC(1, 1 + pick(3)) : B_DATA_RX(1, 1);
    bool join = pick(3) > 0;
    bench_jp_p(b, pick(4) ? bench_sg(join, group, B_PE_MDT) : bench_starg(join, group, B_P_RP));
    if (pick(4) == 0)
        bench_register_stop(b, B_MDT(1));
}

static void data(struct bench *b)
{
    if (pick(2))
        bench_data_c(b, 1, 1 + pick(2), any_source(), any_group());
    else
        bench_data_on(b, any_pe(), pick(2) ? B_MDT(1) : B_DATA_RX(1, 1 + pick(3)), any_source(),
                      any_group());
}

static void tlvs(struct bench *b)
{
    struct mdt_join tlv[3];
    for (unsigned i = 0; i < 3; i++)
        tlv[i] = (struct mdt_join){any_source(), any_group(), B_DATA_RX(1, 1 + pick(3))};
    bench_tlvs(b, 1, any_pe(), tlv, 1 + pick(3));
}

static void igmp(struct bench *b)
{
    static const uint8_t types[] = {IGMP_QUERY, IGMP_V1_REPORT, IGMP_V2_REPORT, IGMP_V2_LEAVE,
                                    IGMP_V3_REPORT};
    uint8_t list[64], sources[8], buf[128];
    struct wr s = wr_init(sources, sizeof(sources)), l = wr_init(list, sizeof(list)),
              w = wr_init(buf, sizeof(buf));
    struct igmp v = {.type = types[pick(5)],
                     .version = (uint8_t)(2 + pick(2)),
                     .max_resp_ms = 100 + pick(2000),
                     .group = pick(3) ? any_group() : 0};
    for (unsigned n = pick(3); n > 0; n--)
        wr_u32(&s, any_source());
    struct igmp_record record = {(uint8_t)(1 + pick(6)), any_group(), (uint16_t)(s.pos / 4),
                                 sources};
    if (v.type == IGMP_V3_REPORT) {
        (void)igmp_record_encode(&l, &record);
        v.count = 1;
        v.list = list;
        v.list_bytes = l.pos;
    }
    (void)igmp_encode(&w, &v);
    unsigned i = 1 + pick(2);
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_IGMP,
                      .src = pick(20) ? B_C_CE(1, i) : B_C_PE(1, i) - 1,
                      .dst = v.group != 0 ? v.group : IP4(224, 0, 0, 22),
                      .payload = buf,
                      .payload_bytes = w.pos};
    bench_send_c(b, 1, i, &ip);
}

static void registers(struct bench *b)
{
    bool null = pick(2);
    ip4_t rp = pick(8) ? B_RP_SELF : B_C_PE(1, 1);
    if (pick(2))
        bench_register_c(b, 1, 1, B_C_CE(1, 1), rp, null, any_source(), any_group());
    else
        bench_register_mti(b, 1, any_pe(), IP4(10, 65, 255, 1), null, any_source(), any_group());
}

static void df(struct bench *b)
{
    struct pim_df v = {.type = (enum pim_df_type)(1 + pick(4)),
                       .rpa = B_P_RP,
                       .preference = pick(4) ? 1 : UINT32_MAX,
                       .metric = 1,
                       .other = pick(2) ? B_P_ROUTER : B_PE_P,
                       .other_preference = pick(4) ? 1 : UINT32_MAX,
                       .other_metric = 1,
                       .interval_ms = 1000};
    bench_df_p(b, B_P_ROUTER, &v);
}

static void flap(struct bench *b)
{
    struct port *port = pick(2) ? b->c[0] : b->p[0];
    if (pick(10) > 0)
        return;
    (void)port_set_up(port, false, NULL);
    bench_run(b, pick(2) ? 1 : 200);
    (void)port_set_up(port, true, NULL);
}

/* ---- what stands in the tables ----------------------------------------------------------------
 */

static void check_mroutes(const struct refpe *pe)
{
    struct counts c = {0};
    for (uint32_t i = 0; i < pe->mroutes.used_end; i++) {
        const struct mroute *m = mroute_at(pe, i);
        if (!m->link.used)
            continue;
        bool p = m->vrf == P_INSTANCE, installed = m->status == MROUTE_INSTALLED;
        *(m->source == 0 ? p ? &c.starg_p : &c.starg_c : p ? &c.sg_p : &c.sg_c) += installed;
        uint32_t oifs = 0, refused = 0;
        for (uint32_t o = m->oifs; o != NONE; o = oif_at(pe, o)->next) {
            oifs += oif_at(pe, o)->installed;
            refused += !oif_at(pe, o)->installed;
        }
        CU_ASSERT_EQUAL(m->oif_installed, oifs);
        CU_ASSERT_EQUAL(m->oif_refused, refused);
        CU_ASSERT_TRUE(installed || m->oifs == NONE);
        CU_ASSERT_TRUE(m->downstreams != NONE || m->pinned || m->keepalive.at_ns != NEVER ||
                       m->children != NONE);
        *(p ? &c.oif_p : &c.oif_c) += oifs;
    }
    CU_ASSERT_EQUAL(pe->counts.starg_c, c.starg_c);
    CU_ASSERT_EQUAL(pe->counts.sg_c, c.sg_c);
    CU_ASSERT_EQUAL(pe->counts.oif_c, c.oif_c);
    CU_ASSERT_EQUAL(pe->counts.starg_p, c.starg_p);
    CU_ASSERT_EQUAL(pe->counts.sg_p, c.sg_p);
    CU_ASSERT_EQUAL(pe->counts.oif_p, c.oif_p);
}

static void check_spmsi(const struct refpe *pe)
{
    uint64_t known = 0, joined = 0, sourced = 0;
    for (uint32_t i = 0; i < pe->rx_mdts.used_end; i++) {
        const struct rx_mdt *d = rx_mdt_at(pe, i);
        uint32_t flows = 0, wanted = 0;
        if (!d->link.used)
            continue;
        known++;
        joined += d->mroute != NONE;
        for (uint32_t k = 0; k < pe->rx_flows.used_end; k++) {
            const struct rx_flow *f = rx_flow_at(pe, k);
            flows += f->link.used && f->mdt == i;
            wanted += f->link.used && f->mdt == i && f->wanted;
        }
        CU_ASSERT_EQUAL(d->flows, flows);
        CU_ASSERT_EQUAL(d->wanted, wanted);
        CU_ASSERT_TRUE(flows > 0 && (wanted > 0 || d->mroute == NONE));
    }
    for (size_t i = 0; i < pe->data_mdt_count; i++)
        sourced += pe->data_mdts[i].mroute != NONE;
    CU_ASSERT_EQUAL(pe->counts.spmsi_known, known);
    CU_ASSERT_EQUAL(pe->counts.spmsi_rx, joined);
    CU_ASSERT_EQUAL(pe->counts.spmsi_src, sourced);
}

static void check_limits(const struct refpe *pe)
{
    const struct counts *c = &pe->counts;
    const struct refpe_limits *l = &pe->settings.limits;
    CU_ASSERT_TRUE(c->starg_c + c->sg_c <= l->mroutes);
    CU_ASSERT_TRUE(c->oif_c <= l->oifs);
    CU_ASSERT_TRUE(c->starg_p + c->sg_p <= l->p_mroutes);
    CU_ASSERT_TRUE(c->spmsi_src <= l->spmsi_src);
    CU_ASSERT_TRUE(c->spmsi_rx <= l->spmsi_rx);
}

static void storm(uint64_t seed, struct bench_plan plan, bool tight)
{
    static void (*const doings[])(struct bench * b) = {hello, join_prune, p_join_prune, data, data,
                                                       tlvs,  igmp,       registers,    df,   flap};
    struct refpe_settings s;
    refpe_settings_default(&s);
    if (tight) {
        s.limits.mroutes = 7;
        s.limits.oifs = 9;
        s.limits.p_mroutes = 6;
        s.limits.spmsi_src = s.limits.spmsi_rx = 2;
    }
    r = (struct rng){seed};
    bench_plan = plan;
    struct bench *b = bench_start(&s, 1, 2);
    for (unsigned n = 0; n < ROUNDS; n++) {
        doings[pick(10)](b);
        bench_run(b, pick(20) ? 0.01 : pick(100));
        bench_forget(b);
        if (n % 16 == 0) {
            check_mroutes(b->pe);
            check_spmsi(b->pe);
            check_limits(b->pe);
        }
    }
    bench_run(b, 1000); /* everything but local state expires */
    check_mroutes(b->pe);
    check_spmsi(b->pe);
    CU_ASSERT_EQUAL(b->pe->counts.spmsi_known, 0);
    CU_ASSERT_EQUAL(b->pe->counts.spmsi_src, 0);
    CU_ASSERT_EQUAL(b->pe->counts.sg_c + b->pe->counts.starg_c, 0);
    refpe_down(b->pe);
    CU_ASSERT_EQUAL(b->pe->mroute_count, 0);
    bench_free(b);
}

static void asm_pim(void)
{
    storm(1, (struct bench_plan){.data_mdts = 2, .data_flows = 3}, false);
    storm(2, (struct bench_plan){.data_mdts = 2, .data_flows = 3}, true);
}

static void ssm_igmp(void)
{
    storm(3, (struct bench_plan){MDT_SSM, .igmp_version = 3, .data_mdts = 3, .data_flows = 3},
          false);
    storm(4, (struct bench_plan){MDT_SSM, .igmp_version = 2, .data_mdts = 3, .data_flows = 3},
          true);
}

static void bidir_c_rp(void)
{
    storm(5, (struct bench_plan){MDT_BIDIR, true, 3, .data_mdts = 3, .data_flows = 3}, false);
    storm(6, (struct bench_plan){MDT_BIDIR, true, .data_mdts = 3, .data_flows = 3}, true);
}

static const struct cu_test tests[] = {
    {"ASM, PIM receivers", asm_pim},
    {"SSM, IGMP receivers", ssm_igmp},
    {"BIDIR, C-RP on the PE", bidir_c_rp},
};
CU_MAIN("refpe storm", tests)
