/*
 * Addresses. IPv4 addresses are uint32_t in host order everywhere above emul/wire; MAC addresses
 * are six bytes in wire order. Formatting writes into a caller's buffer and returns it.
 */
#ifndef MVPN_BASE_ADDR_H
#define MVPN_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t ip4_t;

#define IP4(a, b, c, d) (((ip4_t)(a) << 24) | ((ip4_t)(b) << 16) | ((ip4_t)(c) << 8) | (ip4_t)(d))

#define IP4_TEXT 16
#define MAC_TEXT 18

struct mac {
    uint8_t b[6];
};

struct ip4_prefix {
    ip4_t addr;
    uint8_t len;
};

static inline ip4_t ip4_mask(unsigned len)
{
    return len == 0 ? 0 : (ip4_t)(UINT32_MAX << (32 - len));
}

static inline bool ip4_in(ip4_t addr, struct ip4_prefix p)
{
    return ((addr ^ p.addr) & ip4_mask(p.len)) == 0;
}

static inline bool ip4_is_multicast(ip4_t addr)
{
    return (addr >> 28) == 14;
}

/* mac_of_group returns the Ethernet address of an IPv4 group (RFC 1112 section 6.4). */
static inline struct mac mac_of_group(ip4_t group)
{
    return (struct mac){
        {0x01, 0x00, 0x5e, (uint8_t)(group >> 16 & 0x7f), (uint8_t)(group >> 8), (uint8_t)group}};
}

bool mac_equal(struct mac a, struct mac b);

/* ip4_text writes dotted quad into buf. */
char *ip4_text(ip4_t addr, char buf[IP4_TEXT]);

/* mac_text writes aa:bb:cc:dd:ee:ff into buf. */
char *mac_text(struct mac m, char buf[MAC_TEXT]);

/* ip4_parse reads a dotted quad; false if text is anything else. */
bool ip4_parse(const char *text, ip4_t *out);

/* ip4_prefix_parse reads a.b.c.d/len (or an address, then /32). */
bool ip4_prefix_parse(const char *text, struct ip4_prefix *out);

#endif
