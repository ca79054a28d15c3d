/* Hellos sent (RFC 7761 4.3.1): first after rand(0, 5 s), then every 30 s, triggered ones between.
 */
#ifndef MVPN_REFPE_HELLO_H
#define MVPN_REFPE_HELLO_H

#include "emul/refpe/pe.h"

#define HELLO_PERIOD_S          30
#define HELLO_HOLDTIME_S        105
#define TRIGGERED_HELLO_DELAY_S 5
#define PROPAGATION_DELAY_MS    500
#define OVERRIDE_INTERVAL_MS    2500
#define HELLO_DR_PRIORITY       1

/* hello_start arms the first Hello: after a random phase, or at once after a recovery. */
void hello_start(struct refpe *pe, uint32_t iface, bool at_once);
void hello_stop(struct refpe *pe, uint32_t iface);

/* hello_trigger arms a triggered Hello after rand(0, 5 s), unless one is armed. */
void hello_trigger(struct refpe *pe, uint32_t iface);

/* hello_before_jp sends the Hello that must precede a Join/Prune (RFC 7761 4.3.1). */
void hello_before_jp(struct refpe *pe, uint32_t iface);

/* The agenda's calls. */
void hello_periodic(struct refpe *pe, uint32_t iface);
void hello_triggered(struct refpe *pe, uint32_t iface);

#endif
