#include "emul/io/rawip.h"

#include "emul/io/netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GRE_TTL       255
#define BUFFER_WANTED (8 * 1024 * 1024) /* a burst of all VPNs must fit */

static int option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

/*
 * The socket is not bound to src: a bound raw socket gets nothing that is sent to a group. The
 * source of what goes to groups is the address given with IP_MULTICAST_IF. IP_MULTICAST_ALL is off:
 * groups that another socket of the namespace has joined are not for this one.
 */
static int configure(int fd, ip4_t src, const char *ifname)
{
    struct ip_mreqn out = {.imr_address.s_addr = htonl(src),
                           .imr_ifindex = (int)if_nametoindex(ifname)};
    if (out.imr_ifindex == 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname) + 1) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out)) != 0 ||
        option(fd, IPPROTO_IP, IP_MULTICAST_TTL, GRE_TTL) != 0 ||
        option(fd, IPPROTO_IP, IP_TTL, GRE_TTL) != 0 ||
        option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) != 0 ||
        option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) != 0)
        return -1;
    /* The kernel counts what did not fit; both are best effort. */
    (void)option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (option(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_WANTED) != 0)
        (void)option(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_WANTED);
    if (option(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_WANTED) != 0)
        (void)option(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_WANTED);
    return 0;
}

int rawip_gre_open(const char *netns, ip4_t src, const char *ifname, struct err *err)
{
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return -1;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_GRE);
    if (fd < 0) {
        err_set(err, ERR_TESTBED, "raw GRE socket: %s",
                errno == EPERM ? "needs root" : strerror(errno));
    } else if (configure(fd, src, ifname) != 0) {
        err_set(err, ERR_TESTBED, "raw GRE socket on %s: %s", ifname, strerror(errno));
        (void)close(fd);
        fd = -1;
    }
    if (old >= 0)
        netns_leave(old);
    return fd;
}

int rawip_gre_sink(const char *netns, struct err *err)
{
    struct sock_filter nothing[] = {{.code = BPF_RET | BPF_K}};
    struct sock_fprog filter = {.len = 1, .filter = nothing};
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return -1;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_GRE);
    if (fd < 0)
        err_set(err, ERR_TESTBED, "raw GRE socket: %s",
                errno == EPERM ? "needs root" : strerror(errno));
    else
        (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
    if (old >= 0)
        netns_leave(old);
    return fd;
}

static int membership(int fd, int change, const char *verb, ip4_t group, struct err *err)
{
    char text[IP4_TEXT];
    struct ip_mreqn request = {.imr_multiaddr.s_addr = htonl(group)};
    socklen_t len = sizeof(request.imr_address);
    /* The kernel tells the address that IP_MULTICAST_IF was given: it names the interface too. */
    if (getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request.imr_address, &len) == 0 &&
        setsockopt(fd, IPPROTO_IP, change, &request, sizeof(request)) == 0)
        return 0;
    err_set(err, ERR_TESTBED, "%s group %s: %s", verb, ip4_text(group, text), strerror(errno));
    return -1;
}

int rawip_join(int fd, ip4_t group, struct err *err)
{
    return membership(fd, IP_ADD_MEMBERSHIP, "joining", group, err);
}

int rawip_leave(int fd, ip4_t group, struct err *err)
{
    return membership(fd, IP_DROP_MEMBERSHIP, "leaving", group, err);
}

static int source_membership(int fd, int change, const char *verb, ip4_t source, ip4_t group,
                             struct err *err)
{
    char s[IP4_TEXT], g[IP4_TEXT];
    struct ip_mreq_source request = {.imr_multiaddr.s_addr = htonl(group),
                                     .imr_sourceaddr.s_addr = htonl(source)};
    socklen_t len = sizeof(request.imr_interface);
    if (getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request.imr_interface, &len) == 0 &&
        setsockopt(fd, IPPROTO_IP, change, &request, sizeof(request)) == 0)
        return 0;
    int why = errno;
    err_set(err, ERR_TESTBED, "%s (%s, %s): %s", verb, ip4_text(source, s), ip4_text(group, g),
            strerror(why));
    errno = why;
    return -1;
}

int rawip_join_source(int fd, ip4_t source, ip4_t group, struct err *err)
{
    return source_membership(fd, IP_ADD_SOURCE_MEMBERSHIP, "joining", source, group, err);
}

int rawip_leave_source(int fd, ip4_t source, ip4_t group, struct err *err)
{
    return source_membership(fd, IP_DROP_SOURCE_MEMBERSHIP, "leaving", source, group, err);
}
