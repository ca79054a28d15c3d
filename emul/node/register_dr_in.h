/* The insides of the DRs, shared by register_dr.c and register_announce.c. */
#ifndef MVPN_NODE_REGISTER_DR_IN_H
#define MVPN_NODE_REGISTER_DR_IN_H

#include "emul/node/register_dr.h"
#include "emul/proto/pim/idxheap.h"

/* A Null-Register whose turn in its DR's pace is settled. */
#define HAS_TURN 0x01

struct dr_flow { /* begins as struct idxheap_record; due: Register-Stop Timer */
    int64_t due_ns;
    uint32_t pos;
    uint8_t state, flags;
    uint16_t draws; /* occasions on which a random delay was drawn */
};

/* One DR: when it may send its next Register. */
struct register_dr {
    int64_t next_ns;
};

/* The step before traffic of draft 9.13: Null-Registers in turn, each DR's at its pace. */
struct register_turn {
    int64_t after_ns; /* since the round began */
    uint32_t ix;      /* of the flow */
};

struct register_announce {
    struct register_turn *turns; /* in order; NULL: it was never begun */
    size_t count, next;
    int64_t *first_ns;    /* by flow: its first Null-Register; INT64_MAX: none yet */
    struct instant round; /* the present round began */
    struct timer timer;
    bool running;
};

struct register_drs {
    struct net *net;
    uint64_t seed;
    bool active;
    uint32_t sites;          /* of one VPN: C-interfaces, then remote PEs with sources */
    struct register_dr *drs; /* by (VPN - 1) * sites + site */
    struct mac *dut_mac;     /* by C-link */
    struct dr_flow *flows;
    uint32_t *slots;
    uint32_t armed;
    uint32_t *seen_s; /* last packet of a flow */
    struct timer timer;
    struct register_counts counts;
    struct register_announce announce;
};

/* register_dr_place returns the DR of group j of VPN v as a place in drs. */
uint32_t register_dr_place(const struct register_drs *d, uint32_t v, uint32_t j);

/* register_dr_split gives VPN, group and source of flow ix (0...). */
void register_dr_split(const struct register_drs *d, uint32_t ix, uint32_t *v, uint32_t *j,
                       uint32_t *k);

/* register_dr_null sends a Null-Register of flow ix (0...) now; false if it could not be sent. */
bool register_dr_null(struct register_drs *d, uint32_t ix);

void register_announce_fini(struct register_drs *d);

#endif
