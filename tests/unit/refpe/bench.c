#include "bench.h"

#include "emul/base/mem.h"
#include "emul/wire/arp.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/icmp.h"
#include "emul/wire/pim_register.h"
#include "emul/wire/udp.h"

#include <stdlib.h>

#define MAC_CE ((struct mac){{0x02, 0x4d, 0x56, 0, 0, 1}})

/* ---- out of the PE ----------------------------------------------------------------------------
 */

static void note(struct bench *b, enum where where, uint16_t vid, ip4_t mdt, const uint8_t *packet,
                 size_t len)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 ip;
    if (ipv4_decode(&r, &ip) != WIRE_OK || b->count == SEEN_MAX || r.pos > SEEN_BYTES)
        return;
    struct seen *s = &b->seen[b->count++];
    *s = (struct seen){
        .at_ns = loop_now(b->loop).ns, .where = where, .vid = vid, .mdt = mdt, .len = r.pos};
    memcpy(s->bytes, packet, r.pos);
    struct rd own = rd_init(s->bytes, s->len);
    (void)ipv4_decode(&own, &s->ip);
    if (where == ON_C && ip.protocol == IPPROTO_NUM_ICMP)
        b->echo_replies++;
}

static void rx_c(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)at;
    struct bench *b = arg;
    struct rd r = rd_init(frame, len);
    struct eth e;
    struct arp a;
    if (eth_decode(&r, &e) != WIRE_OK)
        return;
    if (e.ethertype == ETHERTYPE_IPV4)
        note(b, ON_C, e.outer_vid, 0, frame + r.pos, rd_left(&r));
    else if (e.ethertype == ETHERTYPE_ARP && arp_decode(&r, &a) == WIRE_OK && a.op == ARP_REPLY)
        b->arp_replies++;
}

static void note_gre(struct bench *b, enum where where, const struct ipv4 *outer)
{
    struct rd r = rd_init(outer->payload, outer->payload_bytes);
    struct gre g;
    if (outer->src == B_PE_MDT && gre_decode(&r, &g) == WIRE_OK)
        note(b, where, 0, outer->dst, g.payload, g.payload_bytes);
}

static bool note_register(struct bench *b, const struct ipv4 *ip)
{
    enum pim_type type;
    struct rd body;
    struct pim_register reg;
    struct ipv4 inner;
    if (pim_open(ip->payload, ip->payload_bytes, &type, &body) != WIRE_OK || type != PIM_REGISTER ||
        pim_register_decode(&body, &reg) != WIRE_OK || reg.null)
        return false;
    struct rd r = rd_init(reg.packet, reg.packet_bytes);
    if (ipv4_decode(&r, &inner) == WIRE_OK)
        note_gre(b, IN_REGISTER, &inner);
    return true;
}

static void answer_arp(struct bench *b, struct rd *r)
{
    struct arp a;
    if (arp_decode(r, &a) != WIRE_OK || a.op != ARP_REQUEST || a.target != B_P_ROUTER)
        return;
    uint8_t frame[64];
    struct wr w = wr_init(frame, sizeof(frame));
    struct eth e = {.dst = a.sender_mac, .src = MAC_CE, .ethertype = ETHERTYPE_ARP};
    struct arp reply = {ARP_REPLY, MAC_CE, a.sender_mac, B_P_ROUTER, a.sender};
    (void)eth_encode(&w, &e);
    (void)arp_encode(&w, &reply);
    bench_raw(b, true, frame, w.pos);
}

static void rx_p(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)at;
    struct bench *b = arg;
    struct rd r = rd_init(frame, len);
    struct eth e;
    struct ipv4 ip;
    if (eth_decode(&r, &e) != WIRE_OK)
        return;
    if (e.ethertype == ETHERTYPE_ARP) {
        answer_arp(b, &r);
        return;
    }
    const uint8_t *packet = frame + r.pos;
    size_t left = rd_left(&r);
    if (ipv4_decode(&r, &ip) != WIRE_OK)
        return;
    if (ip.protocol == IPPROTO_NUM_GRE)
        note_gre(b, ON_MDT, &ip);
    else if (ip.protocol != IPPROTO_NUM_PIM || !note_register(b, &ip))
        note(b, ON_P, 0, 0, packet, left);
}

/* ---- into the PE ------------------------------------------------------------------------------
 */

void bench_raw(struct bench *b, bool p_side, const uint8_t *frame, size_t len)
{
    (void)port_send(p_side ? b->p[0] : b->c[0], frame, len, loop_now(b->loop));
}

void bench_send_c(struct bench *b, unsigned v, unsigned i, const struct ipv4 *ip)
{
    uint8_t frame[2000];
    struct wr w = wr_init(frame, sizeof(frame));
    struct eth e = {.dst = mac_of_group(ip->dst),
                    .src = MAC_CE,
                    .outer_vid = B_VID(v, i),
                    .ethertype = ETHERTYPE_IPV4};
    (void)eth_encode(&w, &e);
    (void)ipv4_encode(&w, ip);
    bench_raw(b, false, frame, w.pos);
}

static void send_p(struct bench *b, const struct ipv4 *ip)
{
    uint8_t frame[2000];
    struct wr w = wr_init(frame, sizeof(frame));
    struct eth e = {.dst = mac_of_group(ip->dst), .src = MAC_CE, .ethertype = ETHERTYPE_IPV4};
    (void)eth_encode(&w, &e);
    (void)ipv4_encode(&w, ip);
    bench_raw(b, true, frame, w.pos);
}

void bench_gre(struct bench *b, ip4_t pe, ip4_t p_group, const struct ipv4 *inner)
{
    uint8_t packet[1800], wrapped[1900];
    struct wr w = wr_init(packet, sizeof(packet)), g = wr_init(wrapped, sizeof(wrapped));
    (void)ipv4_encode(&w, inner);
    struct gre gre = {.protocol = ETHERTYPE_IPV4, .payload = packet, .payload_bytes = w.pos};
    (void)gre_encode(&g, &gre);
    struct ipv4 outer = {.ttl = 255,
                         .protocol = IPPROTO_NUM_GRE,
                         .src = pe,
                         .dst = p_group,
                         .payload = wrapped,
                         .payload_bytes = g.pos};
    send_p(b, &outer);
}

static void send_mti(struct bench *b, unsigned v, ip4_t pe, const struct ipv4 *inner)
{
    bench_gre(b, pe, B_MDT(v), inner);
}

static struct ipv4 pim_packet(ip4_t src, const struct wr *message)
{
    return (struct ipv4){.ttl = 1,
                         .protocol = IPPROTO_NUM_PIM,
                         .src = src,
                         .dst = IPV4_ALL_PIM_ROUTERS,
                         .payload = message->base,
                         .payload_bytes = message->pos};
}

struct bench_plan bench_plan;

static void put_hello(struct wr *w, uint32_t genid, uint16_t holdtime_s)
{
    struct pim_hello h = {.present = PIM_HAS_HOLDTIME | PIM_HAS_LAN_PRUNE_DELAY | PIM_HAS_GENID,
                          .holdtime_s = holdtime_s,
                          .propagation_delay_ms = 500,
                          .override_interval_ms = 2500,
                          .genid = genid};
    if (bench_plan.mdt == MDT_BIDIR)
        h.present |= PIM_HAS_BIDIR;
    if (bench_plan.igmp_version != 0)
        h.present |= PIM_HAS_DR_PRIORITY;
    h.dr_priority = bench_plan.dr_priority;
    (void)pim_hello_encode(w, &h);
}

void bench_hello_c(struct bench *b, unsigned v, unsigned i, ip4_t src, uint32_t genid,
                   uint16_t holdtime_s)
{
    uint8_t buf[128];
    struct wr w = wr_init(buf, sizeof(buf));
    put_hello(&w, genid, holdtime_s);
    struct ipv4 ip = pim_packet(src, &w);
    bench_send_c(b, v, i, &ip);
}

void bench_hello_mti(struct bench *b, unsigned v, ip4_t src, uint32_t genid)
{
    uint8_t buf[128];
    struct wr w = wr_init(buf, sizeof(buf));
    put_hello(&w, genid, 0xffff);
    struct ipv4 ip = pim_packet(src, &w);
    send_mti(b, v, src, &ip);
}

void bench_hello_p(struct bench *b, uint32_t genid)
{
    bench_hello_p_for(b, genid, 0xffff);
}

void bench_hello_p_for(struct bench *b, uint32_t genid, uint16_t holdtime_s)
{
    uint8_t buf[128];
    struct wr w = wr_init(buf, sizeof(buf));
    put_hello(&w, genid, holdtime_s);
    struct ipv4 ip = pim_packet(B_P_ROUTER, &w);
    send_p(b, &ip);
}

void bench_df_p(struct bench *b, ip4_t src, const struct pim_df *df)
{
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));
    (void)pim_df_encode(&w, df);
    struct ipv4 ip = pim_packet(src, &w);
    send_p(b, &ip);
}

struct pim_jp_entry bench_starg(bool join, ip4_t group, ip4_t rp)
{
    return (struct pim_jp_entry){join, PIM_JP_STARG, group, rp};
}

struct pim_jp_entry bench_sg(bool join, ip4_t group, ip4_t source)
{
    return (struct pim_jp_entry){join, PIM_JP_SG, group, source};
}

static void put_jp(struct wr *w, ip4_t upstream, struct pim_jp_entry e)
{
    size_t taken;
    (void)pim_jp_encode(w, upstream, 210, &e, 1, 80, &taken);
}

void bench_jp_c(struct bench *b, unsigned v, unsigned i, ip4_t src, struct pim_jp_entry e)
{
    uint8_t buf[128];
    struct wr w = wr_init(buf, sizeof(buf));
    put_jp(&w, B_C_PE(v, i), e);
    struct ipv4 ip = pim_packet(src, &w);
    bench_send_c(b, v, i, &ip);
}

void bench_jp_mti(struct bench *b, unsigned v, ip4_t src, ip4_t upstream, struct pim_jp_entry e)
{
    uint8_t buf[128];
    struct wr w = wr_init(buf, sizeof(buf));
    put_jp(&w, upstream, e);
    struct ipv4 ip = pim_packet(src, &w);
    send_mti(b, v, src, &ip);
}

void bench_jp_p(struct bench *b, struct pim_jp_entry e)
{
    uint8_t buf[128];
    struct wr w = wr_init(buf, sizeof(buf));
    put_jp(&w, B_PE_P, e);
    struct ipv4 ip = pim_packet(B_P_ROUTER, &w);
    send_p(b, &ip);
}

void bench_register_stop(struct bench *b, ip4_t group)
{
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));
    struct pim_register_stop stop = {.group = {0, 32, group}, .source = B_PE_MDT};
    (void)pim_register_stop_encode(&w, &stop);
    struct ipv4 ip = {.ttl = 64,
                      .protocol = IPPROTO_NUM_PIM,
                      .src = B_P_RP,
                      .dst = B_PE_P,
                      .payload = buf,
                      .payload_bytes = w.pos};
    send_p(b, &ip);
}

static struct ipv4 data_packet(ip4_t src, ip4_t group, uint8_t *buf, size_t cap)
{
    static const uint8_t filling[60] = {0};
    struct wr w = wr_init(buf, cap);
    struct udp u = {1000, 19300, filling, sizeof(filling)};
    (void)udp_encode(&w, src, group, &u);
    return (struct ipv4){.ttl = 16,
                         .protocol = IPPROTO_NUM_UDP,
                         .src = src,
                         .dst = group,
                         .payload = buf,
                         .payload_bytes = w.pos};
}

void bench_data_c(struct bench *b, unsigned v, unsigned i, ip4_t src, ip4_t group)
{
    uint8_t buf[128];
    struct ipv4 ip = data_packet(src, group, buf, sizeof(buf));
    bench_send_c(b, v, i, &ip);
}

void bench_data_mti(struct bench *b, unsigned v, ip4_t pe, ip4_t src, ip4_t group)
{
    bench_data_on(b, pe, B_MDT(v), src, group);
}

void bench_data_on(struct bench *b, ip4_t pe, ip4_t p_group, ip4_t src, ip4_t group)
{
    uint8_t buf[128];
    struct ipv4 ip = data_packet(src, group, buf, sizeof(buf));
    bench_gre(b, pe, p_group, &ip);
}

static struct ipv4 register_packet(ip4_t dr, ip4_t rp, bool null, ip4_t source, ip4_t group,
                                   uint8_t *buf, size_t cap)
{
    uint8_t payload[128], inner[200];
    struct wr i = wr_init(inner, sizeof(inner)), w = wr_init(buf, cap);
    struct ipv4 data = data_packet(source, group, payload, sizeof(payload));
    (void)ipv4_encode(&i, &data);
    struct pim_register reg = {.null = null, .source = source, .group = group};
    if (!null) {
        reg.packet = inner;
        reg.packet_bytes = i.pos;
    }
    (void)pim_register_encode(&w, &reg);
    return (struct ipv4){.ttl = 64,
                         .protocol = IPPROTO_NUM_PIM,
                         .src = dr,
                         .dst = rp,
                         .payload = buf,
                         .payload_bytes = w.pos};
}

void bench_register_c(struct bench *b, unsigned v, unsigned i, ip4_t dr, ip4_t rp, bool null,
                      ip4_t source, ip4_t group)
{
    uint8_t buf[300];
    struct ipv4 ip = register_packet(dr, rp, null, source, group, buf, sizeof(buf));
    bench_send_c(b, v, i, &ip);
}

void bench_register_mti(struct bench *b, unsigned v, ip4_t pe, ip4_t dr, bool null, ip4_t source,
                        ip4_t group)
{
    uint8_t buf[300];
    struct ipv4 ip = register_packet(dr, B_RP_SELF, null, source, group, buf, sizeof(buf));
    send_mti(b, v, pe, &ip);
}

void bench_arp_c(struct bench *b, unsigned v, unsigned i, ip4_t target)
{
    uint8_t frame[64];
    struct wr w = wr_init(frame, sizeof(frame));
    struct mac all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct eth e = {
        .dst = all, .src = MAC_CE, .outer_vid = B_VID(v, i), .ethertype = ETHERTYPE_ARP};
    struct arp a = {ARP_REQUEST, MAC_CE, {{0}}, B_C_CE(v, i), target};
    (void)eth_encode(&w, &e);
    (void)arp_encode(&w, &a);
    bench_raw(b, false, frame, w.pos);
}

void bench_echo_c(struct bench *b, unsigned v, unsigned i)
{
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));
    struct icmp_echo echo = {ICMP_ECHO_REQUEST, 1, 2, (const uint8_t *)"ping", 4};
    (void)icmp_echo_encode(&w, &echo);
    struct ipv4 ip = {.ttl = 64,
                      .protocol = IPPROTO_NUM_ICMP,
                      .src = B_C_CE(v, i),
                      .dst = B_C_PE(v, i),
                      .payload = buf,
                      .payload_bytes = w.pos};
    bench_send_c(b, v, i, &ip);
}

/* ---- life -------------------------------------------------------------------------------------
 */

static void configure_rps(struct bench *b, unsigned v)
{
    if (bench_plan.rp_self) {
        (void)refpe_c_rp_self(b->pe, v, B_RP_SELF, (struct ip4_prefix){IP4(224, 0, 0, 0), 4});
        return;
    }
    (void)refpe_rp_add(b->pe, v, B_RP_IN, (struct ip4_prefix){IP4(225, 1, 0, 0), 16});
    (void)refpe_rp_add(b->pe, v, B_RP_EG, (struct ip4_prefix){IP4(225, 65, 0, 0), 16});
}

static void configure(struct bench *b, unsigned vrfs, unsigned cifs)
{
    struct refpe_global g = {B_PE_P, 30, B_P_ROUTER, B_PE_MDT, B_P_RP, bench_plan.mdt, 1500};
    refpe_set_global(b->pe, &g);
    for (unsigned v = 1; v <= vrfs; v++) {
        (void)refpe_vrf_add(b->pe, v, B_MDT(v));
        for (unsigned i = 1; i <= cifs; i++) {
            struct refpe_cif c = {v, 0, B_VID(v, i), 0, B_C_PE(v, i), 30, bench_plan.igmp_version};
            (void)refpe_cif_add(b->pe, &c);
        }
        (void)refpe_route_add(b->pe, v, (struct ip4_prefix){IP4(10, 1, 0, 0), 16}, B_C_CE(v, 1),
                              false);
        (void)refpe_route_add(b->pe, v, (struct ip4_prefix){IP4(10, 65, 0, 0), 16}, B_REMOTE, true);
        configure_rps(b, v);
        (void)refpe_peer_add(b->pe, v, B_REMOTE);
        (void)refpe_peer_add(b->pe, v, B_REMOTE2);
        if (bench_plan.data_mdts > 0)
            (void)refpe_data_mdt_pool(b->pe, v, B_DATA_SRC(v, 1), bench_plan.data_mdts);
        for (unsigned n = 1; n <= bench_plan.data_flows; n++)
            (void)refpe_data_mdt_flow(b->pe, v, B_S_IN(1), B_G_IN(n));
    }
    refpe_up(b->pe);
}

struct bench *bench_new(const struct refpe_settings *settings, unsigned vrfs, unsigned cifs)
{
    struct refpe_settings defaults;
    struct link_params ideal = {0};
    struct bench *b = mem_zalloc(1, sizeof(*b));
    refpe_settings_default(&defaults);
    b->seen = mem_zalloc(SEEN_MAX, sizeof(*b->seen));
    b->cifs = cifs;
    b->loop = loop_new_virtual((struct instant){0});
    memlink_new(b->loop, &ideal, 1, "c", "pe-c", 1500, b->c);
    memlink_new(b->loop, &ideal, 2, "p", "pe-p", 1500, b->p);
    port_on_rx(b->c[0], rx_c, b);
    port_on_rx(b->p[0], rx_p, b);
    b->pe = refpe_new(b->loop, settings != NULL ? settings : &defaults, 42);
    refpe_port_c(b->pe, b->c[1]);
    refpe_port_p(b->pe, b->p[1]);
    configure(b, vrfs, cifs);
    return b;
}

struct bench *bench_start(const struct refpe_settings *settings, unsigned vrfs, unsigned cifs)
{
    struct bench *b = bench_new(settings, vrfs, cifs);
    bench_run(b, 0.1);
    bench_hello_p(b, 7);
    struct pim_df winner = {.type = PIM_DF_WINNER, .rpa = B_P_RP, .preference = 1, .metric = 1};
    if (bench_plan.mdt == MDT_BIDIR)
        bench_df_p(b, B_P_ROUTER, &winner);
    bench_run(b, 6);
    for (unsigned v = 1; v <= vrfs; v++) {
        bench_jp_p(b, bench_sg(true, B_MDT(v), B_PE_MDT));
        bench_register_stop(b, B_MDT(v));
        bench_hello_mti(b, v, B_REMOTE, 17);
        for (unsigned i = 1; i <= cifs; i++)
            bench_hello_c(b, v, i, B_C_CE(v, i), 100 + i, 0xffff);
    }
    bench_run(b, 6);
    bench_forget(b);
    return b;
}

void bench_free(struct bench *b)
{
    refpe_free(b->pe);
    for (unsigned i = 0; i < 2; i++) {
        port_free(b->c[i]);
        port_free(b->p[i]);
    }
    loop_free(b->loop);
    free(b->seen);
    free(b);
}

void bench_run(struct bench *b, double seconds)
{
    (void)loop_run(b->loop, instant_add(loop_now(b->loop), (int64_t)(seconds * (double)NS_PER_S)));
}

void bench_forget(struct bench *b)
{
    b->count = 0;
    b->arp_replies = b->echo_replies = 0;
}

/* ---- counting ---------------------------------------------------------------------------------
 */

static bool is_at(const struct seen *s, enum where where, unsigned v, unsigned i)
{
    if (s->where != where)
        return false;
    if (where == ON_C)
        return s->vid == B_VID(v, i);
    return where == ON_P || s->mdt == B_MDT(v);
}

unsigned bench_data_seen(const struct bench *b, enum where where, unsigned v, unsigned i, ip4_t src,
                         ip4_t group)
{
    unsigned n = 0;
    for (size_t k = 0; k < b->count; k++) {
        const struct seen *s = &b->seen[k];
        n += is_at(s, where, v, i) && s->ip.protocol == IPPROTO_NUM_UDP && s->ip.src == src &&
             s->ip.dst == group && s->ip.ttl == 15;
    }
    return n;
}

static bool pim_of(const struct seen *s, enum pim_type wanted, struct rd *body)
{
    enum pim_type type;
    return s->ip.protocol == IPPROTO_NUM_PIM && s->ip.ttl == 1 &&
           pim_open(s->ip.payload, s->ip.payload_bytes, &type, body) == WIRE_OK && type == wanted;
}

unsigned bench_hellos_seen(const struct bench *b, enum where where, unsigned v, unsigned i)
{
    unsigned n = 0;
    struct rd body;
    for (size_t k = 0; k < b->count; k++)
        n += is_at(&b->seen[k], where, v, i) && pim_of(&b->seen[k], PIM_HELLO, &body);
    return n;
}

unsigned bench_jp_seen(const struct bench *b, enum where where, unsigned v, unsigned i,
                       ip4_t upstream, struct pim_jp_entry e, int64_t *at_ns)
{
    unsigned n = 0;
    for (size_t k = 0; k < b->count; k++) {
        const struct seen *s = &b->seen[k];
        struct rd body;
        struct pim_jp jp;
        struct pim_jp_iter it;
        struct pim_jp_entry got;
        if (!is_at(s, where, v, i) || !pim_of(s, PIM_JOIN_PRUNE, &body) ||
            pim_jp_decode(&body, &jp, &it) != WIRE_OK || jp.upstream != upstream)
            continue;
        while (pim_jp_next(&it, &got)) {
            if (got.join != e.join || got.kind != e.kind || got.group != e.group ||
                got.source != e.source)
                continue;
            n++;
            if (at_ns != NULL)
                *at_ns = s->at_ns;
        }
    }
    return n;
}

unsigned bench_stops_seen(const struct bench *b, enum where where, unsigned v, unsigned i, ip4_t dr,
                          ip4_t source, ip4_t group)
{
    unsigned n = 0;
    for (size_t k = 0; k < b->count; k++) {
        const struct seen *s = &b->seen[k];
        enum pim_type type;
        struct rd body;
        struct pim_register_stop stop;
        n += is_at(s, where, v, i) && s->ip.protocol == IPPROTO_NUM_PIM && s->ip.dst == dr &&
             s->ip.ttl > 1 &&
             pim_open(s->ip.payload, s->ip.payload_bytes, &type, &body) == WIRE_OK &&
             type == PIM_REGISTER_STOP && pim_register_stop_decode(&body, &stop) == WIRE_OK &&
             stop.source == source && stop.group.addr == group;
    }
    return n;
}

int64_t bench_metric(const struct bench *b, enum metric_var var)
{
    struct mvpn_metric m;
    struct p_metric p;
    refpe_metric(b->pe, &m, &p);
    return m.v[var];
}

int64_t bench_p_metric(const struct bench *b, enum p_metric_var var)
{
    struct mvpn_metric m;
    struct p_metric p;
    refpe_metric(b->pe, &m, &p);
    return p.v[var];
}
