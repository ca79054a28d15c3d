/*
 * Nanoseconds a message for every codec, over the goldens, and for the way of a data packet
 * (decode: what the analyser does to a frame; encode: what the generator does). Run it in the top
 * folder, built with the release preset.
 */
#include "emul/wire/checksum.h"
#include "emul/wire/eth.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/probe.h"
#include "emul/wire/udp.h"
#include "tests/unit/wire/codec.h"
#include "tests/unit/wire/golden.h"

#include <stdlib.h>
#include <time.h>

#define RUN_NS    20e6 /* measure at least this long */
#define BATCH     1000
#define FRAME_MAX 2000

struct job {
    const struct codec *codec;
    const uint8_t *bytes;
    size_t len;
};

static union {
    max_align_t align;
    uint8_t bytes[CODEC_VALUE_MAX];
} value;
static uint8_t out[FRAME_MAX];
static volatile uint64_t sink;

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* measure returns nanoseconds a call: the best of five runs, others disturbed us less then. */
static double measure(void (*fn)(const struct job *j), const struct job *j)
{
    double best = 1e18;
    for (int run = 0; run < 5; run++) {
        double start = now_ns(), end = start;
        size_t n = 0;
        for (; end - start < RUN_NS / 5; end = now_ns()) {
            for (int i = 0; i < BATCH; i++)
                fn(j);
            n += BATCH;
        }
        double each = (end - start) / (double)n;
        best = each < best ? each : best;
    }
    return best;
}

static void decode(const struct job *j)
{
    sink += (uint64_t)j->codec->decode(j->bytes, j->len, &value);
}

static void encode(const struct job *j)
{
    struct wr w = wr_init(out, sizeof(out));
    sink += (uint64_t)j->codec->encode(&w, &value) + w.pos;
}

static void print_row(const char *name, size_t bytes, double decode_ns, double encode_ns)
{
    (void)printf("%-40s %6zu %10.1f %10.1f\n", name, bytes, decode_ns, encode_ns);
}

static void bench_codec(const struct codec *c)
{
    struct golden *list;
    size_t n = golden_load_all(c->name, &list);
    for (size_t i = 0; i < n; i++) {
        struct job j = {c, list[i].bytes, list[i].len};
        double d = measure(decode, &j);
        print_row(list[i].name, list[i].len, d, measure(encode, &j));
    }
    golden_free_all(list, n);
}

/* c_packet decodes IPv4, UDP and probe and returns the sequence number. */
static uint64_t c_packet(struct rd *r)
{
    struct ipv4 ip;
    struct udp udp;
    struct probe probe;
    if (ipv4_decode(r, &ip) != WIRE_OK)
        return 0;
    struct rd payload = rd_init(ip.payload, ip.payload_bytes);
    if (udp_decode(&payload, ip.src, ip.dst, &udp) != WIRE_OK)
        return 0;
    struct rd data = rd_init(udp.payload, udp.payload_bytes);
    return probe_decode(&data, &probe) == WIRE_OK ? probe.sequence : 0;
}

static void data_decode(const struct job *j)
{
    struct rd r = rd_init(j->bytes, j->len);
    struct eth eth;
    if (eth_decode(&r, &eth) == WIRE_OK)
        sink += c_packet(&r);
}

static void mdt_decode(const struct job *j)
{
    struct rd r = rd_init(j->bytes, j->len);
    struct eth eth;
    struct ipv4 ip;
    struct gre gre;
    if (eth_decode(&r, &eth) != WIRE_OK || ipv4_decode(&r, &ip) != WIRE_OK)
        return;
    struct rd payload = rd_init(ip.payload, ip.payload_bytes);
    if (gre_decode(&payload, &gre) != WIRE_OK)
        return;
    struct rd inner = rd_init(gre.payload, gre.payload_bytes);
    sink += c_packet(&inner);
}

/* data_write writes a C-packet whose UDP payload is as long as j says. */
static void c_packet_write(struct wr *w, const struct job *j)
{
    uint8_t payload[FRAME_MAX];
    struct wr p = wr_init(payload, sizeof(payload));
    (void)probe_encode(&p, &(struct probe){.vpn = 1, .flow = 2, .sequence = sink});
    wr_bytes(&p, j->bytes, j->len - PROBE_BYTES);
    struct ipv4 ip = {.ttl = 60, .protocol = IPPROTO_NUM_UDP, .src = IP4(10, 2, 2, 2)};
    ip.dst = IP4(239, 1, 1, 1);
    size_t mark = ipv4_begin(w, &ip);
    (void)udp_encode(w, ip.src, ip.dst, &(struct udp){PROBE_PORT, PROBE_PORT, payload, p.pos});
    (void)ipv4_end(w, mark);
}

static void data_encode(const struct job *j)
{
    struct wr w = wr_init(out, sizeof(out));
    (void)eth_encode(&w, &(struct eth){.outer_vid = 5, .ethertype = ETHERTYPE_IPV4});
    c_packet_write(&w, j);
    sink += w.pos;
}

static void mdt_encode(const struct job *j)
{
    struct wr w = wr_init(out, sizeof(out));
    (void)eth_encode(&w, &(struct eth){.ethertype = ETHERTYPE_IPV4});
    struct ipv4 outer = {.ttl = 255, .protocol = IPPROTO_NUM_GRE, .src = IP4(192, 0, 2, 2)};
    outer.dst = IP4(239, 232, 0, 1);
    size_t mark = ipv4_begin(&w, &outer);
    (void)gre_encode(&w, &(struct gre){.protocol = ETHERTYPE_IPV4});
    c_packet_write(&w, j);
    (void)ipv4_end(&w, mark);
    sink += w.pos;
}

static void bench_path(const char *name, size_t payload_bytes, void (*enc)(const struct job *j),
                       void (*dec)(const struct job *j))
{
    static const uint8_t filling[FRAME_MAX];
    static uint8_t frame[FRAME_MAX];
    struct job write = {.bytes = filling, .len = payload_bytes};
    double e = measure(enc, &write);
    memcpy(frame, out, sizeof(frame));
    struct job read = {.bytes = frame, .len = sizeof(frame)};
    print_row(name, payload_bytes, measure(dec, &read), e);
}

static void sum(const struct job *j)
{
    sink += inet_checksum(j->bytes, j->len);
}

int main(void)
{
    static const uint8_t zeros[1500];
    (void)printf("%-40s %6s %10s %10s\n", "message", "bytes", "decode ns", "encode ns");
    for (size_t i = 0; codecs[i] != NULL; i++)
        bench_codec(codecs[i]);
    (void)printf("\n%-40s %6s %10s %10s\n", "data packet, UDP payload of", "bytes", "decode ns",
                 "encode ns");
    bench_path("C side: one tag, IPv4, UDP, probe", 68, data_encode, data_decode);
    bench_path("C side: one tag, IPv4, UDP, probe", 1400, data_encode, data_decode);
    bench_path("P side: IPv4, GRE, IPv4, UDP, probe", 68, mdt_encode, mdt_decode);
    bench_path("P side: IPv4, GRE, IPv4, UDP, probe", 1400, mdt_encode, mdt_decode);
    struct job all = {.bytes = zeros, .len = sizeof(zeros)};
    (void)printf("\nchecksum of 1500 bytes: %.1f ns\n", measure(sum, &all));
    return 0;
}
