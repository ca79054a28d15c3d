/*
 * `oneway A|B|C FILE`: M1. Probes go out through tunnel r, copies come back through s; the second
 * leaf is M2 (A: asked what it saw; C: its reflections come through s too) or a router that counts
 * (B: probes of one interval have a UDP source port of their own).
 */
#include "monitor/oneway/live.h"

#include "emul/base/mem.h"
#include "emul/io/ifaddr.h"
#include "emul/io/udpsock.h"
#include "monitor/minc/minc.h"
#include "monitor/oneway/counters.h"
#include "monitor/oneway/links.h"
#include "monitor/tunnel/probe_packet.h"
#include "mvpnbench/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define WARM_UP_NS   (15 * NS_PER_S) /* for the group's tree to come up */
#define WARM_STEP_NS (200 * NS_PER_MS)
#define DRAIN_NS     (2 * NS_PER_S)
#define TICK_NS      NS_PER_MS
#define ASK_TRIES    20u
#define ASK_WAIT_NS  (200 * NS_PER_MS)

struct tunnels *live_open(struct loop *loop, const struct oneway_file *f, ip4_t local,
                          struct err *err)
{
    char *found = f->interface != NULL ? NULL : ifaddr_interface(f->netns, local, err);
    if (f->interface == NULL && found == NULL)
        return NULL;
    struct tunnels_params params = {.interface = f->interface != NULL ? f->interface : found,
                                    .netns = f->netns};
    struct tunnels *t = tunnels_open(loop, &params, err);
    free(found);
    return t;
}

bool live_wait(struct loop *loop, int64_t ns, const volatile sig_atomic_t *stop)
{
    struct instant until = instant_add(loop_now(loop), ns);
    while (*stop == 0 && instant_before(loop_now(loop), until)) {
        struct instant slice = instant_add(loop_now(loop), NS_PER_S / 5);
        (void)loop_run(loop, instant_before(slice, until) ? slice : until);
    }
    return *stop != 0;
}

struct host {
    struct loop *loop;
    const struct oneway_file *file;
    char config;
    struct tunnels *tunnels;
    size_t r, s;
    struct timer join, tick;
    uint32_t run;
    uint32_t flow; /* of what is sent now */
    struct instant begin;
    uint64_t sent, wanted;
    struct seen direct, second;
    uint64_t repeated, warm;
};

static void join_again(void *arg)
{
    struct host *h = arg;
    (void)tunnels_join(h->tunnels, h->s, h->file->group, NULL);
    timer_set_in(h->loop, &h->join, LIVE_JOIN_NS);
}

static uint64_t interval_of(const struct host *h, uint64_t sequence)
{
    return (uint64_t)((double)sequence / (h->file->rate_pps * h->file->interval_s));
}

static void send_probe(struct host *h, uint64_t sequence)
{
    uint8_t packet[PROBE_PACKET_MAX];
    uint16_t port = PROBE_PORT;
    if (h->config == 'B' && h->flow == FLOW_DIRECT)
        port = counters_port(interval_of(h, sequence));
    struct probe_packet p = {
        .src = tunnels_spec(h->tunnels, h->r)->inner_local,
        .dst = h->file->group,
        .sport = port,
        .dscp = h->file->dscp,
        .ttl = 64,
        .bytes = h->file->bytes,
        .probe = {
            .vpn = h->run, .flow = h->flow, .sequence = sequence, .sent_ns = loop_now(h->loop).ns}};
    size_t len = probe_packet_write(&p, packet);
    (void)tunnels_send(h->tunnels, h->r, packet, len, h->file->dscp, NULL);
}

/* Sends what is due by now; a probe that the host was too late for goes at once. */
static void tick(void *arg)
{
    struct host *h = arg;
    double since = (double)instant_diff(loop_now(h->loop), h->begin) / 1e9;
    uint64_t due = (uint64_t)(since * h->file->rate_pps) + 1;
    while (h->sent < due && h->sent < h->wanted)
        send_probe(h, h->sent++);
    if (h->sent < h->wanted)
        timer_set_in(h->loop, &h->tick, TICK_NS);
}

static void on_packet(void *arg, size_t tunnel, const uint8_t *packet, size_t len,
                      struct instant at)
{
    struct host *h = arg;
    struct probe_packet p;
    (void)at;
    if (tunnel != h->s || !probe_packet_read(packet, len, &p) || p.dst != h->file->group ||
        p.probe.vpn != h->run)
        return;
    if (p.probe.flow == FLOW_WARM_UP)
        h->warm++;
    else if (p.probe.flow == FLOW_DIRECT)
        h->repeated += !seen_mark(&h->direct, p.probe.sequence);
    else if (p.probe.flow == FLOW_REFLECTED)
        h->repeated += !seen_mark(&h->second, p.probe.sequence);
}

/* Until the tree carries probes: they come back through s. */
static int warm_up(struct host *h, const volatile sig_atomic_t *stop, struct err *err)
{
    h->flow = FLOW_WARM_UP;
    for (int64_t waited = 0; h->warm < 3 && waited < WARM_UP_NS; waited += WARM_STEP_NS) {
        send_probe(h, (uint64_t)waited);
        if (live_wait(h->loop, WARM_STEP_NS, stop))
            return 0;
    }
    if (h->warm > 0)
        return 0;
    err_set(err, ERR_TESTBED,
            "%s: no probe came back through tunnel s within %d s: is the group joined and the "
            "tunnel known to the router?",
            h->file->path, (int)(WARM_UP_NS / NS_PER_S));
    return -1;
}

static void measure(struct host *h, const volatile sig_atomic_t *stop)
{
    h->flow = FLOW_DIRECT;
    h->begin = loop_now(h->loop);
    h->wanted = (uint64_t)(h->file->rate_pps * h->file->seconds);
    tick(h);
    while (h->sent < h->wanted && !live_wait(h->loop, NS_PER_S / 10, stop))
        continue;
    timer_cancel(h->loop, &h->tick);
    int64_t delay_ns = h->config == 'C' ? (int64_t)(h->file->delay_ms * 1e6) : 0;
    (void)loop_run(h->loop, instant_add(loop_now(h->loop), DRAIN_NS + delay_ns));
}

/* ---- the second leaf ------------------------------------------------------------------------- */

/* A: asks M2 chunk by chunk, each until it answers. */
static int ask(struct host *h, struct err *err)
{
    int fd = udpsock_open(h->file->netns, 0, 0, err);
    if (fd < 0)
        return -1;
    for (uint64_t base = 0; base < h->sent; base += SEEN_CHUNK) {
        bool answered = false;
        for (unsigned tries = 0; !answered && tries < ASK_TRIES; tries++) {
            uint8_t request[SEEN_REQUEST_BYTES], data[SEEN_ANSWER_BYTES + 1];
            ip4_t from;
            uint16_t port;
            uint64_t got;
            seen_request(request, h->run, base);
            (void)udpsock_send(fd, h->file->second_host, h->file->port, request, sizeof(request));
            for (int64_t waited = 0; !answered && waited < ASK_WAIT_NS; waited += TICK_NS) {
                (void)loop_run(h->loop, instant_add(loop_now(h->loop), TICK_NS));
                ssize_t n = udpsock_receive(fd, data, sizeof(data), &from, &port);
                answered = n > 0 && from == h->file->second_host &&
                           seen_answer_read(&h->second, data, (size_t)n, h->run, &got) &&
                           got == base;
            }
        }
        if (!answered) {
            char text[IP4_TEXT];
            err_set(err, ERR_TESTBED,
                    "M2 (%s:%u) does not tell what it saw: start 'mvpnbench oneway reflect FILE "
                    "--count-only' there",
                    ip4_text(h->file->second_host, text), h->file->port);
            (void)close(fd);
            return -1;
        }
    }
    (void)close(fd);
    return 0;
}

struct runs {
    uint64_t lost, runs;
};

static void add_runs(struct runs *r, const struct seen *s, uint64_t sent)
{
    bool before = false;
    for (uint64_t i = 0; i < sent; i++) {
        bool lost = !seen_has(s, i);
        r->lost += lost;
        r->runs += lost && !before;
        before = lost;
    }
}

static json_t *links_of(struct host *h, const struct minc_estimate *e, const char *estimator)
{
    static const char *const names[][MINC_LINKS] = {['A'] = {"root", "s", "t"},
                                                    ['B'] = {"root", "s", "router"},
                                                    ['C'] = {"root", "direct", "reflected"}};
    json_t *o = links_new(h->sent, estimator);
    for (int l = 0; l < MINC_LINKS; l++)
        links_add(json_object_get(o, "links"), names[(unsigned char)h->config][l], e->pass[l],
                  e->error[l], h->sent);
    return o;
}

static json_t *individual(struct host *h)
{
    struct minc_counts n = {0};
    struct minc_estimate e;
    struct runs runs = {0};
    for (uint64_t i = 0; i < h->sent; i++) {
        uint64_t *cell[] = {&n.n00, &n.n10, &n.n01, &n.n11};
        ++*cell[(seen_has(&h->direct, i) ? 1 : 0) | (seen_has(&h->second, i) ? 2 : 0)];
    }
    if (h->config == 'C')
        minc_reflected(&n, &e);
    else
        minc_individual(&n, &e);
    json_t *o = links_of(h, &e, h->config == 'C' ? "reflected" : "individual");
    json_object_set_new(o, "counts", links_counts(&n));
    add_runs(&runs, &h->direct, h->sent);
    add_runs(&runs, &h->second, h->sent);
    links_burst(o, runs.runs == 0 ? NAN : (double)runs.lost / (double)runs.runs,
                h->sent == 0 ? 0 : (double)runs.lost / (2.0 * (double)h->sent));
    return o;
}

/* B: intervals that the router did not report are left out, and said. */
static json_t *aggregate(struct host *h, const struct counters *c)
{
    uint64_t all = h->sent == 0 ? 0 : interval_of(h, h->sent - 1) + 1, used = 0;
    struct minc_interval *list = mem_zalloc(all, sizeof(*list));
    struct minc_estimate e;
    struct runs runs = {0};
    for (uint64_t i = 0; i < h->sent; i++) {
        list[interval_of(h, i)].sent++;
        list[interval_of(h, i)].leaf2 += seen_has(&h->direct, i);
    }
    for (uint64_t i = 0; i < all; i++) {
        uint64_t packets;
        if (!counters_get(c, i, &packets))
            continue;
        list[used] = list[i];
        list[used++].leaf3 = packets;
    }
    minc_aggregate(list, used, &e);
    json_t *o = links_of(h, &e, "aggregate");
    json_object_set_new(o, "intervals", json_integer((json_int_t)used));
    json_object_set_new(o, "intervals_missing", json_integer((json_int_t)(all - used)));
    add_runs(&runs, &h->direct, h->sent);
    links_burst(o, runs.runs == 0 ? NAN : (double)runs.lost / (double)runs.runs,
                h->sent == 0 ? 0 : (double)runs.lost / (double)h->sent);
    free(list);
    return o;
}

static int evaluate(struct host *h, json_t **out, struct err *err)
{
    if (h->config == 'A' && ask(h, err) != 0)
        return -1;
    if (h->config != 'B') {
        *out = individual(h);
    } else {
        struct counters c = {0};
        if (counters_read(&c, h->file, err) != 0)
            return -1;
        *out = aggregate(h, &c);
        counters_free(&c);
    }
    struct tunnels_stats s;
    tunnels_stats_get(h->tunnels, &s);
    json_object_set_new(*out, "repeated", json_integer((json_int_t)h->repeated));
    json_object_set_new(*out, "not_sent", json_integer((json_int_t)s.send_errors));
    json_object_set_new(*out, "ring_dropped", json_integer((json_int_t)s.ring_dropped));
    return 0;
}

static int open_all(struct host *h, struct err *err)
{
    const struct oneway_file *f = h->file;
    h->tunnels = live_open(h->loop, f, f->tunnel[TUNNEL_S].local, err);
    if (h->tunnels == NULL)
        return -1;
    int r = tunnels_add(h->tunnels, &f->tunnel[TUNNEL_R], err);
    int s = r < 0 ? -1 : tunnels_add(h->tunnels, &f->tunnel[TUNNEL_S], err);
    if (s < 0)
        return -1;
    h->r = (size_t)r;
    h->s = (size_t)s;
    tunnels_on_rx(h->tunnels, on_packet, h);
    return 0;
}

int oneway_live(char config, const char *file, volatile sig_atomic_t *stop, json_t **out,
                struct err *err)
{
    struct oneway_file *f = oneway_file_load(file, config, err);
    if (f == NULL)
        return -1;
    struct host h = {.loop = loop_new_real(), .file = f, .config = config};
    /* Runs are told apart by when they began. */
    h.run = (uint32_t)(loop_now(h.loop).ns / NS_PER_S);
    timer_init(&h.join, "oneway join", join_again, &h);
    timer_init(&h.tick, "oneway probes", tick, &h);
    int rc = open_all(&h, err);
    if (rc == 0) {
        join_again(&h);
        rc = warm_up(&h, stop, err);
    }
    if (rc == 0) {
        measure(&h, stop);
        rc = evaluate(&h, out, err);
        (void)tunnels_leave(h.tunnels, h.s, f->group, NULL);
    }
    timer_cancel(h.loop, &h.join);
    timer_cancel(h.loop, &h.tick);
    tunnels_close(h.tunnels);
    seen_fini(&h.direct);
    seen_fini(&h.second);
    loop_free(h.loop);
    oneway_file_free(f);
    return rc;
}
