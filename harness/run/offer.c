#include "harness/run/offer.h"

#include "harness/run/record.h"

#include <string.h>

static int take_stimuli(struct campaign_env *env, const struct run_setup *s,
                        const struct run_options *o, struct err *err)
{
    struct dut *d = &env->world->dut;
    if (o->steady_only || o->stimuli_none)
        return 0;
    for (int i = 0; i < STIM_COUNT; i++) {
        enum stimulus stim = (enum stimulus)i;
        const char *reason = NULL;
        if (o->stimuli_set && (o->stimuli & (1u << i)) == 0)
            continue;
        if (d->driver->can(d, stim, &reason) != STIMULUS_NOT) {
            env->stimuli[env->stimulus_count++] = stim;
        } else if (o->stimuli_set) {
            err_set(err, ERR_USE, "--stimulus %s: the DUT driver %s cannot apply it: %s",
                    stimulus_name(stim), s->driver, reason == NULL ? "unknown" : reason);
            return -1;
        }
    }
    return 0;
}

static bool offers_mdt(struct dut *d, enum mdt_mode mode, const char **reason)
{
    *reason = "its driver builds default MDTs by PIM-ASM only";
    return d->driver->supports == NULL ? mode == MDT_ASM : d->driver->supports(d, mode, reason);
}

/* A variant that one case would take is that case's matter; one that was asked for is not. */
static int take_mdt(struct campaign_env *env, const struct run_setup *s, struct err *err)
{
    struct dut *d = &env->world->dut;
    const char *reason;
    for (int m = MDT_ASM; m <= MDT_BIDIR; m++)
        env->mdt_offered[m] = offers_mdt(d, (enum mdt_mode)m, &reason);
    enum mdt_mode asked = s->settings.mdt_default;
    if (!s->settings.mdt_default_set || offers_mdt(d, asked, &reason))
        return 0;
    err_set(err, ERR_USE, "mdt.default=%s: the DUT %s does not offer it: %s", mdt_mode_name(asked),
            s->driver, reason == NULL ? "unknown" : reason);
    return -1;
}

int offer_take(struct campaign_env *env, const struct run_setup *s, const struct run_options *o,
               struct err *err)
{
    struct dut *d = &env->world->dut;
    const char *reason = NULL;
    env->spmsi = d->driver->spmsi == NULL ? 0 : d->driver->spmsi(d, &reason);
    return take_mdt(env, s, err) != 0 ? -1 : take_stimuli(env, s, o, err);
}

static void stimuli_omitted(const struct campaign_env *env, json_t *d)
{
    struct dut *dut = &env->world->dut;
    for (int i = 0; i < STIM_COUNT; i++) {
        enum stimulus s = (enum stimulus)i;
        const char *reason = NULL;
        bool applied = false;
        for (size_t k = 0; k < env->stimulus_count; k++)
            applied |= env->stimuli[k] == s;
        if (applied)
            continue;
        if (dut->driver->can(dut, s, &reason) != STIMULUS_NOT)
            reason = "not asked for";
        record_notef(d, "procedure", "stimulus %s omitted: %s", stimulus_name(s),
                     reason == NULL ? "unknown" : reason);
    }
}

json_t *offer_deviations(const struct campaign_env *env, const struct run_setup *s)
{
    json_t *d = json_pack("{s:[],s:[]}", "configuration", "procedure");
    const struct timing *t = &s->settings.timing;
    stimuli_omitted(env, d);
    if (strcmp(t->name, "draft") != 0)
        record_notef(d, "procedure",
                     "timing %s: traffic_limit_s %g, steady_wait_s %g, pre_stimulus_wait_s %g, "
                     "hold_out_s %g, recovery_limit_s %g, post_recovery_wait_s %g, setup_limit_s "
                     "%g (draft: 600, 600, 600, 300, 1200, 600, 600)",
                     t->name, t->traffic_limit_s, t->steady_wait_s, t->pre_stimulus_wait_s,
                     t->hold_out_s, t->recovery_limit_s, t->post_recovery_wait_s, t->setup_limit_s);
    if (env->load == NULL)
        record_notef(d, "procedure",
                     "each flow is sent at %g pps with %u-byte packets, not at 10 %% of the "
                     "idle-system throughput",
                     s->settings.traffic_rate_pps, s->settings.packet_bytes);
    record_note(d, "configuration", "the P router and PE2 are emulated by the test apparatus");
    if (s->virtual_clock && s->testbed != NULL && s->testbed->a3 != NULL)
        record_note(d, "configuration",
                    "on the virtual clock the testbed file's ports are links in memory, in one "
                    "trunk; its MTU and addresses hold");
    return d;
}
