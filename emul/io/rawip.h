/*
 * Raw IP sockets for GRE (IP protocol 47) and group membership on them: what a tunnel program in a
 * namespace needs where the kernel has no GRE.
 */
#ifndef MVPN_IO_RAWIP_H
#define MVPN_IO_RAWIP_H

#include "emul/base/addr.h"
#include "emul/base/err.h"

/*
 * rawip_gre_open opens a non-blocking raw socket for protocol 47 in the named namespace (NULL: our
 * own), on the interface ifname, which must have the address src. What is sent to groups has source
 * src and TTL 255 and is not looped back. Send with sendto: the payload begins with the GRE header,
 * the kernel writes the IP header. Receive gives whole IP packets, header included: GRE to the
 * interface's addresses and to the groups joined. SO_RXQ_OVFL is on. -1 with *err.
 */
int rawip_gre_open(const char *netns, ip4_t src, const char *ifname, struct err *err);

/*
 * rawip_gre_sink opens a socket that takes every GRE packet to the namespace's addresses and throws
 * it away, so that the kernel does not tell the senders "protocol unreachable" while a packet
 * socket reads the packets. Nothing is to be read from it; close it at the end. -1 with *err.
 */
int rawip_gre_sink(const char *netns, struct err *err);

/*
 * rawip_join_source joins (source, group), an IGMPv3 source join; rawip_leave_source leaves it. The
 * socket then gets of that group only what the sources joined send. errno tells why it failed:
 * ENOBUFS or ENOMEM when this socket is full and another one may have room.
 */
int rawip_join_source(int fd, ip4_t source, ip4_t group, struct err *err);
int rawip_leave_source(int fd, ip4_t source, ip4_t group, struct err *err);

/*
 * rawip_join joins a group (the kernel then speaks IGMP for it) on the interface that was given to
 * rawip_gre_open; rawip_leave leaves it. -1 with *err. Groups end with the socket. The number a
 * socket may join is net.ipv4.igmp_max_memberships of the namespace.
 */
int rawip_join(int fd, ip4_t group, struct err *err);
int rawip_leave(int fd, ip4_t group, struct err *err);

#endif
