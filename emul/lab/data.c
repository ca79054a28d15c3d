/* C-packets: out from the generator, along joined state only; in to the analyser. */
#include "emul/lab/lab.h"

#include "emul/wire/udp.h"

static bool send_frame(struct emul *e, struct port *port, enum series_line line,
                       const uint8_t *frame, size_t len, struct instant now)
{
    if (net_send_frame(&e->net, port, frame, len) != 0)
        return false;
    lab_series_note(e, line, now);
    return true;
}

/* A packet that is due: its place in the plan, and whether the DUT has joined its flow. */
struct emission {
    uint32_t v, j, k;
    uint32_t number; /* the data MDT that the flow is meant for, 0: none */
    const struct plan_group *g;
    ip4_t source;
    struct probe probe;
    bool joined;
    bool registered; /* it goes to the C-RP in a Register, besides its native way if there is one */
};

/* Behind the native packet, which tells the RP that it needs no other copy (RFC 7761 4.4.2). */
static bool send_register(struct emul *e, const struct emission *m, enum series_line line,
                          struct instant now)
{
    size_t len;
    const uint8_t *packet =
        frame_template_packet(&e->frames, m->source, m->g->group, &m->probe, &len);
    if (register_drs_send(e->drs, m->v, m->j, packet, len) != 0)
        return false;
    lab_series_note(e, line, now);
    return true;
}

static bool send_ingress(struct emul *e, const struct emission *m, struct instant now)
{
    struct net *n = &e->net;
    size_t len;
    uint32_t link = topology_c_link_index(&n->spec, m->v, m->g->site);
    const uint8_t *frame =
        frame_template_c(&e->frames, &n->spec, link, m->source, m->g->group, &m->probe, &len);
    return send_frame(e, net_c_port(n, link), SERIES_A1_TX, frame, len, now);
}

static void emit_ingress(struct emul *e, const struct emission *m, struct instant now)
{
    struct net *n = &e->net;
    uint32_t link = topology_c_link_index(&n->spec, m->v, m->g->site);
    struct port *port = net_c_port(n, link);
    /* On a dead cable the packet is lost on its way, whatever was joined before. */
    bool withheld = port->up && !m->joined && !m->registered;
    analyser_sent(e->analyser, m->probe.flow, m->probe.sequence, now, withheld);
    if (withheld && e->spmsi.record_of != NULL)
        lab_spmsi_withheld(e, m->v, m->j, m->k, m->probe.sequence);
    if (withheld || !port->up)
        return;
    bool left = m->joined && send_ingress(e, m, now);
    if (m->registered)
        left = send_register(e, m, SERIES_A1_TX, now) || left;
    if (left && n->spec.marking_ns > 0)
        analyser_left(e->analyser, m->probe.flow, now);
}

static bool send_egress(struct emul *e, const struct emission *m, bool moved, struct instant now)
{
    const struct instance_spec *s = &e->net.spec;
    size_t len;
    ip4_t mdt = moved ? topology_data_mdt(s, m->v, false, m->number) : topology_mdt_group(s, m->v);
    ip4_t pe = topology_remote_pe_addr(s, m->g->site - SITE_REMOTE);
    const uint8_t *frame =
        frame_template_p(&e->frames, mdt, pe, m->source, m->g->group, &m->probe, &len);
    return send_frame(e, e->net.a3, SERIES_A3_TX, frame, len, now);
}

/* The P router forwards along trees that the DUT has joined: the default MDT, or once the remote PE
 * has moved the flow its data MDT. */
static bool egress_reaches(const struct emul *e, const struct emission *m, bool *moved,
                           struct instant now)
{
    const struct net *n = &e->net;
    *moved = m->number != 0 && remote_announce_moved(e->announce, m->v, m->number, now);
    return *moved ? net_data_mdt_joined(n, m->v, m->number, now)
                  : net_mdt_reaches(n, m->v, m->g->site - SITE_REMOTE, now);
}

static void emit_egress(struct emul *e, const struct emission *m, struct instant now)
{
    struct net *n = &e->net;
    bool moved;
    bool native = egress_reaches(e, m, &moved, now) && m->joined,
         withheld = n->a3->up && !native && !m->registered;
    analyser_sent(e->analyser, m->probe.flow, m->probe.sequence, now, withheld);
    if (n->spec.pe3_receives && m->joined)
        remote_pes_pe3_data(e->pes, m->v, m->j, m->k, now);
    if (withheld || !n->a3->up)
        return;
    bool left = native && send_egress(e, m, moved, now);
    if (m->registered)
        left = send_register(e, m, SERIES_A3_TX, now) || left;
    if (left && n->spec.marking_ns > 0)
        analyser_left(e->analyser, m->probe.flow, now);
}

static void place_emission(struct emul *e, uint32_t flow, uint64_t sequence, struct instant now,
                           struct emission *m)
{
    struct net *n = &e->net;
    uint32_t ix = flow - 1, v = ix / n->plan.regular_flows + 1, local = ix % n->plan.regular_flows;
    *m = (struct emission){
        .v = v,
        .j = local / n->spec.sources + 1,
        .k = local % n->spec.sources + 1,
        .number = n->plan.flow_spmsi == NULL ? 0 : n->plan.flow_spmsi[local],
    };
    if (v > n->spec.mvpns) { /* of a test group */
        topology_flow_split(&n->spec, flow, &m->v, &m->j, &m->k);
        m->number = 0;
    }
    m->g = &n->plan.groups[m->j];
    m->source = m->g->source_base + m->k;
    m->probe = (struct probe){.vpn = m->v, .flow = flow, .sequence = sequence, .sent_ns = now.ns};
    if (n->spec.marking_ns > 0)
        m->probe.flags = analyser_flags(e->analyser, now);
    uint32_t route = plan_route(&n->plan, m->v, m->j, 0);
    m->joined = pim_ds_alive(&n->routes, route, now) || pim_ds_alive(&n->routes, route + m->k, now);
}

void lab_emit(void *arg, uint32_t flow, uint64_t sequence, struct instant due)
{
    struct emul *e = arg;
    struct instant now = net_now(&e->net);
    struct emission m;
    (void)due;
    if (e->fast.rests != NULL && e->fast.rests[flow - 1].since_ns != INT64_MAX)
        return;
    place_emission(e, flow, sequence, now, &m);
    if (e->live.off != NULL && lab_live_rests(e, m.v, m.j))
        return;
    m.registered = register_drs_takes(e->drs, m.v, m.j, m.k);
    if (m.g->ingress)
        emit_ingress(e, &m, now);
    else
        emit_egress(e, &m, now);
}

void lab_emit_fast(struct emul *e, uint32_t flow, uint64_t sequence)
{
    struct net *n = &e->net;
    struct instant now = net_now(n);
    struct emission m;
    bool moved;
    place_emission(e, flow, sequence, now, &m);
    if (!m.joined)
        return;
    if (m.g->ingress)
        (void)send_ingress(e, &m, now);
    else if (egress_reaches(e, &m, &moved, now))
        (void)send_egress(e, &m, moved, now);
}

/* read_probe takes the probe out of a UDP packet; false if the packet is none of ours. */
static bool read_probe(struct emul *e, const struct ipv4 *packet, struct probe *out)
{
    struct rd r = rd_init(packet->payload, packet->payload_bytes);
    struct udp udp;
    if (udp_decode(&r, packet->src, packet->dst, &udp) != WIRE_OK) {
        e->net.undecodable++;
        return false;
    }
    if (udp.dport != PROBE_PORT)
        return false;
    r = rd_init(udp.payload, udp.payload_bytes);
    if (probe_decode(&r, out) != WIRE_OK) {
        e->net.undecodable++;
        return false;
    }
    return true;
}

/* place_of finds group and source of the probe's flow if it is one of VPN v. */
static bool place_of(const struct net *n, uint32_t v, const struct probe *probe, uint32_t *j,
                     uint32_t *k)
{
    uint32_t first = (v - 1) * n->plan.regular_flows + 1, owner;
    uint32_t local = probe->flow - first;
    if (probe->vpn != v || probe->flow == 0)
        return false;
    if (probe->flow >= first && local < n->plan.regular_flows) {
        *j = local / n->spec.sources + 1;
        *k = local % n->spec.sources + 1;
        return true;
    }
    if (n->spec.test_groups == 0 || probe->flow > spec_flow_count(&n->spec))
        return false;
    topology_flow_split(&n->spec, probe->flow, &owner, j, k);
    return owner == v;
}

void lab_probe_c(struct emul *e, uint32_t link, const struct ipv4 *packet, struct instant at)
{
    struct probe probe;
    uint32_t v, i, j, k;
    if (!read_probe(e, packet, &probe))
        return;
    net_link_split(&e->net, link, &v, &i);
    lab_series_note(e, SERIES_A1_RX, at);
    if (e->fast.count != 0 && lab_fast_of(e, probe.flow) != NULL)
        lab_try_packet(e, link, at);
    else
        analyser_received(e->analyser, v, i, &probe, at);
    if (place_of(&e->net, v, &probe, &j, &k))
        c_routers_data(e->c, link, j, k, at);
}

void lab_probe_mi_pmsi(struct emul *e, uint32_t v, const struct ipv4 *packet, bool registered,
                       struct instant at)
{
    struct probe probe;
    uint32_t j, k;
    if (!read_probe(e, packet, &probe))
        return;
    if (registered)
        e->net.facts.packets_in_registers++;
    lab_series_note(e, SERIES_A3_RX, at);
    struct fast_flow *fast = e->fast.count == 0 ? NULL : lab_fast_of(e, probe.flow);
    if (fast != NULL)
        lab_switch_packet(fast, (uint32_t)probe.sequence, false, at);
    else
        analyser_received(e->analyser, v, ANALYSER_MI_PMSI, &probe, at);
    if (!place_of(&e->net, v, &probe, &j, &k))
        return;
    remote_pes_data(e->pes, v, j, k, at);
    bool concerned = e->net.spec.spmsi_src > 0 || e->spmsi.record_of != NULL;
    if (concerned && topology_is_ingress(&e->net.spec, j))
        lab_spmsi_default(e, v, j, k, &probe, at);
}

void lab_probe_died(struct emul *e, uint32_t v, const struct ipv4 *packet, struct instant at)
{
    struct probe probe;
    if (read_probe(e, packet, &probe))
        analyser_died(e->analyser, v, &probe, at);
}

void lab_probe_data_mdt(struct emul *e, uint32_t slot, const struct ipv4 *packet, struct instant at)
{
    const struct instance_spec *s = &e->net.spec;
    struct probe probe;
    uint32_t j, k;
    if (!read_probe(e, packet, &probe))
        return;
    lab_series_note(e, SERIES_A3_RX, at);
    uint32_t v = slot == SPMSI_NONE ? probe.vpn : e->spmsi.mdts[slot].vpn;
    bool known = v >= 1 && v <= s->mvpns && place_of(&e->net, v, &probe, &j, &k) &&
                 topology_is_ingress(s, j);
    /* What is no flow of the tree's VPN is the analyser's to judge. */
    bool taken = known ? lab_spmsi_data(e, slot, v, j, k, &probe, at)
                       : slot != SPMSI_NONE && p_router_data_joined(e->p, slot);
    if (!taken) {
        analyser_died(e->analyser, v, &probe, at);
        return;
    }
    struct fast_flow *fast = e->fast.count == 0 ? NULL : lab_fast_of(e, probe.flow);
    if (fast != NULL && known)
        lab_switch_packet(fast, (uint32_t)probe.sequence, true, at);
    else
        analyser_received(e->analyser, v, ANALYSER_MI_PMSI, &probe, at);
    if (known)
        remote_pes_data(e->pes, v, j, k, at);
}
