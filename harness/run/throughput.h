/*
 * The throughput of the idle system (draft 6.5, RFC 1242 3.17): the largest rate of one flow
 * through one mVPN, with nothing else on the DUT, that arrives whole; each direction by itself. A
 * share of it is the load of every instance (traffic.load).
 *
 * How a run calls it, once, when settings->traffic_load is not 0:
 *  1. after world_open, before the first instance: throughput_measure. What it sends is in no
 *     capture; it takes time on the world's clock, so
 *  2. journal_add(throughput_entry()) at once. It has "id" THROUGHPUT_ID and the end_ns, a1_bytes
 *     and a3_bytes of any other entry; a resumed run that finds it calls throughput_of_entry
 *     instead of measuring;
 *  3. after each case_instance: throughput_apply, which sets the spec's rate; its note is a
 *     deviation of procedure;
 *  4. throughput_record is the case object's "idle_throughput".
 * The note that flows are not sent at 10 % of the idle throughput belongs to runs without a load.
 */
#ifndef MVPN_RUN_THROUGHPUT_H
#define MVPN_RUN_THROUGHPUT_H

#include "harness/run/world.h"

#include <jansson.h>

#define THROUGHPUT_ID "idle-throughput"

/* More packets a second than this are not tried: the apparatus, not the DUT, would be measured. */
#define THROUGHPUT_CAP_PPS 200000

struct throughput_params {
    uint32_t mtu;
    uint64_t seed;
    const struct addressing *addr; /* the testbed file's; NULL: the driver's plan */
    double cap_pps;                /* what the apparatus can send, as calibrated; 0: not known */
};

enum throughput_bound { THROUGHPUT_BY_DUT, THROUGHPUT_BY_APPARATUS };

struct throughput {
    double ingress_pps, egress_pps; /* in packets, of the run's packet size */
    enum throughput_bound ingress_bound, egress_bound;
    double ingress_resolution_pps, egress_resolution_pps; /* the next rate tried failed */
    double trial_s;
    uint32_t packet_bytes;
};

/*
 * throughput_measure finds both by bisection and leaves the DUT unconfigured. -1 with *err:
 * ERR_TESTBED when even a few packets a second do not get through, ERR_INTERRUPTED.
 */
int throughput_measure(struct world *w, const struct throughput_params *p, struct throughput *out,
                       struct err *err);

/* throughput_seconds is about how long that takes on the real clock. */
double throughput_seconds(void);

/*
 * throughput_apply sets the rate of the spec's flows to load of the idle throughput, each direction
 * shared among its flows. One instance has one rate: that of the direction with less a flow; note
 * says so when the directions differ, else it is "".
 */
#define THROUGHPUT_NOTE_MAX 256
void throughput_apply(const struct throughput *t, double load, struct instance_spec *spec,
                      char note[THROUGHPUT_NOTE_MAX]);

/* throughput_record gives the object for the report, throughput_entry the journal's (w tells where
 * time stands); new references. */
json_t *throughput_record(const struct throughput *t, double load);
json_t *throughput_entry(const struct throughput *t, const struct world *w);

/* throughput_of_entry reads what throughput_entry wrote; false if it is not that. */
bool throughput_of_entry(const json_t *entry, struct throughput *out);

#endif
