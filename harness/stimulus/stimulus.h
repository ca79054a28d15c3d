/*
 * Failure stimuli (draft section 7), one file each: what begins it, what the recovery action is,
 * and who carries it out: the apparatus (its own cable) or the DUT's driver.
 */
#ifndef MVPN_STIMULUS_STIMULUS_H
#define MVPN_STIMULUS_STIMULUS_H

#include "mvpnbench/dut.h"
#include "mvpnbench/emul.h"

struct stimulus_ops {
    enum stimulus id;
    bool by_apparatus; /* otherwise by the driver's stimulus call */
    /* Both return 0, or -1 with *err. recover's return is Tf. */
    int (*begin)(struct emul *e, struct err *err);
    int (*recover)(struct emul *e, struct err *err);
};

extern const struct stimulus_ops stimulus_p_link_flap;
extern const struct stimulus_ops stimulus_c_link_flap;

/* stimulus_ops_find returns how the stimulus is carried out, or NULL when this version cannot. */
const struct stimulus_ops *stimulus_ops_find(enum stimulus s);

#endif
