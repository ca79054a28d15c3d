/*
 * What this apparatus can do by itself (draft 6.6): A1 joined to A3 by a cable or a veth pair, the
 * bench's own ports, generator and analyser on one thread, as in a run. A stored calibration tells
 * a run on the real clock which instances not to try: what exceeds it is bounded by the apparatus.
 * Without one nothing is assumed: the apparatus watches itself, and what it could not pace is
 * invalid.
 */
#ifndef MVPN_RUN_CALIBRATE_H
#define MVPN_RUN_CALIBRATE_H

#include "emul/base/err.h"
#include "mvpnbench/instance.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct port;

struct spread_ns {
    int64_t median, p99, max;
};

struct calibration {
    char cable[128];
    uint32_t packet_bytes, flows; /* that the trials were made with */
    double trial_s;
    double a1_to_a3_pps, a3_to_a1_pps; /* alone; largest without loss */
    double both_pps;                   /* each way at once */
    double paced_pps;                  /* each way, where pacing and stamps were looked at */
    struct spread_ns pacing;           /* sent after it was due */
    struct spread_ns stamp;            /* receive stamp after send stamp; true delay about zero */
    int64_t loop_lag_ns;
    bool fifo;          /* the thread runs ahead of everything else on the host */
    bool locked_memory; /* its memory could be locked; runs do not ask for it */
};

struct calibrate_params {
    struct loop *loop;
    struct port *a1, *a3;
    const char *cable;
    double trial_s;
    uint32_t packet_bytes;
    uint32_t mtu;
    volatile sig_atomic_t *interrupted;
};

/* calibrate_run measures; says its steps as progress. -1 with *err: ERR_TESTBED when nothing
 * arrives, ERR_INTERRUPTED. */
int calibrate_run(const struct calibrate_params *p, struct calibration *out, struct err *err);

/* calibration_flows is how many flows of that rate it can send and receive at once. */
uint64_t calibration_flows(const struct calibration *c, double rate_pps);

/* calibration_json gives the object that calibration_load reads from a file (-1 with *err). */
json_t *calibration_json(const struct calibration *c);
int calibration_load(const char *path, struct calibration *out, struct err *err);

/*
 * calibration_fits tells whether the packets that an instance sends and gets back are within what
 * the apparatus did; why names both figures if not.
 */
#define CALIBRATION_WHY_MAX 200
bool calibration_fits(const struct calibration *c, const struct instance_spec *spec,
                      char why[CALIBRATION_WHY_MAX]);

#endif
