#include "emul/lab/frame_template.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/udp.h"

#include <string.h>

#define SOURCE_PORT 19300
#define OUTER_TTL   255
#define HOPS_C      1 /* the C-router */
#define HOPS_P      2 /* a C-router and the remote PE */
#define IP_ID       4
#define IP_CHECKSUM 10
#define IP_SRC      12
#define IP_DST      16
#define UDP_CHECK   6
#define PROBE_FLAGS 5
#define PROBE_VPN   8

/* The C-packet with all that varies zero; leaves its constant sums in l. */
static void write_inner(struct frame_layout *l, struct wr *w, const struct instance_spec *spec,
                        uint8_t ttl)
{
    static const uint8_t zeros[PORT_FRAME_MAX];
    struct ipv4 ip = {.ttl = ttl, .protocol = IPPROTO_NUM_UDP};
    size_t udp_bytes = spec->packet_bytes - IPV4_HEADER;
    struct probe probe = {0};
    l->inner = w->pos;
    size_t mark = ipv4_begin(w, &ip);
    wr_u16(w, SOURCE_PORT);
    wr_u16(w, PROBE_PORT);
    wr_u16(w, (uint16_t)udp_bytes);
    wr_u16(w, 0);
    (void)probe_encode(w, &probe);
    wr_bytes(w, zeros, udp_bytes - UDP_HEADER - PROBE_BYTES);
    (void)ipv4_end(w, mark);
    uint8_t *p = l->bytes + l->inner;
    be_put16(p + IP_CHECKSUM, 0);
    l->inner_sum = inet_checksum_add(0, p, IPV4_HEADER);
    /* The pseudo-header's protocol and length (RFC 768). */
    l->udp_sum =
        inet_checksum_add((uint32_t)(IPPROTO_NUM_UDP + udp_bytes), p + IPV4_HEADER, udp_bytes);
}

static void build_c(struct frame_template *t, const struct instance_spec *spec)
{
    struct wr w = wr_init(t->c.bytes, sizeof(t->c.bytes));
    struct vlan_tags tags = topology_vlan(spec, 0);
    struct eth eth = {.dst = mac_of_group(0),
                      .src = topology_c_router_mac(0),
                      .outer_vid = tags.outer,
                      .inner_vid = tags.inner,
                      .ethertype = ETHERTYPE_IPV4};
    t->tags = (tags.outer != 0 ? 1u : 0u) + (tags.inner != 0 ? 1u : 0u);
    (void)eth_encode(&w, &eth);
    write_inner(&t->c, &w, spec, FRAME_SOURCE_TTL - HOPS_C);
    t->c.len = w.pos;
}

static void build_p(struct frame_template *t, const struct instance_spec *spec)
{
    struct wr w = wr_init(t->p.bytes, sizeof(t->p.bytes));
    struct eth eth = {
        .dst = mac_of_group(0), .src = topology_p_router_mac(), .ethertype = ETHERTYPE_IPV4};
    struct ipv4 outer = {.ttl = OUTER_TTL, .protocol = IPPROTO_NUM_GRE};
    (void)eth_encode(&w, &eth);
    t->p.outer = w.pos;
    size_t mark = ipv4_begin(&w, &outer);
    wr_u16(&w, 0);
    wr_u16(&w, ETHERTYPE_IPV4);
    write_inner(&t->p, &w, spec, FRAME_SOURCE_TTL - HOPS_P);
    (void)ipv4_end(&w, mark);
    uint8_t *p = t->p.bytes + t->p.outer;
    be_put16(p + IP_CHECKSUM, 0);
    t->p.outer_sum = inet_checksum_add(0, p, IPV4_HEADER);
    t->p.len = w.pos;
}

void frame_template_init(struct frame_template *t, const struct instance_spec *spec)
{
    memset(t, 0, sizeof(*t));
    build_c(t, spec);
    build_p(t, spec);
}

static inline uint32_t halves(uint32_t x)
{
    return (x >> 16) + (x & 0xffff);
}

static inline uint16_t fold(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static inline void patch_ip(uint8_t *p, uint32_t sum, uint16_t id, ip4_t src, ip4_t dst)
{
    be_put16(p + IP_ID, id);
    be_put32(p + IP_SRC, src);
    be_put32(p + IP_DST, dst);
    be_put16(p + IP_CHECKSUM, fold((uint64_t)sum + id + halves(src) + halves(dst)));
}

static void patch_inner(struct frame_layout *l, uint16_t id, ip4_t src, ip4_t dst,
                        const struct probe *probe)
{
    uint8_t *p = l->bytes + l->inner;
    patch_ip(p, l->inner_sum, id, src, dst);
    uint8_t *u = p + IPV4_HEADER, *b = u + UDP_HEADER + PROBE_VPN;
    uint64_t at = (uint64_t)probe->sent_ns;
    u[UDP_HEADER + PROBE_FLAGS] = probe->flags;
    be_put32(b, probe->vpn);
    be_put32(b + 4, probe->flow);
    be_put64(b + 8, probe->sequence);
    be_put64(b + 16, at);
    uint64_t sum = l->udp_sum + probe->flags + halves(src) + halves(dst) + halves(probe->vpn) +
                   halves(probe->flow) + halves((uint32_t)(probe->sequence >> 32)) +
                   halves((uint32_t)probe->sequence) + halves((uint32_t)(at >> 32)) +
                   halves((uint32_t)at);
    uint16_t checksum = fold(sum);
    be_put16(u + UDP_CHECK, checksum == 0 ? 0xffff : checksum);
}

static inline void patch_macs(uint8_t *frame, struct mac dst, struct mac src)
{
    memcpy(frame, dst.b, 6);
    memcpy(frame + 6, src.b, 6);
}

const uint8_t *frame_template_c(struct frame_template *t, const struct instance_spec *spec,
                                uint32_t link, ip4_t source, ip4_t group, const struct probe *probe,
                                size_t *len)
{
    patch_macs(t->c.bytes, mac_of_group(group), topology_c_router_mac(link));
    if (t->tags > 0) {
        struct vlan_tags tags = topology_vlan(spec, link);
        be_put16(t->c.bytes + 14, tags.outer);
        if (t->tags > 1)
            be_put16(t->c.bytes + 18, tags.inner);
    }
    patch_inner(&t->c, t->next_id++, source, group, probe);
    *len = t->c.len;
    return t->c.bytes;
}

const uint8_t *frame_template_packet(struct frame_template *t, ip4_t source, ip4_t group,
                                     const struct probe *probe, size_t *len)
{
    patch_inner(&t->c, t->next_id++, source, group, probe);
    *len = t->c.len - t->c.inner;
    return t->c.bytes + t->c.inner;
}

const uint8_t *frame_template_p(struct frame_template *t, ip4_t mdt, ip4_t pe, ip4_t source,
                                ip4_t group, const struct probe *probe, size_t *len)
{
    patch_macs(t->p.bytes, mac_of_group(mdt), topology_p_router_mac());
    patch_ip(t->p.bytes + t->p.outer, t->p.outer_sum, t->next_id, pe, mdt);
    patch_inner(&t->p, t->next_id++, source, group, probe);
    *len = t->p.len;
    return t->p.bytes;
}
