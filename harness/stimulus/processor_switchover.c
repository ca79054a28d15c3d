/* Main processor card switchover (draft 7, stimulus 2): the active card is pulled. That is Tf, too:
 * the standby takes over from there, and nothing is put back. */
#include "harness/stimulus/stimulus.h"

const struct stimulus_ops stimulus_processor_switchover = {
    .id = STIM_PROCESSOR_SWITCHOVER,
    .beginning = "the active processor card is out",
    .recovery_action = "the standby processor card takes over",
    .hold_out = false};
