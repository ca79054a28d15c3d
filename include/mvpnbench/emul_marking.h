/*
 * Alternate marking on the bench (spec.marking_ns): where on their way through the network the
 * packets of the last window were lost. A branch is a stretch between two points that count by
 * colour; its packets count once, however many receivers are behind it. What a branch that ends at
 * a C-interface or the P side lost was lost in the DUT or on its cables.
 */
#ifndef MVPNBENCH_EMUL_MARKING_H
#define MVPNBENCH_EMUL_MARKING_H

#include "mvpnbench/emul.h"

struct emul_branch {
    char from[32], to[32];
    uint64_t sent, received;
    uint64_t lost;     /* summed over the VPNs and blocks that lost */
    size_t loss_count; /* of them, that is (VPN, block) pairs */
};

struct emul_branch_loss {
    uint32_t vpn;
    int64_t block; /* it begins at block * spec.marking_ns and has colour block & 1 */
    uint64_t sent, received;
};

/* emul_branch_count is the number of branches, 0 without marking. */
size_t emul_branch_count(const struct emul *e);

/* emul_branch_get gives branch ix (0...), and what it lost, at most cap of loss_count. */
void emul_branch_get(const struct emul *e, size_t ix, struct emul_branch *out,
                     struct emul_branch_loss *losses, size_t cap);

#endif
