#include "emul/refpe/control.h"

#include "emul/refpe/cif.h"
#include "emul/refpe/igmp.h"
#include "emul/refpe/mti.h"
#include "emul/refpe/pim_io.h"
#include "emul/refpe/spmsi.h"

void control_received(struct refpe *pe, uint32_t iface, struct mac sender, const struct ipv4 *ip)
{
    struct control_packet c = {.iface = iface,
                               .sender = sender,
                               .protocol = ip->protocol,
                               .src = ip->src,
                               .dst = ip->dst,
                               .bytes = ip->payload,
                               .len = ip->payload_bytes};
    cpu_receive(pe, &c);
}

void control_input(struct refpe *pe, const struct control_packet *c)
{
    if (!pe->up || c->iface >= pe->iface_count || !iface_working(pe, c->iface))
        return;
    const struct iface *f = &pe->ifaces[c->iface];
    if (c->protocol == IPPROTO_NUM_PIM)
        pim_input(pe, c);
    else if (c->protocol == IPPROTO_NUM_IGMP)
        igmp_input(pe, c->iface, c->src, c->bytes, c->len);
    else if (c->protocol == IPPROTO_NUM_UDP && f->kind == IFACE_KIND_MTI)
        spmsi_rx_input(pe, f->vrf, c->src, c->dst, c->bytes, c->len);
}

void control_send(struct refpe *pe, uint32_t iface, struct mac mac, struct ipv4 *ip)
{
    const struct iface *f = &pe->ifaces[iface];
    struct wr w = wr_init(pe->control + HEADROOM, PORT_FRAME_MAX - HEADROOM);
    ip->tos = IPV4_TOS_CS6;
    ip->id = ++pe->ip_id;
    ip->ttl = ip->ttl == 0 ? 1 : ip->ttl;
    ip->src = ip->src == 0 ? f->addr : ip->src;
    if (ipv4_encode(&w, ip) != WIRE_OK || !iface_working(pe, iface))
        return;
    cpu_charge_send(pe);
    if (f->kind == IFACE_KIND_MTI) {
        mti_send(pe, f->vrf, pe->control + HEADROOM, w.pos);
        return;
    }
    if (ip4_is_multicast(ip->dst))
        mac = mac_of_group(ip->dst);
    (void)iface_send(pe, iface, mac, pe->control + HEADROOM, w.pos);
}
