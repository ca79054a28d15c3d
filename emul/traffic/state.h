/*
 * The analyser's state, shared by its own files only: analyser.c (packets), window.c (counts of a
 * window), flows.c (the same by receiver), recovery.c (interruptions). Everything per pair is a
 * plain record in an array; what each packet touches is 32 bytes a pair and 24 a flow, the rest is
 * touched on faults and while a recovery is measured.
 */
#ifndef MVPN_TRAFFIC_STATE_H
#define MVPN_TRAFFIC_STATE_H

#include "emul/base/map.h"
#include "emul/traffic/analyser.h"
#include "emul/traffic/flow.h"
#include "emul/traffic/latency.h"

#define SEEN_BITS 64u

struct pair {
    int64_t last_at;   /* arrival of the newest first copy */
    uint64_t seen;     /* bit b: sequence next - 1 - b has arrived */
    uint32_t next;     /* highest sequence that arrived, plus 1 */
    uint32_t run;      /* packets in order up to now */
    uint32_t received; /* first copies of packets sent within the window */
    uint16_t epoch;    /* differs from the analyser's: recovery_touch is due */
};

struct pair_faults {
    uint32_t duplicate; /* of packets sent within the window */
};

struct flow_state {
    int64_t last_at; /* when the newest packet left or was withheld */
    uint32_t sent;   /* newest sequence + 1 */
    uint32_t window_sent, window_withheld;
    bool last_withheld;
};

/* Packets that arrived where they must not. */
struct stray {
    uint32_t vpn, branch; /* of arrival */
    uint32_t flow;        /* its own */
    uint64_t count;
};

/* What the window knows of a pair beside struct pair, kept only when somebody asked for it. */
struct pair_latency {
    int64_t min, max; /* max -1: nothing received */
    int64_t sum;
    uint32_t reordered;
};

/* Sums of the window over one direction, in (packet, expected receiver) pairs. */
struct direction_sums {
    uint64_t received, duplicate, reordered, misdelivered;
    unsigned __int128 latency_sum;
    int64_t latency_min, latency_max;
    struct latency_counts latency;
};

/*
 * While a recovery is measured, the arrivals of a pair are kept as segments: rows of packets in
 * order, cut at each gap, at each late packet (a segment of its own) and at Tf. Losses and runs are
 * read off the segments when somebody asks.
 */
struct segment {
    int64_t at;     /* arrival of its first packet */
    uint32_t first; /* sequence */
    uint32_t count;
    uint32_t previous; /* index + 1 of the pair's segment before; 0: none */
};

struct pair_recovery {
    int64_t open_at; /* the segment that is still growing */
    uint32_t open_first;
    uint32_t base;   /* everything sent since begin and below base has arrived */
    uint32_t newest; /* index + 1 of the newest closed segment */
    bool open;
};

/* What is known of one pair that lost something since begin. */
struct interruption {
    int64_t lost_at;                  /* when its first lost packet was sent */
    int64_t first_at;                 /* first packet after that and after Tf */
    int64_t recovered_at;             /* first packet of the first sustained run */
    uint64_t lost_before, lost_after; /* packets sent after Tf: up to that run, and after it */
    uint32_t weight, flow;
    enum flow_direction direction;
};

struct analyser {
    struct flow_table table;
    struct instant start;
    uint32_t run_packets; /* max(5 packets, 5 s) */
    int64_t overdue_ns;   /* 2 periods + 1 s */
    int64_t last_fault;   /* newest duplicate or misdelivered packet */
    int64_t latest;       /* newest arrival */
    struct pair *pairs;
    struct flow_state *flows;

    int64_t window_from;
    uint64_t window_span; /* 0: no window; INT64_MAX: not closed yet */
    struct direction_sums sums[FLOW_DIRECTIONS];
    struct pair_faults *faults;
    struct pair_latency *latencies; /* by pair; NULL: nobody asked */
    struct map stray_index;         /* (VPN, branch, flow) to strays */
    struct stray *strays;
    size_t stray_count, stray_cap;

    struct pair_recovery *recoveries; /* NULL: none was begun */
    struct interruption *found;       /* of the last analyser_recovery_get */
    size_t found_count, found_cap;
    struct segment *segments;
    size_t segment_count, segment_cap;
    int64_t begin, tf; /* tf INT64_MAX: not yet */
    bool tf_late;      /* packets had arrived after Tf when it was told */
    uint16_t epoch;

    struct flow_counts *counts; /* by flow; NULL: nobody counts since the start (live.c) */
    uint64_t *vpn_strays;       /* by VPN - 1 of arrival */

    struct blocks *blocks; /* alternate marking; NULL: off */
    int64_t block_ns;
};

static inline bool window_has(const struct analyser *a, int64_t sent_ns)
{
    return (uint64_t)(sent_ns - a->window_from) < a->window_span;
}

/* sums_add adds a first copy to the sums of the window. */
static inline void sums_add(struct direction_sums *s, uint32_t weight, int64_t latency_ns)
{
    if (latency_ns < 0)
        latency_ns = 0;
    s->received += weight;
    s->latency.at[latency_bucket(latency_ns)] += weight;
    s->latency_sum += (unsigned __int128)latency_ns * weight;
    if (latency_ns < s->latency_min)
        s->latency_min = latency_ns;
    if (latency_ns > s->latency_max)
        s->latency_max = latency_ns;
}

/* flows.c: the window by pair, called only while it is kept. flows_add and flows_take count a first
 * copy of the window or take the newest one out again, flows_open begins anew. */
void flows_open(struct analyser *a);
void flows_add(struct analyser *a, size_t pair, int64_t latency_ns);
void flows_take(struct analyser *a, size_t pair, int64_t latency_ns);

/* window_stray_direction tells in which direction a packet is counted that arrived where it must
 * not: its flow's own, or where it arrived if it is of no flow. */
enum flow_direction window_stray_direction(const struct flow_table *t, uint32_t branch,
                                           uint32_t flow);

/* window_misdelivered counts a packet that arrived where it must not. */
void window_misdelivered(struct analyser *a, uint32_t v, uint32_t branch, const struct probe *p);

/* window_fini frees what windows use. */
void window_fini(struct analyser *a);

/* recovery_touch is called when a pair's epoch differs, before its record takes the packet in. */
void recovery_touch(struct analyser *a, size_t pair, uint32_t sequence, struct instant at);

/* recovery_gap and recovery_late are called while a recovery is measured, before the pair's record
 * takes the packet in: packets are missing before it, or it was one of the missing ones. */
void recovery_gap(struct analyser *a, size_t pair, uint32_t sequence, struct instant at);
void recovery_late(struct analyser *a, size_t pair, uint32_t sequence, struct instant at);

/* recovery_fini frees what recoveries use. */
void recovery_fini(struct analyser *a);

/* Counts of a flow since the sources started; pairs are (packet, expected receiver). */
struct flow_counts {
    uint64_t sent, withheld;      /* packets */
    uint64_t received, duplicate; /* pairs */
    uint64_t misdelivered;        /* packets */
    uint64_t arrivals;            /* first copies at branches */
    int64_t latency_ns;           /* their sum */
};

/* live_stray counts a packet that arrived where it must not. */
void live_stray(struct analyser *a, uint32_t v, const struct probe *p);

/* marks.c: block counters, called only where there are some. marks_due and marks_arrived are told
 * of packets of the window, marks_edge puts a flow's newest packet in (by 1) or takes it out (-1).
 */
void marks_due(struct analyser *a, uint32_t flow, struct instant at);
void marks_arrived(struct analyser *a, uint32_t v, uint32_t branch, const struct probe *p,
                   struct instant at);
void marks_edge(struct analyser *a, const struct flow_place *place, int by);

/* live_fini frees what these counts use. */
void live_fini(struct analyser *a);

/* analyser_due is the instant at which packet sequence of flow is due. */
static inline int64_t analyser_due(const struct analyser *a, uint32_t flow, uint32_t sequence)
{
    return a->start.ns + analyser_phase_ns(a, flow) + sequence * a->table.period_ns;
}

#endif
