/*
 * Counts of the Join/Prune and Hello messages on the MI-PMSIs, by what they do to a tree and at
 * which PEs (emul_signal.h). What a message does follows from those before it on the same LAN: one
 * byte a C-route remembers them.
 */
#ifndef MVPN_NODE_LAN_COUNT_H
#define MVPN_NODE_LAN_COUNT_H

#include "emul/proto/pim/upstream.h"
#include "mvpnbench/emul_signal.h"

struct lan_count {
    uint8_t *routes; /* by plan_route */
    int64_t first_ns;
    uint64_t dut[SIGNAL_KINDS], pes[SIGNAL_KINDS];
};

/* Who sends a message, and how many equipments of each kind process it. */
struct lan_message {
    bool from_dut;
    uint32_t at_dut; /* 1, or 0: it did not reach the DUT */
    uint32_t at_pes;
    int64_t now_ns;
};

void lan_count_init(struct lan_count *c, size_t routes);
void lan_count_fini(struct lan_count *c);

/* lan_count_add counts one message of a kind that does not depend on others. */
void lan_count_add(struct lan_count *c, const struct lan_message *m, enum signal_kind kind);

/* lan_count_entry counts one entry for C-route route; why: as its sender sees it. The first Join
 * that the LAN sees behind a Prune is an override whatever it was sent for, unless it is its
 * sender's first. */
void lan_count_entry(struct lan_count *c, const struct lan_message *m, uint32_t route,
                     enum pim_us_why why);

/* lan_count_dut_joined tells whether the DUT's last word on the route was a Join. */
bool lan_count_dut_joined(const struct lan_count *c, uint32_t route);

#endif
