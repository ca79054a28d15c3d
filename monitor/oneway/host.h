/*
 * M1 of a live measurement: what it sent and what it saw (live.c), and what the second leaf adds to
 * that (second_leaf.c).
 */
#ifndef MVPN_ONEWAY_HOST_H
#define MVPN_ONEWAY_HOST_H

#include "monitor/oneway/live.h"
#include "mvpnbench/monitor.h"

#include <jansson.h>

struct host {
    struct loop *loop;
    const struct oneway_file *file;
    char config; /* 'A', 'B', 'C' */
    struct tunnels *tunnels;
    size_t r, s;
    int udp; /* A: to M2 */
    struct timer join, tick;
    uint32_t run;
    uint32_t flow; /* of what is sent now */
    struct instant begin;
    uint64_t sent, wanted;
    struct seen direct, second; /* probes that came through s; that M2 saw or that came reflected */
    uint64_t repeated, warm;
    bool second_warm;
    monitor_step_fn *step;
    struct instant told; /* when it was last told something */
};

/* host_interval returns the interval (configuration B) of a probe. */
uint64_t host_interval(const struct host *h, uint64_t sequence);

/* second_leaf_answers asks M2 once (A): it answers when probes of this run have reached it. */
bool second_leaf_answers(struct host *h);

/* host_evaluate gets the second leaf's part and makes the result; -1 with *err. */
int host_evaluate(struct host *h, json_t **out, struct err *err);

#endif
