#include "tests/bench/veth.h"

#include "emul/base/log.h"
#include "emul/io/netns.h"
#include "emul/io/pktport.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX   1514
#define RING_BLOCK  (32u * 1024)
#define RING_BLOCKS 512u

static char near_ns[64], far_ns[64], prefix[32];

double bench_cpu_s(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void remove_namespaces(void)
{
    (void)netns_cleanup(prefix, NULL);
}

void bench_veth_build(void)
{
    struct err err = {0};
    char lines[256];
    (void)snprintf(prefix, sizeof(prefix), "mvbench%d-", (int)getpid());
    (void)atexit(remove_namespaces);
    (void)snprintf(near_ns, sizeof(near_ns), "%snear", prefix);
    (void)snprintf(far_ns, sizeof(far_ns), "%sfar", prefix);
    (void)snprintf(lines, sizeof(lines),
                   "link add near0 type veth peer name far0 netns %s\nlink set near0 up\n", far_ns);
    if (netns_add(near_ns, &err) != 0 || netns_add(far_ns, &err) != 0 ||
        netns_sysctl(near_ns, "net/ipv6/conf/default/disable_ipv6", "1", &err) != 0 ||
        netns_sysctl(far_ns, "net/ipv6/conf/default/disable_ipv6", "1", &err) != 0 ||
        netns_ip_batch(near_ns, lines, &err) != 0 ||
        netns_ip_batch(far_ns, "link set far0 up\n", &err) != 0)
        fatal("%s", err.text);
}

static struct port *port_at(struct loop *loop, const char *netns, const char *ifname)
{
    struct err err = {0};
    struct port *p = pktport_open(
        loop, &(struct pktport_params){.name = ifname, .ifname = ifname, .netns = netns}, &err);
    if (p == NULL)
        fatal("%s", err.text);
    return p;
}

struct port *bench_veth_near(struct loop *loop)
{
    return port_at(loop, near_ns, "near0");
}

struct port *bench_veth_far(struct loop *loop)
{
    return port_at(loop, far_ns, "far0");
}

static int raw_open(const char *netns, const char *ifname)
{
    struct err err = {0};
    int old = netns_enter(netns, &err);
    if (old < 0)
        fatal("%s", err.text);
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(ifname)};
    int version = TPACKET_V3, one = 1;
    struct tpacket_req3 ring = {.tp_block_size = RING_BLOCK,
                                .tp_block_nr = RING_BLOCKS,
                                .tp_frame_size = 2048,
                                .tp_frame_nr = RING_BLOCK / 2048 * RING_BLOCKS,
                                .tp_retire_blk_tov = 1};
    if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
        bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        fatal("bare packet socket on %s", ifname);
    netns_leave(old);
    return fd;
}

struct bare_ring {
    uint8_t *map;
    unsigned next;
    uint64_t received;
    uint64_t touched; /* a byte of each frame: whoever receives looks at it */
};

static void bare_drain(struct bare_ring *r)
{
    for (;;) {
        uint8_t *at = r->map + (size_t)r->next * RING_BLOCK;
        struct tpacket_block_desc *b = (void *)at;
        if ((__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0)
            return;
        at += b->hdr.bh1.offset_to_first_pkt;
        for (uint32_t i = b->hdr.bh1.num_pkts; i > 0; i--) {
            const struct tpacket3_hdr *h = (const void *)at;
            r->touched += at[h->tp_mac];
            at += h->tp_next_offset;
            r->received++;
        }
        __atomic_store_n(&b->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        r->next = (r->next + 1) % RING_BLOCKS;
    }
}

struct bench_figure bench_veth_bare(unsigned count, const uint8_t *frame, size_t frame_bytes)
{
    static uint8_t frames[BENCH_BATCH][FRAME_MAX];
    static struct iovec parts[BENCH_BATCH];
    static struct mmsghdr messages[BENCH_BATCH];
    struct bare_ring ring = {0};
    int tx = raw_open(near_ns, "near0"), rx = raw_open(far_ns, "far0");
    size_t bytes = (size_t)RING_BLOCK * RING_BLOCKS;
    ring.map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, rx, 0);
    if (ring.map == MAP_FAILED)
        fatal("bare ring");
    for (unsigned i = 0; i < BENCH_BATCH; i++) {
        memcpy(frames[i], frame, frame_bytes);
        parts[i] = (struct iovec){frames[i], frame_bytes};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    double begin = bench_cpu_s();
    for (unsigned sent = 0; sent < count;) {
        unsigned left = count - sent;
        int n = sendmmsg(tx, messages, left < BENCH_BATCH ? left : BENCH_BATCH, 0);
        sent += n > 0 ? (unsigned)n : 0;
        bare_drain(&ring);
    }
    double took = bench_cpu_s() - begin;
    (void)usleep(20000); /* the last block is handed over when it is old enough */
    bare_drain(&ring);
    (void)munmap(ring.map, bytes);
    (void)close(tx);
    (void)close(rx);
    return (struct bench_figure){(double)ring.received / took, count - ring.received};
}
