#include "fixture.h"

#include "tests/unit/cu.h"

/* An instance of one VPN with one egress flow: two pairs, C-interfaces 1 and 2. */
static struct fixture one_flow(void)
{
    struct instance_spec spec = fixture_spec();
    spec.mvpns = 1;
    spec.groups = 1;
    spec.ingress_groups = 0;
    return fixture_new(spec);
}

static struct emul_recovery recovery_of(struct fixture *f, struct instant now)
{
    struct emul_recovery r;
    analyser_recovery_get(f->a, now, &r);
    return r;
}

/* just_before is 1 ns before packet n of flow 1 leaves. */
static struct instant just_before(const struct fixture *f, uint64_t n)
{
    return instant_add(fixture_due(f, 1, n), -1);
}

static void arrive_both(struct fixture *f, uint64_t n)
{
    fixture_arrive(f, 1, 1, n, NS_PER_MS);
    fixture_arrive(f, 1, 2, n, NS_PER_MS);
}

static void test_nothing_interrupted(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 3);
    fixture_lose(&f, 1, 4, 4); /* lost before begin: not the stimulus's */
    fixture_pass(&f, 1, 5, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    fixture_pass(&f, 1, 10, 14);
    analyser_recovery_action(f.a, just_before(&f, 15));
    fixture_pass(&f, 1, 15, 50);
    struct emul_recovery r = recovery_of(&f, just_before(&f, 51));
    CU_ASSERT_EQUAL(r.interrupted_egress + r.interrupted_ingress, 0);
    CU_ASSERT_EQUAL(r.tre.ns, INT64_MAX);
    CU_ASSERT_EQUAL(r.trd.ns, INT64_MAX);
    CU_ASSERT_EQUAL(r.trall.ns, INT64_MAX);
    CU_ASSERT_EQUAL(r.lost_again + r.not_recovered, 0);
    CU_ASSERT_EQUAL(r.loss_derived_max_ns, 0);
    CU_ASSERT_TRUE(r.settled);
    CU_ASSERT_EQUAL(r.begin.ns, just_before(&f, 10).ns);
    CU_ASSERT_EQUAL(r.tf.ns, just_before(&f, 15).ns);
    fixture_free(&f);
}

static void test_link_flap(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 19);
    analyser_recovery_action(f.a, just_before(&f, 20));
    fixture_lose(&f, 1, 20, 24);
    struct emul_recovery r = recovery_of(&f, just_before(&f, 25));
    CU_ASSERT_EQUAL(r.interrupted_egress, 2);
    CU_ASSERT_EQUAL(r.not_recovered, 2);
    CU_ASSERT_EQUAL(r.trd.ns, INT64_MAX);
    /* C-interface 1 is back with packet 25, loses 27, and flows from 28; C-interface 2 from 30. */
    fixture_lose(&f, 1, 25, 70);
    for (uint64_t n = 25; n <= 70; n++) {
        if (n != 27)
            fixture_arrive(&f, 1, 1, n, NS_PER_MS);
        if (n >= 30)
            fixture_arrive(&f, 1, 2, n, 2 * NS_PER_MS);
    }
    r = recovery_of(&f, just_before(&f, 71));
    CU_ASSERT_EQUAL(r.interrupted_egress, 2);
    CU_ASSERT_EQUAL(r.not_recovered, 0);
    CU_ASSERT_EQUAL(r.lost_again, 0);
    CU_ASSERT_EQUAL(r.trd.ns, fixture_due(&f, 1, 25).ns + NS_PER_MS);
    CU_ASSERT_EQUAL(r.trall.ns, fixture_due(&f, 1, 30).ns + 2 * NS_PER_MS);
    CU_ASSERT_EQUAL(r.tre.ns, INT64_MAX);
    /* Packets 20...29 of C-interface 2: what was lost before Tf is the hold-out. */
    CU_ASSERT_EQUAL(r.loss_derived_max_ns, 10 * NS_PER_S);
    CU_ASSERT_TRUE(r.settled);
    CU_ASSERT_FALSE(recovery_of(&f, fixture_due(&f, 1, 49)).settled);
    fixture_free(&f);
}

static void test_only_interrupted_pairs_count(void)
{
    struct fixture f = fixture_new(fixture_spec());
    for (uint32_t flow = 1; flow <= 4; flow++)
        fixture_pass(&f, flow, 0, 9);
    analyser_recovery_begin(f.a, (struct instant){10 * NS_PER_S});
    for (uint32_t flow = 1; flow <= 4; flow++)
        fixture_lose(&f, flow, 10, 60);
    analyser_recovery_action(f.a, (struct instant){15 * NS_PER_S});
    /* Flow 1 goes on as if nothing had happened; flow 3 (ingress, VPN 2) loses 10...19. */
    for (uint64_t n = 10; n <= 60; n++) {
        for (uint32_t flow = 1; flow <= 4; flow++) {
            if (flow == 3 && n < 20)
                continue;
            fixture_arrive(&f, flow, flow % 2 == 1 ? ANALYSER_MI_PMSI : 1, n, NS_PER_MS);
            fixture_arrive(&f, flow, 2, n, NS_PER_MS);
        }
    }
    struct emul_recovery r = recovery_of(&f, (struct instant){61 * NS_PER_S});
    CU_ASSERT_EQUAL(r.interrupted_ingress, WEIGHT + 1);
    CU_ASSERT_EQUAL(r.interrupted_egress, 0);
    CU_ASSERT_EQUAL(r.tre.ns, fixture_due(&f, 3, 20).ns + NS_PER_MS);
    CU_ASSERT_EQUAL(r.trall.ns, r.tre.ns);
    CU_ASSERT_EQUAL(r.trd.ns, INT64_MAX);
    CU_ASSERT_TRUE(r.settled);
    fixture_free(&f);
}

static void test_silent_to_the_end(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    analyser_recovery_action(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 99);
    for (uint64_t n = 10; n <= 99; n++)
        fixture_arrive(&f, 1, 1, n, NS_PER_MS);
    /* A packet is overdue two periods and a second after it was due, not before. */
    struct instant due = fixture_due(&f, 1, 10);
    CU_ASSERT_EQUAL(recovery_of(&f, instant_add(due, 3 * NS_PER_S - 1)).interrupted_egress, 0);
    CU_ASSERT_EQUAL(recovery_of(&f, instant_add(due, 3 * NS_PER_S)).interrupted_egress, 1);
    struct emul_recovery r = recovery_of(&f, fixture_due(&f, 1, 99));
    CU_ASSERT_EQUAL(r.interrupted_egress, 1);
    CU_ASSERT_EQUAL(r.not_recovered, 1);
    CU_ASSERT_EQUAL(r.trall.ns, INT64_MAX);
    CU_ASSERT_EQUAL(r.loss_derived_max_ns, 87 * NS_PER_S);
    CU_ASSERT_FALSE(r.settled);
    fixture_free(&f);
}

static void test_trd_kept_without_trall(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 12);
    analyser_recovery_action(f.a, just_before(&f, 13));
    fixture_lose(&f, 1, 13, 99);
    for (uint64_t n = 14; n < 99; n++) {
        if (n % 5 != 0) /* never five in a row */
            arrive_both(&f, n);
    }
    struct emul_recovery r = recovery_of(&f, fixture_due(&f, 1, 99));
    CU_ASSERT_EQUAL(r.trd.ns, fixture_due(&f, 1, 14).ns + NS_PER_MS);
    CU_ASSERT_EQUAL(r.not_recovered, 2);
    CU_ASSERT_EQUAL(r.trall.ns, INT64_MAX);
    fixture_free(&f);
}

static void test_lost_again(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 11);
    analyser_recovery_action(f.a, just_before(&f, 12));
    fixture_lose(&f, 1, 12, 80);
    for (uint64_t n = 12; n <= 80; n++) {
        if (n != 70)
            fixture_arrive(&f, 1, 1, n, NS_PER_MS);
        fixture_arrive(&f, 1, 2, n, NS_PER_MS);
    }
    struct emul_recovery r = recovery_of(&f, fixture_due(&f, 1, 81));
    CU_ASSERT_EQUAL(r.interrupted_egress, 2);
    CU_ASSERT_EQUAL(r.lost_again, 1);
    CU_ASSERT_EQUAL(r.trall.ns, fixture_due(&f, 1, 12).ns + NS_PER_MS);
    CU_ASSERT_EQUAL(r.loss_derived_max_ns, 0);
    fixture_free(&f);
}

/* C-interface 1 is interrupted at once and recovers with packet recovered (both count from begin);
 * C-interface 2 loses packet lost only. */
static struct emul_recovery two_pairs(uint64_t recovered, uint64_t lost)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    analyser_recovery_action(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 120);
    for (uint64_t n = 0; n <= 110; n++) {
        if (n >= recovered)
            fixture_arrive(&f, 1, 1, 10 + n, NS_PER_MS);
        if (n != lost)
            fixture_arrive(&f, 1, 2, 10 + n, NS_PER_MS);
    }
    struct emul_recovery r = recovery_of(&f, fixture_due(&f, 1, 120));
    fixture_free(&f);
    return r;
}

static void test_fixpoint(void)
{
    /* A loss within 30 s of Tf is an interruption, one after it is not ... */
    struct emul_recovery r = two_pairs(3, 29);
    CU_ASSERT_EQUAL(r.interrupted_egress, 2);
    CU_ASSERT_EQUAL(r.lost_again, 0);
    r = two_pairs(3, 31);
    CU_ASSERT_EQUAL(r.interrupted_egress, 1);
    CU_ASSERT_EQUAL(r.lost_again, 1);
    /* ... unless another pair recovers later still. */
    struct emul_recovery late = two_pairs(50, 49);
    CU_ASSERT_EQUAL(late.interrupted_egress, 2);
    CU_ASSERT_EQUAL(late.lost_again, 0);
    CU_ASSERT_EQUAL(late.trall.ns - late.tf.ns, 50 * NS_PER_S + NS_PER_MS + 1);
    late = two_pairs(50, 51);
    CU_ASSERT_EQUAL(late.interrupted_egress, 1);
    CU_ASSERT_EQUAL(late.lost_again, 1);
}

static void test_late_packet_is_no_loss(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    analyser_recovery_action(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 60);
    const uint64_t first[] = {10, 12, 13, 14, 15, 16};
    for (size_t i = 0; i < 6; i++)
        arrive_both(&f, first[i]);
    CU_ASSERT_EQUAL(recovery_of(&f, fixture_due(&f, 1, 17)).interrupted_egress, 2);
    fixture_arrive(&f, 1, 1, 11, 6 * NS_PER_S);
    fixture_arrive(&f, 1, 2, 11, 6 * NS_PER_S);
    CU_ASSERT_EQUAL(recovery_of(&f, fixture_due(&f, 1, 17)).interrupted_egress, 0);
    for (uint64_t n = 17; n <= 60; n++) {
        if (n != 20)
            arrive_both(&f, n);
    }
    /* Now 20 is the first lost packet, and the run of 12...16 was before it. */
    struct emul_recovery r = recovery_of(&f, fixture_due(&f, 1, 60));
    CU_ASSERT_EQUAL(r.interrupted_egress, 2);
    CU_ASSERT_EQUAL(r.trall.ns, fixture_due(&f, 1, 21).ns + NS_PER_MS);
    CU_ASSERT_EQUAL(r.loss_derived_max_ns, NS_PER_S);
    fixture_free(&f);
}

static void test_cut_at_tf(void)
{
    /* Back before Tf: the run counts from the first packet that arrives after Tf. */
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 12);
    fixture_pass(&f, 1, 13, 19);
    fixture_send(&f, 1, 20);
    struct instant tf = instant_add(fixture_due(&f, 1, 20), NS_PER_MS);
    analyser_recovery_action(f.a, tf);
    arrive_both(&f, 20); /* at Tf, not after it */
    fixture_pass(&f, 1, 21, 60);
    struct emul_recovery r = recovery_of(&f, just_before(&f, 61));
    CU_ASSERT_EQUAL(r.trd.ns, fixture_due(&f, 1, 21).ns + NS_PER_MS);
    CU_ASSERT_EQUAL(r.trall.ns, r.trd.ns);
    fixture_free(&f);
}

static void test_tf_told_late(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    fixture_lose(&f, 1, 10, 12);
    fixture_pass(&f, 1, 13, 19);
    analyser_recovery_action(f.a, fixture_due(&f, 1, 16));
    fixture_pass(&f, 1, 20, 60);
    struct emul_recovery r = recovery_of(&f, just_before(&f, 61));
    CU_ASSERT_EQUAL(r.trall.ns, fixture_due(&f, 1, 16).ns + NS_PER_MS);
    fixture_free(&f);
}

static void test_again_on_one_instance(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    for (uint64_t round = 0; round < 3; round++) {
        uint64_t n = 10 + round * 50;
        analyser_recovery_begin(f.a, just_before(&f, n));
        fixture_lose(&f, 1, n, n + 4);
        analyser_recovery_action(f.a, just_before(&f, n + 5));
        fixture_lose(&f, 1, n + 5, n + 5 + round);
        fixture_pass(&f, 1, n + 6 + round, n + 49);
        struct emul_recovery r = recovery_of(&f, just_before(&f, n + 50));
        CU_ASSERT_EQUAL(r.interrupted_egress, 2);
        CU_ASSERT_EQUAL(r.trall.ns, fixture_due(&f, 1, n + 6 + round).ns + NS_PER_MS);
        CU_ASSERT_EQUAL(r.lost_again, 0);
        CU_ASSERT_TRUE(r.settled);
    }
    fixture_free(&f);
}

static void test_withheld_is_lost(void)
{
    struct fixture f = one_flow();
    fixture_pass(&f, 1, 0, 9);
    analyser_recovery_begin(f.a, just_before(&f, 10));
    analyser_recovery_action(f.a, just_before(&f, 10));
    for (uint64_t n = 10; n < 15; n++)
        analyser_sent(f.a, 1, n, fixture_due(&f, 1, n), true);
    fixture_pass(&f, 1, 15, 60);
    struct emul_recovery r = recovery_of(&f, just_before(&f, 61));
    CU_ASSERT_EQUAL(r.interrupted_egress, 2);
    CU_ASSERT_EQUAL(r.loss_derived_max_ns, 5 * NS_PER_S);
    fixture_free(&f);
}

static void test_before_begin(void)
{
    struct fixture f = one_flow();
    struct emul_recovery r = recovery_of(&f, (struct instant){0});
    CU_ASSERT_EQUAL(r.begin.ns, INT64_MAX);
    CU_ASSERT_FALSE(r.settled);
    fixture_free(&f);
}

static const struct cu_test tests[] = {
    {"nothing interrupted", test_nothing_interrupted},
    {"a link flap: first packet, sustained run, losses", test_link_flap},
    {"only interrupted pairs give Tre and Trd", test_only_interrupted_pairs_count},
    {"a pair that is silent to the end", test_silent_to_the_end},
    {"no sustained run: Trd is kept, no Trall", test_trd_kept_without_trall},
    {"a loss after the run", test_lost_again},
    {"how far interruptions reach", test_fixpoint},
    {"a late packet is no loss", test_late_packet_is_no_loss},
    {"arrivals are cut at Tf", test_cut_at_tf},
    {"Tf told late", test_tf_told_late},
    {"stimulus after stimulus", test_again_on_one_instance},
    {"withheld packets interrupt", test_withheld_is_lost},
    {"nothing begun", test_before_begin},
};

CU_MAIN("recovery", tests)
