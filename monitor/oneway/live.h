/* What both hosts of a live measurement share. */
#ifndef MVPN_ONEWAY_LIVE_H
#define MVPN_ONEWAY_LIVE_H

#include "emul/loop/loop.h"
#include "monitor/oneway/file.h"
#include "monitor/oneway/seen.h"

#include <signal.h>

/* Flow numbers of probes; the VPN field holds the run's number. */
enum { FLOW_WARM_UP = 1, FLOW_DIRECT, FLOW_REFLECTED, FLOW_WARM_REFLECTED };

/* live_open opens the tunnels of a host on a real loop; NULL with *err. */
struct tunnels *live_open(struct loop *loop, const struct oneway_file *f, ip4_t local,
                          struct err *err);

/* live_wait lets the loop run for a time; true when *stop was set. */
bool live_wait(struct loop *loop, int64_t ns, const volatile sig_atomic_t *stop);

/* How often group membership is said again in a tunnel. */
#define LIVE_JOIN_NS (30 * NS_PER_S)

#endif
