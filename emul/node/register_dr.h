/*
 * The DRs of the C-sources when the DUT is the C-RP (spec.c_rp_on_dut): the C-router behind the
 * C-interface of an ingress site, a C-router behind the remote PE of an egress site. Each registers
 * its sources with the RP by the machine of RFC 7761 4.4.1: data inside Registers until the RP
 * says Register-Stop, then a Null-Register from time to time; at most 100 Registers a second.
 *
 * From ingress sites Registers go unicast over the C-link. From remote sites they go to the DUT
 * inside GRE on the default MDT, unicast inside, as long as there is no unicast provider network.
 */
#ifndef MVPN_NODE_REGISTER_DR_H
#define MVPN_NODE_REGISTER_DR_H

#include "emul/node/net.h"
#include "mvpnbench/emul_extra.h"

#define REGISTER_MI_PMSI UINT32_MAX /* in place of a C-link */

struct register_drs;

struct register_counts {
    uint64_t registers, null_registers; /* sent */
    uint64_t stops;                     /* Register-Stops for a flow, received */
};

/* register_drs_new makes the DRs of an instance, none if its C-RPs are at the sites. */
struct register_drs *register_drs_new(struct net *net);
void register_drs_free(struct register_drs *d);

/*
 * register_drs_takes is told that source k of group j of VPN v sends a packet now; true if it goes
 * to the RP in a Register: hand it to register_drs_send then (a whole IP packet, its TTL
 * decremented; behind the native packet if there is one). -1 if it could not be sent.
 */
bool register_drs_takes(struct register_drs *d, uint32_t v, uint32_t j, uint32_t k);
int register_drs_send(struct register_drs *d, uint32_t v, uint32_t j, const uint8_t *packet,
                      size_t len);

/* register_drs_pim takes a unicast PIM message of the DUT that arrived on C-link k, or
 * (REGISTER_MI_PMSI) on the MI-PMSI of VPN v. */
void register_drs_pim(struct register_drs *d, uint32_t v, uint32_t link, const struct ipv4 *packet);

/* register_drs_learn notes the DUT's Ethernet address on C-link k. */
void register_drs_learn(struct register_drs *d, uint32_t link, struct mac dut);

/*
 * register_drs_announce lets every DR register its sources before they send, by Null-Registers at
 * 100 a second, again 5 s behind a round those that the RP has not joined; the instants of the RP's
 * joins are noted from now on. register_drs_announce_end ends it, register_drs_joins tells.
 */
void register_drs_announce(struct register_drs *d);
void register_drs_announce_end(struct register_drs *d);
void register_drs_joins(const struct register_drs *d, struct emul_register_joins *out);

/* register_drs_stop ends all registering: nothing is sent afterwards. */
void register_drs_stop(struct register_drs *d);

void register_drs_counts(const struct register_drs *d, struct register_counts *out);

/* register_drs_state is the machine's state of a flow, for tests. */
uint8_t register_drs_state(const struct register_drs *d, uint32_t v, uint32_t j, uint32_t k);

/* register_drs_bytes is the memory of all DRs. */
size_t register_drs_bytes(const struct register_drs *d);

#endif
