/*
 * C-packets, prebuilt: one frame for the C side and one for the P side of an instance, in which
 * sending changes only addresses, numbers, time and checksums (RFC 1624 arithmetic: the sum of what
 * never changes is taken once).
 */
#ifndef MVPN_LAB_FRAME_TEMPLATE_H
#define MVPN_LAB_FRAME_TEMPLATE_H

#include "emul/io/port.h"
#include "emul/wire/probe.h"
#include "mvpnbench/topology.h"

#define FRAME_SOURCE_TTL 16

struct frame_layout {
    uint8_t bytes[PORT_FRAME_MAX];
    size_t len;
    size_t outer; /* offset of the outer IPv4 header, 0: none */
    size_t inner; /* offset of the C-packet */
    uint32_t outer_sum, inner_sum, udp_sum;
};

struct frame_template {
    struct frame_layout c, p;
    unsigned tags; /* VLAN tags on the C side */
    uint16_t next_id;
};

/* frame_template_init builds both frames; packet_bytes must hold a probe. */
void frame_template_init(struct frame_template *t, const struct instance_spec *spec);

/* frame_template_c fills in the frame of a C-source behind the C-router of link; the bytes are
 * lent until the next call. */
const uint8_t *frame_template_c(struct frame_template *t, const struct instance_spec *spec,
                                uint32_t link, ip4_t source, ip4_t group, const struct probe *probe,
                                size_t *len);

/* frame_template_packet fills in the C-packet alone, as the first router behind its source has it.
 */
const uint8_t *frame_template_packet(struct frame_template *t, ip4_t source, ip4_t group,
                                     const struct probe *probe, size_t *len);

/* frame_template_p fills in the frame of a C-source behind remote PE pe on the MDT mdt. */
const uint8_t *frame_template_p(struct frame_template *t, ip4_t mdt, ip4_t pe, ip4_t source,
                                ip4_t group, const struct probe *probe, size_t *len);

#endif
