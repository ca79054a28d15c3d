#include "emul/refpe/pim_io.h"

#include "emul/base/log.h"
#include "emul/refpe/c_rp.h"
#include "emul/refpe/control.h"
#include "emul/refpe/df.h"
#include "emul/refpe/join_prune.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/p_instance.h"
#include "emul/wire/pim_df.h"
#include "emul/wire/pim_register.h"

/* Unicast control packets cross the P network. */
#define UNICAST_TTL 64

void pim_send_link(struct refpe *pe, uint32_t iface, const uint8_t *message, size_t len)
{
    struct ipv4 ip = {.protocol = IPPROTO_NUM_PIM,
                      .dst = IPV4_ALL_PIM_ROUTERS,
                      .payload = message,
                      .payload_bytes = len};
    control_send(pe, iface, (struct mac){{0}}, &ip);
}

void pim_send_p_rp(struct refpe *pe, const uint8_t *message, size_t len)
{
    struct ipv4 ip = {.ttl = UNICAST_TTL,
                      .protocol = IPPROTO_NUM_PIM,
                      .dst = pe->global.p_rp,
                      .payload = message,
                      .payload_bytes = len};
    if (pe->gateway.known)
        control_send(pe, IFACE_P, pe->gateway.mac, &ip);
}

static void register_stop(struct refpe *pe, const struct control_packet *m, struct rd *body)
{
    struct pim_register_stop stop;
    if (m->iface != IFACE_P || m->src != pe->global.p_rp ||
        pim_register_stop_decode(body, &stop) != WIRE_OK)
        return;
    p_register_stop(pe, stop.source, stop.group.addr);
}

static bool from_this_link(const struct refpe *pe, const struct control_packet *m)
{
    const struct iface *f = &pe->ifaces[m->iface];
    if (m->dst != IPV4_ALL_PIM_ROUTERS || m->src == f->addr || m->src == 0 ||
        ip4_is_multicast(m->src))
        return false;
    return f->kind == IFACE_KIND_MTI || ip4_in(m->src, (struct ip4_prefix){f->addr, f->len});
}

void pim_input(struct refpe *pe, const struct control_packet *m)
{
    enum pim_type type;
    uint8_t flags;
    struct rd body;
    enum wire_err e = pim_open_flags(m->bytes, m->len, &type, &flags, &body);
    if (e != WIRE_OK) {
        log_line(LOG_PEER, loop_now(pe->loop), "refpe", "bad PIM message on interface %u: %s",
                 m->iface, wire_err_name(e));
        return;
    }
    if (type == PIM_REGISTER_STOP) {
        register_stop(pe, m, &body);
        return;
    }
    if (type == PIM_REGISTER) {
        c_rp_register(pe, m, &body);
        return;
    }
    if (!from_this_link(pe, m))
        return;
    struct pim_hello hello;
    if (type == PIM_HELLO && pim_hello_decode(&body, &hello) == WIRE_OK)
        nbr_hello(pe, m->iface, m->src, &hello);
    else if (type == PIM_JOIN_PRUNE)
        jp_input(pe, m->iface, m->src, m->bytes, m->len);
    else if (type == PIM_DF_ELECTION && m->iface == IFACE_P)
        df_input(pe, m->src, flags, &body);
}
