#include "emul/base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mac_equal(struct mac a, struct mac b)
{
    return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

char *ip4_text(ip4_t addr, char buf[IP4_TEXT])
{
    (void)snprintf(buf, IP4_TEXT, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 0xff, addr >> 8 & 0xff,
                   addr & 0xff);
    return buf;
}

char *mac_text(struct mac m, char buf[MAC_TEXT])
{
    (void)snprintf(buf, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", m.b[0], m.b[1], m.b[2], m.b[3],
                   m.b[4], m.b[5]);
    return buf;
}

bool ip4_parse(const char *text, ip4_t *out)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        return false;
    *out = ntohl(in.s_addr);
    return true;
}

bool ip4_prefix_parse(const char *text, struct ip4_prefix *out)
{
    char addr[IP4_TEXT];
    const char *slash = strchr(text, '/');
    size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (n >= sizeof(addr))
        return false;
    memcpy(addr, text, n);
    addr[n] = '\0';
    if (!ip4_parse(addr, &out->addr))
        return false;
    out->len = 32;
    if (slash == NULL)
        return true;
    char *end;
    unsigned long len = strtoul(slash + 1, &end, 10);
    if (end == slash + 1 || *end != '\0' || len > 32)
        return false;
    out->len = (uint8_t)len;
    return true;
}
