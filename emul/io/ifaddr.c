#include "emul/io/ifaddr.h"

#include "emul/base/mem.h"
#include "emul/io/netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

static char *find(ip4_t address)
{
    struct ifaddrs *list;
    char *found = NULL;
    if (getifaddrs(&list) != 0)
        return NULL;
    for (const struct ifaddrs *i = list; i != NULL && found == NULL; i = i->ifa_next) {
        struct sockaddr_in in;
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&in, i->ifa_addr, sizeof(in));
        if (ntohl(in.sin_addr.s_addr) == address)
            found = mem_strdup(i->ifa_name);
    }
    freeifaddrs(list);
    return found;
}

char *ifaddr_interface(const char *netns, ip4_t address, struct err *err)
{
    char text[IP4_TEXT];
    int old = netns != NULL ? netns_enter(netns, err) : -1;
    if (netns != NULL && old < 0)
        return NULL;
    char *name = find(address);
    if (old >= 0)
        netns_leave(old);
    if (name == NULL)
        err_set(err, ERR_TESTBED, "no interface has the address %s; add it, or name the interface",
                ip4_text(address, text));
    return name;
}
