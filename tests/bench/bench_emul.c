/*
 * The virtual world as figures: frames a second of the host through emulated network and reference
 * PE, joined by memory links, and bytes an emulated neighbour and a C-route.
 */
#include "emul/lab/lab.h"
#include "tests/sim/lab/world.h"

#include <stdio.h>
#include <time.h>

static double cpu_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint64_t data_frames(struct world *w, uint64_t *sent)
{
    struct emul_series s;
    uint64_t tx = 0, rx = 0;
    emul_series_get(w->emul, &s);
    for (size_t i = 0; i < s.bins; i++) {
        tx += s.a1_tx[i] + s.a3_tx[i];
        rx += s.a1_rx[i] + s.a3_rx[i];
    }
    *sent = tx;
    return tx + rx;
}

static void bench_frames(const char *what, uint32_t mvpns, uint32_t c, uint32_t ingress)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = mvpns;
    spec.c_interfaces = spec.receiver_c_ifs = c;
    spec.remote_pes = spec.receiver_pes = 1;
    spec.groups = 20;
    spec.ingress_groups = ingress;
    spec.sources = 1;
    struct world *w = world_new(&spec, NULL);
    if (!world_steady(w)) {
        (void)printf("%-44s not steady\n", what);
        world_free(w);
        return;
    }
    emul_series_start(w->emul);
    uint64_t sent, frames;
    double begin = cpu_now(), seconds = 1e6 / (mvpns * 20.0);
    world_run(w, seconds);
    double spent = cpu_now() - begin;
    frames = data_frames(w, &sent);
    (void)printf("%-44s %7.0f k packets/s sent, %7.0f k frames/s in and out\n", what,
                 (double)sent / spent / 1e3, (double)frames / spent / 1e3);
    world_free(w);
}

static void bench_neighbours(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 1000;
    spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = 1000;
    spec.receiver_pes = 1;
    spec.groups = 1;
    spec.ingress_groups = 0;
    struct world *w = world_new(&spec, NULL);
    (void)printf("remote PE neighbour (1000 x 1000)            %5.1f bytes\n",
                 (double)remote_pes_bytes(w->emul->pes) / 1e6);
    world_free(w);
}

static void bench_hellos(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = 100;
    spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.remote_pes = 500;
    spec.receiver_pes = 250;
    spec.groups = 2;
    spec.ingress_groups = 1;
    spec.sources = 1;
    double begin = cpu_now();
    struct world *w = world_new(&spec, NULL);
    bool up = world_steady(w);
    double middle = cpu_now();
    world_run(w, 300);
    (void)printf("100 mVPNs, 500 PEs each (10.1)               %5.2f s of CPU until steady%s, "
                 "%.2f s for 300 s\n",
                 middle - begin, up ? "" : " (NOT)", cpu_now() - middle);
    world_free(w);
}

static void bench_routes(void)
{
    struct instance_spec spec = world_spec();
    spec.mvpns = spec.c_interfaces = spec.receiver_c_ifs = 1;
    spec.groups = 20000;
    spec.ingress_groups = 0;
    spec.sources = 2;
    struct world *w = world_new(&spec, NULL);
    size_t joins = 20000u * 3u;
    (void)printf("C-route joined by a C-router                 %5.1f bytes\n",
                 (double)c_routers_bytes(w->emul->c) / (double)joins);
    (void)printf("C-route joined by the DUT                    %5.1f bytes\n",
                 (double)sizeof(struct pim_ds_entry));
    world_free(w);
    spec.remote_pes = 100;
    spec.receiver_pes = 50;
    spec.groups = spec.ingress_groups = 2000;
    w = world_new(&spec, NULL);
    joins = 2000u * 50u * 3u;
    (void)printf("C-route joined by a remote PE                %5.1f bytes\n",
                 (double)remote_pes_bytes(w->emul->pes) / (double)joins);
    world_free(w);
}

int main(void)
{
    bench_frames("50 mVPNs, 1 C-interface, egress", 50, 1, 0);
    bench_frames("50 mVPNs, 1 C-interface, ingress", 50, 1, 20);
    bench_frames("10 mVPNs, 8 C-interfaces, 10:10", 10, 8, 10);
    bench_frames("500 mVPNs, 1 C-interface, 10:10", 500, 1, 10);
    bench_neighbours();
    bench_routes();
    bench_hellos();
    return 0;
}
