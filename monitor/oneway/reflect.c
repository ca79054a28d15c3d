/*
 * `oneway reflect`: M2. It joins the group through its tunnel, notes every probe that comes, sends
 * each back into the tunnel after a while (configuration C), and tells M1 over UDP what it saw.
 */
#include "emul/base/mem.h"
#include "emul/io/udpsock.h"
#include "monitor/oneway/live.h"
#include "monitor/tunnel/probe_packet.h"
#include "mvpnbench/monitor.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Reflections that wait for their time; more at once than this are not answered. */
#define WAITING_MAX (1u << 17)

struct waiting {
    struct instant at;
    uint64_t sequence;
    uint32_t run, flow;
};

struct reflector {
    struct loop *loop;
    const struct oneway_file *file;
    struct tunnels *tunnels;
    size_t tunnel;
    bool count_only;
    int udp;
    struct timer join, send;
    uint32_t run; /* the latest */
    struct seen seen;
    uint64_t received, repeated, reflected, overflowed;
    struct waiting *queue; /* a ring, in order of time */
    uint32_t first, count;
};

static void join_again(void *arg)
{
    struct reflector *r = arg;
    (void)tunnels_join(r->tunnels, r->tunnel, r->file->group, NULL);
    timer_set_in(r->loop, &r->join, LIVE_JOIN_NS);
}

static void send_due(void *arg)
{
    struct reflector *r = arg;
    const struct tunnel_spec *t = tunnels_spec(r->tunnels, r->tunnel);
    while (r->count > 0 && !instant_before(loop_now(r->loop), r->queue[r->first].at)) {
        const struct waiting *w = &r->queue[r->first];
        uint8_t packet[PROBE_PACKET_MAX];
        struct probe_packet p = {.src = t->inner_local,
                                 .dst = r->file->group,
                                 .sport = PROBE_PORT,
                                 .dscp = r->file->dscp,
                                 .ttl = 64,
                                 .bytes = r->file->bytes,
                                 .probe = {.vpn = w->run,
                                           .flow = w->flow,
                                           .sequence = w->sequence,
                                           .sent_ns = loop_now(r->loop).ns}};
        size_t len = probe_packet_write(&p, packet);
        r->reflected += tunnels_send(r->tunnels, r->tunnel, packet, len, r->file->dscp, NULL) == 0;
        r->first = (r->first + 1) % WAITING_MAX;
        r->count--;
    }
    if (r->count > 0)
        timer_set(r->loop, &r->send, r->queue[r->first].at);
}

static void answer_later(struct reflector *r, const struct probe *probe, struct instant at)
{
    if (r->count == WAITING_MAX) {
        r->overflowed++;
        return;
    }
    int64_t delay_ns = (int64_t)(r->file->delay_ms * 1e6);
    r->queue[(r->first + r->count) % WAITING_MAX] =
        (struct waiting){.at = instant_add(at, delay_ns),
                         .sequence = probe->sequence,
                         .run = probe->vpn,
                         .flow = probe->flow == FLOW_DIRECT ? FLOW_REFLECTED : FLOW_WARM_REFLECTED};
    if (r->count++ == 0)
        timer_set(r->loop, &r->send, r->queue[r->first].at);
}

/* Its own reflections come back too if the router sends them into t: they are not answered. */
static void on_packet(void *arg, size_t tunnel, const uint8_t *packet, size_t len,
                      struct instant at)
{
    struct reflector *r = arg;
    struct probe_packet p;
    (void)tunnel;
    if (!probe_packet_read(packet, len, &p) || p.dst != r->file->group ||
        (p.probe.flow != FLOW_DIRECT && p.probe.flow != FLOW_WARM_UP))
        return;
    if (p.probe.vpn != r->run) {
        seen_fini(&r->seen);
        seen_init(&r->seen);
        r->run = p.probe.vpn;
        r->received = r->repeated = 0;
    }
    if (p.probe.flow == FLOW_DIRECT && !seen_mark(&r->seen, p.probe.sequence)) {
        r->repeated++;
        return;
    }
    r->received += p.probe.flow == FLOW_DIRECT;
    if (!r->count_only)
        answer_later(r, &p.probe, at);
}

static void on_request(void *arg, uint32_t events)
{
    struct reflector *r = arg;
    uint8_t data[64], answer[SEEN_ANSWER_BYTES];
    ip4_t from;
    uint16_t port;
    (void)events;
    ssize_t n;
    while ((n = udpsock_receive(r->udp, data, sizeof(data), &from, &port)) >= 0) {
        uint32_t run;
        uint64_t base;
        if (!seen_request_read(data, (size_t)n, &run, &base) || run != r->run)
            continue;
        seen_answer(&r->seen, run, base, answer);
        (void)udpsock_send(r->udp, from, port, answer, sizeof(answer));
    }
}

static int open_all(struct reflector *r, struct err *err)
{
    const struct tunnel_spec *t = &r->file->tunnel[TUNNEL_T];
    r->tunnels = live_open(r->loop, r->file, t->local, err);
    if (r->tunnels == NULL)
        return -1;
    int number = tunnels_add(r->tunnels, t, err);
    r->udp = number < 0 ? -1 : udpsock_open(r->file->netns, t->local, r->file->port, err);
    if (r->udp < 0)
        return -1;
    r->tunnel = (size_t)number;
    tunnels_on_rx(r->tunnels, on_packet, r);
    if (loop_fd_add(r->loop, r->udp, EPOLLIN, on_request, r) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "the loop takes no more descriptors");
    return -1;
}

static void close_all(struct reflector *r)
{
    if (r->udp >= 0) {
        loop_fd_del(r->loop, r->udp);
        (void)close(r->udp);
    }
    tunnels_close(r->tunnels);
    seen_fini(&r->seen);
    free(r->queue);
    loop_free(r->loop);
}

static json_t *result_of(const struct reflector *r)
{
    return json_pack("{s:I,s:I,s:I,s:I}", "received", (json_int_t)r->received, "repeated",
                     (json_int_t)r->repeated, "reflected", (json_int_t)r->reflected,
                     "not_reflected", (json_int_t)r->overflowed);
}

int oneway_reflect(const char *file, bool count_only, volatile sig_atomic_t *stop, json_t **out,
                   struct err *err)
{
    struct oneway_file *f = oneway_file_load(file, 'R', err);
    if (f == NULL)
        return -1;
    struct reflector r = {.loop = loop_new_real(), .file = f, .count_only = count_only, .udp = -1};
    r.queue = mem_zalloc(WAITING_MAX, sizeof(*r.queue));
    seen_init(&r.seen);
    timer_init(&r.join, "oneway join", join_again, &r);
    timer_init(&r.send, "oneway reflect", send_due, &r);
    int rc = open_all(&r, err);
    if (rc == 0) {
        join_again(&r);
        while (!live_wait(r.loop, NS_PER_S, stop))
            continue;
        (void)tunnels_leave(r.tunnels, r.tunnel, f->group, NULL);
        *out = result_of(&r);
    }
    timer_cancel(r.loop, &r.join);
    timer_cancel(r.loop, &r.send);
    close_all(&r);
    oneway_file_free(f);
    return rc;
}
