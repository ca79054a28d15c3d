/*
 * Bytes and nanoseconds a VPNv4 route: one route an UPDATE (what a reflector of many PEs sends),
 * and as many as a message holds (what one PE with many prefixes sends); what the second saves is
 * printed as a ratio, and what the encoder costs beside a bare copy of its bytes.
 */
#include "emul/wire/bgp_id.h"
#include "emul/wire/bgp_update.h"

#include <time.h>

#define ROUTES 20000
#define ROUNDS 5
#define PE     IP4(192, 0, 2, 2)
#define STREAM ((size_t)ROUTES * 160)

static struct bgp_nlri routes[ROUTES];
static uint8_t stream[STREAM], copy[STREAM];
static volatile uint64_t sink;

struct cost {
    double bytes, encode_ns, decode_ns, copy_ns; /* a route */
};

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct bgp_attrs attributes(void)
{
    static uint8_t ec[24], cluster[4];
    struct wr w = wr_init(ec, sizeof(ec)), c = wr_init(cluster, sizeof(cluster));
    wr_u64(&w, bgp_rt(BGP_ID_AS2, 65000, 1));
    wr_u64(&w, bgp_vrf_import(PE, 1));
    wr_u64(&w, bgp_source_as(65000));
    wr_u32(&c, IP4(192, 0, 2, 100));
    return (struct bgp_attrs){
        .present = BGP_HAS(BGP_ATTR_ORIGIN) | BGP_HAS(BGP_ATTR_AS_PATH) |
                   BGP_HAS(BGP_ATTR_LOCAL_PREF) | BGP_HAS(BGP_ATTR_EXT_COMMUNITIES) |
                   BGP_HAS(BGP_ATTR_ORIGINATOR_ID) | BGP_HAS(BGP_ATTR_CLUSTER_LIST),
        .local_pref = 100,
        .ext_communities = {ec, w.pos},
        .originator_id = PE,
        .cluster_list = {cluster, c.pos},
        .reach = {.family = BGP_VPNV4, .next_hop = PE},
    };
}

/* encode_all writes every route, at most each of them in a message, and returns the bytes. */
static size_t encode_all(const struct bgp_attrs *attrs, size_t each)
{
    struct wr w = wr_init(stream, sizeof(stream));
    for (size_t at = 0, taken; at < ROUTES; at += taken) {
        size_t count = ROUTES - at < each ? ROUTES - at : each;
        if (bgp_announce_encode(&w, attrs, routes + at, count, &taken) != WIRE_OK)
            return 0;
    }
    return w.pos;
}

static size_t decode_all(size_t len)
{
    size_t n = 0;
    for (size_t at = 0, need; at < len; at += need) {
        struct bgp_fault why;
        struct bgp_update v;
        struct bgp_nlri route;
        if (bgp_frame(stream + at, len - at, &need, &why) != BGP_WHOLE)
            break;
        (void)bgp_update_decode((struct bgp_slice){stream + at + BGP_HEADER, need - BGP_HEADER},
                                &v);
        struct rd r = bgp_slice_rd(v.attrs.reach.nlri);
        for (; bgp_nlri_next(&r, BGP_VPNV4, &route); n++)
            sink += route.rd;
    }
    return n;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static struct cost measure(const struct bgp_attrs *attrs, size_t each)
{
    struct cost best = {0, 1e18, 1e18, 1e18};
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now_ns();
        size_t len = encode_all(attrs, each);
        double encoded = now_ns();
        size_t n = decode_all(len);
        double decoded = now_ns();
        memcpy(copy, stream, len);
        double copied = now_ns();
        sink += copy[len / 2];
        if (n != ROUTES)
            return (struct cost){0};
        best.bytes = (double)len / ROUTES;
        best.encode_ns = least(best.encode_ns, (encoded - begin) / ROUTES);
        best.decode_ns = least(best.decode_ns, (decoded - encoded) / ROUTES);
        best.copy_ns = least(best.copy_ns, (copied - decoded) / ROUTES);
    }
    return best;
}

static void print_row(const char *name, const struct cost *c)
{
    (void)printf("%-32s %8.1f %10.1f %10.1f %10.1f\n", name, c->bytes, c->encode_ns, c->decode_ns,
                 c->copy_ns);
}

int main(void)
{
    struct bgp_attrs attrs = attributes();
    for (size_t i = 0; i < ROUTES; i++)
        routes[i] = (struct bgp_nlri){.rd = bgp_rd(BGP_ID_AS2, 65000, (uint32_t)(i / 100)),
                                      .prefix = {IP4(10, 0, 0, 0) + ((ip4_t)i << 8), 24},
                                      .label = BGP_LABEL(16 + i)};
    struct cost one = measure(&attrs, 1), full = measure(&attrs, ROUTES);
    if (one.bytes <= 0 || full.bytes <= 0) {
        (void)fprintf(stderr, "bench_bgp: the routes do not come back\n");
        return 1;
    }
    (void)printf("%-32s %8s %10s %10s %10s\n", "VPNv4, a route", "bytes", "encode ns", "decode ns",
                 "copy ns");
    print_row("one route an UPDATE", &one);
    print_row("full UPDATEs", &full);
    (void)printf("full beside one: bytes %.3f encode %.3f decode %.3f\n", full.bytes / one.bytes,
                 full.encode_ns / one.encode_ns, full.decode_ns / one.decode_ns);
    (void)printf("struct bgp_nlri: %zu bytes, beside the wire %.2f\n", sizeof(struct bgp_nlri),
                 (double)sizeof(struct bgp_nlri) / full.bytes);
    return 0;
}
