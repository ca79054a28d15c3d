/* Timer values of PIM-SM (RFC 7761 section 4.11) and the pacing of the draft (section 6.6). */
#ifndef MVPN_PIM_TIMERS_H
#define MVPN_PIM_TIMERS_H

#include "emul/base/instant.h"

#define PIM_HELLO_PERIOD_NS     (30 * NS_PER_S)
#define PIM_TRIGGERED_HELLO_NS  (5 * NS_PER_S)
#define PIM_HELLO_HOLDTIME_S    105
#define PIM_JP_PERIOD_NS        (60 * NS_PER_S)
#define PIM_JP_HOLDTIME_S       210
#define PIM_PROPAGATION_MS      500
#define PIM_OVERRIDE_MS         2500
#define PIM_KEEPALIVE_S         210
#define PIM_SUPPRESSED_MIN_NS   (66 * NS_PER_S) /* rand(1.1, 1.4) * t_periodic */
#define PIM_SUPPRESSED_RANGE_NS (18 * NS_PER_S)

/* Draft 6.6: at most 80 entries a PDU and 10 PDU/s a session. The gap is a little more than 100 ms
 * so that no interval of one second, ends included, holds eleven. */
#define PIM_PDU_ENTRIES 80
#define PIM_PDU_GAP_NS  (100 * NS_PER_MS + 100 * NS_PER_US)

#endif
