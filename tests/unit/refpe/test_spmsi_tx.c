/* S-PMSIs that the PE sources: announced, moved, reused, refused, withdrawn, and faulty. */
#include "bench_spmsi.h"
#include "emul/refpe/spmsi.h"
#include "tests/unit/cu.h"

static struct refpe_settings s;

static struct bench *start(unsigned data_mdts, unsigned flows)
{
    bench_plan = (struct bench_plan){.data_mdts = data_mdts, .data_flows = flows};
    struct bench *b = bench_start(&s, 1, 1);
    for (unsigned n = 1; n <= flows; n++) {
        bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(n), B_RP_IN));
        bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(true, B_G_IN(n), B_S_IN(1)));
    }
    bench_run(b, 0.1);
    return b;
}

/* The P router joins (or leaves) the PE's data MDT n. */
static void p_joins(struct bench *b, unsigned n, bool join)
{
    bench_jp_p(b, bench_sg(join, B_DATA_SRC(1, n), B_PE_MDT));
    bench_run(b, 0.01);
}

static void refresh(struct bench *b, unsigned flows)
{
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    for (unsigned n = 1; n <= flows; n++) {
        bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(n), B_RP_IN));
        bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(true, B_G_IN(n), B_S_IN(1)));
    }
}

/* One packet of flow n: how many copies left on the default MDT and on data MDT d? */
static void packet(struct bench *b, unsigned n, unsigned d, unsigned on_default, unsigned on_data)
{
    bench_forget(b);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(n));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_data_on_seen(b, B_MDT(1), B_S_IN(1), B_G_IN(n)), on_default);
    CU_ASSERT_EQUAL(bench_data_on_seen(b, B_DATA_SRC(1, d), B_S_IN(1), B_G_IN(n)), on_data);
}

static unsigned tlvs(const struct bench *b, unsigned n, unsigned d)
{
    return bench_tlvs_seen(b, 1, B_S_IN(1), B_G_IN(n), B_DATA_SRC(1, d), NULL, NULL);
}

static void life(void)
{
    refpe_settings_default(&s);
    s.spmsi_delay_ms = 4321;
    struct bench *b = start(2, 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 0);
    packet(b, 1, 1, 1, 0);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 1); /* at once */
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 2); /* default and data MDT */
    p_joins(b, 1, true);
    bench_run(b, 4.321 - 0.01 - 0.01 - 0.001);
    packet(b, 1, 1, 1, 0);
    packet(b, 1, 1, 0, 1); /* 4.321 s are over */
    CU_ASSERT_EQUAL(bench_data_on_seen(b, B_DATA_SRC(1, 1), B_S_IN(1), B_G_IN(1)), 1);
    /* Told again each 60 s, from the first time on. */
    bench_forget(b);
    bench_run(b, 55);
    packet(b, 1, 1, 0, 1);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 0);
    bench_forget(b);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 1);
    bench_free(b);
}

/* What nobody on the P side joined goes nowhere; what no remote PE wants is not announced. */
static void needs_joins(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1, 1);
    packet(b, 1, 1, 1, 0);
    bench_run(b, 3);
    packet(b, 1, 1, 0, 0);
    p_joins(b, 1, true);
    packet(b, 1, 1, 0, 1);
    p_joins(b, 1, false);
    packet(b, 1, 1, 0, 0);
    bench_free(b);
    bench_plan = (struct bench_plan){.data_mdts = 1, .data_flows = 1};
    b = bench_start(&s, 1, 2);
    bench_jp_c(b, 1, 2, B_C_CE(1, 2), bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_jp_c(b, 1, 2, B_C_CE(1, 2), bench_sg(true, B_G_IN(1), B_S_IN(1)));
    bench_run(b, 0.1);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 0);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 0);
    bench_free(b);
}

/* 200 flows that start at one instant share datagrams: 90 TLVs fit one (PROTOCOLS 3.5). */
static void datagrams(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(200, 200);
    bench_forget(b);
    for (unsigned n = 1; n <= 200; n++)
        bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(n));
    bench_run(b, 0.1);
    unsigned count = 0, all = 0;
    for (unsigned n = 1; n <= 200; n++)
        all += bench_tlvs_seen(b, 1, B_S_IN(1), B_G_IN(n), B_DATA_SRC(1, n), NULL, &count);
    CU_ASSERT_EQUAL(all, 200);
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 200);
    bench_free(b);
}

static void reuse(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(2, 3);
    for (unsigned n = 1; n <= 3; n++)
        packet(b, n, (n - 1) % 2 + 1, 1, 0);
    CU_ASSERT_EQUAL(tlvs(b, 3, 1), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 2);
    p_joins(b, 1, true);
    bench_run(b, 3.1);
    packet(b, 1, 1, 0, 1);
    packet(b, 3, 1, 0, 1);
    /* One of the two leaves it; the other keeps it. */
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(false, B_G_IN(1), B_S_IN(1)));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(false, B_G_IN(1), B_RP_IN));
    bench_run(b, 50);
    packet(b, 3, 1, 0, 1);
    bench_run(b, 12);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 1);
    packet(b, 3, 1, 0, 1);
    bench_free(b);
    s.spmsi_reuse = false;
    b = start(2, 3);
    packet(b, 3, 1, 1, 0);
    CU_ASSERT_EQUAL(tlvs(b, 3, 1), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 0);
    bench_run(b, 4);
    packet(b, 3, 1, 1, 0);
    bench_free(b);
}

/* At the limit all works; the flow beyond it is sent nowhere, until there is room. */
static void limit(void)
{
    refpe_settings_default(&s);
    s.limits.spmsi_src = 2;
    struct bench *b = start(3, 3);
    for (unsigned n = 1; n <= 3; n++)
        packet(b, n, n, n <= 2, 0);
    CU_ASSERT_EQUAL(tlvs(b, 3, 3), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 2);
    p_joins(b, 1, true);
    bench_run(b, 4);
    packet(b, 1, 1, 0, 1);
    packet(b, 3, 3, 0, 0);
    /* The first flow's receivers leave; after the hold-down the third gets the place. */
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(false, B_G_IN(1), B_S_IN(1)));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(false, B_G_IN(1), B_RP_IN));
    bench_run(b, 50);
    packet(b, 3, 3, 0, 0);
    packet(b, 2, 2, 0, 0); /* goes on, joined by nobody */
    bench_run(b, 11);
    packet(b, 3, 3, 1, 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 2);
    bench_free(b);
}

/* A refused flow is like any other again when nobody wants it any more. */
static void refused_and_left(void)
{
    refpe_settings_default(&s);
    s.limits.spmsi_src = 0;
    struct bench *b = start(1, 1);
    packet(b, 1, 1, 0, 0);
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(false, B_G_IN(1), B_S_IN(1)));
    bench_run(b, 1);
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(true, B_G_IN(1), B_S_IN(1)));
    bench_run(b, 1);
    packet(b, 1, 1, 0, 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 0);
    bench_free(b);
}

/* What does not fit with the outer headers goes in fragments, on the data MDT too. */
static void too_big(void)
{
    static uint8_t payload[1460];
    struct ipv4 ip = {.ttl = 16,
                      .protocol = IPPROTO_NUM_UDP,
                      .src = B_S_IN(1),
                      .dst = B_G_IN(1),
                      .payload = payload,
                      .payload_bytes = sizeof(payload)};
    refpe_settings_default(&s);
    struct bench *b = start(1, 1);
    packet(b, 1, 1, 1, 0);
    p_joins(b, 1, true);
    bench_run(b, 3.1);
    bench_forget(b);
    bench_send_c(b, 1, 1, &ip);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_on_seen(b, B_DATA_SRC(1, 1), B_S_IN(1), B_G_IN(1)), 2);
    ip.dont_fragment = true;
    bench_send_c(b, 1, 1, &ip);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_on_seen(b, B_DATA_SRC(1, 1), B_S_IN(1), B_G_IN(1)), 2);
    bench_free(b);
}

static void p_limit(void)
{
    refpe_settings_default(&s);
    s.limits.p_mroutes = 3; /* (*,MDT), (PE,MDT) and one data MDT */
    struct bench *b = start(2, 2);
    packet(b, 1, 1, 1, 0);
    packet(b, 2, 2, 0, 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P) + bench_p_metric(b, NUM_STARG_P), 3);
    bench_free(b);
}

/* Receivers leave: it stays until 60 s after the switch, then goes back to the default MDT. */
static void hold_down(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1, 1);
    packet(b, 1, 1, 1, 0);
    p_joins(b, 1, true);
    bench_run(b, 3.5);
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(false, B_G_IN(1), B_S_IN(1)));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(false, B_G_IN(1), B_RP_IN));
    bench_run(b, 20);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 1);
    /* They come back in time: still on the data MDT, which was never given up. */
    refresh(b, 1);
    bench_run(b, 0.1);
    packet(b, 1, 1, 0, 1);
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(false, B_G_IN(1), B_S_IN(1)));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(false, B_G_IN(1), B_RP_IN));
    bench_run(b, 38);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 1);
    bench_run(b, 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 0);
    p_joins(b, 1, false);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 1);
    bench_forget(b);
    bench_run(b, 61);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 0);
    refresh(b, 1);
    bench_run(b, 0.1);
    packet(b, 1, 1, 1, 0); /* a new round */
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 1);
    bench_free(b);
}

/* A source that is silent for 60 s gives its data MDT back. */
static void silent_source(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1, 1);
    packet(b, 1, 1, 1, 0);
    bench_run(b, 40);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 59.9);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 1);
    bench_run(b, 0.2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 0);
    bench_free(b);
}

static void faults(void)
{
    refpe_settings_default(&s);
    s.faults.spmsi_announce_only = 1;
    s.faults.spmsi_silent = 2;
    s.faults.spmsi_both = 3;
    struct bench *b = start(4, 4);
    for (unsigned n = 1; n <= 4; n++) {
        packet(b, n, n, 1, 0);
        CU_ASSERT_EQUAL(tlvs(b, n, n), n != 2);
        if (n != 2)
            p_joins(b, n, true);
    }
    bench_run(b, 4);
    packet(b, 1, 1, 1, 0); /* announced, never moved */
    packet(b, 2, 2, 0, 1); /* moved, never announced (nor joined) */
    packet(b, 3, 3, 1, 1); /* on both */
    packet(b, 4, 4, 0, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SPMSI_SRC), 4);
    bench_forget(b);
    bench_run(b, 60);
    CU_ASSERT_EQUAL(tlvs(b, 2, 2), 0);
    bench_free(b);
}

/* The P link goes and comes: told again as soon as the MTI leads somewhere. */
static void outage(void)
{
    refpe_settings_default(&s);
    struct bench *b = start(1, 1);
    packet(b, 1, 1, 1, 0);
    p_joins(b, 1, true);
    bench_run(b, 3.5);
    (void)port_set_up(b->p[0], false, NULL);
    bench_run(b, 1);
    (void)port_set_up(b->p[0], true, NULL);
    bench_forget(b);
    bench_run(b, 5.1);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 0);
    bench_hello_p(b, 7);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    bench_run(b, 1.1);
    CU_ASSERT_EQUAL(tlvs(b, 1, 1), 1);
    packet(b, 1, 1, 0, 0);
    p_joins(b, 1, true);
    packet(b, 1, 1, 0, 1);
    bench_free(b);
}

static void wrong_order(void)
{
    refpe_settings_default(&s);
    bench_plan = (struct bench_plan){0};
    struct bench *b = bench_new(&s, 1, 1);
    CU_ASSERT_EQUAL(refpe_data_mdt_flow(b->pe, 1, B_S_IN(1), B_G_IN(1)), -1);
    CU_ASSERT_EQUAL(refpe_data_mdt_pool(b->pe, 2, B_DATA_SRC(2, 1), 1), -1);
    CU_ASSERT_EQUAL(refpe_data_mdt_pool(b->pe, 1, B_DATA_SRC(1, 1), 1), 0);
    CU_ASSERT_EQUAL(refpe_data_mdt_pool(b->pe, 1, B_DATA_SRC(1, 1), 1), -1);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"announced, moved after the delay", life},
    {"needs joins", needs_joins},
    {"many TLVs a datagram", datagrams},
    {"reuse", reuse},
    {"limit", limit},
    {"refused and left", refused_and_left},
    {"too big", too_big},
    {"limit of the P instance", p_limit},
    {"hold-down and withdrawal", hold_down},
    {"silent source", silent_source},
    {"faults", faults},
    {"P link flap", outage},
    {"wrong order", wrong_order},
};
CU_MAIN("refpe S-PMSIs sourced", tests)
