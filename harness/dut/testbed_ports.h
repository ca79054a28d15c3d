/*
 * The ports that a testbed file names (DESIGN B.7), opened in their network namespaces: for drivers
 * whose DUT is already cabled to this host.
 */
#ifndef MVPN_DUT_TESTBED_PORTS_H
#define MVPN_DUT_TESTBED_PORTS_H

#include "mvpnbench/dut.h"

struct testbed_ports {
    bool trunk;
    struct port **a1;
    size_t a1_count;
    struct port *a3;
};

/* testbed_names_ports tells whether the run's testbed file names interfaces. */
bool testbed_names_ports(const struct dut_context *ctx);

/* testbed_ports_open opens them all; -1 with *err that names the interface. */
int testbed_ports_open(struct testbed_ports *t, const struct dut_context *ctx, struct err *err);
void testbed_ports_close(struct testbed_ports *t);

#endif
