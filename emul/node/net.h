/*
 * What all nodes of one emulated network share: the plan, the ports, the DUT's join state towards
 * the emulated upstream routers, counters, and the ways to put a control packet on the wire. Owned
 * by the lab; nodes borrow it.
 */
#ifndef MVPN_NODE_NET_H
#define MVPN_NODE_NET_H

#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "emul/node/plan.h"
#include "emul/proto/pim/downstream.h"
#include "emul/proto/pim/neighbour.h"
#include "emul/proto/pim/upstream.h"
#include "emul/wire/eth.h"
#include "emul/wire/ipv4.h"
#include "mvpnbench/emul.h"

/* What nodes tell the lab. Every pointer is set. */
struct net_events {
    void *arg;
    void (*p_nbr)(void *arg, enum pim_nbr_change change);
    void (*mdt_joined)(void *arg, uint32_t v); /* the DUT joined the default MDT of VPN v */
    /* SSM: the DUT joined (remote PE, default MDT of VPN v), again or for the first time. */
    void (*mdt_source_joined)(void *arg, uint32_t v, uint32_t pe);
    void (*mi_pmsi_nbr)(void *arg, uint32_t v, enum pim_nbr_change change);
    void (*c_nbr)(void *arg, uint32_t link, enum pim_nbr_change change);
};

struct net {
    struct loop *loop;
    struct instance_spec spec;
    struct instant origin;
    struct plan plan;
    struct port **a1, *a3;
    size_t a1_count;
    struct pim_ds routes;      /* the DUT's C-joins towards us, by plan_route */
    int64_t *joined_ns;        /* when each was joined; NULL: nobody asks */
    struct pim_ds mdts;        /* the DUT's (*,G) joins of default MDTs, by VPN - 1 */
    struct pim_ds mdt_sources; /* SSM: of (PE, default MDT), by net_mdt_source */
    struct pim_ds data_mdts;   /* of (PE, data MDT), by net_data_mdt */
    struct net_events events;
    struct emul_facts facts; /* jp_*, registers_*, packets_in_registers */
    uint64_t tx_errors, asserts, undecodable;
    uint16_t ip_id;
    uint8_t scratch[2][PORT_FRAME_MAX]; /* packet and frame under construction */
};

static inline struct instant net_now(const struct net *n)
{
    return loop_now(n->loop);
}

/* net_c_port returns the port of C-link k, net_link_of its VPN and interface. */
static inline struct port *net_c_port(const struct net *n, uint32_t link)
{
    return n->a1[n->spec.trunk ? 0 : link];
}

static inline void net_link_split(const struct net *n, uint32_t link, uint32_t *v, uint32_t *i)
{
    *v = link / n->spec.c_interfaces + 1;
    *i = link % n->spec.c_interfaces + 1;
}

static inline uint32_t net_link_count(const struct net *n)
{
    return n->spec.mvpns * n->spec.c_interfaces;
}

/* Places in mdt_sources (v, remote PE) and data_mdts (v, data MDT). */
static inline uint32_t net_mdt_source(const struct net *n, uint32_t v, uint32_t pe)
{
    return (v - 1) * n->spec.remote_pes + (pe - 1);
}

static inline uint32_t net_data_mdt(const struct net *n, uint32_t v, uint32_t number)
{
    return (v - 1) * n->spec.spmsi_rx + (number - 1);
}

/* net_mdt_reaches tells whether the P router forwards VPN v's MDT from that remote PE to the DUT.
 */
static inline bool net_mdt_reaches(const struct net *n, uint32_t v, uint32_t pe, struct instant now)
{
    if (n->spec.mdt == MDT_SSM)
        return pim_ds_alive(&n->mdt_sources, net_mdt_source(n, v, pe), now);
    return pim_ds_alive(&n->mdts, v - 1, now);
}

/* net_mdt_missing returns the first remote PE whose part of VPN v's MDT the DUT has not joined, 0:
 * none is missing. What is no SSM tree is joined or missing as a whole (1). */
uint32_t net_mdt_missing(const struct net *n, uint32_t v, struct instant now);

/* net_mdt_joined tells whether the DUT has joined all of VPN v's default MDT. */
static inline bool net_mdt_joined(const struct net *n, uint32_t v, struct instant now)
{
    return net_mdt_missing(n, v, now) == 0;
}

/* net_data_mdt_joined tells whether the DUT has joined data MDT number of VPN v. */
static inline bool net_data_mdt_joined(const struct net *n, uint32_t v, uint32_t number,
                                       struct instant now)
{
    return pim_ds_alive(&n->data_mdts, net_data_mdt(n, v, number), now);
}

/* net_mdts_init makes the arrays of the DUT's joins on the P link; net_mdts_down: its cable. */
void net_mdts_init(struct net *n);
void net_mdts_fini(struct net *n);
void net_mdts_down(struct net *n);

/* net_seconds counts seconds since emul_new, from 1: time stamps of which there are many. */
static inline uint32_t net_seconds(const struct net *n, struct instant now)
{
    return (uint32_t)(instant_diff(now, n->origin) / NS_PER_S) + 1;
}

/* net_join_spread_ns is the time over which this many sessions begin to join. */
static inline int64_t net_join_spread_ns(uint64_t sessions)
{
    int64_t ns = (int64_t)sessions * 20 * NS_PER_US;
    return ns > PIM_PDU_GAP_NS ? ns : PIM_PDU_GAP_NS;
}

/* net_hello_spread_ns is the time over which this many neighbours say their first Hello. */
static inline int64_t net_hello_spread_ns(uint64_t neighbours)
{
    int64_t ns = (int64_t)(neighbours / 200) * NS_PER_S;
    if (ns < PIM_TRIGGERED_HELLO_NS)
        return PIM_TRIGGERED_HELLO_NS;
    return ns > PIM_HELLO_PERIOD_NS ? PIM_HELLO_PERIOD_NS : ns;
}

/* net_send_frame hands one frame to a port; a failure while the link is up counts. */
int net_send_frame(struct net *n, struct port *port, const uint8_t *frame, size_t len);

/*
 * net_send_c and net_send_p send one IP packet on C-link k or the P link (dst: Ethernet address),
 * in fragments if it is larger than the MTU. net_send_mdt sends it inside GRE from a remote PE on
 * VPN v's default MDT; the caller has made sure that the DUT joined that tree. 0, or -1 if a frame
 * could not be sent.
 */
int net_send_c(struct net *n, uint32_t link, struct mac dst, struct ipv4 *packet);
int net_send_p(struct net *n, struct mac dst, struct ipv4 *packet);
int net_send_mdt(struct net *n, uint32_t v, ip4_t pe, struct ipv4 *packet);

/* net_send_arp sends ARP from (our_mac, our) on a C-link, or on the P link (NET_P_LINK). */
#define NET_P_LINK UINT32_MAX
struct arp;
int net_send_arp(struct net *n, uint32_t link, const struct arp *arp, struct mac dst);

/* net_pim_multicast is the IPv4 header of a link-local PIM message of this source. */
struct ipv4 net_pim_multicast(ip4_t src, const uint8_t *message, size_t len);

/* net_build_jp encodes one Join/Prune into buf and counts it; returns its length, or 0. */
size_t net_build_jp(struct net *n, uint8_t *buf, size_t cap, ip4_t upstream,
                    const struct pim_jp_entry *entries, size_t count, size_t overhead,
                    size_t *taken);

/* net_build_hello encodes the Hello of an emulated PIM interface; holdtime 0 says goodbye. With
 * options it carries more (pim_hello_bit, such as PIM_HAS_BIDIR). */
size_t net_build_hello(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s);
size_t net_build_hello_with(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s,
                            uint32_t options);

/* net_build_hello_pe is net_build_hello of a remote PE. Where the remote PEs do not suppress Joins
 * it says so by T = 1 (RFC 7761 4.3.3); a case that asks whether the DUT suppresses leaves T = 0,
 * since a link on which all send T = 1 forbids it. */
size_t net_build_hello_pe(const struct net *n, uint8_t *buf, size_t cap, uint32_t genid,
                          uint16_t holdtime_s);

/* net_build_hello_no_dr is net_build_hello of a router that does not want to be the DR. */
size_t net_build_hello_no_dr(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s);

#endif
