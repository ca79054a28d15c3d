/* Interfaces: C-interfaces by port and VLAN tags, the MTIs, the P interface. */
#ifndef MVPN_REFPE_CIF_H
#define MVPN_REFPE_CIF_H

#include "emul/refpe/pe.h"

/* iface_add makes an interface of that kind with a fresh GenID; returns its index. */
uint32_t iface_add(struct refpe *pe, enum iface_kind kind, uint32_t vrf, struct pe_port *port,
                   ip4_t addr, uint8_t len);

/* iface_set_header prebuilds the Ethernet header of frames that leave there. */
void iface_set_header(struct iface *f, uint16_t outer_vid, uint16_t inner_vid);

/* iface_working is true when frames can pass: not refused, cable in, recovered. An MTI depends on
 * the P port. */
bool iface_working(const struct refpe *pe, uint32_t iface);

/* iface_of_frame finds the C-interface of a frame by port and tags, or NONE. */
uint32_t iface_of_frame(const struct refpe *pe, const struct pe_port *port, uint16_t outer,
                        uint16_t inner);

/* iface_new_genid draws the next Generation ID of the interface. */
void iface_new_genid(struct refpe *pe, uint32_t iface);

/* iface_lan brings suppression, propagation_ms and override_ms up to date (RFC 7761 4.3.3). */
const struct iface *iface_lan(struct refpe *pe, uint32_t iface);

/* iface_send writes the Ethernet header in front of the packet (HEADROOM before it) and sends. */
int iface_send(struct refpe *pe, uint32_t iface, struct mac dst, uint8_t *packet, size_t len);

#endif
