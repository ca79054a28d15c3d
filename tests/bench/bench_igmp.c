/*
 * IGMP hosts as figures: bytes and CPU a membership, from 1,000 to 100,000 of them (100 a host).
 * Joining, and answering one general query, with messages encoded but not sent anywhere.
 */
#include "emul/proto/igmp/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define PER_HOST 100u
#define ROUNDS   400000u /* memberships answered for, in all */

struct bench {
    struct loop *loop;
    struct igmp_hosts *set;
    uint32_t hosts;
    uint64_t bytes_sent;
};

static double cpu_now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void member_of(void *arg, uint32_t host, uint32_t ix, struct igmp_member *out)
{
    (void)arg;
    (void)host;
    *out = (struct igmp_member){.group = IP4(225, 1, 0, 0) + ix};
}

static uint32_t find(void *arg, uint32_t host, ip4_t group)
{
    (void)arg;
    (void)host;
    return group - IP4(225, 1, 0, 0);
}

static bool send_message(void *arg, uint32_t host, ip4_t dst, const struct igmp *message)
{
    struct bench *b = arg;
    uint8_t bytes[1500];
    struct wr w = wr_init(bytes, sizeof(bytes));
    (void)host;
    (void)dst;
    (void)igmp_encode(&w, message);
    b->bytes_sent += w.pos;
    return true;
}

static const struct igmp_host_ops ops = {member_of, find, send_message};

static void run(struct bench *b, double seconds)
{
    (void)loop_run(b->loop, instant_add(loop_now(b->loop), (int64_t)(seconds * 1e9)));
}

static void open_bench(struct bench *b, uint8_t version, uint32_t memberships)
{
    struct igmp_host_config config = {version, 100 * NS_PER_MS, 1476, 7};
    *b = (struct bench){.loop = loop_new_virtual((struct instant){0}),
                        .hosts = memberships / PER_HOST};
    b->set = igmp_hosts_new(b->loop, "bench", &config, &ops, b);
    for (uint32_t h = 0; h < b->hosts; h++)
        (void)igmp_host_add(b->set, PER_HOST);
}

/* answers has every host answer general queries, and returns the CPU time a membership. */
static double answers(struct bench *b, uint8_t version, uint32_t memberships)
{
    struct igmp q = {.type = IGMP_QUERY,
                     .version = version,
                     .max_resp_ms = 10000,
                     .robustness = 2,
                     .query_interval_s = 125};
    uint32_t rounds = ROUNDS / memberships;
    double begin = cpu_now();
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t h = 0; h < b->hosts; h++)
            igmp_host_query(b->set, h, &q);
        run(b, 125);
    }
    return (cpu_now() - begin) / rounds / memberships;
}

static void bench_one(uint8_t version, uint32_t memberships)
{
    struct bench b;
    struct igmp_counts c;
    open_bench(&b, version, memberships);
    double begin = cpu_now();
    for (uint32_t h = 0; h < b.hosts; h++) {
        for (uint32_t ix = 0; ix < PER_HOST; ix++)
            igmp_host_join(b.set, h, ix, 0);
    }
    run(&b, 60);
    double joined = (cpu_now() - begin) / memberships;
    double answered = answers(&b, version, memberships);
    igmp_counts_get(b.set, &c);
    (void)printf("IGMPv%u, %6" PRIu32 " memberships  %5.1f bytes, %6.0f ns a join, %6.0f ns an "
                 "answer%s\n",
                 version, memberships, (double)igmp_hosts_bytes(b.set) / memberships, joined * 1e9,
                 answered * 1e9, c.unrefreshed == 0 ? "" : " (NOT ALL)");
    igmp_hosts_free(b.set);
    loop_free(b.loop);
}

int main(void)
{
    for (uint8_t version = 2; version <= 3; version++) {
        for (uint32_t memberships = 1000; memberships <= 100000; memberships *= 10)
            bench_one(version, memberships);
    }
    return 0;
}
