/*
 * Failure stimuli of draft section 7 on the FRR PE, in two halves: what fails, and the recovery
 * action. Nothing is announced (SIGKILL, no goodbyes), and the recovery action starts from the
 * same configuration files and addresses as configure did.
 */
#include "harness/dut/frr.h"

#include <signal.h>

static int power_off(struct frr *f, struct err *err)
{
    int rc = frr_daemons_kill(f, true, err);
    frr_mti_end(f, SIGKILL);
    frr_world_clear(f);
    return rc;
}

static int power_on(struct frr *f, struct err *err)
{
    return frr_world_tunnel(f, err) < 0 || frr_mti_start(f, err) < 0 ||
                   frr_world_addresses(f, err) < 0
               ? -1
               : frr_daemons_start(f, err);
}

static int pimd_off(struct frr *f, struct err *err)
{
    return frr_daemons_kill(f, false, err);
}

static const struct {
    int (*begin)(struct frr *f, struct err *err);
    int (*recover)(struct frr *f, struct err *err);
} ways[STIM_COUNT] = {
    [STIM_POWER_CYCLE] = {power_off, power_on},
    [STIM_PROCESSOR_SWITCHOVER] = {pimd_off, frr_pimd_start},
    [STIM_P_CARD_OIR] = {frr_p_card_pull, frr_p_card_insert},
    [STIM_C_CARD_OIR] = {frr_c_card_pull, frr_c_card_insert},
};

int frr_stimulus_begin(struct frr *f, enum stimulus s, struct err *err)
{
    if (ways[s].begin == NULL || f->out) {
        err_set(err, ERR_TESTBED, "FRR PE: %s",
                f->out ? "one stimulus cannot begin before the one before has recovered"
                       : "link flaps are the apparatus's to make");
        return -1;
    }
    frr_usage_end(f); /* its processes may be about to go */
    f->out = true;
    f->cause = s;
    return ways[s].begin(f, err);
}

int frr_stimulus_recover(struct frr *f, struct err *err)
{
    if (!f->out) {
        err_set(err, ERR_TESTBED, "FRR PE: there is nothing to recover from");
        return -1;
    }
    if (ways[f->cause].recover(f, err) < 0)
        return -1;
    f->out = false;
    return 0;
}

void frr_outage_end(struct frr *f)
{
    struct err ignored = {0};
    (void)frr_p_card_insert(f, &ignored);
    f->out = false;
}
