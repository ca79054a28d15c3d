/* Join/Prune as the wire shows it: pace, sizes, refresh, hold times, suppression, withdrawal. */
#include "emul/lab/lab.h"
#include "emul/node/remote_set.h"
#include "tests/sim/lab/tap.h"
#include "tests/sim/lab/world.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

static int by_session_and_time(const void *left, const void *right)
{
    const struct tap_pim *a = left, *b = right;
    if (a->session != b->session)
        return a->session < b->session ? -1 : 1;
    return (a->at.ns > b->at.ns) - (a->at.ns < b->at.ns);
}

static bool is_dut(const struct world *w, ip4_t source)
{
    const struct addressing *a = &w->spec.addr;
    if (source == a->dut_p_addr || source == a->dut_mdt_addr)
        return true;
    return (source & 3) == 1 && (source & 0xffff0000u) == a->c_link_base;
}

/* The messages of the emulated side only, by session. */
static void read_tap(struct world *w, struct tap *t)
{
    struct tap all = {0};
    world_capture_end(w);
    tap_file(&all, w->capture_path[0]);
    tap_file(&all, w->capture_path[1]);
    *t = (struct tap){.items = calloc(all.count + 1, sizeof(*t->items)),
                      .cap = all.count + 1,
                      .malformed = all.malformed};
    for (size_t i = 0; i < all.count; i++) {
        if (!is_dut(w, all.items[i].source))
            t->items[t->count++] = all.items[i];
    }
    tap_fini(&all);
    qsort(t->items, t->count, sizeof(*t->items), by_session_and_time);
}

static void check_pace(const struct world *w, const struct tap *t)
{
    unsigned most = 0, over_pace = 0, too_big = 0, late_hello = 0, wrong_hold = 0;
    size_t first = 0;
    int64_t hello_ns = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct tap_pim *p = &t->items[i];
        bool same = i > 0 && t->items[i - 1].session == p->session;
        if (!same) {
            first = i;
            hello_ns = 0;
        }
        if (p->type == PIM_HELLO) {
            late_hello += hello_ns != 0 && p->at.ns - hello_ns > 30 * NS_PER_S;
            hello_ns = p->at.ns;
        }
        if (p->type != PIM_JOIN_PRUNE)
            continue;
        unsigned entries = p->joins + p->prunes, in_second = 0;
        most = entries > most ? entries : most;
        too_big += p->ip_bytes > w->spec.mtu;
        wrong_hold += p->holdtime_s != 210;
        while (t->items[first].at.ns < p->at.ns - NS_PER_S)
            first++;
        for (size_t k = first; k <= i; k++)
            in_second += t->items[k].type == PIM_JOIN_PRUNE;
        over_pace += in_second > 10;
    }
    CU_ASSERT_EQUAL(over_pace, 0);
    CU_ASSERT_EQUAL(too_big, 0);
    CU_ASSERT_EQUAL(late_hello, 0);
    CU_ASSERT_EQUAL(wrong_hold, 0);
    CU_ASSERT(most > 60 && most <= 80);
    CU_ASSERT_EQUAL(t->malformed, 0);
}

static void test_pace(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 1;
    spec.groups = 1500;
    spec.ingress_groups = 300;
    spec.sources = 1;
    struct world *w = world_new(&spec, NULL);
    world_capture(w);
    CU_ASSERT(world_steady(w));
    world_run(w, 130);
    struct emul_facts facts;
    emul_facts_get(w->emul, &facts);
    CU_ASSERT(facts.jp_capped_by_mtu);
    CU_ASSERT_EQUAL(facts.jp_entries_max, 80); /* (*,G) and (S,G) of a group share a set */
    struct tap t;
    read_tap(w, &t);
    check_pace(w, &t);
    tap_fini(&t);
    world_free(w);
}

/* Joins that remote PEs send in ten minutes for one (*,G) with ten receivers. */
static unsigned joins_in_ten_minutes(bool suppression)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 1;
    spec.c_interfaces = 1;
    spec.receiver_c_ifs = 1;
    spec.groups = spec.ingress_groups = 1;
    spec.sources = 1;
    spec.remote_pes = 20;
    spec.receiver_pes = 10;
    spec.jp_suppression = suppression;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    world_run(w, 100);
    struct emul_facts before, after;
    emul_facts_get(w->emul, &before);
    world_run(w, 600);
    emul_facts_get(w->emul, &after);
    CU_ASSERT_EQUAL(after.joins_suppressed > before.joins_suppressed, suppression);
    /* The P router refreshes its one (DUT, MDT) as well, ten times. */
    unsigned joins = (unsigned)(after.jp_entries_sent - before.jp_entries_sent) - 10;
    world_free(w);
    return joins;
}

static void test_suppression(void)
{
    /* One Join every 66 s or so instead of ten every 60 s (PROTOCOLS 1.6). */
    unsigned with = joins_in_ten_minutes(true), without = joins_in_ten_minutes(false);
    CU_ASSERT(with >= 7 && with <= 10);
    CU_ASSERT(without >= 99 && without <= 101);
}

/* One of two receiving PEs leaves: the other overrides its Prune within 2.5 s, nothing is lost. */
static void test_override(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 1;
    spec.groups = spec.ingress_groups = 1;
    spec.period_ns = 100 * NS_PER_MS;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    struct remote_pes *pes = w->emul->pes;
    CU_ASSERT_EQUAL_FATAL(pes->session_count, 2);
    emul_window_open(w->emul);
    for (uint32_t ix = 0; ix <= spec.sources; ix++)
        pim_us_prune(pes->joins, 0, ix);
    world_run(w, 10);
    emul_window_close(w->emul);
    struct emul_window win;
    struct emul_facts facts;
    emul_window_get(w->emul, &win);
    emul_facts_get(w->emul, &facts);
    CU_ASSERT_EQUAL(win.ingress.lost, 0);
    CU_ASSERT(facts.prunes_overridden >= 3);
    /* The last one leaves: the DUT's C-source side goes quiet on the MI-PMSI. */
    for (uint32_t ix = 0; ix <= spec.sources; ix++)
        pim_us_prune(pes->joins, 1, ix);
    world_run(w, 10);
    emul_window_open(w->emul);
    world_run(w, 10);
    emul_window_close(w->emul);
    emul_window_get(w->emul, &win);
    /* The other C-interface still receives; the two PEs do not. */
    CU_ASSERT_EQUAL(win.ingress.received * 3, win.ingress.sent);
    world_free(w);
}

static void test_withdraw(void)
{
    struct instance_spec spec = world_spec();
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_steady(w));
    emul_withdraw(w->emul);
    CU_ASSERT(world_until(w, world_withdrawn, 10));
    world_run(w, 5);
    struct mvpn_metric show;
    struct p_metric p;
    struct neighbour_count nbrs;
    refpe_metric(w->pe, &show, &p);
    refpe_neighbours(w->pe, &nbrs);
    CU_ASSERT_EQUAL(nbrs.c_interface, 0);
    CU_ASSERT_EQUAL(nbrs.mi_pmsi, 0);
    CU_ASSERT_EQUAL(show.v[NUM_STARG_C], 0);
    CU_ASSERT_EQUAL(show.v[NUM_OIF_C], 0);
    world_free(w);
}

static void test_overrun(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = spec.receiver_pes = 50;
    spec.groups = 170000;
    spec.ingress_groups = 0;
    spec.sources = 1;
    struct world *w = world_new(&spec, NULL);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    struct emul_health health;
    emul_health_get(w->emul, &health);
    CU_ASSERT_EQUAL(health.refresh_overrun, 0);
    emul_join(w->emul);
    emul_health_get(w->emul, &health);
    CU_ASSERT(health.refresh_overrun > 0);
    world_free(w);
}

/* Hellos of remote PEs with T = 1, and of all others, in a short life of the instance. */
static void count_t_bits(const struct instance_spec *spec, size_t *pes, size_t *others)
{
    struct world *w = world_new(spec, NULL);
    struct tap t = {0};
    *pes = *others = 0;
    world_capture(w);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    read_tap(w, &t);
    for (size_t i = 0; i < t.count; i++) {
        bool pe = topology_remote_pe_of(spec, t.items[i].source) != 0;
        if (t.items[i].type == PIM_HELLO && t.items[i].t_bit)
            ++*(pe ? pes : others);
    }
    tap_fini(&t);
    world_free(w);
}

/* RFC 7761 4.3.3: who does not suppress says so; but 10.2 must not forbid the DUT to do it. */
static void test_t_bit(void)
{
    struct instance_spec spec = world_spec();
    size_t pes, others;
    count_t_bits(&spec, &pes, &others);
    CU_ASSERT_EQUAL(pes + others, 0);
    spec.jp_suppression = false;
    count_t_bits(&spec, &pes, &others);
    CU_ASSERT(pes >= 6);
    CU_ASSERT_EQUAL(others, 0);
    spec.ingress_groups = spec.receiver_pes = 0;
    spec.pe3_receives = true;
    count_t_bits(&spec, &pes, &others);
    CU_ASSERT_EQUAL(pes + others, 0);
}

static const struct cu_test tests[] = {
    {"pace, sizes, hold times, Hello period", test_pace},
    {"join suppression among remote PEs", test_suppression},
    {"prune override on the MI-PMSI", test_override},
    {"T bits of Hellos", test_t_bit},
    {"withdrawal leaves nothing behind", test_withdraw},
    {"more joins than a session can refresh", test_overrun},
};

CU_MAIN("lab joins", tests)
