#include "emul/io/pktport.h"

#include "emul/base/mem.h"
#include "emul/io/netns.h"
#include "emul/io/pktring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES   (16u * 1024 * 1024)
#define BATCH_FRAMES 256u
#define BATCH_BYTES  ((size_t)256 * 1024)
#define SEND_BUFFER  (4 * 1024 * 1024)
/* A full transmit queue is given this many chances to drain before frames are dropped. */
#define SEND_TRIES   20u
#define SEND_WAIT_NS (100 * NS_PER_US)

struct pktport {
    struct port port; /* first member */
    struct loop *loop;
    char ifname[IFNAMSIZ];
    int ifindex;
    int fd;
    int monitor; /* netlink: link changes in the namespace of the interface */
    struct pktring ring;
    struct timer flush_timer;
    unsigned batched;
    size_t batch_used;
    struct mmsghdr messages[BATCH_FRAMES];
    struct iovec parts[BATCH_FRAMES];
    uint8_t batch[BATCH_BYTES];
};

static struct ifreq request_for(const struct pktport *p)
{
    struct ifreq ifr = {0};
    memcpy(ifr.ifr_name, p->ifname, sizeof(p->ifname));
    return ifr;
}

/* Says whether the first of the unsent frames may still go: waits a little, a bounded time. */
static bool worth_a_retry(const struct pktport *p, int error, unsigned tries)
{
    if (error == EINTR)
        return true;
    if ((error != ENOBUFS && error != EAGAIN) || tries >= SEND_TRIES)
        return false;
    struct pollfd wait = {.fd = p->fd, .events = POLLOUT};
    struct timespec pause = {.tv_nsec = SEND_WAIT_NS};
    if (error == EAGAIN)
        (void)poll(&wait, 1, 1);
    else
        (void)nanosleep(&pause, NULL); /* the device's queue, which poll does not know */
    return true;
}

static void packet_flush(struct port *port)
{
    struct pktport *p = (struct pktport *)port;
    unsigned done = 0, tries = 0;
    while (done < p->batched) {
        int n = sendmmsg(p->fd, p->messages + done, p->batched - done, MSG_DONTWAIT);
        if (n > 0) {
            done += (unsigned)n;
            tries = 0;
        } else if (!worth_a_retry(p, errno, tries++)) {
            port->stats.tx_errors++;
            port->stats.tx_frames--;
            port->stats.tx_bytes -= p->parts[done].iov_len;
            done++;
        }
    }
    p->batched = 0;
    p->batch_used = 0;
    timer_cancel(p->loop, &p->flush_timer);
}

static void flush_due(void *arg)
{
    packet_flush(arg);
}

static int packet_send(struct port *port, const uint8_t *frame, size_t len)
{
    struct pktport *p = (struct pktport *)port;
    if (p->batched == BATCH_FRAMES || p->batch_used + len > BATCH_BYTES)
        packet_flush(port);
    if (p->batched == 0)
        timer_set_in(p->loop, &p->flush_timer, 0);
    uint8_t *at = p->batch + p->batch_used;
    memcpy(at, frame, len);
    p->parts[p->batched++] = (struct iovec){at, len};
    p->batch_used += len;
    return 0;
}

/*
 * Carrier as the driver knows it: IFF_RUNNING follows only when the kernel's link watch has run, up
 * to a second later.
 */
static bool carrier(const struct pktport *p, const struct ifreq *flags)
{
    struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
    struct ifreq ifr = request_for(p);
    ifr.ifr_data = (char *)&link;
    if (ioctl(p->fd, SIOCETHTOOL, &ifr) == 0)
        return link.data != 0;
    return (flags->ifr_flags & IFF_RUNNING) != 0;
}

static void link_refresh(struct pktport *p)
{
    struct ifreq ifr = request_for(p);
    bool up =
        ioctl(p->fd, SIOCGIFFLAGS, &ifr) == 0 && (ifr.ifr_flags & IFF_UP) != 0 && carrier(p, &ifr);
    port_link_changed(&p->port, up);
}

/* What the messages say is not read: whatever changed, the flags are asked for afresh. */
static void monitor_ready(void *arg, uint32_t events)
{
    struct pktport *p = arg;
    char buffer[8192];
    (void)events;
    ssize_t n;
    do {
        n = recv(p->monitor, buffer, sizeof(buffer), MSG_DONTWAIT);
    } while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
    link_refresh(p);
}

static void socket_ready(void *arg, uint32_t events)
{
    struct pktport *p = arg;
    if ((events & EPOLLERR) != 0) {
        int error;
        socklen_t len = sizeof(error);
        /* ENETDOWN is said once when the interface goes down; reading it clears it. */
        (void)getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        link_refresh(p);
    }
    pktring_drain(&p->ring, p->loop, &p->port);
}

static int set_admin(struct pktport *p, bool up)
{
    struct ifreq ifr = request_for(p);
    if (ioctl(p->fd, SIOCGIFFLAGS, &ifr) != 0)
        return -1;
    int flags = up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP;
    if (flags == ifr.ifr_flags)
        return 0;
    ifr.ifr_flags = (short)flags;
    return ioctl(p->fd, SIOCSIFFLAGS, &ifr);
}

static int packet_set_up(struct port *port, bool up, struct err *err)
{
    struct pktport *p = (struct pktport *)port;
    packet_flush(port);
    if (set_admin(p, up) != 0) {
        err_set(err, ERR_TESTBED, "interface %s: cannot be set %s: %s", p->ifname,
                up ? "up" : "down", strerror(errno));
        return -1;
    }
    link_refresh(p);
    return 0;
}

static void packet_poll_stats(struct port *port)
{
    struct pktport *p = (struct pktport *)port;
    struct tpacket_stats_v3 s;
    socklen_t len = sizeof(s);
    /* The kernel's counters begin anew at each reading. */
    if (getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &s, &len) == 0)
        port->stats.rx_dropped += s.tp_drops;
}

static void packet_free(struct port *port)
{
    struct pktport *p = (struct pktport *)port;
    packet_flush(port);
    if (p->fd >= 0)
        loop_fd_del(p->loop, p->fd);
    if (p->monitor >= 0)
        loop_fd_del(p->loop, p->monitor);
    pktring_fini(&p->ring);
    if (p->fd >= 0)
        (void)close(p->fd);
    if (p->monitor >= 0)
        (void)close(p->monitor);
    free(p);
}

static const struct port_ops packet_ops = {
    .send = packet_send,
    .flush = packet_flush,
    .set_up = packet_set_up,
    .poll_stats = packet_poll_stats,
    .free = packet_free,
};

static int option(int fd, int name, int value)
{
    return setsockopt(fd, SOL_PACKET, name, &value, sizeof(value));
}

/* The filter stands before the socket is bound: nothing else ever reaches the ring. */
static int attach_filter(int fd, const char *text, struct err *err)
{
    struct bpf_program program;
    pcap_t *compiler = pcap_open_dead(DLT_EN10MB, PORT_FRAME_MAX);
    if (compiler == NULL || pcap_compile(compiler, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        err_set(err, ERR_USE, "capture filter '%s': %s", text,
                compiler == NULL ? "out of memory" : pcap_geterr(compiler));
        if (compiler != NULL)
            pcap_close(compiler);
        return -1;
    }
    /* The kernel's instruction has the layout of libpcap's. */
    struct sock_fprog kernel = {.len = (unsigned short)program.bf_len,
                                .filter = (struct sock_filter *)(void *)program.bf_insns};
    int rc = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &kernel, sizeof(kernel));
    if (rc != 0)
        err_set(err, ERR_TESTBED, "capture filter '%s': %s", text, strerror(errno));
    pcap_freecode(&program);
    pcap_close(compiler);
    return rc;
}

/* Without a protocol the socket gets nothing before it is bound to the one interface. */
static int socket_open(struct pktport *p, const struct pktport_params *params, struct err *err)
{
    p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (p->fd < 0)
        return -1;
    p->ifindex = (int)if_nametoindex(p->ifname);
    if (p->ifindex == 0)
        return -1;
    uint32_t bytes = params->ring_bytes != 0 ? params->ring_bytes : RING_BYTES;
    if (pktring_init(&p->ring, p->fd, bytes) != 0)
        return -1;
    if (params->filter != NULL && attach_filter(p->fd, params->filter, err) != 0)
        return -1;
    int buffer = SEND_BUFFER;
    (void)setsockopt(p->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
    /* Kernels without it deliver our own frames marked as outgoing, and the ring leaves them out.
     */
    if (params->direction == PKTPORT_IN)
        (void)option(p->fd, PACKET_IGNORE_OUTGOING, 1);
    p->ring.incoming = params->direction != PKTPORT_OUT;
    p->ring.outgoing = params->direction != PKTPORT_IN;
    if (params->qdisc_bypass && option(p->fd, PACKET_QDISC_BYPASS, 1) != 0)
        return -1;
    struct packet_mreq promiscuous = {.mr_ifindex = p->ifindex, .mr_type = PACKET_MR_PROMISC};
    struct sockaddr_ll local = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = p->ifindex};
    if (setsockopt(p->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) !=
            0 ||
        set_admin(p, true) != 0)
        return -1;
    return bind(p->fd, (const struct sockaddr *)&local, sizeof(local));
}

static int monitor_open(struct pktport *p)
{
    struct sockaddr_nl local = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    p->monitor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (p->monitor < 0)
        return -1;
    return bind(p->monitor, (const struct sockaddr *)&local, sizeof(local));
}

static int mtu_read(struct pktport *p)
{
    struct ifreq ifr = request_for(p);
    if (ioctl(p->fd, SIOCGIFMTU, &ifr) != 0)
        return -1;
    p->port.mtu = (uint32_t)ifr.ifr_mtu;
    return 0;
}

/* Everything that must happen inside the namespace. */
static int open_here(struct pktport *p, const struct pktport_params *params, struct err *err)
{
    if (if_nametoindex(p->ifname) == 0) {
        err_set(err, ERR_TESTBED, "interface %s does not exist%s%s", p->ifname,
                params->netns != NULL ? " in network namespace " : "",
                params->netns != NULL ? params->netns : "");
        return -1;
    }
    if (!params->force && netns_has_default_route(NULL, p->ifname)) {
        err_set(err, ERR_USE,
                "interface %s carries the default route; the apparatus would disturb the host "
                "(--force takes it all the same)",
                p->ifname);
        return -1;
    }
    if (socket_open(p, params, err) == 0 && monitor_open(p) == 0 && mtu_read(p) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "interface %s: %s", p->ifname,
            errno == EPERM ? "opening a packet socket needs root" : strerror(errno));
    return -1;
}

struct port *pktport_open(struct loop *loop, const struct pktport_params *params, struct err *err)
{
    if (strlen(params->ifname) >= IFNAMSIZ) {
        err_set(err, ERR_TESTBED, "interface %s does not exist: the name is too long",
                params->ifname);
        return NULL;
    }
    int old = params->netns != NULL ? netns_enter(params->netns, err) : -1;
    if (params->netns != NULL && old < 0)
        return NULL;
    struct pktport *p = mem_zalloc(1, sizeof(*p));
    p->port.ops = &packet_ops;
    p->port.name = params->name;
    p->loop = loop;
    p->fd = p->monitor = -1;
    (void)snprintf(p->ifname, sizeof(p->ifname), "%s", params->ifname);
    timer_init(&p->flush_timer, "pktport flush", flush_due, p);
    for (unsigned i = 0; i < BATCH_FRAMES; i++)
        p->messages[i].msg_hdr = (struct msghdr){.msg_iov = &p->parts[i], .msg_iovlen = 1};
    int result = open_here(p, params, err);
    if (old >= 0)
        netns_leave(old);
    if (result == 0) {
        link_refresh(p);
        if (loop_fd_add(loop, p->fd, EPOLLIN, socket_ready, p) == 0 &&
            loop_fd_add(loop, p->monitor, EPOLLIN, monitor_ready, p) == 0)
            return &p->port;
        err_set(err, ERR_TESTBED, "interface %s: %s", p->ifname, strerror(errno));
    }
    packet_free(&p->port);
    return NULL;
}
