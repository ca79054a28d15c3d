/*
 * Receivers on C-interfaces as IGMP hosts (spec.igmp_version 2 or 3; PROTOCOLS 2): one host on each
 * C-link, a member of the groups that the C-router there would join in the other case. Its messages
 * carry Router Alert and TTL 1, from the C-router's address on that link; the C-router itself still
 * says Hello and has the sources behind it. The DUT is querier and last hop.
 */
#ifndef MVPN_NODE_IGMP_HOST_H
#define MVPN_NODE_IGMP_HOST_H

#include "emul/node/net.h"
#include "emul/proto/igmp/host.h"

struct igmp_receivers;

/* igmp_receivers_new makes the hosts of an instance, none if its receivers speak PIM. */
struct igmp_receivers *igmp_receivers_new(struct net *net);
void igmp_receivers_free(struct igmp_receivers *r);

/* igmp_receivers_packet takes an IGMP packet that arrived on C-link k. */
void igmp_receivers_packet(struct igmp_receivers *r, uint32_t link, const struct ipv4 *packet);

/* igmp_receivers_join lets every receiver join its groups, igmp_receivers_leave makes all leave. */
void igmp_receivers_join(struct igmp_receivers *r);
void igmp_receivers_leave(struct igmp_receivers *r);

/* igmp_receivers_carrier is told when the cable of C-link k was pulled or plugged. */
void igmp_receivers_carrier(struct igmp_receivers *r, uint32_t link, bool up);

/* igmp_receivers_counts gives counts of all hosts (zeros if there are none), and
 * igmp_receivers_beyond_pace memberships that their spacing could not keep. */
void igmp_receivers_counts(const struct igmp_receivers *r, struct igmp_counts *out);
uint64_t igmp_receivers_beyond_pace(const struct igmp_receivers *r);

/* igmp_receivers_interfaces counts the C-interfaces with at least one receiver. */
uint32_t igmp_receivers_interfaces(const struct igmp_receivers *r);

/* igmp_receivers_bytes is the memory of all hosts. */
size_t igmp_receivers_bytes(const struct igmp_receivers *r);

#endif
