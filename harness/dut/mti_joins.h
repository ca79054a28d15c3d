/*
 * Groups that the GRE program has joined, on as many raw sockets as that takes: a socket holds as
 * many memberships as net.core.optmem_max and igmp_max_msf let it. The first socket also sends.
 */
#ifndef MVPN_DUT_MTI_JOINS_H
#define MVPN_DUT_MTI_JOINS_H

#include "emul/base/addr.h"
#include "emul/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define MTI_SOCKETS_MAX 64u

struct mti_joins {
    const char *netns, *interface;
    ip4_t source;
    int poll;     /* epoll instance that the sockets are added to */
    uint64_t tag; /* of socket 0 there; socket i has tag + i */
    size_t count; /* sockets */
    int fd[MTI_SOCKETS_MAX];
    uint32_t overflow_seen[MTI_SOCKETS_MAX]; /* SO_RXQ_OVFL runs on from the start */
};

/* mti_joins_open opens one more socket; -1 with *err. */
int mti_joins_open(struct mti_joins *j, struct err *err);
void mti_joins_close(struct mti_joins *j);

/* mti_joins_group joins a group whoever sends to it, on socket 0; -1 with *err. */
int mti_joins_group(struct mti_joins *j, ip4_t group, struct err *err);

/* mti_joins_source joins (source, group); returns the socket's number, or -1 with *err. */
int mti_joins_source(struct mti_joins *j, ip4_t source, ip4_t group, struct err *err);

/* mti_joins_leave leaves what mti_joins_source has joined on that socket. */
void mti_joins_leave(struct mti_joins *j, int socket_number, ip4_t source, ip4_t group);

#endif
