/*
 * The door to a DUT: a driver. The harness knows the DUT by frames and by these calls alone. A
 * driver that talks to something outside (blocking == true) is called on a thread of its own by
 * harness/run/dutcall.h while the loop goes on; it must not touch the loop then. The reference PE
 * in process is called directly. Every call returns 0, or -1 with *err (ERR_TESTBED: one line that
 * names the DUT and what it said).
 */
#ifndef MVPNBENCH_DUT_H
#define MVPNBENCH_DUT_H

#include "emul/base/err.h"
#include "emul/base/instant.h"
#include "mvpnbench/instance.h"
#include "mvpnbench/metric.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct port;
struct capture;

enum stimulus {
    STIM_POWER_CYCLE,
    STIM_PROCESSOR_SWITCHOVER,
    STIM_P_CARD_OIR,
    STIM_C_CARD_OIR,
    STIM_P_LINK_FLAP,
    STIM_C_LINK_FLAP,
    STIM_COUNT
};

/* stimulus_name returns "power-cycle" ...; stimulus_by_name returns STIM_COUNT for none. */
const char *stimulus_name(enum stimulus s);
enum stimulus stimulus_by_name(const char *name);

/* Who carries a stimulus out. */
enum stimulus_way {
    STIMULUS_NOT,          /* it cannot be applied */
    STIMULUS_BY_APPARATUS, /* the apparatus pulls and plugs its own cable: link flaps only */
    STIMULUS_HALVES,       /* the driver's stimulus call, once to begin, once to recover */
    STIMULUS_WHOLE,        /* one call does it all, the hold-out included; Tf is its return, or the
                              instant that it gives (hooks, an operator) */
};

struct stimulus_call {
    enum stimulus stimulus;
    bool recovery_action; /* HALVES: false begins, true recovers. WHOLE: false */
    double hold_out_s;    /* WHOLE: how long between the two */
    int64_t tf_wall_ns;   /* out: the recovery action, ns since the epoch; 0: the call's return */
};

/* What S-PMSIs a DUT has. */
enum dut_spmsi { DUT_SPMSI_SOURCED = 1, DUT_SPMSI_RECEIVED = 2, DUT_SPMSI_REUSE = 4 };

/* What is the matter with one component: processor or memory. Negative: not known. */
struct utilisation {
    char component[64];
    double cpu_percent;    /* average over the window */
    double cpu_peak_1s;    /* busiest second */
    double memory_bytes;   /* in use */
    double memory_percent; /* of what there is */
    char how[128];         /* how it was measured */
};

#define DUT_UTILISATION_MAX 512

/* Everything a driver reads at the end of a window; unknown values are METRIC_UNKNOWN. */
struct dut_view {
    struct mvpn_metric metric;
    struct p_metric p;
    struct neighbour_count neighbours;
    int64_t spmsi_cached; /* S-PMSIs announced to the DUT that it knows, joined or not */
    size_t utilisation_count;
    struct utilisation utilisation[DUT_UTILISATION_MAX];
};

struct dut_settings; /* dut.* keys, dut_settings.h */

/* What a driver gets to open its testbed. */
struct dut_context {
    struct loop *loop;
    uint64_t seed;
    const struct dut_settings *settings;
    const json_t *profile; /* the DUT profile as read, or NULL */
    const json_t *testbed; /* the testbed file as read, or NULL: built in */
    uint32_t mtu;
    uint32_t max_c_links; /* most C-links that any instance of the run needs */
    bool force;           /* --force */
    /* set when the user interrupts the run: a blocking call that waits for somebody outside ends
     * then with ERR_INTERRUPTED; unconfigure still does its work. NULL: never */
    const volatile sig_atomic_t *interrupted;
};

/* The apparatus's ports onto the testbed of this DUT; owned by the driver. */
struct dut_ports {
    bool trunk;
    struct port **a1;
    size_t a1_count;
    struct port *a3;
};

struct dut {
    const struct dut_driver *driver;
    void *state;
    bool broken; /* set by the driver: nothing tells any more whether the DUT is well, so that
                    waiting for it is of no use */
};

struct dut_driver {
    const char *name; /* "reference", "frr", "hook", "manual" */
    bool blocking;    /* calls may take long: not on the loop's thread */
    bool real_clock_only;

    /* open builds the testbed and its ports; addressing of spec fields is the driver's to override.
     */
    int (*open)(struct dut *d, const struct dut_context *ctx, struct err *err);
    void (*ports)(struct dut *d, struct dut_ports *out);
    /* describe fills in the addressing and trunk mode that instances must use on this testbed. */
    void (*describe)(struct dut *d, struct instance_spec *spec);
    /* identity returns the DUT's name and version for the report (static or owned by the driver).
     */
    void (*identity)(struct dut *d, const char **name, const char **version);
    /* can tells how the stimulus is applied; reason (static or the driver's) says why not. */
    enum stimulus_way (*can)(struct dut *d, enum stimulus s, const char **reason);
    /* supports tells which default-MDT modes the DUT offers; reason (static) says why not. */
    bool (*supports)(struct dut *d, enum mdt_mode mode, const char **reason);
    /* spmsi returns a set of enum dut_spmsi; reason (static) says why something is missing. */
    unsigned (*spmsi)(struct dut *d, const char **reason);
    /* fits: whether the testbed (not the DUT) can carry the instance; false with *err naming what
     * is too much. */
    bool (*fits)(struct dut *d, const struct instance_spec *spec, struct err *err);

    int (*configure)(struct dut *d, const struct instance_spec *spec, struct err *err);
    int (*unconfigure)(struct dut *d, struct err *err);
    /* neighbours reads only the neighbour counts (cheap; asked repeatedly during bring-up). */
    int (*neighbours)(struct dut *d, struct neighbour_count *out, struct err *err);
    /* window_begin marks the begin of an observation; view reads everything since then. */
    int (*window_begin)(struct dut *d, struct err *err);
    int (*view)(struct dut *d, struct dut_view *out, struct err *err);
    /* stimulus carries out what can said: a half, or the whole. */
    int (*stimulus)(struct dut *d, struct stimulus_call *call, struct err *err);
    int (*health)(struct dut *d, struct err *err);
    /* deviations calls add for each configuration deviation from the draft (8.1 item 15). */
    void (*deviations)(struct dut *d, void (*add)(void *arg, const char *text), void *arg);
    /* close removes everything; also after a failure. Never fails visibly: it logs. */
    void (*close)(struct dut *d);
};

/* dut_driver_find returns the driver of that name, or NULL. */
const struct dut_driver *dut_driver_find(const char *name);

/* dut_driver_names returns the names, comma separated, for messages. */
const char *dut_driver_names(void);

#endif
