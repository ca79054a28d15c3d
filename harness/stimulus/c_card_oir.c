/* C-facing line card removed and inserted (draft 7, stimulus 4). Tf is the insertion. */
#include "harness/stimulus/stimulus.h"

const struct stimulus_ops stimulus_c_card_oir = {.id = STIM_C_CARD_OIR,
                                                 .beginning = "the C-facing line card is out",
                                                 .recovery_action =
                                                     "the C-facing line card is in again",
                                                 .hold_out = true};
