/* The emulated network against the reference PE, all on the virtual clock. */
#include "tests/sim/lab/world.h"
#include "tests/unit/cu.h"

static void check_metric(struct world *w)
{
    struct mvpn_metric expected, show, seen;
    struct p_metric p;
    spec_expected(&w->spec, &expected);
    refpe_metric(w->pe, &show, &p);
    emul_metric(w->emul, &seen);
    for (int i = 0; i < METRIC_VARS; i++) {
        CU_ASSERT_EQUAL(show.v[i], expected.v[i]);
        if (show.v[i] != expected.v[i])
            (void)printf("\n  %s: PE shows %lld, expected %lld", metric_name((enum metric_var)i),
                         (long long)show.v[i], (long long)expected.v[i]);
        if (i == NUM_OIF_C)
            CU_ASSERT_EQUAL(seen.v[i], METRIC_UNKNOWN)
        else
            CU_ASSERT_EQUAL(seen.v[i], expected.v[i])
        if (i != NUM_OIF_C && seen.v[i] != expected.v[i])
            (void)printf("\n  %s: seen %lld, expected %lld", metric_name((enum metric_var)i),
                         (long long)seen.v[i], (long long)expected.v[i]);
    }
}

static void check_clean(struct world *w)
{
    struct emul_health health;
    emul_health_get(w->emul, &health);
    CU_ASSERT_EQUAL(health.asserts, 0);
    CU_ASSERT_EQUAL(health.undecodable, 0);
    CU_ASSERT_EQUAL(health.tx_errors, 0);
    CU_ASSERT_EQUAL(health.refresh_overrun, 0);
}

static void window_of(struct world *w, double seconds, struct emul_window *out)
{
    emul_window_open(w->emul);
    world_run(w, seconds);
    emul_window_close(w->emul);
    world_run(w, 1);
    emul_window_get(w->emul, out);
}

static void test_steady(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    check_metric(w);
    struct emul_window win;
    window_of(w, 60, &win);
    CU_ASSERT_EQUAL(win.ingress.flows, 8);
    CU_ASSERT_EQUAL(win.egress.flows, 8);
    CU_ASSERT_EQUAL(win.ingress.sent, 8 * 60 * 3); /* the other C-interface and two PEs */
    CU_ASSERT_EQUAL(win.ingress.received, win.ingress.sent);
    CU_ASSERT_EQUAL(win.egress.sent, 8 * 60 * 2);
    CU_ASSERT_EQUAL(win.egress.received, win.egress.sent);
    CU_ASSERT_EQUAL(win.ingress.lost + win.egress.lost, 0);
    CU_ASSERT_EQUAL(win.ingress.misdelivered + win.egress.misdelivered, 0);
    CU_ASSERT_EQUAL(win.ingress.duplicate + win.egress.duplicate, 0);
    struct emul_failure failures[8];
    CU_ASSERT_EQUAL(emul_failures(w->emul, failures, 8), 0);
    check_clean(w);
    world_free(w);
}

static const struct cu_test tests[] = {
    {"bring-up, flows, metric, window", test_steady},
};

CU_MAIN("lab", tests)
