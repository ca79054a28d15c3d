/* What all instances of a run share. The campaign fills it in once; nothing of it changes then. */
#ifndef MVPN_RUN_ENV_H
#define MVPN_RUN_ENV_H

#include "harness/run/calibrate.h"
#include "harness/run/journal.h"
#include "harness/run/throughput.h"
#include "harness/run/world.h"

struct campaign_env {
    struct world *world;               /* the campaign's own */
    const struct world_params *params; /* to open worlds like it */
    const struct run_settings *settings;
    uint64_t seed;
    uint32_t mtu;
    const struct addressing *addr; /* the testbed file's; NULL: the driver's plan */
    size_t stimulus_count;         /* that the run applies, in the draft's order */
    enum stimulus stimuli[STIM_COUNT];
    bool mdt_offered[MDT_BIDIR + 1];
    unsigned spmsi;                /* enum dut_spmsi */
    const struct throughput *load; /* idle throughput; NULL: rates are set, not shares of it */
    const struct calibration *calibration; /* of the apparatus; NULL: none */
    struct journal *journal;
    json_t *entries; /* of the journal, by id; what is run is added */
};

#endif
