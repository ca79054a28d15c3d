/*
 * What a virtual campaign costs: virtual seconds a second of processor time of an instance in
 * steady state and under a power cycle, and processor time a frame beside the bare memory link of
 * the same run. The last column is flat when the cost of a frame does not grow with the mVPNs.
 */
#include "emul/io/port.h"
#include "tests/sim/lab/world.h"

#include <stdio.h>
#include <time.h>

#define PERIOD_NS     (10 * NS_PER_S) /* traffic.rate_pps=0.1 */
#define PACKETS       400000.0        /* sent while it is measured, whatever the size */
#define BARE_FRAMES   2000000u
#define BARE_BURST    16u
#define FRAME_BYTES   118u
#define POWER_CYCLE_S 600.0

static double cpu_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* bare_ns is the processor time of one frame through a memory link with nobody behind it. */
static double bare_ns(void)
{
    struct loop *loop = loop_new_virtual((struct instant){0});
    struct link_params ideal = {0};
    struct port *ends[2];
    uint8_t frame[FRAME_BYTES] = {0};
    memlink_new(loop, &ideal, 1, "a", "b", 1500, ends);
    double begin = cpu_now();
    for (uint32_t sent = 0; sent < BARE_FRAMES; sent += BARE_BURST) {
        for (uint32_t i = 0; i < BARE_BURST; i++)
            (void)port_send(ends[0], frame, sizeof(frame), loop_now(loop));
        (void)loop_run(loop, instant_add(loop_now(loop), NS_PER_MS));
    }
    double ns = (cpu_now() - begin) * 1e9 / BARE_FRAMES;
    port_free(ends[0]);
    port_free(ends[1]);
    loop_free(loop);
    return ns;
}

/* frames_of counts what our ends of all links sent and received. */
static uint64_t frames_of(struct world *w)
{
    struct port_stats s;
    port_stats_get(w->a3[0], &s);
    uint64_t frames = s.tx_frames + s.rx_frames;
    for (size_t i = 0; i < w->a1_count; i++) {
        port_stats_get(w->a1[i][0], &s);
        frames += s.tx_frames + s.rx_frames;
    }
    return frames;
}

struct phase {
    double cpu_s, virtual_s;
    uint64_t frames;
};

static struct phase run_phase(struct world *w, double seconds)
{
    uint64_t frames = frames_of(w);
    double begin = cpu_now();
    world_run(w, seconds);
    return (struct phase){cpu_now() - begin, seconds, frames_of(w) - frames};
}

static void print_phase(const char *what, uint32_t mvpns, struct phase p, double bare)
{
    double ns = p.cpu_s * 1e9 / (double)p.frames;
    (void)printf("%4u mVPNs, %-12s %9.0f virtual s/s of CPU, %7.0f ns/frame, %5.1f x bare\n", mvpns,
                 what, p.virtual_s / p.cpu_s, ns, ns / bare);
}

static int bench_instance(uint32_t mvpns, double bare)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = mvpns;
    spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = 10;
    spec.receiver_pes = 5;
    spec.groups = 20;
    spec.ingress_groups = 10;
    spec.sources = 2;
    spec.period_ns = PERIOD_NS;
    struct world *w = world_new(&spec, NULL);
    bool steady = world_steady(w);
    if (steady) {
        double packets_a_second = mvpns * 40.0 / 10.0;
        print_phase("steady", mvpns, run_phase(w, PACKETS / packets_a_second), bare);
        (void)refpe_fail(w->pe, REFPE_POWER_CYCLE);
        world_run(w, 10);
        (void)refpe_recover(w->pe, REFPE_POWER_CYCLE);
        print_phase("power cycle", mvpns, run_phase(w, POWER_CYCLE_S), bare);
    } else {
        (void)printf("%4u mVPNs: not steady\n", mvpns);
    }
    world_free(w);
    return steady ? 0 : 1;
}

int main(void)
{
    static const uint32_t sizes[] = {10, 50, 200};
    double bare = bare_ns();
    int failed = 0;
    (void)printf("bare memory link %.0f ns/frame\n", bare);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        failed |= bench_instance(sizes[i], bare);
    return failed;
}
