/* DUT power cycle (draft 7, stimulus 1). Tf is the instant at which power is back. */
#include "harness/stimulus/stimulus.h"

const struct stimulus_ops stimulus_power_cycle = {.id = STIM_POWER_CYCLE,
                                                  .beginning = "the DUT's power is off",
                                                  .recovery_action = "the DUT's power is on again",
                                                  .hold_out = true};
