/* A frame's way in: VLAN to C-link, EtherType, protocol, GRE and Register to the MI-PMSI. */
#include "emul/lab/lab.h"

#include "emul/node/hosts.h"
#include "emul/wire/gre.h"
#include "emul/wire/udp.h"

enum { REASSEMBLY_A1, REASSEMBLY_A3, REASSEMBLY_INNER };

/* read_packet decodes an IP packet, putting fragments together; false while more are needed. */
static bool read_packet(struct emul *e, unsigned pool, const uint8_t *data, size_t len,
                        struct instant at, struct ipv4 *out)
{
    struct rd r = rd_init(data, len);
    if (ipv4_decode(&r, out) != WIRE_OK) {
        e->net.undecodable++;
        return false;
    }
    if (!out->more_fragments && out->fragment_offset == 0)
        return true;
    const uint8_t *whole;
    size_t whole_bytes;
    if (!ipv4_reassemble(e->reassembly[pool], out, at, &whole, &whole_bytes))
        return false;
    r = rd_init(whole, whole_bytes);
    return ipv4_decode(&r, out) == WIRE_OK;
}

static uint32_t link_of(const struct lab_port *p, const struct eth *eth)
{
    if (p->lab->net.spec.trunk)
        return topology_c_link_of(&p->lab->net.spec,
                                  (struct vlan_tags){eth->outer_vid, eth->inner_vid});
    return eth->outer_vid == 0 ? p->link : UINT32_MAX;
}

/* What is for a neighbour, or for the DR that the C-router is as well. */
static void take_c_pim(struct emul *e, uint32_t link, struct mac from, const struct ipv4 *packet)
{
    uint32_t v, i;
    net_link_split(&e->net, link, &v, &i);
    if (packet->src == topology_dut_c_addr(&e->net.spec, link))
        register_drs_learn(e->drs, link, from);
    c_routers_pim(e->c, link, packet);
    register_drs_pim(e->drs, v, link, packet);
}

void lab_rx_a1(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    const struct lab_port *p = arg;
    struct emul *e = p->lab;
    struct rd r = rd_init(frame, len);
    struct eth eth;
    if (eth_decode(&r, &eth) != WIRE_OK) {
        e->net.undecodable++;
        return;
    }
    uint32_t link = link_of(p, &eth);
    if (link == UINT32_MAX)
        return;
    if (eth.ethertype == ETHERTYPE_ARP) {
        hosts_arp(&e->net, link, &r);
        return;
    }
    struct ipv4 packet;
    if (eth.ethertype != ETHERTYPE_IPV4 ||
        !read_packet(e, REASSEMBLY_A1, r.base + r.pos, rd_left(&r), at, &packet))
        return;
    if (packet.protocol == IPPROTO_NUM_UDP && ip4_is_multicast(packet.dst))
        lab_probe_c(e, link, &packet, at);
    else if (packet.protocol == IPPROTO_NUM_PIM)
        take_c_pim(e, link, eth.src, &packet);
    else if (packet.protocol == IPPROTO_NUM_IGMP)
        igmp_receivers_packet(e->igmp, link, &packet);
    else if (packet.protocol == IPPROTO_NUM_ICMP)
        hosts_icmp(&e->net, link, eth.src, &packet);
}

/* A C-packet of the DUT on the MI-PMSI of VPN v, out of GRE. */
static void take_inner(struct emul *e, uint32_t v, const struct gre *gre, bool registered,
                       struct instant at)
{
    struct ipv4 packet;
    if (gre->protocol != ETHERTYPE_IPV4 ||
        !read_packet(e, REASSEMBLY_INNER, gre->payload, gre->payload_bytes, at, &packet))
        return;
    if (packet.protocol == IPPROTO_NUM_PIM && packet.dst == IPV4_ALL_PIM_ROUTERS)
        remote_pes_pim(e->pes, v, &packet);
    else if (packet.protocol == IPPROTO_NUM_PIM)
        register_drs_pim(e->drs, v, REGISTER_MI_PMSI, &packet);
    else if (packet.protocol == IPPROTO_NUM_UDP && packet.dst == IPV4_ALL_PIM_ROUTERS)
        lab_spmsi_tlvs(e, v, &packet, at);
    else if (packet.protocol == IPPROTO_NUM_UDP)
        lab_probe_mi_pmsi(e, v, &packet, registered, at);
}

static bool read_gre(struct emul *e, const struct ipv4 *outer, struct gre *gre)
{
    struct rd r = rd_init(outer->payload, outer->payload_bytes);
    if (gre_decode(&r, gre) == WIRE_OK)
        return true;
    e->net.undecodable++;
    return false;
}

/* A packet of the DUT for a group that is no default MDT: C-packets on a data MDT. */
static void take_data_mdt(struct emul *e, const struct ipv4 *outer, struct instant at)
{
    struct gre gre;
    struct ipv4 packet;
    if (ip4_is_multicast(outer->dst) && read_gre(e, outer, &gre) &&
        gre.protocol == ETHERTYPE_IPV4 &&
        read_packet(e, REASSEMBLY_INNER, gre.payload, gre.payload_bytes, at, &packet) &&
        packet.protocol == IPPROTO_NUM_UDP && packet.dst != IPV4_ALL_PIM_ROUTERS)
        lab_probe_data_mdt(e, lab_spmsi_of(e, outer->dst), &packet, at);
}

/* The P router has not joined the tree; where packets died is asked with alternate marking only. */
static void not_carried(struct emul *e, uint32_t v, const struct gre *gre, struct instant at)
{
    struct ipv4 packet;
    if (gre->protocol == ETHERTYPE_IPV4 &&
        read_packet(e, REASSEMBLY_INNER, gre->payload, gre->payload_bytes, at, &packet) &&
        packet.protocol == IPPROTO_NUM_UDP && packet.dst != IPV4_ALL_PIM_ROUTERS)
        lab_probe_died(e, v, &packet, at);
}

/* A GRE packet for an MDT: native, or out of a Register. */
static void take_gre(struct emul *e, const struct ipv4 *outer, bool registered, struct instant at)
{
    uint32_t v = topology_vpn_of_mdt(&e->net.spec, outer->dst);
    if (outer->src != e->net.spec.addr.dut_mdt_addr)
        return;
    if (v == 0 && !registered)
        take_data_mdt(e, outer, at);
    struct gre gre;
    bool carried = registered || (v != 0 && p_router_native(e->p, v));
    if (v == 0 || (!carried && e->net.spec.marking_ns == 0) || !read_gre(e, outer, &gre))
        return;
    if (carried)
        take_inner(e, v, &gre, registered, at);
    else
        not_carried(e, v, &gre, at);
}

static void take_p_pim(struct emul *e, const struct ipv4 *packet, struct mac from,
                       struct instant at)
{
    const uint8_t *inner;
    size_t inner_bytes;
    p_router_pim(e->p, packet, from, &inner, &inner_bytes);
    if (inner == NULL)
        return;
    struct rd r = rd_init(inner, inner_bytes);
    struct ipv4 outer;
    if (ipv4_decode(&r, &outer) != WIRE_OK)
        e->net.undecodable++;
    else if (outer.protocol == IPPROTO_NUM_GRE)
        take_gre(e, &outer, true, at);
}

void lab_rx_a3(void *arg, const uint8_t *frame, size_t len, struct instant at)
{
    const struct lab_port *p = arg;
    struct emul *e = p->lab;
    struct rd r = rd_init(frame, len);
    struct eth eth;
    if (eth_decode(&r, &eth) != WIRE_OK) {
        e->net.undecodable++;
        return;
    }
    if (eth.outer_vid != 0)
        return;
    if (eth.ethertype == ETHERTYPE_ARP) {
        p_router_arp(e->p, &r);
        return;
    }
    struct ipv4 packet;
    if (eth.ethertype != ETHERTYPE_IPV4 ||
        !read_packet(e, REASSEMBLY_A3, r.base + r.pos, rd_left(&r), at, &packet))
        return;
    if (packet.protocol == IPPROTO_NUM_GRE)
        take_gre(e, &packet, false, at);
    else if (packet.protocol == IPPROTO_NUM_PIM)
        take_p_pim(e, &packet, eth.src, at);
    else if (packet.protocol == IPPROTO_NUM_ICMP)
        hosts_icmp(&e->net, NET_P_LINK, eth.src, &packet);
}
