/* PIM Assert (RFC 7761 4.9.6): header(4) | group(8) | source(6) | R(1) preference(31) | metric(32).
 */
#ifndef MVPN_WIRE_PIM_ASSERT_H
#define MVPN_WIRE_PIM_ASSERT_H

#include "emul/wire/pim.h"

#include <stdio.h>

struct pim_assert {
    struct pim_group group;
    ip4_t source; /* may be 0 with rpt */
    bool rpt;
    uint32_t preference, metric;
};

enum wire_err pim_assert_decode(struct rd *body, struct pim_assert *out);
enum wire_err pim_assert_encode(struct wr *w, const struct pim_assert *v);
void pim_assert_print(FILE *f, const struct pim_assert *v);

#endif
