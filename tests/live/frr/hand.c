#include "tests/live/frr/hand.h"

#include "emul/wire/arp.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/pim_hello.h"
#include "emul/wire/pim_register.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"

#define FRAME   1600
#define SLICE   (20 * NS_PER_MS)
#define C_TTL   20
#define MDT_TTL 60

static ip4_t link_addr(const struct hand_link *l)
{
    const struct instance_spec *s = l->hand->spec;
    return l->v == 0 ? s->addr.p_router_addr : topology_c_router_addr(s, l->v - 1);
}

static struct mac link_mac(const struct hand_link *l)
{
    return l->v == 0 ? topology_p_router_mac() : topology_c_router_mac(l->v - 1);
}

static struct port *link_port(const struct hand_link *l)
{
    return l->v == 0 ? l->hand->p : l->hand->c[l->v - 1];
}

static void send_ip(const struct hand_link *l, struct mac dst, const struct ipv4 *ip)
{
    uint8_t frame[FRAME];
    struct wr w = wr_init(frame, sizeof frame);
    (void)eth_encode(&w, &(struct eth){.dst = dst, .src = link_mac(l), .ethertype = 0x0800});
    (void)ipv4_encode(&w, ip);
    if (w.err == WIRE_OK)
        (void)port_send(link_port(l), frame, w.pos, loop_now(l->hand->loop));
    port_flush(link_port(l));
}

static struct ipv4 pim_packet(ip4_t src, const struct wr *message)
{
    return (struct ipv4){.tos = IPV4_TOS_CS6,
                         .ttl = 1,
                         .protocol = IPPROTO_NUM_PIM,
                         .src = src,
                         .dst = IPV4_ALL_PIM_ROUTERS,
                         .payload = message->base,
                         .payload_bytes = message->pos};
}

static void send_multicast(const struct hand_link *l, const struct ipv4 *ip)
{
    send_ip(l, mac_of_group(ip->dst), ip);
}

/* An inner packet in GRE from remote PE r on the default MDT of VPN v. */
static void send_mdt(struct hand *h, uint32_t v, uint32_t r, const struct ipv4 *inner)
{
    uint8_t packet[FRAME], gre[FRAME];
    struct wr in = wr_init(packet, sizeof packet), out = wr_init(gre, sizeof gre);
    (void)ipv4_encode(&in, inner);
    (void)gre_encode(&out,
                     &(struct gre){.protocol = 0x0800, .payload = packet, .payload_bytes = in.pos});
    send_multicast(&h->link[0], &(struct ipv4){.ttl = MDT_TTL,
                                               .protocol = IPPROTO_NUM_GRE,
                                               .src = topology_remote_pe_addr(h->spec, r),
                                               .dst = topology_mdt_group(h->spec, v),
                                               .payload = gre,
                                               .payload_bytes = out.pos});
}

static size_t hello_encode(uint8_t *buf, uint32_t genid)
{
    struct wr w = wr_init(buf, FRAME);
    (void)pim_hello_encode(&w, &(struct pim_hello){.present = PIM_HAS_HOLDTIME |
                                                              PIM_HAS_LAN_PRUNE_DELAY |
                                                              PIM_HAS_DR_PRIORITY | PIM_HAS_GENID,
                                                   .holdtime_s = 105,
                                                   .propagation_delay_ms = 500,
                                                   .override_interval_ms = 2500,
                                                   .dr_priority = 1,
                                                   .genid = genid});
    return w.pos;
}

void hand_hello_links(struct hand *h)
{
    uint8_t buf[FRAME];
    for (uint32_t v = 0; v <= h->spec->mvpns; v++) {
        struct wr w = wr_init(buf, sizeof buf);
        w.pos = hello_encode(buf, 100 + v);
        struct ipv4 ip = pim_packet(link_addr(&h->link[v]), &w);
        send_multicast(&h->link[v], &ip);
    }
}

void hand_hello_pe(struct hand *h, uint32_t v, uint32_t r)
{
    uint8_t buf[FRAME];
    struct wr w = wr_init(buf, sizeof buf);
    w.pos = hello_encode(buf, 1000 * v + r);
    struct ipv4 ip = pim_packet(topology_remote_pe_addr(h->spec, r), &w);
    send_mdt(h, v, r, &ip);
}

static void jp_encode(struct wr *w, ip4_t upstream, const struct pim_jp_entry *e)
{
    size_t taken;
    (void)pim_jp_encode(w, upstream, 210, e, 1, 1, &taken);
}

void hand_c_jp(struct hand *h, uint32_t v, const struct pim_jp_entry *e)
{
    uint8_t buf[FRAME];
    struct wr w = wr_init(buf, sizeof buf);
    jp_encode(&w, topology_dut_c_addr(h->spec, v - 1), e);
    struct ipv4 ip = pim_packet(link_addr(&h->link[v]), &w);
    send_multicast(&h->link[v], &ip);
}

void hand_pe_jp(struct hand *h, uint32_t v, uint32_t r, const struct pim_jp_entry *e)
{
    uint8_t buf[FRAME];
    struct wr w = wr_init(buf, sizeof buf);
    jp_encode(&w, h->spec->addr.dut_mdt_addr, e);
    struct ipv4 ip = pim_packet(topology_remote_pe_addr(h->spec, r), &w);
    send_mdt(h, v, r, &ip);
}

static struct ipv4 data_packet(struct hand *h, uint32_t v, ip4_t source, ip4_t group, uint8_t *buf)
{
    uint8_t probe[PROBE_BYTES];
    struct wr inner = wr_init(probe, sizeof probe), w = wr_init(buf, FRAME);
    (void)probe_encode(&inner, &(struct probe){.vpn = v, .flow = 1, .sequence = h->sequence++});
    (void)udp_encode(&w, source, group,
                     &(struct udp){.sport = PROBE_PORT,
                                   .dport = PROBE_PORT,
                                   .payload = probe,
                                   .payload_bytes = sizeof probe});
    return (struct ipv4){.ttl = C_TTL,
                         .protocol = IPPROTO_NUM_UDP,
                         .src = source,
                         .dst = group,
                         .payload = buf,
                         .payload_bytes = w.pos};
}

void hand_c_data(struct hand *h, uint32_t v, ip4_t source, ip4_t group)
{
    uint8_t buf[FRAME];
    struct ipv4 ip = data_packet(h, v, source, group, buf);
    send_multicast(&h->link[v], &ip);
}

void hand_pe_data(struct hand *h, uint32_t v, uint32_t r, ip4_t source, ip4_t group)
{
    uint8_t buf[FRAME];
    struct ipv4 ip = data_packet(h, v, source, group, buf);
    send_mdt(h, v, r, &ip);
}

static void on_arp(const struct hand_link *l, struct rd *r)
{
    struct arp a;
    if (arp_decode(r, &a) != WIRE_OK || a.op != ARP_REQUEST || a.target != link_addr(l))
        return;
    uint8_t frame[ETH_HEADER_BARE + ARP_BYTES];
    struct wr w = wr_init(frame, sizeof frame);
    (void)eth_encode(
        &w, &(struct eth){.dst = a.sender_mac, .src = link_mac(l), .ethertype = ETHERTYPE_ARP});
    (void)arp_encode(&w, &(struct arp){.op = ARP_REPLY,
                                       .sender_mac = link_mac(l),
                                       .target_mac = a.sender_mac,
                                       .sender = a.target,
                                       .target = a.sender});
    (void)port_send(link_port(l), frame, w.pos, loop_now(l->hand->loop));
    port_flush(link_port(l));
}

static void on_jp(struct hand *h, uint32_t v, bool on_mdt, struct rd *body)
{
    struct pim_jp jp;
    struct pim_jp_iter it;
    struct pim_jp_entry e;
    if (pim_jp_decode(body, &jp, &it) != WIRE_OK) {
        h->undecodable++;
        return;
    }
    while (pim_jp_next(&it, &e)) {
        if (h->entries < HAND_LOG)
            h->entry[h->entries++] = (struct hand_entry){v, on_mdt, jp.upstream, e};
    }
    h->undecodable += it.rd.err != WIRE_OK;
}

/* The P-RP: joins towards the DUT and stops its Registers. */
static void on_register(struct hand *h, struct mac from, const struct ipv4 *ip, struct rd *body)
{
    struct pim_register reg;
    uint8_t buf[FRAME];
    if (pim_register_decode(body, &reg) != WIRE_OK) {
        h->undecodable++;
        return;
    }
    h->registers += !reg.null;
    h->null_registers += reg.null;
    struct wr w = wr_init(buf, sizeof buf);
    jp_encode(&w, h->spec->addr.dut_p_addr,
              &(struct pim_jp_entry){
                  .join = true, .kind = PIM_JP_SG, .group = reg.group, .source = reg.source});
    struct ipv4 join = pim_packet(h->spec->addr.p_router_addr, &w);
    send_multicast(&h->link[0], &join);
    w = wr_init(buf, sizeof buf);
    (void)pim_register_stop_encode(
        &w, &(struct pim_register_stop){.group = {.mask_len = 32, .addr = reg.group},
                                        .source = reg.source});
    struct ipv4 stop = pim_packet(ip->dst, &w);
    stop.dst = ip->src;
    stop.ttl = 64;
    send_ip(&h->link[0], from, &stop);
}

static void on_pim(struct hand *h, uint32_t v, bool on_mdt, struct mac from, const struct ipv4 *ip)
{
    enum pim_type type;
    struct rd body;
    struct pim_hello hello;
    if (pim_open(ip->payload, ip->payload_bytes, &type, &body) != WIRE_OK) {
        h->undecodable++;
        return;
    }
    if (type == PIM_HELLO && pim_hello_decode(&body, &hello) == WIRE_OK) {
        h->hello_c[v] += !on_mdt && v > 0;
        h->hello_mdt[v] += on_mdt;
        h->hello_p += v == 0;
    } else if (type == PIM_JOIN_PRUNE) {
        on_jp(h, v, on_mdt, &body);
    } else if (type == PIM_REGISTER) {
        on_register(h, from, ip, &body);
    } else if (type == PIM_ASSERT) {
        h->asserts++;
    }
}

static void on_probe(struct hand *h, uint32_t v, bool on_mdt, const struct ipv4 *ip)
{
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct udp udp;
    struct probe probe;
    if (udp_decode(&r, ip->src, ip->dst, &udp) != WIRE_OK || udp.dport != PROBE_PORT)
        return;
    r = rd_init(udp.payload, udp.payload_bytes);
    if (probe_decode(&r, &probe) != WIRE_OK)
        h->undecodable++;
    else if (probe.vpn != v)
        h->probes_wrong++;
    else if (on_mdt)
        h->probes_mdt[v]++;
    else
        h->probes_c[v]++;
}

static void on_gre(struct hand *h, struct mac from, const struct ipv4 *outer)
{
    uint32_t v = topology_vpn_of_mdt(h->spec, outer->dst);
    struct rd r = rd_init(outer->payload, outer->payload_bytes);
    struct gre gre;
    struct ipv4 ip;
    if (v == 0 || v > HAND_VRFS || gre_decode(&r, &gre) != WIRE_OK) {
        h->undecodable++;
        return;
    }
    r = rd_init(gre.payload, gre.payload_bytes);
    if (ipv4_decode(&r, &ip) != WIRE_OK)
        h->undecodable++;
    else if (ip.protocol == IPPROTO_NUM_PIM)
        on_pim(h, v, true, from, &ip);
    else if (ip.protocol == IPPROTO_NUM_UDP)
        on_probe(h, v, true, &ip);
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    struct hand_link *l = arg;
    struct hand *h = l->hand;
    struct rd r = rd_init(frame, len);
    struct eth eth;
    struct ipv4 ip;
    (void)at;
    if (eth_decode(&r, &eth) != WIRE_OK) {
        h->undecodable++;
    } else if (eth.ethertype == ETHERTYPE_ARP) {
        on_arp(l, &r);
    } else if (eth.ethertype == ETHERTYPE_IPV4) {
        if (ipv4_decode(&r, &ip) != WIRE_OK)
            h->undecodable++;
        else if (ip.protocol == IPPROTO_NUM_PIM)
            on_pim(h, l->v, false, eth.src, &ip);
        else if (ip.protocol == IPPROTO_NUM_GRE && l->v == 0)
            on_gre(h, eth.src, &ip);
        else if (ip.protocol == IPPROTO_NUM_UDP)
            on_probe(h, l->v, false, &ip);
    }
}

void hand_init(struct hand *h, struct loop *loop, const struct dut_ports *ports,
               const struct instance_spec *spec)
{
    *h = (struct hand){.loop = loop, .spec = spec, .p = ports->a3};
    for (uint32_t v = 0; v <= spec->mvpns && v <= HAND_VRFS; v++) {
        h->link[v] = (struct hand_link){.hand = h, .v = v};
        if (v > 0)
            h->c[v - 1] = ports->a1[v - 1];
        port_on_rx(link_port(&h->link[v]), on_frame, &h->link[v]);
    }
}

bool hand_heard(const struct hand *h, uint32_t v, bool on_mdt, ip4_t upstream,
                const struct pim_jp_entry *e)
{
    for (size_t i = 0; i < h->entries; i++) {
        const struct hand_entry *x = &h->entry[i];
        if (x->v == v && x->on_mdt == on_mdt && x->upstream == upstream &&
            x->entry.join == e->join && x->entry.kind == e->kind && x->entry.group == e->group &&
            x->entry.source == e->source)
            return true;
    }
    return false;
}

bool hand_wait(struct hand *h, bool (*done)(struct hand *h), int seconds)
{
    struct instant until = instant_add(loop_now(h->loop), seconds * NS_PER_S);
    while (!done(h) && instant_before(loop_now(h->loop), until))
        (void)loop_run(h->loop, instant_add(loop_now(h->loop), SLICE));
    return done(h);
}
