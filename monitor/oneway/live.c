/*
 * `oneway A|B|C FILE`: M1. Probes go out through tunnel r, copies come back through s; the second
 * leaf is M2 (A: asked what it saw; C: its reflections come through s too) or a router that counts
 * (B: probes of one interval have a UDP source port of their own).
 */
#include "emul/io/ifaddr.h"
#include "emul/io/udpsock.h"
#include "monitor/oneway/counters.h"
#include "monitor/oneway/host.h"
#include "monitor/tunnel/probe_packet.h"
#include "mvpnbench/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WARM_UP_NS   (20 * NS_PER_S) /* for the group's tree to come up */
#define WARM_STEP_NS (200 * NS_PER_MS)
#define WARM_PROBES  3
#define DRAIN_NS     (2 * NS_PER_S)
#define TICK_NS      NS_PER_MS
#define TELL_NS      (5 * NS_PER_S)

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

static void join_again(void *arg)
{
    struct host *h = arg;
    (void)tunnels_join(h->tunnels, h->s, h->file->group, NULL);
    timer_set_in(h->loop, &h->join, LIVE_JOIN_NS);
}

static void send_probe(struct host *h, uint64_t sequence)
{
    uint8_t packet[PROBE_PACKET_MAX];
    uint16_t port = PROBE_PORT;
    if (h->config == 'B' && h->flow == FLOW_DIRECT)
        port = counters_port(host_interval(h, sequence));
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
    else if (p.probe.flow == FLOW_WARM_REFLECTED)
        h->second_warm = true;
    else if (p.probe.flow == FLOW_DIRECT)
        h->repeated += !seen_mark(&h->direct, p.probe.sequence);
    else if (p.probe.flow == FLOW_REFLECTED)
        h->repeated += !seen_mark(&h->second, p.probe.sequence);
}

static int warm_up_failed(const struct host *h, struct err *err)
{
    const int seconds = (int)(WARM_UP_NS / NS_PER_S);
    if (h->warm == 0)
        err_set(err, ERR_TESTBED,
                "%s: no probe came back through tunnel s within %d s; look whether the router has "
                "both tunnels, the group joined on s, and its route to the probes' source through "
                "r",
                h->file->path, seconds);
    else
        err_set(err, ERR_TESTBED,
                "%s: M2 got no probe, or does not answer, within %d s; start 'mvpnbench oneway "
                "reflect FILE%s' there, and look whether the router has tunnel t",
                h->file->path, seconds, h->config == 'A' ? " --count-only" : "");
    return -1;
}

/* Until the tree carries probes to both leaves: they come back through s, and M2 has seen some. */
static int warm_up(struct host *h, const volatile sig_atomic_t *stop, struct err *err)
{
    h->flow = FLOW_WARM_UP;
    for (int64_t waited = 0; waited < WARM_UP_NS; waited += WARM_STEP_NS) {
        send_probe(h, (uint64_t)(waited / WARM_STEP_NS));
        if (live_wait(h->loop, WARM_STEP_NS, stop))
            return 0;
        if (h->config == 'A' && !h->second_warm)
            h->second_warm = second_leaf_answers(h);
        if (h->warm >= WARM_PROBES && (h->second_warm || h->config == 'B'))
            return 0;
    }
    return warm_up_failed(h, err);
}

static void tell(struct host *h)
{
    char text[128];
    struct instant now = loop_now(h->loop);
    if (h->step == NULL || instant_diff(now, h->told) < TELL_NS)
        return;
    h->told = now;
    (void)snprintf(text, sizeof(text), "%llu of %llu probes sent", (unsigned long long)h->sent,
                   (unsigned long long)h->wanted);
    h->step(text);
}

static void measure(struct host *h, const volatile sig_atomic_t *stop)
{
    h->flow = FLOW_DIRECT;
    h->begin = loop_now(h->loop);
    h->wanted = (uint64_t)(h->file->rate_pps * h->file->seconds);
    tick(h);
    while (h->sent < h->wanted && !live_wait(h->loop, NS_PER_S / 10, stop))
        tell(h);
    timer_cancel(h->loop, &h->tick);
    int64_t delay_ns = h->config == 'C' ? (int64_t)(h->file->delay_ms * 1e6) : 0;
    (void)loop_run(h->loop, instant_add(loop_now(h->loop), DRAIN_NS + delay_ns));
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
    if (h->config == 'A')
        h->udp = udpsock_open(f->netns, 0, 0, err);
    return h->config == 'A' && h->udp < 0 ? -1 : 0;
}

int oneway_live(char config, const char *file, volatile sig_atomic_t *stop, monitor_step_fn *step,
                json_t **out, struct err *err)
{
    struct oneway_file *f = oneway_file_load(file, config, err);
    if (f == NULL)
        return -1;
    struct host h = {.loop = loop_new_real(), .file = f, .config = config, .udp = -1, .step = step};
    /* Runs are told apart by when they began. */
    h.run = (uint32_t)(loop_now(h.loop).ns / NS_PER_MS);
    timer_init(&h.join, "oneway join", join_again, &h);
    timer_init(&h.tick, "oneway probes", tick, &h);
    int rc = open_all(&h, err);
    if (rc == 0) {
        if (step != NULL)
            step("warming up: until probes come back from both ends");
        join_again(&h);
        rc = warm_up(&h, stop, err);
    }
    if (rc == 0) {
        measure(&h, stop);
        rc = host_evaluate(&h, out, err);
        (void)tunnels_leave(h.tunnels, h.s, f->group, NULL);
    }
    timer_cancel(h.loop, &h.join);
    timer_cancel(h.loop, &h.tick);
    tunnels_close(h.tunnels);
    if (h.udp >= 0)
        (void)close(h.udp);
    seen_fini(&h.direct);
    seen_fini(&h.second);
    loop_free(h.loop);
    oneway_file_free(f);
    return rc;
}
