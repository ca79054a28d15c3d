/*
 * The inside of the monitor (mvpnbench/monitor.h is the door): who does what with its records. One
 * timer for each kind of work.
 */
#ifndef MVPN_SCOPE_SCOPE_H
#define MVPN_SCOPE_SCOPE_H

#include "monitor/scope/records.h"
#include "monitor/tunnel/probe_packet.h"

#include <jansson.h>

struct ipv4;

/* ---- queue.c --------------------------------------------------------------------------------- */
void queue_init(struct queue *q, struct monitor *m, const char *name, queue_fn *fn);
void queue_put(struct queue *q, uint32_t number, int64_t at_ns);
void queue_fini(struct queue *q);

static inline int64_t now_ns(const struct monitor *m)
{
    return loop_now(m->loop).ns;
}

static inline uint64_t key_of(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

/* ---- ends.c ---------------------------------------------------------------------------------- */
/* end_add makes a tunnel known; its number, or -1 with *err. */
int end_add(struct monitor *m, const struct tunnel_spec *spec, enum scope_role role,
            struct err *err);
int end_drop(struct monitor *m, uint32_t tunnel, struct err *err);
uint32_t end_find(const struct monitor *m, const char *name, struct err *err);
void end_heard(struct monitor *m, uint32_t tunnel, int64_t at_ns);
int vpn_add(struct monitor *m, const char *name, ip4_t group, bool native, struct err *err);
uint32_t vpn_find(const struct monitor *m, const char *name, struct err *err);
void monitor_arrays_free(struct monitor *m);

/* ---- members.c ------------------------------------------------------------------------------- */
struct member *member_get(struct monitor *m, uint32_t vpn, uint32_t tunnel, bool make);
void member_need(struct monitor *m, uint32_t vpn, uint32_t tunnel, double expected_pps);
void member_release(struct monitor *m, uint32_t vpn, uint32_t tunnel, double expected_pps);
void member_expect(struct monitor *m, uint32_t vpn, uint32_t tunnel, double change_pps);
void member_by_hand(struct monitor *m, uint32_t vpn, uint32_t tunnel, bool join);
/* members_again says all memberships of a tunnel again within so much time (a query, a router that
 * came back). */
void members_again(struct monitor *m, uint32_t tunnel, ip4_t group, int64_t within_ns);
void members_leave_all(struct monitor *m);
void member_due(struct monitor *m, uint32_t number, int64_t at_ns);

/* ---- tasks.c --------------------------------------------------------------------------------- */
struct task_order {
    const char *name;
    uint32_t vpn;
    const uint32_t *senders, *receivers;
    size_t sender_count, receiver_count;
    double rate_pps, seconds; /* seconds 0: no end */
    uint32_t bytes;
    uint8_t dscp;
    bool passive;
    struct scope_mark mark;
};
int task_add(struct monitor *m, const struct task_order *o, struct err *err);
uint32_t task_find(const struct monitor *m, const char *name, struct err *err);
void task_start(struct monitor *m, uint32_t task);
void task_stop(struct monitor *m, uint32_t task);
void task_rate(struct monitor *m, uint32_t task, double rate_pps, uint32_t bytes, uint8_t dscp);
void tasks_watch(struct monitor *m);
void stream_due(struct monitor *m, uint32_t number, int64_t at_ns);

/* ---- receive.c ------------------------------------------------------------------------------- */
void monitor_receive(void *arg, size_t tunnel, const uint8_t *packet, size_t len,
                     struct instant at);

/* ---- legs.c, inference.c --------------------------------------------------------------------- */
void ping_due(struct monitor *m, uint32_t tunnel, int64_t at_ns);
void ping_take(struct monitor *m, uint32_t tunnel, const struct ipv4 *ip, struct instant at);

/* One tunnel's two directions; NAN, or -1 for delays: not known. */
struct leg {
    double from_loss, to_loss; /* from us to the router; from the router to us */
    int64_t from_delay_ns, to_delay_ns;
    bool from_inferred, to_inferred;
};
void leg_get(const struct monitor *m, uint32_t tunnel, struct leg *out);

int inference_open(struct monitor *m, struct err *err);
void inference_due(struct monitor *m, uint32_t number, int64_t at_ns);
void inference_take(struct monitor *m, uint32_t tunnel, const struct probe_packet *p);
void inference_watch(struct monitor *m); /* once a second */
/* inference_leg gives the losses of the two directions; false where there is no estimate. */
bool inference_from(const struct monitor *m, uint32_t tunnel, double *loss);
bool inference_to(const struct monitor *m, uint32_t tunnel, double *loss);

/* ---- passive.c ------------------------------------------------------------------------------- */
/* passive_take counts a customers' packet inside a tunnel: GRE, or native multicast. */
void passive_take(struct monitor *m, uint32_t tunnel, const struct ipv4 *ip, struct instant at);
json_t *passive_json(const struct monitor *m);

/* ---- anomaly.c ------------------------------------------------------------------------------- */
void anomaly_say(struct monitor *m, const char *kind, uint32_t vpn, uint32_t tunnel,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* anomalies_watch looks once a second for what is missing. */
void anomalies_watch(struct monitor *m);

/* ---- result.c -------------------------------------------------------------------------------- */
json_t *pair_json(const struct monitor *m, const struct pair *p);
bool pair_shown(const struct pair *p);
json_t *ends_json(const struct monitor *m, bool flat);
json_t *anomalies_json(const struct monitor *m);

#endif
