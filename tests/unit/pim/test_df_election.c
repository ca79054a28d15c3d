/* DF elections (RFC 5015 section 3.5.3) between routers on one emulated link. */
#include "emul/base/mem.h"
#include "emul/proto/pim/df_election.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

#define RPA     IP4(198, 19, 0, 1)
#define ROUTERS 3

struct lan;

struct router {
    struct lan *lan;
    struct pim_dfe_set *set;
    ip4_t addr;
    unsigned sent[PIM_DF_PASS + 1];
    bool mute; /* sends nothing */
};

struct lan {
    struct loop *loop;
    struct router routers[ROUTERS];
};

static void send(void *arg, uint32_t ix, const struct pim_df *m)
{
    struct router *from = arg;
    CU_ASSERT_EQUAL(ix, 0);
    CU_ASSERT_EQUAL(m->rpa, RPA);
    if (from->mute)
        return;
    from->sent[m->type]++;
    for (unsigned i = 0; i < ROUTERS; i++) {
        struct router *to = &from->lan->routers[i];
        if (to != from && to->set != NULL)
            pim_dfe_receive(to->set, 0, from->addr, m);
    }
}

static const struct pim_dfe_ops ops = {send};

static void join(struct lan *lan, unsigned i, uint32_t preference, uint32_t metric)
{
    struct router *r = &lan->routers[i];
    *r = (struct router){.lan = lan, .addr = IP4(192, 0, 2, 1) + i};
    r->set = pim_dfe_new(lan->loop, "df", 7 + i, 1, &ops, r);
    struct pim_dfe_router us = {r->addr, preference, metric};
    pim_dfe_setup(r->set, 0, RPA, &us);
    pim_dfe_event(r->set, 0, PIM_DFE_IF_UP);
}

static struct lan *lan_new(void)
{
    struct lan *lan = mem_zalloc(1, sizeof(*lan));
    lan->loop = loop_new_virtual((struct instant){0});
    return lan;
}

static void lan_free(struct lan *lan)
{
    for (unsigned i = 0; i < ROUTERS; i++)
        pim_dfe_free(lan->routers[i].set);
    loop_free(lan->loop);
    free(lan);
}

static void run_ms(struct lan *lan, int64_t ms)
{
    (void)loop_run(lan->loop, instant_add(loop_now(lan->loop), ms * NS_PER_MS));
}

static void test_alone(void)
{
    struct lan *lan = lan_new();
    join(lan, 0, 10, 10);
    CU_ASSERT(!pim_dfe_acting(lan->routers[0].set, 0));
    run_ms(lan, 1000);
    CU_ASSERT(pim_dfe_acting(lan->routers[0].set, 0));
    CU_ASSERT_EQUAL(pim_dfe_df(lan->routers[0].set, 0), lan->routers[0].addr);
    CU_ASSERT_EQUAL(lan->routers[0].sent[PIM_DF_OFFER], 3);
    CU_ASSERT_EQUAL(lan->routers[0].sent[PIM_DF_WINNER], 3);
    lan_free(lan);
}

/* The bench's case: the other side's path to the RPA leads through us. */
static void test_infinite(void)
{
    struct lan *lan = lan_new();
    join(lan, 0, 10, 10);
    join(lan, 1, PIM_DFE_INFINITE_PREF, PIM_DFE_INFINITE_METRIC);
    run_ms(lan, 3000);
    CU_ASSERT(pim_dfe_acting(lan->routers[0].set, 0));
    CU_ASSERT(!pim_dfe_acting(lan->routers[1].set, 0));
    CU_ASSERT_EQUAL(pim_dfe_df(lan->routers[1].set, 0), lan->routers[0].addr);
    /* A newcomer's Offer is answered with Winner, three times. */
    unsigned before = lan->routers[0].sent[PIM_DF_WINNER];
    struct pim_df offer = {.type = PIM_DF_OFFER,
                           .rpa = RPA,
                           .preference = PIM_DFE_INFINITE_PREF,
                           .metric = PIM_DFE_INFINITE_METRIC};
    pim_dfe_receive(lan->routers[0].set, 0, IP4(192, 0, 2, 77), &offer);
    run_ms(lan, 3000);
    CU_ASSERT_EQUAL(lan->routers[0].sent[PIM_DF_WINNER], before + 3);
    CU_ASSERT(pim_dfe_acting(lan->routers[0].set, 0));
    lan_free(lan);
}

/* Nobody has a path: nobody forwards. */
static void test_no_path(void)
{
    struct lan *lan = lan_new();
    join(lan, 0, PIM_DFE_INFINITE_PREF, PIM_DFE_INFINITE_METRIC);
    run_ms(lan, 3000);
    CU_ASSERT(!pim_dfe_acting(lan->routers[0].set, 0));
    CU_ASSERT_EQUAL(pim_dfe_df(lan->routers[0].set, 0), 0);
    lan_free(lan);
}

static unsigned acting(const struct lan *lan)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ROUTERS; i++)
        n += lan->routers[i].set != NULL && pim_dfe_acting(lan->routers[i].set, 0);
    return n;
}

/* A better router comes later: Backoff, then Pass; there are never two. */
static void test_hand_over(void)
{
    struct lan *lan = lan_new();
    join(lan, 0, 10, 10);
    run_ms(lan, 2000);
    join(lan, 1, 10, 5);
    for (int i = 0; i < 3000; i++) {
        run_ms(lan, 1);
        CU_ASSERT(acting(lan) == 1);
    }
    CU_ASSERT(pim_dfe_acting(lan->routers[1].set, 0));
    CU_ASSERT_EQUAL(pim_dfe_df(lan->routers[0].set, 0), lan->routers[1].addr);
    CU_ASSERT(lan->routers[0].sent[PIM_DF_BACKOFF] >= 1);
    CU_ASSERT_EQUAL(lan->routers[0].sent[PIM_DF_PASS], 1);
    /* The DF goes away: the other one takes over. */
    lan->routers[1].mute = true;
    pim_dfe_event(lan->routers[1].set, 0, PIM_DFE_IF_DOWN);
    pim_dfe_event(lan->routers[0].set, 0, PIM_DFE_DF_FAILS);
    run_ms(lan, 1000);
    CU_ASSERT(pim_dfe_acting(lan->routers[0].set, 0));
    lan_free(lan);
}

/* Equal metrics: the highest address wins. */
static void test_tie(void)
{
    struct lan *lan = lan_new();
    for (unsigned i = 0; i < ROUTERS; i++)
        join(lan, i, 1, 1);
    run_ms(lan, 5000);
    CU_ASSERT_EQUAL(acting(lan), 1);
    CU_ASSERT(pim_dfe_acting(lan->routers[ROUTERS - 1].set, 0));
    CU_ASSERT_EQUAL(pim_dfe_df(lan->routers[0].set, 0), lan->routers[ROUTERS - 1].addr);
    lan_free(lan);
}

static void test_false_claim(void)
{
    struct lan *lan = lan_new();
    join(lan, 0, 10, 10);
    run_ms(lan, 1000);
    unsigned before = lan->routers[0].sent[PIM_DF_WINNER];
    struct pim_df claim = {.type = PIM_DF_WINNER, .rpa = RPA, .preference = 11, .metric = 1};
    pim_dfe_receive(lan->routers[0].set, 0, IP4(192, 0, 2, 77), &claim);
    run_ms(lan, 1000);
    CU_ASSERT_EQUAL(lan->routers[0].sent[PIM_DF_WINNER], before + 3);
    CU_ASSERT(pim_dfe_acting(lan->routers[0].set, 0));
    pim_dfe_event(lan->routers[0].set, 0, PIM_DFE_IF_DOWN);
    CU_ASSERT(!pim_dfe_acting(lan->routers[0].set, 0));
    lan_free(lan);
}

static const struct cu_test tests[] = {
    {"alone", test_alone},
    {"against an infinite metric", test_infinite},
    {"without a path", test_no_path},
    {"a better router comes, and goes", test_hand_over},
    {"equal metrics", test_tie},
    {"a claim without right", test_false_claim},
};

CU_MAIN("df election", tests)
