#include "emul/io/tun.h"

#include "emul/io/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_here(const char *ifname)
{
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    struct ifreq ifr = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    (void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
    if (ioctl(fd, TUNSETIFF, &ifr) == 0)
        return fd;
    int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

int tun_open(const char *netns, const char *ifname, struct err *err)
{
    if (strlen(ifname) >= IFNAMSIZ) {
        err_set(err, ERR_USE, "interface name %s is too long", ifname);
        return -1;
    }
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return -1;
    int fd = open_here(ifname);
    if (fd < 0)
        err_set(err, ERR_TESTBED, "TUN device %s: %s", ifname,
                errno == EPERM ? "needs root" : strerror(errno));
    if (old >= 0)
        netns_leave(old);
    return fd;
}
