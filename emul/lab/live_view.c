/* Looking into a network that is held: per VPN, neighbour and flow. */
#include "emul/lab/lab.h"
#include "emul/node/live.h"
#include "mvpnbench/emul_live.h"

static void count_neighbours(const struct emul *e, uint32_t v, struct emul_vpn_state *out,
                             struct instant now)
{
    const struct instance_spec *s = &e->net.spec;
    for (uint32_t i = 1; i <= s->c_interfaces; i++)
        out->c_neighbours += c_routers_has_nbr(e->c, topology_c_link_index(s, v, i), now);
    for (uint32_t pe = 1; pe <= s->remote_pes; pe++)
        out->pes_away += remote_pes_away(e->pes, v, pe);
    if (remote_pes_have_nbr(e->pes, v, now))
        out->mi_pmsi_neighbours = s->remote_pes - out->pes_away;
}

static void count_flows(const struct emul *e, uint32_t v, struct emul_vpn_state *out,
                        struct instant now)
{
    uint32_t per_vpn = e->net.plan.regular_flows, first = (v - 1) * per_vpn + 1;
    for (uint32_t flow = first; flow < first + per_vpn; flow++) {
        struct analyser_flow f;
        analyser_flow_get(e->analyser, flow, now, &f);
        out->sent += f.sent;
        out->received += f.received;
        out->lost += f.lost;
        out->duplicate += f.duplicate;
    }
    out->misdelivered = analyser_vpn_strays(e->analyser, v);
}

int emul_vpn_get(struct emul *e, uint32_t vpn, struct emul_vpn_state *out, struct err *err)
{
    const struct net *n = &e->net;
    struct instant now = net_now(n);
    if (vpn < 1 || vpn > n->spec.mvpns) {
        err_set(err, ERR_USE, "VPN %u: there are 1 to %u", vpn, n->spec.mvpns);
        return -1;
    }
    *out = (struct emul_vpn_state){.vpn = vpn,
                                   .mdt_joined = net_mdt_joined(n, vpn, now),
                                   .mdt_from_dut = p_router_mdt_from_dut(e->p, vpn, now)};
    count_neighbours(e, vpn, out, now);
    uint32_t first = (vpn - 1) * n->plan.routes_per_vpn;
    for (uint32_t ix = first; ix < first + n->plan.routes_per_vpn; ix++)
        out->c_routes_joined += pim_ds_alive(&n->routes, ix, now);
    count_flows(e, vpn, out, now);
    return 0;
}

static void describe(const struct pim_nbr *dut, bool away, struct instant now,
                     struct emul_neighbour_state *out)
{
    out->away = away;
    out->up = !away && pim_nbr_alive(dut, now);
    if (!out->up)
        return;
    out->holdtime_left_ms =
        dut->expires_ns == INT64_MAX ? -1 : (dut->expires_ns - now.ns) / NS_PER_MS;
    out->dut_genid = dut->has_genid ? dut->genid : 0;
}

size_t emul_neighbours_get(struct emul *e, uint32_t vpn, size_t first,
                           struct emul_neighbour_state *out, size_t cap)
{
    const struct instance_spec *s = &e->net.spec;
    struct instant now = net_now(&e->net);
    size_t total = vpn < 1 || vpn > s->mvpns ? 0 : (size_t)s->c_interfaces + s->remote_pes;
    for (size_t n = 0; n < cap && first + n < total; n++) {
        uint32_t ix = (uint32_t)(first + n);
        struct emul_neighbour_state *row = &out[n];
        *row = (struct emul_neighbour_state){.vpn = vpn};
        if (ix < s->c_interfaces) {
            uint32_t link = topology_c_link_index(s, vpn, ix + 1);
            row->interface = ix + 1;
            row->address = topology_c_router_addr(s, link);
            describe(c_routers_nbr(e->c, link), false, now, row);
        } else {
            row->pe = ix - s->c_interfaces + 1;
            row->address = topology_remote_pe_addr(s, row->pe);
            describe(remote_pes_nbr(e->pes, vpn), remote_pes_away(e->pes, vpn, row->pe), now, row);
        }
    }
    return total;
}

size_t emul_flows_get(struct emul *e, uint32_t vpn, size_t first, struct emul_flow_state *out,
                      size_t cap)
{
    const struct net *n = &e->net;
    struct instant now = net_now(n);
    size_t total = vpn < 1 || vpn > n->spec.mvpns ? 0 : n->plan.regular_flows;
    bool sending = generator_running(e->generator);
    for (size_t i = 0; i < cap && first + i < total; i++) {
        uint32_t local = (uint32_t)(first + i), j = local / n->spec.sources + 1;
        uint32_t flow = (vpn - 1) * n->plan.regular_flows + local + 1;
        struct analyser_flow f;
        analyser_flow_get(e->analyser, flow, now, &f);
        out[i] = (struct emul_flow_state){.flow = flow,
                                          .vpn = vpn,
                                          .group = j,
                                          .source = local % n->spec.sources + 1,
                                          .ingress = f.ingress,
                                          .running = sending && !lab_live_rests(e, vpn, j),
                                          .sent = f.sent,
                                          .received = f.received,
                                          .lost = f.lost,
                                          .duplicate = f.duplicate,
                                          .misdelivered = f.misdelivered,
                                          .latency_avg_ns = f.latency_avg_ns};
    }
    return total;
}

uint64_t emul_flows(const struct emul *e)
{
    return analyser_flows(e->analyser);
}

uint64_t emul_flows_delivered(const struct emul *e)
{
    return analyser_flows_delivered(e->analyser, net_now(&e->net));
}
