/*
 * Looking into the FRR PE from outside its protocols: IGMP on the veth between the GRE program (an
 * ordinary Linux host) and pimd, and what a run has left on the machine.
 */
#ifndef MVPN_TESTS_LIVE_FRR_WATCH_H
#define MVPN_TESTS_LIVE_FRR_WATCH_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"

#include <stdbool.h>
#include <sys/types.h>

#define WATCH_MDTS 4

/* What arrives at one interface: at m0 the host's reports, at g0 the router's queries. */
struct watch {
    struct port *port;
    unsigned queries, reports, undecodable;
    unsigned query_version, report_version;
    bool joined[WATCH_MDTS + 1]; /* MDT group of VPN v was reported */
};

/* watch_init opens a port on ifname in this process's namespace of that kind ('p', 'g', 'a'). */
void watch_init(struct watch *w, struct loop *loop, char kind, const char *ifname);
void watch_fini(struct watch *w);

/* watch_leftover tells (and prints) whether namespaces, directories or processes of a run of the
 * process pid are still there. */
bool watch_leftover(pid_t pid);

#endif
