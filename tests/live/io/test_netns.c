/*
 * Namespaces, TUN devices and raw GRE sockets.
 */
#include "emul/io/netns.h"
#include "emul/io/rawip.h"
#include "emul/io/tun.h"
#include "tests/live/io/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 5000
#define GROUP   IP4(239, 192, 0, 1)

static bool exists(const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/run/netns/%s", name);
    return access(path, F_OK) == 0;
}

static void names_come_and_go(void)
{
    struct err err = {0};
    char prefix[80], name[sizeof(prefix) + 12];
    (void)snprintf(prefix, sizeof(prefix), "%s-sub", sandbox_near);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof(name), "%s%d", prefix, i);
        CU_ASSERT_EQUAL(netns_add(name, &err), 0);
        CU_ASSERT_TRUE(exists(name));
    }
    CU_ASSERT_EQUAL(netns_add(name, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "exists"));
    CU_ASSERT_EQUAL(netns_del(name, NULL), 0);
    CU_ASSERT_FALSE(exists(name));
    CU_ASSERT_EQUAL(netns_cleanup(prefix, NULL), 2);
    CU_ASSERT_EQUAL(netns_cleanup(prefix, NULL), 0);
    CU_ASSERT_TRUE(exists(sandbox_near));
    err = (struct err){0};
    CU_ASSERT_EQUAL(netns_cleanup("", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_EQUAL(netns_enter("../etc", NULL), -1);
}

static void entering_shows_the_other_interfaces(void)
{
    struct err err = {0};
    CU_ASSERT_EQUAL(if_nametoindex("near0"), 0);
    int old = netns_enter(sandbox_near, &err);
    CU_ASSERT_FATAL(old >= 0);
    CU_ASSERT_NOT_EQUAL(if_nametoindex("near0"), 0);
    netns_leave(old);
    CU_ASSERT_EQUAL(if_nametoindex("near0"), 0);
}

static void settings_belong_to_the_namespace(void)
{
    struct err err = {0};
    char digit = '?';
    CU_ASSERT_EQUAL(netns_sysctl(sandbox_near, "net/ipv4/ip_forward", "1", &err), 0);
    CU_ASSERT_EQUAL(netns_sysctl(sandbox_far, "net/ipv4/ip_forward", "0", &err), 0);
    int old = netns_enter(sandbox_near, &err);
    int fd = open("/proc/sys/net/ipv4/ip_forward", O_RDONLY);
    CU_ASSERT_EQUAL(read(fd, &digit, 1), 1);
    CU_ASSERT_EQUAL(digit, '1');
    (void)close(fd);
    netns_leave(old);
    CU_ASSERT_EQUAL(netns_sysctl(sandbox_near, "net/ipv4/no_such_key", "1", &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no_such_key"));
}

static void a_failing_batch_gives_one_line(void)
{
    struct err err = {0};
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near, "link set nowhere0 up\n", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "nowhere0"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, sandbox_near));
    CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
}

static void default_routes_are_found(void)
{
    CU_ASSERT_FALSE(netns_has_default_route(sandbox_near, "near0"));
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near,
                                   "addr add 10.8.0.1/24 dev near0\n"
                                   "route add default via 10.8.0.2\n",
                                   NULL),
                    0);
    CU_ASSERT_TRUE(netns_has_default_route(sandbox_near, "near0"));
    CU_ASSERT_FALSE(netns_has_default_route(sandbox_near, "lo"));
    CU_ASSERT_FALSE(netns_has_default_route(sandbox_far, "near0"));
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near, "addr flush dev near0\n", NULL), 0);
    CU_ASSERT_FALSE(netns_has_default_route(sandbox_near, "near0"));
}

static bool readable(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, WAIT_MS) == 1;
}

static void tun_carries_whole_packets(void)
{
    struct err err = {0};
    uint8_t packet[2000];
    int tun = tun_open(sandbox_near, "mti0", &err);
    CU_ASSERT_FATAL(tun >= 0);
    CU_ASSERT_EQUAL(read(tun, packet, sizeof(packet)), -1);
    CU_ASSERT_EQUAL(netns_sysctl(sandbox_near, "net/ipv6/conf/mti0/disable_ipv6", "1", &err), 0);
    CU_ASSERT_EQUAL(
        netns_ip_batch(sandbox_near, "addr add 192.0.2.1/24 dev mti0\nlink set mti0 up\n", &err),
        0);
    int old = netns_enter(sandbox_near, &err);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    netns_leave(old);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(IP4(192, 0, 2, 7))};
    CU_ASSERT_EQUAL(sendto(fd, "abc", 3, 0, (struct sockaddr *)&to, sizeof(to)), 3);
    CU_ASSERT_TRUE(readable(tun));
    CU_ASSERT_EQUAL(read(tun, packet, sizeof(packet)), 20 + 8 + 3);
    CU_ASSERT_EQUAL(packet[0], 0x45);
    CU_ASSERT_EQUAL(memcmp(packet + 28, "abc", 3), 0);
    (void)close(fd);
    (void)close(tun);
    err = (struct err){0};
    CU_ASSERT_EQUAL(tun_open("mvio-nowhere", "mti0", &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
}

static void gre_goes_to_groups_that_were_joined(void)
{
    static const uint8_t gre[] = {0, 0, 0x08, 0x00, 'p', 'a', 'y'};
    struct err err = {0};
    uint8_t packet[2000];
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near, "addr add 10.7.0.1/24 dev near0\n", &err), 0);
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_far, "addr add 10.7.0.2/24 dev far0\n", &err), 0);
    int tx = rawip_gre_open(sandbox_near, IP4(10, 7, 0, 1), "near0", &err);
    int rx = rawip_gre_open(sandbox_far, IP4(10, 7, 0, 2), "far0", &err);
    CU_ASSERT_FATAL(tx >= 0 && rx >= 0);
    CU_ASSERT_EQUAL(rawip_join(rx, GROUP, &err), 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(GROUP)};
    CU_ASSERT_EQUAL(sendto(tx, gre, sizeof(gre), 0, (struct sockaddr *)&to, sizeof(to)),
                    sizeof(gre));
    CU_ASSERT_TRUE(readable(rx));
    CU_ASSERT_EQUAL(recv(rx, packet, sizeof(packet), 0), 20 + (ssize_t)sizeof(gre));
    CU_ASSERT_EQUAL(packet[8], 255);
    CU_ASSERT_EQUAL(packet[9], IPPROTO_GRE);
    CU_ASSERT_EQUAL(memcmp(packet + 12, "\x0a\x07\x00\x01", 4), 0);
    CU_ASSERT_EQUAL(memcmp(packet + 20, gre, sizeof(gre)), 0);
    CU_ASSERT_EQUAL(rawip_leave(rx, GROUP, &err), 0);
    CU_ASSERT_EQUAL(rawip_leave(rx, GROUP, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "239.192.0.1"));
    (void)close(tx);
    (void)close(rx);
    err = (struct err){0};
    CU_ASSERT_EQUAL(rawip_gre_open(sandbox_near, IP4(10, 7, 0, 1), "nowhere0", &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "nowhere0"));
}

static const struct cu_test tests[] = {
    {"names come and go", names_come_and_go},
    {"entering shows the other interfaces", entering_shows_the_other_interfaces},
    {"settings belong to the namespace", settings_belong_to_the_namespace},
    {"a failing batch gives one line", a_failing_batch_gives_one_line},
    {"default routes are found", default_routes_are_found},
    {"tun carries whole packets", tun_carries_whole_packets},
    {"gre goes to groups that were joined", gre_goes_to_groups_that_were_joined},
};

SANDBOX_MAIN("netns", tests)
