#include "emul/wire/checksum.h"

#include <endian.h>
#include <string.h>

/*
 * The sum of 16-bit words is the same in either byte order up to a swap of the result (RFC 1071
 * section 2 B), so the words are added as they lie in memory, eight bytes at a time.
 */
uint32_t inet_checksum_add(uint32_t sum, const uint8_t *data, size_t len)
{
    uint64_t s = 0;
    for (; len >= 8; data += 8, len -= 8) {
        uint64_t v;
        memcpy(&v, data, 8);
        s += v;
        s += s < v;
    }
    uint64_t tail = 0;
    if (len >= 4) {
        uint32_t v;
        memcpy(&v, data, 4);
        tail = v;
        data += 4;
        len -= 4;
    }
    for (; len > 0; len -= len > 1 ? 2 : 1, data += 2) {
        uint8_t pair[2] = {data[0], len > 1 ? data[1] : 0};
        uint16_t v;
        memcpy(&v, pair, 2);
        tail += v;
    }
    s = (s & UINT32_MAX) + (s >> 32) + tail;
    s = (s & UINT32_MAX) + (s >> 32);
    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    uint64_t total = (uint64_t)sum + be16toh((uint16_t)s);
    return (uint32_t)((total & UINT32_MAX) + (total >> 32));
}

uint16_t inet_checksum_fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint16_t inet_checksum(const uint8_t *data, size_t len)
{
    return inet_checksum_fold(inet_checksum_add(0, data, len));
}

/* RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). */
uint16_t inet_checksum_update(uint16_t checksum, uint16_t old, uint16_t now)
{
    return inet_checksum_fold((uint32_t)(uint16_t)~checksum + (uint16_t)~old + now);
}

uint16_t udp_checksum(ip4_t src, ip4_t dst, const uint8_t *udp, size_t len)
{
    uint32_t pseudo = (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + 17;
    uint16_t sum = inet_checksum_fold(inet_checksum_add(pseudo + (uint32_t)len, udp, len));
    return sum == 0 ? 0xffff : sum;
}
