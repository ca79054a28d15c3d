/*
 * The last window flow by flow: one row for each (flow, expected receiver) pair, behind a remote PE
 * as at a C-interface, and one for each place where packets of a flow arrived that must not. The
 * sums over the rows of a direction are those of emul_window_get.
 */
#ifndef MVPNBENCH_EMUL_FLOWS_H
#define MVPNBENCH_EMUL_FLOWS_H

#include "mvpnbench/emul.h"

struct emul_flow {
    uint32_t vpn;  /* of the flow; of arrival for misdelivered packets */
    uint32_t flow; /* 1...; for misdelivered packets whatever the probe says */
    bool ingress;
    ip4_t group, source; /* 0: no flow of the instance */
    char receiver[64];   /* "C-interface 1", "PE 17 (198.18.0.18)"; misdelivered: where it arrived,
                            "MI-PMSI" for the remote PEs of a VPN */
    uint64_t sent, received, lost, not_joined, duplicate, reordered, misdelivered;
    int64_t latency_min_ns, latency_avg_ns, latency_max_ns; /* -1: nothing received */
};

/* emul_flows_keep asks for it, before the window opens. */
void emul_flows_keep(struct emul *e);

/* emul_flows_each calls fn for every row, flows in the order of their numbers. Returns 0, or what
 * fn returned when that was not 0, which ends it. */
typedef int emul_flow_fn(void *arg, const struct emul_flow *row);
int emul_flows_each(const struct emul *e, emul_flow_fn *fn, void *arg);

#endif
