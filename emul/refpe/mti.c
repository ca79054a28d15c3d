#include "emul/refpe/mti.h"

#include "emul/base/log.h"
#include "emul/refpe/cif.h"
#include "emul/refpe/forward.h"
#include "emul/refpe/mroute.h"
#include "emul/refpe/nbr.h"
#include "emul/refpe/p_instance.h"
#include "emul/refpe/spmsi.h"
#include "emul/wire/checksum.h"
#include "emul/wire/gre.h"
#include "emul/wire/pim_register.h"

#define MDT_TTL         255
#define REGISTER_TTL    64
#define REGISTER_HEADER (IPV4_HEADER + 8)

void mti_prepare(struct refpe *pe, ip4_t p_group, uint8_t header[MDT_HEADER])
{
    struct wr w = wr_init(header, MDT_HEADER);
    struct eth e = {
        .dst = mac_of_group(p_group), .src = pe->p_port->mac, .ethertype = ETHERTYPE_IPV4};
    struct ipv4 ip = {
        .ttl = MDT_TTL,
        .protocol = IPPROTO_NUM_GRE,
        .src = pe->global.mdt_addr,
        .dst = p_group,
    };
    (void)eth_encode(&w, &e);
    size_t mark = ipv4_begin(&w, &ip);
    (void)ipv4_end(&w, mark);
    wr_u16(&w, 0); /* GRE: no checksum, version 0 (RFC 6037 4.7) */
    wr_u16(&w, ETHERTYPE_IPV4);
}

/* The outer header in front of the C-packet: the prebuilt one, with TOS, length and ID patched. */
static uint8_t *wrap(struct refpe *pe, const uint8_t *header, uint8_t *packet, size_t len)
{
    struct wr w = wr_init(packet - MDT_HEADER, MDT_HEADER);
    wr_bytes(&w, header, MDT_HEADER);
    uint8_t *outer = packet - MTI_OVERHEAD;
    struct rd r = rd_init(outer, IPV4_HEADER);
    uint16_t version_tos = rd_u16(&r), total = rd_u16(&r), id = rd_u16(&r);
    r.pos = 10;
    uint16_t checksum = rd_u16(&r);
    uint16_t new_tos = (uint16_t)((version_tos & 0xff00) | packet[1]); /* RFC 2983: inner DSCP */
    uint16_t new_total = (uint16_t)(len + MTI_OVERHEAD), new_id = ++pe->ip_id;
    checksum = inet_checksum_update(checksum, version_tos, new_tos);
    checksum = inet_checksum_update(checksum, total, new_total);
    checksum = inet_checksum_update(checksum, id, new_id);
    wr_set_u16(&w, ETH_HEADER_BARE, new_tos);
    wr_set_u16(&w, ETH_HEADER_BARE + 2, new_total);
    wr_set_u16(&w, ETH_HEADER_BARE + 4, new_id);
    wr_set_u16(&w, ETH_HEADER_BARE + 10, checksum);
    return outer;
}

static void send_register(struct refpe *pe, const uint8_t *mdt_packet, size_t len)
{
    if (!pe->gateway.known || !pe->p_port->working)
        return;
    struct wr w = wr_init(pe->wrap + HEADROOM, PORT_FRAME_MAX - HEADROOM);
    struct ipv4 ip = {
        .id = ++pe->ip_id,
        .ttl = REGISTER_TTL,
        .protocol = IPPROTO_NUM_PIM,
        .src = pe->global.p_addr,
        .dst = pe->global.p_rp,
    };
    struct pim_register reg = {.packet = mdt_packet, .packet_bytes = len};
    size_t mark = ipv4_begin(&w, &ip);
    if (pim_register_encode(&w, &reg) != WIRE_OK || ipv4_end(&w, mark) != WIRE_OK)
        return;
    uint8_t *frame = pe->wrap + HEADROOM - pe->ifaces[IFACE_P].header_bytes;
    memcpy(frame, pe->ifaces[IFACE_P].header, pe->ifaces[IFACE_P].header_bytes);
    memcpy(frame, pe->gateway.mac.b, sizeof(pe->gateway.mac.b));
    forward_out(pe, pe->p_port, frame, w.pos + pe->ifaces[IFACE_P].header_bytes);
}

/* The ways that an MDT packet goes: none, one, or both. */
#define MDT_NATIVE   1u
#define MDT_REGISTER 2u

/* In ASM, packets go to the RP in Registers until it says Register-Stop, whoever has joined
 * natively by then (RFC 7761 4.4.1). */
static unsigned ways_of(const struct refpe *pe, const struct vrf *v)
{
    bool bidir = pe->global.mdt == MDT_BIDIR;
    uint32_t index = bidir ? v->mdt_starg : v->mdt_sg;
    if (v->refused || index == NONE || !pe->p_port->working)
        return 0;
    const struct mroute *m = mroute_at(pe, index);
    if (m->status != MROUTE_INSTALLED)
        return 0;
    if (bidir) /* upstream to the DF, joined or not (RFC 5015 3.3) */
        return pe->df.winner != 0 ? MDT_NATIVE : 0;
    return (m->oif_installed > 0 ? MDT_NATIVE : 0) |
           (v->register_state == RG_JOIN ? MDT_REGISTER : 0);
}

/* An MDT to send on, one way. */
struct tunnel {
    const uint8_t *header;
    unsigned way;
};

static void send_on(struct refpe *pe, struct tunnel t, uint8_t *packet, size_t len);

/* A C-packet that does not fit is fragmented before it is wrapped, unless DF forbids it. */
static void send_fragments(struct refpe *pe, struct tunnel t, const uint8_t *packet, size_t len,
                           size_t room)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 ip;
    if (ipv4_decode(&r, &ip) != WIRE_OK || ip.dont_fragment)
        return;
    uint8_t *whole = mem_zalloc(len, 1);
    memcpy(whole, packet, len);
    uint8_t *piece = mem_zalloc(1, FRAME_BUF);
    size_t offset = 0;
    bool more = true;
    while (more) {
        struct wr w = wr_init(piece + HEADROOM, room);
        more = ipv4_fragment(&w, whole, len, room, &offset);
        if (w.err != WIRE_OK)
            break;
        send_on(pe, t, piece + HEADROOM, w.pos);
    }
    free(piece);
    free(whole);
}

static void send_on(struct refpe *pe, struct tunnel t, uint8_t *packet, size_t len)
{
    size_t overhead = MTI_OVERHEAD + (t.way == MDT_REGISTER ? REGISTER_HEADER : 0);
    if (len + overhead > pe->global.mtu) {
        send_fragments(pe, t, packet, len, pe->global.mtu - overhead);
        return;
    }
    uint8_t *outer = wrap(pe, t.header, packet, len);
    if (t.way == MDT_NATIVE)
        forward_out(pe, pe->p_port, outer - ETH_HEADER_BARE, len + MTI_OVERHEAD + ETH_HEADER_BARE);
    else
        send_register(pe, outer, len + MTI_OVERHEAD);
}

void mti_send(struct refpe *pe, uint32_t vrf, uint8_t *packet, size_t len)
{
    const struct vrf *v = &pe->vrfs[vrf];
    unsigned ways = ways_of(pe, v);
    /* Native first: it tells the RP that it needs no Registers any more. */
    if ((ways & MDT_NATIVE) != 0)
        send_on(pe, (struct tunnel){v->mdt_header, MDT_NATIVE}, packet, len);
    if ((ways & MDT_REGISTER) != 0)
        send_on(pe, (struct tunnel){v->mdt_header, MDT_REGISTER}, packet, len);
}

/* A data MDT leads only where it was joined; the faulty silent one is sent all the same. */
void mti_send_data(struct refpe *pe, uint32_t data_mdt, uint8_t *packet, size_t len)
{
    const struct data_mdt *d = &pe->data_mdts[data_mdt];
    bool joined = d->mroute != NONE && mroute_at(pe, d->mroute)->oif_installed > 0;
    if (pe->p_port->working && (joined || d->silent))
        send_on(pe, (struct tunnel){d->header, MDT_NATIVE}, packet, len);
}

bool mti_ready(const struct refpe *pe, uint32_t vrf)
{
    unsigned ways = ways_of(pe, &pe->vrfs[vrf]);
    /* The DF may be known before it is a neighbour: then the MDT is not joined, and answers to a
     * Hello would be lost until the next refresh. */
    if (pe->global.mdt == MDT_BIDIR && nbr_find(pe, IFACE_P, pe->df.winner) == NONE)
        return false;
    return (ways & MDT_NATIVE) != 0 || ((ways & MDT_REGISTER) != 0 && pe->gateway.known);
}

/* Only what the PE itself joined comes in: its OIF is the MTI. */
static bool joined(const struct refpe *pe, const struct vrf *v, ip4_t remote_pe)
{
    uint32_t m = v->mdt_starg;
    if (pe->global.mdt == MDT_SSM)
        m = mroute_find(pe, P_INSTANCE, remote_pe, v->mdt_group);
    if (pe->global.mdt == MDT_BIDIR && pe->df.winner == 0)
        return false;
    return m != NONE && mroute_at(pe, m)->oif_installed > 0;
}

/* Data MDTs carry customers' data, nothing else (RFC 6037 7.1: a TLV there is dropped). */
static void data_mdt_input(struct refpe *pe, uint32_t vrf, ip4_t remote_pe, const struct gre *gre)
{
    struct rd r = rd_init(gre->payload, gre->payload_bytes);
    struct ipv4 ip;
    if (ipv4_decode(&r, &ip) == WIRE_OK && ip4_is_multicast(ip.dst) && !is_link_local(ip.dst))
        forward_c_packet(pe, pe->vrfs[vrf].mti, remote_pe, gre->payload, r.pos, &ip);
}

void mti_input(struct refpe *pe, const struct ipv4 *outer)
{
    uint32_t vrf = map_get(&pe->vrf_by_mdt, outer->dst);
    bool on_data_mdt = vrf == MAP_NONE;
    if (outer->src == pe->global.mdt_addr)
        return;
    if (on_data_mdt)
        vrf = spmsi_rx_vrf(pe, outer->src, outer->dst);
    if (vrf == 0)
        return;
    const struct vrf *v = &pe->vrfs[vrf];
    if (v->refused || (!on_data_mdt && !joined(pe, v, outer->src)))
        return;
    struct rd r = rd_init(outer->payload, outer->payload_bytes);
    struct gre gre;
    enum wire_err e = gre_decode(&r, &gre);
    if (e != WIRE_OK) {
        log_line(LOG_PEER, loop_now(pe->loop), "refpe", "bad GRE on the MDT of VRF %u: %s", vrf,
                 wire_err_name(e));
        return;
    }
    if (gre.protocol != ETHERTYPE_IPV4)
        return;
    if (on_data_mdt)
        data_mdt_input(pe, vrf, outer->src, &gre);
    else
        forward_packet_input(pe, v->mti, outer->src, (struct mac){{0}}, gre.payload,
                             gre.payload_bytes);
}
