/*
 * Storms of bad frames on every port of the emulated network and of the reference PE, while an
 * instance runs: nothing crashes (build with the sanitizers), and when a storm is over everything
 * flows again, or what does not is named.
 *
 * Usage: test_storm [FRAMES [SEED]], FRAMES for each port and kind.
 */
#include "tests/sim/lab/world.h"
#include "tests/sim/robust/storm.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FRAMES_A_TURN 50
#define TURN_S        0.1
#define DAMAGE_S      10 /* what a storm broke shows when packets are due */
#define RECOVERY_S    900

static unsigned long frames_wanted = 10000, seed = 1;

static bool is_whole(struct world *w)
{
    return world_is_up(w) && world_flowing(w);
}

/* Counts what is wrong: what bring-up waits for, and what a window of a few seconds finds. */
static size_t faults_named(struct world *w, bool print)
{
    struct emul_bringup b;
    struct emul_failure f[4];
    emul_window_open(w->emul);
    world_run(w, DAMAGE_S);
    emul_window_close(w->emul);
    emul_bringup_get(w->emul, &b);
    size_t n = emul_failures(w->emul, f, 4);
    if (print) {
        (void)fprintf(stderr, "\n%llu of %llu pairs flow, waiting for '%s'\n",
                      (unsigned long long)emul_pairs_flowing(w->emul),
                      (unsigned long long)emul_pairs_total(w->emul), b.waiting_for);
        for (size_t i = 0; i < n && i < 4; i++)
            (void)fprintf(stderr, "  %s VPN %u flow %u %s %s\n",
                          emul_criterion_name(f[i].criterion), f[i].vpn, f[i].flow, f[i].neighbour,
                          f[i].interface);
    }
    return n + (b.waiting_for[0] != '\0');
}

/* Whether the DUT has a full table, or neighbours that nobody emulates. */
static bool misled(struct world *w)
{
    struct mvpn_metric expected;
    struct neighbour_count n;
    spec_expected(&w->spec, &expected);
    refpe_neighbours(w->pe, &n);
    return w->settings.limits.mroutes != REFPE_NO_LIMIT ||
           n.c_interface + n.mi_pmsi > expected.v[NUM_PIM_C_NEIGH];
}

static void one_kind(struct world *w, struct storm *s, struct port *port, enum storm_kind kind)
{
    bool to_dut = s->to_dut;
    static uint8_t frame[PORT_FRAME_MAX];
    for (unsigned long sent = 0; sent < frames_wanted; sent++) {
        if (sent % FRAMES_A_TURN == FRAMES_A_TURN - 1)
            world_run(w, TURN_S);
        size_t len = storm_make(s, kind, frame);
        uint8_t *exact = malloc(len == 0 ? 1 : len); /* so that a byte too far is seen */
        memcpy(exact, frame, len);
        port_deliver(port, exact, len, loop_now(w->loop));
        free(exact);
    }
    struct instant end = loop_now(w->loop);
    world_run(w, DAMAGE_S);
    bool whole = world_until(w, is_whole, RECOVERY_S);
    (void)printf("\n    %-20s %s after %.0f s", storm_kind_name(kind),
                 whole ? "whole" : "NOT whole", (double)instant_diff(loop_now(w->loop), end) / 1e9);
    if (whole)
        return;
    /* What the storm made the DUT believe for hours (a full table, a neighbour that is DR) may
     * keep it from forwarding; in silence it may not. */
    CU_ASSERT(to_dut && misled(w));
    CU_ASSERT(faults_named(w, !(to_dut && misled(w))) > 0);
}

static void storm_in(const struct instance_spec *spec, const struct refpe_settings *settings,
                     bool to_dut, bool c_side)
{
    struct world *w = world_new(spec, settings);
    world_capture(w);
    CU_ASSERT_FATAL(world_steady(w));
    world_capture_end(w);
    struct storm s;
    storm_init(&s, seed, spec, to_dut, c_side);
    storm_take(&s, w->capture_path[c_side ? 0 : 1]);
    struct port *port = (c_side ? w->a1[0] : w->a3)[to_dut];
    for (unsigned kind = 0; kind < STORM_KINDS; kind++)
        one_kind(w, &s, port, (enum storm_kind)kind);
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("\n    at most %ld MB ", usage.ru_maxrss / 1024);
    storm_fini(&s);
    world_free(w);
}

static void storm_at(bool to_dut, bool c_side)
{
    struct instance_spec spec = world_spec();
    storm_in(&spec, NULL, to_dut, c_side);
}

static void test_emul_a1(void)
{
    storm_at(false, true);
}

static void test_emul_a3(void)
{
    storm_at(false, false);
}

static void test_refpe_c(void)
{
    storm_at(true, true);
}

static void test_refpe_p(void)
{
    storm_at(true, false);
}

/* One interface a C-link: frames of all of them meet the first. */
static void test_single_interfaces(void)
{
    struct instance_spec spec = world_spec();
    spec.trunk = false;
    storm_in(&spec, NULL, false, true);
    storm_in(&spec, NULL, true, true);
}

/* S-PMSIs in both directions on MDTs of every mode; IGMP hosts on the C side. */
static void test_spmsis(void)
{
    struct instance_spec spec = world_spec();
    spec.spmsi_src = spec.spmsi_src_flows = 3;
    spec.spmsi_rx = spec.spmsi_rx_flows = 2;
    spec.spmsi_delay_ns = 3 * NS_PER_S;
    for (enum mdt_mode mode = MDT_ASM; mode <= MDT_BIDIR; mode++) {
        spec.mdt = mode;
        storm_in(&spec, NULL, false, false);
        storm_in(&spec, NULL, true, false);
    }
}

static void test_igmp_hosts(void)
{
    struct instance_spec spec = world_spec();
    spec.igmp_version = 3;
    spec.igmp_spacing_ns = 100 * NS_PER_MS;
    storm_in(&spec, NULL, false, true);
    storm_in(&spec, NULL, true, true);
}

/* A PE with a processor that is soon busy, and tables that are full. */
static void test_limits(void)
{
    struct instance_spec spec = world_spec();
    struct refpe_settings settings;
    struct mvpn_metric m;
    refpe_settings_default(&settings);
    spec_expected(&spec, &m);
    settings.cpu_message_us = 200;
    settings.cpu_queue = 100;
    settings.limits.mroutes = (uint64_t)(m.v[NUM_STARG_C] + m.v[NUM_SG_C]);
    settings.limits.neighbours = (uint64_t)m.v[NUM_PIM_C_NEIGH];
    storm_in(&spec, &settings, true, true);
    storm_in(&spec, &settings, true, false);
}

int main(int argc, char **argv)
{
    static const struct cu_test tests[] = {
        {"emulated network, A1", test_emul_a1},
        {"emulated network, A3", test_emul_a3},
        {"reference PE, C side", test_refpe_c},
        {"reference PE, P side", test_refpe_p},
        {"single interfaces", test_single_interfaces},
        {"S-PMSIs", test_spmsis},
        {"IGMP hosts", test_igmp_hosts},
        {"reference PE with limits", test_limits},
    };
    if (argc > 1)
        frames_wanted = strtoul(argv[1], NULL, 10);
    if (argc > 2)
        seed = strtoul(argv[2], NULL, 10);
    return cu_run("storm", tests, sizeof(tests) / sizeof(tests[0]));
}
