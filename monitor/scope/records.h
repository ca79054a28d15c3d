/*
 * What the monitor keeps: arrays of plain records, numbers as references. Numbers of tunnels are
 * those of monitor/tunnel.
 */
#ifndef MVPN_SCOPE_RECORDS_H
#define MVPN_SCOPE_RECORDS_H

#include "emul/base/map.h"
#include "emul/loop/loop.h"
#include "monitor/minc/minc.h"
#include "monitor/scope/calendar.h"
#include "monitor/scope/file.h"
#include "monitor/scope/pair.h"

struct monitor;

/* ---- sequence numbers, and which were sent long enough ago to be counted --------------------- */

#define SOURCE_TICK_NS (NS_PER_S / 10)
#define SOURCE_MARKS   21u /* ticks: 2 s at least */

struct source {
    uint64_t next, settled;
    uint64_t mark[SOURCE_MARKS];
};

/* ---- work in the order of its time ----------------------------------------------------------- */

typedef void queue_fn(struct monitor *m, uint32_t number, int64_t at_ns);

struct queue {
    struct monitor *m;
    struct calendar calendar;
    struct timer timer;
    queue_fn *fn;
};

/* ---- records --------------------------------------------------------------------------------- */

#define NONE UINT32_MAX

enum end_state { END_WAITING, END_NEVER, END_ANSWERS, END_SILENT };

/* A tunnel, and the router at its end. */
struct end {
    char *name;
    enum scope_role role;
    bool dropped;
    enum end_state state;
    int64_t began_ns, heard_ns, ping_heard_ns;
    int64_t ping_due_ns;
    struct source pings;
    struct pair rtt;
    uint64_t strange, foreign;   /* not understood; of somebody else's monitor or an earlier run */
    uint32_t first_member, used; /* used: by so many running tasks */
    /* Inference: where the copies come back that this tunnel's probes make, and what came. */
    uint32_t companion, companion_of; /* NONE: none */
    struct minc_counts reflected;
    uint64_t reflects_from; /* the first probe that counts; UINT64_MAX: none came back yet */
};

struct vpn {
    char *name;
    ip4_t group;
    bool native;
    bool sender_answers; /* a running sender's tunnel is alive */
};

enum member_state { MEMBER_OFF, MEMBER_JOINED, MEMBER_LEAVING };

/* A group joined through a tunnel. */
struct member {
    uint32_t vpn, tunnel, next; /* next of the same tunnel */
    enum member_state state;
    uint32_t needed; /* by so many running tasks */
    bool by_hand;
    uint32_t said; /* reports, or leaves, so far */
    int64_t due_ns, left_ns, expected_ns;
    double expected_pps; /* of probes that ought to come */
    int64_t heard_ns;    /* 0: never */
    bool lost;
};

struct stream {
    uint32_t task, tunnel;
    bool on;
    struct source sent;
    int64_t period_ns, due_ns, begin_ns;
    int64_t delay_marked; /* the block whose probe with the delay mark was sent */
    size_t first_pair, pair_count;
    uint64_t not_sent, late;
};

struct task {
    char *name;
    uint32_t vpn;
    bool passive, on;
    double rate_pps;
    uint32_t bytes;
    uint8_t dscp;
    struct scope_mark mark;
    uint32_t *receivers;
    size_t receiver_count;
    size_t first_stream, stream_count;
    int64_t until_ns; /* 0: no end */
};

/* Customers' packets (or native multicast) of one source that came through one tunnel. */
struct passive {
    uint32_t vpn, tunnel;
    ip4_t from;
    uint64_t packets, bytes;
    int64_t first_ns, last_ns;
    size_t first_flow; /* + 1; 0: none of them carries probes */
};

struct passive_flow {
    uint32_t vpn, flow; /* of the bench's probes */
    struct pair pair;
    size_t next; /* + 1 */
};

struct anomaly {
    int64_t at_ns, last_ns;
    const char *kind;
    uint32_t vpn, tunnel; /* NONE: of none */
    uint64_t count;
    char text[200];
};

struct inference {
    bool on, alive, said; /* alive: something came back */
    uint32_t run, vpn;
    struct source probes; /* numbers of all tunnels, in turn */
    uint32_t *order;      /* tunnels that have a companion */
    size_t count;
    int64_t period_ns, due_ns, begin_ns;
    uint8_t *ring; /* bit 0 direct copy, bit 1 reflected copy */
    size_t ring_size;
    uint64_t done, old[4]; /* counted up to; next number so many seconds ago */
};

struct monitor {
    struct loop *loop;
    struct scope_file *file;
    struct tunnels *tunnels;
    struct end *ends;
    struct vpn *vpns;
    struct member *members;
    struct task *tasks;
    struct stream *streams;
    struct pair *pairs;
    struct passive *passives;
    struct passive_flow *passive_flows;
    struct anomaly *anomalies;
    size_t end_count, vpn_count, member_count, task_count, stream_count, pair_count, passive_count,
        passive_flow_count, anomaly_count;
    size_t end_cap, vpn_cap, member_cap, task_cap, stream_cap, pair_cap, passive_cap,
        passive_flow_cap, anomaly_cap;
    uint64_t anomalies_left_out;
    struct map by_group, by_member, by_pair, by_passive, by_passive_flow;
    struct queue sending, joining, pinging, inferring;
    struct timer tick;
    uint64_t ticks;
    int64_t began_ns, quiet_until_ns, join_slot_ns, finish_ns;
    bool customers, finishing, done, gone;
    uint64_t ring_dropped;
    struct inference inference;
};

#endif
