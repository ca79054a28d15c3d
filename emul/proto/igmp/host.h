/*
 * IGMP hosts: members of groups on one interface each, version 2 (RFC 2236 section 6) or 3
 * (RFC 3376 section 5), which fall back to the version of an older querier. A host is an array of
 * memberships of 16 bytes; which group one is follows from its index, through the owner's member
 * function. Messages of one host are spaced (draft 6.3), what is due earlier goes first. One timer
 * serves the whole set.
 *
 * Version 2 sends one message a membership and falls silent when somebody else reports the group;
 * version 3 never does, and shares messages: what is due together goes out in one report.
 */
#ifndef MVPN_IGMP_HOST_H
#define MVPN_IGMP_HOST_H

#include "emul/loop/loop.h"
#include "emul/proto/pim/fsm.h"
#include "emul/wire/igmp.h"

#define IGMP_NO_MEMBER    UINT32_MAX
#define IGMP_SOURCES_MAX  64 /* of one membership, and of one answer */
#define IGMP_ALL_HOSTS    IP4(224, 0, 0, 1)
#define IGMP_ALL_ROUTERS  IP4(224, 0, 0, 2)
#define IGMP_V3_ROUTERS   IP4(224, 0, 0, 22)
#define IGMP_ROBUSTNESS   2
#define IGMP_QUERY_S      125             /* Query Interval */
#define IGMP_RESPONSE_S   10              /* Query Response Interval */
#define IGMP_MEMBERSHIP_S 260             /* Group Membership Interval */
#define IGMP_V1_ROUTER_S  400             /* Version 1 Router Present Timeout (RFC 2236 8.11) */
#define IGMP_V2_REPEAT_NS (10 * NS_PER_S) /* Unsolicited Report Interval, RFC 2236 8.10 */
#define IGMP_V3_REPEAT_NS (1 * NS_PER_S)  /* ... RFC 3376 8.11 */

/* What a membership is: a group with any source, or only these sources of it. */
struct igmp_member {
    ip4_t group;
    uint16_t source_count; /* 0: any source (EXCLUDE {}); at most IGMP_SOURCES_MAX */
    const ip4_t *sources;
};

struct igmp_host_ops {
    void (*member)(void *arg, uint32_t host, uint32_t ix, struct igmp_member *out);
    /* find is the inverse: the index of the group's membership, or IGMP_NO_MEMBER. */
    uint32_t (*find)(void *arg, uint32_t host, ip4_t group);
    /* send sends one message; false: the interface is down, the host rests until it is opened. */
    bool (*send)(void *arg, uint32_t host, ip4_t dst, const struct igmp *message);
};

struct igmp_host_config {
    uint8_t version;    /* 2 or 3 */
    int64_t spacing_ns; /* between two messages of one host */
    size_t room;        /* bytes that an IGMP message may have */
    uint64_t seed;
};

struct igmp_counts {
    uint64_t joined;      /* memberships */
    uint64_t unsent;      /* joined, and no report has been sent yet */
    uint64_t unrefreshed; /* joined, and neither reported a second time nor suppressed yet */
    uint64_t leaves_due;  /* leaves that wait for their turn */
    uint64_t reports, leaves, records; /* messages sent, records in those of version 3 */
    uint64_t queries, suppressed;
    uint64_t overrun; /* reported so late that the querier may have forgotten them */
};

struct igmp_hosts;

/* igmp_hosts_new makes an empty set; name is borrowed, config is copied. */
struct igmp_hosts *igmp_hosts_new(struct loop *loop, const char *name,
                                  const struct igmp_host_config *config,
                                  const struct igmp_host_ops *ops, void *arg);
void igmp_hosts_free(struct igmp_hosts *u);

/* igmp_hosts_reserve makes room for so many hosts and memberships in all. */
void igmp_hosts_reserve(struct igmp_hosts *u, size_t hosts, size_t memberships);

/* igmp_host_add adds a host of count memberships, none joined, its interface up; returns its number
 * (0...). */
uint32_t igmp_host_add(struct igmp_hosts *u, uint32_t count);

/* igmp_host_open says that the interface is up again: what is joined is reported anew;
 * igmp_host_close that it is down. */
void igmp_host_open(struct igmp_hosts *u, uint32_t host);
void igmp_host_close(struct igmp_hosts *u, uint32_t host);

/* igmp_host_join joins: the first report is due in delay_ns. igmp_host_leave leaves. */
void igmp_host_join(struct igmp_hosts *u, uint32_t host, uint32_t ix, int64_t delay_ns);
void igmp_host_leave(struct igmp_hosts *u, uint32_t host, uint32_t ix);
bool igmp_host_joined(const struct igmp_hosts *u, uint32_t host, uint32_t ix);

/* igmp_host_query takes a query, igmp_host_report somebody else's report of a group (version 1, 2)
 * that were received on the host's interface. */
void igmp_host_query(struct igmp_hosts *u, uint32_t host, const struct igmp *query);
void igmp_host_report(struct igmp_hosts *u, uint32_t host, ip4_t group);

/* igmp_host_mode is the version that the host speaks now: 1, 2 or 3. */
uint8_t igmp_host_mode(const struct igmp_hosts *u, uint32_t host);

void igmp_counts_get(const struct igmp_hosts *u, struct igmp_counts *out);

/* igmp_hosts_beyond_pace counts memberships that no spacing could keep: more than messages within
 * one Group Membership Interval, summed over the hosts. */
uint64_t igmp_hosts_beyond_pace(const struct igmp_hosts *u);
size_t igmp_hosts_bytes(const struct igmp_hosts *u);

/* igmp_fsm_at returns the n-th machine of this room, or NULL behind the last. */
const struct fsm_table *igmp_fsm_at(size_t n);

#endif
