#include "fixture.h"

#include "tests/unit/cu.h"

static struct emul_window window_of(const struct fixture *f)
{
    struct emul_window w;
    analyser_window_get(f->a, &w);
    return w;
}

static struct instant seconds(int64_t s)
{
    return (struct instant){s * NS_PER_S};
}

static void test_clean(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    for (uint32_t flow = 1; flow <= 4; flow++)
        fixture_pass(&f, flow, 0, 9);
    analyser_window_close(f.a, seconds(10));
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.from.ns, 0);
    CU_ASSERT_EQUAL(w.to.ns, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(w.ingress.flows, 2);
    CU_ASSERT_EQUAL(w.ingress.sent, 2 * 10 * (WEIGHT + 1));
    CU_ASSERT_EQUAL(w.ingress.received, w.ingress.sent);
    CU_ASSERT_EQUAL(w.egress.sent, 2 * 10 * 2);
    CU_ASSERT_EQUAL(w.egress.received, w.egress.sent);
    CU_ASSERT_EQUAL(w.ingress.lost + w.egress.lost, 0);
    CU_ASSERT_EQUAL(w.egress.min_sent_per_flow, 10);
    CU_ASSERT_EQUAL(w.egress.latency_min_ns, NS_PER_MS);
    CU_ASSERT_EQUAL(w.egress.latency_avg_ns, NS_PER_MS);
    CU_ASSERT_EQUAL(w.egress.latency_max_ns, NS_PER_MS);
    CU_ASSERT_EQUAL(analyser_failures(f.a, NULL, 0), 0);
    CU_ASSERT_EQUAL(analyser_pairs_total(f.a), 2 * (WEIGHT + 1 + 2));
    CU_ASSERT_EQUAL(analyser_pairs_flowing(f.a, seconds(10)), analyser_pairs_total(f.a));
    CU_ASSERT_TRUE(analyser_all_flowing(f.a, seconds(10)));
    CU_ASSERT_EQUAL(analyser_oifs_seen(f.a, seconds(10)), 8);
    fixture_free(&f);
}

static void test_loss_by_branch(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    for (uint64_t n = 0; n < 10; n++) {
        fixture_send(&f, INGRESS, n);
        if (n != 3 && n != 4)
            fixture_arrive(&f, INGRESS, ANALYSER_MI_PMSI, n, 10);
        if (n < 9) /* the last one is lost: no later packet tells */
            fixture_arrive(&f, INGRESS, 2, n, 20);
    }
    analyser_window_close(f.a, seconds(10));
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.ingress.sent, 10 * (WEIGHT + 1));
    CU_ASSERT_EQUAL(w.ingress.lost, 2 * WEIGHT + 1);
    CU_ASSERT_EQUAL(w.ingress.received + w.ingress.lost, w.ingress.sent);
    CU_ASSERT_EQUAL(w.ingress.latency_avg_ns, (8 * 10 * WEIGHT + 9 * 20) / (8 * WEIGHT + 9));
    CU_ASSERT_EQUAL(w.ingress.latency_max_ns, 20);
    CU_ASSERT_EQUAL(w.ingress.min_sent_per_flow, 0); /* flow 3 sent nothing */
    struct emul_failure fail[4];
    CU_ASSERT_EQUAL(analyser_failures(f.a, fail, 4), 2);
    CU_ASSERT_EQUAL(fail[0].criterion, CRIT_LOSS);
    CU_ASSERT_EQUAL(fail[0].vpn, 1);
    CU_ASSERT_EQUAL(fail[0].flow, INGRESS);
    CU_ASSERT_STRING_EQUAL(fail[0].interface, "MI-PMSI");
    CU_ASSERT_EQUAL(fail[0].count, 2);
    CU_ASSERT_STRING_EQUAL(fail[1].interface, "C-interface 2");
    CU_ASSERT_EQUAL(fail[1].count, 1);
    fixture_free(&f);
}

static void test_duplicate_and_reorder(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    fixture_lose(&f, EGRESS, 0, 199);
    const uint64_t order[] = {0, 1, 3, 2, 2, 4, 4, 4, 5, 99, 98, 36, 35};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        fixture_arrive(&f, EGRESS, 1, order[i], NS_PER_S);
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.egress.received, 9);
    CU_ASSERT_EQUAL(w.egress.reordered, 3);
    /* 35 is 64 behind 99: it cannot be told from a duplicate. */
    CU_ASSERT_EQUAL(w.egress.duplicate, 4);
    struct emul_failure fail[4];
    CU_ASSERT_EQUAL(analyser_failures(f.a, fail, 4), 3);
    CU_ASSERT_EQUAL(fail[0].criterion, CRIT_LOSS);
    CU_ASSERT_EQUAL(fail[1].criterion, CRIT_DUPLICATE);
    CU_ASSERT_EQUAL(fail[1].count, 4);
    CU_ASSERT_STRING_EQUAL(fail[1].interface, "C-interface 1");
    CU_ASSERT_EQUAL(fail[2].count, 200);
    fixture_free(&f);
}

static void test_duplicate_is_weighted(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    fixture_pass(&f, INGRESS, 0, 9);
    fixture_arrive(&f, INGRESS, ANALYSER_MI_PMSI, 9, 2 * NS_PER_MS);
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.ingress.duplicate, WEIGHT);
    CU_ASSERT_EQUAL(w.ingress.lost, 0);
    CU_ASSERT_FALSE(analyser_all_flowing(f.a, seconds(10)));
    fixture_free(&f);
}

static void test_edges(void)
{
    struct fixture f = fixture_new(fixture_spec());
    fixture_pass(&f, EGRESS, 0, 4);
    fixture_send(&f, EGRESS, 5);
    /* Packet 5 left at the very instant of opening and is under way; 4 arrives late. */
    analyser_window_open(f.a, fixture_due(&f, EGRESS, 5));
    fixture_arrive(&f, EGRESS, 1, 5, 1);
    fixture_arrive(&f, EGRESS, 2, 5, 1);
    fixture_pass(&f, EGRESS, 6, 7);
    /* Packet 8 left at the very instant of closing: not in it, even though it has arrived. */
    fixture_send(&f, EGRESS, 8);
    fixture_arrive(&f, EGRESS, 1, 8, 0);
    analyser_window_close(f.a, fixture_due(&f, EGRESS, 8));
    fixture_arrive(&f, EGRESS, 2, 8, 0);
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.egress.sent, 2 * 3);
    CU_ASSERT_EQUAL(w.egress.received, 2 * 3);
    CU_ASSERT_EQUAL(w.egress.lost, 0);
    fixture_free(&f);
}

static void test_arrival_after_close(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    fixture_lose(&f, EGRESS, 0, 3);
    for (uint64_t n = 0; n < 3; n++)
        fixture_arrive(&f, EGRESS, 1, n, 1);
    analyser_window_close(f.a, seconds(4));
    CU_ASSERT_EQUAL(window_of(&f).egress.lost, 5);
    fixture_arrive(&f, EGRESS, 1, 3, 9 * NS_PER_S);
    CU_ASSERT_EQUAL(window_of(&f).egress.lost, 4);
    CU_ASSERT_EQUAL(window_of(&f).egress.latency_max_ns, 9 * NS_PER_S);
    fixture_pass(&f, EGRESS, 4, 9);
    CU_ASSERT_EQUAL(window_of(&f).egress.sent, 8);
    CU_ASSERT_EQUAL(window_of(&f).egress.received, 4);
    fixture_free(&f);
}

static void test_open_again(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    fixture_lose(&f, EGRESS, 0, 3);
    fixture_arrive(&f, EGRESS, ANALYSER_MI_PMSI, 3, 1);
    CU_ASSERT_EQUAL(analyser_failures(f.a, NULL, 0), 3);
    analyser_window_close(f.a, seconds(4));
    analyser_window_open(f.a, seconds(4));
    fixture_pass(&f, EGRESS, 4, 6);
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.egress.sent, 6);
    CU_ASSERT_EQUAL(w.egress.received, 6);
    CU_ASSERT_EQUAL(w.egress.misdelivered, 0);
    CU_ASSERT_EQUAL(w.to.ns, INT64_MAX);
    CU_ASSERT_EQUAL(w.ingress.latency_min_ns, -1);
    CU_ASSERT_EQUAL(w.ingress.latency_avg_ns, -1);
    CU_ASSERT_EQUAL(w.ingress.latency_max_ns, -1);
    CU_ASSERT_EQUAL(analyser_failures(f.a, NULL, 0), 0);
    fixture_free(&f);
}

static void test_not_joined(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    fixture_pass(&f, INGRESS, 0, 5);
    for (uint64_t n = 6; n < 10; n++)
        analyser_sent(f.a, INGRESS, n, fixture_due(&f, INGRESS, n), true);
    fixture_pass(&f, INGRESS, 10, 12);
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.ingress.sent, 13 * (WEIGHT + 1));
    CU_ASSERT_EQUAL(w.ingress.lost, 4 * (WEIGHT + 1));
    CU_ASSERT_EQUAL(w.ingress.not_joined, w.ingress.lost);
    struct emul_failure fail[2];
    CU_ASSERT_EQUAL(analyser_failures(f.a, fail, 2), 1);
    CU_ASSERT_EQUAL(fail[0].criterion, CRIT_NOT_JOINED);
    CU_ASSERT_EQUAL(fail[0].count, 4);
    CU_ASSERT_EQUAL(fail[0].flow, INGRESS);
    fixture_free(&f);
}

static void stray(struct fixture *f, uint32_t v, uint32_t branch, struct probe p)
{
    p.sent_ns = NS_PER_S;
    analyser_received(f->a, v, branch, &p, seconds(2));
}

static void test_misdelivered(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_window_open(f.a, seconds(0));
    fixture_pass(&f, INGRESS, 0, 9);
    fixture_pass(&f, EGRESS, 0, 9);
    stray(&f, 2, 1, (struct probe){.vpn = 1, .flow = EGRESS, .sequence = 1});
    stray(&f, 2, 1, (struct probe){.vpn = 1, .flow = EGRESS, .sequence = 2});
    stray(&f, 1, 1, (struct probe){.vpn = 1, .flow = INGRESS, .sequence = 1}); /* own source */
    stray(&f, 1, 0, (struct probe){.vpn = 1, .flow = EGRESS, .sequence = 1});
    stray(&f, 1, 3, (struct probe){.vpn = 1, .flow = EGRESS, .sequence = 1});
    stray(&f, 1, 2, (struct probe){.vpn = 1, .flow = 3, .sequence = 1}); /* flow 3 is VPN 2's */
    stray(&f, 1, 2, (struct probe){.vpn = 1, .flow = 0, .sequence = 1});
    stray(&f, 1, 2, (struct probe){.vpn = 1, .flow = 99, .sequence = 1});
    stray(&f, 3, 2, (struct probe){.vpn = 3, .flow = 5, .sequence = 1});
    stray(&f, 1, 2, (struct probe){.vpn = 1, .flow = EGRESS, .sequence = 10}); /* never sent */
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.ingress.misdelivered, 2);
    CU_ASSERT_EQUAL(w.egress.misdelivered, 8);
    CU_ASSERT_EQUAL(w.ingress.received, 10 * (WEIGHT + 1));
    CU_ASSERT_EQUAL(w.egress.received, 20);
    struct emul_failure fail[16];
    CU_ASSERT_EQUAL(analyser_failures(f.a, fail, 16), 9);
    CU_ASSERT_EQUAL(fail[0].criterion, CRIT_MISDELIVERED);
    CU_ASSERT_EQUAL(fail[0].vpn, 2);
    CU_ASSERT_EQUAL(fail[0].flow, EGRESS);
    CU_ASSERT_EQUAL(fail[0].count, 2);
    CU_ASSERT_STRING_EQUAL(fail[0].interface, "C-interface 1");
    CU_ASSERT_STRING_EQUAL(fail[2].interface, "MI-PMSI");
    CU_ASSERT_EQUAL(analyser_failures(f.a, fail, 1), 9);
    CU_ASSERT_FALSE(analyser_all_flowing(f.a, seconds(6)));
    fixture_free(&f);
}

static void test_earlier_instance(void)
{
    struct fixture f = fixture_new(fixture_spec());
    analyser_start(f.a, seconds(5));
    analyser_window_open(f.a, seconds(5));
    stray(&f, 1, 1, (struct probe){.vpn = 1, .flow = EGRESS, .sequence = 77});
    CU_ASSERT_EQUAL(window_of(&f).egress.misdelivered, 0);
    fixture_free(&f);
}

static void test_no_remote_receivers(void)
{
    struct instance_spec spec = fixture_spec();
    spec.receiver_pes = 0;
    spec.c_interfaces = 3;
    spec.receiver_c_ifs = 1;
    struct fixture f = fixture_new(spec);
    analyser_window_open(f.a, seconds(0));
    for (uint64_t n = 0; n < 10; n++) {
        fixture_send(&f, INGRESS, n);
        fixture_send(&f, EGRESS, n);
        fixture_arrive(&f, INGRESS, 2, n, 1);
        fixture_arrive(&f, INGRESS, 3, n, 1);
        fixture_arrive(&f, INGRESS, 0, n, 1);
        fixture_arrive(&f, EGRESS, 1, n, 1);
        fixture_arrive(&f, EGRESS, 2, n, 1);
    }
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(analyser_pairs_total(f.a), 2 * 3);
    CU_ASSERT_EQUAL(w.ingress.received, 20);
    CU_ASSERT_EQUAL(w.egress.received, 10);
    CU_ASSERT_EQUAL(w.ingress.misdelivered, 10);
    CU_ASSERT_EQUAL(w.egress.misdelivered, 10);
    fixture_free(&f);
}

static void test_direction_without_flows(void)
{
    struct instance_spec spec = fixture_spec();
    spec.ingress_groups = 0;
    struct fixture f = fixture_new(spec);
    struct emul_window w = window_of(&f);
    CU_ASSERT_EQUAL(w.ingress.flows, 0);
    CU_ASSERT_EQUAL(w.ingress.min_sent_per_flow, UINT64_MAX);
    CU_ASSERT_EQUAL(w.egress.flows, 4);
    CU_ASSERT_EQUAL(w.from.ns, INT64_MAX); /* no window was opened */
    CU_ASSERT_EQUAL(w.to.ns, INT64_MAX);
    fixture_free(&f);
}

/* flowing_after passes packets 0...last at the period and tells how many pairs flow then. */
static uint64_t flowing_after(int64_t period_ns, uint64_t last, int64_t later_ns)
{
    struct instance_spec spec = fixture_spec();
    spec.period_ns = period_ns;
    spec.mvpns = 1;
    spec.groups = 1;
    spec.ingress_groups = 0;
    struct fixture f = fixture_new(spec);
    fixture_pass(&f, 1, 0, last);
    struct instant now = instant_add(fixture_due(&f, 1, last), NS_PER_MS + later_ns);
    uint64_t flowing = analyser_pairs_flowing(f.a, now);
    fixture_free(&f);
    return flowing;
}

static void test_flowing(void)
{
    CU_ASSERT_EQUAL(flowing_after(NS_PER_S, 3, 0), 0);
    CU_ASSERT_EQUAL(flowing_after(NS_PER_S, 4, 0), 2);
    CU_ASSERT_EQUAL(flowing_after(10 * NS_PER_S, 4, 0), 2);
    /* 100 ms: 5 s are 50 packets; 3 packets a second: 15, not 16; 300 ms: 17. */
    CU_ASSERT_EQUAL(flowing_after(100 * NS_PER_MS, 48, 0), 0);
    CU_ASSERT_EQUAL(flowing_after(100 * NS_PER_MS, 49, 0), 2);
    CU_ASSERT_EQUAL(flowing_after(NS_PER_S / 3 + 1, 13, 0), 0);
    CU_ASSERT_EQUAL(flowing_after(NS_PER_S / 3 + 1, 14, 0), 2);
    CU_ASSERT_EQUAL(flowing_after(300 * NS_PER_MS, 15, 0), 0);
    CU_ASSERT_EQUAL(flowing_after(300 * NS_PER_MS, 16, 0), 2);
    /* Overdue: nothing for more than two periods and a second. */
    CU_ASSERT_EQUAL(flowing_after(NS_PER_S, 9, 3 * NS_PER_S), 2);
    CU_ASSERT_EQUAL(flowing_after(NS_PER_S, 9, 3 * NS_PER_S + 1), 0);
    CU_ASSERT_EQUAL(flowing_after(100 * NS_PER_MS, 60, 1200 * NS_PER_MS + 1), 0);
}

static void test_run_is_broken(void)
{
    struct fixture f = fixture_new(fixture_spec());
    fixture_lose(&f, EGRESS, 0, 30);
    const uint64_t gap[] = {0, 1, 2, 3, 5, 6, 7, 8};
    for (size_t i = 0; i < 8; i++)
        fixture_arrive(&f, EGRESS, 1, gap[i], 1);
    CU_ASSERT_EQUAL(analyser_pairs_flowing(f.a, fixture_due(&f, EGRESS, 8)), 0);
    fixture_arrive(&f, EGRESS, 1, 8, 2); /* a duplicate neither breaks nor helps */
    CU_ASSERT_EQUAL(analyser_pairs_flowing(f.a, fixture_due(&f, EGRESS, 8)), 0);
    fixture_arrive(&f, EGRESS, 1, 9, 1);
    CU_ASSERT_EQUAL(analyser_pairs_flowing(f.a, fixture_due(&f, EGRESS, 9)), 1);
    fixture_arrive(&f, EGRESS, 1, 4, 5 * NS_PER_S); /* a late one breaks it */
    CU_ASSERT_EQUAL(analyser_pairs_flowing(f.a, fixture_due(&f, EGRESS, 9)), 0);
    for (uint64_t n = 10; n < 15; n++)
        fixture_arrive(&f, EGRESS, 1, n, 1);
    CU_ASSERT_EQUAL(analyser_pairs_flowing(f.a, fixture_due(&f, EGRESS, 14)), 1);
    CU_ASSERT_EQUAL(analyser_oifs_seen(f.a, fixture_due(&f, EGRESS, 17)), 1);
    CU_ASSERT_EQUAL(analyser_oifs_seen(f.a, fixture_due(&f, EGRESS, 18)), 0);
    fixture_free(&f);
}

static const struct cu_test tests[] = {
    {"all delivered", test_clean},
    {"loss, by branch and weighted, also at the end", test_loss_by_branch},
    {"duplicates and reordering", test_duplicate_and_reorder},
    {"a duplicate on the MI-PMSI is one at every receiver", test_duplicate_is_weighted},
    {"edges of the window are send times", test_edges},
    {"packets under way at the close count when they arrive", test_arrival_after_close},
    {"a window opened again starts from nothing", test_open_again},
    {"withheld packets are sent, lost and not-joined", test_not_joined},
    {"wrong VPN, wrong interface, unknown flow, never sent", test_misdelivered},
    {"packets of an earlier instance are nobody's", test_earlier_instance},
    {"no remote receivers: the MI-PMSI expects nothing", test_no_remote_receivers},
    {"a direction without flows", test_direction_without_flows},
    {"flowing: run length and overdue, any rate", test_flowing},
    {"what breaks a run", test_run_is_broken},
};

CU_MAIN("window", tests)
