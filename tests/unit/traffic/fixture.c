#include "fixture.h"

#include "mvpnbench/topology.h"

struct instance_spec fixture_spec(void)
{
    struct instance_spec s = {
        .seed = 7,
        .mvpns = 2,
        .c_interfaces = 2,
        .remote_pes = 10,
        .groups = 2,
        .ingress_groups = 1,
        .sources = 1,
        .receiver_c_ifs = 2,
        .receiver_pes = WEIGHT,
        .period_ns = NS_PER_S,
        .packet_bytes = 100,
        .mtu = 1500,
        .trunk = true,
    };
    topology_default_addressing(&s.addr);
    return s;
}

struct fixture fixture_new(struct instance_spec spec)
{
    struct fixture f = {.spec = spec, .a = analyser_new(&spec)};
    analyser_start(f.a, (struct instant){0});
    for (uint32_t flow = 1; flow < 8 && flow <= spec_flow_count(&spec); flow++)
        f.phase[flow] = analyser_phase_ns(f.a, flow);
    return f;
}

void fixture_free(struct fixture *f)
{
    analyser_free(f->a);
}

struct instant fixture_due(const struct fixture *f, uint32_t flow, uint64_t sequence)
{
    return (struct instant){f->phase[flow] + (int64_t)sequence * f->spec.period_ns};
}

void fixture_send(struct fixture *f, uint32_t flow, uint64_t sequence)
{
    analyser_sent(f->a, flow, sequence, fixture_due(f, flow, sequence), false);
}

void fixture_arrive(struct fixture *f, uint32_t flow, uint32_t branch, uint64_t sequence,
                    int64_t delay_ns)
{
    uint32_t v, j, k;
    topology_flow_split(&f->spec, flow, &v, &j, &k);
    struct instant due = fixture_due(f, flow, sequence);
    struct probe p = {.vpn = v, .flow = flow, .sequence = sequence, .sent_ns = due.ns};
    analyser_received(f->a, v, branch, &p, instant_add(due, delay_ns));
}

void fixture_pass(struct fixture *f, uint32_t flow, uint64_t from, uint64_t to)
{
    uint32_t v, j, k;
    topology_flow_split(&f->spec, flow, &v, &j, &k);
    bool ingress = topology_is_ingress(&f->spec, j);
    for (uint64_t n = from; n <= to; n++) {
        fixture_send(f, flow, n);
        fixture_arrive(f, flow, ingress ? ANALYSER_MI_PMSI : 1, n, NS_PER_MS);
        fixture_arrive(f, flow, 2, n, NS_PER_MS);
    }
}

void fixture_lose(struct fixture *f, uint32_t flow, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n <= to; n++)
        fixture_send(f, flow, n);
}
