/*
 * The arguments of run and plan: from words to struct run_options, and from there to everything the
 * files and names stand for, so that mistakes are told before anything is touched.
 */
#ifndef MVPN_CLI_RUN_ARGS_H
#define MVPN_CLI_RUN_ARGS_H

#include "harness/case/case.h"
#include "harness/case/profile.h"
#include "harness/case/testbed.h"
#include "harness/dut/dut_settings.h"
#include "harness/run/campaign.h"

#define ARGS_MAX 256

struct run_args {
    struct run_options o;
    const char *cases[32], *sets[ARGS_MAX], *requires[ARGS_MAX];
};

/* run_args_parse reads the words (borrowed); -1 with *err. */
int run_args_parse(struct run_args *a, int argc, char **argv, struct err *err);

/* What the options stand for. */
struct run_setup {
    struct test_case *cases[32];
    size_t case_count;
    struct run_settings settings;
    struct dut_settings dut_settings;
    struct profile *profile; /* NULL: none */
    struct testbed *testbed; /* NULL: built in */
    const char *driver;
    bool virtual_clock;
    uint32_t mtu;
};

/* run_setup_open loads and checks everything that can be checked without a DUT; -1 with *err. */
int run_setup_open(struct run_setup *s, const struct run_options *o, struct err *err);
void run_setup_close(struct run_setup *s);

#endif
