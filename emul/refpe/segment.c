#include "emul/refpe/segment.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/p_instance.h"
#include "emul/wire/arp.h"
#include "emul/wire/icmp.h"

#define ECHO_TTL 64

static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static void send_arp(struct refpe *pe, uint32_t iface, const struct arp *a, struct mac dst)
{
    const struct iface *f = &pe->ifaces[iface];
    if (!iface_working(pe, iface))
        return;
    uint8_t frame[ETH_HEADER_MAX + ARP_BYTES];
    struct wr w = wr_init(frame, sizeof(frame));
    struct rd header = rd_init(f->header, f->header_bytes);
    struct eth e;
    if (eth_decode(&header, &e) != WIRE_OK)
        return;
    e.dst = dst;
    e.ethertype = ETHERTYPE_ARP;
    if (eth_encode(&w, &e) == WIRE_OK && arp_encode(&w, a) == WIRE_OK)
        (void)port_send(f->port->port, frame, w.pos, loop_now(pe->loop));
}

void segment_arp(struct refpe *pe, uint32_t iface, struct rd *body)
{
    const struct iface *f = &pe->ifaces[iface];
    struct arp a;
    if (arp_decode(body, &a) != WIRE_OK)
        return;
    if (iface == IFACE_P && a.sender == pe->global.p_gateway)
        gateway_learn(pe, a.sender_mac);
    if (a.op != ARP_REQUEST || a.target != f->addr || a.sender == f->addr)
        return;
    struct arp reply = {
        .op = ARP_REPLY,
        .sender_mac = f->port->mac,
        .sender = f->addr,
        .target_mac = a.sender_mac,
        .target = a.sender,
    };
    send_arp(pe, iface, &reply, a.sender_mac);
}

void segment_request(struct refpe *pe, uint32_t iface, ip4_t target)
{
    const struct iface *f = &pe->ifaces[iface];
    struct arp a = {
        .op = ARP_REQUEST, .sender_mac = f->port->mac, .sender = f->addr, .target = target};
    send_arp(pe, iface, &a, broadcast);
}

void segment_announce(struct refpe *pe, uint32_t iface)
{
    segment_request(pe, iface, pe->ifaces[iface].addr);
}

void segment_echo(struct refpe *pe, uint32_t iface, struct mac sender, const struct ipv4 *ip)
{
    struct rd r = rd_init(ip->payload, ip->payload_bytes);
    struct icmp_echo echo;
    if (pe->ifaces[iface].kind == IFACE_KIND_MTI || icmp_echo_decode(&r, &echo) != WIRE_OK ||
        echo.type != ICMP_ECHO_REQUEST || !iface_working(pe, iface))
        return;
    struct wr w = wr_init(pe->control + HEADROOM, PORT_FRAME_MAX - HEADROOM);
    struct ipv4 reply = {
        .tos = ip->tos,
        .id = ++pe->ip_id,
        .ttl = ECHO_TTL,
        .protocol = IPPROTO_NUM_ICMP,
        .src = ip->dst,
        .dst = ip->src,
    };
    echo.type = ICMP_ECHO_REPLY;
    size_t mark = ipv4_begin(&w, &reply);
    if (icmp_echo_encode(&w, &echo) == WIRE_OK && ipv4_end(&w, mark) == WIRE_OK)
        (void)iface_send(pe, iface, sender, pe->control + HEADROOM, w.pos);
}
