/* The multicast tunnel interfaces (RFC 6037 4.7): C-packets wrapped in GRE towards the default MDT
 * or a data MDT, natively where it is joined, inside Registers while the P-RP wants those of the
 * default MDT (RFC 7761 4.4). */
#ifndef MVPN_REFPE_MTI_H
#define MVPN_REFPE_MTI_H

#include "emul/refpe/pe.h"

#define MTI_OVERHEAD 24 /* outer IPv4 and GRE */

/* mti_prepare prebuilds the outer headers of a MDT. */
void mti_prepare(struct refpe *pe, ip4_t p_group, uint8_t header[MDT_HEADER]);

/* mti_send wraps a C-packet (HEADROOM before it, which is overwritten) and sends it on the default
 * MDT, mti_send_data on a data MDT of the PE. */
void mti_send(struct refpe *pe, uint32_t vrf, uint8_t *packet, size_t len);
void mti_send_data(struct refpe *pe, uint32_t data_mdt, uint8_t *packet, size_t len);

/* mti_ready is true when something sent now can get anywhere. */
bool mti_ready(const struct refpe *pe, uint32_t vrf);

/* mti_input takes a GRE packet that came in on the P interface. */
void mti_input(struct refpe *pe, const struct ipv4 *outer);

#endif
