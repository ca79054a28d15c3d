/*
 * The inside of the reference PE: its records and how to reach them. Interfaces are numbered in one
 * array (0 is the P interface), instances in another: instance 0 is the P instance, whose mroutes
 * are the MDTs, and instance v is VRF v with its MTI. Both run the same state machines.
 */
#ifndef MVPN_REFPE_PE_H
#define MVPN_REFPE_PE_H

#include "emul/base/map.h"
#include "emul/base/rng.h"
#include "emul/refpe/agenda.h"
#include "emul/refpe/cpu.h"
#include "emul/refpe/faults.h"
#include "emul/refpe/pool.h"
#include "emul/refpe/refpe.h"
#include "emul/wire/eth.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/pim_jp.h"

#define IFACE_P    0u
#define P_INSTANCE 0u

/* Room in front of a packet for every header that can be put there: Ethernet with two tags, or
 * Ethernet, IPv4, Register, IPv4 and GRE. */
#define HEADROOM  96
#define FRAME_BUF (HEADROOM + PORT_FRAME_MAX + 64)

/* Prebuilt in front of a C-packet on a MDT: Ethernet, IPv4, GRE. */
#define MDT_HEADER (ETH_HEADER_BARE + IPV4_HEADER + 4)

enum iface_kind { IFACE_KIND_P, IFACE_KIND_C, IFACE_KIND_MTI };

/* One physical port; callbacks of emul/io point here. */
struct pe_port {
    struct refpe *pe;
    struct port *port;
    bool is_p;
    size_t index; /* among the C-facing ports */
    bool working; /* cable in and recovered; else nothing is received, forwarded or sent */
    bool held;    /* the PE itself keeps the link down: no power, no card */
    bool coming;  /* it does so no longer; the port works with the carrier, without recovery_ms */
    struct mac mac;
    struct timer recovery;
};

struct iface {
    enum iface_kind kind;
    bool refused; /* beyond a limit: configured, and dead */
    uint32_t vrf;
    struct pe_port *port; /* NULL: MTI */
    ip4_t addr;
    uint8_t len;
    uint8_t header_bytes;
    uint8_t header[ETH_HEADER_MAX]; /* Ethernet header of what is sent here, dst left open */
    uint32_t genid, restarts;       /* restarts: occasions on which a GenID was drawn */
    uint32_t triggers;              /* occasions on which a triggered delay was drawn */
    uint32_t nbrs, nbr_count;       /* list of neighbours */
    bool lan_dirty;                 /* the effective values below must be computed afresh */
    bool suppression;               /* RFC 7761 4.3.3: not all neighbours sent T=1 */
    uint32_t propagation_ms, override_ms;
    bool hello_sent;
    bool opened; /* MTI: by a Hello of its own timer; Joins from before led nowhere */
    struct due hello, triggered;
    /* IGMP (igmp.h), where it runs. */
    uint8_t igmp_version; /* 0: it does not */
    uint8_t querier_state, startup_queries;
    bool is_dr;
    struct due query, other_querier;
    uint32_t members;                   /* list */
    uint32_t next_in_vrf;               /* C-interfaces of one VRF */
    struct ipv4_reassembly *reassembly; /* NULL until a fragment comes */
};

struct route {
    struct ip4_prefix dst;
    ip4_t next_hop;
    bool via_mti;
};

struct rp {
    ip4_t addr;
    struct ip4_prefix groups;
    bool self; /* the PE itself */
};

struct vrf {
    bool exists, refused;
    bool last_hop; /* IGMP runs on some C-interface */
    ip4_t mdt_group;
    uint32_t mti;  /* interface */
    uint32_t cifs; /* first C-interface; a list */
    struct route *routes;
    size_t route_count, route_cap;
    struct rp *rps;
    size_t rp_count, rp_cap;
    ip4_t *peers; /* remote PEs of the default MDT; SSM joins each */
    size_t peer_count, peer_cap;
    uint32_t pool, pool_count; /* data MDTs to source: first one, how many */
    uint32_t flow_count;       /* flows that go on them */
    uint32_t flows, last_flow; /* list of them */
    uint32_t tell;             /* list of those whose TLV goes out at the next occasion */
    int64_t cycle_ns;          /* when all TLVs go out again; NEVER */
    struct due announce;
    uint32_t mroutes; /* list of all mroutes of the instance */
    /* Of the default MDT in the P instance. */
    uint32_t mdt_starg, mdt_sg;
    uint8_t register_state;
    uint32_t register_draws;
    struct due register_stop_timer;
    uint8_t mdt_header[MDT_HEADER];
};

struct nbr {
    struct pool_link link;
    ip4_t addr;
    uint32_t iface, next, prev;
    uint32_t genid;
    bool has_genid, has_lan_delay, t_bit, has_dr_priority;
    uint32_t dr_priority;
    uint16_t propagation_ms, override_ms;
    struct due expiry;
};

/* What stands in the table for an entry. */
enum mroute_status {
    MROUTE_ANCHOR,    /* (*,G) that nobody joined, kept for its (S,G)s */
    MROUTE_INSTALLED, /* counts, forwards */
    MROUTE_REFUSED,   /* joined, but there is no room: the flow is not forwarded */
};

struct mroute {
    struct pool_link link;
    uint32_t hash_next;
    ip4_t source, group; /* source 0: (*,G) */
    uint32_t vrf;
    uint32_t iif;  /* RPF interface; NONE: no route */
    ip4_t rpf_nbr; /* next hop towards source or RP; 0: directly connected */
    uint32_t oifs; /* list */
    enum mroute_status status;
    uint8_t up_state;
    bool pinned;       /* stays without downstream state: (DUT, MDT) */
    bool spt;          /* SPTbit of an (S,G): packets come on its own tree */
    uint32_t starg;    /* of an (S,G): its (*,G) */
    uint32_t children; /* of a (*,G): list of its (S,G)s */
    uint32_t next_sibling, prev_sibling;
    uint32_t next_in_vrf, prev_in_vrf;
    uint32_t downstreams; /* list */
    uint32_t oif_installed, oif_refused;
    ip4_t rp;           /* of a (*,G) */
    uint32_t draws;     /* occasions on which a random delay was drawn */
    uint32_t data_flow; /* of a C-(S,G) that goes on a data MDT; NONE */
    struct due join_timer;
    struct due keepalive; /* KAT, where the PE is RP or last hop (RFC 7761 4.2) */
};

/* Downstream state of one mroute on one interface. */
struct downstream {
    struct pool_link link;
    uint32_t mroute, iface, next;
    uint8_t state;
    bool local;                          /* a member without Joins: IGMP, our MTI */
    int64_t expiry_ns, prune_pending_ns; /* ET, PPT; NEVER */
    struct due due;
};

struct oif {
    struct pool_link link;
    uint32_t iface, next;
    bool installed; /* else refused: no room */
    bool stuck;     /* fault: listed, forwards nothing */
};

struct jp_pending {
    uint32_t iface;
    ip4_t upstream;
    uint32_t order;
    struct pim_jp_entry entry;
};

struct jp_queue {
    struct jp_pending *items;
    size_t count, cap;
    struct pim_jp_entry *scratch;
    size_t scratch_cap;
    struct due flush;
};

struct counts {
    uint64_t mvpns, c_interfaces;
    uint64_t nbr_c, nbr_mti, nbr_p;
    uint64_t starg_c, sg_c, oif_c;
    uint64_t starg_p, sg_p, oif_p;
    uint64_t spmsi_src, spmsi_rx, spmsi_known; /* known: announced by remote PEs */
};

struct gateway {
    bool known;
    struct mac mac;
    struct due retry;
};

/* A failure of the PE under way (outage.h). */
struct outage {
    bool active;
    bool control_down; /* switchover with recovery.nsf: only the forwarding plane is there */
    enum refpe_stimulus stimulus;
    struct timer recovery;
};

/* The DF election of the P link (df.h). */
struct df {
    uint8_t state;
    ip4_t winner;    /* 0: not known */
    unsigned offers; /* sent since something better was heard */
    uint32_t draws;
    struct due timer;
};

struct delayed_frame {
    int64_t at_ns;
    struct pe_port *port;
    uint8_t *frame;
    size_t len;
};

/* Frames inside the PE for forwarding.delay_us: a ring, one delay for all. */
struct delay_line {
    struct delayed_frame *ring;
    size_t head, count, cap;
    struct timer timer;
};

struct refpe {
    struct loop *loop;
    struct refpe_settings settings;
    uint64_t seed;
    bool up;
    struct refpe_global global;
    struct pe_port **c_ports;
    size_t c_port_count, c_port_cap;
    struct pe_port *p_port;
    struct vrf *vrfs;
    size_t vrf_count, vrf_cap;
    struct iface *ifaces;
    size_t iface_count, iface_cap;
    struct map cif_by_tags;     /* port, outer and inner VID */
    struct map vrf_by_mdt;      /* default-MDT group */
    struct map nbr_by_addr;     /* interface, address */
    struct data_mdt *data_mdts; /* spmsi.h: those that the PE sources */
    size_t data_mdt_count, data_mdt_cap;
    struct data_flow *data_flows;
    size_t data_flow_count, data_flow_cap;
    struct map data_flow_by_sg;    /* triple_key(VRF, source, group), chained */
    struct pool rx_mdts, rx_flows; /* those of remote PEs */
    struct map rx_mdt_by_key;      /* PE, P-group */
    struct pool members;           /* of IGMP groups */
    struct map members_by_group;   /* triple_key(interface, 0, group), chained */
    struct map rx_flows_by_group;  /* triple_key(VRF, 0, group), chained */
    struct pool nbrs, mroutes, downstreams, oifs;
    uint32_t *buckets; /* of mroutes by (vrf, source, group) */
    size_t bucket_mask, mroute_count;
    struct counts counts;
    struct agenda agenda;
    struct jp_queue jp;
    struct cpu cpu;
    struct faults faults;
    struct outage outage;
    struct gateway gateway;
    struct df df;
    struct delay_line delay;
    uint16_t ip_id;
    uint8_t control[FRAME_BUF]; /* a control packet under construction */
    uint8_t data[FRAME_BUF];    /* a C-packet on its way out */
    uint8_t wrap[FRAME_BUF];    /* a Register or fragment under construction */
};

/* triple_hash mixes three numbers. hash_mix adds what it folds in: neighbouring groups in
 * neighbouring VRFs would have equal sums, so the number is spread first. */
static inline uint64_t triple_hash(uint32_t n, ip4_t a, ip4_t b)
{
    return hash_mix((uint64_t)a << 32 | b, n * UINT64_C(0xd6e8feb86659fd93));
}

/* triple_key is a map key for three numbers; records of one key are told apart by comparing. */
static inline uint64_t triple_key(uint32_t n, ip4_t a, ip4_t b)
{
    return triple_hash(n, a, b) >> 1; /* never the key that maps exclude */
}

static inline bool is_link_local(ip4_t group)
{
    return (group & 0xffffff00u) == IP4(224, 0, 0, 0);
}

static inline struct nbr *nbr_at(const struct refpe *pe, uint32_t i)
{
    return (struct nbr *)pe->nbrs.items + i;
}

static inline struct mroute *mroute_at(const struct refpe *pe, uint32_t i)
{
    return (struct mroute *)pe->mroutes.items + i;
}

static inline struct downstream *downstream_at(const struct refpe *pe, uint32_t i)
{
    return (struct downstream *)pe->downstreams.items + i;
}

static inline struct oif *oif_at(const struct refpe *pe, uint32_t i)
{
    return (struct oif *)pe->oifs.items + i;
}

static inline int64_t pe_now(const struct refpe *pe)
{
    return loop_now(pe->loop).ns;
}

/* pe_vrf returns VRF v (1...) or NULL if it is not configured. */
static inline struct vrf *pe_vrf(const struct refpe *pe, uint32_t v)
{
    return v >= 1 && v < pe->vrf_count && pe->vrfs[v].exists ? &pe->vrfs[v] : NULL;
}

#endif
