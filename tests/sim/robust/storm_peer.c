/*
 * A peer that speaks PIM and says nonsense: Hellos with odd options and holdtimes, Join/Prunes for
 * anything, Registers around anything, Asserts, Register-Stops, messages of types that nobody uses.
 * It speaks as whoever is really there, or as a stranger.
 */
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/mdt.h"
#include "emul/wire/pim_assert.h"
#include "emul/wire/pim_register.h"
#include "emul/wire/udp.h"
#include "tests/sim/robust/storm.h"

#include <string.h>

/* A place where somebody may speak: who speaks there, and to whom. */
struct place {
    uint32_t vpn;
    struct vlan_tags tags;
    ip4_t speaker, listener;
    bool mdt;
};

static struct place pick_place(struct storm *s)
{
    const struct instance_spec *spec = s->spec;
    struct place p = {.vpn = 1 + storm_below(s, spec->mvpns)};
    if (s->c_side) {
        uint32_t link = topology_c_link_index(spec, p.vpn, 1 + storm_below(s, spec->c_interfaces));
        p.tags = topology_vlan(spec, link);
        p.listener = topology_dut_c_addr(spec, link);
        p.speaker = topology_c_router_addr(spec, link);
    } else if (storm_below(s, 2) == 0) {
        p.mdt = true;
        p.listener = spec->addr.dut_mdt_addr;
        p.speaker = topology_remote_pe_addr(spec, 1 + storm_below(s, spec->remote_pes));
    } else {
        p.listener = spec->addr.dut_p_addr;
        p.speaker = spec->addr.p_router_addr;
    }
    if (!s->to_dut) {
        ip4_t dut = p.listener;
        p.listener = p.speaker;
        p.speaker = dut;
    }
    if (storm_below(s, 8) == 0)
        p.speaker += storm_below(s, 5); /* a stranger, or the listener itself */
    return p;
}

static uint16_t odd_seconds(struct storm *s)
{
    static const uint16_t odd[] = {0, 0, 1, 2, 105, 210, 0xfffe, 0xffff};
    return odd[storm_below(s, 8)];
}

static ip4_t odd_group(struct storm *s, const struct place *p)
{
    switch (storm_below(s, 8)) {
    case 0:
        return (ip4_t)rng_next(&s->rng);
    case 1:
        return IP4(224, 0, 0, 13);
    case 2:
        return IP4(225, 1, 0, 0) + storm_below(s, 70000);
    case 3:
        return 0;
    case 4:
        return topology_mdt_group(s->spec, storm_below(s, s->spec->mvpns + 2));
    default:
        return p->mdt || s->c_side ? topology_group(s->spec, 1 + storm_below(s, s->spec->groups))
                                   : topology_mdt_group(s->spec, p->vpn);
    }
}

static ip4_t odd_source(struct storm *s, const struct place *p)
{
    uint32_t site = topology_site_of_group(s->spec, 1 + storm_below(s, s->spec->groups));
    switch (storm_below(s, 8)) {
    case 0:
        return (ip4_t)rng_next(&s->rng);
    case 1:
        return 0;
    case 2:
        return p->listener;
    case 3:
        return s->spec->addr.p_rp;
    case 4:
        return s->spec->addr.dut_mdt_addr;
    case 5:
        return topology_site_rp(s->spec, site);
    default:
        return topology_source(s->spec, site, 1 + storm_below(s, s->spec->sources));
    }
}

static void say_hello(struct storm *s, const struct place *p, struct wr *w)
{
    static const uint16_t types[] = {0, 1, 1, 2, 17, 18, 19, 20, 20, 21, 22, 24, 26, 27, 65001};
    static const uint8_t lengths[] = {0, 2, 4, 4, 4, 6, 12, 60};
    (void)p;
    for (uint32_t n = storm_below(s, 12); n > 0; n--) {
        uint16_t type = types[storm_below(s, sizeof(types) / sizeof(types[0]))];
        uint16_t len = type == 1 ? 2 : type == 22 || type == 26 ? 0 : 4;
        if (storm_below(s, 4) == 0)
            len = lengths[storm_below(s, sizeof(lengths))];
        wr_u16(w, type);
        wr_u16(w, len);
        if (type == 1 && len == 2)
            wr_u16(w, odd_seconds(s));
        else
            for (uint16_t i = 0; i < len; i++)
                wr_u8(w, (uint8_t)rng_next(&s->rng));
    }
}

static void say_join_prune(struct storm *s, const struct place *p, struct wr *w)
{
    static const uint8_t flags[] = {7, 7, 4, 4, 5, 0, 0xff};
    uint32_t groups = 1 + storm_below(s, storm_below(s, 16) == 0 ? 100 : 4);
    pim_wr_unicast(w, storm_below(s, 4) == 0 ? odd_source(s, p) : p->listener);
    wr_u8(w, 0);
    wr_u8(w, (uint8_t)(storm_below(s, 16) == 0 ? storm_below(s, 256) : groups));
    wr_u16(w, odd_seconds(s));
    for (uint32_t g = 0; g < groups; g++) {
        uint32_t joins = storm_below(s, 4), prunes = storm_below(s, 3);
        struct pim_group group = {.mask_len = 32, .addr = odd_group(s, p)};
        if (storm_below(s, 16) == 0)
            group = (struct pim_group){.mask_len = (uint8_t)rng_next(&s->rng),
                                       .flags = (uint8_t)rng_next(&s->rng),
                                       .addr = group.addr};
        pim_wr_group(w, &group);
        wr_u16(w, (uint16_t)(storm_below(s, 64) == 0 ? 65535 : joins));
        wr_u16(w, (uint16_t)(storm_below(s, 64) == 0 ? 65535 : prunes));
        for (uint32_t i = 0; i < joins + prunes; i++) {
            struct pim_source source = {.flags = flags[storm_below(s, sizeof(flags))],
                                        .mask_len = 32,
                                        .addr = odd_source(s, p)};
            pim_wr_source(w, &source);
        }
    }
}

static void say_assert(struct storm *s, const struct place *p, struct wr *w)
{
    struct pim_group group = {.mask_len = 32, .addr = odd_group(s, p)};
    pim_wr_group(w, &group);
    pim_wr_unicast(w, odd_source(s, p));
    wr_u32(w, (uint32_t)rng_next(&s->rng));
    wr_u32(w, (uint32_t)rng_next(&s->rng));
}

/* What a Register holds: a packet for an MDT with anything inside, one for anywhere, or junk. */
static void say_register(struct storm *s, const struct place *p, struct wr *w)
{
    wr_u32(w, storm_below(s, 4) == 0 ? 0x40000000 : storm_below(s, 2) == 0 ? 0 : 0x80000000);
    if (storm_below(s, 8) == 0) {
        for (uint32_t i = storm_below(s, 100); i > 0; i--)
            wr_u8(w, (uint8_t)rng_next(&s->rng));
        return;
    }
    uint8_t junk[200];
    for (size_t i = 0; i < sizeof(junk); i++)
        junk[i] = (uint8_t)rng_next(&s->rng);
    struct ipv4 ip = {.ttl = (uint8_t)storm_below(s, 256),
                      .protocol = storm_below(s, 4) == 0 ? IPPROTO_NUM_PIM : IPPROTO_NUM_GRE,
                      .src = storm_below(s, 2) == 0 ? s->spec->addr.dut_mdt_addr : odd_source(s, p),
                      .dst = odd_group(s, p),
                      .payload = junk,
                      .payload_bytes = storm_below(s, sizeof(junk))};
    if (ip.protocol == IPPROTO_NUM_GRE && ip.payload_bytes >= GRE_HEADER + 20) {
        memcpy(junk, (const uint8_t[]){0, 0, 8, 0, 0x45}, 5);
        junk[GRE_HEADER + 9] = storm_below(s, 2) == 0 ? IPPROTO_NUM_PIM : IPPROTO_NUM_UDP;
    }
    (void)ipv4_encode(w, &ip);
}

static void say_register_stop(struct storm *s, const struct place *p, struct wr *w)
{
    struct pim_group group = {.mask_len = 32, .addr = odd_group(s, p)};
    pim_wr_group(w, &group);
    pim_wr_unicast(w, odd_source(s, p));
}

/* DF Election (RFC 5015): the subtype is in the flag bits, which pim_begin left 0. */
static void say_df_election(struct storm *s, const struct place *p, struct wr *w)
{
    w->base[1] = (uint8_t)(storm_below(s, 6) << 4);
    pim_wr_unicast(w, odd_source(s, p));
    for (uint32_t words = storm_below(s, 6); words > 0; words--)
        wr_u32(w, (uint32_t)rng_next(&s->rng));
}

static void say_anything(struct storm *s, const struct place *p, struct wr *w)
{
    (void)p;
    for (uint32_t i = storm_below(s, 64); i > 0; i--)
        wr_u8(w, (uint8_t)rng_next(&s->rng));
}

static size_t say_pim(struct storm *s, const struct place *p, uint8_t *message, size_t cap,
                      bool *unicast)
{
    static const struct {
        enum pim_type type;
        void (*say)(struct storm *s, const struct place *p, struct wr *w);
    } words[] = {{PIM_HELLO, say_hello},
                 {PIM_HELLO, say_hello},
                 {PIM_JOIN_PRUNE, say_join_prune},
                 {PIM_JOIN_PRUNE, say_join_prune},
                 {PIM_JOIN_PRUNE, say_join_prune},
                 {PIM_REGISTER, say_register},
                 {PIM_REGISTER, say_register},
                 {PIM_REGISTER_STOP, say_register_stop},
                 {PIM_ASSERT, say_assert},
                 {PIM_BOOTSTRAP, say_anything},
                 {PIM_C_RP_ADV, say_anything},
                 {PIM_DF_ELECTION, say_df_election},
                 {15, say_anything}};
    size_t ix = storm_below(s, sizeof(words) / sizeof(words[0]));
    struct wr w = wr_init(message, cap);
    size_t mark = pim_begin(&w, words[ix].type);
    words[ix].say(s, p, &w);
    *unicast = words[ix].type == PIM_REGISTER || words[ix].type == PIM_REGISTER_STOP;
    return pim_end(&w, mark) == WIRE_OK ? w.pos : 0;
}

static size_t say_igmp(struct storm *s, const struct place *p, uint8_t *message, size_t cap)
{
    static const uint8_t types[] = {IGMP_QUERY, IGMP_V2_REPORT, IGMP_V2_LEAVE};
    struct igmp igmp = {.type = types[storm_below(s, 3)],
                        .version = 2,
                        .max_resp_ms = storm_below(s, 25000),
                        .group = odd_group(s, p)};
    struct wr w = wr_init(message, cap);
    return igmp_encode(&w, &igmp) == WIRE_OK ? w.pos : 0;
}

/* MDT Join TLVs (RFC 6037 7.4): type(1) length(2) reserved(1) C-source C-group P-group. */
static size_t say_mdt_join(struct storm *s, const struct place *p, uint8_t *message, size_t cap)
{
    uint8_t tlvs[400];
    struct wr t = wr_init(tlvs, sizeof(tlvs)), w = wr_init(message, cap);
    for (uint32_t n = storm_below(s, 5); n > 0; n--) {
        wr_u8(&t, (uint8_t)(storm_below(s, 8) == 0 ? storm_below(s, 256) : 1));
        wr_u16(&t, (uint16_t)(storm_below(s, 8) == 0 ? storm_below(s, 65536) : 16));
        wr_u8(&t, 0);
        wr_u32(&t, odd_source(s, p));
        wr_u32(&t, odd_group(s, p));
        wr_u32(&t, storm_below(s, 4) == 0 ? (ip4_t)rng_next(&s->rng)
                                          : topology_mdt_group(s->spec, 1) + storm_below(s, 70000));
    }
    struct udp udp = {MDT_PORT, MDT_PORT, tlvs, t.pos};
    return udp_encode(&w, p->speaker, IPV4_ALL_PIM_ROUTERS, &udp) == WIRE_OK ? w.pos : 0;
}

size_t storm_peer(struct storm *s, uint8_t out[PORT_FRAME_MAX])
{
    uint8_t message[4000];
    struct place p = pick_place(s);
    bool unicast = false;
    size_t len;
    uint8_t protocol = IPPROTO_NUM_PIM;
    switch (storm_below(s, 32)) {
    case 0:
        protocol = IPPROTO_NUM_IGMP;
        len = say_igmp(s, &p, message, sizeof(message));
        break;
    case 1:
    case 2:
        protocol = IPPROTO_NUM_UDP;
        len = say_mdt_join(s, &p, message, sizeof(message));
        break;
    default:
        len = say_pim(s, &p, message, sizeof(message), &unicast);
    }
    struct ipv4 ip = {.tos = IPV4_TOS_CS6,
                      .ttl = (uint8_t)(storm_below(s, 16) == 0 ? 64 : 1),
                      .protocol = protocol,
                      .src = p.speaker,
                      .dst = IPV4_ALL_PIM_ROUTERS,
                      .payload = message,
                      .payload_bytes = len};
    if (unicast)
        ip.dst = s->to_dut ? p.listener : s->spec->addr.p_rp;
    struct wr w = wr_init(out, PORT_FRAME_MAX);
    struct eth eth = {.dst = {{0x01, 0x00, 0x5e, 0, 0, 0x0d}},
                      .src = {{0x02, s->to_dut ? 0x4d : 0x52, s->to_dut ? 0x56 : 0x50, 1, 0, 1}},
                      .outer_vid = p.tags.outer,
                      .inner_vid = p.tags.inner,
                      .ethertype = ETHERTYPE_IPV4};
    (void)eth_encode(&w, &eth);
    if (!p.mdt) {
        (void)ipv4_encode(&w, &ip);
        return w.pos;
    }
    struct ipv4 outer = {.ttl = 255,
                         .protocol = IPPROTO_NUM_GRE,
                         .src = p.speaker,
                         .dst = topology_mdt_group(s->spec, p.vpn)};
    size_t mark = ipv4_begin(&w, &outer);
    wr_u32(&w, ETHERTYPE_IPV4);
    (void)ipv4_encode(&w, &ip);
    (void)ipv4_end(&w, mark);
    return w.pos;
}
