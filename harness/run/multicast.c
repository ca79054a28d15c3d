#include "harness/run/multicast.h"

#include "harness/run/record.h"
#include "mvpnbench/result.h"
#include "mvpnbench/topology.h"

#include <stdio.h>

/* Draft 6.3: IGMP messages of a receiver may follow one another as fast as this. */
#define IGMP_SPACING_DRAFT_NS (100 * NS_PER_MS)

/* One thing that all S-PMSIs of the instance must have come to. */
struct progress_of {
    const char *text; /* for the failure: "%llu of %llu ..." */
    uint64_t seen, want;
};

#define SPMSI_STEPS 4

static void spmsi_steps(struct procedure *p, struct progress_of steps[SPMSI_STEPS])
{
    const struct instance_spec *s = &p->q->spec;
    uint64_t src_flows = spec_spmsi_flows_total(s, true);
    struct emul_spmsi seen;
    emul_spmsi_get(p->emul, &seen);
    steps[0] = (struct progress_of){"flows announced", seen.src_announced, src_flows};
    steps[1] = (struct progress_of){"flows moved", seen.src_flows, src_flows};
    steps[2] = (struct progress_of){"S-PMSIs joined", seen.rx_joined, spec_spmsi_total(s, false)};
    steps[3] =
        (struct progress_of){"flows received", seen.rx_flows, spec_spmsi_flows_total(s, false)};
}

static bool has_spmsi(const struct instance_spec *s)
{
    return s->spmsi_src + s->spmsi_rx > 0;
}

bool multicast_settled(struct procedure *p)
{
    struct progress_of steps[SPMSI_STEPS];
    if (!has_spmsi(&p->q->spec))
        return true;
    spmsi_steps(p, steps);
    for (size_t i = 0; i < SPMSI_STEPS; i++) {
        if (steps[i].seen < steps[i].want)
            return false;
    }
    return true;
}

static bool spmsi_named(const struct procedure *p)
{
    for (size_t i = 0; i < p->failure_count; i++) {
        if (p->failures[i].criterion == CRIT_SPMSI)
            return true;
    }
    return false;
}

/* Flows that are neither announced nor moved are no failure that the network could name. */
static void judge_spmsi(struct procedure *p)
{
    struct progress_of steps[SPMSI_STEPS];
    if (!has_spmsi(&p->q->spec) || spmsi_named(p))
        return;
    spmsi_steps(p, steps);
    for (size_t i = 0; i < SPMSI_STEPS; i++) {
        if (steps[i].seen >= steps[i].want)
            continue;
        struct emul_failure f = {.criterion = CRIT_SPMSI, .count = steps[i].want - steps[i].seen};
        (void)snprintf(f.interface, sizeof(f.interface), "%llu of %llu %s",
                       (unsigned long long)steps[i].seen, (unsigned long long)steps[i].want,
                       steps[i].text);
        procedure_fail(p, &f);
    }
}

static void judge_p(struct procedure *p, const struct dut_view *view)
{
    for (int i = 0; i < P_METRIC_VARS; i++) {
        int64_t seen = view->p.v[i], want = p->expected_p.v[i];
        const char *name = p_metric_name((enum p_metric_var)i);
        if (seen == METRIC_UNKNOWN) {
            record_notef(p->out->notes, "procedure", "%s could not be read from the DUT", name);
        } else if (want != METRIC_UNKNOWN && seen < want) {
            struct emul_failure f = {.criterion = CRIT_METRIC, .count = (uint64_t)(want - seen)};
            (void)snprintf(f.interface, sizeof(f.interface), "%s %lld < %lld", name,
                           (long long)seen, (long long)want);
            procedure_fail(p, &f);
        } else if (want != METRIC_UNKNOWN && seen > want) {
            record_notef(p->out->notes, "configuration",
                         "the DUT holds more state than the instance needs: %s is %lld, expected "
                         "%lld (instance %s)",
                         name, (long long)seen, (long long)want, p->q->id);
        }
    }
}

void multicast_judge(struct procedure *p, const struct dut_view *view)
{
    judge_p(p, view);
    judge_spmsi(p);
}

/* ---- the record ------------------------------------------------------------------------------ */

static void set_count(json_t *o, const char *key, uint64_t v)
{
    json_object_set_new(o, key, json_integer((json_int_t)v));
}

static json_t *switch_delay(const struct emul_spmsi *s, int64_t period_ns)
{
    json_t *o = json_object();
    bool any = s->switches > 0;
    json_object_set_new(o, "min", result_time_or_null(any, s->delay_min_ns));
    json_object_set_new(o, "avg", result_time_or_null(any, s->delay_avg_ns));
    json_object_set_new(o, "max", result_time_or_null(any, s->delay_max_ns));
    set_count(o, "count", s->switches);
    json_object_set_new(o, "resolution_s", result_time(period_ns));
    set_count(o, "lost", s->switch_lost);
    set_count(o, "duplicate", s->switch_duplicate);
    return o;
}

/* announced ... reused: data MDTs of the DUT and their flows; rx_: those of remote PEs. */
static json_t *spmsi_figures(const struct emul_spmsi *s, int64_t cached)
{
    json_t *o = json_object();
    set_count(o, "announced", s->src_announced);
    set_count(o, "sourced", s->src_mdts);
    set_count(o, "flows", s->src_flows);
    set_count(o, "reused", s->src_reused_mdts);
    set_count(o, "rx_announced", s->rx_announced);
    set_count(o, "rx_joined", s->rx_joined);
    set_count(o, "rx_flows", s->rx_flows);
    json_object_set_new(o, "cached", result_count(cached));
    set_count(o, "tlv_datagrams", s->tlv_datagrams);
    set_count(o, "tlvs", s->tlvs);
    return o;
}

static void record_extra(struct procedure *p, const struct dut_view *view)
{
    const struct instance_spec *spec = &p->q->spec;
    json_t *extra = json_object_get(p->out->record, "extra");
    struct emul_spmsi s;
    emul_spmsi_get(p->emul, &s);
    if (spec->spmsi_src > 0)
        json_object_set_new(extra, "spmsi_switch_delay", switch_delay(&s, spec->period_ns));
    if (has_spmsi(spec))
        json_object_set_new(extra, "spmsi", spmsi_figures(&s, view->spmsi_cached));
    if (spec->c_rp_on_dut)
        json_object_set_new(extra, "registers",
                            json_pack("{s:I,s:I,s:I}", "sent", (json_int_t)s.registers_sent,
                                      "null_sent", (json_int_t)s.null_registers_sent,
                                      "stops_received", (json_int_t)s.register_stops_received));
    if (spec->igmp_version != 0)
        set_count(extra, "igmp_c_interfaces", s.igmp_interfaces);
}

void multicast_record(struct procedure *p, const struct dut_view *view)
{
    json_t *record = p->out->record;
    struct p_metric seen;
    emul_p_metric(p->emul, &seen);
    json_object_set_new(record, "p_instance", result_p_metric(&view->p));
    json_object_set_new(record, "p_instance_apparatus", result_p_metric(&seen));
    json_object_set_new(record, "p_instance_expected", result_p_metric(&p->expected_p));
    record_extra(p, view);
}

/* ---- deviations ------------------------------------------------------------------------------ */

static void note_mdt(struct procedure *p)
{
    const struct instance_spec *s = &p->q->spec;
    if (!case_mdt_allowed(p->q->tc, s->mdt))
        record_notef(p->out->notes, "configuration",
                     "the default MDTs are built by %s, which the draft does not have for %s",
                     mdt_mode_protocol(s->mdt), case_id(p->q->tc));
    if (s->mdt == MDT_SSM)
        record_note(p->out->notes, "configuration",
                    "SSM default MDTs: the DUT knows the other PEs from its configuration, not by "
                    "BGP (MDT-SAFI)");
}

static void note_c_rp(struct procedure *p)
{
    const struct instance_spec *s = &p->q->spec;
    if (!s->c_rp_on_dut)
        return;
    record_note(p->out->notes, "configuration",
                "the C-RPs are on the DUT, not beside the sources (draft 6.3)");
    if (s->groups > s->ingress_groups)
        record_note(p->out->notes, "configuration",
                    "Registers of the DRs behind remote PEs reach the DUT GRE-encapsulated on the "
                    "default MDT, unicast inside, not through the unicast VPN");
}

static void note_igmp(struct procedure *p)
{
    const struct instance_spec *s = &p->q->spec;
    struct emul_spmsi seen;
    if (s->igmp_version == 0)
        return;
    emul_spmsi_get(p->emul, &seen);
    record_notef(p->out->notes, "configuration",
                 "receivers are IGMPv%u hosts on %u of the %u C-interfaces of an mVPN (draft 6.3); "
                 "their number in an instance is its extra.igmp_c_interfaces",
                 s->igmp_version, seen.igmp_interfaces / s->mvpns, s->c_interfaces);
    if (s->igmp_spacing_ns > IGMP_SPACING_DRAFT_NS)
        record_notef(p->out->notes, "procedure",
                     "messages of an IGMP receiver are %.0f ms apart, more than the 100 ms of "
                     "draft 6.3",
                     (double)s->igmp_spacing_ns / 1e6);
}

void multicast_notes(struct procedure *p)
{
    note_mdt(p);
    note_c_rp(p);
    note_igmp(p);
}
