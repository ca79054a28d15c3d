/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624). */
#ifndef MVPN_WIRE_CHECKSUM_H
#define MVPN_WIRE_CHECKSUM_H

#include "emul/base/addr.h"

#include <stddef.h>
#include <stdint.h>

/* inet_checksum returns the checksum of len bytes (0 when they include a right one). */
uint16_t inet_checksum(const uint8_t *data, size_t len);

/* inet_checksum_add folds len bytes into a running 32-bit sum, inet_checksum_fold finishes it. */
uint32_t inet_checksum_add(uint32_t sum, const uint8_t *data, size_t len);
uint16_t inet_checksum_fold(uint32_t sum);

/* inet_checksum_update returns the checksum after one 16-bit word changed from old to now. */
uint16_t inet_checksum_update(uint16_t checksum, uint16_t old, uint16_t now);

/* udp_checksum is over pseudo-header, UDP header and payload; never returns 0 (RFC 768). */
uint16_t udp_checksum(ip4_t src, ip4_t dst, const uint8_t *udp, size_t len);

#endif
