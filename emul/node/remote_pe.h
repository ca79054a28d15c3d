/*
 * The remote PEs of every VPN. On each MI-PMSI they and the DUT are one LAN of PIM neighbours
 * (Hellos, Join/Prune and data inside GRE, each from its own address). Receivers of ingress groups
 * sit behind k of the R PEs of a VPN; egress groups have their C-RP and sources behind one. Join
 * suppression and prune override work among them and with the DUT (RFC 7761 section 4.5.4): what
 * one says, the P router shows the others without crossing the wire to the DUT.
 *
 * Memory: all PEs of a VPN see the same packets of the DUT, so one neighbour record serves them;
 * what remains of an endpoint is its place in the Hello ring and a few bytes.
 */
#ifndef MVPN_NODE_REMOTE_PE_H
#define MVPN_NODE_REMOTE_PE_H

#include "emul/node/net.h"
#include "mvpnbench/emul_extra.h"
#include "mvpnbench/emul_signal.h"

struct remote_pes;

struct remote_pes *remote_pes_new(struct net *net);
void remote_pes_free(struct remote_pes *r);

/* remote_pes_start lets the PEs of VPN v say Hello from now on: the DUT has joined its MDT. */
void remote_pes_start(struct remote_pes *r, uint32_t v);

/* remote_pes_rejoined is told that the DUT joined the MDT of VPN v again: Hellos that were sent in
 * between did not reach it. */
void remote_pes_rejoined(struct remote_pes *r, uint32_t v);

/* remote_pes_one_rejoined is told the same of the tree of one PE (SSM): it says Hello again soon.
 */
void remote_pes_one_rejoined(struct remote_pes *r, uint32_t v, uint32_t pe);

/* remote_pes_pim takes a C-PIM message of the DUT that arrived on the MI-PMSI of VPN v. */
void remote_pes_pim(struct remote_pes *r, uint32_t v, const struct ipv4 *packet);

void remote_pes_join(struct remote_pes *r);
void remote_pes_prune(struct remote_pes *r);

/* remote_pes_data notes a packet of source k of ingress group j of VPN v, for the SPT switch. */
void remote_pes_data(struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k, struct instant now);

/* remote_pes_want tells whether a remote PE has joined source k of ingress group j of VPN v, or the
 * group: then it also wants the data MDT that the DUT announces for it. */
bool remote_pes_want(const struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k);

/* remote_pes_echo sends the PruneEcho for C-route ix (plan_route) of the PE that is its upstream.
 */
void remote_pes_echo(struct remote_pes *r, uint32_t ix);

/* remote_pes_goodbye says Hello with holdtime 0 from PE pe of VPN v and nothing more afterwards. */
void remote_pes_goodbye(struct remote_pes *r, uint32_t v, uint32_t pe);

/* remote_pes_signal fills in what was counted on the MI-PMSIs, and the states of the remote PEs. */
void remote_pes_signal(const struct remote_pes *r, struct emul_signal *out);

bool remote_pes_have_nbr(const struct remote_pes *r, uint32_t v, struct instant now);
bool remote_pes_said_hello(const struct remote_pes *r, uint32_t v);

/*
 * Draft 10.2 (spec.pe3_receives): a receiver of every egress group sits behind remote PE 2, which
 * joins over the MI-PMSI towards remote PE 1, refreshes every 60 s, and never suppresses. All that
 * it sends crosses the P link, and keeps the state at remote PE 1 alive as the DUT's Joins do.
 * Nothing happens, and nothing is counted, in other instances.
 */
void remote_pes_pe3_join(struct remote_pes *r);
void remote_pes_pe3_prune(struct remote_pes *r);

/* remote_pes_pe3_data notes a packet of source k of egress group j that remote PE 1 has sent on
 * the MI-PMSI of VPN v. */
void remote_pes_pe3_data(struct remote_pes *r, uint32_t v, uint32_t j, uint32_t k,
                         struct instant now);

/* remote_pes_pe3_joins returns its joins, NULL: it has none to make. */
const struct pim_us_set *remote_pes_pe3_joins(const struct remote_pes *r);

/* remote_pes_jp_count gives the counts since remote_pes_jp_count_reset. */
void remote_pes_jp_count(const struct remote_pes *r, struct emul_jp_count *out);
void remote_pes_jp_count_reset(struct remote_pes *r);

const struct pim_us_set *remote_pes_joins(const struct remote_pes *r);

/* remote_pes_bytes is the memory of all remote PEs, C-routes included. */
size_t remote_pes_bytes(const struct remote_pes *r);

#endif
