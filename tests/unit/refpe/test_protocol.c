/* Neighbours, joins, prunes, suppression and override, by hand-made frames. */
#include "bench.h"
#include "tests/unit/cu.h"

static void hellos_go_out(void)
{
    struct bench *b = bench_new(NULL, 1, 1);
    bench_run(b, 5.2);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 1, 1), 1);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_P, 1, 1), 1);
    bench_run(b, 60);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 1, 1), 3);
    /* A new neighbour is answered within 5 s. */
    bench_forget(b);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 1, 105);
    bench_run(b, 5.1);
    CU_ASSERT_TRUE(bench_hellos_seen(b, ON_C, 1, 1) >= 1);
    bench_free(b);
}

static void neighbour_expires(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 2);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 105);
    bench_run(b, 104.9);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 2);
    bench_run(b, 0.2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 1);
    /* Goodbye. */
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 105);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 0);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_PIM_C_NEIGH), 1);
    bench_free(b);
}

static void strangers_are_ignored(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    ip4_t stranger = B_C_CE(1, 1) + 1;
    bench_jp_c(b, 1, 1, stranger, bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    /* A Join for another RP than ours, and one addressed to another router. */
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_IN));
    bench_jp_mti(b, 1, B_REMOTE, B_REMOTE2, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    bench_free(b);
}

static void joins_both_ways(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    /* A C-router joins an egress group: the Join goes on to the remote PE over the MTI. */
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(true, B_G_EG(1), B_S_EG(1)));
    /* The remote PE joins an ingress group: on to the C-router. */
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_sg(true, B_G_IN(1), B_S_IN(1)));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, bench_starg(true, B_G_EG(1), B_RP_EG), NULL), 1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, bench_sg(true, B_G_EG(1), B_S_EG(1)), NULL), 1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_IN(1), B_RP_IN), NULL), 1);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), bench_sg(true, B_G_IN(1), B_S_IN(1)), NULL), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 4);
    /* Refreshed every 60 s. */
    bench_run(b, 61);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), bench_sg(true, B_G_IN(1), B_S_IN(1)), NULL), 2);
    bench_free(b);
}

static void join_expires(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_run(b, 100);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT)); /* the RP refreshes */
    bench_run(b, 109.9);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_run(b, 0.2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(
        bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, bench_starg(false, B_G_EG(1), B_RP_EG), NULL), 1);
    bench_free(b);
}

static void prune_with_one_neighbour(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_run(b, 1);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    bench_free(b);
}

static void prune_with_override(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    struct pim_jp_entry join = bench_starg(true, B_G_IN(1), B_RP_IN);
    struct pim_jp_entry prune = bench_starg(false, B_G_IN(1), B_RP_IN);
    bench_hello_mti(b, 1, B_REMOTE2, 18);
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, join);
    bench_run(b, 6);
    /* Another PE overrides in time. */
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, prune);
    bench_run(b, 2.4);
    bench_jp_mti(b, 1, B_REMOTE2, B_PE_MDT, join);
    bench_run(b, 5);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    /* Nobody does: gone after 3 s, with a PruneEcho. */
    bench_forget(b);
    bench_jp_mti(b, 1, B_REMOTE2, B_PE_MDT, prune);
    bench_run(b, 2.9);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    bench_run(b, 0.2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_PE_MDT, prune, NULL), 1);
    bench_free(b);
}

static void suppression_and_override(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    struct pim_jp_entry join = bench_starg(true, B_G_EG(1), B_RP_EG);
    int64_t first = 0, second = 0;
    bench_hello_mti(b, 1, B_REMOTE2, 18);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), join);
    bench_run(b, 30);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, join, &first), 1);
    /* Another PE's Join to the same upstream: ours waits 66 to 84 s from then. */
    bench_jp_mti(b, 1, B_REMOTE2, B_REMOTE, join);
    int64_t heard = loop_now(b->loop).ns;
    bench_run(b, 65);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, join, NULL), 1);
    bench_run(b, 20);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, join, &second), 2);
    CU_ASSERT_TRUE(second - heard >= 66 * NS_PER_S && second - heard <= 85 * NS_PER_S);
    /* Its Prune is overridden within 2.5 s. */
    bench_jp_mti(b, 1, B_REMOTE2, B_REMOTE, bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_run(b, 2.6);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, join, NULL), 3);
    /* So is a restart of the upstream router. */
    bench_hello_mti(b, 1, B_REMOTE, 999);
    bench_run(b, 2.6);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, join, NULL), 4);
    bench_free(b);
}

static void no_suppression_when_off(void)
{
    struct refpe_settings s;
    refpe_settings_default(&s);
    s.jp_suppression = false;
    struct bench *b = bench_start(&s, 1, 1);
    struct pim_jp_entry join = bench_starg(true, B_G_EG(1), B_RP_EG);
    bench_hello_mti(b, 1, B_REMOTE2, 18);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), join);
    bench_run(b, 30);
    bench_jp_mti(b, 1, B_REMOTE2, B_REMOTE, join);
    bench_run(b, 31);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, join, NULL), 2);
    bench_free(b);
}

static void inheritance(void)
{
    struct bench *b = bench_start(NULL, 1, 3);
    for (unsigned i = 1; i <= 3; i++)
        bench_jp_c(b, 1, i, B_C_CE(1, i), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_jp_c(b, 1, 2, B_C_CE(1, 2), bench_sg(true, B_G_EG(1), B_S_EG(1)));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 6);
    bench_jp_c(b, 1, 3, B_C_CE(1, 3), bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 4);
    /* The (S,G) holds its own member when the (*,G) goes. */
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_jp_c(b, 1, 2, B_C_CE(1, 2), bench_starg(false, B_G_EG(1), B_RP_EG));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 1);
    bench_jp_c(b, 1, 2, B_C_CE(1, 2), bench_sg(false, B_G_EG(1), B_S_EG(1)));
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 0);
    bench_free(b);
}

static void p_instance_joins(void)
{
    struct bench *b = bench_new(NULL, 2, 1);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_STARG_P), 2);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_SG_P), 2);
    bench_hello_p(b, 7);
    bench_run(b, 0.1);
    for (unsigned v = 1; v <= 2; v++)
        CU_ASSERT_EQUAL(
            bench_jp_seen(b, ON_P, v, 0, B_P_ROUTER, bench_starg(true, B_MDT(v), B_P_RP), NULL), 1);
    bench_free(b);
}

static void segment(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    bench_arp_c(b, 1, 1, B_C_PE(1, 1));
    bench_arp_c(b, 1, 1, B_C_PE(1, 1) + 9);
    bench_echo_c(b, 1, 1);
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(b->arp_replies, 1);
    CU_ASSERT_EQUAL(b->echo_replies, 1);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"hellos go out", hellos_go_out},
    {"neighbour expires", neighbour_expires},
    {"strangers are ignored", strangers_are_ignored},
    {"joins both ways", joins_both_ways},
    {"join expires at 210 s", join_expires},
    {"prune with one neighbour", prune_with_one_neighbour},
    {"prune with override", prune_with_override},
    {"suppression and override", suppression_and_override},
    {"no suppression when off", no_suppression_when_off},
    {"inheritance", inheritance},
    {"P instance joins", p_instance_joins},
    {"ARP and echo", segment},
};
CU_MAIN("refpe protocol", tests)
