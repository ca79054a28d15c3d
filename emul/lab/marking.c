/* Alternate marking at the door (emul_marking.h): the block counters as branches with names. */
#include "emul/base/mem.h"
#include "emul/lab/lab.h"
#include "emul/traffic/blocks.h"
#include "mvpnbench/emul_marking.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[][2] = {
    [BRANCH_C_SOURCE] = {"C-sources behind C-routers", "DUT in, C side"},
    [BRANCH_P_SOURCE] = {"C-sources behind remote PEs", "DUT in, P side"},
    [BRANCH_P_SIDE] = {"DUT in, C side", "DUT out, P side"},
    [BRANCH_REMOTE] = {"DUT out, P side", "remote PEs"},
};

size_t emul_branch_count(const struct emul *e)
{
    bool marks = analyser_blocks(e->analyser) != NULL && e->net.spec.groups > 0;
    return marks ? BRANCH_INTERFACE + e->net.spec.c_interfaces : 0;
}

void emul_branch_get(const struct emul *e, size_t ix, struct emul_branch *out,
                     struct emul_branch_loss *losses, size_t cap)
{
    bool at_interface = ix >= BRANCH_INTERFACE;
    uint32_t interface = at_interface ? (uint32_t)ix - BRANCH_INTERFACE + 1 : 0;
    enum blocks_branch branch = at_interface ? BRANCH_INTERFACE : (enum blocks_branch)ix;
    struct blocks_loss *found = mem_zalloc(cap + 1, sizeof(*found));
    struct blocks_sum sum;
    blocks_get(analyser_blocks(e->analyser), branch, interface, &sum, found, cap);
    *out = (struct emul_branch){
        .sent = sum.sent, .received = sum.received, .lost = sum.lost, .loss_count = sum.lossy};
    if (at_interface) {
        (void)snprintf(out->from, sizeof(out->from), "DUT in");
        (void)snprintf(out->to, sizeof(out->to), "C-interface %u", interface);
    } else {
        (void)snprintf(out->from, sizeof(out->from), "%s", names[ix][0]);
        (void)snprintf(out->to, sizeof(out->to), "%s", names[ix][1]);
    }
    for (size_t i = 0; i < cap && i < sum.lossy; i++)
        losses[i] = (struct emul_branch_loss){found[i].vpn, found[i].block, found[i].sent,
                                              found[i].received};
    free(found);
}
