/*
 * The PE as IGMP querier and last hop on C-interfaces: version 2 (RFC 2236) or 3 (RFC 3376). A
 * membership is a record of (interface, source, group), source 0 for any; hosts that exclude single
 * sources get those too. Where the PE is DR, a membership is a local member of its mroute.
 */
#ifndef MVPN_REFPE_IGMP_H
#define MVPN_REFPE_IGMP_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"

enum querier_state { QU_QUERIER, QU_NON_QUERIER, QU_STATES };
enum querier_event { QU_LOWER_QUERIER, QU_OTHER_GONE, QU_EVENTS };

extern const struct fsm_machine querier_machine;

struct member {
    struct pool_link link;
    uint32_t iface, next_same_key;
    uint32_t next, prev; /* on the interface */
    ip4_t source, group;
    uint8_t queries_left;        /* of the last-member queries */
    int64_t expiry_ns, query_ns; /* NEVER: no such query is due */
    int64_t v1_until_ns;         /* a version 1 host is present: Leaves say nothing */
    struct due due;
};

static inline struct member *member_at(const struct refpe *pe, uint32_t i)
{
    return (struct member *)pe->members.items + i;
}

void igmp_init(struct refpe *pe);
void igmp_fini(struct refpe *pe);
void igmp_clear(struct refpe *pe);

/* igmp_start begins querying on an interface that came up, if IGMP runs there; igmp_stop forgets
 * what was there. */
void igmp_start(struct refpe *pe, uint32_t iface);
void igmp_stop(struct refpe *pe, uint32_t iface);

/* igmp_stale gives each membership one more interval, from now, to be reported. */
void igmp_stale(struct refpe *pe);

/* igmp_input acts on an IGMP message (IP payload) from src. */
void igmp_input(struct refpe *pe, uint32_t iface, ip4_t src, const uint8_t *message, size_t len);

/* igmp_dr_check is called when the DR of an interface may have changed. */
void igmp_dr_check(struct refpe *pe, uint32_t iface);

/* The agenda's calls. */
void igmp_query_timer(struct refpe *pe, uint32_t iface);
void igmp_other_querier_timer(struct refpe *pe, uint32_t iface);
void igmp_member_timer(struct refpe *pe, uint32_t member);

#endif
