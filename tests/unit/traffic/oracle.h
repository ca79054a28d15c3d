/*
 * A judge written straight from DESIGN A.5 that keeps every event and looks at all of them whenever
 * it is asked: slow, simple, and sharing nothing with the analyser but the plan of addresses.
 */
#ifndef MVPN_TESTS_TRAFFIC_ORACLE_H
#define MVPN_TESTS_TRAFFIC_ORACLE_H

#include "mvpnbench/emul.h"

struct oracle_sent {
    uint32_t flow;
    uint64_t sequence;
    int64_t at;
    bool withheld;
};

struct oracle_arrival {
    uint32_t vpn, branch, flow, probe_vpn;
    uint64_t sequence;
    int64_t sent, at;
};

struct oracle {
    struct instance_spec spec;
    struct oracle_sent *sent;
    struct oracle_arrival *arrivals;
    size_t sent_count, sent_cap, arrival_count, arrival_cap;
    int64_t from, to, begin, tf; /* INT64_MAX: not yet */
};

struct oracle oracle_new(struct instance_spec spec);
void oracle_free(struct oracle *o);
void oracle_sent(struct oracle *o, struct oracle_sent s);
void oracle_arrived(struct oracle *o, struct oracle_arrival a);

/* What the analyser's functions of the same name must say, latency_avg apart. failures[criterion]
 * are packets over all entries of the list, entries the number of them. */
void oracle_window(const struct oracle *o, struct emul_window *out);
uint64_t oracle_pairs_flowing(const struct oracle *o, int64_t now);
uint64_t oracle_oifs_seen(const struct oracle *o, int64_t now);
void oracle_recovery(const struct oracle *o, int64_t now, struct emul_recovery *out);
size_t oracle_failures(const struct oracle *o, uint64_t failures[CRIT_RECOVERY + 1]);

#endif
