/*
 * A tap: what crosses one port of a world, decoded as far as tests ask: Join/Prunes and Hellos with
 * the time, the session (VLAN or MDT and PIM source) and the direction.
 */
#ifndef MVPN_TESTS_TAP_H
#define MVPN_TESTS_TAP_H

#include "emul/base/instant.h"
#include "emul/wire/pim_hello.h"
#include "emul/wire/pim_jp.h"

#include <stddef.h>

struct tap_pim {
    struct instant at;
    uint64_t session; /* VLAN or MDT group, and PIM source */
    enum pim_type type;
    size_t ip_bytes;
    ip4_t source, upstream;
    unsigned joins, prunes, groups;
    uint16_t holdtime_s;
    bool t_bit; /* of a Hello */
};

struct tap {
    struct tap_pim *items;
    size_t count, cap;
    unsigned malformed;
};

/* tap_file reads a capture and appends its PIM messages to t. */
void tap_file(struct tap *t, const char *path);
void tap_fini(struct tap *t);

#endif
