/*
 * Network namespaces, veth pairs and interface settings, by the kernel's own interfaces where that
 * is simple and by ip(8) in batches where it is not. Every name that a run creates begins with a
 * prefix of the run's own; netns_cleanup removes what a killed run left (DESIGN A.6).
 *
 * Give the two ends of a veth pair different interface indices ("link add ... index N"): the kernel
 * takes an end whose index equals its peer's for no stacked device and tells of its carrier up to a
 * second late; until then the end cannot send.
 */
#ifndef MVPN_IO_NETNS_H
#define MVPN_IO_NETNS_H

#include "emul/base/err.h"

#include <stdbool.h>

/* netns_enter moves the calling thread into the named namespace and returns a descriptor of the
 * old one for netns_leave; -1 with *err. */
int netns_enter(const char *name, struct err *err);
void netns_leave(int old);

/* netns_add creates (netns_del removes, together with its interfaces) a named namespace. */
int netns_add(const char *name, struct err *err);
int netns_del(const char *name, struct err *err);

/* netns_cleanup removes every named namespace whose name begins with prefix; returns how many. */
int netns_cleanup(const char *prefix, struct err *err);

/* netns_sysctl writes /proc/sys/... inside the namespace, e.g. "net/ipv4/ip_forward", "1". */
int netns_sysctl(const char *name, const char *key, const char *value, struct err *err);

/*
 * netns_ip_batch runs the lines through `ip -batch -` in the namespace (NULL: our own); -1 with the
 * first line of what ip said.
 */
int netns_ip_batch(const char *name, const char *lines, struct err *err);

/* netns_offload_off turns checksum and segmentation offloads off (veth: TESTHOSTS). */
int netns_offload_off(const char *name, const char *ifname, struct err *err);

/* netns_has_default_route tells whether ifname carries a default route in the namespace. */
bool netns_has_default_route(const char *name, const char *ifname);

#endif
