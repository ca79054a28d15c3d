#include "harness/dut/mti_program.h"

#include "emul/base/addr.h"
#include "emul/base/err.h"
#include "emul/base/map.h"
#include "emul/base/mem.h"
#include "emul/io/netns.h"
#include "emul/io/tun.h"
#include "emul/wire/gre.h"
#include "harness/dut/mti_data.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define BATCH      64
#define PACKET_MAX 9600

#define COUNTERS_FORMAT                                                                            \
    "counters %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n"
#define COUNTERS_SCAN                                                                              \
    "counters %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64

struct vpn {
    const char *netns;
    ip4_t group;
    int tun;
};

struct mti {
    ip4_t first_peer;
    uint32_t peers; /* 0: groups are joined whoever sends */
    unsigned mtu;
    struct vpn *vpns;
    size_t count;
    struct map by_group;
    struct mti_joins joins;
    struct data_mdts data;
    int poll, signals, tick;
    uint64_t now_s; /* since the start, by the tick */
    struct mti_counters counters;
    uint8_t packet[BATCH][PACKET_MAX];
};

int mti_counters_parse(const char *line, struct mti_counters *out)
{
    return sscanf(line, COUNTERS_SCAN, &out->encapsulated, &out->decapsulated, &out->tx_dropped,
                  &out->rx_dropped, &out->not_understood, &out->data_mdts) == 6
               ? 0
               : -1;
}

/* The default MDTs: every group, or with known peers every (peer, group). */
static int groups_join(struct mti *m, struct err *err)
{
    if (mti_joins_open(&m->joins, err) < 0)
        return -1;
    for (size_t i = 0; i < m->count; i++) {
        if (m->peers == 0 && mti_joins_group(&m->joins, m->vpns[i].group, err) < 0)
            return -1;
        for (uint32_t r = 0; r < m->peers; r++) {
            if (mti_joins_source(&m->joins, m->first_peer + r, m->vpns[i].group, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int poll_add(struct mti *m, int fd, uint64_t tag)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = tag};
    return epoll_ctl(m->poll, EPOLL_CTL_ADD, fd, &ev);
}

/* Tags of what is polled: VPNs count from 0, the others stand far above them. */
enum { TAG_CONTROL = 1 << 30, TAG_SIGNAL, TAG_TICK, TAG_RAW /* + number of the socket */ };

static int poll_open(struct mti *m, struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is for the driver, which then ends us */
    m->poll = epoll_create1(EPOLL_CLOEXEC);
    m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    m->tick = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct itimerspec second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
    int bad = m->poll < 0 || m->signals < 0 || poll_add(m, STDIN_FILENO, TAG_CONTROL) < 0 ||
              poll_add(m, m->signals, TAG_SIGNAL) < 0 || poll_add(m, m->tick, TAG_TICK) < 0 ||
              timerfd_settime(m->tick, 0, &second, NULL) < 0;
    for (size_t i = 0; i < m->count && !bad; i++)
        bad = poll_add(m, m->vpns[i].tun, i) < 0;
    if (bad)
        err_set(err, ERR_TESTBED, "epoll: %s", strerror(errno));
    m->joins.poll = m->poll;
    m->joins.tag = TAG_RAW;
    return bad ? -1 : 0;
}

/* Sends the first count packets of m->packet to the VPN's group. */
static void send_batch(struct mti *m, const struct vpn *v, const size_t *len, unsigned count)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(v->group)};
    struct iovec iov[BATCH];
    struct mmsghdr msg[BATCH] = {0};
    for (unsigned i = 0; i < count; i++) {
        iov[i] = (struct iovec){m->packet[i], len[i]};
        msg[i].msg_hdr = (struct msghdr){
            .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &iov[i], .msg_iovlen = 1};
    }
    unsigned done = 0;
    while (done < count) {
        int n = sendmmsg(m->joins.fd[0], msg + done, count - done, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            m->counters.tx_dropped++;
            done++;
            continue;
        }
        done += (unsigned)n;
        m->counters.encapsulated += (uint64_t)n;
    }
}

/* From a TUN into GRE: one batch a turn, so that one busy VPN does not starve the others. */
static void tun_ready(struct mti *m, const struct vpn *v)
{
    size_t len[BATCH];
    unsigned count = 0;
    while (count < BATCH) {
        uint8_t *p = m->packet[count];
        ssize_t n = read(v->tun, p + GRE_HEADER, PACKET_MAX - GRE_HEADER);
        if (n <= 0)
            break;
        if ((p[GRE_HEADER] >> 4) != 4) /* IPv6 router solicitations of the kernel */
            continue;
        struct wr w = wr_init(p, GRE_HEADER);
        (void)gre_encode(&w, &(struct gre){.protocol = 0x0800});
        len[count++] = (size_t)n + GRE_HEADER;
    }
    if (count > 0)
        send_batch(m, v, len, count);
}

/* The VPN on whose default MDT, or on whose data MDT, a packet arrived; MAP_NONE: no group of ours.
 */
static uint32_t vpn_of(const struct mti *m, ip4_t src, ip4_t dst, bool *by_default)
{
    uint32_t i = map_get(&m->by_group, dst);
    *by_default = i != MAP_NONE;
    return *by_default ? i : data_mdts_vpn(&m->data, src, dst);
}

/* One IP packet with GRE in it from the raw socket: into the TUN of its group. */
static void unwrap(struct mti *m, const uint8_t *packet, size_t len)
{
    size_t header = len >= 20 ? (size_t)(packet[0] & 15) * 4 : 0;
    struct rd head = rd_init(packet, len);
    (void)rd_bytes(&head, 12);
    ip4_t src = rd_u32(&head), dst = rd_u32(&head);
    bool by_default;
    uint32_t i = vpn_of(m, src, dst, &by_default);
    struct rd r = rd_init(packet + header, header <= len ? len - header : 0);
    struct gre gre;
    if (head.err != WIRE_OK || header < 20 || i == MAP_NONE || src == m->joins.source ||
        gre_decode(&r, &gre) != WIRE_OK || gre.protocol != 0x0800) {
        m->counters.not_understood++;
        return;
    }
    if (by_default && data_mdts_take(&m->data, src, i, gre.payload, gre.payload_bytes, m->now_s,
                                     &m->counters.not_understood))
        return;
    if (write(m->vpns[i].tun, gre.payload, gre.payload_bytes) == (ssize_t)gre.payload_bytes)
        m->counters.decapsulated++;
    else
        m->counters.rx_dropped++;
}

static void note_overflow(struct mti *m, size_t number, struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
            continue;
        uint32_t total;
        memcpy(&total, CMSG_DATA(c), sizeof total);
        m->counters.rx_dropped += total - m->joins.overflow_seen[number];
        m->joins.overflow_seen[number] = total;
    }
}

static void raw_ready(struct mti *m, size_t number)
{
    struct iovec iov[BATCH];
    struct mmsghdr msg[BATCH] = {0};
    char control[BATCH][CMSG_SPACE(sizeof(uint32_t))];
    for (unsigned i = 0; i < BATCH; i++) {
        iov[i] = (struct iovec){m->packet[i], PACKET_MAX};
        msg[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i],
                                         .msg_iovlen = 1,
                                         .msg_control = control[i],
                                         .msg_controllen = sizeof control[i]};
    }
    int n = recvmmsg(m->joins.fd[number], msg, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        note_overflow(m, number, &msg[i].msg_hdr);
        unwrap(m, m->packet[i], msg[i].msg_len);
    }
}

static void tick_ready(struct mti *m)
{
    uint64_t seconds;
    if (read(m->tick, &seconds, sizeof seconds) != (ssize_t)sizeof seconds)
        return;
    m->now_s += seconds;
    data_mdts_expire(&m->data, m->now_s);
}

/* The driver asks for counters (any byte), or has gone (end of file): false then. */
static bool control_ready(const struct mti *m)
{
    char ask[16];
    ssize_t n = read(STDIN_FILENO, ask, sizeof ask);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    const struct mti_counters *c = &m->counters;
    dprintf(STDOUT_FILENO, COUNTERS_FORMAT, c->encapsulated, c->decapsulated, c->tx_dropped,
            c->rx_dropped, c->not_understood, (uint64_t)m->data.count);
    return true;
}

static void serve(struct mti *m)
{
    struct epoll_event ev[BATCH];
    for (;;) {
        int n = epoll_wait(m->poll, ev, BATCH, -1);
        if (n < 0 && errno != EINTR)
            return;
        for (int i = 0; i < n; i++) {
            uint64_t tag = ev[i].data.u64;
            if (tag < m->count)
                tun_ready(m, &m->vpns[tag]);
            else if (tag >= TAG_RAW)
                raw_ready(m, (size_t)(tag - TAG_RAW));
            else if (tag == TAG_TICK)
                tick_ready(m);
            else if (tag == TAG_SIGNAL || !control_ready(m))
                return;
        }
    }
}

static int vpns_read(struct mti *m, int argc, char **argv, struct err *err)
{
    m->vpns = mem_zalloc((size_t)argc, sizeof *m->vpns);
    for (int i = 0; i < argc; i++) {
        struct vpn *v = &m->vpns[i];
        char *group = strchr(argv[i], '=');
        v->tun = -1;
        if (group == NULL || !ip4_parse(group + 1, &v->group) || !ip4_is_multicast(v->group)) {
            err_set(err, ERR_USE, "mti: '%s' is not NAMESPACE=GROUP", argv[i]);
            return -1;
        }
        *group = '\0';
        v->netns = argv[i];
        map_put(&m->by_group, v->group, (uint32_t)m->count++);
    }
    return 0;
}

static void option_read(struct mti *m, const char *option, const char *value, struct err *err)
{
    bool is_source = strcmp(option, "--source") == 0;
    if (strcmp(option, "--netns") == 0)
        m->joins.netns = value;
    else if (strcmp(option, "--interface") == 0)
        m->joins.interface = value;
    else if (strcmp(option, "--mtu") == 0)
        m->mtu = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(option, "--peers") == 0)
        m->peers = (uint32_t)strtoul(value, NULL, 10);
    else if ((is_source || strcmp(option, "--first-peer") == 0) &&
             !ip4_parse(value, is_source ? &m->joins.source : &m->first_peer))
        err_set(err, ERR_USE, "mti: '%s' is no address", value);
}

static int arguments_read(struct mti *m, int argc, char **argv, struct err *err)
{
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
        option_read(m, argv[i], argv[i + 1], err);
    if (m->joins.netns == NULL || m->joins.interface == NULL || m->joins.source == 0 ||
        m->mtu < MTI_MTU_LEAST || m->mtu > PACKET_MAX || (m->peers > 0 && m->first_peer == 0))
        err_set(err, ERR_USE,
                "mti: --netns NS --interface IF --source ADDR --mtu BYTES [--first-peer ADDR "
                "--peers COUNT] NS=GROUP...");
    if (err->code != ERR_NONE)
        return -1;
    return vpns_read(m, argc - i, argv + i, err);
}

static int start(struct mti *m, struct err *err)
{
    for (size_t i = 0; i < m->count; i++) {
        m->vpns[i].tun = tun_open(m->vpns[i].netns, MTI_IFNAME, err);
        if (m->vpns[i].tun < 0)
            return -1;
        char line[64];
        snprintf(line, sizeof line, "link set %s mtu %u txqueuelen 10000 up\n", MTI_IFNAME, m->mtu);
        if (netns_ip_batch(m->vpns[i].netns, line, err) < 0)
            return -1;
    }
    return poll_open(m, err) < 0 ? -1 : groups_join(m, err);
}

int mti_program_main(int argc, char **argv)
{
    struct err err = {0};
    struct mti *m = mem_zalloc(1, sizeof *m);
    map_init(&m->by_group);
    data_mdts_init(&m->data, &m->joins);
    if (arguments_read(m, argc, argv, &err) == 0 && start(m, &err) == 0) {
        (void)!write(STDOUT_FILENO, "ready\n", 6);
        serve(m);
    }
    if (err.code != ERR_NONE)
        fprintf(stderr, "mvpnbench: %s\n", err.text);
    for (size_t i = 0; m->vpns != NULL && i < m->count; i++) {
        if (m->vpns[i].tun >= 0)
            close(m->vpns[i].tun);
    }
    mti_joins_close(&m->joins);
    data_mdts_free(&m->data);
    map_fini(&m->by_group);
    free(m->vpns);
    free(m);
    return (int)err.code;
}
