#include "emul/io/netns.h"

#include "emul/io/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where ip(8) keeps its named namespaces. */
#define NETNS_DIR "/run/netns"
#define NAME_ROOM 256

/* A name becomes part of paths and command lines. */
static int name_check(const char *name, struct err *err)
{
    size_t len = strlen(name);
    if (len > 0 && len < NAME_ROOM - sizeof(NETNS_DIR) && name[0] != '-' && name[0] != '.' &&
        strchr(name, '/') == NULL)
        return 0;
    err_set(err, ERR_USE, "'%s' is not a name for a network namespace", name);
    return -1;
}

int netns_enter(const char *name, struct err *err)
{
    char path[sizeof(NETNS_DIR) + NAME_ROOM];
    if (name_check(name, err) != 0)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
    int target = open(path, O_RDONLY | O_CLOEXEC);
    if (target < 0) {
        err_set(err, ERR_TESTBED, "network namespace %s: %s", name,
                errno == ENOENT ? "does not exist" : strerror(errno));
        return -1;
    }
    int old = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (old >= 0 && setns(target, CLONE_NEWNET) == 0) {
        (void)close(target);
        return old;
    }
    err_set(err, ERR_TESTBED, "network namespace %s: %s", name,
            errno == EPERM ? "entering it needs root" : strerror(errno));
    if (old >= 0)
        (void)close(old);
    (void)close(target);
    return -1;
}

void netns_leave(int old)
{
    if (setns(old, CLONE_NEWNET) != 0)
        fatal("cannot return to the own network namespace: %s", strerror(errno));
    (void)close(old);
}

static int ip_netns(const char *verb, const char *name, struct err *err)
{
    if (name_check(name, err) != 0)
        return -1;
    const char *argv[] = {"ip", "netns", verb, name, NULL};
    return spawn_wait(argv, NULL, err);
}

int netns_add(const char *name, struct err *err)
{
    return ip_netns("add", name, err);
}

int netns_del(const char *name, struct err *err)
{
    return ip_netns("del", name, err);
}

int netns_cleanup(const char *prefix, struct err *err)
{
    if (prefix[0] == '\0') {
        err_set(err, ERR_USE, "cleaning up network namespaces needs a prefix");
        return -1;
    }
    DIR *dir = opendir(NETNS_DIR);
    if (dir == NULL)
        return 0;
    int removed = 0;
    bool failed = false;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        if (netns_del(e->d_name, err) == 0)
            removed++;
        else
            failed = true;
    }
    (void)closedir(dir);
    return failed ? -1 : removed;
}

int netns_sysctl(const char *name, const char *key, const char *value, struct err *err)
{
    char path[NAME_ROOM];
    int length = snprintf(path, sizeof(path), "/proc/sys/%s", key);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        err_set(err, ERR_USE, "%s: no such kernel setting", key);
        return -1;
    }
    int old = netns_enter(name, err);
    if (old < 0)
        return -1;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? write(fd, value, strlen(value)) : -1;
    if (n < 0)
        err_set(err, ERR_TESTBED, "network namespace %s: %s = %s: %s", name, key, value,
                strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    netns_leave(old);
    return n < 0 ? -1 : 0;
}

int netns_ip_batch(const char *name, const char *lines, struct err *err)
{
    if (name == NULL) {
        const char *argv[] = {"ip", "-batch", "-", NULL};
        return spawn_wait(argv, lines, err);
    }
    if (name_check(name, err) != 0)
        return -1;
    const char *argv[] = {"ip", "-n", name, "-batch", "-", NULL};
    if (spawn_wait(argv, lines, err) == 0)
        return 0;
    err_prefix(err, "network namespace %s", name);
    return -1;
}

static int offload_off_here(const char *ifname)
{
    static const uint32_t commands[] = {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM,
                                        ETHTOOL_SRXCSUM};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result = fd < 0 ? -1 : 0;
    for (size_t i = 0; result == 0 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct ethtool_value value = {.cmd = commands[i], .data = 0};
        struct ifreq ifr = {.ifr_data = (char *)&value};
        (void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
        /* A driver without the feature has nothing to turn off. */
        if (ioctl(fd, SIOCETHTOOL, &ifr) != 0 && errno != EOPNOTSUPP)
            result = -1;
    }
    int error = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = error;
    return result;
}

int netns_offload_off(const char *name, const char *ifname, struct err *err)
{
    int old = name != NULL ? netns_enter(name, err) : -1;
    if (name != NULL && old < 0)
        return -1;
    int result = offload_off_here(ifname);
    if (result != 0)
        err_set(err, ERR_TESTBED, "interface %s: turning offloads off: %s", ifname,
                strerror(errno));
    if (old >= 0)
        netns_leave(old);
    return result;
}

/* One line of /proc/net/route: interface, destination, gateway, flags, 3 counters, mask. */
static bool ip4_default_on(const char *line, const char *ifname)
{
    char name[IFNAMSIZ + 1];
    unsigned destination, mask;
    return sscanf(line, "%16s %x %*x %*x %*d %*d %*d %x", name, &destination, &mask) == 3 &&
           destination == 0 && mask == 0 && strcmp(name, ifname) == 0;
}

/*
 * One line of /proc/net/ipv6_route: destination, its length, source, its length, gateway, 3
 * counters, flags, interface. The kernel lists "unreachable" as a default route on lo.
 */
static bool ip6_default_on(const char *line, const char *ifname)
{
    char name[IFNAMSIZ + 1];
    unsigned length, flags;
    return sscanf(line, "%*s %x %*s %*x %*s %*x %*x %*x %x %16s", &length, &flags, name) == 3 &&
           length == 0 && (flags & RTF_REJECT) == 0 && strcmp(name, ifname) == 0;
}

static bool any_line(const char *path, const char *ifname,
                     bool (*matches)(const char *, const char *))
{
    char line[512];
    bool found = false;
    FILE *f = fopen(path, "re");
    while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
        found = matches(line, ifname);
    if (f != NULL)
        (void)fclose(f);
    return found;
}

bool netns_has_default_route(const char *name, const char *ifname)
{
    int old = name != NULL ? netns_enter(name, NULL) : -1;
    if (name != NULL && old < 0)
        return false;
    bool found = any_line("/proc/thread-self/net/route", ifname, ip4_default_on) ||
                 any_line("/proc/thread-self/net/ipv6_route", ifname, ip6_default_on);
    if (old >= 0)
        netns_leave(old);
    return found;
}
