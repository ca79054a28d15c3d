#include "monitor/tunnel/end.h"

#include "emul/base/map.h"
#include "emul/base/mem.h"
#include "emul/io/fifo.h"
#include "emul/io/netns.h"
#include "emul/io/rawip.h"
#include "emul/io/rawout.h"
#include "emul/io/tun.h"
#include "emul/loop/loop.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "mvpnbench/monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_MAX 9600u
#define BATCH      64u
#define TTL        64
#define MTU        1476u /* of a TUN device on an Ethernet */
#define LINE_MAX   256u
#define WAITING    100000u /* packets of one direction; more are dropped, as a full queue does */

struct gre_end;
struct end_tunnel;

/* One direction: packets wait here for their time. */
struct way {
    struct end_tunnel *tunnel;
    bool into_router;
    int64_t delay_ns;
    struct instant last; /* due time of the newest: none overtakes it */
    struct fifo waiting;
    struct timer timer;
};

struct end_tunnel {
    struct gre_end *end;
    struct end_spec spec;
    int tun;
    struct way out, in;
};

struct gre_end {
    struct loop *loop;
    const char *netns, *interface;
    struct end_tunnel *tunnels;
    size_t count;
    struct map by_ends; /* remote, local -> number */
    int raw_in, raw_out;
    bool over; /* standard input has ended */
    char line[LINE_MAX];
    size_t used;
};

static uint64_t ends(ip4_t remote, ip4_t local)
{
    return (uint64_t)remote << 32 | local;
}

/* ---- packets --------------------------------------------------------------------------------- */

static void wrap(struct end_tunnel *t, const uint8_t *packet, size_t len)
{
    uint8_t body[PACKET_MAX + GRE_HEADER], bytes[PACKET_MAX + GRE_HEADER + IPV4_HEADER];
    struct wr w = wr_init(body, sizeof(body));
    (void)gre_encode(
        &w, &(struct gre){.protocol = ETHERTYPE_IPV4, .payload = packet, .payload_bytes = len});
    struct ipv4 outer = {.tos = packet[1],
                         .ttl = TTL,
                         .protocol = IPPROTO_NUM_GRE,
                         .src = t->spec.local,
                         .dst = t->spec.remote,
                         .payload = body,
                         .payload_bytes = w.pos};
    w = wr_init(bytes, sizeof(bytes));
    if (ipv4_encode(&w, &outer) == WIRE_OK)
        (void)rawout_send(t->end->raw_out, bytes, w.pos);
}

static void pass(struct way *y, const uint8_t *packet, size_t len)
{
    if (y->into_router)
        (void)!write(y->tunnel->tun, packet, len);
    else
        wrap(y->tunnel, packet, len);
}

static void due(void *arg)
{
    struct way *y = arg;
    struct loop *loop = y->tunnel->end->loop;
    while (y->waiting.count > 0) {
        const struct fifo_frame *f = fifo_head(&y->waiting);
        if (instant_before(loop_now(loop), f->at)) {
            timer_set(loop, &y->timer, f->at);
            return;
        }
        pass(y, f->bytes, f->len);
        fifo_pop(&y->waiting);
    }
}

static void enter(struct way *y, const uint8_t *packet, size_t len)
{
    struct loop *loop = y->tunnel->end->loop;
    if (y->delay_ns == 0 && y->waiting.count == 0) {
        pass(y, packet, len);
        return;
    }
    if (y->waiting.count == WAITING)
        return;
    y->last = instant_max(y->last, instant_add(loop_now(loop), y->delay_ns));
    fifo_push(&y->waiting, packet, len, y->last);
    if (!timer_armed(&y->timer))
        timer_set(loop, &y->timer, y->last);
}

/* The kernel's IPv6 solicitations come out of the device too. */
static void tun_ready(void *arg, uint32_t events)
{
    struct end_tunnel *t = arg;
    uint8_t packet[PACKET_MAX];
    (void)events;
    for (unsigned n = 0; n < BATCH; n++) {
        ssize_t len = read(t->tun, packet, sizeof(packet));
        if (len < IPV4_HEADER)
            return;
        if (packet[0] >> 4 == 4)
            enter(&t->out, packet, (size_t)len);
    }
}

static void unwrap(struct gre_end *e, const uint8_t *packet, size_t len)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 outer;
    struct gre gre;
    if (ipv4_decode(&r, &outer) != WIRE_OK || outer.protocol != IPPROTO_NUM_GRE)
        return;
    uint32_t n = map_get(&e->by_ends, ends(outer.src, outer.dst));
    r = rd_init(outer.payload, outer.payload_bytes);
    if (n != MAP_NONE && gre_decode(&r, &gre) == WIRE_OK && gre.protocol == ETHERTYPE_IPV4)
        enter(&e->tunnels[n].in, gre.payload, gre.payload_bytes);
}

static void raw_ready(void *arg, uint32_t events)
{
    struct gre_end *e = arg;
    uint8_t packet[PACKET_MAX];
    (void)events;
    for (unsigned n = 0; n < BATCH; n++) {
        ssize_t len = recv(e->raw_in, packet, sizeof(packet), MSG_DONTWAIT);
        if (len <= 0)
            return;
        unwrap(e, packet, (size_t)len);
    }
}

/* ---- delays ---------------------------------------------------------------------------------- */

static void set_delays(struct gre_end *e, const struct end_spec *s)
{
    for (size_t i = 0; i < e->count; i++) {
        struct end_tunnel *t = &e->tunnels[i];
        if (strcmp(t->spec.name, s->name) != 0)
            continue;
        t->out.delay_ns = (int64_t)(s->out_ms * 1e6);
        t->in.delay_ns = (int64_t)(s->in_ms * 1e6);
    }
}

static void take_lines(struct gre_end *e)
{
    char *end;
    while ((end = memchr(e->line, '\n', e->used)) != NULL) {
        struct end_spec s;
        *end = '\0';
        if (end_delay_parse(&s, e->line) == 0)
            set_delays(e, &s);
        e->used -= (size_t)(end - e->line) + 1;
        memmove(e->line, end + 1, e->used);
    }
    if (e->used == sizeof(e->line))
        e->used = 0;
}

static void input_ready(void *arg, uint32_t events)
{
    struct gre_end *e = arg;
    (void)events;
    ssize_t n = read(STDIN_FILENO, e->line + e->used, sizeof(e->line) - e->used);
    if (n > 0) {
        e->used += (size_t)n;
        take_lines(e);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        e->over = true;
        loop_stop(e->loop);
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

static void way_init(struct way *y, struct end_tunnel *t, bool into_router, double ms)
{
    *y = (struct way){.tunnel = t, .into_router = into_router, .delay_ns = (int64_t)(ms * 1e6)};
    fifo_init(&y->waiting);
    timer_init(&y->timer, "gre-end delay", due, y);
}

static int tunnel_open(struct gre_end *e, struct end_tunnel *t, struct err *err)
{
    char inner[IP4_TEXT], lines[160];
    t->tun = tun_open(e->netns, t->spec.name, err);
    if (t->tun < 0)
        return -1;
    (void)snprintf(lines, sizeof(lines), "link set %s mtu %u up\naddr add %s/%u dev %s\n",
                   t->spec.name, MTU, ip4_text(t->spec.inner.addr, inner), t->spec.inner.len,
                   t->spec.name);
    if (netns_ip_batch(e->netns, lines, err) != 0)
        return -1;
    if (loop_fd_add(e->loop, t->tun, EPOLLIN, tun_ready, t) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "TUN device %s: %s", t->spec.name, strerror(errno));
    return -1;
}

static int read_words(struct gre_end *e, int argc, char **argv, struct err *err)
{
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--netns") == 0)
            e->netns = argv[i + 1];
        else if (strcmp(argv[i], "--interface") == 0)
            e->interface = argv[i + 1];
        else
            err_set(err, ERR_USE, "gre-end: unknown option '%.60s'", argv[i]);
    }
    if (e->interface == NULL || i == argc)
        err_set(err, ERR_USE, "gre-end: say [--netns NS] --interface IF TUNNEL...");
    if (err->code != ERR_NONE)
        return -1;
    e->tunnels = mem_zalloc((size_t)(argc - i), sizeof(*e->tunnels));
    for (; i < argc; i++) {
        struct end_tunnel *t = &e->tunnels[e->count];
        if (end_spec_parse(&t->spec, argv[i], err) != 0)
            return -1;
        t->end = e;
        t->tun = -1;
        way_init(&t->out, t, false, t->spec.out_ms);
        way_init(&t->in, t, true, t->spec.in_ms);
        map_put(&e->by_ends, ends(t->spec.remote, t->spec.local), (uint32_t)e->count++);
    }
    return 0;
}

static int open_all(struct gre_end *e, struct err *err)
{
    e->raw_out = rawout_open(e->netns, err);
    e->raw_in =
        e->raw_out < 0 ? -1 : rawip_gre_open(e->netns, e->tunnels[0].spec.local, e->interface, err);
    if (e->raw_in < 0)
        return -1;
    for (size_t i = 0; i < e->count; i++) {
        if (tunnel_open(e, &e->tunnels[i], err) != 0)
            return -1;
    }
    /* What cannot be polled (/dev/null) has nothing to say. */
    (void)loop_fd_add(e->loop, STDIN_FILENO, EPOLLIN, input_ready, e);
    if (loop_fd_add(e->loop, e->raw_in, EPOLLIN, raw_ready, e) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "gre-end: %s", strerror(errno));
    return -1;
}

static void close_all(struct gre_end *e)
{
    for (size_t i = 0; i < e->count; i++) {
        struct end_tunnel *t = &e->tunnels[i];
        timer_cancel(e->loop, &t->out.timer);
        timer_cancel(e->loop, &t->in.timer);
        fifo_fini(&t->out.waiting);
        fifo_fini(&t->in.waiting);
        if (t->tun >= 0)
            (void)close(t->tun);
    }
    if (e->raw_in >= 0)
        (void)close(e->raw_in);
    if (e->raw_out >= 0)
        (void)close(e->raw_out);
    map_fini(&e->by_ends);
    free(e->tunnels);
    loop_free(e->loop);
}

int gre_end_run(int argc, char **argv, volatile sig_atomic_t *stop, struct err *err)
{
    struct gre_end e = {.loop = loop_new_real(), .raw_in = -1, .raw_out = -1};
    map_init(&e.by_ends);
    int rc = read_words(&e, argc, argv, err) == 0 && open_all(&e, err) == 0 ? 0 : -1;
    if (rc == 0) {
        (void)!write(STDOUT_FILENO, "ready\n", 6);
        loop_urgent(true);
        while (*stop == 0 && !e.over)
            (void)loop_run(e.loop, instant_add(loop_now(e.loop), NS_PER_S / 5));
    }
    close_all(&e);
    return rc;
}
