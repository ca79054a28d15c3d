/* S-PMSIs as the harness reads them: counts, the P instance, and what is wrong, by name. */
#include "emul/lab/lab.h"

#include <stdio.h>

#define LEAST_RECENT_NS (3 * NS_PER_S)
#define LEAST_DELAY_NS  (3 * NS_PER_S) /* MDT_DATA_DELAY */
#define GRACE_NS        (10 * NS_PER_S)
#define FEW_PERIODS     3

static int64_t few_periods_ns(const struct emul *e)
{
    return FEW_PERIODS * e->net.spec.period_ns;
}

/* A flow flows while its newest packet is not older than this. */
static int64_t recent_ns(const struct emul *e)
{
    int64_t ns = few_periods_ns(e);
    return ns > LEAST_RECENT_NS ? ns : LEAST_RECENT_NS;
}

static bool is_recent(const struct emul *e, int64_t at_ns, struct instant now)
{
    return at_ns != INT64_MIN && now.ns - at_ns <= recent_ns(e);
}

void lab_spmsi_in_use(const struct emul *e, struct instant now, uint64_t *mdts, uint64_t *flows,
                      uint64_t *reused)
{
    const struct lab_spmsi *s = &e->spmsi;
    *mdts = *flows = *reused = 0;
    for (uint32_t slot = 0; slot < s->mdt_count; slot++)
        s->mdts[slot].in_use = 0;
    for (uint32_t ix = s->oldest; ix != SPMSI_NONE; ix = s->flows[ix].newer) {
        const struct spmsi_flow *f = &s->flows[ix];
        if ((f->flags & SPMSI_MOVED) == 0 || !is_recent(e, f->data_ns, now))
            continue;
        uint32_t on = ++s->mdts[f->slot].in_use;
        *flows += 1;
        *mdts += on == 1;
        *reused += on == 2;
    }
}

/* Data MDTs of remote PEs: joined by the DUT, and flows that are sent on them. */
static void count_received(const struct emul *e, struct emul_spmsi *out, struct instant now)
{
    const struct net *n = &e->net;
    if (n->spec.spmsi_rx == 0)
        return;
    out->rx_announced = remote_announce_count(e->announce);
    for (size_t ix = 0; ix < n->data_mdts.count; ix++)
        out->rx_joined += pim_ds_alive(&n->data_mdts, (uint32_t)ix, now);
    for (uint32_t v = 1; v <= n->spec.mvpns; v++) {
        for (uint32_t j = n->spec.ingress_groups + 1; j <= n->spec.groups; j++) {
            for (uint32_t k = 1; k <= n->spec.sources; k++) {
                uint32_t number = plan_spmsi(&n->plan, &n->spec, v, j, k);
                out->rx_flows += number != 0 && net_data_mdt_joined(n, v, number, now) &&
                                 remote_announce_moved(e->announce, v, number, now);
            }
        }
    }
}

void lab_spmsi_get(const struct emul *e, struct emul_spmsi *out)
{
    const struct lab_spmsi *s = &e->spmsi;
    struct instant now = net_now(&e->net);
    *out = (struct emul_spmsi){.tlv_datagrams = s->datagrams,
                               .tlvs = s->tlvs,
                               .src_announced = s->announced,
                               .switches = s->switches,
                               .delay_min_ns = -1,
                               .delay_avg_ns = -1,
                               .delay_max_ns = -1,
                               .switch_lost = s->lost,
                               .switch_duplicate = s->duplicate};
    if (s->switches > 0) {
        out->delay_min_ns = s->delay_min_ns;
        out->delay_avg_ns = s->delay_sum_ns / (int64_t)s->switches;
        out->delay_max_ns = s->delay_max_ns;
    }
    for (size_t ix = 0; ix < s->flow_count; ix++) {
        const struct spmsi_flow *f = &s->flows[ix];
        out->switch_lost += spmsi_lost(e, f, now);
        if ((f->flags & SPMSI_SWITCHED) != 0)
            out->switch_duplicate += f->duplicate;
    }
    lab_spmsi_in_use(e, now, &out->src_mdts, &out->src_flows, &out->src_reused_mdts);
    count_received(e, out, now);
}

void emul_p_metric(struct emul *e, struct p_metric *out)
{
    const struct net *n = &e->net;
    struct instant now = net_now(n);
    uint64_t mdts, flows, reused;
    lab_spmsi_in_use(e, now, &mdts, &flows, &reused);
    p_metric_clear(out);
    out->v[NUM_STARG_P] = 0;
    out->v[NUM_SG_P] = p_router_trees(e->p, now) + (int64_t)mdts;
    for (size_t ix = 0; ix < n->mdts.count; ix++)
        out->v[NUM_STARG_P] += pim_ds_alive(&n->mdts, (uint32_t)ix, now);
    for (size_t ix = 0; ix < n->mdt_sources.count; ix++)
        out->v[NUM_SG_P] += pim_ds_alive(&n->mdt_sources, (uint32_t)ix, now);
    for (size_t ix = 0; ix < n->data_mdts.count; ix++)
        out->v[NUM_SG_P] += pim_ds_alive(&n->data_mdts, (uint32_t)ix, now);
}

/* A list that counts what does not fit. */
struct failure_list {
    struct emul_failure *out;
    size_t cap, count;
};

static void add(struct failure_list *l, uint32_t vpn, uint32_t flow, const char *what,
                uint64_t count)
{
    if (l->count < l->cap) {
        struct emul_failure *f = &l->out[l->count];
        *f = (struct emul_failure){
            .criterion = CRIT_SPMSI, .vpn = vpn, .flow = flow, .count = count};
        (void)snprintf(f->interface, sizeof(f->interface), "%s", what);
    }
    l->count++;
}

/* Packets that came on the default MDT although the flow should long have left it. */
static uint64_t overstayed(const struct emul *e, const struct spmsi_flow *f, struct instant now)
{
    int64_t delay_ns = e->net.spec.spmsi_delay_ns;
    if (delay_ns < LEAST_DELAY_NS)
        delay_ns = LEAST_DELAY_NS;
    if ((f->flags & SPMSI_ANNOUNCED) == 0 || (f->flags & SPMSI_MOVED) != 0 ||
        f->t0_ns == INT64_MIN || !is_recent(e, f->default_ns, now))
        return 0;
    int64_t over_ns = f->default_ns - f->t0_ns - delay_ns - GRACE_NS - few_periods_ns(e);
    return over_ns < 0 ? 0 : (uint64_t)(over_ns / e->net.spec.period_ns) + 1;
}

/*
 * A router that moves a flow without a word sends to a tree that nobody joined: the flow just
 * disappears from a default MDT that is otherwise well. Told only of flows that are meant for data
 * MDTs, whose source is forwarded to the DUT and wanted by remote PEs.
 */
static uint64_t vanished(const struct emul *e, const struct spmsi_flow *f, uint32_t v, uint32_t j,
                         uint32_t k, struct instant now)
{
    const struct net *n = &e->net;
    uint32_t route = plan_route(&n->plan, v, j, 0);
    int64_t gone_ns = now.ns - f->default_ns - GRACE_NS - few_periods_ns(e);
    bool meant = plan_spmsi(&n->plan, &n->spec, v, j, k) != 0;
    bool sent = pim_ds_alive(&n->routes, route, now) || pim_ds_alive(&n->routes, route + k, now);
    if (!meant || f->default_ns == INT64_MIN || (f->flags & SPMSI_KNOWN) != 0 || gone_ns < 0 ||
        !sent || !generator_running(e->generator) || !n->a3->up ||
        !p_router_mdt_from_dut(e->p, v, now) || !remote_pes_want(e->pes, v, j, k))
        return 0;
    return (uint64_t)(gone_ns / n->spec.period_ns) + 1;
}

static void sourced(const struct emul *e, struct failure_list *l, struct instant now)
{
    for (size_t ix = 0; ix < e->spmsi.flow_count; ix++) {
        const struct spmsi_flow *f = &e->spmsi.flows[ix];
        uint32_t v, j, k;
        topology_flow_split(&e->net.spec, f->flow, &v, &j, &k);
        uint64_t count = overstayed(e, f, now);
        if (count > 0)
            add(l, v, f->flow, "announced, never moved", count);
        count = f->silent > 0 ? f->silent : vanished(e, f, v, j, k, now);
        if (count > 0)
            add(l, v, f->flow, "moved, never announced", count);
        if (f->both > 0)
            add(l, v, f->flow, "on both MDTs", f->both);
    }
}

static void not_joined(const struct emul *e, struct failure_list *l, uint32_t v, uint32_t j,
                       uint32_t k, struct instant now)
{
    const struct net *n = &e->net;
    uint32_t number = plan_spmsi(&n->plan, &n->spec, v, j, k);
    if (number == 0 || net_data_mdt_joined(n, v, number, now))
        return;
    struct instant since = remote_announce_since(e->announce, v, number);
    int64_t late_ns = now.ns - since.ns - n->spec.spmsi_delay_ns - GRACE_NS;
    if (since.ns == INT64_MAX || late_ns < 0)
        return;
    size_t at = l->count;
    add(l, v, topology_flow(&n->spec, v, j, k), "not joined",
        (uint64_t)(late_ns / n->spec.period_ns) + 1);
    if (at >= l->cap)
        return;
    char text[IP4_TEXT];
    uint32_t pe = n->plan.spmsi_pe[number];
    (void)snprintf(l->out[at].neighbour, sizeof(l->out[at].neighbour), "PE %u (%s)", pe,
                   ip4_text(topology_remote_pe_addr(&n->spec, pe), text));
}

/* Flows of remote PEs whose data MDT the DUT should have joined long ago. */
static void received(const struct emul *e, struct failure_list *l, struct instant now)
{
    const struct instance_spec *s = &e->net.spec;
    if (s->spmsi_rx == 0 || s->receiver_c_ifs == 0)
        return;
    for (uint32_t v = 1; v <= s->mvpns; v++) {
        for (uint32_t j = s->ingress_groups + 1; j <= s->groups; j++) {
            for (uint32_t k = 1; k <= s->sources; k++)
                not_joined(e, l, v, j, k, now);
        }
    }
}

size_t lab_spmsi_failures(const struct emul *e, struct emul_failure *out, size_t cap)
{
    struct failure_list l = {out, cap, 0};
    struct instant now = net_now(&e->net);
    sourced(e, &l, now);
    received(e, &l, now);
    return l.count;
}
