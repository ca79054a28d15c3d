/*
 * Packets a second and core over a veth pair, sent and received by one thread: through our ports,
 * and beside it a bare loop of sendmmsg and TPACKET_V3 that does nothing else, in the same run.
 * Needs root; exits with 77 without.
 */
#include "tests/bench/veth.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAMES      500000u
#define FRAME_BYTES 96u
#define ROUNDS      5u

struct ported {
    struct loop *loop;
    struct port *tx, *rx;
    struct timer timer;
    unsigned sent;
    uint64_t received;
    uint64_t touched;
    uint8_t frame[FRAME_BYTES];
};

/* A frame that no protocol takes. */
static void frame_make(uint8_t *frame)
{
    memset(frame, 0x5a, FRAME_BYTES);
    frame[0] = 0x02;
    frame[6] = 0x02;
    frame[12] = 0x88; /* local experimental type */
    frame[13] = 0xb5;
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct ported *p = arg;
    (void)len;
    (void)at;
    p->touched += frame[0];
    if (++p->received == FRAMES)
        loop_stop(p->loop);
}

static void on_timer(void *arg)
{
    struct ported *p = arg;
    struct instant now = loop_now(p->loop);
    for (unsigned i = 0; i < BENCH_BATCH && p->sent < FRAMES; i++, p->sent++)
        (void)port_send(p->tx, p->frame, FRAME_BYTES, now);
    if (p->sent < FRAMES)
        timer_set(p->loop, &p->timer, now);
}

static struct bench_figure ported(void)
{
    struct ported p = {.loop = loop_new_real()};
    p.tx = bench_veth_near(p.loop);
    p.rx = bench_veth_far(p.loop);
    frame_make(p.frame);
    port_on_rx(p.rx, on_frame, &p);
    timer_init(&p.timer, "bench", on_timer, &p);
    timer_set_in(p.loop, &p.timer, 0);
    double begin = bench_cpu_s();
    (void)loop_run(p.loop, instant_add(loop_now(p.loop), 10 * NS_PER_S));
    double took = bench_cpu_s() - begin;
    port_free(p.tx);
    port_free(p.rx);
    loop_free(p.loop);
    return (struct bench_figure){(double)p.received / took, FRAMES - p.received};
}

int main(void)
{
    if (geteuid() != 0) {
        (void)fprintf(stderr, "skipped: needs root\n");
        return 77;
    }
    bench_veth_build();
    loop_urgent(true); /* as a run on the real clock */
    uint8_t frame[FRAME_BYTES];
    frame_make(frame);
    struct bench_figure best_bare = {0}, best_ported = {0};
    uint64_t lost = 0;
    /* Taken in turns, the best of each: what else the host does hits both alike. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct bench_figure b = bench_veth_bare(FRAMES, frame, FRAME_BYTES), p = ported();
        lost += p.lost;
        best_bare = b.pps > best_bare.pps ? b : best_bare;
        best_ported = p.pps > best_ported.pps ? p : best_ported;
    }
    printf("veth, %u-byte frames, batches of %u, sent and received by one thread\n", FRAME_BYTES,
           BENCH_BATCH);
    printf("  bare packet sockets   %7.0f kpps/core\n", best_bare.pps * 1e-3);
    printf("  ports                 %7.0f kpps/core, %llu lost\n", best_ported.pps * 1e-3,
           (unsigned long long)lost);
    printf("  ratio                 %7.2f (aim: at least 0.80)\n", best_ported.pps / best_bare.pps);
    return lost == 0 ? 0 : 1;
}
