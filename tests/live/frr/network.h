/*
 * The whole emulated network around the FRR PE in real time, as steps of a test: bring-up through
 * all gates, joins, flows both ways in every VPN, the metric that FRR reports. One network a
 * program.
 */
#ifndef MVPN_TESTS_LIVE_FRR_NETWORK_H
#define MVPN_TESTS_LIVE_FRR_NETWORK_H

#include "emul/loop/loop.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/emul.h"

#define RECOVERY_S 100

struct network {
    struct loop *loop;
    struct dut dut;
    struct emul *emul;
    struct instance_spec spec;
    struct dut_view view;
};

/* The network; the test sets its spec, begin with network_spec. */
extern struct network net;
extern const struct instance_spec network_spec;

/* network_main runs the steps; it skips without root or FRR, and serves `mti`. */
struct cu_test;
int network_main(int argc, char **argv, const char *name, const struct cu_test *tests,
                 size_t count);

/* Steps. */
void network_configure(void);
void network_bring_up(void);
void network_neighbours(void); /* as the DUT sees them */
void network_flows(void);
void network_metric(void);
void network_withdraw(void);

/* What steps are made of: a failed call ends the test; a line with the time since the first. */
void network_check(int rc, const struct err *err);
void network_stamp(const char *what);
void network_run(int seconds);
bool network_wait(bool (*done)(void), int seconds);
/* network_recovered waits until all that the stimulus interrupted flows again, at the DUT too. */
void network_recovered(void);

#endif
