#include "emul/refpe/c_rp.h"

#include "emul/refpe/control.h"
#include "emul/refpe/forward.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/rpf.h"
#include "emul/wire/pim_register.h"

#define REGISTER_STOP_TTL     64
#define RP_KEEPALIVE_PERIOD_S 185

static void send_register_stop(struct refpe *pe, const struct control_packet *c,
                               const struct pim_register *reg)
{
    struct pim_register_stop stop = {.group = {.mask_len = 32, .addr = reg->group},
                                     .source = reg->source};
    uint8_t message[64];
    struct wr w = wr_init(message, sizeof(message));
    if (pim_register_stop_encode(&w, &stop) != WIRE_OK)
        return;
    struct ipv4 ip = {.ttl = REGISTER_STOP_TTL,
                      .protocol = IPPROTO_NUM_PIM,
                      .src = c->dst,
                      .dst = c->src,
                      .payload = message,
                      .payload_bytes = w.pos};
    control_send(pe, c->iface, c->sender, &ip);
}

/* Down the shared tree: inherited_olist(S,G,rpt) is that of the (*,G). */
static void decapsulate(struct refpe *pe, uint32_t starg, const struct pim_register *reg)
{
    struct rd r = rd_init(reg->packet, reg->packet_bytes);
    struct ipv4 ip;
    if (mroute_at(pe, starg)->status == MROUTE_INSTALLED && ipv4_decode(&r, &ip) == WIRE_OK)
        forward_along(pe, starg, reg->packet, r.pos, &ip);
}

static bool sane(const struct pim_register *reg)
{
    return ip4_is_multicast(reg->group) && !is_link_local(reg->group) && reg->source != 0 &&
           !ip4_is_multicast(reg->source);
}

void c_rp_register(struct refpe *pe, const struct control_packet *c, struct rd *body)
{
    uint32_t vrf = pe->ifaces[c->iface].vrf;
    struct pim_register reg;
    if (vrf == P_INSTANCE || ip4_is_multicast(c->dst) || ip4_is_multicast(c->src) || c->src == 0 ||
        pim_register_decode(body, &reg) != WIRE_OK || !sane(&reg))
        return;
    if (rpf_rp(pe, vrf, reg.group) != c->dst || !rpf_own_rp(pe, vrf, c->dst)) {
        send_register_stop(pe, c, &reg);
        return;
    }
    /* The switch to the source's own tree is always wanted here: its (S,G) stays while KAT runs,
     * and is joined while it has an olist. */
    uint32_t sg = mroute_get(pe, vrf, reg.source, reg.group);
    mroute_keep(pe, sg, KEEPALIVE_PERIOD_S);
    const struct mroute *m = mroute_at(pe, sg);
    bool native = m->spt, refused = m->status != MROUTE_INSTALLED;
    uint32_t starg = m->starg;
    if (native || m->oif_installed == 0) {
        send_register_stop(pe, c, &reg);
        mroute_keep(pe, sg, RP_KEEPALIVE_PERIOD_S);
    }
    if (!native && !refused && !reg.null)
        decapsulate(pe, starg, &reg);
}
