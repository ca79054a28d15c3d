/* What the harness reads: pairs, windows, failures, metric, health, facts. */
#include "emul/lab/lab.h"

#include <stdio.h>

uint64_t emul_pairs_total(const struct emul *e)
{
    return analyser_pairs_total(e->analyser);
}

uint64_t emul_pairs_flowing(struct emul *e)
{
    return analyser_pairs_flowing(e->analyser, net_now(&e->net));
}

bool emul_all_flowing(struct emul *e)
{
    return analyser_all_flowing(e->analyser, net_now(&e->net));
}

void emul_window_open(struct emul *e)
{
    lab_spmsi_window(e);
    analyser_window_open(e->analyser, net_now(&e->net));
}

void emul_window_close(struct emul *e)
{
    analyser_window_close(e->analyser, net_now(&e->net));
}

void emul_window_get(const struct emul *e, struct emul_window *out)
{
    analyser_window_get(e->analyser, out);
}

size_t emul_latency_get(const struct emul *e, bool ingress, struct emul_latency *out, size_t cap)
{
    return analyser_latency_get(e->analyser, ingress, out, cap);
}

/* A list that counts what does not fit. */
struct failure_list {
    struct emul_failure *out;
    size_t cap, count;
};

static struct emul_failure *add(struct failure_list *l, enum emul_criterion criterion, uint32_t v)
{
    static struct emul_failure beyond;
    struct emul_failure *f = l->count < l->cap ? &l->out[l->count] : &beyond;
    l->count++;
    *f = (struct emul_failure){.criterion = criterion, .vpn = v, .count = 1};
    return f;
}

static void name_dut(struct emul_failure *f, ip4_t addr)
{
    char text[IP4_TEXT];
    (void)snprintf(f->neighbour, sizeof(f->neighbour), "DUT (%s)", ip4_text(addr, text));
}

/* SSM: remote PEs whose part of the MDT of VPN v the DUT has not joined. */
static void missing_sources(const struct emul *e, struct failure_list *l, uint32_t v,
                            struct instant now)
{
    const struct net *n = &e->net;
    for (uint32_t pe = 1; n->spec.mdt == MDT_SSM && pe <= n->spec.remote_pes; pe++) {
        if (net_mdt_reaches(n, v, pe, now))
            continue;
        char text[IP4_TEXT];
        struct emul_failure *f = add(l, CRIT_MI_PMSI, v);
        (void)snprintf(f->neighbour, sizeof(f->neighbour), "PE %u (%s)", pe,
                       ip4_text(topology_remote_pe_addr(&n->spec, pe), text));
        (void)snprintf(f->interface, sizeof(f->interface), "MI-PMSI");
    }
}

static void missing_on_p_side(const struct emul *e, struct failure_list *l, struct instant now)
{
    const struct net *n = &e->net;
    if (!p_router_has_nbr(e->p, now)) {
        struct emul_failure *f = add(l, CRIT_NEIGHBOUR, 0);
        name_dut(f, n->spec.addr.dut_p_addr);
        (void)snprintf(f->interface, sizeof(f->interface), "P link");
    }
    for (uint32_t v = 1; v <= n->spec.mvpns; v++) {
        missing_sources(e, l, v, now);
        if ((n->spec.mdt != MDT_SSM && !net_mdt_joined(n, v, now)) ||
            !p_router_mdt_from_dut(e->p, v, now)) {
            struct emul_failure *f = add(l, CRIT_MI_PMSI, v);
            (void)snprintf(f->interface, sizeof(f->interface), "MI-PMSI");
        }
        if (n->spec.remote_pes > 0 && !remote_pes_have_nbr(e->pes, v, now)) {
            struct emul_failure *f = add(l, CRIT_NEIGHBOUR, v);
            name_dut(f, n->spec.addr.dut_mdt_addr);
            (void)snprintf(f->interface, sizeof(f->interface), "MI-PMSI");
            f->count = n->spec.remote_pes;
        }
    }
}

static void missing_on_c_side(const struct emul *e, struct failure_list *l, struct instant now)
{
    const struct net *n = &e->net;
    for (uint32_t link = 0; link < net_link_count(n); link++) {
        if (c_routers_has_nbr(e->c, link, now))
            continue;
        uint32_t v, i;
        net_link_split(n, link, &v, &i);
        struct emul_failure *f = add(l, CRIT_NEIGHBOUR, v);
        name_dut(f, topology_dut_c_addr(&n->spec, link));
        (void)snprintf(f->interface, sizeof(f->interface), "C-interface %u", i);
    }
}

size_t emul_failures(struct emul *e, struct emul_failure *out, size_t cap)
{
    struct failure_list l = {out, cap, 0};
    struct instant now = net_now(&e->net);
    missing_on_p_side(e, &l, now);
    missing_on_c_side(e, &l, now);
    size_t used = l.count < cap ? l.count : cap;
    l.count += lab_spmsi_failures(e, out + used, cap - used);
    used = l.count < cap ? l.count : cap;
    return l.count + analyser_failures(e->analyser, out + used, cap - used);
}

void emul_neighbours(struct emul *e, struct neighbour_count *out)
{
    struct instant now = net_now(&e->net);
    *out = (struct neighbour_count){0, 0};
    for (uint32_t link = 0; link < net_link_count(&e->net); link++)
        out->c_interface += c_routers_has_nbr(e->c, link, now);
    for (uint32_t v = 1; v <= e->net.spec.mvpns; v++) {
        if (remote_pes_have_nbr(e->pes, v, now))
            out->mi_pmsi += e->net.spec.remote_pes;
    }
}

static void count_routes(const struct emul *e, struct mvpn_metric *m, struct instant now)
{
    const struct net *n = &e->net;
    m->v[NUM_STARG_C] = m->v[NUM_SG_C] = 0;
    for (uint32_t r = 0; r < n->routes.count; r += n->plan.routes_per_group) {
        m->v[NUM_STARG_C] += pim_ds_alive(&n->routes, r, now);
        for (uint32_t k = 1; k < n->plan.routes_per_group; k++)
            m->v[NUM_SG_C] += pim_ds_alive(&n->routes, r + k, now);
    }
    /* What PE3 has joined as well cannot be told from what the DUT has. */
    if (n->spec.pe3_receives)
        m->v[NUM_STARG_C] = m->v[NUM_SG_C] = METRIC_UNKNOWN;
    /* A C-RP has nobody to join a (*,G) towards. */
    if (n->spec.c_rp_on_dut)
        m->v[NUM_STARG_C] = METRIC_UNKNOWN;
}

/* A (*,G)'s OIFs cannot be seen from outside (its packets come by (S,G)), so Num_OIF_C stays
 * unknown. An S-PMSI of the DUT counts when it is announced and carries packets, one of a remote PE
 * when the DUT has joined its data MDT. */
void emul_metric(struct emul *e, struct mvpn_metric *out)
{
    const struct net *n = &e->net;
    struct instant now = net_now(n);
    struct neighbour_count nbrs;
    metric_clear(out);
    emul_neighbours(e, &nbrs);
    out->v[NUM_MVPN] = 0;
    for (uint32_t v = 1; v <= n->spec.mvpns; v++)
        out->v[NUM_MVPN] += net_mdt_joined(n, v, now) && p_router_mdt_from_dut(e->p, v, now);
    out->v[NUM_PE] = (nbrs.mi_pmsi > 0 ? n->spec.remote_pes : 0) + 1;
    out->v[NUM_MC_C_INTS] = nbrs.c_interface;
    out->v[NUM_PIM_C_NEIGH] = nbrs.c_interface + nbrs.mi_pmsi;
    count_routes(e, out, now);
    struct emul_spmsi spmsi;
    lab_spmsi_get(e, &spmsi);
    out->v[NUM_SPMSI_SRC] = (int64_t)spmsi.src_mdts;
    out->v[NUM_SPMSI_RX] = (int64_t)spmsi.rx_joined;
}

void emul_spmsi_get(const struct emul *e, struct emul_spmsi *out)
{
    struct register_counts registers;
    lab_spmsi_get(e, out);
    register_drs_counts(e->drs, &registers);
    out->igmp_interfaces = igmp_receivers_interfaces(e->igmp);
    out->registers_sent = registers.registers;
    out->null_registers_sent = registers.null_registers;
    out->register_stops_received = registers.stops;
}

static void health_now(struct emul *e, struct emul_health *out)
{
    struct port_stats stats;
    struct pim_us_counts counts;
    *out = (struct emul_health){
        .tx_errors = e->net.tx_errors,
        .asserts = e->net.asserts,
        .undecodable = e->net.undecodable,
    };
    for (size_t i = 0; i < e->net.a1_count; i++) {
        port_stats_get(e->net.a1[i], &stats);
        out->rx_dropped += stats.rx_dropped;
    }
    port_stats_get(e->net.a3, &stats);
    out->rx_dropped += stats.rx_dropped;
    pim_us_counts_get(c_routers_joins(e->c), &counts);
    out->refresh_overrun += counts.overrun;
    pim_us_counts_get(remote_pes_joins(e->pes), &counts);
    out->refresh_overrun += counts.overrun;
    pim_us_counts_get(p_router_joins(e->p), &counts);
    out->refresh_overrun += counts.overrun;
    if (remote_pes_pe3_joins(e->pes) != NULL) {
        pim_us_counts_get(remote_pes_pe3_joins(e->pes), &counts);
        out->refresh_overrun += counts.overrun;
    }
    struct igmp_counts igmp;
    igmp_receivers_counts(e->igmp, &igmp);
    out->refresh_overrun += igmp.overrun;
}

/* Entries of a PDU of (*,G)s alone, the longest kind. */
static uint32_t entries_that_fit(const struct emul *e)
{
    uint32_t room = e->net.spec.mtu - IPV4_HEADER - PIM_JP_HEADER;
    uint32_t fit = room / (PIM_JP_GROUP + PIM_JP_ENTRY);
    bool fragments = e->net.spec.jp_oversize == JP_FRAGMENT;
    return fragments || fit > PIM_PDU_ENTRIES ? PIM_PDU_ENTRIES : fit;
}

void emul_health_get(struct emul *e, struct emul_health *out)
{
    health_now(e, out);
    const struct emul_health *base = &e->health_base;
    out->rx_dropped -= base->rx_dropped;
    out->tx_errors -= base->tx_errors;
    out->refresh_overrun -= base->refresh_overrun;
    out->asserts -= base->asserts;
    out->undecodable -= base->undecodable;
    /* What no pace can keep fails at once, not only when the first holdtime has passed. */
    out->refresh_overrun += pim_us_beyond_pace(c_routers_joins(e->c), entries_that_fit(e));
    out->refresh_overrun += igmp_receivers_beyond_pace(e->igmp);
    if (remote_pes_pe3_joins(e->pes) != NULL)
        out->refresh_overrun +=
            pim_us_beyond_pace(remote_pes_pe3_joins(e->pes), entries_that_fit(e));
    int64_t fast_ns = lab_fast_late_ns(e);
    out->pacing_error_max_ns = generator_pacing_error_max_ns(e->generator);
    if (fast_ns > out->pacing_error_max_ns)
        out->pacing_error_max_ns = fast_ns;
}

void emul_health_reset(struct emul *e)
{
    health_now(e, &e->health_base);
    generator_pacing_error_reset(e->generator);
    lab_fast_late_reset(e);
}

void emul_signal_get(const struct emul *e, struct emul_signal *out)
{
    remote_pes_signal(e->pes, out);
}

void emul_facts_get(const struct emul *e, struct emul_facts *out)
{
    struct pim_us_counts c, pes;
    pim_us_counts_get(c_routers_joins(e->c), &c);
    pim_us_counts_get(remote_pes_joins(e->pes), &pes);
    *out = e->net.facts;
    out->joins_suppressed = c.suppressed + pes.suppressed;
    out->prunes_overridden = c.overridden + pes.overridden;
}

static const char *const criterion_names[] = {
    [CRIT_LOSS] = "loss",           [CRIT_NOT_JOINED] = "not-joined",
    [CRIT_DUPLICATE] = "duplicate", [CRIT_MISDELIVERED] = "misdelivered",
    [CRIT_NEIGHBOUR] = "neighbour", [CRIT_MI_PMSI] = "mi-pmsi",
    [CRIT_METRIC] = "metric",       [CRIT_CPU] = "cpu",
    [CRIT_MEMORY] = "memory",       [CRIT_REORDERED] = "reordered",
    [CRIT_SPMSI] = "spmsi",         [CRIT_RECOVERY] = "recovery",
};

const char *emul_criterion_name(enum emul_criterion c)
{
    return criterion_names[c];
}
