#include "tests/unit/wire/draw_bgp.h"

#include "tests/unit/wire/codec.h"

#define ROUTES_MAX 12

static bool draw_bool(struct rng *rng)
{
    return hash_range(rng_next(rng), 2) == 0;
}

static void draw_key(struct rng *rng, struct bgp_nlri *v)
{
    static uint8_t bytes[64];
    struct wr w = wr_init(bytes, sizeof(bytes));
    struct bgp_nlri answered = {
        .mvpn_type = draw_bool(rng) ? BGP_MVPN_S_PMSI : BGP_MVPN_INTER_AS_I_PMSI,
        .rd = rng_next(rng),
        .source = (ip4_t)rng_next(rng),
        .group = (ip4_t)rng_next(rng),
        .pe = (ip4_t)rng_next(rng),
        .any_source = draw_bool(rng),
    };
    (void)bgp_nlri_encode(&w, BGP_MVPN, &answered);
    v->key = (struct bgp_slice){bytes, w.pos};
}

void draw_bgp_nlri(struct rng *rng, enum bgp_family family, struct bgp_nlri *v)
{
    uint8_t len = (uint8_t)hash_range(rng_next(rng), 33);
    *v = (struct bgp_nlri){
        .rd = rng_next(rng),
        .prefix = {(ip4_t)rng_next(rng) & ip4_mask(len), len},
        .label = (uint32_t)hash_range(rng_next(rng), 1u << 24),
        .pe = (ip4_t)rng_next(rng),
        .source = (ip4_t)rng_next(rng),
        .group = (ip4_t)rng_next(rng),
        .as = (uint32_t)rng_next(rng),
        .mvpn_type = (uint8_t)(1 + hash_range(rng_next(rng), BGP_MVPN_SOURCE_TREE_JOIN)),
        .any_source = draw_bool(rng),
        .any_group = draw_bool(rng),
    };
    if (family == BGP_MVPN && v->mvpn_type == BGP_MVPN_LEAF)
        draw_key(rng, v);
    if (family != BGP_RTC)
        return;
    v->bits = draw_bool(rng) ? (uint8_t)(32 + hash_range(rng_next(rng), 65)) : 0;
    v->as = v->bits == 0 ? 0 : v->as;
    v->rt = v->bits <= 32 ? 0 : rng_next(rng) & UINT64_MAX << (96 - v->bits);
}

/* draw_routes fills buf with some routes; several Leaf A-D routes of a message share their key. */
static struct bgp_slice draw_routes(struct rng *rng, enum bgp_family family, uint8_t *buf,
                                    size_t cap)
{
    struct wr w = wr_init(buf, cap);
    for (uint64_t n = hash_range(rng_next(rng), ROUTES_MAX); n > 0; n--) {
        struct bgp_nlri v;
        draw_bgp_nlri(rng, family, &v);
        (void)bgp_nlri_encode(&w, family, &v);
    }
    return (struct bgp_slice){buf, w.pos};
}

static struct bgp_slice draw_list(struct rng *rng, size_t item)
{
    size_t len = item * (size_t)(1 + hash_range(rng_next(rng), 40));
    return (struct bgp_slice){codec_noise(rng, len), len};
}

static struct bgp_slice draw_path(struct rng *rng)
{
    static uint8_t bytes[512];
    struct wr w = wr_init(bytes, sizeof(bytes));
    for (uint64_t segments = hash_range(rng_next(rng), 4); segments > 0; segments--) {
        uint8_t count = (uint8_t)(1 + hash_range(rng_next(rng), 20));
        wr_u8(&w, draw_bool(rng) ? BGP_AS_SET : BGP_AS_SEQUENCE);
        wr_u8(&w, count);
        for (uint8_t i = 0; i < count; i++)
            wr_u32(&w, (uint32_t)rng_next(rng));
    }
    return (struct bgp_slice){bytes, w.pos};
}

static void draw_pmsi(struct rng *rng, struct bgp_pmsi *v)
{
    *v = (struct bgp_pmsi){
        .flags = (uint8_t)rng_next(rng),
        .type = (uint8_t)hash_range(rng_next(rng), BGP_TUNNEL_MLDP_MP2MP + 1),
        .label = (uint32_t)hash_range(rng_next(rng), 1u << 24),
    };
    bool pim = v->type >= BGP_TUNNEL_PIM_SSM && v->type <= BGP_TUNNEL_PIM_BIDIR;
    v->sender = pim || v->type == BGP_TUNNEL_INGRESS_REPLICATION ? (ip4_t)rng_next(rng) : 0;
    v->group = pim ? (ip4_t)rng_next(rng) : 0;
    v->id.len = v->type == BGP_TUNNEL_RSVP_P2MP                                       ? 12
                : v->type == BGP_TUNNEL_MLDP_P2MP || v->type == BGP_TUNNEL_MLDP_MP2MP ? 17
                                                                                      : 0;
    v->id.bytes = codec_noise(rng, v->id.len);
}

void draw_bgp_update(struct rng *rng, struct bgp_update *v)
{
    static uint8_t field[4][1024];
    struct bgp_attrs *a = &v->attrs;
    uint32_t must = BGP_HAS(BGP_ATTR_ORIGIN) | BGP_HAS(BGP_ATTR_AS_PATH) |
                    BGP_HAS(BGP_ATTR_NEXT_HOP) | BGP_HAS(BGP_ATTR_LOCAL_PREF);
    uint32_t known = must | BGP_HAS(BGP_ATTR_MED) | BGP_HAS(BGP_ATTR_ATOMIC_AGGREGATE) |
                     BGP_HAS(BGP_ATTR_AGGREGATOR) | BGP_HAS(BGP_ATTR_COMMUNITIES) |
                     BGP_HAS(BGP_ATTR_ORIGINATOR_ID) | BGP_HAS(BGP_ATTR_CLUSTER_LIST) |
                     BGP_HAS(BGP_ATTR_MP_REACH) | BGP_HAS(BGP_ATTR_MP_UNREACH) |
                     BGP_HAS(BGP_ATTR_EXT_COMMUNITIES) | BGP_HAS(BGP_ATTR_CONNECTOR) |
                     BGP_HAS(BGP_ATTR_PMSI_TUNNEL);
    a->present = must | ((uint32_t)rng_next(rng) & known);
    a->origin = (uint8_t)hash_range(rng_next(rng), 3);
    a->as_path = draw_path(rng);
    a->next_hop = (ip4_t)rng_next(rng);
    a->med = (uint32_t)rng_next(rng);
    a->local_pref = (uint32_t)rng_next(rng);
    a->aggregator = (struct bgp_slice){codec_noise(rng, 8), 8};
    a->communities = draw_list(rng, 4);
    a->originator_id = (ip4_t)rng_next(rng);
    a->cluster_list = draw_list(rng, 4);
    a->ext_communities = draw_list(rng, 8);
    a->reach.family = (enum bgp_family)hash_range(rng_next(rng), BGP_FAMILIES);
    a->reach.next_hop = (ip4_t)rng_next(rng);
    a->reach.next_hop_rd = rng_next(rng);
    a->reach.nlri = draw_routes(rng, a->reach.family, field[0], sizeof(field[0]));
    a->unreach.family = (enum bgp_family)hash_range(rng_next(rng), BGP_FAMILIES);
    a->unreach.nlri = draw_routes(rng, a->unreach.family, field[1], sizeof(field[1]));
    a->connector.has_rd = draw_bool(rng);
    a->connector.rd = a->connector.has_rd ? rng_next(rng) : 0;
    a->connector.pe = (ip4_t)rng_next(rng);
    draw_pmsi(rng, &a->pmsi);
    a->other_count = draw_bool(rng) ? 1 : 0;
    a->other[0] = (struct bgp_attr){0xc0, 200, draw_list(rng, 10)};
    v->withdrawn = draw_routes(rng, BGP_IPV4, field[2], sizeof(field[2]));
    v->nlri = draw_routes(rng, BGP_IPV4, field[3], sizeof(field[3]));
}
