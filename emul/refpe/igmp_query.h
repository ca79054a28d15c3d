/* Queries that the PE sends, and which router does (RFC 2236 7, RFC 3376 6.6). */
#ifndef MVPN_REFPE_IGMP_QUERY_H
#define MVPN_REFPE_IGMP_QUERY_H

#include "emul/refpe/igmp.h"
#include "emul/wire/igmp.h"

#define IGMP_ROBUSTNESS         2
#define IGMP_LAST_MEMBER_MS     1000
#define IGMP_LAST_MEMBER_COUNT  2
#define IGMP_GROUP_MEMBERSHIP_S 260

/* igmp_send_query asks for one group (0: all), and one source of it in version 3. */
void igmp_send_query(struct refpe *pe, uint32_t iface, ip4_t group, ip4_t source);

/* igmp_querier_start begins as querier; igmp_querier_stop ends all timers. */
void igmp_querier_start(struct refpe *pe, uint32_t iface);
void igmp_querier_stop(struct refpe *pe, uint32_t iface);

/* igmp_query_heard acts on a Query of another router. */
void igmp_query_heard(struct refpe *pe, uint32_t iface, ip4_t src);

#endif
