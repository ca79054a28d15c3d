/* The monitor on the virtual clock, in front of a network whose losses and delays are known. */
#include "emul/base/rng.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "monitor/tunnel/probe_packet.h"
#include "mvpnbench/monitor.h"
#include "tests/unit/cu.h"
#include "tests/unit/scope/net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/scope_monitor_XXXXXX";
static struct loop *loop;
static struct monitor *monitor;

static const ip4_t red = IP4(239, 192, 0, 1), blue = IP4(239, 192, 0, 2);

static void start(const char *text)
{
    struct err err = {0};
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    loop = loop_new_virtual((struct instant){NS_PER_S});
    net_reset(loop);
    monitor = monitor_open(loop, path, &err);
    if (monitor == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(monitor);
}

static void run_s(double s)
{
    (void)loop_run(loop, instant_add(loop_now(loop), (int64_t)(s * 1e9)));
}

static json_t *finish(void)
{
    monitor_finish(monitor);
    for (int i = 0; i < 100 && !monitor_done(monitor); i++)
        run_s(0.1);
    CU_ASSERT_TRUE(monitor_done(monitor));
    json_t *result = monitor_result(monitor, SIZE_MAX);
    monitor_close(monitor);
    run_s(5); /* what is under way lands */
    loop_free(loop);
    return result;
}

/* Carries a line of words out; NULL: refused. */
static json_t *say(const char *line)
{
    char copy[512], *argv[16], *save;
    int argc = 0;
    struct err err = {0};
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    json_t *answer = monitor_command(monitor, argc, argv, &err);
    CU_ASSERT_EQUAL(answer == NULL, err.code == ERR_USE);
    return answer;
}

static void do_it(const char *line)
{
    json_t *answer = say(line);
    if (answer == NULL)
        (void)fprintf(stderr, "refused: %s\n", line);
    CU_ASSERT_PTR_NOT_NULL(answer);
    json_decref(answer);
}

static json_t *pair_of(json_t *result, const char *from, const char *to)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(result, "pairs"), i, p)
    {
        if (strcmp(json_string_value(json_object_get(p, "from")), from) == 0 &&
            strcmp(json_string_value(json_object_get(p, "to")), to) == 0)
            return p;
    }
    return NULL;
}

static json_int_t number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static double real(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static size_t anomalies(const json_t *result, const char *kind)
{
    size_t i, n = 0;
    json_t *a;
    json_array_foreach(json_object_get(result, "anomalies"), i, a) n +=
        strcmp(json_string_value(json_object_get(a, "kind")), kind) == 0;
    return n;
}

static json_t *first_anomaly(const json_t *result, const char *kind)
{
    size_t i;
    json_t *a;
    json_array_foreach(json_object_get(result, "anomalies"), i, a)
    {
        if (strcmp(json_string_value(json_object_get(a, "kind")), kind) == 0)
            return a;
    }
    return NULL;
}

#define TWO                                                                                        \
    "address: 10.0.0.1\ninterface: none\n"                                                         \
    "tunnels: [{name: PE1, remote: 10.0.1.1, inner_local: 10.9.1.1, inner_remote: 10.9.1.2},\n"    \
    "  {name: PE2, remote: 10.0.1.2, inner_local: 10.9.2.1, inner_remote: 10.9.2.2},\n"            \
    "  {name: PE3, remote: 10.0.1.3, inner_local: 10.9.3.1, inner_remote: 10.9.3.2, role: P}]\n"   \
    "vpns: [{name: red, group: 239.192.0.1}, {name: blue, group: 239.192.0.2}]\n"

/* ---- figures --------------------------------------------------------------------------------- */

static void test_loss_and_delay(void)
{
    static const double losses[] = {0.02, 0, 0.05, 0.10};
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3], rate_pps: 500}]\n");
    net.tunnel[0].delay_ns = 7 * NS_PER_MS;
    net.tunnel[1].delay_ns = 10 * NS_PER_MS;
    net.tunnel[2].delay_ns = 100 * NS_PER_MS;
    net.tunnel[1].loss_to_us = losses[0];
    net.tunnel[2].loss_to_us = losses[3];
    run_s(21);
    json_t *result = finish();
    for (unsigned to = 1; to <= 2; to++) {
        json_t *p = pair_of(result, "PE1", to == 1 ? "PE2" : "PE3");
        const struct net_tunnel *t = &net.tunnel[to];
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_TRUE(number(p, "sent") >= 9900);
        CU_ASSERT_EQUAL(number(p, "received"), (json_int_t)t->probes_back);
        CU_ASSERT_EQUAL(number(p, "lost"), (json_int_t)t->dropped_back);
        CU_ASSERT_EQUAL(number(p, "sent"), number(p, "received") + number(p, "lost"));
        CU_ASSERT_DOUBLE_EQUAL(real(p, "loss"), to == 1 ? losses[0] : losses[3], 0.01);
        int64_t delay_ns = net.tunnel[0].delay_ns + t->delay_ns;
        const json_t *d = json_object_get(p, "delay_ns");
        CU_ASSERT_EQUAL(number(d, "min"), delay_ns);
        CU_ASSERT_EQUAL(number(d, "avg"), delay_ns);
        CU_ASSERT_EQUAL(number(d, "p50"), delay_ns);
        CU_ASSERT_EQUAL(number(d, "max"), delay_ns);
        CU_ASSERT_EQUAL(number(p, "duplicate") + number(p, "reordered"), 0);
        /* The tunnels are all there is here: nothing is left for the backbone. */
        const json_t *legs = json_object_get(p, "legs"), *rest = json_object_get(p, "backbone");
        CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(legs, "method")), "ping");
        CU_ASSERT_TRUE(llabs(number(legs, "from_delay_ns") - net.tunnel[0].delay_ns) <
                       100 * NS_PER_US);
        CU_ASSERT_TRUE(llabs(number(rest, "delay_ns")) < NS_PER_MS / 2);
    }
    json_decref(result);
}

/* Pings lose 10 % on the way back: half of it goes to each direction. */
static void test_half_of_the_round_trip(void)
{
    start(TWO "ping_pps: 100\n"
              "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], rate_pps: 10}]\n");
    net.tunnel[1].loss_to_us = 0.1;
    run_s(101);
    json_t *result = finish(), *p = pair_of(result, "PE1", "PE2");
    const json_t *legs = json_object_get(p, "legs");
    CU_ASSERT_DOUBLE_EQUAL(real(legs, "to_loss"), 0.05, 0.01);
    CU_ASSERT_EQUAL(real(legs, "from_loss"), 0);
    double loss = real(p, "loss"), to = real(legs, "to_loss");
    CU_ASSERT_DOUBLE_EQUAL(real(json_object_get(p, "backbone"), "loss"), 1 - (1 - loss) / (1 - to),
                           1e-9);
    json_decref(result);
}

static void test_full_mesh_has_no_own_copies(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1, PE2, PE3], receivers: [PE1, PE2, PE3]}]\n");
    run_s(11);
    struct monitor_totals all;
    monitor_totals_get(monitor, &all);
    CU_ASSERT_EQUAL(all.pairs, 6);
    CU_ASSERT_TRUE(all.sent >= 6 * 79 && all.sent <= 6 * 82); /* 2 s under way, one to begin */
    CU_ASSERT_EQUAL(all.received, all.sent);
    json_t *part = monitor_result(monitor, 4);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(part, "pairs")), 4);
    json_decref(part);
    json_t *result = finish();
    CU_ASSERT_EQUAL(json_array_size(json_object_get(result, "pairs")), 6);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(result, "anomalies")), 0);
    json_decref(result);
}

static void test_several_vpns(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], rate_pps: 20, dscp: 46,"
              " bytes: 300}, {vpn: blue, senders: [PE2], receivers: [PE3], rate_pps: 5}]\n");
    run_s(11);
    CU_ASSERT_EQUAL(net.tunnel[0].probes_out > 200, true);
    json_t *result = finish();
    json_t *a = pair_of(result, "PE1", "PE2"), *b = pair_of(result, "PE2", "PE3");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(a, "vpn")), "red");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(b, "vpn")), "blue");
    CU_ASSERT_TRUE(llabs(number(a, "sent") - 200) <= 1);
    CU_ASSERT_TRUE(llabs(number(b, "sent") - 50) <= 1);
    CU_ASSERT_EQUAL(number(a, "lost") + number(b, "lost"), 0);
    json_decref(result);
}

static void test_dscp_and_bytes(void)
{
    start(TWO "ping_pps: 0\n"
              "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], dscp: 46, bytes: 300}]\n");
    run_s(3);
    CU_ASSERT_EQUAL(net.tunnel[0].last_dscp, 46);
    CU_ASSERT_EQUAL(net.tunnel[0].last_len, 300);
    do_it("rate task1 100 1000 0");
    run_s(3);
    CU_ASSERT_EQUAL(net.tunnel[0].last_dscp, 0);
    CU_ASSERT_EQUAL(net.tunnel[0].last_len, 1000);
    json_t *result = finish(), *p = pair_of(result, "PE1", "PE2");
    CU_ASSERT_TRUE(llabs(number(p, "sent") - 320) <= 3);
    CU_ASSERT_EQUAL(number(p, "lost"), 0);
    CU_ASSERT_TRUE(json_is_null(json_object_get(json_object_get(p, "legs"), "method")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(json_object_get(p, "backbone"), "loss")));
    json_decref(result);
}

/* Blocks of 5 s from the epoch on: 40 s of probes are four of each colour. */
static void test_marking(void)
{
    start(TWO "ping_pps: 0\ntasks: [{vpn: red, senders: [PE1], receivers: [PE2], rate_pps: 100,"
              " dscp: 36, mark: {seconds: 5, dscp: 4}}]\n");
    run_s(41); /* sending from 2 s to 42 s */
    json_decref(finish());
    CU_ASSERT_TRUE(llabs((int64_t)net.tunnel[0].coloured[0] - 2000) <= 2);
    CU_ASSERT_TRUE(llabs((int64_t)net.tunnel[0].coloured[1] - 2000) <= 2);
    CU_ASSERT_EQUAL(net.tunnel[0].delay_marks, 8);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void query(size_t tunnel, ip4_t group, uint32_t max_resp_ms)
{
    uint8_t message[64], packet[128];
    struct wr w = wr_init(message, sizeof(message));
    struct igmp q = {.type = IGMP_QUERY, .version = 2, .max_resp_ms = max_resp_ms, .group = group};
    (void)igmp_encode(&w, &q);
    struct ipv4 ip = {.ttl = 1,
                      .protocol = IPPROTO_NUM_IGMP,
                      .src = net.tunnel[tunnel].spec.inner_remote,
                      .dst = IP4(224, 0, 0, 1),
                      .payload = message,
                      .payload_bytes = w.pos};
    w = wr_init(packet, sizeof(packet));
    (void)ipv4_encode(&w, &ip);
    net_deliver(tunnel, packet, w.pos);
}

static void test_membership(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2]},"
              " {vpn: red, senders: [PE3], receivers: [PE2]}]\n");
    run_s(5);
    CU_ASSERT_EQUAL(net.tunnel[1].joins, 2); /* said twice, for both tasks together */
    CU_ASSERT_EQUAL(net.tunnel[0].joins, 0);
    run_s(120);
    CU_ASSERT_EQUAL(net.tunnel[1].joins, 4);
    struct instant asked = loop_now(loop);
    query(1, 0, 10000);
    run_s(10);
    CU_ASSERT_EQUAL(net.tunnel[1].joins, 5);
    CU_ASSERT_TRUE(instant_diff(net.tunnel[1].last_join, asked) <= 10 * NS_PER_S);
    query(1, blue, 1000); /* not of this group */
    run_s(5);
    CU_ASSERT_EQUAL(net.tunnel[1].joins, 5);
    query(1, red, 1000);
    run_s(1);
    CU_ASSERT_EQUAL(net.tunnel[1].joins, 6);
    do_it("task stop task1");
    run_s(4);
    CU_ASSERT_EQUAL(net.tunnel[1].leaves, 0);
    do_it("task stop task2");
    run_s(4);
    CU_ASSERT_EQUAL(net.tunnel[1].leaves, 2);
    json_t *result = finish();
    CU_ASSERT_EQUAL(net.tunnel[1].leaves, 2);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(result, "anomalies")), 0);
    json_decref(result);
}

static void test_leaves_at_the_end(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3]}]\n");
    run_s(5);
    json_t *result = finish();
    CU_ASSERT_EQUAL(net.tunnel[1].leaves, 2);
    CU_ASSERT_EQUAL(net.tunnel[2].leaves, 2);
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE2"), "lost"), 0);
    json_decref(result);
}

/* ---- anomalies ------------------------------------------------------------------------------- */

static void test_never_answers(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3]}]\n");
    net.tunnel[2].dead = true;
    run_s(13);
    json_t *result = finish(), *p = pair_of(result, "PE1", "PE3");
    json_t *a = first_anomaly(result, "never-answers");
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(a, "tunnel")), "PE3");
    CU_ASSERT_EQUAL(anomalies(result, "never-answers"), 1);
    CU_ASSERT_EQUAL(number(p, "lost"), number(p, "sent"));
    CU_ASSERT_TRUE(number(p, "sent") >= 119);
    CU_ASSERT_EQUAL(real(p, "loss"), 1);
    CU_ASSERT_TRUE(json_is_null(json_object_get(json_object_get(p, "delay_ns"), "p50")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(json_object_get(p, "legs"), "to_loss")));
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE2"), "lost"), 0);
    json_decref(result);
}

static void test_silent_and_back(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3]}]\n");
    run_s(10);
    net.tunnel[1].dead = true;
    run_s(10);
    net.tunnel[1].dead = false;
    unsigned joins = net.tunnel[1].joins;
    run_s(10);
    CU_ASSERT_TRUE(net.tunnel[1].joins > joins); /* it may have forgotten us */
    json_t *result = finish(), *p = pair_of(result, "PE1", "PE2");
    CU_ASSERT_EQUAL(anomalies(result, "silent"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "answers"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "group-lost"), 0);
    CU_ASSERT_TRUE(llabs(number(p, "lost") - 100) <= 1);
    json_decref(result);
}

static void test_group_lost_and_back(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3]}]\n");
    run_s(10);
    net.tunnel[1].deaf = true;
    run_s(10);
    net.tunnel[1].deaf = false;
    run_s(5);
    json_t *result = finish();
    json_t *a = first_anomaly(result, "group-lost");
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(a, "tunnel")), "PE2");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(a, "vpn")), "red");
    CU_ASSERT_EQUAL(anomalies(result, "group-lost"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "group-back"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "silent"), 0);
    json_decref(result);
}

/* The sender's tunnel is dead: that is named, not every receiver. */
static void test_dead_sender(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3]}]\n");
    run_s(10);
    net.tunnel[0].dead = true;
    run_s(20);
    json_t *result = finish();
    CU_ASSERT_EQUAL(anomalies(result, "silent"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "group-lost"), 0);
    json_decref(result);
}

static void test_never_delivers(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2, PE3]}]\n");
    net.tunnel[2].deaf = true;
    run_s(25);
    json_t *result = finish();
    CU_ASSERT_EQUAL(anomalies(result, "no-group"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "never-answers"), 0);
    json_decref(result);
}

static uint8_t heard[PROBE_PACKET_MAX];
static size_t heard_len;

/* A probe of ours as it left through PE1: what would leak. */
static void make_probe(uint32_t vpn, uint32_t flow, uint64_t sequence, ip4_t group)
{
    struct probe_packet p = {
        .src = net.tunnel[0].spec.inner_local,
        .dst = group,
        .sport = PROBE_PORT,
        .ttl = 60,
        .bytes = 100,
        .probe = {.vpn = vpn, .flow = flow, .sequence = sequence, .sent_ns = loop_now(loop).ns}};
    heard_len = probe_packet_write(&p, heard);
}

static void test_leaks(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], name: r},"
              " {vpn: blue, senders: [PE3], receivers: [PE2], name: b}]\n");
    run_s(5);
    make_probe(1, 1, 5, blue); /* of red, in blue's group */
    for (int i = 0; i < 5; i++)
        net_deliver(1, heard, heard_len);
    make_probe(1, 1, 5, red); /* through a PE that is no receiver */
    net_deliver(2, heard, heard_len);
    run_s(1);
    json_t *result = finish();
    CU_ASSERT_EQUAL(anomalies(result, "leak"), 2);
    json_t *a = first_anomaly(result, "leak");
    CU_ASSERT_EQUAL(number(a, "count"), 5);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(a, "vpn")), "red");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(a, "tunnel")), "PE2");
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE2"), "duplicate"), 0);
    json_decref(result);
}

/* What is nobody's, or cannot be, counts for nothing. */
static void test_forged(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2]}]\n");
    run_s(5);
    make_probe(1, 1, 1000000, red); /* not sent yet */
    net_deliver(1, heard, heard_len);
    make_probe(1, 77, 3, red); /* no such stream */
    net_deliver(1, heard, heard_len);
    make_probe(1, 0, 3, red);
    net_deliver(1, heard, heard_len);
    make_probe(2, 1, 3, red); /* not of this VPN */
    net_deliver(1, heard, heard_len);
    json_t *result = finish();
    json_t *t = json_array_get(json_object_get(result, "tunnels"), 1);
    CU_ASSERT_EQUAL(number(t, "foreign"), 4);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(result, "anomalies")), 0);
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE2"), "lost"), 0);
    json_decref(result);
}

static void test_rubbish(void)
{
    struct rng r = {11};
    start(TWO "legs: inference\nreflector: 10.0.9.9\n"
              "tasks: [{vpn: red, senders: [PE1], receivers: [PE2]},"
              " {vpn: blue, receivers: [PE2], passive: true}]\n");
    run_s(3);
    for (int i = 0; i < 20000; i++) {
        uint8_t junk[200];
        make_probe(1, 1, 1, red);
        size_t len = i % 2 != 0 ? heard_len : rng_next(&r) % sizeof(junk);
        for (size_t k = 0; k < len; k++)
            junk[k] = i % 2 != 0 ? heard[k] : (uint8_t)rng_next(&r);
        if (i % 2 != 0)
            junk[rng_next(&r) % len] ^= (uint8_t)(1u << rng_next(&r) % 8);
        net_deliver(rng_next(&r) % 3, junk, len);
    }
    run_s(3);
    json_t *result = finish();
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE2"), "lost"), 0);
    json_decref(result);
}

static void test_interface_gone(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2]}]\n");
    run_s(10);
    net.gone = true;
    net.ring_dropped = 3;
    run_s(20);
    net.gone = false;
    run_s(10);
    json_t *result = finish();
    CU_ASSERT_EQUAL(anomalies(result, "interface-gone"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "interface-back"), 1);
    CU_ASSERT_EQUAL(anomalies(result, "ring-dropped"), 1);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(result, "anomalies")), 3);
    json_t *p = pair_of(result, "PE1", "PE2");
    CU_ASSERT_TRUE(number(p, "sent") < 200); /* what was not sent is not lost */
    CU_ASSERT_TRUE(number(p, "lost") <= 1);
    json_decref(result);
}

/* ---- commands -------------------------------------------------------------------------------- */

static void test_by_hand(void)
{
    start(TWO);
    json_decref(say("send red PE1 50"));
    CU_ASSERT_PTR_NULL(say("send red PE1 50")); /* nobody has joined */
    do_it("join red PE2");
    do_it("join red PE3");
    do_it("send red PE1 50 10");
    run_s(5);
    do_it("leave red PE3");
    run_s(15);
    json_t *result = finish();
    json_t *p = pair_of(result, "PE1", "PE2");
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_TRUE(llabs(number(p, "sent") - 500) <= 50);
    CU_ASSERT_EQUAL(number(p, "lost"), 0);
    json_decref(result);
}

static void test_tasks(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], name: r}]\n");
    run_s(5);
    do_it("task add b blue PE1,PE2 PE3 20");
    run_s(11);
    do_it("task stop r");
    run_s(5);
    json_t *answer = say("pairs red");
    json_t *row = json_array_get(json_object_get(answer, "rows"), 0);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "rows")), 1);
    json_int_t sent = number(row, "sent");
    CU_ASSERT_TRUE(llabs(sent - 150) <= 1);
    CU_ASSERT_EQUAL(number(row, "lost"), 0);
    json_decref(answer);
    run_s(5);
    answer = say("pairs red");
    CU_ASSERT_EQUAL(number(json_array_get(json_object_get(answer, "rows"), 0), "sent"), sent);
    json_decref(answer);
    do_it("task start r"); /* anew */
    run_s(4);
    answer = say("tasks");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "rows")), 2);
    json_decref(answer);
    json_t *result = finish();
    CU_ASSERT_TRUE(llabs(number(pair_of(result, "PE1", "PE2"), "sent") - 30) <= 1);
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE2"), "lost"), 0);
    CU_ASSERT_EQUAL(number(pair_of(result, "PE2", "PE3"), "lost"), 0);
    json_decref(result);
}

static void test_tunnels_come_and_go(void)
{
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], name: r}]\n");
    run_s(2);
    CU_ASSERT_PTR_NULL(say("tunnel drop PE2")); /* in use */
    do_it("tunnel drop PE3");
    do_it("tunnel add PE3 10.0.1.4 10.0.0.2 10.9.4.1 10.9.4.2");
    CU_ASSERT_PTR_NULL(say("tunnel add PE3 10.0.1.5"));
    do_it("vpn add green 239.192.0.3");
    do_it("task add g green PE1 PE3 10");
    run_s(6);
    json_t *answer = say("tunnels");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "rows")), 4);
    json_decref(answer);
    json_t *result = finish();
    CU_ASSERT_EQUAL(number(pair_of(result, "PE1", "PE3"), "lost"), 0);
    CU_ASSERT_TRUE(number(pair_of(result, "PE1", "PE3"), "received") >= 49);
    json_decref(result);
}

static void test_refused(void)
{
    static const char *const bad[] = {"shw",
                                      "join red",
                                      "join green PE1",
                                      "join red PE9",
                                      "send red PE1 0",
                                      "send red PE1 fast",
                                      "task add r red PE1 PE2",
                                      "task add x red PE1,PE1 PE2",
                                      "task add x red PE1 PE7",
                                      "task add x red PE1 PE2 10 20",
                                      "task add x red PE1 PE2 10 100 64",
                                      "task stop nobody",
                                      "task pause r",
                                      "rate r",
                                      "rate nobody 10",
                                      "tunnel add X 239.1.1.1",
                                      "tunnel add X 10.0.1.1",
                                      "tunnel drop X",
                                      "vpn add red 239.192.0.9",
                                      "vpn add green 239.192.0.1",
                                      "vpn add green 10.0.0.1",
                                      "pairs green",
                                      "show me"};
    start(TWO "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], name: r}]\n");
    run_s(1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *answer = say(bad[i]);
        if (answer != NULL)
            (void)fprintf(stderr, "not refused: %s\n", bad[i]);
        CU_ASSERT_PTR_NULL(answer);
        json_decref(answer);
    }
    json_decref(finish());
}

static void test_pages(void)
{
    char line[64];
    start(TWO);
    for (int i = 0; i < 600; i++) {
        (void)snprintf(line, sizeof(line), "task add t%d red PE1 PE2,PE3 0.01", i);
        do_it(line);
    }
    json_t *answer = say("pairs");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "rows")), 500);
    const char *next = json_string_value(json_object_get(answer, "next"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(next);
    json_t *more = say(next);
    next = json_string_value(json_object_get(more, "next"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(next);
    json_t *last = say(next);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(last, "rows")), 200);
    CU_ASSERT_PTR_NULL(json_object_get(last, "next"));
    json_decref(answer);
    json_decref(more);
    json_decref(last);
    json_decref(finish());
}

/* ---- passive, inference ---------------------------------------------------------------------- */

/* A customer's packet of the bench in GRE on the MDT of red, as an egress PE sends it to us. */
static void customers(size_t tunnel, ip4_t ingress, uint64_t sequence)
{
    uint8_t inner[PROBE_PACKET_MAX], body[1600], packet[1700];
    struct probe_packet p = {.src = IP4(172, 16, 0, 1),
                             .dst = IP4(239, 1, 1, 1),
                             .sport = 5000,
                             .ttl = 16,
                             .bytes = 100,
                             .probe = {.vpn = 3, .flow = 9, .sequence = sequence}};
    size_t len = probe_packet_write(&p, inner);
    memcpy(body, "\0\0\x08\0", 4);
    memcpy(body + 4, inner, len);
    struct ipv4 ip = {.ttl = 60,
                      .protocol = IPPROTO_NUM_GRE,
                      .src = ingress,
                      .dst = red,
                      .payload = body,
                      .payload_bytes = len + 4};
    struct wr w = wr_init(packet, sizeof(packet));
    (void)ipv4_encode(&w, &ip);
    net_deliver(tunnel, packet, w.pos);
}

static void test_passive(void)
{
    start(TWO "tasks: [{vpn: red, receivers: [PE2], passive: true}]\n");
    run_s(2);
    CU_ASSERT_TRUE(net.customers);
    CU_ASSERT_TRUE(net.tunnel[1].joins > 0);
    for (uint64_t i = 0; i < 100; i++) {
        if (i % 10 != 4)
            customers(1, IP4(10, 0, 1, 1), 1000 + i);
        run_s(0.05);
    }
    json_t *result = finish();
    json_t *p = json_array_get(json_object_get(result, "passive"), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(p, "from")), "PE1");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(p, "to")), "PE2");
    CU_ASSERT_EQUAL(number(p, "packets"), 90);
    CU_ASSERT_EQUAL(number(p, "bytes"), 90 * 124);
    CU_ASSERT_EQUAL(number(p, "probes"), 90);
    CU_ASSERT_EQUAL(number(p, "probes_lost"), 10);
    CU_ASSERT_DOUBLE_EQUAL(real(p, "rate_pps"), 18, 0.5);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(result, "pairs")), 0);
    json_decref(result);
}

#define PARALLEL                                                                                   \
    "address: 10.0.0.1\ninterface: none\n"                                                         \
    "tunnels: [{name: a1, remote: 10.0.1.1, inner_local: 10.9.1.1, inner_remote: 10.9.1.2},\n"     \
    "  {name: a2, remote: 10.0.1.1, local: 10.0.0.2, inner_local: 10.9.2.1,"                       \
    " inner_remote: 10.9.2.2},\n"                                                                  \
    "  {name: b1, remote: 10.0.1.2, inner_local: 10.9.3.1, inner_remote: 10.9.3.2},\n"             \
    "  {name: b2, remote: 10.0.1.2, local: 10.0.0.2, inner_local: 10.9.4.1,"                       \
    " inner_remote: 10.9.4.2}]\n"                                                                  \
    "vpns: [{name: red, group: 239.192.0.1}]\n"                                                    \
    "tasks: [{vpn: red, senders: [a1], receivers: [b1], rate_pps: 100}]\n"                         \
    "legs: inference\n"

/* Tunnels that lose 2 % there and 6 % back: half of the round trip is wrong, this is not. */
static void test_inference(void)
{
    start(PARALLEL "reflector: 10.0.9.9\ninference_pps: 500\n");
    net.reflects = IP4(239, 9, 9, 9);
    net.loss_of_reflector = 0.03;
    for (int i = 0; i < 4; i++) {
        net.tunnel[i].loss_to_router = 0.02;
        net.tunnel[i].loss_to_us = 0.06;
        net.tunnel[i].delay_ns = 5 * NS_PER_MS;
    }
    run_s(80);
    json_t *result = finish(), *p = pair_of(result, "a1", "b1");
    const json_t *legs = json_object_get(p, "legs");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(legs, "method")), "inference");
    CU_ASSERT_DOUBLE_EQUAL(real(legs, "from_loss"), 0.02, 0.005);
    CU_ASSERT_DOUBLE_EQUAL(real(legs, "to_loss"), 0.06, 0.006);
    CU_ASSERT_TRUE(real(json_object_get(p, "backbone"), "loss") < 0.01);
    CU_ASSERT_EQUAL(anomalies(result, "legs"), 0);
    json_decref(result);
}

static void test_inference_without_reflector(void)
{
    start(PARALLEL);
    run_s(5);
    json_t *result = finish();
    const json_t *legs = json_object_get(pair_of(result, "a1", "b1"), "legs");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(legs, "method")), "ping");
    CU_ASSERT_EQUAL(anomalies(result, "legs"), 1);
    json_decref(result);
}

static void test_silent_reflector(void)
{
    start(PARALLEL "reflector: 10.0.9.9\n");
    run_s(20);
    json_t *result = finish();
    const json_t *legs = json_object_get(pair_of(result, "a1", "b1"), "legs");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(legs, "method")), "ping");
    CU_ASSERT_EQUAL(anomalies(result, "legs"), 1);
    json_decref(result);
}

static const struct cu_test tests[] = {
    {"loss and delay", test_loss_and_delay},
    {"half of the round trip", test_half_of_the_round_trip},
    {"a full mesh has no own copies", test_full_mesh_has_no_own_copies},
    {"several VPNs", test_several_vpns},
    {"DSCP and bytes", test_dscp_and_bytes},
    {"marking", test_marking},
    {"membership", test_membership},
    {"leaves at the end", test_leaves_at_the_end},
    {"never answers", test_never_answers},
    {"silent and back", test_silent_and_back},
    {"group lost and back", test_group_lost_and_back},
    {"dead sender", test_dead_sender},
    {"never delivers", test_never_delivers},
    {"leaks", test_leaks},
    {"forged", test_forged},
    {"rubbish", test_rubbish},
    {"interface gone", test_interface_gone},
    {"by hand", test_by_hand},
    {"tasks", test_tasks},
    {"tunnels come and go", test_tunnels_come_and_go},
    {"refused", test_refused},
    {"pages", test_pages},
    {"passive", test_passive},
    {"inference", test_inference},
    {"inference without reflector", test_inference_without_reflector},
    {"silent reflector", test_silent_reflector},
};

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    (void)close(fd);
    int rc = cu_run("monitor", tests, sizeof(tests) / sizeof(tests[0]));
    (void)unlink(path);
    return rc;
}
