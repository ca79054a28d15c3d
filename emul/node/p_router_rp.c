/* What the P router is at the root of the default MDTs: RP that takes Registers (ASM), and the DF
 * that the P link elects (BIDIR). */
#include "emul/node/p_router_in.h"
#include "emul/wire/pim_register.h"

#define REGISTER_TTL 64

/* Preference and metric of the P router's path to the RPA: it is directly connected there. */
#define RPA_PREFERENCE 0
#define RPA_METRIC     1

static void register_stop(struct p_router *p, const struct ipv4 *packet, struct mac to,
                          const struct pim_register *reg)
{
    struct pim_register_stop stop = {.group = {.mask_len = 32, .addr = reg->group},
                                     .source = reg->source};
    uint8_t message[64];
    struct wr w = wr_init(message, sizeof(message));
    if (pim_register_stop_encode(&w, &stop) != WIRE_OK)
        return;
    struct ipv4 reply = {.tos = IPV4_TOS_CS6,
                         .ttl = REGISTER_TTL,
                         .protocol = IPPROTO_NUM_PIM,
                         .src = packet->dst,
                         .dst = packet->src,
                         .payload = message,
                         .payload_bytes = w.pos};
    (void)net_send_p(p->net, to, &reply);
}

/* packet_arrives_at_the_RP of RFC 7761 section 4.4.2, for a router that always has receivers. */
void p_router_take_register(struct p_router *p, const struct ipv4 *packet, struct mac from,
                            struct rd *body, const uint8_t **inner, size_t *inner_bytes)
{
    struct net *n = p->net;
    struct pim_register reg;
    if (pim_register_decode(body, &reg) != WIRE_OK) {
        n->undecodable++;
        return;
    }
    n->facts.registers_received++;
    uint32_t v = topology_vpn_of_mdt(&n->spec, reg.group);
    if (v == 0 || n->spec.mdt != MDT_ASM || packet->dst != n->spec.addr.p_rp ||
        reg.source != n->spec.addr.dut_mdt_addr) {
        register_stop(p, packet, from, &reg);
        return;
    }
    struct mdt_source *s = &p->sources[v - 1];
    s->seen_s = net_seconds(n, net_now(n));
    if (s->spt)
        register_stop(p, packet, from, &reg);
    p_router_join_tree(p, v - 1);
    if (s->spt || reg.null)
        return;
    *inner = reg.packet;
    *inner_bytes = reg.packet_bytes;
}

static void send_df(void *arg, uint32_t ix, const struct pim_df *message)
{
    struct p_router *p = arg;
    (void)ix;
    if (!p->net->a3->up || p->closed)
        return;
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));
    if (pim_df_encode(&w, message) == WIRE_OK)
        p_router_multicast(p, buf, w.pos);
}

void p_router_df_new(struct p_router *p)
{
    static const struct pim_dfe_ops ops = {send_df};
    const struct addressing *a = &p->net->spec.addr;
    struct pim_dfe_router us = {a->p_router_addr, RPA_PREFERENCE, RPA_METRIC};
    p->df = pim_dfe_new(p->net->loop, "p-router df", p->net->spec.seed, 1, &ops, p);
    pim_dfe_setup(p->df, 0, a->p_rp, &us);
}

void p_router_take_df(struct p_router *p, const struct ipv4 *packet)
{
    enum pim_type type;
    uint8_t flags;
    struct rd body;
    struct pim_df m;
    if (pim_open_flags(packet->payload, packet->payload_bytes, &type, &flags, &body) != WIRE_OK ||
        pim_df_decode(flags, &body, &m) != WIRE_OK)
        p->net->undecodable++;
    else if (p->df != NULL && m.rpa == p->net->spec.addr.p_rp)
        pim_dfe_receive(p->df, 0, packet->src, &m);
}

bool p_router_df(const struct p_router *p)
{
    return p->df != NULL && pim_dfe_acting(p->df, 0);
}
