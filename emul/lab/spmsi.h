/*
 * S-PMSIs of the DUT as the emulated PEs see them (RFC 6037 section 7): what it announces by MDT
 * Join TLVs (cached for 180 s), which data MDTs the P router joins for the PEs that want a flow on
 * them, and on which MDT each packet of such a flow arrives. One record a flow that was announced,
 * is meant for a data MDT, or was seen on one; one a data MDT; both in arrays.
 */
#ifndef MVPN_LAB_SPMSI_H
#define MVPN_LAB_SPMSI_H

#include "emul/base/map.h"
#include "emul/loop/loop.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/probe.h"
#include "mvpnbench/emul.h"

#define SPMSI_NONE UINT32_MAX

/* Flags of a flow. */
#define SPMSI_ANNOUNCED 0x01 /* a TLV came within the last 180 s */
#define SPMSI_KNOWN     0x02 /* ... or earlier */
#define SPMSI_WANTED    0x04 /* a remote PE wants it: counted in its data MDT */
#define SPMSI_MOVED     0x08 /* its newest packet came on a data MDT */
#define SPMSI_SWITCHED  0x10 /* a switch was measured: its packets are counted */

struct spmsi_flow {
    int64_t t0_ns;      /* first TLV of an announcement that no packet has followed yet */
    int64_t tlv_ns;     /* newest TLV */
    int64_t default_ns; /* newest packet on the default MDT, on a data MDT */
    int64_t data_ns;
    uint64_t on_default, on_data; /* bit b: sequence newest - 1 - b arrived there */
    uint32_t flow;                /* 1... */
    uint32_t slot;                /* its data MDT, or SPMSI_NONE */
    uint32_t older, newer;        /* announced flows in order of their newest TLV */
    uint32_t newest;              /* highest sequence that arrived, plus 1 */
    uint32_t first, end;          /* packets of the switch: first...end - 1 */
    uint32_t got, duplicate;      /* of them */
    uint32_t both, silent;        /* packets since the window opened: on both MDTs; unannounced */
    uint8_t flags;
};

/* A data MDT, at the index of its slot in the P router. */
struct spmsi_mdt {
    ip4_t group; /* 0: free */
    uint32_t vpn;
    uint32_t announced, wanted; /* flows */
    uint32_t in_use;            /* flows, while somebody counts */
};

struct lab_spmsi {
    uint32_t *record_of; /* by VPN and ingress flow; NULL until the first record */
    struct spmsi_flow *flows;
    size_t flow_count, flow_cap;
    struct spmsi_mdt *mdts;
    uint32_t mdt_count, next_spare;
    struct map slot_of;      /* data MDTs that are not in the plan: group to slot */
    uint32_t oldest, newest; /* announced flows */
    uint64_t announced;
    struct timer expiry;
    uint64_t datagrams, tlvs;
    /* Of completed switches; lost and duplicate of those that were folded in. */
    uint64_t switches, lost, duplicate;
    int64_t delay_min_ns, delay_max_ns, delay_sum_ns;
    struct instant start;   /* of the sources */
    struct instant p_since; /* the DUT became a neighbour on the P link */
};

struct emul;

void lab_spmsi_init(struct emul *e);
void lab_spmsi_fini(struct emul *e);

/* lab_spmsi_tlvs takes a UDP packet of the DUT to all routers that came on VPN v's default MDT. */
void lab_spmsi_tlvs(struct emul *e, uint32_t v, const struct ipv4 *packet, struct instant at);

/* lab_spmsi_interest looks again at who wants what: receivers have joined or left. */
void lab_spmsi_interest(struct emul *e);

/* lab_spmsi_sources is told that the sources start at now. */
void lab_spmsi_sources(struct emul *e, struct instant now);

/* lab_spmsi_window is told that a window opens. */
void lab_spmsi_window(struct emul *e);

/* lab_spmsi_of returns the slot of a data MDT of the DUT, or SPMSI_NONE. */
uint32_t lab_spmsi_of(const struct emul *e, ip4_t group);

/* lab_spmsi_default notes a packet of ingress flow (j, k) of VPN v on the default MDT. */
void lab_spmsi_default(struct emul *e, uint32_t v, uint32_t j, uint32_t k,
                       const struct probe *probe, struct instant at);

/* lab_spmsi_data notes one on the data MDT with that slot (or SPMSI_NONE); true if the remote PEs
 * take it: it was announced there, and the P router has joined. */
bool lab_spmsi_data(struct emul *e, uint32_t slot, uint32_t v, uint32_t j, uint32_t k,
                    const struct probe *probe, struct instant at);

/* lab_spmsi_withheld notes a packet of an ingress flow that was not sent. */
void lab_spmsi_withheld(struct emul *e, uint32_t v, uint32_t j, uint32_t k, uint64_t sequence);

/* lab_spmsi_get fills in what concerns S-PMSIs. */
void lab_spmsi_get(const struct emul *e, struct emul_spmsi *out);

/* lab_spmsi_in_use counts data MDTs that are announced and carry packets, flows on them, and MDTs
 * with more than one. */
void lab_spmsi_in_use(const struct emul *e, struct instant now, uint64_t *mdts, uint64_t *flows,
                      uint64_t *reused);

/* lab_spmsi_failures lists what is wrong with S-PMSIs of both directions, as emul_failures. */
size_t lab_spmsi_failures(const struct emul *e, struct emul_failure *out, size_t cap);

/* lab_spmsi_newest_tlv returns when a TLV named the flow last, INT64_MIN: never. */
int64_t lab_spmsi_newest_tlv(const struct emul *e, uint32_t flow);

/* lab_spmsi_bytes is the memory in use. */
size_t lab_spmsi_bytes(const struct emul *e);

/* Inside: spmsi_record finds or (create) makes the record of a flow; spmsi_begin starts to measure
 * a switch at t0, spmsi_fold adds a measured one to the sums. */
struct spmsi_flow *spmsi_record(struct emul *e, uint32_t v, uint32_t j, uint32_t k, bool create);
void spmsi_begin(struct emul *e, struct spmsi_flow *f, struct instant t0);
void spmsi_fold(struct emul *e, struct spmsi_flow *f);

/* spmsi_lost returns the packets of the flow's switch that are missing by now. */
uint32_t spmsi_lost(const struct emul *e, const struct spmsi_flow *f, struct instant now);

#endif
