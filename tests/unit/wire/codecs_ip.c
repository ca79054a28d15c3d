/* The codecs below PIM and IGMP, described for the common tests. */
#include "emul/wire/arp.h"
#include "emul/wire/be.h"
#include "emul/wire/checksum.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/icmp.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"
#include "tests/unit/wire/codec.h"

#define UDP_SRC    IP4(10, 2, 2, 2)
#define UDP_DST    IP4(239, 1, 1, 1)
#define PAYLOAD    300
#define VLAN_COUNT 4095

static size_t draw_bytes(struct rng *rng, size_t max, const uint8_t **out)
{
    size_t n = (size_t)hash_range(rng_next(rng), max + 1);
    *out = codec_noise(rng, n);
    return n;
}

static struct mac draw_mac(struct rng *rng)
{
    struct mac m;
    memcpy(m.b, codec_noise(rng, sizeof(m.b)), sizeof(m.b));
    return m;
}

/* repair_at puts the Internet checksum over data into its place. */
static void repair_at(uint8_t *data, size_t len, size_t at)
{
    if (len < at + 2)
        return;
    be_put16(data + at, 0);
    be_put16(data + at, inet_checksum(data, len));
}

/* Ethernet: the header with what follows. */
struct eth_frame {
    struct eth head;
    const uint8_t *payload;
    size_t payload_bytes;
};

static enum wire_err eth_dec(const uint8_t *data, size_t len, void *value)
{
    struct eth_frame *v = value;
    struct rd r = rd_init(data, len);
    enum wire_err err = eth_decode(&r, &v->head);
    v->payload_bytes = rd_left(&r);
    v->payload = rd_bytes(&r, v->payload_bytes);
    return err;
}

static enum wire_err eth_enc(struct wr *w, const void *value)
{
    const struct eth_frame *v = value;
    (void)eth_encode(w, &v->head);
    wr_bytes(w, v->payload, v->payload_bytes);
    return w->err;
}

static bool eth_eq(const void *a, const void *b)
{
    const struct eth_frame *x = a, *y = b;
    return mac_equal(x->head.dst, y->head.dst) && mac_equal(x->head.src, y->head.src) &&
           x->head.outer_vid == y->head.outer_vid && x->head.inner_vid == y->head.inner_vid &&
           x->head.outer_pcp == y->head.outer_pcp && x->head.inner_pcp == y->head.inner_pcp &&
           x->head.ethertype == y->head.ethertype &&
           codec_slices_equal(x->payload, x->payload_bytes, y->payload, y->payload_bytes);
}

static void eth_pr(FILE *f, const void *value)
{
    eth_print(f, &((const struct eth_frame *)value)->head);
}

static void eth_draw(struct rng *rng, void *value)
{
    struct eth_frame *v = value;
    uint64_t tags = hash_range(rng_next(rng), 3);
    v->head.dst = draw_mac(rng);
    v->head.src = draw_mac(rng);
    v->head.ethertype = ETHERTYPE_IPV4;
    if (tags > 0) {
        v->head.outer_vid = (uint16_t)(1 + hash_range(rng_next(rng), VLAN_COUNT));
        v->head.outer_pcp = (uint8_t)hash_range(rng_next(rng), 8);
    }
    if (tags > 1) {
        v->head.inner_vid = (uint16_t)(1 + hash_range(rng_next(rng), VLAN_COUNT));
        v->head.inner_pcp = (uint8_t)hash_range(rng_next(rng), 8);
    }
    v->payload_bytes = draw_bytes(rng, PAYLOAD, &v->payload);
}

static bool is_tag(const uint8_t *p)
{
    return be_get16(p) == ETHERTYPE_VLAN || be_get16(p) == ETHERTYPE_QINQ;
}

static bool eth_shorter(const uint8_t *golden, size_t len)
{
    size_t need = ETH_HEADER_BARE;
    while (is_tag(golden + need - 2))
        need += 4;
    return len >= need; /* a header with less payload */
}

const struct codec codec_eth = {
    .name = "eth",
    .decode = eth_dec,
    .encode = eth_enc,
    .equal = eth_eq,
    .print = eth_pr,
    .draw = eth_draw,
    .shorter_ok = eth_shorter,
};

/* ARP */
static enum wire_err arp_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return arp_decode(&r, value);
}

static enum wire_err arp_enc(struct wr *w, const void *value)
{
    return arp_encode(w, value);
}

static bool arp_eq(const void *a, const void *b)
{
    const struct arp *x = a, *y = b;
    return x->op == y->op && mac_equal(x->sender_mac, y->sender_mac) &&
           mac_equal(x->target_mac, y->target_mac) && x->sender == y->sender &&
           x->target == y->target;
}

static void arp_pr(FILE *f, const void *value)
{
    arp_print(f, value);
}

static void arp_draw(struct rng *rng, void *value)
{
    *(struct arp *)value = (struct arp){
        .op = (uint16_t)(1 + hash_range(rng_next(rng), 2)),
        .sender_mac = draw_mac(rng),
        .target_mac = draw_mac(rng),
        .sender = (ip4_t)rng_next(rng),
        .target = (ip4_t)rng_next(rng),
    };
}

const struct codec codec_arp = {
    .name = "arp",
    .decode = arp_dec,
    .encode = arp_enc,
    .equal = arp_eq,
    .print = arp_pr,
    .draw = arp_draw,
};

/* IPv4 */
static enum wire_err ipv4_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return ipv4_decode(&r, value);
}

static enum wire_err ipv4_enc(struct wr *w, const void *value)
{
    return ipv4_encode(w, value);
}

static bool ipv4_eq(const void *a, const void *b)
{
    const struct ipv4 *x = a, *y = b;
    return x->tos == y->tos && x->id == y->id && x->dont_fragment == y->dont_fragment &&
           x->more_fragments == y->more_fragments && x->fragment_offset == y->fragment_offset &&
           x->ttl == y->ttl && x->protocol == y->protocol && x->src == y->src && x->dst == y->dst &&
           codec_slices_equal(x->options, x->option_bytes, y->options, y->option_bytes) &&
           codec_slices_equal(x->payload, x->payload_bytes, y->payload, y->payload_bytes);
}

static void ipv4_pr(FILE *f, const void *value)
{
    ipv4_print(f, value);
}

static void ipv4_draw(struct rng *rng, void *value)
{
    struct ipv4 *v = value;
    uint64_t bits = rng_next(rng);
    *v = (struct ipv4){
        .tos = (uint8_t)bits,
        .id = (uint16_t)(bits >> 8),
        .dont_fragment = (bits >> 24 & 1) != 0,
        .more_fragments = (bits >> 25 & 1) != 0,
        .fragment_offset = (uint16_t)((bits >> 26 & 0x1fff) << 3),
        .ttl = (uint8_t)(bits >> 40),
        .protocol = (uint8_t)(bits >> 48),
        .src = (ip4_t)rng_next(rng),
        .dst = (ip4_t)rng_next(rng),
        .option_bytes = (uint8_t)(4 * (bits >> 56) % (IPV4_OPT_MAX + 4)),
    };
    v->options = codec_noise(rng, v->option_bytes);
    v->payload_bytes = draw_bytes(rng, PAYLOAD, &v->payload);
}

static void ipv4_repair(uint8_t *data, size_t len)
{
    size_t header = len == 0 ? 0 : (size_t)(data[0] & 15) * 4;
    if (header <= len)
        repair_at(data, header, 10);
}

static size_t ipv4_covered(const uint8_t *golden, size_t len)
{
    (void)len;
    return (size_t)(golden[0] & 15) * 4;
}

const struct codec codec_ipv4 = {
    .name = "ipv4",
    .decode = ipv4_dec,
    .encode = ipv4_enc,
    .equal = ipv4_eq,
    .print = ipv4_pr,
    .draw = ipv4_draw,
    .repair = ipv4_repair,
    .covered = ipv4_covered,
};

/* ICMP echo */
static enum wire_err icmp_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return icmp_echo_decode(&r, value);
}

static enum wire_err icmp_enc(struct wr *w, const void *value)
{
    return icmp_echo_encode(w, value);
}

static bool icmp_eq(const void *a, const void *b)
{
    const struct icmp_echo *x = a, *y = b;
    return x->type == y->type && x->id == y->id && x->sequence == y->sequence &&
           codec_slices_equal(x->data, x->data_bytes, y->data, y->data_bytes);
}

static void icmp_pr(FILE *f, const void *value)
{
    icmp_echo_print(f, value);
}

static void icmp_draw(struct rng *rng, void *value)
{
    struct icmp_echo *v = value;
    v->type = hash_range(rng_next(rng), 2) == 0 ? ICMP_ECHO_REQUEST : ICMP_ECHO_REPLY;
    v->id = (uint16_t)rng_next(rng);
    v->sequence = (uint16_t)rng_next(rng);
    v->data_bytes = draw_bytes(rng, PAYLOAD, &v->data);
}

static void icmp_repair(uint8_t *data, size_t len)
{
    repair_at(data, len, 2);
}

static bool icmp_shorter(const uint8_t *golden, size_t len)
{
    (void)golden;
    return len >= 8; /* the same echo with less data */
}

const struct codec codec_icmp = {
    .name = "icmp",
    .decode = icmp_dec,
    .encode = icmp_enc,
    .equal = icmp_eq,
    .print = icmp_pr,
    .draw = icmp_draw,
    .repair = icmp_repair,
    .covered = codec_covers_all,
    .shorter_ok = icmp_shorter,
};

/* UDP, between two fixed addresses */
static enum wire_err udp_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return udp_decode(&r, UDP_SRC, UDP_DST, value);
}

static enum wire_err udp_enc(struct wr *w, const void *value)
{
    return udp_encode(w, UDP_SRC, UDP_DST, value);
}

static bool udp_eq(const void *a, const void *b)
{
    const struct udp *x = a, *y = b;
    return x->sport == y->sport && x->dport == y->dport &&
           codec_slices_equal(x->payload, x->payload_bytes, y->payload, y->payload_bytes);
}

static void udp_pr(FILE *f, const void *value)
{
    udp_print(f, value);
}

static void udp_draw(struct rng *rng, void *value)
{
    struct udp *v = value;
    v->sport = (uint16_t)rng_next(rng);
    v->dport = (uint16_t)rng_next(rng);
    v->payload_bytes = draw_bytes(rng, PAYLOAD, &v->payload);
}

static void udp_repair(uint8_t *data, size_t len)
{
    size_t whole = len < UDP_HEADER ? 0 : be_get16(data + 4);
    if (whole < UDP_HEADER || whole > len)
        return;
    be_put16(data + 6, 0);
    be_put16(data + 6, udp_checksum(UDP_SRC, UDP_DST, data, whole));
}

const struct codec codec_udp = {
    .name = "udp",
    .decode = udp_dec,
    .encode = udp_enc,
    .equal = udp_eq,
    .print = udp_pr,
    .draw = udp_draw,
    .repair = udp_repair,
    .covered = codec_covers_all,
};

/* GRE */
static enum wire_err gre_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return gre_decode(&r, value);
}

static enum wire_err gre_enc(struct wr *w, const void *value)
{
    return gre_encode(w, value);
}

static bool gre_eq(const void *a, const void *b)
{
    const struct gre *x = a, *y = b;
    return x->checksum_present == y->checksum_present && x->protocol == y->protocol &&
           codec_slices_equal(x->payload, x->payload_bytes, y->payload, y->payload_bytes);
}

static void gre_pr(FILE *f, const void *value)
{
    gre_print(f, value);
}

static void gre_draw(struct rng *rng, void *value)
{
    struct gre *v = value;
    v->checksum_present = hash_range(rng_next(rng), 2) == 0;
    v->protocol = (uint16_t)rng_next(rng);
    v->payload_bytes = draw_bytes(rng, PAYLOAD, &v->payload);
}

static void gre_repair(uint8_t *data, size_t len)
{
    if (len > 0 && (data[0] & 0x80) != 0)
        repair_at(data, len, 4);
}

static bool gre_shorter(const uint8_t *golden, size_t len)
{
    size_t words = 1u + (golden[0] >> 7 & 1) + (golden[0] >> 5 & 1) + (golden[0] >> 4 & 1);
    return len >= words * 4; /* the header with less payload */
}

const struct codec codec_gre = {
    .name = "gre",
    .decode = gre_dec,
    .encode = gre_enc,
    .equal = gre_eq,
    .print = gre_pr,
    .draw = gre_draw,
    .repair = gre_repair,
    .shorter_ok = gre_shorter,
};

/* The probe */
static enum wire_err probe_dec(const uint8_t *data, size_t len, void *value)
{
    struct rd r = rd_init(data, len);
    return probe_decode(&r, value);
}

static enum wire_err probe_enc(struct wr *w, const void *value)
{
    return probe_encode(w, value);
}

static bool probe_eq(const void *a, const void *b)
{
    const struct probe *x = a, *y = b;
    return x->flags == y->flags && x->vpn == y->vpn && x->flow == y->flow &&
           x->sequence == y->sequence && x->sent_ns == y->sent_ns;
}

static void probe_pr(FILE *f, const void *value)
{
    probe_print(f, value);
}

static void probe_draw(struct rng *rng, void *value)
{
    *(struct probe *)value = (struct probe){
        .flags = (uint8_t)rng_next(rng),
        .vpn = (uint32_t)rng_next(rng),
        .flow = (uint32_t)rng_next(rng),
        .sequence = rng_next(rng),
        .sent_ns = (int64_t)rng_next(rng),
    };
}

const struct codec codec_probe = {
    .name = "probe",
    .decode = probe_dec,
    .encode = probe_enc,
    .equal = probe_eq,
    .print = probe_pr,
    .draw = probe_draw,
};
