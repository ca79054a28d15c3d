#include "harness/run/floor.h"

#include "harness/run/progress.h"

#include <string.h>

static void zero_delays(struct dut_settings *s)
{
    dut_settings_init(s);
    for (int i = 0; i < STIM_COUNT; i++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "recovery.%s_ms", stimulus_name((enum stimulus)i));
        dut_settings_add(s, key, "0");
    }
}

static void unknown(struct instance_request *q)
{
    for (int s = 0; s < STIM_COUNT; s++) {
        for (int r = 0; r < REPEAT_MAX; r++)
            q->floor_ns[s][r] = -1;
    }
}

static int run_on(struct world *w, struct instance_request *q, struct err *err)
{
    struct instance_request floor = *q;
    struct instance_outcome out;
    w->dut.driver->describe(&w->dut, &floor.spec);
    if (instance_run(w, &floor, &out, err) != 0)
        return -1;
    for (size_t i = 0; i < out.recovery_count; i++) {
        const struct recovery_outcome *o = &out.recovery[i];
        q->floor_ns[o->stimulus][o->repeat - 1] = o->trall_ns;
    }
    instance_outcome_fini(&out);
    return 0;
}

int floor_measure(struct instance_request *q, const struct run_settings *settings, uint64_t seed,
                  volatile sig_atomic_t *interrupted, struct err *err)
{
    struct dut_settings zero;
    zero_delays(&zero);
    unknown(q);
    progress_own()->floor = true;
    progress_step("%s: the apparatus floor", q->id);
    struct world_params params = {.driver = "reference",
                                  .dut_settings = &zero,
                                  .settings = settings,
                                  .virtual_clock = true,
                                  .seed = seed,
                                  .mtu = q->spec.mtu,
                                  .interrupted = interrupted};
    struct world w;
    struct err own = {0};
    int result = world_open(&w, &params, &own);
    if (result == 0) {
        result = run_on(&w, q, &own);
        world_close(&w);
    }
    dut_settings_fini(&zero);
    progress_own()->floor = false;
    /* A floor that cannot be had is null in the report; only an interruption ends the run. */
    if (result != 0 && own.code == ERR_INTERRUPTED) {
        *err = own;
        return -1;
    }
    return 0;
}
