#include "harness/stimulus/stimulus.h"

const struct stimulus_ops *stimulus_ops_find(enum stimulus s)
{
    static const struct stimulus_ops *const known[] = {&stimulus_p_link_flap,
                                                       &stimulus_c_link_flap};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i]->id == s)
            return known[i];
    }
    return NULL;
}
