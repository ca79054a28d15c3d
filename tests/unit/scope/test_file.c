/* The monitor's file: what it may say, and that each complaint names its place. */
#include "emul/base/mem.h"
#include "monitor/scope/file.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/scope_file_XXXXXX";

static struct scope_file *load(const char *text, struct err *err)
{
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    *err = (struct err){0};
    return scope_file_load(path, err);
}

#define HEAD                                                                                       \
    "address: 192.0.2.1\n"                                                                         \
    "tunnels: [{name: PE1, remote: 192.0.2.11}, {name: PE2, remote: 192.0.2.12}]\n"                \
    "vpns: [{name: red, group: 239.192.0.1}, {name: blue, group: 239.192.0.2}]\n"

static void test_whole(void)
{
    struct err err;
    struct scope_file *f = load(
        "# tasks may stand first\n"
        "tasks: [{vpn: blue, senders: [PE2, PE1], receivers: [PE1], rate_pps: 0.5, bytes: 200,"
        " dscp: 46, name: t, mark: {seconds: 10, dscp: 4}}, {vpn: red, receivers: [PE2], passive: "
        "true}]\n" HEAD "interface: eth0\nnamespace: ns\nlegs: inference\nreflector: 192.0.2.99\n"
        "ping_pps: 2\ninference_pps: 50\nlegs_group: 239.1.1.1\n",
        &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(f->address, IP4(192, 0, 2, 1));
    CU_ASSERT_EQUAL(f->tunnel_count, 2);
    CU_ASSERT_EQUAL(f->tunnels[1].spec.local, f->address);
    CU_ASSERT_EQUAL(f->tunnels[1].spec.remote, IP4(192, 0, 2, 12));
    CU_ASSERT_EQUAL(f->task_count, 2);
    CU_ASSERT_EQUAL(f->tasks[0].vpn, 1);
    CU_ASSERT_EQUAL(f->tasks[0].senders[0], 1);
    CU_ASSERT_EQUAL(f->tasks[0].senders[1], 0);
    CU_ASSERT_EQUAL(f->tasks[0].bytes, 200);
    CU_ASSERT_EQUAL(f->tasks[0].dscp, 46);
    CU_ASSERT_EQUAL(f->tasks[0].mark.seconds, 10);
    CU_ASSERT_EQUAL(f->tasks[0].mark.dscp, 4);
    CU_ASSERT_STRING_EQUAL(f->tasks[1].name, "task2");
    CU_ASSERT_TRUE(f->tasks[1].passive);
    CU_ASSERT_EQUAL(f->legs, LEGS_INFERENCE);
    CU_ASSERT_EQUAL(f->reflector, IP4(192, 0, 2, 99));
    CU_ASSERT_EQUAL(f->legs_group, IP4(239, 1, 1, 1));
    scope_file_free(f);
}

static void test_least(void)
{
    struct err err;
    struct scope_file *f = load(HEAD, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_PTR_NULL(f->interface);
    CU_ASSERT_EQUAL(f->legs, LEGS_PING);
    CU_ASSERT_EQUAL(f->task_count, 0);
    scope_file_free(f);
}

/* Text, and where the complaint must point. */
static const struct {
    const char *text, *place, *says;
} bad[] = {
    {"", "", ""},
    {"address: 192.0.2.1\n", ":1:1:", "tunnels"},
    {HEAD "colour: red\n", ":4:1:", "unknown key 'colour'"},
    {HEAD "adress: 1.2.3.4\n", ":4:1:", "did you mean 'address'"},
    {"address: 239.1.1.1\n", ":1:10:", "address of a host"},
    {HEAD "tasks: [{vpn: green, senders: [PE1], receivers: [PE2]}]\n", ":4:15:", "no VPN 'green'"},
    {HEAD "tasks: [{vpn: red, senders: [PE3], receivers: [PE2]}]\n", ":4:30:", "no tunnel 'PE3'"},
    {HEAD "tasks: [{vpn: red, senders: [PE1, PE1], receivers: [PE2]}]\n", ":4:35:", "already"},
    {HEAD "tasks: [{vpn: red, receivers: [PE2]}]\n", ":4:9:", "'senders' is missing"},
    {HEAD "tasks: [{vpn: red, senders: [PE1]}]\n", ":4:9:", "'receivers' is missing"},
    {HEAD "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], passive: true}]\n",
     ":4:9:", "sends nothing"},
    {HEAD "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], rate_pps: 0}]\n", ":4:64:", "0 is"},
    {HEAD "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], bytes: 59}]\n", ":4:61:", "59 is"},
    {HEAD "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], bytes: 60.5}]\n",
     ":4:61:", "whole number"},
    {HEAD "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], dscp: 64}]\n", ":4:60:", "64 is"},
    {HEAD "tasks: []\n", ":4:8:", "list of tasks"},
    {HEAD "tasks: [{vpn: red, senders: [PE1], receivers: [PE2], name: a},\n"
          " {vpn: red, senders: [PE1], receivers: [PE2], name: a}]\n",
     ":5:2:", "already"},
    {HEAD "legs: guess\n", ":4:7:", "ping, inference"},
    {HEAD "legs: inference\nlegs_group: 239.192.0.2\n", ":3:41:", "group of the inference"},
    {"address: 192.0.2.1\ntunnels: [{name: a, remote: 192.0.2.2}, {name: b, remote: 192.0.2.2}]\n"
     "vpns: [{name: red, group: 239.192.0.1}]\n",
     ":2:41:", "another 'local'"},
    {"address: 192.0.2.1\ntunnels: [{name: a, remote: 192.0.2.2}, {name: a, remote: 192.0.2.3}]\n"
     "vpns: [{name: red, group: 239.192.0.1}]\n",
     ":2:41:", "tunnel 'a' already"},
    {"address: 192.0.2.1\ntunnels: [{name: 'a,b', remote: 192.0.2.2}]\n", ":2:18:", "one word"},
    {"address: 192.0.2.1\ntunnels: [{name: a, remote: 192.0.2.2, role: CE}]\n", ":2:46:", "PE, P"},
    {"vpns: [{name: red, group: 239.192.0.1}, {name: blue, group: 239.192.0.1}]\n",
     ":1:41:", "has this group too"},
    {"vpns: [{name: red, group: 224.0.0.5}]\n", ":1:27:", "multicast group"},
    {"vpns: [{name: red, group: 10.0.0.5}]\n", ":1:27:", "multicast group"},
};

static void test_complaints(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err err;
        struct scope_file *f = load(bad[i].text, &err);
        bool right = f == NULL && err.code == ERR_USE && strstr(err.text, bad[i].place) != NULL &&
                     strstr(err.text, bad[i].says) != NULL;
        if (!right)
            (void)fprintf(stderr, "%s-> %s (wanted %s %s)\n", bad[i].text, err.text, bad[i].place,
                          bad[i].says);
        CU_ASSERT_TRUE(right);
        scope_file_free(f);
    }
}

/* 317 senders to 316 receivers are 100,172 pairs, 316 to 316 are 99,856. */
static void test_pairs_end(void)
{
    for (int senders = 316; senders <= 317; senders++) {
        size_t cap = 200000, n = 0;
        char *text = mem_zalloc(cap, 1);
        n += (size_t)snprintf(text + n, cap - n, "address: 10.0.0.1\ntunnels:\n");
        for (int i = 0; i < 317; i++)
            n += (size_t)snprintf(text + n, cap - n, "  - {name: t%d, remote: 10.1.%d.%d}\n", i,
                                  i / 200, i % 200 + 1);
        n += (size_t)snprintf(text + n, cap - n,
                              "vpns: [{name: v, group: 239.1.1.1}]\n"
                              "tasks: [{vpn: v, receivers: [t0");
        for (int i = 1; i < 316; i++)
            n += (size_t)snprintf(text + n, cap - n, ", t%d", i);
        n += (size_t)snprintf(text + n, cap - n, "], senders: [t0");
        for (int i = 1; i < senders; i++)
            n += (size_t)snprintf(text + n, cap - n, ", t%d", i);
        (void)snprintf(text + n, cap - n, "]}]\n");
        struct err err;
        struct scope_file *f = load(text, &err);
        CU_ASSERT_EQUAL(f != NULL, senders == 316);
        if (f == NULL)
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "at most 100000"));
        scope_file_free(f);
        free(text);
    }
}

static void test_gone(void)
{
    struct err err = {0};
    CU_ASSERT_PTR_NULL(scope_file_load("/nonexistent/monitor.yaml", &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    (void)unlink(path);
}

static const struct cu_test tests[] = {
    {"a whole file", test_whole},    {"the least", test_least},
    {"complaints", test_complaints}, {"pairs have an end", test_pairs_end},
    {"no such file", test_gone},
};

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    (void)close(fd);
    return cu_run("monitor file", tests, sizeof(tests) / sizeof(tests[0]));
}
