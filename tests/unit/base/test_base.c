#include "emul/base/addr.h"
#include "emul/base/err.h"
#include "emul/base/instant.h"
#include "emul/base/log.h"
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "tests/unit/cu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_err(void)
{
    struct err e = {0};
    err_prefix(&e, "nothing to put before");
    CU_ASSERT_EQUAL(e.code, ERR_NONE);
    err_set(&e, ERR_USE, "%s:%d: no such key", "a.yaml", 3);
    err_set(&e, ERR_TESTBED, "a later one");
    CU_ASSERT_EQUAL(e.code, ERR_USE);
    CU_ASSERT_STRING_EQUAL(e.text, "a.yaml:3: no such key");
    err_prefix(&e, "case %s", "9.1");
    CU_ASSERT_STRING_EQUAL(e.text, "case 9.1: a.yaml:3: no such key");
    err_set(NULL, ERR_USE, "nobody listens");
    err_prefix(NULL, "nobody listens");
}

static void test_err_long(void)
{
    struct err e = {0};
    char *long_text = mem_zalloc(5000, 1);
    memset(long_text, 'x', 4999);
    err_set(&e, ERR_USE, "%s", long_text);
    CU_ASSERT_EQUAL(strlen(e.text), sizeof(e.text) - 1);
    err_prefix(&e, "place");
    CU_ASSERT_EQUAL(strncmp(e.text, "place: xxx", 10), 0);
    err_prefix(&e, "%s", long_text); /* no room: the error itself must survive */
    CU_ASSERT_EQUAL(strncmp(e.text, "place: xxx", 10), 0);
    free(long_text);
}

/* fatal ends the process with one line and the exit code of a failure. */
static void test_fatal(void)
{
    int out[2];
    CU_ASSERT_EQUAL_FATAL(pipe(out), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(out[1], STDERR_FILENO);
        fatal("it is %d", 7);
    }
    (void)close(out[1]);
    char text[100] = "";
    size_t n = 0;
    for (ssize_t got; (got = read(out[0], text + n, sizeof(text) - 1 - n)) > 0;)
        n += (size_t)got;
    (void)close(out[0]);
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == ERR_TESTBED);
    CU_ASSERT_STRING_EQUAL(text, "mvpnbench: it is 7\n");
}

static void test_ip4(void)
{
    char text[IP4_TEXT];
    ip4_t addr = 0;
    CU_ASSERT_STRING_EQUAL(ip4_text(IP4(239, 192, 0, 255), text), "239.192.0.255");
    CU_ASSERT(ip4_parse("255.255.255.255", &addr));
    CU_ASSERT_EQUAL(addr, UINT32_MAX);
    CU_ASSERT_STRING_EQUAL(ip4_text(addr, text), "255.255.255.255");
    static const char *const bad[] = {"",          "1.2.3",      "1.2.3.4.5", "256.1.1.1",
                                      "1.2.3.4 ",  " 1.2.3.4",   "a.b.c.d",   "1.2.3.-4",
                                      "1.2.3.4/8", "0x7f000001", "::1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(ip4_parse(bad[i], &addr));
    CU_ASSERT(ip4_is_multicast(IP4(224, 0, 0, 0)));
    CU_ASSERT(ip4_is_multicast(IP4(239, 255, 255, 255)));
    CU_ASSERT_FALSE(ip4_is_multicast(IP4(240, 0, 0, 0)));
    CU_ASSERT_FALSE(ip4_is_multicast(IP4(223, 255, 255, 255)));
}

static void test_prefix(void)
{
    struct ip4_prefix p = {0, 0};
    CU_ASSERT(ip4_prefix_parse("10.1.0.0/16", &p));
    CU_ASSERT(p.addr == IP4(10, 1, 0, 0) && p.len == 16);
    CU_ASSERT(ip4_in(IP4(10, 1, 255, 255), p));
    CU_ASSERT_FALSE(ip4_in(IP4(10, 2, 0, 0), p));
    CU_ASSERT(ip4_prefix_parse("10.1.2.3", &p));
    CU_ASSERT_EQUAL(p.len, 32);
    CU_ASSERT(ip4_prefix_parse("0.0.0.0/0", &p));
    CU_ASSERT(ip4_in(IP4(1, 2, 3, 4), p));
    static const char *const bad[] = {"10.0.0.0/",         "10.0.0.0/33", "10.0.0.0/x",
                                      "10.0.0.0/8x",       "/8",          "10.0.0/8",
                                      "100.100.100.1000/8"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(ip4_prefix_parse(bad[i], &p));
}

static void test_mac(void)
{
    char text[MAC_TEXT];
    struct mac all_pim = mac_of_group(IP4(224, 0, 0, 13));
    CU_ASSERT_STRING_EQUAL(mac_text(all_pim, text), "01:00:5e:00:00:0d");
    /* Five bits of the group are lost (RFC 1112 section 6.4). */
    CU_ASSERT(mac_equal(mac_of_group(IP4(225, 1, 2, 3)), mac_of_group(IP4(239, 129, 2, 3))));
    CU_ASSERT_FALSE(mac_equal(mac_of_group(IP4(225, 1, 2, 3)), mac_of_group(IP4(225, 1, 2, 4))));
}

static void test_instant(void)
{
    struct instant t = instant_add((struct instant){5}, 7);
    CU_ASSERT_EQUAL(t.ns, 12);
    CU_ASSERT_EQUAL(instant_add(INSTANT_NEVER, 7).ns, INT64_MAX);
    CU_ASSERT_EQUAL(instant_diff(t, (struct instant){20}), -8);
    CU_ASSERT(instant_before(t, INSTANT_NEVER));
    CU_ASSERT_EQUAL(instant_min(t, INSTANT_NEVER).ns, 12);
    CU_ASSERT_EQUAL(instant_max(t, (struct instant){13}).ns, 13);
}

/* These values are a contract: another seed's run must not become this one's by a change here. */
static void test_hash(void)
{
    CU_ASSERT_EQUAL(hash_mix(0, 0), UINT64_C(0xe220a8397b1dcdaf));
    CU_ASSERT_NOT_EQUAL(hash_text(1, "ab"), hash_text(1, "ba"));
    CU_ASSERT_NOT_EQUAL(hash_text(1, "ab"), hash_text(2, "ab"));
    CU_ASSERT_NOT_EQUAL(hash_text(hash_text(1, "ab"), "c"), hash_text(hash_text(1, "a"), "bc"));
    CU_ASSERT_EQUAL(hash_text(7, "abc"), hash_bytes(7, "abc", 3));
}

/* Every value of a small range comes about equally often. */
static void test_range(void)
{
    unsigned seen[7] = {0};
    struct rng r = {42};
    for (unsigned i = 0; i < 70000; i++)
        seen[hash_range(rng_next(&r), 7)]++;
    for (unsigned i = 0; i < 7; i++)
        CU_ASSERT(seen[i] > 9500 && seen[i] < 10500);
    CU_ASSERT_EQUAL(hash_range(UINT64_MAX, 7), 6);
    CU_ASSERT_EQUAL(hash_range(0, 7), 0);
    CU_ASSERT_EQUAL(hash_range(UINT64_MAX, 1), 0);
}

static void test_stream(void)
{
    struct rng a = {1}, b = {1}, c = {2};
    double sum = 0;
    size_t same = 0, wrong = 0;
    for (unsigned i = 0; i < 100000; i++) {
        double x = rng_unit(&a);
        wrong += x != rng_unit(&b) || x < 0 || x >= 1;
        same += x == rng_unit(&c);
        sum += x;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(same < 10);
    CU_ASSERT(sum > 49500 && sum < 50500);
}

static void test_mem(void)
{
    unsigned char *p = mem_zalloc(0, 0);
    CU_ASSERT_PTR_NOT_NULL(p);
    free(p);
    p = mem_zalloc(10, 10);
    for (size_t i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(p[i], 0);
    free(p);
    char *text = mem_printf("%s-%04d", "9.1", 7);
    char *copy = mem_strdup(text);
    CU_ASSERT_STRING_EQUAL(copy, "9.1-0007");
    free(copy);
    free(text);
    size_t cap = 0;
    uint32_t *items = NULL;
    for (uint32_t i = 0; i < 1000; i++) {
        items = array_grow(items, i, &cap, sizeof(*items));
        items[i] = i;
    }
    CU_ASSERT(cap >= 1000);
    for (uint32_t i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(items[i], i);
    free(items);
}

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

/* What a peer causes is bounded, and what was left out is counted. */
static void test_log(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    log_line(LOG_BUG, (struct instant){0}, "base", "nowhere to go");
    log_open(f, LOG_INFO);
    CU_ASSERT(log_enabled(LOG_PEER));
    CU_ASSERT_FALSE(log_enabled(LOG_DEBUG));
    log_line(LOG_DEBUG, (struct instant){0}, "base", "below the level");
    log_line(LOG_INFO, (struct instant){12000345000}, "pim", "up %d", 1);
    (void)fflush(f);
    CU_ASSERT_STRING_EQUAL(text, "        12.000345 info pim: up 1\n");
    for (unsigned i = 0; i < 1000; i++)
        log_line(LOG_PEER, (struct instant){20 * NS_PER_S}, "pim", "odd");
    log_line(LOG_PEER, (struct instant){21 * NS_PER_S}, "pim", "odd");
    (void)fflush(f);
    CU_ASSERT(lines_of(text) < 100);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "950 lines suppressed"));
    log_open(NULL, LOG_INFO);
    (void)fclose(f);
    free(text);
}

static const struct cu_test tests[] = {
    {"errors: the first one wins", test_err},
    {"errors longer than their place", test_err_long},
    {"fatal", test_fatal},
    {"IPv4 addresses", test_ip4},
    {"prefixes", test_prefix},
    {"MAC addresses of groups", test_mac},
    {"instants", test_instant},
    {"hashes", test_hash},
    {"ranges without bias", test_range},
    {"streams repeat by seed", test_stream},
    {"memory", test_mem},
    {"log lines", test_log},
};

CU_MAIN("base", tests)
