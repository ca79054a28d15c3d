/* ICMP echo request and reply (RFC 792): type(1) code(1) checksum(2) id(2) sequence(2) data. */
#ifndef MVPN_WIRE_ICMP_H
#define MVPN_WIRE_ICMP_H

#include "emul/wire/wr.h"

#include <stdio.h>

#define ICMP_ECHO_REPLY   0
#define ICMP_ECHO_REQUEST 8

struct icmp_echo {
    uint8_t type;
    uint16_t id, sequence;
    const uint8_t *data;
    size_t data_bytes;
};

/* icmp_echo_decode returns WIRE_TYPE for other ICMP messages. */
enum wire_err icmp_echo_decode(struct rd *r, struct icmp_echo *out);
enum wire_err icmp_echo_encode(struct wr *w, const struct icmp_echo *v);
void icmp_echo_print(FILE *f, const struct icmp_echo *v);

#endif
