/*
 * Acting on an emulated network that is up and held (`mvpnbench emulate`), and looking into it: per
 * VPN, neighbour and flow. VPNs, C-interfaces, remote PEs, groups and flows are numbered from 1 as
 * in topology.h. Calls return 0, or -1 with *err (ERR_USE: no such VPN ...).
 */
#ifndef MVPNBENCH_EMUL_LIVE_H
#define MVPNBENCH_EMUL_LIVE_H

#include "mvpnbench/emul.h"

/*
 * emul_live_start prepares for what follows: call it before the traffic is started for the first
 * time, since it counts from then on. emul_live_traffic starts the sources anew from packet 0, all
 * counts from 0, or stops them.
 */
void emul_live_start(struct emul *e);
void emul_live_traffic(struct emul *e, bool on);
bool emul_live_sending(const struct emul *e);

/* emul_group_set starts (joins and sends) or stops (prunes and rests) a group of a VPN; after
 * emul_join. */
int emul_group_set(struct emul *e, uint32_t vpn, uint32_t group, bool on, struct err *err);

/* emul_receiver_set joins or prunes an ingress group at one of the remote PEs that have a receiver
 * of it, the nth of them (1...); before emul_join too. */
int emul_receiver_set(struct emul *e, uint32_t vpn, uint32_t group, uint32_t nth, bool on,
                      struct err *err);

/* emul_pe_set takes a remote PE of a VPN away (no Hellos, no Joins, no packets: as if it had
 * crashed) and back with a new GenID; sources behind it rest meanwhile, receivers join again. */
int emul_pe_set(struct emul *e, uint32_t vpn, uint32_t pe, bool up, struct err *err);

/* emul_genid changes the GenID of a C-router (pe 0, interface i) or of a remote PE (i 0), which has
 * forgotten the DUT's Joins then: its neighbours must send them again (RFC 7761 4.3.1). */
int emul_genid(struct emul *e, uint32_t vpn, uint32_t interface, uint32_t pe, struct err *err);

struct emul_vpn_state {
    uint32_t vpn;
    bool mdt_joined, mdt_from_dut;
    uint32_t c_neighbours, mi_pmsi_neighbours; /* that have the DUT as neighbour */
    uint32_t pes_away;
    uint32_t c_routes_joined; /* C-routes that the DUT has joined upstream of it */
    uint64_t sent, received, lost, duplicate, misdelivered; /* pairs, since the traffic started */
};
int emul_vpn_get(struct emul *e, uint32_t vpn, struct emul_vpn_state *out, struct err *err);

/* emul_flows_delivered counts the flows of which every receiver gets the packets now (all its pairs
 * flow, emul.h) of emul_flows in all; it goes through all pairs. */
uint64_t emul_flows(const struct emul *e);
uint64_t emul_flows_delivered(const struct emul *e);

struct emul_neighbour_state {
    uint32_t vpn, interface, pe; /* one of interface and pe is 0 */
    ip4_t address;               /* of the emulated router */
    bool up;                     /* it has the DUT as neighbour */
    bool away;                   /* taken away by emul_pe_set */
    int64_t holdtime_left_ms;
    uint32_t dut_genid;
};
/* emul_neighbours_get lists a VPN's emulated routers from the first-th (0...), at most cap; returns
 * how many there are in all. */
size_t emul_neighbours_get(struct emul *e, uint32_t vpn, size_t first,
                           struct emul_neighbour_state *out, size_t cap);

struct emul_flow_state {
    uint32_t flow, vpn, group, source;
    bool ingress, running;
    uint64_t sent, received, lost, duplicate, misdelivered; /* pairs, since the traffic started */
    int64_t latency_avg_ns;                                 /* -1: nothing received */
};
size_t emul_flows_get(struct emul *e, uint32_t vpn, size_t first, struct emul_flow_state *out,
                      size_t cap);

#endif
