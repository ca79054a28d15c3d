/* The P instance as SSM and as BIDIR. */
#include "bench.h"
#include "tests/unit/cu.h"

static void egress(struct bench *b, ip4_t pe, unsigned expected)
{
    bench_forget(b);
    bench_data_mti(b, 1, pe, B_S_EG(1), B_G_EG(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)), expected);
}

static void ssm_joins(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_SSM};
    struct bench *b = bench_new(NULL, 2, 1);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_STARG_P), 0);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 2 * 3);
    bench_hello_p(b, 7);
    bench_run(b, 0.1);
    for (unsigned v = 1; v <= 2; v++) {
        struct pim_jp_entry first = bench_sg(true, B_MDT(v), B_REMOTE);
        struct pim_jp_entry second = bench_sg(true, B_MDT(v), B_REMOTE2);
        CU_ASSERT_EQUAL(bench_jp_seen(b, ON_P, v, 0, B_P_ROUTER, first, NULL), 1);
        CU_ASSERT_EQUAL(bench_jp_seen(b, ON_P, v, 0, B_P_ROUTER, second, NULL), 1);
    }
    bench_free(b);
}

/* Nothing leaves on the MDT before it is joined, and nothing ever in a Register. */
static void ssm_sends_when_joined(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_SSM};
    struct bench *b = bench_new(NULL, 1, 1);
    bench_run(b, 0.1);
    bench_hello_p(b, 7);
    bench_run(b, 40);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_MDT, 1, 0), 0);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, IN_REGISTER, 1, 0), 0);
    bench_jp_p(b, bench_starg(true, B_MDT(1), B_P_RP)); /* no such thing in SSM */
    bench_run(b, 2);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_MDT, 1, 0), 0);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    bench_run(b, 2);
    CU_ASSERT_TRUE(bench_hellos_seen(b, ON_MDT, 1, 0) >= 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_STARG_P), 0);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 3);
    bench_free(b);
}

static void ssm_forwards(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_SSM};
    struct bench *b = bench_start(NULL, 1, 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_run(b, 0.1);
    egress(b, B_REMOTE, 1);
    egress(b, B_REMOTE + 100, 0); /* no peer: its tree was never joined */
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_run(b, 0.1);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    bench_free(b);
}

static void ssm_limit(void)
{
    struct refpe_settings s;
    refpe_settings_default(&s);
    bench_plan = (struct bench_plan){.mdt = MDT_SSM};
    s.limits.p_mroutes = 3;
    struct bench *b = bench_new(&s, 1, 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 3);
    bench_free(b);
    s.limits.p_mroutes = 2;
    b = bench_start(&s, 1, 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 2);
    bench_hello_mti(b, 1, B_REMOTE2, 18);
    bench_run(b, 0.1);
    struct neighbour_count n;
    refpe_neighbours(b->pe, &n);
    CU_ASSERT_EQUAL(n.mi_pmsi, 1); /* the second PE cannot be heard */
    bench_free(b);
}

static unsigned offers(const struct bench *b)
{
    unsigned n = 0;
    for (size_t k = 0; k < b->count; k++) {
        enum pim_type type;
        uint8_t flags;
        struct rd body;
        struct pim_df df;
        const struct seen *s = &b->seen[k];
        if (s->where != ON_P || s->ip.protocol != IPPROTO_NUM_PIM ||
            pim_open_flags(s->ip.payload, s->ip.payload_bytes, &type, &flags, &body) != WIRE_OK ||
            type != PIM_DF_ELECTION)
            continue;
        CU_ASSERT_EQUAL(pim_df_decode(flags, &body, &df), WIRE_OK);
        CU_ASSERT_EQUAL(df.type, PIM_DF_OFFER); /* no router wins on its RPF interface */
        CU_ASSERT_EQUAL(df.rpa, B_P_RP);
        CU_ASSERT_EQUAL(df.metric, UINT32_MAX);
        CU_ASSERT_EQUAL(s->ip.ttl, 1);
        n++;
    }
    return n;
}

static void tell(struct bench *b, ip4_t src, enum pim_df_type type, uint32_t metric)
{
    struct pim_df df = {.type = type, .rpa = B_P_RP, .preference = metric, .metric = metric};
    bench_df_p(b, src, &df);
}

static bool bidir_in_hello(const struct bench *b)
{
    for (size_t k = 0; k < b->count; k++) {
        enum pim_type type;
        struct rd body;
        struct pim_hello h;
        const struct seen *s = &b->seen[k];
        if (s->where == ON_P && s->ip.protocol == IPPROTO_NUM_PIM &&
            pim_open(s->ip.payload, s->ip.payload_bytes, &type, &body) == WIRE_OK &&
            type == PIM_HELLO && pim_hello_decode(&body, &h) == WIRE_OK &&
            (h.present & PIM_HAS_BIDIR) == 0)
            return false;
    }
    return true;
}

/* Nobody answers: three Offers, then no DF and nothing on the MDT; a Winner ends that. */
static void bidir_election(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_BIDIR};
    struct bench *b = bench_new(NULL, 2, 1);
    struct pim_jp_entry join = bench_starg(true, B_MDT(1), B_P_RP);
    bench_run(b, 10);
    CU_ASSERT_EQUAL(offers(b), 3);
    CU_ASSERT_TRUE(bidir_in_hello(b));
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_MDT, 1, 0), 0);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, IN_REGISTER, 1, 0), 0);
    /* A candidate appears: elected anew; its Offer makes us wait, its Winner ends it. */
    bench_forget(b);
    bench_hello_p(b, 7);
    tell(b, B_P_ROUTER, PIM_DF_OFFER, 10);
    bench_run(b, 0.25);
    CU_ASSERT_EQUAL(offers(b), 0);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, join, NULL), 0);
    tell(b, B_P_ROUTER, PIM_DF_WINNER, 10);
    bench_run(b, 2);
    CU_ASSERT_EQUAL(offers(b), 0);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, join, NULL), 1);
    CU_ASSERT_TRUE(bench_hellos_seen(b, ON_MDT, 1, 0) >= 1);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, IN_REGISTER, 1, 0), 0);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_STARG_P), 2);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 0);
    bench_free(b);
}

static void bidir_forwards(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_BIDIR};
    struct bench *b = bench_start(NULL, 1, 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_run(b, 0.1);
    egress(b, B_REMOTE, 1);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    bench_free(b);
}

/* A Winner without a path, or for another RPA, is none; a Pass moves the joins to the new DF. */
static void bidir_df_changes(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_BIDIR};
    struct bench *b = bench_new(NULL, 1, 1);
    struct pim_jp_entry join = bench_starg(true, B_MDT(1), B_P_RP);
    struct pim_df other = {.type = PIM_DF_WINNER, .rpa = B_P_RP + 1, .preference = 1, .metric = 1};
    bench_run(b, 0.01);
    bench_hello_p(b, 7);
    bench_df_p(b, B_P_ROUTER, &other);
    tell(b, B_P_ROUTER, PIM_DF_WINNER, UINT32_MAX);
    bench_run(b, 0.05);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, join, NULL), 0);
    struct pim_df backoff = {.type = PIM_DF_BACKOFF,
                             .rpa = B_P_RP,
                             .preference = 5,
                             .metric = 5,
                             .other = B_P_ROUTER,
                             .other_preference = 1,
                             .other_metric = 1,
                             .interval_ms = 1000};
    bench_df_p(b, B_P_ROUTER - 3, &backoff);
    bench_df_p(b, B_P_ROUTER + 1, &backoff);
    bench_run(b, 0.01);
    bench_forget(b);
    bench_run(b, 0.9);
    CU_ASSERT_EQUAL(offers(b), 0); /* the hand-over is waited for */
    backoff.type = PIM_DF_PASS;
    bench_df_p(b, B_P_ROUTER + 1, &backoff);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, join, NULL), 1);
    /* Another DF takes over: it is no neighbour, so only the old one hears of it. */
    tell(b, B_P_ROUTER + 1, PIM_DF_WINNER, 1);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, bench_starg(false, B_MDT(1), B_P_RP), NULL), 1);
    bench_free(b);
}

static void bidir_df_is_lost(void)
{
    bench_plan = (struct bench_plan){.mdt = MDT_BIDIR};
    struct bench *b = bench_start(NULL, 1, 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    egress(b, B_REMOTE, 1);
    bench_hello_p_for(b, 7, 0); /* goodbye */
    bench_run(b, 2);
    CU_ASSERT_EQUAL(offers(b), 3);
    egress(b, B_REMOTE, 0);
    bench_hello_p(b, 8);
    tell(b, B_P_ROUTER, PIM_DF_WINNER, 10);
    bench_run(b, 0.1);
    egress(b, B_REMOTE, 1);
    /* The cable out and in: no DF until the next election. */
    (void)port_set_up(b->p[0], false, NULL);
    bench_run(b, 1);
    (void)port_set_up(b->p[0], true, NULL);
    bench_forget(b);
    bench_run(b, 6);
    CU_ASSERT_EQUAL(offers(b), 3);
    tell(b, B_P_ROUTER, PIM_DF_WINNER, 10);
    bench_hello_p(b, 8);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, bench_starg(true, B_MDT(1), B_P_RP), NULL), 1);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"SSM: joins towards every PE", ssm_joins},
    {"SSM: sends when joined", ssm_sends_when_joined},
    {"SSM: forwards", ssm_forwards},
    {"SSM: limit", ssm_limit},
    {"BIDIR: election", bidir_election},
    {"BIDIR: forwards", bidir_forwards},
    {"BIDIR: DF changes", bidir_df_changes},
    {"BIDIR: DF is lost", bidir_df_is_lost},
};
CU_MAIN("refpe P instance", tests)
