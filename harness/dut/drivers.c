#include "harness/dut/drivers.h"

#include <string.h>

static const struct dut_driver *const drivers[] = {&reference_driver, &frr_driver, &hook_driver,
                                                   &manual_driver};

#define DRIVER_COUNT (sizeof(drivers) / sizeof(drivers[0]))

static const char *const stimulus_names[STIM_COUNT] = {
    [STIM_POWER_CYCLE] = "power-cycle", [STIM_PROCESSOR_SWITCHOVER] = "processor-switchover",
    [STIM_P_CARD_OIR] = "p-card-oir",   [STIM_C_CARD_OIR] = "c-card-oir",
    [STIM_P_LINK_FLAP] = "p-link-flap", [STIM_C_LINK_FLAP] = "c-link-flap",
};

const char *stimulus_name(enum stimulus s)
{
    return stimulus_names[s];
}

enum stimulus stimulus_by_name(const char *name)
{
    int s = 0;
    while (s < STIM_COUNT && strcmp(stimulus_names[s], name) != 0)
        s++;
    return (enum stimulus)s;
}

const struct dut_driver *dut_driver_find(const char *name)
{
    for (size_t i = 0; i < DRIVER_COUNT; i++) {
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    }
    return NULL;
}

const char *dut_driver_names(void)
{
    return "reference, frr, hook, manual";
}
