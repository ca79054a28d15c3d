/* The PE as C-RP: Registers on a C-interface and over the MTI, with and without receivers. */
#include "bench.h"
#include "tests/unit/cu.h"

#define DR_C   B_C_CE(1, 1)
#define DR_MTI IP4(10, 65, 255, 1)

static struct bench *start(const struct refpe_settings *s)
{
    bench_plan = (struct bench_plan){.rp_self = true};
    return bench_start(s, 1, 2);
}

static void join_c(struct bench *b, unsigned i, ip4_t group)
{
    bench_jp_c(b, 1, i, B_C_CE(1, i), bench_starg(true, group, B_RP_SELF));
    bench_run(b, 0.01);
}

static unsigned stops_c(const struct bench *b)
{
    return bench_stops_seen(b, ON_C, 1, 1, DR_C, B_S_IN(1), B_G_IN(1));
}

static void register_c(struct bench *b, bool null)
{
    bench_register_c(b, 1, 1, DR_C, B_RP_SELF, null, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.01);
}

/* Nobody wants it: stopped at once, the (S,G) is remembered for 185 s and not joined. */
static void no_receivers(void)
{
    struct bench *b = start(NULL);
    struct pim_jp_entry sg = bench_sg(true, B_G_IN(1), B_S_IN(1));
    register_c(b, false);
    CU_ASSERT_EQUAL(stops_c(b), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 0);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), sg, NULL), 0);
    bench_run(b, 184.9);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    bench_run(b, 0.2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    /* A receiver that comes while it is remembered finds the source without another Register. */
    register_c(b, true);
    CU_ASSERT_EQUAL(stops_c(b), 2);
    join_c(b, 2, B_G_IN(1));
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), sg, NULL), 1);
    bench_free(b);
}

/* From a receiver's join to native traffic: the (*,G) ends here, Registers are decapsulated, the
 * (S,G) joined, and the DR stopped when packets come natively. */
static void on_a_c_interface(void)
{
    struct bench *b = start(NULL);
    struct pim_jp_entry sg = bench_sg(true, B_G_IN(1), B_S_IN(1));
    join_c(b, 2, B_G_IN(1));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_SELF));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 2);
    register_c(b, false);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), sg, NULL), 1);
    CU_ASSERT_EQUAL(stops_c(b), 0);
    register_c(b, true); /* carries nothing */
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 4);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 2);
    register_c(b, false); /* twice would be once too often */
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 2);
    CU_ASSERT_EQUAL(stops_c(b), 1);
    bench_free(b);
}

static void over_the_mti(void)
{
    struct bench *b = start(NULL);
    struct pim_jp_entry sg = bench_sg(true, B_G_EG(1), B_S_EG(1));
    join_c(b, 1, B_G_EG(1));
    bench_register_mti(b, 1, B_REMOTE, DR_MTI, false, B_S_EG(1), B_G_EG(1));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)), 1);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_MDT, 1, 0, B_REMOTE, sg, NULL), 1);
    bench_data_mti(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)), 2);
    bench_register_mti(b, 1, B_REMOTE, DR_MTI, true, B_S_EG(1), B_G_EG(1));
    bench_run(b, 0.01);
    CU_ASSERT_EQUAL(bench_stops_seen(b, ON_MDT, 1, 0, DR_MTI, B_S_EG(1), B_G_EG(1)), 1);
    bench_free(b);
}

/* Native packets keep the (S,G); without any it goes after 210 s, and so does its Join. */
static void keepalive(void)
{
    struct bench *b = start(NULL);
    struct pim_jp_entry prune = bench_sg(false, B_G_IN(1), B_S_IN(1));
    join_c(b, 2, B_G_IN(1));
    register_c(b, false);
    for (unsigned i = 0; i < 3; i++) {
        bench_run(b, 150);
        join_c(b, 2, B_G_IN(1));
        bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    }
    bench_run(b, 100);
    join_c(b, 2, B_G_IN(1));
    bench_run(b, 109);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 1);
    bench_run(b, 2);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_STARG_C), 1);
    CU_ASSERT_EQUAL(bench_jp_seen(b, ON_C, 1, 1, B_C_CE(1, 1), prune, NULL), 1);
    bench_free(b);
}

static void not_the_rp(void)
{
    bench_plan = (struct bench_plan){0};
    struct bench *b = bench_start(NULL, 1, 1);
    bench_register_c(b, 1, 1, DR_C, B_C_PE(1, 1), false, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(stops_c(b), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    bench_free(b);
    /* To the PE, but not to the RP's address; for no multicast group; to somebody else. */
    b = start(NULL);
    bench_register_c(b, 1, 1, DR_C, B_C_PE(1, 1), true, B_S_IN(1), B_G_IN(1));
    bench_register_c(b, 1, 1, DR_C, B_RP_SELF, true, B_S_IN(1), B_S_IN(2));
    bench_register_c(b, 1, 1, DR_C, B_RP_IN, true, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(stops_c(b), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C), 0);
    bench_free(b);
}

/* A table that is full takes no (S,G) of a Register either. */
static void limit(void)
{
    struct refpe_settings s;
    refpe_settings_default(&s);
    s.limits.mroutes = 2;
    struct bench *b = start(&s);
    join_c(b, 2, B_G_IN(1));
    register_c(b, false);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 1);
    bench_register_c(b, 1, 1, DR_C, B_RP_SELF, false, B_S_IN(2), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_SG_C) + bench_metric(b, NUM_STARG_C), 2);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(2), B_G_IN(1)), 0);
    bench_free(b);
}

/* Registers wait for the processor like every other message, and are answered to the right DR. */
static void costs(void)
{
    struct refpe_settings s;
    refpe_settings_default(&s);
    s.cpu_message_us = 10000;
    struct bench *b = start(&s);
    for (unsigned i = 0; i < 20; i++)
        bench_register_c(b, 1, 1, DR_C, B_RP_SELF, true, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.105);
    CU_ASSERT_TRUE(stops_c(b) >= 9 && stops_c(b) <= 11);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(stops_c(b), 20);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"no receivers", no_receivers},
    {"on a C-interface", on_a_c_interface},
    {"over the MTI", over_the_mti},
    {"keepalive", keepalive},
    {"not the RP", not_the_rp},
    {"limit", limit},
    {"costs", costs},
};
CU_MAIN("refpe C-RP", tests)
