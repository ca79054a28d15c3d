/*
 * From the options of a run to everything that files and names in them stand for. Whatever can be
 * wrong without a DUT is found here, before anything is made or sent; run and plan share it.
 */
#ifndef MVPN_RUN_SETUP_H
#define MVPN_RUN_SETUP_H

#include "harness/case/case.h"
#include "harness/case/profile.h"
#include "harness/case/testbed.h"
#include "harness/dut/dut_settings.h"
#include "harness/run/campaign.h"

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
