/*
 * A campaign: the cases of one run, from the command line to result.json. The command's parser
 * fills in struct run_options; campaign_run does the rest and returns the exit code.
 */
#ifndef MVPN_RUN_CAMPAIGN_H
#define MVPN_RUN_CAMPAIGN_H

#include "emul/base/err.h"
#include "harness/case/settings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_clock { CLOCK_DEFAULT, CLOCK_VIRTUAL, CLOCK_REAL };

struct run_options {
    const char *const
        *cases; /* ids in the order given; count 0: the default set with profile small */
    size_t case_count;
    const char *dut;     /* driver name or profile file; NULL: reference */
    const char *testbed; /* file, or NULL */
    enum run_clock clock;
    const char *timing; /* "draft", "quick", file, or NULL: default of the clock */
    bool steady_only;
    bool stimuli_set; /* --stimulus was given */
    bool stimuli_none;
    unsigned stimuli;        /* bit (1 << enum stimulus); all when !stimuli_set */
    const char *const *sets; /* "KEY=VALUE" in order */
    size_t set_count;
    const char *const *requires; /* expressions or files */
    size_t require_count;
    const char *from;
    uint64_t seed;
    const char *out; /* NULL: mvpnbench-run-<time> in the working directory */
    bool pcap;
    const char *resume; /* directory, or NULL */
    bool quiet, json, force;
    unsigned jobs; /* points run at once on the virtual clock; 0: as many as there are CPUs */
    /* Called with the run's directory when its result is whole, also where a requirement is not met
     * and for --resume of a finished run; -1 with *err. NULL: nobody wants to know. */
    int (*complete)(void *arg, const char *dir, struct err *err);
    void *complete_arg;
    const char *const *argv; /* the command line as given, for the journal */
    size_t argc;
};

/* campaign_run runs it all; returns the exit code of DESIGN B.1 with *err filled in when not 0. */
int campaign_run(const struct run_options *o, struct err *err);

/* campaign_interrupt asks a running campaign to stop (async-signal-safe). */
void campaign_interrupt(void);

#endif
