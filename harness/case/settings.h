/*
 * Settings of a run (DESIGN B.5): every key of --set that does not begin with "dut.", and timing.
 * One table knows all keys, their ranges and help; an unknown key is an error that names the
 * nearest known one, a key whose feature does not exist yet says so (both ERR_USE).
 */
#ifndef MVPN_CASE_SETTINGS_H
#define MVPN_CASE_SETTINGS_H

#include "emul/base/err.h"
#include "emul/conf/nearest.h"
#include "mvpnbench/dut.h"
#include "mvpnbench/instance.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timing {
    char name[64]; /* "draft", "quick", or the file's name */
    double traffic_limit_s, steady_wait_s, pre_stimulus_wait_s, hold_out_s, recovery_limit_s,
        post_recovery_wait_s, setup_limit_s;
};

/* Parameters that a case's YAML declares (case.NAME, sweep.NAME). */
enum case_param {
    PARAM_MVPNS,           /* N "mvpns" */
    PARAM_C_INTERFACES,    /* c "c_interfaces" */
    PARAM_REMOTE_PES,      /* R "remote_pes" */
    PARAM_GROUPS,          /* g "groups" */
    PARAM_INGRESS_SHARE,   /* "ingress_share", 0..1 */
    PARAM_SOURCES,         /* s "sources_per_group" */
    PARAM_SPMSI_SRC,       /* "spmsi_src": S-PMSIs sourced by the DUT, per mVPN */
    PARAM_SPMSI_RX,        /* "spmsi_rx": S-PMSIs received, per mVPN */
    PARAM_SPMSI_SRC_FLOWS, /* "spmsi_src_flows": flows on them; 0: one each */
    PARAM_SPMSI_RX_FLOWS,  /* "spmsi_rx_flows" */
    PARAM_RECEIVER_C_IFS,  /* d "receiver_c_interfaces": with a receiver of each egress group */
    PARAM_SPMSI_SRC_TOTAL, /* "spmsi_src_total", over all mVPNs (9.6: U*Dvpn) */
    PARAM_SPMSI_RX_TOTAL,  /* "spmsi_rx_total" (9.5) */
    PARAM_REUSE,           /* I "reuse": a multiple of the flows on S-PMSIs (9.7) */
    PARAM_COUNT
};

/* case_param_name returns "mvpns" ...; case_param_symbol "N", "c", "R", "g", "ingress_share", "s",
 * "d", "U*Dvpn" (both totals), "I". Both return "-" for PARAM_COUNT. */
const char *case_param_name(enum case_param p);
const char *case_param_symbol(enum case_param p);
enum case_param case_param_by_name(const char *name); /* PARAM_COUNT: none */

#define SWEEP_MAX 64

struct param_override {
    size_t count; /* 0: not overridden */
    double values[SWEEP_MAX];
    bool from_case; /* case.NAME (also min = max when searched), else sweep.NAME */
};

enum stimulus_at { AT_MAXIMUM, AT_EVERY };

struct run_settings {
    /* search.*; 0 where "default" (per parameter) */
    uint64_t search_min, search_max, search_resolution, search_instances, search_start;
    double search_growth;
    bool search_recover;
    double
        search_time_s; /* search.time_s: budget of a point's search on the run's clock; 0: none */
    struct {
        char id[16];
        uint64_t max;
    } case_max[16]; /* search.<case>.max */
    size_t case_max_count;

    struct param_override param[PARAM_COUNT];

    enum stimulus_at stimulus_at;
    unsigned stimulus_repeat; /* 0: default of the clock */

    double traffic_rate_pps; /* 0: default of the clock */
    double traffic_load;     /* share of the idle throughput instead (draft 6.5); 0: not set */
    double probe_pps;        /* of the flows that 9.11 and 9.12 measure */
    uint32_t packet_bytes;
    bool marking; /* traffic.marking */
    bool mdt_default_set;
    enum mdt_mode mdt_default;
    uint8_t receivers_igmp; /* receivers.igmp: 0 none, 2, 3 */
    double igmp_spacing_ms; /* igmp.spacing_ms */
    bool c_rp_on_dut;       /* c_rp.location = dut */
    bool c_rp_set;
    enum jp_oversize jp_oversize;
    bool jp_suppression;
    bool receivers_share_set;
    bool receivers_one;
    double receivers_share;

    bool report_flows; /* report.flows: each instance writes its flows to a file */

    char calibration[256]; /* run.calibration: file of `calibrate --out`; "": none */

    struct timing timing;
};

void run_settings_default(struct run_settings *s);

/* run_settings_set sets one key from text; -1 with *err. */
int run_settings_set(struct run_settings *s, const char *key, const char *value, struct err *err);

/* run_settings_finish fills in what depends on the clock (rate, repeat). Timing is set apart. */
void run_settings_finish(struct run_settings *s, bool virtual_clock);

/* run_settings_check_mtu tells whether the packets fit a link of that MTU inside GRE on the MI-PMSI
 * (24 bytes more; PROTOCOLS 3.1); mtu 0: not known yet. -1 with *err (ERR_USE). */
int run_settings_check_mtu(const struct run_settings *s, uint32_t mtu, struct err *err);

/* timing_load sets s->timing from "draft", "quick" or a YAML file. */
int timing_load(struct timing *t, const char *name_or_file, struct err *err);

/* run_settings_key returns the n-th known key and its help, or NULL behind the last. */
const char *run_settings_key(size_t n, const char **help);

/* run_settings_words says which words the n-th known key takes, separated by '|', or NULL. */
const char *run_settings_words(size_t n);

#endif
