/*
 * The Register state machine of a DR (RFC 7761 section 4.4.1), as a table only: what a DR keeps of
 * a flow is one byte of state and the Register-Stop Timer. The RP is configured and never changes.
 */
#ifndef MVPN_PIM_REGISTER_SM_H
#define MVPN_PIM_REGISTER_SM_H

#include "emul/proto/pim/fsm.h"
#include "emul/proto/pim/timers.h"

enum pim_reg_state {
    PIM_REG_NOINFO,
    PIM_REG_JOIN, /* packets go to the RP in Registers */
    PIM_REG_JOIN_PENDING,
    PIM_REG_PRUNE,
    PIM_REG_STATES
};

enum pim_reg_event {
    PIM_REG_RST_EXPIRES,
    PIM_REG_COULD_REGISTER,
    PIM_REG_COULD_NOT_REGISTER,
    PIM_REG_RCV_STOP,
    PIM_REG_EVENTS
};

enum pim_reg_action {
    PIM_REG_NONE,
    PIM_REG_ADD_TUNNEL,
    PIM_REG_FORGET,   /* remove the tunnel, stop the timer */
    PIM_REG_SUPPRESS, /* remove the tunnel, RST = rand(0.5, 1.5) * suppression - probe time */
    PIM_REG_PROBE,    /* send a Null-Register, RST = probe time */
    PIM_REG_ACTIONS
};

#define PIM_REG_SUPPRESSION_NS (60 * NS_PER_S)
#define PIM_REG_PROBE_NS       (5 * NS_PER_S)

/* Draft 6.6: 100 Register PDUs/s a DR; a little slower, so that no second holds more. */
#define PIM_REG_GAP_NS (10 * NS_PER_MS + 100 * NS_PER_US)

#endif
