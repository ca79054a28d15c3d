#include "harness/dut/mti_joins.h"

#include "emul/io/rawip.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

int mti_joins_open(struct mti_joins *j, struct err *err)
{
    if (j->count == MTI_SOCKETS_MAX) {
        err_set(err, ERR_TESTBED, "no more than %u raw sockets for groups", MTI_SOCKETS_MAX);
        return -1;
    }
    int fd = rawip_gre_open(j->netns, j->source, j->interface, err);
    if (fd < 0)
        return -1;
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = j->tag + j->count};
    if (epoll_ctl(j->poll, EPOLL_CTL_ADD, fd, &ev) < 0) {
        err_set(err, ERR_TESTBED, "epoll: %s", strerror(errno));
        close(fd);
        return -1;
    }
    j->overflow_seen[j->count] = 0;
    j->fd[j->count++] = fd;
    return 0;
}

void mti_joins_close(struct mti_joins *j)
{
    while (j->count > 0)
        close(j->fd[--j->count]);
}

int mti_joins_group(struct mti_joins *j, ip4_t group, struct err *err)
{
    return rawip_join(j->fd[0], group, err);
}

int mti_joins_source(struct mti_joins *j, ip4_t source, ip4_t group, struct err *err)
{
    struct err full = {0};
    int last = (int)j->count - 1;
    if (rawip_join_source(j->fd[last], source, group, &full) == 0)
        return last;
    if ((errno != ENOBUFS && errno != ENOMEM) || mti_joins_open(j, &full) < 0) {
        *err = full;
        return -1;
    }
    return rawip_join_source(j->fd[last + 1], source, group, err) < 0 ? -1 : last + 1;
}

void mti_joins_leave(struct mti_joins *j, int socket_number, ip4_t source, ip4_t group)
{
    struct err ignored = {0}; /* the membership ends with the socket at the latest */
    (void)rawip_leave_source(j->fd[socket_number], source, group, &ignored);
}
