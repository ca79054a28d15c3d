/*
 * A veth pair between two namespaces of the bench's own, and what bare packet sockets carry over
 * it: a loop of sendmmsg and TPACKET_V3, one thread, that does nothing else.
 */
#ifndef MVPN_BENCH_VETH_H
#define MVPN_BENCH_VETH_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"

#include <stdint.h>

#define BENCH_BATCH 64u

struct bench_figure {
    double pps; /* packets sent and received a second of processor time */
    uint64_t lost;
};

/* bench_veth_build makes the pair (needs root); it is removed when the program ends. */
void bench_veth_build(void);

/* bench_veth_near and bench_veth_far open ports at the pair's ends. */
struct port *bench_veth_near(struct loop *loop);
struct port *bench_veth_far(struct loop *loop);

/* bench_veth_bare sends the frame that many times through the pair. */
struct bench_figure bench_veth_bare(unsigned count, const uint8_t *frame, size_t frame_bytes);

/* bench_cpu_s is the processor time of this process. */
double bench_cpu_s(void);

#endif
