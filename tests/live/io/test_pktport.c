/*
 * Packet socket ports over a veth pair, both ends in this process.
 *
 *   port near --- near0 ~~~veth~~~ far0 --- port far
 */
#include "emul/io/netns.h"
#include "emul/io/pktport.h"
#include "tests/live/io/sandbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_NS  (5 * NS_PER_S)
#define BURST    64
#define FLOOD    200000
#define KEPT     16
#define UDP_PORT 19300

struct sink {
    struct port *port;
    size_t count;
    size_t wanted; /* the loop is stopped at this many */
    size_t out_of_order;
    uint8_t frames[KEPT][PORT_FRAME_MAX];
    size_t lens[KEPT];
    struct instant at[KEPT];
    struct instant last;
    bool link_up;
    bool link_wanted;
};

static struct loop *loop;
static bool waiting;
static struct sink near, far;

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct sink *s = arg;
    if (s->count < KEPT) {
        memcpy(s->frames[s->count], frame, len);
        s->lens[s->count] = len;
        s->at[s->count] = at;
    }
    s->out_of_order += instant_before(at, s->last);
    s->last = at;
    if (++s->count == s->wanted)
        loop_stop(loop);
}

static void on_link(void *arg, bool up)
{
    struct sink *s = arg;
    s->link_up = up;
    if (waiting && up == s->link_wanted)
        loop_stop(loop);
}

static struct port *open_end(struct sink *s, const char *netns, const char *ifname)
{
    struct err err = {0};
    *s = (struct sink){0};
    s->port = pktport_open(
        loop, &(struct pktport_params){.name = ifname, .ifname = ifname, .netns = netns}, &err);
    if (s->port == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s->port);
    port_on_rx(s->port, on_frame, s);
    port_on_link(s->port, on_link, s);
    return s->port;
}

static bool wait_stopped(void)
{
    waiting = true;
    bool stopped = loop_run(loop, instant_add(loop_now(loop), WAIT_NS));
    waiting = false;
    return stopped;
}

static void wait_up(struct sink *s)
{
    s->link_wanted = true;
    if (!s->port->up)
        CU_ASSERT_TRUE(wait_stopped());
}

static void start(void)
{
    loop = loop_new_real();
    open_end(&near, sandbox_near, "near0");
    open_end(&far, sandbox_far, "far0");
    wait_up(&near);
    wait_up(&far);
}

static void finish(void)
{
    port_free(near.port);
    port_free(far.port);
    loop_free(loop);
}

static size_t frame_make(uint8_t *frame, const uint8_t *tags, size_t tag_bytes, size_t len)
{
    static const uint8_t macs[] = {0x01, 0, 0x5e, 1, 2, 3, 0x02, 0x4d, 0x56, 0, 0, 1};
    for (size_t i = 0; i < len; i++)
        frame[i] = (uint8_t)(i * 7);
    memcpy(frame, macs, sizeof(macs));
    memcpy(frame + sizeof(macs), tags, tag_bytes);
    frame[sizeof(macs) + tag_bytes] = 0x88; /* local experimental type: nobody else's business */
    frame[sizeof(macs) + tag_bytes + 1] = 0xb5;
    return len;
}

static const struct {
    uint8_t bytes[8];
    size_t count;
} tagged[] = {
    {{0}, 0},
    {{0x81, 0x00, 0x00, 0x05}, 4},
    {{0x81, 0x00, 0xaf, 0xfe}, 4},
    {{0x81, 0x00, 0xa0, 0x00}, 4},
    {{0x88, 0xa8, 0x01, 0x00, 0x81, 0x00, 0x02, 0x00}, 8},
    {{0x81, 0x00, 0x01, 0x00, 0x81, 0x00, 0x02, 0x00}, 8},
};
#define TAGGED (sizeof(tagged) / sizeof(tagged[0]))

static void exchange(struct sink *from, struct sink *to)
{
    static const size_t lens[] = {60, 1000, 1500};
    for (size_t l = 0; l < sizeof(lens) / sizeof(lens[0]); l++) {
        uint8_t frame[2000];
        from->count = to->count = 0;
        to->wanted = TAGGED;
        struct instant begin = loop_now(loop);
        for (size_t i = 0; i < TAGGED; i++) {
            size_t len = frame_make(frame, tagged[i].bytes, tagged[i].count, lens[l]);
            CU_ASSERT_EQUAL(port_send(from->port, frame, len, loop_now(loop)), 0);
        }
        CU_ASSERT_TRUE(wait_stopped());
        struct instant end = loop_now(loop);
        for (size_t i = 0; i < TAGGED; i++) {
            size_t len = frame_make(frame, tagged[i].bytes, tagged[i].count, lens[l]);
            CU_ASSERT_EQUAL(to->lens[i], len);
            CU_ASSERT_EQUAL(memcmp(to->frames[i], frame, len), 0);
            CU_ASSERT_FALSE(instant_before(to->at[i], begin));
            CU_ASSERT_FALSE(instant_before(end, to->at[i]));
        }
        CU_ASSERT_EQUAL(to->out_of_order, 0);
        CU_ASSERT_EQUAL(from->count, 0); /* our own frames do not come back */
    }
}

static void tags_and_stamps_survive_both_ways(void)
{
    start();
    exchange(&near, &far);
    exchange(&far, &near);
    finish();
}

static void full_frames_pass_and_longer_ones_are_refused(void)
{
    uint8_t frame[2000];
    start();
    CU_ASSERT_EQUAL(near.port->mtu, 1500);
    far.wanted = 2;
    size_t len = frame_make(frame, tagged[0].bytes, 0, 1514);
    CU_ASSERT_EQUAL(port_send(near.port, frame, len, loop_now(loop)), 0);
    len = frame_make(frame, tagged[1].bytes, 4, 1518);
    CU_ASSERT_EQUAL(port_send(near.port, frame, len, loop_now(loop)), 0);
    len = frame_make(frame, tagged[1].bytes, 4, 1519);
    CU_ASSERT_EQUAL(port_send(near.port, frame, len, loop_now(loop)), -1);
    CU_ASSERT_TRUE(wait_stopped());
    CU_ASSERT_EQUAL(far.lens[0], 1514);
    CU_ASSERT_EQUAL(far.lens[1], 1518);
    struct port_stats stats;
    port_stats_get(near.port, &stats);
    CU_ASSERT_EQUAL(stats.tx_frames, 2);
    CU_ASSERT_EQUAL(stats.tx_bytes, 1514 + 1518);
    CU_ASSERT_EQUAL(stats.tx_errors, 1);
    finish();
}

struct flood {
    struct timer timer;
    uint32_t sent;
};

static void on_flood(void *arg)
{
    struct flood *f = arg;
    uint8_t frame[96];
    (void)frame_make(frame, tagged[1].bytes, tagged[1].count, sizeof(frame));
    for (unsigned i = 0; i < BURST && f->sent < FLOOD; i++, f->sent++)
        (void)port_send(near.port, frame, sizeof(frame), loop_now(loop));
    if (f->sent < FLOOD)
        timer_set_in(loop, &f->timer, 0);
}

static void many_frames_pass_without_loss(void)
{
    struct flood flood = {0};
    start();
    timer_init(&flood.timer, "flood", on_flood, &flood);
    timer_set_in(loop, &flood.timer, 0);
    far.wanted = FLOOD;
    (void)loop_run(loop, instant_add(loop_now(loop), 20 * NS_PER_S));
    CU_ASSERT_EQUAL(far.count, FLOOD);
    CU_ASSERT_EQUAL(far.out_of_order, 0);
    struct port_stats tx, rx;
    port_stats_get(near.port, &tx);
    port_stats_get(far.port, &rx);
    CU_ASSERT_EQUAL(tx.tx_frames, FLOOD);
    CU_ASSERT_EQUAL(tx.tx_errors, 0);
    CU_ASSERT_EQUAL(rx.rx_frames, FLOOD);
    CU_ASSERT_EQUAL(rx.rx_dropped, 0);
    finish();
}

/* A small ring that nobody reads overflows, and that is told. */
static void ring_drops_are_counted(void)
{
    struct err err = {0};
    struct port_stats stats;
    uint8_t frame[1000];
    start();
    port_free(far.port);
    far.port = pktport_open(
        loop,
        &(struct pktport_params){
            .name = "far", .ifname = "far0", .netns = sandbox_far, .ring_bytes = 128 * 1024},
        &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(far.port);
    (void)frame_make(frame, tagged[0].bytes, 0, sizeof(frame));
    for (unsigned i = 0; i < 1000; i++)
        (void)port_send(near.port, frame, sizeof(frame), loop_now(loop));
    port_flush(near.port);
    port_stats_get(far.port, &stats);
    CU_ASSERT(stats.rx_dropped > 0);
    (void)loop_run(loop, instant_add(loop_now(loop), 20 * NS_PER_MS));
    port_stats_get(far.port, &stats);
    CU_ASSERT_EQUAL(stats.rx_dropped + stats.rx_frames, 1000);
    finish();
}

static void a_cut_is_noticed_at_both_ends(void)
{
    struct err err = {0};
    uint8_t frame[60];
    (void)frame_make(frame, tagged[0].bytes, 0, sizeof(frame));
    for (unsigned round = 0; round < 2; round++) {
        start();
        struct sink *own = round == 0 ? &near : &far, *peer = round == 0 ? &far : &near;
        own->link_up = peer->link_up = true;
        own->link_wanted = true;
        peer->link_wanted = false;
        CU_ASSERT_EQUAL(port_set_up(own->port, false, &err), 0);
        CU_ASSERT_FALSE(own->link_up);
        CU_ASSERT_TRUE(wait_stopped());
        CU_ASSERT_FALSE(peer->link_up);
        CU_ASSERT_EQUAL(port_send(own->port, frame, sizeof(frame), loop_now(loop)), -1);
        CU_ASSERT_EQUAL(port_send(peer->port, frame, sizeof(frame), loop_now(loop)), -1);
        CU_ASSERT_EQUAL(own->port->stats.tx_errors, 1);
        CU_ASSERT_EQUAL(port_set_up(own->port, true, &err), 0);
        wait_up(own);
        wait_up(peer);
        own->count = peer->count = 0;
        peer->wanted = own->wanted = 1;
        CU_ASSERT_EQUAL(port_send(own->port, frame, sizeof(frame), loop_now(loop)), 0);
        CU_ASSERT_TRUE(wait_stopped());
        CU_ASSERT_EQUAL(peer->count, 1);
        CU_ASSERT_EQUAL(port_send(peer->port, frame, sizeof(frame), loop_now(loop)), 0);
        CU_ASSERT_TRUE(wait_stopped());
        CU_ASSERT_EQUAL(own->count, 1);
        finish();
    }
}

static uint32_t sum16(const uint8_t *bytes, size_t len, uint32_t sum)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    return len % 2 != 0 ? sum + ((uint32_t)bytes[len - 1] << 8) : sum;
}

/* Whether the UDP checksum of an untagged IPv4 frame without options is right (RFC 768). */
static bool udp_checksum_right(const uint8_t *frame)
{
    size_t len = (size_t)(frame[14 + 24] << 8 | frame[14 + 25]);
    uint32_t sum = sum16(frame + 14 + 12, 8, IPPROTO_UDP + (uint32_t)len);
    sum = sum16(frame + 14 + 20, len, sum);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

/* A frame of the kernel's own stack, as a DUT made of Linux sends it, is complete. */
static void kernel_frames_are_whole_without_offloads(void)
{
    struct err err = {0};
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near,
                                   "addr add 10.9.0.1/24 dev near0\n"
                                   "neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev near0\n",
                                   &err),
                    0);
    CU_ASSERT_EQUAL(netns_offload_off(sandbox_near, "near0", &err), 0);
    CU_ASSERT_EQUAL(netns_offload_off(sandbox_far, "far0", &err), 0);
    start();
    far.wanted = 1;
    int old = netns_enter(sandbox_near, &err);
    CU_ASSERT_FATAL(old >= 0);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    netns_leave(old);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(UDP_PORT), .sin_addr.s_addr = htonl(0x0a090002)};
    CU_ASSERT_EQUAL(sendto(fd, "0123456789", 10, 0, (struct sockaddr *)&to, sizeof(to)), 10);
    CU_ASSERT_TRUE(wait_stopped());
    CU_ASSERT_EQUAL(far.frames[0][12], 0x08);
    CU_ASSERT_TRUE(udp_checksum_right(far.frames[0]));
    (void)close(fd);
    finish();
}

static void expect_refusal(const struct pktport_params *params, enum err_code code,
                           const char *word)
{
    struct err err = {0};
    struct port *p = pktport_open(loop, params, &err);
    CU_ASSERT_PTR_NULL(p);
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, word));
    CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
    port_free(p);
}

static void wrong_interfaces_are_refused(void)
{
    struct err err = {0};
    loop = loop_new_real();
    expect_refusal(
        &(struct pktport_params){
            .name = "a", .ifname = "nowhere0", .netns = sandbox_near, .force = false},
        ERR_TESTBED, "nowhere0");
    expect_refusal(
        &(struct pktport_params){
            .name = "a", .ifname = "near0", .netns = "mvio-nowhere", .force = false},
        ERR_TESTBED, "mvio-nowhere");
    expect_refusal(&(struct pktport_params){.name = "a",
                                            .ifname = "a-name-that-is-too-long",
                                            .netns = sandbox_near,
                                            .force = false},
                   ERR_TESTBED, "too long");
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near, "route add default dev near0\n", &err), 0);
    expect_refusal(
        &(struct pktport_params){
            .name = "a", .ifname = "near0", .netns = sandbox_near, .force = false},
        ERR_USE, "default route");
    struct port *p =
        pktport_open(loop,
                     &(struct pktport_params){
                         .name = "a", .ifname = "near0", .netns = sandbox_near, .force = true},
                     &err);
    CU_ASSERT_PTR_NOT_NULL(p);
    port_free(p);
    CU_ASSERT_EQUAL(netns_ip_batch(sandbox_near, "route del default dev near0\n", &err), 0);
    loop_free(loop);
}

/* Exit code 0: the port was refused with one line that asks for root. */
static int open_as_nobody(void)
{
    struct err err = {0};
    loop = loop_new_real();
    if (setuid(65534) != 0)
        return 1;
    struct port *p = pktport_open(
        loop, &(struct pktport_params){.name = "a", .ifname = "lo", .netns = NULL, .force = false},
        &err);
    return p == NULL && err.code == ERR_TESTBED && strstr(err.text, "needs root") != NULL ? 0 : 1;
}

static void without_root_it_says_so(void)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(open_as_nobody());
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

static const struct cu_test tests[] = {
    {"tags and stamps survive both ways", tags_and_stamps_survive_both_ways},
    {"full frames pass, longer ones are refused", full_frames_pass_and_longer_ones_are_refused},
    {"many frames pass without loss", many_frames_pass_without_loss},
    {"ring drops are counted", ring_drops_are_counted},
    {"a cut is noticed at both ends", a_cut_is_noticed_at_both_ends},
    {"kernel frames are whole without offloads", kernel_frames_are_whole_without_offloads},
    {"wrong interfaces are refused", wrong_interfaces_are_refused},
    {"without root it says so", without_root_it_says_so},
};

SANDBOX_MAIN("pktport", tests)
