/*
 * The MVPN Metric (draft section 5), the P-instance figures (8.1 items 5-7) and neighbour counts,
 * as numbers that may be unknown. A value that was not measured is METRIC_UNKNOWN, never 0.
 */
#ifndef MVPNBENCH_METRIC_H
#define MVPNBENCH_METRIC_H

#include <stdint.h>

#define METRIC_UNKNOWN INT64_C(-1)

enum metric_var {
    NUM_MVPN,
    NUM_PE,
    NUM_MC_C_INTS,
    NUM_PIM_C_NEIGH,
    NUM_STARG_C,
    NUM_SG_C,
    NUM_OIF_C,
    NUM_SPMSI_SRC,
    NUM_SPMSI_RX,
    METRIC_VARS
};

enum p_metric_var { NUM_STARG_P, NUM_SG_P, NUM_OIF_P, P_METRIC_VARS };

struct mvpn_metric {
    int64_t v[METRIC_VARS];
};

struct p_metric {
    int64_t v[P_METRIC_VARS];
};

/* Neighbours by kind, summed over all mVPNs; METRIC_UNKNOWN where a view cannot tell them apart. */
struct neighbour_count {
    int64_t c_interface;
    int64_t mi_pmsi;
};

/* metric_name returns the JSON name: "Num_mVPN" ... "Num_*G_C"; p_metric_name likewise. */
const char *metric_name(enum metric_var var);
const char *p_metric_name(enum p_metric_var var);

/* metric_clear sets every value to METRIC_UNKNOWN. */
void metric_clear(struct mvpn_metric *m);
void p_metric_clear(struct p_metric *m);

#endif
