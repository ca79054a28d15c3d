/*
 * PIM Register, Null-Register and Register-Stop (RFC 7761 4.9.3, 4.9.4).
 *
 *   Register:      header(4) | B(1) N(1) reserved(30) | IP packet (Null: a 20-byte header only)
 *   Register-Stop: header(4) | group(8) | source (encoded unicast, 6)
 */
#ifndef MVPN_WIRE_PIM_REGISTER_H
#define MVPN_WIRE_PIM_REGISTER_H

#include "emul/wire/pim.h"

#include <stdio.h>

struct pim_register {
    bool border, null;
    const uint8_t *packet; /* the inner IP packet, in place */
    size_t packet_bytes;
    ip4_t source, group; /* of the inner packet */
};

struct pim_register_stop {
    struct pim_group group;
    ip4_t source; /* 0: wildcard, accepted only */
};

enum wire_err pim_register_decode(struct rd *body, struct pim_register *out);

/* pim_register_encode writes a Register around v->packet, or a Null-Register for (source, group).
 */
enum wire_err pim_register_encode(struct wr *w, const struct pim_register *v);
void pim_register_print(FILE *f, const struct pim_register *v);

enum wire_err pim_register_stop_decode(struct rd *body, struct pim_register_stop *out);
enum wire_err pim_register_stop_encode(struct wr *w, const struct pim_register_stop *v);
void pim_register_stop_print(FILE *f, const struct pim_register_stop *v);

#endif
