/*
 * IGMP receivers as figures: bytes and CPU a group that a host is a member of, from 1,000 to
 * 100,000 memberships: more groups on ten C-interfaces, then 100 groups on more C-interfaces.
 * Frames are built whole and handed to a port that drops them. The CPU figures are the best of
 * several rounds: a join with its repetition, an answer to a general query.
 */
#include "emul/node/igmp_host.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS     5u
#define SPACING_NS NS_PER_MS
#define SETTLED_S  60 /* 10,000 messages of one host, twice, and some */

struct bench {
    struct net net;
    struct port port, *a1;
    struct igmp_receivers *receivers;
    uint8_t version;
};

static double cpu_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int drop(struct port *p, const uint8_t *frame, size_t len)
{
    (void)p;
    (void)frame;
    (void)len;
    return 0;
}

static const struct port_ops sink = {.send = drop};

static void run(struct bench *b, double seconds)
{
    (void)loop_run(b->net.loop, instant_add(net_now(&b->net), (int64_t)(seconds * 1e9)));
}

static void bench_open(struct bench *b, uint8_t version, uint32_t interfaces, uint32_t groups)
{
    *b = (struct bench){.version = version};
    struct net *n = &b->net;
    n->spec = (struct instance_spec){.seed = 1,
                                     .mvpns = interfaces,
                                     .c_interfaces = 1,
                                     .receiver_c_ifs = 1,
                                     .remote_pes = 1,
                                     .groups = groups,
                                     .sources = 1,
                                     .mtu = 1500,
                                     .trunk = true,
                                     .igmp_version = version,
                                     .igmp_spacing_ns = SPACING_NS};
    topology_default_addressing(&n->spec.addr);
    n->loop = loop_new_virtual((struct instant){0});
    b->port = (struct port){.ops = &sink, .up = true, .mtu = 1500};
    b->a1 = &b->port;
    n->a1 = &b->a1;
    n->a1_count = 1;
    plan_init(&n->plan, &n->spec);
    b->receivers = igmp_receivers_new(n);
}

static void bench_close(struct bench *b)
{
    igmp_receivers_free(b->receivers);
    plan_fini(&b->net.plan, &b->net.spec);
    loop_free(b->net.loop);
}

static void ask_all(struct bench *b)
{
    uint8_t bytes[16];
    struct wr w = wr_init(bytes, sizeof(bytes));
    struct igmp q = {.type = IGMP_QUERY,
                     .version = b->version,
                     .max_resp_ms = 10000,
                     .robustness = 2,
                     .query_interval_s = 125};
    (void)igmp_encode(&w, &q);
    struct ipv4 packet = {.dst = IGMP_ALL_HOSTS, .payload = bytes, .payload_bytes = w.pos};
    for (uint32_t link = 0; link < net_link_count(&b->net); link++) {
        packet.src = topology_dut_c_addr(&b->net.spec, link);
        igmp_receivers_packet(b->receivers, link, &packet);
    }
}

/* best keeps the lowest figure of the rounds. */
static void best(double *out, double seconds, uint32_t memberships)
{
    double ns = seconds / memberships * 1e9;
    if (*out == 0 || ns < *out)
        *out = ns;
}

static void bench_one(uint8_t version, uint32_t interfaces, uint32_t groups)
{
    struct bench b;
    uint32_t memberships = interfaces * groups;
    struct igmp_counts c;
    double join = 0, answer = 0;
    bench_open(&b, version, interfaces, groups);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        double begin = cpu_now();
        igmp_receivers_join(b.receivers);
        run(&b, SETTLED_S);
        best(&join, cpu_now() - begin, memberships);
        for (uint32_t n = 0; n < 3; n++) {
            begin = cpu_now();
            ask_all(&b);
            run(&b, SETTLED_S);
            best(&answer, cpu_now() - begin, memberships);
        }
        igmp_receivers_counts(b.receivers, &c);
        igmp_receivers_leave(b.receivers);
        run(&b, SETTLED_S);
    }
    (void)printf("IGMPv%u, %5" PRIu32 " groups on %4" PRIu32
                 " C-interfaces  %5.1f bytes, %4.0f ns a join, %4.0f ns an answer%s\n",
                 version, groups, interfaces,
                 (double)igmp_receivers_bytes(b.receivers) / memberships, join, answer,
                 c.joined == memberships && c.unrefreshed == 0 ? "" : " (NOT ALL)");
    bench_close(&b);
}

int main(void)
{
    for (uint8_t version = 2; version <= 3; version++) {
        for (uint32_t n = 1; n <= 100; n *= 10)
            bench_one(version, 10, 100 * n);
        for (uint32_t n = 10; n <= 100; n *= 10)
            bench_one(version, 10 * n, 100);
    }
    return 0;
}
