#include "emul/io/port.h"

#include "emul/io/capture.h"

#define ETH_HEADER 14
#define VLAN_TAG   4
#define VLAN_MAX   2

static bool is_vlan_type(const uint8_t *type)
{
    return (type[0] == 0x81 && type[1] == 0x00) || (type[0] == 0x88 && type[1] == 0xa8);
}

/* A link carries mtu bytes behind the Ethernet header and its tags, as every real driver does. */
static bool frame_fits(const struct port *p, const uint8_t *frame, size_t len)
{
    if (len < ETH_HEADER || len > PORT_FRAME_MAX)
        return false;
    size_t room = ETH_HEADER + (size_t)p->mtu;
    if (len <= room || p->mtu == 0)
        return true;
    const uint8_t *type = frame + ETH_HEADER - 2;
    for (unsigned tags = 0; tags < VLAN_MAX && is_vlan_type(type); tags++) {
        room += VLAN_TAG;
        type += VLAN_TAG;
    }
    return len <= room;
}

int port_send(struct port *p, const uint8_t *frame, size_t len, struct instant at)
{
    if (!p->up || !frame_fits(p, frame, len) || p->ops->send(p, frame, len) != 0) {
        p->stats.tx_errors++;
        return -1;
    }
    p->stats.tx_frames++;
    p->stats.tx_bytes += len;
    if (p->capture != NULL)
        capture_frame(p->capture, frame, len, at);
    return 0;
}

void port_flush(struct port *p)
{
    if (p->ops->flush != NULL)
        p->ops->flush(p);
}

void port_on_rx(struct port *p, port_rx_fn *fn, void *arg)
{
    p->rx = fn;
    p->rx_arg = arg;
}

void port_on_link(struct port *p, port_link_fn *fn, void *arg)
{
    p->link = fn;
    p->link_arg = arg;
}

int port_set_up(struct port *p, bool up, struct err *err)
{
    return p->ops->set_up(p, up, err);
}

void port_stats_get(struct port *p, struct port_stats *out)
{
    if (p->ops->poll_stats != NULL)
        p->ops->poll_stats(p);
    *out = p->stats;
}

void port_set_capture(struct port *p, struct capture *c)
{
    p->capture = c;
}

void port_deliver(struct port *p, const uint8_t *frame, size_t len, struct instant at)
{
    p->stats.rx_frames++;
    p->stats.rx_bytes += len;
    if (p->capture != NULL)
        capture_frame(p->capture, frame, len, at);
    if (p->rx != NULL)
        p->rx(p->rx_arg, frame, len, at);
}

void port_link_changed(struct port *p, bool up)
{
    if (p->up == up)
        return;
    p->up = up;
    if (p->link != NULL)
        p->link(p->link_arg, up);
}

void port_free(struct port *p)
{
    if (p != NULL)
        p->ops->free(p);
}
