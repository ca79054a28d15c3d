/* The insides of a set of IGMP hosts, shared by the files of this room. */
#ifndef MVPN_IGMP_HOST_SET_H
#define MVPN_IGMP_HOST_SET_H

#include "emul/proto/igmp/due_heap.h"
#include "emul/proto/igmp/host.h"
#include "emul/proto/pim/idxheap.h"

/* Versions 1 and 2 (RFC 2236 section 6). */
enum igmp_v2_state { V2_NON_MEMBER, V2_DELAYING, V2_IDLE, V2_STATES };
enum igmp_v2_event {
    V2_JOIN,
    V2_LEAVE,
    V2_QUERY,
    V2_REPORT,        /* somebody else's */
    V2_TIMER_REPEATS, /* the timer expires, the report is to be repeated */
    V2_TIMER_EXPIRES,
    V2_INTERFACE_UP,
    V2_EVENTS
};
enum igmp_v2_action {
    V2_NONE,
    V2_START_JOIN, /* the first report is due */
    V2_START_LEAVE,
    V2_START_ANSWER, /* timer = min(timer, rand(max response time)) */
    V2_SUPPRESS,
    V2_SEND,
    V2_SEND_REPEAT, /* and again within the Unsolicited Report Interval */
    V2_ACTIONS
};

/* Version 3 (RFC 3376 sections 5.1, 5.2). */
enum igmp_v3_state {
    V3_NON_MEMBER,
    V3_CHANGING, /* state-change records to be sent */
    V3_IDLE,
    V3_PENDING_GROUP,   /* a group-specific query is to be answered */
    V3_PENDING_SOURCES, /* a group-and-source-specific one */
    V3_LEAVING,         /* state-change records to be sent */
    V3_STATES
};
enum igmp_v3_event {
    V3_JOIN,
    V3_LEAVE,
    V3_GROUP_QUERY,
    V3_SOURCE_QUERY,
    V3_ANSWERED,      /* its record went out in the answer to a general query */
    V3_TIMER_REPEATS, /* its record went out, and will be repeated */
    V3_TIMER_EXPIRES, /* its record went out */
    V3_INTERFACE_UP,
    V3_EVENTS
};
enum igmp_v3_action {
    V3_NONE,
    V3_START_JOIN,
    V3_START_LEAVE,
    V3_START_ANSWER, /* timer = min(timer, rand(max response time)) */
    V3_ADD_SOURCES,  /* likewise, and the sources that were asked for are noted */
    V3_REPEAT,       /* timer = rand(Unsolicited Report Interval) */
    V3_DONE,         /* the timer stops */
    V3_FORGOTTEN,    /* the last record of a membership that was left */
    V3_ACTIONS
};

#define IGMP_SENT      0x01 /* a report has been sent since the join */
#define IGMP_REFRESHED 0x02 /* and another one, or somebody else's was heard */
#define IGMP_LEAVE     0x04 /* version 2: a Leave waits for its turn */
#define IGMP_LAST      0x08 /* version 2: we were the last to report */

struct igmp_entry { /* begins as struct idxheap_record */
    int64_t due_ns;
    uint32_t pos;
    uint8_t state; /* igmp_v2_state or igmp_v3_state, by the host's mode */
    uint8_t flags;
    uint8_t repeats; /* of a report that nobody asked for */
    uint8_t draws;   /* occasions on which a random delay was drawn */
};

struct igmp_host {
    uint32_t first, count, armed, members;
    uint32_t join_next, answer_next; /* places of the rows */
    int64_t next_ns;                 /* earliest instant of the next message */
    int64_t join_ns;   /* version 2: the row of first reports is due; INT64_MAX: there is none */
    int64_t answer_ns; /* the next of the row of answers is due; INT64_MAX: there is none */
    /* Version 2: when the row of answers began, how long it takes, answers in all and given. */
    int64_t asked_ns, max_ns;
    uint32_t answers, answered;
    uint32_t rounds; /* rows of answers, or general queries, so far */
    int64_t v1_until_ns, v2_until_ns;
    uint32_t query_s; /* the querier's interval, in seconds, and robustness */
    uint8_t robustness, mode;
    bool open, answering; /* version 3: the answer has begun */
};

/* A source that a group-and-source-specific query asked membership entry for. */
struct igmp_asked {
    uint32_t entry;
    ip4_t source;
};
#define IGMP_ASKED_MAX 256

struct igmp_hosts {
    struct loop *loop;
    const struct igmp_host_ops *ops;
    void *arg;
    struct igmp_host_config config;
    struct igmp_host *hosts;
    struct due_heap due; /* of hosts that have something to send */
    size_t host_count, host_cap;
    struct igmp_entry *entries;
    uint32_t *entry_slots;
    size_t entry_count, entry_cap;
    struct igmp_asked *asked;
    size_t asked_count, asked_cap;
    uint8_t *list; /* records under construction */
    struct timer timer;
    bool firing; /* the timer is set when all that is due was sent */
    struct igmp_counts counts;
};

/* igmp_step takes a step of entry e by its host's machine and returns the action. */
unsigned igmp_step(struct igmp_hosts *u, const struct igmp_host *h, struct igmp_entry *e,
                   unsigned event);

/* igmp_entry_due arms membership ix for the instant, igmp_entry_sooner if that is earlier than what
 * it is armed for; igmp_entry_idle disarms it. */
void igmp_entry_due(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, struct instant at);
void igmp_entry_sooner(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix, struct instant at);
void igmp_entry_idle(struct igmp_hosts *u, struct igmp_host *h, uint32_t ix);

/* igmp_host_reschedule brings host and timer in line with what is due first. */
void igmp_host_reschedule(struct igmp_hosts *u, uint32_t host);

/* igmp_draw draws membership ix's next delay in [0, range_ns); igmp_draw_round the one that place
 * ix has in the host's present round. */
int64_t igmp_draw(struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix, int64_t range_ns);
int64_t igmp_draw_round(const struct igmp_hosts *u, const struct igmp_host *h, uint32_t ix,
                        int64_t range_ns);

/* igmp_entry_reported counts a report of e that went out or became needless. */
void igmp_entry_reported(struct igmp_hosts *u, struct igmp_entry *e);

/* igmp_host_member tells whether e is a member, by its host's machine. */
bool igmp_host_member(const struct igmp_host *h, const struct igmp_entry *e);

/* igmp_mode_update gives the host the mode that is right at now (RFC 3376 7.2.1). */
void igmp_mode_update(struct igmp_hosts *u, struct igmp_host *h, struct instant now);

/* igmp_answer_add puts one more membership into a version 2 host's row of answers, igmp_answer_next
 * sets when the next of them is due. */
void igmp_answer_add(struct igmp_hosts *u, struct igmp_host *h, struct instant now);
void igmp_answer_next(struct igmp_hosts *u, struct igmp_host *h);

/*
 * A version 2 host has two rows of reports that stand in no heap: first reports, and answers to a
 * general query with the last repetitions of first reports. These tell whether e is in one of them.
 */
static inline bool igmp_in_join_row(const struct igmp_entry *e)
{
    return e->state == V2_DELAYING && e->pos == 0 && (e->flags & IGMP_SENT) == 0;
}

static inline bool igmp_in_answer_row(const struct igmp_entry *e)
{
    return e->state == V2_DELAYING && e->pos == 0 && (e->flags & IGMP_SENT) != 0;
}

/* igmp_asked_add notes sources in wire order (false: no room), igmp_asked_drop forgets an entry's,
 * igmp_asked_list copies them and returns their number. */
bool igmp_asked_add(struct igmp_hosts *u, uint32_t entry, const uint8_t *sources, size_t count);
void igmp_asked_drop(struct igmp_hosts *u, uint32_t entry);
size_t igmp_asked_list(const struct igmp_hosts *u, uint32_t entry, ip4_t out[IGMP_SOURCES_MAX]);

/* igmp_fire sends what is due (the set's timer). */
void igmp_fire(void *arg);

extern const struct fsm_table igmp_fsm_v2, igmp_fsm_v3;

#endif
