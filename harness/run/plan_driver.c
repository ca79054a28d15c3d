#include "harness/run/plan_driver.h"

#include <stdio.h>
#include <string.h>

/* Drivers whose can, supports and spmsi need no open testbed (a test calls them without). */
static bool answers_closed(const char *driver)
{
    return strcmp(driver, "reference") == 0 || strcmp(driver, "frr") == 0;
}

/* The apparatus flaps its own cables; for everything else a hook needs a command. */
static bool profile_has(const struct run_setup *s, enum stimulus st)
{
    char key[64];
    if (strcmp(s->driver, "hook") != 0 || s->profile == NULL || st == STIM_P_LINK_FLAP ||
        st == STIM_C_LINK_FLAP)
        return true;
    (void)snprintf(key, sizeof(key), "stimulus %s", stimulus_name(st));
    const json_t *commands = json_object_get(s->profile->tree, "commands");
    return json_object_get(commands, key) != NULL;
}

static bool asked_for(const struct run_options *o, enum stimulus st)
{
    if (o->steady_only || o->stimuli_none)
        return false;
    return !o->stimuli_set || (o->stimuli & (1u << st)) != 0;
}

static void ask_stimuli(const struct run_setup *s, const struct run_options *o, struct dut *d,
                        struct run_plan *plan)
{
    bool answers = answers_closed(s->driver);
    for (int i = 0; i < STIM_COUNT; i++) {
        enum stimulus st = (enum stimulus)i;
        const char *reason = "the DUT's driver cannot apply it";
        if (!asked_for(o, st))
            continue;
        if (answers && d->driver->can(d, st, &reason) == STIMULUS_NOT)
            plan->left_out[i] = reason;
        else if (!profile_has(s, st))
            plan->left_out[i] = "the DUT profile has no command for it";
        else
            plan->stimuli[plan->stimulus_count++] = st;
    }
}

void plan_ask_driver(const struct run_setup *s, const struct run_options *o, struct run_plan *plan,
                     struct case_context *context)
{
    struct dut d = {.driver = dut_driver_find(s->driver)};
    const char *reason = NULL;
    ask_stimuli(s, o, &d, plan);
    if (!answers_closed(s->driver))
        return;
    for (int m = MDT_ASM; m <= MDT_BIDIR; m++)
        context->mdt_offered[m] = d.driver->supports == NULL
                                      ? m == MDT_ASM
                                      : d.driver->supports(&d, (enum mdt_mode)m, &reason);
    context->spmsi = d.driver->spmsi == NULL ? 0 : d.driver->spmsi(&d, &reason);
}
