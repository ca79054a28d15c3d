/*
 * The measurements of single cases on the emulated network (emul.h): S-PMSI switching delay (9.11),
 * convergence of C-joins (9.12), Join/Prune suppression (10.2). Everything is measured from frames.
 */
#ifndef MVPNBENCH_EMUL_EXTRA_H
#define MVPNBENCH_EMUL_EXTRA_H

#include "mvpnbench/emul.h"

/*
 * 9.11: emul_switch_begin lets the sources of the given ingress flows, which rest until now, send
 * every spec.probe_period_ns from now on; they are S-PMSI flows by the plan. emul_switch_get reads
 * each: t0 the first MDT Join TLV that names the flow and came after begin, t1 the first packet of
 * it on the announced data MDT; lost and duplicate of packets sent between t0 and 3 s behind t1.
 * emul_switch_end lets the sources rest again (their S-PMSIs fall back after MDT_DATA_HOLDDOWN).
 */
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
 * prunes it again.
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
 * entries and PDUs that reached remote PE 1 (PE2 of the draft) on the MI-PMSIs since the last
 * emul_jp_count_reset, by sender; Prune entries apart.
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
 * Draft 6.5, idle throughput: emul_pace gives every flow another period while no traffic runs; the
 * next emul_traffic_start begins with packet 0 of every flow, and what was counted is forgotten.
 */
void emul_pace(struct emul *e, int64_t period_ns);

#endif
