#include "emul/io/rawout.h"

#include "emul/io/netns.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_WANTED (4 * 1024 * 1024)
#define HEADER_BYTES  20u
#define DESTINATION   16u

int rawout_open(const char *netns, struct err *err)
{
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return -1;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0)
        err_set(err, ERR_TESTBED, "raw IP socket: %s",
                errno == EPERM ? "needs root" : strerror(errno));
    if (old >= 0)
        netns_leave(old);
    int buffer = BUFFER_WANTED;
    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
    return fd;
}

int rawout_send(int fd, const uint8_t *packet, size_t len)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (len < HEADER_BYTES) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&to.sin_addr, packet + DESTINATION, sizeof(to.sin_addr));
    ssize_t n = sendto(fd, packet, len, MSG_DONTWAIT, (const struct sockaddr *)&to, sizeof(to));
    return n == (ssize_t)len ? 0 : -1;
}
