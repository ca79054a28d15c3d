/* The measurements of single cases: 9.11, 9.12, 9.13 and 10.2, against settings of the PE. */
#include "mvpnbench/emul_extra.h"
#include "tests/sim/lab/check.h"
#include "tests/sim/lab/tap.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- 10.2 ------------------------------------------------------------------------------------ */

#define WINDOW_S 120

static struct instance_spec jp_spec(void)
{
    struct instance_spec s = world_spec();
    s.mvpns = 3;
    s.c_interfaces = s.receiver_c_ifs = 1;
    s.remote_pes = 2;
    s.groups = 20;
    s.period_ns = 5 * NS_PER_S;
    s.ingress_groups = s.receiver_pes = 0;
    s.pe3_receives = true;
    return s;
}

static bool pe3_joined(struct world *w)
{
    return emul_pe3_joined(w->emul);
}

/* Join entries towards remote PE 1 that a source sent on the MI-PMSIs in a time of the capture. */
static uint64_t joins_in(const struct tap *t, ip4_t source, ip4_t upstream, struct instant from)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct tap_pim *p = &t->items[i];
        if (p->type == PIM_JOIN_PRUNE && p->source == source && p->upstream == upstream &&
            p->at.ns > from.ns && p->at.ns <= from.ns + WINDOW_S * NS_PER_S)
            n += p->joins;
    }
    return n;
}

/* The same number by tshark: one field a Join/Prune, the sums of its groups' joins. */
static uint64_t joins_by_tshark(const char *path, ip4_t source, struct instant from)
{
    char line[65536], text[IP4_TEXT];
    (void)snprintf(line, sizeof(line),
                   "tshark -n -r %s -Y 'pim.type == 3 && gre && ip.src == %s && "
                   "frame.time_epoch > %.9f && frame.time_epoch <= %.9f' "
                   "-T fields -E aggregator=' ' -e pim.numjoins 2>/dev/null",
                   path, ip4_text(source, text), (double)from.ns / 1e9,
                   (double)from.ns / 1e9 + WINDOW_S);
    FILE *f = popen(line, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    uint64_t n = 0;
    while (fgets(line, sizeof(line), f) != NULL) {
        char *at = line, *end;
        for (unsigned long v = strtoul(at, &end, 10); end != at; v = strtoul(at, &end, 10)) {
            n += v;
            at = end;
        }
    }
    CU_ASSERT_EQUAL(pclose(f), 0);
    return n;
}

static void count_window(struct world *w, struct emul_jp_count *out, struct instant *from)
{
    *from = loop_now(w->loop);
    emul_jp_count_reset(w->emul);
    world_run(w, WINDOW_S);
    emul_jp_count_get(w->emul, out);
}

static void compare_with_capture(struct world *w, const struct emul_jp_count *count,
                                 struct instant from, bool tshark)
{
    struct tap t = {0};
    ip4_t pe1 = topology_remote_pe_addr(&w->spec, 1), pe2 = topology_remote_pe_addr(&w->spec, 2);
    ip4_t dut = w->spec.addr.dut_mdt_addr;
    tap_file(&t, w->capture_path[1]);
    CU_ASSERT_EQUAL(joins_in(&t, dut, pe1, from), count->join_entries_dut);
    CU_ASSERT_EQUAL(joins_in(&t, pe2, pe1, from), count->join_entries_pe3);
    tap_fini(&t);
    if (!tshark || system("tshark -v >/dev/null 2>&1") != 0)
        return;
    CU_ASSERT_EQUAL(joins_by_tshark(w->capture_path[1], dut, from), count->join_entries_dut);
    CU_ASSERT_EQUAL(joins_by_tshark(w->capture_path[1], pe2, from), count->join_entries_pe3);
}

static void suppression(bool on)
{
    struct refpe_settings settings;
    refpe_settings_default(&settings);
    settings.jp_suppression = on;
    struct instance_spec spec = jp_spec();
    struct world *w = world_new(&spec, &settings);
    struct emul_jp_count j1, j2;
    struct instant from1, from2;
    uint64_t entries = (uint64_t)spec.mvpns * spec.groups * (1 + spec.sources);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    world_capture(w);
    emul_pe3_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, pe3_joined, 120));
    emul_traffic_start(w->emul);
    world_run(w, 6);
    CU_ASSERT_FATAL(world_until(w, pe3_joined, 120));
    count_window(w, &j1, &from1);
    CU_ASSERT_EQUAL(j1.join_entries_pe3, entries * WINDOW_S / 60);
    CU_ASSERT_EQUAL(j1.join_entries_dut + j1.prune_entries_dut + j1.prune_entries_pe3, 0);
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_flowing, 120));
    world_run(w, 120);
    count_window(w, &j2, &from2);
    CU_ASSERT_EQUAL(j2.join_entries_pe3, entries * WINDOW_S / 60);
    CU_ASSERT_EQUAL(j2.join_entries_dut, on ? 0 : entries * WINDOW_S / 60);
    CU_ASSERT_EQUAL(j2.prune_entries_dut + j2.prune_entries_pe3, 0);
    CU_ASSERT_EQUAL(j2.pdus_dut == 0, on);
    check_window(w);
    world_capture_end(w);
    compare_with_capture(w, &j1, from1, false);
    compare_with_capture(w, &j2, from2, !on);
    emul_withdraw(w->emul);
    CU_ASSERT(world_until(w, world_withdrawn, 60));
    world_run(w, 5);
    check_left(w);
    world_free(w);
}

static void test_suppression(void)
{
    suppression(true);
    suppression(false);
}

/* The DUT's receivers are gone: it prunes, PE3 overrides that, and goes on receiving. */
static void test_override(void)
{
    struct instance_spec spec = jp_spec();
    struct world *w = world_new(&spec, NULL);
    struct emul_window win;
    struct emul_jp_count count;
    uint64_t entries = (uint64_t)spec.mvpns * spec.groups * (1 + spec.sources);
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_pe3_join(w->emul);
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, pe3_joined, 200));
    emul_traffic_start(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_flowing, 120));
    emul_jp_count_reset(w->emul);
    CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_C, false, NULL), 0);
    world_run(w, 270);
    emul_jp_count_get(w->emul, &count);
    CU_ASSERT_EQUAL(count.prune_entries_dut, entries);
    CU_ASSERT(count.join_entries_pe3 >= 5 * entries);
    emul_window_open(w->emul);
    world_run(w, 30);
    emul_window_close(w->emul);
    emul_window_get(w->emul, &win);
    CU_ASSERT(win.egress.sent > 0 && win.egress.received == 0);
    CU_ASSERT_EQUAL(win.egress.not_joined, 0);
    CU_ASSERT_EQUAL(emul_link(w->emul, SIDE_C, true, NULL), 0);
    CU_ASSERT(world_until(w, world_flowing, 120));
    world_free(w);
}

/* ---- 9.11 ------------------------------------------------------------------------------------ */

static struct instance_spec switch_spec(void)
{
    struct instance_spec s = world_spec();
    s.spmsi_src = s.spmsi_src_flows = 2;
    s.spmsi_rx = s.spmsi_rx_flows = 2;
    s.spmsi_delay_ns = 3 * NS_PER_S;
    s.probe_period_ns = NS_PER_MS;
    return s;
}

static uint32_t switch_flow(const struct world *w, uint32_t v)
{
    for (uint32_t k = 1; k <= w->spec.sources; k++) {
        if (topology_flow_spmsi(&w->spec, v, 1, k) != 0)
            return topology_flow(&w->spec, v, 1, k);
    }
    return 0;
}

static bool both_rested(struct world *w)
{
    return emul_switch_rested(w->emul, switch_flow(w, 1)) &&
           emul_switch_rested(w->emul, switch_flow(w, 2));
}

static void one_switch(struct world *w, double delay_s)
{
    uint32_t flows[2] = {switch_flow(w, 1), switch_flow(w, 2)};
    struct emul_switch seen[2];
    struct err err = {0};
    CU_ASSERT_FATAL(world_until(w, both_rested, 300));
    CU_ASSERT_EQUAL(emul_switch_begin(w->emul, flows, 2, &err), 0);
    CU_ASSERT_EQUAL(emul_switch_begin(w->emul, flows, 2, &err), -1);
    world_run(w, delay_s + 4);
    emul_switch_end(w->emul);
    world_run(w, 1);
    emul_switch_get(w->emul, seen, 2);
    for (unsigned i = 0; i < 2; i++) {
        double delay = (double)instant_diff(seen[i].t1, seen[i].t0) / 1e9;
        CU_ASSERT_EQUAL(seen[i].flow, flows[i]);
        CU_ASSERT(seen[i].t0.ns != INT64_MAX && seen[i].t1.ns != INT64_MAX);
        CU_ASSERT(delay >= delay_s && delay <= delay_s + 0.001);
        CU_ASSERT_EQUAL(seen[i].lost + seen[i].duplicate, 0);
    }
    CU_ASSERT(!both_rested(w));
}

static void test_switches(void)
{
    static const double delays_s[] = {3, 0.25, 7.5};
    for (unsigned i = 0; i < 3; i++) {
        struct refpe_settings settings;
        refpe_settings_default(&settings);
        settings.spmsi_delay_ms = (int64_t)(delays_s[i] * 1000);
        struct instance_spec spec = switch_spec();
        struct world *w = world_new(&spec, &settings);
        CU_ASSERT_FATAL(world_steady(w));
        world_run(w, 60);
        check_metric(w, 0);
        uint32_t flows[2] = {switch_flow(w, 1), switch_flow(w, 2)};
        emul_switch_rest(w->emul, flows, 2);
        for (unsigned n = 0; n < 3; n++)
            one_switch(w, delays_s[i]);
        emul_withdraw(w->emul);
        CU_ASSERT(world_until(w, world_withdrawn, 60));
        world_run(w, 5);
        check_left(w);
        world_free(w);
    }
}

/* A flow that is announced and never moves has a t0 alone; one that goes on both is duplicated. */
static void test_switch_faults(void)
{
    struct refpe_settings settings;
    struct instance_spec spec = switch_spec();
    spec.spmsi_src = spec.spmsi_src_flows = 1;
    for (unsigned i = 0; i < 2; i++) {
        refpe_settings_default(&settings);
        settings.faults.spmsi_announce_only = i == 0;
        settings.faults.spmsi_both = i == 1;
        struct world *w = world_new(&spec, &settings);
        (void)world_steady(w);
        world_run(w, 60);
        uint32_t flows[2] = {switch_flow(w, 1), switch_flow(w, 2)};
        struct emul_switch seen[2];
        unsigned moved = 0, duplicated = 0;
        emul_switch_rest(w->emul, flows, 2);
        CU_ASSERT_FATAL(world_until(w, both_rested, 300));
        CU_ASSERT_EQUAL(emul_switch_begin(w->emul, flows, 2, NULL), 0);
        world_run(w, 7);
        emul_switch_end(w->emul);
        emul_switch_get(w->emul, seen, 2);
        for (unsigned f = 0; f < 2; f++) {
            CU_ASSERT(seen[f].t0.ns != INT64_MAX);
            moved += seen[f].t1.ns != INT64_MAX;
            duplicated += seen[f].duplicate > 2000;
        }
        CU_ASSERT_EQUAL(moved, i == 0 ? 1 : 2);
        CU_ASSERT_EQUAL(duplicated, i);
        world_free(w);
    }
}

/* ---- 9.12 ------------------------------------------------------------------------------------ */

static struct instance_spec try_spec(void)
{
    struct instance_spec s = world_spec();
    s.groups = 8;
    s.test_groups = 4;
    s.probe_period_ns = NS_PER_MS;
    return s;
}

static void one_try(struct world *w, uint32_t v, uint32_t j, int64_t least_ns, int64_t *delay_ns)
{
    struct emul_join_try try;
    struct err err = {0};
    CU_ASSERT_EQUAL_FATAL(emul_try_join(w->emul, v, j, &err), 0);
    CU_ASSERT_EQUAL(emul_try_join(w->emul, v, j, &err), -1);
    world_run(w, 3);
    emul_try_get(w->emul, &try);
    CU_ASSERT(try.vpn == v && try.group == j);
    CU_ASSERT(try.t0.ns != INT64_MAX && try.t1.ns != INT64_MAX);
    *delay_ns = instant_diff(try.t1, try.t0);
    CU_ASSERT(*delay_ns >= least_ns && *delay_ns <= least_ns + NS_PER_MS);
    emul_try_leave(w->emul);
    world_run(w, 5);
}

/*
 * The Join goes over both links, and the packet back over both; inside the PE each is delayed once
 * on its way out. Then the sources' interval of a millisecond is all that is not known.
 */
static void test_tries(void)
{
    static const struct {
        int64_t a1_us, a3_us, forwarding_us;
    } delays[] = {{0, 0, 0}, {2000, 5000, 0}, {100, 20000, 700}};
    for (unsigned i = 0; i < 3; i++) {
        struct refpe_settings settings;
        refpe_settings_default(&settings);
        settings.link_a1.delay_ns = delays[i].a1_us * NS_PER_US;
        settings.link_a3.delay_ns = delays[i].a3_us * NS_PER_US;
        settings.forwarding_delay_ns = delays[i].forwarding_us * NS_PER_US;
        struct instance_spec spec = try_spec();
        struct world *w = world_new(&spec, &settings);
        int64_t least_ns =
                    2 * (delays[i].a1_us + delays[i].a3_us + delays[i].forwarding_us) * NS_PER_US,
                delay_ns = 0;
        CU_ASSERT_FATAL(world_steady(w));
        world_run(w, 60);
        check_metric(w, 0);
        check_window(w);
        for (uint32_t n = 0; n < 4; n++)
            one_try(w, 1 + n % 2, 5 + n, least_ns, &delay_ns);
        CU_ASSERT_EQUAL(emul_try_join(w->emul, 1, 4, NULL), -1);
        /* A group whose state is gone may be tried once more. */
        world_run(w, 220);
        one_try(w, 1, 5, least_ns, &delay_ns);
        check_metric(w, 0);
        check_window(w);
        world_free(w);
    }
}

/* ---- 9.13 ------------------------------------------------------------------------------------ */

static bool all_registered(struct world *w)
{
    struct emul_register_joins seen;
    emul_register_get(w->emul, &seen);
    return seen.joined == seen.expected;
}

static void test_registers(void)
{
    struct refpe_settings settings;
    refpe_settings_default(&settings);
    settings.link_a1.delay_ns = settings.link_a3.delay_ns = 3 * NS_PER_MS;
    struct instance_spec spec = world_spec();
    spec.groups = 100;
    spec.ingress_groups = 50;
    spec.c_rp_on_dut = true;
    struct world *w = world_new(&spec, &settings);
    struct emul_register_joins seen;
    struct emul_spmsi counts;
    CU_ASSERT_FATAL(world_until(w, world_is_up, 120));
    emul_join(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_refreshed, 300));
    world_capture(w);
    struct instant begin = loop_now(w->loop);
    emul_register_begin(w->emul);
    CU_ASSERT_FATAL(world_until(w, all_registered, 30));
    /* 25 groups of 2 sources behind a C-interface: half a second at 100 a second. */
    CU_ASSERT(instant_diff(loop_now(w->loop), begin) <= 2 * NS_PER_S);
    emul_register_end(w->emul);
    emul_register_get(w->emul, &seen);
    emul_spmsi_get(w->emul, &counts);
    CU_ASSERT_EQUAL(seen.expected, 2 * 100 * 2);
    CU_ASSERT_EQUAL(seen.measured, seen.expected);
    CU_ASSERT_EQUAL(counts.null_registers_sent, seen.expected);
    /* To the DUT, and its Join back. */
    CU_ASSERT_EQUAL(seen.delay_min_ns, 6 * NS_PER_MS);
    CU_ASSERT_EQUAL(seen.delay_max_ns, 6 * NS_PER_MS);
    emul_traffic_start(w->emul);
    CU_ASSERT_FATAL(world_until(w, world_flowing, 120));
    check_window(w);
    emul_spmsi_get(w->emul, &counts);
    CU_ASSERT(counts.register_stops_received >= seen.expected);
    world_free(w);
}

/* ---- numbers of flows ------------------------------------------------------------------------ */

/* Flow N of the fault is flow N of the plan, with several sites in each direction. */
static void test_flow_numbers(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 2;
    spec.groups = 7;
    spec.ingress_groups = 3;
    spec.period_ns = NS_PER_S / 2;
    for (uint32_t n = 1; n <= spec_flow_count(&spec); n += 5) {
        struct refpe_settings settings;
        struct emul_failure failures[16];
        refpe_settings_default(&settings);
        settings.faults.drop_flow = n;
        struct world *w = world_new(&spec, &settings);
        (void)world_until(w, world_is_up, 120);
        emul_join(w->emul);
        world_run(w, 20);
        emul_traffic_start(w->emul);
        world_run(w, 10);
        emul_window_open(w->emul);
        world_run(w, 5);
        emul_window_close(w->emul);
        world_run(w, 1);
        size_t count = emul_failures(w->emul, failures, 16);
        CU_ASSERT(count > 0 && count < 16);
        for (size_t i = 0; i < count && i < 16; i++)
            CU_ASSERT(failures[i].criterion == CRIT_LOSS && failures[i].flow == n);
        world_free(w);
    }
}

static const struct cu_test tests[] = {
    {"10.2: suppression on and off, counted thrice", test_suppression},
    {"10.2: what the DUT forgets, PE3 keeps", test_override},
    {"9.11: switching delays", test_switches},
    {"9.11: a flow that never moves, one on both MDTs", test_switch_faults},
    {"9.12: convergence over slow links", test_tries},
    {"9.13: Registers before traffic", test_registers},
    {"faults count flows as the plan does", test_flow_numbers},
};

CU_MAIN("lab extra", tests)
