/*
 * The measurements of single cases on the emulated network (emul.h): S-PMSI switching delay (9.11),
 * convergence of C-joins (9.12), Join/Prune suppression (10.2). Everything is measured from frames.
 */
#ifndef MVPNBENCH_EMUL_EXTRA_H
#define MVPNBENCH_EMUL_EXTRA_H

#include "mvpnbench/emul.h"

/*
 * 9.11: emul_switch_rest lets the sources of the given ingress flows rest, for the rest of the
 * instance; the flows are S-PMSI flows by the plan. emul_switch_rested tells whether the DUT has
 * taken one back to the default MDT: its source has rested for longer than MDT_DATA_HOLDDOWN, and
 * no MDT Join TLV has named it for longer than MDT_INTERVAL.
 *
 * emul_switch_begin lets resting sources send every spec.probe_period_ns from now on; -1 with *err
 * while others do. emul_switch_get reads them in the order of begin: t0 the first TLV that named
 * the flow since, t1 the first packet of it that came on the data MDT that was announced; lost and
 * duplicate of packets sent between t0 and 3 s behind t1 (as far as they were sent by now).
 * emul_switch_end lets the sources rest again; what was measured can be read until the next begin.
 */
void emul_switch_rest(struct emul *e, const uint32_t *flows, size_t count);
bool emul_switch_rested(const struct emul *e, uint32_t flow);
struct emul_switch {
    uint32_t flow;
    struct instant t0, t1; /* INSTANT_NEVER: not seen yet */
    uint64_t lost, duplicate;
};
int emul_switch_begin(struct emul *e, const uint32_t *flows, size_t count, struct err *err);
void emul_switch_get(struct emul *e, struct emul_switch *out, size_t count);
void emul_switch_end(struct emul *e);

/*
 * 9.12: a test group of the plan (spec.test_groups: the last egress groups) of VPN v is joined
 * (*,G) by the C-router of C-interface 1, and its flows are sent every spec.probe_period_ns from a
 * second before; t0 is the Join's, t1 the first packet of (S,G) on that C-interface. emul_try_leave
 * prunes it again. emul_try_join fails (-1 with *err) where receivers are IGMP hosts.
 */
struct emul_join_try {
    uint32_t vpn, group; /* group j of the plan */
    struct instant t0, t1;
};
int emul_try_join(struct emul *e, uint32_t vpn, uint32_t group, struct err *err);
void emul_try_get(struct emul *e, struct emul_join_try *out);
void emul_try_leave(struct emul *e);

/*
 * 10.2 (spec.pe3_receives): emul_pe3_join is step 2, emul_join step 5. Counts are Join/Prune
 * entries and PDUs for remote PE 1 (PE2 of the draft) that reached it on the MI-PMSIs since the
 * last emul_jp_count_reset, by sender; Prune entries apart. emul_pe3_joined: every Join of PE3 that
 * is due by now was sent, and sent again after a period.
 */
struct emul_jp_count {
    uint64_t join_entries_dut, prune_entries_dut, pdus_dut;
    uint64_t join_entries_pe3, prune_entries_pe3, pdus_pe3;
};
void emul_pe3_join(struct emul *e);
bool emul_pe3_joined(const struct emul *e);
void emul_jp_count_reset(struct emul *e);
void emul_jp_count_get(const struct emul *e, struct emul_jp_count *out);

/*
 * 9.13 (spec.c_rp_on_dut): emul_register_begin lets every DR register its sources with the DUT, by
 * Null-Registers at 100 a second (draft 6.6), before any of them sends. Counted are flows that have
 * a receiver; delay is from a flow's first Register to the DUT's Join(S,G) at the source's port.
 * emul_register_end ends it; emul_traffic_start goes on with data Registers.
 */
struct emul_register_joins {
    uint64_t expected, joined;
    uint64_t measured; /* of the joined, those whose delay is known */
    int64_t delay_min_ns, delay_avg_ns, delay_max_ns; /* -1: none */
};
void emul_register_begin(struct emul *e);
void emul_register_end(struct emul *e);
void emul_register_get(const struct emul *e, struct emul_register_joins *out);

/*
 * Draft 6.5, idle throughput: emul_pace gives every flow another period while no traffic runs; the
 * next emul_traffic_start begins with packet 0 of every flow, and what was counted is forgotten.
 */
void emul_pace(struct emul *e, int64_t period_ns);

/*
 * calibrate: what the apparatus can do by itself. A rehearsal sends flows of C-packets the way an
 * instance does (paced, with probes) from one port to the other at the far end of a cable, and
 * judges what arrives as an instance does; from_p_side: as frames of the P link, else of a C-link.
 * Life: new, start, run the loop, stop, run it a little longer, get, free. Ports and loop are the
 * caller's.
 */
struct rehearsal;

struct rehearsal_result {
    uint64_t sent, received, lost, duplicate;
    int64_t late_max_ns;     /* latest that a packet was sent after it was due */
    const int64_t *late_ns;  /* of the first packets, at most REHEARSAL_SAMPLES; borrowed */
    const int64_t *delay_ns; /* receive stamp minus send stamp, likewise */
    size_t late_count, delay_count;
};
#define REHEARSAL_SAMPLES ((size_t)1 << 18)

/* rehearsal_new: packets of packet_bytes, pps over all flows. NULL with *err. */
struct rehearsal *rehearsal_new(struct loop *loop, struct port *from, struct port *to,
                                bool from_p_side, uint32_t flows, double pps, uint32_t packet_bytes,
                                struct err *err);
void rehearsal_start(struct rehearsal *r);
void rehearsal_stop(struct rehearsal *r);
void rehearsal_get(struct rehearsal *r, struct rehearsal_result *out);
void rehearsal_free(struct rehearsal *r);

#endif
