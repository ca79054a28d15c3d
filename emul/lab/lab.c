/* The life of an emulated network: built, started, told to join, send and stop. */
#include "emul/lab/lab.h"

#include "emul/base/mem.h"

#include <stdlib.h>

#define GRE_OVERHEAD 24
#define PACKET_MIN   (IPV4_HEADER + 8 + PROBE_BYTES)

static bool check_spec(const struct instance_spec *s, const struct emul_ports *ports,
                       struct err *err)
{
    uint64_t links = (uint64_t)s->mvpns * s->c_interfaces;
    uint64_t routes = (uint64_t)s->mvpns * s->groups * (1 + (uint64_t)s->sources);
    uint64_t joins = routes * s->c_interfaces + (uint64_t)s->mvpns * s->ingress_groups *
                                                    (1 + (uint64_t)s->sources) * s->receiver_pes;
    if (s->mvpns == 0 || s->c_interfaces == 0)
        err_set(err, ERR_USE, "an instance needs at least one mVPN and one C-interface");
    else if (ports->a1_count < (s->trunk ? 1 : links))
        err_set(err, ERR_TESTBED, "%zu C-interfaces are there, the instance needs %llu",
                ports->a1_count, (unsigned long long)links);
    else if (s->groups > 0 &&
             (s->packet_bytes < PACKET_MIN || s->packet_bytes + GRE_OVERHEAD > s->mtu))
        err_set(err, ERR_USE, "packets of %u bytes: %u to %u are possible with an MTU of %u",
                s->packet_bytes, PACKET_MIN, s->mtu - GRE_OVERHEAD, s->mtu);
    else if (s->mtu < 576 || s->mtu > PORT_FRAME_MAX - ETH_HEADER_MAX)
        err_set(err, ERR_USE, "MTU %u: 576 to %d are possible", s->mtu,
                PORT_FRAME_MAX - ETH_HEADER_MAX);
    else if (joins >= UINT32_MAX || (uint64_t)s->mvpns * s->remote_pes >= UINT32_MAX)
        err_set(err, ERR_USE, "the instance has more C-routes than can be emulated (%llu joins)",
                (unsigned long long)joins);
    else if (s->spmsi_src > DATA_MDTS_PER_VPN || s->spmsi_rx > DATA_MDTS_PER_VPN)
        err_set(err, ERR_USE, "an mVPN has at most %u S-PMSIs of each direction",
                DATA_MDTS_PER_VPN);
    else if (s->spmsi_src_flows > topology_spmsi_flows_max(s, true) ||
             s->spmsi_rx_flows > topology_spmsi_flows_max(s, false) ||
             s->spmsi_src > s->spmsi_src_flows || s->spmsi_rx > s->spmsi_rx_flows)
        err_set(err, ERR_USE, "%u + %u S-PMSIs with %u + %u flows on them: there are %u + %u flows",
                s->spmsi_src, s->spmsi_rx, s->spmsi_src_flows, s->spmsi_rx_flows,
                topology_spmsi_flows_max(s, true), topology_spmsi_flows_max(s, false));
    else if (s->igmp_version != 0 && s->igmp_version != 2 && s->igmp_version != 3)
        err_set(err, ERR_USE, "IGMP version %u: hosts speak 2 or 3", s->igmp_version);
    else if (s->receiver_pes > s->remote_pes || s->receiver_c_ifs > s->c_interfaces ||
             s->ingress_groups > s->groups)
        err_set(err, ERR_USE, "the instance has more receivers or ingress groups than places");
    else if (s->test_groups > s->groups - s->ingress_groups)
        err_set(err, ERR_USE, "%u test groups: there are %u egress groups", s->test_groups,
                s->groups - s->ingress_groups);
    else if (s->test_groups > 0 && s->test_groups == s->groups)
        err_set(err, ERR_USE, "an instance needs groups beside its %u test groups", s->test_groups);
    else if (s->pe3_receives && s->remote_pes < 2)
        err_set(err, ERR_USE, "receivers behind remote PE 2: there are %u remote PEs",
                s->remote_pes);
    else
        return true;
    return false;
}

static void prune_echo(void *arg, uint32_t ix)
{
    struct emul *e = arg;
    remote_pes_echo(e->pes, ix);
}

static void net_init(struct emul *e, struct loop *loop, const struct emul_ports *ports,
                     const struct instance_spec *spec)
{
    struct net *n = &e->net;
    n->loop = loop;
    n->spec = *spec;
    n->origin = loop_now(loop);
    n->a1 = mem_zalloc(ports->a1_count, sizeof(struct port *));
    n->a1_count = ports->a1_count;
    for (size_t i = 0; i < n->a1_count; i++)
        n->a1[i] = ports->a1[i];
    n->a3 = ports->a3;
    n->events = lab_events;
    n->events.arg = e;
    plan_init(&n->plan, spec);
    pim_ds_init(&n->routes, loop, (size_t)spec->mvpns * n->plan.routes_per_vpn, prune_echo, e);
    net_mdts_init(n);
}

struct emul *emul_new(struct loop *loop, const struct emul_ports *ports,
                      const struct instance_spec *spec, struct err *err)
{
    if (!check_spec(spec, ports, err))
        return NULL;
    struct emul *e = mem_zalloc(1, sizeof(*e));
    net_init(e, loop, ports, spec);
    e->p = p_router_new(&e->net);
    e->pes = remote_pes_new(&e->net);
    e->c = c_routers_new(&e->net);
    e->igmp = igmp_receivers_new(&e->net);
    e->drs = register_drs_new(&e->net);
    e->announce = remote_announce_new(&e->net);
    lab_spmsi_init(e);
    e->analyser = analyser_new(&e->net.spec);
    e->generator = generator_new(loop, &e->net.spec, lab_emit, e);
    if (spec->groups > 0)
        frame_template_init(&e->frames, spec);
    for (size_t i = 0; i < sizeof(e->reassembly) / sizeof(e->reassembly[0]); i++)
        e->reassembly[i] = ipv4_reassembly_new();
    lab_watch_init(&e->watch_c, net_link_count(&e->net), 1);
    lab_watch_init(&e->watch_mi, spec->mvpns, spec->remote_pes);
    lab_withdraw_init(e);
    lab_try_init(e);
    e->a1 = mem_zalloc(e->net.a1_count, sizeof(*e->a1));
    for (size_t i = 0; i < e->net.a1_count; i++)
        e->a1[i] = (struct lab_port){e, e->net.a1[i], (uint32_t)i};
    e->a3 = (struct lab_port){e, e->net.a3, 0};
    return e;
}

static void detach(struct port *port)
{
    port_on_rx(port, NULL, NULL);
    port_on_link(port, NULL, NULL);
}

void emul_free(struct emul *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->net.a1_count; i++)
        detach(e->net.a1[i]);
    detach(e->net.a3);
    timer_cancel(e->net.loop, &e->withdraw.timer);
    lab_try_fini(e);
    lab_fast_fini(e);
    generator_free(e->generator);
    analyser_free(e->analyser);
    c_routers_free(e->c);
    igmp_receivers_free(e->igmp);
    register_drs_free(e->drs);
    lab_spmsi_fini(e);
    remote_announce_free(e->announce);
    remote_pes_free(e->pes);
    p_router_free(e->p);
    for (size_t i = 0; i < sizeof(e->reassembly) / sizeof(e->reassembly[0]); i++)
        ipv4_reassembly_free(e->reassembly[i]);
    lab_watch_fini(&e->watch_c);
    lab_watch_fini(&e->watch_mi);
    lab_series_fini(&e->series);
    lab_live_fini(&e->live);
    pim_ds_fini(&e->net.routes);
    net_mdts_fini(&e->net);
    plan_fini(&e->net.plan, &e->net.spec);
    free(e->net.a1);
    free(e->a1);
    free(e);
}

static void carrier_c(struct emul *e, uint32_t link, bool up)
{
    c_routers_carrier(e->c, link, up);
    igmp_receivers_carrier(e->igmp, link, up);
}

static void carrier_a1(void *arg, bool up)
{
    struct lab_port *p = arg;
    struct emul *e = p->lab;
    if (!e->net.spec.trunk) {
        if (p->link < net_link_count(&e->net))
            carrier_c(e, p->link, up);
        return;
    }
    for (uint32_t link = 0; link < net_link_count(&e->net); link++)
        carrier_c(e, link, up);
}

static void carrier_a3(void *arg, bool up)
{
    struct lab_port *p = arg;
    p_router_carrier(p->lab->p, up);
}

void emul_start(struct emul *e)
{
    for (size_t i = 0; i < e->net.a1_count; i++) {
        port_on_rx(e->net.a1[i], lab_rx_a1, &e->a1[i]);
        port_on_link(e->net.a1[i], carrier_a1, &e->a1[i]);
    }
    port_on_rx(e->net.a3, lab_rx_a3, &e->a3);
    port_on_link(e->net.a3, carrier_a3, &e->a3);
    p_router_start(e->p);
}

void emul_join(struct emul *e)
{
    e->live.joined = true;
    c_routers_join(e->c);
    igmp_receivers_join(e->igmp);
    remote_pes_join(e->pes);
    lab_spmsi_interest(e);
}

static void counts_of(const struct emul *e, struct pim_us_counts *c, struct pim_us_counts *pes)
{
    pim_us_counts_get(c_routers_joins(e->c), c);
    pim_us_counts_get(remote_pes_joins(e->pes), pes);
}

bool emul_joined_once(const struct emul *e)
{
    struct pim_us_counts c, pes;
    struct igmp_counts igmp;
    counts_of(e, &c, &pes);
    igmp_receivers_counts(e->igmp, &igmp);
    return c.unsent == 0 && pes.unsent == 0 && igmp.unsent == 0;
}

bool emul_refreshed_once(const struct emul *e)
{
    struct pim_us_counts c, pes;
    struct igmp_counts igmp;
    counts_of(e, &c, &pes);
    igmp_receivers_counts(e->igmp, &igmp);
    return c.unrefreshed == 0 && pes.unrefreshed == 0 && igmp.unrefreshed == 0;
}

void emul_traffic_start(struct emul *e)
{
    struct instant now = net_now(&e->net);
    analyser_start(e->analyser, now);
    lab_spmsi_sources(e, now);
    remote_announce_start(e->announce);
    generator_start(e->generator, now);
}

void emul_traffic_stop(struct emul *e)
{
    generator_stop(e->generator);
    lab_fast_stop(e);
    remote_announce_stop(e->announce);
}

int emul_link(struct emul *e, enum emul_side side, bool up, struct err *err)
{
    return port_set_up(side == SIDE_P ? e->net.a3 : e->net.a1[0], up, err);
}
