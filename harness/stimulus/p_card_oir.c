/* P-facing line card removed and inserted (draft 7, stimulus 3). Tf is the insertion. */
#include "harness/stimulus/stimulus.h"

const struct stimulus_ops stimulus_p_card_oir = {.id = STIM_P_CARD_OIR,
                                                 .beginning = "the P-facing line card is out",
                                                 .recovery_action =
                                                     "the P-facing line card is in again",
                                                 .hold_out = true};
