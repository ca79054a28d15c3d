/*
 * Settings of the reference PE (DESIGN B.4): limits, costs, recovery times and faults, each by its
 * key without the leading "dut.". Limits of UINT64_MAX are none. One table knows every key.
 */
#ifndef MVPN_REFPE_SETTINGS_H
#define MVPN_REFPE_SETTINGS_H

#include "emul/base/err.h"
#include "emul/io/memlink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REFPE_NO_LIMIT UINT64_MAX
#define REFPE_STIMULI  6 /* order of enum stimulus in mvpnbench/dut.h */

struct refpe_limits {
    uint64_t mvpns, c_interfaces, neighbours, mroutes, oifs, spmsi_src, spmsi_rx, p_mroutes;
};

struct refpe_faults { /* each counted from 1; 0: off */
    uint64_t drop_flow, duplicate_flow, stuck_oif, lost_after_recovery;
    uint32_t leak_from, leak_to; /* leak_vpn=A:B */
    uint64_t spmsi_announce_only, spmsi_silent, spmsi_no_join, spmsi_both;
};

struct refpe_settings {
    struct refpe_limits limits;
    uint64_t cpu_message_us; /* cost of one control message; 0: free */
    uint64_t cpu_queue;      /* messages that may wait; REFPE_NO_LIMIT: any number */
    uint64_t memory_bytes;   /* there is this much; 0: not modelled */
    uint64_t memory_per_mroute, memory_per_neighbour;
    int64_t forwarding_delay_ns;
    int64_t spmsi_delay_ms;
    bool spmsi_reuse, jp_suppression;
    int64_t recovery_ms[REFPE_STIMULI]; /* default 5000 */
    bool recovery_nsf;
    struct refpe_faults faults;
    struct link_params link_a1, link_a3;
};

/* refpe_settings_default fills in the defaults of DESIGN B.4 (recovery 5000 ms, no limits). */
void refpe_settings_default(struct refpe_settings *s);

/*
 * refpe_settings_set sets one key ("limits.mvpns") from text; -1 with *err (ERR_USE): an unknown
 * key names the nearest known one, a value out of range says what is allowed.
 */
int refpe_settings_set(struct refpe_settings *s, const char *key, const char *value,
                       struct err *err);

/* refpe_settings_key returns the n-th known key and its one-line help, or NULL behind the last. */
const char *refpe_settings_key(size_t n, const char **help);

/* refpe_settings_standard writes the default of the n-th known key as one would give it;
 * refpe_settings_words says which words it takes, separated by '|', or NULL: it takes numbers. */
const char *refpe_settings_standard(size_t n, char text[32]);
const char *refpe_settings_words(size_t n);

#endif
