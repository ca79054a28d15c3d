#include "harness/run/plan_estimate.h"

#include "emul/base/instant.h"

#include <math.h>
#include <stddef.h>
#include <unistd.h>

/* PROTOCOLS 1.4 and 14, draft 6.6. */
#define HELLO_S            30
#define REFRESH_S          60
#define JP_PDUS_PER_S      10
#define JP_ENTRIES_MAX     80
#define VLAN_MAX           4094
#define BRINGUP_S          35 /* Hellos spread over their first period, then the trees */
#define WINDOW_S           60 /* or steady_wait_s, if shorter, but not below */
#define WINDOW_MIN_S       10
#define WINDOW_PACKETS     10
#define FLOWING_S          5
#define REGISTERS_PER_S    100 /* a DR */
#define FLOWING_PACKETS    5
#define SPMSI_ANNOUNCED_S  5
#define DRAIN_VIRTUAL_S    10
#define DRAIN_REAL_S       2
#define WITHDRAW_S         2
#define NEIGHBOUR_S        105 /* Hello holdtime */
#define RECOVERY_S         36  /* recoveries are watched for 30 s at least */
#define RECOVERY_EXPIRED_S 75  /* neighbours and joins come back within a Hello and a refresh */

#define SWITCH_FLOWS     10
#define SWITCH_S         21  /* 9.11: one switch, and the time to the next */
#define SWITCH_REST_S    125 /* MDT_DATA_HOLDDOWN and MDT_INTERVAL, 60 s each */
#define TRY_S            12  /* 9.12: a group joined, seen and left, and the time to the next */
#define TRY_FORGOTTEN_S  215
#define JP_COUNT_LEAST_S 120 /* 10.2 */

/* Processor seconds on the virtual clock, reference PE included, release build on one core of a
 * test host. */
#define WORK_PACKET_S   0.3e-6
#define WORK_RECEIVED_S 0.3e-6
#define WORK_HELLO_S    0.7e-6
#define WORK_ENTRY_S    6e-6
#define WORK_INSTANCE_S 0.01

/* Bytes a record of the whole process, reference PE included, as seen in runs of many of them. */
#define BYTES_BASE      (16.0 * 1024 * 1024)
#define BYTES_FLOW      256
#define BYTES_NEIGHBOUR 96
#define BYTES_ROUTE     64

/*
 * entries_per_pdu is how many entries one Join/Prune holds that lists each group with its (*,G) and
 * s sources: headers IPv4 20, GRE 24, PIM 4, upstream and counts 10; 12 bytes a group, 8 an entry.
 */
static double entries_per_pdu(const struct instance_spec *spec)
{
    double a_group = 12 + 8.0 * (1 + spec->sources);
    double room = spec->jp_oversize == JP_FRAGMENT ? 65000 : spec->mtu - 20 - 24 - 14;
    double groups = floor(room / a_group);
    double entries = groups >= 1 ? groups * (1 + spec->sources) : floor((room - 12) / 8);
    return entries > JP_ENTRIES_MAX ? JP_ENTRIES_MAX : entries;
}

/* Entries of the busiest session: a C-interface, or the remote PE that joins for the others. */
static double session_entries(const struct instance_spec *spec)
{
    double gi = spec->ingress_groups, ge = spec->groups - gi, each = 1 + spec->sources;
    double c = spec->c_interfaces;
    double c_side = each * (ge + gi * (c - 1) / c);
    double p_side = each * gi;
    return c_side > p_side ? c_side : p_side;
}

/* Hosts of one C-interface send a message a group (draft 6.3); sources a Register a flow. */
static double host_s(const struct instance_spec *spec)
{
    double gi = spec->ingress_groups, ge = spec->groups - gi, c = spec->c_interfaces;
    double igmp = (ge + gi * (c - 1) / c) * (double)spec->igmp_spacing_ns / (double)NS_PER_S;
    double registers = fmax(gi / c, ge) * spec->sources / REGISTERS_PER_S;
    return (spec->igmp_version != 0 ? igmp : 0) + (spec->c_rp_on_dut ? registers : 0);
}

/* Entries that the P instance has to refresh: default MDTs and data MDTs. */
static double p_entries(const struct instance_spec *spec)
{
    struct p_metric p;
    spec_expected_p(spec, &p);
    return (double)(p.v[NUM_STARG_P] + p.v[NUM_SG_P]);
}

/* Joins while all sessions send as fast as they may (draft 6.6); hosts keep their spacing. */
static double joins_per_s(const struct instance_spec *spec, double pes)
{
    double n = spec->mvpns, c = spec->c_interfaces, each = 1 + spec->sources;
    double gi = spec->ingress_groups, ge = spec->groups - gi;
    double pace = entries_per_pdu(spec) * JP_PDUS_PER_S;
    double c_groups = ge * spec->receiver_c_ifs / c + gi * (c - 1) / c; /* of one C-interface */
    double p_side = n * pes * fmin(pace, gi * each);
    double c_side = n * c * fmin(pace, c_groups * each);
    if (spec->igmp_version != 0 && spec->igmp_spacing_ns > 0)
        c_side = n * c * fmin(c_groups, (double)NS_PER_S / (double)spec->igmp_spacing_ns);
    return c_side + p_side;
}

/* A C-router behind each C-interface and each remote PE with sources registers them (draft 9.13);
 * data goes inside Registers until the RP stops it. */
static double registers_per_s(const struct instance_spec *spec, double pps)
{
    if (!spec->c_rp_on_dut)
        return 0;
    double gi = spec->ingress_groups, ge = spec->groups - gi;
    double drs = fmin(spec->c_interfaces, gi) + fmin(spec->remote_pes, ge);
    return spec->mvpns * fmin(REGISTERS_PER_S * drs, spec->groups * spec->sources * pps);
}

/* What is held for as long as an instance lasts costs by the second, set-up once. */
static double work_per_s(const struct plan_estimate *e)
{
    return (e->ingress_pps + e->egress_pps) * WORK_PACKET_S + e->received_pps * WORK_RECEIVED_S +
           2 * e->hellos_per_s * WORK_HELLO_S + e->entries_per_s * WORK_ENTRY_S;
}

static double flowing_s(const struct instance_spec *spec, double pps)
{
    double flowing = fmax(FLOWING_S, FLOWING_PACKETS / pps);
    if (spec->spmsi_src + spec->spmsi_rx > 0)
        flowing += (double)spec->spmsi_delay_ns / (double)NS_PER_S + SPMSI_ANNOUNCED_S;
    return flowing;
}

/* Steps 1 to 7, an instance that fails at the end of a limit, and a stimulus. */
static void durations(const struct instance_spec *spec, const struct timing *t, bool virtual_clock,
                      struct plan_estimate *out)
{
    double pps = (double)NS_PER_S / (double)spec->period_ns;
    double window = fmin(WINDOW_S, fmax(WINDOW_MIN_S, t->steady_wait_s));
    window = fmax(window, (WINDOW_PACKETS + 1) / pps);
    double drain = virtual_clock ? DRAIN_VIRTUAL_S : DRAIN_REAL_S;
    /* Joins are refreshed once before traffic starts (PROTOCOLS 12 A17), unless waits are cut. */
    double refresh = t->steady_wait_s >= REFRESH_S ? REFRESH_S : 0;
    double joined = BRINGUP_S + out->join_s + refresh;
    double end = out->join_s + WITHDRAW_S;
    out->steady_s = joined + flowing_s(spec, pps) + t->steady_wait_s + window + drain + end;
    out->failing_s = fmax(t->setup_limit_s, joined + t->traffic_limit_s + drain) + end;
    out->failing_s = fmax(out->failing_s, out->steady_s);
    /* State that did not expire while the DUT was away need not be built again. */
    double back = t->hold_out_s < NEIGHBOUR_S ? RECOVERY_S : RECOVERY_EXPIRED_S + out->join_s;
    out->stimulus_s =
        t->pre_stimulus_wait_s + t->hold_out_s + back + t->post_recovery_wait_s + window + drain;
}

void plan_estimate(const struct instance_spec *spec, const struct timing *t, bool virtual_clock,
                   struct plan_estimate *out)
{
    double n = spec->mvpns, c = spec->c_interfaces, r = spec->remote_pes, s = spec->sources;
    double gi = spec->ingress_groups, ge = spec->groups - gi, d = spec->receiver_c_ifs;
    double pps = (double)NS_PER_S / (double)spec->period_ns;
    double pes = spec->jp_suppression ? fmin(1, spec->receiver_pes) : spec->receiver_pes;
    *out = (struct plan_estimate){0};
    out->ingress_pps = n * gi * s * pps;
    out->egress_pps = n * ge * s * pps;
    out->received_pps = n * s * pps * (gi * c + ge * d);
    out->hellos_per_s = n * (r + c) / HELLO_S;
    out->entries_per_s =
        (n * (1 + s) * (gi * pes + ge * d + gi * (c - 1)) + p_entries(spec)) / REFRESH_S;
    out->joins_per_s = joins_per_s(spec, pes);
    out->registers_per_s = registers_per_s(spec, pps);
    out->join_s = session_entries(spec) / (entries_per_pdu(spec) * JP_PDUS_PER_S) + host_s(spec);
    out->memory_bytes =
        BYTES_BASE + n * spec->groups * s * BYTES_FLOW + n * (r + c) * BYTES_NEIGHBOUR +
        n * spec->groups * (1 + s) * (c + pes) * BYTES_ROUTE + p_entries(spec) * BYTES_ROUTE;
    durations(spec, t, virtual_clock, out);
    out->work_s = WORK_INSTANCE_S + out->steady_s * work_per_s(out);
    out->stimulus_work_s = out->stimulus_s * work_per_s(out);
}

/* 9.11: sets of at most ten flows in different mVPNs take turns; a set that was measured rests
 * until the DUT has taken it back to the default MDT. */
static double switches_s(const struct instance_spec *spec, double times)
{
    double flows = fmax(spec->spmsi_src_flows, spec->spmsi_src);
    double blocks = floor(spec->mvpns / fmin(spec->mvpns, SWITCH_FLOWS));
    double sets = fmax(1, blocks * flows);
    return fmax(times * (SWITCH_REST_S + SWITCH_S) / sets, SWITCH_REST_S + times * SWITCH_S);
}

/* 9.12: groups that were joined once are fresh again when their state has expired. */
static double tries_s(const struct instance_spec *spec, double times)
{
    double a = spec->mvpns, b = spec->test_groups;
    while (b > 0) {
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    double fresh = fmax(1, spec->mvpns * (double)spec->test_groups / a);
    return times * TRY_S + floor((times - 1) / fresh) * TRY_FORGOTTEN_S;
}

/* 10.2: PE3's joins, sent twice, the wait, and two counts. */
static double suppression_s(const struct instance_spec *spec, const struct timing *t, double join_s)
{
    double periods = 2 * (double)spec->period_ns / (double)NS_PER_S;
    return REFRESH_S + join_s + periods + t->steady_wait_s +
           2 * fmax(JP_COUNT_LEAST_S, t->steady_wait_s);
}

void plan_measured(const struct test_case *tc, const struct instance_spec *spec,
                   const struct timing *t, struct plan_estimate *out)
{
    double extra = 0, before = out->steady_s;
    if (case_kind(tc) != CASE_MEASURE)
        return;
    if (case_extra(tc, "spmsi_switch_delay"))
        extra = switches_s(spec, case_repetitions(tc));
    else if (case_extra(tc, "join_convergence"))
        extra = tries_s(spec, case_repetitions(tc));
    else if (spec->pe3_receives)
        extra = suppression_s(spec, t, out->join_s);
    out->steady_s += extra;
    out->failing_s += extra;
    out->work_s *= out->steady_s / before;
}

double plan_host_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && bytes > 0 ? (double)pages * (double)bytes : 0;
}

const char *plan_limit(const struct instance_spec *spec, const struct testbed *testbed)
{
    uint64_t links = (uint64_t)spec->mvpns * spec->c_interfaces;
    if (testbed != NULL && !testbed->trunk && links > testbed->a1_count)
        return "more C-interfaces than the testbed has interfaces";
    if (links > VLAN_MAX && spec->mvpns > VLAN_MAX)
        return "more mVPNs than a trunk has outer VLANs (4094)";
    if (session_entries(spec) > entries_per_pdu(spec) * JP_PDUS_PER_S * REFRESH_S)
        return "more joins a session than it can refresh in 60 s (draft 6.6)";
    return NULL;
}
