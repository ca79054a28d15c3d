#include "emul/wire/frame_print.h"

#include "emul/wire/arp.h"
#include "emul/wire/bgp_print.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/icmp.h"
#include "emul/wire/igmp.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/mdt.h"
#include "emul/wire/pim_assert.h"
#include "emul/wire/pim_df.h"
#include "emul/wire/pim_hello.h"
#include "emul/wire/pim_jp.h"
#include "emul/wire/pim_register.h"
#include "emul/wire/probe.h"
#include "emul/wire/tcp.h"
#include "emul/wire/udp.h"

#include <inttypes.h>

#define DEPTH_MAX 4 /* packets inside packets: a crafted frame nests GRE without end */

struct printer {
    FILE *f;
    const uint8_t *frame;
    unsigned depth;
};

static void packet_print(struct printer *p, const uint8_t *packet, size_t len);

static void indent(const struct printer *p)
{
    (void)fprintf(p->f, "%*s", (int)(2 + 2 * p->depth), "");
}

/* error_print names a layer whose reader failed. */
static void error_print(const struct printer *p, const char *layer, const struct rd *r)
{
    (void)fprintf(p->f, "%s: %s at offset %zu\n", layer, wire_err_name(r->err),
                  (size_t)(r->base - p->frame) + r->err_pos);
}

static void inner_print(struct printer *p, const uint8_t *packet, size_t len)
{
    if (p->depth == DEPTH_MAX) {
        indent(p);
        (void)fputs("deeper layers not shown\n", p->f);
        return;
    }
    p->depth++;
    packet_print(p, packet, len);
    p->depth--;
}

static void arp_layer(struct printer *p, struct rd *r)
{
    struct arp v;
    indent(p);
    if (arp_decode(r, &v) != WIRE_OK) {
        error_print(p, "arp", r);
        return;
    }
    arp_print(p->f, &v);
    (void)fputc('\n', p->f);
}

static void icmp_layer(struct printer *p, struct rd *r)
{
    struct icmp_echo v;
    indent(p);
    if (icmp_echo_decode(r, &v) != WIRE_OK) {
        error_print(p, "icmp", r);
        return;
    }
    icmp_echo_print(p->f, &v);
    (void)fputc('\n', p->f);
}

static void igmp_layer(struct printer *p, struct rd *r)
{
    struct igmp v;
    indent(p);
    if (igmp_decode(r, &v) != WIRE_OK) {
        error_print(p, "igmp", r);
        return;
    }
    igmp_print(p->f, &v);
    (void)fputc('\n', p->f);
}

static void probe_layer(struct printer *p, struct rd *r)
{
    struct probe v;
    indent(p);
    if (probe_decode(r, &v) != WIRE_OK) {
        error_print(p, "probe", r);
        return;
    }
    probe_print(p->f, &v);
    (void)fputc('\n', p->f);
}

static void mdt_layer(struct printer *p, struct rd *r)
{
    struct mdt_join v;
    while (mdt_join_next(r, &v)) {
        indent(p);
        mdt_join_print(p->f, &v);
        (void)fputc('\n', p->f);
    }
    if (r->err != WIRE_OK) {
        indent(p);
        error_print(p, "mdt join", r);
    }
}

static void udp_layer(struct printer *p, struct rd *r, const struct ipv4 *ip)
{
    struct udp v;
    indent(p);
    if (udp_decode(r, ip->src, ip->dst, &v) != WIRE_OK) {
        error_print(p, "udp", r);
        return;
    }
    udp_print(p->f, &v);
    (void)fputc('\n', p->f);
    struct rd payload = rd_init(v.payload, v.payload_bytes);
    if (v.dport == PROBE_PORT)
        probe_layer(p, &payload);
    else if (v.dport == MDT_PORT)
        mdt_layer(p, &payload);
}

static void tcp_layer(struct printer *p, struct rd *r, const struct ipv4 *ip)
{
    struct tcp v;
    indent(p);
    if (tcp_decode(r, &v) != WIRE_OK) {
        error_print(p, "tcp", r);
        return;
    }
    tcp_print(p->f, &v);
    bool right = tcp_checksum_right(ip->src, ip->dst, ip->payload, ip->payload_bytes);
    (void)fputs(right ? "\n" : " checksum not right (yet to be written?)\n", p->f);
    if (v.sport == BGP_PORT || v.dport == BGP_PORT)
        bgp_segment_print(p->f, v.payload, v.payload_bytes, 2 + 2 * p->depth);
}

static void gre_layer(struct printer *p, struct rd *r)
{
    struct gre v;
    indent(p);
    if (gre_decode(r, &v) != WIRE_OK) {
        error_print(p, "gre", r);
        return;
    }
    gre_print(p->f, &v);
    (void)fputc('\n', p->f);
    if (v.protocol == ETHERTYPE_IPV4)
        inner_print(p, v.payload, v.payload_bytes);
}

static bool hello_print(FILE *f, struct rd *body)
{
    struct pim_hello v;
    if (pim_hello_decode(body, &v) != WIRE_OK)
        return false;
    pim_hello_print(f, &v);
    return true;
}

/* jp_print walks the message once to know that it is good, then prints it. */
static bool jp_print(FILE *f, struct rd *body)
{
    struct pim_jp v;
    struct pim_jp_iter first;
    if (pim_jp_decode(body, &v, &first) != WIRE_OK)
        return false;
    struct pim_jp_iter it = first;
    struct pim_jp_entry entry;
    while (pim_jp_next(&it, &entry))
        continue;
    *body = it.rd;
    if (body->err != WIRE_OK)
        return false;
    pim_jp_print(f, &v, first);
    return true;
}

static bool stop_print(FILE *f, struct rd *body)
{
    struct pim_register_stop v;
    if (pim_register_stop_decode(body, &v) != WIRE_OK)
        return false;
    pim_register_stop_print(f, &v);
    return true;
}

static bool assert_print(FILE *f, struct rd *body)
{
    struct pim_assert v;
    if (pim_assert_decode(body, &v) != WIRE_OK)
        return false;
    pim_assert_print(f, &v);
    return true;
}

static bool df_print(FILE *f, struct rd *body, uint8_t flags)
{
    struct pim_df v;
    if (pim_df_decode(flags, body, &v) != WIRE_OK)
        return false;
    pim_df_print(f, &v);
    return true;
}

static bool other_print(FILE *f, struct rd *body, enum pim_type type)
{
    (void)fprintf(f, "pim %s type %u body %zu", pim_type_name(type), (unsigned)type, rd_left(body));
    return true;
}

static void register_layer(struct printer *p, struct rd *body)
{
    struct pim_register v;
    if (pim_register_decode(body, &v) != WIRE_OK) {
        error_print(p, "pim register", body);
        return;
    }
    pim_register_print(p->f, &v);
    (void)fputc('\n', p->f);
    if (!v.null)
        inner_print(p, v.packet, v.packet_bytes);
}

static void pim_layer(struct printer *p, const uint8_t *message, size_t len)
{
    enum pim_type type;
    uint8_t flags;
    struct rd body;
    indent(p);
    if (pim_open_flags(message, len, &type, &flags, &body) != WIRE_OK) {
        error_print(p, "pim", &body);
        return;
    }
    if (type == PIM_REGISTER) {
        register_layer(p, &body);
        return;
    }
    bool good = type == PIM_HELLO           ? hello_print(p->f, &body)
                : type == PIM_JOIN_PRUNE    ? jp_print(p->f, &body)
                : type == PIM_REGISTER_STOP ? stop_print(p->f, &body)
                : type == PIM_ASSERT        ? assert_print(p->f, &body)
                : type == PIM_DF_ELECTION   ? df_print(p->f, &body, flags)
                                            : other_print(p->f, &body, type);
    if (!good) {
        (void)fputs("pim ", p->f);
        error_print(p, pim_type_name(type), &body);
        return;
    }
    (void)fputc('\n', p->f);
}

static void packet_print(struct printer *p, const uint8_t *packet, size_t len)
{
    struct rd r = rd_init(packet, len);
    struct ipv4 v;
    indent(p);
    if (ipv4_decode(&r, &v) != WIRE_OK) {
        error_print(p, "ipv4", &r);
        return;
    }
    ipv4_print(p->f, &v);
    (void)fputc('\n', p->f);
    if (v.more_fragments || v.fragment_offset > 0)
        return;
    struct rd payload = rd_init(v.payload, v.payload_bytes);
    switch (v.protocol) {
    case IPPROTO_NUM_ICMP:
        icmp_layer(p, &payload);
        break;
    case IPPROTO_NUM_IGMP:
        igmp_layer(p, &payload);
        break;
    case IPPROTO_NUM_UDP:
        udp_layer(p, &payload, &v);
        break;
    case IPPROTO_NUM_TCP:
        tcp_layer(p, &payload, &v);
        break;
    case IPPROTO_NUM_GRE:
        gre_layer(p, &payload);
        break;
    case IPPROTO_NUM_PIM:
        pim_layer(p, v.payload, v.payload_bytes);
        break;
    default:
        break;
    }
}

void frame_print(FILE *f, const uint8_t *frame, size_t len, struct instant at)
{
    struct printer p = {.f = f, .frame = frame};
    struct rd r = rd_init(frame, len);
    struct eth v;
    (void)fprintf(f, "%" PRId64 ".%09" PRId64 " %zu bytes\n", at.ns / NS_PER_S, at.ns % NS_PER_S,
                  len);
    indent(&p);
    if (eth_decode(&r, &v) != WIRE_OK) {
        error_print(&p, "eth", &r);
        return;
    }
    eth_print(f, &v);
    (void)fputc('\n', f);
    if (v.ethertype == ETHERTYPE_ARP)
        arp_layer(&p, &r);
    else if (v.ethertype == ETHERTYPE_IPV4)
        packet_print(&p, frame + r.pos, rd_left(&r));
}
