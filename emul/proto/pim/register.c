#include "emul/proto/pim/register.h"

static const char *const state_names[] = {"NoInfo", "Join", "JoinPending", "Prune"};
static const char *const event_names[] = {"RegisterStopTimerExpires", "CouldRegister->True",
                                          "CouldRegister->False", "RcvRegisterStop"};
static const char *const action_names[] = {"none", "add_tunnel", "forget", "suppress",
                                           "send_null_register"};

static const struct fsm_cell grid[PIM_REG_STATES][PIM_REG_EVENTS] = {
    [PIM_REG_NOINFO] =
        {
            [PIM_REG_RST_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_REG_COULD_REGISTER] = FSM_TO(PIM_REG_ADD_TUNNEL, PIM_REG_JOIN, "RFC 7761 4.4.1"),
            [PIM_REG_COULD_NOT_REGISTER] = FSM_STAY("already so"),
            [PIM_REG_RCV_STOP] = FSM_STAY("RFC 7761 4.4.1"),
        },
    [PIM_REG_JOIN] =
        {
            [PIM_REG_RST_EXPIRES] = FSM_NEVER("the timer does not run"),
            [PIM_REG_COULD_REGISTER] = FSM_STAY("already so"),
            [PIM_REG_COULD_NOT_REGISTER] = FSM_TO(PIM_REG_FORGET, PIM_REG_NOINFO, "RFC 7761 4.4.1"),
            [PIM_REG_RCV_STOP] = FSM_TO(PIM_REG_SUPPRESS, PIM_REG_PRUNE, "RFC 7761 4.4.1"),
        },
    [PIM_REG_JOIN_PENDING] =
        {
            [PIM_REG_RST_EXPIRES] = FSM_TO(PIM_REG_ADD_TUNNEL, PIM_REG_JOIN, "RFC 7761 4.4.1"),
            [PIM_REG_COULD_REGISTER] = FSM_STAY("already so"),
            [PIM_REG_COULD_NOT_REGISTER] = FSM_TO(PIM_REG_FORGET, PIM_REG_NOINFO, "RFC 7761 4.4.1"),
            [PIM_REG_RCV_STOP] = FSM_TO(PIM_REG_SUPPRESS, PIM_REG_PRUNE, "RFC 7761 4.4.1"),
        },
    [PIM_REG_PRUNE] =
        {
            [PIM_REG_RST_EXPIRES] = FSM_TO(PIM_REG_PROBE, PIM_REG_JOIN_PENDING, "RFC 7761 4.4.1"),
            [PIM_REG_COULD_REGISTER] = FSM_STAY("already so"),
            [PIM_REG_COULD_NOT_REGISTER] = FSM_TO(PIM_REG_FORGET, PIM_REG_NOINFO, "RFC 7761 4.4.1"),
            [PIM_REG_RCV_STOP] = FSM_STAY("RFC 7761 4.4.1"),
        },
};

const struct fsm_table pim_fsm_register = {
    .name = "pim-register",
    .title = "Register state of a flow at its DR (RFC 7761 4.4.1)",
    .states = PIM_REG_STATES,
    .events = PIM_REG_EVENTS,
    .actions = PIM_REG_ACTIONS,
    .state_names = state_names,
    .event_names = event_names,
    .action_names = action_names,
    .cells = &grid[0][0],
};
