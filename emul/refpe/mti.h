/* The multicast tunnel interfaces (RFC 6037 4.7): C-packets wrapped in GRE towards the default MDT,
 * natively where it is joined, inside Registers while the P-RP wants them (RFC 7761 4.4). */
#ifndef MVPN_REFPE_MTI_H
#define MVPN_REFPE_MTI_H

#include "emul/refpe/pe.h"

#define MTI_OVERHEAD 24 /* outer IPv4 and GRE */

/* mti_prepare prebuilds the outer headers of a VRF. */
void mti_prepare(struct refpe *pe, struct vrf *v);

/* mti_send wraps and sends a C-packet (HEADROOM before it, which is overwritten). */
void mti_send(struct refpe *pe, uint32_t vrf, uint8_t *packet, size_t len);

/* mti_ready is true when something sent now can get anywhere. */
bool mti_ready(const struct refpe *pe, uint32_t vrf);

/* mti_input takes a GRE packet that came in on the P interface. */
void mti_input(struct refpe *pe, const struct ipv4 *outer);

#endif
