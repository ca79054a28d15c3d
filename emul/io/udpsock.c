#include "emul/io/udpsock.h"

#include "emul/io/netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in place(ip4_t address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

int udpsock_open(const char *netns, ip4_t local, uint16_t port, struct err *err)
{
    char text[IP4_TEXT];
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return -1;
    struct sockaddr_in at = place(local, port);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
        err_set(err, ERR_TESTBED, "UDP %s:%u: %s", ip4_text(local, text), port, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        fd = -1;
    }
    if (old >= 0)
        netns_leave(old);
    return fd;
}

int udpsock_send(int fd, ip4_t to, uint16_t port, const void *data, size_t len)
{
    struct sockaddr_in at = place(to, port);
    ssize_t n = sendto(fd, data, len, 0, (const struct sockaddr *)&at, sizeof(at));
    return n == (ssize_t)len ? 0 : -1;
}

ssize_t udpsock_receive(int fd, void *data, size_t cap, ip4_t *from, uint16_t *port)
{
    struct sockaddr_in at = {0};
    socklen_t len = sizeof(at);
    ssize_t n = recvfrom(fd, data, cap, 0, (struct sockaddr *)&at, &len);
    *from = ntohl(at.sin_addr.s_addr);
    *port = ntohs(at.sin_port);
    return n;
}
