/* Link flaps and their recovery times, lost_after_recovery, the cost of messages. */
#include "bench.h"
#include "tests/unit/cu.h"

static struct refpe_settings s;

static void join_all(struct bench *b)
{
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(true, B_G_EG(1), B_S_EG(1)));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_run(b, 0.1);
}

static unsigned egress_works(struct bench *b)
{
    bench_forget(b);
    bench_data_mti(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1));
    bench_run(b, 0.01);
    return bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1));
}

static void p_flap(void)
{
    refpe_settings_default(&s);
    s.recovery_ms[4] = 7300;
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    CU_ASSERT_EQUAL(egress_works(b), 1);
    CU_ASSERT_TRUE(refpe_healthy(b->pe));
    (void)port_set_up(b->p[0], false, NULL);
    bench_run(b, 1);
    CU_ASSERT_FALSE(refpe_healthy(b->pe));
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_OIF_P), 1); /* the tree to the RP is gone */
    (void)port_set_up(b->p[0], true, NULL);
    bench_forget(b);
    bench_run(b, 7.25);
    CU_ASSERT_EQUAL(b->count, 0);
    CU_ASSERT_EQUAL(egress_works(b), 0);
    bench_run(b, 0.05);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_P, 1, 0), 1); /* at once, with a new GenID */
    CU_ASSERT_TRUE(refpe_healthy(b->pe));
    bench_hello_p(b, 8);
    bench_run(b, 5.1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_P, 1, 0, B_P_ROUTER, bench_starg(true, B_MDT(1), B_P_RP), NULL), 1);
    CU_ASSERT_TRUE(bench_hellos_seen(b, IN_REGISTER, 1, 0) >= 1);
    CU_ASSERT_EQUAL(egress_works(b), 1);
    bench_free(b);
}

static void c_flap(void)
{
    refpe_settings_default(&s);
    s.recovery_ms[5] = 2000;
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    (void)port_set_up(b->c[0], false, NULL);
    bench_run(b, 1);
    struct neighbour_count n;
    refpe_neighbours(b->pe, &n);
    CU_ASSERT_EQUAL(n.c_interface, 0);
    CU_ASSERT_EQUAL(n.mi_pmsi, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1); /* the remote PE's join stays */
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, bench_sg(false, B_G_EG(1), B_S_EG(1)), NULL), 1);
    (void)port_set_up(b->c[0], true, NULL);
    bench_forget(b);
    bench_run(b, 1.9);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 1, 1), 0);
    bench_run(b, 0.2);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 1, 1), 1);
    /* The neighbour is back: the join towards it goes out again at once. */
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 500, 0xffff);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_IN(1), B_RP_IN), NULL), 1);
    join_all(b);
    CU_ASSERT_EQUAL(egress_works(b), 1);
    bench_free(b);
}

static void lost_after_recovery(void)
{
    refpe_settings_default(&s);
    s.recovery_ms[5] = 100;
    s.faults.lost_after_recovery = 2;
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C) + bench_metric(b, NUM_SG_C), 3);
    (void)port_set_up(b->c[0], false, NULL);
    bench_run(b, 1);
    (void)port_set_up(b->c[0], true, NULL);
    bench_run(b, 1);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 500, 0xffff);
    join_all(b);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C) + bench_metric(b, NUM_SG_C), 1);
    bench_free(b);
}

static void messages_cost(void)
{
    refpe_settings_default(&s);
    s.cpu_message_us = 100000; /* ten a second */
    s.cpu_queue = 4;
    struct bench *b = bench_start(&s, 1, 1);
    bench_run(b, 25);
    refpe_usage_begin(b->pe);
    for (unsigned i = 0; i < 10; i++)
        bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 0xffff);
    bench_run(b, 0.05);
    struct refpe_usage u;
    refpe_usage(b->pe, &u);
    /* One is worked on, four wait, five find the queue full. */
    CU_ASSERT_EQUAL(u.messages_dropped, 5);
    bench_run(b, 0.95);
    refpe_usage(b->pe, &u);
    CU_ASSERT_DOUBLE_EQUAL(u.cpu_percent, 50.0, 11.0);
    bench_free(b);
}

static void messages_take_time(void)
{
    refpe_settings_default(&s);
    s.cpu_message_us = 1000000;
    struct bench *b = bench_new(&s, 1, 1);
    bench_run(b, 20);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 0xffff);
    bench_run(b, 0.9);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 0);
    bench_run(b, 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 1);
    bench_free(b);
}

static void down_forgets_everything(void)
{
    struct bench *b = bench_start(NULL, 2, 2);
    join_all(b);
    refpe_down(b->pe);
    bench_forget(b);
    bench_hello_p(b, 7);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 100);
    CU_ASSERT_EQUAL(b->count, 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_MVPN), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 0);
    CU_ASSERT_EQUAL(refpe_vrf_add(b->pe, 1, B_MDT(1)), -1);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"P link flap", p_flap},
    {"C link flap", c_flap},
    {"lost_after_recovery", lost_after_recovery},
    {"messages cost", messages_cost},
    {"messages take time", messages_take_time},
    {"down forgets everything", down_forgets_everything},
};
CU_MAIN("refpe outages and costs", tests)
