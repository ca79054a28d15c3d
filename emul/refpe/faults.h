/*
 * Faults that can be set, so that the harness can be seen to find them (DESIGN B.4). Flows are
 * numbered over everything the PE has come to know since it was configured, in numeric order of
 * (VRF, group, source).
 */
#ifndef MVPN_REFPE_FAULTS_H
#define MVPN_REFPE_FAULTS_H

#include "emul/base/addr.h"

#include <stdbool.h>
#include <stddef.h>

struct refpe;

struct flow_key {
    uint32_t vrf;
    ip4_t group, source;
};

struct faults {
    bool on;                /* some fault concerns the data path */
    struct flow_key *flows; /* sorted */
    size_t flow_count, flow_cap;
    uint64_t sg_oifs;      /* (S,G) OIFs installed so far */
    bool stuck_known;      /* the N-th was seen: */
    struct flow_key stuck; /* on interface stuck_iface */
    uint32_t stuck_iface;
    struct flow_key *lost; /* mroutes that do not come back, sorted */
    size_t lost_count;
    bool lost_active;
    uint64_t spmsi_sourced, spmsi_wanted; /* data MDTs used, and wanted of remote PEs, so far */
    bool no_join_known;                   /* the N-th was seen: */
    ip4_t no_join_pe, no_join_group;
};

struct data_mdt;

/* faults_reset forgets what was known; faults_fini frees it. */
void faults_reset(struct refpe *pe);
void faults_fini(struct refpe *pe);

/* faults_flow_known enters a flow that was joined or seen. */
void faults_flow_known(struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source);

/* faults_copies tells how many copies of a packet go out: 0 dropped, 1, or 2. */
unsigned faults_copies(const struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source);

/* faults_oif_stuck is asked once for each OIF that is installed for a C-(S,G). */
bool faults_oif_stuck(struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source, uint32_t iface);

/* faults_before_outage remembers which mroutes will not come back; faults_recovered makes it so. */
void faults_before_outage(struct refpe *pe);
void faults_recovered(struct refpe *pe);

/* faults_spmsi_sourced decides, when a data MDT comes into use first, what is wrong with it. */
void faults_spmsi_sourced(struct refpe *pe, struct data_mdt *d);

/* faults_spmsi_not_joined tells whether a remote PE's data MDT, wanted for the first time unless
 * it was met before, must not be joined. */
bool faults_spmsi_not_joined(struct refpe *pe, ip4_t remote_pe, ip4_t p_group);

/* faults_mroute_lost tells whether the mroute (source 0: (*,G)) must not come back. */
bool faults_mroute_lost(const struct refpe *pe, uint32_t vrf, ip4_t group, ip4_t source);

#endif
