/*
 * Signalling between PEs against RFC 6517, A.1.1.1: on one tree R of P - 1 remote PEs join one
 * after another, stay, and leave one after another. Counted is at every PE of the LAN.
 */
#include "harness/run/predict.h"
#include "mvpnbench/emul_live.h"
#include "mvpnbench/emul_signal.h"
#include "tests/sim/lab/check.h"
#include "tests/sim/lab/tap.h"
#include "tests/unit/cu.h"

#define JOIN_GAP_S  2.0
#define LEAVE_GAP_S 10.0 /* an override takes at most 2.5 s, a pending Prune 3 s */
#define STAY_S      4200.0

static struct world *lan(uint32_t pes, uint32_t receivers, bool suppression)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.groups = spec.ingress_groups = spec.sources = 1;
    spec.remote_pes = pes - 1;
    spec.receiver_pes = receivers;
    spec.jp_suppression = suppression;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    return w;
}

/* All receivers do the same, one after another. */
static void each(struct world *w, bool on, double gap_s)
{
    struct err err = {0};
    for (uint32_t n = 1; n <= w->spec.receiver_pes; n++) {
        CU_ASSERT_EQUAL_FATAL(emul_receiver_set(w->emul, 1, 1, n, on, &err), 0);
        world_run(w, gap_s);
    }
}

static struct emul_signal counted(struct world *w)
{
    struct emul_signal s;
    emul_signal_get(w->emul, &s);
    return s;
}

static double all(const struct emul_signal *s, enum signal_kind k)
{
    return (double)(s->dut[k] + s->pes[k]);
}

/* A row of the table: the upstream PE and the others apart. */
static void check_row(const struct emul_signal *s, enum signal_kind k, const double row[],
                      double times)
{
    CU_ASSERT_EQUAL((double)s->dut[k], row[PREDICT_UPSTREAM] * times);
    CU_ASSERT_EQUAL((double)s->pes[k], row[PREDICT_OTHER] * times);
}

static struct prediction predicted(const struct world *w, double lifetime_s)
{
    struct predict_input in = {.pes = w->spec.remote_pes + 1.0,
                               .receivers = w->spec.receiver_pes,
                               .lifetime_s = lifetime_s,
                               .refresh_s = 60,
                               .groups = 1};
    struct prediction p;
    predict_pim(&in, &p);
    return p;
}

static void check_lan(uint32_t pes, uint32_t receivers)
{
    struct world *w = lan(pes, receivers, true);
    struct prediction p = predicted(w, STAY_S);
    each(w, true, JOIN_GAP_S);
    struct emul_signal joined = counted(w);
    check_row(&joined, SIGNAL_JOIN, p.rows[PREDICT_FIRST_JOIN], 1 + (receivers - 1.0));
    CU_ASSERT_EQUAL(all(&joined, SIGNAL_PRUNE) + all(&joined, SIGNAL_OVERRIDE), 0);
    CU_ASSERT_EQUAL(joined.states_joined, receivers); /* s.e beside the upstream PE's one */

    world_run(w, STAY_S);
    struct emul_signal stayed = counted(w);
    double refreshes = (all(&stayed, SIGNAL_REFRESH) - all(&joined, SIGNAL_REFRESH)) / pes;
    /* Alone there is nobody to be suppressed by: one every 60 s, on the grid of whole seconds. */
    double least = receivers == 1 ? STAY_S / 60 - 1 : STAY_S / 84 - 1, most = STAY_S / 59 + 1;
    CU_ASSERT(refreshes >= least && refreshes <= most);
    if (receivers > 1)
        CU_ASSERT(refreshes <= STAY_S / 60 + 1);
    CU_ASSERT_EQUAL(all(&stayed, SIGNAL_JOIN), all(&joined, SIGNAL_JOIN));

    each(w, false, LEAVE_GAP_S);
    struct emul_signal left = counted(w);
    double leaves = receivers - 1.0;
    CU_ASSERT_EQUAL(all(&left, SIGNAL_JOIN), all(&joined, SIGNAL_JOIN));
    /* A leave of two rows: the Prune, and the Join that overrides it; the last leave has none. */
    CU_ASSERT_EQUAL(all(&left, SIGNAL_PRUNE) + all(&left, SIGNAL_OVERRIDE),
                    p.rows[PREDICT_LEAVE][PREDICT_ALL] * leaves +
                        p.rows[PREDICT_LAST_LEAVE][PREDICT_ALL]);
    CU_ASSERT_EQUAL(all(&left, SIGNAL_OVERRIDE), pes * leaves);
    CU_ASSERT_EQUAL((double)left.dut[SIGNAL_OVERRIDE], leaves);
    /* Apart: the upstream PE repeats the Prune that nobody overrode, where others listen. */
    CU_ASSERT_EQUAL(all(&left, SIGNAL_ECHO), pes > 2 ? pes : 0);
    CU_ASSERT_EQUAL(all(&left, SIGNAL_OTHER), 0);
    CU_ASSERT_EQUAL(left.states_joined, 0);
    world_free(w);
}

static void test_three(void)
{
    check_lan(3, 1);
    check_lan(3, 2);
}

static void test_ten(void)
{
    for (uint32_t r = 1; r <= 9; r++)
        check_lan(10, r);
}

static void test_hundred(void)
{
    check_lan(100, 1);
    check_lan(100, 50);
    check_lan(100, 99);
}

/* Without suppression every PE refreshes, and every one that is left overrides. */
static void test_no_suppression(void)
{
    const uint32_t pes = 10, receivers = 5;
    struct world *w = lan(pes, receivers, false);
    each(w, true, JOIN_GAP_S);
    struct emul_signal joined = counted(w);
    CU_ASSERT_EQUAL(all(&joined, SIGNAL_JOIN), pes * receivers);
    world_run(w, STAY_S);
    struct emul_signal stayed = counted(w);
    double refreshes = (all(&stayed, SIGNAL_REFRESH) - all(&joined, SIGNAL_REFRESH)) / pes;
    CU_ASSERT(refreshes >= receivers * (STAY_S / 60 - 1) &&
              refreshes <= receivers * (STAY_S / 59 + 1));
    each(w, false, LEAVE_GAP_S);
    struct emul_signal left = counted(w);
    CU_ASSERT_EQUAL(all(&left, SIGNAL_PRUNE), pes * receivers);
    /* A refresh that was due before the override counts as a refresh, or is the first override. */
    CU_ASSERT(all(&left, SIGNAL_OVERRIDE) <= pes * receivers * (receivers - 1) / 2);
    CU_ASSERT(all(&left, SIGNAL_OVERRIDE) >= pes * (receivers - 1));
    world_free(w);
}

/* The DUT's counts are what crossed its port: entries and Hellos of a capture of the P link. */
static void test_capture(void)
{
    struct world *w = lan(10, 6, true);
    struct emul_signal before = counted(w);
    world_capture(w);
    each(w, true, JOIN_GAP_S);
    world_run(w, 600);
    each(w, false, LEAVE_GAP_S);
    world_capture_end(w);
    struct emul_signal after = counted(w);
    struct tap t = {0};
    uint64_t joins = 0, prunes = 0, hellos = 0;
    tap_file(&t, w->capture_path[1]);
    for (size_t i = 0; i < t.count; i++) {
        const struct tap_pim *p = &t.items[i];
        if ((p->session >> 32) == 0 || p->source == w->spec.addr.p_router_addr ||
            p->source == w->spec.addr.dut_p_addr)
            continue;
        joins += p->joins;
        prunes += p->prunes;
        hellos += p->type == PIM_HELLO;
    }
    uint64_t d[SIGNAL_KINDS];
    for (int k = 0; k < SIGNAL_KINDS; k++)
        d[k] = after.dut[k] - before.dut[k];
    CU_ASSERT_EQUAL(d[SIGNAL_JOIN] + d[SIGNAL_REFRESH] + d[SIGNAL_OVERRIDE], joins);
    CU_ASSERT_EQUAL(d[SIGNAL_PRUNE] + d[SIGNAL_ECHO], prunes);
    CU_ASSERT_EQUAL(d[SIGNAL_HELLO], hellos);
    CU_ASSERT(joins > 6 && prunes == 7 && hellos > 100);
    tap_fini(&t);
    world_free(w);
}

/* A tree that the DUT joins: it is the one receiver, a remote PE the upstream one. */
static void test_towards_remote(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    world_run(w, 60);
    struct emul_signal s = counted(w);
    uint64_t trees = 2 * 2 * 3; /* mVPNs, groups a direction, routes a group */
    uint64_t pes = spec.remote_pes + 1;
    CU_ASSERT_EQUAL(s.dut[SIGNAL_JOIN], trees * (1 + 2));
    CU_ASSERT_EQUAL(s.pes[SIGNAL_JOIN], (pes - 1) * trees * (1 + 2));
    CU_ASSERT_EQUAL(s.states_joined, trees * 2);
    CU_ASSERT_EQUAL(s.states_upstream, trees);
    CU_ASSERT_EQUAL(all(&s, SIGNAL_PRUNE) + all(&s, SIGNAL_ECHO) + all(&s, SIGNAL_OTHER), 0);
    world_free(w);
}

static const struct cu_test tests[] = {
    {"P = 3", test_three},
    {"P = 10", test_ten},
    {"P = 100", test_hundred},
    {"without suppression", test_no_suppression},
    {"what crossed the P link", test_capture},
    {"trees of remote sources", test_towards_remote},
};

CU_MAIN("lab_signal", tests)
