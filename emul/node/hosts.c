#include "emul/node/hosts.h"

#include "emul/wire/arp.h"
#include "emul/wire/icmp.h"
#include "mvpnbench/topology.h"

#define ECHO_TTL 64

static const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static ip4_t our_addr(const struct net *n, uint32_t link)
{
    return link == NET_P_LINK ? n->spec.addr.p_router_addr : topology_c_router_addr(&n->spec, link);
}

static ip4_t dut_addr(const struct net *n, uint32_t link)
{
    return link == NET_P_LINK ? n->spec.addr.dut_p_addr : topology_dut_c_addr(&n->spec, link);
}

static struct mac our_mac(uint32_t link)
{
    return link == NET_P_LINK ? topology_p_router_mac() : topology_c_router_mac(link);
}

void hosts_arp(struct net *n, uint32_t link, struct rd *r)
{
    struct arp arp;
    if (arp_decode(r, &arp) != WIRE_OK) {
        n->undecodable++;
        return;
    }
    if (arp.op != ARP_REQUEST || arp.target != our_addr(n, link) || arp.sender == arp.target)
        return;
    struct arp reply = {.op = ARP_REPLY,
                        .sender_mac = our_mac(link),
                        .sender = arp.target,
                        .target_mac = arp.sender_mac,
                        .target = arp.sender};
    (void)net_send_arp(n, link, &reply, arp.sender_mac);
}

void hosts_arp_ask(struct net *n, uint32_t link)
{
    struct arp ask = {.op = ARP_REQUEST,
                      .sender_mac = our_mac(link),
                      .sender = our_addr(n, link),
                      .target = dut_addr(n, link)};
    (void)net_send_arp(n, link, &ask, everybody);
}

void hosts_arp_announce(struct net *n, uint32_t link)
{
    struct arp announce = {.op = ARP_REQUEST,
                           .sender_mac = our_mac(link),
                           .sender = our_addr(n, link),
                           .target = our_addr(n, link)};
    (void)net_send_arp(n, link, &announce, everybody);
}

static bool is_emulated(const struct net *n, uint32_t link, ip4_t addr)
{
    if (addr == our_addr(n, link))
        return true;
    if (link == NET_P_LINK)
        return addr == n->spec.addr.p_rp || topology_remote_pe_of(&n->spec, addr) != 0;
    uint32_t v, site;
    net_link_split(n, link, &v, &site);
    if (!topology_site_in_use(&n->spec, site))
        return false;
    return addr == topology_site_rp(&n->spec, site) ||
           topology_source_of(&n->spec, site, addr) != 0;
}

void hosts_icmp(struct net *n, uint32_t link, struct mac from, const struct ipv4 *packet)
{
    if (!is_emulated(n, link, packet->dst))
        return;
    struct rd r = rd_init(packet->payload, packet->payload_bytes);
    struct icmp_echo echo;
    if (icmp_echo_decode(&r, &echo) != WIRE_OK || echo.type != ICMP_ECHO_REQUEST)
        return;
    uint8_t message[PORT_FRAME_MAX];
    struct wr w = wr_init(message, sizeof(message));
    echo.type = ICMP_ECHO_REPLY;
    if (icmp_echo_encode(&w, &echo) != WIRE_OK)
        return;
    struct ipv4 reply = {.tos = packet->tos,
                         .ttl = ECHO_TTL,
                         .protocol = IPPROTO_NUM_ICMP,
                         .src = packet->dst,
                         .dst = packet->src,
                         .payload = message,
                         .payload_bytes = w.pos};
    if (link == NET_P_LINK)
        (void)net_send_p(n, from, &reply);
    else
        (void)net_send_c(n, link, from, &reply);
}
