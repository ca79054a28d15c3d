/*
 * What instances run in: a loop, an opened DUT, its ports and captures, on one time axis. A run has
 * one world; each apparatus-floor run has one of its own.
 */
#ifndef MVPN_RUN_WORLD_H
#define MVPN_RUN_WORLD_H

#include "harness/case/case.h"
#include "harness/dut/dut_settings.h"
#include "mvpnbench/dut.h"

#include <signal.h>
#include <stdbool.h>

struct world {
    struct loop *loop;
    struct dut dut;
    bool dut_open;
    struct dut_context ctx;
    const struct run_settings *settings;
    bool virtual_clock;
    struct capture *cap_a1, *cap_a3; /* NULL without --pcap */
    const char *dir;                 /* where series files go; NULL: nowhere */
    volatile sig_atomic_t *interrupted;
};

struct world_params {
    const char *driver;
    const struct dut_settings *dut_settings;
    const json_t *profile, *testbed;
    const struct run_settings *settings;
    bool virtual_clock;
    struct instant start; /* virtual clock: where time goes on */
    uint64_t seed;
    uint32_t mtu;
    uint32_t max_c_links;
    bool force;
    volatile sig_atomic_t *interrupted;
};

/* world_open builds loop and DUT; -1 with *err. world_close undoes it, also after a failure. */
int world_open(struct world *w, const struct world_params *p, struct err *err);
void world_close(struct world *w);

/* world_wait lets the loop run for a duration; true when the run was interrupted. */
bool world_wait(struct world *w, int64_t duration_ns);
bool world_interrupted(const struct world *w);

/* world_run_to lets the loop run to the instant until, whether or not the run is interrupted: what
 * must end in good order takes as long as it takes undisturbed. */
void world_run_to(struct world *w, struct instant until);

#endif
