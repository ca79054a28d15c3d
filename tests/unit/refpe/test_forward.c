/* Data in both directions, the way of the PE's own MDT packets, faults. */
#include "bench.h"
#include "tests/unit/cu.h"

static void join_egress(struct bench *b, unsigned v, unsigned i, unsigned flow)
{
    bench_jp_c(b, v, i, B_C_CE(v, i), bench_starg(true, B_G_EG(flow), B_RP_EG));
    bench_jp_c(b, v, i, B_C_CE(v, i), bench_sg(true, B_G_EG(flow), B_S_EG(1)));
    bench_run(b, 0.1);
}

static void join_ingress(struct bench *b, unsigned v)
{
    bench_jp_mti(b, v, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_jp_mti(b, v, B_REMOTE, B_PE_MDT, bench_sg(true, B_G_IN(1), B_S_IN(1)));
    bench_run(b, 0.1);
}

static unsigned egress_seen(struct bench *b, unsigned v, unsigned i, unsigned flow)
{
    bench_forget(b);
    bench_data_mti(b, v, B_REMOTE, B_S_EG(1), B_G_EG(flow));
    bench_run(b, 0.1);
    return bench_data_seen(b, ON_C, v, i, B_S_EG(1), B_G_EG(flow));
}

static void ingress(void)
{
    struct bench *b = bench_start(NULL, 2, 2);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 0);
    join_ingress(b, 1);
    bench_jp_c(b, 1, 2, B_C_CE(1, 2), bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1)); /* (S,G), which inherits C-interface 2 */
    bench_data_c(b, 1, 1, B_S_IN(2), B_G_IN(1)); /* by the (*,G): C-interface 2 and MTI */
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 2, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(2), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_IN(1), B_G_IN(1)), 0);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 2, 0, B_S_IN(1), B_G_IN(1)), 0);
    /* RPF: the same packet on the wrong interface, or in the other VPN, goes nowhere. */
    bench_forget(b);
    bench_data_c(b, 1, 2, B_S_IN(1), B_G_IN(1));
    bench_data_c(b, 2, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(b->count, 0);
    bench_free(b);
}

static void egress(void)
{
    struct bench *b = bench_start(NULL, 2, 2);
    join_egress(b, 1, 2, 1);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 2, 1), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)), 0);
    /* RFC 6037 5.2: the PE that sends must be the RPF neighbour. */
    bench_forget(b);
    bench_data_mti(b, 1, B_REMOTE2, B_S_EG(1), B_G_EG(1));
    bench_data_mti(b, 2, B_REMOTE, B_S_EG(1), B_G_EG(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(b->count, 0);
    bench_free(b);
}

static void register_then_native(void)
{
    struct bench *b = bench_new(NULL, 1, 1);
    bench_run(b, 1.5);
    bench_hello_p(b, 7);
    bench_run(b, 6);
    /* The MTI's first Hello came inside a Register. */
    CU_ASSERT_TRUE(bench_hellos_seen(b, IN_REGISTER, 1, 0) >= 1);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_MDT, 1, 0), 0);
    bench_hello_mti(b, 1, B_REMOTE, 17);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 1, 0xffff);
    join_ingress(b, 1);
    bench_forget(b);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, IN_REGISTER, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    /* Register-Stop without a join: nobody wants it. */
    bench_register_stop(b, B_MDT(1));
    bench_run(b, 0.1);
    bench_forget(b);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, IN_REGISTER, 1, 0, B_S_IN(1), B_G_IN(1)), 0);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 0);
    /* The RP joins: natively, once. */
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, IN_REGISTER, 1, 0, B_S_IN(1), B_G_IN(1)), 0);
    CU_ASSERT_EQUAL(bench_p_metric(b, NUM_OIF_P), 2);
    bench_free(b);
}

static void registers_come_back(void)
{
    struct bench *b = bench_start(NULL, 1, 1);
    join_ingress(b, 1);
    /* The join lapses; after the probe is not answered, Registers start again (4.4.1). */
    bench_run(b, 211);
    bench_hello_mti(b, 1, B_REMOTE, 17);
    join_ingress(b, 1);
    bench_forget(b);
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.1);
    CU_ASSERT_EQUAL(bench_data_seen(b, IN_REGISTER, 1, 0, B_S_IN(1), B_G_IN(1)), 1);
    bench_free(b);
}

static void delay(void)
{
    struct refpe_settings s;
    refpe_settings_default(&s);
    s.forwarding_delay_ns = 200 * NS_PER_MS;
    struct bench *b = bench_start(&s, 1, 1);
    join_egress(b, 1, 1, 1);
    bench_run(b, 1);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 1), 0);
    bench_run(b, 0.11);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)), 1);
    bench_free(b);
}

static struct bench *with_fault(void (*set)(struct refpe_faults *f))
{
    struct refpe_settings s;
    refpe_settings_default(&s);
    set(&s.faults);
    struct bench *b = bench_start(&s, 2, 1);
    for (unsigned v = 1; v <= 2; v++) {
        for (unsigned flow = 2; flow >= 1; flow--)
            join_egress(b, v, 1, flow);
    }
    return b;
}

static void set_drop(struct refpe_faults *f)
{
    f->drop_flow = 3;
}

static void set_duplicate(struct refpe_faults *f)
{
    f->duplicate_flow = 2;
}

static void set_leak(struct refpe_faults *f)
{
    f->leak_from = 1;
    f->leak_to = 2;
}

static void set_stuck(struct refpe_faults *f)
{
    f->stuck_oif = 4;
}

static void fault_drop(void)
{
    struct bench *b = with_fault(set_drop);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 2), 1);
    CU_ASSERT_EQUAL(egress_seen(b, 2, 1, 1), 0);
    CU_ASSERT_EQUAL(egress_seen(b, 2, 1, 2), 1);
    bench_free(b);
}

static void fault_duplicate(void)
{
    struct bench *b = with_fault(set_duplicate);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 2), 2);
    CU_ASSERT_EQUAL(egress_seen(b, 2, 1, 2), 1);
    bench_free(b);
}

static void fault_leak(void)
{
    struct bench *b = with_fault(set_leak);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 2, 1, B_S_EG(1), B_G_EG(1)), 1);
    CU_ASSERT_EQUAL(egress_seen(b, 2, 1, 1), 1);
    CU_ASSERT_EQUAL(bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)), 0);
    bench_free(b);
}

static void fault_stuck(void)
{
    /* OIFs were installed in the order (1, flow 2), (1, flow 1), (2, flow 2), (2, flow 1). */
    struct bench *b = with_fault(set_stuck);
    CU_ASSERT_EQUAL(egress_seen(b, 1, 1, 1), 1);
    CU_ASSERT_EQUAL(egress_seen(b, 2, 1, 1), 0);
    CU_ASSERT_EQUAL(egress_seen(b, 2, 1, 2), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_OIF_C), 8);
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"ingress", ingress},
    {"egress", egress},
    {"Register, then native", register_then_native},
    {"Registers come back", registers_come_back},
    {"forwarding delay", delay},
    {"fault: drop_flow", fault_drop},
    {"fault: duplicate_flow", fault_duplicate},
    {"fault: leak_vpn", fault_leak},
    {"fault: stuck_oif", fault_stuck},
};
CU_MAIN("refpe forwarding", tests)
