/*
 * What control messages cost: one server, first come first served. A message is acted upon when
 * its cost has been paid; one that finds cpu.queue messages waiting is dropped. Messages sent cost
 * as much and stand in the same line. Without cpu.message_us messages are acted upon at once.
 */
#ifndef MVPN_REFPE_CPU_H
#define MVPN_REFPE_CPU_H

#include "emul/base/addr.h"
#include "emul/loop/loop.h"

#include <stddef.h>

struct refpe;

/* One packet for the control plane as received; the bytes (IP payload) are lent. */
struct control_packet {
    uint32_t iface;
    struct mac sender; /* none over a MTI */
    uint8_t protocol;
    ip4_t src, dst;
    const uint8_t *bytes;
    size_t len;
};

struct cpu_job {
    int64_t done_ns;
    struct control_packet packet; /* bytes: our copy */
};

struct cpu {
    struct cpu_job *ring;
    size_t head, count, cap;
    struct timer timer;
    int64_t busy_from_ns, busy_until_ns; /* the running busy period */
    int64_t begin_ns;                    /* of the observation */
    int64_t busy_ns;                     /* in it, closed periods only */
    int64_t second;                      /* of the observation: the one being filled */
    int64_t second_busy_ns, peak_ns;
    uint64_t dropped;
};

void cpu_init(struct refpe *pe);
void cpu_fini(struct refpe *pe);

/* cpu_clear forgets all messages that wait. */
void cpu_clear(struct refpe *pe);

/* cpu_receive takes one packet in: acts on it now or when its turn comes, or drops it. */
void cpu_receive(struct refpe *pe, const struct control_packet *c);

/* cpu_charge_send accounts for one control message sent. */
void cpu_charge_send(struct refpe *pe);

struct cpu_figures {
    double percent, peak_percent;
    uint64_t dropped;
};

void cpu_begin(struct refpe *pe);
void cpu_figures(const struct refpe *pe, struct cpu_figures *out);

#endif
