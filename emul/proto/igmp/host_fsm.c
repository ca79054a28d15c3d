/* The two machines of a membership as tables. */
#include "emul/proto/igmp/host_set.h"

static const char *const v2_states[] = {"NonMember", "DelayingMember", "IdleMember"};
static const char *const v2_events[] = {"JoinGroup",      "LeaveGroup",   "QueryReceived",
                                        "ReportReceived", "TimerRepeats", "TimerExpires",
                                        "InterfaceUp"};
static const char *const v2_actions[] = {"none",     "start_join",  "send_leave",   "start_answer",
                                         "suppress", "send_report", "repeat_report"};

static const struct fsm_cell v2_grid[V2_STATES][V2_EVENTS] = {
    [V2_NON_MEMBER] =
        {
            [V2_JOIN] = FSM_TO(V2_START_JOIN, V2_DELAYING, "RFC 2236 6"),
            [V2_LEAVE] = FSM_STAY("already so"),
            [V2_QUERY] = FSM_STAY("RFC 2236 6"),
            [V2_REPORT] = FSM_STAY("RFC 2236 6"),
            [V2_TIMER_REPEATS] = FSM_NEVER("the timer does not run"),
            [V2_TIMER_EXPIRES] = FSM_NEVER("the timer does not run"),
            [V2_INTERFACE_UP] = FSM_STAY("nothing to report"),
        },
    [V2_DELAYING] =
        {
            [V2_JOIN] = FSM_STAY("already so"),
            [V2_LEAVE] = FSM_TO(V2_START_LEAVE, V2_NON_MEMBER, "RFC 2236 6"),
            [V2_QUERY] = FSM_TO(V2_START_ANSWER, V2_DELAYING, "RFC 2236 6"),
            [V2_REPORT] = FSM_TO(V2_SUPPRESS, V2_IDLE, "RFC 2236 6"),
            [V2_TIMER_REPEATS] = FSM_TO(V2_SEND_REPEAT, V2_DELAYING, "RFC 2236 3"),
            [V2_TIMER_EXPIRES] = FSM_TO(V2_SEND, V2_IDLE, "RFC 2236 6"),
            [V2_INTERFACE_UP] = FSM_TO(V2_START_JOIN, V2_DELAYING, "RFC 2236 3"),
        },
    [V2_IDLE] =
        {
            [V2_JOIN] = FSM_STAY("already so"),
            [V2_LEAVE] = FSM_TO(V2_START_LEAVE, V2_NON_MEMBER, "RFC 2236 6"),
            [V2_QUERY] = FSM_TO(V2_START_ANSWER, V2_DELAYING, "RFC 2236 6"),
            [V2_REPORT] = FSM_STAY("RFC 2236 6"),
            [V2_TIMER_REPEATS] = FSM_NEVER("the timer does not run"),
            [V2_TIMER_EXPIRES] = FSM_NEVER("the timer does not run"),
            [V2_INTERFACE_UP] = FSM_TO(V2_START_JOIN, V2_DELAYING, "RFC 2236 3"),
        },
};

const struct fsm_table igmp_fsm_v2 = {
    .name = "igmp-v2-host",
    .title = "Membership of an IGMPv2 host, also of one that speaks version 1 (RFC 2236 6)",
    .states = V2_STATES,
    .events = V2_EVENTS,
    .actions = V2_ACTIONS,
    .state_names = v2_states,
    .event_names = v2_events,
    .action_names = v2_actions,
    .cells = &v2_grid[0][0],
};

static const char *const v3_states[] = {"NonMember",    "Changing",       "Idle",
                                        "PendingGroup", "PendingSources", "Leaving"};
static const char *const v3_events[] = {"JoinGroup",   "LeaveGroup",        "GroupQuery",
                                        "SourceQuery", "AnsweredInGeneral", "RecordSentRepeats",
                                        "RecordSent",  "InterfaceUp"};
static const char *const v3_actions[] = {"none",        "start_join", "start_leave", "start_answer",
                                         "add_sources", "repeat",     "stop_timer",  "forget"};

static const struct fsm_cell v3_grid[V3_STATES][V3_EVENTS] =
    {
        [V3_NON_MEMBER] =
            {
                [V3_JOIN] = FSM_TO(V3_START_JOIN, V3_CHANGING, "RFC 3376 5.1"),
                [V3_LEAVE] = FSM_STAY("already so"),
                [V3_GROUP_QUERY] = FSM_STAY("RFC 3376 5.2"),
                [V3_SOURCE_QUERY] = FSM_STAY("RFC 3376 5.2"),
                [V3_ANSWERED] = FSM_NEVER("has no record"),
                [V3_TIMER_REPEATS] = FSM_NEVER("the timer does not run"),
                [V3_TIMER_EXPIRES] = FSM_NEVER("the timer does not run"),
                [V3_INTERFACE_UP] = FSM_STAY("nothing to report"),
            },
        /* A state-change record refreshes as an answer does, so a query only brings it forward. */
        [V3_CHANGING] =
            {
                [V3_JOIN] = FSM_STAY("already so"),
                [V3_LEAVE] = FSM_TO(V3_START_LEAVE, V3_LEAVING, "RFC 3376 5.1"),
                [V3_GROUP_QUERY] = FSM_TO(V3_START_ANSWER, V3_CHANGING, "RFC 3376 5.2"),
                [V3_SOURCE_QUERY] = FSM_TO(V3_START_ANSWER, V3_CHANGING, "RFC 3376 5.2"),
                [V3_ANSWERED] = FSM_STAY("the repeats go on"),
                [V3_TIMER_REPEATS] = FSM_TO(V3_REPEAT, V3_CHANGING, "RFC 3376 5.1"),
                [V3_TIMER_EXPIRES] = FSM_TO(V3_DONE, V3_IDLE, "RFC 3376 5.1"),
                [V3_INTERFACE_UP] = FSM_TO(V3_START_JOIN, V3_CHANGING, "RFC 3376 5.1"),
            },
        [V3_IDLE] =
            {
                [V3_JOIN] = FSM_STAY("already so"),
                [V3_LEAVE] = FSM_TO(V3_START_LEAVE, V3_LEAVING, "RFC 3376 5.1"),
                [V3_GROUP_QUERY] = FSM_TO(V3_START_ANSWER, V3_PENDING_GROUP, "RFC 3376 5.2"),
                [V3_SOURCE_QUERY] = FSM_TO(V3_ADD_SOURCES, V3_PENDING_SOURCES, "RFC 3376 5.2"),
                [V3_ANSWERED] = FSM_STAY("nothing is pending"),
                [V3_TIMER_REPEATS] = FSM_NEVER("the timer does not run"),
                [V3_TIMER_EXPIRES] = FSM_NEVER("the timer does not run"),
                [V3_INTERFACE_UP] = FSM_TO(V3_START_JOIN, V3_CHANGING, "RFC 3376 5.1"),
            },
        [V3_PENDING_GROUP] =
            {
                [V3_JOIN] = FSM_STAY("already so"),
                [V3_LEAVE] = FSM_TO(V3_START_LEAVE, V3_LEAVING, "RFC 3376 5.1"),
                [V3_GROUP_QUERY] = FSM_TO(V3_START_ANSWER, V3_PENDING_GROUP, "RFC 3376 5.2"),
                [V3_SOURCE_QUERY] = FSM_TO(V3_START_ANSWER, V3_PENDING_GROUP, "RFC 3376 5.2"),
                [V3_ANSWERED] = FSM_TO(V3_DONE, V3_IDLE, "RFC 3376 5.2"),
                [V3_TIMER_REPEATS] = FSM_NEVER("answers are not repeated"),
                [V3_TIMER_EXPIRES] = FSM_TO(V3_DONE, V3_IDLE, "RFC 3376 5.2"),
                [V3_INTERFACE_UP] = FSM_TO(V3_START_JOIN, V3_CHANGING, "RFC 3376 5.1"),
            },
        [V3_PENDING_SOURCES] =
            {
                [V3_JOIN] = FSM_STAY("already so"),
                [V3_LEAVE] = FSM_TO(V3_START_LEAVE, V3_LEAVING, "RFC 3376 5.1"),
                [V3_GROUP_QUERY] = FSM_TO(V3_START_ANSWER, V3_PENDING_GROUP, "RFC 3376 5.2"),
                [V3_SOURCE_QUERY] = FSM_TO(V3_ADD_SOURCES, V3_PENDING_SOURCES, "RFC 3376 5.2"),
                [V3_ANSWERED] = FSM_TO(V3_DONE, V3_IDLE, "RFC 3376 5.2"),
                [V3_TIMER_REPEATS] = FSM_NEVER("answers are not repeated"),
                [V3_TIMER_EXPIRES] = FSM_TO(V3_DONE, V3_IDLE, "RFC 3376 5.2"),
                [V3_INTERFACE_UP] = FSM_TO(V3_START_JOIN, V3_CHANGING, "RFC 3376 5.1"),
            },
        [V3_LEAVING] =
            {
                [V3_JOIN] = FSM_TO(V3_START_JOIN, V3_CHANGING, "RFC 3376 5.1"),
                [V3_LEAVE] = FSM_STAY("already so"),
                [V3_GROUP_QUERY] = FSM_STAY("RFC 3376 5.2"),
                [V3_SOURCE_QUERY] = FSM_STAY("RFC 3376 5.2"),
                [V3_ANSWERED] = FSM_NEVER("has no record"),
                [V3_TIMER_REPEATS] = FSM_TO(V3_REPEAT, V3_LEAVING, "RFC 3376 5.1"),
                [V3_TIMER_EXPIRES] = FSM_TO(V3_FORGOTTEN, V3_NON_MEMBER, "RFC 3376 5.1"),
                [V3_INTERFACE_UP] = FSM_STAY("leaves of a dead interface were dropped"),
            },
};

const struct fsm_table igmp_fsm_v3 = {
    .name = "igmp-v3-host",
    .title = "Membership of an IGMPv3 host (RFC 3376 5.1, 5.2)",
    .states = V3_STATES,
    .events = V3_EVENTS,
    .actions = V3_ACTIONS,
    .state_names = v3_states,
    .event_names = v3_events,
    .action_names = v3_actions,
    .cells = &v3_grid[0][0],
};

const struct fsm_table *igmp_fsm_at(size_t n)
{
    static const struct fsm_table *const tables[] = {&igmp_fsm_v2, &igmp_fsm_v3};
    return n < sizeof(tables) / sizeof(tables[0]) ? tables[n] : NULL;
}

unsigned igmp_step(struct igmp_hosts *u, const struct igmp_host *h, struct igmp_entry *e,
                   unsigned event)
{
    struct fsm_who who = {.now = loop_now(u->loop), .subsystem = "igmp"};
    return pim_fsm_step(h->mode == 3 ? &igmp_fsm_v3 : &igmp_fsm_v2, &e->state, event, &who);
}
