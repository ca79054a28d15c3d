/*
 * S-PMSIs, or data MDTs (RFC 6037 sections 6 and 7). Sourced (spmsi_tx.c): a flow of the configured
 * list that is sent on the MTI is announced by MDT Join TLVs and moved to its data MDT after
 * spmsi.delay_ms. Received (spmsi_rx.c): TLVs of remote PEs are cached, and their data MDTs joined
 * while the VRF has receivers of a flow on them.
 */
#ifndef MVPN_REFPE_SPMSI_H
#define MVPN_REFPE_SPMSI_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"

#define MDT_INTERVAL_S      60
#define MDT_DATA_TIMEOUT_S  180
#define MDT_DATA_HOLDDOWN_S 60

enum data_flow_state {
    FLOW_DEFAULT,   /* on the default MDT, or not sent to the MTI at all */
    FLOW_ANNOUNCED, /* announced, still on the default MDT */
    FLOW_MOVED,     /* on the data MDT */
    FLOW_LEAVING,   /* not wanted there any more, but the hold-down is not over */
    FLOW_REFUSED,   /* no room for its S-PMSI: not forwarded to the MTI */
    FLOW_STATES
};
enum data_flow_event {
    FLOW_WANTED, /* a packet goes to the MTI */
    FLOW_NO_ROOM,
    FLOW_NOT_WANTED, /* the MTI is no OIF any more, or the source is silent */
    FLOW_DELAY_OVER,
    FLOW_HOLDDOWN_OVER,
    FLOW_EVENTS
};

extern const struct fsm_machine data_flow_machine;

/* A data MDT that the PE may source: one P-group of a VRF's pool. */
struct data_mdt {
    uint32_t vrf;
    ip4_t p_group;
    uint32_t flows;  /* that hold it */
    uint32_t mroute; /* (PE, P-group) in the P instance; NONE: not in use */
    bool numbered;   /* was in use before: its faults are decided */
    bool announce_only, silent, both;
    uint8_t header[MDT_HEADER];
};

/* A flow of the list of those that go on data MDTs. */
struct data_flow {
    uint32_t vrf, next_same_key, next_in_vrf, next_tell;
    ip4_t source, group;
    uint32_t mdt; /* index of its data MDT; NONE: it stays on the default MDT */
    uint8_t state;
    bool telling;              /* in the VRF's list of TLVs to send */
    int64_t sent_ns, moved_ns; /* last packet to the MTI; switch to the data MDT */
    struct due due;            /* delay, silence of the source, or hold-down */
};

/* A data MDT of a remote PE that some TLV named. */
struct rx_mdt {
    struct pool_link link;
    uint32_t vrf;
    ip4_t pe, p_group;
    uint32_t flows, wanted; /* announced on it, and of those with receivers here */
    uint32_t mroute;        /* (its PE, P-group) in the P instance; NONE: not joined */
};

/* One cached TLV. */
struct rx_flow {
    struct pool_link link;
    uint32_t vrf, next_same_key, mdt;
    ip4_t source, group, pe;
    bool wanted;
    struct due expiry;
};

static inline struct rx_mdt *rx_mdt_at(const struct refpe *pe, uint32_t i)
{
    return (struct rx_mdt *)pe->rx_mdts.items + i;
}

static inline struct rx_flow *rx_flow_at(const struct refpe *pe, uint32_t i)
{
    return (struct rx_flow *)pe->rx_flows.items + i;
}

void spmsi_init(struct refpe *pe);
void spmsi_fini(struct refpe *pe);
void spmsi_clear(struct refpe *pe);

/* spmsi_forget takes every flow off its data MDT and empties the cache of TLVs; pools and access
 * lists stay. spmsi_stale gives each TLV cached one more timeout, and announces what is sourced. */
void spmsi_forget(struct refpe *pe);
void spmsi_stale(struct refpe *pe);

/* spmsi_flow_of returns the configured flow (source, group) of a VRF, or NONE. */
uint32_t spmsi_flow_of(const struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group);

/* Where a packet of a flow goes on the P side. */
#define SPMSI_ON_DEFAULT 1u
#define SPMSI_ON_DATA    2u

/* spmsi_tx_packet notes a packet of the flow on its way to the MTI, and says where it goes. Records
 * of mroutes may move. */
unsigned spmsi_tx_packet(struct refpe *pe, uint32_t flow);

/* spmsi_tx_unwanted tells that the MTI is no OIF of the flow any more. */
void spmsi_tx_unwanted(struct refpe *pe, uint32_t flow);

/* spmsi_olist_changed is called whenever the olist of a C-mroute may have changed: a sourced flow
 * loses its need, data MDTs of remote PEs are joined or left. Records of mroutes may move. */
void spmsi_olist_changed(struct refpe *pe, uint32_t mroute);

/* spmsi_link_back announces again what is sourced in a VRF. */
void spmsi_link_back(struct refpe *pe, uint32_t vrf);

/* spmsi_rx_input acts on a UDP packet to 224.0.0.13 that came over the default MDT of a VRF. */
void spmsi_rx_input(struct refpe *pe, uint32_t vrf, ip4_t src, ip4_t dst, const uint8_t *udp,
                    size_t len);

/* spmsi_rx_vrf returns the VRF of a data MDT that is joined, or 0. */
uint32_t spmsi_rx_vrf(const struct refpe *pe, ip4_t remote_pe, ip4_t p_group);

/* The agenda's calls. */
void spmsi_tx_timer(struct refpe *pe, uint32_t flow);
void spmsi_tx_announce(struct refpe *pe, uint32_t vrf);
void spmsi_rx_expired(struct refpe *pe, uint32_t flow);

#endif
