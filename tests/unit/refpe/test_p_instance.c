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

static const struct cu_test tests[] = {
    {"SSM: joins towards every PE", ssm_joins},
    {"SSM: sends when joined", ssm_sends_when_joined},
    {"SSM: forwards", ssm_forwards},
    {"SSM: limit", ssm_limit},
};
CU_MAIN("refpe P instance", tests)
