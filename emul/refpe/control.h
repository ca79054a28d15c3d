/* Packets of the control plane: in by way of the processor, where they cost; out of an interface.
 */
#ifndef MVPN_REFPE_CONTROL_H
#define MVPN_REFPE_CONTROL_H

#include "emul/refpe/pe.h"

/* control_received hands a packet for the PE itself to the control plane: PIM, MDT Joins, IGMP. */
void control_received(struct refpe *pe, uint32_t iface, struct mac sender, const struct ipv4 *ip);

/* control_input acts on one. */
void control_input(struct refpe *pe, const struct control_packet *c);

/* control_send sends a packet out of an interface (inside GRE on a MTI): to the group's MAC address
 * if dst is a multicast group, else to mac. Source address (unless set), TOS, ID and TTL 1 (unless
 * set) are filled in. */
void control_send(struct refpe *pe, uint32_t iface, struct mac mac, struct ipv4 *ip);

#endif
