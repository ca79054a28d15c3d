#include "emul/refpe/forward.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/control.h"
#include "emul/refpe/downstream.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/rpf.h"
#include "emul/refpe/segment.h"
#include "emul/refpe/spmsi.h"
#include "emul/refpe/upstream.h"

static void delay_push(struct refpe *pe, struct pe_port *port, const uint8_t *frame, size_t len)
{
    struct delay_line *d = &pe->delay;
    if (d->count == d->cap) {
        size_t cap = d->cap == 0 ? 256 : d->cap * 2;
        struct delayed_frame *ring = mem_zalloc(cap, sizeof(*ring));
        for (size_t i = 0; i < d->count; i++)
            ring[i] = d->ring[(d->head + i) % d->cap];
        free(d->ring);
        d->ring = ring;
        d->cap = cap;
        d->head = 0;
    }
    struct delayed_frame *f = &d->ring[(d->head + d->count) % d->cap];
    *f = (struct delayed_frame){pe_now(pe) + pe->settings.forwarding_delay_ns, port,
                                mem_zalloc(len, 1), len};
    memcpy(f->frame, frame, len);
    if (d->count++ == 0)
        timer_set(pe->loop, &d->timer, (struct instant){f->at_ns});
}

static void delay_over(void *arg)
{
    struct refpe *pe = arg;
    struct delay_line *d = &pe->delay;
    struct instant now = loop_now(pe->loop);
    while (d->count > 0 && d->ring[d->head].at_ns <= now.ns) {
        struct delayed_frame f = d->ring[d->head];
        d->head = (d->head + 1) % d->cap;
        d->count--;
        if (f.port->working)
            (void)port_send(f.port->port, f.frame, f.len, now);
        free(f.frame);
    }
    if (d->count > 0)
        timer_set(pe->loop, &d->timer, (struct instant){d->ring[d->head].at_ns});
}

void forward_init(struct refpe *pe)
{
    timer_init(&pe->delay.timer, "refpe forwarding", delay_over, pe);
}

void forward_clear(struct refpe *pe)
{
    struct delay_line *d = &pe->delay;
    for (; d->count > 0; d->count--) {
        free(d->ring[d->head].frame);
        d->head = (d->head + 1) % d->cap;
    }
    timer_cancel(pe->loop, &d->timer);
}

void forward_fini(struct refpe *pe)
{
    forward_clear(pe);
    free(pe->delay.ring);
    pe->delay.ring = NULL;
    pe->delay.cap = 0;
}

void forward_out(struct refpe *pe, struct pe_port *port, const uint8_t *frame, size_t len)
{
    if (!port->working)
        return;
    if (pe->settings.forwarding_delay_ns > 0)
        delay_push(pe, port, frame, len);
    else
        (void)port_send(port->port, frame, len, loop_now(pe->loop));
}

/* One copy out of one C-interface; the packet lies in pe->data behind the headroom. */
static void copy_out(struct refpe *pe, uint32_t iface, ip4_t group, size_t len)
{
    const struct iface *f = &pe->ifaces[iface];
    uint8_t *packet = pe->data + HEADROOM;
    uint8_t *frame = packet - f->header_bytes;
    struct mac dst = mac_of_group(group);
    memcpy(frame, f->header, f->header_bytes);
    memcpy(frame, dst.b, sizeof(dst.b));
    forward_out(pe, f->port, frame, len + f->header_bytes);
}

/* To the MTI: on the default MDT, or where the flow's S-PMSI has it. */
static void copy_to_mti(struct refpe *pe, const struct mroute *m, unsigned where, size_t len)
{
    if (where & SPMSI_ON_DEFAULT)
        mti_send(pe, m->vrf, pe->data + HEADROOM, len);
    if (where & SPMSI_ON_DATA)
        mti_send_data(pe, pe->data_flows[m->data_flow].mdt, pe->data + HEADROOM, len);
}

static void copy_to_all(struct refpe *pe, const struct mroute *m, ip4_t group, unsigned where,
                        size_t len)
{
    for (uint32_t i = m->oifs; i != NONE; i = oif_at(pe, i)->next) {
        const struct oif *o = oif_at(pe, i);
        if (!o->installed || o->stuck)
            continue;
        if (pe->ifaces[o->iface].kind == IFACE_KIND_MTI)
            copy_to_mti(pe, m, where, len);
        else
            copy_out(pe, o->iface, group, len);
    }
}

/* The S-PMSI of a flow that is sent to the MTI gets to know of the packet. */
static unsigned where_on_p_side(struct refpe *pe, uint32_t index)
{
    const struct mroute *m = mroute_at(pe, index);
    uint32_t o = m->data_flow == NONE ? NONE : mroute_oif(pe, m, pe->vrfs[m->vrf].mti);
    if (o == NONE || !oif_at(pe, o)->installed)
        return SPMSI_ON_DEFAULT;
    return spmsi_tx_packet(pe, m->data_flow);
}

static void leak(struct refpe *pe, ip4_t group, size_t len)
{
    const struct vrf *to = pe_vrf(pe, pe->settings.faults.leak_to);
    for (uint32_t i = to == NULL ? NONE : to->cifs; i != NONE; i = pe->ifaces[i].next_in_vrf)
        copy_out(pe, i, group, len);
}

/* Longest match. An entry that was refused swallows its flow: no other takes its place. */
static uint32_t match(const struct refpe *pe, uint32_t vrf, ip4_t source, ip4_t group)
{
    uint32_t sg = mroute_find(pe, vrf, source, group);
    uint32_t starg = sg != NONE ? mroute_at(pe, sg)->starg : mroute_find(pe, vrf, 0, group);
    if (starg == NONE || mroute_at(pe, starg)->status == MROUTE_REFUSED)
        return NONE;
    uint32_t m = sg != NONE ? sg : starg;
    return mroute_at(pe, m)->status == MROUTE_INSTALLED ? m : NONE;
}

void forward_along(struct refpe *pe, uint32_t m, const uint8_t *packet, size_t len,
                   const struct ipv4 *ip)
{
    uint32_t vrf = mroute_at(pe, m)->vrf;
    unsigned copies = 1;
    if (ip->ttl <= 1 || len > PORT_FRAME_MAX - HEADROOM)
        return;
    if (pe->faults.on) {
        faults_flow_known(pe, vrf, ip->dst, ip->src);
        copies = faults_copies(pe, vrf, ip->dst, ip->src);
    }
    memcpy(pe->data + HEADROOM, packet, len);
    ipv4_decrement_ttl(pe->data + HEADROOM);
    unsigned where = where_on_p_side(pe, m);
    for (unsigned i = 0; i < copies; i++)
        copy_to_all(pe, mroute_at(pe, m), ip->dst, where, len);
    if (pe->settings.faults.leak_from == vrf && pe->settings.faults.leak_from != 0)
        leak(pe, ip->dst, len);
}

/* pim_include(*,G): some IGMP host is a member of the group. */
static bool has_hosts(const struct refpe *pe, uint32_t starg)
{
    const struct mroute *m = mroute_at(pe, starg);
    if (!pe->vrfs[m->vrf].last_hop)
        return false;
    for (uint32_t i = m->oifs; i != NONE; i = oif_at(pe, i)->next) {
        uint32_t d = downstream_find(pe, m, oif_at(pe, i)->iface);
        if (d != NONE && downstream_at(pe, d)->local)
            return true;
    }
    return false;
}

/* A packet came on the (S,G)'s own tree: SPTbit, and KAT once more (RFC 7761 4.2, 4.2.2). */
static void came_natively(struct refpe *pe, uint32_t index)
{
    struct mroute *m = mroute_at(pe, index);
    if (m->up_state != UP_JOINED)
        return;
    m->spt = true;
    if (mroute_kept(m) || has_hosts(pe, m->starg))
        mroute_keep(pe, index, KEEPALIVE_PERIOD_S);
}

/* The RPF check; on a MTI the PE that sent the packet must be the RPF neighbour (RFC 6037 5.2). */
static bool is_from_rpf(const struct mroute *m, uint32_t iif, ip4_t tunnel_src)
{
    return m->iif == iif && (tunnel_src == 0 || tunnel_src == m->rpf_nbr);
}

/*
 * The entry that a packet on iif goes along, NONE: it is dropped. As last hop the PE turns to the
 * source's own tree with the first packet (CheckSwitchToSpt, RFC 7761 4.2.1, threshold 0); until
 * that bears, the shared one is good too.
 */
static uint32_t route_of(struct refpe *pe, uint32_t iif, ip4_t tunnel_src, ip4_t source,
                         ip4_t group)
{
    uint32_t vrf = pe->ifaces[iif].vrf, m = match(pe, vrf, source, group);
    if (m == NONE)
        return NONE;
    if (mroute_at(pe, m)->source == 0 && is_from_rpf(mroute_at(pe, m), iif, tunnel_src) &&
        has_hosts(pe, m)) {
        mroute_keep(pe, mroute_get(pe, vrf, source, group), KEEPALIVE_PERIOD_S);
        m = match(pe, vrf, source, group);
    }
    const struct mroute *r = m == NONE ? NULL : mroute_at(pe, m);
    if (r == NULL || is_from_rpf(r, iif, tunnel_src))
        return m;
    bool shared = r->starg != NONE && !r->spt && mroute_kept(r) &&
                  is_from_rpf(mroute_at(pe, r->starg), iif, tunnel_src) &&
                  mroute_at(pe, r->starg)->status == MROUTE_INSTALLED;
    return shared ? r->starg : NONE;
}

void forward_c_packet(struct refpe *pe, uint32_t iif, ip4_t tunnel_src, const uint8_t *packet,
                      size_t len, const struct ipv4 *ip)
{
    uint32_t m = ip->ttl <= 1 ? NONE : route_of(pe, iif, tunnel_src, ip->src, ip->dst);
    if (m == NONE)
        return;
    if (mroute_at(pe, m)->source != 0)
        came_natively(pe, m);
    forward_along(pe, m, packet, len, ip);
}

/* A fragment for the PE itself; returns true and the whole packet when the last one came. */
static bool reassemble(struct refpe *pe, uint32_t iface, const struct ipv4 *piece,
                       struct ipv4 *whole)
{
    struct iface *f = &pe->ifaces[iface];
    if (f->reassembly == NULL)
        f->reassembly = ipv4_reassembly_new();
    const uint8_t *packet;
    size_t len;
    if (!ipv4_reassemble(f->reassembly, piece, loop_now(pe->loop), &packet, &len))
        return false;
    struct rd r = rd_init(packet, len);
    return ipv4_decode(&r, whole) == WIRE_OK;
}

static bool is_fragment(const struct ipv4 *ip)
{
    return ip->more_fragments || ip->fragment_offset != 0;
}

static void for_us(struct refpe *pe, uint32_t iface, struct mac sender, struct ipv4 ip)
{
    struct ipv4 whole;
    if (is_fragment(&ip)) {
        if (!reassemble(pe, iface, &ip, &whole))
            return;
        ip = whole;
    }
    bool mdt = ip.protocol == IPPROTO_NUM_GRE && iface == IFACE_P;
    if (pe->outage.control_down && !mdt)
        return;
    if (iface == IFACE_P && ip.src == pe->global.p_gateway)
        gateway_learn(pe, sender);
    bool tlv = ip.protocol == IPPROTO_NUM_UDP && ip.dst == IPV4_ALL_PIM_ROUTERS &&
               pe->ifaces[iface].kind == IFACE_KIND_MTI;
    if (ip.protocol == IPPROTO_NUM_PIM || ip.protocol == IPPROTO_NUM_IGMP || tlv)
        control_received(pe, iface, sender, &ip);
    else if (ip.protocol == IPPROTO_NUM_ICMP && !ip4_is_multicast(ip.dst))
        segment_echo(pe, iface, sender, &ip);
    else if (mdt)
        mti_input(pe, &ip);
}

static bool own_address(const struct refpe *pe, uint32_t iface, ip4_t addr)
{
    if (iface == IFACE_P && addr == pe->global.mdt_addr)
        return true;
    return addr == pe->ifaces[iface].addr || rpf_own_rp(pe, pe->ifaces[iface].vrf, addr);
}

void forward_packet_input(struct refpe *pe, uint32_t iface, ip4_t tunnel_src, struct mac sender,
                          const uint8_t *packet, size_t len)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 ip;
    if (ipv4_decode(&r, &ip) != WIRE_OK)
        return;
    bool igmp = ip.protocol == IPPROTO_NUM_IGMP;
    bool data = ip4_is_multicast(ip.dst) && !is_link_local(ip.dst) && !igmp;
    if (igmp && pe->ifaces[iface].igmp_version != 0)
        for_us(pe, iface, sender, ip);
    else if (iface == IFACE_P
                 ? data || own_address(pe, iface, ip.dst) || ip.dst == IPV4_ALL_PIM_ROUTERS
                 : !data && (own_address(pe, iface, ip.dst) || ip.dst == IPV4_ALL_PIM_ROUTERS))
        for_us(pe, iface, sender, ip);
    else if (data)
        forward_c_packet(pe, iface, tunnel_src, packet, r.pos, &ip);
}

static void frame_input(struct refpe *pe, struct pe_port *port, const uint8_t *frame, size_t len)
{
    struct rd r = rd_init(frame, len);
    struct eth e;
    if (!pe->up || !port->working || eth_decode(&r, &e) != WIRE_OK)
        return;
    uint32_t iface = IFACE_P;
    if (!port->is_p)
        iface = iface_of_frame(pe, port, e.outer_vid, e.inner_vid);
    else if (e.outer_vid != 0)
        return;
    if (iface == NONE)
        return;
    if (e.ethertype == ETHERTYPE_ARP && !pe->outage.control_down)
        segment_arp(pe, iface, &r);
    else if (e.ethertype == ETHERTYPE_IPV4)
        forward_packet_input(pe, iface, 0, e.src, frame + r.pos, rd_left(&r));
}

void forward_rx_c(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    (void)at;
    struct pe_port *port = arg;
    frame_input(port->pe, port, frame, len);
}

void forward_rx_p(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    forward_rx_c(arg, frame, len, at);
}
