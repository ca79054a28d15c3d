/*
 * PIM Hello (RFC 7761 4.9.2): options type(16) length(16) value. Unknown options are skipped.
 * All encode functions here write a whole PIM message (header and checksum included); decode
 * functions take the body that pim_open returned.
 */
#ifndef MVPN_WIRE_PIM_HELLO_H
#define MVPN_WIRE_PIM_HELLO_H

#include "emul/wire/pim.h"

#include <stdio.h>

#define PIM_HOLDTIME_FOREVER 0xffff
#define PIM_ADDRESS_LIST_MAX 32

enum pim_hello_bit {
    PIM_HAS_HOLDTIME = 1 << 0,
    PIM_HAS_LAN_PRUNE_DELAY = 1 << 1,
    PIM_HAS_DR_PRIORITY = 1 << 2,
    PIM_HAS_GENID = 1 << 3,
    PIM_HAS_STATE_REFRESH = 1 << 4,
    PIM_HAS_BIDIR = 1 << 5,
    PIM_HAS_ADDRESS_LIST = 1 << 6,
    PIM_HAS_JOIN_ATTRIBUTE = 1 << 7,
};

struct pim_hello {
    uint32_t present; /* pim_hello_bit */
    uint16_t holdtime_s;
    bool t_bit;
    uint16_t propagation_delay_ms; /* 15 bits */
    uint16_t override_interval_ms;
    uint32_t dr_priority;
    uint32_t genid;
    uint8_t state_refresh_version, state_refresh_interval_s;
    size_t address_count; /* secondary addresses, the first PIM_ADDRESS_LIST_MAX are kept */
    ip4_t address[PIM_ADDRESS_LIST_MAX];
    unsigned unknown_options;
};

/* pim_hello_decode leaves 0 where an option is absent. */
enum wire_err pim_hello_decode(struct rd *body, struct pim_hello *out);
enum wire_err pim_hello_encode(struct wr *w, const struct pim_hello *v);
void pim_hello_print(FILE *f, const struct pim_hello *v);

#endif
