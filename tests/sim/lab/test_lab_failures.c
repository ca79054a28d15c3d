/* What goes wrong is seen and named: joins that lapse, cables pulled, garbage on the wire. */
#include "emul/base/rng.h"
#include "tests/sim/lab/world.h"
#include "tests/unit/cu.h"

#include <string.h>

static bool has_failure(struct world *w, enum emul_criterion criterion)
{
    struct emul_failure failures[64];
    size_t n = emul_failures(w->emul, failures, 64);
    for (size_t i = 0; i < n && i < 64; i++) {
        if (failures[i].criterion == criterion)
            return true;
    }
    return false;
}

static void test_lapse(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    CU_ASSERT(!has_failure(w, CRIT_NEIGHBOUR));
    refpe_down(w->pe);
    world_run(w, 240);
    emul_window_open(w->emul);
    world_run(w, 20);
    emul_window_close(w->emul);
    struct emul_window win;
    emul_window_get(w->emul, &win);
    CU_ASSERT_EQUAL(win.egress.received + win.ingress.received, 0);
    CU_ASSERT_EQUAL(win.egress.not_joined, win.egress.sent);
    CU_ASSERT_EQUAL(win.ingress.not_joined, win.ingress.sent);
    CU_ASSERT(has_failure(w, CRIT_NOT_JOINED));
    CU_ASSERT(has_failure(w, CRIT_NEIGHBOUR));
    CU_ASSERT(has_failure(w, CRIT_MI_PMSI));
    world_free(w);
}

/* Pulls a cable for hold_s and waits for the recovery. */
static void flap(struct world *w, enum emul_side side, double hold_s, struct emul_recovery *out)
{
    emul_recovery_begin(w->emul);
    CU_ASSERT_EQUAL(emul_link(w->emul, side, false, NULL), 0);
    world_run(w, hold_s);
    CU_ASSERT_EQUAL(emul_link(w->emul, side, true, NULL), 0);
    emul_recovery_action(w->emul, loop_now(w->loop));
    for (int i = 0; i < 600; i++) {
        world_run(w, 1);
        emul_recovery_get(w->emul, out);
        if (out->settled)
            break;
    }
    world_run(w, 60);
    emul_recovery_get(w->emul, out);
}

static double after_tf(const struct emul_recovery *r, struct instant t)
{
    return t.ns == INT64_MAX ? -1 : (double)instant_diff(t, r->tf) / 1e9;
}

static void check_recovered(struct world *w, const struct emul_recovery *r)
{
    CU_ASSERT(r->settled);
    CU_ASSERT_EQUAL(r->not_recovered, 0);
    CU_ASSERT_EQUAL(r->lost_again, 0);
    CU_ASSERT(after_tf(r, r->trall) > 0 && after_tf(r, r->trall) < 120);
    CU_ASSERT(world_flowing(w));
    struct mvpn_metric expected, seen;
    spec_expected(&w->spec, &expected);
    emul_metric(w->emul, &seen);
    for (int i = 0; i < METRIC_VARS; i++) {
        if (i != NUM_OIF_C)
            CU_ASSERT_EQUAL(seen.v[i], expected.v[i]);
    }
    (void)printf(
        "\n    Tre %.3f Trd %.3f Trall %.3f s, interrupted %llu/%llu, C lost %llu back %.3f, "
        "MI-PMSI lost %llu back %.3f ",
        after_tf(r, r->tre), after_tf(r, r->trd), after_tf(r, r->trall),
        (unsigned long long)r->interrupted_ingress, (unsigned long long)r->interrupted_egress,
        (unsigned long long)r->c_lost, after_tf(r, r->c_all), (unsigned long long)r->mi_pmsi_lost,
        after_tf(r, r->mi_pmsi_all));
}

static void test_c_flap(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct emul_recovery r;
    flap(w, SIDE_C, 20, &r);
    check_recovered(w, &r);
    CU_ASSERT_EQUAL(r.c_lost, 4);
    CU_ASSERT(after_tf(&r, r.c_all) >= 0);
    CU_ASSERT_EQUAL(r.interrupted_ingress, 8 * 3);
    CU_ASSERT_EQUAL(r.interrupted_egress, 8 * 2);
    world_free(w);
}

/* With one interface a C-link the cable of VPN 1's first is pulled, and only that. */
static void test_c_flap_ports(void)
{
    struct instance_spec spec = world_spec();
    spec.trunk = false;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct emul_recovery r;
    flap(w, SIDE_C, 20, &r);
    check_recovered(w, &r);
    CU_ASSERT_EQUAL(r.c_lost, 1);
    CU_ASSERT(after_tf(&r, r.c_all) >= 0);
    world_free(w);
}

static void test_p_flap(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct emul_recovery r;
    flap(w, SIDE_P, 20, &r);
    check_recovered(w, &r);
    CU_ASSERT_EQUAL(r.c_lost, 0);
    CU_ASSERT_EQUAL(r.interrupted_egress, 8 * 2);
    world_free(w);
}

static void test_p_flap_long(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct emul_recovery r;
    flap(w, SIDE_P, 300, &r);
    check_recovered(w, &r);
    CU_ASSERT_EQUAL(r.mi_pmsi_lost, 6);
    CU_ASSERT(after_tf(&r, r.mi_pmsi_first) >= 0);
    CU_ASSERT(r.mi_pmsi_all.ns >= r.mi_pmsi_first.ns);
    world_free(w);
}

/* A frame of random length and bytes, more often than not with a head that looks right. */
static size_t random_frame(struct rng *rng, uint8_t *out, bool c_side)
{
    size_t len = 14 + (size_t)hash_range(rng_next(rng), 200);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)rng_next(rng);
    if (rng_next(rng) % 4 == 0)
        return len;
    static const uint8_t heads[4][2] = {{0x08, 0x00}, {0x08, 0x06}, {0x81, 0x00}, {0x88, 0xa8}};
    memcpy(out + 12, heads[rng_next(rng) % (c_side ? 4 : 2)], 2);
    return len;
}

static void test_garbage(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct rng rng = {7};
    uint8_t frame[256];
    for (int i = 0; i < 200000; i++) {
        size_t len = random_frame(&rng, frame, true);
        port_deliver(w->a1[0][0], frame, len, loop_now(w->loop));
        len = random_frame(&rng, frame, false);
        port_deliver(w->a3[0], frame, len, loop_now(w->loop));
    }
    struct emul_health health;
    emul_health_get(w->emul, &health);
    CU_ASSERT(health.undecodable > 1000);
    world_run(w, 30);
    CU_ASSERT(world_flowing(w));
    world_free(w);
}

static const struct cu_test tests[] = {
    {"joins that lapse: not-joined", test_lapse},
    {"C link pulled for 20 s", test_c_flap},
    {"C link of one interface pulled for 20 s", test_c_flap_ports},
    {"P link pulled for 20 s", test_p_flap},
    {"P link pulled for 300 s: everything expired", test_p_flap_long},
    {"random bytes on both ports", test_garbage},
};

CU_MAIN("lab failures", tests)
