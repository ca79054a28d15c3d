#include "harness/case/case.h"

#include "harness/case/record.h"
#include "harness/case/values.h"
#include "mvpnbench/topology.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *case_id(const struct test_case *tc)
{
    return tc->id;
}

const char *case_title(const struct test_case *tc)
{
    return tc->title;
}

const char *case_objective(const struct test_case *tc)
{
    return tc->objective;
}

enum case_param case_searched(const struct test_case *tc)
{
    return tc->searched;
}

const char *case_variable_name(const struct test_case *tc)
{
    return tc->variable;
}

bool case_stimuli(const struct test_case *tc)
{
    return tc->stimuli;
}

enum case_kind case_kind(const struct test_case *tc)
{
    (void)tc;
    return CASE_SEARCH;
}

unsigned case_repetitions(const struct test_case *tc)
{
    return tc->repetitions;
}

const char *case_own_step(const struct test_case *tc, size_t n)
{
    return n < tc->own_steps.count ? tc->own_steps.items[n] : NULL;
}

bool case_c_rp_on_dut(const struct test_case *tc, const struct run_settings *s)
{
    (void)tc;
    return s->c_rp_on_dut;
}

void case_context_default(struct case_context *c, const struct run_settings *s)
{
    *c = (struct case_context){.settings = s,
                               .mdt_offered = {true, true, true},
                               .spmsi = DUT_SPMSI_SOURCED | DUT_SPMSI_RECEIVED | DUT_SPMSI_REUSE};
}

enum mdt_mode case_mdt(const struct test_case *tc, const struct run_settings *s)
{
    return s->mdt_default_set ? s->mdt_default : tc->mdt;
}

bool case_mdt_allowed(const struct test_case *tc, enum mdt_mode mode)
{
    return tc->mdt_allowed[mode];
}

/* ever_above_zero tells whether p has such a value at some point of the sweep. */
static bool ever_above_zero(const struct test_case *tc, const struct run_settings *s,
                            enum case_param p)
{
    const struct case_param_rule *r = &tc->rule[p];
    const struct param_override *o = &s->param[p];
    if (r->mode == MODE_ABSENT)
        return false;
    if (r->mode == MODE_SEARCHED)
        return true;
    const double *values = o->count > 0 ? o->values : r->values;
    size_t count = o->count > 0 ? o->count : r->count;
    for (size_t i = 0; i < count; i++) {
        if (values[i] > 0)
            return true;
    }
    return false;
}

bool case_spmsi(const struct test_case *tc, const struct run_settings *s)
{
    return ever_above_zero(tc, s, PARAM_SPMSI_SRC) || ever_above_zero(tc, s, PARAM_SPMSI_RX);
}

bool case_step(const struct test_case *tc, bool failure, unsigned n)
{
    return n <= CASE_STEPS_MAX && (failure ? tc->failure_step : tc->steady_step)[n];
}

bool case_extra(const struct test_case *tc, const char *item)
{
    for (size_t i = 0; i < tc->extra.count; i++) {
        if (strcmp(tc->extra.items[i], item) == 0)
            return true;
    }
    return false;
}

const char *case_after(const struct test_case *tc, size_t n)
{
    return n < tc->after.count ? tc->after.items[n] : NULL;
}

const char *case_issue(const struct test_case *tc, size_t n)
{
    return n < tc->issues.count ? tc->issues.items[n] : NULL;
}

static size_t add_text(char *buf, size_t cap, size_t at, const char *text)
{
    if (at >= cap)
        return at;
    int n = snprintf(buf + at, cap - at, "%s", text);
    return at + (n > 0 ? (size_t)n : 0);
}

char *case_varies(const struct test_case *tc, char *buf, size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct case_param_rule *r = &tc->rule[p];
        if (r->mode == MODE_ABSENT ||
            (param_optional((enum case_param)p) && r->count == 1 && r->values[0] == 0))
            continue; /* S-PMSIs that a case does not have */
        at = add_text(buf, cap, at, p == 0 ? "" : " ");
        at = add_text(buf, cap, at,
                      p == PARAM_INGRESS_SHARE ? "share" : case_param_symbol((enum case_param)p));
        at = add_text(buf, cap, at, "=");
        if (r->mode == MODE_SEARCHED)
            at = add_text(buf, cap, at, "?");
        if (r->mode == MODE_MVPN_100I)
            at = add_text(buf, cap, at, "100,200,...");
        for (size_t i = 0; i < r->count; i++) {
            char number[32];
            at = add_text(buf, cap, at, i == 0 ? "" : ",");
            at = add_text(buf, cap, at, param_number_text(r->values[i], number));
        }
    }
    return buf;
}

double case_ingress_groups(const struct case_values *values)
{
    return floor(values->v[PARAM_INGRESS_SHARE] * values->v[PARAM_GROUPS] + 0.5);
}

void case_symbols(const struct case_values *values, double symbols[SYM_COUNT])
{
    for (int i = 0; i < SYM_COUNT; i++)
        symbols[i] = NAN;
    double gi = case_ingress_groups(values);
    symbols[SYM_N] = values->v[PARAM_MVPNS];
    symbols[SYM_C] = values->v[PARAM_C_INTERFACES];
    symbols[SYM_R] = values->v[PARAM_REMOTE_PES];
    symbols[SYM_G] = values->v[PARAM_GROUPS];
    symbols[SYM_S] = values->v[PARAM_SOURCES];
    symbols[SYM_GI] = gi;
    symbols[SYM_GE] = values->v[PARAM_GROUPS] - gi;
    symbols[SYM_D] = values->v[PARAM_C_INTERFACES];
}

int64_t case_variable(const struct test_case *tc, const struct case_values *values)
{
    double symbols[SYM_COUNT];
    case_symbols(values, symbols);
    double v = expr_eval(&tc->formula, symbols);
    return isfinite(v) && v >= 0 && v < 9e15 ? llround(v) : METRIC_UNKNOWN;
}

/* MDT_DATA_DELAY of RFC 6037, 7.2, for the emulated PEs. */
#define MDT_DATA_DELAY_NS (3 * NS_PER_S)
/* case_too_big tells whether counts of an instance leave their types (flows are 32-bit numbers). */
static bool too_big(const struct case_values *v)
{
    double n = v->v[PARAM_MVPNS];
    return n * v->v[PARAM_GROUPS] * v->v[PARAM_SOURCES] > 4e9 || n * v->v[PARAM_REMOTE_PES] > 4e9 ||
           n * v->v[PARAM_C_INTERFACES] > 262000;
}

static uint32_t receiver_pes(const struct case_context *c, uint32_t remote_pes)
{
    const struct run_settings *s = c->settings;
    if (remote_pes <= 1 || s->receivers_one)
        return 1;
    if (!s->receivers_share_set && c->note != NULL)
        c->note(c->note_arg,
                "receivers behind 50 % of the remote PEs of each ingress group: whether the DUT "
                "suppresses Joins is not known (10.2 was not run)");
    double k = ceil(s->receivers_share * remote_pes);
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

/* fill_spmsi takes 0 flows as one each, in values as well. */
static int fill_spmsi(const struct test_case *tc, struct case_values *values,
                      struct instance_spec *spec, struct err *err)
{
    static const enum case_param pairs[][2] = {{PARAM_SPMSI_SRC, PARAM_SPMSI_SRC_FLOWS},
                                               {PARAM_SPMSI_RX, PARAM_SPMSI_RX_FLOWS}};
    for (size_t i = 0; i < 2; i++) {
        if (values->v[pairs[i][1]] == 0)
            values->v[pairs[i][1]] = values->v[pairs[i][0]];
    }
    spec->spmsi_src = (uint32_t)values->v[PARAM_SPMSI_SRC];
    spec->spmsi_rx = (uint32_t)values->v[PARAM_SPMSI_RX];
    spec->spmsi_src_flows = (uint32_t)values->v[PARAM_SPMSI_SRC_FLOWS];
    spec->spmsi_rx_flows = (uint32_t)values->v[PARAM_SPMSI_RX_FLOWS];
    spec->spmsi_delay_ns = MDT_DATA_DELAY_NS;
    bool good = check_spmsi(tc, spec, true, err) == 0 && check_spmsi(tc, spec, false, err) == 0 &&
                check_spmsi_groups(tc, spec, err) == 0;
    return good ? 0 : -1;
}

int case_instance(const struct test_case *tc, const struct case_context *c,
                  const struct case_point *p, const struct case_try *t, struct instance_spec *spec,
                  struct case_values *values, struct err *err)
{
    const struct run_settings *s = c->settings;
    *values = p->values;
    values->v[tc->searched] = (double)t->value;
    for (int i = 0; i < PARAM_COUNT; i++) {
        char key[64];
        if (tc->rule[i].mode == MODE_ABSENT)
            continue;
        (void)snprintf(key, sizeof(key), "case %s: %s", tc->id,
                       case_param_name((enum case_param)i));
        if (!param_check((enum case_param)i, key, values->v[i], err))
            return -1;
    }
    if (too_big(values)) {
        err_set(
            err, ERR_USE,
            "case %s: %.0f mVPNs with %.0f groups and %.0f sources each are more flows than can "
            "be numbered; choose smaller values",
            tc->id, values->v[PARAM_MVPNS], values->v[PARAM_GROUPS], values->v[PARAM_SOURCES]);
        return -1;
    }
    spec->mvpns = (uint32_t)values->v[PARAM_MVPNS];
    spec->c_interfaces = (uint32_t)values->v[PARAM_C_INTERFACES];
    spec->remote_pes = (uint32_t)values->v[PARAM_REMOTE_PES];
    spec->groups = (uint32_t)values->v[PARAM_GROUPS];
    spec->ingress_groups = (uint32_t)case_ingress_groups(values);
    spec->sources = (uint32_t)values->v[PARAM_SOURCES];
    spec->receiver_c_ifs = spec->c_interfaces;
    spec->receiver_pes = receiver_pes(c, spec->remote_pes);
    spec->mdt = p->mdt;
    spec->period_ns = s->traffic_rate_pps > 0 ? llround(1e9 / s->traffic_rate_pps) : NS_PER_S;
    spec->packet_bytes = s->packet_bytes;
    spec->jp_oversize = s->jp_oversize;
    spec->jp_suppression = s->jp_suppression;
    spec->c_rp_on_dut = s->c_rp_on_dut;
    spec->igmp_version = s->receivers_igmp;
    spec->igmp_spacing_ns = llround(s->igmp_spacing_ms * NS_PER_MS);
    if (fill_spmsi(tc, values, spec, err) != 0)
        return -1;
    return run_settings_check_mtu(s, spec->mtu, err);
}

/* overridden_text names the parameters that were given other values than the case's own. */
static size_t overridden_text(const struct test_case *tc, const struct run_settings *s, char *buf,
                              size_t cap)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct param_override *o = &s->param[p];
        const struct case_param_rule *r = &tc->rule[p];
        char number[32];
        if (o->count == 0 || r->mode != MODE_FIXED ||
            (o->count == 1 && o->values[0] == r->values[0]))
            continue;
        at = add_text(buf, cap, at, at == 0 ? "overridden: " : ", ");
        at = add_text(buf, cap, at, case_param_name((enum case_param)p));
        at = add_text(buf, cap, at, "=");
        at = add_text(buf, cap, at, param_number_text(o->values[0], number));
    }
    return at;
}

static void measured_symbols(const struct case_measure *m, double symbols[SYM_COUNT])
{
    for (int i = 0; m->metric != NULL && i < METRIC_VARS; i++) {
        if (m->metric->v[i] >= 0)
            symbols[SYM_METRIC + i] = (double)m->metric->v[i];
    }
    for (int i = 0; m->p != NULL && i < P_METRIC_VARS; i++) {
        if (m->p->v[i] >= 0)
            symbols[SYM_P + i] = (double)m->p->v[i];
    }
    if (m->neighbours != NULL && m->neighbours->c_interface >= 0)
        symbols[SYM_C_SIDE] = (double)m->neighbours->c_interface;
    if (m->neighbours != NULL && m->neighbours->mi_pmsi >= 0)
        symbols[SYM_MIPMSI] = (double)m->neighbours->mi_pmsi;
}

static void check_relations(const struct test_case *tc, const struct run_settings *s, bool at_end,
                            const struct case_values *values, const struct case_measure *m,
                            case_note_fn *broken, void *arg)
{
    double symbols[SYM_COUNT];
    char overridden[160];
    case_symbols(values, symbols);
    measured_symbols(m, symbols);
    size_t over = overridden_text(tc, s, overridden, sizeof(overridden));
    for (size_t i = 0; i < tc->relation_count; i++) {
        const struct relation *r = &tc->relation[i];
        double left, right;
        if (tc->relation_at_end[i] != at_end ||
            relation_holds(r, symbols, tc->tolerance, &left, &right) != 0)
            continue;
        char a[32], b[32], text[512];
        (void)snprintf(text, sizeof(text), "relation %s %s %s%s does not hold: %s against %s%s%s%s",
                       r->left_text, relation_operator(r->kind), r->right_text,
                       at_end ? " (at the end of the sweep)" : "", param_number_text(left, a),
                       param_number_text(right, b), over > 0 ? " (" : "", overridden,
                       over > 0 ? ")" : "");
        broken(arg, text);
    }
}

void case_relations_measured(const struct test_case *tc, const struct run_settings *s,
                             const struct case_values *values, const struct case_measure *m,
                             case_note_fn *broken, void *arg)
{
    check_relations(tc, s, false, values, m, broken, arg);
}

void case_relations_at_end(const struct test_case *tc, const struct run_settings *s,
                           const struct case_values *values, const struct case_measure *m,
                           case_note_fn *broken, void *arg)
{
    check_relations(tc, s, true, values, m, broken, arg);
}

void case_relations(const struct test_case *tc, const struct run_settings *s,
                    const struct case_values *values, const struct mvpn_metric *measured,
                    case_note_fn *broken, void *arg)
{
    case_relations_measured(tc, s, values, &(struct case_measure){.metric = measured}, broken, arg);
}
