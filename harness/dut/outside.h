/*
 * A router outside, cabled to ports of this host that the testbed file names: what the drivers
 * `hook` and `manual` have in common.
 */
#ifndef MVPN_DUT_OUTSIDE_H
#define MVPN_DUT_OUTSIDE_H

#include "harness/dut/testbed_ports.h"

struct outside {
    struct testbed_ports ports;
    const json_t *interfaces; /* A1's, one a C-interface; NULL: trunk. Owned by the testbed file */
    uint32_t mtu;
    char *name, *version;
    bool mdt[3]; /* by enum mdt_mode */
    unsigned spmsi;
    const volatile sig_atomic_t *interrupted;
    json_t *instance; /* configured now, as hook_instance_json has it; NULL: none */
};

/* outside_open reads profile, settings and testbed, and opens the ports; -1 with *err. */
int outside_open(struct outside *o, const struct dut_context *ctx, const char *driver,
                 struct err *err);
void outside_close(struct outside *o);

/* outside_setting returns the text of dut.KEY, or NULL. */
const char *outside_setting(const struct dut_context *ctx, const char *key);

/* outside_instance remembers what is configured from now on; NULL: nothing. */
void outside_instance(struct outside *o, const struct instance_spec *spec);

/* The calls of a driver that need nothing but struct outside; reasons are static. */
void outside_ports(const struct outside *o, struct dut_ports *out);
void outside_describe(const struct outside *o, struct instance_spec *spec);
bool outside_supports(const struct outside *o, enum mdt_mode mode, const char **reason);
bool outside_fits(const struct outside *o, const struct instance_spec *spec, struct err *err);

#endif
