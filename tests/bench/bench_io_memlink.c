/*
 * Frames a second through one memory link on the virtual clock: what one hop of a virtual campaign
 * costs at least.
 */
#include "emul/io/memlink.h"
#include "emul/loop/loop.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define FRAMES      4000000u
#define FRAME_BYTES 128u

struct bench {
    struct loop *loop;
    struct port *ends[2];
    struct timer timer;
    unsigned burst;
    uint64_t sent;
    uint64_t received;
};

static double cpu_seconds(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct bench *b = arg;
    (void)at;
    b->received += frame[len - 1];
}

static void on_timer(void *arg)
{
    struct bench *b = arg;
    uint8_t frame[FRAME_BYTES];
    memset(frame, 1, sizeof(frame));
    for (unsigned i = 0; i < b->burst; i++)
        (void)port_send(b->ends[0], frame, sizeof(frame), loop_now(b->loop));
    b->sent += b->burst;
    if (b->sent < FRAMES)
        timer_set_in(b->loop, &b->timer, 10 * NS_PER_US);
}

static int run(const char *what, const struct link_params *params, unsigned burst)
{
    struct bench b = {.loop = loop_new_virtual((struct instant){0}), .burst = burst};
    memlink_new(b.loop, params, 1, "a", "b", 1500, b.ends);
    port_on_rx(b.ends[1], on_frame, &b);
    timer_init(&b.timer, "bench", on_timer, &b);
    timer_set_in(b.loop, &b.timer, 0);
    double begin = cpu_seconds();
    (void)loop_run(b.loop, INSTANT_NEVER);
    double took = cpu_seconds() - begin;
    port_free(b.ends[0]);
    port_free(b.ends[1]);
    loop_free(b.loop);
    printf("memlink %-34s %6.2f Mframes/s  %5.0f ns/frame\n", what,
           (double)b.received / took * 1e-6, took / (double)b.received * 1e9);
    return b.received == b.sent ? 0 : 1;
}

int main(void)
{
    int wrong = run("ideal, bursts of 32", &(struct link_params){0}, 32);
    wrong |= run("ideal, single frames", &(struct link_params){0}, 1);
    wrong |= run("1 ms delay, bursts of 32", &(struct link_params){.delay_ns = NS_PER_MS}, 32);
    wrong |= run("1 ms delay, single frames", &(struct link_params){.delay_ns = NS_PER_MS}, 1);
    wrong |= run("delay, jitter, reorder, rate",
                 &(struct link_params){.delay_ns = NS_PER_MS,
                                       .jitter_ns = 20 * NS_PER_US,
                                       .reorder = 0.01,
                                       .rate_mbps = 10000},
                 1);
    return wrong;
}
