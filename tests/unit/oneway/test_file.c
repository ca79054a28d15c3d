/* The file of `mvpnbench oneway`: what is taken for which configuration, and the complaints. */
#include "monitor/oneway/file.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define R    "r: {local: 192.0.2.1, remote: 192.0.2.11}"
#define S    "s: {local: 192.0.2.2, remote: 192.0.2.11}"
#define T    "t: {local: 198.51.100.1, remote: 192.0.2.11}"
#define ALL  "tunnels: {" R ", " S ", " T "}\n"
#define REST "group: 239.9.9.9\nrate_pps: 2000\nseconds: 60\n"

static struct oneway_file *file_of(const char *text, char config, struct err *err)
{
    char path[] = "/tmp/mvpn-oneway-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    (void)close(fd);
    struct oneway_file *f = oneway_file_load(path, config, err);
    (void)unlink(path);
    return f;
}

static void taken(void)
{
    static const struct {
        char config;
        const char *text;
    } rows[] = {
        {'A', ALL REST},
        {'A', "tunnels: {" R ", " S "}\nsecond_host: 198.51.100.1\n" REST},
        {'B', ALL REST "counters: ./counts.sh\n"},
        {'B', "tunnels: {" R ", " S "}\n" REST "counters: {file: counts.txt}\n"},
        {'B', ALL REST "counters: {nftables: ip count probes, namespace: r2}\ninterval: 0.05\n"},
        {'C', ALL REST "delay_ms: 500\n"},
        {'R', "tunnels: {" T "}\ngroup: 239.9.9.9\n"},
        {'R', ALL REST},
        {'A', ALL "group: 232.1.1.1\ninterface: eth0\nnamespace: m1\nbytes: 200\ndscp: 46\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        struct oneway_file *f = file_of(rows[i].text, rows[i].config, &err);
        if (f == NULL)
            (void)fprintf(stderr, "%zu: %s\n", i, err.text);
        CU_ASSERT_PTR_NOT_NULL(f);
        oneway_file_free(f);
    }
    struct err err = {0};
    struct oneway_file *f = file_of(ALL REST, 'A', &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(f->tunnel[TUNNEL_S].local, IP4(192, 0, 2, 2));
    CU_ASSERT_EQUAL(f->second_host, IP4(198, 51, 100, 1));
    CU_ASSERT_EQUAL(f->rate_pps, 2000);
    CU_ASSERT_STRING_EQUAL(f->directory, "/tmp");
    oneway_file_free(f);
}

static void refused(void)
{
    static const struct {
        char config;
        const char *text, *why;
    } rows[] = {
        {'A', REST, "'tunnels' is missing"},
        {'A', "tunnels: {" R ", " S "}\n" REST, "tunnel t is missing"},
        {'A', "tunnels: {" R ", " T "}\n" REST, "tunnel s is missing"},
        {'C', "tunnels: {" S ", " T "}\n" REST, "tunnel r is missing"},
        {'R', "tunnels: {" R ", " S "}\n" REST, "tunnel t is missing"},
        {'B', ALL REST, "needs 'counters: COMMAND'"},
        {'B', ALL REST "counters: {namespace: r2}\n", "needs 'counters: COMMAND'"},
        {'B', ALL REST "counters: {file: a, command: b}\n", "one of command, file, nftables"},
        {'B', ALL REST "counters: {nftables: probes}\n", "an nftables set"},
        {'B', ALL REST "counters: {nftables: 'ip count probes more'}\n", "an nftables set"},
        {'B', ALL REST "counters: {nftables: 'ip -f probes'}\n", "an nftables set"},
        {'B', ALL REST "counters: ./c\ninterval: 0.001\n", "more than 40000 intervals"},
        {'A', ALL "rate_pps: 1\n", "'group' is missing"},
        {'A', ALL "group: 10.0.0.1\n", ":2:8: a multicast group must stand here"},
        {'A', ALL REST "rate_pp: 5\n", ":5:1: unknown key 'rate_pp'; did you mean 'rate_pps'?"},
        {'A', ALL "group: 239.9.9.9\nrate_pps: 0\n", ":3:11: "},
        {'A', ALL "group: 239.9.9.9\nseconds: x\n", ":3:10: "},
        {'A', ALL REST "bytes: 59\n", ":5:8: "},
        {'A', ALL REST "dscp: 64\n", ":5:7: "},
        {'A', ALL REST "port: 0\n", ":5:7: "},
        {'A', "tunnels: {r: {local: 192.0.2.1}}\n" REST, "'remote' is missing"},
        {'A', "tunnels: {q: {local: 192.0.2.1}}\n" REST, "unknown key 'q'"},
        {'A', "tunnels: {r: {local: here, remote: 192.0.2.11}}\n" REST, ":1:22: an IPv4 address"},
        {'A', "a: [\n", ":"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err = {0};
        struct oneway_file *f = file_of(rows[i].text, rows[i].config, &err);
        CU_ASSERT_PTR_NULL(f);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        if (strstr(err.text, rows[i].why) == NULL)
            (void)fprintf(stderr, "%zu: '%s' is not in: %s\n", i, rows[i].why, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].why));
        oneway_file_free(f);
    }
}

static const struct cu_test tests[] = {{"taken", taken}, {"refused", refused}};

CU_MAIN("oneway file", tests)
