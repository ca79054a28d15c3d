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
    bool complete; /* an interval that does not stand here had no packet (nftables) */
};

/* counters_port is the UDP source port of an interval's probes: a router tells intervals apart by
 * it. */
uint16_t counters_port(uint64_t interval);

/* counters_read gets them; -1 with *err that names what is wrong with which line. Waits for a
 * command at most COUNTERS_TIMEOUT_S. */
#define COUNTERS_TIMEOUT_S 60
int counters_read(struct counters *c, const struct oneway_file *f, struct err *err);

/* counters_parse reads lines of {"interval": n, "packets": n}; counters_parse_set what
 * `nft -j list set` prints. what names the text in *err. */
int counters_parse(struct counters *c, const char *text, const char *what, struct err *err);
int counters_parse_set(struct counters *c, const char *text, const char *what, struct err *err);

/* counters_get gives an interval's packets; false: it was not reported. */
bool counters_get(const struct counters *c, uint64_t interval, uint64_t *packets);
void counters_free(struct counters *c);

#endif
