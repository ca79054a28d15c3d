#include "harness/stimulus/stimulus.h"

const struct stimulus_ops *stimulus_ops_find(enum stimulus s)
{
    static const struct stimulus_ops *const all[STIM_COUNT] = {
        [STIM_POWER_CYCLE] = &stimulus_power_cycle,
        [STIM_PROCESSOR_SWITCHOVER] = &stimulus_processor_switchover,
        [STIM_P_CARD_OIR] = &stimulus_p_card_oir,
        [STIM_C_CARD_OIR] = &stimulus_c_card_oir,
        [STIM_P_LINK_FLAP] = &stimulus_p_link_flap,
        [STIM_C_LINK_FLAP] = &stimulus_c_link_flap,
    };
    return s < STIM_COUNT ? all[s] : NULL;
}
