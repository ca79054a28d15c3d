/* PIM messages in and out of the PE's interfaces. */
#ifndef MVPN_REFPE_PIM_IO_H
#define MVPN_REFPE_PIM_IO_H

#include "emul/refpe/pe.h"

#define PIM_MESSAGE_MAX 8192

/* pim_send_link sends a PIM message to 224.0.0.13 on the interface, TTL 1 (inside GRE on a MTI). */
void pim_send_link(struct refpe *pe, uint32_t iface, const uint8_t *message, size_t len);

/* pim_send_p_rp sends a PIM message by unicast to the P-RP. */
void pim_send_p_rp(struct refpe *pe, const uint8_t *message, size_t len);

/* pim_input acts on one PIM message. */
void pim_input(struct refpe *pe, const struct control_packet *m);

#endif
