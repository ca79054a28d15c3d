/*
 * Failure stimuli (draft section 7), one file each: what begins it, what the recovery action is,
 * whether the DUT is held out between the two, and whether the apparatus can carry it out by
 * itself. Who does in a run is the DUT driver's word (enum stimulus_way).
 */
#ifndef MVPN_STIMULUS_STIMULUS_H
#define MVPN_STIMULUS_STIMULUS_H

#include "mvpnbench/dut.h"
#include "mvpnbench/emul.h"

struct stimulus_ops {
    enum stimulus id;
    const char *beginning, *recovery_action; /* for people: "the P link's cable is pulled" */
    /* Time passes between the two (hold_out_s); without it both are one instant, which is Tf. */
    bool hold_out;
    /* The apparatus's own way; NULL: only the DUT's driver has one. 0, or -1 with *err. */
    int (*begin)(struct emul *e, struct err *err);
    int (*recover)(struct emul *e, struct err *err);
};

extern const struct stimulus_ops stimulus_power_cycle;
extern const struct stimulus_ops stimulus_processor_switchover;
extern const struct stimulus_ops stimulus_p_card_oir;
extern const struct stimulus_ops stimulus_c_card_oir;
extern const struct stimulus_ops stimulus_p_link_flap;
extern const struct stimulus_ops stimulus_c_link_flap;

/* stimulus_ops_find returns how the stimulus goes; NULL for STIM_COUNT. */
const struct stimulus_ops *stimulus_ops_find(enum stimulus s);

#endif
