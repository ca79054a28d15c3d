/*
 * Data MDTs announced to the GRE program: joined on as many sockets as it takes, refreshed, and
 * left 180 s after the last TLV, as the kernel's list of source filters shows.
 */
#include "emul/io/netns.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/mdt.h"
#include "emul/wire/udp.h"
#include "harness/dut/mti_data.h"
#include "tests/live/io/sandbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define OWN    IP4(198, 18, 0, 1)
#define PE     IP4(198, 18, 0, 2)
#define MDT(n) (IP4(232, 64, 0, 0) + (n))

static struct mti_joins joins;
static struct data_mdts mdts;
static uint64_t bad;

/* A datagram with one TLV for each of count P-groups from first on. */
static size_t datagram(uint8_t *packet, size_t room, uint16_t port, uint32_t first, uint32_t count)
{
    uint8_t tlvs[1400], body[1420];
    struct wr t = wr_init(tlvs, sizeof tlvs), b = wr_init(body, sizeof body),
              w = wr_init(packet, room);
    for (uint32_t i = 0; i < count; i++)
        (void)mdt_join_encode(&t, &(struct mdt_join){.c_source = IP4(10, 65, 0, 1),
                                                     .c_group = IP4(225, 65, 0, 1) + first + i,
                                                     .p_group = MDT(first + i)});
    (void)udp_encode(
        &b, PE, IPV4_ALL_PIM_ROUTERS,
        &(struct udp){.sport = port, .dport = port, .payload = tlvs, .payload_bytes = t.pos});
    (void)ipv4_encode(&w, &(struct ipv4){.ttl = 1,
                                         .protocol = IPPROTO_NUM_UDP,
                                         .src = PE,
                                         .dst = IPV4_ALL_PIM_ROUTERS,
                                         .payload = body,
                                         .payload_bytes = b.pos});
    CU_ASSERT_EQUAL(w.err, WIRE_OK);
    return w.pos;
}

static bool announce(uint16_t port, uint32_t vpn, uint32_t first, uint32_t count, uint64_t now_s)
{
    uint8_t packet[1500];
    size_t len = datagram(packet, sizeof packet, port, first, count);
    return data_mdts_take(&mdts, PE, vpn, packet, len, now_s, &bad);
}

/* Source filters of the namespace's groups: one line each after the heading. */
static unsigned kernel_filters(void)
{
    struct err err = {0};
    char line[128];
    unsigned lines = 0;
    int old = netns_enter(sandbox_near, &err);
    FILE *in = old < 0 ? NULL : fopen("/proc/thread-self/net/mcfilter", "re");
    while (in != NULL && fgets(line, sizeof line, in) != NULL)
        lines++;
    if (in != NULL)
        (void)fclose(in);
    if (old >= 0)
        netns_leave(old);
    return lines == 0 ? 0 : lines - 1;
}

static void begin(void)
{
    struct err err = {0};
    char text[IP4_TEXT], lines[128];
    (void)snprintf(lines, sizeof lines, "addr replace %s/20 dev near0\nlink set near0 up\n",
                   ip4_text(OWN, text));
    CU_ASSERT_EQUAL_FATAL(netns_ip_batch(sandbox_near, lines, &err), 0);
    joins = (struct mti_joins){.netns = sandbox_near, .interface = "near0", .source = OWN};
    joins.poll = epoll_create1(EPOLL_CLOEXEC);
    bad = 0;
    data_mdts_init(&mdts, &joins);
    CU_ASSERT_EQUAL_FATAL(mti_joins_open(&joins, &err), 0);
}

static void end(void)
{
    data_mdts_free(&mdts);
    mti_joins_close(&joins);
    (void)close(joins.poll);
}

static void test_announced_and_left(void)
{
    begin();
    CU_ASSERT_TRUE(announce(MDT_PORT, 0, 0, 2, 0));
    CU_ASSERT_EQUAL(kernel_filters(), 2);
    CU_ASSERT_EQUAL(data_mdts_vpn(&mdts, PE, MDT(1)), 0);
    CU_ASSERT_EQUAL(data_mdts_vpn(&mdts, PE + 1, MDT(1)), MAP_NONE);
    CU_ASSERT_TRUE(announce(MDT_PORT, 0, 1, 1, 60));
    data_mdts_expire(&mdts, DATA_MDT_TIMEOUT_S - 1);
    CU_ASSERT_EQUAL(mdts.count, 2);
    data_mdts_expire(&mdts, DATA_MDT_TIMEOUT_S);
    CU_ASSERT_EQUAL(kernel_filters(), 1);
    CU_ASSERT_EQUAL(data_mdts_vpn(&mdts, PE, MDT(0)), MAP_NONE);
    CU_ASSERT_EQUAL(data_mdts_vpn(&mdts, PE, MDT(1)), 0);
    data_mdts_expire(&mdts, DATA_MDT_TIMEOUT_S + 60);
    CU_ASSERT_EQUAL(kernel_filters(), 0);
    CU_ASSERT_EQUAL(bad, 0);
    end();
}

static void test_not_followed(void)
{
    uint8_t packet[1500];
    begin();
    CU_ASSERT_FALSE(announce(MDT_PORT + 1, 0, 0, 1, 0));
    CU_ASSERT_TRUE(announce(MDT_PORT, 0, 0, 1, 0));
    CU_ASSERT_TRUE(announce(MDT_PORT, 1, 0, 1, 0)); /* another VPN has it */
    CU_ASSERT_EQUAL(bad, 1);
    CU_ASSERT_TRUE(announce(MDT_PORT, 0, 1u << 24, 1, 0)); /* 233/8 */
    CU_ASSERT_EQUAL(bad, 2);
    size_t len = datagram(packet, sizeof packet, MDT_PORT, 7, 2);
    CU_ASSERT_TRUE(data_mdts_take(&mdts, PE, 0, packet, len - 1, 0, &bad)); /* cut off */
    CU_ASSERT_EQUAL(bad, 3);
    for (size_t cut = 0; cut < 28; cut++)
        CU_ASSERT_FALSE(data_mdts_take(&mdts, PE, 0, packet, cut, 0, &bad));
    CU_ASSERT_EQUAL(mdts.count, 1);
    CU_ASSERT_EQUAL(kernel_filters(), 1);
    end();
}

static void test_many(void)
{
    enum { MANY = 5000, A_DATAGRAM = 50 };
    struct err err = {0};
    begin();
    CU_ASSERT_EQUAL_FATAL(netns_sysctl(sandbox_near, "net/ipv4/igmp_max_memberships", "1500", &err),
                          0);
    for (uint32_t n = 0; n < MANY; n += A_DATAGRAM)
        CU_ASSERT_TRUE(announce(MDT_PORT, 3, n, A_DATAGRAM, 5));
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_EQUAL(kernel_filters(), MANY);
    CU_ASSERT_TRUE(joins.count >= 4);
    data_mdts_expire(&mdts, DATA_MDT_TIMEOUT_S + 5);
    CU_ASSERT_EQUAL(kernel_filters(), 0);
    end();
}

static const struct cu_test tests[] = {
    {"announced, refreshed, left", test_announced_and_left},
    {"what is not followed", test_not_followed},
    {"more than one socket holds", test_many},
};
SANDBOX_MAIN("data MDTs of the GRE program", tests)
