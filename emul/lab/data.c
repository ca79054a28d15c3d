/* C-packets: out from the generator, along joined state only; in to the analyser. */
#include "emul/lab/lab.h"

#include "emul/wire/udp.h"

static void send_frame(struct emul *e, struct port *port, enum series_line line,
                       const uint8_t *frame, size_t len, struct instant now)
{
    if (net_send_frame(&e->net, port, frame, len) == 0)
        lab_series_note(e, line, now);
}

static void emit_ingress(struct emul *e, uint32_t v, const struct plan_group *g, ip4_t source,
                         const struct probe *probe, bool joined, struct instant now)
{
    struct net *n = &e->net;
    uint32_t link = topology_c_link_index(&n->spec, v, g->site);
    struct port *port = net_c_port(n, link);
    /* On a dead cable the packet is lost on its way, whatever was joined before. */
    bool withheld = port->up && !joined;
    analyser_sent(e->analyser, probe->flow, probe->sequence, now, withheld);
    if (withheld || !port->up)
        return;
    size_t len;
    const uint8_t *frame =
        frame_template_c(&e->frames, &n->spec, link, source, g->group, probe, &len);
    send_frame(e, port, SERIES_A1_TX, frame, len, now);
}

static void emit_egress(struct emul *e, uint32_t v, const struct plan_group *g, ip4_t source,
                        const struct probe *probe, bool joined, struct instant now)
{
    struct net *n = &e->net;
    bool withheld = n->a3->up && !(joined && net_mdt_reaches(n, v, g->site - SITE_REMOTE, now));
    analyser_sent(e->analyser, probe->flow, probe->sequence, now, withheld);
    if (withheld || !n->a3->up)
        return;
    size_t len;
    ip4_t pe = topology_remote_pe_addr(&n->spec, g->site - SITE_REMOTE);
    const uint8_t *frame =
        frame_template_p(&e->frames, &n->spec, v, pe, source, g->group, probe, &len);
    send_frame(e, n->a3, SERIES_A3_TX, frame, len, now);
}

void lab_emit(void *arg, uint32_t flow, uint64_t sequence, struct instant due)
{
    struct emul *e = arg;
    struct net *n = &e->net;
    struct instant now = net_now(n);
    (void)due;
    uint32_t ix = flow - 1, v = ix / n->plan.flows_per_vpn + 1;
    uint32_t local = ix % n->plan.flows_per_vpn;
    uint32_t j = local / n->spec.sources + 1, k = local % n->spec.sources + 1;
    const struct plan_group *g = &n->plan.groups[j];
    uint32_t route = plan_route(&n->plan, v, j, 0);
    bool joined = pim_ds_alive(&n->routes, route, now) || pim_ds_alive(&n->routes, route + k, now);
    struct probe probe = {.vpn = v, .flow = flow, .sequence = sequence, .sent_ns = now.ns};
    if (g->ingress)
        emit_ingress(e, v, g, g->source_base + k, &probe, joined, now);
    else
        emit_egress(e, v, g, g->source_base + k, &probe, joined, now);
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
    uint32_t first = (v - 1) * n->plan.flows_per_vpn + 1;
    uint32_t local = probe->flow - first;
    if (probe->vpn != v || probe->flow < first || local >= n->plan.flows_per_vpn)
        return false;
    *j = local / n->spec.sources + 1;
    *k = local % n->spec.sources + 1;
    return true;
}

void lab_probe_c(struct emul *e, uint32_t link, const struct ipv4 *packet, struct instant at)
{
    struct probe probe;
    uint32_t v, i, j, k;
    if (!read_probe(e, packet, &probe))
        return;
    net_link_split(&e->net, link, &v, &i);
    lab_series_note(e, SERIES_A1_RX, at);
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
    analyser_received(e->analyser, v, ANALYSER_MI_PMSI, &probe, at);
    if (place_of(&e->net, v, &probe, &j, &k))
        remote_pes_data(e->pes, v, j, k, at);
}
