/*
 * Writes a BGP session as a pcap file, one direction of it: OPEN, KEEPALIVE, full UPDATEs of random
 * routes for every family announced and withdrawn, every End-of-RIB, ROUTE-REFRESH, NOTIFICATION.
 * usage: bgp_capture FILE; prints "family announced withdrawn" for each.
 */
#include "emul/wire/bgp_id.h"
#include "emul/wire/bgp_notification.h"
#include "emul/wire/bgp_open.h"
#include "emul/wire/bgp_refresh.h"
#include "emul/wire/bgp_update.h"
#include "emul/wire/eth.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/tcp.h"
#include "tests/unit/wire/draw_bgp.h"

#define PE       IP4(192, 0, 2, 2)
#define RR       IP4(192, 0, 2, 100)
#define ROUTES   300
#define FRAME    (BGP_MESSAGE_MAX + 100)
#define PCAP_NS  0xa1b23c4du
#define ETHERNET 1

struct session {
    FILE *f;
    uint32_t sequence, frames;
};

static void put32(FILE *f, uint32_t v)
{
    (void)fwrite(&v, sizeof(v), 1, f);
}

static void send_message(struct session *s, const struct wr *message)
{
    uint8_t frame[FRAME];
    struct wr w = wr_init(frame, sizeof(frame));
    struct tcp tcp = {.sport = BGP_PORT, .dport = 40000, .sequence = s->sequence};
    tcp.acknowledgement = 1;
    tcp.flags = TCP_ACK | TCP_PSH;
    tcp.window = UINT16_MAX;
    tcp.payload = message->base;
    tcp.payload_bytes = message->pos;
    (void)eth_encode(&w, &(struct eth){.src = {{2, 0, 0, 0, 0, 1}},
                                       .dst = {{2, 0, 0, 0, 0, 2}},
                                       .ethertype = ETHERTYPE_IPV4});
    struct ipv4 ip = {.ttl = 255, .tos = 0xc0, .protocol = IPPROTO_NUM_TCP, .src = RR, .dst = PE};
    size_t mark = ipv4_begin(&w, &ip);
    (void)tcp_encode(&w, RR, PE, &tcp);
    (void)ipv4_end(&w, mark);
    s->sequence += (uint32_t)message->pos;
    put32(s->f, 12);
    put32(s->f, 1000 * ++s->frames);
    put32(s->f, (uint32_t)w.pos);
    put32(s->f, (uint32_t)w.pos);
    (void)fwrite(frame, 1, w.pos, s->f);
}

static struct bgp_attrs attributes(enum bgp_family family)
{
    static uint8_t ec[24], cluster[4];
    struct wr w = wr_init(ec, sizeof(ec)), c = wr_init(cluster, sizeof(cluster));
    wr_u64(&w, bgp_rt(BGP_ID_AS2, 65000, 1));
    wr_u64(&w, bgp_vrf_import(PE, 1));
    wr_u64(&w, bgp_source_as(65000));
    wr_u32(&c, RR);
    struct bgp_attrs a = {
        .present = BGP_HAS(BGP_ATTR_ORIGIN) | BGP_HAS(BGP_ATTR_AS_PATH) |
                   BGP_HAS(BGP_ATTR_LOCAL_PREF) | BGP_HAS(BGP_ATTR_EXT_COMMUNITIES) |
                   BGP_HAS(BGP_ATTR_ORIGINATOR_ID) | BGP_HAS(BGP_ATTR_CLUSTER_LIST),
        .next_hop = PE,
        .local_pref = 100,
        .ext_communities = {ec, w.pos},
        .originator_id = PE,
        .cluster_list = {cluster, c.pos},
        .reach = {.family = family, .next_hop = PE},
        .pmsi = {.type = BGP_TUNNEL_PIM_SSM, .sender = PE, .group = IP4(232, 0, 0, 1)},
        .connector = {.pe = PE},
    };
    if (family == BGP_MVPN)
        a.present |= BGP_HAS(BGP_ATTR_PMSI_TUNNEL);
    return a;
}

/* draw draws a route that another decoder has no reason to doubt. */
static void draw(struct rng *rng, enum bgp_family family, struct bgp_nlri *v)
{
    do
        draw_bgp_nlri(rng, family, v);
    while (family == BGP_MVPN && v->mvpn_type == BGP_MVPN_LEAF);
    v->rd = bgp_rd(BGP_ID_AS2, 65000, (uint32_t)hash_range(rng_next(rng), 1000));
    v->label |= 1;
    v->any_source = v->any_group = false;
    v->group = IP4(239, 1, 0, 0) | (v->group & 0xffff);
    if (family == BGP_RTC) {
        v->bits = 96;
        v->rt = bgp_rt(BGP_ID_AS2, 65000, (uint32_t)hash_range(rng_next(rng), 1000));
    }
}

static void family_send(struct session *s, struct rng *rng, enum bgp_family family)
{
    static struct bgp_nlri routes[ROUTES];
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct bgp_attrs attrs = attributes(family);
    for (size_t i = 0; i < ROUTES; i++)
        draw(rng, family, &routes[i]);
    for (size_t reach = 0; reach < 2; reach++) {
        for (size_t at = 0, taken; at < ROUTES; at += taken) {
            struct wr w = wr_init(bytes, sizeof(bytes));
            enum wire_err err =
                reach == 0 ? bgp_announce_encode(&w, &attrs, routes + at, ROUTES - at, &taken)
                           : bgp_withdraw_encode(&w, family, routes + at, ROUTES - at, &taken);
            if (err != WIRE_OK)
                return;
            send_message(s, &w);
        }
    }
    struct wr w = wr_init(bytes, sizeof(bytes));
    (void)bgp_end_of_rib_encode(&w, family);
    send_message(s, &w);
    (void)printf("%s %d %d\n", bgp_family_name(family), ROUTES, ROUTES);
}

static void session_send(struct session *s)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct rng rng = {9};
    struct wr w = wr_init(bytes, sizeof(bytes));
    (void)bgp_open_encode(&w, &(struct bgp_open){.as16 = 65000,
                                                 .hold_s = 180,
                                                 .id = RR,
                                                 .families = (1u << BGP_FAMILIES) - 1,
                                                 .route_refresh = true,
                                                 .has_as4 = true,
                                                 .as4 = 65000});
    (void)bgp_keepalive_encode(&w);
    send_message(s, &w);
    for (unsigned i = 0; i < BGP_FAMILIES; i++)
        family_send(s, &rng, (enum bgp_family)i);
    w = wr_init(bytes, sizeof(bytes));
    (void)bgp_refresh_encode(&w, &(struct bgp_refresh){BGP_AFI_IPV4, 0, 128});
    (void)bgp_notification_encode(&w, &(struct bgp_notification){BGP_ERR_CEASE, 2, {0}});
    send_message(s, &w);
}

int main(int argc, char **argv)
{
    struct session s = {.f = argc == 2 ? fopen(argv[1], "wb") : NULL, .sequence = 1};
    if (s.f == NULL) {
        (void)fprintf(stderr, "usage: bgp_capture FILE\n");
        return 2;
    }
    put32(s.f, PCAP_NS);
    put32(s.f, 4u << 16 | 2);
    put32(s.f, 0);
    put32(s.f, 0);
    put32(s.f, UINT16_MAX);
    put32(s.f, ETHERNET);
    session_send(&s);
    return fclose(s.f) == 0 ? 0 : 1;
}
