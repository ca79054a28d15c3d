/*
 * The flow table and the analyser. Every C-flow of the instance has one record, every (flow,
 * receiving branch) one more. A branch is where an expected receiver is reached: C-interface i of
 * the flow's VPN, or its MI-PMSI as a whole, which stands for the receiver_pes receivers behind it
 * (they see one and the same packet): its counts are multiplied by that weight wherever
 * (packet, expected receiver) pairs are reported.
 *
 * A C-source runs always: packet n of a flow (n counts from 0) is due at start + phase + n *
 * period, whether or not the DUT joined. Received packets are judged by the probe inside (DESIGN
 * B.6) and by where they arrived: in order, lost, duplicate, reordered, misdelivered (wrong VPN, or
 * a branch that does not expect the flow). Lost packets that were withheld because the DUT had not
 * joined are counted apart (not-joined). Nothing is inferred from totals. Memory: arrays of plain
 * records.
 *
 * A run is a row of first copies whose sequence numbers follow one another without a gap or a late
 * packet in between; duplicates are counted but neither break a run nor belong to it. A packet that
 * comes more than 64 sequence numbers late cannot be told from a duplicate and counts as one.
 */
#ifndef MVPN_TRAFFIC_ANALYSER_H
#define MVPN_TRAFFIC_ANALYSER_H

#include "emul/base/instant.h"
#include "emul/wire/probe.h"
#include "mvpnbench/emul.h"
#include "mvpnbench/instance.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct analyser;

/* analyser_new sizes everything for the instance; spec is borrowed. */
struct analyser *analyser_new(const struct instance_spec *spec);
void analyser_free(struct analyser *a);

/* analyser_start says that sources run from the instant start on. */
void analyser_start(struct analyser *a, struct instant start);

/* analyser_phase_ns is the flow's offset in the period: hash(seed, flow). */
int64_t analyser_phase_ns(const struct analyser *a, uint32_t flow);

/* analyser_sent notes that the flow's packet number sequence left at the instant at (which the
 * probe carries as its send time); withheld: it was due but the DUT has not joined (counts as sent
 * and lost, reason not-joined). Called for every packet, before it goes to its port. */
void analyser_sent(struct analyser *a, uint32_t flow, uint64_t sequence, struct instant at,
                   bool withheld);

/*
 * analyser_received judges one probe that arrived at the instant at in VPN v on branch: 1...c a
 * C-interface, ANALYSER_MI_PMSI the MI-PMSI of that VPN.
 */
#define ANALYSER_MI_PMSI 0u
void analyser_received(struct analyser *a, uint32_t v, uint32_t branch, const struct probe *p,
                       struct instant at);

/* The functions behind emul.h's of the same name; emul.h has the meaning. */
uint64_t analyser_pairs_total(const struct analyser *a);
uint64_t analyser_pairs_flowing(struct analyser *a, struct instant now);

uint64_t analyser_flows_delivered(const struct analyser *a, struct instant now);
uint64_t analyser_flows(const struct analyser *a);

/* analyser_all_flowing: every pair flows, and nothing was misdelivered or duplicated for as long.
 */
bool analyser_all_flowing(struct analyser *a, struct instant now);

/*
 * Windows are opened and closed at the present instant. min_sent_per_flow of a direction without
 * flows is UINT64_MAX: it never asks for a longer window. lost includes not_joined. Misdelivered
 * packets count once each, without weight. from and to are INSTANT_NEVER while no window was opened
 * or closed.
 */
void analyser_window_open(struct analyser *a, struct instant from);
void analyser_window_close(struct analyser *a, struct instant to);
void analyser_window_get(const struct analyser *a, struct emul_window *out);
size_t analyser_latency_get(const struct analyser *a, bool ingress, struct emul_latency *out,
                            size_t cap);
size_t analyser_failures(const struct analyser *a, struct emul_failure *out, size_t cap);
void analyser_recovery_begin(struct analyser *a, struct instant begin);
void analyser_recovery_action(struct analyser *a, struct instant tf);
void analyser_recovery_get(struct analyser *a, struct instant now, struct emul_recovery *out);

/*
 * The last window by (flow, branch): analyser_pairs_keep asks for it before the window opens (32
 * bytes more a pair). analyser_pairs_each then calls fn for every pair, in the order of flows and
 * branches, and behind them once for each place where packets of a flow arrived that must not:
 * those rows have misdelivered alone.
 */
struct analyser_pair {
    uint32_t vpn, flow, branch; /* vpn: of arrival for misdelivered packets */
    uint32_t weight;            /* receivers behind the branch; misdelivered: 0 */
    bool ingress;
    uint64_t sent, received, not_joined, duplicate, reordered, misdelivered; /* of one receiver */
    int64_t latency_min_ns, latency_avg_ns, latency_max_ns;                  /* -1: none */
};
typedef int analyser_pair_fn(void *arg, const struct analyser_pair *p);
void analyser_pairs_keep(struct analyser *a);

/* analyser_pairs_each returns 0, or what fn returned when that was not 0, which ends it. */
int analyser_pairs_each(const struct analyser *a, analyser_pair_fn *fn, void *arg);

/* analyser_regained_each calls fn for every interrupted pair of the last analyser_recovery_get that
 * has recovered, with its recovered instant and its receivers. */
typedef void analyser_regained_fn(void *arg, bool ingress, struct instant at, uint32_t weight);
void analyser_regained_each(const struct analyser *a, analyser_regained_fn *fn, void *arg);

/*
 * Counts since the sources started, for a network that is held (emul_live.h): analyser_live_start
 * turns them on, before the sources start. analyser_again forgets everything that was sent and
 * received, for sources that start anew with packet 0; no recovery is measured then.
 */
struct analyser_flow {
    uint64_t sent, received, lost, duplicate; /* pairs; lost: those due for a second or more */
    uint64_t misdelivered;                    /* packets of this flow */
    int64_t latency_avg_ns;                   /* -1: nothing received */
    bool ingress;
};
void analyser_live_start(struct analyser *a);
void analyser_again(struct analyser *a);
void analyser_flow_get(const struct analyser *a, uint32_t flow, struct instant now,
                       struct analyser_flow *out);

/* analyser_vpn_strays counts packets that arrived in VPN v and must not. */
uint64_t analyser_vpn_strays(const struct analyser *a, uint32_t v);

/*
 * Alternate marking (spec.marking_ns): analyser_flags gives the probe's flags of a packet sent at
 * an instant. analyser_left is told that a packet is on the wire to the DUT, analyser_died that one
 * of an ingress flow came out of the DUT's P side in VPN v and goes no further. analyser_blocks
 * gives the counters of the window, NULL: off.
 */
struct blocks;
uint8_t analyser_flags(const struct analyser *a, struct instant at);
void analyser_left(struct analyser *a, uint32_t flow, struct instant at);
void analyser_died(struct analyser *a, uint32_t v, const struct probe *p, struct instant at);
const struct blocks *analyser_blocks(const struct analyser *a);

/* analyser_sent_count returns the number of packets of the flow so far (sent or withheld). */
uint32_t analyser_sent_count(const struct analyser *a, uint32_t flow);

/* analyser_oifs_seen counts (flow, C-interface or MI-PMSI) pairs that delivered a packet in the
 * last three periods (at least 3 s) before now. */
uint64_t analyser_oifs_seen(const struct analyser *a, struct instant now);

#endif
