/*
 * The door into emul/: the whole emulated network around the DUT for one test-case instance. The
 * harness builds it on a loop and ports, tells it what to do step by step (draft 7.1, 7.2), lets
 * the loop run, and reads what was seen. All state that is read here comes from frames received and
 * sent; nothing comes from the DUT's side by any other way (DESIGN A.2 rule 6).
 *
 * Order of a life: emul_new, emul_start, (bring-up is gated inside, PROTOCOLS 14), emul_join,
 * emul_traffic_start, windows and recoveries, emul_withdraw, emul_free. One thread.
 */
#ifndef MVPNBENCH_EMUL_H
#define MVPNBENCH_EMUL_H

#include "emul/base/err.h"
#include "emul/base/instant.h"
#include "mvpnbench/instance.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emul;
struct loop;
struct port;

struct emul_ports {
    struct port **a1; /* spec.trunk: one port; else one a C-link, in order of C-links */
    size_t a1_count;
    struct port *a3;
};

/*
 * emul_new builds the network; loop, ports and spec (copied) must outlive it. NULL with *err if the
 * instance cannot be emulated (too few ports, more flows than memory ...).
 */
struct emul *emul_new(struct loop *loop, const struct emul_ports *ports,
                      const struct instance_spec *spec, struct err *err);
void emul_free(struct emul *e);

/* emul_start begins bring-up: ARP, the P router's PIM, and then gate by gate the rest. */
void emul_start(struct emul *e);

/* What is up, as seen from the apparatus. Every number is measured now. */
struct emul_bringup {
    bool p_neighbour;            /* the DUT's PIM neighbour on the P link */
    uint32_t mdt_joined;         /* default MDTs that the DUT has joined */
    uint64_t mdt_sources_joined; /* SSM: (remote PE, default MDT) that the DUT has joined: N*R */
    bool df_winner;              /* BIDIR: the P router is DF on the P link */
    uint32_t mdt_from_dut;       /* default MDTs on which packets of the DUT arrive */
    uint64_t c_neighbours;       /* C-routers that have the DUT as neighbour: N*c when complete */
    uint64_t mi_pmsi_neighbours; /* remote PEs (VPN, PE) that have the DUT as neighbour: N*R */
    bool complete;               /* everything that the instance needs is up */
    char waiting_for[160];       /* first thing missing, by name; "" when complete */
};
void emul_bringup_get(const struct emul *e, struct emul_bringup *out);

/* emul_join makes every receiver join its groups (step 4), paced as draft 6.6. */
void emul_join(struct emul *e);

/* emul_joined_once: every Join has been sent; emul_refreshed_once: and refreshed or suppressed. */
bool emul_joined_once(const struct emul *e);
bool emul_refreshed_once(const struct emul *e);

/* emul_traffic_start starts every C-source (step 5); emul_traffic_stop ends them. */
void emul_traffic_start(struct emul *e);
void emul_traffic_stop(struct emul *e);

/*
 * Pairs are (flow, expected receiver). emul_pairs_flowing counts those whose last max(5 packets,
 * 5 s) arrived in order, and whose next packet is not overdue; the state of step 6 is reached when
 * all are flowing and nothing was misdelivered or duplicated for as long.
 */
uint64_t emul_pairs_total(const struct emul *e);
uint64_t emul_pairs_flowing(struct emul *e);
bool emul_all_flowing(struct emul *e);

/* Counts of a window: (packet, expected receiver) pairs of packets sent within it. */
struct emul_direction {
    uint64_t flows;
    uint64_t sent, received, lost, not_joined, duplicate, reordered, misdelivered;
    uint64_t min_sent_per_flow;             /* of the flow that sent least: windows need 10 */
    int64_t latency_min_ns, latency_max_ns; /* -1: nothing received */
    int64_t latency_avg_ns;
    int64_t latency_p50_ns, latency_p90_ns, latency_p99_ns; /* within 1/64 */
};

struct emul_window {
    struct instant from, to;
    struct emul_direction ingress, egress;
};

/*
 * emul_window_open starts counting packets sent from now on, emul_window_close stops (packets that
 * are still under way count when they arrive: run the loop a little longer, then
 * emul_window_get). A window that is opened again starts from nothing.
 */
void emul_window_open(struct emul *e);
void emul_window_close(struct emul *e);
void emul_window_get(const struct emul *e, struct emul_window *out);

/*
 * The latencies of the last window in buckets: count (packet, expected receiver) pairs took at
 * least lower_ns and less than upper_ns; a bucket is at most 1/64 of lower_ns wide (below 128 ns it
 * is 1 ns). emul_latency_get gives those of one direction that are not empty, ascending, at most
 * cap; returns how many there are (at most EMUL_LATENCY_MAX).
 */
struct emul_latency {
    int64_t lower_ns, upper_ns;
    uint64_t count;
};
#define EMUL_LATENCY_MAX 3712u
size_t emul_latency_get(const struct emul *e, bool ingress, struct emul_latency *out, size_t cap);

enum emul_criterion {
    CRIT_LOSS,       /* a pair lost packets */
    CRIT_NOT_JOINED, /* packets withheld: the DUT had not joined the flow */
    CRIT_DUPLICATE,
    CRIT_MISDELIVERED, /* a packet arrived in a VPN or on an interface that must not have it */
    CRIT_NEIGHBOUR,    /* a PIM neighbour is missing */
    CRIT_MI_PMSI,      /* a default MDT is not built */
    CRIT_METRIC,       /* a metric variable of the DUT is below what was expected */
    CRIT_CPU,
    CRIT_MEMORY,
    CRIT_REORDERED, /* counted and reported, no failure by itself */
    CRIT_SPMSI,     /* an S-PMSI is not signalled, joined or used as it must be */
    CRIT_RECOVERY,  /* not recovered, or lost again after the recovery */
};

/* emul_criterion_name returns "loss", "not-joined", "duplicate", "misdelivered", "neighbour",
 * "mi-pmsi", "metric", "cpu", "memory", "reordered", "spmsi", "recovery". */
const char *emul_criterion_name(enum emul_criterion c);

struct emul_failure {
    enum emul_criterion criterion;
    uint32_t vpn;       /* 1...; misdelivered: the VPN it arrived in; 0: none */
    uint32_t flow;      /* 1...; 0: none */
    char neighbour[64]; /* "" or e.g. "PE 17 (198.18.0.18)" */
    char interface[64]; /* "" or e.g. "C-interface 1", "MI-PMSI" */
    uint64_t count;     /* packets; 1 for neighbours */
};

/*
 * emul_failures lists what failed in the last window (flows), and neighbours and MDTs missing now,
 * at most cap of them; returns how many there are in all.
 */
size_t emul_failures(struct emul *e, struct emul_failure *out, size_t cap);

/*
 * S-PMSIs (data MDTs) as seen from outside, over all mVPNs. A switch is one flow of the DUT going
 * from the default to a data MDT: t0 its first MDT Join TLV, t1 its first packet on the data MDT
 * (draft 9.11, PROTOCOLS 3.5). Lost and duplicate are packets of switching flows between t0 and
 * t1 + 3 s.
 */
struct emul_spmsi {
    uint64_t tlv_datagrams, tlvs; /* received from the DUT */
    uint64_t src_announced;       /* flows of the DUT announced now (180 s) */
    uint64_t src_mdts, src_flows; /* data MDTs of the DUT in use now, flows on them */
    uint64_t src_reused_mdts;     /* of them those with more than one flow */
    uint64_t rx_announced;        /* data MDTs that remote PEs announce now */
    uint64_t rx_joined, rx_flows; /* ... that the DUT has joined, flows sent on them */
    uint64_t switches;            /* completed */
    int64_t delay_min_ns, delay_avg_ns, delay_max_ns; /* t1 - t0; -1: none */
    uint64_t switch_lost, switch_duplicate;
    uint32_t igmp_interfaces; /* C-interfaces with IGMP receivers */
    uint64_t registers_sent, null_registers_sent, register_stops_received; /* C-RP on the DUT */
};
void emul_spmsi_get(const struct emul *e, struct emul_spmsi *out);

/* emul_p_metric gives the P instance's joins of the DUT as seen on the P link, its own trees
 * included while they carry its packets; METRIC_UNKNOWN for OIFs. */
void emul_p_metric(struct emul *e, struct p_metric *out);

/* emul_metric gives the metric as seen from outside; METRIC_UNKNOWN where it cannot be seen. */
void emul_metric(struct emul *e, struct mvpn_metric *out);
void emul_neighbours(struct emul *e, struct neighbour_count *out);

enum emul_side { SIDE_C, SIDE_P };

/*
 * emul_link pulls (up == false) or plugs the cable of the P link, or of the C link: the trunk, or
 * with one interface a C-link that of VPN 1's first.
 */
int emul_link(struct emul *e, enum emul_side side, bool up, struct err *err);

/* Recovery (DESIGN A.5). Instants are INSTANT_NEVER where nothing was seen. */
struct emul_recovery {
    struct instant begin, tf;
    struct instant tre, trd, trall;
    uint64_t interrupted_ingress, interrupted_egress; /* pairs */
    uint64_t not_recovered;      /* interrupted pairs that have no sustained run yet */
    uint64_t lost_again;         /* pairs that lost packets after their recovery, or later than
                                    any recovery without having been interrupted */
    uint32_t first_flow;         /* lowest of the flows that not_recovered, or else lost_again,
                                    counts; 0: none */
    int64_t loss_derived_max_ns; /* largest of a pair: packets lost that were sent after Tf, before
                                    its recovered instant, / rate (RFC 6412 3.6.4) */
    struct instant mi_pmsi_first, mi_pmsi_all; /* neighbours lost since begin and back after Tf, as
                                                  the apparatus sees them; NEVER: none were lost */
    struct instant c_first, c_all;
    uint64_t mi_pmsi_lost, c_lost; /* neighbours that were lost */
    bool settled;                  /* every interrupted pair has recovered and Tf + 30 s is past */
};
void emul_recovery_begin(struct emul *e);
void emul_recovery_action(struct emul *e, struct instant tf);
void emul_recovery_get(struct emul *e, struct emul_recovery *out);

/*
 * emul_regained_each calls fn for everything that had come back when emul_recovery_get was last
 * called: interrupted pairs by their recovered instant, lost neighbours by when they were back as
 * the apparatus sees them; in no particular order, count pairs or neighbours at once.
 */
enum emul_regained {
    REGAINED_INGRESS,
    REGAINED_EGRESS,
    REGAINED_MI_PMSI,
    REGAINED_C_INTERFACE,
    REGAINED_KINDS
};
typedef void emul_regained_fn(void *arg, enum emul_regained what, struct instant at,
                              uint32_t count);
void emul_regained_each(const struct emul *e, emul_regained_fn *fn, void *arg);

/* Packets per 100 ms bin and port since emul_series_start; frames are reported as they pass. */
struct emul_series {
    struct instant start;
    size_t bins;
    const uint32_t *a1_tx, *a1_rx, *a3_tx, *a3_rx; /* data packets (probes); borrowed */
};
void emul_series_start(struct emul *e);
void emul_series_get(const struct emul *e, struct emul_series *out);

/* The apparatus watching itself; figures since emul_health_reset. */
struct emul_health {
    int64_t pacing_error_max_ns; /* latest that a packet of a flow was sent after it was due */
    uint64_t rx_dropped;         /* receive rings */
    uint64_t tx_errors;          /* frames that could not be sent while the link was up */
    uint64_t refresh_overrun;    /* joins that could not be refreshed in time (draft 6.6 pacing) */
    uint64_t asserts;            /* PIM Asserts seen: an anomaly (PROTOCOLS 1.8) */
    uint64_t undecodable;        /* frames of the DUT that do not decode */
};
void emul_health_get(struct emul *e, struct emul_health *out);
void emul_health_reset(struct emul *e);

/* Facts for the report. */
struct emul_facts {
    uint32_t jp_entries_max; /* most entries in one Join/Prune sent */
    bool jp_capped_by_mtu;   /* fewer than 80 because of the MTU: a deviation */
    uint64_t jp_pdus_sent, jp_entries_sent, jp_pdus_received, jp_entries_received;
    uint64_t joins_suppressed, prunes_overridden;
    uint64_t registers_received;
    uint64_t packets_in_registers; /* C-packets that arrived inside a P-instance Register */
};
void emul_facts_get(const struct emul *e, struct emul_facts *out);

/*
 * emul_withdraw stops sources, prunes every join and says goodbye (Hello holdtime 0) on every
 * interface; run the loop for the second or so that pacing needs, until emul_withdrawn.
 */
void emul_withdraw(struct emul *e);
bool emul_withdrawn(const struct emul *e);

#endif
