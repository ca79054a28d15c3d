/*
 * The reference PE: a complete software PE in which the right answer is known beforehand: VRFs with
 * C-PIM (RFC 7761 downstream and upstream state machines, C-RP), IGMP querier, MI-PMSI over GRE and
 * S-PMSIs (RFC 6037), a P-PIM instance as ASM, SSM or BIDIR (RFC 5015), RPF from static routes,
 * forwarding, and limits, costs and faults that can be set. Its multicast routing is written apart
 * from the emulated endpoints (DESIGN A.2 rule 1): two implementations of one RFC check each other.
 * It touches the world through its ports only, on either clock; its MAC addresses begin with
 * 02:52:50.
 *
 * Configured by calls as a router is by commands; refpe_up makes the configuration work.
 */
#ifndef MVPN_REFPE_H
#define MVPN_REFPE_H

#include "emul/base/addr.h"
#include "emul/io/port.h"
#include "emul/loop/loop.h"
#include "emul/refpe/settings.h"
#include "mvpnbench/instance.h"
#include "mvpnbench/metric.h"

struct refpe;

/* refpe_new: settings are copied; seed feeds GenIDs and phases. */
struct refpe *refpe_new(struct loop *loop, const struct refpe_settings *settings, uint64_t seed);
void refpe_free(struct refpe *pe);

/* refpe_reseed replaces the seed; call it before configuring, so that what an instance draws does
 * not depend on those before it. */
void refpe_reseed(struct refpe *pe, uint64_t seed);

/* refpe_port_c adds a C-facing port (index 0... in order), refpe_port_p sets the P-facing one; the
 * PE takes over the port's receive and link functions, not the port. */
void refpe_port_c(struct refpe *pe, struct port *port);
void refpe_port_p(struct refpe *pe, struct port *port);

struct refpe_global {
    ip4_t p_addr; /* on the P link */
    uint8_t p_len;
    ip4_t p_gateway;   /* the P router */
    ip4_t mdt_addr;    /* outer source of the MI-PMSIs, source of C-PIM on the MTIs */
    ip4_t p_rp;        /* RP (ASM) or RPA (BIDIR) of all default-MDT groups */
    enum mdt_mode mdt; /* how the default MDTs are built */
    uint32_t mtu;
};
void refpe_set_global(struct refpe *pe, const struct refpe_global *g);

/* VRFs are numbered 1... . Calls return 0, or -1 when the order is wrong (unknown VRF) or a value
 * cannot be. */
int refpe_vrf_add(struct refpe *pe, uint32_t vrf, ip4_t mdt_group);

struct refpe_cif {
    uint32_t vrf;
    size_t port; /* index of the C-facing port */
    uint16_t outer_vid, inner_vid;
    ip4_t addr;
    uint8_t len;
    uint8_t igmp_version; /* 2 or 3: IGMP querier here; 0: none */
};
int refpe_cif_add(struct refpe *pe, const struct refpe_cif *cif);

/* A static route of a VRF: to a next hop on a C-interface, or behind a remote PE over the MTI. */
int refpe_route_add(struct refpe *pe, uint32_t vrf, struct ip4_prefix dst, ip4_t next_hop,
                    bool via_mti);
int refpe_rp_add(struct refpe *pe, uint32_t vrf, ip4_t rp, struct ip4_prefix groups);

/* refpe_peer_add names a remote PE of a VRF's default MDT (SSM: it is joined as (PE, MDT); known
 * from the configuration until BGP exists). */
int refpe_peer_add(struct refpe *pe, uint32_t vrf, ip4_t remote_pe);

/*
 * S-PMSIs sourced in a VRF: the pool of data-MDT groups first ... first + count - 1, and the flows
 * (as an access list of (S,G)) that go on one, in the order given; more flows than groups reuse
 * them in turn when spmsi.reuse is on, else stay on the default MDT.
 */
int refpe_data_mdt_pool(struct refpe *pe, uint32_t vrf, ip4_t first, uint32_t count);
int refpe_data_mdt_flow(struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group);

/* refpe_c_rp_self makes the PE itself the RP (address rp) of the groups in that VRF. */
int refpe_c_rp_self(struct refpe *pe, uint32_t vrf, ip4_t rp, struct ip4_prefix groups);

/* S-PMSIs in the PE's own view: sourced (announced and used), received and joined, and those that
 * are only known from TLVs and cached. */
struct refpe_spmsi {
    uint64_t sourced, joined, cached;
};
void refpe_spmsi_get(const struct refpe *pe, struct refpe_spmsi *out);

/* refpe_up starts what is configured; refpe_down stops and forgets the whole configuration. */
void refpe_up(struct refpe *pe);
void refpe_down(struct refpe *pe);

/*
 * Failure stimuli that befall the PE itself, in the order of recovery_ms; its cables are pulled by
 * whoever holds their other ends. Each has a beginning and a recovery action, from which
 * recovery_ms counts until the affected part works again, with the configuration as it was:
 *   power-cycle    links go down, everything learned is lost; all links come up with the PE
 *   switchover     control state and GenIDs are lost, links stay up, nothing is forwarded; with
 *                  recovery.nsf the forwarding tables stay until neighbours renew them or their
 *                  holdtimes end
 *   P, C card      all links of that side go down and come up when the card works
 */
enum refpe_stimulus { REFPE_POWER_CYCLE, REFPE_SWITCHOVER, REFPE_P_CARD, REFPE_C_CARD };

/* refpe_fail begins one; -1 when the PE is not in service or another one is under way. */
int refpe_fail(struct refpe *pe, enum refpe_stimulus s);

/* refpe_recover is its recovery action; -1 when that one has not begun. */
int refpe_recover(struct refpe *pe, enum refpe_stimulus s);

/* Show commands: the PE's own view. */
void refpe_metric(const struct refpe *pe, struct mvpn_metric *m, struct p_metric *p);
void refpe_neighbours(const struct refpe *pe, struct neighbour_count *out);

struct refpe_usage {
    double cpu_percent, cpu_peak_1s_percent; /* since refpe_usage_begin */
    uint64_t memory_bytes;                   /* now */
    double memory_percent;                   /* of memory.bytes; 0 when not modelled */
    uint64_t messages_dropped;               /* since refpe_usage_begin: queue was full */
};
void refpe_usage_begin(struct refpe *pe);
void refpe_usage(const struct refpe *pe, struct refpe_usage *out);

/* refpe_healthy is true when nothing is down, restarting or recovering. */
bool refpe_healthy(const struct refpe *pe);

#endif
