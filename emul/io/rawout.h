/*
 * A raw socket that sends whole IPv4 packets, header and source address as they are given; the
 * kernel routes them (and fills in identification and checksum where they are 0).
 */
#ifndef MVPN_IO_RAWOUT_H
#define MVPN_IO_RAWOUT_H

#include "emul/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* rawout_open opens it in the named namespace (NULL: our own), not blocking. -1 with *err. */
int rawout_open(const char *netns, struct err *err);

/* rawout_send sends one packet to its destination address; -1 with errno. */
int rawout_send(int fd, const uint8_t *packet, size_t len);

#endif
