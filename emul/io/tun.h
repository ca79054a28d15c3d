/*
 * TUN devices: an interface whose packets are read and written by a program of ours.
 */
#ifndef MVPN_IO_TUN_H
#define MVPN_IO_TUN_H

#include "emul/base/err.h"

/*
 * tun_open makes the TUN device ifname in the named namespace (NULL: our own) and returns its
 * descriptor: non-blocking, one whole IP packet a read or write, no header in front. The device
 * lives as long as the descriptor; its address and state are set with netns_ip_batch. -1 with *err.
 */
int tun_open(const char *netns, const char *ifname, struct err *err);

#endif
