/*
 * What a router counted, interval by interval (configuration B): from the user's command or a file
 * that prints {"interval": n, "packets": n} a line, or from an nftables set of UDP source ports
 * with counters.
 */
#ifndef MVPN_ONEWAY_COUNTERS_H
#define MVPN_ONEWAY_COUNTERS_H

#include "monitor/oneway/file.h"

#include <stdbool.h>
#include <stdint.h>

struct counter {
    uint64_t interval, packets;
};

struct counters {
    struct counter *list; /* in order of interval */
    size_t count, cap;
};

/* counters_port is the UDP source port of an interval's probes: a router tells intervals apart by
 * it. Ports repeat after COUNTERS_PORTS intervals. */
#define COUNTERS_PORT_FIRST 20000u
#define COUNTERS_PORTS      40000u
uint16_t counters_port(uint64_t interval);

/* counters_read gets them; -1 with *err that names what is wrong with which line. */
int counters_read(struct counters *c, const struct oneway_file *f, struct err *err);
bool counters_get(const struct counters *c, uint64_t interval, uint64_t *packets);
void counters_free(struct counters *c);

#endif
