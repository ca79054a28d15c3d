/*
 * Packets a second and core that the emulated network sends and receives and checks over a veth
 * pair, beside what bare packet sockets carry of the same frames over it in the same run.
 * Everything between is the real thing: generator, join state, prebuilt frames, ports, decoders,
 * flow table, analyser.
 *
 *   remote PEs' C-sources --GRE--> near0 ===veth=== far0 --(stand-in for the DUT)--> C-routers
 *
 * The stand-in takes off outer header and GRE and puts a VLAN tag on, 60 bytes moved a packet; the
 * control plane runs with a reference PE over memory links, on the real clock. Needs root; exits
 * with 77 without.
 */
#include "emul/lab/lab.h"
#include "emul/wire/gre.h"
#include "tests/bench/veth.h"
#include "tests/sim/lab/world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MVPNS       10u
#define GROUPS      100u
#define PACKET      60u
#define OUTER       (ETH_HEADER_BARE + IPV4_HEADER + GRE_HEADER)
#define FRAME_BYTES (OUTER + PACKET)
#define ROUNDS      3u
#define ROUND_S     1.0

struct checked {
    double pps, offered;
    int64_t pacing_error_ns;
    uint64_t checked, lost, rx_dropped, tx_errors;
};

static uint64_t handed_over;        /* to the emulated network, since it runs */
static uint8_t sample[FRAME_BYTES]; /* the last of them, as it was on the wire */

/* stand_in hands the C-packet inside to the C-link of its VPN. */
static void stand_in(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    static uint8_t out[PORT_FRAME_MAX];
    struct emul *e = arg;
    if (len < OUTER || frame[12] != 0x08 || frame[13] != 0 || frame[23] != IPPROTO_NUM_GRE)
        return;
    memcpy(out, frame, 12);
    out[12] = 0x81;
    out[13] = 0x00;
    out[14] = 0;
    out[15] = frame[33]; /* MDT 239.192.0.VPN, its only C-link has VLAN VPN */
    out[16] = 0x08;
    out[17] = 0x00;
    memcpy(out + 18, frame + OUTER, len - OUTER);
    handed_over++;
    memcpy(sample, frame, FRAME_BYTES);
    lab_rx_a1(&e->a1[0], out, 18 + len - OUTER, at);
}

static bool joined(struct world *w)
{
    return emul_joined_once(w->emul);
}

/* Up and joined on the real clock, which takes its ten seconds. */
static struct world *make_world(double rate_pps)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = MVPNS;
    spec.c_interfaces = spec.receiver_c_ifs = spec.remote_pes = spec.receiver_pes = 1;
    spec.groups = GROUPS;
    spec.ingress_groups = 0;
    spec.sources = 1;
    spec.packet_bytes = PACKET;
    spec.period_ns = (int64_t)(MVPNS * GROUPS * 1e9 / rate_pps);
    struct world *w = world_new_in(loop_new_real(), &spec, NULL);
    bool up = world_until(w, world_is_up, 60);
    emul_join(w->emul);
    if (!up || !world_until(w, joined, 60))
        fatal("the emulated network does not come up");
    world_run(w, 3); /* until the DUT has joined in turn */
    return w;
}

/* one_round is a second of traffic: what was checked, by the processor time that it took. */
static struct checked one_round(struct world *w, struct port *far)
{
    struct emul *e = w->emul;
    struct emul_health health;
    struct port_stats before, after;
    uint64_t begun = handed_over;
    port_stats_get(far, &before);
    emul_health_reset(e);
    double begin = bench_cpu_s();
    world_run(w, ROUND_S);
    double spent = bench_cpu_s() - begin;
    emul_health_get(e, &health);
    port_stats_get(far, &after);
    return (struct checked){.pps = (double)(handed_over - begun) / spent,
                            .pacing_error_ns = health.pacing_error_max_ns,
                            .checked = handed_over - begun,
                            .rx_dropped = after.rx_dropped - before.rx_dropped,
                            .tx_errors = health.tx_errors};
}

static struct checked measure(struct world *w, double rate_pps)
{
    struct checked best = {0};
    struct emul *e = w->emul;
    struct emul_window seen;
    struct port *near = bench_veth_near(w->loop), *far = bench_veth_far(w->loop);
    struct port *a3 = e->net.a3;
    e->net.a3 = near;
    port_on_rx(far, stand_in, e);
    emul_traffic_start(e);
    world_run(w, 0.3);
    emul_window_open(e);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct checked c = one_round(w, far);
        best = c.pps > best.pps ? c : best;
    }
    emul_window_close(e);
    emul_traffic_stop(e);
    world_run(w, 0.2);
    emul_window_get(e, &seen);
    best.offered = rate_pps;
    best.lost = seen.egress.lost;
    e->net.a3 = a3;
    port_free(near);
    port_free(far);
    return best;
}

static struct checked bench(double rate_pps)
{
    struct world *w = make_world(rate_pps);
    struct checked c = measure(w, rate_pps);
    world_free(w);
    return c;
}

int main(void)
{
    if (geteuid() != 0) {
        (void)fprintf(stderr, "skipped: needs root\n");
        return 77;
    }
    bench_veth_build();
    loop_urgent(true); /* as a run on the real clock */
    struct bench_figure bare = {0};
    struct checked best = {0};
    static const double rates[] = {100e3, 200e3, 300e3, 1000e3};
    (void)printf("veth, %u-byte frames (GRE), %u flows, sent, received and checked by one thread\n",
                 (unsigned)FRAME_BYTES, MVPNS * GROUPS);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct checked c = bench(rates[i]);
        struct bench_figure b = bench_veth_bare(500000, sample, FRAME_BYTES);
        bare = b.pps > bare.pps ? b : bare;
        best = c.pps > best.pps ? c : best;
        char what[32];
        (void)snprintf(what, sizeof(what), "offered %.0f kpps", c.offered * 1e-3);
        (void)printf("  %-22s %7.0f kpps/core (%.0f kpps checked; lost %llu, receive ring %llu, "
                     "unsent %llu; pacing error at most %.1f ms)\n",
                     what, c.pps * 1e-3, (double)c.checked / ROUND_S * 1e-3,
                     (unsigned long long)c.lost, (unsigned long long)c.rx_dropped,
                     (unsigned long long)c.tx_errors, (double)c.pacing_error_ns * 1e-6);
    }
    (void)printf("  bare packet sockets    %7.0f kpps/core\n", bare.pps * 1e-3);
    (void)printf("  checked                %7.0f kpps/core\n", best.pps * 1e-3);
    (void)printf("  ratio                  %7.2f (aim: at least 0.80)\n", best.pps / bare.pps);
    return 0;
}
