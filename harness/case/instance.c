/* One instance as numbers: a point of the sweep and a value to try become struct instance_spec. */
#include "harness/case/record.h"
#include "harness/case/values.h"
#include "mvpnbench/topology.h"

#include <math.h>
#include <stdio.h>

/* MDT_DATA_DELAY of RFC 6037, 7.2, for the emulated PEs. */
#define MDT_DATA_DELAY_NS (3 * NS_PER_S)

/* Blocks of alternate marking: six or more fit the window of step 7. */
#define MARKING_LONG_WAIT_S 60
#define MARKING_LONG_NS     (10 * NS_PER_S)
#define MARKING_SHORT_NS    NS_PER_S

/* too_big tells whether counts of an instance leave their types (flows are 32-bit numbers). */
static bool too_big(const struct case_values *v)
{
    double n = v->v[PARAM_MVPNS];
    return n * v->v[PARAM_GROUPS] * v->v[PARAM_SOURCES] > 4e9 || n * v->v[PARAM_REMOTE_PES] > 4e9 ||
           n * v->v[PARAM_C_INTERFACES] > 262000;
}

/* Draft 6.4: one receiver PE where the DUT suppresses Joins (10.2), else half of them. */
static uint32_t receiver_pes(const struct case_context *c, const struct instance_spec *spec)
{
    const struct run_settings *s = c->settings;
    if (spec->remote_pes <= 1)
        return 1;
    double share = s->receivers_share;
    bool one = s->receivers_share_set && s->receivers_one;
    if (!s->receivers_share_set && spec->ingress_groups > 0) {
        int suppresses = c->known == NULL || c->known->suppresses == NULL
                             ? -1
                             : c->known->suppresses(c->known->arg);
        one = suppresses == 1;
        if (suppresses < 0)
            case_notef(c, "receivers behind 50 %% of the remote PEs of each ingress group: whether "
                          "the DUT suppresses Joins is not known (10.2 was not run)");
    }
    double k = one ? 1 : ceil(share * spec->remote_pes);
    return k < 1 ? 1 : (uint32_t)k;
}

/* Flows that one direction of an instance can put on S-PMSIs against those that are wanted. */
static int check_spmsi(const struct test_case *tc, const struct instance_spec *spec, bool by_dut,
                       struct err *err)
{
    const char *name = case_param_name(by_dut ? PARAM_SPMSI_SRC : PARAM_SPMSI_RX);
    uint32_t mdts = by_dut ? spec->spmsi_src : spec->spmsi_rx;
    uint32_t flows = by_dut ? spec->spmsi_src_flows : spec->spmsi_rx_flows;
    uint32_t most = topology_spmsi_flows_max(spec, by_dut);
    if (flows < mdts || (mdts == 0 && flows > 0)) {
        err_set(err, ERR_USE, "case %s: %s_flows=%u with %s=%u cannot be; %s", tc->id, name, flows,
                name, mdts,
                mdts == 0 ? "they need S-PMSIs" : "each S-PMSI carries at least one flow");
        return -1;
    }
    if (flows <= most)
        return 0;
    err_set(err, ERR_USE,
            "case %s: %s=%u with %u flows cannot be: an mVPN with g=%u (%u of them ingress) and "
            "s=%u has %u flows for it%s; raise groups or search.min",
            tc->id, name, mdts, flows, spec->groups, spec->ingress_groups, spec->sources, most,
            !by_dut && flows > mdts ? " behind one remote PE" : "");
    return -1;
}

/* Data-MDT groups of one direction end where those of the other begin (topology.h). */
static int check_spmsi_groups(const struct test_case *tc, const struct instance_spec *spec,
                              struct err *err)
{
    ip4_t src = spec->addr.data_mdt_src_base, rx = spec->addr.data_mdt_rx_base;
    uint32_t most = (src > rx ? src - rx : rx - src) / (DATA_MDTS_PER_VPN + 1);
    if (spec->spmsi_src == 0 || spec->spmsi_rx == 0 || src == rx || spec->mvpns <= most)
        return 0;
    err_set(err, ERR_USE,
            "case %s: the groups of S-PMSIs in both directions are enough for %u mVPNs, not for "
            "%u; move data_mdts_rx in the testbed's addressing",
            tc->id, most, spec->mvpns);
    return -1;
}

/* spread_total deals a total of S-PMSIs to the first mVPNs as evenly as it goes (B.5): the first
 * `full` of them have one more than the others. */
static int spread_total(const struct test_case *tc, const struct case_try *t, bool by_dut,
                        struct case_values *values, struct instance_spec *spec, struct err *err)
{
    uint64_t vpns = t->vpns == 0 || t->vpns > spec->mvpns ? spec->mvpns : t->vpns;
    if (vpns > t->value)
        vpns = t->value;
    uint64_t each = (t->value + vpns - 1) / vpns, rest = t->value % vpns;
    if (each > DATA_MDTS_PER_VPN) {
        err_set(err, ERR_USE,
                "case %s: %llu S-PMSIs over %llu mVPNs are more than %u each; lower search.max",
                tc->id, (unsigned long long)t->value, (unsigned long long)vpns, DATA_MDTS_PER_VPN);
        return -1;
    }
    values->v[by_dut ? PARAM_SPMSI_SRC : PARAM_SPMSI_RX] = (double)each;
    spec->spmsi_vpns = (uint32_t)vpns;
    if (by_dut)
        spec->spmsi_src_full = (uint32_t)rest;
    else
        spec->spmsi_rx_full = (uint32_t)rest;
    return 0;
}

/* fill_spmsi takes 0 flows as one each, in values as well. */
static int fill_spmsi(const struct test_case *tc, const struct case_try *t,
                      struct case_values *values, struct instance_spec *spec, struct err *err)
{
    static const enum case_param rows[][3] = {
        {PARAM_SPMSI_SRC, PARAM_SPMSI_SRC_FLOWS, PARAM_SPMSI_SRC_TOTAL},
        {PARAM_SPMSI_RX, PARAM_SPMSI_RX_FLOWS, PARAM_SPMSI_RX_TOTAL}};
    enum case_param total;
    if (case_total(tc, &total) &&
        spread_total(tc, t, total == PARAM_SPMSI_SRC_TOTAL, values, spec, err) != 0)
        return -1;
    for (size_t i = 0; i < 2; i++) {
        if (values->v[rows[i][1]] == 0)
            values->v[rows[i][1]] = values->v[rows[i][0]];
    }
    spec->spmsi_src = (uint32_t)values->v[PARAM_SPMSI_SRC];
    spec->spmsi_rx = (uint32_t)values->v[PARAM_SPMSI_RX];
    spec->spmsi_src_flows = (uint32_t)values->v[PARAM_SPMSI_SRC_FLOWS];
    spec->spmsi_rx_flows = (uint32_t)values->v[PARAM_SPMSI_RX_FLOWS];
    spec->spmsi_delay_ns = MDT_DATA_DELAY_NS;
    for (size_t i = 0; i < 2; i++)
        values->v[rows[i][2]] = (double)spec_spmsi_total(spec, i == 0);
    bool good = check_spmsi(tc, spec, true, err) == 0 && check_spmsi(tc, spec, false, err) == 0 &&
                check_spmsi_groups(tc, spec, err) == 0;
    return good ? 0 : -1;
}

/* fill_values adds the searched value and what follows from it, and checks every parameter. */
static int fill_values(const struct test_case *tc, const struct case_context *c,
                       const struct case_point *p, const struct case_try *t,
                       struct case_values *values, struct err *err)
{
    struct case_point at = *p;
    if (tc->searched != PARAM_COUNT)
        at.values.v[tc->searched] = (double)t->value;
    for (int i = 0; i < PARAM_COUNT; i++) {
        const struct case_param_rule *r = &tc->rule[i];
        char key[64];
        if (r->mode == MODE_ABSENT)
            continue;
        if (r->mode == MODE_FIXED && case_late(tc, &r->values[0]) &&
            case_overridden(tc, c->settings, (enum case_param)i) == NULL)
            at.values.v[i] =
                param_round((enum case_param)i, case_value_at(tc, c, &at, &r->values[0], NULL));
        (void)snprintf(key, sizeof(key), "case %s: %s", tc->id,
                       case_param_name((enum case_param)i));
        if (!param_check((enum case_param)i, key, at.values.v[i], err))
            return -1;
    }
    *values = at.values;
    if (tc->rule[PARAM_RECEIVER_C_IFS].mode == MODE_ABSENT)
        values->v[PARAM_RECEIVER_C_IFS] = values->v[PARAM_C_INTERFACES];
    if (values->v[PARAM_RECEIVER_C_IFS] > values->v[PARAM_C_INTERFACES]) {
        err_set(err, ERR_USE,
                "case %s: receivers on d=%.0f of c=%.0f C-interfaces cannot be; lower search.min",
                tc->id, values->v[PARAM_RECEIVER_C_IFS], values->v[PARAM_C_INTERFACES]);
        return -1;
    }
    if (!too_big(values))
        return 0;
    err_set(err, ERR_USE,
            "case %s: %.0f mVPNs with %.0f groups and %.0f sources each are more flows than can "
            "be numbered; choose smaller values",
            tc->id, values->v[PARAM_MVPNS], values->v[PARAM_GROUPS], values->v[PARAM_SOURCES]);
    return -1;
}

/* RFC 9341 5: a block is much longer than what a packet may be late; short waits have short ones.
 */
static int64_t marking_block_ns(const struct run_settings *s)
{
    return s->timing.steady_wait_s >= MARKING_LONG_WAIT_S ? MARKING_LONG_NS : MARKING_SHORT_NS;
}

int case_instance(const struct test_case *tc, const struct case_context *c,
                  const struct case_point *p, const struct case_try *t, struct instance_spec *spec,
                  struct case_values *values, struct err *err)
{
    const struct run_settings *s = c->settings;
    if (fill_values(tc, c, p, t, values, err) != 0)
        return -1;
    spec->mvpns = (uint32_t)values->v[PARAM_MVPNS];
    spec->c_interfaces = (uint32_t)values->v[PARAM_C_INTERFACES];
    spec->remote_pes = (uint32_t)values->v[PARAM_REMOTE_PES];
    spec->ingress_groups = (uint32_t)case_ingress_groups(values);
    spec->test_groups = values->v[PARAM_GROUPS] > 0 ? tc->test_groups : 0;
    spec->groups = (uint32_t)values->v[PARAM_GROUPS] + spec->test_groups;
    spec->sources = (uint32_t)values->v[PARAM_SOURCES];
    spec->receiver_c_ifs = (uint32_t)values->v[PARAM_RECEIVER_C_IFS];
    spec->receiver_pes = receiver_pes(c, spec);
    spec->pe3_receives = tc->receiver_behind_pe3;
    spec->mdt = p->mdt;
    spec->period_ns = s->traffic_rate_pps > 0 ? llround(1e9 / s->traffic_rate_pps) : NS_PER_S;
    spec->probe_period_ns = llround(1e9 / s->probe_pps);
    spec->packet_bytes = s->packet_bytes;
    spec->marking_ns = s->marking ? marking_block_ns(s) : 0;
    spec->jp_oversize = s->jp_oversize;
    spec->jp_suppression = s->jp_suppression;
    spec->c_rp_on_dut = case_c_rp_on_dut(tc, s);
    spec->igmp_version = s->receivers_igmp;
    spec->igmp_spacing_ns = llround(s->igmp_spacing_ms * NS_PER_MS);
    if (fill_spmsi(tc, t, values, spec, err) != 0)
        return -1;
    return run_settings_check_mtu(s, spec->mtu, err);
}
