/* The data path: C-packets from and to C-interfaces and MTIs, and everything that arrives. */
#ifndef MVPN_REFPE_FORWARD_H
#define MVPN_REFPE_FORWARD_H

#include "emul/refpe/pe.h"

/* forward_rx_c and forward_rx_p are the ports' receive functions; arg is the struct pe_port. */
void forward_rx_c(void *arg, const uint8_t *frame, size_t len, struct instant at);
void forward_rx_p(void *arg, const uint8_t *frame, size_t len, struct instant at);

/*
 * forward_c_packet forwards a multicast C-packet that came in on interface iif; tunnel_src is the
 * PE that sent it when iif is a MTI (RFC 6037 5.2: it must be the RPF neighbour).
 */
void forward_c_packet(struct refpe *pe, uint32_t iif, ip4_t tunnel_src, const uint8_t *packet,
                      size_t len, const struct ipv4 *ip);

/* forward_along sends a C-packet out of all OIFs of a mroute, one TTL less. Records of mroutes may
 * move. */
void forward_along(struct refpe *pe, uint32_t mroute, const uint8_t *packet, size_t len,
                   const struct ipv4 *ip);

/* forward_packet_input takes any IP packet that arrived on an interface, C-side or inside GRE. */
void forward_packet_input(struct refpe *pe, uint32_t iface, ip4_t tunnel_src, struct mac sender,
                          const uint8_t *packet, size_t len);

/* forward_out sends a data frame out of a port, after forwarding.delay_us if there is one. */
void forward_out(struct refpe *pe, struct pe_port *port, const uint8_t *frame, size_t len);

/* forward_clear forgets the frames inside the PE. */
void forward_init(struct refpe *pe);
void forward_clear(struct refpe *pe);
void forward_fini(struct refpe *pe);

#endif
