/*
 * Passive mode: nothing is sent; the customers' packets on an MDT (GRE from the ingress PE to the
 * group), or native multicast, that come back through the tunnels are counted by where they came
 * from and through. Loss can be told only of the bench's own traffic: its packets are numbered.
 */
#include "monitor/scope/scope.h"

#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"

#define RECORDS_MAX 20000u /* of sources: an address in a packet costs no more than this */
#define FLOWS_MAX   20000u

static struct passive *record_of(struct monitor *m, uint32_t vpn, uint32_t tunnel, ip4_t from,
                                 int64_t at_ns)
{
    uint64_t key = hash_mix(key_of(vpn, tunnel), from) >> 1;
    uint32_t n = map_get(&m->by_passive, key);
    if (n != MAP_NONE)
        return &m->passives[n];
    if (m->passive_count == RECORDS_MAX)
        return NULL;
    m->passives = array_grow(m->passives, m->passive_count, &m->passive_cap, sizeof(*m->passives));
    m->passives[m->passive_count] =
        (struct passive){.vpn = vpn, .tunnel = tunnel, .from = from, .first_ns = at_ns};
    map_put(&m->by_passive, key, (uint32_t)m->passive_count);
    return &m->passives[m->passive_count++];
}

static struct pair *flow_of(struct monitor *m, struct passive *p, const struct probe *probe)
{
    uint64_t key = hash_mix(key_of(probe->vpn, probe->flow), (uint64_t)(p - m->passives)) >> 1;
    uint32_t n = map_get(&m->by_passive_flow, key);
    if (n != MAP_NONE)
        return &m->passive_flows[n].pair;
    if (m->passive_flow_count == FLOWS_MAX)
        return NULL;
    m->passive_flows = array_grow(m->passive_flows, m->passive_flow_count, &m->passive_flow_cap,
                                  sizeof(*m->passive_flows));
    struct passive_flow *f = &m->passive_flows[m->passive_flow_count];
    *f = (struct passive_flow){.vpn = probe->vpn, .flow = probe->flow, .next = p->first_flow};
    pair_init(&f->pair, probe->sequence, 0);
    map_put(&m->by_passive_flow, key, (uint32_t)m->passive_flow_count++);
    p->first_flow = m->passive_flow_count;
    return &f->pair;
}

/* The customer's packet inside the MDT's GRE, if it is one of the bench. */
static bool bench_probe(const struct ipv4 *ip, struct probe_packet *out)
{
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct gre gre;
    return ip->protocol == IPPROTO_NUM_GRE && gre_decode(&r, &gre) == WIRE_OK &&
           gre.protocol == ETHERTYPE_IPV4 && probe_packet_read(gre.payload, gre.payload_bytes, out);
}

void passive_take(struct monitor *m, uint32_t tunnel, const struct ipv4 *ip, struct instant at)
{
    uint32_t vpn = map_get(&m->by_group, ip->dst);
    struct probe_packet probe;
    if (!m->customers || vpn == MAP_NONE)
        return;
    struct passive *p = record_of(m, vpn, tunnel, ip->src, at.ns);
    if (p == NULL)
        return;
    p->packets++;
    p->bytes += (uint64_t)IPV4_HEADER + ip->option_bytes + ip->payload_bytes;
    p->last_ns = at.ns;
    struct pair *flow = bench_probe(ip, &probe) ? flow_of(m, p, &probe.probe) : NULL;
    if (flow != NULL)
        pair_receive(flow, probe.probe.sequence, 0);
}

/* The router that has an address: a tunnel's name, or the address itself. */
static json_t *name_of(const struct monitor *m, ip4_t address)
{
    char text[IP4_TEXT];
    for (size_t i = 0; i < m->end_count; i++) {
        if (tunnels_spec(m->tunnels, i)->remote == address)
            return json_string(m->ends[i].name);
    }
    return json_string(ip4_text(address, text));
}

static json_t *record_json(const struct monitor *m, const struct passive *p)
{
    uint64_t probes = 0, lost = 0;
    for (size_t n = p->first_flow; n != 0; n = m->passive_flows[n - 1].next) {
        const struct pair *flow = &m->passive_flows[n - 1].pair;
        struct pair_counts c;
        pair_counts_get(flow, flow->highest, &c);
        probes += c.received;
        lost += c.lost;
    }
    double seconds = (double)(p->last_ns - p->first_ns) / 1e9;
    bool rated = seconds > 0 && p->packets > 1;
    json_t *o = json_pack("{s:s,s:o,s:s,s:I,s:I}", "vpn", m->vpns[p->vpn].name, "from",
                          name_of(m, p->from), "to", m->ends[p->tunnel].name, "packets",
                          (json_int_t)p->packets, "bytes", (json_int_t)p->bytes);
    double between = rated ? (double)(p->packets - 1) / seconds : 0;
    json_object_set_new(o, "rate_pps", rated ? json_real(between) : json_null());
    json_object_set_new(o, "probes", json_integer((json_int_t)probes));
    json_object_set_new(o, "probes_lost",
                        p->first_flow != 0 ? json_integer((json_int_t)lost) : json_null());
    json_object_set_new(o, "loss",
                        probes + lost > 0 ? json_real((double)lost / (double)(probes + lost))
                                          : json_null());
    return o;
}

json_t *passive_json(const struct monitor *m)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < m->passive_count; i++)
        json_array_append_new(rows, record_json(m, &m->passives[i]));
    return rows;
}
