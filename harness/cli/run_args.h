/*
 * The arguments of run and plan: from words to struct run_options (harness/run/setup.h goes on to
 * what files and names stand for).
 */
#ifndef MVPN_CLI_RUN_ARGS_H
#define MVPN_CLI_RUN_ARGS_H

#include "harness/run/campaign.h"

#define ARGS_MAX 256

struct run_args {
    struct run_options o;
    const char *db;      /* the history that the finished run goes into, or NULL */
    bool stimulus_given; /* --stimulus, other than none */
    const char *cases[32], *sets[ARGS_MAX], *requires[ARGS_MAX];
};

/* run_args_parse reads the words (borrowed); -1 with *err. */
int run_args_parse(struct run_args *a, int argc, char **argv, struct err *err);

#endif
