/* A UDP socket bound to one address and port, not blocking, for small requests between our own
 * programs. */
#ifndef MVPN_IO_UDPSOCK_H
#define MVPN_IO_UDPSOCK_H

#include "emul/base/addr.h"
#include "emul/base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* udpsock_open binds local:port (port 0: any) in the named namespace (NULL: our own). -1 with *err.
 */
int udpsock_open(const char *netns, ip4_t local, uint16_t port, struct err *err);

/* udpsock_send sends one datagram; -1 with errno. */
int udpsock_send(int fd, ip4_t to, uint16_t port, const void *data, size_t len);

/* udpsock_receive takes one datagram and gives its sender; -1 with errno (EAGAIN: none). */
ssize_t udpsock_receive(int fd, void *data, size_t cap, ip4_t *from, uint16_t *port);

#endif
