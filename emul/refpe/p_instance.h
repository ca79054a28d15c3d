/*
 * The P instance: the PE joins the default MDTs and is the first-hop router of its own MDT packets.
 * ASM: (*,G) towards the P-RP, Registers (RFC 7761 4.4.1). SSM: (S,G) towards every remote PE.
 * BIDIR: (*,G) to the DF of the P link (df.h).
 */
#ifndef MVPN_REFPE_P_INSTANCE_H
#define MVPN_REFPE_P_INSTANCE_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"

enum register_state { RG_NO_INFO, RG_JOIN, RG_JOIN_PENDING, RG_PRUNE, RG_STATES };
enum register_event {
    RG_COULD_REGISTER,
    RG_COULD_NOT_REGISTER,
    RG_REGISTER_STOP,
    RG_TIMER_EXPIRES,
    RG_EVENTS
};

extern const struct fsm_machine register_machine;

/* p_source makes the PE a source of a P-group on behalf of a VRF: the pinned (PE, P-group). */
uint32_t p_source(struct refpe *pe, uint32_t vrf, ip4_t group);

/* p_join_mdt joins the VRF's default MDT and makes the PE a source of it. */
void p_join_mdt(struct refpe *pe, uint32_t vrf);

/* p_link_lost forgets trees and Register states; p_link_back starts them again. */
void p_link_lost(struct refpe *pe);
void p_link_back(struct refpe *pe);

/* p_register_stop acts on a Register-Stop for one of our MDTs. */
void p_register_stop(struct refpe *pe, ip4_t source, ip4_t group);
void p_register_timer(struct refpe *pe, uint32_t vrf);

/* p_df_changed makes the DF of the P link the RPF neighbour of every (*,MDT) (RFC 5015 3.4.2). */
void p_df_changed(struct refpe *pe);

/* gateway_resolve asks by ARP for the P router until it is known; gateway_learn notes its MAC. */
void gateway_resolve(struct refpe *pe, uint32_t unused);
void gateway_learn(struct refpe *pe, struct mac mac);

#endif
