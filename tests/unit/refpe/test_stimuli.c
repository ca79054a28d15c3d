/* Power cycle, processor switchover (with and without forwarding) and cards, each by its settings.
 */
#include "bench.h"
#include "emul/io/memlink.h"
#include "emul/wire/pim.h"
#include "tests/unit/cu.h"

/* Order of recovery_ms. */
enum { POWER, SWITCHOVER, P_CARD, C_CARD, P_FLAP, C_FLAP };

static struct refpe_settings s;

static void settings(int which, int64_t ms)
{
    refpe_settings_default(&s);
    for (int i = 0; i < REFPE_STIMULI; i++)
        s.recovery_ms[i] = 100000; /* not another one's */
    s.recovery_ms[which] = ms;
}

/* An ingress and an egress flow, from nothing. */
static void join_all(struct bench *b)
{
    bench_hello_p(b, 7);
    bench_jp_p(b, bench_sg(true, B_MDT(1), B_PE_MDT));
    bench_run(b, 0.3);
    bench_hello_mti(b, 1, B_REMOTE, 17);
    bench_hello_c(b, 1, 1, B_C_CE(1, 1), 101, 0xffff);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(1), B_RP_EG));
    bench_jp_mti(b, 1, B_REMOTE, B_PE_MDT, bench_starg(true, B_G_IN(1), B_RP_IN));
    bench_run(b, 0.1);
}

/* Bit 0: egress works, bit 1: ingress. */
static unsigned works(struct bench *b)
{
    bench_forget(b);
    bench_data_mti(b, 1, B_REMOTE, B_S_EG(1), B_G_EG(1));
    bench_data_c(b, 1, 1, B_S_IN(1), B_G_IN(1));
    bench_run(b, 0.01);
    return bench_data_seen(b, ON_C, 1, 1, B_S_EG(1), B_G_EG(1)) +
           2 * bench_data_seen(b, ON_MDT, 1, 0, B_S_IN(1), B_G_IN(1));
}

/* The GenID in the last Hello seen there; 0: none. */
static uint32_t genid(const struct bench *b, enum where where)
{
    uint32_t found = 0;
    for (size_t i = 0; i < b->count; i++) {
        enum pim_type type;
        struct rd body;
        struct pim_hello h;
        const struct seen *x = &b->seen[i];
        if (x->where == where && x->ip.protocol == IPPROTO_NUM_PIM &&
            pim_open(x->ip.payload, x->ip.payload_bytes, &type, &body) == WIRE_OK &&
            type == PIM_HELLO && pim_hello_decode(&body, &h) == WIRE_OK)
            found = h.genid;
    }
    return found;
}

static uint32_t genid_before(struct bench *b, enum where where)
{
    bench_forget(b);
    bench_run(b, 30);
    return genid(b, where);
}

static int64_t neighbours(const struct bench *b)
{
    struct neighbour_count n;
    refpe_neighbours(b->pe, &n);
    return n.c_interface + n.mi_pmsi;
}

static int64_t mroutes(const struct bench *b)
{
    return bench_metric(b, NUM_STARG_C) + bench_metric(b, NUM_SG_C);
}

static void power_cycle(void)
{
    settings(POWER, 41000);
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    CU_ASSERT_EQUAL(works(b), 3);
    uint32_t c = genid_before(b, ON_C), mti = genid_before(b, ON_MDT);
    CU_ASSERT_EQUAL(refpe_recover(b->pe, REFPE_POWER_CYCLE), -1);
    CU_ASSERT_EQUAL(refpe_fail(b->pe, REFPE_POWER_CYCLE), 0);
    CU_ASSERT_EQUAL(refpe_fail(b->pe, REFPE_POWER_CYCLE), -1);
    CU_ASSERT_FALSE(b->c[0]->up || b->p[0]->up);
    CU_ASSERT_EQUAL(mroutes(b) + neighbours(b), 0);
    bench_run(b, 300);
    CU_ASSERT_FALSE(refpe_healthy(b->pe));
    CU_ASSERT_EQUAL(refpe_recover(b->pe, REFPE_P_CARD), -1);
    CU_ASSERT_EQUAL(refpe_recover(b->pe, REFPE_POWER_CYCLE), 0);
    bench_forget(b);
    bench_run(b, 40.9);
    CU_ASSERT_FALSE(b->c[0]->up || b->p[0]->up);
    CU_ASSERT_EQUAL(b->count, 0);
    bench_run(b, 0.2);
    CU_ASSERT_TRUE(b->c[0]->up && b->p[0]->up && refpe_healthy(b->pe));
    CU_ASSERT_TRUE(genid(b, ON_C) != 0 && genid(b, ON_C) != c);
    CU_ASSERT_EQUAL(works(b), 0);
    join_all(b);
    CU_ASSERT_EQUAL(works(b), 3);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_MVPN), 1);
    CU_ASSERT_EQUAL(bench_metric(b, NUM_MC_C_INTS), 1);
    bench_run(b, 30);
    CU_ASSERT_TRUE(genid(b, ON_MDT) != 0 && genid(b, ON_MDT) != mti);
    bench_free(b);
}

static void switchover(void)
{
    settings(SWITCHOVER, 12000);
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    uint32_t c = genid_before(b, ON_C);
    CU_ASSERT_EQUAL(refpe_fail(b->pe, REFPE_SWITCHOVER), 0);
    CU_ASSERT_EQUAL(refpe_recover(b->pe, REFPE_SWITCHOVER), 0);
    CU_ASSERT_TRUE(b->c[0]->up && b->p[0]->up);
    CU_ASSERT_EQUAL(mroutes(b) + neighbours(b), 0);
    bench_run(b, 11);
    CU_ASSERT_EQUAL(works(b), 0);
    join_all(b); /* nobody listens */
    CU_ASSERT_EQUAL(mroutes(b) + neighbours(b), 0);
    bench_forget(b);
    bench_run(b, 0.7);
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 1, 1), 1);
    CU_ASSERT_TRUE(genid(b, ON_C) != c);
    CU_ASSERT_EQUAL(works(b), 0);
    join_all(b);
    CU_ASSERT_EQUAL(works(b), 3);
    bench_free(b);
}

static void nsf(void)
{
    settings(SWITCHOVER, 12000);
    s.recovery_nsf = true;
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_sg(true, B_G_EG(1), B_S_EG(1)));
    bench_run(b, 0.1);
    uint32_t c = genid_before(b, ON_C);
    (void)refpe_fail(b->pe, REFPE_SWITCHOVER);
    (void)refpe_recover(b->pe, REFPE_SWITCHOVER);
    CU_ASSERT_FALSE(refpe_healthy(b->pe));
    CU_ASSERT_EQUAL(works(b), 3);
    /* The control plane is deaf and dumb: no Join is taken, no ARP answered, no Hello sent. */
    bench_jp_c(b, 1, 1, B_C_CE(1, 1), bench_starg(true, B_G_EG(2), B_RP_EG));
    bench_arp_c(b, 1, 1, B_C_PE(1, 1));
    bench_run(b, 11);
    CU_ASSERT_EQUAL(mroutes(b), 3);
    CU_ASSERT_EQUAL(b->arp_replies, 0);
    CU_ASSERT_EQUAL(genid(b, ON_C), 0);
    bench_run(b, 1);
    CU_ASSERT_TRUE(refpe_healthy(b->pe));
    CU_ASSERT_TRUE(genid(b, ON_C) != 0 && genid(b, ON_C) != c);
    CU_ASSERT_EQUAL(neighbours(b), 0);
    CU_ASSERT_EQUAL(works(b), 3);
    /* One Join comes again, the other entries end with their holdtime. */
    join_all(b);
    CU_ASSERT_EQUAL(mroutes(b), 3);
    bench_run(b, 150);
    join_all(b);
    bench_run(b, 59);
    CU_ASSERT_EQUAL(mroutes(b), 3);
    bench_run(b, 3);
    CU_ASSERT_EQUAL(mroutes(b), 2);
    CU_ASSERT_EQUAL(works(b), 3);
    bench_free(b);
}

static void stale_ends(void)
{
    settings(SWITCHOVER, 0);
    s.recovery_nsf = true;
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    (void)refpe_fail(b->pe, REFPE_SWITCHOVER);
    (void)refpe_recover(b->pe, REFPE_SWITCHOVER);
    CU_ASSERT_TRUE(refpe_healthy(b->pe));
    bench_run(b, 209);
    CU_ASSERT_EQUAL(works(b), 3);
    bench_run(b, 2);
    CU_ASSERT_EQUAL(works(b), 0);
    CU_ASSERT_EQUAL(mroutes(b), 0);
    bench_free(b);
}

static void p_card(void)
{
    settings(P_CARD, 3000);
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    CU_ASSERT_EQUAL(refpe_fail(b->pe, REFPE_P_CARD), 0);
    CU_ASSERT_TRUE(b->c[0]->up && !b->p[0]->up);
    CU_ASSERT_EQUAL(works(b), 0);
    bench_run(b, 10);
    CU_ASSERT_EQUAL(refpe_recover(b->pe, REFPE_P_CARD), 0);
    bench_run(b, 2.9);
    CU_ASSERT_FALSE(b->p[0]->up);
    bench_forget(b);
    bench_run(b, 0.2);
    CU_ASSERT_TRUE(b->p[0]->up && refpe_healthy(b->pe));
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_P, 1, 0), 1);
    join_all(b);
    CU_ASSERT_EQUAL(works(b), 3);
    bench_free(b);
}

/* A card has all ports of its side; a cable is one of them. */
static void c_card(void)
{
    settings(C_CARD, 2000);
    struct port *extra[2];
    struct bench *b = bench_start(&s, 1, 1);
    memlink_new(b->loop, &(struct link_params){0}, 1, "x0", "x1", 1500, extra);
    refpe_port_c(b->pe, extra[1]);
    join_all(b);
    (void)refpe_fail(b->pe, REFPE_C_CARD);
    CU_ASSERT_TRUE(!b->c[0]->up && !extra[0]->up && b->p[0]->up);
    bench_run(b, 1);
    (void)refpe_recover(b->pe, REFPE_C_CARD);
    bench_run(b, 1.9);
    CU_ASSERT_FALSE(b->c[0]->up || extra[0]->up);
    bench_forget(b);
    bench_run(b, 0.2);
    CU_ASSERT_TRUE(b->c[0]->up && extra[0]->up && refpe_healthy(b->pe));
    CU_ASSERT_EQUAL(bench_hellos_seen(b, ON_C, 1, 1), 1);
    join_all(b);
    CU_ASSERT_EQUAL(works(b), 3);
    refpe_down(b->pe);
    bench_free(b);
    port_free(extra[0]);
    port_free(extra[1]);
}

/* A configuration that goes meanwhile leaves no link down, and nothing that recovers later. */
static void torn_down(void)
{
    for (int which = POWER; which <= C_CARD; which++) {
        settings(which, 5000);
        s.recovery_nsf = which == SWITCHOVER;
        struct bench *b = bench_start(&s, 1, 1);
        CU_ASSERT_EQUAL(refpe_fail(b->pe, (enum refpe_stimulus)which), 0);
        (void)refpe_recover(b->pe, (enum refpe_stimulus)which);
        bench_run(b, 1);
        refpe_down(b->pe);
        CU_ASSERT_TRUE(b->c[0]->up && b->p[0]->up && refpe_healthy(b->pe));
        CU_ASSERT_EQUAL(refpe_fail(b->pe, (enum refpe_stimulus)which), -1);
        bench_forget(b);
        bench_run(b, 60);
        CU_ASSERT_EQUAL(b->count, 0);
        bench_free(b);
    }
}

static void lost_after_power(void)
{
    settings(POWER, 1000);
    s.faults.lost_after_recovery = 1;
    struct bench *b = bench_start(&s, 1, 1);
    join_all(b);
    CU_ASSERT_EQUAL(mroutes(b), 2);
    (void)refpe_fail(b->pe, REFPE_POWER_CYCLE);
    (void)refpe_recover(b->pe, REFPE_POWER_CYCLE);
    bench_run(b, 1.2);
    join_all(b);
    CU_ASSERT_EQUAL(mroutes(b), 1);
    CU_ASSERT_EQUAL(works(b), 1); /* the first in order is the ingress group's */
    bench_free(b);
}

static const struct cu_test tests[] = {
    {"power cycle", power_cycle},
    {"switchover", switchover},
    {"switchover that goes on forwarding", nsf},
    {"stale entries end", stale_ends},
    {"P card", p_card},
    {"C card", c_card},
    {"torn down meanwhile", torn_down},
    {"lost_after_recovery", lost_after_power},
};
CU_MAIN("refpe stimuli", tests)
