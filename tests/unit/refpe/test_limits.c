/* Each limit at N (all works) and N + 1 (the last is refused and its flow not forwarded). */
#include "bench.h"
#include "tests/unit/cu.h"

static struct refpe_settings s;

static unsigned egress_works(struct bench *b, unsigned v, unsigned i, unsigned flow)
{
    bench_forget(b);
    bench_data_mti(b, v, B_REMOTE, B_S_EG(1), B_G_EG(flow));
    bench_run(b, 0.1);
    return bench_data_seen(b, ON_C, v, i, B_S_EG(1), B_G_EG(flow));
}

static void join(struct bench *b, unsigned v, unsigned i, unsigned flow, bool sg)
{
    bench_jp_c(b, v, i, B_C_CE(v, i), bench_starg(true, B_G_EG(flow), B_RP_EG));
    if (sg)
        bench_jp_c(b, v, i, B_C_CE(v, i), bench_sg(true, B_G_EG(flow), B_S_EG(1)));
    bench_run(b, 0.1);
}

static void mvpns(void)
{
    refpe_settings_default(&s);
    s.limits.mvpns = 2;
    struct bench *b = bench_start(&s, 2, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_MVPN), 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 4);
    bench_free(b);
    b = bench_start(&s, 3, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_MVPN), 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 4);
    join(b, 3, 1, 1, false);
    CU_ASSERT_EQUAL(egress_works(b, 3, 1, 1), 0);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_STARG_P), 2);
    bench_free(b);
}

static void c_interfaces(void)
{
    refpe_settings_default(&s);
    s.limits.c_interfaces = 3;
    struct bench *b = bench_start(&s, 2, 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_MC_C_INTS), 3);
    bench_run(b, 31);
    CU_ASSERT_TRUE(bench_hellos_seen(b, ON_C, 2, 1) >= 1);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 2, 2), 0);
    bench_arp_c(b, 2, 2, B_C_PE(2, 2));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(b->arp_replies, 0);
    bench_free(b);
}

static void neighbours(void)
{
    refpe_settings_default(&s);
    s.limits.neighbours = 3;
    struct bench *b = bench_start(&s, 1, 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 3);
    bench_hello_mti(b, 1, B_REMOTE2, 18);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 3);
    bench_jp_mti(b, 1, B_REMOTE2, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    /* Room appears: the next Hello finds it. */
    bench_hello_c(b, 1, 2, B_C_CE(1, 2), 102, 0);
    bench_hello_mti(b, 1, B_REMOTE2, 18);
    bench_run(b, 0.1);
    struct neighbour_count n;
    refpe_neighbours(b->pe, &n);
    CU_ASSERT_EQUAL(n.c_interface, 1);
    CU_ASSERT_EQUAL(n.mi_pmsi, 2);
    bench_free(b);
}

static void mroutes(void)
{
    refpe_settings_default(&s);
    s.limits.mroutes = 3;
    struct bench *b = bench_start(&s, 1, 1);
    join(b, 1, 1, 1, true);
    join(b, 1, 1, 2, false);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 2), 1);
    /* The fourth is an (S,G): its flow stops, although the (*,G) would have it. */
    join(b, 1, 1, 2, true);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 2), 0);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 1), 1);
    /* Room appears, and the next refresh is accepted. */
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(false, B_G_EG(1), B_S_EG(1)));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 2), 0);
    join(b, 1, 1, 2, true);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 2), 1);
    bench_free(b);
}

static void oifs(void)
{
    refpe_settings_default(&s);
    s.limits.oifs = 3;
    struct bench *b = bench_start(&s, 1, 2);
    join(b, 1, 1, 1, true);  /* 2 OIFs */
    join(b, 1, 2, 1, false); /* (*,G) gets the third, the inherited one of the (S,G) is refused */
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 3);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_EG(1), B_G_EG(1)), 0);
    join(b, 1, 2, 1, true);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 3);
    /* The first receiver leaves: the second gets its place at its next Join. */
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(false, B_G_EG(1), B_S_EG(1)));
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_run(b, 0.1);
    join(b, 1, 2, 1, true);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 2);
    CU_ASSERT_EQUAL(egress_works(b, 1, 2, 1), 1);
    bench_free(b);
}

static void oif_refused_in_starg(void)
{
    refpe_settings_default(&s);
    s.limits.oifs = 1;
    struct bench *b = bench_start(&s, 1, 2);
    join(b, 1, 1, 1, false);
    join(b, 1, 2, 1, false);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_EG(1), B_G_EG(1)), 0);
    bench_free(b);
}

static void p_mroutes(void)
{
    refpe_settings_default(&s);
    s.limits.p_mroutes = 2;
    struct bench *b = bench_start(&s, 2, 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_STARG_P) + bench_p_metric(b, NUM_SG_P), 2);
    join(b, 1, 1, 1, false);
    join(b, 2, 1, 1, false);
    CU_ASSERT_EQUAL(egress_works(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(egress_works(b, 2, 1, 1), 0);
    bench_free(b);
}

static void memory(void)
{
    refpe_settings_default(&s);
    s.memory_bytes = 1000;
    s.memory_per_mroute = 300;
    s.memory_per_neighbour = 100;
    struct bench *b = bench_start(&s, 1, 1);
    join(b, 1, 1, 1, true);
    struct refpe_usage u;
    refpe_usage(b->pe, &u);
    CU_ASSERT_EQUAL(u.memory_bytes, 800);
    CU_ASSERT_DOUBLE_EQUAL(u.memory_percent, 80.0, 0.01);
    join(b, 1, 1, 2, false);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"mvpns", mvpns},
    {"c_interfaces", c_interfaces},
    {"neighbours", neighbours},
    {"mroutes", mroutes},
    {"oifs", oifs},
    {"oif refused in the (*,G)", oif_refused_in_starg},
    {"p_mroutes", p_mroutes},
    {"memory", memory},
};
CU_MAIN("refpe limits", tests)
