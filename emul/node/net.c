#include "emul/node/net.h"

#include "emul/wire/arp.h"
#include "emul/wire/gre.h"
#include "emul/wire/pim_hello.h"
#include "mvpnbench/topology.h"

#define OUTER_TTL    255
#define GRE_OVERHEAD (IPV4_HEADER + GRE_HEADER)

int net_send_frame(struct net *n, struct port *port, const uint8_t *frame, size_t len)
{
    if (port_send(port, frame, len, loop_now(n->loop)) == 0)
        return 0;
    if (port->up)
        n->tx_errors++;
    return -1;
}

static struct wr frame_begin(struct net *n, uint32_t link, struct mac dst, uint16_t ethertype)
{
    struct wr w = wr_init(n->scratch[1], PORT_FRAME_MAX);
    struct eth eth = {.dst = dst, .ethertype = ethertype};
    if (link == NET_P_LINK) {
        eth.src = topology_p_router_mac();
    } else {
        struct vlan_tags tags = topology_vlan(&n->spec, link);
        eth.src = topology_c_router_mac(link);
        eth.outer_vid = tags.outer;
        eth.inner_vid = tags.inner;
    }
    (void)eth_encode(&w, &eth);
    return w;
}

static struct port *port_of(const struct net *n, uint32_t link)
{
    return link == NET_P_LINK ? n->a3 : net_c_port(n, link);
}

static int send_packet(struct net *n, uint32_t link, struct mac dst, const uint8_t *packet,
                       size_t len)
{
    struct wr w = frame_begin(n, link, dst, ETHERTYPE_IPV4);
    wr_bytes(&w, packet, len);
    return w.err == WIRE_OK ? net_send_frame(n, port_of(n, link), w.base, w.pos) : -1;
}

/* One GRE packet of a remote PE onto the P link; DF stays 0, ToS is copied (RFC 6037 4.8). */
static int send_gre(struct net *n, uint32_t v, ip4_t pe, const uint8_t *packet, size_t len)
{
    ip4_t mdt = topology_mdt_group(&n->spec, v);
    struct wr w = frame_begin(n, NET_P_LINK, mac_of_group(mdt), ETHERTYPE_IPV4);
    struct ipv4 outer = {.tos = packet[1],
                         .id = n->ip_id++,
                         .ttl = OUTER_TTL,
                         .protocol = IPPROTO_NUM_GRE,
                         .src = pe,
                         .dst = mdt};
    struct gre gre = {.protocol = ETHERTYPE_IPV4, .payload = packet, .payload_bytes = len};
    size_t mark = ipv4_begin(&w, &outer);
    (void)gre_encode(&w, &gre);
    return ipv4_end(&w, mark) == WIRE_OK ? net_send_frame(n, n->a3, w.base, w.pos) : -1;
}

static struct wr packet_build(struct net *n, struct ipv4 *packet)
{
    struct wr w = wr_init(n->scratch[0], PORT_FRAME_MAX);
    packet->id = n->ip_id++;
    (void)ipv4_encode(&w, packet);
    return w;
}

/* Sends the packet in w whole or in fragments, inside GRE if v is not 0. */
static int send_built(struct net *n, const struct wr *w, size_t mtu, uint32_t link, struct mac dst,
                      uint32_t v, ip4_t pe)
{
    if (w->err != WIRE_OK)
        return -1;
    if (w->pos <= mtu)
        return v != 0 ? send_gre(n, v, pe, w->base, w->pos)
                      : send_packet(n, link, dst, w->base, w->pos);
    uint8_t piece[PORT_FRAME_MAX];
    size_t offset = 0;
    int result = 0;
    bool more;
    do {
        struct wr f = wr_init(piece, sizeof(piece));
        more = ipv4_fragment(&f, w->base, w->pos, mtu, &offset);
        if (f.err != WIRE_OK)
            return -1;
        int sent =
            v != 0 ? send_gre(n, v, pe, f.base, f.pos) : send_packet(n, link, dst, f.base, f.pos);
        if (sent != 0)
            result = -1;
    } while (more);
    return result;
}

int net_send_c(struct net *n, uint32_t link, struct mac dst, struct ipv4 *packet)
{
    struct wr w = packet_build(n, packet);
    return send_built(n, &w, n->spec.mtu, link, dst, 0, 0);
}

int net_send_p(struct net *n, struct mac dst, struct ipv4 *packet)
{
    struct wr w = packet_build(n, packet);
    return send_built(n, &w, n->spec.mtu, NET_P_LINK, dst, 0, 0);
}

int net_send_mdt(struct net *n, uint32_t v, ip4_t pe, struct ipv4 *packet)
{
    struct wr w = packet_build(n, packet);
    return send_built(n, &w, n->spec.mtu - GRE_OVERHEAD, NET_P_LINK, (struct mac){{0}}, v, pe);
}

int net_send_arp(struct net *n, uint32_t link, const struct arp *arp, struct mac dst)
{
    struct wr w = frame_begin(n, link, dst, ETHERTYPE_ARP);
    return arp_encode(&w, arp) == WIRE_OK ? net_send_frame(n, port_of(n, link), w.base, w.pos) : -1;
}

struct ipv4 net_pim_multicast(ip4_t src, const uint8_t *message, size_t len)
{
    return (struct ipv4){.tos = IPV4_TOS_CS6,
                         .ttl = 1,
                         .protocol = IPPROTO_NUM_PIM,
                         .src = src,
                         .dst = IPV4_ALL_PIM_ROUTERS,
                         .payload = message,
                         .payload_bytes = len};
}

size_t net_build_jp(struct net *n, uint8_t *buf, size_t cap, ip4_t upstream,
                    const struct pim_jp_entry *entries, size_t count, size_t overhead,
                    size_t *taken)
{
    size_t room = n->spec.mtu - IPV4_HEADER - overhead;
    if (n->spec.jp_oversize == JP_FRAGMENT || room > cap)
        room = cap;
    struct wr w = wr_init(buf, room);
    if (pim_jp_encode(&w, upstream, PIM_JP_HOLDTIME_S, entries, count, PIM_PDU_ENTRIES, taken) !=
        WIRE_OK)
        return 0;
    n->facts.jp_pdus_sent++;
    n->facts.jp_entries_sent += *taken;
    if (*taken > n->facts.jp_entries_max)
        n->facts.jp_entries_max = (uint32_t)*taken;
    if (*taken < count)
        n->facts.jp_capped_by_mtu = true;
    return w.pos;
}

void net_mdts_init(struct net *n)
{
    const struct instance_spec *s = &n->spec;
    size_t sources = s->mdt == MDT_SSM ? (size_t)s->mvpns * s->remote_pes : 0;
    pim_ds_init(&n->mdts, n->loop, s->mvpns, NULL, NULL);
    pim_ds_init(&n->mdt_sources, n->loop, sources, NULL, NULL);
    pim_ds_init(&n->data_mdts, n->loop, (size_t)s->mvpns * s->spmsi_rx, NULL, NULL);
}

void net_mdts_fini(struct net *n)
{
    pim_ds_fini(&n->mdts);
    pim_ds_fini(&n->mdt_sources);
    pim_ds_fini(&n->data_mdts);
}

static void all_down(struct pim_ds *d, struct instant now)
{
    for (size_t ix = 0; ix < d->count; ix++)
        pim_ds_down(d, (uint32_t)ix, now);
}

void net_mdts_down(struct net *n)
{
    all_down(&n->mdts, net_now(n));
    all_down(&n->mdt_sources, net_now(n));
    all_down(&n->data_mdts, net_now(n));
}

uint32_t net_mdt_missing(const struct net *n, uint32_t v, struct instant now)
{
    if (n->spec.mdt != MDT_SSM)
        return pim_ds_alive(&n->mdts, v - 1, now) ? 0 : 1;
    for (uint32_t pe = 1; pe <= n->spec.remote_pes; pe++) {
        if (!net_mdt_reaches(n, v, pe, now))
            return pe;
    }
    return 0;
}

static size_t build_hello(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s,
                          uint32_t options, uint32_t dr_priority, bool t_bit)
{
    struct pim_hello hello = {
        .present = PIM_HAS_HOLDTIME | PIM_HAS_LAN_PRUNE_DELAY | PIM_HAS_DR_PRIORITY |
                   PIM_HAS_GENID | options,
        .holdtime_s = holdtime_s,
        .t_bit = t_bit,
        .propagation_delay_ms = PIM_PROPAGATION_MS,
        .override_interval_ms = PIM_OVERRIDE_MS,
        .dr_priority = dr_priority,
        .genid = genid,
    };
    struct wr w = wr_init(buf, cap);
    return pim_hello_encode(&w, &hello) == WIRE_OK ? w.pos : 0;
}

size_t net_build_hello(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s)
{
    return build_hello(buf, cap, genid, holdtime_s, 0, 1, false);
}

size_t net_build_hello_with(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s,
                            uint32_t options)
{
    return build_hello(buf, cap, genid, holdtime_s, options, 1, false);
}

size_t net_build_hello_no_dr(uint8_t *buf, size_t cap, uint32_t genid, uint16_t holdtime_s)
{
    return build_hello(buf, cap, genid, holdtime_s, 0, 0, false);
}

size_t net_build_hello_pe(const struct net *n, uint8_t *buf, size_t cap, uint32_t genid,
                          uint16_t holdtime_s)
{
    bool t_bit = !n->spec.jp_suppression && !n->spec.pe3_receives;
    return build_hello(buf, cap, genid, holdtime_s, 0, 1, t_bit);
}
